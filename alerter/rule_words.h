/*
 * A rule set in words: one line for each unit, place, topic, policy, row, step, limit and shift, so
 * that people see who answers for what, and which lines a change has touched.
 *
 * A line is "what id：the rest"; the part before the first ： names it in every version.
 */
#ifndef HY_ALERTER_RULE_WORDS_H
#define HY_ALERTER_RULE_WORDS_H

#include <stddef.h>

#include "alerter/rule_set.h"
#include "common/base/buf.h"
#include "common/base/str.h"

#define HY_RULE_WORDS_BYTES (8u << 20)

/* By precedence: order of routes, then units, places, topics, policies, outlets, limits, roster. */
void hy_rule_words(const struct hy_rule_set *rules, struct hy_buf *out);

/*
 * What stands in `now` and not in `before`, and the other way round, a line each: "新增 …",
 * "撤销 …", "改为 … （原为 …）". Returns how many.
 */
size_t hy_rule_words_compare(struct hy_str before, struct hy_str now, struct hy_buf *out);

#endif
