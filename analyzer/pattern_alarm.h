/*
 * Alarms about topics whose patterns reach a limit: one for a topic, told to its owner. Kept in
 * memory only. What is open, and that it ends when it is not repeated, the alerter knows; so here
 * a topic that goes on is told again each HY_PATTERN_ALARM_AGAIN_MS, and a topic whose pattern a
 * new rule set mended is told as cleared.
 */
#ifndef HY_ANALYZER_PATTERN_ALARM_H
#define HY_ANALYZER_PATTERN_ALARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/ruleset.h"
#include "common/base/buf.h"
#include "common/base/time.h"
#include "common/sys/content_id.h"
#include "common/sys/msg.h"

#define HY_PATTERN_ALARM_KIND "pattern-limit"
#define HY_PATTERN_ALARM_AGAIN_MS (3600LL * 1000)	/* well within HY_ALARM_LAPSE_MS */
#define HY_PATTERN_ALARMS_MAX 200	/* topics; beyond them the log and the figures tell */

struct hy_pattern_alarm;

struct hy_pattern_alarms {
	const struct hy_ruleset *ruleset;
	int64_t *quiet_until_ms;	/* by pattern of the set */
	struct hy_pattern_alarm *items;
	size_t count, cap;
};

/* All zeros is empty. */
void hy_pattern_alarms_fini(struct hy_pattern_alarms *alarms);

/*
 * Another set is in force, which lives until the next call or fini. Alarms about patterns that
 * it does not hold in the same topic will be cleared.
 */
void hy_pattern_alarms_use(struct hy_pattern_alarms *alarms, const struct hy_ruleset *ruleset,
			   struct hy_wall now);
/* The pattern of that number reached a limit in a document. */
void hy_pattern_alarms_hit(struct hy_pattern_alarms *alarms, uint32_t pattern,
			   struct hy_wall now);

/* A message to be sent; views are borrowed from it and from the alarms. */
struct hy_pattern_told {
	struct hy_msg message;
	char id[HY_MSG_ID_BYTES + 1];
	size_t place;
};
/* The next one that is to be told, or false. */
bool hy_pattern_alarms_next(const struct hy_pattern_alarms *alarms, struct hy_pattern_told *out);
/* It is in the window to the alerter. */
void hy_pattern_alarms_told(struct hy_pattern_alarms *alarms, const struct hy_pattern_told *told);

#endif
