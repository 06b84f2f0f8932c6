/* Who is on duty when: over midnight, by turns, and where nobody is. */
#include "alerter/roster.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/rules_folder.h"

struct fixture {
	struct test_rules folder;
	struct hy_units *units;
	struct hy_roster *roster;
};

static int set_up(void **state)
{
	static struct fixture f;
	struct hy_findings findings;
	bool good = test_rules_make(&f.folder) &&
		    test_rules_edit(&f.folder, "roster.yaml", "rosters:\n",
				    "rosters:\n"
				    "  - unit: office\n"
				    "    officer:\n"
				    "      - {days: [1, 2, 3, 4, 5], from: \"08:30\", to: \"24:00\","
				    " since: 2026-11-02, turn: week, posts: [甲, 乙]}\n"
				    "      - {days: [6, 7], from: \"00:00\", to: \"24:00\","
				    " since: 2026-11-02, until: 2026-11-22, posts: [丙]}\n"
				    "      - {days: [1], from: \"20:00\", to: \"02:00\","
				    " since: 2026-11-02, posts: [丁]}\n"
				    "  - unit: welfare\n"
				    "    officer: [{from: \"08:30\", to: \"08:30\","
				    " since: 2026-01-02, posts: [子, 丑]}]\n"
				    "    leader: [{from: \"00:00\", to: \"24:00\","
				    " since: 2026-01-01, posts: [寅]}]\n") &&
		    test_rules_put(&f.folder, "roster-changes.yaml",
				   "changes:\n"
				   /* Over the midnight of an even day's shift of 子. */
				   "  - {kind: leave, unit: welfare, post: 子,"
				   " from: 2026-11-23T00:00:00+08:00, to: 2026-11-23T06:00:00+08:00}\n"
				   "  - {kind: swap, unit: welfare, duty: officer, post: 丑, by: 卯,"
				   " from: 2026-11-23T08:30:00+08:00, to: 2026-11-24T08:30:00+08:00}\n"
				   "  - {kind: swap, unit: welfare, post: 子, by: 丑,"
				   " from: 2026-11-24T08:30:00+08:00, to: 2026-11-26T08:30:00+08:00}\n"
				   "  - {kind: leave, unit: welfare, post: 丑,"
				   " from: 2026-11-25T20:00:00+08:00, to: 2026-11-25T22:00:00+08:00}\n"
				   "  - {kind: shift, unit: welfare, duty: leader, post: 辰,"
				   " from: 2026-11-23T09:00:00+08:00, to: 2026-11-23T10:00:00+08:00}\n"
				   "  - {kind: leave, unit: welfare, duty: leader, post: 寅,"
				   " from: 2026-11-23T08:00:00+08:00, to: 2026-11-23T12:00:00+08:00}\n");

	*state = &f;
	hy_findings_init(&findings);
	good = good && !hy_units_load(f.folder.folder, &findings, &f.units) &&
	       !hy_roster_load(f.folder.folder, f.units, &findings, &f.roster) &&
	       findings.count == 0;
	if (!good)
		print_error("%s\n", findings.text.p ? findings.text.p : "?");
	hy_findings_fini(&findings);
	return good ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	hy_roster_free(f->roster);
	hy_units_free(f->units);
	test_rules_remove(&f->folder);
	return 0;
}

static struct hy_wall at_time(const char *text)
{
	char full[40];
	struct hy_wall at;

	(void)snprintf(full, sizeof full, "%s+08:00", text);
	if (!hy_wall_parse(hy_str_of(full), &at))
		fail_msg("bad time %s", text);
	return at;
}

