/* Dates of HTTP (RFC 9110, 5.6.7) and RSS (RFC 822): "Mon, 23 Nov 2026 01:00:00 GMT". */
#ifndef SIM_HTTP_DATE_H
#define SIM_HTTP_DATE_H

#include "common/base/time.h"

#define SIM_HTTP_DATE_BYTES 48

/* zone is "GMT", or "+0800" for China time. Returns out. */
const char *sim_http_date(struct hy_wall t, const char *zone, char out[SIM_HTTP_DATE_BYTES]);

#endif
