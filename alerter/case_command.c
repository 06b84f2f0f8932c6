#include "alerter/case_command.h"

#include "alerter/audit.h"
#include "alerter/case_table.h"
#include "alerter/deadline.h"
#include "alerter/span.h"
#include "common/base/mem.h"

static const char get_reply[] = "SELECT code, text FROM command WHERE id = $1";
static const char put_reply[] = "INSERT INTO command (id, at, code, text) VALUES ($1, $2, $3, $4)";
static const char get_case[] =
	"SELECT state, lead, version, signed_at FROM case_ WHERE id = $1";
static const char move_case[] =
	"UPDATE case_ SET state = $1, version = version + 1,"
	" signed_at = CASE WHEN $2 = 1 THEN $3 ELSE signed_at END,"
	" answered_at = CASE WHEN $4 = 1 AND answered_at IS NULL THEN $3 ELSE answered_at END"
	" WHERE id = $5 AND version = $6";
static const char put_answer[] =
	"INSERT INTO answer (id, case_id, at, actor, kind, url, text)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7)";

static const struct {
	const char *id, *title;
} kinds[] = {
#define X(id, title) {id, title},
	HY_ANSWER_KIND_LIST(X)
#undef X
};

static const char *const acts[] = {
#define X(name, id) "case." id,
	HY_COMMAND_LIST(X)
#undef X
};

struct present {
	enum hy_case_state state;
	char *lead;
	int64_t version;
	bool is_signed;
};

static void present_fini(struct present *present)
{
	free(present->lead);
}

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

static enum hy_err read_case(const struct job *job, struct present *out, bool *out_found,
			     struct hy_error *e)
{
	struct hy_query *q = hy_store_query(job->turn->store, get_case);
	enum hy_err err;

	hy_query_bind_text(q, 1, job->command->case_id);
	err = hy_query_next(q, out_found, e);
	if (err || !*out_found)
		return err;
	if (!hy_case_state_parse(hy_query_text(q, 0), &out->state))
		err = hy_fail(e, HY_ERR_MALFORMED, "case %.*s: unknown state",
			      HY_STR_ARGS(job->command->case_id));
	out->lead = hy_str_dup(hy_query_text(q, 1));
	out->version = hy_query_int(q, 2);
	out->is_signed = hy_wall_known(hy_query_wall(q, 3));
	hy_query_reset(q);
	return err;
}

static bool acts_for(struct hy_str actor, const char *unit)
{
	struct hy_str rest = actor, name = {0};

	(void)hy_str_next(&rest, '/', &name);
	return hy_str_eq_c(name, unit);
}

static bool kind_is_known(struct hy_str kind)
{
	for (size_t i = 0; i < HY_COUNT(kinds); i++) {
		if (hy_str_eq_c(kind, kinds[i].id))
			return true;
	}
	return false;
}

/* An answer says something, of a known kind, at an address where everyone can read it. */
static enum hy_err check_answer(const struct job *job)
{
	const struct hy_msg_command *c = job->command;

	if (!kind_is_known(c->kind)) {
		hy_buf_add_c(job->text, "回应类型应为：");
		for (size_t i = 0; i < HY_COUNT(kinds); i++)
			hy_buf_addf(job->text, "%s%s（%s）", i ? "、" : "", kinds[i].id,
				    kinds[i].title);
		return HY_ERR_MALFORMED;
	}
	if (!hy_str_starts(c->url, HY_STR_LIT("http://")) &&
	    !hy_str_starts(c->url, HY_STR_LIT("https://"))) {
		hy_buf_add_c(job->text, "回应必须写明公开发布的网址（http:// 或 https://）");
		return HY_ERR_MALFORMED;
	}
	if (hy_str_trim(c->note).n == 0) {
		hy_buf_add_c(job->text, "回应内容不能为空");
		return HY_ERR_MALFORMED;
	}
	return HY_OK;
}

/* Why the command cannot be carried out, in words; OK where it can. */
static enum hy_err judge(const struct job *job, const struct present *present,
			 const struct hy_case_move **out_move)
{
	const struct hy_msg_command *c = job->command;
	const struct hy_case_move *move;

	if (!acts_for(c->actor, present->lead)) {
		hy_buf_addf(job->text, "事项 %.*s 由 %s 主办，%.*s 不能办理", HY_STR_ARGS(c->case_id),
			    present->lead, HY_STR_ARGS(c->actor));
		return HY_ERR_DENIED;
	}
	move = hy_case_move_find(present->state, c->command, present->is_signed);
	if (!move) {
		hy_buf_addf(job->text, "事项 %.*s 的状态是“%s”%s，不能再%s", HY_STR_ARGS(c->case_id),
			    hy_case_state_title(present->state),
			    present->is_signed ? "，已签收过" : "",
			    c->command == HY_COMMAND_SIGN ? "签收" : "回应");
		return HY_ERR_CONFLICT;
	}
	*out_move = move;
	return c->command == HY_COMMAND_ANSWER ? check_answer(job) : HY_OK;
}

