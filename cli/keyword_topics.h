/* Topics made of a TrendRadar keyword file, and what of its meaning changes on the way. */
#ifndef HY_CLI_KEYWORD_TOPICS_H
#define HY_CLI_KEYWORD_TOPICS_H

#include <stddef.h>

#include "analyzer/fold_table.h"
#include "cli/keyword_file.h"
#include "common/base/buf.h"

struct hy_keyword_topics {
	struct hy_buf yaml;	/* a file for rules/topics/ */
	struct hy_buf notes;	/* Chinese, "file:line: …" each */
	size_t topics, skipped;	/* groups that became one, and those that could not */
};

void hy_keyword_topics_init(struct hy_keyword_topics *out);
void hy_keyword_topics_fini(struct hy_keyword_topics *out);

/* One topic a group; `name` is how notes call the file. LIMIT is found by hy_buf_err(&out->yaml). */
void hy_keyword_topics_make(const struct hy_keyword_file *file, const char *name,
			    const struct hy_fold_table *table, struct hy_keyword_topics *out);

#endif
