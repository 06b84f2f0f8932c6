/*
 * Drafts and their reviews. Who reviews follows from the severity (分级负责): the leader of the
 * lead unit; from 重大 on the coordinating office; of 特别重大 everyone concerned consents (会商):
 * the office, the supervisor and those who assist, each on record.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerter/answer_check.h"
#include "alerter/case_act.h"
#include "alerter/case_command.h"
#include "alerter/deadline.h"
#include "common/base/mem.h"

#define FINDINGS_BYTES 8192
#define PART_BYTES 160

static const char next_draft[] =
	"SELECT COALESCE(max(number), 0) + 1 FROM draft WHERE case_id = $1";
static const char put_draft[] =
	"INSERT INTO draft (case_id, number, at, actor, kind, text) VALUES ($1, $2, $3, $4, $5, $6)";
static const char get_draft[] = "SELECT text FROM draft WHERE case_id = $1 AND number = $2";
static const char next_review[] =
	"SELECT COALESCE(max(number), 0) + 1 FROM review WHERE case_id = $1";
static const char put_review[] =
	"INSERT INTO review (case_id, number, draft, at, actor, level, unit, findings, state, note)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', '')";
static const char end_review[] =
	"UPDATE review SET state = $1, ended_at = $2, ended_by = $3, note = $4"
	" WHERE case_id = $5 AND state = 'open'";
static const char get_assists[] =
	"SELECT unit FROM assist WHERE case_id = $1 AND ended_at IS NULL ORDER BY unit";
static const char put_consent[] =
	"INSERT INTO consent (case_id, review, unit, note) VALUES ($1, $2, $3, '')"
	" ON CONFLICT DO NOTHING";
static const char give_consent[] =
	"UPDATE consent SET at = $1, actor = $2, note = $3 WHERE case_id = $4 AND review = $5"
	" AND unit = $6 AND at IS NULL";

/* ---- drafts ---- */

enum hy_err hy_case_draft_put(struct hy_case_act *act, int64_t *out_number, struct hy_error *e)
{
	struct hy_query *q;
	int64_t number = 0;
	enum hy_err err = hy_case_act_number(act, next_draft, &number, e);

	if (err)
		return err;
	q = hy_store_query(act->turn->store, put_draft);
	hy_query_bind_c(q, 1, act->facts.id);
	hy_query_bind_int(q, 2, number);
	hy_query_bind_wall(q, 3, act->turn->now);
	hy_query_bind_text(q, 4, act->actor.text);
	hy_query_bind_text(q, 5, act->said->kind);
	hy_query_bind_text(q, 6, act->said->note);
	err = hy_query_run(q, NULL, e);
	if (!err)
		*out_number = number;
	return err;
}

/* What stands in the text that a reviewer should look at twice; told, never a refusal. */
static enum hy_err add_findings(struct hy_case_act *act, struct hy_str text, struct hy_buf *out,
				struct hy_error *e)
{
	hy_answer_check_words(act->turn->rules->cases, text, out);
	return hy_answer_check_published(act->turn->store, hy_str_of(act->facts.event), text, out,
					 e);
}

static enum hy_err warn(struct hy_case_act *act, struct hy_str text, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf findings = HY_BUF(FINDINGS_BYTES);
	enum hy_err err = add_findings(act, text, &findings, e);

	if (!err && findings.n)
		hy_buf_addf(act->reply, "；请核对：%.*s", HY_STR_ARGS(hy_buf_str(&findings)));
	return err;
}

enum hy_err hy_case_act_draft(struct hy_case_act *act, enum hy_err *out_code,
			      struct hy_error *e)
{
	int64_t number;
	enum hy_err err;

	if (!hy_case_kind_check(act, out_code) ||
	    !hy_case_act_has_note(act, "稿件内容", out_code))
		return HY_OK;
	err = hy_case_draft_put(act, &number, e);
	return err ? err : warn(act, act->said->note, e);
}

/* ---- putting a draft before its reviewers ---- */

static const struct hy_unit *supervisor_of(const struct hy_case_act *act)
{
	return act->facts.supervisor ? hy_units_get(act->turn->rules->units,
						    hy_str_of(act->facts.supervisor))
				     : NULL;
}

