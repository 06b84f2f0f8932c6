#include "common/sys/service.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/sys/control.h"
#include "common/sys/notify.h"
#include "common/sys/service_options.h"
#include "common/sys/turn_watch.h"

#define FINDINGS_BYTES (1u << 20)
#define DUMP_BYTES (256u << 10)
#define LONG_TURN_MS 200

enum { EXIT_DRAINED = 0, EXIT_FINDINGS = 1, EXIT_FAILED = 3 };
enum { SIGNAL_TERM, SIGNAL_INT, SIGNAL_HUP, SIGNAL_COUNT };

struct service {
	struct hy_service face;		/* what the daemon sees */
	const struct hy_service_spec *spec;
	struct hy_service_options options;
	struct hy_log log;
	struct hy_common_conf *common;	/* owned; face has them read-only */
	void *conf;
	void *daemon;
	struct hy_signal *signals[SIGNAL_COUNT];
	struct hy_timer *drain_timer;
	struct hy_turn_watch *turn_watch;
	struct hy_control *control;
	bool draining;
	int exit_code;
};

/* ---- configuration ---- */

struct values {
	struct hy_common_conf *common;
	void *conf;
};

static void values_free(const struct hy_service_spec *spec, struct values *v)
{
	hy_config_free(&hy_common_section, v->common);
	hy_config_free(spec->section, v->conf);
}

/* Both sections; findings say what is wrong. */
static enum hy_err values_read(const struct hy_service_spec *spec, const char *path,
			       struct values *out, struct hy_buf *findings)
{
	const struct hy_config_section *const sections[] = {&hy_common_section, spec->section};
	void *loaded[HY_COUNT(sections)];
	enum hy_err err = hy_config_load(path, sections, HY_COUNT(sections), hy_config_sections,
					 loaded, findings);

	if (err == HY_OK)
		*out = (struct values){loaded[0], loaded[1]};
	return err;
}

/* Reads them and lets the daemon check what its table cannot. */
static enum hy_err values_load(const struct hy_service_spec *spec, const char *path,
			       struct values *out, struct hy_buf *findings)
{
	struct values v;
	enum hy_err err = values_read(spec, path, &v, findings);

	if (err == HY_OK && spec->check) {
		err = spec->check(v.common, v.conf, findings);
		if (err != HY_OK)
			values_free(spec, &v);
	}
	if (err == HY_OK)
		*out = v;
	return err;
}

static void use_values(struct service *s, struct values v)
{
	s->common = v.common;
	s->conf = v.conf;
	s->face.common = v.common;
	s->face.conf = v.conf;
}

static void print_lines(struct hy_str text)
{
	(void)fwrite(text.p, 1, text.n, stderr);
}

/* Also of a configuration that cannot run yet: this is where one starts to write it. */
static int dump_config(const struct service *s, struct hy_buf *findings)
{
	hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(DUMP_BYTES);
	struct values v;

	if (values_read(s->spec, s->options.config, &v, findings) != HY_OK) {
		print_lines(hy_buf_str(findings));
		return EXIT_FAILED;
	}
	hy_config_dump(&hy_common_section, v.common, &out);
	hy_config_dump(s->spec->section, v.conf, &out);
	values_free(s->spec, &v);
	if (hy_buf_err(&out) != HY_OK || fwrite(out.p, 1, out.n, stdout) != out.n)
		return EXIT_FAILED;
	return 0;
}

/* ---- while it runs ---- */

static void stop_now(void *ctx)
{
	struct service *s = ctx;

	hy_loop_stop(s->face.loop);
}

static void drain(struct service *s)
{
	if (s->draining) {	/* told twice: now */
		stop_now(s);
		return;
	}
	s->draining = true;
	hy_log(&s->log, HY_LOG_INFO, "draining");
	hy_notify("STOPPING=1");
	if (!s->spec->drain) {
		stop_now(s);
		return;
	}
	hy_timer_start(s->drain_timer, s->common->drain_ms, 0);
	s->spec->drain(s->daemon);
}

static void log_findings(struct service *s, struct hy_str findings)
{
	struct hy_str line;

	while (hy_str_next(&findings, '\n', &line))
		if (line.n)
			hy_log(&s->log, HY_LOG_ERROR, "reload refused",
			       hy_kv_str("finding", line));
}

/* Whole new values beside the old; the old ones stay where the daemon refuses the new. */
static void reload(struct service *s)
{
	hy_cleanup(hy_buf_fini) struct hy_buf findings = HY_BUF(FINDINGS_BYTES);
	struct values old = {s->common, s->conf}, fresh;
	struct hy_error e = {0};
	const char *key;

	if (values_load(s->spec, s->options.config, &fresh, &findings) != HY_OK) {
		log_findings(s, hy_buf_str(&findings));
		return;
	}
	key = hy_config_needs_restart(&hy_common_section, old.common, fresh.common);
	if (!key)
		key = hy_config_needs_restart(s->spec->section, old.conf, fresh.conf);
	if (key)
		hy_log(&s->log, HY_LOG_WARN, "a change waits for the next start", hy_kv("key", key));
	hy_notify("RELOADING=1");
	use_values(s, fresh);
	if (s->spec->reload && s->spec->reload(s->daemon, &e) != HY_OK) {
		hy_log(&s->log, HY_LOG_ERROR, "reload refused", hy_kv("finding", e.text));
		use_values(s, old);
		values_free(s->spec, &fresh);
	} else {
		hy_log(&s->log, HY_LOG_INFO, "reloaded");
		values_free(s->spec, &old);
	}
	hy_notify("READY=1");
}

