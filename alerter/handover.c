#include "alerter/handover.h"

#include <stdlib.h>

#include "alerter/audit.h"
#include "alerter/case_table.h"
#include "common/base/mem.h"

#define ROWS_MAX 200	/* of one part of the note; more are counted, not listed */

/* States in which a case waits for its unit, and those in which it has been answered. */

static const char last_note[] =
	"SELECT made_at FROM handover WHERE unit = $1 ORDER BY made_at DESC LIMIT 1";
static const char open_cases[] =
	"SELECT c.id, c.title, c.severity, c.state, c.lead,"
	" (SELECT min(d.due_at) FROM deadline d WHERE d.case_id = c.id AND d.fired_at IS NULL"
	" AND d.stopped_at IS NULL),"
	" (SELECT d.due_at FROM deadline d WHERE d.case_id = c.id AND d.ladder = 'answer'"
	" AND d.step = 100 AND d.stopped_at IS NULL)"
	" FROM case_ c WHERE c.state IN " HY_CASE_UNANSWERED " AND (c.lead = $1 OR EXISTS"
	" (SELECT 1 FROM assist a WHERE a.case_id = c.id AND a.unit = $1"
	" AND a.ended_at IS NULL))"
	" ORDER BY c.severity DESC, c.id LIMIT 201";
static const char done_since[] =
	"SELECT c.id, c.title, s.state, s.from_at FROM span s JOIN case_ c ON c.id = s.case_id"
	" WHERE s.unit = $1 AND s.from_at >= $2 ORDER BY s.from_at, s.case_id, s.number LIMIT 201";
static const char open_alarms[] =
	"SELECT text, raised_at FROM alarm WHERE cleared_at IS NULL AND unit = $1"
	" ORDER BY raised_at, id LIMIT 201";
static const char doubtful_notices[] =
	"SELECT step, recipient, changed_at FROM notice WHERE state = 'uncertain'"
	" AND state IN ('waiting', 'sending', 'uncertain') AND (recipient = $1"
	" OR recipient LIKE $2) ORDER BY changed_at, id LIMIT 201";
static const char get_note[] =
	"SELECT unit, outgoing, incoming, received_at FROM handover WHERE id = $1";
static const char put_note[] =
	"INSERT INTO handover (id, unit, made_at, outgoing, incoming, text, note, received_note)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, '')";
static const char sign_note[] =
	"UPDATE handover SET incoming = $1, received_at = $2, received_note = $3 WHERE id = $4"
	" AND received_at IS NULL";

/* ---- the note ---- */

struct writer {
	struct hy_store *store;
	struct hy_str unit;
	struct hy_wall now, since;
	struct hy_buf *out;
};

typedef void row_fn(const struct writer *w, const struct hy_query *q, struct hy_buf *out);

/* A part: its heading with how many, and a line each. */
static enum hy_err write_part(const struct writer *w, struct hy_query *q, const char *heading,
			      row_fn *row_of, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf lines = HY_BUF(HY_HANDOVER_TEXT_BYTES);
	size_t count = 0;
	bool row = true;

	while (row) {
		enum hy_err err = hy_query_next(q, &row, e);

		if (err)
			return err;
		if (!row)
			break;
		if (++count > ROWS_MAX)
			continue;
		hy_buf_addf(&lines, "  %zu. ", count);
		row_of(w, q, &lines);
		hy_buf_add_char(&lines, '\n');
	}
	if (hy_buf_err(&lines))
		return hy_fail(e, HY_ERR_LIMIT, "handover: too much to write down");
	hy_buf_addf(w->out, "%s：%s\n", heading, count ? "" : "无");
	hy_buf_add_str(w->out, hy_buf_str(&lines));
	if (count > ROWS_MAX)
		hy_buf_addf(w->out, "  ……只列出前 %d 项\n", ROWS_MAX);
	return HY_OK;
}

static const char *state_title(struct hy_str id)
{
	enum hy_case_state state;

	return hy_case_state_parse(id, &state) ? hy_case_state_title(state) : "办理中";
}

