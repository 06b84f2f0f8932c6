#include "alerter/delivery.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "alerter/envelope.h"
#include "alerter/notice.h"
#include "alerter/webhook.h"
#include "common/base/buf.h"
#include "common/base/mem.h"

/* Long enough to mark many at once, short enough that a crash leaves few uncertain. */
#define MARK_AFTER_MS 50
/* Posts that end or may begin within so long share a transaction: each waits for the disk, and
 * meanwhile no alert is taken. */
#define TAKE_AFTER_MS 5
#define RETRY_STORE_MS 1000
#define BACK_OFF_MS 5000	/* doubled for each attempt */
#define LOOK_AGAIN_MAX_MS 60000
#define SECRET_BYTES 4096

/* A post that ended; its notice is still `sending` in the store. */
struct ended {
	struct hy_id notice;
	enum hy_notice_state to;
	struct hy_wall at, next_at;
	char *error;
};

struct hy_delivery {
	struct hy_delivery_parts parts;
	const struct hy_rule_set *rules;
	char *rules_dir;
	struct hy_webhook *webhook;
	struct hy_timer *mark_timer, *take_timer;
	struct hy_id *published;	/* gone out, still `sending` in the store */
	size_t published_count, published_cap;
	struct ended *ended;
	size_t ended_count, ended_cap;
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

	for (size_t i = 0; i < d->published_count && !err; i++) {
		struct hy_notice_move move = {.id = hy_id_str(&d->published[i]),
					      .from = HY_NOTICE_SENDING, .to = HY_NOTICE_SENT,
					      .now = hy_wall_now(), .attempt = true};
		bool moved;

		err = hy_notice_move(d->parts.store, &move, &moved, e);
	}
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
}

static enum hy_err publish_one(struct hy_delivery *d, const struct hy_id *id, struct hy_error *e)
{
	struct hy_notice n = {0};
	struct hy_msg m = {.type = HY_MSG_EVENT, .id = hy_id_str(id)};
	bool found = false;
	enum hy_err err = hy_notice_load(d->parts.store, hy_id_str(id), &n, &found, e);

	if (err || !found)
		return err;
	m.as.event = (struct hy_msg_event){
		.notice = n.id, .case_id = n.case_id, .step = n.step, .recipient = n.recipient,
		.title = n.title, .topic = n.topic, .lead = n.lead_name, .severity = n.severity,
		.at = n.created_at, .sign_due = n.sign_due, .answer_due = n.answer_due,
		.url = n.url, .text = n.text};
	err = hy_bus_publish(d->parts.publisher, &m, e);
	hy_notice_fini(&n);
	return err;
}

void hy_delivery_publish(struct hy_delivery *delivery, const struct hy_id *notices, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct hy_error e = {0};

		/* What could not be shown stays `sending`: at the next start it is uncertain. */
		if (publish_one(delivery, &notices[i], &e)) {
			log_error(delivery, "notice not published", &e);
			continue;
		}
		delivery->published = hy_grow(delivery->published, &delivery->published_cap,
					      delivery->published_count + 1,
					      sizeof *delivery->published);
		delivery->published[delivery->published_count++] = notices[i];
		if (delivery->published_count == 1)
			hy_timer_start(delivery->mark_timer, MARK_AFTER_MS, 0);
	}
}

/* ---- webhooks ---- */

static enum hy_err read_secret(const struct hy_delivery *d, struct hy_str name,
			       struct hy_buf *out, struct hy_error *e)
{
	char path[HY_RULE_PATH_BYTES];
	bool absolute = name.p[0] == '/';
	int n = snprintf(path, sizeof path, "%s%s%.*s", absolute ? "" : d->rules_dir,
			 absolute ? "" : "/", HY_STR_ARGS(name));
	char *room = hy_buf_reserve(out, SECRET_BYTES);
	ssize_t got = -1;
	int fd;

	if (n < 0 || (size_t)n >= sizeof path)
		return hy_fail(e, HY_ERR_LIMIT, "webhook: path of the secret too long");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		got = read(fd, room, SECRET_BYTES);
		(void)close(fd);
	}
	if (got <= 0 || got == SECRET_BYTES)
		return hy_fail(e, HY_ERR_IO, "webhook: cannot read the secret %s", path);
	hy_buf_commit(out, (size_t)got);
	return HY_OK;
}

static enum hy_err post(struct hy_delivery *d, const struct hy_notice *n,
			const struct hy_channel *channel, const struct hy_id *id,
			struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf body, secret = {0};
	char signature[HY_HMAC_HEX_BYTES];
	struct hy_webhook_post request = {.notice = *id, .url = channel->url,
					  .event_type = hy_envelope_event_type(n->step),
					  .timeout_ms = channel->timeout_ms};
	enum hy_err err;

	hy_buf_init(&body, HY_ENVELOPE_BYTES);
	err = hy_envelope_write(n, &body);
	if (err)
		return hy_fail(e, err, "webhook: notice cannot be written as JSON");
	request.body = hy_buf_str(&body);
	if (channel->secret_file.n) {
		hy_buf_init(&secret, SECRET_BYTES + 1);
		err = read_secret(d, channel->secret_file, &secret, e);
		if (err)
			return err;
		hy_envelope_sign(hy_str_trim(hy_buf_str(&secret)), request.body, signature);
		request.signature = signature;
	}
	return hy_webhook_post(d->webhook, &request, e);
}

