#include "alerter/policy_digest.h"

#include <inttypes.h>
#include <stdio.h>

#include "alerter/audit.h"
#include "alerter/case_table.h"
#include "alerter/notice.h"
#include "alerter/policy_watch.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

#define DIGESTS_OF_TURN 20
#define ID_BYTES 256
#define DAYS_SHOWN 7
#define HEAD_BYTES 2048		/* the title of what is told, as a message's title may be */
#define NAME_SHOWN 600

static const char get_due[] =
	"SELECT id FROM watched_policy WHERE due_at IS NOT NULL AND due_at <= $1"
	" ORDER BY due_at, id LIMIT 1";
static const char get_next[] =
	"SELECT min(due_at) FROM watched_policy WHERE due_at IS NOT NULL";
static const char put_told[] =
	"UPDATE watched_policy SET due_at = NULL, told_at = $2, told = $3 WHERE id = $1";
static const char clear_due[] = "UPDATE watched_policy SET due_at = NULL WHERE id = $1";
static const char put_subject[] =
	"INSERT INTO alarm (id, component, kind, subject, owner, unit, since, raised_at,"
	" cleared_at, text, cleared_text)"
	" VALUES ($1, 'alerter', 'policy-digest', $2, $3, $4, $5, $5, $5, $6, '')"
	" ON CONFLICT (id) DO NOTHING";
static const char get_totals[] =
	"SELECT count(*), count(DISTINCT CASE WHEN outlet <> '' THEN outlet ELSE source END),"
	" min(at), (SELECT p.told FROM watched_policy p WHERE p.id = $1),"
	" (SELECT c.id FROM policy_case k JOIN case_ c ON c.id = k.case_id"
	" WHERE k.policy = $1 AND c.state NOT IN " HY_CASE_ENDED " ORDER BY k.at DESC LIMIT 1)"
	" FROM reaction WHERE policy = $1";
static const char get_days[] =
	"SELECT (at + 28800000) / 86400000, count(*) FROM reaction"
	" WHERE policy = $1 AND at >= $2 GROUP BY 1 ORDER BY 1";
static const char get_outlets[] =
	"SELECT CASE WHEN outlet <> '' THEN outlet ELSE source END, count(*) FROM reaction"
	" WHERE policy = $1 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5";
static const char get_questions[] =
	"SELECT l.text, count(DISTINCT q.document) FROM question q"
	" JOIN question l ON l.id = q.alike WHERE q.policy = $1"
	" GROUP BY l.id, l.text, l.at ORDER BY 2 DESC, l.at, l.id LIMIT 5";

struct digest {
	struct hy_turn *turn;
	const struct hy_policy *policy;
	int64_t total;
	struct hy_buf head, text;	/* in a line; and with all that is counted */
};

static void digest_fini(struct digest *d)
{
	hy_buf_fini(&d->head);
	hy_buf_fini(&d->text);
}

/* As much of a title as fits: a digest is never too long to be told. */
static struct hy_str shown(struct hy_str text)
{
	return hy_str_sub(text, 0, hy_utf8_floor(text.p, text.n, NAME_SHOWN));
}

static enum hy_err write_head(struct digest *d, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(d->turn->store, get_totals);
	const struct hy_policy *p = d->policy;
	char since[HY_RFC3339_BYTES];
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, p->id);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	if (!row)
		return hy_fail(e, HY_ERR_IO, "policy: no totals");
	d->total = hy_query_int(q, 0);
	hy_buf_addf(&d->head, "【政策反应】《%.*s》%s%.*s%s 新增 %" PRId64 " 篇反应，累计 %" PRId64
		    " 篇、%" PRId64 " 家媒体",
		    HY_STR_ARGS(shown(p->title)), p->number.n ? "（" : "",
		    HY_STR_ARGS(shown(p->number)),
		    p->number.n ? "）" : "", d->total - hy_query_int(q, 3), d->total,
		    hy_query_int(q, 1));
	if (d->total)
		hy_buf_addf(&d->head, "（自 %s）",
			    hy_wall_format_people(hy_query_wall(q, 2), since));
	if (!hy_query_is_null(q, 4))
		hy_buf_addf(&d->head, "；在办事项 %.*s", HY_STR_ARGS(hy_query_text(q, 4)));
	hy_query_reset(q);
	return HY_OK;
}

static enum hy_err add_days(struct digest *d, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(d->turn->store, get_days);
	struct hy_wall from = hy_wall_add_ms(hy_day_start(d->turn->now),
					     -(DAYS_SHOWN - 1) * HY_DAY_MS);
	enum hy_err err;
	const char *before = "。近 7 日：";
	bool row;

	hy_query_bind_text(q, 1, d->policy->id);
	hy_query_bind_wall(q, 2, from);
	while (!(err = hy_query_next(q, &row, e)) && row) {
		struct hy_civil day = hy_civil_of(
			(struct hy_wall){hy_query_int(q, 0) * HY_DAY_MS}, 0);

		hy_buf_addf(&d->text, "%s%d月%d日 %" PRId64 " 篇", before, day.month, day.day,
			    hy_query_int(q, 1));
		before = "、";
	}
	return err;
}

