/*
 * Deadlines are rows: (case, ladder, step), fired at most once, also after downtime and after
 * the system's clock was set. Signing stops the sign ladder only, an answer the answer ladder
 * only (P4); a stopped ladder's rows stay, so that the report sees what was due when. A row
 * `clock` for each ladder says what its moments were counted from, so that each can be
 * explained after the rules have changed.
 *
 * A ladder of which a case may have more than one has a part: the unit of an assist, the id of
 * a promise, the round of a review. A ladder that was stopped never runs again; what starts anew
 * (a second review, a reopened answer) is another part.
 *
 * Fired by wall time: after a step forward everything that has become due fires, once; after a
 * step back what has fired stays fired and what has not waits for its moment.
 */
#ifndef HY_ALERTER_DEADLINE_H
#define HY_ALERTER_DEADLINE_H

#include <stddef.h>

#include "alerter/presets.h"
#include "alerter/turn.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"

/* "answer", "assist:UNIT": how the rows name a ladder. */
#define HY_LADDER_KEY_BYTES 128
struct hy_ladder_key {
	char text[HY_LADDER_KEY_BYTES];
};
/* LIMIT where the part is too long. */
enum hy_err hy_ladder_key(enum hy_ladder ladder, struct hy_str part, struct hy_ladder_key *out,
			  struct hy_error *e) HY_MUST_CHECK;
/* False where it names no ladder. The part is a view into `key`. */
bool hy_ladder_of_key(struct hy_str key, enum hy_ladder *out, struct hy_str *out_part);

/* A ladder to start. */
struct hy_clock {
	struct hy_str case_id, part;
	struct hy_str unit;	/* who has to act; empty: the lead, whoever that is then */
	enum hy_ladder ladder;
	const struct hy_preset *preset;
	struct hy_wall start;
	struct hy_wall due;	/* unknown: as the preset counts; else that moment, as promised */
	bool is_first;		/* of a case that is being opened: none of it was stopped */
};

/*
 * Starts a ladder. Where it runs already each step keeps the earlier of its moments: none is ever
 * loosened. Where it was stopped nothing happens.
 */
enum hy_err hy_deadlines_start(struct hy_turn *turn, const struct hy_clock *clock,
			       struct hy_error *e) HY_MUST_CHECK;

/* The rows of a new case: every ladder that opens with it. */
enum hy_err hy_deadlines_add(struct hy_turn *turn, struct hy_str case_id,
			     const struct hy_preset_use *use, struct hy_wall start,
			     struct hy_error *e) HY_MUST_CHECK;

/*
 * The inner deadline of an assisting unit: clock->unit from clock->start; the other fields are
 * filled in. Nothing where `use` has none. Never later than 80 % of the answer's: the lead needs
 * what the assist brings.
 */
enum hy_err hy_deadlines_assist(struct hy_turn *turn, const struct hy_preset_use *use,
				struct hy_clock *clock, struct hy_error *e) HY_MUST_CHECK;

/*
 * A graver alert has joined the case: each ladder of `use` gets the earlier of its old moments
 * and those counted from `start`; a ladder it did not have is added. What fired stays fired.
 */
enum hy_err hy_deadlines_tighten(struct hy_turn *turn, struct hy_str case_id,
				 const struct hy_preset_use *use, struct hy_wall start,
				 struct hy_error *e) HY_MUST_CHECK;

/* Stops the ladder without a part; stopping what does not run is nothing. */
enum hy_err hy_deadlines_stop(struct hy_turn *turn, struct hy_str case_id, enum hy_ladder ladder,
			      struct hy_error *e) HY_MUST_CHECK;
enum hy_err hy_deadlines_stop_part(struct hy_turn *turn, struct hy_str case_id,
				   enum hy_ladder ladder, struct hy_str part, struct hy_error *e)
	HY_MUST_CHECK;
/* Stops a ladder whatever its part: all assists, all rounds. */
enum hy_err hy_deadlines_stop_parts(struct hy_turn *turn, struct hy_str case_id,
				    enum hy_ladder ladder, struct hy_error *e) HY_MUST_CHECK;
/* Moves what has not fired of a ladder to the steps of another due moment (extension.h). */
enum hy_err hy_deadlines_move(struct hy_turn *turn, const struct hy_clock *clock,
			      struct hy_error *e) HY_MUST_CHECK;
/* The case has ended: nothing of it fires any more. */
enum hy_err hy_deadlines_stop_all(struct hy_turn *turn, struct hy_str case_id,
				  struct hy_error *e) HY_MUST_CHECK;

/* A row that could not be fired; case_id empty where none was at fault. */
struct hy_deadline_row {
	char case_id[HY_LADDER_KEY_BYTES], ladder[HY_LADDER_KEY_BYTES];
	int64_t step;
};

/*
 * Fires what is due at the turn's moment, at most `limit` rows, the oldest first. Where a row
 * fails *out_stuck names it: the caller rolls back and holds it, so that it keeps no other up.
 */
enum hy_err hy_deadlines_fire(struct hy_turn *turn, size_t limit, size_t *out_fired,
			      struct hy_deadline_row *out_stuck, struct hy_error *e) HY_MUST_CHECK;
/* Puts a row off, longer each time, and raises an alarm that firing it clears. */
enum hy_err hy_deadlines_hold(struct hy_turn *turn, const struct hy_deadline_row *row,
			      const char *why, struct hy_error *e) HY_MUST_CHECK;

/* The next moment at which something is to be tried; unknown where nothing is. */
enum hy_err hy_deadlines_next(struct hy_store *store, struct hy_wall *out, struct hy_error *e)
	HY_MUST_CHECK;

/*
 * Counts again what runs and was counted over a year without published holidays; call when rules
 * are put in force. What fired stays fired.
 */
enum hy_err hy_deadlines_recount(struct hy_turn *turn, size_t *out_changed, struct hy_error *e)
	HY_MUST_CHECK;

#endif
