/*
 * iCalendar (RFC 5545) as far as a duty roster needs it: events with a beginning, an end, a
 * summary and a category. Written strictly (CRLF, lines folded at 75 octets between characters,
 * UTC); read strictly too: what cannot be understood for certain (a repetition, an unknown time
 * zone, an event without an end) is a finding at its line and column and never guessed at.
 *
 * Times without a zone and those of China's zones are +08:00, which has had no daylight saving
 * since 1991. Components other than VEVENT are passed over.
 */
#ifndef HY_ALERTER_ROSTER_ICS_H
#define HY_ALERTER_ROSTER_ICS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/yaml.h"

#define HY_ICS_BYTES (4u << 20)
#define HY_ICS_EVENTS_MAX 4096
#define HY_ICS_UID_BYTES 255

struct hy_ics_event {
	struct hy_str uid, summary, category;	/* category: the first one; may be "" */
	struct hy_wall from, to;		/* to is not part of it, and later */
	bool cancelled;
	int line;				/* of its BEGIN */
};

struct hy_ics {
	struct hy_ics_event *event;
	size_t count, cap;
	struct hy_buf text;			/* unfolded; what the events are views into */
};

/*
 * Reads a calendar. MALFORMED where there were findings ("name:line:column: ..."), and then
 * *out is untouched.
 */
enum hy_err hy_ics_parse(struct hy_str bytes, const char *name, struct hy_findings *findings,
			 struct hy_ics **out) HY_MUST_CHECK;
void hy_ics_free(struct hy_ics *ics);

/* Writing: one begin, any number of events, one end. The buffer keeps the first failure. */
void hy_ics_begin(struct hy_buf *out);
void hy_ics_event(const struct hy_ics_event *event, struct hy_wall stamp, struct hy_buf *out);
void hy_ics_end(struct hy_buf *out);

#endif
