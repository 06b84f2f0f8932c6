/*
 * Random histories of cases: random rules that pass the check, alerts, acts of officers and of the
 * system, limits that come due, clocks that jump, crashes before the commit, redeliveries, rules
 * that change. After every commit what was promised holds (P2, P3, P4, P9) and every open case
 * has a next moment. 150 histories, or HISTORIES of them; a failure names its seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerter/audit.h"
#include "tests/unit/alerter/case_world.h"

#define VARIANTS 24
#define STEPS_MAX 100
#define CASES_MAX 64

/* ---- chance ---- */

struct chance {
	uint64_t state;
};

static uint64_t draw(struct chance *c)
{
	uint64_t z = (c->state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static size_t below(struct chance *c, size_t n)
{
	return (size_t)(draw(c) % n);
}

#define PICK(c, list) (list)[below(c, HY_COUNT(list))]

/* ---- rules ---- */

static void write_rules(const struct test_rules *folder, struct chance *c)
{
	struct hy_wall now = hy_wall_now();
	char text[4096], from[HY_RFC3339_BYTES], to[HY_RFC3339_BYTES];
	const char *review = below(c, 3) ? "review, " : "", *promise = below(c, 3) ? "promise, " : "";
	const char *close = below(c, 3) ? "close, " : "", *assist = below(c, 2) ? "assist, " : "";

	(void)snprintf(text, sizeof text,
		       "presets:\n"
		       "  - {id: sign, ladder: sign, title: 签收, limit: %zum, basis: 内部}\n"
		       "  - {id: answer, ladder: answer, title: 回应, limit: %zuh, basis: 内部,"
		       " extension: 24h}\n"
		       "  - {id: press, ladder: press, title: 发布会, limit: 24h, basis: 内部}\n"
		       "  - {id: assist, ladder: assist, title: 协办, limit: 2h, basis: 内部}\n"
		       "  - {id: review, ladder: review, title: 审核, limit: %zuh, basis: 内部}\n"
		       "  - {id: promise, ladder: promise, title: 兑现, limit: 168h, basis: 内部}\n"
		       "  - {id: close, ladder: close, title: 办结, limit: 168h, basis: 内部}\n"
		       "apply:\n"
		       "  - {severity: [critical, major], use: [%s%s%s%spress, sign, answer]}\n"
		       "  - {use: [%s%s%s%ssign, answer]}\n",
		       10 + below(c, 300), 5 + below(c, 60), 1 + below(c, 30), review, promise, close,
		       assist, review, promise, close, assist);
	assert_true(test_rules_put(folder, "deadlines.yaml", text));
	(void)snprintf(text, sizeof text, "returns: %zu\nunreviewed_answers: %s\n", below(c, 4),
		       below(c, 4) ? "record" : "refuse");
	assert_true(test_rules_put(folder, "cases.yaml", text));
	hy_wall_format(hy_wall_add_ms(now, 40 * 24 * HOUR_MS), from);
	hy_wall_format(hy_wall_add_ms(now, 300 * 24 * HOUR_MS), to);
	/* Leave makes holes in the roster; further ahead than the check looks, it passes. */
	(void)snprintf(text, sizeof text,
		       "changes:\n  - {kind: leave, unit: default, post: %s, from: %s,"
		       " to: %s}\n",
		       below(c, 2) ? "带班一岗" : "白班一岗", from, to);
	assert_true(test_rules_put(folder, "roster-changes.yaml", below(c, 2) ? text : "changes: []\n"));
}

static struct hy_rule_set *load_variant(struct chance *c)
{
	struct test_rules folder;
	struct hy_rule_set *rules = NULL;
	struct hy_findings findings;
	char path[256];

	assert_true(test_rules_make(&folder));
	write_rules(&folder, c);
	hy_findings_init(&findings);
	if (hy_rule_set_load_proved(folder.folder, hy_wall_now(), &findings, &rules))
		fail_msg("%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	hy_findings_fini(&findings);
	(void)snprintf(path, sizeof path, "%s/cases.yaml", folder.folder);
	(void)remove(path);
	test_rules_remove(&folder);
	return rules;
}

/* ---- a history ---- */

struct history {
	struct fixture f;
	struct hy_rule_set **variants;
	struct chance c;
	uint64_t seed;
	struct hy_wall now;
	char cases[CASES_MAX][HY_CASE_ID_BYTES];
	size_t count, step, applied;
};

/* Each is a number that must be 0. */
static const char *const promised[] = {
	/* P3 */
	"SELECT count(*) FROM case_ c WHERE c.lead = '' OR NOT EXISTS (SELECT 1 FROM unit u"
	" WHERE u.id = c.lead)",
	"SELECT count(*) FROM (SELECT event FROM case_ WHERE state NOT IN " HY_CASE_ENDED
	" GROUP BY event HAVING count(*) > 1) x",
	"SELECT count(*) FROM assist a JOIN case_ c ON c.id = a.case_id WHERE a.unit = c.lead"
	" AND a.ended_at IS NULL",
	/* A next moment, or none. */
	"SELECT count(*) FROM case_ c WHERE (state NOT IN " HY_CASE_ENDED ") <> EXISTS (SELECT 1"
	" FROM deadline d WHERE d.case_id = c.id AND d.fired_at IS NULL AND d.stopped_at IS NULL)",
	/* P4: somebody holds it, without a break; the answer's clock runs until there is one. */
	"SELECT count(*) FROM case_ c WHERE (SELECT count(*) FROM span s WHERE s.case_id = c.id"
	" AND s.to_at IS NULL) <> (state NOT IN " HY_CASE_ENDED ")",
	"SELECT count(*) FROM span a JOIN span b ON b.case_id = a.case_id AND b.number = a.number + 1"
	" WHERE a.to_at IS NULL OR b.from_at < a.to_at",
	"SELECT count(*) FROM case_ c WHERE state IN " HY_CASE_UNANSWERED " AND NOT EXISTS (SELECT 1"
	" FROM deadline d WHERE d.case_id = c.id AND d.ladder LIKE 'answer%' AND d.step = 100"
	" AND d.stopped_at IS NULL)",
	/* P2: what fired did so once. */
	"SELECT (SELECT count(*) FROM deadline WHERE fired_at IS NOT NULL) -"
	" (SELECT count(*) FROM audit WHERE act = 'deadline.fire')",
	/* P9: each version has its name, each act its entry. */
	"SELECT count(*) FROM case_ c WHERE version <> 1 + (SELECT count(*) FROM case_change h"
	" WHERE h.case_id = c.id)",
	"SELECT count(*) FROM case_ c WHERE version <> (SELECT count(*) FROM audit a"
	" WHERE a.subject = c.id AND a.act LIKE 'case.%')",
	"SELECT count(*) FROM case_change WHERE actor = ''",
	/* A case under review is before somebody or approved; what ends leaves no review. */
	"SELECT count(*) FROM case_ c WHERE state = 'review' AND NOT EXISTS (SELECT 1 FROM review r"
	" WHERE r.case_id = c.id AND r.state IN ('open', 'approved'))",
	"SELECT count(*) FROM (SELECT case_id FROM review WHERE state = 'open' GROUP BY case_id"
	" HAVING count(*) > 1) x",
	"SELECT count(*) FROM review r JOIN case_ c ON c.id = r.case_id WHERE r.state = 'open'"
	" AND c.state IN " HY_CASE_ENDED,
	"SELECT count(*) FROM promise p JOIN case_ c ON c.id = p.case_id WHERE p.kept_at IS NULL"
	" AND c.state IN " HY_CASE_ENDED,
};

static void check(struct history *h)
{
	for (size_t i = 0; i < HY_COUNT(promised); i++) {
		int64_t n = count(&h->f, promised[i]);

		if (n)
			fail_msg("seed %llu step %zu: %lld of: %s", (unsigned long long)h->seed, h->step,
				 (long long)n, promised[i]);
	}
}

static void set_now(struct history *h, int64_t by_ms)
{
	h->now = hy_wall_add_ms(h->now, by_ms);
	hy_ledger_set_now(h->f.ledger, h->now);
}

static void take_alert(struct history *h)
{
	static const char *const topics[] = {"wages.arrears", "housing.quality", "water.pollution",
					     "site.noise"};
	static const char *const places[] = {"east", "west", "west-park", NULL};
	static const char *const texts[] = {WAGES_TEXT, "河水发黑，气味刺鼻，居民多次反映。",
					    "工地夜间施工，噪声扰民，学生无法休息。"};
	static const char *const numbers[] = {"a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8"};
	struct sample s = {.id = PICK(&h->c, numbers), .topic = PICK(&h->c, topics),
			   .place = PICK(&h->c, places), .title = "某地一事", .text = PICK(&h->c, texts),
			   .severity = (enum hy_severity)below(&h->c, HY_SEVERITY_COUNT)};
	struct hy_intake in;

	s.detected_ago_ms = hy_wall_now().ms - h->now.ms + (int64_t)below(&h->c, 2 * HOUR_MS);
	in = take(&h->f, &s);
	if (in.fresh && h->count < CASES_MAX)
		(void)snprintf(h->cases[h->count++], HY_CASE_ID_BYTES, "%s", in.case_id.text);
}

static int64_t version_of(struct history *h, const char *case_id)
{
	struct hy_query *q = hy_store_query(hy_ledger_store(h->f.ledger),
					    "SELECT version FROM case_ WHERE id = $1");
	struct hy_error e = {0};
	int64_t version;
	bool row;

	hy_query_bind_c(q, 1, case_id);
	assert_int_equal(hy_query_next(q, &row, &e), HY_OK);
	version = hy_query_int(q, 0);
	hy_query_reset(q);
	return version;
}

/* What a case is like, for acts that have a chance. */
struct known {
	const char *id;
	int64_t version;
	enum hy_case_state state;
	char lead[64], reviewer[64];
};

static struct known look(struct history *h)
{
	struct known k = {.id = h->cases[below(&h->c, h->count)]};
	struct hy_query *q = hy_store_query(
		hy_ledger_store(h->f.ledger),
		"SELECT c.version, c.state, c.lead, COALESCE((SELECT min(k.unit) FROM consent k"
		" WHERE k.case_id = c.id AND k.at IS NULL), (SELECT max(r.unit) FROM review r"
		" WHERE r.case_id = c.id AND r.state = 'open'), c.lead) FROM case_ c WHERE c.id = $1");
	struct hy_error e = {0};
	bool row;

	hy_query_bind_c(q, 1, k.id);
	assert_int_equal(hy_query_next(q, &row, &e), HY_OK);
	k.version = hy_query_int(q, 0);
	assert_true(hy_case_state_parse(hy_query_text(q, 1), &k.state));
	(void)snprintf(k.lead, sizeof k.lead, "%.*s", HY_STR_ARGS(hy_query_text(q, 2)));
	(void)snprintf(k.reviewer, sizeof k.reviewer, "%.*s", HY_STR_ARGS(hy_query_text(q, 3)));
	hy_query_reset(q);
	return k;
}

static enum hy_command draw_command(struct history *h, const struct known *k)
{
	enum hy_command command = (enum hy_command)below(&h->c, HY_COMMAND_HANDOVER);

	for (int tries = 0; tries < 20 && below(&h->c, 8); tries++) {
		for (size_t i = 0; i < hy_case_move_count; i++)
			if (hy_case_moves[i].event == hy_case_event_of(command) &&
			    (hy_case_moves[i].from & (1u << k->state)))
				return command;
		command = (enum hy_command)below(&h->c, HY_COMMAND_HANDOVER);
	}
	return command;
}

static const char *draw_actor(struct history *h, const struct known *k, enum hy_command command,
			      char out[128])
{
	static const char *const posts[] = {"/白班一岗", "/带班一岗", "/带班二岗", ""};
	static const char *const others[] = {"office/白班一岗", "committee", "welfare/白班一岗", "building",
					     "ecology/白班一岗", "office", "nobody", "system"};
	bool reviews = command == HY_COMMAND_APPROVE || command == HY_COMMAND_SEND_BACK;

	if (below(&h->c, 3) == 0)
		return PICK(&h->c, others);
	(void)snprintf(out, 128, "%s%s", reviews ? k->reviewer : k->lead, PICK(&h->c, posts));
	return out;
}

static const char *draw_kind(struct history *h, enum hy_command command)
{
	static const char *const answers[] = {"resolve", "explain", "clarify", "deny"};
	static const char *const reasons[] = {"not-ours", "higher", "tired"};
	static const char *const ladders[] = {"answer", "close", "promise", "sign", "tea"};

	if (command == HY_COMMAND_RETURN)
		return PICK(&h->c, reasons);
	return command == HY_COMMAND_EXTEND ? PICK(&h->c, ladders) : PICK(&h->c, answers);
}

static const char *draw_target(struct history *h, enum hy_command command)
{
	static const char *const units[] = {"welfare", "building", "ecology", "office", "east-street",
					    "committee", "nobody"};

	if (command == HY_COMMAND_MERGE)
		return h->cases[below(&h->c, h->count)];
	if (command == HY_COMMAND_KEPT)
		return below(&h->c, 4) ? "1" : "2";
	return command == HY_COMMAND_EXTEND ? "" : PICK(&h->c, units);
}

static void draw_act(struct history *h, struct hy_msg *out, char id[64], char actor[128])
{
	static const char *const notes[] = {"情况属实。", "情况不属实，将尽快处理。", "涉及工人12名。", ""};
	struct known k = look(h);
	enum hy_command command = draw_command(h, &k);
	struct step s = {.actor = draw_actor(h, &k, command, actor), .command = command,
			 .kind = draw_kind(h, command), .target = draw_target(h, command),
			 .note = PICK(&h->c, notes), .approver = "office/带班一岗",
			 .url = below(&h->c, 6) ? "https://gov.example/a" : "",
			 .promise = below(&h->c, 8) ? NULL : "月底前完成",
			 .version = below(&h->c, 3) ? 0 : k.version};

	(void)snprintf(id, 64, "%llu-%zu", (unsigned long long)h->seed, h->step);
	*out = message_of(&s, k.id, id);
	if (s.promise || command == HY_COMMAND_PROMISE || command == HY_COMMAND_EXTEND)
		out->as.command.due = hy_wall_add_ms(h->now, (int64_t)below(&h->c, 200) * HOUR_MS);
}

static enum hy_err send(struct history *h, const struct hy_msg *m)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_MSG_REPLY_BYTES);
	enum hy_err code = HY_ERR_IO;
	struct hy_error e = {0};

	if (hy_ledger_command(h->f.ledger, m, &code, &text, &e))
		fail_msg("seed %llu step %zu: %s", (unsigned long long)h->seed, h->step, e.text);
	assert_true(text.n > 0);
	return code;
}

/* Once; often again, which changes nothing; sometimes against one who saw the same version. */
static void act(struct history *h)
{
	struct hy_msg m;
	char id[64], actor[128];
	enum hy_err code;
	int64_t before, after;

	draw_act(h, &m, id, actor);
	before = version_of(h, m.as.command.case_id.p);
	code = send(h, &m);
	after = version_of(h, m.as.command.case_id.p);
	assert_int_equal(after, before + (code == HY_OK));
	h->applied += code == HY_OK;
	if (below(&h->c, 2)) {
		assert_int_equal(send(h, &m), code);
		assert_int_equal(version_of(h, m.as.command.case_id.p), after);
	}
	if (code == HY_OK) {
		struct hy_msg rival;
		char rival_id[64], other[72], rival_actor[128];

		draw_act(h, &rival, rival_id, rival_actor);
		(void)snprintf(other, sizeof other, "%s-rival", rival_id);
		rival.id = hy_str_of(other);
		rival.as.command.case_id = m.as.command.case_id;
		rival.as.command.version = before;
		assert_int_equal(send(h, &rival), HY_ERR_CONFLICT);
		assert_int_equal(version_of(h, m.as.command.case_id.p), after);
	}
}

/* Dies before the commit: nothing of it is there afterwards. */
static void crash(struct history *h)
{
	struct hy_store *store = hy_ledger_store(h->f.ledger);
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_MSG_REPLY_BYTES);
	int64_t entries = count(&h->f, "SELECT count(*) FROM audit");
	struct hy_turn turn;
	struct hy_msg m;
	enum hy_err code;
	struct hy_error e = {0};
	char id[64], actor[128];

	draw_act(h, &m, id, actor);
	hy_turn_init(&turn, store, h->f.rules, h->now);
	assert_int_equal(hy_store_begin(store, &e), HY_OK);
	if (hy_case_command(&turn, &m, &code, &text, &e))
		fail_msg("seed %llu: %s", (unsigned long long)h->seed, e.text);
	hy_store_rollback(store);
	hy_turn_fini(&turn);
	assert_int_equal(count(&h->f, "SELECT count(*) FROM audit"), entries);
}

