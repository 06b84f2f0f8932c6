/* `huiying up`: crawler, analyzer and alerter under one supervisor, notices on the terminal. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alerter/alerter_conf.h"
#include "analyzer/analyzer_conf.h"
#include "cli/config_file.h"
#include "cli/names.h"
#include "cli/notice_line.h"
#include "cli/options.h"
#include "cli/supervisor.h"
#include "cli/supervisor_conf.h"
#include "cli/verb.h"
#include "common/base/mem.h"
#include "common/sys/bus.h"
#include "common/sys/loop.h"
#include "common/sys/service.h"
#include "crawler/crawler_conf.h"

#define PATH_BYTES 4096

/* Which daemons there are, and in which order they are stopped. */
static const struct {
	const char *name;
	int stage;
	size_t count_offset;	/* in struct hy_supervisor_conf */
	const struct hy_config_section *section;
} daemons[] = {
	{"crawler", 0, offsetof(struct hy_supervisor_conf, crawlers), &hy_crawler_section},
	{"analyzer", 1, offsetof(struct hy_supervisor_conf, analyzers), &hy_analyzer_section},
	{"alerter", 2, offsetof(struct hy_supervisor_conf, alerters), &hy_alerter_section},
};

struct up {
	struct hy_loop *loop;
	struct hy_supervisor *supervisor;
	struct hy_log log;
	struct hy_names names;
};

static void ended(void *ctx)
{
	struct up *up = ctx;

	hy_loop_stop(up->loop);
}

static void on_signal(void *ctx, int signal_number)
{
	struct up *up = ctx;

	if (signal_number == SIGHUP)
		hy_supervisor_signal(up->supervisor, SIGHUP);
	else
		hy_supervisor_stop(up->supervisor, ended, up);
}

/* The daemons' programs stand beside this one. */
static enum hy_err folder_of_program(char out[PATH_BYTES], struct hy_error *e)
{
	size_t n = PATH_BYTES;
	char *slash;

	if (uv_exepath(out, &n) != 0)
		return hy_fail(e, HY_ERR_IO, "cannot tell where this program stands");
	slash = strrchr(out, '/');
	if (slash)
		*slash = '\0';
	return HY_OK;
}

static int64_t count_of(const struct hy_supervisor_conf *conf, size_t daemon)
{
	int64_t count;

	memcpy(&count, (const char *)conf + daemons[daemon].count_offset, sizeof count);
	return count;
}

/* A daemon that cannot read its section would end and be started again for ever. */
static bool sections_are_good(const char *config, const struct hy_supervisor_conf *conf)
{
	bool good = true;

	for (size_t i = 0; i < HY_COUNT(daemons); i++) {
		void *values;

		if (count_of(conf, i) == 0)
			continue;
		values = hy_cli_config_load(config, daemons[i].section);
		good &= values != NULL;
		hy_config_free(daemons[i].section, values);
	}
	return good;
}

static enum hy_err add_daemons(struct up *up, const struct hy_supervisor_conf *conf,
			       const char *config, struct hy_error *e)
{
	static const char *const levels[] = {"error", "warn", "info", "debug"};
	char folder[PATH_BYTES], program[PATH_BYTES + 32], name[32], parent[16];
	enum hy_err err = folder_of_program(folder, e);

	(void)snprintf(parent, sizeof parent, "%d", (int)getpid());
	for (size_t i = 0; err == HY_OK && i < HY_COUNT(daemons); i++) {
		int64_t count = count_of(conf, i);

		(void)snprintf(program, sizeof program, "%s/huiying-%s", folder, daemons[i].name);
		for (int64_t k = 1; err == HY_OK && k <= count; k++) {
			const char *argv[] = {program, "--with-parent", parent, "--name", name,
					      "--log-level", levels[conf->log_level],
					      config ? "--config" : NULL, config, NULL};

			(void)snprintf(name, sizeof name, k == 1 ? "%s" : "%s%d", daemons[i].name,
				       (int)k);
			err = hy_supervisor_add(up->supervisor, name, daemons[i].stage, argv, e);
		}
	}
	return err;
}

