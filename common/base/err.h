/*
 * Errors: one closed enum for the program, one message for people.
 *
 * A function that can fail returns enum hy_err. A function whose failure a person reads
 * also takes a struct hy_error (may be NULL) and fills it by hy_fail(). Outputs are
 * untouched on failure. "Not found" is not an error: such functions return NULL or bool.
 */
#ifndef HY_BASE_ERR_H
#define HY_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#define HY_ERR_LIST(X) \
	X(OK, "ok") \
	X(IO, "input/output error") \
	X(MALFORMED, "malformed input") \
	X(LIMIT, "limit exceeded") \
	X(TIMEOUT, "timed out") \
	X(CONFLICT, "conflict") \
	X(UNAVAILABLE, "unavailable") \
	X(UNCERTAIN, "outcome uncertain") \
	X(DENIED, "denied") \
	X(CANCELLED, "cancelled")

enum hy_err {
#define X(name, text) HY_ERR_##name,
	HY_ERR_LIST(X)
#undef X
};
#define HY_OK HY_ERR_OK

#define HY_MUST_CHECK __attribute__((warn_unused_result))
#define HY_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

#define HY_ERROR_TEXT_BYTES 240

struct hy_error {
	enum hy_err code;
	char text[HY_ERROR_TEXT_BYTES];	/* UTF-8, NUL-terminated, cut only at a character */
};

/* A short constant English text; never NULL. */
const char *hy_err_text(enum hy_err code);

/* True where trying the same again later may succeed (UNAVAILABLE, TIMEOUT, IO). */
bool hy_err_is_retryable(enum hy_err code);

/* Fills e (if not NULL) and returns code, so that callers can `return hy_fail(...)`. */
enum hy_err hy_fail(struct hy_error *e, enum hy_err code, const char *fmt, ...) HY_PRINTF(3, 4);

/* Puts a prefix before the text already in e ("reading rules: ..."); returns e->code. */
enum hy_err hy_fail_in(struct hy_error *e, enum hy_err code, const char *fmt, ...) HY_PRINTF(3, 4);

/*
 * Programming errors only, never for input, peers or databases; always compiled in;
 * the expression has no side effects.
 */
#define hy_assert(expr) \
	((expr) ? (void)0 : hy_assert_failed(#expr, __FILE__, __LINE__))
_Noreturn void hy_assert_failed(const char *expr, const char *file, int line);

#endif