static void open_row(const struct writer *w, const struct hy_query *q, struct hy_buf *out)
{
	struct hy_wall next = hy_query_wall(q, 5), answer = hy_query_wall(q, 6);
	char at[HY_RFC3339_BYTES];

	hy_buf_addf(out, "【%s】%.*s %.*s（%s，%s", hy_severity_title((enum hy_severity)hy_query_int(q, 2)),
		    HY_STR_ARGS(hy_query_text(q, 0)), HY_STR_ARGS(hy_query_text(q, 1)),
		    hy_str_eq(hy_query_text(q, 4), w->unit) ? "主办" : "协办",
		    state_title(hy_query_text(q, 3)));
	if (hy_wall_known(answer))
		hy_buf_addf(out, "；回应时限 %s%s", hy_wall_format_people(answer, at),
			    answer.ms <= w->now.ms ? "，已超期" : "");
	if (hy_wall_known(next))
		hy_buf_addf(out, "；下一提醒 %s", hy_wall_format_people(next, at));
	hy_buf_add_c(out, "）");
}

static void done_row(const struct writer *w, const struct hy_query *q, struct hy_buf *out)
{
	char at[HY_RFC3339_BYTES];

	(void)w;
	hy_buf_addf(out, "%s %.*s %.*s：%s", hy_wall_format_people(hy_query_wall(q, 3), at),
		    HY_STR_ARGS(hy_query_text(q, 0)), HY_STR_ARGS(hy_query_text(q, 1)),
		    state_title(hy_query_text(q, 2)));
}

static void alarm_row(const struct writer *w, const struct hy_query *q, struct hy_buf *out)
{
	char at[HY_RFC3339_BYTES];

	(void)w;
	hy_buf_addf(out, "%s %.*s", hy_wall_format_people(hy_query_wall(q, 1), at),
		    HY_STR_ARGS(hy_query_text(q, 0)));
}

static void notice_row(const struct writer *w, const struct hy_query *q, struct hy_buf *out)
{
	char at[HY_RFC3339_BYTES];

	(void)w;
	hy_buf_addf(out, "%s %.*s（%.*s）", hy_wall_format_people(hy_query_wall(q, 2), at),
		    HY_STR_ARGS(hy_query_text(q, 1)), HY_STR_ARGS(hy_query_text(q, 0)));
}

static enum hy_err find_since(struct writer *w, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(w->store, last_note);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, w->unit);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	w->since = row ? hy_query_wall(q, 0) : hy_wall_add_ms(w->now, -HY_HANDOVER_FIRST_MS);
	hy_query_reset(q);
	return HY_OK;
}

static enum hy_err write_parts(const struct writer *w, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf posts = HY_BUF(512);
	struct hy_query *q = hy_store_query(w->store, open_cases);
	enum hy_err err;

	hy_query_bind_text(q, 1, w->unit);
	err = write_part(w, q, "一、未办结事项", open_row, e);
	if (err)
		return err;
	q = hy_store_query(w->store, done_since);
	hy_query_bind_text(q, 1, w->unit);
	hy_query_bind_wall(q, 2, w->since);
	err = write_part(w, q, "二、本班接收和办理", done_row, e);
	if (err)
		return err;
	q = hy_store_query(w->store, open_alarms);
	hy_query_bind_text(q, 1, w->unit);
	err = write_part(w, q, "三、未解除的运行告警", alarm_row, e);
	if (err)
		return err;
	hy_buf_addf(&posts, "%.*s/%%", HY_STR_ARGS(w->unit));
	q = hy_store_query(w->store, doubtful_notices);
	hy_query_bind_text(q, 1, w->unit);
	hy_query_bind_text(q, 2, hy_buf_str(&posts));
	return write_part(w, q, "四、去向不明的通知", notice_row, e);
}

enum hy_err hy_handover_write(struct hy_store *store, struct hy_str unit, struct hy_wall now,
			      struct hy_buf *out, struct hy_error *e)
{
	struct writer w = {.store = store, .unit = unit, .now = now, .out = out};
	char from[HY_RFC3339_BYTES], to[HY_RFC3339_BYTES];
	enum hy_err err = find_since(&w, e);

	if (err)
		return err;
	hy_buf_addf(out, "时段：%s 至 %s\n", hy_wall_format_people(w.since, from),
		    hy_wall_format_people(now, to));
	err = write_parts(&w, e);
	if (!err && hy_buf_err(out))
		return hy_fail(e, HY_ERR_LIMIT, "handover: too much to write down");
	return err;
}

/* ---- commands ---- */

struct job {
	struct hy_turn *turn;
	struct hy_str id;		/* of the message */
	const struct hy_msg_command *command;
	enum hy_err *code;
	struct hy_buf *text;
};

