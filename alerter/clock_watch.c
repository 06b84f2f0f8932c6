#include "alerter/clock_watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "alerter/alarm.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/sys/content_id.h"

#define TEXT_BYTES 512

struct hy_mono hy_clock_steady(void)
{
#ifdef CLOCK_BOOTTIME
	struct timespec ts;

	if (clock_gettime(CLOCK_BOOTTIME, &ts) == 0)
		return (struct hy_mono){(int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec};
#endif
	return hy_mono_now();
}

int64_t hy_clock_watch_look(struct hy_clock_watch *watch, struct hy_wall wall,
			    struct hy_mono steady)
{
	int64_t step = 0;

	if (hy_wall_known(watch->wall))
		step = wall.ms - watch->wall.ms - hy_mono_diff_ms(steady, watch->steady);
	watch->wall = wall;
	watch->steady = steady;
	return step >= HY_CLOCK_STEP_MS || step <= -HY_CLOCK_STEP_MS ? step : 0;
}

enum hy_err hy_clock_step_tell(struct hy_turn *turn, int64_t step_ms, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);
	int64_t seconds = (step_ms < 0 ? -step_ms : step_ms) / 1000;
	char at[HY_RFC3339_BYTES];
	struct hy_str parts[] = {HY_STR_LIT("clock-step"), {0}};
	struct hy_msg_alarm alarm = {.component = HY_STR_LIT("alerter"),
				     .kind = HY_STR_LIT("clock-step"),
				     .subject = HY_STR_LIT("alerter"),
				     .owner = HY_STR_LIT("office"), .state = HY_ALARM_RAISED,
				     .since = turn->now, .at = turn->now};
	struct hy_id id;
	bool fresh;

	parts[1] = hy_str_of(hy_wall_format(turn->now, at));
	id = hy_id_of(parts, HY_COUNT(parts));
	hy_buf_addf(&text, "系统时钟被拨%s %" PRId64 " 分 %" PRId64 " 秒，%s；请核对服务器时间",
		    step_ms > 0 ? "快" : "慢", seconds / 60, seconds % 60,
		    step_ms > 0 ? "其间到期的提醒已一并发出" : "尚未到期的提醒会相应推迟，已发出的不会再发");
	if (hy_buf_err(&text))
		return hy_fail(e, HY_ERR_LIMIT, "clock: alarm too long");
	alarm.alarm = hy_id_str(&id);
	alarm.text = hy_buf_str(&text);
	return hy_alarm_take(turn, &alarm, &fresh, e);
}
