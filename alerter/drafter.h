/*
 * Who drafted a policy explains it (谁起草谁解读): the unit that a policy file names, or the one that
 * holds the role it names.
 */
#ifndef HY_ALERTER_DRAFTER_H
#define HY_ALERTER_DRAFTER_H

#include "alerter/units.h"
#include "common/base/time.h"
#include "common/rules/policies.h"
#include "common/sys/msg.h"
#include "common/sys/yaml.h"

/* NULL where the unit is not in force then, or nobody holds the role. */
const struct hy_unit *hy_drafter_of(const struct hy_units *units, const struct hy_policy *policy,
				    struct hy_wall at);

/* Who answers for an alert as a reaction: the first of its policies whose drafter is there. */
struct hy_drafting {
	const struct hy_policy *policy;		/* NULL: none */
	const struct hy_unit *drafter;
};
struct hy_drafting hy_drafter_of_alert(const struct hy_units *units,
				       const struct hy_policies *policies,
				       const struct hy_msg_alert *alert, struct hy_wall at);

/* A drafter that is neither a unit nor a role is a finding. */
void hy_drafters_check(const struct hy_units *units, const struct hy_policies *policies,
		       struct hy_findings *findings);

#endif
