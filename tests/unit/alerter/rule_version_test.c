/* Versions of the rules: what is kept of each, what it changed in words, and who is told. */
#include "alerter/rule_version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "alerter/rule_words.h"
#include "common/base/mem.h"
#include "tests/unit/alerter/ledger_world.h"

#define TEXT_BYTES 16384

static struct hy_rule_set *load(struct fixture *f)
{
	struct hy_rule_set *rules = NULL;
	struct hy_findings findings;

	hy_findings_init(&findings);
	if (hy_rule_set_load(f->folder.folder, &findings, &rules))
		fail_msg("%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	hy_findings_fini(&findings);
	return rules;
}

static void put_in_force(struct fixture *f, const struct hy_rule_set *rules)
{
	struct hy_error e = {0};

	if (hy_ledger_set_rules(f->ledger, rules, &e))
		fail_msg("%s", e.text);
}

static void expect_text(struct fixture *f, const char *sql, const char *part)
{
	char text[TEXT_BYTES];

	text_of(f, sql, text, sizeof text);
	if (!strstr(text, part))
		fail_msg("%s: \"%s\" has no \"%s\"", sql, text, part);
}

/* What was there before the test: the set of the fixture, once, whoever starts how often. */
static void first_version_is_kept_once(void **state)
{
	struct fixture *f = *state;

	restart(f);
	put_in_force(f, f->rules);
	assert_int_equal(count(f, "SELECT count(*) FROM v_rules"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM audit WHERE act = 'rules.force'"), 1);
	expect_text(f, "SELECT change FROM v_rules", "首次启用：7 个单位、1 条路由、4 个议题、4 个地点");
	expect_text(f, "SELECT text FROM v_rule_text WHERE name = 'routes.yaml'",
		    "  - {id: noise-east, topic: site.noise, place: east, lead: east-street,");
	expect_text(f, "SELECT text FROM v_rule_text WHERE name = 'topics/livelihood.yaml'",
		    "wages.arrears");
	expect_text(f, "SELECT text FROM v_rule_text WHERE name = ''", "单位 welfare：保障部，部门");
}

static const struct hy_rule_text *text_named(const struct hy_rule_texts *texts, const char *name)
{
	for (size_t i = 0; i < texts->count; i++) {
		if (strcmp(texts->item[i].name, name) == 0)
			return &texts->item[i];
	}
	return NULL;
}

static void make_folder(const struct fixture *f, const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof path, "%s/%s", f->folder.folder, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void remove_below(const struct fixture *f, const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof path, "%s/%s", f->folder.folder, name);
	assert_int_equal(remove(path), 0);
}

static void texts_are_what_a_rule_may_read(void **state)
{
	struct fixture *f = *state;
	static const char *const folders[] = {"shared", "shared/deep", "scenarios", ".hidden"};
	static const struct {
		const char *name, *text;
		bool kept;
	} files[] = {
		{"shared/words.yaml", "a: [甲]\n", true}, {"shared/deep/more.yaml", "b: [乙]\n", true},
		{"scenarios/one.yaml", "c: 1\n", false}, {"sources.yaml", "sources: []\n", false},
		{".hidden/a.yaml", "d: 1\n", false},	  {"old.yaml", "\xb9\xa4\xd7\xca\n", false},
		{"notes.txt", "e\n", false},
	};
	hy_cleanup(hy_rule_texts_free_p) struct hy_rule_texts *texts = NULL, *again = NULL;
	struct hy_error e = {0};

	for (size_t i = 0; i < HY_COUNT(folders); i++)
		make_folder(f, folders[i]);
	for (size_t i = 0; i < HY_COUNT(files); i++)
		assert_true(test_rules_put(&f->folder, files[i].name, files[i].text));
	assert_int_equal(hy_rule_texts_read(f->folder.folder, &texts, &e), HY_OK);
	for (size_t i = 0; i < HY_COUNT(files); i++) {
		const struct hy_rule_text *text = text_named(texts, files[i].name);

		if ((text != NULL) != files[i].kept ||
		    (text && strcmp(text->text, files[i].text) != 0))
			fail_msg("%s", files[i].name);
	}
	for (size_t i = 1; i < texts->count; i++)
		assert_true(strcmp(texts->item[i - 1].name, texts->item[i].name) < 0);
	assert_true(test_rules_put(&f->folder, "shared/deep/more.yaml", "b: [丙]\n"));
	assert_int_equal(hy_rule_texts_read(f->folder.folder, &again, &e), HY_OK);
	assert_true(hy_rule_texts_equal(texts, texts));
	assert_false(hy_rule_texts_equal(texts, again));
	for (size_t i = 0; i < HY_COUNT(files); i++)
		remove_below(f, files[i].name);
	for (size_t i = HY_COUNT(folders); i > 0; i--) {
		if (i != 1)
			remove_below(f, folders[i - 1]);
	}
	remove_below(f, folders[0]);
}

static void case_keeps_the_version_that_routed_it(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "a", .title = "讨薪", .text = WAGES_TEXT};
	hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *reform = NULL;

	(void)take(f, &s);
	assert_true(test_rules_edit(&f->folder, "units.yaml", "roles: [labour, civil]",
				    "roles: [labour, civil], phone: \"8888\""));
	reform = load(f);
	put_in_force(f, reform);
	assert_int_equal(count(f, "SELECT count(*) FROM v_case c JOIN v_rules r"
				  " ON r.version = c.rules WHERE r.number = 1"),
			 1);
	/* One text more, not a folder more. */
	assert_int_equal(count(f, "SELECT count(*) FROM rule_text"), 8 + 2);
	put_in_force(f, f->rules);
	/* Back again: a version of its own in time, of the same texts. */
	assert_int_equal(count(f, "SELECT count(*) FROM v_rules"), 3);
	assert_int_equal(count(f, "SELECT count(*) FROM rule_text"), 8 + 2);
	assert_int_equal(count(f, "SELECT count(*) FROM rule_version"), 2);
	assert_true(test_rules_edit(&f->folder, "units.yaml", "units:", "units:"));
}

static const struct change {
	const char *file, *old, *text;
	const char *says;		/* lines of the change */
} changes[] = {
	{"units.yaml", "roles: [environment]", "roles: [environment, safety]",
	 "改为 单位 ecology：生态机构，派驻机构，上级 committee，职责 生态环境、安全应急"
	 "（原为：生态机构，派驻机构，上级 committee，职责 生态环境）\n"},
	{"units.yaml", "roles: [environment]",
	 "roles: [environment], phone: 0531-8887 转 2,"
	 " contacts: [{post: 信访岗, phone: \"12369\"}, {post: 环评岗, phone: (0531)1234}]",
	 "改为 单位 ecology：生态机构，派驻机构，上级 committee，职责 生态环境，值班电话 0531-8887 转 2，"
	 "信访岗 12369，环评岗 (0531)1234（原为"},
	{"units.yaml", "  - {id: west-street", "  - {id: park, name: 产业园, kind: park}\n"
					       "  - {id: west-street",
	 "新增 单位 park：产业园，园区\n"},
	{"routes.yaml", "  - {id: noise-east", "  - {id: noise, topic: site.noise, place: west,"
					       " severity: [major, critical], lead: office,"
					       " basis: 会议, valid_to: 2030-01-01}\n"
					       "  - {id: noise-east",
	 "新增 次序 议题和地点：noise，noise-east\n"
	 "新增 路由 noise：议题和地点，议题 site.noise，地点 west，等级 重大、特别重大，由 office 主办，"
	 "依据 会议，至 2030-01-01（不含）\n"},
	{"routes.yaml", "topic: site.noise, place: east,", "topic: site.noise, explicit: true,",
	 "改为 路由 noise-east：明确指定"},
	{"routes.yaml", "major: committee", "major: office", "改为 督办 重大：office（原为：committee）\n"},
	{"routes.yaml", "fallback: office", "fallback: welfare", "改为 兜底：welfare（原为：office）\n"},
	{"places.yaml", "unit: west-street", "unit: east-street",
	 "改为 地点 west：西街街道，属于 district，属地单位 east-street"
	 "（原为：西街街道，属于 district，属地单位 west-street）\n"},
	{"topics/livelihood.yaml", "owner: environment", "owner: housing",
	 "改为 议题 water.pollution：水污染，归口 住房物业，重大"},
	{"roster.yaml", "posts: [白班一岗, 白班二岗]", "posts: [白班一岗, 白班二岗, 白班三岗]",
	 "改为 值班 default 值班员 第 1 班：08:30 至 17:30，逐日轮换，白班一岗、白班二岗、白班三岗，"
	 "自 2026-01-01（原为"},
	{"roster.yaml", "rosters:\n",
	 "changes:\n  - {kind: swap, post: 白班一岗, by: 白班二岗, from: 2026-11-24, to: 2026-11-25}\n"
	 "rosters:\n",
	 "新增 值班变动 default 换班 白班一岗 2026-11-24："},
	{"deadlines.yaml", "limit: 48h", "limit: 90s", "改为 时限 answer-48h：回应，90 秒（自然时）"},
	{"channels.yaml", "id: terminal", "id: screen", "文件 channels.yaml 改动（属主 "},
};

static void each_change_is_told_in_words(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < HY_COUNT(changes); i++) {
		const struct change *c = &changes[i];
		hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *rules = NULL;
		char file[64];

		assert_true(test_rules_edit(&f->folder, c->file, c->old, c->text));
		rules = load(f);
		put_in_force(f, rules);
		(void)snprintf(file, sizeof file, "文件 %s 改动（属主 ", c->file);
		expect_text(f, "SELECT change FROM v_rules ORDER BY number DESC LIMIT 1", c->says);
		expect_text(f, "SELECT change FROM v_rules ORDER BY number DESC LIMIT 1", file);
		expect_text(f, "SELECT detail FROM audit ORDER BY seq DESC LIMIT 1", c->says);
		/* One file was touched, and told alone. */
		assert_int_equal(count(f, "SELECT count(*) FROM v_rules WHERE number ="
					  " (SELECT max(number) FROM v_rules)"
					  " AND change LIKE '%改动%改动%'"),
				 0);
		assert_true(test_rules_edit(&f->folder, c->file, c->old, c->old));
		put_in_force(f, f->rules);
	}
}

/* More than an entry of the audit holds stands in the record, and the entry says so. */
static void long_change_is_cut_in_the_audit_alone(void **state)
{
	struct fixture *f = *state;
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(1u << 20);
	hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *rules = NULL;

	for (int i = 0; i < 400; i++)
		hy_buf_addf(&text, "  - {id: unit-%d, name: 第%d单位, kind: park}\n", i, i);
	hy_buf_addf(&text, "  - {id: west-street");
	assert_true(test_rules_edit(&f->folder, "units.yaml", "  - {id: west-street",
				    hy_buf_str(&text).p));
	rules = load(f);
	put_in_force(f, rules);
	expect_text(f, "SELECT detail FROM audit ORDER BY seq DESC LIMIT 1",
		    "处，见 huiying routes history 2");
	assert_int_equal(count(f, "SELECT count(*) FROM v_rules WHERE change LIKE"
				  " '%unit-0：%unit-399：%'"),
			 1);
	assert_true(test_rules_edit(&f->folder, "units.yaml", "units:", "units:"));
}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(first_version_is_kept_once),
		TEST(texts_are_what_a_rule_may_read),
		TEST(case_keeps_the_version_that_routed_it),
		TEST(each_change_is_told_in_words),
		TEST(long_change_is_cut_in_the_audit_alone),
	};

	return cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
