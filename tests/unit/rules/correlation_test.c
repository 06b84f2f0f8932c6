#include "common/rules/correlation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "common/rules/topics.h"

#define OWN "- id: a\n  title: 甲\n  owner: labour\n  match: {any: [欠薪]}\n"
#define DERIVED "- id: b\n  title: 乙\n  owner: labour\n  severity: 较大\n"
#define GOOD "type: value_count, field: source, timespan: 24h"

static void says_what_is_wrong_and_where(void **state)
{
	static const struct {
		const char *yaml, *finding;	/* NULL: none */
	} cases[] = {
		{OWN "  correlation: {" GOOD ", gte: 3, severity: 重大}\n", NULL},
		{OWN "  correlation: {" GOOD ", condition: {gte: 3}, severity: 重大}\n", NULL},
		{OWN "  correlation:\n    - {" GOOD ", gte: 3, severity: 较大, group_by: place}\n"
		     "    - {type: event_count, timespan: 1h, gte: 9, severity: 重大, group_by: [topic]}\n",
		 NULL},
		{OWN DERIVED "  correlation: {" GOOD ", gte: 3, topics: [a]}\n", NULL},
		{OWN DERIVED "  correlation: {" GOOD ", gte: 3, topics: \"*\"}\n", NULL},
		{OWN "  correlation: []\n", "t:5:16: correlation 应有 1 到 5 项"},
		{OWN "  correlation: [a]\n", "t:5:17: correlation 应写成"},
		{OWN "  correlation: {tpye: a, " GOOD ", gte: 3, severity: 重大}\n",
		 "t:5:17: 未知的键 “tpye”，是否想写 “type”？"},
		{OWN "  correlation: {type: count, timespan: 1h, gte: 3, severity: 重大}\n",
		 "t:5:23: type 应为 event_count"},
		{OWN "  correlation: {type: value_count, timespan: 1h, gte: 3, severity: 重大}\n",
		 "t:5:16: 缺少必填的键 “field”"},
		{OWN "  correlation: {type: value_count, field: author, timespan: 1h, gte: 3,"
		     " severity: 重大}\n",
		 "t:5:43: field 应为 source"},
		{OWN "  correlation: {type: event_count, field: source, timespan: 1h, gte: 3,"
		     " severity: 重大}\n",
		 "t:5:43: event_count 数的是稿件"},
		{OWN "  correlation: {" GOOD ", severity: 重大}\n", "t:5:16: 缺少 gte"},
		{OWN "  correlation: {" GOOD ", gte: 1, severity: 重大}\n", "t:5:"},
		{OWN "  correlation: {" GOOD ", gte: 3, condition: {gte: 3}, severity: 重大}\n",
		 "t:5:85: 写 gte"},
		{OWN "  correlation: {type: event_count, gte: 3, severity: 重大}\n", "t:5:16: 缺少 timespan"},
		{OWN "  correlation: {type: event_count, timespan: 40d, gte: 3, severity: 重大}\n", "t:5:"},
		{OWN "  correlation: {" GOOD ", gte: 3}\n", "t:5:16: severity 应写明"},
		{OWN "  correlation: {" GOOD ", gte: 3, severity: 很大}\n", "t:5:84: severity 应写明"},
		{OWN "  correlation: {" GOOD ", gte: 3, severity: 一般}\n",
		 "t:5:84: 不高于议题本来的级别（一般）"},
		{OWN "  correlation: {" GOOD ", gte: 3, severity: 重大, group_by: [source]}\n",
		 "t:5:99: group_by 只能是"},
		{OWN "  correlation: {type: value_count, field: place, timespan: 1h, gte: 3, severity: 重大,"
		     " group_by: place}\n", "t:5:96: 数的是地点，又按地点分开"},
		{OWN "  correlation: {" GOOD ", gte: 3, severity: 重大, topics: [a]}\n",
		 "t:5:96: 有 match 的议题"},
		{OWN DERIVED "  correlation: {" GOOD ", gte: 3}\n", "t:9:16: 没有 match 的议题要写 topics"},
		{OWN DERIVED "  correlation: {" GOOD ", gte: 3, topics: [\"c.*\"]}\n",
		 "t:9:83: 没有议题符合“c.*”"},
		{"- {id: wages.arrears, title: 甲, owner: labour}\n" DERIVED
		 "  correlation: {" GOOD ", gte: 3, topics: [wages.arears]}\n",
		 "t:6:83: 没有议题符合“wages.arears”，是否想写“wages.arrears”？"},
		{OWN DERIVED "  correlation: {" GOOD ", gte: 3, topics: [b]}\n",
		 "t:9:83: 议题 b 本身由统计得来"},
		{OWN DERIVED "  threshold: 2\n  correlation: {" GOOD ", gte: 3, topics: [a]}\n",
		 "t:9:14: 由统计得来的议题（没有 match）不写 threshold"},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		const struct hy_rules_text file = {"t", hy_str_of(cases[i].yaml)};
		struct hy_findings findings;

		hy_findings_init(&findings);
		hy_topics_free(hy_topics_parse(&file, 1, NULL, &findings));
		struct hy_str text = hy_buf_str(&findings.text), first = {0};

		(void)hy_str_next(&text, '\n', &first);
		if (!cases[i].finding != (findings.count == 0) ||
		    (cases[i].finding && !hy_str_starts(first, hy_str_of(cases[i].finding)))) {
			print_error("case %zu: %.*s\n", i, HY_STR_ARGS(first));
			fail();
		}
		hy_findings_fini(&findings);
	}
}

