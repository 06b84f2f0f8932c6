#include "alerter/extension.h"

#include <stdio.h>
#include <stdlib.h>

#include "alerter/audit.h"
#include "alerter/deadline.h"
#include "alerter/notice.h"
#include "common/base/mem.h"

#define STEP_BYTES 192

static const char get_clock[] =
	"SELECT k.preset, k.start_at, k.due_at, d.fired_at, d.stopped_at, c.lead, c.supervisor,"
	" c.severity, c.title FROM clock k JOIN case_ c ON c.id = k.case_id"
	" LEFT JOIN deadline d ON d.case_id = k.case_id AND d.ladder = k.ladder AND d.step = 100"
	" WHERE k.case_id = $1 AND k.ladder = $2";
static const char first_due[] =
	"SELECT min(due_before) FROM extension WHERE case_id = $1 AND ladder = $2";
static const char put_extension[] =
	"INSERT INTO extension (case_id, ladder, at, due_before, due_after, actor, approver, reason)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

/* What the case and its ladder are before. */
struct present {
	char *preset, *lead, *supervisor, *title;
	struct hy_wall start, due, first_due;
	enum hy_severity severity;
	bool over;		/* fired or stopped */
};

struct job {
	struct hy_turn *turn;
	const struct hy_extension *x;
	struct hy_ladder_key key;
	struct hy_buf *text;
};

static void present_fini(struct present *p)
{
	free(p->preset);
	free(p->lead);
	free(p->supervisor);
	free(p->title);
}

static enum hy_err read_present(const struct job *job, struct present *out, bool *out_found,
				struct hy_error *e)
{
	struct hy_query *q = hy_store_query(job->turn->store, get_clock);
	enum hy_err err;

	hy_query_bind_text(q, 1, job->x->case_id);
	hy_query_bind_c(q, 2, job->key.text);
	err = hy_query_next(q, out_found, e);
	if (err || !*out_found)
		return err;
	out->preset = hy_str_dup(hy_query_text(q, 0));
	out->start = hy_query_wall(q, 1);
	out->due = hy_query_wall(q, 2);
	out->over = !hy_query_is_null(q, 3) || !hy_query_is_null(q, 4);
	out->lead = hy_str_dup(hy_query_text(q, 5));
	out->supervisor = hy_str_dup(hy_query_text(q, 6));
	out->severity = (enum hy_severity)hy_query_int(q, 7);
	out->title = hy_str_dup(hy_query_text(q, 8));
	hy_query_reset(q);
	return HY_OK;
}

static enum hy_err read_first_due(const struct job *job, struct present *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(job->turn->store, first_due);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, job->x->case_id);
	hy_query_bind_c(q, 2, job->key.text);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	out->first_due = row && !hy_query_is_null(q, 0) ? hy_query_wall(q, 0) : out->due;
	hy_query_reset(q);
	return HY_OK;
}

/* The supervisor, the coordinating office, or a unit above the lead; never who asks. */
static bool may_approve(const struct job *job, const struct present *present)
{
	const struct hy_units *units = job->turn->rules->units;
	struct hy_str rest = job->x->approver, id = {0};
	const struct hy_unit *unit, *lead = hy_units_get(units, hy_str_of(present->lead));
	size_t count;

	(void)hy_str_next(&rest, '/', &id);
	unit = hy_units_get(units, id);
	if (!unit || hy_str_eq(job->x->approver, job->x->actor))
		return false;
	return hy_str_eq_c(id, present->supervisor) ||
	       unit == hy_units_holder(units, HY_ROLE_OFFICE, job->turn->now, &count) ||
	       (lead && unit != lead && hy_unit_is_under(lead, unit));
}

/* What was said, before anything is looked up. */
static enum hy_err judge_words(const struct job *job)
{
	if (hy_str_trim(job->x->reason).n == 0)
		hy_buf_add_c(job->text, "延期必须写明理由");
	else if (job->x->reason.n > HY_EXTENSION_REASON_BYTES)
		hy_buf_addf(job->text, "延期理由不超过 %d 字节", HY_EXTENSION_REASON_BYTES);
	else if (hy_str_trim(job->x->approver).n == 0)
		hy_buf_add_c(job->text, "延期必须写明批准人");
	else if (!hy_wall_known(job->x->until))
		hy_buf_add_c(job->text, "延期必须写明延到什么时候");
	else
		return HY_OK;
	return HY_ERR_MALFORMED;
}

static enum hy_err judge_amount(const struct job *job, const struct present *present,
				const struct hy_preset *preset)
{
	const char *ladder = hy_ladder_title(job->x->ladder);
	struct hy_wall latest;
	char at[HY_RFC3339_BYTES];

	if (!preset || preset->extension_ms == 0) {
		hy_buf_addf(job->text, "%s时限不得延期", ladder);
		if (preset)
			hy_buf_addf(job->text, "（%.*s）", HY_STR_ARGS(preset->basis));
		return HY_ERR_DENIED;
	}
	latest = hy_preset_extended(preset, present->first_due);
	if (job->x->until.ms > latest.ms) {
		hy_buf_addf(job->text, "%s时限最多延到 %s", ladder,
			    hy_wall_format_people(latest, at));
		return HY_ERR_DENIED;
	}
	if (!may_approve(job, present)) {
		hy_buf_addf(job->text, "%.*s 不能批准延期：应为督办单位、综合协调单位或上级，且不是申请人",
			    HY_STR_ARGS(job->x->approver));
		return HY_ERR_DENIED;
	}
	return HY_OK;
}

