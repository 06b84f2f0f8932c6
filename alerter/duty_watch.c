#include "alerter/duty_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerter/alarm.h"
#include "alerter/proof.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/sys/content_id.h"

#define KIND_GAP "roster-gap"
#define KIND_CALENDAR "calendar-missing"
#define KIND_RULES "rules-hole"
#define FINDING_SHOWN 600
#define TEXT_BYTES 1024
#define ALARMS_MAX 500		/* gaps beyond are of a roster that is missing as a whole */
#define GAPS_OF_PLAN 10
#define RAISINGS_MAX 100	/* of one gap */

static const char open_alarms[] =
	"SELECT id, kind, subject, owner FROM alarm WHERE cleared_at IS NULL"
	" AND component = 'alerter'"
	" AND kind IN ('roster-gap', 'calendar-missing', 'clock-step', 'rules-hole')"
	" ORDER BY raised_at, id LIMIT 1000";

static const char get_cleared[] = "SELECT cleared_at FROM alarm WHERE id = $1";

/* What lacks now. */
struct watch {
	struct hy_turn *turn;
	struct hy_id found[ALARMS_MAX];
	size_t count;
};

static void remember(struct watch *w, const struct hy_id *id)
{
	if (w->count < ALARMS_MAX)
		w->found[w->count++] = *id;
}

static bool is_found(const struct watch *w, struct hy_str id)
{
	for (size_t i = 0; i < w->count; i++) {
		if (hy_str_eq(hy_id_str(&w->found[i]), id))
			return true;
	}
	return false;
}

/* Whether an alarm of that id has come and gone. */
static enum hy_err is_over(struct watch *w, const struct hy_id *id, bool *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(w->turn->store, get_cleared);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, hy_id_str(id));
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	*out = row && !hy_query_is_null(q, 0);
	hy_query_reset(q);
	return HY_OK;
}

/* An id names one raising: what was mended and lacks again is another. */
static enum hy_err raise(struct watch *w, struct hy_msg_alarm *alarm, const struct hy_id *about,
			 struct hy_error *e)
{
	struct hy_id id = *about;
	bool fresh, over = true;
	enum hy_err err = is_over(w, &id, &over, e);

	for (int i = 0; i < RAISINGS_MAX && over && !err; i++) {
		struct hy_str parts[] = {hy_id_str(&id), HY_STR_LIT("again")};

		id = hy_id_of(parts, HY_COUNT(parts));
		err = is_over(w, &id, &over, e);
	}
	if (err)
		return err;
	remember(w, &id);
	alarm->alarm = hy_id_str(&id);
	alarm->component = HY_STR_LIT("alerter");
	alarm->state = HY_ALARM_RAISED;
	alarm->since = alarm->at = w->turn->now;
	return hy_alarm_take(w->turn, alarm, &fresh, e);
}

/* A gap is known by where it ends: it does not change while time eats into it. */
static struct hy_id gap_id(struct hy_str owner, enum hy_duty duty,
			   const struct hy_roster_span *gap)
{
	char to[HY_RFC3339_BYTES];
	struct hy_str parts[] = {HY_STR_LIT(KIND_GAP), owner, hy_str_of(hy_duty_id(duty)),
				 hy_str_of(hy_wall_format(gap->to, to))};

	return hy_id_of(parts, HY_COUNT(parts));
}

static enum hy_err watch_gap(struct watch *w, const struct hy_unit *owner, enum hy_duty duty,
			     const struct hy_roster_span *gap, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);
	char from[HY_RFC3339_BYTES], to[HY_RFC3339_BYTES];
	struct hy_str id = owner ? owner->id : HY_STR_LIT("default");
	struct hy_id alarm = gap_id(id, duty, gap);
	struct hy_msg_alarm m = {.kind = HY_STR_LIT(KIND_GAP), .subject = id,
				 .owner = owner ? owner->id : HY_STR_LIT("office")};

	hy_buf_addf(&text, "%.*s的%s有空档：%s 至 %s，请尽快补排",
		    HY_STR_ARGS(owner ? owner->name : HY_STR_LIT("默认排班")), hy_duty_title(duty),
		    hy_wall_format_people(gap->from, from), hy_wall_format_people(gap->to, to));
	if (hy_buf_err(&text))
		return hy_fail(e, HY_ERR_LIMIT, "roster: alarm too long");
	m.text = hy_buf_str(&text);
	return raise(w, &m, &alarm, e);
}

