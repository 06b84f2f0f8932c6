#include "tests/web/server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "tests/web/control.h"
#include "tests/web/news.h"
#include "tests/web/page.h"
#include "tests/web/send.h"
#include "tests/web/wechat.h"

#define REQUEST_BODY_BYTES_MAX (4u << 20)
#define PORT_ATTEMPTS 50
#define TURNS_MAX 64	/* of one host before the others get theirs */

/* What a connection carries from the request line to the reply. */
struct exchange {
	char *path;
	struct hy_buf body;
	bool begun;
};

static void *begin_exchange(void *context, const char *uri, struct MHD_Connection *connection)
{
	struct exchange *x = hy_xcalloc(1, sizeof *x);

	(void)context;
	(void)connection;
	x->path = hy_xstrdup(uri);
	hy_buf_init(&x->body, REQUEST_BODY_BYTES_MAX);
	return x;
}

static void end_exchange(void *context, struct MHD_Connection *connection, void **state,
			 enum MHD_RequestTerminationCode code)
{
	struct exchange *x = *state;

	(void)context;
	(void)connection;
	(void)code;
	if (!x)
		return;
	free(x->path);
	hy_buf_fini(&x->body);
	free(x);
	*state = NULL;
}

static void answer(struct sim_host *h, const struct sim_request *q, struct sim_reply *r)
{
	struct sim_world *w = &h->server->world;

	switch (h->kind) {
	case SIM_HOST_NEWS:
		sim_news_answer(w, h->index, q, r);
		return;
	case SIM_HOST_MIRROR:
		sim_wechat_mirror_answer(w, q, r);
		return;
	case SIM_HOST_WECHAT:
		sim_wechat_pages_answer(w, q, r);
		return;
	case SIM_HOST_HOSTILE:
		sim_misbehave_answer(w, h->index, &h->memory, q, r);
		return;
	case SIM_HOST_CONTROL:
		sim_control_answer(h->server, q, r);
	}
}

static void count(struct sim_host *h, const struct sim_request *q)
{
	struct sim_visit v = {.path = q->path, .now_ms = q->now_ms, .allowed = true};

	if (h->kind == SIM_HOST_CONTROL)
		return;
	v.named = MHD_lookup_connection_value(q->connection, MHD_HEADER_KIND,
					      MHD_HTTP_HEADER_USER_AGENT) != NULL;
	v.closed_until_ms = h->memory.closed_until_ms;
	if (h->kind == SIM_HOST_NEWS) {
		v.crawl_delay_s = sim_site_of(&h->server->world, h->index).crawl_delay_s;
		v.allowed = !sim_page_is_disallowed(q->path);
	} else if (h->kind == SIM_HOST_WECHAT) {
		v.allowed = !hy_str_starts(q->path, HY_STR_LIT("/cgi-bin/"));
	} else if (h->kind == SIM_HOST_HOSTILE) {
		v.allowed = !sim_misbehave_is_closed(h->index);
	}
	sim_stats_count(&h->stats, &v);
}

static enum MHD_Result finish(struct sim_host *h, struct MHD_Connection *connection,
			      const char *method, struct exchange *x)
{
	const char *accepted = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							   MHD_HTTP_HEADER_ACCEPT_ENCODING);
	struct sim_request q = {
		.method = hy_str_of(method),
		.path = hy_str_of(x->path),
		.body = hy_buf_str(&x->body),
		.accepts_gzip = accepted && strstr(accepted, "gzip"),
		.now_ms = hy_mono_diff_ms(hy_mono_now(), h->server->started),
		.connection = connection,
	};
	struct sim_reply reply;
	enum MHD_Result result;

	if (hy_buf_err(&x->body))
		return MHD_NO;
	sim_reply_init(&reply);
	count(h, &q);
	answer(h, &q, &reply);
	result = sim_send(connection, &reply, &q, h->server->slow);
	h->stats.not_modified += reply.status == 304;
	h->stats.articles += reply.status == 200;
	h->stats.bytes += reply.body.n;
	sim_reply_fini(&reply);
	return result;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *data_n, void **state)
{
	struct exchange *x = *state;

	(void)url;
	(void)version;
	if (!x->begun) {
		x->begun = true;
		return MHD_YES;
	}
	if (*data_n > 0) {
		hy_buf_add(&x->body, data, *data_n);
		*data_n = 0;
		return MHD_YES;
	}
	return finish(context, connection, method, x);
}

static bool host_listen(struct sim_host *h, uint16_t port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};

	if (inet_pton(AF_INET, h->address, &to.sin_addr) != 1)
		return false;
	h->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, port, NULL, NULL, on_request, h,
		MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&to, MHD_OPTION_URI_LOG_CALLBACK,
		begin_exchange, NULL, MHD_OPTION_NOTIFY_COMPLETED, end_exchange, NULL,
		MHD_OPTION_CONNECTION_LIMIT, 256u, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u,
		MHD_OPTION_END);
	return h->daemon != NULL;
}

static uint16_t port_of(const struct sim_host *h)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_BIND_PORT);

	return info ? info->port : 0;
}

