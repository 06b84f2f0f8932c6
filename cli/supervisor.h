/*
 * Supervisor: keeps a set of child processes running until told to stop.
 *
 * A child that ends is started again, at once the first time, then after a pause that doubles
 * to 10 s; a child that stayed up for 10 s starts from the short pause again. Stopping goes
 * stage by stage in the order of adding (first the crawlers, so that those behind can finish
 * what is on its way), each with SIGTERM, and SIGKILL when its time is over. Children are in
 * a session of their own, so that Ctrl-C at a terminal reaches them only through here, and end
 * themselves when this process dies (--with-parent), so that no second set ever runs.
 */
#ifndef HY_CLI_SUPERVISOR_H
#define HY_CLI_SUPERVISOR_H

#include <stdint.h>

#include "common/base/err.h"
#include "common/base/log.h"
#include "common/sys/loop.h"

#define HY_SUPERVISOR_CHILDREN_MAX 64
#define HY_SUPERVISOR_ARGUMENTS_MAX 15

struct hy_supervisor;

typedef void hy_supervisor_done_fn(void *ctx);

struct hy_supervisor *hy_supervisor_new(struct hy_loop *loop, const struct hy_log *log,
					int64_t stop_timeout_ms);
void hy_supervisor_free(struct hy_supervisor *supervisor);	/* all children have ended */

/*
 * argv is copied: NULL-terminated, argv[0] the program's path. Children of a lower stage are
 * stopped before those of a higher one. LIMIT where there are too many.
 */
enum hy_err hy_supervisor_add(struct hy_supervisor *supervisor, const char *name, int stage,
			      const char *const *argv, struct hy_error *e) HY_MUST_CHECK;
void hy_supervisor_start(struct hy_supervisor *supervisor);
/* Calls done when the last child has ended. A second call kills what is still there. */
void hy_supervisor_stop(struct hy_supervisor *supervisor, hy_supervisor_done_fn *done, void *ctx);
/* Passes a signal on to all children (SIGHUP). */
void hy_supervisor_signal(struct hy_supervisor *supervisor, int signal_number);

#endif
