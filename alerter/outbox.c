#include "alerter/outbox.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define MINUTE_MS 60000
#define WINDOW_MS (MINUTE_MS + 1000)	/* the receiver's minute is not exactly ours */
#define PAUSE_MAX_MS (30LL * 60 * 1000)	/* longer: the clock was set back meanwhile */
#define HALF_HOUR_MS (30LL * MINUTE_MS)
#define MARK_MS 5000			/* so long after a full or half hour robots are full */
#define MARK_SPREAD_MS 20000
#define HY_OUTBOX_GROUP_TEXT "20"

static const char due_notices[] =
	"SELECT id, message, text FROM notice WHERE channel = $1 AND state = 'waiting'"
	" AND next_at <= $2 AND severity >= $3 ORDER BY next_at, id LIMIT " HY_OUTBOX_GROUP_TEXT;
static const char members_of[] =
	"SELECT id FROM notice WHERE message = $1 AND state = 'waiting' ORDER BY created_at, id"
	" LIMIT " HY_OUTBOX_GROUP_TEXT;
static const char put_message[] =
	"INSERT INTO message (id, channel, created_at, parts, accepted, doubtful, failures)"
	" VALUES ($1, $2, $3, 0, 0, 0, 0) ON CONFLICT DO NOTHING";
static const char get_message[] =
	"SELECT parts, accepted FROM message WHERE id = $1";
static const char next_number[] =
	"SELECT COALESCE(max(number), 0) + 1 FROM attempt WHERE message = $1";
static const char begin_notice[] =
	"UPDATE notice SET state = 'sending', message = $1, changed_at = $2, next_at = NULL,"
	" attempts = attempts + 1 WHERE id = $3 AND state = 'waiting'";
static const char put_attempt[] =
	"INSERT INTO attempt (message, number, channel, part, at, ended_at, outcome, code, words)"
	" VALUES ($1, $2, $3, $4, $5, NULL, 'sending', 0, '')";
static const char count_attempts[] =
	"SELECT count(*), min(at) FROM attempt WHERE channel = $1 AND at > $2 AND at <= $3";
static const char get_pause[] = "SELECT until_at FROM channel_pause WHERE channel = $1";
static const char next_moment[] =
	"SELECT min(next_at) FROM notice WHERE channel = $1 AND state = 'waiting' AND severity >= $2";

int64_t hy_outbox_spread(struct hy_str text, int64_t number, int64_t range)
{
	char count[24];
	struct hy_str parts[] = {text, {0}};
	struct hy_id id;
	uint64_t value = 0;

	(void)snprintf(count, sizeof count, "%" PRId64, number);
	parts[1] = hy_str_of(count);
	id = hy_id_of(parts, HY_COUNT(parts));
	for (int i = 0; i < 8; i++)
		value = value << 8 | (unsigned char)id.hex[i];
	return (int64_t)(value % (uint64_t)range);
}

static enum hy_err copy_id(struct hy_str text, struct hy_id *out, struct hy_error *e)
{
	if (!hy_id_valid(text))
		return hy_fail(e, HY_ERR_MALFORMED, "outbox: bad id in the store");
	memcpy(out->hex, text.p, HY_ID_DIGITS);
	out->hex[HY_ID_DIGITS] = '\0';
	return HY_OK;
}

/* ---- taking ---- */

/* What goes out now: at quiet hours only what is grave enough. */
static enum hy_severity least_grave(const struct hy_channel *channel, struct hy_wall now)
{
	bool is_quiet = hy_channel_quiet_until(channel, HY_SEVERITY_GENERAL, now).ms != now.ms;

	return is_quiet ? channel->quiet.pass : HY_SEVERITY_GENERAL;
}

static struct hy_id group_id(const struct hy_outbox_message *m)
{
	struct hy_str parts[HY_OUTBOX_GROUP_MAX + 1] = {HY_STR_LIT("message")};

	for (size_t i = 0; i < m->count; i++)
		parts[i + 1] = hy_id_str(&m->notices[i]);
	return hy_id_of(parts, m->count + 1);
}

/*
 * The first that is due decides: a message that was begun goes on with its own notices; else
 * others that wait for no message join it as long as all fit into one part.
 */
static enum hy_err choose(struct hy_store *store, const struct hy_channel *channel,
			  struct hy_wall now, struct hy_outbox_message *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, due_notices);
	size_t bytes = 0, room = channel->type->groups ? HY_OUTBOX_GROUP_MAX : 1;
	bool row, begun = false;
	enum hy_err err;

	hy_query_bind_text(q, 1, channel->id);
	hy_query_bind_wall(q, 2, now);
	hy_query_bind_int(q, 3, least_grave(channel, now));
	while (!(err = hy_query_next(q, &row, e)) && row && !begun && out->count < room) {
		struct hy_str message = hy_query_text(q, 1);

		bytes += hy_query_text(q, 2).n + HY_TEXT_EXTRA_BYTES;
		if (out->count > 0 && (message.n || bytes > channel->type->text_bytes))
			continue;
		begun = message.n > 0;
		err = begun ? copy_id(message, &out->id, e)
			    : copy_id(hy_query_text(q, 0), &out->notices[out->count++], e);
		if (err)
			break;
	}
	hy_query_reset(q);
	if (!err && !begun && out->count)
		out->id = group_id(out);
	return err;
}

static enum hy_err load_members(struct hy_store *store, struct hy_outbox_message *out,
				struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, members_of);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, hy_id_str(&out->id));
	while (!(err = hy_query_next(q, &row, e)) && row) {
		err = copy_id(hy_query_text(q, 0), &out->notices[out->count], e);
		if (err)
			break;
		out->count++;
	}
	hy_query_reset(q);
	return err;
}

