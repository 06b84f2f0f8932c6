#include "alerter/alarm.h"

#include "alerter/audit.h"
#include "alerter/notice.h"
#include "common/base/mem.h"

static const char put_alarm[] =
	"INSERT INTO alarm (id, component, kind, subject, owner, unit, since, raised_at,"
	" cleared_at, text, cleared_text) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
	" ON CONFLICT (id) DO NOTHING";
static const char clear_alarm[] =
	"UPDATE alarm SET cleared_at = $2, cleared_text = $3 WHERE id = $1 AND cleared_at IS NULL";

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
	return hy_audit_append(turn->store, &entry, e);
}

enum hy_err hy_alarm_take(struct hy_turn *turn, const struct hy_msg_alarm *alarm,
			  bool *out_fresh, struct hy_error *e)
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
