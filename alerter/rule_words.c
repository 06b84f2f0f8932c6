#include "alerter/rule_words.h"

#include <stdlib.h>

#include "alerter/drafter.h"
#include "common/base/mem.h"

#define SEPARATOR "："
#define MINUTE_MS 60000
#define HOUR_MS (60 * MINUTE_MS)
#define DATE_BYTES 10

static const char *const kinds[HY_UNIT_KIND_COUNT] = {
	[HY_UNIT_COMMITTEE] = "管委会", [HY_UNIT_DEPARTMENT] = "部门", [HY_UNIT_STREET] = "街道",
	[HY_UNIT_PARK] = "园区", [HY_UNIT_AGENCY] = "派驻机构",
};
static const char *const measures[HY_MEASURE_COUNT] = {
	[HY_MEASURE_NATURAL] = "自然时", [HY_MEASURE_WORKING] = "工作时",
	[HY_MEASURE_WORKDAYS] = "工作日，24 小时为一日",
};

static void add_list_start(struct hy_buf *out, bool *listed)
{
	hy_buf_add_c(out, *listed ? "、" : "");
	*listed = true;
}

/* A date where it begins a day, as it is mostly written. */
static void add_moment(struct hy_buf *out, struct hy_wall at)
{
	char text[HY_RFC3339_BYTES];
	struct hy_str all = hy_str_of(hy_wall_format(at, text));

	hy_buf_add_str(out, hy_day_start(at).ms == at.ms ? hy_str_sub(all, 0, DATE_BYTES) : all);
}

static void add_validity(struct hy_buf *out, const struct hy_validity *valid)
{
	if (hy_wall_known(valid->from)) {
		hy_buf_add_c(out, "，自 ");
		add_moment(out, valid->from);
	}
	if (hy_wall_known(valid->to)) {
		hy_buf_add_c(out, "，至 ");
		add_moment(out, valid->to);
		hy_buf_add_c(out, "（不含）");
	}
}

static void add_severities(struct hy_buf *out, unsigned severities)
{
	bool listed = false;

	if (severities == HY_RULE_ALL_SEVERITIES)
		return;
	hy_buf_add_c(out, "，等级 ");
	for (int s = 0; s < HY_SEVERITY_COUNT; s++) {
		if (!(severities & (1u << s)))
			continue;
		add_list_start(out, &listed);
		hy_buf_add_c(out, hy_severity_title((enum hy_severity)s));
	}
}

static void add_row(struct hy_buf *out, const struct hy_route *row)
{
	bool listed = false;

	hy_buf_addf(out, "路由 %.*s" SEPARATOR "%s", HY_STR_ARGS(row->id),
		    hy_route_class_title(row->class));
	if (row->topic.n)
		hy_buf_addf(out, "，议题 %.*s", HY_STR_ARGS(row->topic));
	if (row->place.n)
		hy_buf_addf(out, "，地点 %.*s", HY_STR_ARGS(row->place));
	add_severities(out, row->severities);
	hy_buf_addf(out, "，由 %.*s 主办", HY_STR_ARGS(row->lead->id));
	if (row->assist_count)
		hy_buf_add_c(out, "，协办 ");
	for (size_t i = 0; i < row->assist_count; i++) {
		add_list_start(out, &listed);
		hy_buf_add_str(out, row->assist[i]->id);
	}
	hy_buf_addf(out, "，依据 %.*s", HY_STR_ARGS(row->basis));
	add_validity(out, &row->valid);
	hy_buf_add_char(out, '\n');
}

/* Where a row stands among those of its class decides as well. */
static void add_class(struct hy_buf *out, const struct hy_routes *routes,
		      enum hy_route_class class)
{
	size_t count = 0;

	for (size_t i = 0; i < routes->count; i++) {
		if (routes->item[i].class != class)
			continue;
		add_row(out, &routes->item[i]);
		count++;
	}
	if (count < 2)
		return;
	hy_buf_addf(out, "次序 %s" SEPARATOR, hy_route_class_title(class));
	for (size_t i = 0, n = 0; i < routes->count; i++) {
		if (routes->item[i].class == class)
			hy_buf_addf(out, "%s%.*s", n++ ? "，" : "", HY_STR_ARGS(routes->item[i].id));
	}
	hy_buf_add_char(out, '\n');
}

