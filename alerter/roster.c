#include "alerter/roster.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/mem.h"

#define ROSTER_FILE "roster.yaml"
#define DAY_MS (24LL * 3600 * 1000)
#define WEEK_DAYS 7
#define SHIFTS_MAX 64	/* of one unit and duty */

static const struct {
	const char *id, *title;
} duties[] = {
#define X(name, id, title) {id, title},
	HY_DUTY_LIST(X)
#undef X
};

static const char *const root_keys[] = {"rosters", "changes", NULL};
static const char *const change_root_keys[] = {"changes", NULL};
static const char *const plan_keys[] = {"unit", "officer", "leader", "note", NULL};
static const char *const shift_keys[] = {"days",  "from", "to",	  "since",
					 "until", "turn", "posts", NULL};

const char *hy_duty_id(enum hy_duty duty)
{
	return duties[duty].id;
}

const char *hy_duty_title(enum hy_duty duty)
{
	return duties[duty].title;
}

/* "08:30" as milliseconds from midnight; "24:00" is the day's end. */
static bool parse_clock(struct hy_str s, int64_t *out_ms)
{
	int64_t hour, minute;

	if (s.n != 5 || s.p[2] != ':' || !hy_str_to_int(hy_str_sub(s, 0, 2), 0, 24, &hour) ||
	    !hy_str_to_int(hy_str_sub(s, 3, 2), 0, 59, &minute) || (hour == 24 && minute > 0))
		return false;
	*out_ms = (hour * 60 + minute) * 60 * 1000;
	return true;
}

static bool read_clock(const struct hy_yaml_node *entry, const char *key,
		       struct hy_findings *findings, int64_t *out_ms)
{
	struct hy_str text;

	if (!hy_yaml_read_text(entry, key, true, findings, &text))
		return false;
	if (parse_clock(text, out_ms))
		return true;
	hy_yaml_finding(hy_yaml_get(entry, key), findings, "时间应写成 \"08:30\"");
	return false;
}

static unsigned read_days(const struct hy_yaml_node *entry, struct hy_findings *findings)
{
	size_t count = hy_rule_word_count(entry, "days");
	unsigned days = 0;

	if (count == 0)
		return (1u << WEEK_DAYS) - 1;
	for (size_t i = 0; i < count; i++) {
		const struct hy_yaml_node *at;
		int64_t day;

		if (hy_str_to_int(hy_rule_word(entry, "days", i, &at), 1, WEEK_DAYS, &day))
			days |= 1u << (day - 1);
		else
			hy_yaml_finding(at, findings, "星期应为 1（周一）到 7（周日）");
	}
	return days;
}

static void read_posts(const struct hy_yaml_node *entry, struct hy_findings *findings,
		       struct hy_shift *shift)
{
	size_t count = hy_rule_word_count(entry, "posts");

	if (count == 0 || count > HY_ROSTER_POSTS_MAX) {
		hy_yaml_finding(entry, findings, "岗位（posts）应有 1 到 %d 个", HY_ROSTER_POSTS_MAX);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct hy_yaml_node *at;
		struct hy_str post = hy_rule_word(entry, "posts", i, &at);

		if (post.n == 0 || post.n > 128 || hy_str_find(post, HY_STR_LIT("/"), 0) != SIZE_MAX)
			hy_yaml_finding(at, findings, "岗位名不能为空、不能含“/”、不超过 128 字节");
		else
			shift->posts[shift->post_count++] = post;
	}
}

static void read_turn(const struct hy_yaml_node *entry, struct hy_findings *findings,
		      struct hy_shift *shift)
{
	struct hy_str turn = HY_STR_LIT("day");

	(void)hy_yaml_read_text(entry, "turn", false, findings, &turn);
	shift->turn_days = hy_str_eq_c(turn, "week") ? WEEK_DAYS : 1;
	if (!hy_str_eq_c(turn, "week") && !hy_str_eq_c(turn, "day"))
		hy_yaml_finding(hy_yaml_get(entry, "turn"), findings,
				"轮换应为 day（逐日）或 week（逐周）");
}

static void read_shift(const struct hy_yaml_node *entry, struct hy_findings *findings,
		       struct hy_shift *shift)
{
	int64_t to_ms = 0;

