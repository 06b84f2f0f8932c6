#include "common/sys/bus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/bus_world.h"

#define TICK_MS 2

struct publishing {
	struct world *w;
	struct hy_bus_publisher *publisher;
	struct hy_timer *timer;
};

/* The world counts what comes as answers. */
static void on_event(void *ctx, const struct hy_msg *m)
{
	struct world *w = ctx;

	assert_int_equal(m->type, HY_MSG_EVENT);
	assert_true(hy_str_eq_c(m->as.event.text, "请签收"));
	w->answers++;
}

static void publish_one(void *ctx)
{
	struct publishing *p = ctx;
	struct hy_msg m = {.type = HY_MSG_EVENT, .id = HY_STR_LIT("n"),
			   .as.event = {.notice = HY_STR_LIT("n"), .at = {1}, .sign_due = {2},
					.answer_due = {3}, .text = HY_STR_LIT("请签收")}};

	assert_int_equal(hy_bus_publish(p->publisher, &m, NULL), HY_OK);
}

static bool three_events(const struct world *w)
{
	return w->answers >= 3;
}

static void test_publish(void **state)
{
	struct world *w = *state;
	struct publishing p = {.w = w};
	struct hy_bus_subscriber *subscriber;
	struct hy_msg m = world_command("a");

	assert_int_equal(hy_bus_publisher_new(w->far, w->endpoint, &w->options, &p.publisher, NULL),
			 HY_OK);
	assert_int_equal(hy_bus_subscriber_new(w->near, w->endpoint, &w->options, &subscriber, NULL),
			 HY_OK);
	assert_string_equal(hy_bus_publisher_endpoint(p.publisher), w->endpoint);
	hy_bus_subscriber_on_event(subscriber, on_event, w);
	assert_int_equal(hy_bus_publish(p.publisher, &m, NULL), HY_ERR_MALFORMED);
	p.timer = hy_timer_new(w->loop, publish_one, &p);
	hy_timer_start(p.timer, 0, TICK_MS);
	world_run_until(w, three_events);
	hy_timer_free(p.timer);
	hy_bus_subscriber_free(subscriber);
	hy_bus_publisher_free(p.publisher);
}

/* Nobody reads: publishing neither blocks nor fails. */
static void test_publish_to_slow_subscriber(void **state)
{
	struct world *w = *state;
	struct publishing p = {.w = w};
	struct hy_bus_subscriber *subscriber;

	w->options.high_water = 10;
	assert_int_equal(hy_bus_publisher_new(w->far, w->endpoint, &w->options, &p.publisher, NULL),
			 HY_OK);
	assert_int_equal(hy_bus_subscriber_new(w->near, w->endpoint, &w->options, &subscriber, NULL),
			 HY_OK);
	hy_bus_subscriber_on_event(subscriber, on_event, w);
	p.timer = hy_timer_new(w->loop, publish_one, &p);
	hy_timer_start(p.timer, 0, TICK_MS);
	world_run_until(w, three_events);	/* it is connected */
	hy_timer_free(p.timer);
	w->answers = 0;
	for (int i = 0; i < 20000; i++)
		publish_one(&p);
	world_run_until(w, three_events);
	world_let_pass(w, 50);
	assert_true(w->answers < 20000);
	hy_bus_subscriber_free(subscriber);
	hy_bus_publisher_free(p.publisher);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_publish),
		TEST(test_publish_to_slow_subscriber),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
