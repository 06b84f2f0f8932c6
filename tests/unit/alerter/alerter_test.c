/*
 * The daemon as a process: this program starts itself again as an alerter, asks it over the
 * bus, kills it, and looks at what it published and posted.
 */
#include "alerter/alerter.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "alerter/envelope.h"
#include "common/base/mem.h"
#include "common/sys/bus.h"
#include "common/sys/content_id.h"
#include "common/sys/msg.h"
#include "common/sys/store.h"
#include "tests/lib/rules_folder.h"

#define PATH_BYTES 160
#define WAIT_MS 20000
#define PAUSE_MS 10
#define SECRET "a secret of the test"

extern char **environ;

/* What the webhook's receiver saw; written by its thread. */
struct receiver {
	struct MHD_Daemon *daemon;
	pthread_mutex_t lock;
	int posts;
	unsigned answer;			/* status to give */
	char body[65536], signature[128], event_type[64], delivery[64];
	size_t body_bytes;
};

struct fixture {
	struct test_rules rules;
	char dir[64];
	pid_t pids[2];
	struct receiver receiver;
	bool refuses;			/* the store, what it is asked to keep */
};

/* ---- processes ---- */

static void path_of(const struct fixture *f, const char *name, char out[PATH_BYTES])
{
	(void)snprintf(out, PATH_BYTES, "%s/%s", f->dir, name);
}

static void write_config(const struct fixture *f, int which)
{
	char path[PATH_BYTES], name[32];
	FILE *file;

	(void)snprintf(name, sizeof name, "config-%d.yaml", which);
	path_of(f, name, path);
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fprintf(file,
		      "common: {rules: %s, run: %s/run-%d, alerter_endpoint: \"ipc://%s/alerter\","
		      " event_endpoint: \"ipc://%s/events\", drain: 2s}\n"
		      "alerter: {store: \"sqlite:%s/alerter.db\", standby: 50ms}\n",
		      f->rules.folder, f->dir, which, f->dir, f->dir, f->dir);
	assert_int_equal(fclose(file), 0);
}

static void start(struct fixture *f, int which)
{
	char config[PATH_BYTES], log[PATH_BYTES], name[32];
	char self[] = "/proc/self/exe", daemon[] = "daemon", option[] = "--config";
	char *argv[] = {self, daemon, option, config, NULL};
	posix_spawn_file_actions_t actions;

	write_config(f, which);
	(void)snprintf(name, sizeof name, "config-%d.yaml", which);
	path_of(f, name, config);
	(void)snprintf(name, sizeof name, "log-%d", which);
	path_of(f, name, log);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND,
					       0600);
	assert_int_equal(posix_spawn(&f->pids[which], self, &actions, NULL, argv, environ), 0);
	(void)posix_spawn_file_actions_destroy(&actions);
}

static int end(struct fixture *f, int which, int signal_number)
{
	int status = 0;

	if (!f->pids[which])
		return 0;
	(void)kill(f->pids[which], signal_number);
	(void)waitpid(f->pids[which], &status, 0);
	f->pids[which] = 0;
	return status;
}

static void pause_a_little(void)
{
	(void)poll(NULL, 0, PAUSE_MS);
}

static bool log_says(const struct fixture *f, int which, const char *text)
{
	char path[PATH_BYTES], name[32], log[65536];
	size_t n;
	FILE *file;

	(void)snprintf(name, sizeof name, "log-%d", which);
	path_of(f, name, path);
	file = fopen(path, "r");
	if (!file)
		return false;
	n = fread(log, 1, sizeof log - 1, file);
	log[n] = '\0';
	(void)fclose(file);
	return strstr(log, text) != NULL;
}

static void wait_for_log(const struct fixture *f, int which, const char *text)
{
	for (int i = 0; i < WAIT_MS / PAUSE_MS; i++) {
		if (log_says(f, which, text))
			return;
		pause_a_little();
	}
	fail_msg("the log of %d never said \"%s\"", which, text);
}

