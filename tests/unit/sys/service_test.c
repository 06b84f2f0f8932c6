/* A small daemon in a child process, driven as a supervisor and an officer would drive it. */
#include "common/sys/service.h"

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/mem.h"

#define WAIT_MS 15000
#define OUTPUT_BYTES ((size_t)64 << 10)
#define PATH_BYTES 200
#define ARGUMENTS_MAX 12

/* ---- the daemon ---- */

enum { NUMBER_REFUSED = 13, NUMBER_SLOW = 14, NUMBER_FATAL = 15, NUMBER_NO_START = 16 };

struct tiny_conf {
	int64_t number;
	bool lingers;		/* has always something left to do */
	char *label;
};

#define AT(member) offsetof(struct tiny_conf, member)

static const struct hy_config_row tiny_rows[] = {
	{"number", HY_CONFIG_INT, AT(number), 0, 100, "5", NULL, "shown by status", NULL, false},
	{"lingers", HY_CONFIG_BOOL, AT(lingers), 0, 0, "false", NULL, "never drained", NULL, false},
	{"label", HY_CONFIG_TEXT, AT(label), 1, 20, "one", NULL, "fixed at start", NULL, true},
};

/* It calls itself an alerter, since a configuration file knows no other sections. */
static const struct hy_config_section tiny_section = {
	"alerter", tiny_rows, HY_COUNT(tiny_rows), sizeof(struct tiny_conf), NULL};

struct tiny {
	struct hy_service *service;
};

static const struct tiny_conf *conf_of(const struct tiny *tiny)
{
	return tiny->service->conf;
}

static enum hy_err tiny_check(const struct hy_common_conf *common, const void *conf,
			      struct hy_buf *findings)
{
	const struct tiny_conf *tiny = conf;

	(void)common;
	if (strcmp(tiny->label, "forbidden") != 0)
		return HY_OK;
	hy_buf_add_c(findings, "x.yaml:1:1: “label” 不可用\n");
	return HY_ERR_MALFORMED;
}

static enum hy_err tiny_start(struct hy_service *service, void **out_daemon, struct hy_error *e)
{
	struct tiny *tiny;

	if (((const struct tiny_conf *)service->conf)->number == NUMBER_NO_START)
		return hy_fail(e, HY_ERR_IO, "no reason at all");
	tiny = hy_xcalloc(1, sizeof *tiny);
	tiny->service = service;
	*out_daemon = tiny;
	return HY_OK;
}

static enum hy_err tiny_reload(void *daemon, struct hy_error *e)
{
	struct tiny *tiny = daemon;
	struct hy_error why = {HY_ERR_IO, "told to fail"};

	if (conf_of(tiny)->number == NUMBER_REFUSED)
		return hy_fail(e, HY_ERR_MALFORMED, "the daemon refuses");
	if (conf_of(tiny)->number == NUMBER_SLOW)
		(void)poll(NULL, 0, 250);
	if (conf_of(tiny)->number == NUMBER_FATAL)
		hy_service_fail(tiny->service, &why);
	return HY_OK;
}

static void tiny_drain(void *daemon)
{
	struct tiny *tiny = daemon;

	if (!conf_of(tiny)->lingers)
		hy_service_drained(tiny->service);
}

static void tiny_stop(void *daemon)
{
	free(daemon);
}

static void tiny_status(void *daemon, struct hy_status_sink *sink)
{
	char name[] = "number";

	/* Daemons make names as they go: what the sink keeps must not be this memory. */
	hy_status_figure(sink, name, conf_of(daemon)->number);
	memset(name, 'x', sizeof name - 1);
}

static const struct hy_service_spec tiny_spec = {
	.name = "tiny",
	.summary = "Does nothing, for tests.",
	.section = &tiny_section,
	.check = tiny_check,
	.start = tiny_start,
	.reload = tiny_reload,
	.drain = tiny_drain,
	.stop = tiny_stop,
	.status = tiny_status,
};

/* ---- driving it ---- */

