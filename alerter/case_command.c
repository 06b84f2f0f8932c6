#include "alerter/case_command.h"

#include <inttypes.h>

#include "alerter/case_act.h"
#include "common/base/mem.h"

static const char get_reply[] = "SELECT code, text FROM command WHERE id = $1";
static const char put_reply[] = "INSERT INTO command (id, at, code, text) VALUES ($1, $2, $3, $4)";
static const char last_change[] =
	"SELECT at, actor, done FROM case_change WHERE case_id = $1 ORDER BY version DESC LIMIT 1";

struct job {
	struct hy_turn *turn;
	struct hy_str id;
	const struct hy_msg_command *command;
	struct hy_buf *text;
};

static enum hy_err find_reply(const struct job *job, enum hy_err *out_code, bool *out_found,
			      struct hy_error *e)
{
	struct hy_query *q = hy_store_query(job->turn->store, get_reply);
	enum hy_err err;

	hy_query_bind_text(q, 1, job->id);
	err = hy_query_next(q, out_found, e);
	if (err || !*out_found)
		return err;
	*out_code = (enum hy_err)hy_query_int(q, 0);
	hy_buf_add_str(job->text, hy_query_text(q, 1));
	hy_query_reset(q);
	return HY_OK;
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

/* Somebody was quicker: says who, when and with what. */
static enum hy_err say_overtaken(const struct job *job, const struct hy_case_facts *facts,
				 int64_t seen, struct hy_buf *reply, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(job->turn->store, last_change);
	char at[HY_RFC3339_BYTES];
	enum hy_err err;
	bool row;

	hy_query_bind_c(q, 1, facts->id);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	hy_buf_addf(reply, "事项 %s 已有变动（您看到的是第 %" PRId64 " 版，现为第 %" PRId64 " 版",
		    facts->id, seen, facts->version);
	if (row) {
		hy_buf_addf(reply, "：%s %.*s %.*s",
			    hy_wall_format_people(hy_query_wall(q, 0), at),
			    HY_STR_ARGS(hy_query_text(q, 1)), HY_STR_ARGS(hy_query_text(q, 2)));
		hy_query_reset(q);
	}
	hy_buf_add_c(reply, "），请重新查看后再办");
	return HY_OK;
}

/* A version that is not the case's is refused; 0 is whichever it is. */
static enum hy_err judge_version(const struct job *job, struct hy_case_act *act, int64_t seen,
				 enum hy_err *out_code, struct hy_error *e)
{
	if (seen && seen != act->facts.version) {
		*out_code = HY_ERR_CONFLICT;
		return say_overtaken(job, &act->facts, seen, act->reply, e);
	}
	return hy_case_act(act, out_code, e);
}

static void add_line(const struct job *job, const struct hy_case_act *act, enum hy_err code)
{
	if (job->text->n)
		hy_buf_add_char(job->text, '\n');
	if (!code)
		hy_buf_addf(job->text, "事项 %s %s", act->facts.id,
			    hy_case_action(act->move->action)->done);
	hy_buf_add_str(job->text, hy_buf_str(act->reply));
}

static enum hy_err one_case(const struct job *job, struct hy_str case_id, int64_t version,
			    enum hy_err *out_code, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf reply = HY_BUF(HY_MSG_REPLY_BYTES);
	struct hy_case_act act = {.turn = job->turn, .id = job->id, .said = job->command,
				  .actor = hy_case_actor_of(job->command->actor),
				  .event = hy_case_event_of(job->command->command),
				  .reply = &reply};
	enum hy_err code = HY_OK, err;

	err = hy_case_facts_read(job->turn, case_id, &act.actor, &act.facts, e);
	if (!err && !act.facts.id) {
		hy_buf_addf(&reply, "没有事项 %.*s", HY_STR_ARGS(case_id));
		code = HY_ERR_MALFORMED;
	} else if (!err) {
		err = judge_version(job, &act, version, &code, e);
	}
	if (!err)
		add_line(job, &act, code);
	hy_case_facts_fini(&act.facts);
	if (!err && hy_buf_err(&reply))
		return hy_fail(e, HY_ERR_LIMIT, "case: reply too long");
	*out_code = code;
	return err;
}

static enum hy_err all_cases(const struct job *job, enum hy_err *out_code, struct hy_error *e)
{
	const struct hy_msg_command *c = job->command;
	enum hy_err err = one_case(job, c->case_id, c->version, out_code, e);

	for (size_t i = 0; i < c->other_count && !err; i++) {
		enum hy_err code = HY_OK;

		err = one_case(job, c->others[i].case_id, c->others[i].version, &code, e);
		if (!*out_code)
			*out_code = code;
	}
	return err;
}

enum hy_err hy_case_command(struct hy_turn *turn, const struct hy_msg *message,
			    enum hy_err *out_code, struct hy_buf *out_text, struct hy_error *e)
{
	struct job job = {turn, message->id, &message->as.command, out_text};
	bool found;
	enum hy_err code = HY_OK, err = find_reply(&job, &code, &found, e);

	if (!err && !found) {
		err = all_cases(&job, &code, e);
		if (!err)
			err = remember_reply(&job, code, e);
	}
	if (!err && hy_buf_err(out_text))
		return hy_fail(e, HY_ERR_LIMIT, "case: reply too long");
	if (!err)
		*out_code = code;
	return err;
}
