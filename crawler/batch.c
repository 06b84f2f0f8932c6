#include "crawler/batch.h"

#include "common/base/mem.h"

/* A full disk or a restarting server: not asked more often than this. */
#define RETRY_FIRST_MS 200
#define RETRY_MAX_MS 10000

struct hy_batch {
	struct hy_store *store;
	const struct hy_log *log;
	struct hy_deferred *deferred;
	struct hy_timer *retry;
	struct hy_change *first, **end;
	hy_batch_fn *fn;
	void *ctx;
	int64_t retry_ms;	/* 0: not stuck */
};

static void on_turn_end(void *ctx);

static void on_retry(void *ctx)
{
	struct hy_batch *b = ctx;

	hy_deferred_schedule(b->deferred);
}

struct hy_batch *hy_batch_new(struct hy_loop *loop, struct hy_store *store,
			      const struct hy_log *log)
{
	struct hy_batch *b = hy_xcalloc(1, sizeof *b);

	b->store = store;
	b->log = log;
	b->end = &b->first;
	b->deferred = hy_deferred_new(loop, on_turn_end, b);
	b->retry = hy_timer_new(loop, on_retry, b);
	return b;
}

static struct hy_change *take_all(struct hy_batch *b)
{
	struct hy_change *all = b->first;

	b->first = NULL;
	b->end = &b->first;
	return all;
}

static void end_all(struct hy_change *first, bool committed)
{
	while (first) {
		struct hy_change *next = first->next;

		first->type->end(first, committed);
		first = next;
	}
}

void hy_batch_free(struct hy_batch *batch)
{
	if (!batch)
		return;
	end_all(take_all(batch), false);
	hy_deferred_free(batch->deferred);
	hy_timer_free(batch->retry);
	free(batch);
}

void hy_batch_on_attempt(struct hy_batch *batch, hy_batch_fn *fn, void *ctx)
{
	batch->fn = fn;
	batch->ctx = ctx;
}

void hy_batch_add(struct hy_batch *batch, struct hy_change *change)
{
	change->next = NULL;
	*batch->end = change;
	batch->end = &change->next;
	if (!batch->retry_ms)
		hy_deferred_schedule(batch->deferred);
}

bool hy_batch_is_stuck(const struct hy_batch *batch)
{
	return batch->retry_ms > 0;
}

bool hy_batch_is_empty(const struct hy_batch *batch)
{
	return !batch->first;
}

/* The changes from `first` up to, not including, `stop` in one transaction. */
static enum hy_err write_range(struct hy_store *store, struct hy_change *first,
			       const struct hy_change *stop, struct hy_error *e)
{
	enum hy_err err = hy_store_begin(store, e);

	for (struct hy_change *c = first; err == HY_OK && c != stop; c = c->next)
		err = c->type->write(c, store, e);
	if (err == HY_OK)
		err = hy_store_commit(store, e);
	if (err != HY_OK)
		hy_store_rollback(store);
	return err;
}

static bool is_the_changes_fault(enum hy_err err)
{
	return err == HY_ERR_CONFLICT || err == HY_ERR_MALFORMED || err == HY_ERR_LIMIT;
}

/*
 * One of several changes cannot be written: each for itself. Those before the first failure
 * of the store have been committed and leave the list, which makes the rest repeatable.
 */
static enum hy_err write_each(struct hy_batch *b, struct hy_error *e)
{
	while (b->first) {
		struct hy_change *c = b->first;
		enum hy_err err = write_range(b->store, c, c->next, e);

		if (err != HY_OK && !is_the_changes_fault(err))
			return err;
		if (err != HY_OK)
			hy_log(b->log, HY_LOG_ERROR, "a change cannot be stored and is dropped",
			       hy_kv("change", c->type->name), hy_kv("why", e->text));
		b->first = c->next;
		if (!b->first)
			b->end = &b->first;
		c->type->end(c, err == HY_OK);
	}
	return HY_OK;
}

static void get_stuck(struct hy_batch *b)
{
	b->retry_ms = b->retry_ms ? b->retry_ms * 2 : RETRY_FIRST_MS;
	if (b->retry_ms > RETRY_MAX_MS)
		b->retry_ms = RETRY_MAX_MS;
	hy_timer_start(b->retry, b->retry_ms, 0);
}

static void on_turn_end(void *ctx)
{
	struct hy_batch *b = ctx;
	struct hy_error e = {0};
	enum hy_err err;

	if (!b->first)
		return;
	err = write_range(b->store, b->first, NULL, &e);
	if (is_the_changes_fault(err))
		err = write_each(b, &e);
	if (err == HY_OK) {
		b->retry_ms = 0;
		end_all(take_all(b), true);
	} else {
		get_stuck(b);
	}
	if (b->fn)
		b->fn(b->ctx, err, &e);
}