/* Up first to last, down last to first. */
static enum hy_err run(const char *config, const struct hy_common_conf *common,
		       const struct hy_supervisor_conf *conf, struct hy_error *e)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct hy_signal *handles[HY_COUNT(signals)];
	struct hy_bus_options options = hy_common_bus_options(common);
	struct up up = {.log = {.name = "supervisor", .level = (enum hy_log_level)conf->log_level}};
	struct hy_bus_subscriber *subscriber = NULL;
	struct hy_bus *bus;
	enum hy_err err;

	hy_names_init(&up.names);
	hy_names_add_rules(&up.names, common->rules);
	up.loop = hy_loop_new();
	up.supervisor = hy_supervisor_new(up.loop, &up.log, common->drain_ms + 2000);
	for (size_t i = 0; i < HY_COUNT(signals); i++)
		handles[i] = hy_signal_new(up.loop, signals[i], on_signal, &up);
	bus = hy_bus_new(up.loop, &up.log);
	err = add_daemons(&up, conf, config, e);
	if (err == HY_OK && conf->watch)
		err = hy_bus_subscriber_new(bus, common->event_endpoint, &options, &subscriber, e);
	if (err == HY_OK) {
		if (subscriber)
			hy_bus_subscriber_on_event(subscriber, hy_notice_show, &up.names);
		hy_supervisor_start(up.supervisor);
		hy_loop_run(up.loop);
	}
	hy_bus_subscriber_free(subscriber);
	hy_bus_free(bus);
	for (size_t i = HY_COUNT(signals); i-- > 0;)
		hy_signal_free(handles[i]);
	hy_supervisor_free(up.supervisor);
	hy_loop_free(up.loop);
	hy_names_fini(&up.names);
	return err;
}

/*
 * Two sets in one run folder would only fight for its sockets. The lock goes with this process,
 * however it ends; its children do not hold it. The file names the holder. -1 with a message.
 */
static int lock_run_folder(const char *run)
{
	char path[PATH_BYTES], holder[32] = "";
	int n = snprintf(path, sizeof path, "%s/up.lock", run), fd = -1;
	ssize_t got;

	if (n > 0 && (size_t)n < sizeof path && (mkdir(run, 0700) == 0 || errno == EEXIST))
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		(void)fprintf(stderr, "运行文件夹 %s 不能用：%s\n", run, strerror(errno));
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		n = snprintf(holder, sizeof holder, "%d\n", (int)getpid());
		if (ftruncate(fd, 0) == 0)
			(void)!pwrite(fd, holder, (size_t)n, 0);	/* only for people */
		return fd;
	}
	got = pread(fd, holder, sizeof holder - 1, 0);
	holder[got > 0 ? got : 0] = '\0';
	(void)fprintf(stderr, "huiying up 已在 %s 运行（进程 %d），不再启动；用 huiying status 查看\n", run,
		      (int)strtol(holder, NULL, 10));
	(void)close(fd);
	return -1;
}

int hy_verb_up(int argc, char **argv)
{
	const char *given = NULL, *config;
	const struct hy_option options[] = {
		{"--config", "FILE", &given, NULL, "configuration file"},
	};
	const struct hy_usage usage = {
		"up [--config FILE]",
		"Starts the daemons and starts again what dies; Ctrl-C drains and ends, a second\n"
		"one kills. SIGHUP makes all reload. Shows notices as they go out.",
		options, HY_COUNT(options)};
	struct hy_common_conf *common;
	struct hy_supervisor_conf *conf;
	struct hy_error e = {0};
	enum hy_err err = HY_ERR_MALFORMED;
	int lock, operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands)
		return hy_usage_error(&usage, "up takes no operands");
	config = hy_cli_config_path(given);
	common = hy_cli_config_load(config, &hy_common_section);
	conf = common ? hy_cli_config_load(config, &hy_supervisor_section) : NULL;
	lock = conf && sections_are_good(config, conf) ? lock_run_folder(common->run) : -1;
	if (lock >= 0) {
		err = run(config, common, conf, &e);
		if (err != HY_OK)
			(void)fprintf(stderr, "huiying up: %s\n", e.text);
		(void)close(lock);
	}
	hy_config_free(&hy_supervisor_section, conf);
	hy_config_free(&hy_common_section, common);
	return err == HY_OK ? HY_EXIT_OK : HY_EXIT_FAILURE;
}