struct world {
	char folder[64], config[PATH_BYTES], notify[PATH_BYTES];
	int notify_fd;
	pid_t pid;
	int output_fd;			/* its standard error and output */
	char output[OUTPUT_BYTES];	/* all that was read of it */
	size_t output_bytes;
};

static void write_config(struct world *w, const char *text)
{
	FILE *f = fopen(w->config, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int bind_notify(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	size_t n = strlen(path);

	memcpy(address.sun_path, path, n);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)), 0);
	return fd;
}

static int set_up(void **state)
{
	struct world *w = hy_xcalloc(1, sizeof *w);

	*state = w;
	(void)snprintf(w->folder, sizeof w->folder, "/tmp/huiying-service-XXXXXX");
	if (!mkdtemp(w->folder))
		return -1;
	(void)snprintf(w->config, sizeof w->config, "%s/huiying.yaml", w->folder);
	(void)snprintf(w->notify, sizeof w->notify, "%s/notify", w->folder);
	w->notify_fd = bind_notify(w->notify);
	w->output_fd = -1;
	write_config(w, "common: {run: run}\n");
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	struct world *w = *state;

	if (w->pid > 0) {
		(void)kill(w->pid, SIGKILL);
		(void)waitpid(w->pid, NULL, 0);
	}
	(void)close(w->notify_fd);
	if (w->output_fd >= 0)
		(void)close(w->output_fd);
	(void)nftw(w->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(w);
	return 0;
}

/* arguments: after the program's name and, with_config, after --config FILE. */
static void start(struct world *w, bool with_config, const char *const *arguments)
{
	char program[] = "huiying-tiny", option[] = "--config";
	char *argv[ARGUMENTS_MAX] = {program};
	int argc = 1, pipe_fds[2];

	if (with_config) {
		argv[argc++] = option;
		argv[argc++] = w->config;
	}
	for (; arguments && *arguments; arguments++)
		argv[argc++] = hy_xstrdup(*arguments);
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	w->output_bytes = 0;
	w->pid = fork();
	if (w->pid == 0) {
		(void)dup2(pipe_fds[1], STDOUT_FILENO);
		(void)dup2(pipe_fds[1], STDERR_FILENO);
		(void)setenv("NOTIFY_SOCKET", w->notify, 1);
		argc = hy_service_main(argc, argv, &tiny_spec);
		(void)fflush(stdout);
		_exit(argc);
	}
	(void)close(pipe_fds[1]);
	if (w->output_fd >= 0)
		(void)close(w->output_fd);
	w->output_fd = pipe_fds[0];
	for (argc = with_config ? 3 : 1; argv[argc]; argc++)
		free(argv[argc]);
}

/* Reads on until the text was seen; false at the end of the output. */
static bool wait_output(struct world *w, const char *text)
{
	while (!memmem(w->output, w->output_bytes, text, strlen(text))) {
		struct pollfd fd = {.fd = w->output_fd, .events = POLLIN};
		ssize_t n;

		if (poll(&fd, 1, WAIT_MS) <= 0)
			return false;
		n = read(w->output_fd, w->output + w->output_bytes,
			 OUTPUT_BYTES - 1 - w->output_bytes);
		if (n <= 0)
			return false;
		w->output_bytes += (size_t)n;
	}
	return true;
}

static void must_say(struct world *w, const char *text)
{
	if (!wait_output(w, text))
		fail_msg("“%s” is not in:\n%.*s", text, (int)w->output_bytes, w->output);
}

static void must_notify(struct world *w, const char *expected)
{
	struct pollfd fd = {.fd = w->notify_fd, .events = POLLIN};
	char datagram[100] = "";

	assert_int_equal(poll(&fd, 1, WAIT_MS), 1);
	assert_true(recv(w->notify_fd, datagram, sizeof datagram - 1, 0) > 0);
	assert_string_equal(datagram, expected);
}

static int wait_end(struct world *w)
{
	int status = 0;

	(void)wait_output(w, "\x01");	/* never comes: reads to the end, which is the child's */
	assert_int_equal(waitpid(w->pid, &status, 0), w->pid);
	w->pid = 0;
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int run(struct world *w, bool with_config, const char *const *arguments)
{
	start(w, with_config, arguments);
	return wait_end(w);
}

static struct hy_msg *ask_status(const struct world *w, const char *name)
{
	struct hy_msg request = {.type = HY_MSG_STATUS_REQUEST, .id = HY_STR_LIT("ask")};
	struct hy_bus_options options = hy_bus_defaults;
	struct hy_msg *answer = NULL;
	struct hy_error e = {0};
	char endpoint[PATH_BYTES];

	(void)snprintf(endpoint, sizeof endpoint, "ipc://%s/run/%s.control.ipc", w->folder, name);
	options.answer_ms = WAIT_MS;
	if (hy_bus_ask(endpoint, &options, &request, &answer, &e))
		fail_msg("%s: %s", endpoint, e.text);
	assert_int_equal(answer->type, HY_MSG_STATUS);
	return answer;
}

static int64_t number_shown(const struct world *w)
{
	struct hy_msg *answer = ask_status(w, "tiny");
	int64_t number = -1;

	for (size_t i = 0; i < answer->as.status.figure_count; i++)
		if (hy_str_eq_c(answer->as.status.figures[i].name, "number"))
			number = answer->as.status.figures[i].value;
	hy_msg_free(answer);
	return number;
}

/* ---- life and death ---- */

static void it_gets_ready_answers_and_drains(void **state)
{
	struct world *w = *state;
	struct hy_msg *answer;
	char path[PATH_BYTES];
	struct stat st;

	start(w, true, NULL);
	must_notify(w, "READY=1");
	answer = ask_status(w, "tiny");
	assert_true(hy_str_eq_c(answer->as.status.daemon, "tiny"));
	assert_true(hy_str_eq_c(answer->as.status.state, "ready"));
	assert_int_equal(answer->as.status.pid, w->pid);
	assert_true(hy_wall_known(answer->as.status.started_at));
	hy_msg_free(answer);
	assert_int_equal(number_shown(w), 5);
	(void)snprintf(path, sizeof path, "%s/run", w->folder);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(kill(w->pid, SIGTERM), 0);
	must_notify(w, "STOPPING=1");
	assert_int_equal(wait_end(w), 0);
}

static void an_abstract_notify_socket_is_told_too(void **state)
{
	struct world *w = *state;

	(void)close(w->notify_fd);
	(void)snprintf(w->notify, sizeof w->notify, "@huiying-service-test-%d", (int)getpid());
	w->notify_fd = bind_notify(w->notify);
	start(w, true, NULL);
	must_notify(w, "READY=1");
	assert_int_equal(kill(w->pid, SIGINT), 0);
	must_notify(w, "STOPPING=1");
	assert_int_equal(wait_end(w), 0);
}

static void a_drain_ends_in_time(void **state)
{
	struct world *w = *state;
	struct hy_msg *answer;

	write_config(w, "common: {run: run, drain: 600s}\nalerter: {lingers: true}\n");
	start(w, true, NULL);
	must_notify(w, "READY=1");
	assert_int_equal(kill(w->pid, SIGTERM), 0);
	must_notify(w, "STOPPING=1");
	answer = ask_status(w, "tiny");
	assert_true(hy_str_eq_c(answer->as.status.state, "draining"));
	hy_msg_free(answer);
	/* Told twice: at once. */
	assert_int_equal(kill(w->pid, SIGTERM), 0);
	assert_int_equal(wait_end(w), 0);

	write_config(w, "common: {run: run, drain: 50ms}\nalerter: {lingers: true}\n");
	start(w, true, NULL);
	must_notify(w, "READY=1");
	assert_int_equal(kill(w->pid, SIGTERM), 0);
	must_notify(w, "STOPPING=1");
	assert_int_equal(wait_end(w), 0);
}

static void names_are_taken_once(void **state)
{
	static const char *const other[] = {"--name", "tiny2", NULL};
	struct world *w = *state;
	struct world second = *w;
	struct hy_msg *answer;

	start(w, true, NULL);
	must_notify(w, "READY=1");
	second.output_fd = -1;
	assert_int_equal(run(&second, true, NULL), 3);
	must_say(&second, "cannot start");
	start(&second, true, other);
	must_notify(w, "READY=1");
	answer = ask_status(w, "tiny2");
	assert_true(hy_str_eq_c(answer->as.status.daemon, "tiny2"));
	assert_int_equal(answer->as.status.pid, second.pid);
	hy_msg_free(answer);
	assert_int_equal(kill(second.pid, SIGTERM), 0);
	assert_int_equal(wait_end(&second), 0);
	(void)close(second.output_fd);
	assert_int_equal(number_shown(w), 5);
}

/* A killed process leaves its socket file: the next one replaces it. */
static void a_killed_one_is_replaced(void **state)
{
	struct world *w = *state;

	start(w, true, NULL);
	must_notify(w, "READY=1");
	assert_int_equal(kill(w->pid, SIGKILL), 0);
	(void)waitpid(w->pid, NULL, 0);
	start(w, true, NULL);
	must_notify(w, "READY=1");
	assert_int_equal(number_shown(w), 5);
}

static void failures_end_with_three(void **state)
{
	static const char *const orphan[] = {"--with-parent", "1999999999", NULL};
	struct world *w = *state;

	write_config(w, "common: {run: run}\nalerter: {number: 16}\n");
	assert_int_equal(run(w, true, NULL), 3);
	must_say(w, "no reason at all");
	write_config(w, "common: {run: run}\nalerter: {number: 101}\n");
	assert_int_equal(run(w, true, NULL), 3);
	must_say(w, "huiying.yaml:2:19:");
	write_config(w, "common: {run: run}\n");
	assert_int_equal(run(w, true, orphan), 3);
	write_config(w, "common: {run: /nonexistent/folder/run}\n");
	assert_int_equal(run(w, true, NULL), 3);
	must_say(w, "/nonexistent/folder/run");
}

/* ---- reload ---- */

static void a_good_file_is_taken(void **state)
{
	struct world *w = *state;

	start(w, true, NULL);
	must_notify(w, "READY=1");
	write_config(w, "common: {run: run}\nalerter: {number: 6, label: two}\n");
	assert_int_equal(kill(w->pid, SIGHUP), 0);
	must_notify(w, "RELOADING=1");
	must_notify(w, "READY=1");
	assert_int_equal(number_shown(w), 6);
	must_say(w, "a change waits for the next start key=label");
}

static void a_bad_file_leaves_the_old_values(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{"alerter: {number: 7, nmber: 8}\n", "huiying.yaml:1:22: 未知的键 “nmber”"},
		{"alerter: {number: 7\n", "huiying.yaml:"},
		{"alerter: {number: 7, label: forbidden}\n", "“label” 不可用"},
		{"common: {run: run}\nalerter: {number: 13}\n", "the daemon refuses"},
	};
	struct world *w = *state;

	start(w, true, NULL);
	must_notify(w, "READY=1");
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		write_config(w, cases[i].text);
		assert_int_equal(kill(w->pid, SIGHUP), 0);
		must_say(w, cases[i].said);
		assert_int_equal(number_shown(w), 5);
	}
	must_say(w, "reload refused");
	/* The last case got as far as the daemon. */
	must_notify(w, "RELOADING=1");
	must_notify(w, "READY=1");
	assert_int_equal(kill(w->pid, SIGTERM), 0);
	must_notify(w, "STOPPING=1");
	assert_int_equal(wait_end(w), 0);
}

