/*
 * What the ledger promises, on both engines: nothing happens twice, exactly one lead, clocks
 * that stop each by its own act, notices at most once.
 */
#include "alerter/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerter/audit.h"
#include "alerter/notice.h"
#include "alerter/proof.h"
#include "common/base/mem.h"
#include "tests/lib/engines.h"
#include "tests/lib/rules_folder.h"

#define HOUR_MS (3600LL * 1000)

struct fixture {
	struct test_engines engines;
	enum test_engine engine;
	struct test_rules folder;
	struct hy_rule_set *rules;
	char url[TEST_URL_BYTES];
	struct hy_ledger *ledger;
};

/* ---- alerts ---- */

struct sample {
	const char *id, *document, *topic, *place, *title, *text;
	enum hy_severity severity;
	int64_t detected_ago_ms;
};

struct alert {
	struct hy_msg message;
	struct hy_msg_topic topic;
	struct hy_str place;
	struct hy_id id, document;
};

#define WAGES_TEXT \
	"东街街道某工地上的三十多名工人反映，从今年三月份起就没有领到过工资，多次找施工单位讨要，" \
	"对方一直以工程款没有到账为由推脱。工人们说，眼看就要入冬，家里老人看病、孩子上学都等着用钱，" \
	"希望有关部门能够尽快介入，督促施工单位把拖欠的工资足额发放到位。记者联系了项目负责人，" \
	"对方表示正在筹措资金，但没有给出具体的发放时间。"

static struct hy_id id_of(const char *text)
{
	struct hy_str part = hy_str_of(text);

	return hy_id_of(&part, 1);
}

static void make_alert(const struct sample *s, struct alert *out)
{
	struct hy_msg_alert *a = &out->message.as.alert;

	memset(out, 0, sizeof *out);
	out->id = id_of(s->id);
	out->document = id_of(s->document ? s->document : s->id);
	out->topic = (struct hy_msg_topic){hy_str_of(s->topic ? s->topic : "wages.arrears"), 10,
					   s->severity};
	out->place = hy_str_of(s->place);
	out->message.type = HY_MSG_ALERT;
	out->message.id = hy_id_str(&out->id);
	*a = (struct hy_msg_alert){
		.document = hy_id_str(&out->document), .version = hy_id_str(&out->id),
		.url = HY_STR_LIT("http://news.example/1.html"), .title = hy_str_of(s->title),
		.source = HY_STR_LIT("news"), .outlet = HY_STR_LIT("某某晚报"),
		.published_at = HY_WALL_NONE,
		.detected_at = hy_wall_add_ms(hy_wall_now(), -s->detected_ago_ms),
		.severity = s->severity, .rules = hy_id_str(&out->document),
		.topics = &out->topic, .topic_count = 1, .places = &out->place,
		.place_count = s->place ? 1 : 0, .text = hy_str_of(s->text)};
}

static struct hy_intake take(struct fixture *f, const struct sample *s)
{
	struct alert alert;
	struct hy_ledger_alert item = {.message = &alert.message};
	struct hy_error e = {0};

	make_alert(s, &alert);
	if (hy_ledger_alerts(f->ledger, &item, 1, &e))
		fail_msg("alert %s: %s", s->id, e.text);
	return item.result;
}

/* ---- fixture ---- */

static int64_t count(struct fixture *f, const char *sql)
{
	struct hy_query *q = hy_store_query(hy_ledger_store(f->ledger), sql);
	struct hy_error e = {0};
	int64_t n;
	bool row;

	if (hy_query_next(q, &row, &e) || !row)
		fail_msg("%s: %s", sql, e.text);
	n = hy_query_int(q, 0);
	hy_query_reset(q);
	return n;
}

static void text_of(struct fixture *f, const char *sql, char *out, size_t out_bytes)
{
	struct hy_query *q = hy_store_query(hy_ledger_store(f->ledger), sql);
	struct hy_error e = {0};
	bool row;

	if (hy_query_next(q, &row, &e) || !row)
		fail_msg("%s: %s", sql, e.text);
	(void)snprintf(out, out_bytes, "%.*s", HY_STR_ARGS(hy_query_text(q, 0)));
	hy_query_reset(q);
}

