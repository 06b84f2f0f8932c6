/* Whose case it is: returns, rulings and those who assist. */
#include <jansson.h>
#include <stdlib.h>

#include "alerter/case_act.h"
#include "alerter/case_command.h"
#include "alerter/deadline.h"
#include "common/base/mem.h"

#define PROPOSAL_BYTES 4096
#define PLACE_BYTES 256

static const char next_return[] =
	"SELECT COALESCE(max(number), 0) + 1 FROM case_return WHERE case_id = $1";
static const char put_return[] =
	"INSERT INTO case_return (case_id, number, at, actor, unit, reason, proposed, note)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
static const char next_ruling[] =
	"SELECT COALESCE(max(number), 0) + 1 FROM ruling WHERE case_id = $1";
static const char put_ruling[] =
	"INSERT INTO ruling (case_id, number, at, actor, unit_before, unit, note, proposal)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
static const char first_places[] =
	"SELECT places FROM alert WHERE case_id = $1 ORDER BY received_at, id LIMIT 1";
static const char is_assist[] =
	"SELECT 1 FROM assist WHERE case_id = $1 AND unit = $2 AND ended_at IS NULL";
static const char put_assist[] =
	"INSERT INTO assist (case_id, unit) VALUES ($1, $2) ON CONFLICT (case_id, unit)"
	" DO UPDATE SET ended_at = NULL, signed_at = NULL, signed_by = NULL, via = ''";
static const char end_assist[] =
	"UPDATE assist SET ended_at = $1 WHERE case_id = $2 AND unit = $3 AND ended_at IS NULL";
static const char sign_assist[] =
	"UPDATE assist SET signed_at = $1, signed_by = $2 WHERE case_id = $3 AND unit = $4"
	" AND ended_at IS NULL AND signed_at IS NULL";
static const char next_contribution[] =
	"SELECT COALESCE(max(number), 0) + 1 FROM contribution WHERE case_id = $1";
static const char put_contribution[] =
	"INSERT INTO contribution (case_id, number, unit, at, actor, text)"
	" VALUES ($1, $2, $3, $4, $5, $6)";

static const struct {
	const char *id, *title;
} reasons[] = {
#define X(id, title) {id, title},
	HY_RETURN_REASON_LIST(X)
#undef X
};

static bool reason_check(struct hy_case_act *act, enum hy_err *out_code)
{
	for (size_t i = 0; i < HY_COUNT(reasons); i++)
		if (hy_str_eq_c(act->said->kind, reasons[i].id))
			return true;
	hy_buf_add_c(act->reply, "退回理由应为：");
	for (size_t i = 0; i < HY_COUNT(reasons); i++)
		hy_buf_addf(act->reply, "%s%s（%s）", i ? "、" : "", reasons[i].id,
			    reasons[i].title);
	*out_code = HY_ERR_MALFORMED;
	return false;
}

enum hy_err hy_case_act_return(struct hy_case_act *act, enum hy_err *out_code,
			       struct hy_error *e)
{
	const struct hy_unit *proposed;
	struct hy_query *q;
	int64_t number = 0;
	enum hy_err err;

	if (!reason_check(act, out_code))
		return HY_OK;
	proposed = hy_case_act_target(act, "建议的主办单位", out_code);
	if (!proposed)
		return HY_OK;
	if (hy_str_eq_c(proposed->id, act->facts.lead)) {
		hy_buf_add_c(act->reply, "建议的主办单位不能是退回单位自己");
		*out_code = HY_ERR_MALFORMED;
		return HY_OK;
	}
	err = hy_case_act_number(act, next_return, &number, e);
	if (err)
		return err;
	act->facts.returns++;
	q = hy_store_query(act->turn->store, put_return);
	hy_query_bind_c(q, 1, act->facts.id);
	hy_query_bind_int(q, 2, number);
	hy_query_bind_wall(q, 3, act->turn->now);
	hy_query_bind_text(q, 4, act->actor.text);
	hy_query_bind_c(q, 5, act->facts.lead);
	hy_query_bind_text(q, 6, act->said->kind);
	hy_query_bind_text(q, 7, proposed->id);
	hy_query_bind_text(q, 8, act->said->note);
	return hy_query_run(q, NULL, e);
}

/* ---- rulings ---- */

