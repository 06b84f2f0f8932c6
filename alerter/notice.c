#include "alerter/notice.h"

#include <string.h>

#include "alerter/channel_type.h"
#include "common/base/mem.h"
#include "common/sys/content_id.h"

#define RECIPIENT_BYTES 256
#define LOADED_BYTES 65536
#define LOADED_TEXTS 16

static const char *const states[] = {
#define X(name, id) id,
	HY_NOTICE_STATE_LIST(X)
#undef X
};

static const char put_notice[] =
	"INSERT INTO notice (id, case_id, step, recipient, channel, state, created_at,"
	" changed_at, attempts, next_at, error, text, alarm, severity, due_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 0, $8, '', $9, $10, $11, $8)"
	" ON CONFLICT DO NOTHING";
static const char recover_sending[] =
	"UPDATE notice SET state = 'uncertain', changed_at = $1,"
	" error = 'the alerter ended while this was being sent'"
	" WHERE state = 'sending' AND " HY_NOTICE_OPEN;
/* Not by v_case: SQLite works a view that is joined this way out for every case there is. */
_Static_assert(HY_NOTICES_AT_ONCE == 16, "as many stand in the statements below");
static const char get_notices[] =
	"SELECT n.id, n.case_id, n.step, n.recipient, n.channel, n.text,"
	" COALESCE(c.title, a.text), c.topic, COALESCE(c.lead, a.unit),"
	" u.name, c.event, c.url, n.alarm, a.component, a.kind, a.subject,"
	" n.severity, n.created_at, s.due_at, d.due_at,"
	" COALESCE(c.clock_start, a.since), n.attempts, n.state"
	" FROM notice n LEFT JOIN case_ c ON c.id = n.case_id"
	" LEFT JOIN alarm a ON a.id = n.alarm LEFT JOIN unit u ON u.id = COALESCE(c.lead, a.unit)"
	" LEFT JOIN deadline s ON s.case_id = c.id AND s.ladder = 'sign' AND s.step = 100"
	" LEFT JOIN deadline d ON d.case_id = c.id AND d.ladder = 'answer' AND d.step = 100"
	" WHERE n.id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
static const char mark_sent[] =
	"UPDATE notice SET state = 'sent', changed_at = $17, attempts = attempts + 1 WHERE id IN"
	" ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
	" AND state = 'sending'";

const char *hy_notice_state_id(enum hy_notice_state state)
{
	return states[state];
}

static void remember(struct hy_turn *turn, const struct hy_id *id)
{
	turn->publish = hy_grow(turn->publish, &turn->publish_cap, turn->publish_count + 1,
				sizeof *turn->publish);
	turn->publish[turn->publish_count++] = *id;
}

static void bind_or_null(struct hy_query *q, int parameter, struct hy_str text)
{
	if (text.n)
		hy_query_bind_text(q, parameter, text);
	else
		hy_query_bind_null(q, parameter);
}

/* After the quiet hours; and a little later than now, so that others may join it. */
static struct hy_wall first_moment(const struct hy_turn *turn,
				   const struct hy_notice_draft *draft,
				   const struct hy_channel *channel)
{
	struct hy_wall at = hy_channel_quiet_until(channel, draft->severity, turn->now);

	return draft->severity == HY_SEVERITY_CRITICAL ? at
						       : hy_wall_add_ms(at, channel->gather_ms);
}

static enum hy_err add_row(struct hy_turn *turn, const struct hy_notice_draft *draft,
			   struct hy_str recipient, const struct hy_channel *channel,
			   struct hy_error *e)
{
	struct hy_str about = draft->alarm.n ? draft->alarm : draft->case_id;
	struct hy_str parts[] = {about, draft->step, recipient, channel->id};
	struct hy_id id = hy_id_of(parts, HY_COUNT(parts));
	bool published = channel->type == &hy_channel_publish;
	struct hy_query *q = hy_store_query(turn->store, put_notice);

	hy_query_bind_text(q, 1, hy_id_str(&id));
	bind_or_null(q, 2, draft->case_id);
	hy_query_bind_text(q, 3, draft->step);
	hy_query_bind_text(q, 4, recipient);
	hy_query_bind_text(q, 5, channel->id);
	hy_query_bind_c(q, 6, states[published ? HY_NOTICE_SENDING : HY_NOTICE_WAITING]);
	hy_query_bind_wall(q, 7, turn->now);
	hy_query_bind_wall(q, 8, published ? HY_WALL_NONE : first_moment(turn, draft, channel));
	hy_query_bind_text(q, 9, draft->text);
	bind_or_null(q, 10, draft->alarm);
	hy_query_bind_int(q, 11, draft->severity);
	/* Where there is one already, whoever publishes or takes it finds it in another state. */
	if (published)
		remember(turn, &id);
	else
		turn->woke_channels = true;
	return hy_query_later(q, e);
}

static enum hy_err add_recipient(struct hy_turn *turn, const struct hy_notice_draft *draft,
				 const struct hy_unit *unit, struct hy_str post,
				 struct hy_error *e)
{
	const struct hy_channels *channels = turn->rules->channels;
	hy_cleanup(hy_buf_fini) struct hy_buf recipient = HY_BUF(RECIPIENT_BYTES);
	enum hy_err err = HY_OK;

	hy_duty_recipient(unit, post, &recipient);
	if (hy_buf_err(&recipient))
		return hy_fail(e, HY_ERR_LIMIT, "notice: recipient too long");
	for (size_t i = 0; i < channels->count && !err; i++) {
		if (hy_channel_takes(&channels->item[i], unit->id, draft->severity, draft->step))
			err = add_row(turn, draft, hy_buf_str(&recipient), &channels->item[i], e);
	}
	return err;
}