/* Classes by precedence, in each the rows as they are tried. */
static void add_routes(struct hy_buf *out, const struct hy_routes *routes)
{
	for (int class = 0; class < HY_ROUTE_CLASS_COUNT; class++)
		add_class(out, routes, (enum hy_route_class)class);
	hy_buf_addf(out, "兜底" SEPARATOR "%.*s\n", HY_STR_ARGS(routes->fallback->id));
	for (int s = 0; s < HY_SEVERITY_COUNT; s++)
		hy_buf_addf(out, "督办 %s" SEPARATOR "%.*s\n", hy_severity_title((enum hy_severity)s),
			    HY_STR_ARGS(routes->supervisor[s]->id));
}

static void add_units(struct hy_buf *out, const struct hy_units *units)
{
	for (size_t i = 0; i < units->count; i++) {
		const struct hy_unit *unit = &units->item[i];
		bool listed = false;

		hy_buf_addf(out, "单位 %.*s" SEPARATOR "%.*s，%s", HY_STR_ARGS(unit->id),
			    HY_STR_ARGS(unit->name), kinds[unit->kind]);
		if (unit->parent)
			hy_buf_addf(out, "，上级 %.*s", HY_STR_ARGS(unit->parent->id));
		for (int role = 0; role < HY_ROLE_COUNT; role++) {
			if (!(unit->roles & (1u << role)))
				continue;
			hy_buf_add_c(out, listed ? "" : "，职责 ");
			add_list_start(out, &listed);
			hy_buf_add_c(out, hy_role_title((enum hy_role)role));
		}
		if (unit->phone.n)
			hy_buf_addf(out, "，值班电话 %.*s", HY_STR_ARGS(unit->phone));
		for (size_t k = 0; k < unit->contact_count; k++)
			hy_buf_addf(out, "，%.*s %.*s", HY_STR_ARGS(unit->contact[k].post),
				    HY_STR_ARGS(unit->contact[k].phone));
		add_validity(out, &unit->valid);
		hy_buf_add_char(out, '\n');
	}
}

static void add_places(struct hy_buf *out, const struct hy_places *places)
{
	for (size_t i = 0; i < hy_places_count(places); i++) {
		const struct hy_place *place = hy_places_at(places, i);
		const struct hy_validity valid = {place->valid_from, place->valid_to};

		hy_buf_addf(out, "地点 %.*s" SEPARATOR "%.*s", HY_STR_ARGS(place->id),
			    HY_STR_ARGS(place->name));
		if (place->parent.n)
			hy_buf_addf(out, "，属于 %.*s", HY_STR_ARGS(place->parent));
		if (place->unit.n)
			hy_buf_addf(out, "，属地单位 %.*s", HY_STR_ARGS(place->unit));
		add_validity(out, &valid);
		hy_buf_add_char(out, '\n');
	}
}

static void add_topics(struct hy_buf *out, const struct hy_topics *topics)
{
	for (size_t i = 0; i < hy_topics_count(topics); i++) {
		const struct hy_topic *topic = hy_topics_at(topics, i);
		const struct hy_validity valid = {topic->valid_from, topic->valid_to};
		enum hy_role role;

		hy_buf_addf(out, "议题 %.*s" SEPARATOR "%.*s，归口 %s，%s", HY_STR_ARGS(topic->id),
			    HY_STR_ARGS(topic->title),
			    hy_role_parse(topic->owner, &role) ? hy_role_title(role) : "",
			    hy_severity_title(topic->severity));
		add_validity(out, &valid);
		hy_buf_add_char(out, '\n');
	}
}

static void add_policies(struct hy_buf *out, const struct hy_policies *policies)
{
	for (size_t i = 0; i < hy_policies_count(policies); i++) {
		const struct hy_policy *policy = hy_policies_at(policies, i);
		const struct hy_validity valid = {policy->valid_from, policy->valid_to};

		hy_buf_addf(out, "政策 %.*s" SEPARATOR "《%.*s》，起草 %.*s", HY_STR_ARGS(policy->id),
			    HY_STR_ARGS(policy->title), HY_STR_ARGS(policy->drafter));
		add_validity(out, &valid);
		hy_buf_add_char(out, '\n');
	}
}