static void slow_turns_are_told(void **state)
{
	struct world *w = *state;

	start(w, true, NULL);
	must_notify(w, "READY=1");
	write_config(w, "common: {run: run}\nalerter: {number: 14}\n");
	assert_int_equal(kill(w->pid, SIGHUP), 0);
	must_say(w, "a turn of the loop took long");
}

static void a_daemon_may_give_up(void **state)
{
	struct world *w = *state;

	start(w, true, NULL);
	must_notify(w, "READY=1");
	write_config(w, "common: {run: run}\nalerter: {number: 15}\n");
	assert_int_equal(kill(w->pid, SIGHUP), 0);
	assert_int_equal(wait_end(w), 3);
	must_say(w, "told to fail");
}

/* ---- command line ---- */

static void the_command_line_has_fixed_codes(void **state)
{
	static const struct {
		const char *arguments[4];
		int code;
		const char *said;
	} cases[] = {
		{{"--bogus"}, 2, "bogus"},
		{{"operand"}, 2, "operand"},
		{{"--log-level", "loud"}, 2, "level"},
		{{"--name", "../up"}, 2, "name"},
		{{"--with-parent", "me"}, 2, "number"},
		{{"--config"}, 2, "config"},
		{{"--help"}, 0, "Does nothing, for tests."},
		{{"--version"}, 0, "huiying-tiny "},
		{{"--check"}, 0, ""},
	};
	struct world *w = *state;

	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		assert_int_equal(run(w, false, cases[i].arguments), cases[i].code);
		must_say(w, cases[i].said);
	}
}

