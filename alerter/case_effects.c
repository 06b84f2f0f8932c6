/* What an act does to the clocks of its case, and who is told of it. */
#include <stdio.h>
#include <string.h>

#include "alerter/case_act.h"
#include "alerter/case_watch.h"
#include "alerter/deadline.h"
#include "alerter/notice.h"
#include "common/base/mem.h"

#define PART_BYTES 160
#define STEP_BYTES 64

static const char suspend[] =
	"UPDATE deadline SET stopped_at = $1, suspended = 1 WHERE case_id = $2"
	" AND fired_at IS NULL AND stopped_at IS NULL";
static const char resume[] =
	"UPDATE deadline SET stopped_at = NULL, suspended = 0 WHERE case_id = $1"
	" AND suspended = 1 AND fired_at IS NULL";
/* What assists and reviewers have to do stays theirs. */
static const char hand_clocks[] =
	"UPDATE clock SET unit = $1 WHERE case_id = $2 AND (ladder IN ('sign', 'answer', 'press',"
	" 'close') OR ladder LIKE 'sign:%' OR ladder LIKE 'answer:%' OR ladder LIKE 'close:%')";
static const char open_consents[] =
	"SELECT unit FROM consent WHERE case_id = $1 AND review = $2 AND at IS NULL ORDER BY unit";
static const char open_assists[] =
	"SELECT unit FROM assist WHERE case_id = $1 AND ended_at IS NULL ORDER BY unit";

static struct hy_str case_id_of(const struct hy_case_act *act)
{
	return hy_str_of(act->facts.id);
}

/* ---- clocks ---- */

static enum hy_err stop(struct hy_case_act *act, unsigned effects, struct hy_error *e)
{
	static const struct {
		unsigned effect;
		enum hy_ladder ladder;
	} rows[] = {
		{HY_CASE_STOP_SIGN, HY_LADDER_SIGN},	 {HY_CASE_STOP_ANSWER, HY_LADDER_ANSWER},
		{HY_CASE_STOP_ANSWER, HY_LADDER_ASSIST}, {HY_CASE_STOP_REVIEW, HY_LADDER_REVIEW},
		{HY_CASE_STOP_PRESS, HY_LADDER_PRESS},
	};
	enum hy_err err = HY_OK;

	for (size_t i = 0; i < HY_COUNT(rows) && !err; i++)
		if (effects & rows[i].effect)
			err = hy_deadlines_stop_parts(act->turn, case_id_of(act), rows[i].ladder, e);
	if (!err && (effects & HY_CASE_STOP_ALL))
		err = hy_deadlines_stop_all(act->turn, case_id_of(act), e);
	return err;
}

static enum hy_err suspend_clocks(struct hy_case_act *act, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(act->turn->store, suspend);

	hy_query_bind_wall(q, 1, act->turn->now);
	hy_query_bind_c(q, 2, act->facts.id);
	return hy_query_run(q, NULL, e);
}

static enum hy_err resume_clocks(struct hy_case_act *act, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(act->turn->store, resume);

	hy_query_bind_c(q, 1, act->facts.id);
	return hy_query_run(q, NULL, e);
}

static enum hy_err hand_over_clocks(struct hy_case_act *act, struct hy_str unit,
				    struct hy_error *e)
{
	struct hy_query *q = hy_store_query(act->turn->store, hand_clocks);

	hy_query_bind_text(q, 1, unit);
	hy_query_bind_c(q, 2, act->facts.id);
	return hy_query_run(q, NULL, e);
}

static const struct hy_preset *preset_of(const struct hy_case_act *act, enum hy_ladder ladder)
{
	const struct hy_preset_use *use = hy_presets_use(act->turn->rules->presets,
							 hy_str_of(act->facts.topic),
							 act->facts.severity);

	return use ? use->ladder[ladder] : NULL;
}

