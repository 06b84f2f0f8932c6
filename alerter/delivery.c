#include "alerter/delivery.h"

#include <stdlib.h>

#include "alerter/attempt.h"
#include "alerter/notice.h"
#include "alerter/outbox.h"
#include "alerter/transport.h"
#include "common/base/buf.h"
#include "common/base/map.h"
#include "common/base/mem.h"

/* Long enough to mark many at once, short enough that a crash leaves few uncertain. */
#define MARK_AFTER_MS 50
/* Posts that end or may begin within so long share a transaction: each waits for the disk, and
 * meanwhile no alert is taken. */
#define TAKE_AFTER_MS 5
#define RETRY_STORE_MS 1000
#define LOOK_AGAIN_MAX_MS 60000
#define TAKEN_MAX 64	/* in one turn */

/* A message on its way; its notices are `sending` in the store. */
struct running {
	struct running *next;
	struct hy_outbox_message message;
	const struct hy_channel_type *type;
	char *channel;			/* its id: the rules may change meanwhile */
	struct hy_attempt attempt;
};

struct taken {
	const struct hy_channel *channel;
	struct hy_outbox_message message;
};

/* One look at what waits. */
struct round {
	struct hy_wall now, wake;	/* wake: when to look again; unknown without */
	struct taken taken[TAKEN_MAX];
	size_t count;
};

struct hy_delivery {
	struct hy_delivery_parts parts;
	const struct hy_rule_set *rules;	/* NULL until they are set */
	char *rules_dir;
	struct hy_transport *transport;
	struct hy_timer *mark_timer, *take_timer;
	struct hy_id *published;	/* gone out, still `sending` in the store */
	struct hy_map published_ids;	/* the same */
	size_t published_count, published_cap;
	struct running *running;
	struct hy_outbox_end *ended;	/* their notices are still `sending` in the store */
	size_t ended_count, ended_cap;
	bool channels_seen;		/* what waits for channels that are gone was dropped */
	bool is_woken;			/* the take timer runs for what happened just now */
	bool draining;
	hy_delivery_idle_fn *idle;	/* called once, when draining is done */
	void *idle_ctx;
};

static void log_error(const struct hy_delivery *d, const char *what, const struct hy_error *e)
{
	hy_log(d->parts.log, HY_LOG_ERROR, what, hy_kv("error", e->text));
}

/* ---- publish ---- */

static enum hy_err mark_all(struct hy_delivery *d, struct hy_error *e)
{
	enum hy_err err = hy_store_begin(d->parts.store, e);

	if (!err)
		err = hy_notices_sent(d->parts.store, d->published, d->published_count,
				      hy_wall_now(), e);
	if (!err)
		err = hy_store_commit(d->parts.store, e);
	if (err)
		hy_store_rollback(d->parts.store);
	return err;
}

static void on_mark(void *ctx)
{
	struct hy_delivery *d = ctx;
	struct hy_error e = {0};
	enum hy_err err = d->published_count ? mark_all(d, &e) : HY_OK;

	if (err) {
		log_error(d, "notices cannot be marked as sent, will try again", &e);
		hy_timer_start(d->mark_timer, RETRY_STORE_MS, 0);
		return;
	}
	d->published_count = 0;
	hy_map_fini(&d->published_ids);
}

static enum hy_err publish_one(struct hy_delivery *d, const struct hy_notice *n,
			       struct hy_error *e)
{
	struct hy_msg m = {.type = HY_MSG_EVENT, .id = n->id};

	m.as.event = (struct hy_msg_event){
		.notice = n->id, .case_id = n->case_id, .step = n->step, .recipient = n->recipient,
		.title = n->title, .topic = n->topic, .lead = n->lead_name,
		.severity = n->severity, .at = n->created_at, .sign_due = n->sign_due,
		.answer_due = n->answer_due, .url = n->url, .text = n->text};
	return hy_bus_publish(d->parts.publisher, &m, e);
}

