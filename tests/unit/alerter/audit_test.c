/* The chain of the audit, and what holds after every step of a random history. */
#include "alerter/audit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/unit/alerter/audit_world.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static int64_t verify_head(struct fixture *f, const struct hy_audit_head *given,
			   char *out_findings)
{
	struct hy_audit_verdict verdict = {0};
	struct hy_error e = {0};
	struct hy_buf findings;

	hy_buf_init(&findings, 65536);
	if (hy_audit_verify(hy_ledger_store(f->ledger), given, &findings, &verdict, &e))
		fail_msg("verify: %s", e.text);
	(void)snprintf(out_findings, 1024, "%.*s", HY_STR_ARGS(hy_buf_str(&findings)));
	hy_buf_fini(&findings);
	return verdict.bad;
}

static int64_t verify(struct fixture *f, char *out_findings)
{
	return verify_head(f, NULL, out_findings);
}

static struct hy_audit_head head_of(struct fixture *f)
{
	struct hy_audit_head head;
	struct hy_error e = {0};

	assert_int_equal(hy_audit_head(hy_ledger_store(f->ledger), &head, &e), HY_OK);
	return head;
}

static void expect_break(struct fixture *f, const struct hy_audit_head *given, const char *harm,
			 const char *says)
{
	char findings[1024];

	if (verify_head(f, given, findings) == 0 || !strstr(findings, says))
		fail_msg("%s: \"%s\" has no \"%s\"", harm, findings, says);
}

/* Entries beside those of the rules and cases, so old as given. */
static void append(struct fixture *f, int count, int64_t age_days)
{
	struct hy_store *store = hy_ledger_store(f->ledger);
	struct hy_error e = {0};
	struct hy_turn turn;

	hy_turn_init(&turn, store, NULL, hy_wall_now());
	assert_int_equal(hy_store_begin(store, &e), HY_OK);
	for (int i = 0; i < count; i++) {
		char subject[16];
		const struct hy_audit_entry entry = {
			.at = hy_wall_add_ms(hy_wall_now(), -age_days * 24 * HOUR_MS + i),
			.actor = HY_STR_LIT("office/值班一岗"), .act = HY_STR_LIT("test.act"),
			.subject = {subject, (size_t)snprintf(subject, sizeof subject, "s%d", i)},
			.detail = HY_STR_LIT("多行\n说明")};

		if (hy_audit_append(&turn, &entry, &e))
			fail_msg("append: %s", e.text);
	}
	assert_int_equal(hy_store_commit(store, &e), HY_OK);
}

