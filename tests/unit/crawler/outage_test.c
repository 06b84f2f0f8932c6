/* Outage: who is down, the sites or this crawler. */
#include "crawler/outage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/base/mem.h"

#define MINUTE INT64_C(60000)

static const struct hy_wall t0 = {INT64_C(1795395600000)};	/* 2026-11-23T09:00:00+08:00 */

static struct hy_wall at(int64_t minutes)
{
	return hy_wall_add_ms(t0, minutes * MINUTE);
}

/* Hosts from `first` up to, not including, `end`. */
static void ask(struct hy_outage *o, int first, int end, bool answered, int64_t minute)
{
	char name[32];

	for (int i = first; i < end; i++) {
		(void)snprintf(name, sizeof name, "h%d.example", i);
		hy_outage_note(o, hy_str_of(name), answered, at(minute));
	}
}

/* Before: all answered; then some are silent and asked once more, some answer. */
static void most_of_the_hosts_decide(void **state)
{
	static const struct {
		int hosts, silent;
		int64_t again_at, judged_at;	/* minutes after the first silence */
		enum hy_judgement judgement;
	} rows[] = {
		{8, 8, 3, 3, HY_JUDGEMENT_BAD},
		{8, 6, 3, 3, HY_JUDGEMENT_BAD},
		{8, 5, 3, 3, HY_JUDGEMENT_AS_BEFORE},
		{8, 3, 3, 3, HY_JUDGEMENT_GOOD},	/* five answer, three do not */
		{8, 0, 3, 3, HY_JUDGEMENT_GOOD},
		{3, 3, 3, 3, HY_JUDGEMENT_BAD},
		{2, 2, 3, 3, HY_JUDGEMENT_AS_BEFORE},	/* two may be down */
		{8, 8, 1, 1, HY_JUDGEMENT_AS_BEFORE},	/* a moment */
		{8, 8, 3, 20, HY_JUDGEMENT_AS_BEFORE},	/* nobody was asked lately */
		{1500, 1500, 3, 3, HY_JUDGEMENT_BAD},	/* more than are kept */
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		struct hy_outage *o = hy_outage_new();
		struct hy_outage_count count;

		ask(o, 0, rows[i].hosts, true, -30);
		for (int64_t minute = 0; minute <= rows[i].again_at; minute += rows[i].again_at) {
			ask(o, 0, rows[i].silent, false, minute);
			ask(o, rows[i].silent, rows[i].hosts, true, minute);
		}
		if (hy_outage_judge(o, at(rows[i].judged_at), &count) != rows[i].judgement)
			fail_msg("row %zu", i);
		hy_outage_free(o);
	}
}

static void it_ends_when_most_answer_again(void **state)
{
	struct hy_outage *o = hy_outage_new();
	struct hy_outage_count count;

	(void)state;
	ask(o, 9, 10, false, -600);	/* dead for hours */
	ask(o, 0, 8, false, 0);
	ask(o, 8, 9, true, 2);		/* one of our own network */
	ask(o, 9, 10, false, 2);
	assert_int_equal(hy_outage_judge(o, at(3), &count), HY_JUDGEMENT_BAD);
	assert_int_equal(count.asked, 10);
	assert_int_equal(count.silent, 9);
	assert_int_equal(count.since.ms, t0.ms);
	/* The others are left alone for longer and longer; ours ends nothing. */
	ask(o, 8, 9, true, 30);
	assert_int_equal(hy_outage_judge(o, at(30), &count), HY_JUDGEMENT_AS_BEFORE);
	ask(o, 0, 4, true, 32);
	assert_int_equal(hy_outage_judge(o, at(32), &count), HY_JUDGEMENT_AS_BEFORE);
	ask(o, 4, 5, true, 33);
	assert_int_equal(hy_outage_judge(o, at(33), &count), HY_JUDGEMENT_GOOD);
	hy_outage_free(o);
}

static void nothing_known_judges_nothing(void **state)
{
	struct hy_outage *o = hy_outage_new();
	struct hy_outage_count count;

	(void)state;
	assert_int_equal(hy_outage_judge(o, t0, &count), HY_JUDGEMENT_AS_BEFORE);
	assert_int_equal(count.asked, 0);
	hy_outage_free(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(most_of_the_hosts_decide),
		cmocka_unit_test(it_ends_when_most_answer_again),
		cmocka_unit_test(nothing_known_judges_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