enum hy_err hy_notice_duty(struct hy_turn *turn, const struct hy_notice_draft *draft,
			   const struct hy_unit *unit, enum hy_duty duty, struct hy_error *e)
{
	struct hy_str posts[HY_ROSTER_ON_DUTY_MAX];
	size_t count = hy_roster_who(turn->rules->roster, unit, duty, turn->now, posts);
	enum hy_err err = HY_OK;

	if (count == 0)
		count = hy_roster_who(turn->rules->roster, unit,
				      duty == HY_DUTY_OFFICER ? HY_DUTY_LEADER : HY_DUTY_OFFICER,
				      turn->now, posts);
	if (count == 0)
		return add_recipient(turn, draft, unit, (struct hy_str){0}, e);
	for (size_t i = 0; i < count && !err; i++)
		err = add_recipient(turn, draft, unit, posts[i], e);
	return err;
}

enum hy_err hy_notices_recover(struct hy_store *store, struct hy_wall now, int64_t *out_count,
			       struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, recover_sending);

	hy_query_bind_wall(q, 1, now);
	return hy_query_run(q, out_count, e);
}

/* Copies the row's first LOADED_TEXTS columns, in the order of the struct's texts. */
static enum hy_err copy_texts(const struct hy_query *q, struct hy_notice *n)
{
	struct hy_str *const texts[LOADED_TEXTS] = {
		&n->id,	   &n->case_id, &n->step, &n->recipient, &n->channel, &n->text,
		&n->title, &n->topic,	&n->lead, &n->lead_name, &n->event,   &n->url,
		&n->alarm, &n->component, &n->kind, &n->subject};
	size_t at = 0;

	for (int i = 0; i < LOADED_TEXTS; i++)
		hy_buf_add_str(&n->memory, hy_query_text(q, i));
	if (hy_buf_err(&n->memory))
		return hy_buf_err(&n->memory);
	for (int i = 0; i < LOADED_TEXTS; i++) {
		*texts[i] = (struct hy_str){n->memory.p + at, hy_query_text(q, i).n};
		at += texts[i]->n;
	}
	return HY_OK;
}

static enum hy_err read_notice(const struct hy_query *q, struct hy_notice *out, struct hy_error *e)
{
	struct hy_notice n = {0};
	enum hy_err err;

	hy_buf_init(&n.memory, LOADED_BYTES);
	err = copy_texts(q, &n);
	if (err) {
		hy_notice_fini(&n);
		return hy_fail(e, err, "notice %.*s: too large", HY_STR_ARGS(hy_query_text(q, 0)));
	}
	n.severity = (enum hy_severity)hy_query_int(q, LOADED_TEXTS);
	n.created_at = hy_query_wall(q, LOADED_TEXTS + 1);
	n.sign_due = hy_query_wall(q, LOADED_TEXTS + 2);
	n.answer_due = hy_query_wall(q, LOADED_TEXTS + 3);
	n.clock_start = hy_query_wall(q, LOADED_TEXTS + 4);
	n.attempts = hy_query_int(q, LOADED_TEXTS + 5);
	*out = n;
	return HY_OK;
}

enum hy_err hy_notice_load(struct hy_store *store, struct hy_str id, struct hy_notice *out,
			   bool *out_found, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, get_notices);
	enum hy_err err;

	hy_query_bind_text(q, 1, id);
	err = hy_query_next(q, out_found, e);
	if (!err && *out_found)
		err = read_notice(q, out, e);
	hy_query_reset(q);
	return err;
}

static void bind_ids(struct hy_query *q, const struct hy_id *ids, size_t count)
{
	hy_assert(count <= HY_NOTICES_AT_ONCE);
	for (size_t i = 0; i < count; i++)
		hy_query_bind_text(q, (int)i + 1, hy_id_str(&ids[i]));
}

static size_t place_of(struct hy_str id, const struct hy_id *ids, size_t count)
{
	size_t at = 0;

	while (at < count && !hy_str_eq(hy_id_str(&ids[at]), id))
		at++;
	return at;
}

enum hy_err hy_notices_sending(struct hy_store *store, const struct hy_id *ids, size_t count,
			       struct hy_notice out[HY_NOTICES_AT_ONCE], struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, get_notices);
	enum hy_err err;
	bool row;

	memset(out, 0, HY_NOTICES_AT_ONCE * sizeof *out);
	bind_ids(q, ids, count);
	while (!(err = hy_query_next(q, &row, e)) && row) {
		size_t at = place_of(hy_query_text(q, 0), ids, count);

		if (at == count || !hy_str_eq_c(hy_query_text(q, LOADED_TEXTS + 6),
						states[HY_NOTICE_SENDING]))
			continue;
		err = out[at].id.n ? HY_OK : read_notice(q, &out[at], e);
		if (err)
			break;
	}
	hy_query_reset(q);
	for (size_t i = 0; i < HY_NOTICES_AT_ONCE && err; i++)
		hy_notice_fini(&out[i]);
	return err;
}

void hy_notice_fini(struct hy_notice *notice)
{
	hy_buf_fini(&notice->memory);
}

enum hy_err hy_notices_sent(struct hy_store *store, const struct hy_id *ids, size_t count,
			    struct hy_wall now, struct hy_error *e)
{
	enum hy_err err = HY_OK;

	for (size_t from = 0; from < count && !err; from += HY_NOTICES_AT_ONCE) {
		size_t n = count - from < HY_NOTICES_AT_ONCE ? count - from : HY_NOTICES_AT_ONCE;
		struct hy_query *q = hy_store_query(store, mark_sent);

		bind_ids(q, ids + from, n);
		hy_query_bind_wall(q, 17, now);
		err = hy_query_later(q, e);
	}
	return err;
}
