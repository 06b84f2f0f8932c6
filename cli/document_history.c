#include "cli/document_history.h"

#include "cli/alerter_access.h"
#include "cli/print.h"
#include "common/base/mem.h"
#include "common/base/time.h"

#define LINES_MAX 600		/* of one text: a table of their squares fits into memory */
#define TEXT_BYTES ((size_t)2 << 20)

static const char document_sql[] =
	"SELECT url, source, gone_at FROM v_document WHERE document = $1 LIMIT 1";
static const char links_sql[] =
	"SELECT url FROM v_page WHERE document = $1 AND document <> id ORDER BY url LIMIT 50";
static const char versions_sql[] =
	"SELECT version, title, text, outlet, published_at, detected_at, raw_sha256, flags, outcome,"
	" purged_at FROM v_document WHERE document = $1 ORDER BY detected_at, version";

/* ---- what an edit changed ---- */

struct lines {
	struct hy_str items[LINES_MAX];
	size_t count;
	bool is_whole;
};

static void split(struct hy_str text, struct lines *out)
{
	struct hy_str line;

	out->count = 0;
	out->is_whole = true;
	while (hy_str_next(&text, '\n', &line)) {
		line = hy_str_trim(line);
		if (!line.n)
			continue;
		if (out->count == LINES_MAX) {
			out->is_whole = false;
			return;
		}
		out->items[out->count++] = line;
	}
}

static void add_change(struct hy_buf *out, const char *what, struct hy_str line)
{
	hy_buf_add_c(out, what);
	hy_print_plain(line, out);
	hy_buf_add_c(out, "\n");
}

/* longest[i][j]: paragraphs that a from i and b from j have in common, in order. */
static void fill(const struct lines *a, const struct lines *b, unsigned short *longest)
{
	size_t width = b->count + 1;

	for (size_t i = a->count; i-- > 0;)
		for (size_t j = b->count; j-- > 0;) {
			unsigned short down = longest[(i + 1) * width + j];
			unsigned short right = longest[i * width + j + 1];

			if (hy_str_eq(a->items[i], b->items[j]))
				longest[i * width + j] =
					(unsigned short)(longest[(i + 1) * width + j + 1] + 1);
			else
				longest[i * width + j] = down > right ? down : right;
		}
}

static void walk(const struct lines *a, const struct lines *b, const unsigned short *longest,
		 struct hy_buf *out)
{
	size_t width = b->count + 1, i = 0, j = 0;

	while (i < a->count || j < b->count) {
		if (i < a->count && j < b->count && hy_str_eq(a->items[i], b->items[j])) {
			i++;
			j++;
		} else if (j == b->count ||
			   (i < a->count &&
			    longest[(i + 1) * width + j] >= longest[i * width + j + 1])) {
			add_change(out, "    － 删去：", a->items[i++]);
		} else {
			add_change(out, "    ＋ 新增：", b->items[j++]);
		}
	}
}

void hy_document_difference(struct hy_str before, struct hy_str after, struct hy_buf *out)
{
	hy_cleanup(hy_free_p) struct lines *a = hy_xcalloc(1, sizeof *a);
	hy_cleanup(hy_free_p) struct lines *b = hy_xcalloc(1, sizeof *b);
	hy_cleanup(hy_free_p) unsigned short *longest = NULL;

	split(before, a);
	split(after, b);
	if (!a->is_whole || !b->is_whole)
		hy_buf_add_c(out, "    （段落过多，只比较了前面的部分）\n");
	longest = hy_xcalloc((a->count + 1) * (b->count + 1), sizeof *longest);
	fill(a, b, longest);
	walk(a, b, longest, out);
}

/* ---- the history ---- */

struct previous {
	struct hy_buf title, text;
	bool is_known, is_purged;
	int count;
};

static void add_time(struct hy_buf *out, const char *what, struct hy_wall at)
{
	char minute[HY_RFC3339_BYTES];

	hy_buf_addf(out, "%s%s", what, hy_cli_minute(at, minute));
}

