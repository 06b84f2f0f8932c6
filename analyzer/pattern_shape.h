/*
 * What can be said about a PCRE2 pattern without running it: strings of which at least one stands
 * inside every match, and how long a match can be. Both are used to run the pattern only where it
 * can match at all. Whatever the reader does not understand is answered by "nothing is known",
 * never by a guess.
 */
#ifndef HY_ANALYZER_PATTERN_SHAPE_H
#define HY_ANALYZER_PATTERN_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/str.h"

#define HY_SHAPE_STRINGS_MAX 32
#define HY_SHAPE_STRING_BYTES 48
#define HY_SHAPE_UNBOUNDED SIZE_MAX

struct hy_shape_string {
	char p[HY_SHAPE_STRING_BYTES];
	size_t n;
};

struct hy_pattern_shape {
	/* Lower-case strings; every match has at least one of them. Count 0: nothing is known. */
	struct hy_shape_string strings[HY_SHAPE_STRINGS_MAX];
	size_t string_count;
	/* Characters; UNBOUNDED too where the text behind a match matters ($, look-ahead). */
	size_t longest;
};

/* The pattern is for folded text (see hy_fold_pattern) and compiles. */
void hy_pattern_shape(struct hy_str pattern, struct hy_pattern_shape *out);

#endif