static enum hy_err judge(const struct job *job, const struct present *present,
			 const struct hy_preset *preset)
{
	const char *ladder = hy_ladder_title(job->x->ladder);
	char at[HY_RFC3339_BYTES];

	if (present->over || present->due.ms <= job->turn->now.ms) {
		hy_buf_addf(job->text, "%s时限%s（%s），延期须在到期前提出", ladder,
			    present->due.ms <= job->turn->now.ms ? "已到" : "已停止计时",
			    hy_wall_format_people(present->due, at));
		return HY_ERR_CONFLICT;
	}
	if (job->x->until.ms <= present->due.ms) {
		hy_buf_addf(job->text, "延期应晚于现在的时限 %s",
			    hy_wall_format_people(present->due, at));
		return HY_ERR_MALFORMED;
	}
	return judge_amount(job, present, preset);
}

static enum hy_err put(const struct job *job, const struct present *present, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(job->turn->store, put_extension);

	hy_query_bind_text(q, 1, job->x->case_id);
	hy_query_bind_c(q, 2, job->key.text);
	hy_query_bind_wall(q, 3, job->turn->now);
	hy_query_bind_wall(q, 4, present->due);
	hy_query_bind_wall(q, 5, job->x->until);
	hy_query_bind_text(q, 6, job->x->actor);
	hy_query_bind_text(q, 7, job->x->approver);
	hy_query_bind_text(q, 8, job->x->reason);
	return hy_query_run(q, NULL, e);
}

/* Each extension is told once: the moment it ends at is part of the step. */
static enum hy_err tell(const struct job *job, const struct present *present, struct hy_error *e)
{
	const struct hy_rule_set *rules = job->turn->rules;
	const struct hy_unit *lead = hy_units_get(rules->units, hy_str_of(present->lead));
	const struct hy_unit *above = hy_units_get(rules->units, hy_str_of(present->supervisor));
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_NOTICE_TEXT_BYTES);
	char step[STEP_BYTES];
	struct hy_notice_draft draft = {.case_id = job->x->case_id,
					.severity = present->severity};
	enum hy_err err;

	(void)snprintf(step, sizeof step, "extended-%s-%lld", job->key.text,
		       (long long)(job->x->until.ms / 1000));
	hy_buf_addf(&text, "【%s】%.*s %s：%.*s。理由：%.*s；批准：%.*s",
		    hy_severity_title(present->severity), HY_STR_ARGS(job->x->case_id),
		    present->title, HY_STR_ARGS(hy_buf_str(job->text)),
		    HY_STR_ARGS(job->x->reason), HY_STR_ARGS(job->x->approver));
	if (hy_buf_err(&text))
		return hy_fail(e, HY_ERR_LIMIT, "extension: notice too long");
	draft.step = hy_str_of(step);
	draft.text = hy_buf_str(&text);
	err = hy_notice_duty(job->turn, &draft, lead ? lead : rules->routes->fallback,
			     HY_DUTY_OFFICER, e);
	if (!err && above && above != lead)
		err = hy_notice_duty(job->turn, &draft, above, HY_DUTY_OFFICER, e);
	return err;
}

static enum hy_err audit(const struct job *job, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf detail = HY_BUF(HY_AUDIT_DETAIL_BYTES);
	struct hy_audit_entry entry = {.at = job->turn->now, .actor = job->x->actor,
				       .act = HY_STR_LIT("case.extend"),
				       .subject = job->x->case_id};

	hy_buf_addf(&detail, "%.*s\n理由：%.*s\n批准：%.*s", HY_STR_ARGS(hy_buf_str(job->text)),
		    HY_STR_ARGS(job->x->reason), HY_STR_ARGS(job->x->approver));
	if (hy_buf_err(&detail))
		return hy_fail(e, HY_ERR_LIMIT, "extension: reason too long");
	entry.detail = hy_buf_str(&detail);
	return hy_audit_append(job->turn, &entry, e);
}

static enum hy_err grant(const struct job *job, const struct present *present,
			 const struct hy_preset *preset, struct hy_error *e)
{
	struct hy_clock clock = {.case_id = job->x->case_id, .part = job->x->part,
				 .ladder = job->x->ladder, .preset = preset,
				 .start = present->start, .due = job->x->until};
	char before[HY_RFC3339_BYTES], after[HY_RFC3339_BYTES];
	enum hy_err err = put(job, present, e);

	hy_buf_addf(job->text, "%s时限由 %s 延到 %s", hy_ladder_title(job->x->ladder),
		    hy_wall_format_people(present->due, before),
		    hy_wall_format_people(job->x->until, after));
	if (!err)
		err = hy_deadlines_move(job->turn, &clock, e);
	if (!err)
		err = tell(job, present, e);
	return err ? err : audit(job, e);
}

enum hy_err hy_deadlines_extend(struct hy_turn *turn, const struct hy_extension *x,
				enum hy_err *out_code, struct hy_buf *out_text,
				struct hy_error *e)
{
	hy_cleanup(present_fini) struct present present = {0};
	struct job job = {.turn = turn, .x = x, .text = out_text};
	const struct hy_preset *preset;
	enum hy_err err = hy_ladder_key(x->ladder, x->part, &job.key, e);
	bool found = false;

	if (err)
		return err;
	*out_code = judge_words(&job);
	if (*out_code)
		return HY_OK;
	err = read_present(&job, &present, &found, e);
	if (!err && found)
		err = read_first_due(&job, &present, e);
	if (err)
		return err;
	if (!found) {
		hy_buf_addf(out_text, "事项 %.*s 没有%s时限", HY_STR_ARGS(x->case_id),
			    hy_ladder_title(x->ladder));
		*out_code = HY_ERR_MALFORMED;
		return HY_OK;
	}
	preset = hy_presets_find(turn->rules->presets, hy_str_of(present.preset));
	*out_code = judge(&job, &present, preset);
	return *out_code ? HY_OK : grant(&job, &present, preset, e);
}
