/*
 * Spelling variants: rules/variants.yaml, a mapping from a spelling to others that mean it
 * (账: [帐], 拆迁: [柴迁]). Texts, terms and patterns are compared in the first spelling.
 *
 * A single character is evened out wherever it stands, a longer spelling as a whole. Where one
 * variant would meet another (it is one's proper spelling, or stands in it) the outcome would hang
 * on their order, so that is a finding.
 */
#ifndef HY_ANALYZER_VARIANTS_H
#define HY_ANALYZER_VARIANTS_H

#include "analyzer/fold_table.h"
#include "common/base/err.h"
#include "common/rules/files.h"
#include "common/sys/content_id.h"
#include "common/sys/yaml.h"

#define HY_VARIANTS_MAX 5000
#define HY_VARIANT_BYTES 48

struct hy_variants {
	struct hy_fold_table *table;	/* NULL: there is no such file; the caller's to free */
	struct hy_id version;		/* content id of the file */
};

/*
 * The table `base` with the variants of the folder of the rules. Mistakes become findings, and
 * those variants are left out. IO: not readable.
 */
enum hy_err hy_variants_load(const char *rules_dir, const struct hy_fold_table *base,
			     struct hy_findings *findings, struct hy_variants *out,
			     struct hy_error *e) HY_MUST_CHECK;
/* The same for a file in memory; never NULL. */
struct hy_fold_table *hy_variants_parse(const struct hy_rules_text *file,
					const struct hy_fold_table *base,
					struct hy_findings *findings);

#endif
