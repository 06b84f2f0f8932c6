#include "crawler/alarm_post.h"

#include "common/base/mem.h"
#include "crawler/source_alarm.h"

#define WINDOW 16
#define RETRY_MS 1000	/* after the store could not be read */

struct hy_alarm_post {
	struct hy_alarm_post_parts parts;
	struct hy_bus_client *client;
	struct hy_deferred *deferred;
	struct hy_timer *retry;
	size_t uncommitted;		/* receipts on their way into the store */
	bool is_draining;
};

/* ---- receipts ---- */

struct receipt {
	struct hy_change change;
	struct hy_alarm_post *post;
	char *id;
};

static enum hy_err write_receipt(struct hy_change *change, struct hy_store *store,
				 struct hy_error *e)
{
	struct receipt *r = hy_container_of(change, struct receipt, change);

	return hy_source_alarm_told(store, hy_str_of(r->id), e);
}

static void end_receipt(struct hy_change *change, bool committed)
{
	struct receipt *r = hy_container_of(change, struct receipt, change);

	/* If not: it is untold as before and is sent again. */
	(void)committed;
	r->post->uncommitted--;
	hy_alarm_post_wake(r->post);
	free(r->id);
	free(r);
}

static const struct hy_change_type receipt_type = {"receipt", write_receipt, end_receipt};

static void on_answer(void *ctx, const struct hy_msg *answer)
{
	struct hy_alarm_post *post = ctx;
	struct receipt *r = hy_xcalloc(1, sizeof *r);

	r->change.type = &receipt_type;
	r->post = post;
	r->id = hy_str_dup(answer->id);
	post->uncommitted++;
	hy_batch_add(post->parts.batch, &r->change);
}

/* ---- sending ---- */

static enum hy_err send_untold(struct hy_alarm_post *post, int64_t place, bool *out_found)
{
	struct hy_untold untold;
	struct hy_error e = {0};
	enum hy_err err = hy_source_alarm_untold(post->parts.store, place, &untold, out_found, &e);

	if (err != HY_OK || !*out_found)
		return err;
	/* LIMIT is a full window, CONFLICT one that is under way. */
	if (!hy_bus_client_holds(post->client, untold.message.id) &&
	    hy_bus_client_send(post->client, &untold.message, &e) == HY_ERR_MALFORMED)
		hy_log(post->parts.log, HY_LOG_ERROR, "alarm cannot be sent",
		       hy_kv_str("alarm", untold.message.id), hy_kv("why", e.text));
	hy_untold_fini(&untold);
	return HY_OK;
}

static void on_turn_end(void *ctx)
{
	struct hy_alarm_post *post = ctx;
	enum hy_err err = HY_OK;
	bool found = true;

	/* Receipts not yet committed look untold; their commit wakes us again. */
	if (post->is_draining || post->uncommitted || hy_batch_is_stuck(post->parts.batch))
		return;
	for (int64_t i = 0; err == HY_OK && found && i < WINDOW; i++)
		err = send_untold(post, i, &found);
	if (err != HY_OK)
		hy_timer_start(post->retry, RETRY_MS, 0);
}

void hy_alarm_post_wake(struct hy_alarm_post *post)
{
	hy_deferred_schedule(post->deferred);
}

/* ---- lifetime ---- */

static void on_retry(void *ctx)
{
	hy_alarm_post_wake(ctx);
}

enum hy_err hy_alarm_post_new(const struct hy_alarm_post_parts *parts, const char *endpoint,
			      const struct hy_bus_options *options, struct hy_alarm_post **out,
			      struct hy_error *e)
{
	struct hy_alarm_post *post = hy_xcalloc(1, sizeof *post);
	struct hy_bus_options own = *options;
	enum hy_err err;

	own.window = WINDOW;
	post->parts = *parts;
	err = hy_bus_client_new(parts->bus, endpoint, &own, &post->client, e);
	if (err != HY_OK) {
		free(post);
		return err;
	}
	post->deferred = hy_deferred_new(parts->loop, on_turn_end, post);
	post->retry = hy_timer_new(parts->loop, on_retry, post);
	hy_bus_client_on_answer(post->client, on_answer, post);
	*out = post;
	return HY_OK;
}

void hy_alarm_post_free(struct hy_alarm_post *post)
{
	if (!post)
		return;
	hy_bus_client_free(post->client);
	hy_deferred_free(post->deferred);
	hy_timer_free(post->retry);
	free(post);
}

void hy_alarm_post_drain(struct hy_alarm_post *post)
{
	post->is_draining = true;
}
