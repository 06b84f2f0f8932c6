#include "cli/wording.h"

#include "alerter/case_command.h"
#include "alerter/case_table.h"
#include "alerter/case_watch.h"
#include "alerter/deadline.h"
#include "common/base/mem.h"
#include "common/sys/severity.h"

struct word {
	const char *id, *title;
};

static const struct word notice_states[] = {
	{"waiting", "待发"},   {"sending", "发送中"},	   {"sent", "已发送"},
	{"failed", "发送失败"}, {"uncertain", "去向不明"},
};

static const struct word steps[] = {
	{"assigned", "主办"},
	{"assist", "协办"},
	{"supervise", "督办"},
	{"alarm", "运行告警"},
	{"audit-head", "审计记录通报"},
	{"policy-digest", "政策反应汇总"},
	{"alarm-cleared", "运行告警解除"},
};

static const struct word levels[] = {
	{"leader", "单位领导审核"}, {"office", "综合协调单位审核"}, {"consent", "会商"}};

static const struct word review_states[] = {
	{"open", "待审"}, {"approved", "审核通过"}, {"sent-back", "退回修改"}, {"withdrawn", "已撤回"}};

static const struct word answer_kinds[] = {
#define X(id, title) {id, title},
	HY_ANSWER_KIND_LIST(X)
#undef X
};

static const struct word figures[] = {
	/* crawler */
	{"documents_pending", "待研判稿件"},
	{"documents_judged", "已研判稿件"},
	{"frontier_queued", "待抓取网页"},
	{"frontier_leased", "正在抓取网页"},
	{"frontier_revisit", "待复查网页"},
	{"frontier_done", "不再抓取网页"},
	{"frontier_failed", "抓取失败网页"},
	{"sources_total", "来源"},
	{"sources_failing", "失败来源"},
	{"sources_silent", "静默来源"},
	{"hosts_paused", "暂停访问的网站"},
	{"requests", "启动以来请求"},
	{"requests_running", "进行中请求"},
	{"unanswered", "已送研判未答复"},
	{"resent", "重新送研判"},
	/* analyzer */
	{"documents", "启动以来收到稿件"},
	{"documents_redelivered", "其中重复送达"},
	{"verdicts_quiet", "无关稿件"},
	{"verdicts_alerted", "预警稿件"},
	{"verdicts_reaction", "政策反应稿件"},
	{"verdicts_unjudged", "无法研判稿件"},
	{"alerts_waiting", "待回执预警"},
	{"alerts_resent", "重发预警"},
	{"requests_refused", "拒收请求"},
	{"topics", "在用议题"},
	{"rules_loaded", "规则载入次数"},
	{"rules_refused", "规则未采用次数"},
	{"patterns_at_limit", "模式超限次数"},
	/* alerter */
	{"store_failures", "存储失败次数"},
	{"alerts_refused", "拒收预警"},
	{"cases_open", "在办事项"},
	{"cases_overdue", "超期事项"},
	{"alerts", "预警"},
	{"events", "事件"},
	{"notices_waiting", "待发通知"},
	{"notices_uncertain", "去向不明通知"},
	{"alarms_open", "未解除运行告警"},
};

/* The first whose id the state starts with. */
static const struct word daemon_states[] = {
	{"ready", "正常"},
	{"draining", "正在收尾"},
	{"standby", "候补，由另一个进程值守"},
	{"degraded: new rules refused", "异常：新规则未通过检查，仍按原规则运行；请运行 huiying check"},
	{"degraded: the store cannot be read", "异常：存储读不出"},
	{"degraded: the store takes no writes", "异常：存储写不进，请检查磁盘空间"},
	{"degraded: store", "异常：存储读不出"},
};

static const struct word daemons[] = {
	{"crawler", "抓取"}, {"analyzer", "研判"}, {"alerter", "预警"},
};

static const char *title_of(const struct word *words, size_t count, struct hy_str id)
{
	for (size_t i = 0; i < count; i++)
		if (hy_str_eq_c(id, words[i].id))
			return words[i].title;
	return NULL;
}

static const char *title_at_start(const struct word *words, size_t count, struct hy_str id)
{
	for (size_t i = 0; i < count; i++)
		if (hy_str_starts(id, hy_str_of(words[i].id)))
			return words[i].title;
	return NULL;
}

static void add(struct hy_buf *out, const char *title, struct hy_str id)
{
	if (title)
		hy_buf_add_c(out, title);
	else
		hy_buf_add_str(out, id);
}

void hy_wording_severity(struct hy_str id, struct hy_buf *out)
{
	enum hy_severity severity;

	add(out, hy_severity_parse(id, &severity) ? hy_severity_title(severity) : NULL, id);
}

void hy_wording_state(struct hy_str id, struct hy_buf *out)
{
	enum hy_case_state state;

	add(out, hy_case_state_parse(id, &state) ? hy_case_state_title(state) : NULL, id);
}

void hy_wording_ladder(struct hy_str id, struct hy_buf *out)
{
	enum hy_ladder ladder;
	struct hy_str part = {0};
	bool known = hy_ladder_of_key(id, &ladder, &part);

	if (hy_str_eq_c(id, HY_CASE_WATCH)) {
		hy_buf_add_c(out, HY_CASE_WATCH_TITLE);
		return;
	}
	add(out, known ? hy_ladder_title(ladder) : NULL, id);
	if (part.n)
		hy_buf_addf(out, "（%.*s）", HY_STR_ARGS(part));
}