static enum hy_err store_end(struct hy_delivery *d, const struct ended *ended, struct hy_error *e)
{
	struct hy_notice_move move = {.id = hy_id_str(&ended->notice), .from = HY_NOTICE_SENDING,
				      .to = ended->to, .now = ended->at,
				      .next_at = ended->next_at, .error = ended->error};
	bool moved;

	return hy_notice_move(d->parts.store, &move, &moved, e);
}

static void forget_ended(struct hy_delivery *d)
{
	for (size_t i = 0; i < d->ended_count; i++)
		free(d->ended[i].error);
	d->ended_count = 0;
}

/* One end that cannot be stored must not hold up the others: it stays `sending`. */
static void store_ends_singly(struct hy_delivery *d)
{
	for (size_t i = 0; i < d->ended_count; i++) {
		struct hy_error e = {0};

		if (store_end(d, &d->ended[i], &e))
			log_error(d, "state of a notice not recorded", &e);
	}
	forget_ended(d);
}

static void move_or_log(struct hy_delivery *d, const struct hy_notice_move *move)
{
	struct hy_error e = {0};
	bool moved;

	if (hy_notice_move(d->parts.store, move, &moved, &e))
		log_error(d, "state of a notice not recorded", &e);
}

/*
 * Nothing has left: what may pass, a store or a file that cannot be read just now, is tried
 * again like a receiver that cannot be reached.
 */
static void give_back(struct hy_delivery *d, const struct hy_id *id, const struct hy_notice *n,
		      const struct hy_error *why)
{
	struct hy_wall now = hy_wall_now();
	struct hy_notice_move move = {.id = hy_id_str(id), .from = HY_NOTICE_SENDING,
				      .to = HY_NOTICE_FAILED, .now = now, .error = why->text};

	log_error(d, "notice not sent", why);
	if (hy_err_is_retryable(why->code) && n->attempts < HY_NOTICE_ATTEMPTS_MAX) {
		move.to = HY_NOTICE_WAITING;
		move.next_at = hy_wall_add_ms(now, BACK_OFF_MS << n->attempts);
	}
	move_or_log(d, &move);
}

/* Starts the attempt of a notice that is committed as `sending`. */
static void start_attempt(struct hy_delivery *d, const struct hy_id *id)
{
	struct hy_error e = {0};
	struct hy_notice n = {0};
	const struct hy_channel *channel;
	bool found = false;
	enum hy_err err = hy_notice_load(d->parts.store, hy_id_str(id), &n, &found, &e);

	if (!err && !found)
		return;
	channel = err ? NULL : hy_channels_find(d->rules->channels, n.channel);
	if (!err && (!channel || channel->type != HY_CHANNEL_WEBHOOK))
		err = hy_fail(&e, HY_ERR_MALFORMED, "no such webhook in the rules any more");
	if (!err)
		err = post(d, &n, channel, id, &e);
	if (err)
		give_back(d, id, &n, &e);
	hy_notice_fini(&n);
}

/* Stores what ended and marks as many as may run, in one transaction, before any attempt. */
static enum hy_err take(struct hy_delivery *d, struct hy_id out[HY_DELIVERY_POSTS_MAX],
			size_t *out_count, struct hy_error *e)
{
	size_t room = HY_DELIVERY_POSTS_MAX - hy_webhook_running(d->webhook);
	size_t count = 0;
	struct hy_wall now = hy_wall_now();
	enum hy_err err = hy_store_begin(d->parts.store, e);
	bool found = true;

	if (d->draining || !d->rules)
		room = 0;
	for (size_t i = 0; i < d->ended_count && !err; i++)
		err = store_end(d, &d->ended[i], e);

	while (!err && found && count < room) {
		struct hy_notice_move move = {.from = HY_NOTICE_WAITING, .to = HY_NOTICE_SENDING,
					      .now = now, .attempt = true};
		bool moved;

		err = hy_notice_next(d->parts.store, now, &out[count], &found, e);
		if (err || !found)
			continue;
		move.id = hy_id_str(&out[count]);
		err = hy_notice_move(d->parts.store, &move, &moved, e);
		count += !err && moved;
	}
	if (!err)
		err = hy_store_commit(d->parts.store, e);
	if (err) {
		hy_store_rollback(d->parts.store);
		return err;
	}
	forget_ended(d);
	*out_count = count;
	return HY_OK;
}

