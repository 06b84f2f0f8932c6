#include "tests/web/encode.h"

#include <iconv.h>
#include <jansson.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

void sim_encode_markup(struct hy_buf *out, struct hy_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		switch (s.p[i]) {
		case '&':
			hy_buf_add_c(out, "&amp;");
			break;
		case '<':
			hy_buf_add_c(out, "&lt;");
			break;
		case '>':
			hy_buf_add_c(out, "&gt;");
			break;
		case '"':
			hy_buf_add_c(out, "&quot;");
			break;
		default:
			hy_buf_add_char(out, s.p[i]);
		}
	}
}

void sim_encode_json(struct hy_buf *out, struct hy_str s)
{
	json_t *string = json_stringn(s.p, s.n);
	char *text = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;

	hy_buf_add_c(out, text ? text : "null");
	free(text);
	json_decref(string);
}

static void replace(struct hy_buf *b, const char *p, size_t n)
{
	hy_buf_clear(b);
	hy_buf_add(b, p, n);
}

void sim_encode_gb18030(struct hy_buf *b)
{
	iconv_t converter = iconv_open("GB18030", "UTF-8");
	size_t from_left = b->n, room = b->n * 2 + 16, to_left = room;
	char *from = b->p, *space = hy_xcalloc(room, 1), *to = space;
	size_t result;

	hy_assert(converter != (iconv_t)-1);
	result = iconv(converter, &from, &from_left, &to, &to_left);
	hy_assert(result != (size_t)-1);
	iconv_close(converter);
	replace(b, space, room - to_left);
	free(space);
}

void sim_encode_gzip(struct hy_buf *b)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
	size_t room, n;
	char *space;

	hy_assert(c);
	room = libdeflate_gzip_compress_bound(c, b->n);
	space = hy_xcalloc(room, 1);
	n = libdeflate_gzip_compress(c, b->p, b->n, space, room);
	libdeflate_free_compressor(c);
	hy_assert(n > 0);
	replace(b, space, n);
	free(space);
}