/* A note as it stands. */
struct present {
	char *unit, *outgoing, *incoming;
	bool found, received;
};

static void present_fini(struct present *p)
{
	free(p->unit);
	free(p->outgoing);
	free(p->incoming);
}

static enum hy_err read_note(const struct job *job, struct hy_str id, struct present *out,
			     struct hy_error *e)
{
	struct hy_query *q = hy_store_query(job->turn->store, get_note);
	enum hy_err err;

	hy_query_bind_text(q, 1, id);
	err = hy_query_next(q, &out->found, e);
	if (err || !out->found)
		return err;
	out->unit = hy_str_dup(hy_query_text(q, 0));
	out->outgoing = hy_str_dup(hy_query_text(q, 1));
	out->incoming = hy_str_dup(hy_query_text(q, 2));
	out->received = !hy_query_is_null(q, 3);
	hy_query_reset(q);
	return HY_OK;
}

/* A post that the unit's roster knows: of its rotation, or named by a change. */
static bool is_post(const struct job *job, const struct hy_unit *unit, struct hy_str post)
{
	const struct hy_roster *roster = job->turn->rules->roster;
	const struct hy_roster_plan *plan = hy_roster_plan(roster, unit);

	if (!plan || post.n == 0)
		return false;
	for (int duty = 0; duty < HY_DUTY_COUNT; duty++) {
		if (hy_roster_has_post(plan, (enum hy_duty)duty, post))
			return true;
	}
	for (size_t i = 0; i < roster->change_count; i++) {
		const struct hy_roster_change *c = &roster->change[i];

		if (c->unit == plan->unit && (hy_str_eq(c->by, post) || hy_str_eq(c->post, post)))
			return true;
	}
	return false;
}

/* "unit/post" of that unit; the post, or "" with a refusal. */
static struct hy_str post_of_actor(const struct job *job, const struct hy_unit *unit)
{
	struct hy_str rest = job->command->actor, id = {0};

	(void)hy_str_next(&rest, '/', &id);
	if (unit && hy_str_eq(id, unit->id) && is_post(job, unit, rest))
		return rest;
	hy_buf_addf(job->text, "交接班由本单位值班岗位签字，应写成“单位/岗位”，“%.*s”不是",
		    HY_STR_ARGS(job->command->actor));
	*job->code = HY_ERR_DENIED;
	return (struct hy_str){0};
}

static enum hy_err audit(const struct job *job, const char *act, struct hy_str subject,
			 struct hy_error *e)
{
	struct hy_audit_entry entry = {.at = job->turn->now, .actor = job->command->actor,
				       .act = hy_str_of(act), .subject = subject,
				       .detail = hy_buf_str(job->text)};

	return hy_audit_append(job->turn, &entry, e);
}

static enum hy_err put(const struct job *job, struct hy_str outgoing, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf note = HY_BUF(HY_HANDOVER_TEXT_BYTES);
	struct hy_query *q;
	enum hy_err err = hy_handover_write(job->turn->store, job->command->case_id,
					    job->turn->now, &note, e);

	if (err)
		return err;
	q = hy_store_query(job->turn->store, put_note);
	hy_query_bind_text(q, 1, job->id);
	hy_query_bind_text(q, 2, job->command->case_id);
	hy_query_bind_wall(q, 3, job->turn->now);
	hy_query_bind_text(q, 4, outgoing);
	hy_query_bind_text(q, 5, job->command->kind);
	hy_query_bind_text(q, 6, hy_buf_str(&note));
	hy_query_bind_text(q, 7, job->command->note);
	return hy_query_run(q, NULL, e);
}

static void say_made(const struct job *job, struct hy_str incoming)
{
	hy_buf_addf(job->text, "交接班记录 %.*s 已生成，交班人已签字，待 %.*s 签收",
		    HY_STR_ARGS(job->id), HY_STR_ARGS(incoming));
}

static enum hy_err make(const struct job *job, struct hy_error *e)
{
	const struct hy_msg_command *c = job->command;
	const struct hy_unit *unit = hy_units_get(job->turn->rules->units, c->case_id);
	hy_cleanup(present_fini) struct present present = {0};
	struct hy_str outgoing;
	enum hy_err err = read_note(job, job->id, &present, e);

