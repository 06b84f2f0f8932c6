#include "crawler/search.h"

#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/sys/msg.h"

#define PAGE_ROWS 64
#define RUNS_MAX 24	/* of a long word; the text proves the rest */
#define BODY_BYTES (HY_MSG_TITLE_BYTES + HY_MSG_TEXT_BYTES + 8)
#define PATTERN_BYTES (RUNS_MAX * 16 + 2 * HY_SEARCH_WORD_BYTES)

/* One line each, so that tests/integration/plans.py reads them too. */
#define HY_SEARCH_OF_DOCUMENT " v.id, v.document, d.url, d.source, v.outlet, v.title, v.text,"
#define HY_SEARCH_TIMES " v.detected_at, v.published_at, v.outcome"
#define HY_SEARCH_WHEN " AND v.detected_at >= $3 AND v.detected_at < $4"
#define HY_SEARCH_WHERE " AND ($5 = '' OR d.source = $5)"

/* SQLite: not indexed yet; indexed, by runs; indexed, by what runs begin with. */
static const char open_sql[] =
	"SELECT r.number," HY_SEARCH_OF_DOCUMENT HY_SEARCH_TIMES
	" FROM version_row r JOIN version v ON v.id = r.version"
	" JOIN document d ON d.id = v.document WHERE r.indexed = 0 AND r.number < $2"
	" AND (v.title LIKE $1 ESCAPE '!' OR v.text LIKE $1 ESCAPE '!')"
	HY_SEARCH_WHEN HY_SEARCH_WHERE
	" ORDER BY r.number DESC LIMIT $6";
static const char runs_sql[] =
	"SELECT r.number," HY_SEARCH_OF_DOCUMENT HY_SEARCH_TIMES
	" FROM version_words w JOIN version_row r ON r.number = w.rowid"
	" JOIN version v ON v.id = r.version JOIN document d ON d.id = v.document"
	" WHERE w.version_words MATCH $1 AND w.rowid < $2" HY_SEARCH_WHEN HY_SEARCH_WHERE
	" ORDER BY w.rowid DESC LIMIT $6";
static const char begins_sql[] =
	"SELECT r.number," HY_SEARCH_OF_DOCUMENT HY_SEARCH_TIMES
	" FROM version_row r JOIN version v ON v.id = r.version"
	" JOIN document d ON d.id = v.document WHERE r.number IN"
	" (SELECT doc FROM version_term WHERE term >= $1 AND term < $7) AND r.number < $2"
	HY_SEARCH_WHEN HY_SEARCH_WHERE
	" ORDER BY r.number DESC LIMIT $6";
/* PostgreSQL. */
static const char texts_sql[] =
	"SELECT v.detected_at," HY_SEARCH_OF_DOCUMENT HY_SEARCH_TIMES
	" FROM version v JOIN document d ON d.id = v.document"
	" WHERE v.purged_at IS NULL"
	" AND (v.title {like} $1 ESCAPE '!' OR v.text {like} $1 ESCAPE '!')"
	HY_SEARCH_WHEN HY_SEARCH_WHERE
	" AND (v.detected_at < $2 OR (v.detected_at = $2 AND v.id < $7))"
	" ORDER BY v.detected_at DESC, v.id DESC LIMIT $6";
static const char has_index_sql[] =
	"SELECT COUNT(*) FROM pg_class WHERE relname = 'version_text_words'"
	" AND pg_table_is_visible(oid)";

static const char next_open_sql[] =
	"SELECT r.number, v.title, v.text FROM version_row r JOIN version v ON v.id = r.version"
	" WHERE r.indexed = 0 ORDER BY r.number LIMIT 1";
static const char add_words_sql[] = "INSERT INTO version_words (rowid, body) VALUES ($1, $2)";
static const char indexed_sql[] = "UPDATE version_row SET indexed = 1 WHERE number = $1";
static const char of_version_sql[] =
	"SELECT r.number, v.title, v.text, r.indexed FROM version_row r"
	" JOIN version v ON v.id = r.version WHERE r.version = $1";
/* Without a copy of the text, FTS5 has to be told what is to be taken out. */
static const char remove_words_sql[] =
	"INSERT INTO version_words (version_words, rowid, body) VALUES ('delete', $1, $2)";