static void run(struct fixture *f, const char *sql)
{
	struct hy_error e = {0};

	if (hy_query_run(hy_store_query(hy_ledger_store(f->ledger), sql), NULL, &e))
		fail_msg("%s: %s", sql, e.text);
}

static void open_ledger(struct fixture *f)
{
	struct hy_error e = {0};

	if (hy_ledger_open(f->url, 2000, &f->ledger, &e) ||
	    hy_ledger_set_rules(f->ledger, f->rules, &e))
		fail_msg("ledger: %s", e.text);
}

/* As after a kill: whatever was only in memory is gone. */
static void restart(struct fixture *f)
{
	struct hy_error e = {0};
	int64_t uncertain;

	hy_ledger_free(f->ledger);
	f->ledger = NULL;
	open_ledger(f);
	assert_int_equal(hy_ledger_recover(f->ledger, &uncertain, &e), HY_OK);
}

static int set_up(void **state)
{
	struct fixture *f = *state;

	if (!test_engines_url(&f->engines, f->engine, f->url))
		return -1;
	open_ledger(f);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	hy_ledger_free(f->ledger);
	f->ledger = NULL;
	return 0;
}

/* ---- tests ---- */

static void same_alert_three_times(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "a", .place = "east", .title = "工人讨薪", .text = WAGES_TEXT};
	struct hy_intake first = take(f, &s), again;

	assert_true(first.fresh);
	again = take(f, &s);
	assert_false(again.fresh);
	assert_string_equal(again.case_id.text, first.case_id.text);
	assert_string_equal(again.event.hex, first.event.hex);
	/* Killed between commit and receipt: the analyzer sends it to the next alerter. */
	restart(f);
	again = take(f, &s);
	assert_false(again.fresh);
	assert_string_equal(again.case_id.text, first.case_id.text);
	assert_int_equal(count(f, "SELECT count(*) FROM case_"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM event"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM alert"), 1);
	assert_int_equal(count(f, "SELECT alerts FROM event"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE step = 'assigned'"), 1);
}

static void same_alert_twice_in_a_batch(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "a", .place = "east", .title = "工人讨薪", .text = WAGES_TEXT};
	struct alert one, two;
	struct hy_ledger_alert items[2] = {{.message = &one.message}, {.message = &two.message}};
	struct hy_error e = {0};

	make_alert(&s, &one);
	make_alert(&s, &two);
	assert_int_equal(hy_ledger_alerts(f->ledger, items, 2, &e), HY_OK);
	assert_true(items[0].result.fresh);
	assert_false(items[1].result.fresh);
	assert_int_equal(count(f, "SELECT count(*) FROM case_"), 1);
}

static void case_has_lead_assist_limits_and_reasons(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "a", .place = "east", .title = "工人讨薪", .text = WAGES_TEXT,
			   .severity = HY_SEVERITY_MAJOR, .detected_ago_ms = HOUR_MS};
	char text[2048];

	(void)take(f, &s);
	text_of(f, "SELECT lead || ' ' || supervisor || ' ' || state || ' ' || severity"
		   " FROM v_case", text, sizeof text);
	assert_string_equal(text, "welfare committee assigned major");
	text_of(f, "SELECT unit FROM v_assist", text, sizeof text);
	assert_string_equal(text, "east-street");
	text_of(f, "SELECT because FROM v_case", text, sizeof text);
	assert_non_null(strstr(text, "谁主管、谁负责"));
	assert_non_null(strstr(text, "分级负责"));
	/* The clock runs from detection, an hour ago. */
	assert_int_equal(count(f, "SELECT answer_due - detected_at FROM v_case"), 5 * HOUR_MS);
	assert_int_equal(count(f, "SELECT clock_start - detected_at FROM v_case"), 0);
	assert_true(count(f, "SELECT assigned_at - detected_at FROM v_case") >= HOUR_MS);
	assert_int_equal(count(f, "SELECT count(*) FROM deadline"), 9);
	/* Lead, assist, and the supervisor at once since it is major. */
	assert_int_equal(count(f, "SELECT count(*) FROM notice"), 3);
	assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE state = 'sending'"), 3);
	assert_int_equal(hy_ledger_turn(f->ledger)->publish_count, 3);
}

