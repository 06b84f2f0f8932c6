/*
 * Notices: who has to be told what, as rows, at most once per case or alarm, step, recipient
 * and channel, whatever dies when.
 *
 *   waiting -> sending -> sent | failed | uncertain
 *
 * `sending` is committed before the attempt. A row found in that state at start may or may not
 * have gone out: it becomes `uncertain`, is shown by `huiying outbox list`, and is never sent
 * again by itself, unless its channel's receivers tell by an id what they have (outbox.h). For
 * the publish channel a row is born `sending` and goes out right after the commit that made it;
 * for the others it waits, over quiet hours too.
 */
#ifndef HY_ALERTER_NOTICE_H
#define HY_ALERTER_NOTICE_H

#include <stdint.h>

#include "alerter/roster.h"
#include "alerter/turn.h"
#include "alerter/units.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/severity.h"
#include "common/sys/store.h"

#define HY_NOTICE_TEXT_BYTES 8000	/* below HY_MSG_NOTE_BYTES */

#define HY_NOTICE_STATE_LIST(X) \
	X(WAITING, "waiting") X(SENDING, "sending") X(SENT, "sent") X(FAILED, "failed") \
	X(UNCERTAIN, "uncertain")

enum hy_notice_state {
#define X(name, id) HY_NOTICE_##name,
	HY_NOTICE_STATE_LIST(X)
#undef X
};
const char *hy_notice_state_id(enum hy_notice_state state);
/*
 * In every query that looks for states: it is the condition of the index notice_open, and
 * SQLite uses a partial index only where the query repeats its condition.
 */
#define HY_NOTICE_OPEN "state IN ('waiting', 'sending', 'uncertain')"

/* About a case or about an alarm; the other one is empty. */
struct hy_notice_draft {
	struct hy_str case_id, alarm, step, text;
	enum hy_severity severity;
};

/*
 * To those on duty in the unit at the turn's moment; an empty step falls through at once: to the
 * other duty, then to the unit's desk itself. One row for each channel that takes it.
 */
enum hy_err hy_notice_duty(struct hy_turn *turn, const struct hy_notice_draft *draft,
			   const struct hy_unit *unit, enum hy_duty duty, struct hy_error *e)
	HY_MUST_CHECK;

/* Everything in `sending` becomes `uncertain`: once, when the alerter becomes active. */
enum hy_err hy_notices_recover(struct hy_store *store, struct hy_wall now, int64_t *out_count,
			       struct hy_error *e) HY_MUST_CHECK;

/*
 * A notice with its case or its alarm, as channels need it; what the other one would say is
 * empty. Of an alarm, lead is who answers for it. Texts live in `memory`; hy_notice_fini.
 */
struct hy_notice {
	struct hy_str id, case_id, step, recipient, channel, text;
	struct hy_str title, topic, lead, lead_name, event, url;
	struct hy_str alarm, component, kind, subject;
	enum hy_severity severity;
	struct hy_wall created_at, sign_due, answer_due, clock_start;
	int64_t attempts;
	struct hy_buf memory;
};
/* *out_found false: no such notice. */
enum hy_err hy_notice_load(struct hy_store *store, struct hy_str id, struct hy_notice *out,
			   bool *out_found, struct hy_error *e) HY_MUST_CHECK;
void hy_notice_fini(struct hy_notice *notice);

/* For the publish channel, so many at once. */
#define HY_NOTICES_AT_ONCE 16
/*
 * Those of the given ones that are in `sending`, each at its id's place; the others are empty
 * (id.n 0). Each ends with hy_notice_fini; after a failure there is none.
 */
enum hy_err hy_notices_sending(struct hy_store *store, const struct hy_id *ids, size_t count,
			       struct hy_notice out[HY_NOTICES_AT_ONCE], struct hy_error *e)
	HY_MUST_CHECK;
/* In the caller's transaction: those still in `sending` have gone out, however many. */
enum hy_err hy_notices_sent(struct hy_store *store, const struct hy_id *ids, size_t count,
			    struct hy_wall now, struct hy_error *e) HY_MUST_CHECK;

#endif