void hy_wording_notice(struct hy_str state, struct hy_buf *out)
{
	add(out, title_of(notice_states, HY_COUNT(notice_states), state), state);
}

bool hy_wording_is_notice_state(const char *state)
{
	return title_of(notice_states, HY_COUNT(notice_states), hy_str_of(state)) != NULL;
}

void hy_wording_notice_states(struct hy_buf *out)
{
	for (size_t i = 0; i < HY_COUNT(notice_states); i++)
		hy_buf_addf(out, "%s%s（%s）", i ? "、" : "", notice_states[i].id,
			    notice_states[i].title);
}

/* "return-v5": an act, by the version that it made. */
static bool act_step(struct hy_str step, struct hy_buf *out)
{
	struct hy_str watch = HY_STR_LIT(HY_CASE_WATCH "-");

	if (hy_str_starts(step, watch)) {
		hy_buf_add_c(out, HY_CASE_WATCH_TITLE);
		return true;
	}
	for (int i = 0; i < HY_CASE_ACTION_COUNT; i++) {
		const struct hy_case_action_row *row = hy_case_action((enum hy_case_action)i);
		struct hy_str act = hy_str_of(row->act + sizeof "case." - 1);

		if (hy_str_starts(step, act) &&
		    hy_str_starts(hy_str_sub(step, act.n, step.n), HY_STR_LIT("-v"))) {
			hy_buf_add_c(out, row->done);
			return true;
		}
	}
	return false;
}

/* "answer-80", "assist:east-street-100": the percentage stands behind the last dash. */
static bool ladder_step(struct hy_str step, struct hy_str *out_key, int64_t *out_percent)
{
	size_t dash = step.n;
	enum hy_ladder ladder;
	struct hy_str part;

	while (dash && step.p[dash - 1] != '-')
		dash--;
	if (!dash || !hy_str_to_int(hy_str_sub(step, dash, step.n), 1, HY_CARD_PERCENT_MAX, out_percent))
		return false;
	*out_key = hy_str_sub(step, 0, dash - 1);
	return hy_ladder_of_key(*out_key, &ladder, &part);
}

void hy_wording_step(struct hy_str step, struct hy_buf *out)
{
	const char *title = title_of(steps, HY_COUNT(steps), step);
	struct hy_str raised = HY_STR_LIT("raised-"), extended = HY_STR_LIT("extended-"), key;
	int64_t percent;

	if (title) {
		hy_buf_add_c(out, title);
	} else if (hy_str_starts(step, raised)) {
		hy_buf_add_c(out, "等级提高为");
		hy_wording_severity(hy_str_sub(step, raised.n, step.n), out);
	} else if (hy_str_starts(step, extended)) {
		hy_buf_add_c(out, "延期");
	} else if (act_step(step, out)) {
		return;
	} else if (!ladder_step(step, &key, &percent)) {
		hy_buf_add_str(out, step);
	} else {
		hy_wording_ladder(key, out);
		if (percent == 100)
			hy_buf_add_c(out, "时限已过");
		else
			hy_buf_addf(out, "时限用去 %d%%", (int)percent);
	}
}

void hy_wording_answer(struct hy_str kind, struct hy_buf *out)
{
	add(out, title_of(answer_kinds, HY_COUNT(answer_kinds), kind), kind);
}

void hy_wording_level(struct hy_str level, struct hy_buf *out)
{
	add(out, title_of(levels, HY_COUNT(levels), level), level);
}

void hy_wording_review(struct hy_str state, struct hy_buf *out)
{
	add(out, title_of(review_states, HY_COUNT(review_states), state), state);
}

void hy_wording_figure(struct hy_str name, struct hy_buf *out)
{
	const struct hy_str pattern = HY_STR_LIT("pattern_at_limit ");

	if (hy_str_starts(name, pattern))
		hy_buf_addf(out, "模式 %.*s 超限次数",
			    HY_STR_ARGS(hy_str_sub(name, pattern.n, name.n)));
	else
		add(out, title_of(figures, HY_COUNT(figures), name), name);
}

void hy_wording_daemon_state(struct hy_str state, struct hy_buf *out)
{
	add(out, title_at_start(daemon_states, HY_COUNT(daemon_states), state), state);
}

void hy_wording_daemon(struct hy_str name, struct hy_buf *out)
{
	const char *title = title_at_start(daemons, HY_COUNT(daemons), name);

	if (title)
		hy_buf_addf(out, "%s ", title);
	hy_buf_add_str(out, name);
}

void hy_wording_unanswered(enum hy_err err, const struct hy_error *e, struct hy_buf *out)
{
	if (err == HY_ERR_UNAVAILABLE)
		hy_buf_add_c(out, "没有运行，请先运行 huiying up");
	else if (err == HY_ERR_TIMEOUT)
		hy_buf_add_c(out, "没有按时答复，请稍后再试");
	else
		hy_buf_addf(out, "没有答复：%s", e->text);
}
