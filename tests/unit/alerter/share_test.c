/* When a share of the documents is out of its usual. */
#include "alerter/share.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/base/mem.h"

#define DAYS 14

/* So many days of `documents`, of which the topic fires on the given ones in turn. */
static struct hy_share_usual usual_of(size_t days, int64_t documents, const int64_t *fired,
				      size_t count)
{
	struct hy_share_day day[HY_SHARE_DAYS];
	struct hy_share_usual usual;

	for (size_t i = 0; i < days; i++)
		day[i] = (struct hy_share_day){documents, fired[i % count]};
	hy_share_usual(day, days, &usual);
	return usual;
}

static struct hy_share_usual steady(int64_t documents, int64_t fired)
{
	return usual_of(DAYS, documents, &fired, 1);
}

static void the_usual_is_a_median(void **state)
{
	/* One day on which everything fired, one without: neither moves it. */
	static const int64_t odd[] = {10, 12, 11, 1000, 10, 0, 12};
	struct hy_share_usual usual = usual_of(7, 1000, odd, HY_COUNT(odd));

	(void)state;
	assert_int_equal(usual.days, 7);
	assert_true(usual.median > 0.0109 && usual.median < 0.0111);
	assert_true(usual.deviation > 0.0014 && usual.deviation < 0.0016);
	assert_true(usual.low > 0.0099 && usual.low < 0.0101);
	assert_int_equal(usual.documents, 1000);
	/* Days on which hardly anything was judged are none. */
	usual = usual_of(28, HY_SHARE_DAY_DOCUMENTS - 1, odd, HY_COUNT(odd));
	assert_int_equal(usual.days, 0);
	usual = usual_of(4, 1000, odd, HY_COUNT(odd));
	assert_int_equal(usual.days, 4);
	assert_true(usual.median == 0);
}

struct row {
	int64_t usual_documents, usual_fired;	/* of each earlier day; documents 0: no days */
	int64_t documents, fired;
	enum hy_share_state was, is;
};

static void is_judged_as_the_table_says(void **state)
{
	static const struct row rows[] = {
		/* As ever, and within chance. */
		{500, 10, 500, 10, HY_SHARE_UNKNOWN, HY_SHARE_USUAL},
		{500, 10, 500, 22, HY_SHARE_UNKNOWN, HY_SHARE_USUAL},
		{500, 10, 500, 1, HY_SHARE_UNKNOWN, HY_SHARE_USUAL},
		/* Too early in the day. */
		{500, 10, 99, 99, HY_SHARE_UNKNOWN, HY_SHARE_UNKNOWN},
		{500, 10, 0, 0, HY_SHARE_UNKNOWN, HY_SHARE_UNKNOWN},
		/* Far above. */
		{500, 10, 500, 60, HY_SHARE_UNKNOWN, HY_SHARE_SURGE},
		{500, 0, 500, 60, HY_SHARE_UNKNOWN, HY_SHARE_SURGE},
		{500, 0, 500, 500, HY_SHARE_UNKNOWN, HY_SHARE_SURGE},
		/* Three times the usual is not enough where the usual is a matter of chance. */
		{500, 4, 500, 19, HY_SHARE_UNKNOWN, HY_SHARE_USUAL},
		/* A rare topic of a large traffic: many documents, a small part of all. */
		{100000, 100, 100000, 1500, HY_SHARE_UNKNOWN, HY_SHARE_USUAL},
		{100000, 100, 100000, 2500, HY_SHARE_UNKNOWN, HY_SHARE_SURGE},
		/* At night a topic's share may be what it never is over a day. */
		{2000, 100, 150, 40, HY_SHARE_UNKNOWN, HY_SHARE_UNKNOWN},
		{2000, 100, 150, 40, HY_SHARE_SURGE, HY_SHARE_UNKNOWN},
		{2000, 100, 500, 120, HY_SHARE_UNKNOWN, HY_SHARE_SURGE},
		{2000, 10, 150, 40, HY_SHARE_UNKNOWN, HY_SHARE_SURGE},
		/* It goes on longer than it would begin, and ends below. */
		{500, 10, 500, 19, HY_SHARE_SURGE, HY_SHARE_USUAL},
		{500, 10, 500, 31, HY_SHARE_SURGE, HY_SHARE_SURGE},
		{500, 10, 500, 29, HY_SHARE_UNKNOWN, HY_SHARE_USUAL},
		{500, 10, 50, 50, HY_SHARE_SURGE, HY_SHARE_UNKNOWN},
		/* None at all where there should have been many. */
		{500, 50, 500, 0, HY_SHARE_UNKNOWN, HY_SHARE_SILENT},
		{500, 50, 500, 1, HY_SHARE_UNKNOWN, HY_SHARE_SILENT},
		{500, 50, 500, 2, HY_SHARE_UNKNOWN, HY_SHARE_USUAL},
		{500, 50, 240, 0, HY_SHARE_UNKNOWN, HY_SHARE_USUAL},
		{500, 10, 500, 0, HY_SHARE_UNKNOWN, HY_SHARE_USUAL},
		{500, 0, 500, 0, HY_SHARE_UNKNOWN, HY_SHARE_USUAL},
		/* Over midnight it stays silent until it fires, be it early in the day. */
		{500, 50, 20, 0, HY_SHARE_SILENT, HY_SHARE_UNKNOWN},
		{500, 50, 120, 0, HY_SHARE_SILENT, HY_SHARE_UNKNOWN},
		{500, 50, 20, 3, HY_SHARE_SILENT, HY_SHARE_USUAL},
		{500, 50, 500, 0, HY_SHARE_SILENT, HY_SHARE_SILENT},
		/* Nothing to compare with: only what is absurd in itself. */
		{0, 0, 1000, 300, HY_SHARE_UNKNOWN, HY_SHARE_UNKNOWN},
		{0, 0, 1000, 0, HY_SHARE_UNKNOWN, HY_SHARE_UNKNOWN},
		{0, 0, 1000, 500, HY_SHARE_UNKNOWN, HY_SHARE_SURGE},
		{0, 0, 1000, 450, HY_SHARE_SURGE, HY_SHARE_SURGE},
		{0, 0, 1000, 390, HY_SHARE_SURGE, HY_SHARE_USUAL},
		/* A broad topic that fires on most every day is no surge. */
		{500, 400, 500, 450, HY_SHARE_UNKNOWN, HY_SHARE_USUAL},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		struct hy_share_usual usual = rows[i].usual_documents
						      ? steady(rows[i].usual_documents,
							       rows[i].usual_fired)
						      : (struct hy_share_usual){0};
		struct hy_share_day today = {rows[i].documents, rows[i].fired};
		enum hy_share_state is = hy_share_judge(&usual, &today, rows[i].was);

		if (is != rows[i].is)
			fail_msg("row %zu: %d, not %d", i, (int)is, (int)rows[i].is);
	}
}

