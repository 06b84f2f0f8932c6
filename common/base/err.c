#include "common/base/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/utf8.h"

const char *hy_err_text(enum hy_err code)
{
	static const char *const texts[] = {
#define X(name, text) text,
		HY_ERR_LIST(X)
#undef X
	};
	size_t n = sizeof texts / sizeof texts[0];

	return (size_t)code < n ? texts[code] : "unknown error";
}

bool hy_err_is_retryable(enum hy_err code)
{
	return code == HY_ERR_UNAVAILABLE || code == HY_ERR_TIMEOUT || code == HY_ERR_IO;
}

/* A message that was too long ends at a whole character. */
static void end_at_character(char *text, size_t size)
{
	size_t n = strlen(text);

	if (n + 1 == size)
		text[hy_utf8_floor(text, n, n)] = '\0';
}

enum hy_err hy_fail(struct hy_error *e, enum hy_err code, const char *fmt, ...)
{
	va_list args;

	if (!e)
		return code;
	e->code = code;
	va_start(args, fmt);
	(void)vsnprintf(e->text, sizeof e->text, fmt, args);
	va_end(args);
	end_at_character(e->text, sizeof e->text);
	return code;
}

enum hy_err hy_fail_in(struct hy_error *e, enum hy_err code, const char *fmt, ...)
{
	char inner[HY_ERROR_TEXT_BYTES];
	va_list args;
	size_t used;

	if (!e)
		return code;
	memcpy(inner, e->text, sizeof inner);
	e->code = code;
	va_start(args, fmt);
	(void)vsnprintf(e->text, sizeof e->text, fmt, args);
	va_end(args);
	used = strlen(e->text);
	(void)snprintf(e->text + used, sizeof e->text - used, ": %s", inner);
	end_at_character(e->text, sizeof e->text);
	return code;
}

void hy_assert_failed(const char *expr, const char *file, int line)
{
	(void)fprintf(stderr, "assertion failed: %s (%s:%d)\n", expr, file, line);
	abort();
}
