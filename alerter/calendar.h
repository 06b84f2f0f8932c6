/*
 * calendar/YEAR.yaml: public holidays and the working week-ends that pay for them (调休), year by
 * year as the State Council's office publishes them each autumn.
 *
 * A year without a file, or with one that is marked provisional (the days the law itself names,
 * before the notice is out), is not known for certain: its days follow the week and what the
 * provisional file says, and everything computed from it says so. That is the earlier moment in
 * nearly every case, since a notice adds days off.
 *
 * Law: 全国年节及纪念日放假办法; end of a limit in days: 民法典 201, 203 (the day of the start does
 * not count; the last day ends with business hours).
 */
#ifndef HY_ALERTER_CALENDAR_H
#define HY_ALERTER_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerter/rule_file.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/yaml.h"

#define HY_CALENDAR_FIRST 2000	/* years a file may be about */
#define HY_CALENDAR_LAST 2199
/* From this month on the next year's file should be there, and from that one the notice. */
#define HY_CALENDAR_FILE_MONTH 10
#define HY_CALENDAR_NOTICE_MONTH 12

enum hy_calendar_state {
	HY_CALENDAR_MISSING,
	HY_CALENDAR_PROVISIONAL,
	HY_CALENDAR_PUBLISHED,
};

enum hy_day_kind {
	HY_DAY_WORKING,
	HY_DAY_MADE_UP,		/* a week-end that is worked: 调休上班 */
	HY_DAY_WEEKEND,
	HY_DAY_HOLIDAY,
};

struct hy_day {
	enum hy_day_kind kind;
	bool certain;		/* the year's notice is there */
	struct hy_str holiday;	/* "国庆节": of a holiday and of a made-up day */
};

struct hy_calendar;

/*
 * Reads every YEAR.yaml of dir/calendar; no such folder is an empty calendar. Mistakes become
 * findings; fails only where a file cannot be read or parsed.
 */
enum hy_err hy_calendar_load(const char *dir, struct hy_findings *findings,
			     struct hy_calendar **out) HY_MUST_CHECK;
void hy_calendar_free(struct hy_calendar *calendar);

enum hy_calendar_state hy_calendar_year(const struct hy_calendar *calendar, int year);
/* The bytes the calendar was read from, for the version of a rule set; borrowed. */
struct hy_str hy_calendar_bytes(const struct hy_calendar *calendar);

/* The day (+08:00) that `at` falls on. A calendar of NULL knows nothing but the week. */
struct hy_day hy_calendar_day(const struct hy_calendar *calendar, struct hy_wall at);
bool hy_day_is_working(const struct hy_day *day);

/*
 * What is wrong with the calendar at that moment: this year's file, from October the next
 * year's, from December the next year's notice. Returns the year that lacks something, 0 for
 * none; *out_state what there is of it.
 */
int hy_calendar_lack(const struct hy_calendar *calendar, struct hy_wall at,
		     enum hy_calendar_state *out_state);

/* What that lack means and what to do, in Chinese; for a finding or an alarm. */
void hy_calendar_lack_text(int year, enum hy_calendar_state state, struct hy_buf *out);
/*
 * The finding of `huiying check` where something lacks. No reason to refuse a rule set: limits
 * go on by the week, marked as such.
 */
void hy_calendar_check(const struct hy_calendar *calendar, struct hy_wall at,
		       struct hy_findings *findings);

/* Business hours of a working day, from midnight; in order, without overlap. */
#define HY_OFFICE_WINDOWS_MAX 4
struct hy_office_hours {
	struct {
		int64_t from_ms, to_ms;
	} window[HY_OFFICE_WINDOWS_MAX];
	size_t count;		/* at least 1 */
};

/* The moment at which `ms` of business time have passed since `start`. */
struct hy_wall hy_calendar_add_office(const struct hy_calendar *calendar,
				      const struct hy_office_hours *hours, struct hy_wall start,
				      int64_t ms);
/* Business time between two moments; 0 where `to` is not later. */
int64_t hy_calendar_office_between(const struct hy_calendar *calendar,
				   const struct hy_office_hours *hours, struct hy_wall from,
				   struct hy_wall to);
/* The end of business on the days-th working day after the day of `start`; days from 1. */
struct hy_wall hy_calendar_add_days(const struct hy_calendar *calendar,
				    const struct hy_office_hours *hours, struct hy_wall start,
				    int64_t days);

/* Days of one kind and name in a row; both ends are midnights, `to` is not part of it. */
struct hy_day_run {
	struct hy_wall from, to;
	struct hy_day day;
};
/*
 * The next run at or after *cursor of days that are no plain working days, cut at `to`, and moves
 * the cursor behind it. False: none before `to`.
 */
bool hy_calendar_next_run(const struct hy_calendar *calendar, struct hy_wall *cursor,
			  struct hy_wall to, struct hy_day_run *out);

/* Whether every day from `from` to `to` is of a year whose notice is there. */
bool hy_calendar_certain(const struct hy_calendar *calendar, struct hy_wall from,
			 struct hy_wall to);

/* Midnight (+08:00) of the day that `at` falls on. */
struct hy_wall hy_day_start(struct hy_wall at);
#define HY_DAY_MS (24LL * 3600 * 1000)

#endif