static void repost_joins_and_other_place_does_not(void **state)
{
	struct fixture *f = *state;
	struct sample first = {.id = "a", .place = "east", .title = "工人讨薪", .text = WAGES_TEXT};
	struct sample repost = {.id = "b", .place = "east", .title = "转载：工人讨薪",
				.text = WAGES_TEXT "（来源：某某日报）"};
	struct sample other_place = {.id = "c", .place = "west", .title = "工人讨薪",
				     .text = WAGES_TEXT};
	struct sample other_topic = {.id = "d", .place = "east", .topic = "housing.quality",
				     .title = "工人讨薪", .text = WAGES_TEXT};
	struct hy_intake a = take(f, &first), b = take(f, &repost);
	struct hy_intake c = take(f, &other_place), d = take(f, &other_topic);

	assert_string_equal(a.event.hex, b.event.hex);
	assert_string_equal(a.case_id.text, b.case_id.text);
	assert_false(b.fresh);
	assert_string_not_equal(a.event.hex, c.event.hex);
	assert_true(c.fresh);
	assert_true(d.fresh);
	assert_int_equal(count(f, "SELECT count(*) FROM case_"), 3);
	assert_int_equal(count(f, "SELECT outlets FROM v_event WHERE alerts = 2"), 1);
}

static void other_firm_is_another_event(void **state)
{
	static const char form[] =
		"有业主反映，%s小区自上周起多次停暖，室内温度不到十五度，拨打热力公司电话无人接听。"
		"业主们说，暖气费早已足额缴纳，家里有老人和孩子，夜里冻得睡不着觉，希望有关部门尽快"
		"协调解决供暖问题，并给出明确的恢复时间，对造成的影响作出说明。";
	struct fixture *f = *state;
	char here[1024], there[1024];
	struct sample a = {.id = "a", .topic = "housing.quality", .title = "阳光小区停暖",
			   .text = here};
	struct sample b = {.id = "b", .topic = "housing.quality", .title = "锦绣小区停暖",
			   .text = there};

	(void)snprintf(here, sizeof here, form, "阳光");
	(void)snprintf(there, sizeof there, form, "锦绣");
	assert_true(take(f, &a).fresh);
	assert_true(take(f, &b).fresh);
	b.id = "c";
	assert_false(take(f, &b).fresh);
}

static void edited_version_joins_by_document(void **state)
{
	struct fixture *f = *state;
	struct sample first = {.id = "a", .document = "doc", .title = "讨薪", .text = WAGES_TEXT};
	struct sample edited = {.id = "b", .document = "doc", .title = "讨薪有进展",
				.text = "经协调，工资将于本周五前全部发放。"};

	assert_true(take(f, &first).fresh);
	assert_false(take(f, &edited).fresh);
	assert_int_equal(count(f, "SELECT alerts FROM v_event"), 2);
}

static void graver_alert_tightens_the_clock(void **state)
{
	struct fixture *f = *state;
	struct sample mild = {.id = "a", .document = "doc", .title = "讨薪", .text = WAGES_TEXT,
			      .detected_ago_ms = HOUR_MS};
	struct sample grave = mild;
	char text[256];

	(void)take(f, &mild);
	assert_int_equal(count(f, "SELECT answer_due - detected_at FROM v_case"), 48 * HOUR_MS);
	grave.id = "b";
	grave.severity = HY_SEVERITY_CRITICAL;
	grave.detected_ago_ms = 0;
	assert_false(take(f, &grave).fresh);
	text_of(f, "SELECT severity || ' ' || supervisor FROM v_case", text, sizeof text);
	assert_string_equal(text, "critical committee");
	/* From the graver alert on, to within the second the test takes. */
	assert_in_range(count(f, "SELECT answer_due - detected_at FROM v_case"), 6 * HOUR_MS,
			6 * HOUR_MS + 5000);
	assert_int_equal(count(f, "SELECT count(*) FROM deadline WHERE ladder = 'press'"), 3);
	assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE step = 'raised-critical'"),
			 2);
	/* A milder one after it changes nothing. */
	mild.id = "c";
	(void)take(f, &mild);
	assert_int_equal(count(f, "SELECT severity_rank FROM v_case"), HY_SEVERITY_CRITICAL);
}

