/* `huiying document`: the history of a stored article, a search over all, and the purge. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/alerter_access.h"
#include "cli/config_file.h"
#include "cli/document_history.h"
#include "cli/options.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "common/base/mem.h"
#include "common/sys/content_id.h"
#include "crawler/crawler_conf.h"
#include "crawler/identity.h"
#include "crawler/purge.h"
#include "crawler/search.h"

#define OUTPUT_BYTES ((size_t)32 << 20)
#define LIMIT_DEFAULT 20
#define LIMIT_MAX 10000
#define CONTEXT_CHARACTERS 28
#define STEP_TEXTS 64
#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define STORE_TIMEOUT_MS 60000	/* a search without an index reads every text */

struct request {
	const char *config, *store, *since, *until, *source, *limit, *older;
	const char *act;
	int count;		/* operands behind the act */
	char **operands;
};

static const char document_of_page_sql[] = "SELECT document FROM v_page WHERE id = $1";

static struct hy_store *open_store(const struct request *r, bool read_only)
{
	struct hy_store_options options = {.read_only = read_only, .timeout_ms = STORE_TIMEOUT_MS};
	struct hy_crawler_conf *conf = hy_cli_config_load(r->config, &hy_crawler_section);
	struct hy_store *store = NULL;
	struct hy_error e = {0};

	if (!conf)
		return NULL;
	if (hy_store_open(r->store ? r->store : conf->store, &options, &store, &e)) {
		(void)fprintf(stderr, "打不开抓取存储：%s\n"
			      "它由 crawler 建立，请先运行 huiying up，或用 --config、--store 指明。\n",
			      e.text);
		store = NULL;
	}
	hy_config_free(&hy_crawler_section, conf);
	return store;
}

static int say_failure(const struct hy_error *e)
{
	(void)fprintf(stderr, "读写抓取存储失败：%s\n", e->text);
	return HY_EXIT_FAILURE;
}

/* A document's id, or any address that leads to it. False where it is neither. */
static bool find_document(struct hy_store *store, const char *text, struct hy_id *out)
{
	struct hy_str given = hy_str_of(text);
	struct hy_query *q;
	bool row = false;

	if (hy_id_valid(given)) {
		memcpy(out->hex, text, sizeof out->hex);
		return true;
	}
	if (!hy_document_id(given, out)) {
		(void)fprintf(stderr, "“%s”既不是稿件编号，也不是网址\n", text);
		return false;
	}
	q = hy_store_query(store, document_of_page_sql);
	hy_query_bind_text(q, 1, hy_id_str(out));
	if (hy_query_next(q, &row, NULL) == HY_OK && row && hy_id_valid(hy_query_text(q, 0)))
		memcpy(out->hex, hy_query_text(q, 0).p, HY_ID_DIGITS);
	hy_query_reset(q);
	return true;
}

/* ---- show ---- */

static int show(struct hy_store *store, const struct request *r)
{
	hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(OUTPUT_BYTES);
	struct hy_error e = {0};
	struct hy_id id;
	bool found = false;

	if (!find_document(store, r->operands[0], &id))
		return HY_EXIT_USAGE;
	if (hy_document_history(store, hy_id_str(&id), &out, &found, &e) != HY_OK)
		return say_failure(&e);
	if (!found) {
		(void)fprintf(stderr, "没有收录过这篇稿件\n");
		return HY_EXIT_FINDINGS;
	}
	hy_print_text(stdout, &out);
	return HY_EXIT_OK;
}

/* ---- search ---- */

struct findings {
	struct hy_buf text;
	int64_t count;
};

/* The beginning of the character that is up to n characters before `at`. */
static size_t back(struct hy_str s, size_t at, size_t n)
{
	while (at > 0 && n) {
		at--;
		if (((unsigned char)s.p[at] & 0xc0) != 0x80)
			n--;
	}
	return at;
}

static size_t forth(struct hy_str s, size_t at, size_t n)
{
	while (at < s.n && n) {
		at++;
		if (at == s.n || ((unsigned char)s.p[at] & 0xc0) != 0x80)
			n--;
	}
	return at;
}