	if (err)
		return err;
	if (present.found) {
		say_made(job, hy_str_of(present.incoming));
		return HY_OK;
	}
	outgoing = post_of_actor(job, unit);
	if (!outgoing.n)
		return HY_OK;
	if (!is_post(job, unit, c->kind) || hy_str_eq(c->kind, outgoing)) {
		hy_buf_addf(job->text, "接班岗位“%.*s”不在本单位排班里，或与交班人相同",
			    HY_STR_ARGS(c->kind));
		*job->code = HY_ERR_MALFORMED;
		return HY_OK;
	}
	err = put(job, outgoing, e);
	say_made(job, c->kind);
	return err ? err : audit(job, "handover.make", job->id, e);
}

/* Who was named, or who is on duty now in his place. */
static bool may_receive(const struct job *job, const struct hy_unit *unit, struct hy_str post,
			const struct present *present)
{
	if (hy_str_eq_c(post, present->outgoing))
		return false;
	if (hy_str_eq_c(post, present->incoming))
		return true;
	for (int duty = 0; duty < HY_DUTY_COUNT; duty++) {
		struct hy_str posts[HY_ROSTER_ON_DUTY_MAX];
		size_t count = hy_roster_who(job->turn->rules->roster, unit, (enum hy_duty)duty,
					     job->turn->now, posts);

		for (size_t i = 0; i < count; i++) {
			if (hy_str_eq(posts[i], post))
				return true;
		}
	}
	return false;
}

static enum hy_err put_signature(const struct job *job, struct hy_str post, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(job->turn->store, sign_note);

	hy_query_bind_text(q, 1, post);
	hy_query_bind_wall(q, 2, job->turn->now);
	hy_query_bind_text(q, 3, job->command->note);
	hy_query_bind_text(q, 4, job->command->case_id);
	return hy_query_run(q, NULL, e);
}

static enum hy_err sign(const struct job *job, struct hy_error *e)
{
	const struct hy_msg_command *c = job->command;
	hy_cleanup(present_fini) struct present present = {0};
	const struct hy_unit *unit;
	struct hy_str post;
	enum hy_err err = read_note(job, c->case_id, &present, e);

	if (err)
		return err;
	if (!present.found) {
		hy_buf_addf(job->text, "没有交接班记录 %.*s", HY_STR_ARGS(c->case_id));
		*job->code = HY_ERR_MALFORMED;
		return HY_OK;
	}
	unit = hy_units_get(job->turn->rules->units, hy_str_of(present.unit));
	post = post_of_actor(job, unit);
	if (!post.n)
		return HY_OK;
	if (present.received && !hy_str_eq_c(post, present.incoming)) {
		hy_buf_addf(job->text, "交接班记录 %.*s 已由 %s 签收", HY_STR_ARGS(c->case_id),
			    present.incoming);
		*job->code = HY_ERR_CONFLICT;
		return HY_OK;
	}
	if (!may_receive(job, unit, post, &present)) {
		hy_buf_addf(job->text, "交接班记录应由 %s 或当班岗位签收，交班人自己不能签收",
			    present.incoming);
		*job->code = HY_ERR_DENIED;
		return HY_OK;
	}
	hy_buf_addf(job->text, "交接班记录 %.*s 双方已签字：交班 %s，接班 %.*s", HY_STR_ARGS(c->case_id),
		    present.outgoing, HY_STR_ARGS(post));
	if (present.received)
		return HY_OK;
	err = put_signature(job, post, e);
	return err ? err : audit(job, "handover.sign", c->case_id, e);
}

enum hy_err hy_handover_command(struct hy_turn *turn, const struct hy_msg *message,
				enum hy_err *out_code, struct hy_buf *out_text,
				struct hy_error *e)
{
	struct job job = {turn, message->id, &message->as.command, out_code, out_text};
	enum hy_err err;

	*out_code = HY_OK;
	if (job.command->note.n > HY_HANDOVER_NOTE_BYTES) {
		hy_buf_addf(out_text, "备注不超过 %d 字节", HY_HANDOVER_NOTE_BYTES);
		*out_code = HY_ERR_LIMIT;
		return HY_OK;
	}
	err = job.command->command == HY_COMMAND_HANDOVER ? make(&job, e) : sign(&job, e);
	if (!err && hy_buf_err(out_text))
		return hy_fail(e, HY_ERR_LIMIT, "handover: reply too long");
	return err;
}
