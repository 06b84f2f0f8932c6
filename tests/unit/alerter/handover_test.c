/* Hand-over notes: what they say, who may sign, and that nothing is signed twice or changed. */
#include "tests/unit/alerter/ledger_world.h"

#include "alerter/handover.h"

static const struct sample wages = {.id = "a1", .place = "east", .title = "东街一工地拖欠工资",
				    .text = WAGES_TEXT, .severity = HY_SEVERITY_MAJOR};

static enum hy_err tell(struct fixture *f, enum hy_command command, const char *id,
			const char *about, const char *actor, const char *to, char *out_text)
{
	struct hy_msg m = {.type = HY_MSG_COMMAND, .id = hy_str_of(id)};
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(8192);
	struct hy_error e = {0};
	enum hy_err code = HY_ERR_IO;

	m.as.command = (struct hy_msg_command){
		.command = command, .case_id = hy_str_of(about), .actor = hy_str_of(actor),
		.kind = hy_str_of(to), .note = HY_STR_LIT("钥匙在抽屉里")};
	if (hy_ledger_command(f->ledger, &m, &code, &text, &e))
		fail_msg("command: %s", e.text);
	(void)snprintf(out_text, 512, "%.*s", HY_STR_ARGS(hy_buf_str(&text)));
	return code;
}

static void a_note_says_what_is_open(void **state)
{
	struct fixture *f = *state;
	struct hy_case_id id = take(f, &wages).case_id;
	char text[4096], reply[512], wanted[128];

	assert_int_equal(tell(f, HY_COMMAND_HANDOVER, "h1", "welfare", "welfare/白班一岗", "夜班一岗", reply),
			 HY_OK);
	text_of(f, "SELECT text FROM v_handover WHERE id = 'h1'", text, sizeof text);
	(void)snprintf(wanted, sizeof wanted, "一、未办结事项：\n  1. 【重大】%s 东街一工地拖欠工资（主办，", id.text);
	assert_non_null(strstr(text, wanted));
	assert_non_null(strstr(text, "；回应时限 "));
	assert_non_null(strstr(text, "三、未解除的运行告警：无\n"));
	/* Answered: done since the last note, and open no more. */
	assert_int_equal(command(f, "c1", HY_COMMAND_ANSWER, id.text, "welfare", NULL), HY_OK);
	assert_int_equal(tell(f, HY_COMMAND_HANDOVER, "h2", "welfare", "welfare/夜班一岗", "白班一岗", reply),
			 HY_OK);
	text_of(f, "SELECT text FROM v_handover WHERE id = 'h2'", text, sizeof text);
	assert_non_null(strstr(text, "一、未办结事项：无\n"));
	assert_non_null(strstr(text, "东街一工地拖欠工资：已回应"));
	/* Another unit has nothing to do with it. */
	assert_int_equal(tell(f, HY_COMMAND_HANDOVER, "h3", "ecology", "ecology/夜班一岗", "白班一岗", reply),
			 HY_OK);
	text_of(f, "SELECT text FROM v_handover WHERE id = 'h3'", text, sizeof text);
	assert_null(strstr(text, "东街"));
}

/* One after the other, on the same notes. */
static const struct {
	enum hy_command command;
	const char *id, *about, *actor, *to;
	enum hy_err code;
	const char *text;
} acts[] = {
	{HY_COMMAND_HANDOVER, "h0", "welfare", "welfare", "夜班一岗", HY_ERR_DENIED, "应写成“单位/岗位”"},
	{HY_COMMAND_HANDOVER, "h0", "welfare", "office/白班一岗", "夜班一岗", HY_ERR_DENIED, "本单位"},
	{HY_COMMAND_HANDOVER, "h0", "welfare", "welfare/厨师", "夜班一岗", HY_ERR_DENIED, "值班岗位"},
	{HY_COMMAND_HANDOVER, "h0", "nobody", "nobody/白班一岗", "夜班一岗", HY_ERR_DENIED, "值班岗位"},
	{HY_COMMAND_HANDOVER, "h0", "welfare", "welfare/白班一岗", "厨师", HY_ERR_MALFORMED, "接班岗位"},
	{HY_COMMAND_HANDOVER, "h0", "welfare", "welfare/白班一岗", "白班一岗", HY_ERR_MALFORMED, "相同"},
	{HY_COMMAND_HANDOVER_SIGN, "s0", "h1", "welfare/夜班一岗", "", HY_ERR_MALFORMED, "没有交接班记录 h1"},
	{HY_COMMAND_HANDOVER, "h1", "welfare", "welfare/白班一岗", "夜班一岗", HY_OK, "待 夜班一岗 签收"},
	{HY_COMMAND_HANDOVER, "h1", "welfare", "welfare/白班一岗", "夜班一岗", HY_OK, "待 夜班一岗 签收"},
	{HY_COMMAND_HANDOVER_SIGN, "s1", "h1", "welfare/白班一岗", "", HY_ERR_DENIED, "自己不能签收"},
	{HY_COMMAND_HANDOVER_SIGN, "s1", "h1", "ecology/夜班一岗", "", HY_ERR_DENIED, "本单位"},
	{HY_COMMAND_HANDOVER_SIGN, "s1", "h1", "welfare/夜班一岗", "", HY_OK, "双方已签字"},
	{HY_COMMAND_HANDOVER_SIGN, "s1", "h1", "welfare/夜班一岗", "", HY_OK, "双方已签字"},
	{HY_COMMAND_HANDOVER_SIGN, "s2", "h1", "welfare/夜班二岗", "", HY_ERR_CONFLICT, "已由 夜班一岗 签收"},
};

static void both_sign_and_nobody_else(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < HY_COUNT(acts); i++) {
		char text[512];
		enum hy_err code = tell(f, acts[i].command, acts[i].id, acts[i].about,
					acts[i].actor, acts[i].to, text);

		if (code != acts[i].code || !strstr(text, acts[i].text))
			fail_msg("%zu: code %d: %s", i, (int)code, text);
	}
	assert_int_equal(count(f, "SELECT count(*) FROM v_handover"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM v_handover WHERE incoming = '夜班一岗'"
				  " AND received_at IS NOT NULL"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM audit WHERE act = 'handover.make'"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM audit WHERE act = 'handover.sign'"), 1);
	restart(f);
	assert_int_equal(count(f, "SELECT count(*) FROM v_handover WHERE note = '钥匙在抽屉里'"), 1);
}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(a_note_says_what_is_open),
		TEST(both_sign_and_nobody_else),
	};

	return cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
