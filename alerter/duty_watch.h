/*
 * Watch over what the rules in force will lack: a gap of a roster within 14 days, a year without
 * its holidays, a unit that ends while something still refers to it (400 days ahead: what
 * `huiying check` finds). Looked for at least daily by the running alerter; each is one alarm, raised once,
 * told to the unit itself or the coordinating office, and cleared when it is mended.
 */
#ifndef HY_ALERTER_DUTY_WATCH_H
#define HY_ALERTER_DUTY_WATCH_H

#include "alerter/turn.h"
#include "common/base/err.h"

#define HY_DUTY_WATCH_DAYS 14

/* Within the caller's transaction, by the turn's moment and rules. */
enum hy_err hy_duty_watch(struct hy_turn *turn, struct hy_error *e) HY_MUST_CHECK;

#endif