static enum hy_err command(struct fixture *f, const char *id, enum hy_command what,
			   const char *case_id, const char *actor, char *out_text)
{
	struct hy_msg m = {.type = HY_MSG_COMMAND, .id = hy_str_of(id)};
	struct hy_error e = {0};
	struct hy_buf text;
	enum hy_err code = HY_ERR_IO;

	m.as.command = (struct hy_msg_command){
		.command = what, .case_id = hy_str_of(case_id), .actor = hy_str_of(actor),
		.kind = hy_str_of(what == HY_COMMAND_ANSWER ? "resolve" : ""),
		.url = hy_str_of(what == HY_COMMAND_ANSWER ? "https://gov.example/a" : ""),
		.note = hy_str_of(what == HY_COMMAND_ANSWER ? "工资已全部发放。" : "")};
	hy_buf_init(&text, 4096);
	if (hy_ledger_command(f->ledger, &m, &code, &text, &e))
		fail_msg("command: %s", e.text);
	if (out_text)
		(void)snprintf(out_text, 512, "%.*s", HY_STR_ARGS(hy_buf_str(&text)));
	hy_buf_fini(&text);
	return code;
}

static void each_act_stops_its_own_ladder(void **state)
{
	static const char sign_open[] = "SELECT count(*) FROM v_deadline WHERE ladder = 'sign'"
					" AND stopped_at IS NULL";
	static const char answer_open[] = "SELECT count(*) FROM v_deadline WHERE ladder = 'answer'"
					  " AND stopped_at IS NULL";
	struct fixture *f = *state;
	struct sample s = {.id = "a", .title = "讨薪", .text = WAGES_TEXT};
	struct hy_intake in = take(f, &s);
	char text[512], again[512];

	assert_int_equal(command(f, "c1", HY_COMMAND_SIGN, in.case_id.text, "building", text),
			 HY_ERR_DENIED);
	assert_non_null(strstr(text, "welfare"));
	assert_int_equal(command(f, "c2", HY_COMMAND_SIGN, in.case_id.text, "welfare/白班一岗", text),
			 HY_OK);
	assert_int_equal(count(f, sign_open), 0);
	assert_int_equal(count(f, answer_open), 3);
	/* The same command again, also by another alerter, gets the same reply. */
	restart(f);
	assert_int_equal(command(f, "c2", HY_COMMAND_SIGN, in.case_id.text, "welfare/白班一岗", again),
			 HY_OK);
	assert_string_equal(text, again);
	assert_int_equal(command(f, "c3", HY_COMMAND_SIGN, in.case_id.text, "welfare", NULL),
			 HY_ERR_CONFLICT);
	assert_int_equal(command(f, "c4", HY_COMMAND_ANSWER, in.case_id.text, "welfare", NULL),
			 HY_OK);
	assert_int_equal(count(f, answer_open), 0);
	text_of(f, "SELECT state FROM v_case", text, sizeof text);
	assert_string_equal(text, "answered");
	assert_int_equal(count(f, "SELECT count(*) FROM v_answer"), 1);
	assert_int_equal(command(f, "c5", HY_COMMAND_SIGN, "2026-999999", "welfare", NULL),
			 HY_ERR_MALFORMED);
}

static size_t fire(struct fixture *f)
{
	struct hy_error e = {0};
	size_t fired = 0;

	if (hy_ledger_fire(f->ledger, 100, &fired, &e))
		fail_msg("fire: %s", e.text);
	return fired;
}

