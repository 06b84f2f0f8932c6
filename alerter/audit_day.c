#include "alerter/audit_day.h"

#include <inttypes.h>
#include <string.h>

#include "alerter/alarm.h"
#include "alerter/audit.h"
#include "alerter/notice.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/sys/content_id.h"

#define PIECE 20000			/* entries looked through or pruned in one transaction */
#define DATE_BYTES 10
#define TEXT_BYTES 2000
#define FINDINGS_BYTES (1u << 20)
#define FINDING_SHOWN 300
/* Rows of alerter_counter: the entry that is looked through, and the one that was told. */
#define CHECKED "audit-checked"
#define TOLD "audit-told"
#define KIND_HEAD "audit-head"

static const char get_mark[] = "SELECT value, text FROM alerter_counter WHERE name = $1";
static const char put_mark[] =
	"INSERT INTO alerter_counter (name, value, text) VALUES ($1, $2, $3)"
	" ON CONFLICT (name) DO UPDATE SET value = excluded.value, text = excluded.text";
static const char get_hash[] = "SELECT hash FROM audit WHERE seq = $1";
/* Nothing to be mended, so it is over as it begins: the notice needs something to be about. */
static const char put_alarm[] =
	"INSERT INTO alarm (id, component, kind, subject, owner, unit, since, raised_at,"
	" cleared_at, text, cleared_text, lapses_at)"
	" VALUES ($1, 'alerter', $2, $3, $4, $5, $6, $6, $6, $7, '', NULL) ON CONFLICT DO NOTHING";

/* Marks are kept as a head; of TOLD the day stands in front of the hash. */
struct day {
	struct hy_turn *turn;
	const struct hy_audit_rules *rules;
	char date[DATE_BYTES + 1];
	struct hy_audit_head told;	/* seq 0: none was yet */
	char told_date[DATE_BYTES + 1];
	struct hy_audit_head head;
	struct hy_buf findings;
};

static void set_hash(struct hy_str hash, struct hy_audit_head *out)
{
	if (hash.n == HY_SHA256_DIGITS)
		memcpy(out->hash, hash.p, hash.n);
}

static enum hy_err read_mark(struct day *day, const char *name, struct hy_audit_head *out,
			     char *out_date, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(day->turn->store, get_mark);
	enum hy_err err;
	bool row;

	hy_query_bind_c(q, 1, name);
	err = hy_query_next(q, &row, e);
	if (err || !row)
		return err;
	struct hy_str text = hy_query_text(q, 1);

	out->seq = hy_query_int(q, 0);
	if (out_date && text.n > DATE_BYTES) {
		memcpy(out_date, text.p, DATE_BYTES);
		text = hy_str_sub(text, DATE_BYTES + 1, text.n);
	}
	set_hash(text, out);
	hy_query_reset(q);
	return HY_OK;
}

static enum hy_err write_mark(struct day *day, const char *name,
			      const struct hy_audit_head *head, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);
	struct hy_query *q = hy_store_query(day->turn->store, put_mark);

	if (strcmp(name, TOLD) == 0)
		hy_buf_addf(&text, "%s ", day->date);
	hy_buf_add_c(&text, head->hash);
	hy_query_bind_c(q, 1, name);
	hy_query_bind_int(q, 2, head->seq);
	hy_query_bind_text(q, 3, hy_buf_str(&text));
	return hy_query_run(q, NULL, e);
}

/* ---- looking through ---- */

/* The last head that was told must still stand there; what was pruned was vouched for. */
static enum hy_err compare_told(struct day *day, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(day->turn->store, get_hash);
	enum hy_err err;
	bool row;

	if (day->told.seq == 0)
		return HY_OK;
	hy_query_bind_int(q, 1, day->told.seq);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	if (!row || !hy_str_eq_c(hy_query_text(q, 0), day->told.hash))
		hy_buf_addf(&day->findings, "%s 通报的第 %" PRId64 " 条%s\n", day->told_date,
			    day->told.seq, row ? "已被改写" : "已不存在");
	if (row)
		hy_query_reset(q);
	return HY_OK;
}

/* As far as one piece goes; *out_ended at the end of the chain. */
static enum hy_err look_through(struct day *day, bool *out_ended, struct hy_error *e)
{
	struct hy_audit_walk walk = {.ended = false};
	enum hy_err err = read_mark(day, CHECKED, &walk.at, NULL, e);

	if (!err)
		err = hy_audit_walk(day->turn->store, &walk, PIECE, &day->findings, e);
	if (!err)
		err = write_mark(day, CHECKED, &walk.at, e);
	if (err)
		return err;
	*out_ended = walk.ended;
	if (walk.ended && (walk.at.seq != day->head.seq || strcmp(walk.at.hash, day->head.hash) != 0))
		hy_buf_addf(&day->findings, "末尾不符：应止于第 %" PRId64 " 条，实际止于第 %" PRId64 " 条\n",
			    day->head.seq, walk.at.seq);
	return HY_OK;
}

/* ---- telling ---- */

static struct hy_id id_of(const struct day *day, const char *kind)
{
	struct hy_str parts[] = {hy_str_of(kind), hy_str_of(day->date)};

	return hy_id_of(parts, HY_COUNT(parts));
}

