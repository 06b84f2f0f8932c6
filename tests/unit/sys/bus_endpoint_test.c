#include "common/sys/bus_endpoint.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/bus_world.h"

/* ---- tests: addresses ---- */

static void test_endpoints_refused(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *endpoint;
		enum hy_err server, client;
	} rows[] = {
		{"", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"nonsense", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"inproc://x", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"ipc://", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"ipc://@abstract", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"ipc://*", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"tcp://127.0.0.1", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"tcp://127.0.0.1:", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"tcp://127.0.0.1:0", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"tcp://127.0.0.1:65536", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"tcp://127.0.0.1:http", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"tcp://:5555", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"tcp://0.0.0.0:5555", HY_ERR_DENIED, HY_ERR_DENIED},
		{"tcp://*:5555", HY_ERR_DENIED, HY_ERR_DENIED},
		{"tcp://127.example.cn:5555", HY_ERR_DENIED, HY_ERR_DENIED},
		{"tcp://192.0.2.1:5555", HY_ERR_DENIED, HY_ERR_DENIED},
		{"tcp://[::]:5555", HY_ERR_DENIED, HY_ERR_DENIED},
		{"ipc:///nonexistent-folder/s,", HY_ERR_IO, HY_ERR_MALFORMED},
		{"ipc:///nonexistent-folder/s", HY_ERR_IO, HY_OK},
	};

	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		struct hy_error e = {0};
		enum hy_err err;

		err = hy_bus_server_new(w->far, rows[i].endpoint, &w->options, &w->server, &e);
		if (err != rows[i].server)
			fail_msg("server %s: %d %s", rows[i].endpoint, err, e.text);
		err = hy_bus_client_new(w->near, rows[i].endpoint, &w->options, &w->client, &e);
		if (err != rows[i].client)
			fail_msg("client %s: %d %s", rows[i].endpoint, err, e.text);
		hy_bus_client_free(w->client);
		w->client = NULL;
	}
}

static void test_ipc_file(void **state)
{
	struct world *w = *state;
	const char *path = w->endpoint + strlen("ipc://");
	struct hy_bus_server *second;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct hy_error e = {0};
	struct stat st;
	int fd;

	world_start_server(w);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(hy_bus_server_new(w->near, w->endpoint, &w->options, &second, &e),
			 HY_ERR_CONFLICT);
	world_start_client(w);
	assert_int_equal(world_send(w, "still served"), HY_ERR_MALFORMED);
	assert_int_equal(world_send(w, "still-served"), HY_OK);
	world_run_until(w, world_one_answer);
	world_stop_server(w);
	(void)unlink(path);

	/* What a killed server leaves behind. */
	(void)snprintf(address.sun_path, sizeof address.sun_path, "%.100s", path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(stat(path, &st), 0);
	world_start_server(w);
	assert_int_equal(world_send(w, "again"), HY_OK);
	world_run_until(w, world_nothing_waits);
	assert_int_equal(w->answers, 2);
}

static void test_ipc_path_is_a_file(void **state)
{
	struct world *w = *state;
	const char *path = w->endpoint + strlen("ipc://");
	struct hy_error e = {0};
	struct stat st;
	int fd = open(path, O_CREAT | O_WRONLY, 0600);

	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(hy_bus_server_new(w->far, w->endpoint, &w->options, &w->server, &e),
			 HY_ERR_CONFLICT);
	assert_int_equal(stat(path, &st), 0);
}

static void test_tcp_port_in_use(void **state)
{
	struct world *w = *state;
	struct hy_bus_server *second;

	(void)snprintf(w->endpoint, sizeof w->endpoint, "tcp://127.0.0.1:*");
	world_start_server(w);
	(void)snprintf(w->endpoint, sizeof w->endpoint, "%s", hy_bus_server_endpoint(w->server));
	assert_null(strchr(w->endpoint, '*'));
	assert_int_equal(hy_bus_server_new(w->near, w->endpoint, &w->options, &second, NULL),
			 HY_ERR_CONFLICT);
	world_start_client(w);
	assert_int_equal(world_send(w, "a"), HY_OK);
	world_run_until(w, world_one_answer);
}

/* ---- tests: leaving ---- */

static void test_free_within_linger(void **state)
{
	struct world *w = *state;
	struct hy_mono before;
	int64_t took_ms;

	/* A peer that never reads: what is queued for it cannot be delivered. */
	w->options.linger_ms = 200;
	w->options.resend_ms = 600000;
	world_start_server(w);
	hy_bus_server_pause(w->server, true);
	world_start_client(w);
	world_let_pass(w, 50);
	assert_int_equal(world_send(w, "a"), HY_OK);
	hy_bus_client_free(w->client);
	w->client = NULL;
	/* And one that is not there at all. */
	(void)snprintf(w->endpoint, sizeof w->endpoint, "tcp://127.0.0.1:1");
	world_start_client(w);
	assert_int_equal(world_send(w, "a"), HY_OK);
	hy_bus_client_free(w->client);
	w->client = NULL;
	before = hy_mono_now();
	hy_bus_free(w->near);
	took_ms = hy_mono_diff_ms(hy_mono_now(), before);
	assert_true(took_ms < 1000);
	w->near = hy_bus_new(w->loop, &world_log);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_endpoints_refused),
		TEST(test_ipc_file),
		TEST(test_ipc_path_is_a_file),
		TEST(test_tcp_port_in_use),
		TEST(test_free_within_linger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