/* Rows of a name and a count. */
static enum hy_err add_counts(struct digest *d, const char *sql, const char *first,
			      const char *next, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(d->turn->store, sql);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, d->policy->id);
	while (!(err = hy_query_next(q, &row, e)) && row) {
		hy_buf_addf(&d->text, "%s%.*s（%" PRId64 " 篇）", first,
			    HY_STR_ARGS(hy_query_text(q, 0)), hy_query_int(q, 1));
		first = next;
	}
	return err;
}

static enum hy_err write_text(struct digest *d, struct hy_error *e)
{
	enum hy_err err = write_head(d, e);

	hy_buf_add_str(&d->text, hy_buf_str(&d->head));
	if (!err)
		err = add_days(d, e);
	if (!err)
		err = add_counts(d, get_outlets, "。媒体：", "、", e);
	if (!err)
		err = add_counts(d, get_questions, "。问得最多：", "；", e);
	if (!err)
		hy_buf_addf(&d->text, "。详见 huiying policy show %.*s", HY_STR_ARGS(d->policy->id));
	if (!err && (hy_buf_err(&d->head) || hy_buf_err(&d->text)))
		err = hy_fail(e, HY_ERR_LIMIT, "policy: digest too long");
	return err;
}

/* What a notice is about stands as an alarm that is over when it is raised. */
static enum hy_err put_about(struct digest *d, const struct hy_id *id, const struct hy_unit *unit,
			     struct hy_error *e)
{
	struct hy_query *q = hy_store_query(d->turn->store, put_subject);

	hy_query_bind_text(q, 1, hy_id_str(id));
	hy_query_bind_text(q, 2, d->policy->id);
	hy_query_bind_text(q, 3, d->policy->drafter);
	hy_query_bind_text(q, 4, unit->id);
	hy_query_bind_wall(q, 5, d->turn->now);
	hy_query_bind_text(q, 6, hy_buf_str(&d->head));
	return hy_query_run(q, NULL, e);
}

static enum hy_err mark_told(struct digest *d, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(d->turn->store, put_told);

	hy_query_bind_text(q, 1, d->policy->id);
	hy_query_bind_wall(q, 2, d->turn->now);
	hy_query_bind_int(q, 3, d->total);
	return hy_query_run(q, NULL, e);
}

static enum hy_err tell(struct hy_turn *turn, const struct hy_policy *policy, struct hy_error *e)
{
	hy_cleanup(digest_fini) struct digest d = {.turn = turn, .policy = policy};
	const struct hy_unit *unit = hy_policy_unit(turn, policy);
	char total[32];
	struct hy_str parts[] = {HY_STR_LIT(HY_POLICY_STEP_DIGEST), policy->id, {0}};
	struct hy_id id;
	enum hy_err err;

	hy_buf_init(&d.head, HEAD_BYTES);
	hy_buf_init(&d.text, HY_NOTICE_TEXT_BYTES);
	err = write_text(&d, e);
	if (err)
		return err;
	(void)snprintf(total, sizeof total, "%" PRId64, d.total);
	parts[2] = hy_str_of(total);
	id = hy_id_of(parts, HY_COUNT(parts));
	const struct hy_notice_draft draft = {.alarm = hy_id_str(&id),
					      .step = HY_STR_LIT(HY_POLICY_STEP_DIGEST),
					      .text = hy_buf_str(&d.text),
					      .severity = HY_SEVERITY_GENERAL};
	const struct hy_audit_entry entry = {.at = turn->now, .actor = HY_STR_LIT("system"),
					     .act = HY_STR_LIT("policy.digest"),
					     .subject = policy->id,
					     .detail = hy_buf_str(&d.head)};

	err = put_about(&d, &id, unit, e);
	if (!err)
		err = hy_notice_duty(turn, &draft, unit, HY_DUTY_OFFICER, e);
	if (!err)
		err = hy_audit_append(turn, &entry, e);
	return err ? err : mark_told(&d, e);
}

/* One that is no more in the rules has nobody to be told of. */
static enum hy_err tell_next(struct hy_turn *turn, bool *out_found, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf id = HY_BUF(ID_BYTES);
	struct hy_query *q = hy_store_query(turn->store, get_due);
	const struct hy_policy *policy;
	enum hy_err err;

	hy_query_bind_wall(q, 1, turn->now);
	err = hy_query_next(q, out_found, e);
	if (err || !*out_found)
		return err;
	hy_buf_add_str(&id, hy_query_text(q, 0));
	hy_query_reset(q);
	policy = hy_policies_get(turn->rules->policies, hy_buf_str(&id));
	if (policy)
		return tell(turn, policy, e);
	q = hy_store_query(turn->store, clear_due);
	hy_query_bind_text(q, 1, hy_buf_str(&id));
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_policy_digests(struct hy_turn *turn, struct hy_error *e)
{
	enum hy_err err = HY_OK;
	bool found = true;

	for (int i = 0; i < DIGESTS_OF_TURN && found && !err; i++)
		err = tell_next(turn, &found, e);
	return err;
}

enum hy_err hy_policy_digest_next(struct hy_store *store, struct hy_wall *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, get_next);
	enum hy_err err;
	bool row;

	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	*out = row ? hy_query_wall(q, 0) : HY_WALL_NONE;
	if (row)
		hy_query_reset(q);
	return HY_OK;
}
