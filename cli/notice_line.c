#include "cli/notice_line.h"

#include <stdio.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

#define BLOCK_BYTES (32u << 10)

/* A page's title must not move the cursor of a duty officer's terminal. */
static void add_plain(struct hy_buf *out, struct hy_str s)
{
	uint32_t rune;
	size_t n;

	for (size_t i = 0; i < s.n; i += n) {
		n = hy_utf8_decode(s.p + i, s.n - i, &rune);
		if (n == 0)
			n = 1;
		else if (rune >= 0x20 && rune != 0x7F && !(rune >= 0x80 && rune < 0xA0))
			hy_buf_add(out, s.p + i, n);
	}
}

void hy_notice_line(const struct hy_msg_event *event, struct hy_buf *out)
{
	char at[HY_RFC3339_BYTES];

	hy_buf_addf(out, "%s ", hy_wall_format_people(event->at, at));
	add_plain(out, event->text);
	hy_buf_add_c(out, "\n    送 ");
	add_plain(out, event->recipient);
	hy_buf_add_c(out, "  ");
	add_plain(out, event->url);
	hy_buf_add_c(out, "\n");
}

void hy_notice_show(void *ctx, const struct hy_msg *m)
{
	hy_cleanup(hy_buf_fini) struct hy_buf block = HY_BUF(BLOCK_BYTES);

	(void)ctx;
	if (m->type != HY_MSG_EVENT)
		return;
	hy_notice_line(&m->as.event, &block);
	if (hy_buf_err(&block) == HY_OK)
		(void)fwrite(block.p, 1, block.n, stdout);
	(void)fflush(stdout);
}
