#include "cli/drill.h"

#include <stdlib.h>
#include <string.h>

#include "alerter/case_facts.h"
#include "alerter/deadline.h"
#include "alerter/notice.h"
#include "cli/chance.h"
#include "cli/drill_concern.h"
#include "common/base/mem.h"

#define STORE "sqlite::memory:"
#define STORE_TIMEOUT_MS 5000
#define DAY_MS (24 * 3600 * 1000LL)
#define FIRED_AT_ONCE 256
/* How unlike people and cases are, and how much faster a grade makes them (一般 to 特别重大). */
#define SPREAD 2.2
static const double haste[HY_SEVERITY_COUNT] = {1, 0.7, 0.4, 0.25};
/* Answers are published in the daytime, but of grave cases; signing is the duty's, day and night. */
#define DAY_BEGINS_H 8
#define DAY_ENDS_H 20
#define CONCERNS_MAX 100000

/* An answer is reviewed, found at its address, and the case closed, at the usual pace. */
static const struct {
	enum hy_case_event event;
	int64_t later_ms;
} after_answer[] = {{HY_CASE_DO_APPROVE, 1800 * 1000LL},
		    {HY_CASE_DO_VERIFY, 3600 * 1000LL},
		    {HY_CASE_DO_CLOSE, DAY_MS}};
#define REVIEWERS_MAX 64

static const char deliver[] =
	"UPDATE notice SET state = 'sent', changed_at = $1 WHERE " HY_NOTICE_OPEN;
static const char case_row[] = "SELECT lead, severity FROM case_ WHERE id = $1";
static const char reviewer_row[] =
	"SELECT COALESCE((SELECT min(k.unit) FROM v_consent k WHERE k.case_id = r.case_id"
	" AND k.review = r.number AND k.at IS NULL), r.unit), r.level FROM v_review r"
	" WHERE r.case_id = $1 AND r.state = 'open'";
static const char outcome_row[] =
	"SELECT c.id, c.lead,"
	" (SELECT d.fired_at FROM deadline d WHERE d.case_id = c.id AND d.ladder = 'sign'"
	"  AND d.step = 100),"
	" (SELECT d.fired_at FROM deadline d WHERE d.case_id = c.id AND d.ladder = 'answer'"
	"  AND d.step = 100)"
	" FROM alert a JOIN case_ c ON c.id = a.case_id WHERE a.id = $1";

/* What the units do, and when. */
struct act {
	struct hy_wall at;
	size_t concern;
	struct hy_case_id case_id;
	enum hy_case_event event;
};

struct hy_drill {
	const struct hy_drill_plan *plan;
	struct hy_drill_month month;
	struct hy_ledger *ledger;
	struct hy_drill_concern *concern;	/* the last one has not begun yet */
	bool *joined;
	size_t count, concern_cap, joined_cap;
	struct act *act;			/* by time, the next one last */
	size_t acts, act_cap;
	struct hy_wall watch_at;
	size_t refused, commands;
};

/* ---- what people do ----------------------------------------------------------------------- */

static void plan_act(struct hy_drill *d, const struct act *act)
{
	size_t i;

	d->act = hy_grow(d->act, &d->act_cap, d->acts + 1, sizeof d->act[0]);
	for (i = d->acts++; i > 0 && d->act[i - 1].at.ms <= act->at.ms; i--)
		d->act[i] = d->act[i - 1];
	d->act[i] = *act;
}

static struct hy_wall in_the_daytime(struct hy_wall at)
{
	struct hy_civil c = hy_civil_of(at, HY_CST_OFFSET_MIN);
	struct hy_wall morning;

	if (c.hour >= DAY_BEGINS_H && c.hour < DAY_ENDS_H)
		return at;
	if (c.hour >= DAY_ENDS_H)
		c = hy_civil_of(hy_wall_add_ms(at, DAY_MS), HY_CST_OFFSET_MIN);
	c.hour = DAY_BEGINS_H;
	return hy_wall_of_civil(&c, HY_CST_OFFSET_MIN, &morning) ? morning : at;
}

