/* What an attempt's end makes of a message's notices, and who is told in place of a channel. */
#include <stdlib.h>
#include <string.h>

#include "alerter/outbox.h"
#include "common/base/buf.h"
#include "common/base/mem.h"

#define WORDS_BYTES 512
#define FALL_BACK_AT_ONCE 50
#define HY_FALL_BACK_TEXT "50"

static const char end_attempt[] =
	"UPDATE attempt SET ended_at = $1, outcome = $2, code = $3, words = $4"
	" WHERE message = $5 AND number = $6 AND outcome = 'sending'";
static const char get_message[] =
	"SELECT channel, accepted, doubtful, failures, created_at,"
	" (SELECT count(*) FROM notice n WHERE n.message = m.id) FROM message m WHERE m.id = $1";
static const char set_message[] =
	"UPDATE message SET parts = $1, accepted = $2, doubtful = $3, failures = $4 WHERE id = $5";
static const char move_notices[] =
	"UPDATE notice SET state = $1, changed_at = $2, next_at = $3, error = $4"
	" WHERE message = $5 AND state = 'sending'";
static const char put_pause[] =
	"INSERT INTO channel_pause (channel, until_at) VALUES ($1, $2)"
	" ON CONFLICT (channel) DO UPDATE SET until_at = excluded.until_at";
static const char members_of[] =
	"SELECT id FROM notice WHERE message = $1 AND state = 'sending'";
static const char part_notice[] =
	"UPDATE notice SET state = 'waiting', message = $1, changed_at = $2, next_at = $2,"
	" error = $3 WHERE id = $4";
static const char put_single[] =
	"INSERT INTO message (id, channel, created_at, parts, accepted, doubtful, failures)"
	" VALUES ($1, $2, $3, 0, 0, 0, 0) ON CONFLICT DO NOTHING";
static const char get_notice[] =
	"SELECT case_id, alarm, step, recipient, text, severity FROM notice WHERE id = $1";
static const char put_fallback[] =
	"INSERT INTO notice (id, case_id, alarm, step, recipient, channel, state, created_at,"
	" changed_at, attempts, next_at, error, text, severity, due_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $7, 0, $7, '', $8, $9, $7)"
	" ON CONFLICT DO NOTHING";
static const char fail_notice[] =
	"UPDATE notice SET state = 'failed', changed_at = $1, next_at = NULL, error = $2"
	" WHERE id = $3";
static const char late_notices[] =
	"SELECT n.id FROM notice n LEFT JOIN message m ON m.id = n.message"
	" WHERE n.channel = $1 AND n.state = 'waiting' AND n.due_at <= $2 AND n.severity >= $3"
	" AND COALESCE(m.doubtful, 0) = 0 AND COALESCE(m.accepted, 0) = 0"
	" ORDER BY n.next_at, n.id LIMIT " HY_FALL_BACK_TEXT;
static const char waiting_channels[] =
	"SELECT DISTINCT channel FROM notice WHERE state = 'waiting'";
static const char drop_channel[] =
	"UPDATE notice SET state = 'failed', changed_at = $1, next_at = NULL,"
	" error = 'no such channel in the rules any more' WHERE channel = $2"
	" AND state = 'waiting'";
static const char doubt_sending[] =
	"UPDATE message SET doubtful = 1 WHERE id IN (SELECT message FROM notice"
	" WHERE state = 'sending' AND " HY_NOTICE_OPEN " AND channel = $1)";
static const char repeat_sending[] =
	"UPDATE notice SET state = 'waiting', changed_at = $1, next_at = $1,"
	" error = 'the alerter ended while this was being sent'"
	" WHERE state = 'sending' AND " HY_NOTICE_OPEN " AND channel = $2";
static const char close_attempts[] =
	"UPDATE attempt SET ended_at = $1, outcome = 'uncertain',"
	" words = 'the alerter ended while this was being sent' WHERE outcome = 'sending'";

