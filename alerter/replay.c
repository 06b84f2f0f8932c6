#include "alerter/replay.h"

#include <stdlib.h>

#include "alerter/alarm.h"
#include "alerter/channel_type.h"
#include "alerter/notice.h"
#include "alerter/outbox.h"
#include "common/base/mem.h"

#define DETAIL_BYTES 16384
#define OFFICE HY_STR_LIT("office")

static const char get_reply[] = "SELECT code, text FROM command WHERE id = $1";
static const char put_reply[] = "INSERT INTO command (id, at, code, text) VALUES ($1, $2, $3, $4)";
static const char get_notice[] =
	"SELECT COALESCE(case_id, alarm), step, recipient, channel, state, message"
	" FROM notice WHERE id = $1";
static const char wait_again[] =
	"UPDATE notice SET state = 'waiting', message = NULL, changed_at = $1, next_at = $1,"
	" due_at = $1, error = '' WHERE id = $2";
static const char begin_anew[] =
	"UPDATE message SET parts = 0, accepted = 0, failures = 0, created_at = $1 WHERE id = $2";

struct job {
	struct hy_turn *turn;
	const struct hy_msg_command *command;
	struct hy_str id;
	struct hy_buf *text;
};

struct present {
	char *about, *step, *recipient, *channel, *state, *message;
};

static void present_fini(struct present *p)
{
	free(p->about);
	free(p->step);
	free(p->recipient);
	free(p->channel);
	free(p->state);
	free(p->message);
}

static enum hy_err read_notice(const struct job *job, struct hy_str id, struct present *out,
			       bool *out_found, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(job->turn->store, get_notice);
	enum hy_err err;

	hy_query_bind_text(q, 1, id);
	err = hy_query_next(q, out_found, e);
	if (err || !*out_found)
		return err;
	*out = (struct present){hy_str_dup(hy_query_text(q, 0)), hy_str_dup(hy_query_text(q, 1)),
				hy_str_dup(hy_query_text(q, 2)), hy_str_dup(hy_query_text(q, 3)),
				hy_str_dup(hy_query_text(q, 4)), hy_str_dup(hy_query_text(q, 5))};
	hy_query_reset(q);
	return HY_OK;
}

static bool is(const struct present *p, enum hy_notice_state state)
{
	return hy_str_eq_c(hy_str_of(p->state), hy_notice_state_id(state));
}

/* The recipient's own unit, or the office that answers for everything. */
static bool may_replay(const struct job *job, const struct present *p)
{
	const struct hy_unit *office = hy_alarm_unit(job->turn->rules, OFFICE, job->turn->now);
	struct hy_str actor = job->command->actor, to = hy_str_of(p->recipient), unit = {0},
		      own = {0};

	(void)hy_str_next(&actor, '/', &unit);
	(void)hy_str_next(&to, '/', &own);
	return unit.n && (hy_str_eq(unit, own) || hy_str_eq(unit, office->id));
}

/* Of a notice that is accepted, or being brought: why not again. */
static enum hy_err judge_state(const struct job *job, const struct present *p)
{
	if (is(p, HY_NOTICE_SENT)) {
		hy_buf_addf(job->text, "通道 %s 已确认收到这条通知，不再重发", p->channel);
		return HY_ERR_CONFLICT;
	}
	if (is(p, HY_NOTICE_WAITING) || is(p, HY_NOTICE_SENDING)) {
		hy_buf_addf(job->text, "通道 %s 正在送这条通知，不必重发", p->channel);
		return HY_ERR_CONFLICT;
	}
	return HY_OK;
}

/* The same notice on the channels that stand in for its own; a chain of them ends. */
static enum hy_err judge_fallbacks(const struct job *job, const struct present *p,
				   const struct hy_channel *channel, enum hy_err *out_code,
				   struct hy_error *e)
{
	const struct hy_channels *channels = job->turn->rules->channels;

	while (!*out_code && (channel = hy_channels_find(channels, channel->fallback))) {
		hy_cleanup(present_fini) struct present other = {.about = NULL};
		const struct hy_str parts[] = {hy_str_of(p->about), hy_str_of(p->step),
					       hy_str_of(p->recipient), channel->id};
		struct hy_id id = hy_id_of(parts, HY_COUNT(parts));
		bool found;
		enum hy_err err = read_notice(job, hy_id_str(&id), &other, &found, e);

		if (err)
			return err;
		if (found)
			*out_code = judge_state(job, &other);
	}
	return HY_OK;
}

static enum hy_err judge(const struct job *job, const struct present *p, enum hy_err *out_code,
			 struct hy_error *e)
{
	const struct hy_channel *channel =
		hy_channels_find(job->turn->rules->channels, hy_str_of(p->channel));

