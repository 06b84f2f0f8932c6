/*
 * Any bytes as a document (the title up to the first newline): folded with a map that leads back
 * into it, and judged by a fixed set of rules; hits and places lie inside and fold alike.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/scanner.h"
#include "common/base/err.h"
#include "common/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char topics[] =
	"- {id: a, title: 甲, owner: labour, match: {any: [拖欠, 工资, ktv, $list],"
	" near: [{a: 拆迁, b: \"/补.?偿/\", within: 9}]}}\n"
	"- {id: b, title: 乙, owner: labour, threshold: 3,"
	" match: {all: [[拖欠, a1], \"/工+资|\\\\bai\\\\b/\"], none: [晴]}}\n"
	"- {id: c, title: 丙, owner: labour, match: {any: [\"/(?:中国|中|国)+[公司]/\", \"/.{3}$/\"]}}\n";
static const char lists[] = "list: [\"/[^，。]{0,5}投诉/\", 反映]\n";
static const char places[] =
	"places: [{id: zone, name: 某区, aliases: [{name: 济南某区, unique: true}],"
	" evidence: {needs: [某市]}}]\nelsewhere: [他市]\n";

static struct hy_ruleset *rules(const struct hy_fold_table *table)
{
	const struct hy_rules_text file = {"topics", HY_STR_LIT(topics)};
	const struct hy_rules_text list = {"lists", HY_STR_LIT(lists)};
	struct hy_findings findings;

	hy_findings_init(&findings);
	struct hy_ruleset *ruleset = hy_ruleset_compile(
		hy_topics_parse(&file, 1, &list, &findings),
		hy_places_parse(HY_STR_LIT(places), "places", &findings), table, &findings);
	hy_assert(findings.count == 0);
	hy_findings_fini(&findings);
	return ruleset;
}

static void check_fold(const struct hy_fold_table *table, struct hy_str text)
{
	struct hy_folded folded;
	size_t last = 0;

	hy_folded_init(&folded);
	if (hy_fold(table, text, &folded) == HY_OK) {
		hy_assert(hy_utf8_valid(folded.text, folded.n));
		for (size_t at = 0, bytes; at < folded.n; at += bytes) {
			uint32_t rune;
			size_t start, end;

			bytes = hy_utf8_decode(folded.text + at, folded.n - at, &rune);
			hy_folded_span(&folded, at, at + bytes, &start, &end);
			hy_assert(start >= last && start < end && end <= text.n);
			last = start;
		}
	}
	hy_folded_fini(&folded);
}

static void check_result(const struct hy_scan_result *result, const struct hy_scan_input *input)
{
	for (size_t i = 0; i < result->topic_count; i++)
		for (size_t j = 0; j < result->topics[i].hit_count; j++) {
			const struct hy_scan_hit *hit = &result->topics[i].hits[j];
			struct hy_str field = hit->field == HY_FIELD_TITLE ? input->title
									   : input->text;

			hy_assert(hit->start < hit->end && hit->end <= field.n);
		}
	for (size_t i = 0; i < result->place_count; i++)
		hy_assert(result->places[i].start < result->places[i].end);
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
	struct hy_str rest = {(const char *)data, size}, title = {0};
	struct hy_scan_result result;

	struct hy_ruleset *ruleset = rules(table);
	struct hy_scanner *scanner = hy_scanner_new(ruleset);
	(void)hy_str_next(&rest, '\n', &title);
	const struct hy_scan_input input = {.title = title, .text = rest, .at = {0}};
	check_fold(table, input.text);
	/* Twice: the second time on the memory of the first. */
	for (int i = 0; i < 2; i++)
		if (hy_scan(scanner, &input, &result) == HY_OK)
			check_result(&result, &input);
	hy_scanner_free(scanner);
	hy_ruleset_free(ruleset);
	return 0;
}
