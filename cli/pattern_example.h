/* A text that a pattern matches, for the samples of a rule that was taken over from elsewhere. */
#ifndef HY_CLI_PATTERN_EXAMPLE_H
#define HY_CLI_PATTERN_EXAMPLE_H

#include "common/base/buf.h"
#include "common/base/str.h"

/*
 * Appends a guess: the first of alternatives, each repeat as often as it must. Whoever uses it
 * lets the pattern itself decide.
 */
void hy_pattern_example(struct hy_str pattern, struct hy_buf *out);

#endif
