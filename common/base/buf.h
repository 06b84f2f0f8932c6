/*
 * Bounded buffer: grows up to the limit given at init and no further.
 *
 * The first failure sticks: later appends do nothing, and hy_buf_err() says LIMIT. So a
 * writer appends freely and checks once. A buffer that failed never shows partial text as
 * if it were whole: check before use. The content always has a NUL behind it.
 */
#ifndef HY_BASE_BUF_H
#define HY_BASE_BUF_H

#include <stddef.h>

#include "common/base/err.h"
#include "common/base/str.h"

struct hy_buf {
	char *p;
	size_t n, cap, max;
	enum hy_err err;
};

/* Initialises at the declaration: hy_cleanup variables must be good from their first line on. */
#define HY_BUF(max_bytes) {.max = (max_bytes)}

void hy_buf_init(struct hy_buf *b, size_t max_bytes);
void hy_buf_fini(struct hy_buf *b);	/* frees; safe on a zeroed struct */
void hy_buf_clear(struct hy_buf *b);	/* empty again, no error, memory kept */

void hy_buf_add(struct hy_buf *b, const void *p, size_t n);
void hy_buf_add_c(struct hy_buf *b, const char *c_string);
void hy_buf_add_str(struct hy_buf *b, struct hy_str s);
void hy_buf_add_char(struct hy_buf *b, char c);
void hy_buf_addf(struct hy_buf *b, const char *fmt, ...) HY_PRINTF(2, 3);

/* Room for n more bytes to be written by the caller at the returned place, or NULL (LIMIT). */
char *hy_buf_reserve(struct hy_buf *b, size_t n);
void hy_buf_commit(struct hy_buf *b, size_t n);	/* n bytes of the reserve are now content */
void hy_buf_truncate(struct hy_buf *b, size_t n);	/* keeps the first n bytes */

enum hy_err hy_buf_err(const struct hy_buf *b) HY_MUST_CHECK;
struct hy_str hy_buf_str(const struct hy_buf *b);	/* borrowed until the next append */
/* Hands the content over as a malloc'ed C string and leaves the buffer empty; NULL on error. */
char *hy_buf_take(struct hy_buf *b);

#endif
