/*
 * Deadlines are rows: (case, ladder, step), fired at most once, also after downtime. Signing
 * stops the sign ladder only, an answer the answer ladder only (P4); a stopped ladder's rows
 * stay, so that the report sees what was due when.
 */
#ifndef HY_ALERTER_DEADLINE_H
#define HY_ALERTER_DEADLINE_H

#include <stddef.h>

#include "alerter/presets.h"
#include "alerter/turn.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"

/* The rows of a new case. */
enum hy_err hy_deadlines_add(struct hy_turn *turn, struct hy_str case_id,
			     const struct hy_preset_use *use, struct hy_wall start,
			     struct hy_error *e) HY_MUST_CHECK;

/*
 * A graver alert has joined the case: each ladder of `use` gets the earlier of its old moments
 * and those counted from `start`; a ladder it did not have is added. What fired stays fired.
 */
enum hy_err hy_deadlines_tighten(struct hy_turn *turn, struct hy_str case_id,
				 const struct hy_preset_use *use, struct hy_wall start,
				 struct hy_error *e) HY_MUST_CHECK;

enum hy_err hy_deadlines_stop(struct hy_turn *turn, struct hy_str case_id, enum hy_ladder ladder,
			      struct hy_error *e) HY_MUST_CHECK;

/* Fires what is due at the turn's moment, at most `limit` rows, the oldest first. */
enum hy_err hy_deadlines_fire(struct hy_turn *turn, size_t limit, size_t *out_fired,
			      struct hy_error *e) HY_MUST_CHECK;

/* The next moment at which something is due; unknown where nothing is. */
enum hy_err hy_deadlines_next(struct hy_store *store, struct hy_wall *out, struct hy_error *e)
	HY_MUST_CHECK;

#endif