static void deadlines_fire_once_also_after_downtime(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "a", .title = "讨薪", .text = WAGES_TEXT,
			   .severity = HY_SEVERITY_CRITICAL, .detected_ago_ms = HOUR_MS};

	(void)take(f, &s);
	restart(f);
	/* All of the sign ladder (10 s) is past; half of five hours is not. */
	assert_int_equal(fire(f), 3);
	assert_int_equal(fire(f), 0);
	restart(f);
	assert_int_equal(fire(f), 0);
	assert_int_equal(count(f, "SELECT count(*) FROM deadline WHERE fired_at IS NOT NULL"), 3);
	assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE step = 'sign-50'"), 1);
	/* At the limit: the lead's leader and the supervisor. */
	assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE step = 'sign-100'"), 2);
	assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE step = 'sign-100'"
				  " AND recipient LIKE 'committee/%'"),
			 1);
}

static void answer_without_signing_leaves_the_sign_ladder(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "a", .title = "讨薪", .text = WAGES_TEXT,
			   .severity = HY_SEVERITY_CRITICAL, .detected_ago_ms = HOUR_MS};
	struct hy_intake in = take(f, &s);

	assert_int_equal(command(f, "c1", HY_COMMAND_ANSWER, in.case_id.text, "welfare", NULL),
			 HY_OK);
	assert_int_equal(fire(f), 3);
	assert_int_equal(command(f, "c2", HY_COMMAND_SIGN, in.case_id.text, "welfare", NULL),
			 HY_OK);
	assert_int_equal(count(f, "SELECT count(*) FROM case_ WHERE state = 'answered'"
				  " AND signed_at IS NOT NULL"),
			 1);
}

static void crash_while_sending_is_uncertain(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "a", .title = "讨薪", .text = WAGES_TEXT};
	struct hy_error e = {0};
	int64_t uncertain = -1;
	struct hy_id id;
	bool found = true;

	(void)take(f, &s);
	hy_ledger_free(f->ledger);
	open_ledger(f);
	assert_int_equal(hy_ledger_recover(f->ledger, &uncertain, &e), HY_OK);
	assert_int_equal(uncertain, 1);
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice WHERE state = 'uncertain'"), 1);
	/* Never taken up again by itself. */
	assert_int_equal(hy_notice_next(hy_ledger_store(f->ledger), hy_wall_now(), &id, &found, &e),
			 HY_OK);
	assert_false(found);
	(void)take(f, &s);
	assert_int_equal(hy_ledger_turn(f->ledger)->publish_count, 0);
}

static void only_one_alerter_is_active(void **state)
{
	struct fixture *f = *state;
	struct hy_ledger *second = NULL;
	struct hy_error e = {0};

	assert_int_equal(hy_ledger_open(f->url, 500, &second, &e), HY_ERR_CONFLICT);
	assert_null(second);
	hy_ledger_free(f->ledger);
	f->ledger = NULL;
	assert_int_equal(hy_ledger_open(f->url, 500, &f->ledger, &e), HY_OK);
}

static void database_refuses_a_case_without_lead(void **state)
{
	static const char *const writes[] = {
		"UPDATE case_ SET lead = NULL",
		"UPDATE case_ SET lead = 'nobody'",
		"INSERT INTO case_ (id, event, lead, state, severity, topic, title, url,"
		" clock_start, detected_at, assigned_at, route, because, rules, version)"
		" SELECT 'twin', event, lead, state, severity, topic, title, url, clock_start,"
		" detected_at, assigned_at, route, because, rules, version FROM case_",
	};
	struct fixture *f = *state;
	struct sample s = {.id = "a", .title = "讨薪", .text = WAGES_TEXT};

	(void)take(f, &s);
	for (size_t i = 0; i < HY_COUNT(writes); i++) {
		struct hy_error e = {0};

		assert_int_equal(hy_query_run(hy_store_query(hy_ledger_store(f->ledger), writes[i]),
					      NULL, &e),
				 HY_ERR_CONFLICT);
	}
}

static int64_t verify(struct fixture *f, char *out_findings)
{
	struct hy_error e = {0};
	struct hy_buf findings;
	int64_t entries = 0, bad = 0;

	hy_buf_init(&findings, 65536);
	if (hy_audit_verify(hy_ledger_store(f->ledger), &findings, &entries, &bad, &e))
		fail_msg("verify: %s", e.text);
	(void)snprintf(out_findings, 1024, "%.*s", HY_STR_ARGS(hy_buf_str(&findings)));
	hy_buf_fini(&findings);
	return bad;
}