static void on_signal(void *ctx, int signal_number)
{
	if (signal_number == SIGHUP)
		reload(ctx);
	else
		drain(ctx);
}

static void status(void *ctx, struct hy_status_sink *sink)
{
	struct service *s = ctx;

	if (s->spec->status && s->daemon)
		s->spec->status(s->daemon, sink);
	if (s->draining)
		hy_status_state(sink, "draining");
}

void hy_service_drained(struct hy_service *service)
{
	struct service *s = hy_container_of(service, struct service, face);

	if (s->draining)
		stop_now(s);
}

void hy_service_fail(struct hy_service *service, const struct hy_error *why)
{
	struct service *s = hy_container_of(service, struct service, face);

	hy_log(&s->log, HY_LOG_ERROR, "cannot go on", hy_kv("reason", why->text));
	s->exit_code = EXIT_FAILED;
	stop_now(s);
}

/* ---- up and down ---- */

static enum hy_err make_run_folder(const char *path, struct hy_error *e)
{
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return hy_fail(e, HY_ERR_IO, "cannot make the folder %s: %s", path,
			       strerror(errno));
	return HY_OK;
}

/* The parent may have died before the request was in force. */
static enum hy_err bind_to_parent(int64_t parent, struct hy_error *e)
{
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
		return hy_fail(e, HY_ERR_CANCELLED, "the parent process is gone");
	return HY_OK;
}

static enum hy_err start(struct service *s, struct hy_error *e)
{
	static const int numbers[SIGNAL_COUNT] = {SIGTERM, SIGINT, SIGHUP};
	enum hy_err err = make_run_folder(s->common->run, e);

	s->face.loop = hy_loop_new();
	s->drain_timer = hy_timer_new(s->face.loop, stop_now, s);
	for (size_t i = 0; i < SIGNAL_COUNT; i++)
		s->signals[i] = hy_signal_new(s->face.loop, numbers[i], on_signal, s);
	s->face.bus = hy_bus_new(s->face.loop, &s->log);
	if (err == HY_OK)
		err = hy_control_new(s->face.bus, s->common, s->options.name, &s->control, e);
	if (err == HY_OK)
		err = s->spec->start(&s->face, &s->daemon, e);
	if (err != HY_OK)
		return err;
	hy_control_on_status(s->control, status, s);
	s->turn_watch = hy_turn_watch_new(s->face.loop, &s->log, LONG_TURN_MS);
	return HY_OK;
}

/* The mirror of start; copes with a start that went half way. */
static void stop(struct service *s)
{
	hy_turn_watch_free(s->turn_watch);
	if (s->daemon)
		s->spec->stop(s->daemon);
	hy_control_free(s->control);
	hy_bus_free(s->face.bus);
	for (size_t i = SIGNAL_COUNT; i-- > 0;)
		hy_signal_free(s->signals[i]);
	hy_timer_free(s->drain_timer);
	hy_loop_free(s->face.loop);
}

static int run(struct service *s)
{
	struct hy_error e = {0};
	enum hy_err err = HY_OK;

	(void)signal(SIGPIPE, SIG_IGN);
	if (s->options.parent)
		err = bind_to_parent(s->options.parent, &e);
	if (err == HY_OK)
		err = start(s, &e);
	if (err == HY_OK) {
		hy_log(&s->log, HY_LOG_INFO, "ready", hy_kv_int("pid", getpid()));
		hy_notify("READY=1");
		hy_loop_run(s->face.loop);
	} else {
		hy_log(&s->log, HY_LOG_ERROR, "cannot start", hy_kv("reason", e.text));
		s->exit_code = EXIT_FAILED;
	}
	if (s->face.loop)
		stop(s);
	hy_log(&s->log, HY_LOG_INFO, "ended", hy_kv_int("code", s->exit_code));
	return s->exit_code;
}

int hy_service_main(int argc, char **argv, const struct hy_service_spec *spec)
{
	struct service s = {.spec = spec, .exit_code = EXIT_DRAINED};
	hy_cleanup(hy_buf_fini) struct hy_buf findings = HY_BUF(FINDINGS_BYTES);
	struct values v;
	int code = hy_service_options_parse(argc, argv, spec, &s.options);

	if (code != HY_SERVICE_GO_ON)
		return code;
	s.log = (struct hy_log){s.options.name, s.options.log_level};
	s.face.name = s.options.name;
	s.face.log = &s.log;
	if (s.options.dump)
		return dump_config(&s, &findings);
	if (values_load(spec, s.options.config, &v, &findings) != HY_OK) {
		print_lines(hy_buf_str(&findings));
		return s.options.check ? EXIT_FINDINGS : EXIT_FAILED;
	}
	use_values(&s, v);
	code = s.options.check ? EXIT_DRAINED : run(&s);
	v = (struct values){s.common, s.conf};
	values_free(spec, &v);
	return code;
}