static const struct {
	const char *unit;
	enum hy_duty duty;
	const char *at, *who;
} asked[] = {
	/* The default: day shifts from 08:30, the night belongs to the evening it began in. */
	{"building", HY_DUTY_OFFICER, "2026-01-01T08:30:00", "白班一岗"},
	{"building", HY_DUTY_OFFICER, "2026-01-01T08:29:59", ""},
	{"building", HY_DUTY_OFFICER, "2026-01-01T17:29:59", "白班一岗"},
	{"building", HY_DUTY_OFFICER, "2026-01-01T17:30:00", "夜班一岗"},
	{"building", HY_DUTY_OFFICER, "2026-01-02T03:00:00", "夜班一岗"},
	{"building", HY_DUTY_OFFICER, "2026-01-02T08:29:59", "夜班一岗"},
	{"building", HY_DUTY_OFFICER, "2026-01-02T08:30:00", "白班二岗"},
	{"building", HY_DUTY_OFFICER, "2026-01-02T17:30:00", "夜班二岗"},
	{"building", HY_DUTY_OFFICER, "2026-01-04T17:30:00", "夜班一岗"},
	/* Over the end of a year, and a leap day. */
	{"building", HY_DUTY_OFFICER, "2027-01-01T03:00:00", "夜班二岗"},
	{"building", HY_DUTY_OFFICER, "2028-02-29T12:00:00", "白班二岗"},
	/* Leaders by week, from Monday half past eight to the next. */
	{"building", HY_DUTY_LEADER, "2026-01-05T08:30:00", "带班一岗"},
	{"building", HY_DUTY_LEADER, "2026-01-12T08:29:59", "带班一岗"},
	{"building", HY_DUTY_LEADER, "2026-01-12T08:30:00", "带班二岗"},
	{"building", HY_DUTY_LEADER, "2026-01-05T08:29:59", ""},
	/* A roster of one's own replaces the default as a whole. */
	{"office", HY_DUTY_OFFICER, "2026-11-04T12:00:00", "甲"},
	{"office", HY_DUTY_OFFICER, "2026-11-09T12:00:00", "乙"},
	{"office", HY_DUTY_OFFICER, "2026-11-04T08:00:00", ""},
	{"office", HY_DUTY_OFFICER, "2026-11-07T00:00:00", "丙"},
	{"office", HY_DUTY_OFFICER, "2026-11-22T12:00:00", ""},
	{"office", HY_DUTY_LEADER, "2026-11-04T12:00:00", ""},
	/* Two at once, in file order; the second alone after midnight. */
	{"office", HY_DUTY_OFFICER, "2026-11-02T21:00:00", "甲 丁"},
	{"office", HY_DUTY_OFFICER, "2026-11-03T01:59:59", "丁"},
	{"office", HY_DUTY_OFFICER, "2026-11-03T02:00:00", ""},
	/* Leave in the middle of a shift over midnight. */
	{"welfare", HY_DUTY_OFFICER, "2026-11-22T23:59:59", "子"},
	{"welfare", HY_DUTY_OFFICER, "2026-11-23T00:00:00", ""},
	{"welfare", HY_DUTY_OFFICER, "2026-11-23T05:59:59", ""},
	{"welfare", HY_DUTY_OFFICER, "2026-11-23T06:00:00", "子"},
	/* A swap with somebody of outside the rotation, ending with the shift. */
	{"welfare", HY_DUTY_OFFICER, "2026-11-23T08:29:59", "子"},
	{"welfare", HY_DUTY_OFFICER, "2026-11-23T08:30:00", "卯"},
	{"welfare", HY_DUTY_OFFICER, "2026-11-24T08:29:59", "卯"},
	/* Who stands in and has the next turn himself; and goes on leave. */
	{"welfare", HY_DUTY_OFFICER, "2026-11-24T08:30:00", "丑"},
	{"welfare", HY_DUTY_OFFICER, "2026-11-25T12:00:00", "丑"},
	{"welfare", HY_DUTY_OFFICER, "2026-11-25T20:00:00", ""},
	{"welfare", HY_DUTY_OFFICER, "2026-11-25T22:00:00", "丑"},
	{"welfare", HY_DUTY_OFFICER, "2026-11-26T08:30:00", "子"},
	/* A shift of its own while the leader is away. */
	{"welfare", HY_DUTY_LEADER, "2026-11-23T07:59:59", "寅"},
	{"welfare", HY_DUTY_LEADER, "2026-11-23T08:59:59", ""},
	{"welfare", HY_DUTY_LEADER, "2026-11-23T09:00:00", "辰"},
	{"welfare", HY_DUTY_LEADER, "2026-11-23T10:00:00", ""},
	{"welfare", HY_DUTY_LEADER, "2026-11-23T12:00:00", "寅"},
	/* Leave of the office's is no matter of another unit's. */
	{"building", HY_DUTY_LEADER, "2026-11-23T10:00:00", "带班一岗"},
};

static void who_is_on_duty(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < HY_COUNT(asked); i++) {
		const struct hy_unit *unit = hy_units_get(f->units, hy_str_of(asked[i].unit));
		struct hy_str posts[HY_ROSTER_ON_DUTY_MAX];
		size_t n = hy_roster_who(f->roster, unit, asked[i].duty, at_time(asked[i].at),
					 posts);
		char who[256] = "";
		size_t at = 0;

		for (size_t k = 0; k < n; k++)
			at += (size_t)snprintf(who + at, sizeof who - at, "%s%.*s", k ? " " : "",
					       HY_STR_ARGS(posts[k]));
		if (strcmp(who, asked[i].who) != 0)
			fail_msg("%s at %s: \"%s\" in place of \"%s\"", asked[i].unit, asked[i].at,
				 who, asked[i].who);
	}
}