/* A message as its end finds it, and what is to become of it. */
struct job {
	struct hy_store *store;
	const struct hy_channels *channels;
	const struct hy_outbox_end *end;
	const struct hy_channel *channel;	/* NULL: no longer in the rules */
	struct hy_buf channel_id;
	int64_t parts, accepted, failures, members;
	bool doubtful;
	struct hy_wall created_at;
};

static enum hy_err load(struct job *j, bool *out_found, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(j->store, get_message);
	enum hy_err err;

	hy_query_bind_text(q, 1, hy_id_str(&j->end->message));
	err = hy_query_next(q, out_found, e);
	if (err || !*out_found)
		return err;
	hy_buf_add_str(&j->channel_id, hy_query_text(q, 0));
	j->accepted = hy_query_int(q, 1);
	j->doubtful = hy_query_int(q, 2) != 0;
	j->failures = hy_query_int(q, 3);
	j->created_at = hy_query_wall(q, 4);
	j->members = hy_query_int(q, 5);
	hy_query_reset(q);
	j->channel = hy_channels_find(j->channels, hy_buf_str(&j->channel_id));
	return HY_OK;
}

static enum hy_err record(const struct job *j, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(j->store, end_attempt);

	hy_query_bind_wall(q, 1, j->end->at);
	hy_query_bind_c(q, 2, hy_sent_id(j->end->verdict.outcome));
	hy_query_bind_int(q, 3, j->end->verdict.code);
	hy_query_bind_c(q, 4, j->end->verdict.words);
	hy_query_bind_text(q, 5, hy_id_str(&j->end->message));
	hy_query_bind_int(q, 6, j->end->number);
	return hy_query_run(q, NULL, e);
}

static enum hy_err save(const struct job *j, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(j->store, set_message);

	hy_query_bind_int(q, 1, j->parts);
	hy_query_bind_int(q, 2, j->accepted);
	hy_query_bind_int(q, 3, j->doubtful);
	hy_query_bind_int(q, 4, j->failures);
	hy_query_bind_text(q, 5, hy_id_str(&j->end->message));
	return hy_query_run(q, NULL, e);
}

static enum hy_err move_all(const struct job *j, enum hy_notice_state to, struct hy_wall next_at,
			    struct hy_error *e)
{
	bool accepted = j->end->verdict.outcome == HY_SENT_ACCEPTED;
	struct hy_query *q = hy_store_query(j->store, move_notices);

	hy_query_bind_c(q, 1, hy_notice_state_id(to));
	hy_query_bind_wall(q, 2, j->end->at);
	hy_query_bind_wall(q, 3, to == HY_NOTICE_WAITING ? next_at : HY_WALL_NONE);
	hy_query_bind_c(q, 4, accepted ? "" : j->end->verdict.words);
	hy_query_bind_text(q, 5, hy_id_str(&j->end->message));
	return hy_query_run(q, NULL, e);
}

/* ---- the fallback ---- */

struct copied {
	char *case_id, *alarm, *step, *recipient, *text;
	int64_t severity;
};

static void copied_fini(struct copied *c)
{
	free(c->case_id);
	free(c->alarm);
	free(c->step);
	free(c->recipient);
	free(c->text);
}

static enum hy_err copy_notice(struct hy_store *store, struct hy_str id, struct copied *out,
			       struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, get_notice);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, id);
	err = hy_query_next(q, &row, e);
	if (err || !row)
		return err ? err : hy_fail(e, HY_ERR_MALFORMED, "outbox: a notice is gone");
	out->case_id = hy_str_dup(hy_query_text(q, 0));
	out->alarm = hy_str_dup(hy_query_text(q, 1));
	out->step = hy_str_dup(hy_query_text(q, 2));
	out->recipient = hy_str_dup(hy_query_text(q, 3));
	out->text = hy_str_dup(hy_query_text(q, 4));
	out->severity = hy_query_int(q, 5);
	hy_query_reset(q);
	return HY_OK;
}

/* The same notice on the other channel; where that had it anyway, nothing happens twice. */
static enum hy_err add_fallback(struct hy_store *store, struct hy_str id, struct hy_str channel,
				struct hy_wall now, struct hy_error *e)
{
	hy_cleanup(copied_fini) struct copied c = {.severity = 0};
	enum hy_err err = copy_notice(store, id, &c, e);
	struct hy_query *q;
	struct hy_id fresh;