static enum hy_err ask_number(struct hy_store *store, const char *sql, struct hy_str id,
			      int64_t *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, sql);
	bool row;
	enum hy_err err;

	hy_query_bind_text(q, 1, id);
	err = hy_query_next(q, &row, e);
	if (!err)
		*out = row ? hy_query_int(q, 0) : 0;
	hy_query_reset(q);
	return err;
}

static enum hy_err begin_message(struct hy_store *store, const struct hy_channel *channel,
				 struct hy_wall now, struct hy_outbox_message *m,
				 struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, put_message);
	enum hy_err err;
	bool row = false;

	hy_query_bind_text(q, 1, hy_id_str(&m->id));
	hy_query_bind_text(q, 2, channel->id);
	hy_query_bind_wall(q, 3, now);
	err = hy_query_run(q, NULL, e);
	if (err)
		return err;
	q = hy_store_query(store, get_message);
	hy_query_bind_text(q, 1, hy_id_str(&m->id));
	err = hy_query_next(q, &row, e);
	if (!err && row) {
		m->parts = hy_query_int(q, 0);
		m->accepted = hy_query_int(q, 1);
	}
	hy_query_reset(q);
	return err ? err : ask_number(store, next_number, hy_id_str(&m->id), &m->number, e);
}

static enum hy_err mark_sending(struct hy_store *store, const struct hy_channel *channel,
				struct hy_wall now, const struct hy_outbox_message *m,
				struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, put_attempt);
	enum hy_err err;

	hy_query_bind_text(q, 1, hy_id_str(&m->id));
	hy_query_bind_int(q, 2, m->number);
	hy_query_bind_text(q, 3, channel->id);
	hy_query_bind_int(q, 4, m->accepted + 1);
	hy_query_bind_wall(q, 5, now);
	err = hy_query_run(q, NULL, e);
	for (size_t i = 0; i < m->count && !err; i++) {
		q = hy_store_query(store, begin_notice);
		hy_query_bind_text(q, 1, hy_id_str(&m->id));
		hy_query_bind_wall(q, 2, now);
		hy_query_bind_text(q, 3, hy_id_str(&m->notices[i]));
		err = hy_query_run(q, NULL, e);
	}
	return err;
}

enum hy_err hy_outbox_take(struct hy_store *store, const struct hy_channel *channel,
			   struct hy_wall now, struct hy_outbox_message *out,
			   struct hy_error *e)
{
	struct hy_outbox_message m = {.count = 0};
	enum hy_err err = choose(store, channel, now, &m, e);

	if (!err && !m.id.hex[0]) {
		out->count = 0;
		return HY_OK;
	}
	if (!err && m.count == 0)
		err = load_members(store, &m, e);
	if (!err)
		err = begin_message(store, channel, now, &m, e);
	if (!err)
		err = mark_sending(store, channel, now, &m, e);
	if (err)
		return err;
	*out = m;
	return HY_OK;
}

/* ---- when ---- */

static enum hy_err budget_until(struct hy_store *store, const struct hy_channel *channel,
				struct hy_wall now, struct hy_wall *out, struct hy_error *e)
{
	struct hy_query *q;
	enum hy_err err;
	bool row;

	if (!channel->budget)
		return HY_OK;
	q = hy_store_query(store, count_attempts);
	hy_query_bind_text(q, 1, channel->id);
	hy_query_bind_wall(q, 2, hy_wall_add_ms(now, -WINDOW_MS));
	hy_query_bind_wall(q, 3, now);
	err = hy_query_next(q, &row, e);
	if (!err && row && hy_query_int(q, 0) >= channel->budget)
		*out = hy_wall_add_ms(hy_query_wall(q, 1), WINDOW_MS);
	hy_query_reset(q);
	return err;
}

static enum hy_err pause_until(struct hy_store *store, const struct hy_channel *channel,
			       struct hy_wall now, struct hy_wall *out, struct hy_error *e)
{
	int64_t until_ms = 0;
	enum hy_err err = ask_number(store, get_pause, channel->id, &until_ms, e);

	if (!err && until_ms > out->ms && until_ms <= now.ms + PAUSE_MAX_MS)
		out->ms = until_ms;
	return err;
}

enum hy_err hy_outbox_blocked_until(struct hy_store *store, const struct hy_channel *channel,
				    struct hy_wall now, struct hy_wall *out, struct hy_error *e)
{
	struct hy_wall until = now;
	int64_t passed_ms = now.ms % HALF_HOUR_MS, wait_ms;
	enum hy_err err = budget_until(store, channel, now, &until, e);

	if (!err)
		err = pause_until(store, channel, now, &until, e);
	if (err)
		return err;
	wait_ms = MARK_MS + hy_outbox_spread(channel->id, now.ms / HALF_HOUR_MS, MARK_SPREAD_MS);
	if (channel->type->avoids_marks && passed_ms < wait_ms &&
	    until.ms < now.ms - passed_ms + wait_ms)
		until.ms = now.ms - passed_ms + wait_ms;
	*out = until;
	return HY_OK;
}

enum hy_err hy_outbox_next_at(struct hy_store *store, const struct hy_channel *channel,
			      struct hy_wall now, struct hy_wall *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, next_moment);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, channel->id);
	hy_query_bind_int(q, 2, least_grave(channel, now));
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	*out = row ? hy_query_wall(q, 0) : HY_WALL_NONE;
	hy_query_reset(q);
	return HY_OK;
}
