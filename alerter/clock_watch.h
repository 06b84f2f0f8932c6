/*
 * Watch over the system's clock. Deadlines go by the wall, so a clock that is set makes them fire
 * early or late, though never twice (deadline.h); somebody has to know. The wall is compared with
 * a clock that nobody can set and that also runs while the machine sleeps.
 */
#ifndef HY_ALERTER_CLOCK_WATCH_H
#define HY_ALERTER_CLOCK_WATCH_H

#include <stdint.h>

#include "alerter/turn.h"
#include "common/base/err.h"
#include "common/base/time.h"

/* What is slewed or lost between two looks is below this. */
#define HY_CLOCK_STEP_MS (30LL * 1000)

struct hy_clock_watch {
	struct hy_wall wall;		/* both of the last look; unknown before the first */
	struct hy_mono steady;
};
#define HY_CLOCK_WATCH ((struct hy_clock_watch){.wall = {INT64_MIN}})

/* Never set, and not stopped by sleep where the system has such a clock. */
struct hy_mono hy_clock_steady(void);

/* By how much the wall was set since the last look, forward positive; 0 for less than a step. */
int64_t hy_clock_watch_look(struct hy_clock_watch *watch, struct hy_wall wall,
			    struct hy_mono steady);

/* An alarm of it, in the caller's transaction; the next daily look clears it (duty_watch.h). */
enum hy_err hy_clock_step_tell(struct hy_turn *turn, int64_t step_ms, struct hy_error *e)
	HY_MUST_CHECK;

#endif