static enum hy_err insert_answer(const struct job *job, struct hy_error *e)
{
	const struct hy_msg_command *c = job->command;
	struct hy_query *q = hy_store_query(job->turn->store, put_answer);

	hy_query_bind_text(q, 1, job->id);
	hy_query_bind_text(q, 2, c->case_id);
	hy_query_bind_wall(q, 3, job->turn->now);
	hy_query_bind_text(q, 4, c->actor);
	hy_query_bind_text(q, 5, c->kind);
	hy_query_bind_text(q, 6, c->url);
	hy_query_bind_text(q, 7, c->note);
	return hy_query_run(q, NULL, e);
}

static enum hy_err update_case(const struct job *job, const struct present *present,
			       const struct hy_case_move *move, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(job->turn->store, move_case);
	int64_t changed = 0;
	enum hy_err err;

	hy_query_bind_c(q, 1, hy_case_state_id(move->to));
	hy_query_bind_int(q, 2, move->command == HY_COMMAND_SIGN);
	hy_query_bind_wall(q, 3, job->turn->now);
	hy_query_bind_int(q, 4, move->command == HY_COMMAND_ANSWER);
	hy_query_bind_text(q, 5, job->command->case_id);
	hy_query_bind_int(q, 6, present->version);
	err = hy_query_run(q, &changed, e);
	if (!err && changed != 1)
		return hy_fail(e, HY_ERR_UNAVAILABLE, "case changed meanwhile");
	return err;
}

static enum hy_err write_audit(const struct job *job, struct hy_error *e)
{
	const struct hy_msg_command *c = job->command;
	hy_cleanup(hy_buf_fini) struct hy_buf detail = HY_BUF(HY_AUDIT_DETAIL_BYTES);
	struct hy_audit_entry entry = {.at = job->turn->now, .actor = c->actor,
				       .act = hy_str_of(acts[c->command]), .subject = c->case_id};

	if (c->command == HY_COMMAND_ANSWER)
		hy_buf_addf(&detail, "%.*s %.*s\n%.*s", HY_STR_ARGS(c->kind), HY_STR_ARGS(c->url),
			    HY_STR_ARGS(c->note));
	if (hy_buf_err(&detail))
		return hy_fail(e, HY_ERR_LIMIT, "case: answer too long");
	entry.detail = hy_buf_str(&detail);
	return hy_audit_append(job->turn, &entry, e);
}

static enum hy_err carry_out(const struct job *job, const struct present *present,
			     const struct hy_case_move *move, struct hy_error *e)
{
	const struct hy_msg_command *c = job->command;
	bool signs = c->command == HY_COMMAND_SIGN;
	enum hy_err err = update_case(job, present, move, e);

	if (!err)
		err = hy_deadlines_stop(job->turn, c->case_id,
					signs ? HY_LADDER_SIGN : HY_LADDER_ANSWER, e);
	/* What the assists were to bring is in the answer. */
	if (!err && !signs)
		err = hy_deadlines_stop_parts(job->turn, c->case_id, HY_LADDER_ASSIST, e);
	if (!err)
		err = hy_span_turn(job->turn, c->case_id, hy_str_of(present->lead),
				   hy_str_of(hy_case_state_id(move->to)), e);
	if (!err && !signs)
		err = insert_answer(job, e);
	if (!err)
		err = write_audit(job, e);
	hy_buf_addf(job->text, "事项 %.*s %s", HY_STR_ARGS(c->case_id),
		    signs ? "已签收" : "已记录回应");
	return err;
}

static enum hy_err decide(const struct job *job, enum hy_err *out_code, struct hy_error *e)
{
	hy_cleanup(present_fini) struct present present = {.lead = NULL};
	const struct hy_case_move *move = NULL;
	bool found;
	enum hy_err err = read_case(job, &present, &found, e);

	if (err)
		return err;
	if (!found) {
		hy_buf_addf(job->text, "没有事项 %.*s", HY_STR_ARGS(job->command->case_id));
		*out_code = HY_ERR_MALFORMED;
		return HY_OK;
	}
	*out_code = judge(job, &present, &move);
	return *out_code ? HY_OK : carry_out(job, &present, move, e);
}

enum hy_err hy_case_command(struct hy_turn *turn, const struct hy_msg *message,
			    enum hy_err *out_code, struct hy_buf *out_text, struct hy_error *e)
{
	struct job job = {turn, message->id, &message->as.command, out_text};
	bool found;
	enum hy_err code = HY_OK, err = find_reply(&job, &code, &found, e);

	if (!err && !found) {
		err = decide(&job, &code, e);
		if (!err)
			err = remember_reply(&job, code, e);
	}
	if (!err && hy_buf_err(out_text))
		return hy_fail(e, HY_ERR_LIMIT, "case: reply too long");
	if (!err)
		*out_code = code;
	return err;
}
