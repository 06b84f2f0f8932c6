#include "alerter/answer_check.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

#define WHAT_RUNES 4		/* before a figure: what was counted */
#define UNIT_BYTES 3		/* one character: 名, 元, 日 */

static const char published_of_event[] =
	"SELECT a.text FROM case_ c JOIN answer a ON a.case_id = c.id WHERE c.event = $1"
	" ORDER BY a.at DESC, a.id LIMIT 20";

/* Of a pair the first holds the second: it is looked for first and then passed over. */
static const struct {
	const char *no, *yes;
} opposites[] = {
	{"不属实", "属实"},	 {"未发现", "发现"}, {"不存在", "存在"}, {"未完成", "已完成"},
	{"不符合", "符合"},	 {"未停工", "已停工"}, {"未受伤", "受伤"}, {"无人伤亡", "人员伤亡"},
	{"未超标", "超标"},
};

static void begin(struct hy_buf *out)
{
	if (out->n)
		hy_buf_add_c(out, "；");
}

void hy_answer_check_words(const struct hy_case_rules *rules, struct hy_str text,
			   struct hy_buf *out)
{
	bool any = false;

	for (size_t i = 0; i < rules->vague_count; i++) {
		if (hy_str_find(text, rules->vague[i], 0) == SIZE_MAX)
			continue;
		if (!any)
			begin(out);
		hy_buf_addf(out, "%s“%.*s”", any ? "、" : "有模糊用语",
			    HY_STR_ARGS(rules->vague[i]));
		any = true;
	}
	if (any)
		hy_buf_add_c(out, "，应写明具体时间或措施");
}

/* Says yes: the word stands there, and not only inside its opposite. */
static bool says(struct hy_str text, const char *word, const char *not_within)
{
	struct hy_str needle = hy_str_of(word), outer = hy_str_of(not_within);
	size_t at = 0;

	while ((at = hy_str_find(text, needle, at)) != SIZE_MAX) {
		size_t back = outer.n > needle.n ? outer.n - needle.n : 0;

		if (!back || at < back || !hy_str_ends(outer, needle) ||
		    !hy_str_eq(hy_str_sub(text, at - back, outer.n), outer))
			return true;
		at += needle.n;
	}
	return false;
}

static void check_opposites(struct hy_str text, struct hy_str published, struct hy_buf *out)
{
	for (size_t i = 0; i < HY_COUNT(opposites); i++) {
		const char *no = opposites[i].no, *yes = opposites[i].yes;
		bool now_no = says(text, no, ""), now_yes = says(text, yes, no);
		bool then_no = says(published, no, ""), then_yes = says(published, yes, no);

		if (now_no == now_yes || then_no == then_yes || now_no == then_no)
			continue;
		begin(out);
		hy_buf_addf(out, "稿中称“%s”，已发布的回应称“%s”", now_no ? no : yes,
			    then_no ? no : yes);
	}
}

/* ---- figures ---- */

/* What was counted, how many, and in what. */
struct figure {
	struct hy_str what, number, unit;
	size_t end;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The characters right before `at`, as many as there are of Han script. */
static size_t what_start(struct hy_str text, size_t at)
{
	size_t start = at;

	for (int i = 0; i < WHAT_RUNES && start >= 3; i++) {
		uint32_t rune;

		if (hy_utf8_decode(text.p + start - 3, 3, &rune) != 3 || !hy_rune_is_han(rune))
			break;
		start -= 3;
	}
	return start;
}

/* The next figure of which it is said what it counts. */
static bool next_figure(struct hy_str text, size_t from, struct figure *out)
{
	for (size_t i = from; i < text.n; i++) {
		size_t end = i, start;
		uint32_t rune;

		if (!is_digit(text.p[i]))
			continue;
		while (end < text.n && (is_digit(text.p[end]) ||
					(text.p[end] == '.' && end + 1 < text.n &&
					 is_digit(text.p[end + 1]))))
			end++;
		start = what_start(text, i);
		if (i - start == WHAT_RUNES * 3 && end + UNIT_BYTES <= text.n &&
		    hy_utf8_decode(text.p + end, text.n - end, &rune) == UNIT_BYTES &&
		    hy_rune_is_han(rune)) {
			*out = (struct figure){hy_str_sub(text, start, i - start),
					       hy_str_sub(text, i, end - i),
					       hy_str_sub(text, end, UNIT_BYTES), end};
			return true;
		}
		i = end;
	}
	return false;
}

static void check_figure(const struct figure *f, struct hy_str published, struct hy_buf *out)
{
	struct figure other = {.end = 0}, differs = {.end = 0};

	while (next_figure(published, other.end, &other)) {
		if (!hy_str_eq(other.what, f->what) || !hy_str_eq(other.unit, f->unit))
			continue;
		if (hy_str_eq(other.number, f->number))
			return;
		differs = other;
	}
	if (!differs.end)
		return;
	begin(out);
	hy_buf_addf(out, "稿中称“%.*s%.*s%.*s”，已发布的回应称“%.*s%.*s%.*s”", HY_STR_ARGS(f->what),
		    HY_STR_ARGS(f->number), HY_STR_ARGS(f->unit), HY_STR_ARGS(differs.what),
		    HY_STR_ARGS(differs.number), HY_STR_ARGS(differs.unit));
}

void hy_answer_check_against(struct hy_str text, struct hy_str published, struct hy_buf *out)
{
	struct figure f = {.end = 0};

	if (hy_str_eq(text, published))
		return;
	check_opposites(text, published, out);
	while (next_figure(text, f.end, &f))
		check_figure(&f, published, out);
}

enum hy_err hy_answer_check_published(struct hy_store *store, struct hy_str event,
				      struct hy_str text, struct hy_buf *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, published_of_event);
	bool row = true;

	hy_query_bind_text(q, 1, event);
	while (row) {
		enum hy_err err = hy_query_next(q, &row, e);

		if (err)
			return err;
		if (row)
			hy_answer_check_against(text, hy_query_text(q, 0), out);
	}
	if (hy_buf_err(out)) {	/* more than anybody reads */
		hy_buf_clear(out);
		hy_buf_add_c(out, "与已发布的回应出入太多，请对照原文");
	}
	return HY_OK;
}