static const struct {
	const char *unit, *from, *to, *gap_from, *gap_to;
} gaps[] = {
	{"building", "2026-01-01T08:30:00", "2026-12-31T00:00:00", NULL, NULL},
	{"building", "2025-12-30T00:00:00", "2026-01-03T00:00:00", "2025-12-30T00:00:00",
	 "2026-01-01T08:30:00"},
	{"building", "2025-12-30T00:00:00", "2025-12-31T00:00:00", "2025-12-30T00:00:00",
	 "2025-12-31T00:00:00"},
	/* Inside a shift, up to the first hole. */
	{"office", "2026-11-04T12:00:00", "2026-11-30T00:00:00", "2026-11-05T00:00:00",
	 "2026-11-05T08:30:00"},
	{"office", "2026-11-05T03:00:00", "2026-11-05T04:00:00", "2026-11-05T03:00:00",
	 "2026-11-05T04:00:00"},
	/* The week-end that is no longer covered. */
	{"office", "2026-11-21T00:00:00", "2026-11-30T00:00:00", "2026-11-22T00:00:00",
	 "2026-11-23T08:30:00"},
	{"welfare", "2026-11-22T00:00:00", "2026-11-25T00:00:00", "2026-11-23T00:00:00",
	 "2026-11-23T06:00:00"},
	{"welfare", "2026-11-23T06:00:00", "2026-12-25T00:00:00", "2026-11-25T20:00:00",
	 "2026-11-25T22:00:00"},
	{"welfare", "2026-11-25T21:00:00", "2026-12-25T00:00:00", "2026-11-25T21:00:00",
	 "2026-11-25T22:00:00"},
	/* Monday to Tuesday: the late shift reaches over midnight. */
	{"office", "2026-11-09T20:00:00", "2026-11-10T12:00:00", "2026-11-10T02:00:00",
	 "2026-11-10T08:30:00"},
};

static void gaps_are_exact(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < HY_COUNT(gaps); i++) {
		const struct hy_unit *unit = hy_units_get(f->units, hy_str_of(gaps[i].unit));
		struct hy_roster_span within = {at_time(gaps[i].from), at_time(gaps[i].to)}, gap;
		bool found = hy_roster_gap(f->roster, unit, HY_DUTY_OFFICER, &within, &gap);
		char from[HY_RFC3339_BYTES], to[HY_RFC3339_BYTES];

		if (found != (gaps[i].gap_from != NULL))
			fail_msg("%s from %s: found %d", gaps[i].unit, gaps[i].from, found);
		if (found && (gap.from.ms != at_time(gaps[i].gap_from).ms ||
			      gap.to.ms != at_time(gaps[i].gap_to).ms))
			fail_msg("%s from %s: %s to %s", gaps[i].unit, gaps[i].from,
				 hy_wall_format(gap.from, from), hy_wall_format(gap.to, to));
	}
}

/* The gaps that are found are the minutes at which nobody is there, and no others. */
static void agree_with_every_minute(struct fixture *f, const char *unit_id, enum hy_duty duty)
{
	const struct hy_unit *unit = hy_units_get(f->units, hy_str_of(unit_id));
	struct hy_roster_span rest = {at_time("2026-11-13T00:00:00"),
				      at_time("2026-11-27T00:00:00")};
	struct hy_wall at = rest.from;

	while (at.ms < rest.to.ms) {
		struct hy_str posts[HY_ROSTER_ON_DUTY_MAX];
		struct hy_roster_span gap = {rest.to, rest.to};

		(void)hy_roster_gap(f->roster, unit, duty, &rest, &gap);
		for (; at.ms < gap.to.ms; at = hy_wall_add_ms(at, 60000)) {
			size_t n = hy_roster_who(f->roster, unit, duty, at, posts);

			assert_int_equal(n == 0, at.ms >= gap.from.ms);
		}
		rest.from = gap.to;
	}
}

static void gaps_agree_with_every_minute(void **state)
{
	agree_with_every_minute(*state, "office", HY_DUTY_OFFICER);
	agree_with_every_minute(*state, "welfare", HY_DUTY_OFFICER);
	agree_with_every_minute(*state, "welfare", HY_DUTY_LEADER);
	agree_with_every_minute(*state, "building", HY_DUTY_LEADER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_on_duty),
		cmocka_unit_test(gaps_are_exact),
		cmocka_unit_test(gaps_agree_with_every_minute),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