/*
 * Gaps are sought past the fortnight, so that one which reaches over its end has one end only
 * and stays one alarm from day to day.
 */
static enum hy_err watch_plan(struct watch *w, const struct hy_unit *unit,
			      const struct hy_unit *owner, struct hy_error *e)
{
	const struct hy_roster *roster = w->turn->rules->roster;
	struct hy_wall end = hy_wall_add_ms(w->turn->now, HY_DUTY_WATCH_DAYS * HY_DAY_MS);

	for (int duty = 0; duty < HY_DUTY_COUNT; duty++) {
		struct hy_roster_span rest = {w->turn->now, hy_wall_add_ms(hy_day_start(end),
									   HY_DAY_MS)};
		struct hy_roster_span gap;

		for (int i = 0; i < GAPS_OF_PLAN && rest.from.ms < end.ms; i++) {
			struct hy_roster_span all;
			enum hy_err err;

			if (!hy_roster_gap(roster, unit, (enum hy_duty)duty, &rest, &gap) ||
			    gap.from.ms >= end.ms)
				break;
			all = (struct hy_roster_span){gap.from,
						      hy_wall_add_ms(gap.from, 366 * HY_DAY_MS)};
			(void)hy_roster_gap(roster, unit, (enum hy_duty)duty, &all, &gap);
			if (gap.to.ms == all.to.ms)
				gap.to = HY_WALL_NONE;	/* for good: no end to know it by */
			err = watch_gap(w, owner, (enum hy_duty)duty, &gap, e);
			if (err || !hy_wall_known(gap.to))
				return err;
			rest.from = gap.to;
		}
	}
	return HY_OK;
}

static enum hy_err watch_rosters(struct watch *w, struct hy_error *e)
{
	const struct hy_units *units = w->turn->rules->units;
	bool default_seen = false;
	enum hy_err err = HY_OK;

	for (size_t i = 0; i < units->count && !err; i++) {
		const struct hy_unit *unit = &units->item[i];
		const struct hy_roster_plan *plan = hy_roster_plan(w->turn->rules->roster, unit);

		if (!plan || !hy_validity_covers(&unit->valid, w->turn->now) ||
		    (!plan->unit && default_seen))
			continue;
		default_seen |= !plan->unit;
		err = watch_plan(w, unit, plan->unit, e);
	}
	return err;
}

static enum hy_err watch_calendar(struct watch *w, struct hy_error *e)
{
	const struct hy_presets *presets = w->turn->rules->presets;
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);
	enum hy_calendar_state state;
	char subject[16];
	struct hy_str parts[] = {HY_STR_LIT(KIND_CALENDAR), {0}, {0}};
	struct hy_msg_alarm m = {.kind = HY_STR_LIT(KIND_CALENDAR), .owner = HY_STR_LIT("office")};
	struct hy_id id;
	int year = hy_presets_need_calendar(presets)
			   ? hy_calendar_lack(presets->calendar, w->turn->now, &state)
			   : 0;

	if (!year)
		return HY_OK;
	(void)snprintf(subject, sizeof subject, "%d", year);
	hy_calendar_lack_text(year, state, &text);
	m.subject = parts[1] = hy_str_of(subject);
	parts[2] = state == HY_CALENDAR_MISSING ? HY_STR_LIT("missing") : HY_STR_LIT("provisional");
	m.text = hy_buf_str(&text);
	id = hy_id_of(parts, HY_COUNT(parts));
	return raise(w, &m, &id, e);
}

