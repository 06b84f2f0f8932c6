/*
 * What ids of messages, stores and daemons are called in front of people, in Chinese. Programs
 * get the ids themselves (-o json).
 */
#ifndef HY_CLI_WORDING_H
#define HY_CLI_WORDING_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"

/* All append; what they do not know is appended as it is. */
void hy_wording_severity(struct hy_str id, struct hy_buf *out);	/* 重大 */
void hy_wording_state(struct hy_str id, struct hy_buf *out);	/* of a case: 待签收 */
void hy_wording_ladder(struct hy_str id, struct hy_buf *out);	/* 签收 */
void hy_wording_notice(struct hy_str state, struct hy_buf *out);	/* 已发送 */
/* Why a notice was made: "assist" 协办, "sign-50" 签收时限用去 50%. */
void hy_wording_step(struct hy_str step, struct hy_buf *out);
void hy_wording_answer(struct hy_str kind, struct hy_buf *out);	/* 澄清事实 */
void hy_wording_level(struct hy_str level, struct hy_buf *out);	/* of a review: 会商 */
void hy_wording_review(struct hy_str state, struct hy_buf *out);	/* 退回修改 */
/* A figure of `huiying status`, and the state a daemon says it is in. */
void hy_wording_figure(struct hy_str name, struct hy_buf *out);
void hy_wording_daemon_state(struct hy_str state, struct hy_buf *out);
void hy_wording_daemon(struct hy_str name, struct hy_buf *out);	/* "analyzer2" 研判 analyzer2 */

/* Why a daemon did not answer, and what to do about it. */
void hy_wording_unanswered(enum hy_err err, const struct hy_error *e, struct hy_buf *out);

bool hy_wording_is_notice_state(const char *state);
/* "waiting、sending、…": what hy_wording_is_notice_state knows. */
void hy_wording_notice_states(struct hy_buf *out);

#endif