/* ---- counting ---- */

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Every window of the span that holds the moment, minute by minute. */
static size_t most_of(const struct hy_occurrence *items, size_t count, int64_t at, int64_t span)
{
	size_t most = 0;

	for (int64_t from = at - span; from <= at; from++) {
		size_t distinct = 0;

		for (size_t i = 0; i < count; i++) {
			bool first = items[i].at_ms >= from && items[i].at_ms <= from + span;

			for (size_t j = 0; j < i && first; j++)
				first = items[j].at_ms < from || items[j].at_ms > from + span ||
					!hy_str_eq(items[i].value, items[j].value);
			distinct += first;
		}
		most = distinct > most ? distinct : most;
	}
	return most;
}

static void counts_the_fullest_window(void **state)
{
	static const char *const values[] = {"a", "b", "c", "d", "e"};
	struct hy_occurrence items[12];
	uint32_t seed = 9;

	(void)state;
	assert_int_equal(hy_correlation_most(NULL, 0, 5, 5), 0);
	for (int round = 0; round < 3000; round++) {
		size_t count = 1 + next_random(&seed) % HY_COUNT(items);
		int64_t span = 1 + next_random(&seed) % 15, at = next_random(&seed) % 40;

		for (size_t i = 0; i < count; i++)
			items[i] = (struct hy_occurrence){
				hy_str_of(values[next_random(&seed) % HY_COUNT(values)]),
				(int64_t)(next_random(&seed) % 40)};
		/* What is asked about is among them. */
		items[next_random(&seed) % count].at_ms = at;
		size_t expected = most_of(items, count, at, span);
		assert_int_equal(hy_correlation_most(items, count, at, span), expected);
	}
}

static void tells_what_was_counted(void **state)
{
	static const struct {
		struct hy_correlation correlation;
		size_t count;
		const char *text;
	} cases[] = {
		{{.value = HY_CORRELATION_SOURCE, .span_ms = 86400000}, 3, "24 小时内 3 个来源"},
		{{.value = HY_CORRELATION_OUTLET, .span_ms = 5400000}, 12, "90 分钟内 12 家媒体"},
		{{.value = HY_CORRELATION_DOCUMENT, .span_ms = 3600000, .by_place = true}, 5,
		 "1 小时内同一地点 5 篇稿件"},
		{{.value = HY_CORRELATION_PLACE, .span_ms = 3600000}, 2, "1 小时内 2 个地点"},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		struct hy_buf out = HY_BUF(200);

		hy_correlation_tell(&cases[i].correlation, cases[i].count, &out);
		assert_true(hy_str_eq_c(hy_buf_str(&out), cases[i].text));
		hy_buf_fini(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_wrong_and_where),
		cmocka_unit_test(counts_the_fullest_window),
		cmocka_unit_test(tells_what_was_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