static void audit_shows_every_change(void **state)
{
	static const struct {
		const char *harm, *repair, *says;
	} cases[] = {
		{"UPDATE audit SET detail = detail || '.' WHERE seq = 2",
		 "UPDATE audit SET detail = substr(detail, 1, length(detail) - 1) WHERE seq = 2",
		 "第 2 条（test.act s0）的内容被改动"},
		{"UPDATE audit SET at = at + 1 WHERE seq = 1",
		 "UPDATE audit SET at = at - 1 WHERE seq = 1", "第 1 条"},
		{"UPDATE audit SET actor = 'welfare' WHERE seq = 3",
		 "UPDATE audit SET actor = 'office/值班一岗' WHERE seq = 3", "第 3 条"},
		{"UPDATE audit SET act = 'test.acts' WHERE seq = 3",
		 "UPDATE audit SET act = 'test.act' WHERE seq = 3", "第 3 条"},
		/* Nothing but a border between two fields moves. */
		{"UPDATE audit SET act = 'test.acts', subject = '1' WHERE seq = 3",
		 "UPDATE audit SET act = 'test.act', subject = 's1' WHERE seq = 3", "第 3 条"},
		{"UPDATE audit SET hash = previous WHERE seq = 4",
		 "UPDATE audit SET hash = (SELECT b.previous FROM audit b WHERE b.seq = 5)"
		 " WHERE seq = 4",
		 "第 5 条（test.act s3）与前一条不相连"},
		/* Missing in the middle, and exchanged. */
		{"UPDATE audit SET seq = CASE seq WHEN 2 THEN 102 ELSE 103 END WHERE seq IN (2, 3)",
		 "UPDATE audit SET seq = seq - 100 WHERE seq > 100",
		 "第 4 条（test.act s2）之前缺少记录；前一条是第 1 条"},
		{"UPDATE audit SET subject = CASE seq WHEN 3 THEN 's2' ELSE 's1' END WHERE seq IN (3, 4)",
		 "UPDATE audit SET subject = CASE seq WHEN 3 THEN 's1' ELSE 's2' END WHERE seq IN (3, 4)",
		 "第 3 条"},
		{"UPDATE audit SET algorithm = 'none' WHERE seq = 3",
		 "UPDATE audit SET algorithm = 'sha256' WHERE seq = 3", "的算法未知"},
		{"UPDATE alerter_counter SET value = value + 1 WHERE name = 'audit'",
		 "UPDATE alerter_counter SET value = value - 1 WHERE name = 'audit'", "末尾不符"},
	};
	struct fixture *f = *state;
	char findings[1024];

	append(f, 4, 0);
	assert_int_equal(verify(f, findings), 0);
	unprotect_audit(f);
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		run(f, cases[i].harm);
		expect_break(f, NULL, cases[i].harm, cases[i].says);
		run(f, cases[i].repair);
		if (verify(f, findings))
			fail_msg("%s: %s", cases[i].repair, findings);
	}
	run(f, "DELETE FROM audit WHERE seq = 1");
	expect_break(f, NULL, "first", "开头不符：现存第一条是第 2 条，而没有清理记录");
	run(f, "DELETE FROM audit WHERE seq = 5");
	expect_break(f, NULL, "last", "末尾不符：应止于第 5 条，实际止于第 4 条");
}

/* Cut off together with the head beside it, the chain is whole again; what was told is not. */
static void told_head_shows_a_tail_cut_off(void **state)
{
	struct fixture *f = *state;
	struct hy_audit_head before, told;
	char findings[1024], text[128];

	append(f, 3, 0);
	before = head_of(f);
	append(f, 2, 0);
	told = head_of(f);
	(void)snprintf(text, sizeof text, "%lld:%s", (long long)told.seq, told.hash);
	assert_true(hy_audit_head_parse(hy_str_of(text), &told));
	assert_int_equal(verify_head(f, &told, findings), 0);
	assert_int_equal(verify_head(f, &before, findings), 0);
	unprotect_audit(f);
	run(f, "DELETE FROM audit WHERE seq > 4");
	run(f, "UPDATE alerter_counter SET value = 4, text = (SELECT hash FROM audit WHERE seq = 4)"
	       " WHERE name = 'audit'");
	assert_int_equal(verify(f, findings), 0);
	assert_int_equal(verify_head(f, &before, findings), 0);
	expect_break(f, &told, "cut", "与给出的第 6 条不符：该条不存在，末尾被截去");
	/* Written anew by the program itself, each link is right. */
	append(f, 2, 0);
	assert_int_equal(verify(f, findings), 0);
	expect_break(f, &told, "rewritten", "该条的散列值不同，此前的记录被改写过");
}

static void head_is_read_strictly(void **state)
{
	static const char *const bad[] = {
		"", "1", ":", "1:", "0:" HASH, "-1:" HASH, "x:" HASH, "1:" HASH "0", "1: " HASH,
		"1:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"};
	struct hy_audit_head head;

	(void)state;
	for (size_t i = 0; i < HY_COUNT(bad); i++)
		assert_false(hy_audit_head_parse(hy_str_of(bad[i]), &head));
	assert_true(hy_audit_head_parse(HY_STR_LIT("12:" HASH), &head));
	assert_int_equal(head.seq, 12);
	assert_string_equal(head.hash, HASH);
}

/* ---- what is kept, and how long ---- */

