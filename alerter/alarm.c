#include "alerter/alarm.h"

#include <stdlib.h>

#include "alerter/audit.h"
#include "alerter/audit_day.h"
#include "alerter/notice.h"
#include "alerter/refusal.h"
#include "common/base/mem.h"

static const char put_alarm[] =
	"INSERT INTO alarm (id, component, kind, subject, owner, unit, since, raised_at,"
	" cleared_at, text, cleared_text, lapses_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
	" ON CONFLICT (id) DO NOTHING";
static const char clear_alarm[] =
	"UPDATE alarm SET cleared_at = $2, cleared_text = $3 WHERE id = $1 AND cleared_at IS NULL";

static const char find_lapsing[] =
	"SELECT id FROM alarm WHERE component = $1 AND kind = $2 AND subject = $3"
	" AND cleared_at IS NULL AND lapses_at IS NOT NULL LIMIT 1";
static const char prolong_alarm[] = "UPDATE alarm SET lapses_at = $2 WHERE id = $1";
static const char find_lapsed[] =
	"SELECT id, component, kind, subject, owner FROM alarm"
	" WHERE cleared_at IS NULL AND lapses_at IS NOT NULL AND lapses_at <= $1"
	" ORDER BY lapses_at LIMIT 1";

#define LAPSES_OF_TURN 100

/*
 * Analyzers keep nothing, so that they cannot be relied on to end what they raised; of refusals
 * and of a broken record there is nothing to end but that none came any more.
 */
static bool lapses(const struct hy_msg_alarm *alarm)
{
	return hy_str_eq_c(alarm->component, "analyzer") ||
	       (hy_str_eq_c(alarm->component, "alerter") &&
		(hy_str_eq_c(alarm->kind, HY_REFUSAL_KIND) ||
		 hy_str_eq_c(alarm->kind, HY_AUDIT_KIND_BROKEN)));
}

const struct hy_unit *hy_alarm_unit(const struct hy_rule_set *rules, struct hy_str owner,
				    struct hy_wall at)
{
	const struct hy_unit *unit = hy_units_get(rules->units, owner);
	enum hy_role role;
	size_t count;

	if (unit)
		return unit;
	if (hy_role_parse(owner, &role))
		unit = hy_units_holder(rules->units, role, at, &count);
	if (!unit)
		unit = hy_units_holder(rules->units, HY_ROLE_OFFICE, at, &count);
	return unit ? unit : rules->routes->fallback;
}

static const char *component_title(struct hy_str component)
{
	static const struct {
		const char *id, *title;
	} titles[] = {{"crawler", "抓取"}, {"analyzer", "研判"}, {"alerter", "预警"}};

	for (size_t i = 0; i < HY_COUNT(titles); i++)
		if (hy_str_eq_c(component, titles[i].id))
			return titles[i].title;
	return "运行";
}

void hy_alarm_text(const struct hy_msg_alarm *alarm, struct hy_buf *out)
{
	char at[HY_RFC3339_BYTES];
	bool raised = alarm->state == HY_ALARM_RAISED;

	hy_buf_addf(out, "【%s%s】%.*s（%s %s）", component_title(alarm->component),
		    raised ? "告警" : "告警解除", HY_STR_ARGS(alarm->text), raised ? "自" : "于",
		    hy_wall_format_people(raised ? alarm->since : alarm->at, at));
}

/* A clearing of something unknown is kept as ended, so that its raising finds it so. */
static enum hy_err put(struct hy_turn *turn, const struct hy_msg_alarm *alarm,
		       const struct hy_unit *unit, bool *out_new, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, put_alarm);
	bool raised = alarm->state == HY_ALARM_RAISED;
	int64_t changed = 0;
	enum hy_err err;

	hy_query_bind_text(q, 1, alarm->alarm);
	hy_query_bind_text(q, 2, alarm->component);
	hy_query_bind_text(q, 3, alarm->kind);
	hy_query_bind_text(q, 4, alarm->subject);
	hy_query_bind_text(q, 5, alarm->owner);
	hy_query_bind_text(q, 6, unit->id);
	hy_query_bind_wall(q, 7, alarm->since);
	hy_query_bind_wall(q, 8, alarm->at);
	hy_query_bind_wall(q, 9, raised ? HY_WALL_NONE : alarm->at);
	hy_query_bind_text(q, 10, alarm->text);
	hy_query_bind_text(q, 11, raised ? (struct hy_str){0} : alarm->text);
	hy_query_bind_wall(q, 12, raised && lapses(alarm)
					  ? hy_wall_add_ms(turn->now, HY_ALARM_LAPSE_MS)
					  : HY_WALL_NONE);
	err = hy_query_run(q, &changed, e);
	if (!err)
		*out_new = changed > 0;
	return err;
}

static enum hy_err clear(struct hy_turn *turn, const struct hy_msg_alarm *alarm, bool *out_open,
			 struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, clear_alarm);
	int64_t changed = 0;
	enum hy_err err;

	hy_query_bind_text(q, 1, alarm->alarm);
	hy_query_bind_wall(q, 2, alarm->at);
	hy_query_bind_text(q, 3, alarm->text);
	err = hy_query_run(q, &changed, e);
	if (!err)
		*out_open = changed > 0;
	return err;
}

