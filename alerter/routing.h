/*
 * Routing: exactly one lead unit for a concern, with the reasons in words.
 *
 * Precedence (design section 8): explicit rows, the drafter of a policy that is watched
 * (谁起草谁解读), topic+place rows, topic (a row, else the unit that holds the topic's owner role:
 * 谁主管谁负责), place (a row, else the place's unit: 属地管理), fallback.
 *
 * Where the places of a concern are claimed by several units in the class that decides, none of
 * them leads: their nearest common superior by `parent` does, and they assist (国办发〔2016〕61号:
 * 涉及多个地方的，上级政府主管部门是第一责任主体). Where a department leads, the units of the places
 * assist. Severity names the supervisor (分级负责); nobody supervises himself.
 */
#ifndef HY_ALERTER_ROUTING_H
#define HY_ALERTER_ROUTING_H

#include <stddef.h>

#include "alerter/routes.h"
#include "alerter/rule_set.h"
#include "alerter/units.h"
#include "common/base/buf.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/severity.h"

#define HY_ASSIST_MAX 32
#define HY_BECAUSE_BYTES (256u << 10)

struct hy_routing_query {
	const struct hy_str *topics;	/* the strongest first; may be unknown or none */
	size_t topic_count;
	const struct hy_str *places;
	size_t place_count;
	/* Of the policy that it reacts to: the first named leads, who drafted with it assists. */
	const struct hy_unit *const *drafters;
	size_t drafter_count;			/* 0: none is concerned */
	struct hy_str policy;			/* its title */
	enum hy_severity severity;
	struct hy_wall at;
};

struct hy_routing {
	enum hy_route_class class;
	const struct hy_route *row;	/* NULL where no row decided, or several did */
	const struct hy_unit *lead;	/* never NULL with a proved rule set */
	const struct hy_unit *assist[HY_ASSIST_MAX];
	size_t assist_count;
	const struct hy_unit *supervisor;	/* NULL only where nobody else is left */
	struct hy_buf because;		/* Chinese sentences, one a line */
};

/* Never fails: whatever nothing claims goes to the fallback. Units are borrowed from rules. */
void hy_routing_decide(const struct hy_rule_set *rules, const struct hy_routing_query *query,
		       struct hy_routing *out);
void hy_routing_fini(struct hy_routing *routing);

#endif