static const char remove_row_sql[] = "DELETE FROM version_row WHERE number = $1";

/* ---- words ---- */

struct words {
	struct hy_str items[HY_SEARCH_WORDS_MAX];
	size_t count;
	struct hy_str anchor;	/* the longest: what is looked up */
};

static size_t blank_at(struct hy_str s)
{
	if (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\n' || s.p[0] == '\r')
		return 1;
	return hy_str_starts(s, HY_STR_LIT("　")) ? HY_STR_LIT("　").n : 0;
}

static enum hy_err add_word(struct words *w, struct hy_str word, struct hy_error *e)
{
	if (!word.n)
		return HY_OK;
	if (w->count == HY_SEARCH_WORDS_MAX || word.n > HY_SEARCH_WORD_BYTES)
		return hy_fail(e, HY_ERR_LIMIT, "more than %d words, or a word over %d bytes",
			       HY_SEARCH_WORDS_MAX, HY_SEARCH_WORD_BYTES);
	w->items[w->count++] = word;
	if (word.n > w->anchor.n)
		w->anchor = word;
	return HY_OK;
}

static enum hy_err parse_words(struct hy_str s, struct words *out, struct hy_error *e)
{
	enum hy_err err = HY_OK;
	size_t start = 0, i = 0;

	while (i < s.n && err == HY_OK) {
		size_t blank = blank_at(hy_str_sub(s, i, s.n));

		if (blank) {
			err = add_word(out, hy_str_sub(s, start, i - start), e);
			start = i + blank;
		}
		i += blank ? blank : 1;
	}
	if (err == HY_OK)
		err = add_word(out, hy_str_sub(s, start, s.n), e);
	if (err == HY_OK && !out->count)
		err = hy_fail(e, HY_ERR_MALFORMED, "no word to search for");
	return err;
}

static bool matches(const struct words *w, struct hy_str title, struct hy_str text)
{
	for (size_t i = 0; i < w->count; i++)
		if (hy_str_find_nocase(title, w->items[i], 0) == SIZE_MAX &&
		    hy_str_find_nocase(text, w->items[i], 0) == SIZE_MAX)
			return false;
	return true;
}

/* ---- the anchor as each statement wants it ---- */

/* The byte length of the first `characters` of s, or SIZE_MAX where there are fewer. */
static size_t length_of(struct hy_str s, size_t characters)
{
	size_t i = 0;

	while (characters--) {
		if (i >= s.n)
			return SIZE_MAX;
		do
			i++;
		while (i < s.n && ((unsigned char)s.p[i] & 0xc0) == 0x80);
	}
	return i;
}

static void add_pattern(struct hy_buf *out, struct hy_str word)
{
	hy_buf_add_char(out, '%');
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] == '%' || word.p[i] == '_' || word.p[i] == '!')
			hy_buf_add_char(out, '!');
		hy_buf_add_char(out, word.p[i]);
	}
	hy_buf_add_char(out, '%');
}

/* "abc" "bcd": the runs of the word, all of which must be there. */
static void add_runs(struct hy_buf *out, struct hy_str word)
{
	for (size_t i = 0, count = 0; count < RUNS_MAX; count++) {
		struct hy_str rest = hy_str_sub(word, i, word.n);
		size_t n = length_of(rest, 3);

		if (n == SIZE_MAX)
			break;
		hy_buf_add_c(out, count ? " \"" : "\"");
		for (size_t k = 0; k < n; k++) {
			if (rest.p[k] == '"')
				hy_buf_add_char(out, '"');
			hy_buf_add_char(out, rest.p[k]);
		}
		hy_buf_add_char(out, '"');
		i += length_of(rest, 1);
	}
}

static void add_lower(struct hy_buf *out, struct hy_str word)
{
	for (size_t i = 0; i < word.n; i++)
		hy_buf_add_char(out, word.p[i] >= 'A' && word.p[i] <= 'Z'
					     ? (char)(word.p[i] - 'A' + 'a') : word.p[i]);
}

/* ---- running ---- */

