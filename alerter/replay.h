/*
 * A notice that did not arrive, or perhaps did not, delivered again because somebody says so
 * (`huiying outbox replay`): the recipient's unit or the coordinating office, with a reason, on
 * the audit's record. Refused where it was accepted, by its own channel or by a fallback, and
 * while one of them is still at it. It goes out whole, as if for the first time.
 */
#ifndef HY_ALERTER_REPLAY_H
#define HY_ALERTER_REPLAY_H

#include "alerter/turn.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/sys/msg.h"

#define HY_REPLAY_ACT "notice.replay"

/*
 * case_id of the command is the notice's id. *out_code and out_text (Chinese) are the reply,
 * remembered under the command's id. Not OK only where the store failed.
 */
enum hy_err hy_replay_command(struct hy_turn *turn, const struct hy_msg *message,
			      enum hy_err *out_code, struct hy_buf *out_text, struct hy_error *e)
	HY_MUST_CHECK;

#endif