	shift->at = entry;
	shift->since = shift->until = HY_WALL_NONE;
	if (!hy_yaml_is_mapping(entry)) {
		hy_yaml_finding(entry, findings, "每个班次应写成“键: 值”");
		return;
	}
	(void)hy_yaml_known_keys(entry, shift_keys, findings);
	if (!hy_yaml_get(entry, "since"))
		hy_yaml_finding(entry, findings, "缺少“since”（从哪一天起排班）");
	if (hy_yaml_read_wall(entry, "since", findings, &shift->since) &&
	    (shift->since.ms + HY_CST_OFFSET_MIN * 60000) % DAY_MS != 0)
		hy_yaml_finding(hy_yaml_get(entry, "since"), findings, "“since”应为日期");
	(void)hy_yaml_read_wall(entry, "until", findings, &shift->until);
	shift->days = read_days(entry, findings);
	read_turn(entry, findings, shift);
	read_posts(entry, findings, shift);
	if (read_clock(entry, "from", findings, &shift->from_ms) &&
	    read_clock(entry, "to", findings, &to_ms))
		shift->length_ms = to_ms > shift->from_ms ? to_ms - shift->from_ms
							  : DAY_MS - shift->from_ms + to_ms;
}

static void read_duty(const struct hy_yaml_node *entry, enum hy_duty duty,
		      struct hy_findings *findings, struct hy_roster_plan *plan)
{
	const struct hy_yaml_node *list = hy_yaml_get(entry, duties[duty].id);
	size_t count = hy_yaml_is_sequence(list) ? hy_yaml_count(list) : 0;

	if (!list)
		return;
	if (!hy_yaml_is_sequence(list) || count > SHIFTS_MAX) {
		hy_yaml_finding(list, findings, "“%s”应为班次列表，不超过 %d 个", duties[duty].id,
				SHIFTS_MAX);
		return;
	}
	plan->shift[duty] = hy_xcalloc(count + 1, sizeof **plan->shift);
	for (size_t i = 0; i < count; i++)
		read_shift(hy_yaml_item(list, i), findings, &plan->shift[duty][i]);
	plan->shift_count[duty] = count;
}

static void read_plan(struct hy_roster *roster, const struct hy_yaml_node *entry,
		      const struct hy_units *units, struct hy_findings *findings)
{
	struct hy_roster_plan *plan = &roster->plan[roster->count];
	struct hy_str unit = {0};

	*plan = (struct hy_roster_plan){.at = entry};
	if (!hy_yaml_is_mapping(entry)) {
		hy_yaml_finding(entry, findings, "每份排班应写成“键: 值”");
		return;
	}
	(void)hy_yaml_known_keys(entry, plan_keys, findings);
	if (!hy_yaml_read_text(entry, "unit", true, findings, &unit))
		return;
	if (!hy_str_eq_c(unit, "default")) {
		plan->unit = hy_units_read(units, entry, "unit", 0, findings);
		if (!plan->unit)
			return;
	}
	for (size_t i = 0; i < roster->count; i++) {
		if (roster->plan[i].unit == plan->unit)
			hy_yaml_finding(hy_yaml_get(entry, "unit"), findings,
					"“%.*s”已在第 %d 行排过班", HY_STR_ARGS(unit),
					hy_yaml_line(roster->plan[i].at));
	}
	for (int duty = 0; duty < HY_DUTY_COUNT; duty++)
		read_duty(entry, (enum hy_duty)duty, findings, plan);
	roster->count++;
}

/* The file is there only where changes were imported. */
static enum hy_err open_changes(const char *dir, struct hy_findings *findings,
				struct hy_yaml **out)
{
	char path[HY_RULE_PATH_BYTES];
	int n = snprintf(path, sizeof path, "%s/" HY_ROSTER_CHANGES_FILE, dir);

	if (n < 0 || (size_t)n >= sizeof path)
		return HY_ERR_LIMIT;
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return HY_OK;
	return hy_rule_file_open(dir, HY_ROSTER_CHANGES_FILE, findings, out);
}

enum hy_err hy_roster_load(const char *dir, const struct hy_units *units,
			   struct hy_findings *findings, struct hy_roster **out)
{
	struct hy_roster *roster = hy_xcalloc(1, sizeof *roster);
	const struct hy_yaml_node *list;
	enum hy_err err = hy_rule_file_open(dir, ROSTER_FILE, findings, &roster->file);

