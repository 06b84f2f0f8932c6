/* The scanner against the naive matcher, on random rules and on the rules of the tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/pattern.h"
#include "analyzer/scanner.h"
#include "common/base/mem.h"
#include "tests/lib/naive_match.h"
#include "tests/lib/rules_folder.h"

#define RULE_SETS 60
#define DOCUMENTS 40

static int setup(void **state)
{
	struct hy_fold_table *table = NULL;
	struct hy_error e = {0};

	if (hy_fold_table_new(&table, &e))
		return -1;
	*state = table;
	return 0;
}

static int teardown(void **state)
{
	hy_fold_table_free(*state);
	return 0;
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static uint32_t below(uint32_t *seed, size_t n)
{
	return next_random(seed) % (uint32_t)n;
}

/* ---- comparing ---- */

static bool same_hit(const struct naive_hit *a, const struct hy_scan_hit *b)
{
	return a->field == b->field && a->start == b->start && a->end == b->end &&
	       hy_str_eq(a->rule, b->rule);
}

static void compare_hits(const struct naive_topic *naive, const struct hy_scan_topic *topic)
{
	for (size_t i = 0; i < naive->hit_count; i++) {
		bool found = false;

		for (size_t j = 0; j < topic->hit_count && !found; j++)
			found = same_hit(&naive->hits[i], &topic->hits[j]);
		assert_true(found);
	}
	for (size_t j = 0; j < topic->hit_count; j++) {
		bool found = false;

		for (size_t i = 0; i < naive->hit_count && !found; i++)
			found = same_hit(&naive->hits[i], &topic->hits[j]);
		assert_true(found);
	}
}

/* Returns the number of topics that both found. */
static size_t compare(const struct hy_ruleset *ruleset, struct hy_scanner *scanner,
		      struct hy_str title, struct hy_str body)
{
	static const char *const sources[] = {"", "east-news", "west-news", "east-forum"};
	static const char *const outlets[] = {"", "東城日報", "东城晚报", "A1"};
	const struct hy_scan_input input = {.title = title,
					    .text = body,
					    .source = hy_str_of(sources[body.n % 4]),
					    .outlet = hy_str_of(outlets[body.n / 4 % 4]),
					    .at = hy_wall_now()};
	struct hy_scan_result result;
	struct naive_result naive;

	assert_int_equal(hy_scan(scanner, &input, &result), HY_OK);
	/* A pattern that gives up in one of the two says nothing about the rest. */
	if (result.limited_count)
		return 0;
	naive_match(ruleset->topics, ruleset->atoms.table, &input, &naive);
	assert_int_equal(result.topic_count, naive.topic_count);
	for (size_t i = 0; i < naive.topic_count; i++) {
		const struct hy_scan_topic *topic = NULL;

		for (size_t j = 0; j < result.topic_count; j++)
			if (result.topics[j].rule->topic == naive.topics[i].topic)
				topic = &result.topics[j];
		assert_non_null(topic);
		assert_int_equal(topic->score, naive.topics[i].score);
		assert_int_equal(topic->severity, naive.topics[i].severity);
		compare_hits(&naive.topics[i], topic);
	}
	size_t count = naive.topic_count;
	naive_result_fini(&naive);
	return count;
}

/* ---- random rules ---- */

static const char *const runes[] = {"拖", "欠", "工", "资", "a", "B", "1", "遷"};

static void add_term(uint32_t *seed, struct hy_buf *out)
{
	size_t n = 2 + below(seed, 3);

	hy_buf_add_char(out, '"');
	for (size_t i = 0; i < n; i++)
		hy_buf_add_c(out, runes[below(seed, HY_COUNT(runes))]);
	hy_buf_add_char(out, '"');
}

static void random_pattern(uint32_t *seed, int depth, struct hy_buf *out)
{
	static const char *const atoms[] = {"拖", "欠", "工资", "(?:公姿)", "a", "B", ".", "[拖a]", "[^欠]",
					    "\\d", "\\b", "迁", "(?=工)", "(?<!a)"};
	/* Without end only behind single atoms: (a+)+ would try the oracle's patience. */
	static const char *const repeats[] = {"", "", "", "?", "{2}", "{0,3}", ".{0,4}", "*", "+"};
	size_t n = 1 + below(seed, 3);

	for (size_t i = 0; i < n; i++) {
		bool group = depth > 0 && below(seed, 3) == 0;

		if (group) {
			hy_buf_add_c(out, "(?:");
			random_pattern(seed, depth - 1, out);
			hy_buf_add_c(out, ")");
		} else {
			hy_buf_add_c(out, atoms[below(seed, HY_COUNT(atoms))]);
		}
		hy_buf_add_c(out, repeats[below(seed, HY_COUNT(repeats) - (group ? 2 : 0))]);
		if (depth > 0 && below(seed, 5) == 0)
			hy_buf_add_c(out, "|");
	}
}

