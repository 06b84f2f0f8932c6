/*
 * TrendRadar's keyword file (frequency_words.txt): groups between empty lines; a word a line,
 * "+must", "!not", "@N", "/pattern/", "word => name", "[name of the group]", and the sections
 * [GLOBAL_FILTER] and [WORD_GROUPS]. Read as TrendRadar reads it.
 */
#ifndef HY_CLI_KEYWORD_FILE_H
#define HY_CLI_KEYWORD_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/str.h"

#define HY_KEYWORD_FILE_BYTES ((size_t)4 << 20)
#define HY_KEYWORDS_MAX 100000

enum hy_keyword_kind {
	HY_KEYWORD_ANY,		/* one of these */
	HY_KEYWORD_MUST,	/* each of these */
	HY_KEYWORD_NOT,		/* none of these, in any group */
	HY_KEYWORD_GLOBAL,	/* none of these, before everything else */
	HY_KEYWORD_LIMIT,	/* "@5": shows so many of the group at most */
	HY_KEYWORD_NAME,	/* "[name]" of the group */
	HY_KEYWORD_COMMENT,
	HY_KEYWORD_IGNORED,	/* what TrendRadar passes over: "+x" among the global filters */
};

/* A line that says something. Borrowed from the text. */
struct hy_keyword {
	enum hy_keyword_kind kind;
	struct hy_str text;	/* without sign, slashes, alias; of a comment without '#' */
	struct hy_str alias;	/* behind "=>", or "" */
	struct hy_str flags;	/* behind a pattern's last slash */
	bool is_pattern;
	int line;		/* from 1 */
	int group;		/* from 1, in the order of the file; comments count to the next words */
};

struct hy_keyword_file {
	struct hy_keyword *items;
	size_t count, cap;
	int group_count;
};

/* LIMIT: more than HY_KEYWORDS_MAX lines. The text is UTF-8 and outlives the file. */
enum hy_err hy_keyword_file_read(struct hy_str text, struct hy_keyword_file *out) HY_MUST_CHECK;
void hy_keyword_file_fini(struct hy_keyword_file *file);	/* safe on a zeroed struct */

#endif