/* ---- messages ---- */

static struct hy_id id_of(const char *text)
{
	struct hy_str part = hy_str_of(text);

	return hy_id_of(&part, 1);
}

static struct hy_msg *ask(const struct fixture *f, const struct hy_msg *m)
{
	struct hy_bus_options options = hy_bus_defaults;
	struct hy_msg *answer = NULL;
	struct hy_error e = {0};
	char endpoint[PATH_BYTES + 8];

	(void)snprintf(endpoint, sizeof endpoint, "ipc://%s/alerter", f->dir);
	options.resend_ms = 100;
	if (hy_bus_ask(endpoint, &options, m, &answer, &e))
		fail_msg("no answer: %s", e.text);
	return answer;
}

/* Sends an alert and gives the case it became part of. */
static void send_alert(const struct fixture *f, const char *name, bool *out_fresh,
		       char out_case[64])
{
	struct hy_id id = id_of(name);
	struct hy_msg_topic topic = {HY_STR_LIT("wages.arrears"), 5, HY_SEVERITY_CONSIDERABLE};
	struct hy_msg m = {.type = HY_MSG_ALERT, .id = hy_id_str(&id)}, *answer;

	m.as.alert = (struct hy_msg_alert){
		.document = hy_id_str(&id), .version = hy_id_str(&id),
		.url = HY_STR_LIT("http://news.example/1.html"), .title = hy_id_str(&id),
		.source = HY_STR_LIT("news"), .outlet = HY_STR_LIT("晚报"),
		.published_at = HY_WALL_NONE, .detected_at = hy_wall_now(),
		.severity = HY_SEVERITY_CONSIDERABLE, .rules = hy_id_str(&id), .topics = &topic,
		.topic_count = 1, .text = hy_id_str(&id)};	/* like no other */
	answer = ask(f, &m);
	assert_int_equal(answer->type, HY_MSG_RECEIPT);
	assert_int_equal(answer->as.receipt.outcome,
			 f->refuses ? HY_RECEIPT_REFUSED : HY_RECEIPT_TAKEN);
	assert_true(f->refuses == (answer->as.receipt.note.n > 0));
	*out_fresh = answer->as.receipt.fresh;
	(void)snprintf(out_case, 64, "%.*s", HY_STR_ARGS(answer->as.receipt.case_id));
	hy_msg_free(answer);
}

static int64_t figure(const struct fixture *f, const char *sql)
{
	struct hy_store_options options = {.read_only = true};
	struct hy_store *store = NULL;
	struct hy_error e = {0};
	char url[PATH_BYTES + 16];
	struct hy_query *q;
	int64_t n;
	bool row;

	(void)snprintf(url, sizeof url, "sqlite:%s/alerter.db", f->dir);
	if (hy_store_open(url, &options, &store, &e))
		fail_msg("%s", e.text);
	q = hy_store_query(store, sql);
	if (hy_query_next(q, &row, &e) || !row)
		fail_msg("%s: %s", sql, e.text);
	n = hy_query_int(q, 0);
	hy_store_free(store);
	return n;
}

/* From another process, as a hand would do it. */
static void change(const struct fixture *f, const char *sql)
{
	struct hy_store *store = NULL;
	struct hy_error e = {0};
	char url[PATH_BYTES + 16];

	(void)snprintf(url, sizeof url, "sqlite:%s/alerter.db", f->dir);
	if (hy_store_open(url, NULL, &store, &e) ||
	    hy_query_run(hy_store_query(store, sql), NULL, &e))
		fail_msg("%s: %s", sql, e.text);
	hy_store_free(store);
}

static void wait_for_figure(const struct fixture *f, const char *sql, int64_t wanted)
{
	int64_t n = -1;

	for (int i = 0; i < WAIT_MS / PAUSE_MS; i++) {
		n = figure(f, sql);
		if (n == wanted)
			return;
		pause_a_little();
	}
	fail_msg("%s: %lld in place of %lld", sql, (long long)n, (long long)wanted);
}

