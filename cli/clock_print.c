#include "cli/clock_print.h"

#include <stdio.h>

#include "common/base/buf.h"
#include "common/base/mem.h"

#define DATE_BYTES 16
#define WHY_BYTES 256

static const char *date_of(struct hy_wall day, char out[DATE_BYTES])
{
	struct hy_civil c = hy_civil_of(day, HY_CST_OFFSET_MIN);

	(void)snprintf(out, DATE_BYTES, "%04u-%02u-%02u", (unsigned)c.year % 10000,
		       (unsigned)c.month % 100, (unsigned)c.day % 100);
	return out;
}

static void write_why(const struct hy_day *day, struct hy_buf *out)
{
	switch (day->kind) {
	case HY_DAY_HOLIDAY:
		hy_buf_addf(out, "%.*s放假", HY_STR_ARGS(day->holiday));
		break;
	case HY_DAY_MADE_UP:
		hy_buf_addf(out, "%.*s调休上班", HY_STR_ARGS(day->holiday));
		break;
	case HY_DAY_WEEKEND:
	case HY_DAY_WORKING:
	default:
		hy_buf_add_c(out, "周末");
		break;
	}
	if (!day->certain)
		hy_buf_add_c(out, "（日历未定）");
}

static bool next_run(const struct hy_preset *preset, struct hy_wall *cursor, struct hy_wall to,
		     struct hy_day_run *out)
{
	return preset->measure != HY_MEASURE_NATURAL &&
	       hy_calendar_next_run(preset->set->calendar, cursor, to, out);
}

void hy_cli_print_skipped(const struct hy_preset *preset, struct hy_wall from, struct hy_wall to,
			  const char *indent)
{
	struct hy_day_run run;

	while (next_run(preset, &from, to, &run)) {
		hy_cleanup(hy_buf_fini) struct hy_buf why = HY_BUF(WHY_BYTES);
		struct hy_wall last = hy_wall_add_ms(run.to, -HY_DAY_MS);
		char first_day[DATE_BYTES], last_day[DATE_BYTES];

		write_why(&run.day, &why);
		(void)printf("%s%s %s", indent, hy_day_is_working(&run.day) ? "照算" : "不计",
			     date_of(run.from, first_day));
		if (last.ms > run.from.ms)
			(void)printf(" 至 %s", date_of(last, last_day));
		(void)printf(" %.*s\n", HY_STR_ARGS(hy_buf_str(&why)));
	}
}

json_t *hy_cli_json_skipped(const struct hy_preset *preset, struct hy_wall from,
			    struct hy_wall to)
{
	json_t *list = json_array();
	struct hy_day_run run;

	while (next_run(preset, &from, to, &run)) {
		hy_cleanup(hy_buf_fini) struct hy_buf why = HY_BUF(WHY_BYTES);
		char first_day[DATE_BYTES], last_day[DATE_BYTES];

		write_why(&run.day, &why);
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s%, s:b}", "from", date_of(run.from, first_day),
					"to", date_of(hy_wall_add_ms(run.to, -HY_DAY_MS), last_day),
					"why", why.p ? why.p : "", hy_buf_str(&why).n, "counted",
					hy_day_is_working(&run.day)));
	}
	return list;
}
