/* The changes of a roster: leave, swaps and shifts of their own; see roster.h. */
#include "alerter/roster.h"

#include "common/base/mem.h"

#define CHANGE_MAX_MS (366LL * 24 * 3600 * 1000)
#define POST_BYTES 128
#define ALL_DUTIES ((1u << HY_DUTY_COUNT) - 1)

static const struct {
	const char *id, *title;
} kinds[] = {
#define X(name, id, title) {id, title},
	HY_CHANGE_LIST(X)
#undef X
};

static const char *const change_keys[] = {"kind", "unit", "duty", "post", "by", "from",
					  "to",	  "uid",  "note", NULL};

const char *hy_change_id(enum hy_change_kind kind)
{
	return kinds[kind].id;
}

const char *hy_change_title(enum hy_change_kind kind)
{
	return kinds[kind].title;
}

static bool read_kind(const struct hy_yaml_node *entry, struct hy_findings *findings,
		      struct hy_roster_change *change)
{
	struct hy_str word;

	if (!hy_yaml_read_text(entry, "kind", true, findings, &word))
		return false;
	for (size_t i = 0; i < HY_COUNT(kinds); i++) {
		if (hy_str_eq_c(word, kinds[i].id)) {
			change->kind = (enum hy_change_kind)i;
			return true;
		}
	}
	hy_yaml_finding(hy_yaml_get(entry, "kind"), findings,
			"应为 leave（请假）、swap（换班）或 shift（加班）");
	return false;
}

static bool read_post(const struct hy_yaml_node *entry, const char *key,
		      struct hy_findings *findings, struct hy_str *out)
{
	if (!hy_yaml_read_text(entry, key, true, findings, out))
		return false;
	if (out->n && out->n <= POST_BYTES && hy_str_find(*out, HY_STR_LIT("/"), 0) == SIZE_MAX)
		return true;
	hy_yaml_finding(hy_yaml_get(entry, key), findings,
			"岗位名不能为空、不能含“/”、不超过 %d 字节", POST_BYTES);
	return false;
}

static bool read_duty(const struct hy_yaml_node *entry, struct hy_findings *findings,
		      struct hy_roster_change *change)
{
	struct hy_str word;

	change->duties = change->kind == HY_CHANGE_SHIFT ? 1u << HY_DUTY_OFFICER : ALL_DUTIES;
	if (!hy_yaml_get(entry, "duty"))
		return true;
	if (!hy_yaml_read_text(entry, "duty", true, findings, &word))
		return false;
	for (int duty = 0; duty < HY_DUTY_COUNT; duty++) {
		if (hy_str_eq_c(word, hy_duty_id((enum hy_duty)duty))) {
			change->duties = 1u << duty;
			return true;
		}
	}
	hy_yaml_finding(hy_yaml_get(entry, "duty"), findings,
			"应为 officer（值班员）或 leader（带班领导）");
	return false;
}

static bool read_span(const struct hy_yaml_node *entry, struct hy_findings *findings,
		      struct hy_roster_change *change)
{
	if (!hy_yaml_get(entry, "from") || !hy_yaml_get(entry, "to")) {
		hy_yaml_finding(entry, findings, "必须写明 from（从何时）和 to（到何时）");
		return false;
	}
	if (!hy_yaml_read_wall(entry, "from", findings, &change->from) ||
	    !hy_yaml_read_wall(entry, "to", findings, &change->to))
		return false;
	if (change->to.ms > change->from.ms && change->to.ms - change->from.ms <= CHANGE_MAX_MS)
		return true;
	hy_yaml_finding(hy_yaml_get(entry, "to"), findings, "“to”应晚于“from”，不超过一年");
	return false;
}

static const struct hy_roster_plan *plan_of(const struct hy_roster *roster,
					    const struct hy_unit *unit)
{
	for (size_t i = 0; i < roster->count; i++) {
		if (roster->plan[i].unit == unit)
			return &roster->plan[i];
	}
	return NULL;
}

bool hy_roster_has_post(const struct hy_roster_plan *plan, enum hy_duty duty, struct hy_str post)
{
	for (size_t i = 0; i < plan->shift_count[duty]; i++) {
		const struct hy_shift *shift = &plan->shift[duty][i];

		for (size_t k = 0; k < shift->post_count; k++) {
			if (hy_str_eq(shift->posts[k], post))
				return true;
		}
	}
	return false;
}