/* Marked with the others a moment later, and not published again until then. */
static enum hy_err remember(struct hy_delivery *d, const struct hy_id *id, struct hy_error *e)
{
	if (hy_map_set(&d->published_ids, hy_id_str(id), d))
		return hy_fail(e, HY_ERR_LIMIT, "notices: too many at once");
	d->published = hy_grow(d->published, &d->published_cap, d->published_count + 1,
			       sizeof *d->published);
	d->published[d->published_count++] = *id;
	if (d->published_count == 1)
		hy_timer_start(d->mark_timer, MARK_AFTER_MS, 0);
	return HY_OK;
}

/* What could not be shown stays `sending`: at the next start it is uncertain. */
static void publish_some(struct hy_delivery *d, const struct hy_id *ids, size_t count)
{
	struct hy_notice notices[HY_NOTICES_AT_ONCE];
	struct hy_error e = {0};
	enum hy_err err = hy_notices_sending(d->parts.store, ids, count, notices, &e);

	if (err) {
		log_error(d, "notices not published", &e);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (notices[i].id.n && !hy_map_get(&d->published_ids, notices[i].id)) {
			err = publish_one(d, &notices[i], &e);
			if (!err)
				err = remember(d, &ids[i], &e);
			if (err)
				log_error(d, "notice not published", &e);
		}
		hy_notice_fini(&notices[i]);
	}
}

void hy_delivery_publish(struct hy_delivery *delivery, const struct hy_id *notices, size_t count)
{
	for (size_t from = 0; from < count; from += HY_NOTICES_AT_ONCE) {
		size_t left = count - from;

		publish_some(delivery, notices + from,
			     left < HY_NOTICES_AT_ONCE ? left : HY_NOTICES_AT_ONCE);
	}
}

/* ---- messages ---- */

static void running_free(struct running *r)
{
	hy_attempt_fini(&r->attempt);
	free(r->channel);
	free(r);
}

static size_t running_of(const struct hy_delivery *d, struct hy_str channel)
{
	size_t count = 0;

	for (const struct running *r = d->running; r; r = r->next)
		count += hy_str_eq_c(channel, r->channel);
	return count;
}

/* Its end is stored with the next ones that are taken. */
static void end_attempt(struct hy_delivery *d, const struct running *r,
			const struct hy_verdict *verdict)
{
	struct hy_outbox_end end = {.message = r->message.id, .number = r->message.number,
				    .part = r->attempt.part, .parts = r->attempt.parts,
				    .at = hy_wall_now(), .verdict = *verdict};

	if (verdict->outcome != HY_SENT_ACCEPTED)
		hy_log(d->parts.log, HY_LOG_WARN, "message not accepted",
		       hy_kv("channel", r->channel),
		       hy_kv_str("message", hy_id_str(&r->message.id)),
		       hy_kv("outcome", hy_sent_id(verdict->outcome)),
		       hy_kv_int("code", verdict->code), hy_kv("why", verdict->words));
	d->ended = hy_grow(d->ended, &d->ended_cap, d->ended_count + 1, sizeof *d->ended);
	d->ended[d->ended_count++] = end;
	hy_delivery_wake(d);
}

static void on_answer(void *ctx, const struct hy_id *message, const struct hy_answer *answer)
{
	struct hy_delivery *d = ctx;
	struct running **at = &d->running, *r;
	struct hy_verdict verdict;

	while (*at && !hy_str_eq(hy_id_str(&(*at)->message.id), hy_id_str(message)))
		at = &(*at)->next;
	r = *at;
	hy_assert(r != NULL);
	*at = r->next;
	r->type->judge(answer, &verdict);
	hy_attempt_mask(&r->attempt, &verdict);
	end_attempt(d, r, &verdict);
	running_free(r);
}

/* Nothing has left: what may pass, a file that cannot be read just now, is tried again. */
static void never_left(struct hy_delivery *d, struct running *r, const struct hy_error *why)
{
	struct hy_verdict verdict = {.outcome = hy_err_is_retryable(why->code)
							? HY_SENT_UNSENT
							: HY_SENT_REFUSED};

	hy_verdict_say(&verdict, hy_str_of(why->text));
	end_attempt(d, r, &verdict);
	running_free(r);
}

