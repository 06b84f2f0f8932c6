#include "alerter/drafter.h"

#include "common/base/suggest.h"

const struct hy_unit *hy_drafter_of(const struct hy_units *units, const struct hy_policy *policy,
				    struct hy_wall at)
{
	const struct hy_unit *unit = hy_units_get(units, policy->drafter);
	enum hy_role role;

	if (unit)
		return hy_validity_covers(&unit->valid, at) ? unit : NULL;
	return hy_role_parse(policy->drafter, &role) ? hy_units_holder(units, role, at, NULL) : NULL;
}

struct hy_drafting hy_drafter_of_alert(const struct hy_units *units,
				       const struct hy_policies *policies,
				       const struct hy_msg_alert *alert, struct hy_wall at)
{
	for (size_t i = 0; i < alert->policy_count; i++) {
		const struct hy_policy *policy = hy_policies_get(policies, alert->policies[i]);
		const struct hy_unit *drafter = policy ? hy_drafter_of(units, policy, at) : NULL;

		if (drafter)
			return (struct hy_drafting){policy, drafter};
	}
	return (struct hy_drafting){NULL, NULL};
}

static void report(const struct hy_units *units, const struct hy_policy *policy,
		   struct hy_findings *findings)
{
	const struct hy_yaml_node *at = hy_yaml_get(policy->node, "drafter");
	struct hy_suggest near = hy_suggest_for(policy->drafter);

	for (size_t i = 0; i < units->count; i++)
		hy_suggest_offer(&near, units->item[i].id);
	for (int i = 0; i < HY_ROLE_COUNT; i++)
		hy_suggest_offer(&near, hy_str_of(hy_role_id((enum hy_role)i)));
	if (near.best.n)
		hy_yaml_finding(at, findings,
				"起草单位“%.*s”不是 units.yaml 中的单位，也不是职责，是否想写“%.*s”？",
				HY_STR_ARGS(policy->drafter), HY_STR_ARGS(near.best));
	else
		hy_yaml_finding(at, findings, "起草单位“%.*s”不是 units.yaml 中的单位，也不是职责",
				HY_STR_ARGS(policy->drafter));
}

void hy_drafters_check(const struct hy_units *units, const struct hy_policies *policies,
		       struct hy_findings *findings)
{
	for (size_t i = 0; i < hy_policies_count(policies); i++) {
		const struct hy_policy *policy = hy_policies_at(policies, i);
		enum hy_role role;

		if (!hy_units_get(units, policy->drafter) && !hy_role_parse(policy->drafter, &role))
			report(units, policy, findings);
	}
}