/* ---- receiver of webhooks ---- */

static void keep_header(struct MHD_Connection *connection, const char *name, char *out,
			size_t out_bytes)
{
	const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);

	(void)snprintf(out, out_bytes, "%s", value ? value : "");
}

static enum MHD_Result on_post(void *ctx, struct MHD_Connection *connection, const char *url,
			       const char *method, const char *version, const char *data,
			       size_t *data_bytes, void **state)
{
	static char begun;
	struct receiver *r = ctx;
	struct MHD_Response *response;
	enum MHD_Result result;

	(void)url;
	(void)method;
	(void)version;
	if (!*state) {
		*state = &begun;
		r->body_bytes = 0;
		return MHD_YES;
	}
	if (*data_bytes) {
		size_t room = sizeof r->body - 1 - r->body_bytes;
		size_t n = *data_bytes < room ? *data_bytes : room;

		memcpy(r->body + r->body_bytes, data, n);
		r->body_bytes += n;
		*data_bytes = 0;
		return MHD_YES;
	}
	(void)pthread_mutex_lock(&r->lock);
	r->body[r->body_bytes] = '\0';
	keep_header(connection, "X-Huiying-Signature", r->signature, sizeof r->signature);
	keep_header(connection, "X-Huiying-Event-Type", r->event_type, sizeof r->event_type);
	keep_header(connection, "X-Huiying-Delivery", r->delivery, sizeof r->delivery);
	r->posts++;
	response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	result = MHD_queue_response(connection, r->answer, response);
	MHD_destroy_response(response);
	(void)pthread_mutex_unlock(&r->lock);
	return result;
}

static unsigned start_receiver(struct receiver *r, unsigned answer)
{
	const union MHD_DaemonInfo *info;

	r->answer = answer;
	r->posts = 0;
	r->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_post, r,
				     MHD_OPTION_END);
	assert_non_null(r->daemon);
	info = MHD_get_daemon_info(r->daemon, MHD_DAEMON_INFO_BIND_PORT);
	return info->port;
}

static void use_webhook(const struct fixture *f, unsigned port)
{
	char text[512];

	(void)snprintf(text, sizeof text,
		       "channels:\n"
		       "  - {id: platform, type: webhook, url: \"http://127.0.0.1:%u/hook\","
		       " secret_file: secret, timeout: 2s, steps: assigned}\n",
		       port);
	assert_true(test_rules_put(&f->rules, "channels.yaml", text));
	assert_true(test_rules_put(&f->rules, "secret", SECRET "\n"));
}

/* ---- fixture ---- */

static int set_up(void **state)
{
	struct fixture *f = *state;

	memset(f, 0, sizeof *f);
	(void)pthread_mutex_init(&f->receiver.lock, NULL);
	(void)snprintf(f->dir, sizeof f->dir, "/tmp/huiying-alerter-XXXXXX");
	return mkdtemp(f->dir) && test_rules_make(&f->rules) ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char rm[] = "/bin/rm", flag[] = "-rf";
	char *argv[] = {rm, flag, f->dir, f->rules.folder, NULL};
	pid_t pid;

	(void)end(f, 0, SIGKILL);
	(void)end(f, 1, SIGKILL);
	if (f->receiver.daemon)
		MHD_stop_daemon(f->receiver.daemon);
	if (posix_spawn(&pid, rm, NULL, NULL, argv, environ) == 0)
		(void)waitpid(pid, NULL, 0);
	return 0;
}

/* ---- tests ---- */

struct watcher {
	struct hy_loop *loop;
	int events;
	char lead[64], step[64], text[1024];
};