/* The places of the alert that opened the case, as the store has them: a JSON array. */
static enum hy_err read_place(struct hy_case_act *act, struct hy_buf *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(act->turn->store, first_places);
	struct hy_str text;
	enum hy_err err;
	json_t *places;
	bool row;

	hy_query_bind_c(q, 1, act->facts.id);
	err = hy_query_next(q, &row, e);
	if (err || !row)
		return err;
	text = hy_query_text(q, 0);
	places = json_loadb(text.p ? text.p : "", text.n, 0, NULL);
	if (json_array_size(places) == 1 && json_is_string(json_array_get(places, 0)))
		hy_buf_add_c(out, json_string_value(json_array_get(places, 0)));
	json_decref(places);
	hy_query_reset(q);
	return HY_OK;
}

/* The row of routes.yaml that would have sent the case there at once. */
static enum hy_err propose_route(struct hy_case_act *act, const struct hy_unit *to,
				 struct hy_buf *out, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf place = HY_BUF(PLACE_BYTES);
	enum hy_err err = read_place(act, &place, e);

	if (err)
		return err;
	hy_buf_addf(out, "  - {id: ruled-%s, topic: %s, ", act->facts.id, act->facts.topic);
	if (place.n && !hy_buf_err(&place))
		hy_buf_addf(out, "place: %.*s, ", HY_STR_ARGS(hy_buf_str(&place)));
	hy_buf_addf(out, "lead: %.*s, basis: 事项 %s 的裁定}", HY_STR_ARGS(to->id), act->facts.id);
	return hy_buf_err(out) ? hy_fail(e, HY_ERR_LIMIT, "case: proposal too long") : HY_OK;
}

static enum hy_err put_ruling_row(struct hy_case_act *act, const struct hy_unit *to,
				  struct hy_str proposal, struct hy_error *e)
{
	struct hy_query *q;
	int64_t number = 0;
	enum hy_err err = hy_case_act_number(act, next_ruling, &number, e);

	if (err)
		return err;
	q = hy_store_query(act->turn->store, put_ruling);
	hy_query_bind_c(q, 1, act->facts.id);
	hy_query_bind_int(q, 2, number);
	hy_query_bind_wall(q, 3, act->turn->now);
	hy_query_bind_text(q, 4, act->actor.text);
	hy_query_bind_c(q, 5, act->facts.lead);
	hy_query_bind_text(q, 6, to->id);
	hy_query_bind_text(q, 7, act->said->note);
	hy_query_bind_text(q, 8, proposal);
	return hy_query_run(q, NULL, e);
}

static enum hy_err stop_assisting(struct hy_case_act *act, struct hy_str unit,
				  struct hy_error *e)
{
	struct hy_query *q = hy_store_query(act->turn->store, end_assist);
	enum hy_err err;

	hy_query_bind_wall(q, 1, act->turn->now);
	hy_query_bind_c(q, 2, act->facts.id);
	hy_query_bind_text(q, 3, unit);
	err = hy_query_run(q, NULL, e);
	return err ? err : hy_deadlines_stop_part(act->turn, hy_str_of(act->facts.id),
						  HY_LADDER_ASSIST, unit, e);
}

/* Nobody supervises himself. */
static void settle_supervisor(struct hy_case_act *act, const struct hy_unit *lead)
{
	const struct hy_unit *const candidates[] = {
		act->turn->rules->routes->supervisor[act->facts.severity],
		hy_case_office(act->turn), lead->parent};

	if (!hy_str_eq_c(lead->id, act->facts.supervisor))
		return;
	free(act->facts.supervisor);
	act->facts.supervisor = NULL;
	for (size_t i = 0; i < HY_COUNT(candidates) && !act->facts.supervisor; i++)
		if (candidates[i] && candidates[i] != lead)
			act->facts.supervisor = hy_str_dup(candidates[i]->id);
}

