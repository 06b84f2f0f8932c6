/*
 * What officers do with cases, as COMMAND messages that come again until they are answered.
 * case_table.h says what is possible when and to whom; what each takes besides the case and the
 * actor:
 *
 *   sign, submit, close            nothing
 *   return       kind: a reason below; target: the unit that should lead; note
 *   rule         target: the unit that leads from now on; note: why
 *   assist       target: a unit
 *   contribute   note: what the assisting unit brings
 *   draft        kind of answer; note: the text
 *   approve      note (may be empty); send-back: note
 *   publish      url: where what was approved was published; promise and due, or neither
 *   answer       kind, url, note: what was published without a review; promise and due, or neither
 *   press        url and note (may be empty)
 *   promise      note: what; due.   kept: target: its number; url and note (may be empty)
 *   dismiss      note: why, for who proposes it
 *   merge        target: the other case; note: why.   unmerge, reopen: note: why
 *   extend       kind: the ladder; target: its part (empty: the one that runs); due; approver; note
 *
 * A version other than 0 must be the case's: of two officers who saw the same one, the first
 * wins and the second is told what came in between. Further cases are judged each on its own.
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

#define HY_RETURN_REASON_LIST(X) \
	X("not-ours", "不属本单位职责") X("other-place", "不在本辖区") \
	X("other-leads", "应由其他单位牵头") X("higher", "权限在上级")

/*
 * Carries a COMMAND out, or refuses it: *out_code and out_text (Chinese, a line a case) are the
 * reply, which is remembered under the command's id, so that the same command again gets the same
 * reply. Of several cases *out_code is the first refusal's. The result is not OK only where the
 * store failed.
 */
enum hy_err hy_case_command(struct hy_turn *turn, const struct hy_msg *message,
			    enum hy_err *out_code, struct hy_buf *out_text, struct hy_error *e)
	HY_MUST_CHECK;

#endif