static void find_out(struct history *h)
{
	static const enum hy_case_event events[] = {HY_CASE_DO_VERIFY, HY_CASE_DO_VANISH,
						    HY_CASE_DO_FOLLOW};
	const char *case_id = h->cases[below(&h->c, h->count)];
	const struct hy_case_finding finding = {hy_str_of(case_id), PICK(&h->c, events), {0}};
	struct hy_store *store = hy_ledger_store(h->f.ledger);
	struct hy_turn turn;
	struct hy_error e = {0};
	bool moved = false;

	hy_turn_init(&turn, store, h->f.rules, h->now);
	if (hy_store_begin(store, &e) || hy_case_system_event(&turn, &finding, &moved, &e) ||
	    hy_store_commit(store, &e))
		fail_msg("seed %llu: %s", (unsigned long long)h->seed, e.text);
	h->applied += moved;
	hy_turn_fini(&turn);
}

static void change_rules(struct history *h)
{
	struct hy_error e = {0};

	h->f.rules = h->variants[below(&h->c, VARIANTS)];
	if (hy_ledger_set_rules(h->f.ledger, h->f.rules, &e))
		fail_msg("rules: %s", e.text);
}

static void one_step(struct history *h)
{
	size_t what = below(&h->c, 100);

	if (h->count == 0 || what < 8)
		take_alert(h);
	else if (what < 74)
		act(h);
	else if (what < 80)
		find_out(h);
	else if (what < 84)
		crash(h);
	else if (what < 90)
		set_now(h, (int64_t)below(&h->c, below(&h->c, 4) ? 6 * HOUR_MS : 96 * HOUR_MS));
	else if (what < 93)
		set_now(h, -(int64_t)below(&h->c, 2 * HOUR_MS));
	else if (what < 95)
		change_rules(h);
	else
		while (fire(&h->f)) {
		}
}

