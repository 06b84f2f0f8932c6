/*
 * Pace: when the next request of one host may begin. Pure clockwork with the moment as a
 * parameter, so that tests and a simulator can turn the clock.
 */
#ifndef HY_CRAWLER_PACE_H
#define HY_CRAWLER_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/str.h"
#include "common/base/time.h"

#define HY_PAUSE_MAX_MS (INT64_C(24) * 3600 * 1000)

struct hy_pace {
	struct hy_mono next_at;		/* not before, by the delay */
	struct hy_mono paused_until;	/* not before, since the host asked or refused */
	int64_t pauses;			/* in a row; each doubles the next */
};

void hy_pace_init(struct hy_pace *pace, struct hy_mono now);
/* The earliest moment of the next request. */
struct hy_mono hy_pace_ready_at(const struct hy_pace *pace);
bool hy_pace_is_paused(const struct hy_pace *pace, struct hy_mono now);

/* A request ended: the delay counts from its end, which spares a slow host more. */
void hy_pace_ended(struct hy_pace *pace, struct hy_mono now, int64_t delay_ms);
/* A request was answered well: the next pause is short again. */
void hy_pace_went_well(struct hy_pace *pace);
/*
 * The host asked for quiet. wish_ms: its Retry-After, or -1 for base_ms doubled with every
 * pause in a row. Never longer than HY_PAUSE_MAX_MS; never shortens a pause. Returns its ms.
 */
int64_t hy_pace_pause(struct hy_pace *pace, struct hy_mono now, int64_t base_ms, int64_t wish_ms);

/* base doubled `times` times, at most max. */
int64_t hy_backoff_ms(int64_t base_ms, int64_t times, int64_t max_ms);

/* Retry-After (RFC 9110, 10.2.3), seconds or HTTP date, as ms from now; false where neither. */
bool hy_retry_after_parse(struct hy_str value, struct hy_wall now, int64_t *out_ms);

#endif