	if (err)
		return err;
	fresh = hy_id_of((struct hy_str[]){hy_str_of(c.alarm[0] ? c.alarm : c.case_id),
					   hy_str_of(c.step), hy_str_of(c.recipient), channel},
			 4);
	q = hy_store_query(store, put_fallback);
	hy_query_bind_text(q, 1, hy_id_str(&fresh));
	hy_query_bind_c(q, 2, c.case_id[0] ? c.case_id : NULL);
	hy_query_bind_c(q, 3, c.alarm[0] ? c.alarm : NULL);
	hy_query_bind_c(q, 4, c.step);
	hy_query_bind_c(q, 5, c.recipient);
	hy_query_bind_text(q, 6, channel);
	hy_query_bind_wall(q, 7, now);
	hy_query_bind_c(q, 8, c.text);
	hy_query_bind_int(q, 9, c.severity);
	return hy_query_run(q, NULL, e);
}

struct late {
	const char *why;
	struct hy_wall now;
};

static enum hy_err fall_back(struct hy_store *store, const struct hy_channel *channel,
			     const struct hy_id *id, const struct late *late, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf words = HY_BUF(WORDS_BYTES);
	struct hy_query *q;
	enum hy_err err = add_fallback(store, hy_id_str(id), channel->fallback, late->now, e);

	if (err)
		return err;
	hy_buf_addf(&words, "%s; goes to %.*s", late->why, HY_STR_ARGS(channel->fallback));
	q = hy_store_query(store, fail_notice);
	hy_query_bind_wall(q, 1, late->now);
	hy_query_bind_text(q, 2, hy_buf_str(&words));
	hy_query_bind_text(q, 3, hy_id_str(id));
	return hy_query_run(q, NULL, e);
}

/* Ids of a query's rows, so that other statements may run. */
struct ids {
	struct hy_id item[FALL_BACK_AT_ONCE];
	size_t count;
};

static enum hy_err read_ids(struct hy_query *q, struct ids *out, struct hy_error *e)
{
	enum hy_err err;
	bool row;

	while (!(err = hy_query_next(q, &row, e)) && row && out->count < FALL_BACK_AT_ONCE) {
		if (hy_id_valid(hy_query_text(q, 0)))
			memcpy(out->item[out->count++].hex, hy_query_text(q, 0).p, HY_ID_DIGITS);
	}
	hy_query_reset(q);
	return err;
}

static enum hy_err members(const struct job *j, struct ids *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(j->store, members_of);

	hy_query_bind_text(q, 1, hy_id_str(&j->end->message));
	return read_ids(q, out, e);
}

enum hy_err hy_outbox_fall_back(struct hy_store *store, const struct hy_channels *channels,
				const struct hy_channel *channel, struct hy_wall now,
				struct hy_error *e)
{
	struct hy_query *q;
	struct ids ids = {.count = 0};
	struct late late = {"waited too long", now};
	enum hy_err err;
	bool is_quiet = hy_channel_quiet_until(channel, HY_SEVERITY_GENERAL, now).ms != now.ms;

	if (!hy_channels_find(channels, channel->fallback))
		return HY_OK;
	q = hy_store_query(store, late_notices);
	hy_query_bind_text(q, 1, channel->id);
	hy_query_bind_wall(q, 2, hy_wall_add_ms(now, -channel->fallback_after_ms));
	hy_query_bind_int(q, 3, is_quiet ? channel->quiet.pass : HY_SEVERITY_GENERAL);
	err = read_ids(q, &ids, e);
	for (size_t i = 0; i < ids.count && !err; i++)
		err = fall_back(store, channel, &ids.item[i], &late, e);
	return err;
}

/* ---- ends ---- */

/* One notice that spoils a message must not hold up the others: each by itself. */
static enum hy_err take_apart(const struct job *j, struct hy_error *e)
{
	struct ids ids = {.count = 0};
	enum hy_err err = members(j, &ids, e);

