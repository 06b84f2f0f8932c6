/* The simulated web: see sim_usage. */
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "tests/web/control.h"
#include "tests/web/options.h"
#include "tests/web/server.h"
#include "tests/web/truth.h"

#define READY_BYTES_MAX (1u << 20)

static int stop_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static enum hy_err write_truth(const struct sim_world *w, const char *path, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf truth = HY_BUF(SIM_TRUTH_BYTES_MAX);
	FILE *f = fopen(path, "wb");
	bool whole;

	if (!f)
		return hy_fail(e, HY_ERR_IO, "%s: cannot be written", path);
	sim_truth_write(w, &truth);
	whole = !hy_buf_err(&truth) && fwrite(truth.p, 1, truth.n, f) == truth.n;
	if (fclose(f) != 0 || !whole)
		return hy_fail(e, HY_ERR_IO, "%s: not written as a whole", path);
	return HY_OK;
}

static enum hy_err announce(const struct sim_server *s, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf line = HY_BUF(READY_BYTES_MAX);

	sim_control_ready(s, &line);
	if (hy_buf_err(&line) || fwrite(line.p, 1, line.n, stdout) != line.n || fflush(stdout) != 0)
		return hy_fail(e, HY_ERR_IO, "cannot say that it is ready");
	return HY_OK;
}

static enum hy_err serve(const struct sim_options *o, struct sim_server *s, struct hy_error *e)
{
	enum hy_err err = HY_OK;
	int stop_fd = stop_signals();

	if (o->webhook_log)
		err = sim_webhook_open(o->webhook_log, &s->webhook, e);
	if (!err)
		err = sim_server_open(s, o->misbehave, e);
	if (!err && o->truth_file)
		err = write_truth(&s->world, o->truth_file, e);
	if (!err)
		err = announce(s, e);
	if (!err)
		err = sim_server_run(s, stop_fd, e);
	sim_server_close(s);
	sim_webhook_close(&s->webhook);
	close(stop_fd);
	return err;
}

static enum hy_err run(const struct sim_options *o, struct hy_error *e)
{
	struct sim_text *text = sim_text_load(o->text_dir, e);
	struct sim_plan plan;
	enum hy_err err;

	if (!text)
		return HY_ERR_IO;
	err = sim_plan_make(&o->plan, &plan, e);
	if (!err) {
		struct sim_server server = {
			.world = {text, &plan, o->port, o->crawl_delay_s, o->list_items,
				  o->page_kib},
			.webhook = {.fd = -1, .refuse_every = (uint64_t)o->refuse_every,
				    .answer_after_ms = o->answer_after_ms},
		};

		err = serve(o, &server, e);
		sim_plan_free(&plan);
	}
	sim_text_free(text);
	return err;
}

int main(int argc, char **argv)
{
	struct sim_options options;
	struct hy_error e = {0};
	enum hy_err err = sim_options_parse(argc, argv, &options, &e);

	if (err == HY_ERR_CANCELLED) {
		fputs(sim_usage, stdout);
		return 0;
	}
	if (!err)
		err = run(&options, &e);
	if (!err)
		return 0;
	fprintf(stderr, "simweb: %s\n", e.text);
	return err == HY_ERR_MALFORMED ? 2 : 3;
}