/* The unit learns of the case now: it will sign, and when it has signed it will answer. */
static void plan_unit(struct hy_drill *d, const struct hy_drill_concern *c,
		      const struct hy_case_id *case_id)
{
	struct hy_chance chance = hy_chance_of(~d->plan->seed, c->number);
	double sign = hy_chance_effort(&chance, (double)d->plan->sign_ms, SPREAD);
	double answer = hy_chance_effort(&chance, (double)d->plan->answer_ms, SPREAD);
	struct act act = {.concern = c->number, .case_id = *case_id, .event = HY_CASE_DO_SIGN};

	act.at = hy_wall_add_ms(c->at, (int64_t)(sign * haste[c->severity]));
	plan_act(d, &act);
	act.event = HY_CASE_DO_ANSWER;
	act.at = hy_wall_add_ms(act.at, (int64_t)(answer * haste[c->severity]));
	if (c->severity < HY_SEVERITY_MAJOR)
		act.at = in_the_daytime(act.at);
	plan_act(d, &act);
	for (size_t i = 0; i < HY_COUNT(after_answer); i++) {
		act.event = after_answer[i].event;
		act.at = hy_wall_add_ms(act.at, after_answer[i].later_ms);
		plan_act(d, &act);
	}
}

/* ---- turns of the ledger ------------------------------------------------------------------ */

static enum hy_err delivered(struct hy_drill *d, struct hy_wall now, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(hy_ledger_store(d->ledger), deliver);

	hy_query_bind_wall(q, 1, now);
	return hy_query_run(q, NULL, e);
}

static enum hy_err begin_concern(struct hy_drill *d, struct hy_error *e)
{
	struct hy_drill_concern *c = &d->concern[d->count];
	struct hy_drill_ids ids = {0};
	struct hy_msg message;
	struct hy_ledger_alert item = {.message = &message};
	enum hy_err err;

	hy_drill_concern_alert(c, d->plan->seed, &ids, &message);
	err = hy_ledger_alerts(d->ledger, &item, 1, e);
	if (err)
		return err;
	d->joined = hy_grow(d->joined, &d->joined_cap, d->count + 1, sizeof d->joined[0]);
	d->joined[d->count] = !item.result.fresh;
	if (item.result.fresh)
		plan_unit(d, c, &item.result.case_id);
	if (++d->count == CONCERNS_MAX)
		return hy_fail(e, HY_ERR_LIMIT, "演练的件数超过 %d，请缩短天数", CONCERNS_MAX);
	d->concern = hy_grow(d->concern, &d->concern_cap, d->count + 1, sizeof d->concern[0]);
	return hy_drill_concern_next(&d->month, d->concern, d->count, &d->concern[d->count], e);
}

static enum hy_err lead_of(struct hy_drill *d, const struct hy_case_id *id, struct hy_buf *out,
			   struct hy_error *e)
{
	struct hy_query *q = hy_store_query(hy_ledger_store(d->ledger), case_row);
	enum hy_err err;
	bool row;

	hy_query_bind_c(q, 1, id->text);
	err = hy_query_next(q, &row, e);
	if (!err && row)
		hy_buf_add_str(out, hy_query_text(q, 0));
	hy_query_reset(q);
	return err;
}

/* Who of the unit is on duty acts for it; in a gap, the unit itself. */
static void add_post(const struct hy_drill *d, enum hy_duty duty, struct hy_wall at,
		     struct hy_buf *unit_and_post)
{
	struct hy_str posts[HY_ROSTER_ON_DUTY_MAX];
	const struct hy_unit *unit = hy_units_get(d->month.rules->units, hy_buf_str(unit_and_post));

	if (unit && hy_roster_who(d->month.rules->roster, unit, duty, at, posts) > 0)
		hy_buf_addf(unit_and_post, "/%.*s", HY_STR_ARGS(posts[0]));
}

