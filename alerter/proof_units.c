/* The part of the proof about units that end, and who refers to them; see proof.h. */
#include "alerter/proof.h"

#include "alerter/drafter.h"
#include "alerter/routing.h"
#include "common/base/mem.h"

/* Who refers to a unit, for as long as the reference itself holds. */
struct reference {
	const struct hy_unit *unit;
	struct hy_validity valid;
	const struct hy_yaml_node *at;
};

/* At the first moment at which the reference holds and the unit does not; unknown: never. */
static struct hy_wall broken_at(const struct reference *r, const struct hy_moments *moments)
{
	for (size_t i = 0; i < moments->count; i++) {
		if (hy_validity_covers(&r->valid, moments->item[i]) &&
		    !hy_validity_covers(&r->unit->valid, moments->item[i]))
			return moments->item[i];
	}
	return HY_WALL_NONE;
}

static void prove_reference(const struct reference *r, const struct hy_moments *moments,
			    struct hy_findings *findings, const char *what)
{
	struct hy_wall at = broken_at(r, moments);
	char when[HY_RFC3339_BYTES];

	if (hy_wall_known(at))
		hy_yaml_finding(r->at, findings, "%s“%.*s”（%.*s）在 %s 不在有效期内", what,
				HY_STR_ARGS(r->unit->id), HY_STR_ARGS(r->unit->name),
				hy_wall_format(at, when));
}

static const struct hy_yaml_node *key_or_entry(const struct hy_yaml_node *entry, const char *key)
{
	const struct hy_yaml_node *at = hy_yaml_get(entry, key);

	return at ? at : entry;
}

static void prove_parents(const struct hy_rule_set *rules, const struct hy_moments *moments,
			  struct hy_findings *findings)
{
	for (size_t i = 0; i < rules->units->count; i++) {
		const struct hy_unit *unit = &rules->units->item[i];
		const struct reference r = {unit->parent, unit->valid,
					    key_or_entry(unit->at, "parent")};

		if (unit->parent)
			prove_reference(&r, moments, findings, "上级单位");
	}
}

/* A row for the place names who follows its unit from then on. */
static bool row_covers(const struct hy_rule_set *rules, const struct hy_place *place,
		       struct hy_wall at)
{
	bool covers = true;

	for (int s = 0; s < HY_SEVERITY_COUNT && covers; s++) {
		struct hy_routing_query query = {.places = &place->id, .place_count = 1,
						 .severity = (enum hy_severity)s, .at = at};
		struct hy_routing routing;

		hy_routing_decide(rules, &query, &routing);
		covers = routing.row != NULL;
		hy_routing_fini(&routing);
	}
	return covers;
}

static void prove_place_unit(const struct hy_rule_set *rules, const struct hy_place *place,
			     const struct reference *r, const struct hy_moments *moments,
			     struct hy_findings *findings)
{
	for (size_t i = 0; i < moments->count; i++) {
		const struct hy_moments one = {.item = &moments->item[i], .count = 1};

		if (!hy_wall_known(broken_at(r, &one)) ||
		    row_covers(rules, place, moments->item[i]))
			continue;
		prove_reference(r, &one, findings, "属地单位");
		return;
	}
}

static void prove_place(const struct hy_rule_set *rules, const struct hy_place *place,
			const struct hy_moments *moments, struct hy_findings *findings)
{
	const struct reference r = {hy_units_get(rules->units, place->unit),
				    {place->valid_from, place->valid_to},
				    key_or_entry(place->node, "unit")};

	if (!place->unit.n)
		return;
	if (!r.unit)
		hy_yaml_finding(r.at, findings, "没有单位“%.*s”", HY_STR_ARGS(place->unit));
	else
		prove_place_unit(rules, place, &r, moments, findings);
}

static void prove_row(const struct hy_route *row, const struct hy_moments *moments,
		      struct hy_findings *findings)
{
	for (size_t i = 0; i < row->assist_count; i++) {
		const struct reference r = {row->assist[i], row->valid,
					    key_or_entry(row->at, "assist")};

		if (row->assist[i] == row->lead)
			hy_yaml_finding(r.at, findings, "主办单位“%.*s”不能又是协办单位",
					HY_STR_ARGS(row->lead->id));
		else
			prove_reference(&r, moments, findings, "协办单位");
	}
}

/* Who drafted a policy explains it for as long as it is watched. */
static void prove_drafter(const struct hy_rule_set *rules, const struct hy_policy *policy,
			  const struct hy_moments *moments, struct hy_findings *findings)
{
	const struct hy_validity valid = {policy->valid_from, policy->valid_to};
	char when[HY_RFC3339_BYTES];
	enum hy_role role;

	/* One that is no unit and no role has its finding already. */
	if (!hy_units_get(rules->units, policy->drafter) && !hy_role_parse(policy->drafter, &role))
		return;
	for (size_t i = 0; i < moments->count; i++) {
		if (!hy_validity_covers(&valid, moments->item[i]) ||
		    hy_drafter_of(rules->units, policy, moments->item[i]))
			continue;
		hy_yaml_finding(key_or_entry(policy->node, "drafter"), findings,
				"政策“%.*s”的起草单位“%.*s”在 %s 没有在用的单位", HY_STR_ARGS(policy->id),
				HY_STR_ARGS(policy->drafter), hy_wall_format(moments->item[i], when));
		return;
	}
}

static void prove_always(const struct hy_unit *unit, const struct hy_yaml_node *at,
			 const struct hy_moments *moments, struct hy_findings *findings)
{
	const struct reference r = {unit, {HY_WALL_NONE, HY_WALL_NONE}, at};

	if (unit)
		prove_reference(&r, moments, findings, "单位");
}

void hy_proof_units(const struct hy_rule_set *rules, const struct hy_moments *moments,
		    struct hy_findings *findings)
{
	const struct hy_yaml_node *root = hy_yaml_root(rules->routes->file);
	const struct hy_yaml_node *supervisors = key_or_entry(root, "supervisors");

	prove_always(rules->routes->fallback, key_or_entry(root, "fallback"), moments, findings);
	for (int i = 0; i < HY_SEVERITY_COUNT; i++)
		prove_always(rules->routes->supervisor[i],
			     key_or_entry(supervisors, hy_severity_id((enum hy_severity)i)), moments,
			     findings);
	prove_parents(rules, moments, findings);
	for (size_t i = 0; i < hy_places_count(rules->places); i++)
		prove_place(rules, hy_places_at(rules->places, i), moments, findings);
	for (size_t i = 0; i < hy_policies_count(rules->policies); i++)
		prove_drafter(rules, hy_policies_at(rules->policies, i), moments, findings);
	for (size_t i = 0; i < rules->routes->count; i++)
		prove_row(&rules->routes->item[i], moments, findings);
}