static enum hy_err tell(struct hy_turn *turn, const struct hy_msg_alarm *alarm,
			const struct hy_unit *unit, struct hy_str text, struct hy_error *e)
{
	struct hy_notice_draft draft = {.alarm = alarm->alarm,
					.step = HY_STR_LIT(HY_ALARM_STEP_RAISED),
					.text = text, .severity = HY_SEVERITY_GENERAL};

	return hy_notice_duty(turn, &draft, unit, HY_DUTY_OFFICER, e);
}

static enum hy_err record(struct hy_turn *turn, const struct hy_msg_alarm *alarm,
			  const struct hy_unit *unit, struct hy_str text, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf detail = HY_BUF(HY_AUDIT_DETAIL_BYTES);
	struct hy_audit_entry entry = {.at = turn->now, .actor = alarm->component,
				       .subject = alarm->alarm};

	hy_buf_addf(&detail, "%.*s；负责单位：%.*s", HY_STR_ARGS(text), HY_STR_ARGS(unit->name));
	if (hy_buf_err(&detail))
		return hy_fail(e, HY_ERR_LIMIT, "alarm: text too long");
	entry.act = alarm->state == HY_ALARM_RAISED ? HY_STR_LIT("alarm.raise")
						    : HY_STR_LIT("alarm.clear");
	entry.detail = hy_buf_str(&detail);
	return hy_audit_append(turn, &entry, e);
}

static enum hy_err take(struct hy_turn *turn, const struct hy_msg_alarm *alarm, bool *out_fresh,
			struct hy_error *e)
{
	const struct hy_unit *unit = hy_alarm_unit(turn->rules, alarm->owner, turn->now);
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_NOTICE_TEXT_BYTES);
	bool is_raise = alarm->state == HY_ALARM_RAISED, is_new = false, was_open = false;
	enum hy_err err = HY_OK;

	hy_alarm_text(alarm, &text);
	if (hy_buf_err(&text))
		return hy_fail(e, HY_ERR_LIMIT, "alarm: text too long");
	if (!is_raise)
		err = clear(turn, alarm, &was_open, e);
	if (!err && !was_open)
		err = put(turn, alarm, unit, &is_new, e);
	if (!err && is_raise && is_new)
		err = tell(turn, alarm, unit, hy_buf_str(&text), e);
	if (!err && (is_new || was_open))
		err = record(turn, alarm, unit, hy_buf_str(&text), e);
	if (!err)
		*out_fresh = is_raise ? is_new : was_open;
	return err;
}

/* The open one for the same kind and subject, or NULL. */
static enum hy_err open_id(struct hy_turn *turn, const struct hy_msg_alarm *alarm, char **out,
			   struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, find_lapsing);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, alarm->component);
	hy_query_bind_text(q, 2, alarm->kind);
	hy_query_bind_text(q, 3, alarm->subject);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	*out = row ? hy_str_dup(hy_query_text(q, 0)) : NULL;
	hy_query_reset(q);
	return HY_OK;
}

static enum hy_err prolong(struct hy_turn *turn, const char *id, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, prolong_alarm);

	hy_query_bind_c(q, 1, id);
	hy_query_bind_wall(q, 2, hy_wall_add_ms(turn->now, HY_ALARM_LAPSE_MS));
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_alarm_take(struct hy_turn *turn, const struct hy_msg_alarm *alarm,
			  bool *out_fresh, struct hy_error *e)
{
	hy_cleanup(hy_free_p) char *known = NULL;
	struct hy_msg_alarm same = *alarm;
	enum hy_err err;

	if (!lapses(alarm))
		return take(turn, alarm, out_fresh, e);
	err = open_id(turn, alarm, &known, e);
	if (err)
		return err;
	if (!known)
		return take(turn, alarm, out_fresh, e);
	if (alarm->state == HY_ALARM_RAISED) {
		err = prolong(turn, known, e);
		if (!err)
			*out_fresh = false;
		return err;
	}
	same.alarm = hy_str_of(known);
	return take(turn, &same, out_fresh, e);
}

/* ---- ends by silence ---- */

static enum hy_err lapse_next(struct hy_turn *turn, bool *out_found, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, find_lapsed);
	char *part[5] = {0};
	bool fresh;
	enum hy_err err;

	hy_query_bind_wall(q, 1, turn->now);
	err = hy_query_next(q, out_found, e);
	if (err || !*out_found)
		return err;
	for (size_t i = 0; i < HY_COUNT(part); i++)
		part[i] = hy_str_dup(hy_query_text(q, (int)i));
	hy_query_reset(q);
	const struct hy_msg_alarm m = {
		.alarm = hy_str_of(part[0]), .component = hy_str_of(part[1]),
		.kind = hy_str_of(part[2]), .subject = hy_str_of(part[3]),
		.owner = hy_str_of(part[4]), .state = HY_ALARM_CLEARED,
		.since = turn->now, .at = turn->now,
		.text = HY_STR_LIT("连续 24 小时未再出现")};

	err = take(turn, &m, &fresh, e);
	for (size_t i = 0; i < HY_COUNT(part); i++)
		free(part[i]);
	return err;
}

enum hy_err hy_alarms_lapse(struct hy_turn *turn, struct hy_error *e)
{
	enum hy_err err = HY_OK;
	bool found = true;

	for (int i = 0; i < LAPSES_OF_TURN && found && !err; i++)
		err = lapse_next(turn, &found, e);
	return err;
}
