#include "common/sys/bus_curve.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "tests/lib/bus_world.h"
#include "tests/lib/msg_samples.h"

#define KEY_DIGITS 40
#define FILE_BYTES 4096

/* The files of a server and of three clients, of which the server lists the first. */
struct keys {
	char server[WORLD_PATH_BYTES], server_public[WORLD_PATH_BYTES];
	char client[WORLD_PATH_BYTES], client_public[WORLD_PATH_BYTES];
	char other[WORLD_PATH_BYTES], other_public[WORLD_PATH_BYTES];
};

static void write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

static void read_file(const char *path, char out[FILE_BYTES])
{
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, out, FILE_BYTES - 1);

	assert_true(n >= 0);
	out[n] = '\0';
	assert_int_equal(close(fd), 0);
}

static struct keys make_all_keys(struct world *w)
{
	struct keys k;

	world_path(w, "server", k.server);
	world_path(w, "server.pub", k.server_public);
	world_path(w, "client", k.client);
	world_path(w, "client.pub", k.client_public);
	world_path(w, "other", k.other);
	world_path(w, "other.pub", k.other_public);
	assert_int_equal(hy_bus_make_keys(k.server, NULL), HY_OK);
	assert_int_equal(hy_bus_make_keys(k.client, NULL), HY_OK);
	assert_int_equal(hy_bus_make_keys(k.other, NULL), HY_OK);
	return k;
}

static void start_curve_server(struct world *w, const struct keys *k)
{
	(void)snprintf(w->endpoint, sizeof w->endpoint, "tcp://127.0.0.1:*");
	w->options.key_file = k->server;
	w->options.client_keys_file = k->client_public;
	w->options.server_key_file = "";
	world_start_server(w);
	(void)snprintf(w->endpoint, sizeof w->endpoint, "%s", hy_bus_server_endpoint(w->server));
	w->options.client_keys_file = "";
}

static struct hy_bus_client *stranger(struct world *w, const char *key, const char *server_key,
				      const char *id)
{
	struct hy_msg m = world_command(id);
	struct hy_bus_client *client = NULL;

	w->options.key_file = key;
	w->options.server_key_file = server_key;
	assert_int_equal(hy_bus_client_new(w->near, w->endpoint, &w->options, &client, NULL),
			 HY_OK);
	assert_int_equal(hy_bus_client_send(client, &m, NULL), HY_OK);
	return client;
}

/* ---- keys ---- */

