/* Answers, and what they promise. */
#include <stdio.h>

#include "alerter/case_act.h"
#include "alerter/case_command.h"
#include "alerter/deadline.h"
#include "common/base/mem.h"
#include "common/sys/content_id.h"

#define PART_BYTES 32

static const char get_review_draft[] =
	"SELECT d.kind, d.text FROM review r JOIN draft d ON d.case_id = r.case_id"
	" AND d.number = r.draft WHERE r.case_id = $1 AND r.number = $2";
static const char put_answer[] =
	"INSERT INTO answer (id, case_id, at, actor, kind, url, text, review)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
static const char next_promise[] =
	"SELECT COALESCE(max(number), 0) + 1 FROM promise WHERE case_id = $1";
static const char put_promise[] =
	"INSERT INTO promise (case_id, number, at, actor, text, due_at, url, note)"
	" VALUES ($1, $2, $3, $4, $5, $6, '', '')";
static const char keep_promise[] =
	"UPDATE promise SET kept_at = $1, kept_by = $2, url = $3, note = $4 WHERE case_id = $5"
	" AND number = $6 AND kept_at IS NULL";

static const struct {
	const char *id, *title;
} kinds[] = {
#define X(id, title) {id, title},
	HY_ANSWER_KIND_LIST(X)
#undef X
};

bool hy_case_kind_check(struct hy_case_act *act, enum hy_err *out_code)
{
	for (size_t i = 0; i < HY_COUNT(kinds); i++)
		if (hy_str_eq_c(act->said->kind, kinds[i].id))
			return true;
	hy_buf_add_c(act->reply, "回应类型应为：");
	for (size_t i = 0; i < HY_COUNT(kinds); i++)
		hy_buf_addf(act->reply, "%s%s（%s）", i ? "、" : "", kinds[i].id, kinds[i].title);
	*out_code = HY_ERR_MALFORMED;
	return false;
}

static bool is_public(struct hy_str url)
{
	return hy_str_starts(url, HY_STR_LIT("http://")) ||
	       hy_str_starts(url, HY_STR_LIT("https://"));
}

/* Where everyone can read it. */
static bool url_check(struct hy_case_act *act, enum hy_err *out_code)
{
	if (is_public(act->said->url))
		return true;
	hy_buf_add_c(act->reply, "回应必须写明公开发布的网址（http:// 或 https://）");
	*out_code = HY_ERR_MALFORMED;
	return false;
}

/* ---- promises ---- */

static const struct hy_preset *promise_preset(const struct hy_case_act *act)
{
	const struct hy_presets *presets = act->turn->rules->presets;
	const struct hy_preset_use *use = hy_presets_use(presets, hy_str_of(act->facts.topic),
							 act->facts.severity);

	if (use && use->ladder[HY_LADDER_PROMISE])
		return use->ladder[HY_LADDER_PROMISE];
	for (size_t i = 0; i < presets->count; i++)
		if (presets->item[i].ladder == HY_LADDER_PROMISE)
			return &presets->item[i];
	return NULL;
}

/* A promise says what by when, and somebody is reminded of it. */
static bool promise_check(struct hy_case_act *act, struct hy_str text, enum hy_err *out_code)
{
	if (hy_str_trim(text).n == 0)
		hy_buf_add_c(act->reply, "承诺必须写明内容");
	else if (text.n > HY_MSG_TITLE_BYTES)
		hy_buf_addf(act->reply, "承诺内容不超过 %d 字节", HY_MSG_TITLE_BYTES);
	else if (!hy_wall_known(act->said->due))
		hy_buf_add_c(act->reply, "承诺必须写明兑现日期");
	else if (act->said->due.ms <= act->turn->now.ms)
		hy_buf_add_c(act->reply, "承诺的兑现日期应在今后");
	else if (!promise_preset(act))
		hy_buf_add_c(act->reply, "deadlines.yaml 没有承诺兑现的时限（ladder: promise），不能登记承诺");
	else
		return true;
	*out_code = HY_ERR_MALFORMED;
	return false;
}

static enum hy_err add_promise(struct hy_case_act *act, struct hy_str text, struct hy_error *e)
{
	struct hy_query *q;
	char part[PART_BYTES], at[HY_RFC3339_BYTES];
	struct hy_clock clock = {.case_id = hy_str_of(act->facts.id), .due = act->said->due,
				 .ladder = HY_LADDER_PROMISE, .preset = promise_preset(act),
				 .start = act->turn->now};
	int64_t number = 0;
	enum hy_err err = hy_case_act_number(act, next_promise, &number, e);

	if (err)
		return err;
	q = hy_store_query(act->turn->store, put_promise);
	hy_query_bind_c(q, 1, act->facts.id);
	hy_query_bind_int(q, 2, number);
	hy_query_bind_wall(q, 3, act->turn->now);
	hy_query_bind_text(q, 4, act->actor.text);
	hy_query_bind_text(q, 5, text);
	hy_query_bind_wall(q, 6, act->said->due);
	err = hy_query_run(q, NULL, e);
	(void)snprintf(part, sizeof part, "%lld", (long long)number);
	clock.part = hy_str_of(part);
	act->facts.promises++;
	hy_buf_addf(act->reply, "，承诺 %s 应于 %s 前兑现", part,
		    hy_wall_format_people(act->said->due, at));
	return err ? err : hy_deadlines_start(act->turn, &clock, e);
}

