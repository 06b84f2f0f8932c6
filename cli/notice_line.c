#include "cli/notice_line.h"

#include <stdio.h>

#include "cli/print.h"
#include "cli/wording.h"
#include "common/base/mem.h"

#define BLOCK_BYTES (32u << 10)
#define LINE_BYTES 4096

/* One line a notice, and one to whom and about which page. */
void hy_notice_line(const struct hy_msg_event *event, const struct hy_names *names,
		    struct hy_buf *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf words = HY_BUF(LINE_BYTES);
	char at[HY_RFC3339_BYTES];

	hy_buf_addf(out, "%s ", hy_wall_format_people(event->at, at));
	hy_print_plain(event->text, out);
	hy_names_recipient(names, event->recipient, &words);
	hy_buf_add_c(&words, "（");
	hy_wording_step(event->step, &words);
	hy_buf_add_c(&words, "）");
	hy_buf_add_c(out, "\n    送 ");
	hy_print_plain(hy_buf_str(&words), out);
	hy_buf_add_c(out, "  ");
	hy_print_plain(event->url, out);
	hy_buf_add_c(out, "\n");
}

void hy_notice_show(void *ctx, const struct hy_msg *m)
{
	hy_cleanup(hy_buf_fini) struct hy_buf block = HY_BUF(BLOCK_BYTES);

	if (m->type != HY_MSG_EVENT)
		return;
	hy_notice_line(&m->as.event, ctx, &block);
	hy_print_text(stdout, &block);
	(void)fflush(stdout);
}