/* A pattern that compiles, as a YAML text in double quotes. */
static void add_pattern(uint32_t *seed, struct hy_buf *out)
{
	struct hy_pattern_error error;
	struct hy_pattern *pattern = NULL;
	struct hy_buf text;

	hy_buf_init(&text, 10000);
	do {
		hy_buf_clear(&text);
		random_pattern(seed, 2, &text);
	} while (hy_pattern_new(hy_buf_str(&text), &pattern, &error));
	hy_pattern_free(pattern);
	hy_buf_add_c(out, "\"/");
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\\')
			hy_buf_add_char(out, '\\');
		hy_buf_add_char(out, text.p[i]);
	}
	hy_buf_add_c(out, "/\"");
	hy_buf_fini(&text);
}

static void add_item(uint32_t *seed, struct hy_buf *out)
{
	static const char *const fields[] = {"[title]", "[body]", "[title, body]", "[lead]",
					     "[lead, title]"};

	switch (below(seed, 7)) {
	case 0:
	case 1:
		add_pattern(seed, out);
		break;
	case 2:
		hy_buf_add_c(out, "{term: ");
		add_term(seed, out);
		hy_buf_addf(out, ", weight: %u, fields: %s}", 1 + below(seed, 3),
			    fields[below(seed, HY_COUNT(fields))]);
		break;
	case 3:
		hy_buf_add_c(out, "$shared");
		break;
	default:
		add_term(seed, out);
	}
}

static void add_list(uint32_t *seed, size_t max, struct hy_buf *out)
{
	size_t n = 1 + below(seed, max);

	hy_buf_add_c(out, "[");
	for (size_t i = 0; i < n; i++) {
		hy_buf_add_c(out, i ? ", " : "");
		add_item(seed, out);
	}
	hy_buf_add_c(out, "]");
}

static void add_condition(uint32_t *seed, struct hy_buf *out)
{
	uint32_t parts = 1 + below(seed, 7);

	hy_buf_add_c(out, "{");
	if (parts & 1) {
		hy_buf_add_c(out, "any: ");
		add_list(seed, 3, out);
		hy_buf_add_c(out, ", ");
	}
	if (parts & 2) {
		hy_buf_add_c(out, "all: [");
		add_list(seed, 3, out);
		hy_buf_add_c(out, ", ");
		add_list(seed, 2, out);
		hy_buf_add_c(out, "], ");
	}
	if (parts & 4) {
		hy_buf_add_c(out, "near: [{a: ");
		add_list(seed, 2, out);
		hy_buf_add_c(out, ", b: ");
		add_list(seed, 2, out);
		hy_buf_addf(out, ", within: %u, ordered: %s, weight: %u}], ", 1 + below(seed, 12),
			    below(seed, 2) ? "true" : "false", 1 + below(seed, 3));
	}
	if (below(seed, 3) == 0) {
		hy_buf_add_c(out, "none: ");
		add_list(seed, 1, out);
	}
	hy_buf_add_c(out, "}");
}

static void add_origin(uint32_t *seed, struct hy_buf *out)
{
	static const char *const origins[] = {
		"", "", "only: [east-*]", "only: {source: west-news, outlet: 东城*}",
		"never: {outlet: [东城日报, $papers]}", "only: {outlet: Ａ1}, never: {source: '*-forum'}",
		"only: '*news'",
	};
	const char *origin = origins[below(seed, HY_COUNT(origins))];

	if (origin[0])
		hy_buf_addf(out, "    sources: {%s}\n", origin);
}

static void write_rules(uint32_t *seed, const struct test_rules *folder)
{
	static const char *const severities[] = {"一般", "较大", "重大", "特别重大"};
	struct hy_buf text;

	hy_buf_init(&text, 1u << 20);
	hy_buf_addf(&text, "sector:\n  id: s\n  title: s\n  words: [拖, {term: [");
	add_term(seed, &text);
	hy_buf_addf(&text, ", 资], weight: %u}]\n", 1 + below(seed, 5));
	hy_buf_add_c(&text, "topics:\n");
	for (int i = 0; i < 8; i++) {
		hy_buf_addf(&text, "  - id: t%d\n    title: t\n    owner: labour\n    threshold: %u\n",
			    i, 1 + below(seed, 3));
		add_origin(seed, &text);
		hy_buf_add_c(&text, "    match: ");
		add_condition(seed, &text);
		hy_buf_addf(&text, "\n    raise: [{severity: %s, any: ", severities[below(seed, 4)]);
		add_list(seed, 2, &text);
		hy_buf_add_c(&text, "}]\n");
	}
	assert_int_equal(hy_buf_err(&text), HY_OK);
	assert_true(test_rules_put(folder, "topics/livelihood.yaml", text.p));
	assert_true(test_rules_put(folder, "lists.yaml",
				   "include: more.yaml\nshared: [拖欠, $more]\n"));
	assert_true(test_rules_put(folder, "more.yaml",
				   "more: [\"/工.?资/\", 欠工]\npapers: [东城晚报, Ａ1]\n"));
	assert_true(test_rules_put(folder, "variants.yaml",
				   "拖欠: [托欠, 拖a歉]\n资: [姿]\n工资: 公姿\n工欠资: [托迁]\n"));
	hy_buf_fini(&text);
}