/* Weekdays and weekends differ: what each weekend brings is no surge, what none brought is. */
static void days_that_differ_widen_the_margin(void **state)
{
	static const int64_t week[] = {10, 14, 9, 12, 11, 30, 28};
	struct hy_share_usual usual = usual_of(DAYS, 500, week, HY_COUNT(week));
	struct hy_share_day today = {500, 34};

	(void)state;
	assert_int_equal(hy_share_judge(&usual, &today, HY_SHARE_UNKNOWN), HY_SHARE_USUAL);
	today.fired = 120;
	assert_int_equal(hy_share_judge(&usual, &today, HY_SHARE_UNKNOWN), HY_SHARE_SURGE);
	/* A topic that fires by fits and starts is never missed. */
	static const int64_t rare[] = {0, 0, 90, 0, 0, 80, 0};
	usual = usual_of(DAYS, 500, rare, HY_COUNT(rare));
	today.fired = 0;
	assert_int_equal(hy_share_judge(&usual, &today, HY_SHARE_UNKNOWN), HY_SHARE_USUAL);
}

/* A linear congruential generator: the same days on every machine. */
static double next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(*seed >> 11) / 9007199254740992.0;
}

static int64_t draw(uint64_t *seed, int64_t documents, double share)
{
	int64_t fired = 0;

	for (int64_t i = 0; i < documents; i++)
		fired += next_random(seed) < share;
	return fired;
}

/* Steady topics of every size over a thousand days each: chance alone tells of none. */
static void chance_raises_no_alarm(void **state)
{
	static const double shares[] = {0.001, 0.01, 0.03, 0.1, 0.4};
	struct hy_share_day history[HY_SHARE_DAYS] = {{0}};
	uint64_t seed = 7;
	size_t alarms = 0;

	(void)state;
	for (size_t k = 0; k < HY_COUNT(shares); k++) {
		for (size_t day = 0; day < 1000 + HY_SHARE_DAYS; day++) {
			/* Half as many documents on some days, twice as many on others. */
			int64_t documents = 150 << (day % 3);
			struct hy_share_day today = {documents,
						     draw(&seed, documents, shares[k])};
			struct hy_share_usual usual;

			hy_share_usual(history, HY_SHARE_DAYS, &usual);
			if (day >= HY_SHARE_DAYS)
				alarms += hy_share_judge(&usual, &today, HY_SHARE_UNKNOWN) !=
					  HY_SHARE_USUAL;
			history[day % HY_SHARE_DAYS] = today;
		}
	}
	assert_int_equal(alarms, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_usual_is_a_median),
		cmocka_unit_test(is_judged_as_the_table_says),
		cmocka_unit_test(days_that_differ_widen_the_margin),
		cmocka_unit_test(chance_raises_no_alarm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
