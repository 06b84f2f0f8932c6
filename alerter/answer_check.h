/*
 * What a reviewer should look at twice in the text of an answer: words that promise nothing one
 * could hold anybody to (近期、尽快、即将), and what contradicts an answer that was published on
 * the same event: the same thing said to be and not to be, or counted differently. Findings are
 * Chinese sentences joined by "；"; they stop nobody.
 */
#ifndef HY_ALERTER_ANSWER_CHECK_H
#define HY_ALERTER_ANSWER_CHECK_H

#include "alerter/case_rules.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/sys/store.h"

void hy_answer_check_words(const struct hy_case_rules *rules, struct hy_str text,
			   struct hy_buf *out);

/* Against one published text. */
void hy_answer_check_against(struct hy_str text, struct hy_str published, struct hy_buf *out);

/* Against the newest answers of all cases of the event. */
enum hy_err hy_answer_check_published(struct hy_store *store, struct hy_str event,
				      struct hy_str text, struct hy_buf *out, struct hy_error *e)
	HY_MUST_CHECK;

#endif