	for (size_t i = 0; i < ids.count && !err; i++) {
		struct hy_str parts[] = {HY_STR_LIT("message"), hy_id_str(&ids.item[i])};
		struct hy_id alone = hy_id_of(parts, HY_COUNT(parts));
		struct hy_query *q = hy_store_query(j->store, put_single);

		hy_query_bind_text(q, 1, hy_id_str(&alone));
		hy_query_bind_text(q, 2, hy_buf_str(&j->channel_id));
		hy_query_bind_wall(q, 3, j->end->at);
		err = hy_query_run(q, NULL, e);
		if (err)
			break;
		q = hy_store_query(j->store, part_notice);
		hy_query_bind_text(q, 1, hy_id_str(&alone));
		hy_query_bind_wall(q, 2, j->end->at);
		hy_query_bind_c(q, 3, j->end->verdict.words);
		hy_query_bind_text(q, 4, hy_id_str(&ids.item[i]));
		err = hy_query_run(q, NULL, e);
	}
	return err;
}

/* Given up: what may have arrived is uncertain, what certainly did not goes to the fallback. */
static enum hy_err give_up(const struct job *j, struct hy_error *e)
{
	struct late late = {j->end->verdict.words, j->end->at};
	struct ids ids = {.count = 0};
	enum hy_err err;

	if (j->doubtful)
		return move_all(j, HY_NOTICE_UNCERTAIN, HY_WALL_NONE, e);
	if (!j->channel || !hy_channels_find(j->channels, j->channel->fallback))
		return move_all(j, HY_NOTICE_FAILED, HY_WALL_NONE, e);
	err = members(j, &ids, e);
	for (size_t i = 0; i < ids.count && !err; i++)
		err = fall_back(j->store, j->channel, &ids.item[i], &late, e);
	return err;
}

static bool is_old(const struct job *j)
{
	return !j->channel || j->end->at.ms - j->created_at.ms > HY_OUTBOX_GIVE_UP_MS;
}

static int64_t back_off_ms(int64_t failures)
{
	int64_t wait_ms = HY_OUTBOX_BACK_OFF_MS;

	while (failures-- > 0 && wait_ms < HY_OUTBOX_BACK_OFF_MAX_MS)
		wait_ms *= 2;
	return wait_ms < HY_OUTBOX_BACK_OFF_MAX_MS ? wait_ms : HY_OUTBOX_BACK_OFF_MAX_MS;
}

/* A failure that may pass: later, and later still, with some jitter. */
static enum hy_err try_later(struct job *j, struct hy_error *e)
{
	int64_t wait_ms = back_off_ms(j->failures);

	if (is_old(j) || (j->channel->fallback.n && j->failures + 1 >= j->channel->failures))
		return give_up(j, e);
	wait_ms += hy_outbox_spread(hy_id_str(&j->end->message), j->failures, wait_ms / 5);
	j->failures++;
	return move_all(j, HY_NOTICE_WAITING, hy_wall_add_ms(j->end->at, wait_ms), e);
}

static enum hy_err on_accepted(struct job *j, struct hy_error *e)
{
	j->accepted = (int64_t)j->end->part;
	j->parts = (int64_t)j->end->parts;
	if (j->accepted >= j->parts)
		return move_all(j, HY_NOTICE_SENT, HY_WALL_NONE, e);
	j->failures = 0;
	return move_all(j, HY_NOTICE_WAITING, (struct hy_wall){0}, e);	/* before all others */
}

static enum hy_err on_throttled(struct job *j, struct hy_error *e)
{
	int64_t pause_ms = j->end->verdict.pause_ms;
	struct hy_wall until;
	struct hy_query *q;
	enum hy_err err;

	if (is_old(j))
		return give_up(j, e);
	pause_ms += hy_outbox_spread(hy_id_str(&j->end->message), j->end->number, pause_ms / 10 + 1);
	until = hy_wall_add_ms(j->end->at, pause_ms);
	q = hy_store_query(j->store, put_pause);
	hy_query_bind_text(q, 1, hy_buf_str(&j->channel_id));
	hy_query_bind_wall(q, 2, until);
	err = hy_query_run(q, NULL, e);
	return err ? err : move_all(j, HY_NOTICE_WAITING, until, e);
}

