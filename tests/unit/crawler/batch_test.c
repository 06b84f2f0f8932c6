/* Batch: one transaction a turn; all or nothing; tried until it is in; one bad apple alone. */
#include "crawler/batch.h"

#include <stdio.h>

#include "tests/unit/crawler/store_fixture.h"

#define WATCHDOG_MS 20000

struct world {
	struct store_fixture *f;
	struct hy_loop *loop;
	struct hy_batch *batch;
	struct hy_timer *watchdog;
	unsigned attempts, stop_after;		/* of the batch */
	enum hy_err last;
	unsigned committed, dropped;
};

/* Inserts a row, or fails by its script first. */
struct insert {
	struct hy_change change;
	struct world *world;
	const char *instance;
	enum hy_err failure;
	unsigned failures_left;
	unsigned *writes;
	const char *then;	/* another one is added when it ends */
};

static const struct hy_log quiet_log = {.name = "test", .level = HY_LOG_ERROR};

static enum hy_err write_insert(struct hy_change *change, struct hy_store *store, struct hy_error *e)
{
	static const char sql[] = "INSERT INTO crawler (instance, alive_until) VALUES ($1, 1)";
	struct insert *i = hy_container_of(change, struct insert, change);
	struct hy_query *q;

	if (i->writes)
		++*i->writes;
	if (i->failures_left) {
		i->failures_left--;
		return hy_fail(e, i->failure, "by script");
	}
	q = hy_store_query(store, sql);
	hy_query_bind_c(q, 1, i->instance);
	return hy_query_run(q, NULL, e);
}

static void add(struct world *w, struct insert script);

static void end_insert(struct hy_change *change, bool committed)
{
	struct insert *i = hy_container_of(change, struct insert, change);

	i->world->committed += committed;
	i->world->dropped += !committed;
	if (i->then)
		add(i->world, (struct insert){.instance = i->then});
	free(i);
}

static const struct hy_change_type insert_type = {"insert", write_insert, end_insert};

static void add(struct world *w, struct insert script)
{
	struct insert *i = hy_xcalloc(1, sizeof *i);

	*i = script;
	i->change.type = &insert_type;
	i->world = w;
	hy_batch_add(w->batch, &i->change);
}

static void on_attempt(void *ctx, enum hy_err err, const struct hy_error *e)
{
	struct world *w = ctx;

	(void)e;
	w->last = err;
	if (++w->attempts == w->stop_after)
		hy_loop_stop(w->loop);
}

static void too_late(void *ctx)
{
	(void)ctx;
	fail_msg("the batch did not end");
}

static void world_start(struct world *w, struct store_fixture *f)
{
	*w = (struct world){.f = f, .loop = hy_loop_new()};
	w->batch = hy_batch_new(w->loop, f->store, &quiet_log);
	w->watchdog = hy_timer_new(w->loop, too_late, w);
	hy_timer_start(w->watchdog, WATCHDOG_MS, 0);
	hy_batch_on_attempt(w->batch, on_attempt, w);
}

static void world_run(struct world *w, unsigned attempts)
{
	w->stop_after = w->attempts + attempts;
	hy_loop_run(w->loop);
}

static void world_stop(struct world *w)
{
	hy_timer_free(w->watchdog);
	hy_batch_free(w->batch);
	hy_loop_free(w->loop);
}

static int64_t rows(struct world *w)
{
	return store_fixture_int(w->f->store, "SELECT COUNT(*) FROM crawler");
}

static void a_turn_is_one_transaction(void **state)
{
	struct world w;

	world_start(&w, *state);
	add(&w, (struct insert){.instance = "a"});
	add(&w, (struct insert){.instance = "b", .then = "c"});
	assert_false(hy_batch_is_empty(w.batch));
	world_run(&w, 1);
	assert_int_equal(w.committed, 2);
	assert_int_equal(rows(&w), 2);
	/* What a change adds when it ends is written in the next turn. */
	world_run(&w, 1);
	assert_int_equal(rows(&w), 3);
	assert_true(hy_batch_is_empty(w.batch));
	world_stop(&w);
}

static void tried_until_it_is_in(void **state)
{
	struct world w;
	unsigned writes = 0;

	world_start(&w, *state);
	add(&w, (struct insert){.instance = "a", .writes = &writes});
	add(&w, (struct insert){.instance = "b", .failure = HY_ERR_UNAVAILABLE,
				.failures_left = 2});
	world_run(&w, 1);
	assert_int_equal(w.last, HY_ERR_UNAVAILABLE);
	assert_true(hy_batch_is_stuck(w.batch));
	assert_int_equal(rows(&w), 0);
	assert_int_equal(w.committed + w.dropped, 0);
	/* What comes meanwhile waits with the rest. */
	add(&w, (struct insert){.instance = "c"});
	world_run(&w, 2);
	assert_false(hy_batch_is_stuck(w.batch));
	assert_int_equal(w.last, HY_OK);
	assert_int_equal(rows(&w), 3);
	assert_int_equal(w.committed, 3);
	assert_int_equal(writes, 3);
	world_stop(&w);
}

static void one_that_cannot_be_written_is_dropped_alone(void **state)
{
	struct world w;

	world_start(&w, *state);
	add(&w, (struct insert){.instance = "a"});
	add(&w, (struct insert){.instance = "a"});	/* the key is taken: CONFLICT */
	add(&w, (struct insert){.instance = "b"});
	world_run(&w, 1);
	assert_int_equal(w.last, HY_OK);
	assert_int_equal(w.committed, 2);
	assert_int_equal(w.dropped, 1);
	assert_int_equal(rows(&w), 2);
	world_stop(&w);
}

static void a_bad_one_before_a_full_disk(void **state)
{
	struct world w;

	world_start(&w, *state);
	add(&w, (struct insert){.instance = "a"});
	add(&w, (struct insert){.instance = "a"});
	add(&w, (struct insert){.instance = "b", .failure = HY_ERR_UNAVAILABLE,
				.failures_left = 2});
	/* The first two are settled on their own; the third is tried again. */
	world_run(&w, 1);
	assert_int_equal(w.last, HY_ERR_UNAVAILABLE);
	assert_int_equal(w.committed, 1);
	assert_int_equal(w.dropped, 1);
	world_run(&w, 2);
	assert_int_equal(w.committed, 2);
	assert_int_equal(rows(&w), 2);
	world_stop(&w);
}

static void what_is_left_ends_uncommitted(void **state)
{
	struct world w;

	world_start(&w, *state);
	add(&w, (struct insert){.instance = "a"});
	add(&w, (struct insert){.instance = "b"});
	hy_batch_free(w.batch);
	w.batch = NULL;
	assert_int_equal(w.dropped, 2);
	assert_int_equal(rows(&w), 0);
	world_stop(&w);
}

static int run(struct store_fixture *f)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_turn_is_one_transaction),
		STORE_TEST(tried_until_it_is_in),
		STORE_TEST(one_that_cannot_be_written_is_dropped_alone),
		STORE_TEST(a_bad_one_before_a_full_disk),
		STORE_TEST(what_is_left_ends_uncommitted),
	};

	return cmocka_run_group_tests_name(f->engine == TEST_SQLITE ? "sqlite" : "postgresql",
					   tests, NULL, NULL);
}

int main(void)
{
	return store_fixture_main(run);
}