/* Where the office leads itself, its supervisor reviews; where there is none, its leader. */
static void choose_level(struct hy_case_act *act)
{
	struct hy_case_review *review = &act->facts.review;
	const struct hy_unit *office = hy_case_office(act->turn), *above = supervisor_of(act);
	bool leads = hy_str_eq_c(office->id, act->facts.lead);

	review->level = hy_str_dup(hy_str_of(HY_CASE_LEVEL_LEADER));
	review->unit = hy_str_dup(hy_str_of(act->facts.lead));
	if (act->facts.severity < HY_SEVERITY_MAJOR || (leads && !above))
		return;
	free(review->level);
	free(review->unit);
	review->level = hy_str_dup(hy_str_of(act->facts.severity == HY_SEVERITY_CRITICAL
						     ? HY_CASE_LEVEL_CONSENT
						     : HY_CASE_LEVEL_OFFICE));
	review->unit = hy_str_dup(leads ? above->id : office->id);
}

static enum hy_err add_consent(struct hy_case_act *act, struct hy_str unit, struct hy_error *e)
{
	struct hy_query *q;

	if (hy_str_eq_c(unit, act->facts.lead))
		return HY_OK;
	q = hy_store_query(act->turn->store, put_consent);
	hy_query_bind_c(q, 1, act->facts.id);
	hy_query_bind_int(q, 2, act->facts.review.number);
	hy_query_bind_text(q, 3, unit);
	return hy_query_run(q, NULL, e);
}

static enum hy_err add_consents(struct hy_case_act *act, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf units = HY_BUF(HY_CASE_UNITS_MAX * HY_MSG_NAME_BYTES);
	struct hy_query *q = hy_store_query(act->turn->store, get_assists);
	const struct hy_unit *above = supervisor_of(act);
	struct hy_str rest, unit;
	enum hy_err err;
	bool row;

	hy_query_bind_c(q, 1, act->facts.id);
	while (!(err = hy_query_next(q, &row, e)) && row)
		hy_buf_addf(&units, "%.*s\n", HY_STR_ARGS(hy_query_text(q, 0)));
	if (!err && hy_buf_err(&units))
		err = hy_fail(e, HY_ERR_LIMIT, "case: too many assists");
	if (!err)
		err = add_consent(act, hy_str_of(act->facts.review.unit), e);
	if (!err && above)
		err = add_consent(act, above->id, e);
	rest = hy_buf_str(&units);
	while (!err && hy_str_next(&rest, '\n', &unit))
		if (unit.n && hy_units_get(act->turn->rules->units, unit))
			err = add_consent(act, unit, e);
	return err;
}

static enum hy_err read_draft(struct hy_case_act *act, int64_t draft, struct hy_buf *out,
			      struct hy_error *e)
{
	struct hy_query *q = hy_store_query(act->turn->store, get_draft);
	enum hy_err err;
	bool row;

	hy_query_bind_c(q, 1, act->facts.id);
	hy_query_bind_int(q, 2, draft);
	err = hy_query_next(q, &row, e);
	if (err || !row)
		return err ? err : hy_fail(e, HY_ERR_MALFORMED, "case: a draft is missing");
	hy_buf_add_str(out, hy_query_text(q, 0));
	hy_query_reset(q);
	return hy_buf_err(out) ? hy_fail(e, HY_ERR_LIMIT, "case: a draft is too long") : HY_OK;
}

