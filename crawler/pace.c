#include "crawler/pace.h"

#include "crawler/feed_time.h"

void hy_pace_init(struct hy_pace *pace, struct hy_mono now)
{
	*pace = (struct hy_pace){.next_at = now, .paused_until = now};
}

struct hy_mono hy_pace_ready_at(const struct hy_pace *pace)
{
	return pace->next_at.ns > pace->paused_until.ns ? pace->next_at : pace->paused_until;
}

bool hy_pace_is_paused(const struct hy_pace *pace, struct hy_mono now)
{
	return pace->paused_until.ns > now.ns;
}

void hy_pace_ended(struct hy_pace *pace, struct hy_mono now, int64_t delay_ms)
{
	struct hy_mono next = hy_mono_add_ms(now, delay_ms);

	if (next.ns > pace->next_at.ns)
		pace->next_at = next;
}

void hy_pace_went_well(struct hy_pace *pace)
{
	pace->pauses = 0;
}

int64_t hy_backoff_ms(int64_t base_ms, int64_t times, int64_t max_ms)
{
	int64_t ms = base_ms;

	while (times-- > 0 && ms < max_ms)
		ms *= 2;
	return ms < max_ms ? ms : max_ms;
}

int64_t hy_pace_pause(struct hy_pace *pace, struct hy_mono now, int64_t base_ms, int64_t wish_ms)
{
	int64_t ms = wish_ms >= 0 ? wish_ms : hy_backoff_ms(base_ms, pace->pauses, HY_PAUSE_MAX_MS);
	struct hy_mono until;

	if (ms > HY_PAUSE_MAX_MS)
		ms = HY_PAUSE_MAX_MS;
	until = hy_mono_add_ms(now, ms);
	if (until.ns > pace->paused_until.ns)
		pace->paused_until = until;
	pace->pauses++;
	return hy_mono_diff_ms(pace->paused_until, now);
}

bool hy_retry_after_parse(struct hy_str value, struct hy_wall now, int64_t *out_ms)
{
	struct hy_wall at;
	int64_t seconds;

	value = hy_str_trim(value);
	if (hy_str_to_int(value, 0, INT32_MAX, &seconds)) {
		*out_ms = seconds * 1000;
		return true;
	}
	if (!hy_feed_time_parse(value, 0, &at) || !hy_wall_known(at))
		return false;
	*out_ms = at.ms > now.ms ? at.ms - now.ms : 0;
	return true;
}
