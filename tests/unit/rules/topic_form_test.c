/* Which changes of the rules change what a topic fires on. */
#include "common/rules/topic_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"

#define TOPICS \
	"sector: {id: labour, title: 劳动, words: [{term: [社保], weight: 2}]}\n" \
	"topics:\n" \
	"  - id: wages\n    title: 欠薪\n    owner: labour\n    severity: 一般\n    threshold: 2\n" \
	"    match: {any: [拖欠工资, {term: 讨薪, weight: 2}], all: [$workers]}\n" \
	"    samples: {hit: [工人讨薪], miss: [晴]}\n" \
	"  - {id: other, title: 其他, owner: office, match: {any: [其他]}}\n"
#define LISTS "workers: [工人, $more]\nmore: [农民工]\nunused: [甲]\n"

static struct hy_id form_of(const char *topics_text, const char *lists_text)
{
	const struct hy_rules_text files = {"a.yaml", hy_str_of(topics_text)};
	const struct hy_rules_text lists = {"lists.yaml", hy_str_of(lists_text)};
	struct hy_findings findings;
	struct hy_topics *topics;
	struct hy_id form;

	hy_findings_init(&findings);
	topics = hy_topics_parse(&files, 1, lists_text ? &lists : NULL, &findings);
	if (findings.count)
		fail_msg("%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	form = hy_topic_form(topics, hy_topics_at(topics, 0));
	hy_topics_free(topics);
	hy_findings_fini(&findings);
	return form;
}

static char *replaced(const char *text, const char *from, const char *to)
{
	struct hy_buf out;
	const char *at = strstr(text, from);

	if (!at)
		fail_msg("%s is not there", from);
	hy_buf_init(&out, 1 << 16);
	hy_buf_addf(&out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	char *copy = hy_str_dup(hy_buf_str(&out));
	hy_buf_fini(&out);
	return copy;
}

static void the_table_of_changes(void **state)
{
	static const struct {
		bool in_lists, changes;
		const char *from, *to;
	} rows[] = {
		{false, true, "[拖欠工资,", "[拖欠工钱,"},
		{false, true, "{term: 讨薪, weight: 2}", "{term: 讨薪, weight: 3}"},
		{false, true, "threshold: 2", "threshold: 3"},
		{false, true, "all: [$workers]", "none: [$workers]"},
		{false, true, "    threshold: 2\n", "    threshold: 2\n    place: any\n"},
		{false, true, "    threshold: 2\n", "    threshold: 2\n    sources: {never: [a]}\n"},
		{false, true, "    threshold: 2\n", "    threshold: 2\n    valid_to: 2027-01-01\n"},
		{false, true, "{term: [社保], weight: 2}", "{term: [社保, 工伤], weight: 2}"},
		{true, true, "[工人, ", "[工人, 员工, "},
		{true, true, "[农民工]", "[民工]"},
		{true, false, "unused: [甲]", "unused: [乙]"},
		{false, false, "title: 欠薪", "title: 拖欠工资"},
		{false, false, "owner: labour", "owner: office"},
		{false, false, "severity: 一般", "severity: 重大"},
		{false, false, "hit: [工人讨薪]", "hit: [农民工讨薪]"},
		{false, false, "match: {any: [其他]}", "match: {any: [另外]}"},
		{false, false, "    threshold: 2\n", "    threshold:   2   # 注\n"},
		/* Neighbours do not run into each other. */
		{true, true, "[工人, ", "[工, 人, "},
	};
	struct hy_id before = form_of(TOPICS, LISTS);

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		hy_cleanup(hy_free_p) char *text =
			replaced(rows[i].in_lists ? LISTS : TOPICS, rows[i].from, rows[i].to);
		struct hy_id after = rows[i].in_lists ? form_of(TOPICS, text)
						      : form_of(text, LISTS);

		if ((strcmp(before.hex, after.hex) != 0) != rows[i].changes)
			fail_msg("row %zu: %s", i, rows[i].to);
	}
}

static void a_topic_without_lists_has_a_form(void **state)
{
	struct hy_id form = form_of("{id: a, title: 甲, owner: office, match: {any: [$]}}", NULL);

	(void)state;
	assert_true(hy_id_valid(hy_id_str(&form)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_of_changes),
		cmocka_unit_test(a_topic_without_lists_has_a_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