static void end_history(struct history *h)
{
	hy_cleanup(hy_buf_fini) struct hy_buf findings = HY_BUF(1 << 16);
	struct hy_audit_verdict verdict;
	struct hy_error e = {0};

	assert_int_equal(hy_audit_verify(hy_ledger_store(h->f.ledger), NULL, &findings, &verdict, &e),
			 HY_OK);
	assert_int_equal(verdict.bad, 0);
	hy_ledger_free(h->f.ledger);
}

static size_t play_history(struct hy_rule_set **variants, uint64_t seed)
{
	struct history h = {.variants = variants, .c = {seed}, .seed = seed, .now = hy_wall_now()};
	struct hy_error e = {0};
	size_t steps = 10 + below(&h.c, STEPS_MAX - 10);

	h.f.rules = variants[below(&h.c, VARIANTS)];
	if (hy_ledger_open("sqlite::memory:", 1000, &h.f.ledger, &e))
		fail_msg("ledger: %s", e.text);
	set_now(&h, below(&h.c, 2) ? 0 : 50 * 24 * HOUR_MS);
	if (hy_ledger_set_rules(h.f.ledger, h.f.rules, &e))
		fail_msg("rules: %s", e.text);
	for (h.step = 0; h.step < steps; h.step++) {
		one_step(&h);
		check(&h);
	}
	end_history(&h);
	return h.applied;
}

static void histories_keep_what_was_promised(void **state)
{
	const char *asked = getenv("HISTORIES");
	struct hy_rule_set *variants[VARIANTS];
	struct chance c = {2026};
	uint64_t histories = asked ? strtoull(asked, NULL, 10) : 150;
	size_t applied = 0;

	(void)state;
	for (size_t i = 0; i < VARIANTS; i++)
		variants[i] = load_variant(&c);
	for (uint64_t seed = 1; seed <= histories; seed++)
		applied += play_history(variants, seed);
	/* Else nothing was tried. */
	print_message("%llu histories, %zu acts carried out\n", (unsigned long long)histories, applied);
	assert_true(applied > histories);
	for (size_t i = 0; i < VARIANTS; i++)
		hy_rule_set_free(variants[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(histories_keep_what_was_promised)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