static void add_edit(struct hy_buf *out, const struct previous *p, struct hy_str title,
		     struct hy_str text)
{
	if (!hy_str_eq(hy_buf_str(&p->title), title)) {
		add_change(out, "    － 原标题：", hy_buf_str(&p->title));
		add_change(out, "    ＋ 新标题：", title);
	}
	hy_document_difference(hy_buf_str(&p->text), text, out);
}

static void add_text(struct hy_buf *out, struct hy_str text)
{
	struct hy_str line;

	while (hy_str_next(&text, '\n', &line))
		add_change(out, "    ", line);
}

static const char *outcome_word(struct hy_str outcome)
{
	static const struct {
		const char *id, *word;
	} words[] = {{"quiet", "无预警"}, {"alerted", "已预警"}, {"reaction", "政策反应"},
		     {"unjudged", "未能研判"}};

	for (size_t i = 0; i < HY_COUNT(words); i++)
		if (hy_str_eq_c(outcome, words[i].id))
			return words[i].word;
	return "待研判";
}

static void add_version(struct hy_buf *out, struct previous *p, const struct hy_query *q)
{
	bool is_purged = !hy_query_is_null(q, 9);

	hy_buf_addf(out, "\n第 %d 版", ++p->count);
	add_time(out, "  收录 ", hy_query_wall(q, 5));
	add_time(out, "  发布 ", hy_query_wall(q, 4));
	hy_buf_addf(out, "  %s  ", outcome_word(hy_query_text(q, 8)));
	hy_print_plain(hy_query_text(q, 3), out);
	hy_buf_addf(out, "\n  编号 %.*s  原始网页 SHA-256 %.*s\n", HY_STR_ARGS(hy_query_text(q, 0)),
		    HY_STR_ARGS(hy_query_text(q, 6)));
	if (is_purged) {
		add_time(out, "  正文与标题已按保存期限清除：", hy_query_wall(q, 9));
		hy_buf_add_c(out, "\n");
	} else {
		add_change(out, "  标题：", hy_query_text(q, 1));
		if (p->is_known && !p->is_purged)
			add_edit(out, p, hy_query_text(q, 1), hy_query_text(q, 2));
		else
			add_text(out, hy_query_text(q, 2));
	}
	hy_buf_clear(&p->title);
	hy_buf_clear(&p->text);
	hy_buf_add_str(&p->title, hy_query_text(q, 1));
	hy_buf_add_str(&p->text, hy_query_text(q, 2));
	p->is_known = true;
	p->is_purged = is_purged;
}

static enum hy_err add_versions(struct hy_store *store, struct hy_str document,
				struct hy_buf *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, versions_sql);
	struct previous p = {.title = HY_BUF(TEXT_BYTES), .text = HY_BUF(TEXT_BYTES)};
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, document);
	while ((err = hy_query_next(q, &row, e)) == HY_OK && row)
		add_version(out, &p, q);
	hy_buf_fini(&p.title);
	hy_buf_fini(&p.text);
	return err;
}

static enum hy_err add_links(struct hy_store *store, struct hy_str document, struct hy_buf *out,
			     struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, links_sql);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, document);
	while ((err = hy_query_next(q, &row, e)) == HY_OK && row)
		add_change(out, "另一网址：", hy_query_text(q, 0));
	return err;
}

enum hy_err hy_document_history(struct hy_store *store, struct hy_str document,
				struct hy_buf *out, bool *out_found, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, document_sql);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, document);
	err = hy_query_next(q, &row, e);
	if (err != HY_OK)
		return err;
	*out_found = row;
	if (!row)
		return HY_OK;
	add_change(out, "网址：", hy_query_text(q, 0));
	add_change(out, "来源：", hy_query_text(q, 1));
	hy_buf_addf(out, "稿件：%.*s\n", HY_STR_ARGS(document));
	if (!hy_query_is_null(q, 2)) {
		add_time(out, "网页已不存在：", hy_query_wall(q, 2));
		hy_buf_add_c(out, "\n");
	}
	hy_query_reset(q);
	err = add_links(store, document, out, e);
	return err == HY_OK ? add_versions(store, document, out, e) : err;
}
