/* Any bytes as an iCalendar file: what is read is written, and read back the same. */
#include <stdint.h>
#include <stdlib.h>

#include "alerter/roster_ics.h"
#include "common/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct hy_ics_event *event)
{
	hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(1u << 20);
	struct hy_findings findings;
	struct hy_ics *again = NULL;

	if (event->to.ms <= event->from.ms || event->uid.n == 0)
		abort();
	hy_ics_begin(&out);
	hy_ics_event(event, event->from, &out);
	hy_ics_end(&out);
	hy_findings_init(&findings);
	if (hy_buf_err(&out) || hy_ics_parse(hy_buf_str(&out), "x", &findings, &again) ||
	    again->count != 1 || again->event[0].from.ms != event->from.ms ||
	    again->event[0].to.ms != event->to.ms ||
	    !hy_str_eq(again->event[0].category, event->category))
		abort();
	hy_ics_free(again);
	hy_findings_fini(&findings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hy_findings findings;
	struct hy_ics *ics = NULL;

	hy_findings_init(&findings);
	if (hy_ics_parse((struct hy_str){(const char *)data, size}, "f", &findings, &ics) == HY_OK) {
		for (size_t i = 0; i < ics->count; i++)
			check(&ics->event[i]);
	} else if (findings.count == 0) {
		abort();
	}
	hy_ics_free(ics);
	hy_findings_fini(&findings);
	return 0;
}