	if (err) {
		hy_roster_free(roster);
		return err;
	}
	list = hy_rule_list(roster->file, "rosters", findings);
	if (list) {
		(void)hy_yaml_known_keys(hy_yaml_root(roster->file), root_keys, findings);
		roster->plan = hy_xcalloc(hy_yaml_count(list) + 1, sizeof *roster->plan);
		for (size_t i = 0; i < hy_yaml_count(list); i++)
			read_plan(roster, hy_yaml_item(list, i), units, findings);
	}
	hy_roster_read_changes(roster, roster->file, units, findings);
	err = open_changes(dir, findings, &roster->changes_file);
	if (err) {
		hy_roster_free(roster);
		return err;
	}
	if (roster->changes_file) {
		(void)hy_yaml_known_keys(hy_yaml_root(roster->changes_file), change_root_keys,
					 findings);
		hy_roster_read_changes(roster, roster->changes_file, units, findings);
	}
	*out = roster;
	return HY_OK;
}

void hy_roster_free(struct hy_roster *roster)
{
	if (!roster)
		return;
	for (size_t i = 0; i < roster->count; i++) {
		for (int duty = 0; duty < HY_DUTY_COUNT; duty++)
			free(roster->plan[i].shift[duty]);
	}
	hy_yaml_free(roster->file);
	hy_yaml_free(roster->changes_file);
	free(roster->change);
	free(roster->plan);
	free(roster);
}

const struct hy_roster_plan *hy_roster_plan(const struct hy_roster *roster,
					    const struct hy_unit *unit)
{
	const struct hy_roster_plan *fallback = NULL;

	for (size_t i = 0; i < roster->count; i++) {
		if (roster->plan[i].unit == unit)
			return &roster->plan[i];
		if (!roster->plan[i].unit)
			fallback = &roster->plan[i];
	}
	return fallback;
}

/* Midnight (+08:00) of the day that `at` falls on. */
static struct hy_wall day_of(struct hy_wall at)
{
	int64_t local = at.ms + HY_CST_OFFSET_MIN * 60000;
	int64_t into = local % DAY_MS;

	return (struct hy_wall){at.ms - (into < 0 ? into + DAY_MS : into)};
}

/* Whether the shift starts on that day, and whose turn it is then. */
static bool starts_on(const struct hy_shift *shift, struct hy_wall day, struct hy_str *out_post)
{
	int64_t days;

	if (shift->post_count == 0 || !hy_wall_known(shift->since) || day.ms < shift->since.ms ||
	    (hy_wall_known(shift->until) && day.ms >= shift->until.ms) ||
	    !(shift->days & (1u << (hy_civil_of(day, HY_CST_OFFSET_MIN).weekday - 1))))
		return false;
	days = (day.ms - shift->since.ms) / DAY_MS;
	*out_post = shift->posts[(size_t)(days / shift->turn_days) % shift->post_count];
	return true;
}

/* The end of the shift's run that covers `at`, or unknown. A run starts today or yesterday. */
static struct hy_wall covered_until(const struct hy_shift *shift, struct hy_wall at,
				    struct hy_str *out_post)
{
	struct hy_wall today = day_of(at);

	for (int back = 0; back <= 1; back++) {
		struct hy_wall day = hy_wall_add_ms(today, -back * DAY_MS);
		struct hy_wall from = hy_wall_add_ms(day, shift->from_ms);
		struct hy_wall to = hy_wall_add_ms(from, shift->length_ms);

		if (from.ms <= at.ms && at.ms < to.ms && starts_on(shift, day, out_post))
			return to;
	}
	return HY_WALL_NONE;
}

/* Posts on duty, each once. */
struct present {
	struct hy_str *posts;	/* HY_ROSTER_ON_DUTY_MAX of them */
	size_t count;
};

static void add_present(struct present *present, struct hy_str post)
{
	for (size_t i = 0; i < present->count; i++) {
		if (hy_str_eq(present->posts[i], post))
			return;
	}
	if (present->count < HY_ROSTER_ON_DUTY_MAX)
		present->posts[present->count++] = post;
}

struct question {
	const struct hy_roster *roster;
	const struct hy_roster_plan *plan;
	enum hy_duty duty;
	struct hy_wall at;
};

/* Who stands in for that post: the last swap that is written counts. */
static struct hy_str stand_in(const struct question *q, struct hy_str post)
{
	struct hy_str by = post;

	for (size_t i = 0; i < q->roster->change_count; i++) {
		const struct hy_roster_change *c = &q->roster->change[i];

		if (c->kind == HY_CHANGE_SWAP && hy_str_eq(c->post, post) &&
		    hy_roster_change_covers(c, q->plan, q->duty, q->at))
			by = c->by;
	}
	return by;
}