/* Starts the attempt at a message whose notices are committed as `sending`. */
static void start_attempt(struct hy_delivery *d, const struct taken *taken)
{
	struct running *r = hy_xcalloc(1, sizeof *r);
	struct hy_attempt_job job = {.store = d->parts.store, .channels = d->rules->channels,
				     .units = d->rules->units, .rules_dir = d->rules_dir,
				     .channel = taken->channel,
				     .message = &r->message, .now = hy_wall_now()};
	struct hy_error e = {0};
	enum hy_err err;

	r->message = taken->message;
	r->type = taken->channel->type;
	r->channel = hy_str_dup(taken->channel->id);
	hy_attempt_init(&r->attempt);
	err = hy_attempt_write(&job, &r->attempt, &e);
	if (!err)
		err = hy_transport_send(d->transport, &r->message.id, &r->attempt.outgoing, &e);
	if (err) {
		never_left(d, r, &e);
		return;
	}
	r->next = d->running;
	d->running = r;
}

/* ---- taking ---- */

/* One end that cannot be stored must not hold up the others: it stays `sending`. */
static void store_ends_singly(struct hy_delivery *d)
{
	for (size_t i = 0; i < d->ended_count; i++) {
		struct hy_error e = {0};
		enum hy_err err = hy_store_begin(d->parts.store, &e);

		if (!err)
			err = hy_outbox_end(d->parts.store, d->rules->channels, &d->ended[i], &e);
		if (!err)
			err = hy_store_commit(d->parts.store, &e);
		if (err) {
			hy_store_rollback(d->parts.store);
			log_error(d, "end of an attempt not recorded", &e);
		}
	}
	d->ended_count = 0;
}

static void wake_by(struct round *round, struct hy_wall at)
{
	if (hy_wall_known(at) && (!hy_wall_known(round->wake) || at.ms < round->wake.ms))
		round->wake = at;
}

/* Messages of one channel, as many as it may have on their way. */
static enum hy_err take_channel(struct hy_delivery *d, const struct hy_channel *channel,
				struct round *round, struct hy_error *e)
{
	size_t most = channel->type->groups ? 1 : HY_DELIVERY_POSTS_MAX;
	size_t under_way = running_of(d, channel->id);
	enum hy_err err = HY_OK;
	bool found = true;

	if (channel->fallback.n)
		err = hy_outbox_fall_back(d->parts.store, d->rules->channels, channel, round->now,
					  e);
	while (!err && found && under_way < most && round->count < HY_COUNT(round->taken)) {
		struct taken *taken = &round->taken[round->count];
		struct hy_wall due = HY_WALL_NONE, until = round->now;

		err = hy_outbox_next_at(d->parts.store, channel, round->now, &due, e);
		if (err || !hy_wall_known(due))
			break;
		err = hy_outbox_blocked_until(d->parts.store, channel, round->now, &until, e);
		if (err || due.ms > round->now.ms || until.ms > round->now.ms) {
			wake_by(round, due.ms > until.ms ? due : until);
			break;
		}
		taken->channel = channel;
		err = hy_outbox_take(d->parts.store, channel, round->now, &taken->message, e);
		found = !err && taken->message.count > 0;
		round->count += found;
		under_way++;
	}
	if (channel->fallback.n)
		wake_by(round, hy_wall_add_ms(round->now, channel->fallback_after_ms));
	return err;
}

static enum hy_err take_all(struct hy_delivery *d, struct round *round, struct hy_error *e)
{
	const struct hy_channels *channels = d->rules->channels;
	enum hy_err err = HY_OK;

	if (!d->channels_seen)
		err = hy_outbox_drop_channels(d->parts.store, channels, round->now, e);
	for (size_t i = 0; i < channels->count && !err; i++) {
		if (channels->item[i].type->encode)
			err = take_channel(d, &channels->item[i], round, e);
	}
	return err;
}

/* Stores what ended and marks as many as may run, in one transaction, before any attempt. */
static enum hy_err take(struct hy_delivery *d, struct round *round, struct hy_error *e)
{
	enum hy_err err = hy_store_begin(d->parts.store, e);