/* The first break in words; all of them are found by `huiying audit verify`. */
static enum hy_err tell_broken(struct day *day, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);
	struct hy_str rest = hy_buf_str(&day->findings), first = {0};
	struct hy_id id = id_of(day, HY_AUDIT_KIND_BROKEN);
	bool fresh;

	if (!hy_str_next(&rest, '\n', &first) || !first.n)
		return HY_OK;
	hy_buf_addf(&text, "审计记录不相连：%.*s；请立即运行 huiying audit verify 并保存现场",
		    HY_STR_ARGS(hy_str_sub(first, 0, hy_utf8_floor(first.p, first.n, FINDING_SHOWN))));
	const struct hy_msg_alarm alarm = {
		.alarm = hy_id_str(&id), .component = HY_STR_LIT("alerter"),
		.kind = HY_STR_LIT(HY_AUDIT_KIND_BROKEN), .subject = hy_str_of(day->date),
		.owner = day->rules->receiver, .state = HY_ALARM_RAISED, .since = day->turn->now,
		.at = day->turn->now, .text = hy_buf_str(&text)};

	return hy_alarm_take(day->turn, &alarm, &fresh, e);
}

static void write_text(const struct day *day, struct hy_buf *out)
{
	hy_buf_addf(out, "【审计】%s 共 %" PRId64 " 条，末条 %" PRId64 ":%s（SHA-256）", day->date,
		    day->head.seq, day->head.seq, day->head.hash);
	if (day->told.seq)
		hy_buf_addf(out, "；上次 %s 为 %" PRId64 ":%s，其间 %" PRId64 " 条%s", day->told_date,
			    day->told.seq, day->told.hash, day->head.seq - day->told.seq,
			    day->findings.n ? "有不符，见告警" : "逐条核对相符");
	hy_buf_addf(out, "。请留存，核对：huiying audit verify --head %" PRId64 ":%s", day->head.seq,
		    day->head.hash);
}

static enum hy_err put_subject(struct day *day, const struct hy_id *id, const struct hy_unit *unit,
			       struct hy_str text, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(day->turn->store, put_alarm);

	hy_query_bind_text(q, 1, hy_id_str(id));
	hy_query_bind_c(q, 2, KIND_HEAD);
	hy_query_bind_c(q, 3, day->date);
	hy_query_bind_text(q, 4, day->rules->receiver);
	hy_query_bind_text(q, 5, unit->id);
	hy_query_bind_wall(q, 6, day->turn->now);
	hy_query_bind_text(q, 7, text);
	return hy_query_run(q, NULL, e);
}

static enum hy_err tell_head(struct day *day, struct hy_error *e)
{
	const struct hy_unit *unit = hy_alarm_unit(day->turn->rules, day->rules->receiver,
						   day->turn->now);
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);
	struct hy_id id = id_of(day, KIND_HEAD);
	enum hy_err err;

	write_text(day, &text);
	if (hy_buf_err(&text))
		return hy_fail(e, HY_ERR_LIMIT, "audit: notice too long");
	const struct hy_notice_draft draft = {.alarm = hy_id_str(&id),
					      .step = HY_STR_LIT(HY_AUDIT_STEP_HEAD),
					      .text = hy_buf_str(&text),
					      .severity = HY_SEVERITY_GENERAL};
	const struct hy_audit_entry entry = {.at = day->turn->now, .actor = HY_STR_LIT("system"),
					     .act = HY_STR_LIT("audit.head"),
					     .subject = hy_str_of(day->date),
					     .detail = hy_buf_str(&text)};

	err = put_subject(day, &id, unit, hy_buf_str(&text), e);
	if (!err)
		err = hy_notice_duty(day->turn, &draft, unit, HY_DUTY_OFFICER, e);
	if (!err)
		err = hy_audit_append(day->turn, &entry, e);
	return err ? err : write_mark(day, TOLD, &day->head, e);
}

/* ---- the day ---- */

static enum hy_err tell(struct day *day, struct hy_error *e)
{
	bool ended = false;
	enum hy_err err = hy_audit_head(day->turn->store, &day->head, e);

	if (!err)
		err = look_through(day, &ended, e);
	if (!err && ended)
		err = compare_told(day, e);
	if (!err && hy_buf_err(&day->findings))
		return hy_fail(e, HY_ERR_LIMIT, "audit: too many findings");
	if (!err)
		err = tell_broken(day, e);
	return err || !ended ? err : tell_head(day, e);
}

static enum hy_err prune(struct day *day, bool *out_done, struct hy_error *e)
{
	const struct hy_audit_pruning pruning = {.now = day->turn->now,
						 .keep_days = day->rules->keep_days,
						 .limit = PIECE};
	int64_t pruned = 0;
	enum hy_err err = hy_audit_prune(day->turn, &pruning, &pruned, e);

	if (!err)
		*out_done = pruned < PIECE;
	return err;
}

static void day_fini(struct day *day)
{
	hy_buf_fini(&day->findings);
}

enum hy_err hy_audit_day(struct hy_turn *turn, const struct hy_audit_rules *rules,
			 bool *out_done, struct hy_error *e)
{
	hy_cleanup(day_fini) struct day day = {.turn = turn, .rules = rules};
	char at[HY_RFC3339_BYTES];
	enum hy_err err;

	memcpy(day.date, hy_wall_format(hy_day_start(turn->now), at), DATE_BYTES);
	hy_buf_init(&day.findings, FINDINGS_BYTES);
	err = read_mark(&day, TOLD, &day.told, day.told_date, e);
	*out_done = false;
	if (err)
		return err;
	/* Later, too: the system's clock may have been set back. */
	if (strcmp(day.told_date, day.date) >= 0)
		return prune(&day, out_done, e);
	return tell(&day, e);
}
