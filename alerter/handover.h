/*
 * Hand-over notes (交接班记录): what is open in a unit when a shift ends, what was done in it, which
 * alarms stand and which notices are in doubt, written from the store at that moment and kept as
 * it was. Who goes off duty makes and thereby signs it, who comes on signs it too: a command each,
 * in one transaction with its audit entry. A note is never changed afterwards.
 */
#ifndef HY_ALERTER_HANDOVER_H
#define HY_ALERTER_HANDOVER_H

#include "alerter/turn.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/msg.h"
#include "common/sys/store.h"

#define HY_HANDOVER_TEXT_BYTES 65536
#define HY_HANDOVER_NOTE_BYTES 2000
#define HY_HANDOVER_FIRST_MS (24LL * 3600 * 1000)	/* what the first note of a unit covers */

/* What a note of that unit would say at `now`; reads only. Since its last note. */
enum hy_err hy_handover_write(struct hy_store *store, struct hy_str unit, struct hy_wall now,
			      struct hy_buf *out, struct hy_error *e) HY_MUST_CHECK;

/*
 * HANDOVER (case_id: the unit; actor: "unit/post" that goes; kind: the post that comes; note) and
 * HANDOVER_SIGN (case_id: the note's id; actor: "unit/post" that comes; note). The same message
 * again gives the same reply. *out_code and *out_text are the reply; fails only with the store.
 */
enum hy_err hy_handover_command(struct hy_turn *turn, const struct hy_msg *message,
				enum hy_err *out_code, struct hy_buf *out_text,
				struct hy_error *e) HY_MUST_CHECK;

#endif
