#include "tests/web/webhook.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "tests/web/encode.h"

#define LINE_BYTES_MAX (8u << 20)

enum hy_err sim_webhook_open(const char *path, struct sim_webhook *out_hook, struct hy_error *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (fd < 0)
		return hy_fail(e, HY_ERR_IO, "%s: cannot be opened", path);
	out_hook->fd = fd;
	return HY_OK;
}

void sim_webhook_close(struct sim_webhook *h)
{
	if (h->fd >= 0)
		close(h->fd);
	h->fd = -1;
}

static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind, const char *key,
				  const char *value)
{
	struct hy_buf *line = context;

	(void)kind;
	if (line->p[line->n - 1] != '{')
		hy_buf_add_char(line, ',');
	sim_encode_json(line, hy_str_of(key));
	hy_buf_add_char(line, ':');
	sim_encode_json(line, hy_str_of(value));
	return MHD_YES;
}

/* False where the line did not reach the disk: then the sender must not think it did. */
static bool record(struct sim_webhook *h, const struct sim_request *q, unsigned status)
{
	char now[HY_RFC3339_BYTES];
	hy_cleanup(hy_buf_fini) struct hy_buf line = HY_BUF(LINE_BYTES_MAX);

	if (h->fd < 0)
		return true;
	hy_buf_addf(&line, "{\"at\":\"%s\",\"status\":%u,\"headers\":{",
		    hy_wall_format(hy_wall_now(), now), status);
	if (q->connection)
		MHD_get_connection_values(q->connection, MHD_HEADER_KIND, add_header, &line);
	hy_buf_add_c(&line, "},\"body\":");
	sim_encode_json(&line, q->body);
	hy_buf_add_c(&line, "}\n");
	return !hy_buf_err(&line) && write(h->fd, line.p, line.n) == (ssize_t)line.n &&
	       fsync(h->fd) == 0;
}

void sim_webhook_answer(struct sim_webhook *h, const struct sim_request *q, struct sim_reply *r)
{
	unsigned status = 200;

	h->deliveries++;
	if (h->refuse_every > 0 && h->deliveries % h->refuse_every == 0)
		status = 503;
	if (!record(h, q, status))
		status = 500;
	sim_reply_plain(r, status, status == 200 ? "ok" : "refused");
	if (h->answer_after_ms > 0) {
		r->sending = SIM_LATE;
		r->late_ms = h->answer_after_ms;
	}
}
