#include "cli/print.h"

#include "common/base/utf8.h"

static bool is_control(uint32_t rune)
{
	return rune < 0x20 || rune == 0x7F || (rune >= 0x80 && rune < 0xA0);
}

void hy_print_plain(struct hy_str s, struct hy_buf *out)
{
	uint32_t rune;
	size_t n;

	for (size_t i = 0; i < s.n; i += n) {
		n = hy_utf8_decode(s.p + i, s.n - i, &rune);
		if (n == 0)
			n = 1;
		else if (!is_control(rune))
			hy_buf_add(out, s.p + i, n);
	}
}

void hy_print_text(FILE *to, const struct hy_buf *text)
{
	struct hy_str s = hy_buf_str(text);

	if (hy_buf_err(text) == HY_OK)
		(void)fwrite(s.p, 1, s.n, to);
	else
		(void)fprintf(stderr, "内容过长，无法显示\n");
}
