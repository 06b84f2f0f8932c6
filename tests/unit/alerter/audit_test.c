/* The chain of the audit, and what holds after every step of a random history. */
#include "alerter/audit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/unit/alerter/ledger_world.h"

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

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(audit_shows_every_change),
		TEST(every_open_case_has_one_lead),
	};

	return cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
