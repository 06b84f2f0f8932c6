/*
 * The matcher as its description reads, with no filter, no windows and no compiled form: every
 * term by memmem, every pattern by plain PCRE2 over the whole folded field, conditions straight
 * from the YAML nodes. The oracle for the analyzer's scanner; slow.
 */
#ifndef TESTS_LIB_NAIVE_MATCH_H
#define TESTS_LIB_NAIVE_MATCH_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/scanner.h"
#include "common/rules/topics.h"
#include "common/sys/msg.h"

#define NAIVE_HITS_MAX 20000

struct naive_hit {
	struct hy_str rule;
	enum hy_field field;
	size_t start, end;	/* bytes of the original */
};

struct naive_topic {
	const struct hy_topic *topic;
	int64_t score;
	enum hy_severity severity;
	struct naive_hit *hits;	/* in no order, may repeat */
	size_t hit_count;
};

struct naive_result {
	struct naive_topic *topics;	/* in the order of the files */
	size_t topic_count;
};

/* The topics have been read without findings and compile. */
void naive_match(const struct hy_topics *topics, const struct hy_fold_table *table,
		 const struct hy_scan_input *document, struct naive_result *out);
void naive_result_fini(struct naive_result *result);

#endif