static enum hy_err put_review_row(struct hy_case_act *act, int64_t draft, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_MSG_NOTE_BYTES + 1);
	hy_cleanup(hy_buf_fini) struct hy_buf findings = HY_BUF(FINDINGS_BYTES);
	const struct hy_case_review *review = &act->facts.review;
	enum hy_err err = read_draft(act, draft, &text, e);
	struct hy_query *q;

	if (!err)
		err = add_findings(act, hy_buf_str(&text), &findings, e);
	if (err)
		return err;
	if (findings.n)
		hy_buf_addf(act->reply, "；请审核人核对：%.*s", HY_STR_ARGS(hy_buf_str(&findings)));
	q = hy_store_query(act->turn->store, put_review);
	hy_query_bind_c(q, 1, act->facts.id);
	hy_query_bind_int(q, 2, review->number);
	hy_query_bind_int(q, 3, draft);
	hy_query_bind_wall(q, 4, act->turn->now);
	hy_query_bind_text(q, 5, act->actor.text);
	hy_query_bind_c(q, 6, review->level);
	hy_query_bind_c(q, 7, review->unit);
	hy_query_bind_text(q, 8, hy_buf_str(&findings));
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_case_review_open(struct hy_case_act *act, int64_t draft, struct hy_error *e)
{
	struct hy_case_review *review = &act->facts.review;
	enum hy_err err = hy_case_act_number(act, next_review, &review->number, e);

	if (err)
		return err;
	free(review->level);
	free(review->unit);
	choose_level(act);
	err = put_review_row(act, draft, e);
	if (!err && strcmp(review->level, HY_CASE_LEVEL_CONSENT) == 0)
		err = add_consents(act, e);
	return err ? err : hy_case_review_read(act->turn, &act->facts, &act->actor, e);
}

enum hy_err hy_case_act_submit(struct hy_case_act *act, enum hy_err *out_code,
			       struct hy_error *e)
{
	int64_t next = 0;
	enum hy_err err = hy_case_act_number(act, next_draft, &next, e);

	(void)out_code;
	return err ? err : hy_case_review_open(act, next - 1, e);
}

/* ---- deciding ---- */

static enum hy_err end(struct hy_case_act *act, const char *state, struct hy_str by,
		       struct hy_error *e)
{
	struct hy_query *q = hy_store_query(act->turn->store, end_review);
	enum hy_err err;

	hy_query_bind_c(q, 1, state);
	hy_query_bind_wall(q, 2, act->turn->now);
	hy_query_bind_text(q, 3, by);
	hy_query_bind_text(q, 4, by.n ? act->said->note : (struct hy_str){0});
	hy_query_bind_c(q, 5, act->facts.id);
	err = hy_query_run(q, NULL, e);
	return err ? err : hy_case_review_read(act->turn, &act->facts, &act->actor, e);
}

enum hy_err hy_case_reviews_withdraw(struct hy_case_act *act, struct hy_error *e)
{
	return act->facts.review.open ? end(act, "withdrawn", (struct hy_str){0}, e) : HY_OK;
}

enum hy_err hy_case_act_consent(struct hy_case_act *act, enum hy_err *out_code,
				struct hy_error *e)
{
	struct hy_query *q = hy_store_query(act->turn->store, give_consent);
	char part[PART_BYTES];
	enum hy_err err;

	(void)out_code;
	hy_query_bind_wall(q, 1, act->turn->now);
	hy_query_bind_text(q, 2, act->actor.text);
	hy_query_bind_text(q, 3, act->said->note);
	hy_query_bind_c(q, 4, act->facts.id);
	hy_query_bind_int(q, 5, act->facts.review.number);
	hy_query_bind_text(q, 6, act->actor.unit);
	err = hy_query_run(q, NULL, e);
	(void)snprintf(part, sizeof part, "%lld:%.*s", (long long)act->facts.review.number,
		       HY_STR_ARGS(act->actor.unit));
	return err ? err : hy_deadlines_stop_part(act->turn, hy_str_of(act->facts.id),
						  HY_LADDER_REVIEW, hy_str_of(part), e);
}

enum hy_err hy_case_act_approve(struct hy_case_act *act, enum hy_err *out_code,
				struct hy_error *e)
{
	enum hy_err err = HY_OK;

	if (act->facts.review.consents)
		err = hy_case_act_consent(act, out_code, e);
	return err ? err : end(act, "approved", act->actor.text, e);
}

enum hy_err hy_case_act_send_back(struct hy_case_act *act, enum hy_err *out_code,
				  struct hy_error *e)
{
	if (!hy_case_act_has_note(act, "退回修改的意见", out_code))
		return HY_OK;
	return end(act, "sent-back", act->actor.text, e);
}
