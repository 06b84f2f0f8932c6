/*
 * The texts of a rules folder as they were read, for the record: which words were in force when
 * a case was routed. Every *.yaml of the folder and of those in it, which a rule may include; not
 * what rules the crawler (sources.yaml) nor what only tests (scenarios/).
 */
#ifndef HY_ALERTER_RULE_TEXTS_H
#define HY_ALERTER_RULE_TEXTS_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/content_id.h"

#define HY_RULE_TEXTS_MAX 4096
#define HY_RULE_TEXTS_BYTES (256u << 20)

struct hy_rule_text {
	char *name;			/* "topics/labour.yaml" */
	char *text;
	size_t bytes;
	struct hy_id hash;		/* content id of the text */
	char owner[64];			/* the account that the file belongs to; P9 */
	struct hy_wall changed;		/* when it was last written */
};

struct hy_rule_texts {
	struct hy_rule_text *item;	/* by name */
	size_t count, cap, bytes;
};

enum hy_err hy_rule_texts_read(const char *dir, struct hy_rule_texts **out, struct hy_error *e)
	HY_MUST_CHECK;
void hy_rule_texts_free(struct hy_rule_texts *texts);	/* NULL is legal */
static inline void hy_rule_texts_free_p(struct hy_rule_texts **texts)
{
	hy_rule_texts_free(*texts);
}

/* Whether both are the same files with the same texts. */
bool hy_rule_texts_equal(const struct hy_rule_texts *a, const struct hy_rule_texts *b);

#endif
