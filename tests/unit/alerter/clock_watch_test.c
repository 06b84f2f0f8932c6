/* A clock that is set is noticed, one that is only slewed or slept through is not. */
#include "tests/unit/alerter/ledger_world.h"

#include "alerter/clock_watch.h"

static const struct {
	int64_t wall_ms, steady_ms, step_ms;
} looks[] = {
	{1000000, 5000, 0},		/* the first one knows nothing */
	{1030000, 35000, 0},
	{1090000, 65000, 30000},	/* half a minute forward */
	{1120000, 95000, 0},		/* and from there on */
	{1149999, 95000, 0},		/* just less than a step */
	{1150000, 124999, 0},
	{1120000, 124999, -30000},
	{8320000, 7324999, 0},		/* two hours asleep */
	{15520000, 7354999, 7170000},
	{8350000, 7384999, -7200000},
};

static void a_set_clock_is_noticed(void **state)
{
	struct hy_clock_watch watch = HY_CLOCK_WATCH;

	(void)state;
	for (size_t i = 0; i < HY_COUNT(looks); i++) {
		int64_t step = hy_clock_watch_look(&watch, (struct hy_wall){looks[i].wall_ms},
						   (struct hy_mono){looks[i].steady_ms * 1000000});

		if (step != looks[i].step_ms)
			fail_msg("%zu: %lld", i, (long long)step);
	}
}

static void it_is_told_and_ends(void **state)
{
	struct fixture *f = *state;
	struct hy_error e = {0};
	char text[512];

	assert_int_equal(hy_ledger_clock_step(f->ledger, -3723000, &e), HY_OK);
	text_of(f, "SELECT text FROM v_alarm WHERE kind = 'clock-step' AND state = 'raised'", text,
		sizeof text);
	assert_string_equal(text, "系统时钟被拨慢 62 分 3 秒，尚未到期的提醒会相应推迟，已发出的不会再发；"
				  "请核对服务器时间");
	assert_int_equal(count(f, "SELECT count(*) FROM notice"), 1);
	assert_int_equal(hy_ledger_watch(f->ledger, &e), HY_OK);
	assert_int_equal(count(f, "SELECT count(*) FROM v_alarm WHERE state = 'raised'"), 0);
	assert_int_equal(count(f, "SELECT count(*) FROM notice"), 1);
}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(a_set_clock_is_noticed),
		TEST(it_is_told_and_ends),
	};

	return cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
