/*
 * Stands where the analyzer stands: takes every DOCUMENT, prints it as a JSON line
 * {"id","document","url","title","source","bytes"}, and answers with the verdict "quiet". For
 * tests of the crawler alone. Ends on SIGTERM.
 *
 *   fake_analyzer ENDPOINT
 */
#include <jansson.h>
#include <signal.h>
#include <stdio.h>

#include "common/sys/bus.h"
#include "common/sys/loop.h"

static void print(const struct hy_msg *m)
{
	const struct hy_msg_document *d = &m->as.document;
	json_t *line = json_pack("{s:s%, s:s%, s:s%, s:s%, s:s%, s:I}", "id", m->id.p, m->id.n,
				 "document", d->document.p, d->document.n, "url", d->url.p,
				 d->url.n, "title", d->title.n ? d->title.p : "", d->title.n,
				 "source", d->source.p, d->source.n, "bytes",
				 (json_int_t)d->text.n);

	(void)json_dumpf(line, stdout, JSON_COMPACT);
	(void)putchar('\n');
	(void)fflush(stdout);
	json_decref(line);
}

static void judge(void *ctx, const struct hy_bus_peer *from, struct hy_msg *request)
{
	struct hy_bus_server **server = ctx;
	struct hy_msg verdict = {
		.type = HY_MSG_VERDICT,
		.id = request->id,
		.as.verdict = {.outcome = HY_OUTCOME_QUIET,
			       .rules = HY_STR_LIT("00000000000000000000000000000000")},
	};
	struct hy_error e = {0};

	if (request->type == HY_MSG_DOCUMENT &&
	    hy_str_find(request->as.document.title, HY_STR_LIT("预警"), 0) != SIZE_MAX)
		verdict.as.verdict.outcome = HY_OUTCOME_ALERTED;
	if (request->type == HY_MSG_DOCUMENT) {
		print(request);
		if (hy_bus_server_answer(*server, from, &verdict, &e) != HY_OK)
			(void)fprintf(stderr, "%s\n", e.text);
	}
	hy_msg_free(request);
}

static void stop(void *ctx, int signal_number)
{
	(void)signal_number;
	hy_loop_stop(ctx);
}

int main(int argc, char **argv)
{
	const struct hy_log log = {.name = "fake_analyzer", .level = HY_LOG_WARN};
	struct hy_loop *loop = hy_loop_new();
	struct hy_signal *on_term = hy_signal_new(loop, SIGTERM, stop, loop);
	struct hy_bus *bus = hy_bus_new(loop, &log);
	struct hy_bus_server *server = NULL;
	struct hy_error e = {0};
	enum hy_err err = HY_ERR_MALFORMED;

	if (argc == 2)
		err = hy_bus_server_new(bus, argv[1], &hy_bus_defaults, &server, &e);
	if (err == HY_OK) {
		hy_bus_server_on_request(server, judge, &server);
		hy_loop_run(loop);
	} else {
		(void)fprintf(stderr, "usage: fake_analyzer ENDPOINT %s\n", e.text);
	}
	hy_bus_server_free(server);
	hy_bus_free(bus);
	hy_signal_free(on_term);
	hy_loop_free(loop);
	return err == HY_OK ? 0 : 2;
}
