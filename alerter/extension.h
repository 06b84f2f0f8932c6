/*
 * Extensions (延期): more time on a ladder, asked for before it ends, with a reason, granted by
 * somebody above the lead, and no more than the preset allows all told. State limits (5 h, 24 h,
 * 48 h) have no extension: 国办发〔2016〕61号, 80号 know none.
 */
#ifndef HY_ALERTER_EXTENSION_H
#define HY_ALERTER_EXTENSION_H

#include "alerter/presets.h"
#include "alerter/turn.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"

#define HY_EXTENSION_REASON_BYTES 2000

struct hy_extension {
	struct hy_str case_id;
	enum hy_ladder ladder;
	struct hy_str part;		/* "" of most; see deadline.h */
	struct hy_wall until;
	struct hy_str reason;
	struct hy_str actor;		/* who asks */
	struct hy_str approver;		/* "unit" or "unit/post": the supervisor, the office, or above */
};

/*
 * Within the caller's transaction. *out_code is OK where it was granted; else why not (MALFORMED
 * what was said, DENIED who said it or how much, CONFLICT too late), and *out_text says so in
 * Chinese either way. Steps that have not fired move along; the lead and the supervisor are told;
 * it is audited. Fails only where the store does.
 */
enum hy_err hy_deadlines_extend(struct hy_turn *turn, const struct hy_extension *x,
				enum hy_err *out_code, struct hy_buf *out_text,
				struct hy_error *e) HY_MUST_CHECK;

#endif
