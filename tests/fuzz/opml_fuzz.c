/*
 * One list: it ends, lines go up, values are valid UTF-8 of one line within their limit, and
 * no more outlines come than tags stand in it.
 */
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/charset.h"
#include "crawler/opml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	size_t count;
	int line;
};

static void check_text(struct hy_str s)
{
	hy_assert(s.n <= HY_OPML_VALUE_BYTES);
	for (size_t i = 0; i < s.n; i++)
		hy_assert((unsigned char)s.p[i] >= 0x20);
}

static bool on_outline(void *ctx, const struct hy_opml_outline *outline)
{
	struct seen *seen = ctx;

	hy_assert(outline->line >= seen->line && outline->line > 0);
	hy_assert(outline->attribute_count <= HY_OPML_ATTRIBUTES_MAX);
	for (size_t i = 0; i < outline->attribute_count; i++)
		check_text(outline->attributes[i].value);
	check_text(outline->group);
	check_text(hy_opml_title(outline));
	seen->line = outline->line;
	seen->count++;
	return seen->count < 1000;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hy_cleanup(hy_buf_fini) struct hy_buf utf8 = HY_BUF(1 << 20);
	struct hy_str bytes = {(const char *)data, size};
	struct seen seen = {0};
	const char *charset;

	if (hy_charset_to_utf8(bytes, (struct hy_str){0}, &utf8, &charset) == HY_OK &&
	    hy_opml_read(hy_buf_str(&utf8), on_outline, &seen, NULL) == HY_OK)
		hy_assert(seen.count <= utf8.n / sizeof "outline");
	return 0;
}
