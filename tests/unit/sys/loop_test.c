#include "common/sys/loop.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>
#include <cmocka.h>

#include "common/base/mem.h"

#define STEPS_MAX 64
#define TEST_MAX_S 20

/* A loop, and the order in which things happened: one letter each. */
struct play {
	struct hy_loop *loop;
	char steps[STEPS_MAX + 1];
	size_t count;

	struct hy_timer *timer, *other_timer;
	struct hy_deferred *deferred, *other_deferred;
	struct hy_signal *signal;
	struct hy_zmq_watch *watch, *other_watch;
	void *context, *near, *far;
	int repeats, turns;
	bool again;	/* the deferred call schedules itself once more */
};

static void note(struct play *p, char step)
{
	assert_true(p->count < STEPS_MAX);
	p->steps[p->count++] = step;
}

static int setup(void **state)
{
	struct play *p = hy_xcalloc(1, sizeof *p);

	(void)alarm(TEST_MAX_S);	/* a loop that does not end */
	p->loop = hy_loop_new();
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct play *p = *state;

	hy_timer_free(p->timer);
	hy_timer_free(p->other_timer);
	hy_deferred_free(p->deferred);
	hy_deferred_free(p->other_deferred);
	hy_signal_free(p->signal);
	hy_zmq_watch_free(p->watch);
	hy_zmq_watch_free(p->other_watch);
	hy_loop_free(p->loop);
	if (p->near)
		assert_int_equal(zmq_close(p->near), 0);
	if (p->far)
		assert_int_equal(zmq_close(p->far), 0);
	if (p->context)
		assert_int_equal(zmq_ctx_term(p->context), 0);
	free(p);
	(void)alarm(0);
	return 0;
}

/* ---- timers ---- */

static void tick(void *ctx)
{
	struct play *p = ctx;

	note(p, 't');
	if (--p->repeats == 0)
		hy_loop_stop(p->loop);
}

static void tock(void *ctx)
{
	struct play *p = ctx;

	note(p, 'o');
	hy_loop_stop(p->loop);
}

static void test_timer_once_and_repeated(void **state)
{
	struct play *p = *state;
	struct hy_mono before = hy_mono_now();

	p->timer = hy_timer_new(p->loop, tick, p);
	p->repeats = 3;
	hy_timer_start(p->timer, 20, 10);
	hy_loop_run(p->loop);
	assert_string_equal(p->steps, "ttt");
	/* The loop's clock has whole milliseconds. */
	assert_true(hy_mono_diff_ms(hy_mono_now(), before) >= 39);
	p->repeats = 1;
	hy_timer_start(p->timer, 0, 0);
	hy_loop_run(p->loop);
	assert_string_equal(p->steps, "tttt");
}

static void test_timer_stopped_and_restarted(void **state)
{
	struct play *p = *state;

	p->timer = hy_timer_new(p->loop, tick, p);
	p->other_timer = hy_timer_new(p->loop, tock, p);
	p->repeats = 100;
	hy_timer_start(p->timer, 1, 0);
	hy_timer_stop(p->timer);
	hy_timer_start(p->other_timer, 20, 0);
	hy_loop_run(p->loop);
	assert_string_equal(p->steps, "o");
	hy_timer_start(p->timer, 600000, 0);
	hy_timer_start(p->timer, 1, 0);		/* the later start counts */
	hy_timer_start(p->other_timer, 20, 0);
	hy_loop_run(p->loop);
	assert_string_equal(p->steps, "oto");
}

static void free_both(void *ctx)
{
	struct play *p = ctx;

	note(p, 'f');
	hy_timer_free(p->timer);
	hy_timer_free(p->other_timer);
	p->timer = p->other_timer = NULL;
	hy_loop_stop(p->loop);
}

/* Both are due in the same turn; the first frees itself and the second. */
static void test_timer_freed_inside_call(void **state)
{
	struct play *p = *state;

	p->timer = hy_timer_new(p->loop, free_both, p);
	p->other_timer = hy_timer_new(p->loop, free_both, p);
	hy_timer_start(p->timer, 5, 5);
	hy_timer_start(p->other_timer, 5, 5);
	hy_loop_run(p->loop);
	assert_string_equal(p->steps, "f");
	hy_timer_free(NULL);
}

static void test_clock(void **state)
{
	struct play *p = *state;
	struct hy_mono start = hy_loop_now(p->loop);

	p->timer = hy_timer_new(p->loop, tick, p);
	p->repeats = 1;
	hy_timer_start(p->timer, 30, 0);
	hy_loop_run(p->loop);
	assert_in_range(hy_mono_diff_ms(hy_loop_now(p->loop), start), 30, TEST_MAX_S * 1000);
	/* The same clock as hy_mono_now, some turn ago. */
	assert_true(hy_mono_diff_ms(hy_mono_now(), hy_loop_now(p->loop)) >= 0);
	assert_true(hy_mono_diff_ms(hy_mono_now(), hy_loop_now(p->loop)) < TEST_MAX_S * 1000);
}

/* ---- signals ---- */