	for (size_t i = 0; i < d->ended_count && !err; i++)
		err = hy_outbox_end(d->parts.store, d->rules->channels, &d->ended[i], e);
	if (!err && !d->draining)
		err = take_all(d, round, e);
	if (!err)
		err = hy_store_commit(d->parts.store, e);
	if (err) {
		hy_store_rollback(d->parts.store);
		return err;
	}
	d->ended_count = 0;
	d->channels_seen |= !d->draining;
	return HY_OK;
}

static void look_again(struct hy_delivery *d, const struct round *round)
{
	int64_t delay_ms = LOOK_AGAIN_MAX_MS;

	if (d->is_woken)
		return;
	if (hy_wall_known(round->wake) && round->wake.ms - round->now.ms < delay_ms)
		delay_ms = round->wake.ms > round->now.ms ? round->wake.ms - round->now.ms : 1;
	hy_timer_start(d->take_timer, delay_ms, 0);
}

static void tell_idle(struct hy_delivery *d)
{
	hy_delivery_idle_fn *fn = d->idle;

	if (!fn || hy_transport_running(d->transport))
		return;
	d->idle = NULL;
	fn(d->idle_ctx);
}

static void on_take(void *ctx)
{
	struct hy_delivery *d = ctx;
	hy_cleanup(hy_free_p) struct round *round = hy_xcalloc(1, sizeof *round);
	struct hy_error e = {0};
	enum hy_err err;

	d->is_woken = false;
	round->now = hy_wall_now();
	round->wake = HY_WALL_NONE;
	err = take(d, round, &e);
	if (err && d->ended_count && !hy_err_is_retryable(err) && err != HY_ERR_UNCERTAIN) {
		store_ends_singly(d);
		round->count = 0;
		err = take(d, round, &e);
	}
	if (err) {
		log_error(d, "waiting notices cannot be taken, will try again", &e);
		hy_timer_start(d->take_timer, RETRY_STORE_MS, 0);
		return;
	}
	for (size_t i = 0; i < round->count; i++)
		start_attempt(d, &round->taken[i]);
	if (d->draining)
		tell_idle(d);
	else
		look_again(d, round);
}

void hy_delivery_wake(struct hy_delivery *delivery)
{
	/* Not put off by what follows. */
	if (delivery->is_woken)
		return;
	delivery->is_woken = true;
	hy_timer_start(delivery->take_timer, TAKE_AFTER_MS, 0);
}

/* ---- life ---- */

struct hy_delivery *hy_delivery_new(const struct hy_delivery_parts *parts)
{
	struct hy_delivery *d = hy_xcalloc(1, sizeof *d);

	d->parts = *parts;
	hy_map_init(&d->published_ids, SIZE_MAX);
	d->transport = hy_transport_new(parts->loop, on_answer, d);
	d->mark_timer = hy_timer_new(parts->loop, on_mark, d);
	d->take_timer = hy_timer_new(parts->loop, on_take, d);
	return d;
}

void hy_delivery_free(struct hy_delivery *delivery)
{
	if (!delivery)
		return;
	on_mark(delivery);
	store_ends_singly(delivery);
	while (delivery->running) {
		struct running *r = delivery->running;

		delivery->running = r->next;
		running_free(r);
	}
	free(delivery->ended);
	hy_timer_free(delivery->mark_timer);
	hy_timer_free(delivery->take_timer);
	hy_transport_free(delivery->transport);
	free(delivery->published);
	hy_map_fini(&delivery->published_ids);
	free(delivery->rules_dir);
	free(delivery);
}

void hy_delivery_set_rules(struct hy_delivery *delivery, const struct hy_rule_set *rules,
			   const char *rules_dir)
{
	free(delivery->rules_dir);
	delivery->rules = rules;
	delivery->channels_seen = false;
	delivery->rules_dir = hy_xstrdup(rules_dir);
}

void hy_delivery_drain(struct hy_delivery *delivery, hy_delivery_idle_fn *fn, void *ctx)
{
	delivery->draining = true;
	delivery->idle = fn;
	delivery->idle_ctx = ctx;
	hy_delivery_wake(delivery);
}
