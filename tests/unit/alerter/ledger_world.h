/*
 * A ledger over a small rules folder on either engine, for the tests of what is written to it.
 * Functions are static inline: each test program uses some of them.
 */
#ifndef TESTS_UNIT_ALERTER_LEDGER_WORLD_H
#define TESTS_UNIT_ALERTER_LEDGER_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerter/ledger.h"
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
	const char *source;
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

static inline struct hy_id id_of(const char *text)
{
	struct hy_str part = hy_str_of(text);

	return hy_id_of(&part, 1);
}

static inline void make_alert(const struct sample *s, struct alert *out)
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
		.source = hy_str_of(s->source ? s->source : "news"), .outlet = HY_STR_LIT("某某晚报"),
		.published_at = HY_WALL_NONE,
		.detected_at = hy_wall_add_ms(hy_wall_now(), -s->detected_ago_ms),
		.severity = s->severity, .rules = hy_id_str(&out->document),
		.topics = &out->topic, .topic_count = 1, .places = &out->place,
		.place_count = s->place ? 1 : 0, .text = hy_str_of(s->text)};
}

static inline struct hy_intake take(struct fixture *f, const struct sample *s)
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

static inline int64_t count(struct fixture *f, const char *sql)
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

static inline void text_of(struct fixture *f, const char *sql, char *out, size_t out_bytes)
{
	struct hy_query *q = hy_store_query(hy_ledger_store(f->ledger), sql);
	struct hy_error e = {0};
	bool row;

	if (hy_query_next(q, &row, &e) || !row)
		fail_msg("%s: %s", sql, e.text);
	(void)snprintf(out, out_bytes, "%.*s", HY_STR_ARGS(hy_query_text(q, 0)));
	hy_query_reset(q);
}

static inline void run(struct fixture *f, const char *sql)
{
	struct hy_error e = {0};

	if (hy_query_run(hy_store_query(hy_ledger_store(f->ledger), sql), NULL, &e))
		fail_msg("%s: %s", sql, e.text);
}

static inline void open_ledger(struct fixture *f)
{
	struct hy_error e = {0};

	if (hy_ledger_open(f->url, 1000, &f->ledger, &e) ||
	    hy_ledger_set_rules(f->ledger, f->rules, &e))
		fail_msg("ledger: %s", e.text);
}

/* As after a kill: whatever was only in memory is gone. */
static inline void restart(struct fixture *f)
{
	struct hy_error e = {0};
	int64_t uncertain;

	hy_ledger_free(f->ledger);
	f->ledger = NULL;
	open_ledger(f);
	assert_int_equal(hy_ledger_recover(f->ledger, &uncertain, &e), HY_OK);
}

static inline int set_up(void **state)
{
	struct fixture *f = *state;

	if (!test_engines_url(&f->engines, f->engine, f->url))
		return -1;
	open_ledger(f);
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;

	hy_ledger_free(f->ledger);
	f->ledger = NULL;
	return 0;
}

static inline int load_rules(struct fixture *f)
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

static inline enum hy_err command(struct fixture *f, const char *id, enum hy_command what,
				  const char *case_id, const char *actor, char *out_text)
{
	struct hy_msg m = {.type = HY_MSG_COMMAND, .id = hy_str_of(id)};
	struct hy_error e = {0};
	struct hy_buf text;
	enum hy_err code = HY_ERR_IO;

	m.as.command = (struct hy_msg_command){
		.command = what, .case_id = hy_str_of(case_id), .actor = hy_str_of(actor),
		.due = HY_WALL_NONE,
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

static inline size_t fire(struct fixture *f)
{
	struct hy_error e = {0};
	size_t fired = 0;

	if (hy_ledger_fire(f->ledger, 100, &fired, &e))
		fail_msg("fire: %s", e.text);
	return fired;
}

typedef int world_run_fn(struct fixture *f);

/* Over SQLite, and over PostgreSQL where it is installed. Returns main's result. */
static inline int world_on_both_engines(world_run_fn *run_all)
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

static inline const char *world_engine(const struct fixture *f)
{
	return f->engine == TEST_SQLITE ? "sqlite" : "postgresql";
}

#define TEST(name) {#name, name, set_up, tear_down, f}

#endif