/* Whose review is open; empty where none is. A leader is whoever is on duty as one. */
static enum hy_err reviewer_of(struct hy_drill *d, const struct hy_case_id *id, struct hy_wall at,
			       struct hy_buf *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(hy_ledger_store(d->ledger), reviewer_row);
	enum hy_err err;
	bool row;

	hy_query_bind_c(q, 1, id->text);
	err = hy_query_next(q, &row, e);
	if (err || !row)
		return err;
	hy_buf_add_str(out, hy_query_text(q, 0));
	add_post(d, hy_str_eq_c(hy_query_text(q, 1), HY_CASE_LEVEL_LEADER) ? HY_DUTY_LEADER
									   : HY_DUTY_OFFICER,
		 at, out);
	hy_query_reset(q);
	return HY_OK;
}

static enum hy_err command(struct hy_drill *d, const struct act *act, struct hy_str actor,
			   enum hy_err *out_code, struct hy_error *e)
{
	struct hy_str parts[] = {HY_STR_LIT("drill act"),
				 {(const char *)&d->commands, sizeof d->commands}};
	struct hy_id id = hy_id_of(parts, HY_COUNT(parts));
	hy_cleanup(hy_buf_fini) struct hy_buf reply = HY_BUF(65536);
	bool answers = act->event == HY_CASE_DO_ANSWER;
	struct hy_msg m = {.type = HY_MSG_COMMAND, .id = hy_id_str(&id)};

	d->commands++;
	m.as.command = (struct hy_msg_command){
		.command = (enum hy_command)act->event, .case_id = hy_str_of(act->case_id.text),
		.due = HY_WALL_NONE, .actor = actor, .kind = hy_str_of(answers ? "resolve" : ""),
		.url = hy_str_of(answers ? "http://drill.invalid/answer" : ""),
		.note = hy_str_of(answers ? "演练：已办结。" : "")};
	return hy_ledger_command(d->ledger, &m, out_code, &reply, e);
}

static enum hy_err approve(struct hy_drill *d, const struct act *act, struct hy_error *e)
{
	enum hy_err code = HY_OK, err = HY_OK;

	for (int i = 0; i < REVIEWERS_MAX && !err && !code; i++) {
		hy_cleanup(hy_buf_fini) struct hy_buf reviewer = HY_BUF(512);

		err = reviewer_of(d, &act->case_id, act->at, &reviewer, e);
		if (err || !reviewer.n)
			return err;
		err = command(d, act, hy_buf_str(&reviewer), &code, e);
	}
	d->refused += !err && code;
	return err;
}

static enum hy_err do_act(struct hy_drill *d, struct hy_error *e)
{
	const struct act act = d->act[--d->acts];
	const struct hy_case_finding found = {hy_str_of(act.case_id.text), act.event, {0}};
	hy_cleanup(hy_buf_fini) struct hy_buf lead = HY_BUF(256);
	enum hy_err code = HY_OK, err;
	bool moved;

	if (act.event == HY_CASE_DO_VERIFY)
		return hy_ledger_case_event(d->ledger, &found, &moved, e);
	if (act.event == HY_CASE_DO_APPROVE)
		return approve(d, &act, e);
	err = lead_of(d, &act.case_id, &lead, e);
	add_post(d, HY_DUTY_OFFICER, act.at, &lead);
	if (!err)
		err = command(d, &act, hy_buf_str(&lead), &code, e);
	d->refused += !err && code;
	return err;
}

static enum hy_err fire(struct hy_drill *d, struct hy_error *e)
{
	size_t fired;

	return hy_ledger_fire(d->ledger, FIRED_AT_ONCE, &fired, e);
}

static enum hy_err watch(struct hy_drill *d, struct hy_error *e)
{
	d->watch_at = hy_wall_add_ms(d->watch_at, DAY_MS);
	return hy_ledger_watch(d->ledger, e);
}

/* ---- the play ----------------------------------------------------------------------------- */

typedef enum hy_err step_fn(struct hy_drill *d, struct hy_error *e);

static void take_earlier(struct hy_wall at, step_fn *step, struct hy_wall *next, step_fn **out)
{
	if (hy_wall_known(at) && (!hy_wall_known(*next) || at.ms < next->ms)) {
		*next = at;
		*out = step;
	}
}

/* What happens next, and when; of one moment's, limits come first. */
static enum hy_err choose(struct hy_drill *d, struct hy_wall *next, step_fn **out,
			  struct hy_error *e)
{
	struct hy_wall due = HY_WALL_NONE;
	enum hy_err err = hy_deadlines_next(hy_ledger_store(d->ledger), &due, e);