static enum hy_err on_uncertain(struct job *j, struct hy_error *e)
{
	j->doubtful = true;
	if (!j->channel || !j->channel->repeat || is_old(j))
		return move_all(j, HY_NOTICE_UNCERTAIN, HY_WALL_NONE, e);
	return try_later(j, e);
}

static enum hy_err on_refused(struct job *j, struct hy_error *e)
{
	if (j->channel && j->end->verdict.by_message && j->members > 1 && !j->doubtful &&
	    j->accepted == 0)
		return take_apart(j, e);
	return give_up(j, e);
}

enum hy_err hy_outbox_end(struct hy_store *store, const struct hy_channels *channels,
			  const struct hy_outbox_end *end, struct hy_error *e)
{
	static enum hy_err (*const ends[])(struct job *, struct hy_error *) = {
		[HY_SENT_ACCEPTED] = on_accepted,	[HY_SENT_UNSENT] = try_later,
		[HY_SENT_THROTTLED] = on_throttled,	[HY_SENT_REFUSED] = on_refused,
		[HY_SENT_UNCERTAIN] = on_uncertain,
	};
	struct job j = {.store = store, .channels = channels, .end = end,
			.parts = (int64_t)end->parts};
	bool found = false;
	enum hy_err err;

	hy_buf_init(&j.channel_id, WORDS_BYTES);
	err = load(&j, &found, e);
	if (!err && found)
		err = record(&j, e);
	if (!err && found)
		err = ends[end->verdict.outcome](&j, e);
	if (!err && found)
		err = save(&j, e);
	hy_buf_fini(&j.channel_id);
	return err;
}

/* ---- starts and new rules ---- */

enum hy_err hy_outbox_drop_channels(struct hy_store *store, const struct hy_channels *channels,
				    struct hy_wall now, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf names = HY_BUF(HY_CHANNELS_MAX * 80);
	struct hy_query *q = hy_store_query(store, waiting_channels);
	struct hy_str rest, name = {0};
	enum hy_err err;
	bool row;

	while (!(err = hy_query_next(q, &row, e)) && row) {
		const struct hy_channel *channel = hy_channels_find(channels, hy_query_text(q, 0));

		if (!channel || !channel->type->encode)
			hy_buf_addf(&names, "%.*s\n", HY_STR_ARGS(hy_query_text(q, 0)));
	}
	if (err)
		return err;
	rest = hy_buf_str(&names);
	while (!err && hy_str_next(&rest, '\n', &name)) {
		if (name.n == 0)
			continue;
		q = hy_store_query(store, drop_channel);
		hy_query_bind_wall(q, 1, now);
		hy_query_bind_text(q, 2, name);
		err = hy_query_run(q, NULL, e);
	}
	return err;
}

static enum hy_err repeat(struct hy_store *store, const struct hy_channel *channel,
			  struct hy_wall now, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, doubt_sending);
	enum hy_err err;

	hy_query_bind_text(q, 1, channel->id);
	err = hy_query_run(q, NULL, e);
	if (err)
		return err;
	q = hy_store_query(store, repeat_sending);
	hy_query_bind_wall(q, 1, now);
	hy_query_bind_text(q, 2, channel->id);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_outbox_recover(struct hy_store *store, const struct hy_channels *channels,
			      struct hy_wall now, int64_t *out_uncertain, struct hy_error *e)
{
	enum hy_err err = HY_OK;
	struct hy_query *q;

	for (size_t i = 0; i < channels->count && !err; i++) {
		if (channels->item[i].type->encode && channels->item[i].repeat)
			err = repeat(store, &channels->item[i], now, e);
	}
	if (!err)
		err = hy_notices_recover(store, now, out_uncertain, e);
	if (err)
		return err;
	q = hy_store_query(store, close_attempts);
	hy_query_bind_wall(q, 1, now);
	return hy_query_run(q, NULL, e);
}
