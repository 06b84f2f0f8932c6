/* The part of the proof about who is on duty and which limits apply; see proof.h. */
#include "alerter/proof.h"

#include <stdlib.h>

#include "common/base/mem.h"

#define DAY_MS (24LL * 3600 * 1000)
#define GAPS_SHOWN 10	/* per plan and duty: a weekly hole would repeat itself */

struct duty_proof {
	const struct hy_rule_set *rules;
	struct hy_findings *findings;
	struct hy_wall from, to;
};

/* The leave that made the gap: there is where it can be mended. NULL where none did. */
static const struct hy_yaml_node *leave_at(const struct hy_roster *roster,
					   const struct hy_roster_plan *plan, enum hy_duty duty,
					   struct hy_wall at)
{
	for (size_t i = 0; i < roster->change_count; i++) {
		const struct hy_roster_change *change = &roster->change[i];

		if (change->kind == HY_CHANGE_LEAVE &&
		    hy_roster_change_covers(change, plan, duty, at))
			return change->at;
	}
	return NULL;
}

static void report_gap(const struct duty_proof *p, const struct hy_roster_plan *plan,
		       enum hy_duty duty, const struct hy_roster_span *gap)
{
	char from[HY_RFC3339_BYTES], to[HY_RFC3339_BYTES];
	struct hy_str name = plan->unit ? plan->unit->name : HY_STR_LIT("默认排班");
	const struct hy_yaml_node *at = leave_at(p->rules->roster, plan, duty, gap->from);

	if (!at)
		at = hy_yaml_get(plan->at, hy_duty_id(duty));
	hy_yaml_finding(at ? at : plan->at, p->findings, "%.*s的%s有空档：%s 至 %s",
			HY_STR_ARGS(name), hy_duty_title(duty), hy_wall_format(gap->from, from),
			hy_wall_format(gap->to, to));
}

/* `unit` is any unit that uses the plan, in force during the span. */
static void prove_plan(const struct duty_proof *p, const struct hy_unit *unit,
		       const struct hy_roster_span *span)
{
	const struct hy_roster_plan *plan = hy_roster_plan(p->rules->roster, unit);

	for (int duty = 0; duty < HY_DUTY_COUNT; duty++) {
		struct hy_roster_span rest = *span, gap;

		for (int shown = 0; shown < GAPS_SHOWN; shown++) {
			if (!hy_roster_gap(p->rules->roster, unit, (enum hy_duty)duty, &rest,
					   &gap))
				break;
			report_gap(p, plan, (enum hy_duty)duty, &gap);
			rest.from = gap.to;
		}
	}
}

static void prove_rosters(const struct duty_proof *p)
{
	const struct hy_units *units = p->rules->units;
	bool default_proved = false;

	for (size_t i = 0; i < units->count; i++) {
		const struct hy_unit *unit = &units->item[i];
		const struct hy_roster_plan *plan = hy_roster_plan(p->rules->roster, unit);
		struct hy_validity horizon = {p->from, p->to};
		struct hy_roster_span span = {p->from, p->to};

		if (!plan || !unit->id.n || !hy_validity_overlap(&unit->valid, &horizon))
			continue;
		if (plan->unit) {
			if (hy_wall_known(unit->valid.from) && unit->valid.from.ms > span.from.ms)
				span.from = unit->valid.from;
			if (hy_wall_known(unit->valid.to) && unit->valid.to.ms < span.to.ms)
				span.to = unit->valid.to;
		} else if (default_proved) {
			continue;
		} else {
			default_proved = true;
		}
		prove_plan(p, unit, &span);
	}
}

static void prove_plans(const struct duty_proof *p)
{
	const struct hy_units *units = p->rules->units;

	for (size_t i = 0; i < units->count; i++) {
		const struct hy_unit *unit = &units->item[i];
		struct hy_validity horizon = {p->from, p->to};

		if (unit->id.n && hy_validity_overlap(&unit->valid, &horizon) &&
		    !hy_roster_plan(p->rules->roster, unit))
			hy_yaml_finding(unit->at, p->findings, "单位“%.*s”没有排班，也没有默认排班",
					HY_STR_ARGS(unit->id));
	}
}

/* An unknown topic is routed too, and needs its limits: it stands for "*" alone. */
static void mark_use(const struct duty_proof *p, struct hy_str topic, bool *used,
		     bool told[HY_SEVERITY_COUNT])
{
	const struct hy_presets *presets = p->rules->presets;

	for (int s = 0; s < HY_SEVERITY_COUNT; s++) {
		const struct hy_preset_use *use = hy_presets_use(presets, topic,
								 (enum hy_severity)s);

		if (use)
			used[use - presets->use] = true;
		else if (!told[s])
			hy_yaml_finding(hy_yaml_root(presets->file), p->findings,
					"议题“%.*s”、等级%s没有适用的时限", HY_STR_ARGS(topic),
					hy_severity_title((enum hy_severity)s));
		told[s] |= !use;
	}
}

static void prove_presets(const struct duty_proof *p)
{
	const struct hy_presets *presets = p->rules->presets;
	hy_cleanup(hy_free_p) bool *used = hy_xcalloc(presets->use_count + 1, sizeof *used);
	bool told[HY_SEVERITY_COUNT] = {false};

	mark_use(p, (struct hy_str){0}, used, told);
	for (size_t i = 0; i < hy_topics_count(p->rules->topics); i++)
		mark_use(p, hy_topics_at(p->rules->topics, i)->id, used, told);
	for (size_t i = 0; i < presets->use_count; i++) {
		const struct hy_preset_use *use = &presets->use[i];

		struct hy_str topic = use->topic;

		if (hy_topics_resolve(p->rules->topics, use->at, p->findings, &topic) && !used[i])
			hy_yaml_finding(use->at, p->findings,
					"这一条永远不会生效：前面的条目已全部占去");
	}
}

void hy_proof_duty(const struct hy_rule_set *rules, struct hy_wall from,
		   struct hy_findings *findings)
{
	struct duty_proof p = {rules, findings, from,
			       hy_wall_add_ms(from, HY_PROOF_ROSTER_DAYS * DAY_MS)};

	prove_plans(&p);
	prove_presets(&p);
	if (rules->channels->count == 0)
		hy_yaml_finding(hy_yaml_root(rules->channels->file), findings,
				"没有任何通知通道");
}

void hy_proof_gaps(const struct hy_rule_set *rules, struct hy_wall from,
		   struct hy_findings *findings)
{
	struct duty_proof p = {rules, findings, from,
			       hy_wall_add_ms(from, HY_PROOF_ROSTER_DAYS * DAY_MS)};

	prove_rosters(&p);
}
