#include "crawler/outbox.h"

#include "common/base/mem.h"
#include "crawler/archive.h"

#define RETRY_MS 1000	/* after the store could not be read */

struct hy_outbox {
	struct hy_outbox_parts parts;
	struct hy_bus_client *client;
	struct hy_deferred *deferred;
	struct hy_timer *retry;
	char *holder;
	size_t window;
	struct hy_id *ids;		/* window of them: scratch of refill */
	size_t uncommitted;		/* verdicts on their way into the store */
	bool is_draining;
};

/* ---- verdicts ---- */

struct verdict_change {
	struct hy_change change;
	struct hy_outbox *outbox;
	struct hy_archive_verdict verdict;
};

static enum hy_err write_verdict(struct hy_change *change, struct hy_store *store,
				 struct hy_error *e)
{
	return hy_archive_judge(store, &hy_container_of(change, struct verdict_change,
							change)->verdict, e);
}

static void end_verdict(struct hy_change *change, bool committed)
{
	struct verdict_change *v = hy_container_of(change, struct verdict_change, change);

	/* If not: it is pending as before, and is sent and judged again. */
	(void)committed;
	v->outbox->uncommitted--;
	hy_outbox_wake(v->outbox);
	free(v->verdict.rules);
	free(v->verdict.note);
	free(v);
}

static const struct hy_change_type verdict_type = {"verdict", write_verdict, end_verdict};

static void add_verdict(struct hy_outbox *o, struct hy_str version,
			const struct hy_msg_verdict *verdict)
{
	struct verdict_change *v = hy_xcalloc(1, sizeof *v);

	v->change.type = &verdict_type;
	v->outbox = o;
	memcpy(v->verdict.version.hex, version.p, HY_ID_DIGITS);
	v->verdict.outcome = hy_outcome_name(verdict->outcome);
	v->verdict.rules = hy_str_dup(verdict->rules);
	v->verdict.note = hy_str_dup(verdict->note);
	v->verdict.judged_at = hy_wall_now();
	o->uncommitted++;
	hy_batch_add(o->parts.batch, &v->change);
}

static void on_answer(void *ctx, const struct hy_msg *answer)
{
	struct hy_outbox *o = ctx;

	if (answer->type != HY_MSG_VERDICT || !hy_id_valid(answer->id)) {
		hy_log(o->parts.log, HY_LOG_WARN, "answer is no verdict",
		       hy_kv("type", hy_msg_type_name(answer->type)),
		       hy_kv_str("id", answer->id));
		hy_outbox_wake(o);
		return;
	}
	add_verdict(o, answer->id, &answer->as.verdict);
}

/* ---- sending ---- */

/* What the protocol does not take will not be taken later either: it gets its verdict here. */
static void refuse(struct hy_outbox *o, const struct hy_id *id, const struct hy_error *why)
{
	struct hy_msg_verdict verdict = {.outcome = HY_OUTCOME_UNJUDGED,
					 .note = hy_str_of(why->text)};

	hy_log(o->parts.log, HY_LOG_ERROR, "document cannot be sent", hy_kv("id", id->hex),
	       hy_kv("why", why->text));
	add_verdict(o, hy_id_str(id), &verdict);
}

static enum hy_err send_one(struct hy_outbox *o, const struct hy_id *id)
{
	struct hy_error e = {0};
	struct hy_msg message;
	enum hy_err err;
	bool found;

	err = hy_archive_load(o->parts.store, id, &message, &found, &e);
	if (err != HY_OK || !found)
		return err;
	err = hy_bus_client_send(o->client, &message, &e);
	/* Any other failure passes: LIMIT is a full window, CONFLICT one that is under way. */
	if (err == HY_ERR_MALFORMED)
		refuse(o, id, &e);
	return HY_OK;
}

/* Held ones are pending too, so a window's worth of ids finds whatever else there is room for. */
static enum hy_err refill(struct hy_outbox *o)
{
	struct hy_archive_list pending = {.ids = o->ids, .room = o->window};
	enum hy_err err;

	err = hy_archive_pending(o->parts.store, hy_str_of(o->holder), &pending, NULL);
	for (size_t i = 0; err == HY_OK && i < pending.count && hy_bus_client_room(o->client); i++)
		if (!hy_bus_client_holds(o->client, hy_id_str(&o->ids[i])))
			err = send_one(o, &o->ids[i]);
	return err;
}

void hy_outbox_send(struct hy_outbox *o)
{
	/* Verdicts not yet committed look pending; their commit wakes us again. */
	if (o->is_draining || o->uncommitted || hy_batch_is_stuck(o->parts.batch))
		return;
	/* A nearly full window is refilled in bulk: each look at the store costs. */
	if (hy_bus_client_room(o->client) < (o->window + 3) / 4)
		return;
	if (refill(o) != HY_OK)
		hy_timer_start(o->retry, RETRY_MS, 0);
}

static void on_turn_end(void *ctx)
{
	hy_outbox_send(ctx);
}

void hy_outbox_wake(struct hy_outbox *outbox)
{
	hy_deferred_schedule(outbox->deferred);
}

/* ---- lifetime ---- */

static void on_retry(void *ctx)
{
	hy_outbox_wake(ctx);
}

enum hy_err hy_outbox_new(const struct hy_outbox_parts *parts,
			  const struct hy_outbox_options *options, struct hy_outbox **out,
			  struct hy_error *e)
{
	struct hy_outbox *o = hy_xcalloc(1, sizeof *o);
	enum hy_err err;

	o->parts = *parts;
	err = hy_bus_client_new(parts->bus, options->endpoint, &options->bus, &o->client, e);
	if (err != HY_OK) {
		free(o);
		return err;
	}
	o->window = (size_t)options->bus.window;
	o->ids = hy_xcalloc(o->window, sizeof *o->ids);
	o->holder = hy_xstrdup(options->holder);
	o->deferred = hy_deferred_new(parts->loop, on_turn_end, o);
	o->retry = hy_timer_new(parts->loop, on_retry, o);
	hy_bus_client_on_answer(o->client, on_answer, o);
	*out = o;
	return HY_OK;
}

void hy_outbox_free(struct hy_outbox *outbox)
{
	if (!outbox)
		return;
	hy_bus_client_free(outbox->client);
	hy_deferred_free(outbox->deferred);
	hy_timer_free(outbox->retry);
	free(outbox->ids);
	free(outbox->holder);
	free(outbox);
}

void hy_outbox_drain(struct hy_outbox *outbox)
{
	outbox->is_draining = true;
}

size_t hy_outbox_waiting(const struct hy_outbox *outbox)
{
	return hy_bus_client_waiting(outbox->client);
}

uint64_t hy_outbox_resent(const struct hy_outbox *outbox)
{
	return hy_bus_client_resent(outbox->client);
}
