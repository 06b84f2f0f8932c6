#include "tests/web/http_date.h"

#include <stdio.h>

const char *sim_http_date(struct hy_wall t, const char *zone, char out[SIM_HTTP_DATE_BYTES])
{
	static const char days[][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct hy_civil c = hy_civil_of(t, zone[0] == '+' ? HY_CST_OFFSET_MIN : 0);

	(void)snprintf(out, SIM_HTTP_DATE_BYTES, "%s, %02d %s %04d %02d:%02d:%02d %s",
		       days[c.weekday - 1], c.day, months[c.month - 1], c.year, c.hour, c.minute,
		       c.second, zone);
	return out;
}