static void test_make_keys(void **state)
{
	struct world *w = *state;
	struct keys k = make_all_keys(w);
	char secret_text[FILE_BYTES], public_text[FILE_BYTES], other_text[FILE_BYTES];
	struct stat st;

	assert_int_equal(stat(k.server, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	read_file(k.server, secret_text);
	read_file(k.server_public, public_text);
	read_file(k.other_public, other_text);
	assert_int_equal(strlen(secret_text), 2 * (7 + KEY_DIGITS + 1));
	assert_int_equal(strlen(public_text), 7 + KEY_DIGITS + 1);
	assert_memory_equal(secret_text, public_text, strlen(public_text));
	assert_string_not_equal(public_text, other_text);
	/* Never overwritten. */
	assert_int_equal(hy_bus_make_keys(k.server, NULL), HY_ERR_CONFLICT);
	assert_int_equal(unlink(k.server_public), 0);
	assert_int_equal(hy_bus_make_keys(k.server, NULL), HY_ERR_CONFLICT);
	read_file(k.server, other_text);
	assert_string_equal(secret_text, other_text);
	assert_int_equal(stat(k.server_public, &st), -1);
	assert_int_equal(hy_bus_make_keys("/nonexistent-folder/k", NULL), HY_ERR_IO);
}

static enum hy_err try_client(struct world *w, const char *key, const char *server_key)
{
	struct hy_bus_client *client = NULL;
	struct hy_error e = {0};
	enum hy_err err;

	w->options.key_file = key;
	w->options.server_key_file = server_key;
	err = hy_bus_client_new(w->near, "tcp://127.0.0.1:9", &w->options, &client, &e);
	if (err) {
		assert_true(e.text[0] != '\0');
		assert_null(client);
	}
	hy_bus_client_free(client);
	return err;
}

static void test_bad_key_files(void **state)
{
	struct world *w = *state;
	struct keys k = make_all_keys(w);
	char path[WORLD_PATH_BYTES], both[FILE_BYTES];
	static const struct {
		const char *text;
	} rows[] = {
		{""}, {"# only a comment\n"}, {"public x\nsecret y\n"},
		{"public 0123456789012345678901234567890123456789\n"},
		{"secret 0123456789012345678901234567890123456789\n"},
		{"public 01234567890123456789012345678901234567890\n"},
		{"public 012345678901234567890123456789012345678 \n"},
		{"public 01234567890123456789012345678901234567\"9\n"},
		{"0123456789012345678901234567890123456789\n"},
	};

	world_path(w, "x", path);
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		write_file(path, rows[i].text, 0600);
		if (try_client(w, path, k.server_public) != HY_ERR_MALFORMED)
			fail_msg("row %zu accepted", i);
	}
	assert_int_equal(try_client(w, k.client, k.server_public), HY_OK);
	assert_int_equal(try_client(w, k.client, ""), HY_ERR_MALFORMED);
	assert_int_equal(try_client(w, k.client, NULL), HY_ERR_MALFORMED);
	assert_int_equal(try_client(w, k.client, "/nonexistent"), HY_ERR_IO);
	assert_int_equal(try_client(w, "/nonexistent", k.server_public), HY_ERR_IO);
	assert_int_equal(try_client(w, w->dir, k.server_public), HY_ERR_MALFORMED);
	/* A secret that others may read is no secret; one in the public file is a mistake. */
	assert_int_equal(chmod(k.client, 0640), 0);
	assert_int_equal(try_client(w, k.client, k.server_public), HY_ERR_DENIED);
	assert_int_equal(chmod(k.client, 0604), 0);
	assert_int_equal(try_client(w, k.client, k.server_public), HY_ERR_DENIED);
	assert_int_equal(chmod(k.client, 0400), 0);
	assert_int_equal(try_client(w, k.client, k.server_public), HY_OK);
	assert_int_equal(try_client(w, k.client, k.server), HY_ERR_MALFORMED);
	/* A server has one key. */
	read_file(k.server_public, both);
	read_file(k.other_public, both + strlen(both));
	write_file(path, both, 0644);
	assert_int_equal(try_client(w, k.client, path), HY_ERR_MALFORMED);
}

static void test_too_big_key_file(void **state)
{
	struct world *w = *state;
	struct keys k = make_all_keys(w);
	char path[WORLD_PATH_BYTES];
	struct hy_buf text;

	hy_buf_init(&text, 1 << 20);
	while (text.n < 65536)
		hy_buf_add_c(&text, "# padding\n");
	write_file(world_path(w, "x", path), text.p, 0600);
	assert_int_equal(try_client(w, k.client, path), HY_ERR_LIMIT);
	hy_buf_fini(&text);
}

static void test_server_needs_client_keys(void **state)
{
	struct world *w = *state;
	struct keys k = make_all_keys(w);

	w->options.key_file = k.server;
	assert_int_equal(hy_bus_server_new(w->far, "tcp://127.0.0.1:*", &w->options, &w->server,
					   NULL), HY_ERR_MALFORMED);
	w->options.client_keys_file = "/nonexistent";
	assert_int_equal(hy_bus_server_new(w->far, "tcp://127.0.0.1:*", &w->options, &w->server,
					   NULL), HY_ERR_IO);
	assert_null(w->server);
}

/* ---- traffic ---- */

static void test_listed_client(void **state)
{
	struct world *w = *state;
	struct keys k = make_all_keys(w);

	start_curve_server(w, &k);
	w->options.key_file = k.client;
	w->options.server_key_file = k.server_public;
	world_start_client(w);
	assert_int_equal(world_send(w, "a"), HY_OK);
	world_run_until(w, world_one_answer);
	assert_string_equal(w->last_answer, "a");
}

/* Keys in a list, with comments, with and without the word. */
static void test_list_of_clients(void **state)
{
	struct world *w = *state;
	struct keys k = make_all_keys(w);
	char list[WORLD_PATH_BYTES], first[FILE_BYTES], second[FILE_BYTES];
	struct hy_buf text;

	read_file(k.other_public, first);
	read_file(k.client_public, second);
	hy_buf_init(&text, FILE_BYTES);
	hy_buf_addf(&text, "# the second crawler\r\n\n  %s#\n%s", first, second + strlen("public "));
	write_file(world_path(w, "list", list), text.p, 0644);
	hy_buf_fini(&text);
	(void)snprintf(k.client_public, sizeof k.client_public, "%s", list);
	start_curve_server(w, &k);
	w->options.key_file = k.client;
	w->options.server_key_file = k.server_public;
	world_start_client(w);
	assert_int_equal(world_send(w, "a"), HY_OK);
	world_run_until(w, world_one_answer);
	hy_bus_client_free(w->client);
	w->options.key_file = k.other;
	world_start_client(w);
	assert_int_equal(world_send(w, "b"), HY_OK);
	world_run_until(w, world_nothing_waits);
	assert_int_equal(w->answers, 2);
}

static void test_strangers_get_nothing(void **state)
{
	struct world *w = *state;
	struct keys k = make_all_keys(w);
	struct hy_bus_client *strangers[3];

	start_curve_server(w, &k);
	strangers[0] = stranger(w, k.other, k.server_public, "not-listed");
	strangers[1] = stranger(w, k.client, k.other_public, "wrong-server-key");
	strangers[2] = stranger(w, "", "", "no-keys");
	world_let_pass(w, 300);
	assert_int_equal(w->requests, 0);
	/* Meanwhile who is listed is served. */
	w->options.key_file = k.client;
	w->options.server_key_file = k.server_public;
	world_start_client(w);
	assert_int_equal(world_send(w, "a"), HY_OK);
	world_run_until(w, world_one_answer);
	assert_int_equal(w->requests, 1);
	for (size_t i = 0; i < HY_COUNT(strangers); i++) {
		assert_int_equal(hy_bus_client_waiting(strangers[i]), 1);
		hy_bus_client_free(strangers[i]);
	}
}

/* A client with keys gets no answer from a server without. */
static void test_plain_server_gets_nothing(void **state)
{
	struct world *w = *state;
	struct keys k = make_all_keys(w);
	struct hy_bus_client *client;

	(void)snprintf(w->endpoint, sizeof w->endpoint, "tcp://127.0.0.1:*");
	world_start_server(w);
	(void)snprintf(w->endpoint, sizeof w->endpoint, "%s", hy_bus_server_endpoint(w->server));
	client = stranger(w, k.client, k.server_public, "secret");
	world_let_pass(w, 200);
	assert_int_equal(w->requests, 0);
	assert_int_equal(hy_bus_client_waiting(client), 1);
	hy_bus_client_free(client);
}

/* One list a server: being listed at one opens no other of the same process. */
static void test_two_servers_two_lists(void **state)
{
	struct world *w = *state;
	struct keys k = make_all_keys(w), swapped;
	struct hy_bus_server *first;
	struct hy_bus_client *client;

	start_curve_server(w, &k);
	first = w->server;
	swapped = k;
	memcpy(swapped.client_public, k.other_public, sizeof k.other_public);
	start_curve_server(w, &swapped);
	client = stranger(w, k.client, k.server_public, "listed-elsewhere");
	world_let_pass(w, 200);
	assert_int_equal(w->requests, 0);
	hy_bus_client_free(client);
	/* The handler outlives the first server and serves the second. */
	hy_bus_server_free(first);
	w->options.key_file = k.other;
	w->options.server_key_file = k.server_public;
	world_start_client(w);
	assert_int_equal(world_send(w, "a"), HY_OK);
	world_run_until(w, world_one_answer);
}

static void judge(void *ctx, const struct hy_bus_peer *from, struct hy_msg *request)
{
	struct world *w = ctx;
	struct hy_msg verdict = {.type = HY_MSG_VERDICT, .id = request->id,
				 .as.verdict = {.outcome = HY_OUTCOME_QUIET}};

	assert_int_equal(request->as.document.text.n, HY_MSG_TEXT_BYTES);
	w->requests++;
	assert_int_equal(hy_bus_server_answer(w->server, from, &verdict, NULL), HY_OK);
	hy_msg_free(request);
}

/* What a message may hold also passes the sockets' own limits, encryption included. */
static void send_largest_text(struct world *w)
{
	char *text = hy_xcalloc(HY_MSG_TEXT_BYTES, 1);
	struct hy_msg m = msg_samples[HY_MSG_DOCUMENT];

	memset(text, 'x', HY_MSG_TEXT_BYTES);
	m.as.document.text = (struct hy_str){text, HY_MSG_TEXT_BYTES};
	w->options.resend_ms = 600000;
	hy_bus_server_on_request(w->server, judge, w);
	world_start_client(w);
	hy_bus_client_on_answer(w->client, NULL, NULL);
	assert_int_equal(hy_bus_client_send(w->client, &m, NULL), HY_OK);
	free(text);
	world_run_until(w, world_nothing_waits);
	assert_int_equal(w->requests, 1);
}

static void test_largest_text(void **state)
{
	struct world *w = *state;
	struct keys k = make_all_keys(w);

	world_start_server(w);
	send_largest_text(w);
	hy_bus_client_free(w->client);
	hy_bus_server_free(w->server);
	w->requests = 0;
	start_curve_server(w, &k);
	w->options.key_file = k.client;
	w->options.server_key_file = k.server_public;
	send_largest_text(w);
}

/* ipc is guarded by its mode; keys in the options do not matter there. */
static void test_ipc_with_keys(void **state)
{
	struct world *w = *state;
	struct keys k = make_all_keys(w);

	w->options.key_file = k.server;
	w->options.client_keys_file = k.client_public;
	world_start_server(w);
	w->options.key_file = "";
	world_start_client(w);
	assert_int_equal(world_send(w, "a"), HY_OK);
	world_run_until(w, world_one_answer);
}

/* One client, a plain ipc server and an encrypted tcp one. */
static void test_mixed_endpoints(void **state)
{
	struct world *w = *state;
	struct keys k = make_all_keys(w);
	char ipc[WORLD_PATH_BYTES];
	struct hy_bus_server *first;

	(void)snprintf(ipc, sizeof ipc, "%s", w->endpoint);
	world_start_server(w);
	hy_bus_server_pause(w->server, true);
	first = w->server;
	start_curve_server(w, &k);
	(void)snprintf(w->endpoint + strlen(w->endpoint), sizeof w->endpoint - strlen(w->endpoint),
		       ",%.120s", ipc);
	w->options.key_file = k.client;
	w->options.server_key_file = k.server_public;
	world_start_client(w);
	world_let_pass(w, 100);
	for (int i = 0; i < 4; i++) {
		char id[] = {'m', (char)('0' + i), '\0'};

		assert_int_equal(world_send(w, id), HY_OK);
	}
	world_run_until(w, world_nothing_waits);
	assert_int_equal(w->answers, 4);
	hy_bus_server_free(first);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_make_keys),
		TEST(test_bad_key_files),
		TEST(test_too_big_key_file),
		TEST(test_server_needs_client_keys),
		TEST(test_listed_client),
		TEST(test_list_of_clients),
		TEST(test_strangers_get_nothing),
		TEST(test_plain_server_gets_nothing),
		TEST(test_two_servers_two_lists),
		TEST(test_largest_text),
		TEST(test_ipc_with_keys),
		TEST(test_mixed_endpoints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
