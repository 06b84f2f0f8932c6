/*
 * What becomes of messages, decided in the store by a clock that only the test moves: back-off
 * with jitter, budgets, quiet hours, groups, fallbacks, and what a crash leaves behind.
 */
#include "alerter/outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "alerter/replay.h"
#include "common/base/mem.h"
#include "tests/unit/alerter/ledger_world.h"

#define SECOND_MS 1000LL
#define MINUTE_MS (60 * SECOND_MS)
/* 2026-11-24 12:10 in China: no quiet hour, no full or half hour. */
#define NOON_MS 1795493400000LL

#define CHANNELS \
	"channels:\n" \
	"  - {id: terminal, type: publish}\n" \
	"  - {id: robot, type: wecom, key_file: k, budget: 3, fallback: spare, fallback_after: 5m," \
	" quiet: {from: \"22:00\", to: \"07:00\", pass: major}}\n" \
	"  - {id: alone, type: wecom, key_file: k}\n" \
	"  - {id: hook, type: webhook, url: \"http://127.0.0.1:1/\", repeat: true}\n" \
	"  - {id: spare, type: webhook, url: \"http://127.0.0.1:1/\", standby: true}\n"

struct world {
	struct fixture *f;
	struct hy_store *store;
	struct hy_channels *channels;
	struct hy_wall now;
};

static void begin(struct world *w)
{
	struct hy_error e = {0};

	assert_int_equal(hy_store_begin(w->store, &e), HY_OK);
}

static void commit(struct world *w, enum hy_err err, const struct hy_error *e)
{
	struct hy_error why = {0};

	if (err || hy_store_commit(w->store, &why))
		fail_msg("%s%s", e->text, why.text);
}

static const struct hy_channel *channel_of(const struct world *w, const char *id)
{
	const struct hy_channel *channel = hy_channels_find(w->channels, hy_str_of(id));

	assert_non_null(channel);
	return channel;
}