static void on_event(void *ctx, const struct hy_msg *m)
{
	struct watcher *w = ctx;

	w->events++;
	(void)snprintf(w->lead, sizeof w->lead, "%.*s", HY_STR_ARGS(m->as.event.lead));
	(void)snprintf(w->step, sizeof w->step, "%.*s", HY_STR_ARGS(m->as.event.step));
	(void)snprintf(w->text, sizeof w->text, "%.*s", HY_STR_ARGS(m->as.event.text));
	hy_loop_stop(w->loop);
}

/* PUB loses what is sent before the subscription has arrived: alerts go until one is seen. */
struct sender {
	const struct fixture *f;
	struct watcher *w;
	int sent;
};

static void on_send(void *ctx)
{
	struct sender *s = ctx;
	char name[32], case_id[64];
	bool fresh;

	(void)snprintf(name, sizeof name, "alert-%d", s->sent++);
	send_alert(s->f, name, &fresh, case_id);
	assert_true(fresh);
	if (s->sent > WAIT_MS / 100)
		hy_loop_stop(s->w->loop);
}

static void alert_becomes_receipt_and_event(void **state)
{
	static const struct hy_log log = {.name = "test", .level = HY_LOG_ERROR};
	struct fixture *f = *state;
	struct watcher w = {.loop = hy_loop_new()};
	struct sender s = {.f = f, .w = &w};
	struct hy_bus *bus = hy_bus_new(w.loop, &log);
	struct hy_bus_subscriber *subscriber = NULL;
	struct hy_timer *timer = hy_timer_new(w.loop, on_send, &s);
	struct hy_error e = {0};
	char endpoint[PATH_BYTES + 8];

	start(f, 0);
	(void)snprintf(endpoint, sizeof endpoint, "ipc://%s/events", f->dir);
	assert_int_equal(hy_bus_subscriber_new(bus, endpoint, &hy_bus_defaults, &subscriber, &e),
			 HY_OK);
	hy_bus_subscriber_on_event(subscriber, on_event, &w);
	hy_timer_start(timer, 0, 100);
	hy_loop_run(w.loop);
	hy_timer_free(timer);
	hy_bus_subscriber_free(subscriber);
	hy_bus_free(bus);
	hy_loop_free(w.loop);
	assert_int_equal(w.events, 1);
	assert_string_equal(w.lead, "保障部");
	assert_string_equal(w.step, "assigned");
	assert_non_null(strstr(w.text, "保障部"));
	/* Ended in order, everything that went out is marked. */
	assert_int_equal(end(f, 0, SIGTERM), 0);
	assert_int_equal(figure(f, "SELECT count(*) FROM notice WHERE state <> 'sent'"), 0);
	assert_int_equal(figure(f, "SELECT count(*) FROM case_"), s.sent);
}

static void killed_alerter_finds_its_case_again(void **state)
{
	struct fixture *f = *state;
	char first[64], again[64];
	bool fresh;

	start(f, 0);
	send_alert(f, "a", &fresh, first);
	assert_true(fresh);
	(void)end(f, 0, SIGKILL);
	start(f, 0);
	send_alert(f, "a", &fresh, again);
	assert_false(fresh);
	assert_string_equal(first, again);
	assert_int_equal(figure(f, "SELECT count(*) FROM case_"), 1);
	/* What was published just before the kill went out once; at worst nobody knows. */
	wait_for_figure(f, "SELECT count(*) FROM notice WHERE case_id IS NOT NULL"
			   " AND state IN ('sent', 'uncertain')", 1);
}

