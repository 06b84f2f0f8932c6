/*
 * A notice as the terminal shows it: when, what (case, lead unit, deadlines), to whom, where.
 */
#ifndef HY_CLI_NOTICE_LINE_H
#define HY_CLI_NOTICE_LINE_H

#include "cli/names.h"
#include "common/base/buf.h"
#include "common/sys/msg.h"

/* Appends the lines. What came from outside is printed without control characters. */
void hy_notice_line(const struct hy_msg_event *event, const struct hy_names *names,
		    struct hy_buf *out);

/* A hy_bus_event_fn that prints EVENT messages to standard output at once; ctx is a
 * struct hy_names. */
void hy_notice_show(void *ctx, const struct hy_msg *m);

#endif