static void add_hit(void *ctx, const struct hy_search_hit *hit)
{
	struct findings *f = ctx;
	char minute[HY_RFC3339_BYTES];
	size_t at = hy_str_find_nocase(hit->text, hit->word, 0), from;

	f->count++;
	hy_buf_addf(&f->text, "%s  ", hy_cli_minute(hit->detected_at, minute));
	hy_print_plain(hit->title, &f->text);
	hy_buf_add_c(&f->text, "  ");
	hy_print_plain(hit->outlet.n ? hit->outlet : hit->source, &f->text);
	hy_buf_add_c(&f->text, "\n  ");
	hy_print_plain(hit->url, &f->text);
	hy_buf_add_c(&f->text, "\n");
	if (at == SIZE_MAX)
		return;
	from = back(hit->text, at, CONTEXT_CHARACTERS);
	hy_buf_add_c(&f->text, from ? "  …" : "  ");
	hy_print_plain(hy_str_sub(hit->text, from,
				  forth(hit->text, at, 2 * CONTEXT_CHARACTERS) - from), &f->text);
	hy_buf_add_c(&f->text, "\n");
}

static bool read_number(const char *text, int64_t preset, int64_t max, int64_t *out)
{
	*out = preset;
	if (!text || hy_str_to_int(hy_str_of(text), 1, max, out))
		return true;
	(void)fprintf(stderr, "“%s”应为 1 到 %" PRId64 " 的整数\n", text, max);
	return false;
}

static bool read_time(const char *text, struct hy_wall *out)
{
	*out = HY_WALL_NONE;
	return !text || hy_cli_time(text, out);
}

static int run_search(struct hy_store *store, const struct hy_search *search)
{
	struct findings f = {.text = HY_BUF(OUTPUT_BYTES)};
	struct hy_error e = {0};
	bool has_index = true;
	enum hy_err err = hy_search_has_index(store, &has_index, &e);

	if (err == HY_OK && !has_index)
		(void)fprintf(stderr, "数据库没有 pg_trgm 索引，将逐篇查找，可能较慢\n");
	if (err == HY_OK)
		err = hy_search_run(store, search, add_hit, &f, &e);
	if (err == HY_OK) {
		hy_print_text(stdout, &f.text);
		(void)fprintf(stderr, "共 %" PRId64 " 篇%s\n", f.count,
			      f.count == search->limit ? "（已到上限，可用 --limit 增加）" : "");
	}
	hy_buf_fini(&f.text);
	if (err == HY_ERR_MALFORMED || err == HY_ERR_LIMIT) {
		(void)fprintf(stderr, "检索词不能用：%s\n", e.text);
		return HY_EXIT_USAGE;
	}
	if (err != HY_OK)
		return say_failure(&e);
	return f.count ? HY_EXIT_OK : HY_EXIT_FINDINGS;
}

static int search(struct hy_store *store, const struct request *r)
{
	hy_cleanup(hy_buf_fini) struct hy_buf words = HY_BUF(4096);
	struct hy_search s = {.source = hy_str_of(r->source)};

	for (int i = 0; i < r->count; i++)
		hy_buf_addf(&words, "%s ", r->operands[i]);
	if (hy_buf_err(&words) != HY_OK || !read_time(r->since, &s.since) ||
	    !read_time(r->until, &s.until) ||
	    !read_number(r->limit, LIMIT_DEFAULT, LIMIT_MAX, &s.limit))
		return HY_EXIT_USAGE;
	s.words = hy_buf_str(&words);
	return run_search(store, &s);
}

/* ---- purge ---- */

static enum hy_err in_transaction(struct hy_store *store, enum hy_err err, struct hy_error *e)
{
	if (err == HY_OK)
		err = hy_store_commit(store, e);
	if (err != HY_OK)
		hy_store_rollback(store);
	return err;
}

static int purge_one(struct hy_store *store, const char *text)
{
	struct hy_error e = {0};
	struct hy_id id;
	int64_t texts = 0;
	enum hy_err err;

	if (!find_document(store, text, &id))
		return HY_EXIT_USAGE;
	err = hy_store_begin(store, &e);
	if (err == HY_OK)
		err = in_transaction(store, hy_purge_document(store, hy_id_str(&id), hy_wall_now(),
							      &texts, &e), &e);
	if (err != HY_OK)
		return say_failure(&e);
	(void)printf("%s：清除 %" PRId64 " 版的标题和正文\n", text, texts);
	return texts ? HY_EXIT_OK : HY_EXIT_FINDINGS;
}

