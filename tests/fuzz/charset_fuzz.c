/*
 * First line: a Content-Type; the rest: bytes of a page. What comes out is UTF-8 without NUL.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/charset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hy_str rest = {(const char *)data, size}, content_type;
	hy_cleanup(hy_buf_fini) struct hy_buf out = {0};
	const char *name = NULL;

	hy_buf_init(&out, size * 3 + 16);
	if (!hy_str_next(&rest, '\n', &content_type) || !rest.p)
		return 0;
	hy_assert(hy_charset_to_utf8(rest, content_type, &out, &name) == HY_OK);
	hy_assert(hy_charset_of_label(hy_str_of(name)) != NULL);
	hy_assert(hy_utf8_valid(out.p ? out.p : "", out.n));
	hy_assert(out.n == 0 || !memchr(out.p, '\0', out.n));
	return 0;
}