static enum hy_err prune(struct fixture *f, int64_t keep_days, int64_t limit, int64_t *out)
{
	const struct hy_audit_pruning pruning = {hy_wall_now(), keep_days, limit};
	struct hy_store *store = hy_ledger_store(f->ledger);
	struct hy_error e = {0};
	struct hy_turn turn;
	enum hy_err err;

	*out = -1;
	hy_turn_init(&turn, store, NULL, hy_wall_now());
	assert_int_equal(hy_store_begin(store, &e), HY_OK);
	err = hy_audit_prune(&turn, &pruning, out, &e);
	if (err)
		hy_store_rollback(store);
	else
		assert_int_equal(hy_store_commit(store, &e), HY_OK);
	return err;
}

/* The fixture's first entry is of today and would keep all behind it. */
static void start_old(struct fixture *f)
{
	unprotect_audit(f);
	run(f, "DELETE FROM audit");
	run(f, "DELETE FROM alerter_counter WHERE name = 'audit'");
	append(f, 10, 400);
	append(f, 5, 185);
	append(f, 5, 183);
}

static void six_months_are_kept(void **state)
{
	struct fixture *f = *state;
	char findings[1024];
	int64_t pruned;

	start_old(f);
	assert_int_equal(prune(f, 183, 1000, &pruned), HY_ERR_LIMIT);
	assert_int_equal(prune(f, 0, 1000, &pruned), HY_ERR_LIMIT);
	assert_int_equal(count(f, "SELECT count(*) FROM audit"), 20);
	assert_int_equal(prune(f, 1000, 1000, &pruned), HY_OK);
	assert_int_equal(pruned, 0);
	assert_int_equal(count(f, "SELECT count(*) FROM audit"), 20);
	/* In pieces, each with an entry that vouches for it. */
	assert_int_equal(prune(f, 184, 12, &pruned), HY_OK);
	assert_int_equal(pruned, 12);
	assert_int_equal(verify(f, findings), 0);
	assert_int_equal(prune(f, 184, 12, &pruned), HY_OK);
	assert_int_equal(pruned, 3);
	assert_int_equal(verify(f, findings), 0);
	assert_int_equal(prune(f, 184, 12, &pruned), HY_OK);
	assert_int_equal(pruned, 0);
	assert_int_equal(count(f, "SELECT count(*) FROM audit WHERE act = 'test.act'"), 5);
	assert_int_equal(count(f, "SELECT count(*) FROM audit WHERE act = 'audit.prune'"), 2);
	assert_int_equal(count(f, "SELECT min(seq) FROM audit"), 16);
}

static void pruned_chain_shows_what_else_is_missing(void **state)
{
	struct fixture *f = *state;
	struct hy_audit_head last = {0}, early;
	char findings[1024];
	int64_t pruned;

	start_old(f);
	text_of(f, "SELECT hash FROM audit WHERE seq = 15", last.hash, sizeof last.hash);
	last.seq = 15;
	early = last;
	early.seq = 3;
	assert_int_equal(prune(f, 184, 1000, &pruned), HY_OK);
	/* The last one pruned is still known, what was before it no longer. */
	assert_int_equal(verify_head(f, &last, findings), 0);
	expect_break(f, &early, "pruned", "该条已按保存期限清理，无法比对");
	last.hash[0] = last.hash[0] == '0' ? '1' : '0';
	expect_break(f, &last, "forged", "与给出的第 15 条不符");
	/* More than was vouched for. */
	run(f, "DELETE FROM audit WHERE seq = 16");
	expect_break(f, NULL, "more", "开头不符：现存第一条是第 17 条，而清理记录只到第 15 条");
}

