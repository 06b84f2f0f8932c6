/*
 * Any bytes as variants.yaml, and what stands behind a line "---" as a text and as a pattern: the
 * text folds with a map that leads back into it in order, and the pattern to valid UTF-8.
 */
#include <stdint.h>
#include <stdlib.h>

#include "analyzer/fold.h"
#include "analyzer/variants.h"
#include "common/base/err.h"
#include "common/base/utf8.h"

#define PATTERN_BYTES ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const struct hy_fold_table *table, struct hy_str text)
{
	struct hy_folded folded;
	size_t last_start = 0, last_end = 0;

	hy_folded_init(&folded);
	if (hy_fold(table, text, &folded)) {
		hy_folded_fini(&folded);
		return;
	}
	hy_assert(hy_utf8_valid(folded.text, folded.n));
	for (size_t at = 0, bytes; at < folded.n; at += bytes) {
		uint32_t rune;
		size_t start, end;

		bytes = hy_utf8_decode(folded.text + at, folded.n - at, &rune);
		hy_folded_span(&folded, at, at + bytes, &start, &end);
		hy_assert(start < end && end <= text.n);
		hy_assert(start >= last_end || (start == last_start && end == last_end));
		last_start = start;
		last_end = end;
	}
	hy_folded_fini(&folded);
}

static void check_pattern(const struct hy_fold_table *table, struct hy_str pattern)
{
	struct hy_buf out = HY_BUF(PATTERN_BYTES);

	(void)hy_fold_pattern(table, pattern, &out);
	if (hy_utf8_valid(pattern.p, pattern.n) && !hy_buf_err(&out))
		hy_assert(hy_utf8_valid(out.p, out.n));
	hy_buf_fini(&out);
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
	struct hy_str all = {(const char *)data, size};
	size_t cut = hy_str_find(all, HY_STR_LIT("\n---\n"), 0);
	struct hy_rules_text file = {"variants", hy_str_sub(all, 0, cut == SIZE_MAX ? size : cut + 1)};
	struct hy_str text = cut == SIZE_MAX ? (struct hy_str){"", 0} : hy_str_sub(all, cut + 5, size);
	struct hy_findings findings;

	hy_findings_init(&findings);
	struct hy_fold_table *table = hy_variants_parse(&file, fold_table(), &findings);

	check_text(table, text);
	check_pattern(table, text);
	hy_fold_table_free(table);
	hy_findings_fini(&findings);
	return 0;
}