/* What can never be stored is refused, told once, and holds nobody up. */
static void alert_that_cannot_be_stored_is_refused(void **state)
{
	struct fixture *f = *state;
	char found[64];
	bool fresh;

	start(f, 0);
	send_alert(f, "first", &fresh, found);
	change(f, "CREATE TRIGGER harm BEFORE INSERT ON alert BEGIN"
		  " SELECT RAISE(ABORT, 'harmed'); END");
	f->refuses = true;
	send_alert(f, "second", &fresh, found);
	assert_false(fresh);
	assert_string_equal(found, "");
	send_alert(f, "second", &fresh, found);
	send_alert(f, "third", &fresh, found);
	assert_int_equal(figure(f, "SELECT count(*) FROM case_"), 1);
	assert_int_equal(figure(f, "SELECT count(*) FROM audit WHERE act = 'alert.refuse'"), 2);
	assert_int_equal(figure(f, "SELECT count(*) FROM alarm WHERE cleared_at IS NULL"), 1);
	wait_for_figure(f, "SELECT count(*) FROM notice WHERE step = 'alarm' AND state = 'sent'"
			   " AND recipient LIKE 'office%'", 1);
	change(f, "DROP TRIGGER harm");
	f->refuses = false;
	send_alert(f, "fourth", &fresh, found);
	assert_true(fresh);
}

static void second_stands_by_and_takes_over(void **state)
{
	struct fixture *f = *state;
	char first[64], again[64];
	bool fresh;

	start(f, 0);
	wait_for_log(f, 0, "active");
	start(f, 1);
	wait_for_log(f, 1, "standby");
	send_alert(f, "a", &fresh, first);
	assert_false(log_says(f, 1, "active"));
	(void)end(f, 0, SIGKILL);
	wait_for_log(f, 1, "active");
	send_alert(f, "a", &fresh, again);
	assert_false(fresh);
	assert_string_equal(first, again);
}

static void bad_rules_do_not_replace_good_ones(void **state)
{
	struct fixture *f = *state;
	char case_id[64];
	bool fresh;

	start(f, 0);
	send_alert(f, "a", &fresh, case_id);
	assert_true(test_rules_edit(&f->rules, "routes.yaml", "lead: east-street",
				    "lead: no-such-unit"));
	(void)kill(f->pids[0], SIGHUP);
	wait_for_log(f, 0, "reload refused");
	assert_true(log_says(f, 0, "routes.yaml:4:"));
	send_alert(f, "b", &fresh, case_id);
	assert_true(fresh);
	assert_true(test_rules_edit(&f->rules, "routes.yaml", "fallback: office",
				    "fallback: building"));
	(void)kill(f->pids[0], SIGHUP);
	wait_for_log(f, 0, "rules in force");
	send_alert(f, "c", &fresh, case_id);
	assert_true(fresh);
	assert_int_equal(figure(f, "SELECT count(DISTINCT rules) FROM case_"), 2);
}

static void bad_rules_do_not_start(void **state)
{
	struct fixture *f = *state;
	int status = 0;

	assert_true(test_rules_edit(&f->rules, "units.yaml", "roles: [environment]", "roles: []"));
	start(f, 0);
	assert_int_equal(waitpid(f->pids[0], &status, 0), f->pids[0]);
	f->pids[0] = 0;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_true(log_says(f, 0, "没有单位承担"));
}

static void webhook_gets_one_signed_post(void **state)
{
	struct fixture *f = *state;
	struct receiver *r = &f->receiver;
	char case_id[64], expected[HY_HMAC_HEX_BYTES];
	bool fresh;

	use_webhook(f, start_receiver(r, 204));
	start(f, 0);
	send_alert(f, "a", &fresh, case_id);
	wait_for_figure(f, "SELECT count(*) FROM notice WHERE state = 'sent'", 1);
	(void)pthread_mutex_lock(&r->lock);
	assert_int_equal(r->posts, 1);
	assert_string_equal(r->event_type, "alert.assigned");
	assert_int_equal(strlen(r->delivery), HY_ID_DIGITS);
	hy_envelope_sign(HY_STR_LIT(SECRET), hy_str_of(r->body), expected);
	assert_string_equal(r->signature, expected);
	assert_non_null(strstr(r->body, "\"version\":\"4\""));
	assert_non_null(strstr(r->body, case_id));
	(void)pthread_mutex_unlock(&r->lock);
	/* Neither a restart nor the same alert posts again. */
	(void)end(f, 0, SIGKILL);
	start(f, 0);
	send_alert(f, "a", &fresh, case_id);
	assert_false(fresh);
	assert_int_equal(end(f, 0, SIGTERM), 0);
	assert_int_equal(r->posts, 1);
}