/* By whoever may write, but not alter tables. */
static void store_refuses_to_change_the_audit(void **state)
{
	static const char *const harms[] = {
		"UPDATE audit SET detail = '' WHERE seq = 1",
		"UPDATE audit SET seq = 99 WHERE seq = 20",
		"DELETE FROM audit WHERE seq = 20",
		"DELETE FROM audit",
	};
	struct fixture *f = *state;
	struct hy_error e = {0};

	append(f, 20, 0);
	for (size_t i = 0; i < HY_COUNT(harms); i++)
		assert_int_equal(hy_query_run(hy_store_query(hy_ledger_store(f->ledger), harms[i]),
					      NULL, &e),
				 HY_ERR_CONFLICT);
	assert_int_equal(count(f, "SELECT count(*) FROM audit"), 21);
	/* What is older may go: it is how pruning works. */
	append(f, 1, 200);
	run(f, "DELETE FROM audit WHERE seq = 22");
}

/* ---- the day ---- */

static bool day(struct fixture *f)
{
	const struct hy_audit_rules rules = {HY_STR_LIT("welfare"), 184};
	struct hy_error e = {0};
	bool done = false;

	if (hy_ledger_audit(f->ledger, &rules, &done, &e))
		fail_msg("day: %s", e.text);
	return done;
}

static void whole_day(struct fixture *f)
{
	for (int i = 0; i < 10; i++) {
		if (day(f))
			return;
	}
	fail_msg("the day never ends");
}

/* As if what was told today had been told yesterday. */
static void next_day(struct fixture *f)
{
	run(f, "UPDATE alerter_counter SET text = '2026-01-01' || substr(text, 11)"
	       " WHERE name = 'audit-told'");
	run(f, "DELETE FROM notice WHERE step = 'audit-head'");
	run(f, "DELETE FROM alarm WHERE kind = 'audit-head'");
}