static void signalled(void *ctx, int signal_number)
{
	struct play *p = ctx;

	assert_int_equal(signal_number, SIGUSR1);
	note(p, 's');
	hy_signal_free(p->signal);
	p->signal = NULL;
	hy_loop_stop(p->loop);
}

static void test_signal(void **state)
{
	struct play *p = *state;

	p->signal = hy_signal_new(p->loop, SIGUSR1, signalled, p);
	assert_int_equal(raise(SIGUSR1), 0);
	hy_loop_run(p->loop);
	assert_string_equal(p->steps, "s");
	hy_signal_free(NULL);
}

/* ---- deferred calls ---- */

static void deferred_call(void *ctx)
{
	struct play *p = ctx;

	note(p, 'd');
	if (p->again) {
		p->again = false;
		hy_deferred_schedule(p->deferred);
	}
}

static void other_deferred_call(void *ctx)
{
	struct play *p = ctx;

	note(p, 'e');
}

/* With nothing else to do the loop still runs them, each once, and ends. */
static void test_deferred_alone(void **state)
{
	struct play *p = *state;

	p->deferred = hy_deferred_new(p->loop, deferred_call, p);
	p->other_deferred = hy_deferred_new(p->loop, other_deferred_call, p);
	hy_deferred_schedule(p->deferred);
	hy_deferred_schedule(p->other_deferred);
	hy_deferred_schedule(p->deferred);
	hy_loop_run(p->loop);
	assert_string_equal(p->steps, "de");
	/* Scheduled by itself: in the next turn, behind what was there. */
	p->again = true;
	hy_deferred_schedule(p->deferred);
	hy_deferred_schedule(p->other_deferred);
	hy_loop_run(p->loop);
	assert_string_equal(p->steps, "deded");
}

static void free_other_deferred(void *ctx)
{
	struct play *p = ctx;

	note(p, 'x');
	hy_deferred_free(p->other_deferred);
	p->other_deferred = NULL;
	hy_deferred_free(p->deferred);
	p->deferred = NULL;
}

static void test_deferred_freed_inside_call(void **state)
{
	struct play *p = *state;

	p->deferred = hy_deferred_new(p->loop, free_other_deferred, p);
	p->other_deferred = hy_deferred_new(p->loop, other_deferred_call, p);
	hy_deferred_schedule(p->deferred);
	hy_deferred_schedule(p->other_deferred);
	hy_loop_run(p->loop);
	assert_string_equal(p->steps, "x");
	p->deferred = hy_deferred_new(p->loop, deferred_call, p);
	hy_deferred_schedule(p->deferred);
	hy_deferred_free(p->deferred);
	p->deferred = NULL;
	hy_loop_run(p->loop);
	assert_string_equal(p->steps, "x");
	hy_deferred_free(NULL);
}

/* ---- ZeroMQ ---- */

static void open_pair(struct play *p)
{
	p->context = zmq_ctx_new();
	p->near = zmq_socket(p->context, ZMQ_PAIR);
	p->far = zmq_socket(p->context, ZMQ_PAIR);
	assert_int_equal(zmq_bind(p->near, "inproc://pair"), 0);
	assert_int_equal(zmq_connect(p->far, "inproc://pair"), 0);
}

static void send_letters(void *socket, const char *letters)
{
	for (; *letters; letters++)
		assert_int_equal(zmq_send(socket, letters, 1, 0), 1);
}

/* Takes one message a call; '.' ends the loop. */
static void readable(void *ctx)
{
	struct play *p = ctx;
	char letter;

	assert_int_equal(zmq_recv(p->near, &letter, 1, ZMQ_DONTWAIT), 1);
	note(p, letter);
	if (p->deferred)
		hy_deferred_schedule(p->deferred);
	if (letter == '.')
		hy_loop_stop(p->loop);
}

/* The descriptor stirs once for all three; still each is read. */
static void test_watch_reads_one_at_a_time(void **state)
{
	struct play *p = *state;

	open_pair(p);
	p->watch = hy_zmq_watch_new(p->loop, p->near, readable, p);
	send_letters(p->far, "abcdefgh.");
	hy_loop_run(p->loop);
	assert_string_equal(p->steps, "abcdefgh.");
}

static void send_later(void *ctx)
{
	struct play *p = ctx;

	note(p, '>');
	send_letters(p->far, p->repeats-- > 1 ? "x" : ".");
}

/* What arrives while the loop sleeps wakes it. */
static void test_watch_wakes(void **state)
{
	struct play *p = *state;

	open_pair(p);
	p->watch = hy_zmq_watch_new(p->loop, p->near, readable, p);
	p->timer = hy_timer_new(p->loop, send_later, p);
	p->repeats = 3;
	hy_timer_start(p->timer, 5, 5);
	hy_loop_run(p->loop);
	assert_string_equal(p->steps, ">x>x>.");
}

/* Sending takes the descriptor's edge away; the input is found all the same. */
static void swallow_edge(void *ctx)
{
	struct play *p = ctx;
	int events;
	size_t size = sizeof events;

	send_letters(p->far, ".");
	assert_int_equal(zmq_getsockopt(p->near, ZMQ_EVENTS, &events, &size), 0);
	assert_true(events & ZMQ_POLLIN);
}