/* The configuration that named the rules folder is gone after a reload; the secret is not. */
static void reload_keeps_signing(void **state)
{
	struct fixture *f = *state;
	char case_id[64], expected[HY_HMAC_HEX_BYTES];
	bool fresh;

	use_webhook(f, start_receiver(&f->receiver, 204));
	start(f, 0);
	send_alert(f, "a", &fresh, case_id);
	wait_for_figure(f, "SELECT count(*) FROM notice WHERE state = 'sent'", 1);
	(void)kill(f->pids[0], SIGHUP);
	wait_for_log(f, 0, "rules in force");
	send_alert(f, "b", &fresh, case_id);
	wait_for_figure(f, "SELECT count(*) FROM notice WHERE state IN ('sent', 'failed')", 2);
	assert_int_equal(f->receiver.posts, 2);
	hy_envelope_sign(HY_STR_LIT(SECRET), hy_str_of(f->receiver.body), expected);
	assert_string_equal(f->receiver.signature, expected);
}

static void refused_post_is_not_repeated(void **state)
{
	struct fixture *f = *state;
	char case_id[64];
	bool fresh;

	use_webhook(f, start_receiver(&f->receiver, 500));
	start(f, 0);
	send_alert(f, "a", &fresh, case_id);
	wait_for_figure(f, "SELECT count(*) FROM notice WHERE state = 'failed'"
			   " AND error = 'status 500'", 1);
	assert_int_equal(f->receiver.posts, 1);
}

static void unreachable_receiver_is_tried_again_later(void **state)
{
	struct fixture *f = *state;
	char case_id[64];
	unsigned port = start_receiver(&f->receiver, 200);
	bool fresh;

	MHD_stop_daemon(f->receiver.daemon);
	f->receiver.daemon = NULL;
	use_webhook(f, port);
	start(f, 0);
	send_alert(f, "a", &fresh, case_id);
	wait_for_figure(f, "SELECT count(*) FROM notice WHERE state = 'waiting' AND attempts = 1"
			   " AND next_at > changed_at", 1);
}

/* A file that is being replaced is no reason to give a notice up. */
static void unreadable_secret_is_tried_again_later(void **state)
{
	struct fixture *f = *state;
	char case_id[64], path[512];
	bool fresh;

	use_webhook(f, start_receiver(&f->receiver, 200));
	(void)snprintf(path, sizeof path, "%s/secret", f->rules.folder);
	assert_int_equal(unlink(path), 0);
	start(f, 0);
	send_alert(f, "a", &fresh, case_id);
	wait_for_figure(f, "SELECT count(*) FROM notice WHERE state = 'waiting' AND attempts = 1"
			   " AND next_at > changed_at AND error LIKE '%cannot read the secret%'", 1);
	assert_int_equal(f->receiver.posts, 0);
}

int main(int argc, char **argv)
{
	struct fixture fixture, *f = &fixture;

	if (argc > 1 && strcmp(argv[1], "daemon") == 0)
		return hy_service_main(argc - 1, argv + 1, &hy_alerter_spec);
#define TEST(name) {#name, name, set_up, tear_down, f}
	const struct CMUnitTest tests[] = {
		TEST(alert_becomes_receipt_and_event),
		TEST(killed_alerter_finds_its_case_again),
		TEST(alert_that_cannot_be_stored_is_refused),
		TEST(second_stands_by_and_takes_over),
		TEST(bad_rules_do_not_replace_good_ones),
		TEST(bad_rules_do_not_start),
		TEST(webhook_gets_one_signed_post),
		TEST(reload_keeps_signing),
		TEST(refused_post_is_not_repeated),
		TEST(unreachable_receiver_is_tried_again_later),
		TEST(unreadable_secret_is_tried_again_later),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
