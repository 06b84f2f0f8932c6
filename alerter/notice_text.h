/*
 * What a message says: the texts of its notices, each with whom it is for, its number and the
 * address of its page. Titles come from pages that anybody may write, so
 * nothing in them may become markup, a mention or a link: what a receiver's program would read
 * as such is replaced by its full-width form, which looks alike and means nothing.
 */
#ifndef HY_ALERTER_NOTICE_TEXT_H
#define HY_ALERTER_NOTICE_TEXT_H

#include <stddef.h>

#include "alerter/notice.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"

#define HY_TEXT_PARTS_MAX 16
#define HY_TEXT_TITLE_RUNES 60
#define HY_TEXT_BYTES (1u << 20)
/* The most that a notice's text grows by guarding, and what is added to it. */
#define HY_TEXT_EXTRA_BYTES 1400

enum hy_guard {
	HY_GUARD_PLAIN,			/* no markup: links only */
	HY_GUARD_MARKDOWN,
};

/* How a kind of channel is written to. */
struct hy_text_form {
	enum hy_guard guard;
	const char *line_end;		/* DingTalk shows only an empty line as a new one */
};

/* Appends; control characters and those that turn the direction of writing become spaces. */
void hy_guard_text(enum hy_guard guard, struct hy_str text, struct hy_buf *out);

/* Appends a link to http(s) addresses of reasonable length, whatever they hold; else nothing. */
void hy_guard_link(const struct hy_text_form *form, struct hy_str url, struct hy_buf *out);

#define HY_TEXT_NUMBER_DIGITS 8	/* of a notice's id, enough to find it by */

/* Of one message; to[i]: whom notice i is for, in words. */
struct hy_text_job {
	const struct hy_notice *notices;
	const struct hy_str *to;
	size_t count;
	struct hy_text_form form;
};
enum hy_err hy_notice_text_write(const struct hy_text_job *job, struct hy_buf *out_title,
				 struct hy_buf *out_text) HY_MUST_CHECK;

/*
 * Cuts a text into parts of at most `limit` bytes with their number in front: between lines where
 * it can, else between characters. What needs more than HY_TEXT_PARTS_MAX ends with a word that
 * says so. The same text is always cut the same way. Views into *memory.
 */
struct hy_text_parts {
	struct hy_str item[HY_TEXT_PARTS_MAX];
	size_t count;
};
enum hy_err hy_text_split(struct hy_str text, size_t limit, struct hy_buf *memory,
			  struct hy_text_parts *out) HY_MUST_CHECK;

#endif
