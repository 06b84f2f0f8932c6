/*
 * Health: is a source in order, judged from what is known of it. Pure, with the moment as a
 * parameter. Each trouble has its own rule for when it begins and another for when it is over,
 * and what lies between changes nothing: a source that comes and goes is one alarm, not many.
 *
 * Silence is measured in the source's own time: items that its rate brings in, so that nights
 * and weekends count as little as the source usually does in them. It is silent where it
 * answered all the while and yet nothing new came for three times its usual gap, which is one
 * that nineteen in twenty of its last gaps were not longer than, and chance's were not. A source
 * that is not known so well yet, and one whose `quiet` is given, is silent after that: what a
 * day has shown says nothing of a night, nor a working week of a weekend.
 */
#ifndef HY_CRAWLER_HEALTH_H
#define HY_CRAWLER_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "crawler/coverage.h"

/* The gravest first; the name follows "source-" in the kind of an alarm. */
#define HY_TROUBLE_LIST(X) \
	X(ROBOTS, "robots", "不允许抓取") \
	X(BLOCKED, "blocked", "被拦截") \
	X(FAILING, "failing", "打不开") \
	X(SILENT, "silent", "静默") \
	X(UNREADABLE, "unreadable", "读不出正文") \
	X(SPARSE, "sparse", "明显偏少")

enum hy_trouble {
#define X(name, id, title) HY_TROUBLE_##name,
	HY_TROUBLE_LIST(X)
#undef X
	HY_TROUBLE_COUNT
};
const char *hy_trouble_id(enum hy_trouble trouble);
const char *hy_trouble_title(enum hy_trouble trouble);	/* Chinese */

/* The last gaps between readings that brought something new, in items that were to come. */
#define HY_GAPS_MAX 32
#define HY_GAPS_MIN 8		/* before that a source is new */
#define HY_GAPS_TEXT_BYTES 700

struct hy_gaps {
	int64_t milli[HY_GAPS_MAX];	/* thousandths of an item; the oldest first */
	size_t count;
};
void hy_gaps_add(struct hy_gaps *gaps, int64_t milli);
/* At least 1000: whoever publishes in bursts has gaps of less than one item between them. */
int64_t hy_gaps_usual_milli(const struct hy_gaps *gaps);
void hy_gaps_encode(const struct hy_gaps *gaps, struct hy_buf *out);
bool hy_gaps_decode(struct hy_str text, struct hy_gaps *out);	/* false: *out untouched */

/* What is known of a source. */
struct hy_health_facts {
	bool is_owned;			/* the store has its owner as configured */
	int64_t addresses;		/* configured */
	int64_t every_ms;		/* how often it is asked, about */
	int64_t quiet_ms;		/* how long it may be silent while little is known of it */
	bool is_quiet_given;		/* and also later */
	struct hy_wall added_at;	/* when it was first seen in the configuration */
	struct hy_wall polled_at, success_at, new_at;
	int64_t failures;		/* polls in a row that failed */
	int64_t successes;		/* and that went well */
	enum hy_poll_failure failure;	/* of the last poll */
	struct hy_wall failing_since;
	struct hy_gaps gaps;
	int64_t gap_milli;		/* expected from new_at to success_at */
	int64_t read_well, read_badly;	/* articles of the last two days */
	int64_t expected_week_milli, new_week;	/* of the seven days before today */
	struct hy_wall raised_at[HY_TROUBLE_COUNT];	/* of the alarm that is open, else unknown */
};

enum hy_judgement {
	HY_JUDGEMENT_AS_BEFORE,
	HY_JUDGEMENT_BAD,
	HY_JUDGEMENT_GOOD,
};

/* Is it known well enough to tell a silence from a usual gap? Its `quiet` holds otherwise. */
bool hy_health_is_known(const struct hy_health_facts *facts);
enum hy_judgement hy_health_judge(const struct hy_health_facts *facts, enum hy_trouble trouble);
/* When that trouble, being there, began. */
struct hy_wall hy_health_since(const struct hy_health_facts *facts, enum hy_trouble trouble);

#endif