static void look_again(struct hy_delivery *d)
{
	struct hy_error e = {0};
	struct hy_wall next = HY_WALL_NONE, now = hy_wall_now();
	int64_t delay_ms = RETRY_STORE_MS;

	if (d->is_woken)
		return;
	if (!hy_notice_next_at(d->parts.store, &next, &e)) {
		if (!hy_wall_known(next))
			return;
		delay_ms = next.ms > now.ms ? next.ms - now.ms : 0;
	}
	hy_timer_start(d->take_timer, delay_ms < LOOK_AGAIN_MAX_MS ? delay_ms : LOOK_AGAIN_MAX_MS,
		       0);
}

static void tell_idle(struct hy_delivery *d)
{
	hy_delivery_idle_fn *fn = d->idle;

	if (!fn || hy_webhook_running(d->webhook))
		return;
	d->idle = NULL;
	fn(d->idle_ctx);
}

static void on_take(void *ctx)
{
	struct hy_delivery *d = ctx;
	struct hy_id ids[HY_DELIVERY_POSTS_MAX] = {0};
	struct hy_error e = {0};
	size_t count = 0;
	enum hy_err err;

	d->is_woken = false;
	if (!d->rules && !d->ended_count)
		return;
	err = take(d, ids, &count, &e);
	if (err && d->ended_count && !hy_err_is_retryable(err) && err != HY_ERR_UNCERTAIN) {
		store_ends_singly(d);
		err = take(d, ids, &count, &e);
	}
	if (err) {
		log_error(d, "waiting notices cannot be taken, will try again", &e);
		hy_timer_start(d->take_timer, RETRY_STORE_MS, 0);
		return;
	}
	for (size_t i = 0; i < count; i++)
		start_attempt(d, &ids[i]);
	if (d->draining)
		tell_idle(d);
	else if (hy_webhook_running(d->webhook) < HY_DELIVERY_POSTS_MAX)
		look_again(d);	/* Full: the end of a running post looks again. */
}

static enum hy_err attempts_of(struct hy_delivery *d, const struct hy_id *id, int64_t *out,
			       struct hy_error *e)
{
	struct hy_notice n = {0};
	bool found = false;
	enum hy_err err = hy_notice_load(d->parts.store, hy_id_str(id), &n, &found, e);

	*out = n.attempts;
	hy_notice_fini(&n);
	return err;
}

static void on_outcome(void *ctx, const struct hy_id *id, enum hy_webhook_outcome outcome,
		       const char *detail)
{
	static const enum hy_notice_state states[] = {
		[HY_WEBHOOK_ACCEPTED] = HY_NOTICE_SENT,
		[HY_WEBHOOK_UNSENT] = HY_NOTICE_WAITING,
		[HY_WEBHOOK_REFUSED] = HY_NOTICE_FAILED,
		[HY_WEBHOOK_UNCERTAIN] = HY_NOTICE_UNCERTAIN,
	};
	struct hy_delivery *d = ctx;
	struct hy_error e = {0};
	struct ended ended = {.notice = *id, .to = states[outcome], .at = hy_wall_now()};
	int64_t attempts = 0;

	if (outcome == HY_WEBHOOK_UNSENT) {
		if (attempts_of(d, id, &attempts, &e) || attempts >= HY_NOTICE_ATTEMPTS_MAX)
			ended.to = HY_NOTICE_FAILED;
		else
			ended.next_at = hy_wall_add_ms(ended.at, BACK_OFF_MS << attempts);
	}
	if (outcome != HY_WEBHOOK_ACCEPTED)
		hy_log(d->parts.log, HY_LOG_WARN, "webhook not accepted",
		       hy_kv_str("notice", hy_id_str(id)), hy_kv("why", detail),
		       hy_kv("state", hy_notice_state_id(ended.to)));
	ended.error = hy_xstrdup(outcome == HY_WEBHOOK_ACCEPTED ? "" : detail);
	d->ended = hy_grow(d->ended, &d->ended_cap, d->ended_count + 1, sizeof *d->ended);
	d->ended[d->ended_count++] = ended;
	hy_delivery_wake(d);
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
	d->webhook = hy_webhook_new(parts->loop, on_outcome, d);
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
	free(delivery->ended);
	hy_timer_free(delivery->mark_timer);
	hy_timer_free(delivery->take_timer);
	hy_webhook_free(delivery->webhook);
	free(delivery->published);
	free(delivery->rules_dir);
	free(delivery);
}

void hy_delivery_set_rules(struct hy_delivery *delivery, const struct hy_rule_set *rules,
			   const char *rules_dir)
{
	free(delivery->rules_dir);
	delivery->rules = rules;
	delivery->rules_dir = hy_xstrdup(rules_dir);
}

void hy_delivery_drain(struct hy_delivery *delivery, hy_delivery_idle_fn *fn, void *ctx)
{
	delivery->draining = true;
	delivery->idle = fn;
	delivery->idle_ctx = ctx;
	hy_delivery_wake(delivery);
}