enum hy_err hy_case_act_promise(struct hy_case_act *act, enum hy_err *out_code,
				struct hy_error *e)
{
	if (!promise_check(act, act->said->note, out_code))
		return HY_OK;
	return add_promise(act, act->said->note, e);
}

enum hy_err hy_case_act_keep(struct hy_case_act *act, enum hy_err *out_code, struct hy_error *e)
{
	struct hy_query *q;
	int64_t number = 0, changed = 0;
	enum hy_err err;

	if (act->said->url.n && !url_check(act, out_code))
		return HY_OK;
	if (!hy_str_to_int(act->said->target, 1, INT32_MAX, &number)) {
		hy_buf_add_c(act->reply, "必须写明是第几项承诺");
		*out_code = HY_ERR_MALFORMED;
		return HY_OK;
	}
	q = hy_store_query(act->turn->store, keep_promise);
	hy_query_bind_wall(q, 1, act->turn->now);
	hy_query_bind_text(q, 2, act->actor.text);
	hy_query_bind_text(q, 3, act->said->url);
	hy_query_bind_text(q, 4, act->said->note);
	hy_query_bind_c(q, 5, act->facts.id);
	hy_query_bind_int(q, 6, number);
	err = hy_query_run(q, &changed, e);
	if (err)
		return err;
	if (!changed) {
		hy_buf_addf(act->reply, "事项 %s 没有未兑现的第 %lld 项承诺", act->facts.id,
			    (long long)number);
		*out_code = HY_ERR_CONFLICT;
		return HY_OK;
	}
	act->facts.promises--;
	return hy_deadlines_stop_part(act->turn, hy_str_of(act->facts.id), HY_LADDER_PROMISE,
				      act->said->target, e);
}

/* ---- answers ---- */

/* Of a batch each case has its own. */
static struct hy_id answer_id(const struct hy_case_act *act)
{
	struct hy_str parts[] = {HY_STR_LIT("answer"), act->id, hy_str_of(act->facts.id)};

	return hy_id_of(parts, HY_COUNT(parts));
}

static enum hy_err put(struct hy_case_act *act, struct hy_str kind, struct hy_str text,
		       struct hy_error *e)
{
	struct hy_query *q = hy_store_query(act->turn->store, put_answer);
	struct hy_id id = answer_id(act);

	hy_query_bind_text(q, 1, hy_id_str(&id));
	hy_query_bind_c(q, 2, act->facts.id);
	hy_query_bind_wall(q, 3, act->turn->now);
	hy_query_bind_text(q, 4, act->actor.text);
	hy_query_bind_text(q, 5, kind);
	hy_query_bind_text(q, 6, act->said->url);
	hy_query_bind_text(q, 7, text);
	hy_query_bind_int(q, 8, act->facts.review.number);
	return hy_query_run(q, NULL, e);
}

static bool promises(const struct hy_case_act *act)
{
	return act->said->promise.n || hy_wall_known(act->said->due);
}

/* What was approved is what is published, to the letter. */
static enum hy_err put_approved(struct hy_case_act *act, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf kind = HY_BUF(HY_MSG_NAME_BYTES + 1);
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_MSG_NOTE_BYTES + 1);
	struct hy_query *q = hy_store_query(act->turn->store, get_review_draft);
	enum hy_err err;
	bool row;

	hy_query_bind_c(q, 1, act->facts.id);
	hy_query_bind_int(q, 2, act->facts.review.number);
	err = hy_query_next(q, &row, e);
	if (err || !row)
		return err ? err : hy_fail(e, HY_ERR_MALFORMED, "case: a draft is missing");
	hy_buf_add_str(&kind, hy_query_text(q, 0));
	hy_buf_add_str(&text, hy_query_text(q, 1));
	hy_query_reset(q);
	if (hy_buf_err(&kind) || hy_buf_err(&text))
		return hy_fail(e, HY_ERR_LIMIT, "case: a draft is too long");
	return put(act, hy_buf_str(&kind), hy_buf_str(&text), e);
}

enum hy_err hy_case_act_publish(struct hy_case_act *act, enum hy_err *out_code,
				struct hy_error *e)
{
	enum hy_err err;

	if (!url_check(act, out_code) ||
	    (promises(act) && !promise_check(act, act->said->promise, out_code)))
		return HY_OK;
	err = put_approved(act, e);
	return err || !promises(act) ? err : add_promise(act, act->said->promise, e);
}

/* Published before any review: on record at once, and reviewed now. */
enum hy_err hy_case_act_answer(struct hy_case_act *act, enum hy_err *out_code,
			       struct hy_error *e)
{
	int64_t draft;
	enum hy_err err;

	if (!hy_case_kind_check(act, out_code) || !url_check(act, out_code))
		return HY_OK;
	if (hy_str_trim(act->said->note).n == 0) {
		hy_buf_add_c(act->reply, "回应内容不能为空");
		*out_code = HY_ERR_MALFORMED;
		return HY_OK;
	}
	if (promises(act) && !promise_check(act, act->said->promise, out_code))
		return HY_OK;
	err = hy_case_reviews_withdraw(act, e);
	if (!err)
		err = hy_deadlines_stop_parts(act->turn, hy_str_of(act->facts.id),
					      HY_LADDER_REVIEW, e);
	if (!err)
		err = hy_case_draft_put(act, &draft, e);
	if (!err)
		err = hy_case_review_open(act, draft, e);
	if (!err)
		err = put(act, act->said->kind, act->said->note, e);
	return err || !promises(act) ? err : add_promise(act, act->said->promise, e);
}