/* Who never takes a turn cannot be away from one: most likely the name is misspelt. */
static bool check_post(const struct hy_roster *roster, const struct hy_yaml_node *entry,
		       struct hy_findings *findings, const struct hy_roster_change *change)
{
	const struct hy_roster_plan *plan = plan_of(roster, change->unit);

	if (!plan) {
		const struct hy_yaml_node *unit = hy_yaml_get(entry, "unit");

		hy_yaml_finding(unit ? unit : entry, findings, "“%.*s”没有单独排班，应写 default",
				HY_STR_ARGS(change->unit ? change->unit->id : HY_STR_LIT("default")));
		return false;
	}
	if (change->kind == HY_CHANGE_SHIFT)
		return true;
	for (int duty = 0; duty < HY_DUTY_COUNT; duty++) {
		if ((change->duties & (1u << duty)) &&
		    hy_roster_has_post(plan, (enum hy_duty)duty, change->post))
			return true;
	}
	hy_yaml_finding(hy_yaml_get(entry, "post"), findings, "这份排班里没有岗位“%.*s”",
			HY_STR_ARGS(change->post));
	return false;
}

static bool read_unit(const struct hy_units *units, const struct hy_yaml_node *entry,
		      struct hy_findings *findings, struct hy_roster_change *change)
{
	struct hy_str word = HY_STR_LIT("default");

	(void)hy_yaml_read_text(entry, "unit", false, findings, &word);
	if (hy_str_eq_c(word, "default"))
		return true;
	change->unit = hy_units_read(units, entry, "unit", 0, findings);
	return change->unit != NULL;
}

static bool read_change(const struct hy_roster *roster, const struct hy_yaml_node *entry,
			const struct hy_units *units, struct hy_findings *findings,
			struct hy_roster_change *out)
{
	*out = (struct hy_roster_change){.at = entry};
	if (!hy_yaml_is_mapping(entry)) {
		hy_yaml_finding(entry, findings, "每条变动应写成“键: 值”");
		return false;
	}
	(void)hy_yaml_known_keys(entry, change_keys, findings);
	if (!read_kind(entry, findings, out) || !read_unit(units, entry, findings, out) ||
	    !read_duty(entry, findings, out) || !read_post(entry, "post", findings, &out->post) ||
	    !read_span(entry, findings, out))
		return false;
	(void)hy_yaml_read_text(entry, "uid", false, findings, &out->uid);
	if (out->uid.n > HY_CHANGE_UID_BYTES)
		hy_yaml_finding(hy_yaml_get(entry, "uid"), findings, "uid 不超过 %d 字节",
				HY_CHANGE_UID_BYTES);
	if (out->kind == HY_CHANGE_SWAP && !read_post(entry, "by", findings, &out->by))
		return false;
	if (out->kind != HY_CHANGE_SWAP && hy_yaml_get(entry, "by"))
		hy_yaml_finding(hy_yaml_get(entry, "by"), findings, "只有换班（swap）写 by");
	return check_post(roster, entry, findings, out);
}

void hy_roster_read_changes(struct hy_roster *roster, const struct hy_yaml *file,
			    const struct hy_units *units, struct hy_findings *findings)
{
	const struct hy_yaml_node *root = hy_yaml_root(file), *list = hy_yaml_get(root, "changes");

	if (!list || (hy_yaml_is_scalar(list) && hy_yaml_text(list).n == 0))
		return;
	if (!hy_yaml_is_sequence(list) ||
	    hy_yaml_count(list) + roster->change_count > HY_ROSTER_CHANGES_MAX) {
		hy_yaml_finding(list, findings, "“changes”应为列表，不超过 %d 条",
				HY_ROSTER_CHANGES_MAX);
		return;
	}
	roster->change = hy_grow(roster->change, &roster->change_cap,
				 roster->change_count + hy_yaml_count(list) + 1,
				 sizeof *roster->change);
	for (size_t i = 0; i < hy_yaml_count(list); i++) {
		struct hy_roster_change *change = &roster->change[roster->change_count];

		if (read_change(roster, hy_yaml_item(list, i), units, findings, change))
			roster->change_count++;
	}
}

bool hy_roster_change_covers(const struct hy_roster_change *change,
			     const struct hy_roster_plan *plan, enum hy_duty duty,
			     struct hy_wall at)
{
	return change->unit == plan->unit && (change->duties & (1u << duty)) &&
	       change->from.ms <= at.ms && at.ms < change->to.ms;
}