/* One alarm whatever the number: its words are the first of them. */
static enum hy_err tell_holes(struct watch *w, const struct hy_findings *findings,
			      struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);
	struct hy_str part = HY_STR_LIT(KIND_RULES), rest = hy_buf_str(&findings->text), first = {0};
	struct hy_id id = hy_id_of(&part, 1);
	struct hy_msg_alarm m = {.kind = part, .subject = HY_STR_LIT("rules"),
				 .owner = HY_STR_LIT("office")};

	(void)hy_str_next(&rest, '\n', &first);
	hy_buf_addf(&text, "运行中的规则有 %zu 处随时间出现的漏洞，请修改后重新加载：%.*s", findings->count,
		    HY_STR_ARGS(hy_str_sub(first, 0, hy_utf8_floor(first.p, first.n, FINDING_SHOWN))));
	if (hy_buf_err(&text))
		return hy_fail(e, HY_ERR_LIMIT, "rules: alarm too long");
	m.text = hy_buf_str(&text);
	return raise(w, &m, &id, e);
}

/* Time alone opens holes in a set that had none when it was loaded. */
static enum hy_err watch_rules(struct watch *w, struct hy_error *e)
{
	struct hy_findings findings;
	enum hy_err err = HY_OK;

	hy_findings_init(&findings);
	hy_proof_run(w->turn->rules, w->turn->now, &findings);
	if (findings.count)
		err = tell_holes(w, &findings, e);
	hy_findings_fini(&findings);
	return err;
}

/* ---- what was mended ---- */

/* An alarm that is open, copied out: clearing it is another query. */
struct open_alarm {
	char *id, *kind, *subject, *owner;
};

struct open_list {
	struct open_alarm *item;
	size_t count, cap;
};

static void open_list_fini(struct open_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->item[i].id);
		free(list->item[i].kind);
		free(list->item[i].subject);
		free(list->item[i].owner);
	}
	free(list->item);
}

static enum hy_err read_open(struct watch *w, struct open_list *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(w->turn->store, open_alarms);
	bool row = true;

	while (row) {
		enum hy_err err = hy_query_next(q, &row, e);

		if (err)
			return err;
		if (!row || is_found(w, hy_query_text(q, 0)))
			continue;
		out->item = hy_grow(out->item, &out->cap, out->count + 1, sizeof *out->item);
		out->item[out->count++] = (struct open_alarm){
			hy_str_dup(hy_query_text(q, 0)), hy_str_dup(hy_query_text(q, 1)),
			hy_str_dup(hy_query_text(q, 2)), hy_str_dup(hy_query_text(q, 3))};
	}
	return HY_OK;
}

/* A step of the clock is over by itself: it stands until the next day. */
static const char *ending(const char *kind)
{
	if (strcmp(kind, KIND_GAP) == 0)
		return "值班空档已补上或已过去";
	if (strcmp(kind, KIND_RULES) == 0)
		return "规则的漏洞已补上";
	return strcmp(kind, KIND_CALENDAR) == 0 ? "放假安排已补上" : "系统时钟此后没有再跳变";
}

static enum hy_err clear_mended(struct watch *w, struct hy_error *e)
{
	hy_cleanup(open_list_fini) struct open_list list = {0};
	enum hy_err err = read_open(w, &list, e);

	for (size_t i = 0; i < list.count && !err; i++) {
		const struct open_alarm *open = &list.item[i];
		bool fresh;
		struct hy_msg_alarm m = {
			.alarm = hy_str_of(open->id), .component = HY_STR_LIT("alerter"),
			.kind = hy_str_of(open->kind), .subject = hy_str_of(open->subject),
			.owner = hy_str_of(open->owner), .state = HY_ALARM_CLEARED,
			.since = w->turn->now, .at = w->turn->now,
			.text = hy_str_of(ending(open->kind))};

		err = hy_alarm_take(w->turn, &m, &fresh, e);
	}
	return err;
}

enum hy_err hy_duty_watch(struct hy_turn *turn, struct hy_error *e)
{
	hy_cleanup(hy_free_p) struct watch *w = hy_xcalloc(1, sizeof *w);
	enum hy_err err;

	w->turn = turn;
	err = watch_calendar(w, e);
	if (!err)
		err = watch_rosters(w, e);
	if (!err)
		err = watch_rules(w, e);
	return err ? err : clear_mended(w, e);
}