	*next = HY_WALL_NONE;
	take_earlier(due, fire, next, out);
	take_earlier(d->watch_at, watch, next, out);
	take_earlier(d->concern[d->count].at, begin_concern, next, out);
	if (d->acts)
		take_earlier(d->act[d->acts - 1].at, do_act, next, out);
	return err;
}

static enum hy_err play(struct hy_drill *d, struct hy_error *e)
{
	for (;;) {
		struct hy_wall next;
		step_fn *step = NULL;
		enum hy_err err = choose(d, &next, &step, e);

		if (err || next.ms >= d->plan->until.ms)
			return err;
		hy_ledger_set_now(d->ledger, next);
		err = step(d, e);
		if (!err)
			err = delivered(d, next, e);
		if (err)
			return err;
	}
}

static enum hy_err start(struct hy_drill *d, const struct hy_rule_set *rules, struct hy_error *e)
{
	enum hy_err err = hy_ledger_open(STORE, STORE_TIMEOUT_MS, &d->ledger, e);

	if (err)
		return err;
	hy_ledger_set_now(d->ledger, d->plan->from);
	err = hy_ledger_set_rules(d->ledger, rules, e);
	if (err)
		return err;
	d->concern = hy_grow(d->concern, &d->concern_cap, 1, sizeof d->concern[0]);
	return hy_drill_concern_next(&d->month, d->concern, 0, &d->concern[0], e);
}

enum hy_err hy_drill_play(const struct hy_drill_plan *plan, const struct hy_rule_set *rules,
			  struct hy_drill **out, struct hy_error *e)
{
	struct hy_drill *d = hy_xcalloc(1, sizeof *d);
	enum hy_err err;

	d->plan = plan;
	d->watch_at = plan->from;
	d->month = (struct hy_drill_month){.rules = rules, .seed = plan->seed,
					   .a_day = plan->concerns_a_day, .from = plan->from};
	err = start(d, rules, e);
	if (!err)
		err = play(d, e);
	if (err) {
		hy_drill_free(d);
		return err;
	}
	*out = d;
	return HY_OK;
}

void hy_drill_free(struct hy_drill *drill)
{
	if (!drill)
		return;
	hy_ledger_free(drill->ledger);
	free(drill->concern);
	free(drill->joined);
	free(drill->act);
	free(drill);
}

struct hy_store *hy_drill_store(struct hy_drill *drill)
{
	return hy_ledger_store(drill->ledger);
}

size_t hy_drill_concerns(const struct hy_drill *drill)
{
	return drill->count;
}

size_t hy_drill_refused(const struct hy_drill *drill)
{
	return drill->refused;
}

static void read_case_id(struct hy_str text, struct hy_case_id *out)
{
	hy_assert(text.n < sizeof out->text);
	memcpy(out->text, text.p, text.n);
	out->text[text.n] = '\0';
}

enum hy_err hy_drill_outcome(struct hy_drill *drill, size_t number, struct hy_drill_outcome *out,
			     struct hy_error *e)
{
	const struct hy_drill_concern *c = &drill->concern[number];
	struct hy_query *q = hy_store_query(hy_drill_store(drill), outcome_row);
	struct hy_drill_ids ids = {0};
	struct hy_msg message;
	enum hy_err err;
	bool row;

	hy_drill_concern_alert(c, drill->plan->seed, &ids, &message);
	hy_query_bind_text(q, 1, message.id);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	hy_assert(row);
	*out = (struct hy_drill_outcome){.title = hy_str_of(c->title),
					 .lead = hy_units_get(drill->month.rules->units,
							      hy_query_text(q, 1)),
					 .at = c->at,
					 .signed_late = hy_wall_known(hy_query_wall(q, 2)),
					 .answered_late = hy_wall_known(hy_query_wall(q, 3)),
					 .joined = drill->joined[number]};
	read_case_id(hy_query_text(q, 0), &out->case_id);
	hy_query_reset(q);
	return HY_OK;
}