static void test_watch_with_lost_edge(void **state)
{
	struct play *p = *state;

	open_pair(p);
	p->watch = hy_zmq_watch_new(p->loop, p->near, readable, p);
	p->timer = hy_timer_new(p->loop, swallow_edge, p);
	hy_timer_start(p->timer, 5, 0);
	hy_loop_run(p->loop);
	assert_string_equal(p->steps, ".");
}

/* A deferred call comes after the input of its turn. */
static void test_deferred_after_input(void **state)
{
	struct play *p = *state;

	open_pair(p);
	p->watch = hy_zmq_watch_new(p->loop, p->near, readable, p);
	p->deferred = hy_deferred_new(p->loop, deferred_call, p);
	send_letters(p->far, "ab.");
	hy_loop_run(p->loop);
	assert_string_equal(p->steps, "adbd.d");
}

static void resume(void *ctx)
{
	struct play *p = ctx;

	note(p, 'r');
	hy_zmq_watch_pause(p->watch, false);
}

static void test_watch_paused(void **state)
{
	struct play *p = *state;

	open_pair(p);
	p->watch = hy_zmq_watch_new(p->loop, p->near, readable, p);
	hy_zmq_watch_pause(p->watch, true);
	send_letters(p->far, "a.");
	p->timer = hy_timer_new(p->loop, resume, p);
	hy_timer_start(p->timer, 20, 0);
	hy_loop_run(p->loop);
	assert_string_equal(p->steps, "ra.");
}

static void count_turn(uv_prepare_t *uv)
{
	struct play *p = uv->data;

	p->turns++;
}

/* Runs for 100 ms and returns how often the loop went round. */
static int turns_of(struct play *p)
{
	uv_prepare_t counter;

	p->turns = 0;
	counter.data = p;
	assert_int_equal(uv_prepare_init(hy_loop_uv(p->loop), &counter), 0);
	assert_int_equal(uv_prepare_start(&counter, count_turn), 0);
	p->other_timer = hy_timer_new(p->loop, tock, p);
	hy_timer_start(p->other_timer, 100, 0);
	hy_loop_run(p->loop);
	hy_timer_free(p->other_timer);
	uv_close((uv_handle_t *)&counter, NULL);
	p->other_timer = hy_timer_new(p->loop, tock, p);
	hy_timer_start(p->other_timer, 0, 0);
	hy_loop_run(p->loop);	/* the counter's closing */
	return p->turns;
}

/* Neither silence nor input that nobody wants yet keeps the processor busy. */
static void test_watch_sleeps(void **state)
{
	struct play *p = *state;

	open_pair(p);
	p->watch = hy_zmq_watch_new(p->loop, p->near, readable, p);
	assert_in_range(turns_of(p), 1, 20);
	hy_timer_free(p->other_timer);
	hy_zmq_watch_pause(p->watch, true);
	send_letters(p->far, "abc");
	assert_in_range(turns_of(p), 1, 20);
	hy_zmq_watch_pause(p->watch, false);
	hy_timer_stop(p->other_timer);
	send_letters(p->far, ".");
	hy_loop_run(p->loop);
	assert_string_equal(p->steps, "ooooabc.");
}

static void free_watches(void *ctx)
{
	struct play *p = ctx;

	note(p, 'w');
	hy_zmq_watch_free(p->watch);
	hy_zmq_watch_free(p->other_watch);
	p->watch = p->other_watch = NULL;
}

/* Both have input; the first frees itself and the second, and then nothing keeps the loop. */
static void test_watch_freed_inside_call(void **state)
{
	struct play *p = *state;

	open_pair(p);
	send_letters(p->far, "a");
	send_letters(p->near, "b");
	p->watch = hy_zmq_watch_new(p->loop, p->near, free_watches, p);
	p->other_watch = hy_zmq_watch_new(p->loop, p->far, free_watches, p);
	hy_loop_run(p->loop);
	assert_string_equal(p->steps, "w");
	hy_zmq_watch_free(NULL);
}

static void test_stop_before_run(void **state)
{
	struct play *p = *state;

	open_pair(p);
	p->watch = hy_zmq_watch_new(p->loop, p->near, readable, p);
	hy_loop_stop(p->loop);
	hy_loop_run(p->loop);
	assert_string_equal(p->steps, "");
	assert_non_null(hy_loop_uv(p->loop));
	hy_loop_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_timer_once_and_repeated),
		TEST(test_timer_stopped_and_restarted),
		TEST(test_timer_freed_inside_call),
		TEST(test_clock),
		TEST(test_signal),
		TEST(test_deferred_alone),
		TEST(test_deferred_freed_inside_call),
		TEST(test_watch_reads_one_at_a_time),
		TEST(test_watch_wakes),
		TEST(test_watch_with_lost_edge),
		TEST(test_deferred_after_input),
		TEST(test_watch_paused),
		TEST(test_watch_sleeps),
		TEST(test_watch_freed_inside_call),
		TEST(test_stop_before_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
