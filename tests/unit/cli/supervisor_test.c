#include "cli/supervisor.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/mem.h"

/* Each child appends a line to a file; the test looks until enough lines are there. */
struct world {
	struct hy_loop *loop;
	struct hy_supervisor *supervisor;
	struct hy_timer *look, *watchdog;
	struct hy_log log;
	char path[64];
	off_t wanted_bytes;
	bool ended;
};

static void all_ended(void *ctx)
{
	struct world *w = ctx;

	w->ended = true;
	hy_loop_stop(w->loop);
}

static void look(void *ctx)
{
	struct world *w = ctx;
	struct stat st;

	if (stat(w->path, &st) == 0 && st.st_size >= w->wanted_bytes) {
		hy_timer_stop(w->look);
		hy_supervisor_stop(w->supervisor, all_ended, w);
	}
}

static void too_late(void *ctx)
{
	struct world *w = ctx;

	hy_loop_stop(w->loop);
}

static void set_up(struct world *w, int64_t stop_timeout_ms)
{
	int fd;

	*w = (struct world){.log = {.name = "test", .level = HY_LOG_ERROR}};
	memcpy(w->path, "/tmp/huiying-supervisor-XXXXXX", sizeof "/tmp/huiying-supervisor-XXXXXX");
	fd = mkstemp(w->path);
	assert_true(fd >= 0);
	(void)close(fd);
	w->loop = hy_loop_new();
	w->supervisor = hy_supervisor_new(w->loop, &w->log, stop_timeout_ms);
	w->look = hy_timer_new(w->loop, look, w);
	w->watchdog = hy_timer_new(w->loop, too_late, w);
	hy_timer_start(w->look, 10, 10);
	hy_timer_start(w->watchdog, 60000, 0);
}

static void tear_down(struct world *w, char *out_text, size_t size)
{
	FILE *file = fopen(w->path, "r");
	size_t n = file ? fread(out_text, 1, size - 1, file) : 0;

	out_text[n] = '\0';
	if (file)
		(void)fclose(file);
	(void)unlink(w->path);
	hy_timer_free(w->look);
	hy_timer_free(w->watchdog);
	hy_supervisor_free(w->supervisor);
	hy_loop_free(w->loop);
}

static void add_script(struct world *w, const char *name, int stage, const char *script)
{
	const char *argv[] = {"/bin/sh", "-c", script, "sh", w->path, NULL};

	assert_int_equal(hy_supervisor_add(w->supervisor, name, stage, argv, NULL), HY_OK);
}

static void what_dies_is_started_again(void **state)
{
	struct world w;
	char text[256];

	(void)state;
	set_up(&w, 5000);
	add_script(&w, "mortal", 0, "echo up >> $1; exit 3");
	w.wanted_bytes = 3 * 3;
	hy_supervisor_start(w.supervisor);
	hy_loop_run(w.loop);
	assert_true(w.ended);
	tear_down(&w, text, sizeof text);
	assert_true(strncmp(text, "up\nup\nup\n", 9) == 0);
}

static void stages_end_in_order(void **state)
{
	struct world w;
	char text[256];

	(void)state;
	set_up(&w, 5000);
	add_script(&w, "last", 2,
		   "trap 'echo last >> $1; exit 0' TERM; echo up >> $1; while :; do read x; done");
	add_script(&w, "first", 0,
		   "trap 'echo first >> $1; exit 0' TERM; echo up >> $1; while :; do read x; done");
	w.wanted_bytes = 2 * 3;
	hy_supervisor_start(w.supervisor);
	hy_loop_run(w.loop);
	assert_true(w.ended);
	tear_down(&w, text, sizeof text);
	assert_string_equal(text, "up\nup\nfirst\nlast\n");
}

static void who_does_not_end_is_killed(void **state)
{
	struct world w;
	char text[256];

	(void)state;
	set_up(&w, 100);
	add_script(&w, "deaf", 0, "trap '' TERM; echo up >> $1; while :; do read x; done");
	w.wanted_bytes = 3;
	hy_supervisor_start(w.supervisor);
	hy_loop_run(w.loop);
	assert_true(w.ended);
	tear_down(&w, text, sizeof text);
	assert_string_equal(text, "up\n");
}

static void a_missing_program_is_tried_again(void **state)
{
	const char *argv[] = {"/nonexistent/program", NULL};
	struct world w;
	char text[16];

	(void)state;
	set_up(&w, 100);
	assert_int_equal(hy_supervisor_add(w.supervisor, "missing", 0, argv, NULL), HY_OK);
	w.wanted_bytes = 0;
	w.log.level = HY_LOG_ERROR;
	hy_supervisor_start(w.supervisor);
	hy_loop_run(w.loop);
	assert_true(w.ended);
	tear_down(&w, text, sizeof text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_dies_is_started_again),
		cmocka_unit_test(stages_end_in_order),
		cmocka_unit_test(who_does_not_end_is_killed),
		cmocka_unit_test(a_missing_program_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
