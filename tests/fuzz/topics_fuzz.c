/*
 * Any bytes as a file of topics (up to the first line "%%%", if there is one; behind it is what
 * lists.yaml holds, behind another one a file of policies): compiled or refused with findings, and
 * what compiles can judge.
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
		/* Policies stand behind the topics. */
		for (size_t i = 0; i < result.topic_count + result.policy_count; i++)
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

/* Cuts what stands before the line off *rest. */
static struct hy_str next_part(struct hy_str *rest)
{
	size_t cut = hy_str_find(*rest, HY_STR_LIT("\n%%%\n"), 0);
	struct hy_str part = *rest;

	*rest = (struct hy_str){0};
	if (cut != SIZE_MAX) {
		*rest = hy_str_sub(part, cut + 5, part.n);
		part = hy_str_sub(part, 0, cut + 1);
	}
	return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct hy_fold_table *table = fold_table();
	struct hy_str all = {(const char *)data, size};
	struct hy_str rest = all;
	const struct hy_rules_text topics = {"topics", next_part(&rest)};
	bool has_lists = rest.p != NULL;
	const struct hy_rules_text lists = {"lists", next_part(&rest)};
	const struct hy_rules_text policies = {"policies", rest};
	struct hy_findings findings;

	hy_findings_init(&findings);
	struct hy_rule_files files = {
		.topics = hy_topics_parse(&topics, 1, has_lists ? &lists : NULL, &findings),
		.places = hy_places_parse(HY_STR_LIT(places), "places", &findings)};
	files.policies = hy_policies_parse(&policies, 1, files.topics, &findings);
	struct hy_ruleset *ruleset = hy_ruleset_compile_all(&files, table, &findings);
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