static void open_world(struct world *w, struct fixture *f)
{
	struct sample s = {.id = "a", .place = "east", .title = "工人讨薪", .text = WAGES_TEXT};
	struct hy_findings findings;

	(void)take(f, &s);
	run(f, "DELETE FROM notice");
	assert_true(test_rules_put(&f->folder, "channels.yaml", CHANNELS));
	hy_findings_init(&findings);
	if (hy_channels_load(f->folder.folder, &findings, &w->channels) || findings.count)
		fail_msg("%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	hy_findings_fini(&findings);
	*w = (struct world){f, hy_ledger_store(f->ledger), w->channels, {NOON_MS}};
}

static void close_world(struct world *w)
{
	hy_channels_free(w->channels);
}

static void add(struct world *w, const char *name, const char *channel, enum hy_severity severity)
{
	char sql[1000];

	(void)snprintf(sql, sizeof sql,
		       "INSERT INTO notice (id, case_id, step, recipient, channel, state, created_at,"
		       " changed_at, attempts, next_at, error, text, severity, due_at)"
		       " SELECT '%s', id, '%s', 'welfare', '%s', 'waiting', %lld, %lld, 0, %lld, '',"
		       " 'text', %d, %lld FROM case_",
		       id_of(name).hex, name, channel, (long long)w->now.ms, (long long)w->now.ms,
		       (long long)w->now.ms, (int)severity, (long long)w->now.ms);
	run(w->f, sql);
}

/* What the alerter asks before it takes: whether one is due and the channel is free. */
static bool take_next(struct world *w, const char *id, struct hy_outbox_message *out)
{
	const struct hy_channel *channel = channel_of(w, id);
	struct hy_wall due = HY_WALL_NONE, until = w->now;
	struct hy_error e = {0};
	enum hy_err err;

	begin(w);
	*out = (struct hy_outbox_message){.count = 0};
	err = hy_outbox_next_at(w->store, channel, w->now, &due, &e);
	if (!err)
		err = hy_outbox_blocked_until(w->store, channel, w->now, &until, &e);
	if (!err && hy_wall_known(due) && due.ms <= w->now.ms && until.ms <= w->now.ms)
		err = hy_outbox_take(w->store, channel, w->now, out, &e);
	commit(w, err, &e);
	return out->count > 0;
}

static void end_it(struct world *w, const struct hy_outbox_message *m, enum hy_sent outcome)
{
	struct hy_outbox_end end = {.message = m->id, .number = m->number, .part = 1, .parts = 1,
				    .at = w->now, .verdict = {.outcome = outcome}};
	struct hy_error e = {0};

	end.verdict.pause_ms = outcome == HY_SENT_THROTTLED ? MINUTE_MS : 0;
	hy_verdict_say(&end.verdict, HY_STR_LIT("said so"));
	begin(w);
	commit(w, hy_outbox_end(w->store, w->channels, &end, &e), &e);
}

static int64_t in_state(struct world *w, const char *channel, const char *state)
{
	char sql[200];

	(void)snprintf(sql, sizeof sql,
		       "SELECT count(*) FROM notice WHERE channel = '%s' AND state = '%s'", channel,
		       state);
	return count(w->f, sql);
}

static void failures_wait_longer_each_time_and_end(void **state)
{
	struct hy_outbox_message m, first = {.count = 0};
	int64_t least_ms = HY_OUTBOX_BACK_OFF_MS, tries = 0, next_ms = 0;
	struct world w;

	open_world(&w, *state);
	add(&w, "one", "alone", HY_SEVERITY_GENERAL);
	while (take_next(&w, "alone", &m)) {
		int64_t waited_ms;

		if (tries++ == 0)
			first = m;
		assert_string_equal(m.id.hex, first.id.hex);
		assert_int_equal(m.number, tries);
		end_it(&w, &m, HY_SENT_UNSENT);
		if (in_state(&w, "alone", "failed"))
			break;
		next_ms = count(w.f, "SELECT next_at FROM notice");
		waited_ms = next_ms - w.now.ms;
		/* With jitter of at most a fifth. */
		assert_in_range(waited_ms, least_ms, least_ms + least_ms / 5);
		if (2 * least_ms < HY_OUTBOX_BACK_OFF_MAX_MS)
			least_ms *= 2;
		else
			least_ms = HY_OUTBOX_BACK_OFF_MAX_MS;
		w.now.ms = next_ms - 1;
		assert_false(take_next(&w, "alone", &m));
		w.now.ms = next_ms;
		if (w.now.ms % (30 * MINUTE_MS) < 25 * SECOND_MS)
			w.now.ms += 30 * SECOND_MS;	/* robots are full then */
	}
	assert_true(w.now.ms - NOON_MS > HY_OUTBOX_GIVE_UP_MS);
	assert_true(tries > 100);
	assert_int_equal(in_state(&w, "alone", "failed"), 1);
	assert_int_equal(count(w.f, "SELECT count(*) FROM attempt WHERE outcome = 'unsent'"), tries);
	close_world(&w);
}

static void a_budget_holds_over_restarts(void **state)
{
	struct hy_outbox_message m;
	struct world w;

	open_world(&w, *state);
	for (int i = 0; i < 3; i++) {
		add(&w, (const char *[]){"one", "two", "three"}[i], "robot", HY_SEVERITY_MAJOR);
		assert_true(take_next(&w, "robot", &m));
		end_it(&w, &m, HY_SENT_ACCEPTED);
		w.now.ms += SECOND_MS;
	}
	add(&w, "four", "robot", HY_SEVERITY_MAJOR);
	assert_false(take_next(&w, "robot", &m));
	restart(w.f);
	w.store = hy_ledger_store(w.f->ledger);
	assert_false(take_next(&w, "robot", &m));
	/* A minute and a second after the first of them. */
	w.now.ms = NOON_MS + 61 * SECOND_MS - 1;
	assert_false(take_next(&w, "robot", &m));
	w.now.ms += 1;
	assert_true(take_next(&w, "robot", &m));
	close_world(&w);
}

static void quiet_hours_let_the_grave_pass(void **state)
{
	struct hy_outbox_message m;
	struct world w;

	open_world(&w, *state);
	w.now.ms = NOON_MS + 11 * HOUR_MS;	/* 23:10 */
	add(&w, "light", "robot", HY_SEVERITY_CONSIDERABLE);
	assert_false(take_next(&w, "robot", &m));
	add(&w, "grave", "robot", HY_SEVERITY_MAJOR);
	assert_true(take_next(&w, "robot", &m));
	assert_int_equal(m.count, 1);
	assert_string_equal(m.notices[0].hex, id_of("grave").hex);
	end_it(&w, &m, HY_SENT_ACCEPTED);
	w.now.ms = NOON_MS + 18 * HOUR_MS + 50 * MINUTE_MS;	/* 07:00 */
	w.now.ms += MINUTE_MS;
	assert_true(take_next(&w, "robot", &m));
	assert_string_equal(m.notices[0].hex, id_of("light").hex);
	close_world(&w);
}

static void those_that_wait_go_together_once(void **state)
{
	struct hy_outbox_message m, again;
	struct world w;

	open_world(&w, *state);
	add(&w, "one", "alone", HY_SEVERITY_GENERAL);
	add(&w, "two", "alone", HY_SEVERITY_GENERAL);
	assert_true(take_next(&w, "alone", &m));
	assert_int_equal(m.count, 2);
	end_it(&w, &m, HY_SENT_UNSENT);
	/* A message keeps its notices: a third does not join what was begun. */
	add(&w, "three", "alone", HY_SEVERITY_GENERAL);
	run(w.f, "UPDATE notice SET next_at = 0 WHERE message IS NOT NULL");
	assert_true(take_next(&w, "alone", &again));
	assert_int_equal(again.count, 2);
	assert_string_equal(again.id.hex, m.id.hex);
	end_it(&w, &again, HY_SENT_ACCEPTED);
	assert_int_equal(in_state(&w, "alone", "sent"), 2);
	assert_true(take_next(&w, "alone", &again));
	assert_int_equal(again.count, 1);
	assert_string_equal(again.notices[0].hex, id_of("three").hex);
	close_world(&w);
}

static void what_fails_or_waits_too_long_falls_back_once(void **state)
{
	struct hy_error e = {0};
	struct hy_outbox_message m;
	struct world w;

	open_world(&w, *state);
	add(&w, "refused", "robot", HY_SEVERITY_MAJOR);
	assert_true(take_next(&w, "robot", &m));
	end_it(&w, &m, HY_SENT_REFUSED);
	assert_int_equal(in_state(&w, "robot", "failed"), 1);
	assert_int_equal(in_state(&w, "spare", "waiting"), 1);
	add(&w, "late", "robot", HY_SEVERITY_MAJOR);
	w.now.ms += 5 * MINUTE_MS - 1;
	for (int i = 0; i < 3; i++) {
		begin(&w);
		commit(&w,
		       hy_outbox_fall_back(w.store, w.channels, channel_of(&w, "robot"), w.now, &e),
		       &e);
		assert_int_equal(in_state(&w, "spare", "waiting"), i ? 2 : 1);
		w.now.ms += 1;
	}
	/* What may have arrived stays where it is. */
	add(&w, "doubt", "robot", HY_SEVERITY_MAJOR);
	assert_true(take_next(&w, "robot", &m));
	end_it(&w, &m, HY_SENT_UNCERTAIN);
	assert_int_equal(in_state(&w, "robot", "uncertain"), 1);
	assert_int_equal(in_state(&w, "spare", "waiting"), 2);
	close_world(&w);
}

static void a_crash_repeats_only_where_the_receiver_can_tell(void **state)
{
	struct hy_error e = {0};
	struct hy_outbox_message robot, hook, again;
	int64_t uncertain = -1;
	struct world w;

	open_world(&w, *state);
	add(&w, "one", "alone", HY_SEVERITY_GENERAL);
	add(&w, "two", "hook", HY_SEVERITY_GENERAL);
	assert_true(take_next(&w, "alone", &robot));
	assert_true(take_next(&w, "hook", &hook));
	begin(&w);
	commit(&w, hy_outbox_recover(w.store, w.channels, w.now, &uncertain, &e), &e);
	assert_int_equal(uncertain, 1);
	assert_int_equal(in_state(&w, "alone", "uncertain"), 1);
	assert_false(take_next(&w, "alone", &again));
	assert_true(take_next(&w, "hook", &again));
	assert_string_equal(again.id.hex, hook.id.hex);
	assert_int_equal(again.number, 2);
	assert_int_equal(count(w.f, "SELECT count(*) FROM attempt WHERE outcome = 'uncertain'"), 2);
	close_world(&w);
}

static void a_receivers_wish_holds_its_whole_channel(void **state)
{
	struct hy_outbox_message m;
	int64_t until_ms;
	struct world w;

	open_world(&w, *state);
	add(&w, "one", "alone", HY_SEVERITY_GENERAL);
	assert_true(take_next(&w, "alone", &m));
	end_it(&w, &m, HY_SENT_THROTTLED);
	add(&w, "two", "alone", HY_SEVERITY_CRITICAL);
	until_ms = count(w.f, "SELECT until_at FROM channel_pause");
	assert_in_range(until_ms - w.now.ms, MINUTE_MS, MINUTE_MS + MINUTE_MS / 10);
	w.now.ms = until_ms - 1;
	assert_false(take_next(&w, "alone", &m));
	w.now.ms = until_ms;
	assert_true(take_next(&w, "alone", &m));
	close_world(&w);
}

static enum hy_err replay(struct world *w, const char *id, const char *notice, const char *actor,
			  const char *reason, char text[512])
{
	struct hy_id number = id_of(notice);
	struct hy_msg m = {.type = HY_MSG_COMMAND, .id = hy_str_of(id)};
	struct hy_turn turn;
	struct hy_rule_set rules = *w->f->rules;
	struct hy_buf reply;
	struct hy_error e = {0};
	enum hy_err code = HY_ERR_IO;

	m.as.command = (struct hy_msg_command){.command = HY_COMMAND_REPLAY,
					       .case_id = hy_id_str(&number),
					       .actor = hy_str_of(actor), .note = hy_str_of(reason)};
	rules.channels = w->channels;
	hy_turn_init(&turn, w->store, &rules, w->now);
	hy_buf_init(&reply, 4096);
	begin(w);
	commit(w, hy_replay_command(&turn, &m, &code, &reply, &e), &e);
	(void)snprintf(text, 512, "%.*s", HY_STR_ARGS(hy_buf_str(&reply)));
	hy_buf_fini(&reply);
	hy_turn_fini(&turn);
	return code;
}

/* Somebody's decision, with a name and a reason; never of what has arrived or is on its way. */
static void a_failed_notice_is_delivered_again_when_told(void **state)
{
	struct hy_outbox_message m, again;
	char text[512];
	struct world w;

	open_world(&w, *state);
	add(&w, "one", "alone", HY_SEVERITY_GENERAL);
	assert_int_equal(replay(&w, "r0", "one", "welfare", "未收到", text), HY_ERR_CONFLICT);
	assert_non_null(strstr(text, "正在送"));
	assert_true(take_next(&w, "alone", &m));
	end_it(&w, &m, HY_SENT_REFUSED);
	assert_int_equal(replay(&w, "r1", "one", "ecology", "未收到", text), HY_ERR_DENIED);
	assert_int_equal(replay(&w, "r2", "one", "welfare", " ", text), HY_ERR_MALFORMED);
	assert_int_equal(replay(&w, "r3", "none", "welfare", "未收到", text), HY_ERR_MALFORMED);
	assert_int_equal(in_state(&w, "alone", "failed"), 1);
	w.now.ms += 2 * HY_OUTBOX_GIVE_UP_MS + MINUTE_MS;
	assert_int_equal(replay(&w, "r4", "one", "welfare/一岗", "未收到", text), HY_OK);
	assert_int_equal(replay(&w, "r4", "one", "welfare/一岗", "未收到", text), HY_OK);
	assert_int_equal(count(w.f, "SELECT count(*) FROM audit WHERE act = 'notice.replay'"), 1);
	/* Not given up as an old one at the first failure. */
	assert_true(take_next(&w, "alone", &again));
	assert_string_equal(again.id.hex, m.id.hex);
	assert_int_equal(again.number, 2);
	end_it(&w, &again, HY_SENT_UNSENT);
	assert_int_equal(in_state(&w, "alone", "waiting"), 1);
	w.now.ms += MINUTE_MS;
	assert_true(take_next(&w, "alone", &again));
	end_it(&w, &again, HY_SENT_ACCEPTED);
	assert_int_equal(replay(&w, "r5", "one", "office", "再发一次", text), HY_ERR_CONFLICT);
	assert_non_null(strstr(text, "已确认收到"));
	close_world(&w);
}

static void what_a_fallback_brought_is_not_delivered_again(void **state)
{
	struct hy_outbox_message m;
	char text[512];
	struct world w;

	open_world(&w, *state);
	add(&w, "one", "robot", HY_SEVERITY_MAJOR);
	assert_true(take_next(&w, "robot", &m));
	end_it(&w, &m, HY_SENT_REFUSED);
	assert_int_equal(replay(&w, "r1", "one", "welfare", "未收到", text), HY_ERR_CONFLICT);
	assert_non_null(strstr(text, "通道 spare 正在送"));
	assert_true(take_next(&w, "spare", &m));
	end_it(&w, &m, HY_SENT_ACCEPTED);
	assert_int_equal(replay(&w, "r2", "one", "welfare", "未收到", text), HY_ERR_CONFLICT);
	assert_non_null(strstr(text, "通道 spare 已确认收到"));
	run(w.f, "UPDATE notice SET state = 'failed' WHERE channel = 'spare'");
	assert_int_equal(replay(&w, "r3", "one", "office", "未收到", text), HY_OK);
	assert_int_equal(in_state(&w, "robot", "waiting"), 1);
	close_world(&w);
}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(failures_wait_longer_each_time_and_end),
		TEST(a_budget_holds_over_restarts),
		TEST(quiet_hours_let_the_grave_pass),
		TEST(those_that_wait_go_together_once),
		TEST(what_fails_or_waits_too_long_falls_back_once),
		TEST(a_crash_repeats_only_where_the_receiver_can_tell),
		TEST(a_receivers_wish_holds_its_whole_channel),
		TEST(a_failed_notice_is_delivered_again_when_told),
		TEST(what_a_fallback_brought_is_not_delivered_again),
	};

	return cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
