/*
 * A PCRE2 pattern of a rule, compiled (JIT where there is one) and bounded: match, depth and heap
 * limits end what would take too long, and that is an answer of its own.
 *
 * Patterns see folded text and compare letters without case. \w and \d mean ASCII; a dot does not
 * cross a newline.
 */
#ifndef HY_ANALYZER_PATTERN_H
#define HY_ANALYZER_PATTERN_H

#include <stddef.h>

#include "common/base/err.h"
#include "common/base/str.h"

#define HY_PATTERN_BYTES 2000	/* fits a message's HY_MSG_RULE_BYTES with its slashes */
#define HY_PATTERN_MATCH_LIMIT 100000	/* steps (of PCRE2's count) from one place of the text */
#define HY_PATTERN_STEPS 130000	/* of all places that need many: below a thousandth of a second */
#define HY_PATTERN_DEPTH_LIMIT 10000
#define HY_PATTERN_HEAP_KIB 2048

struct hy_pattern;

struct hy_pattern_error {
	char text[160];		/* Chinese */
	size_t offset;		/* bytes into the pattern */
};

/* MALFORMED: does not compile, or can match the empty string; LIMIT: longer than allowed. */
enum hy_err hy_pattern_new(struct hy_str pattern, struct hy_pattern **out,
			   struct hy_pattern_error *out_error) HY_MUST_CHECK;
void hy_pattern_free(struct hy_pattern *pattern);

/* What one user needs to run patterns: limits, JIT stack, result. Not shared. */
struct hy_pattern_user;
struct hy_pattern_user *hy_pattern_user_new(void);
void hy_pattern_user_free(struct hy_pattern_user *user);

/* A text begins: the user has all HY_PATTERN_STEPS again. */
void hy_pattern_begin(struct hy_pattern_user *user);

enum hy_pattern_result {
	HY_PATTERN_FOUND,
	HY_PATTERN_NONE,
	HY_PATTERN_AT_LIMIT,	/* given up: nothing is known about the rest */
};

struct hy_pattern_span {
	size_t start, end;
};

/*
 * The first match that begins at or after `from` in valid UTF-8 text; what stands before `from` is
 * seen by look-behind. A match is never empty.
 */
enum hy_pattern_result hy_pattern_next(const struct hy_pattern *pattern,
				       struct hy_pattern_user *user, struct hy_str text,
				       size_t from, struct hy_pattern_span *out);

#endif
