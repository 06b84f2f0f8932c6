/*
 * cases.yaml: what an authority settles about the handling of cases. The file may be missing;
 * then the presets below hold. Texts are views into the file, which the set keeps open.
 */
#ifndef HY_ALERTER_CASE_RULES_H
#define HY_ALERTER_CASE_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/sys/yaml.h"

#define HY_CASE_RULES_FILE "cases.yaml"
#define HY_VAGUE_WORDS_MAX 256
#define HY_CASE_RETURNS_MAX 10

struct hy_case_rules {
	struct hy_yaml *file;		/* NULL where there is none */
	int64_t returns;		/* of one case, at most; preset 1 */
	/* An answer that was published before any review is put on record and reviewed then
	 * (preset), or refused. */
	bool unreviewed_refused;
	/* Words that promise nothing one could hold anybody to; preset 近期、尽快、即将. */
	struct hy_str vague[HY_VAGUE_WORDS_MAX];
	size_t vague_count;
};

enum hy_err hy_case_rules_load(const char *dir, struct hy_findings *findings,
			       struct hy_case_rules **out) HY_MUST_CHECK;
void hy_case_rules_free(struct hy_case_rules *rules);	/* NULL is legal */

/* In words, one line a setting, as rule_words.h. */
void hy_case_rules_write(const struct hy_case_rules *rules, struct hy_buf *out);

#endif
