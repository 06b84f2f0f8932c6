/*
 * The concerns of a drill: when they begin, what they are about, where, how grave. Their texts are
 * signs without meaning, different for each, so that no two are taken for one event; every fifth
 * is another outlet's reprint of an earlier one.
 */
#ifndef HY_CLI_DRILL_CONCERN_H
#define HY_CLI_DRILL_CONCERN_H

#include "alerter/rule_set.h"
#include "common/base/err.h"
#include "common/base/time.h"
#include "common/sys/content_id.h"
#include "common/sys/msg.h"

#define HY_DRILL_TITLE_BYTES 256
#define HY_DRILL_TEXT_BYTES 1024

struct hy_drill_concern {
	struct hy_wall at;
	size_t number, reprint_of;	/* reprint_of: itself where it is none */
	const struct hy_topic *topic;
	const struct hy_place *place;	/* NULL: it says nowhere */
	enum hy_severity severity;
	char title[HY_DRILL_TITLE_BYTES], text[HY_DRILL_TEXT_BYTES];
};

/*
 * The concern that begins after `earlier` began: `earlier` are all so far, in order. MALFORMED
 * where the rules have no topic that holds then.
 */
struct hy_drill_month {
	const struct hy_rule_set *rules;
	uint64_t seed;
	double a_day;
	struct hy_wall from;
};
enum hy_err hy_drill_concern_next(const struct hy_drill_month *month,
				  const struct hy_drill_concern *earlier, size_t count,
				  struct hy_drill_concern *out, struct hy_error *e) HY_MUST_CHECK;

/* The ALERT it makes; views into the concern and into `ids`. */
struct hy_drill_ids {
	struct hy_id alert, document;
	struct hy_msg_topic topic;
	struct hy_str place;
};
void hy_drill_concern_alert(const struct hy_drill_concern *concern, uint64_t seed,
			    struct hy_drill_ids *ids, struct hy_msg *out);

#endif
