#include "tests/web/send.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "tests/web/encode.h"
#include "tests/web/http_date.h"

#define DROP_MS 1000
#define DROP_BYTES 8
#define SLOW_MAX 1024
#define BLOCK_BYTES 16384
#define TRUNCATED_BYTES 100000

/* One body that is made while it is sent. */
struct odd_body {
	enum sim_sending sending;
	struct MHD_Connection *connection;
	struct sim_slow *slow;
	struct hy_mono next_drop;
	struct hy_buf body;	/* LATE only: what is sent then */
};

struct sleeper {
	struct MHD_Connection *connection;
	struct hy_mono due;
};

struct sim_slow {
	struct sleeper sleeper[SLOW_MAX];
	size_t count;
};

struct sim_slow *sim_slow_new(void)
{
	return hy_xcalloc(1, sizeof(struct sim_slow));
}

void sim_slow_free(struct sim_slow *s)
{
	free(s);
}

bool sim_slow_wake(struct sim_slow *s, struct hy_mono now, int64_t *out_wait_ms)
{
	int64_t next = -1;
	bool woken = false;

	for (size_t i = 0; i < s->count;) {
		int64_t left = hy_mono_diff_ms(s->sleeper[i].due, now);

		if (left <= 0) {
			MHD_resume_connection(s->sleeper[i].connection);
			s->sleeper[i] = s->sleeper[--s->count];
			woken = true;
			continue;
		}
		if (next < 0 || left < next)
			next = left;
		i++;
	}
	*out_wait_ms = next;
	return woken;
}

void sim_slow_wake_all(struct sim_slow *s)
{
	while (s->count > 0)
		MHD_resume_connection(s->sleeper[--s->count].connection);
}

static void fill(char *to, size_t n)
{
	static const char line[] = "<p>still more of the same</p>\n";

	for (size_t i = 0; i < n; i++)
		to[i] = line[i % (sizeof line - 1)];
}

/* Puts the connection to sleep until the next drop is due; false where too many sleep. */
static bool sleep_until_drop(struct odd_body *b)
{
	if (b->slow->count == SLOW_MAX)
		return false;
	b->slow->sleeper[b->slow->count++] = (struct sleeper){b->connection, b->next_drop};
	MHD_suspend_connection(b->connection);
	return true;
}

static ssize_t drip(struct odd_body *b, char *to, size_t max)
{
	struct hy_mono now = hy_mono_now();
	size_t n = max < DROP_BYTES ? max : DROP_BYTES;

	if (hy_mono_diff_ms(b->next_drop, now) > 0)
		return sleep_until_drop(b) ? 0 : MHD_CONTENT_READER_END_WITH_ERROR;
	b->next_drop = hy_mono_add_ms(now, DROP_MS);
	fill(to, n);
	return (ssize_t)n;
}

static ssize_t come_late(struct odd_body *b, uint64_t position, char *to, size_t max)
{
	struct hy_str rest = hy_str_sub(hy_buf_str(&b->body), (size_t)position, max);

	if (hy_mono_diff_ms(b->next_drop, hy_mono_now()) > 0)
		return sleep_until_drop(b) ? 0 : MHD_CONTENT_READER_END_WITH_ERROR;
	memcpy(to, rest.p, rest.n);
	return (ssize_t)rest.n;
}

static ssize_t read_odd(void *context, uint64_t position, char *to, size_t max)
{
	struct odd_body *b = context;
	size_t left = max;

	switch (b->sending) {
	case SIM_DRIP:
		return drip(b, to, max);
	case SIM_LATE:
		return come_late(b, position, to, max);
	case SIM_TRUNCATED:
		if (position >= TRUNCATED_BYTES / 10)
			return MHD_CONTENT_READER_END_WITH_ERROR;
		left = TRUNCATED_BYTES / 10 - (size_t)position;
		break;
	case SIM_HUGE:
		left = SIM_HUGE_BYTES - (size_t)position;
		break;
	case SIM_WHOLE:
	case SIM_ENDLESS:
		break;
	}
	if (left > max)
		left = max;
	fill(to, left);
	return (ssize_t)left;
}

static void free_odd(void *context)
{
	struct odd_body *b = context;

	hy_buf_fini(&b->body);
	free(b);
}

static struct MHD_Response *odd_response(struct MHD_Connection *connection,
					 const struct sim_reply *r, struct sim_slow *slow)
{
	struct odd_body *b = hy_xcalloc(1, sizeof *b);
	uint64_t size = MHD_SIZE_UNKNOWN;

	if (r->sending == SIM_HUGE)
		size = SIM_HUGE_BYTES;
	else if (r->sending == SIM_TRUNCATED)
		size = TRUNCATED_BYTES;
	else if (r->sending == SIM_LATE)
		size = r->body.n;
	*b = (struct odd_body){.sending = r->sending, .connection = connection, .slow = slow};
	b->next_drop = hy_mono_add_ms(hy_mono_now(), r->late_ms);
	hy_buf_init(&b->body, r->body.n + 1);
	hy_buf_add_str(&b->body, hy_buf_str(&r->body));
	return MHD_create_response_from_callback(size, BLOCK_BYTES, read_odd, b, free_odd);
}

static const char *header(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static bool is_known(struct MHD_Connection *c, const struct sim_reply *r)
{
	const char *tag = header(c, MHD_HTTP_HEADER_IF_NONE_MATCH);
	const char *since = header(c, MHD_HTTP_HEADER_IF_MODIFIED_SINCE);
	char modified[SIM_HTTP_DATE_BYTES];

	if (r->status != 200 || r->sending != SIM_WHOLE)
		return false;
	if (tag)
		return r->etag[0] && strstr(tag, r->etag);
	return since && hy_wall_known(r->modified) &&
	       strcmp(since, sim_http_date(r->modified, "GMT", modified)) == 0;
}

static void add_headers(struct MHD_Response *response, const struct sim_reply *r)
{
	char modified[SIM_HTTP_DATE_BYTES];

	(void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, r->type);
	if (r->etag[0])
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, r->etag);
	if (r->retry_after[0])
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, r->retry_after);
	if (r->location[0])
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, r->location);
	if (hy_wall_known(r->modified))
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_LAST_MODIFIED,
					      sim_http_date(r->modified, "GMT", modified));
	if (r->is_gzip)
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
}

enum MHD_Result sim_send(struct MHD_Connection *connection, struct sim_reply *r,
			 const struct sim_request *q, struct sim_slow *slow)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	if (is_known(connection, r)) {
		r->status = 304;
		hy_buf_clear(&r->body);
	} else if (r->gzip && q->accepts_gzip && r->sending == SIM_WHOLE && r->body.n > 0) {
		sim_encode_gzip(&r->body);
		r->is_gzip = true;
	}
	if (hy_buf_err(&r->body))
		return MHD_NO;
	if (r->sending == SIM_WHOLE)
		response = MHD_create_response_from_buffer(r->body.n, r->body.p,
							   MHD_RESPMEM_MUST_COPY);
	else
		response = odd_response(connection, r, slow);
	if (!response)
		return MHD_NO;
	add_headers(response, r);
	result = MHD_queue_response(connection, r->status, response);
	MHD_destroy_response(response);
	return result;
}