struct pass {
	const char *sql;
	bool has_seventh;
	struct hy_buf anchor, seventh;	/* $1 and, where there is one, $7 */
	int64_t position;		/* $2: goes down with each page */
	bool by_time;			/* the position is a time, and $7 the id that goes with it */
};

struct run {
	struct hy_store *store;
	const struct hy_search *search;
	struct words words;
	hy_search_fn *fn;
	void *ctx;
	int64_t count;
};

static void pass_fini(struct pass *p)
{
	hy_buf_fini(&p->anchor);
	hy_buf_fini(&p->seventh);
}

static void pass_init(struct pass *p, const char *sql)
{
	*p = (struct pass){.sql = sql, .position = INT64_MAX,
			   .anchor = HY_BUF(PATTERN_BYTES), .seventh = HY_BUF(PATTERN_BYTES)};
}

static void offer(struct run *r, const struct hy_query *q)
{
	struct hy_search_hit hit = {
		.version = hy_query_text(q, 1), .document = hy_query_text(q, 2),
		.url = hy_query_text(q, 3), .source = hy_query_text(q, 4),
		.outlet = hy_query_text(q, 5), .title = hy_query_text(q, 6),
		.text = hy_query_text(q, 7), .detected_at = hy_query_wall(q, 8),
		.published_at = hy_query_wall(q, 9), .outcome = hy_query_text(q, 10),
		.word = r->words.items[0],
	};

	if (!matches(&r->words, hit.title, hit.text))
		return;
	r->count++;
	r->fn(r->ctx, &hit);
}

static void bind(const struct run *r, const struct pass *p, struct hy_query *q)
{
	const struct hy_search *s = r->search;

	hy_query_bind_text(q, 1, hy_buf_str(&p->anchor));
	hy_query_bind_int(q, 2, p->position);
	hy_query_bind_int(q, 3, hy_wall_known(s->since) ? s->since.ms : 0);
	hy_query_bind_int(q, 4, hy_wall_known(s->until) ? s->until.ms : INT64_MAX);
	hy_query_bind_text(q, 5, s->source);
	hy_query_bind_int(q, 6, PAGE_ROWS);
	if (p->has_seventh)
		hy_query_bind_text(q, 7, hy_buf_str(&p->seventh));
}

static enum hy_err run_page(struct run *r, struct pass *p, bool *out_more, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(r->store, p->sql);
	size_t rows = 0;
	enum hy_err err;
	bool row;

	bind(r, p, q);
	while ((err = hy_query_next(q, &row, e)) == HY_OK && row && r->count < r->search->limit) {
		p->position = hy_query_int(q, 0);
		if (p->by_time) {
			hy_buf_clear(&p->seventh);
			hy_buf_add_str(&p->seventh, hy_query_text(q, 1));
		}
		offer(r, q);
		rows++;
	}
	hy_query_reset(q);
	*out_more = rows == PAGE_ROWS && r->count < r->search->limit;
	return err;
}

static enum hy_err run_pass(struct run *r, struct pass *p, struct hy_error *e)
{
	enum hy_err err = hy_buf_err(&p->anchor);
	bool more = r->count < r->search->limit;

	while (err == HY_OK && more)
		err = run_page(r, p, &more, e);
	return err;
}

static enum hy_err run_sqlite(struct run *r, struct hy_error *e)
{
	struct hy_str anchor = r->words.anchor;
	bool is_short = length_of(anchor, 3) == SIZE_MAX;
	hy_cleanup(pass_fini) struct pass open = {0};
	hy_cleanup(pass_fini) struct pass indexed = {0};
	enum hy_err err;

	pass_init(&open, open_sql);
	pass_init(&indexed, is_short ? begins_sql : runs_sql);
	add_pattern(&open.anchor, anchor);
	if (is_short) {
		add_lower(&indexed.anchor, anchor);
		indexed.has_seventh = true;
		add_lower(&indexed.seventh, anchor);
		hy_buf_add_c(&indexed.seventh, "\xf4\x8f\xbf\xbf");	/* the last character */
	} else {
		add_runs(&indexed.anchor, anchor);
	}
	err = run_pass(r, &open, e);
	return err == HY_OK ? run_pass(r, &indexed, e) : err;
}

static enum hy_err run_postgres(struct run *r, struct hy_error *e)
{
	hy_cleanup(pass_fini) struct pass texts = {0};