	if (hy_str_trim(job->command->note).n == 0) {
		hy_buf_add_c(job->text, "重发要写明理由");
		*out_code = HY_ERR_MALFORMED;
	} else if (!may_replay(job, p)) {
		hy_buf_addf(job->text, "通知送 %s，%.*s 不能重发；由收件单位或综合部门重发",
			    p->recipient, HY_STR_ARGS(job->command->actor));
		*out_code = HY_ERR_DENIED;
	} else if (!channel || !channel->type->encode) {
		hy_buf_addf(job->text, "通道 %s 已不在规则里，或只供显示，不能重发", p->channel);
		*out_code = HY_ERR_CONFLICT;
	} else {
		*out_code = judge_state(job, p);
		if (!*out_code)
			return judge_fallbacks(job, p, channel, out_code, e);
	}
	return HY_OK;
}

/* Its own message, and the one it was in: whatever is sent under these ids again begins anew. */
static enum hy_err reset_messages(const struct job *job, const struct present *p,
				  struct hy_error *e)
{
	const struct hy_str parts[] = {HY_STR_LIT("message"), job->command->case_id};
	struct hy_id alone = hy_id_of(parts, HY_COUNT(parts));
	const struct hy_str ids[] = {hy_id_str(&alone), hy_str_of(p->message)};
	enum hy_err err = HY_OK;

	for (size_t i = 0; i < HY_COUNT(ids) && !err; i++) {
		struct hy_query *q = hy_store_query(job->turn->store, begin_anew);

		hy_query_bind_wall(q, 1, job->turn->now);
		hy_query_bind_text(q, 2, ids[i]);
		err = hy_query_run(q, NULL, e);
	}
	return err;
}

static enum hy_err carry_out(const struct job *job, const struct present *p, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf detail = HY_BUF(DETAIL_BYTES);
	struct hy_audit_entry entry = {.at = job->turn->now, .actor = job->command->actor,
				       .act = HY_STR_LIT(HY_REPLAY_ACT),
				       .subject = hy_str_of(p->about)};
	struct hy_query *q = hy_store_query(job->turn->store, wait_again);
	enum hy_err err;

	hy_query_bind_wall(q, 1, job->turn->now);
	hy_query_bind_text(q, 2, job->command->case_id);
	err = hy_query_run(q, NULL, e);
	if (!err)
		err = reset_messages(job, p, e);
	if (err)
		return err;
	hy_buf_addf(&detail, "通知 %.*s（%s，送 %s，通道 %s）原为 %s，原消息 %s，重发\n%.*s",
		    HY_STR_ARGS(job->command->case_id), p->step, p->recipient, p->channel, p->state,
		    p->message, HY_STR_ARGS(job->command->note));
	if (hy_buf_err(&detail))
		return hy_fail(e, HY_ERR_LIMIT, "replay: reason too long");
	entry.detail = hy_buf_str(&detail);
	job->turn->woke_channels = true;
	hy_buf_addf(job->text, "通知 %.*s 将由通道 %s 重发",
		    HY_STR_ARGS(hy_str_sub(job->command->case_id, 0, HY_TEXT_NUMBER_DIGITS)),
		    p->channel);
	return hy_audit_append(job->turn, &entry, e);
}

static enum hy_err decide(const struct job *job, enum hy_err *out_code, struct hy_error *e)
{
	hy_cleanup(present_fini) struct present present = {.about = NULL};
	bool found;
	enum hy_err err = read_notice(job, job->command->case_id, &present, &found, e);

	if (err)
		return err;
	if (!found) {
		hy_buf_addf(job->text, "没有通知 %.*s", HY_STR_ARGS(job->command->case_id));
		*out_code = HY_ERR_MALFORMED;
		return HY_OK;
	}
	err = judge(job, &present, out_code, e);
	return err || *out_code ? err : carry_out(job, &present, e);
}

static enum hy_err remember_reply(const struct job *job, enum hy_err code, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(job->turn->store, put_reply);

	hy_query_bind_text(q, 1, job->id);
	hy_query_bind_wall(q, 2, job->turn->now);
	hy_query_bind_int(q, 3, code);
	hy_query_bind_text(q, 4, hy_buf_str(job->text));
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_replay_command(struct hy_turn *turn, const struct hy_msg *message,
			      enum hy_err *out_code, struct hy_buf *out_text, struct hy_error *e)
{
	const struct job job = {turn, &message->as.command, message->id, out_text};
	struct hy_query *q = hy_store_query(turn->store, get_reply);
	enum hy_err code = HY_OK, err;
	bool found;

	hy_query_bind_text(q, 1, message->id);
	err = hy_query_next(q, &found, e);
	if (!err && found) {
		*out_code = (enum hy_err)hy_query_int(q, 0);
		hy_buf_add_str(out_text, hy_query_text(q, 1));
		hy_query_reset(q);
		return HY_OK;
	}
	if (!err)
		err = decide(&job, &code, e);
	if (!err && hy_buf_err(out_text))
		err = hy_fail(e, HY_ERR_LIMIT, "replay: reply too long");
	if (!err)
		err = remember_reply(&job, code, e);
	if (!err)
		*out_code = code;
	return err;
}
