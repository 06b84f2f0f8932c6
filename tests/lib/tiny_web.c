#include "tests/lib/tiny_web.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define PAGES_MAX 64
#define SILENT_MAX 16

static const char *const kept_headers[] = {"User-Agent", "If-None-Match", "If-Modified-Since",
					   "Cookie", "Authorization", "Accept-Encoding"};

struct tiny_web {
	struct tiny_page *pages;
	struct MHD_Daemon *daemon;
	pthread_mutex_t lock;		/* of all below */
	unsigned asked[PAGES_MAX], asked_in_all, at_once, most_at_once;
	char headers[HY_COUNT(kept_headers)][256];
	struct MHD_Connection *silent[SILENT_MAX];
	size_t silent_count;
	char urls[16][2200];
	unsigned url_turn;
	int port;
};

static ssize_t endless(void *ctx, uint64_t pos, char *out, size_t max)
{
	(void)ctx;
	(void)pos;
	memset(out, 'x', max);
	return (ssize_t)max;
}

static void note_headers(struct tiny_web *web, struct MHD_Connection *connection)
{
	for (size_t i = 0; i < HY_COUNT(kept_headers); i++) {
		const char *value =
			MHD_lookup_connection_value(connection, MHD_HEADER_KIND, kept_headers[i]);

		(void)snprintf(web->headers[i], sizeof web->headers[i], "%s", value ? value : "");
	}
}

static struct tiny_page *find(struct tiny_web *web, const char *path, size_t *out_index)
{
	for (size_t i = 0; web->pages[i].path && i < PAGES_MAX; i++) {
		if (strcmp(web->pages[i].path, path) == 0) {
			*out_index = i;
			return &web->pages[i];
		}
	}
	return NULL;
}

static struct MHD_Response *response_of(const struct tiny_page *page)
{
	struct MHD_Response *response;
	size_t n = page->body_bytes ? page->body_bytes : page->body ? strlen(page->body) : 0;

	if (page->manner == TINY_ENDLESS)
		response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 65536, endless, NULL,
							     NULL);
	else
		response = MHD_create_response_from_buffer(
			n, (void *)(uintptr_t)(page->body ? page->body : ""), MHD_RESPMEM_MUST_COPY);
	if (page->type)
		(void)MHD_add_response_header(response, "Content-Type", page->type);
	if (page->header)
		(void)MHD_add_response_header(response, page->header, page->value);
	return response;
}

/* The path as asked, query and all: MHD takes it apart, so it is noted at the very start. */
static void *note_uri(void *ctx, const char *uri, struct MHD_Connection *connection)
{
	(void)ctx;
	(void)connection;
	return hy_xstrdup(uri);
}

static enum MHD_Result answer(void *ctx, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *data,
			      size_t *data_bytes, void **request)
{
	static const struct tiny_page missing = {.status = 404, .type = "text/html",
						 .body = "nothing here"};
	struct tiny_web *web = ctx;
	struct tiny_page *page;
	struct MHD_Response *response;
	enum MHD_Result result;
	size_t index;

	(void)url;
	(void)method;
	(void)version;
	(void)data;
	(void)data_bytes;
	pthread_mutex_lock(&web->lock);
	page = find(web, *request, &index);
	web->asked_in_all++;
	if (++web->at_once > web->most_at_once)
		web->most_at_once = web->at_once;
	if (page) {
		web->asked[index]++;
		note_headers(web, connection);
	}
	if (page && page->manner == TINY_SILENT && web->silent_count < SILENT_MAX) {
		web->silent[web->silent_count++] = connection;
		MHD_suspend_connection(connection);
		pthread_mutex_unlock(&web->lock);
		return MHD_YES;
	}
	pthread_mutex_unlock(&web->lock);
	response = response_of(page ? page : &missing);
	result = MHD_queue_response(connection, (unsigned)(page ? page->status : 404), response);
	MHD_destroy_response(response);
	return result;
}

static void completed(void *ctx, struct MHD_Connection *connection, void **request,
		      enum MHD_RequestTerminationCode code)
{
	struct tiny_web *web = ctx;

	(void)connection;
	(void)code;
	pthread_mutex_lock(&web->lock);
	if (web->at_once)
		web->at_once--;
	pthread_mutex_unlock(&web->lock);
	free(*request);
	*request = NULL;
}

struct tiny_web *tiny_web_start(struct tiny_page *pages)
{
	struct tiny_web *web = hy_xcalloc(1, sizeof *web);
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	web->pages = pages;
	pthread_mutex_init(&web->lock, NULL);
	web->daemon = MHD_start_daemon(
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL,
		NULL, answer, web, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_URI_LOG_CALLBACK,
		note_uri, NULL, MHD_OPTION_NOTIFY_COMPLETED, completed, web, MHD_OPTION_END);
	if (!web->daemon) {
		free(web);
		return NULL;
	}
	web->port = MHD_get_daemon_info(web->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
	return web;
}

void tiny_web_stop(struct tiny_web *web)
{
	if (!web)
		return;
	pthread_mutex_lock(&web->lock);
	for (size_t i = 0; i < web->silent_count; i++)
		MHD_resume_connection(web->silent[i]);
	web->silent_count = SILENT_MAX;	/* asked again, they are answered */
	pthread_mutex_unlock(&web->lock);
	MHD_stop_daemon(web->daemon);
	pthread_mutex_destroy(&web->lock);
	free(web);
}

const char *tiny_web_url(struct tiny_web *web, const char *path)
{
	char *out = web->urls[web->url_turn++ % 16];

	(void)snprintf(out, sizeof web->urls[0], "http://127.0.0.1:%d%s", web->port, path);
	return out;
}

unsigned tiny_web_asked(struct tiny_web *web, const char *path)
{
	size_t index;
	unsigned n;

	pthread_mutex_lock(&web->lock);
	n = find(web, path, &index) ? web->asked[index] : 0;
	pthread_mutex_unlock(&web->lock);
	return n;
}

static unsigned locked(struct tiny_web *web, const unsigned *value)
{
	unsigned n;

	pthread_mutex_lock(&web->lock);
	n = *value;
	pthread_mutex_unlock(&web->lock);
	return n;
}

unsigned tiny_web_asked_in_all(struct tiny_web *web)
{
	return locked(web, &web->asked_in_all);
}

unsigned tiny_web_most_at_once(struct tiny_web *web)
{
	return locked(web, &web->most_at_once);
}

const char *tiny_web_header(struct tiny_web *web, const char *name)
{
	for (size_t i = 0; i < HY_COUNT(kept_headers); i++)
		if (strcmp(kept_headers[i], name) == 0)
			return web->headers[i];
	return "";
}
