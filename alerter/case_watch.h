/*
 * The watch: a deadline row of its own that every open case has, so that there is always a next
 * moment at which somebody is reminded of it, whatever its limits were and whoever let them
 * pass. It begins a day after the last of the limits and comes again every day until the case
 * ends. No preset counts it and nothing but the end of the case stops it.
 */
#ifndef HY_ALERTER_CASE_WATCH_H
#define HY_ALERTER_CASE_WATCH_H

#include "alerter/turn.h"
#include "common/base/err.h"
#include "common/base/str.h"

#define HY_CASE_WATCH "watch"	/* its ladder */
#define HY_CASE_WATCH_TITLE "每日跟踪"

/* The first one of a new case whose last limit is `last`. */
enum hy_err hy_case_watch_open(struct hy_turn *turn, struct hy_str case_id, struct hy_wall last,
			       struct hy_error *e) HY_MUST_CHECK;

/* The case goes on after it had ended: a day after the last moment that waits. */
enum hy_err hy_case_watch_start(struct hy_turn *turn, struct hy_str case_id, struct hy_error *e)
	HY_MUST_CHECK;

/* Its row has come due and is marked: tells who holds the case, and sets tomorrow's. */
enum hy_err hy_case_watch_fire(struct hy_turn *turn, struct hy_str case_id, int64_t step,
			       struct hy_error *e) HY_MUST_CHECK;

#endif