static void add_length(struct hy_buf *out, int64_t ms)
{
	if (ms % HOUR_MS == 0)
		hy_buf_addf(out, "%lld 小时", (long long)(ms / HOUR_MS));
	else if (ms % MINUTE_MS == 0)
		hy_buf_addf(out, "%lld 分钟", (long long)(ms / MINUTE_MS));
	else
		hy_buf_addf(out, "%lld 秒", (long long)(ms / 1000));
}

static void add_presets(struct hy_buf *out, const struct hy_presets *presets)
{
	for (size_t i = 0; i < presets->count; i++) {
		const struct hy_preset *preset = &presets->item[i];

		hy_buf_addf(out, "时限 %.*s" SEPARATOR "%s，", HY_STR_ARGS(preset->id),
			    hy_ladder_title(preset->ladder));
		add_length(out, preset->limit_ms);
		hy_buf_addf(out, "（%s）", measures[preset->measure]);
		if (preset->extension_ms) {
			hy_buf_add_c(out, "，最多延长 ");
			add_length(out, preset->extension_ms);
		}
		hy_buf_addf(out, "，依据 %.*s\n", HY_STR_ARGS(preset->basis));
	}
}

static void add_outlets(struct hy_buf *out, const struct hy_outlets *outlets)
{
	if (outlets->media)
		hy_buf_addf(out, "媒体 主流" SEPARATOR "报道的至少为%s\n",
			    hy_severity_title(outlets->mainstream));
	for (size_t i = 0; i < outlets->spread_count; i++) {
		const struct hy_spread *step = &outlets->spread[i];

		hy_buf_addf(out, "传播 第 %zu 步" SEPARATOR, i + 1);
		add_length(out, step->span_ms);
		hy_buf_add_c(out, "内同一件事");
		if (step->outlets)
			hy_buf_addf(out, "有 %lld 家媒体报道", (long long)step->outlets);
		if (step->burst)
			hy_buf_addf(out, "%s稿件达到议题平时的 %lld 倍", step->outlets ? "、" : "",
				    (long long)step->burst);
		hy_buf_addf(out, "，至少为%s\n", hy_severity_title(step->severity));
	}
}

static void add_clock(struct hy_buf *out, int64_t ms)
{
	int64_t minutes = ms / MINUTE_MS % (24 * 60);

	hy_buf_addf(out, "%02lld:%02lld", (long long)(minutes / 60), (long long)(minutes % 60));
}

static void add_shift(struct hy_buf *out, const struct hy_shift *shift)
{
	const struct hy_validity valid = {shift->since, shift->until};
	bool listed = false;

	add_clock(out, shift->from_ms);
	hy_buf_add_c(out, " 至 ");
	add_clock(out, shift->from_ms + shift->length_ms);
	hy_buf_addf(out, "，%s轮换，", shift->turn_days == 1 ? "逐日" : "逐周");
	if (shift->days != 0x7f)
		for (int day = 0; day < 7; day++)
			if (shift->days & (1u << day))
				hy_buf_addf(out, "周%d ", day + 1);
	for (size_t i = 0; i < shift->post_count; i++) {
		add_list_start(out, &listed);
		hy_buf_add_str(out, shift->posts[i]);
	}
	add_validity(out, &valid);
	hy_buf_add_char(out, '\n');
}

static struct hy_str plan_name(const struct hy_unit *unit)
{
	return unit ? unit->id : HY_STR_LIT("default");
}

static void add_change(struct hy_buf *out, const struct hy_roster_change *change)
{
	const struct hy_validity valid = {change->from, change->to};

	hy_buf_addf(out, "值班变动 %.*s %s %.*s ", HY_STR_ARGS(plan_name(change->unit)),
		    hy_change_title(change->kind), HY_STR_ARGS(change->post));
	add_moment(out, change->from);
	hy_buf_add_c(out, SEPARATOR);
	for (int duty = 0; duty < HY_DUTY_COUNT; duty++)
		if (change->duties & (1u << duty))
			hy_buf_addf(out, "%s ", hy_duty_title((enum hy_duty)duty));
	if (change->by.n)
		hy_buf_addf(out, "由%.*s替", HY_STR_ARGS(change->by));
	add_validity(out, &valid);
	hy_buf_add_char(out, '\n');
}