	pass_init(&texts, texts_sql);
	add_pattern(&texts.anchor, r->words.anchor);
	texts.has_seventh = texts.by_time = true;
	return run_pass(r, &texts, e);
}

enum hy_err hy_search_run(struct hy_store *store, const struct hy_search *search,
			  hy_search_fn *fn, void *ctx, struct hy_error *e)
{
	struct run r = {.store = store, .search = search, .fn = fn, .ctx = ctx};
	enum hy_err err = parse_words(search->words, &r.words, e);

	if (err != HY_OK)
		return err;
	return hy_store_engine(store) == HY_STORE_SQLITE ? run_sqlite(&r, e) : run_postgres(&r, e);
}

enum hy_err hy_search_has_index(struct hy_store *store, bool *out, struct hy_error *e)
{
	struct hy_query *q;
	enum hy_err err;
	bool row;

	if (hy_store_engine(store) == HY_STORE_SQLITE) {
		*out = true;
		return HY_OK;
	}
	q = hy_store_query(store, has_index_sql);
	err = hy_query_next(q, &row, e);
	if (err == HY_OK)
		*out = row && hy_query_int(q, 0) > 0;
	hy_query_reset(q);
	return err;
}

/* ---- the index ---- */

static void add_body(struct hy_buf *out, struct hy_str title, struct hy_str text)
{
	hy_buf_add_str(out, title);
	hy_buf_add_char(out, '\n');
	hy_buf_add_str(out, text);
	hy_buf_add_c(out, "\n\n");
}

static enum hy_err write_words(struct hy_store *store, const char *sql, int64_t number,
			       const struct hy_buf *body, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, sql);

	hy_query_bind_int(q, 1, number);
	hy_query_bind_text(q, 2, hy_buf_str(body));
	return hy_query_run(q, NULL, e);
}

static enum hy_err write_number(struct hy_store *store, const char *sql, int64_t number,
				struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, sql);

	hy_query_bind_int(q, 1, number);
	return hy_query_run(q, NULL, e);
}

static enum hy_err index_next(struct hy_store *store, bool *out_found, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf body = HY_BUF(BODY_BYTES);
	struct hy_query *q = hy_store_query(store, next_open_sql);
	int64_t number = 0;
	enum hy_err err = hy_query_next(q, out_found, e);

	if (err == HY_OK && *out_found) {
		number = hy_query_int(q, 0);
		add_body(&body, hy_query_text(q, 1), hy_query_text(q, 2));
	}
	hy_query_reset(q);
	if (err != HY_OK || !*out_found)
		return err;
	err = write_words(store, add_words_sql, number, &body, e);
	return err == HY_OK ? write_number(store, indexed_sql, number, e) : err;
}

enum hy_err hy_search_index(struct hy_store *store, size_t max, size_t *out_count,
			    struct hy_error *e)
{
	enum hy_err err = HY_OK;
	bool found = hy_store_engine(store) == HY_STORE_SQLITE;
	size_t count = 0;

	while (err == HY_OK && found && count < max) {
		err = index_next(store, &found, e);
		count += err == HY_OK && found;
	}
	if (err == HY_OK)
		*out_count = count;
	return err;
}

enum hy_err hy_search_forget(struct hy_store *store, struct hy_str version, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf body = HY_BUF(BODY_BYTES);
	bool found = false, is_indexed = false;
	struct hy_query *q;
	int64_t number = 0;
	enum hy_err err;

	if (hy_store_engine(store) != HY_STORE_SQLITE)
		return HY_OK;
	q = hy_store_query(store, of_version_sql);
	hy_query_bind_text(q, 1, version);
	err = hy_query_next(q, &found, e);
	if (err == HY_OK && found) {
		number = hy_query_int(q, 0);
		is_indexed = hy_query_int(q, 3);
		add_body(&body, hy_query_text(q, 1), hy_query_text(q, 2));
	}
	hy_query_reset(q);
	if (err != HY_OK || !found)
		return err;
	if (is_indexed)
		err = write_words(store, remove_words_sql, number, &body, e);
	return err == HY_OK ? write_number(store, remove_row_sql, number, e) : err;
}