static void audit_shows_every_change(void **state)
{
	static const struct {
		const char *harm, *repair, *says;
	} cases[] = {
		{"UPDATE audit SET detail = detail || '.' WHERE seq = 2",
		 "UPDATE audit SET detail = substr(detail, 1, length(detail) - 1) WHERE seq = 2",
		 "第 2 条"},
		{"UPDATE audit SET at = at + 1 WHERE seq = 1",
		 "UPDATE audit SET at = at - 1 WHERE seq = 1", "第 1 条"},
		{"UPDATE audit SET seq = CASE seq WHEN 2 THEN 102 ELSE 103 END WHERE seq IN (2, 3)",
		 "UPDATE audit SET seq = seq - 100 WHERE seq > 100", "缺少记录"},
		{"UPDATE audit SET algorithm = 'none' WHERE seq = 3",
		 "UPDATE audit SET algorithm = 'sha256' WHERE seq = 3", "算法"},
		{"UPDATE alerter_counter SET value = value + 1 WHERE name = 'audit'",
		 "UPDATE alerter_counter SET value = value - 1 WHERE name = 'audit'", "末尾"},
	};
	struct fixture *f = *state;
	struct sample s = {.id = "a", .title = "讨薪", .text = WAGES_TEXT};
	struct hy_intake in = take(f, &s);
	char findings[1024];

	(void)command(f, "c1", HY_COMMAND_SIGN, in.case_id.text, "welfare", NULL);
	(void)command(f, "c2", HY_COMMAND_ANSWER, in.case_id.text, "welfare", NULL);
	assert_int_equal(verify(f, findings), 0);
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		run(f, cases[i].harm);
		assert_true(verify(f, findings) > 0);
		if (!strstr(findings, cases[i].says))
			fail_msg("%s: \"%s\"", cases[i].harm, findings);
		run(f, cases[i].repair);
		assert_int_equal(verify(f, findings), 0);
	}
	run(f, "DELETE FROM audit WHERE seq = 3");
	assert_true(verify(f, findings) > 0);
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

/* ---- engines ---- */

static int load_rules(struct fixture *f)
{
	struct hy_findings findings;
	enum hy_err err;

	if (!test_engines_start(&f->engines) || !test_rules_make(&f->folder))
		return -1;
	hy_findings_init(&findings);
	err = hy_rule_set_load_proved(f->folder.folder, hy_wall_now(), &findings, &f->rules);
	if (err)
		print_error("%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	hy_findings_fini(&findings);
	return err ? -1 : 0;
}

#define TEST(name) {#name, name, set_up, tear_down, f}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(same_alert_three_times),
		TEST(same_alert_twice_in_a_batch),
		TEST(case_has_lead_assist_limits_and_reasons),
		TEST(repost_joins_and_other_place_does_not),
		TEST(other_firm_is_another_event),
		TEST(edited_version_joins_by_document),
		TEST(graver_alert_tightens_the_clock),
		TEST(each_act_stops_its_own_ladder),
		TEST(deadlines_fire_once_also_after_downtime),
		TEST(answer_without_signing_leaves_the_sign_ladder),
		TEST(crash_while_sending_is_uncertain),
		TEST(only_one_alerter_is_active),
		TEST(database_refuses_a_case_without_lead),
		TEST(audit_shows_every_change),
		TEST(every_open_case_has_one_lead),
	};

	return cmocka_run_group_tests_name(f->engine == TEST_SQLITE ? "sqlite" : "postgresql",
					   tests, NULL, NULL);
}

int main(void)
{
	struct fixture f = {.engine = TEST_SQLITE};
	char url[TEST_URL_BYTES];
	int failed = load_rules(&f);

	if (!failed)
		failed = run_all(&f);
	f.engine = TEST_POSTGRES;
	if (!failed && test_engines_url(&f.engines, TEST_POSTGRES, url))
		failed = run_all(&f);
	hy_rule_set_free(f.rules);
	test_rules_remove(&f.folder);
	test_engines_stop(&f.engines);
	return failed != 0;
}