static int purge_old(struct hy_store *store, int64_t days)
{
	struct hy_wall now = hy_wall_now();
	struct hy_purge_terms terms = {.now = now, .max = STEP_TEXTS, .ledger_before = HY_WALL_NONE,
				       .texts_before = hy_wall_add_ms(now, -days * DAY_MS)};
	struct hy_purge_done done = {0};
	struct hy_error e = {0};
	int64_t texts = 0, pages = 0;

	while (!done.is_all) {
		enum hy_err err = hy_store_begin(store, &e);

		if (err == HY_OK)
			err = in_transaction(store, hy_purge_step(store, &terms, &done, &e), &e);
		if (err != HY_OK)
			return say_failure(&e);
		texts += done.texts;
		pages += done.pages;
	}
	(void)printf("清除 %" PRId64 " 天前的：%" PRId64 " 版的标题和正文，%" PRId64
		     " 个网址的标题\n网址、散列值和研判结果保留；未研判的不清除。\n", days, texts, pages);
	return HY_EXIT_OK;
}

static int purge(struct hy_store *store, const struct request *r)
{
	int code = HY_EXIT_OK;
	int64_t days;

	if (!r->older) {
		for (int i = 0; i < r->count && code <= HY_EXIT_FINDINGS; i++)
			code = purge_one(store, r->operands[i]);
		return code;
	}
	return read_number(r->older, 0, 36500, &days) ? purge_old(store, days) : HY_EXIT_USAGE;
}

/* ---- the verb ---- */

static const struct {
	const char *name;
	int (*run)(struct hy_store *store, const struct request *r);
	bool writes;
} acts[] = {{"show", show, false}, {"search", search, false}, {"purge", purge, true}};

static int run_act(const struct hy_usage *usage, const struct request *r)
{
	for (size_t i = 0; i < HY_COUNT(acts); i++) {
		struct hy_store *store;
		int code;

		if (strcmp(r->act, acts[i].name) != 0)
			continue;
		if (acts[i].run == show && r->count != 1)
			return hy_usage_error(usage, "show takes one id or address");
		if (!r->count != (acts[i].writes && r->older))
			return hy_usage_error(usage, "either --older or what it is about");
		store = open_store(r, !acts[i].writes);
		if (!store)
			return HY_EXIT_FAILURE;
		code = acts[i].run(store, r);
		hy_store_free(store);
		return code;
	}
	return hy_usage_error(usage, "the acts are show, search and purge");
}

int hy_verb_document(int argc, char **argv)
{
	struct request r = {.act = ""};
	const struct hy_option options[] = {
		{"--since", "TIME", &r.since, NULL, "search: read at that time or later"},
		{"--until", "TIME", &r.until, NULL, "search: read before that time"},
		{"--source", "ID", &r.source, NULL, "search: of that source only"},
		{"--limit", "N", &r.limit, NULL, "search: hits at most (20)"},
		{"--older", "DAYS", &r.older, NULL, "purge: all that was read so long ago"},
		{"--config", "FILE", &r.config, NULL, "configuration file"},
		{"--store", "URL", &r.store, NULL, "the crawler's store, in place of the configured one"},
	};
	const struct hy_usage usage = {
		"document show ID|URL\n"
		"       huiying document search WORD... [--since T] [--until T] [--source ID] [--limit N]\n"
		"       huiying document purge --older DAYS | ID|URL...",
		"show: every version of an article and what each edit changed. search: versions in which\n"
		"all words stand, newest first; exit 1 where there is none. purge: removes titles and\n"
		"texts of judged versions at once, for good; addresses, hashes and verdicts stay.",
		options, HY_COUNT(options)};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands < 1)
		return hy_usage_error(&usage, "the acts are show, search and purge");
	r.act = argv[1];
	r.count = operands - 1;
	r.operands = argv + 2;
	return run_act(&usage, &r);
}