enum hy_err hy_case_act_rule(struct hy_case_act *act, enum hy_err *out_code,
			     struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf proposal = HY_BUF(PROPOSAL_BYTES);
	const struct hy_unit *to = hy_case_act_target(act, "裁定的主办单位", out_code);
	enum hy_err err = HY_OK;
	bool other;

	if (!to || !hy_case_act_has_note(act, "裁定理由", out_code))
		return HY_OK;
	other = !hy_str_eq_c(to->id, act->facts.lead);
	if (other)
		err = propose_route(act, to, &proposal, e);
	if (!err)
		err = put_ruling_row(act, to, hy_buf_str(&proposal), e);
	if (!err)
		err = stop_assisting(act, to->id, e);
	if (err)
		return err;
	act->facts.ruled_at = act->turn->now;
	act->target = to;
	hy_buf_addf(act->reply, "，由 %.*s 主办，不得再退回", HY_STR_ARGS(to->name));
	if (!other)
		return HY_OK;
	act->former = hy_case_unit(act->turn, act->facts.lead);
	free(act->facts.lead);
	act->facts.lead = hy_str_dup(to->id);
	settle_supervisor(act, to);
	hy_buf_addf(act->reply, "；同类事项如都应由其主办，建议在 routes.yaml 的 routes 中增加：\n%.*s",
		    HY_STR_ARGS(hy_buf_str(&proposal)));
	return HY_OK;
}

/* ---- those who assist ---- */

static enum hy_err assists_already(struct hy_case_act *act, struct hy_str unit, bool *out,
				   struct hy_error *e)
{
	struct hy_query *q = hy_store_query(act->turn->store, is_assist);
	enum hy_err err;

	hy_query_bind_c(q, 1, act->facts.id);
	hy_query_bind_text(q, 2, unit);
	err = hy_query_next(q, out, e);
	if (!err && *out)
		hy_query_reset(q);
	return err;
}

enum hy_err hy_case_act_assist(struct hy_case_act *act, enum hy_err *out_code,
			       struct hy_error *e)
{
	const struct hy_unit *unit = hy_case_act_target(act, "协办单位", out_code);
	const struct hy_preset_use *use = hy_presets_use(act->turn->rules->presets,
							 hy_str_of(act->facts.topic),
							 act->facts.severity);
	struct hy_clock clock = {.case_id = hy_str_of(act->facts.id), .start = act->turn->now};
	struct hy_query *q;
	bool already = false;
	enum hy_err err;

	if (!unit)
		return HY_OK;
	err = assists_already(act, unit->id, &already, e);
	if (err)
		return err;
	if (already || hy_str_eq_c(unit->id, act->facts.lead)) {
		hy_buf_addf(act->reply, "%.*s 已是%s单位", HY_STR_ARGS(unit->name),
			    already ? "协办" : "主办");
		*out_code = HY_ERR_CONFLICT;
		return HY_OK;
	}
	q = hy_store_query(act->turn->store, put_assist);
	hy_query_bind_c(q, 1, act->facts.id);
	hy_query_bind_text(q, 2, unit->id);
	err = hy_query_run(q, NULL, e);
	act->target = unit;
	clock.unit = unit->id;
	return err || !use ? err : hy_deadlines_assist(act->turn, use, &clock, e);
}

enum hy_err hy_case_act_assist_sign(struct hy_case_act *act, enum hy_err *out_code,
				    struct hy_error *e)
{
	struct hy_query *q = hy_store_query(act->turn->store, sign_assist);
	int64_t changed = 0;
	enum hy_err err;

	hy_query_bind_wall(q, 1, act->turn->now);
	hy_query_bind_text(q, 2, act->actor.text);
	hy_query_bind_c(q, 3, act->facts.id);
	hy_query_bind_text(q, 4, act->actor.unit);
	err = hy_query_run(q, &changed, e);
	if (!err && !changed) {
		hy_buf_addf(act->reply, "事项 %s 协办单位已签收过", act->facts.id);
		*out_code = HY_ERR_CONFLICT;
	}
	return err;
}

enum hy_err hy_case_act_contribute(struct hy_case_act *act, enum hy_err *out_code,
				   struct hy_error *e)
{
	struct hy_query *q;
	int64_t number = 0;
	enum hy_err err;

	if (!hy_case_act_has_note(act, "协办材料", out_code))
		return HY_OK;
	err = hy_case_act_number(act, next_contribution, &number, e);
	if (err)
		return err;
	q = hy_store_query(act->turn->store, put_contribution);
	hy_query_bind_c(q, 1, act->facts.id);
	hy_query_bind_int(q, 2, number);
	hy_query_bind_text(q, 3, act->actor.unit);
	hy_query_bind_wall(q, 4, act->turn->now);
	hy_query_bind_text(q, 5, act->actor.text);
	hy_query_bind_text(q, 6, act->said->note);
	err = hy_query_run(q, NULL, e);
	return err ? err : hy_deadlines_stop_part(act->turn, hy_str_of(act->facts.id),
						  HY_LADDER_ASSIST, act->actor.unit, e);
}