static enum hy_err start(struct hy_case_act *act, enum hy_ladder ladder, struct hy_str part,
			 struct hy_str unit, struct hy_error *e)
{
	struct hy_clock clock = {.case_id = case_id_of(act), .part = part, .unit = unit,
				 .ladder = ladder, .preset = preset_of(act, ladder),
				 .start = act->turn->now, .due = HY_WALL_NONE};

	return clock.preset ? hy_deadlines_start(act->turn, &clock, e) : HY_OK;
}

static enum hy_err start_round(struct hy_case_act *act, unsigned effects, struct hy_error *e)
{
	static const struct {
		unsigned effect;
		enum hy_ladder ladder;
	} rows[] = {
		{HY_CASE_START_SIGN, HY_LADDER_SIGN},
		{HY_CASE_START_ANSWER, HY_LADDER_ANSWER},
		{HY_CASE_START_CLOSE, HY_LADDER_CLOSE},
	};
	char part[PART_BYTES];
	enum hy_err err = HY_OK;

	(void)snprintf(part, sizeof part, "%lld", (long long)act->facts.round);
	for (size_t i = 0; i < HY_COUNT(rows) && !err; i++)
		if (effects & rows[i].effect)
			err = start(act, rows[i].ladder, hy_str_of(part), (struct hy_str){0}, e);
	return err;
}

/* The units of a query of (case, number or nothing), copied out, a line each. */
static enum hy_err list_units(struct hy_query *q, struct hy_buf *out, struct hy_error *e)
{
	enum hy_err err;
	bool row;

	while (!(err = hy_query_next(q, &row, e)) && row)
		hy_buf_addf(out, "%.*s\n", HY_STR_ARGS(hy_query_text(q, 0)));
	if (!err && hy_buf_err(out))
		err = hy_fail(e, HY_ERR_LIMIT, "case: too many units");
	return err;
}

static enum hy_err list_consents(struct hy_case_act *act, struct hy_buf *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(act->turn->store, open_consents);

	hy_query_bind_c(q, 1, act->facts.id);
	hy_query_bind_int(q, 2, act->facts.review.number);
	return list_units(q, out, e);
}

/* Each unit whose consent is asked has a limit of its own. */
static enum hy_err start_review(struct hy_case_act *act, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf units =
		HY_BUF(HY_CASE_UNITS_MAX * (HY_MSG_NAME_BYTES + 1));
	const struct hy_case_review *review = &act->facts.review;
	struct hy_str rest, unit;
	char part[PART_BYTES];
	enum hy_err err;

	(void)snprintf(part, sizeof part, "%lld", (long long)review->number);
	if (!review->consents)
		return start(act, HY_LADDER_REVIEW, hy_str_of(part), hy_str_of(review->unit), e);
	err = list_consents(act, &units, e);
	rest = hy_buf_str(&units);
	while (!err && hy_str_next(&rest, '\n', &unit)) {
		(void)snprintf(part, sizeof part, "%lld:%.*s", (long long)review->number,
			       HY_STR_ARGS(unit));
		if (unit.n)
			err = start(act, HY_LADDER_REVIEW, hy_str_of(part), unit, e);
	}
	return err;
}

enum hy_err hy_case_effects(struct hy_case_act *act, struct hy_error *e)
{
	unsigned effects = hy_case_action(act->move->action)->effects;
	enum hy_err err = stop(act, effects, e);

	if (!err && (effects & HY_CASE_SUSPEND))
		err = suspend_clocks(act, e);
	if (!err && (effects & HY_CASE_RESUME))
		err = resume_clocks(act, e);
	if (!err && (effects & HY_CASE_END_REVIEWS))
		err = hy_case_reviews_withdraw(act, e);
	if (!err)
		err = start_round(act, effects, e);
	if (!err && (effects & HY_CASE_START_REVIEW))
		err = start_review(act, e);
	if (!err && (effects & HY_CASE_START_WATCH))
		err = hy_case_watch_start(act->turn, case_id_of(act), e);
	if (!err && (effects & HY_CASE_TO_OFFICE))
		err = hand_over_clocks(act, hy_case_office(act->turn)->id, e);
	if (!err && (effects & HY_CASE_TO_LEAD))
		err = hand_over_clocks(act, (struct hy_str){0}, e);
	return err;
}