static void check_prints_findings(void **state)
{
	static const char *const check[] = {"--check", NULL};
	struct world *w = *state;

	write_config(w, "common: {run: run}\nalerter: {number: 100}\n");
	assert_int_equal(run(w, true, check), 0);
	assert_int_equal(w->output_bytes, 0);
	write_config(w, "comon: {run: run}\n");
	assert_int_equal(run(w, true, check), 1);
	must_say(w, "huiying.yaml:1:1: 未知的键 “comon”，是否想写 “common”？\n");
	write_config(w, "common: {drain: 5 s}\nalerter: {number: many}\n");
	assert_int_equal(run(w, true, check), 1);
	must_say(w, "huiying.yaml:1:17:");
	must_say(w, "huiying.yaml:2:19:");
	write_config(w, "alerter: {label: forbidden}\n");
	assert_int_equal(run(w, true, check), 1);
	must_say(w, "“label” 不可用\n");
	/* The kernel would cut a longer socket path silently. */
	write_config(w, "common: {run: /tmp/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}\n");
	assert_int_equal(run(w, true, check), 1);
	must_say(w, "路径太长");
}

static void a_dump_is_a_configuration(void **state)
{
	static const char *const dump[] = {"--dump-config", NULL};
	static const char *const check[] = {"--check", NULL};
	struct world *w = *state;
	char first[OUTPUT_BYTES];
	size_t n;

	write_config(w, "common: {run: run, drain: 3m}\nalerter: {number: 42}\n");
	assert_int_equal(run(w, true, dump), 0);
	must_say(w, "  number: 42\n");
	must_say(w, "  drain: 3m\n");
	n = w->output_bytes;
	memcpy(first, w->output, n);
	first[n] = '\0';
	write_config(w, first);
	assert_int_equal(run(w, true, check), 0);
	assert_int_equal(run(w, true, dump), 0);
	w->output[w->output_bytes] = '\0';
	assert_string_equal(w->output, first);
}

#define SERVICE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVICE_TEST(it_gets_ready_answers_and_drains),
		SERVICE_TEST(an_abstract_notify_socket_is_told_too),
		SERVICE_TEST(a_drain_ends_in_time),
		SERVICE_TEST(names_are_taken_once),
		SERVICE_TEST(a_killed_one_is_replaced),
		SERVICE_TEST(failures_end_with_three),
		SERVICE_TEST(a_good_file_is_taken),
		SERVICE_TEST(a_bad_file_leaves_the_old_values),
		SERVICE_TEST(slow_turns_are_told),
		SERVICE_TEST(a_daemon_may_give_up),
		SERVICE_TEST(the_command_line_has_fixed_codes),
		SERVICE_TEST(check_prints_findings),
		SERVICE_TEST(a_dump_is_a_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