static void stop_all(struct sim_server *s)
{
	for (size_t i = 0; i < s->hosts; i++) {
		if (s->host[i].daemon)
			MHD_stop_daemon(s->host[i].daemon);
		s->host[i].daemon = NULL;
	}
}

/* All hosts on one port: what the first was given, if the others can have it too. */
static bool listen_all(struct sim_server *s, uint16_t wanted)
{
	s->world.port = wanted;
	for (size_t i = 0; i < s->hosts; i++) {
		if (!host_listen(&s->host[i], s->world.port)) {
			stop_all(s);
			return false;
		}
		if (s->world.port == 0)
			s->world.port = port_of(&s->host[i]);
	}
	return true;
}

static void add_host(struct sim_server *s, enum sim_host_kind kind, uint32_t index,
		     const char *address)
{
	struct sim_host *h = &s->host[s->hosts++];

	*h = (struct sim_host){.kind = kind, .index = index, .server = s};
	memcpy(h->address, address, strlen(address) + 1);
	sim_stats_init(&h->stats);
}

static void add_hosts(struct sim_server *s, bool with_misbehaviour)
{
	uint32_t sites = s->world.plan->options.sites;
	char address[SIM_ADDRESS_BYTES];

	s->host = hy_xcalloc(sites + sim_misbehave_count() + 3, sizeof *s->host);
	for (uint32_t i = 0; i < sites; i++) {
		sim_site_address(i, address);
		add_host(s, SIM_HOST_NEWS, i, address);
	}
	add_host(s, SIM_HOST_MIRROR, 0, SIM_WECHAT_MIRROR);
	add_host(s, SIM_HOST_WECHAT, 0, SIM_WECHAT_PAGES);
	for (uint32_t i = 0; with_misbehaviour && i < sim_misbehave_count(); i++) {
		sim_misbehave_address(i, address);
		add_host(s, SIM_HOST_HOSTILE, i, address);
	}
	add_host(s, SIM_HOST_CONTROL, 0, SIM_CONTROL);
}

enum hy_err sim_server_open(struct sim_server *s, bool with_misbehaviour, struct hy_error *e)
{
	uint16_t wanted = s->world.port;
	int attempts = wanted ? 1 : PORT_ATTEMPTS;

	s->slow = sim_slow_new();
	add_hosts(s, with_misbehaviour);
	while (attempts-- > 0) {
		if (listen_all(s, wanted)) {
			s->started = hy_mono_now();
			return HY_OK;
		}
	}
	return hy_fail(e, HY_ERR_IO, "no port free on all of 127.1.0.1 to 127.1.0.%u",
		       s->world.plan->options.sites);
}

/* Lets one host work on what has arrived; true if it has more at once. */
static bool host_turn(struct sim_host *h)
{
	MHD_UNSIGNED_LONG_LONG timeout_ms = 1;

	for (int i = 0; i < TURNS_MAX; i++) {
		(void)MHD_run(h->daemon);
		if (MHD_get_timeout(h->daemon, &timeout_ms) != MHD_YES || timeout_ms > 0)
			return false;
	}
	return true;
}

/* Where each host's events come from, and last where the end is announced. */
static struct pollfd *watch(const struct sim_server *s, int stop_fd)
{
	struct pollfd *fds = hy_xcalloc(s->hosts + 1, sizeof *fds);

	for (size_t i = 0; i < s->hosts; i++) {
		const union MHD_DaemonInfo *info =
			MHD_get_daemon_info(s->host[i].daemon, MHD_DAEMON_INFO_EPOLL_FD);

		fds[i] = (struct pollfd){.fd = info->epoll_fd, .events = POLLIN};
	}
	fds[s->hosts] = (struct pollfd){.fd = stop_fd, .events = POLLIN};
	return fds;
}

enum hy_err sim_server_run(struct sim_server *s, int stop_fd, struct hy_error *e)
{
	struct pollfd *fds = watch(s, stop_fd);
	bool more = false;
	int ready = 0;

	while (ready >= 0 && !fds[s->hosts].revents) {
		int64_t wait_ms = -1;
		/* A connection that is woken up shows by no event: all hosts look once. */
		bool all = sim_slow_wake(s->slow, hy_mono_now(), &wait_ms);

		ready = poll(fds, s->hosts + 1, more || all ? 0 : (int)wait_ms);
		more = false;
		for (size_t i = 0; ready >= 0 && i < s->hosts; i++) {
			struct sim_host *h = &s->host[i];

			if (all || h->has_more || fds[i].revents)
				h->has_more = host_turn(h);
			more |= h->has_more;
		}
	}
	free(fds);
	return ready >= 0 ? HY_OK : hy_fail(e, HY_ERR_IO, "poll failed");
}

void sim_server_close(struct sim_server *s)
{
	if (s->slow)
		sim_slow_wake_all(s->slow);
	stop_all(s);
	free(s->host);
	sim_slow_free(s->slow);
	s->host = NULL;
	s->hosts = 0;
	s->slow = NULL;
}