static bool on_leave(const struct question *q, struct hy_str post)
{
	for (size_t i = 0; i < q->roster->change_count; i++) {
		const struct hy_roster_change *c = &q->roster->change[i];

		if (c->kind == HY_CHANGE_LEAVE && hy_str_eq(c->post, post) &&
		    hy_roster_change_covers(c, q->plan, q->duty, q->at))
			return true;
	}
	return false;
}

static void add_unless_away(const struct question *q, struct hy_str post,
			    struct present *present)
{
	struct hy_str who = stand_in(q, post);

	if (!on_leave(q, who))
		add_present(present, who);
}

size_t hy_roster_who(const struct hy_roster *roster, const struct hy_unit *unit,
		     enum hy_duty duty, struct hy_wall at,
		     struct hy_str out_posts[HY_ROSTER_ON_DUTY_MAX])
{
	struct question q = {roster, hy_roster_plan(roster, unit), duty, at};
	struct present present = {.posts = out_posts};
	struct hy_str post;

	for (size_t i = 0; q.plan && i < q.plan->shift_count[duty]; i++) {
		if (hy_wall_known(covered_until(&q.plan->shift[duty][i], at, &post)))
			add_unless_away(&q, post, &present);
	}
	for (size_t i = 0; q.plan && i < roster->change_count; i++) {
		const struct hy_roster_change *c = &roster->change[i];

		if (c->kind == HY_CHANGE_SHIFT && hy_roster_change_covers(c, q.plan, duty, at))
			add_unless_away(&q, c->post, &present);
	}
	return present.count;
}

void hy_duty_recipient(const struct hy_unit *unit, struct hy_str post, struct hy_buf *out)
{
	hy_buf_add_str(out, unit->id);
	if (post.n) {
		hy_buf_add_char(out, '/');
		hy_buf_add_str(out, post);
	}
}

/* The first start of the shift after `at`; `end` where none comes before it. */
static struct hy_wall next_start(const struct hy_shift *shift, struct hy_wall at,
				 struct hy_wall end)
{
	for (struct hy_wall day = day_of(at); day.ms < end.ms; day = hy_wall_add_ms(day, DAY_MS)) {
		struct hy_wall from = hy_wall_add_ms(day, shift->from_ms);
		struct hy_str post;

		if (from.ms > at.ms && from.ms < end.ms && starts_on(shift, day, &post))
			return from;
	}
	return end;
}

static void take_earlier(struct hy_wall *best, struct hy_wall at, struct hy_wall after)
{
	if (hy_wall_known(at) && at.ms > after.ms && at.ms < best->ms)
		*best = at;
}

struct hy_wall hy_roster_next(const struct hy_roster *roster, const struct hy_unit *unit,
			      enum hy_duty duty, struct hy_wall at, struct hy_wall end)
{
	const struct hy_roster_plan *plan = hy_roster_plan(roster, unit);
	struct hy_wall best = end;

	for (size_t i = 0; plan && i < plan->shift_count[duty]; i++) {
		const struct hy_shift *shift = &plan->shift[duty][i];
		struct hy_str post;

		take_earlier(&best, covered_until(shift, at, &post), at);
		take_earlier(&best, next_start(shift, at, best), at);
	}
	for (size_t i = 0; plan && i < roster->change_count; i++) {
		const struct hy_roster_change *c = &roster->change[i];

		if (c->unit != plan->unit || !(c->duties & (1u << duty)))
			continue;
		take_earlier(&best, c->from, at);
		take_earlier(&best, c->to, at);
	}
	return best;
}

bool hy_roster_gap(const struct hy_roster *roster, const struct hy_unit *unit,
		   enum hy_duty duty, const struct hy_roster_span *within,
		   struct hy_roster_span *out)
{
	struct hy_str posts[HY_ROSTER_ON_DUTY_MAX];
	struct hy_wall at = within->from;

	while (at.ms < within->to.ms && hy_roster_who(roster, unit, duty, at, posts) > 0)
		at = hy_roster_next(roster, unit, duty, at, within->to);
	if (at.ms >= within->to.ms)
		return false;
	out->from = at;
	while (at.ms < within->to.ms && hy_roster_who(roster, unit, duty, at, posts) == 0)
		at = hy_roster_next(roster, unit, duty, at, within->to);
	out->to = at;
	return true;
}