static void head_is_told_once_a_day(void **state)
{
	struct fixture *f = *state;
	struct hy_audit_head head, told;
	char text[1024], findings[1024], *at;

	append(f, 3, 0);
	head = head_of(f);
	assert_false(day(f));
	restart(f);
	whole_day(f);
	whole_day(f);
	restart(f);
	whole_day(f);
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice WHERE step = 'audit-head'"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice WHERE step = 'audit-head'"
				  " AND recipient LIKE 'welfare/%'"),
			 1);
	assert_int_equal(count(f, "SELECT count(*) FROM audit WHERE act = 'audit.head'"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM alarm WHERE cleared_at IS NULL"), 0);
	text_of(f, "SELECT text FROM v_notice WHERE step = 'audit-head'", text, sizeof text);
	at = strstr(text, "--head ");
	assert_non_null(at);
	assert_true(hy_audit_head_parse(hy_str_of(at + 7), &told));
	assert_int_equal(told.seq, head.seq);
	assert_string_equal(told.hash, head.hash);
	append(f, 3, 0);
	next_day(f);
	whole_day(f);
	text_of(f, "SELECT text FROM v_notice WHERE step = 'audit-head'", text, sizeof text);
	assert_non_null(strstr(text, "上次 2026-01-01 为 4:"));
	assert_non_null(strstr(text, "其间 4 条逐条核对相符"));
	assert_int_equal(verify_head(f, &told, findings), 0);
	assert_int_equal(count(f, "SELECT count(*) FROM alarm WHERE cleared_at IS NULL"), 0);
}

static void day_tells_what_was_harmed(void **state)
{
	static const struct {
		const char *harm, *says;
	} cases[] = {
		/* Since the last day. */
		{"UPDATE audit SET actor = 'nobody' WHERE seq = 7", "第 7 条"},
		{"UPDATE alerter_counter SET value = value + 1 WHERE name = 'audit'", "末尾不符"},
		/* What was told: rewritten, or gone. */
		{"UPDATE audit SET hash = previous WHERE seq = 4", "2026-01-01 通报的第 4 条已被改写"},
		{"DELETE FROM audit WHERE seq = 4", "2026-01-01 通报的第 4 条已不存在"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		char text[1024];

		append(f, 3, 0);
		whole_day(f);
		append(f, 3, 0);
		next_day(f);
		unprotect_audit(f);
		run(f, cases[i].harm);
		whole_day(f);
		whole_day(f);
		assert_int_equal(count(f, "SELECT count(*) FROM alarm WHERE kind = 'audit-broken'"), 1);
		text_of(f, "SELECT text FROM alarm WHERE kind = 'audit-broken'", text, sizeof text);
		if (!strstr(text, cases[i].says))
			fail_msg("%s: %s", cases[i].harm, text);
		assert_int_equal(count(f, "SELECT count(*) FROM v_notice WHERE step = 'alarm'"), 1);
		(void)tear_down(state);
		assert_int_equal(set_up(state), 0);
	}
}

static void day_prunes_what_is_old(void **state)
{
	struct fixture *f = *state;
	char findings[1024];

	start_old(f);
	whole_day(f);
	assert_int_equal(count(f, "SELECT min(seq) FROM audit"), 16);
	assert_int_equal(verify(f, findings), 0);
	append(f, 2, 0);
	next_day(f);
	whole_day(f);
	assert_int_equal(verify(f, findings), 0);
	assert_int_equal(count(f, "SELECT count(*) FROM alarm WHERE cleared_at IS NULL"), 0);
}

/* ---- property: whatever comes, every open case has one lead and a next moment ---- */

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

static void step_at_random(struct fixture *f, unsigned *seed)
{
	static const char *const topics[] = {"wages.arrears", "housing.quality", "site.noise",
					     "water.pollution", "not.in.rules"};
	static const char *const places[] = {NULL, "east", "west", "west-park", "district",
					     "nowhere"};
	char id[16], text[256];
	struct sample s = {.id = id, .title = "某事", .text = text};

	(void)snprintf(id, sizeof id, "r%u", next_random(seed) % 60);
	(void)snprintf(text, sizeof text, "第%u件事，内容各不相同：%u %u %u", next_random(seed) % 9,
		       next_random(seed), next_random(seed), next_random(seed));
	s.topic = topics[next_random(seed) % HY_COUNT(topics)];
	s.place = places[next_random(seed) % HY_COUNT(places)];
	s.severity = (enum hy_severity)(next_random(seed) % HY_SEVERITY_COUNT);
	s.detected_ago_ms = (int64_t)(next_random(seed) % 72) * HOUR_MS;
	switch (next_random(seed) % 8) {
	case 0:
		(void)fire(f);
		break;
	case 1:
		restart(f);
		break;
	default:
		(void)take(f, &s);
	}
}

static void every_open_case_has_one_lead(void **state)
{
	struct fixture *f = *state;
	unsigned seed = 20261123;
	char findings[1024];

	for (int i = 0; i < 300; i++) {
		step_at_random(f, &seed);
		assert_int_equal(count(f, "SELECT count(*) FROM case_ c LEFT JOIN unit u"
					  " ON u.id = c.lead WHERE u.id IS NULL"),
				 0);
		assert_int_equal(count(f, "SELECT count(*) FROM alert a LEFT JOIN case_ c"
					  " ON c.id = a.case_id WHERE c.event <> a.event"),
				 0);
	}
	assert_int_equal(count(f, "SELECT count(*) FROM (SELECT event FROM case_ GROUP BY event"
				  " HAVING count(*) > 1) x"),
			 0);
	assert_int_equal(count(f, "SELECT count(*) FROM case_ c WHERE NOT EXISTS (SELECT 1"
				  " FROM deadline d WHERE d.case_id = c.id)"),
			 0);
	assert_true(count(f, "SELECT count(*) FROM case_") > 20);
	assert_int_equal(verify(f, findings), 0);
}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(audit_shows_every_change),
		TEST(told_head_shows_a_tail_cut_off),
		TEST(head_is_read_strictly),
		TEST(six_months_are_kept),
		TEST(pruned_chain_shows_what_else_is_missing),
		TEST(store_refuses_to_change_the_audit),
		TEST(head_is_told_once_a_day),
		TEST(day_tells_what_was_harmed),
		TEST(day_prunes_what_is_old),
		TEST(every_open_case_has_one_lead),
	};

	return cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
