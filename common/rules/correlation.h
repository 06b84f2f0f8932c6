/*
 * Correlation, in Sigma's words: how many documents (event_count) or distinct sources, outlets or
 * places (value_count) tell of a topic within a timespan, and what then becomes of its severity.
 *
 * Of a topic with a `match` it counts that topic; of one without, the topics that it names, and
 * the topic itself is what comes of it.
 */
#ifndef HY_RULES_CORRELATION_H
#define HY_RULES_CORRELATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/str.h"
#include "common/sys/severity.h"
#include "common/sys/yaml.h"

#define HY_CORRELATIONS_MAX 5			/* of one topic */
#define HY_CORRELATION_GLOBS_MAX 100
#define HY_CORRELATION_GTE_MAX 100
#define HY_CORRELATION_SPAN_MIN_MS 60000
#define HY_CORRELATION_SPAN_MAX_MS (INT64_C(30) * 86400000)

enum hy_correlation_value {
	HY_CORRELATION_DOCUMENT,	/* event_count */
	HY_CORRELATION_SOURCE,		/* value_count, by `field` */
	HY_CORRELATION_OUTLET,
	HY_CORRELATION_PLACE,
};

struct hy_correlation {
	enum hy_correlation_value value;
	int64_t span_ms;
	int64_t gte;			/* at least so many */
	bool by_topic, by_place;	/* counted apart for each */
	bool raises;			/* `severity` was given */
	enum hy_severity severity;	/* then at least this */
	struct hy_str topics[HY_CORRELATION_GLOBS_MAX];	/* globs; none: the topic's own */
	size_t topic_count;
	const struct hy_yaml_node *node;
};

struct hy_correlations {
	struct hy_correlation *items;
	size_t count;
};

/*
 * Reads the key `correlation` of a topic's mapping; none where it has none. False where a finding
 * was made. Freed by hy_correlations_fini in either case; zeroed by the caller.
 */
bool hy_correlations_read(const struct hy_yaml_node *topic, struct hy_findings *findings,
			  struct hy_correlations *out);
void hy_correlations_fini(struct hy_correlations *correlations);

/* What is counted, and when it came. */
struct hy_occurrence {
	struct hy_str value;
	int64_t at_ms;
};

/* The most distinct values in any window of span_ms that holds `at_ms`. Sorts the occurrences. */
size_t hy_correlation_most(struct hy_occurrence *occurrences, size_t count, int64_t at_ms,
			   int64_t span_ms);

/* "24 小时内 3 个来源" as people read it. */
void hy_correlation_tell(const struct hy_correlation *correlation, size_t count,
			 struct hy_buf *out);

#endif
