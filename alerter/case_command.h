/*
 * What a unit does with its case: signing and answering, as commands that come again until
 * they are answered. The table of case_table.h says what is possible when.
 *
 * An actor is "unit" or "unit/post" (or an account of that unit); only the lead unit acts.
 */
#ifndef HY_ALERTER_CASE_COMMAND_H
#define HY_ALERTER_CASE_COMMAND_H

#include "alerter/turn.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/sys/msg.h"

#define HY_ANSWER_KIND_LIST(X) \
	X("adopt", "采纳建议") X("resolve", "解决问题") X("investigate", "调查处置") \
	X("explain", "解疑释惑") X("guide", "引导纠正") X("clarify", "澄清事实")

/*
 * Carries a COMMAND out, or refuses it: *out_code and out_text (Chinese) are the reply, which
 * is remembered under the command's id, so that the same command again gets the same reply.
 * The result is not OK only where the store failed.
 */
enum hy_err hy_case_command(struct hy_turn *turn, const struct hy_msg *message,
			    enum hy_err *out_code, struct hy_buf *out_text, struct hy_error *e)
	HY_MUST_CHECK;

#endif
