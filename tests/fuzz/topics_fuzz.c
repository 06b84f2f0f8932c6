/*
 * Any bytes as a file of topics (up to the first line "%%%", if there is one; behind it is what
 * lists.yaml holds): compiled or refused with findings, and what compiles can judge.
 */
#include <stdint.h>
#include <stdlib.h>

#include "analyzer/check.h"
#include "analyzer/lint.h"
#include "analyzer/scanner.h"
#include "common/base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libfyaml 0.7.12 loses a buffer of 4 KiB where a long quoted text is part of a bad file. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libfyaml";
}

static const char places[] =
	"places: [{id: zone, name: 某区, evidence: {needs: [某市]}}]\nelsewhere: [他市]\n";

static void judge(const struct hy_ruleset *ruleset, struct hy_str text)
{
	struct hy_scanner *scanner = hy_scanner_new(ruleset);
	const struct hy_scan_input input = {.title = text, .text = text, .at = {0}};
	struct hy_scan_result result;

	if (hy_scan(scanner, &input, &result) == HY_OK)
		for (size_t i = 0; i < result.topic_count; i++)
			for (size_t j = 0; j < result.topics[i].hit_count; j++)
				hy_assert(result.topics[i].hits[j].start <
						  result.topics[i].hits[j].end &&
					  result.topics[i].hits[j].end <= text.n);
	hy_scanner_free(scanner);
}

/* Made once: it takes longer than all the rest. */
static const struct hy_fold_table *fold_table(void)
{
	static struct hy_fold_table *table;
	struct hy_error e;

	if (!table && hy_fold_table_new(&table, &e))
		abort();
	return table;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct hy_fold_table *table = fold_table();
	struct hy_str all = {(const char *)data, size};
	size_t cut = hy_str_find(all, HY_STR_LIT("\n%%%\n"), 0);
	bool has_lists = cut != SIZE_MAX;
	const struct hy_rules_text topics = {"topics", hy_str_sub(all, 0, has_lists ? cut + 1 : size)};
	const struct hy_rules_text lists = {"lists", hy_str_sub(all, has_lists ? cut + 5 : size, size)};
	struct hy_findings findings;

	hy_findings_init(&findings);
	struct hy_ruleset *ruleset = hy_ruleset_compile(
		hy_topics_parse(&topics, 1, has_lists ? &lists : NULL, &findings),
		hy_places_parse(HY_STR_LIT(places), "places", &findings), table, &findings);
	hy_check_patterns(ruleset, &findings);
	hy_check_thresholds(ruleset, &findings);
	hy_lint(ruleset, (struct hy_wall){0}, &findings);
	hy_lint_unused_lists(ruleset, &findings);
	hy_check_samples(ruleset, &findings);
	judge(ruleset, all);
	hy_ruleset_free(ruleset);
	hy_findings_fini(&findings);
	return 0;
}
