/*
 * Watches how long the loop's turns take: one that blocks makes every peer wait.
 */
#ifndef HY_SYS_TURN_WATCH_H
#define HY_SYS_TURN_WATCH_H

#include "common/base/log.h"
#include "common/sys/loop.h"

struct hy_turn_watch;

/* Warns of turns longer than limit_ms from now on, at most once in ten seconds. */
struct hy_turn_watch *hy_turn_watch_new(struct hy_loop *loop, const struct hy_log *log,
					int64_t limit_ms);
void hy_turn_watch_free(struct hy_turn_watch *watch);

#endif