static void random_document(uint32_t *seed, size_t length, struct hy_buf *out)
{
	static const char *const noise[] = {" ", "-", "\n", "\n\n", "，", "。", "\xe2\x80\x8b", "Ａ",
					    "費", "c", "2", "\xff", "托", "歉", "姿",
					    "公"};

	hy_buf_clear(out);
	for (size_t i = 0; i < length; i++)
		hy_buf_add_c(out, below(seed, 3) ? runes[below(seed, HY_COUNT(runes))]
						 : noise[below(seed, HY_COUNT(noise))]);
	hy_buf_add(out, "", 0);
}

static struct hy_ruleset *load(const char *folder, const struct hy_fold_table *table)
{
	struct hy_ruleset *ruleset = NULL;
	struct hy_findings findings;
	struct hy_error e = {0};

	hy_findings_init(&findings);
	assert_int_equal(hy_ruleset_load(folder, table, &findings, &ruleset, &e), HY_OK);
	if (findings.count)
		print_error("%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	assert_int_equal(findings.count, 0);
	hy_findings_fini(&findings);
	return ruleset;
}

static void agrees_on_random_rules(void **state)
{
	struct test_rules folder;
	struct hy_buf title, body;
	uint32_t seed = 5;
	size_t found = 0;

	assert_true(test_rules_make(&folder));
	hy_buf_init(&title, 100000);
	hy_buf_init(&body, 100000);
	for (int i = 0; i < RULE_SETS; i++) {
		write_rules(&seed, &folder);
		struct hy_ruleset *ruleset = load(folder.folder, *state);
		struct hy_scanner *scanner = hy_scanner_new(ruleset);

		for (int j = 0; j < DOCUMENTS; j++) {
			random_document(&seed, below(&seed, 12), &title);
			random_document(&seed, below(&seed, 140), &body);
			found += compare(ruleset, scanner, hy_buf_str(&title), hy_buf_str(&body));
		}
		hy_scanner_free(scanner);
		hy_ruleset_free(ruleset);
	}
	/* A test that compares nothing with nothing would prove nothing. */
	assert_true(found > RULE_SETS * DOCUMENTS / 4);
	hy_buf_fini(&title);
	hy_buf_fini(&body);
	test_rules_remove(&folder);
}

/* Terms of the rules themselves, shuffled with ordinary text. */
static void document_of(const struct hy_ruleset *ruleset, uint32_t *seed, size_t length,
			struct hy_buf *out)
{
	static const char *const fill[] = {"，", "。", "小区", "昨日", "\n", "的", "工 地", "领导",
					   "三百户", "12名", "至今"};

	hy_buf_clear(out);
	for (size_t i = 0; i < length; i++)
		if (below(seed, 2))
			hy_buf_add_str(out, ruleset->atoms.strings[below(
						    seed, ruleset->atoms.string_count)]);
		else
			hy_buf_add_c(out, fill[below(seed, HY_COUNT(fill))]);
	hy_buf_add(out, "", 0);
}

static void agrees_on_the_rules_of_the_tree(void **state)
{
	struct hy_ruleset *ruleset = load("rules", *state);
	struct hy_scanner *scanner = hy_scanner_new(ruleset);
	struct hy_buf title, body;
	uint32_t seed = 11;
	size_t found = 0;

	hy_buf_init(&title, 100000);
	hy_buf_init(&body, 100000);
	for (int i = 0; i < 150; i++) {
		document_of(ruleset, &seed, below(&seed, 4), &title);
		document_of(ruleset, &seed, below(&seed, 60), &body);
		found += compare(ruleset, scanner, hy_buf_str(&title), hy_buf_str(&body));
	}
	assert_true(found > 150);
	hy_buf_fini(&title);
	hy_buf_fini(&body);
	hy_scanner_free(scanner);
	hy_ruleset_free(ruleset);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_on_random_rules),
		cmocka_unit_test(agrees_on_the_rules_of_the_tree),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