static void add_roster(struct hy_buf *out, const struct hy_roster *roster)
{
	for (size_t i = 0; i < roster->count; i++) {
		const struct hy_roster_plan *plan = &roster->plan[i];

		for (int duty = 0; duty < HY_DUTY_COUNT; duty++) {
			for (size_t k = 0; k < plan->shift_count[duty]; k++) {
				hy_buf_addf(out, "值班 %.*s %s 第 %zu 班" SEPARATOR,
					    HY_STR_ARGS(plan_name(plan->unit)),
					    hy_duty_title((enum hy_duty)duty), k + 1);
				add_shift(out, &plan->shift[duty][k]);
			}
		}
	}
	for (size_t i = 0; i < roster->change_count; i++)
		add_change(out, &roster->change[i]);
}

void hy_rule_words(const struct hy_rule_set *rules, struct hy_buf *out)
{
	add_routes(out, rules->routes);
	add_units(out, rules->units);
	add_places(out, rules->places);
	add_topics(out, rules->topics);
	add_policies(out, rules->policies);
	add_outlets(out, rules->outlets);
	add_presets(out, rules->presets);
	add_roster(out, rules->roster);
	hy_case_rules_write(rules->cases, out);
}

/* ---- what changed ---- */

/* A line of a text: its name and all of it. */
struct line {
	struct hy_str name, all;
	size_t number;
};

struct lines {
	struct line *item;
	size_t count, cap;
};

static int by_name(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = hy_str_cmp(x->name, y->name);

	return order ? order : (x->number > y->number) - (x->number < y->number);
}

static void split(struct hy_str text, struct lines *out)
{
	struct hy_str line;

	while (hy_str_next(&text, '\n', &line)) {
		size_t at = hy_str_find(line, HY_STR_LIT(SEPARATOR), 0);

		if (!line.n)
			continue;
		out->item = hy_grow(out->item, &out->cap, out->count + 1, sizeof *out->item);
		out->item[out->count] = (struct line){
			.name = hy_str_sub(line, 0, at == SIZE_MAX ? line.n : at), .all = line,
			.number = out->count};
		out->count++;
	}
	if (out->count)
		qsort(out->item, out->count, sizeof *out->item, by_name);
}

static struct hy_str rest_of(const struct line *line)
{
	size_t n = line->name.n + sizeof SEPARATOR - 1;

	return hy_str_sub(line->all, n, line->all.n);
}

/* A line that only one of both has, or that says something else now. Returns 1 for a change. */
static size_t compare_lines(const struct line *old, const struct line *new, struct hy_buf *out)
{
	struct hy_str was;

	if (!new) {
		hy_buf_addf(out, "撤销 %.*s\n", HY_STR_ARGS(old->all));
	} else if (!old) {
		hy_buf_addf(out, "新增 %.*s\n", HY_STR_ARGS(new->all));
	} else if (hy_str_eq(old->all, new->all)) {
		return 0;
	} else {
		was = rest_of(old);
		hy_buf_addf(out, "改为 %.*s（原为：%.*s）\n", HY_STR_ARGS(new->all),
			    HY_STR_ARGS(was));
	}
	return 1;
}

size_t hy_rule_words_compare(struct hy_str before, struct hy_str now, struct hy_buf *out)
{
	struct lines old = {0}, new = {0};
	size_t i = 0, j = 0, changes = 0;

	split(before, &old);
	split(now, &new);
	while (i < old.count || j < new.count) {
		const struct line *a = i < old.count ? &old.item[i] : NULL;
		const struct line *b = j < new.count ? &new.item[j] : NULL;
		int order = a && b ? hy_str_cmp(a->name, b->name) : 0;

		if (order < 0)
			b = NULL;
		else if (order > 0)
			a = NULL;
		changes += compare_lines(a, b, out);
		i += a != NULL;
		j += b != NULL;
	}
	free(old.item);
	free(new.item);
	return changes;
}