/* ---- who is told ---- */

struct audience {
	const struct hy_unit *officers[HY_CASE_UNITS_MAX];
	size_t count;
	const struct hy_unit *leader;	/* whose leader on duty reviews */
};

/* Once each, and not who acted. */
static void add(const struct hy_case_act *act, struct audience *to, const struct hy_unit *unit)
{
	if (!unit || hy_str_eq(unit->id, act->actor.unit) || to->count == HY_CASE_UNITS_MAX)
		return;
	for (size_t i = 0; i < to->count; i++)
		if (to->officers[i] == unit)
			return;
	to->officers[to->count++] = unit;
}

static void add_listed(const struct hy_case_act *act, struct audience *to, struct hy_str units)
{
	struct hy_str unit;

	while (hy_str_next(&units, '\n', &unit))
		if (unit.n)
			add(act, to, hy_units_get(act->turn->rules->units, unit));
}

static enum hy_err add_reviewers(struct hy_case_act *act, struct audience *to,
				 struct hy_buf *units, struct hy_error *e)
{
	const struct hy_case_review *review = &act->facts.review;

	if (!review->open)
		return HY_OK;
	if (strcmp(review->level, HY_CASE_LEVEL_LEADER) == 0)
		to->leader = hy_case_unit(act->turn, review->unit);
	else
		add(act, to, hy_case_unit(act->turn, review->unit));
	return review->consents ? list_consents(act, units, e) : HY_OK;
}

static enum hy_err gather(struct hy_case_act *act, struct audience *to, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf units =
		HY_BUF(2 * HY_CASE_UNITS_MAX * (HY_MSG_NAME_BYTES + 1));
	unsigned audience = hy_case_action(act->move->action)->audience;
	struct hy_query *q;
	enum hy_err err = HY_OK;

	if (audience & HY_CASE_TELL_LEAD)
		add(act, to, hy_case_unit(act->turn, act->facts.lead));
	if (audience & HY_CASE_TELL_FORMER)
		add(act, to, act->former);
	if (audience & HY_CASE_TELL_OFFICE)
		add(act, to, hy_case_office(act->turn));
	if ((audience & HY_CASE_TELL_SUPERVISOR) && act->facts.supervisor &&
	    *act->facts.supervisor)
		add(act, to, hy_case_unit(act->turn, act->facts.supervisor));
	if (audience & HY_CASE_TELL_TARGET)
		add(act, to, act->target);
	if (audience & HY_CASE_TELL_ASSISTS) {
		q = hy_store_query(act->turn->store, open_assists);
		hy_query_bind_c(q, 1, act->facts.id);
		err = list_units(q, &units, e);
	}
	if (!err && (audience & HY_CASE_TELL_REVIEWERS))
		err = add_reviewers(act, to, &units, e);
	if (!err)
		add_listed(act, to, hy_buf_str(&units));
	return err;
}

/* "return-5": the act and the version it made, so that each is told, and once. */
enum hy_err hy_case_tell(struct hy_case_act *act, struct hy_str text, struct hy_error *e)
{
	const char *act_id = hy_case_action(act->move->action)->act;
	struct hy_notice_draft draft = {.case_id = case_id_of(act), .text = text,
					.severity = act->facts.severity};
	struct audience to = {.count = 0};
	char step[STEP_BYTES];
	enum hy_err err = gather(act, &to, e);

	(void)snprintf(step, sizeof step, "%s-v%lld", act_id + strlen("case."),
		       (long long)act->facts.version + 1);
	draft.step = hy_str_of(step);
	for (size_t i = 0; i < to.count && !err; i++)
		err = hy_notice_duty(act->turn, &draft, to.officers[i], HY_DUTY_OFFICER, e);
	if (!err && to.leader)
		err = hy_notice_duty(act->turn, &draft, to.leader, HY_DUTY_LEADER, e);
	return err;
}
