#include "report/weekly.h"

#include <stdlib.h>

#include "common/base/mem.h"

#define WEEK_MS (INT64_C(7) * 86400000)
#define TITLE "济南高新区政务舆情回应周报"

/* Due in the period, as far as the period has passed when the report is made. */
#define DUE "answer_due >= $1 AND answer_due < $2 AND answer_due <= $3"
#define ON_TIME "answered_at IS NOT NULL AND answered_at <= answer_due"
#define LATE "(answered_at IS NULL AND answer_due <= $3) OR answered_at > answer_due"
#define STATE \
	"CASE state WHEN 'assigned' THEN '待签收' WHEN 'signed' THEN '已签收'" \
	" WHEN 'drafting' THEN '拟稿中' WHEN 'review' THEN '审核中' WHEN 'returned' THEN '已退回'" \
	" WHEN 'ruled' THEN '已裁定' WHEN 'reopened' THEN '重新打开' WHEN 'answered' THEN '已回应'" \
	" WHEN 'verified' THEN '已核验' WHEN 'closed' THEN '已办结' WHEN 'merged' THEN '已合并'" \
	" WHEN 'dismissed' THEN '已核销' ELSE state END"

static const struct hy_column documents_columns[] = {
	{"稿件", HY_CELL_COUNT},     {"其中已研判", HY_CELL_COUNT}, {"触发预警", HY_CELL_COUNT},
	{"只是政策反应", HY_CELL_COUNT}, {"未触发", HY_CELL_COUNT},	 {"未能研判", HY_CELL_COUNT},
	{"待研判", HY_CELL_COUNT},	 {"来源", HY_CELL_COUNT},
};
static const char documents_sql[] =
	"SELECT count(*),\n"
	"  count(CASE WHEN state = 'judged' THEN 1 END),\n"
	"  count(CASE WHEN outcome = 'alerted' THEN 1 END),\n"
	"  count(CASE WHEN outcome = 'reaction' THEN 1 END),\n"
	"  count(CASE WHEN outcome = 'quiet' THEN 1 END),\n"
	"  count(CASE WHEN outcome = 'unjudged' THEN 1 END),\n"
	"  count(CASE WHEN state = 'pending' THEN 1 END),\n"
	"  count(DISTINCT source)\n"
	"FROM v_document WHERE detected_at >= $1 AND detected_at < $2";

static const struct hy_column summary_columns[] = {
	{"预警", HY_CELL_COUNT},	 {"新立事项", HY_CELL_COUNT}, {"应回应", HY_CELL_COUNT},
	{"按时回应", HY_CELL_COUNT},	 {"按时回应率", HY_CELL_RATE}, {"本期回应", HY_CELL_COUNT},
	{"在办", HY_CELL_COUNT},	 {"超期未回应", HY_CELL_COUNT},
};
static const char summary_sql[] =
	"SELECT\n"
	"  (SELECT count(*) FROM v_alert WHERE received_at >= $1 AND received_at < $2),\n"
	"  (SELECT count(*) FROM v_case WHERE assigned_at >= $1 AND assigned_at < $2),\n"
	"  (SELECT count(*) FROM v_case WHERE " DUE "),\n"
	"  (SELECT count(*) FROM v_case WHERE " DUE " AND " ON_TIME "),\n"
	"  (SELECT 10000 * count(CASE WHEN " ON_TIME " THEN 1 END) / NULLIF(count(*), 0)\n"
	"     FROM v_case WHERE " DUE "),\n"
	"  (SELECT count(*) FROM v_case WHERE answered_at >= $1 AND answered_at < $2),\n"
	"  (SELECT count(*) FROM v_case WHERE answered_at IS NULL AND assigned_at < $2),\n"
	"  (SELECT count(*) FROM v_case WHERE answered_at IS NULL AND assigned_at < $2\n"
	"     AND answer_due <= $3)";

static const struct hy_column day_columns[] = {
	{"日期", HY_CELL_DAY}, {"预警", HY_CELL_COUNT}, {"其中新事件", HY_CELL_COUNT}};
static const char day_sql[] =
	"SELECT d.day, count(*), count(CASE WHEN d.first_of_event = 1 THEN 1 END)\n"
	"FROM (SELECT $1 + 86400000 * ((received_at - $1) / 86400000) AS day,\n"
	"        row_number() OVER (PARTITION BY event ORDER BY received_at, id)\n"
	"          AS first_of_event\n"
	"      FROM v_alert WHERE received_at >= $1 AND received_at < $2) d\n"
	"GROUP BY d.day ORDER BY d.day";

static const struct hy_column topic_columns[] = {{"议题", HY_CELL_TOPIC},
						 {"预警", HY_CELL_COUNT},
						 {"新立事项", HY_CELL_COUNT},
						 {"已回应", HY_CELL_COUNT},
						 {"媒体数", HY_CELL_COUNT}};
static const char topic_sql[] =
	"SELECT a.topic, count(*),\n"
	"  (SELECT count(*) FROM v_case c WHERE c.topic = a.topic\n"
	"     AND c.assigned_at >= $1 AND c.assigned_at < $2),\n"
	"  (SELECT count(*) FROM v_case c WHERE c.topic = a.topic\n"
	"     AND c.answered_at >= $1 AND c.answered_at < $2),\n"
	"  count(DISTINCT CASE WHEN a.outlet <> '' THEN a.outlet ELSE a.source END)\n"
	"FROM v_alert a WHERE a.received_at >= $1 AND a.received_at < $2\n"
	"GROUP BY a.topic ORDER BY 2 DESC, 1";

static const struct hy_column unit_columns[] = {
	{"主办单位", HY_CELL_TEXT},	   {"新交办", HY_CELL_COUNT},
	{"应回应", HY_CELL_COUNT},	   {"按时回应", HY_CELL_COUNT},
	{"按时回应率", HY_CELL_RATE},	   {"本期回应", HY_CELL_COUNT},
	{"首次回应中位（小时）", HY_CELL_HOURS}, {"超期未回应", HY_CELL_COUNT},
};
/* The median is the mean of the one or two middle rows, which both engines can count off. */
static const char unit_sql[] =
	"WITH took AS (SELECT lead, answered_at - clock_start AS ms,\n"
	"    row_number() OVER (PARTITION BY lead ORDER BY answered_at - clock_start, id) AS n,\n"
	"    count(*) OVER (PARTITION BY lead) AS total\n"
	"  FROM v_case WHERE answered_at >= $1 AND answered_at < $2),\n"
	"median AS (SELECT lead, (min(ms) + max(ms)) / 2 AS ms FROM took\n"
	"  WHERE n IN ((total + 1) / 2, (total + 2) / 2) GROUP BY lead)\n"
	"SELECT c.lead_name,\n"
	"  count(CASE WHEN assigned_at >= $1 AND assigned_at < $2 THEN 1 END),\n"
	"  count(CASE WHEN " DUE " THEN 1 END),\n"
	"  count(CASE WHEN " DUE " AND " ON_TIME " THEN 1 END),\n"
	"  10000 * count(CASE WHEN " DUE " AND " ON_TIME " THEN 1 END)\n"
	"    / NULLIF(count(CASE WHEN " DUE " THEN 1 END), 0),\n"
	"  count(CASE WHEN answered_at >= $1 AND answered_at < $2 THEN 1 END),\n"
	"  (SELECT m.ms FROM median m WHERE m.lead = c.lead),\n"
	"  count(CASE WHEN answered_at IS NULL AND answer_due <= $3 THEN 1 END)\n"
	"FROM v_case c WHERE assigned_at < $2\n"
	"GROUP BY c.lead, c.lead_name\n"
	"HAVING count(CASE WHEN assigned_at >= $1 OR answered_at >= $1 OR " DUE "\n"
	"  OR (answered_at IS NULL AND answer_due <= $3) THEN 1 END) > 0\n"
	"ORDER BY 8 DESC, 2 DESC, 1";

static const struct hy_column overdue_columns[] = {
	{"事项", HY_CELL_TEXT},	   {"标题", HY_CELL_TEXT},    {"主办单位", HY_CELL_TEXT},
	{"等级", HY_CELL_SEVERITY}, {"回应时限", HY_CELL_MOMENT}, {"超期（小时）", HY_CELL_HOURS},
	{"状态", HY_CELL_TEXT},
};
static const char overdue_sql[] =
	"SELECT id, title, lead_name, severity, answer_due,\n"
	"  COALESCE(answered_at, $3) - answer_due, " STATE "\n"
	"FROM v_case WHERE assigned_at < $2 AND (" LATE ")\n"
	"  AND (answered_at IS NULL OR answered_at >= $1)\n"
	"ORDER BY 6 DESC, id";

static const struct hy_column card_columns[] = {
	{"事项", HY_CELL_TEXT},	    {"标题", HY_CELL_TEXT},	{"单位", HY_CELL_TEXT},
	{"牌", HY_CELL_TEXT},	    {"等级", HY_CELL_SEVERITY}, {"亮牌", HY_CELL_MOMENT},
};
static const char card_sql[] =
	"SELECT k.case_id, c.title, k.unit_name,\n"
	"  CASE k.colour WHEN 'red' THEN '红牌' ELSE '黄牌' END, c.severity, k.at\n"
	"FROM v_card k JOIN v_case c ON c.id = k.case_id WHERE k.at >= $1 AND k.at < $2\n"
	"ORDER BY k.at, k.case_id, k.colour";

static const struct hy_column case_columns[] = {
	{"事项", HY_CELL_TEXT},	    {"标题", HY_CELL_TEXT},	 {"议题", HY_CELL_TOPIC},
	{"等级", HY_CELL_SEVERITY}, {"主办单位", HY_CELL_TEXT},	 {"发现", HY_CELL_MOMENT},
	{"签收", HY_CELL_MOMENT},   {"回应", HY_CELL_MOMENT},	 {"回应时限", HY_CELL_MOMENT},
	{"预警数", HY_CELL_COUNT},  {"状态", HY_CELL_TEXT},
};
static const char case_sql[] =
	"SELECT id, title, topic, severity, lead_name, detected_at, signed_at, answered_at,\n"
	"  answer_due, (SELECT count(*) FROM v_alert a WHERE a.case_id = v_case.id), " STATE "\n"
	"FROM v_case WHERE assigned_at >= $1 AND assigned_at < $2\n"
	"ORDER BY severity_rank DESC, id";

static const struct hy_column policy_columns[] = {
	{"政策", HY_CELL_TEXT},	  {"起草单位", HY_CELL_TEXT}, {"本期反应", HY_CELL_COUNT},
	{"媒体数", HY_CELL_COUNT}, {"累计反应", HY_CELL_COUNT}, {"新立事项", HY_CELL_COUNT},
	{"本期问得最多", HY_CELL_TEXT},
};
static const char policy_sql[] =
	"SELECT p.title, p.drafter_name, count(*),\n"
	"  count(DISTINCT CASE WHEN r.outlet <> '' THEN r.outlet ELSE r.source END),\n"
	"  (SELECT count(*) FROM v_reaction a WHERE a.policy = p.id AND a.at < $2),\n"
	"  (SELECT count(*) FROM v_policy_case k JOIN v_case c ON c.id = k.case_id\n"
	"     WHERE k.policy = p.id AND c.assigned_at >= $1 AND c.assigned_at < $2),\n"
	"  (SELECT q.asked FROM v_question q WHERE q.policy = p.id AND q.at >= $1 AND q.at < $2\n"
	"     GROUP BY q.alike, q.asked ORDER BY count(DISTINCT q.document) DESC, min(q.at),\n"
	"     q.alike LIMIT 1)\n"
	"FROM v_policy p JOIN v_reaction r ON r.policy = p.id\n"
	"WHERE r.at >= $1 AND r.at < $2\n"
	"GROUP BY p.id, p.title, p.drafter_name ORDER BY 3 DESC, p.id";

static const struct hy_column source_columns[] = {
	{"来源", HY_CELL_TEXT},	      {"名称", HY_CELL_TEXT},	    {"应有", HY_CELL_COUNT},
	{"见到", HY_CELL_COUNT},      {"入库", HY_CELL_COUNT},	    {"无新日数", HY_CELL_COUNT},
	{"访问失败", HY_CELL_COUNT},  {"最近成功", HY_CELL_MOMENT}, {"最近有新", HY_CELL_MOMENT},
	{"本期告警", HY_CELL_COUNT},  {"连续失败", HY_CELL_COUNT},  {"原因", HY_CELL_TEXT},
};
/* The days of the ledger are those of China time, as dates: the week's begin is one of them. */
static const char source_sql[] =
	"WITH days AS (SELECT source, expected_milli, items_new, stored, polls_failed\n"
	"  FROM v_coverage\n"
	"  WHERE day_at >= $1 AND day_at < $2)\n"
	"SELECT s.id, s.name, (SUM(d.expected_milli) + 500) / 1000, SUM(d.items_new),\n"
	"  SUM(d.stored), COUNT(CASE WHEN d.items_new = 0 THEN 1 END), SUM(d.polls_failed),\n"
	"  s.last_success_at, s.last_new_at,\n"
	"  (SELECT count(*) FROM v_source_alarm a WHERE a.source = s.id\n"
	"     AND a.raised_at >= $1 AND a.raised_at < $2), s.failures, s.reason\n"
	"FROM v_source s LEFT JOIN days d ON d.source = s.id\n"
	"WHERE s.active = 1 OR d.source IS NOT NULL\n"
	"GROUP BY s.id, s.name, s.last_success_at, s.last_new_at, s.failures, s.reason\n"
	"ORDER BY 10 DESC, 11 DESC, 1";

#define TABLE(id, title, definition, store, name) \
	{id, title, definition, store, name##_sql, name##_columns, HY_COUNT(name##_columns)}

static const struct hy_table_spec specs[] = {
	TABLE("summary", "一、摘要",
	      "应回应指回应时限落在本期且已到期的事项；按时回应率＝按时回应数÷应回应数，无应回应时记“—”；"
	      "在办与超期为统计时刻的数。",
	      HY_REPORT_ALERTER, summary),
	TABLE("documents", "二、稿件", "本期发现的稿件（同一文章每次修改另计一版）及研判结果；只提到政策、不涉及关注议题的不算预警。",
	      HY_REPORT_CRAWLER, documents),
	TABLE("by-day", "三、每日走势", "按收到预警的日期（北京时间）计；新事件指该事件在本期的第一条预警。",
	      HY_REPORT_ALERTER, day),
	TABLE("by-topic", "四、议题分布",
	      "按预警的首要议题计；媒体数为不同发布媒体数，页面未写明媒体的按来源计。", HY_REPORT_ALERTER,
	      topic),
	TABLE("by-unit", "五、各单位回应情况",
	      "首次回应用时＝首次回应时刻－计时起点（发现时刻），取本期回应事项的中位数；超期未回应计入应回应。",
	      HY_REPORT_ALERTER, unit),
	TABLE("overdue", "六、超期清单",
	      "超过回应时限而未回应的全部事项，以及本期回应但已超期的事项；超期＝回应时刻（未回应的取统计时刻）－时限。",
	      HY_REPORT_ALERTER, overdue),
	TABLE("cards", "七、黄牌红牌",
	      "回应时限到期或超期达到规定比例时亮牌，记在当时的主办单位名下；本期亮出的全部列出。",
	      HY_REPORT_ALERTER, card),
	TABLE("cases", "八、本期事项", "本期交办的全部事项，等级高的在前。", HY_REPORT_ALERTER,
	      case),
	TABLE("policies", "九、政策反应",
	      "按发现时刻计，一篇稿件算一次；不涉及关注议题的不在预警之内；问题按意思相近归并，取提问稿件最多的一个。",
	      HY_REPORT_ALERTER, policy),
	TABLE("sources", "十、来源情况", "统计时刻各来源的状态；连续失败不为零的，本期可能有看不到的内容。",
	      HY_REPORT_CRAWLER, source),
};

enum hy_err hy_weekly_load(const struct hy_weekly_sources *sources, int year, int week,
			   struct hy_report *out, struct hy_error *e)
{
	struct hy_report report = {.title = TITLE, .year = year, .week = week};
	enum hy_err err = HY_OK;

	if (!hy_wall_of_iso_week(year, week, &report.scope.begin))
		return hy_fail(e, HY_ERR_MALFORMED, "%d 年没有第 %d 周", year, week);
	report.scope.end = hy_wall_add_ms(report.scope.begin, WEEK_MS);
	report.scope.made_at = sources->now;
	report.scope.topics = sources->topics;
	report.tables = hy_xcalloc(HY_COUNT(specs), sizeof *report.tables);
	for (size_t i = 0; err == HY_OK && i < HY_COUNT(specs); i++) {
		err = hy_table_load(sources->store[specs[i].store], &specs[i], &report.scope,
				    &report.tables[i], e);
		if (err == HY_OK)
			report.table_count++;
	}
	report.scope.topics = NULL;
	if (err != HY_OK)
		hy_weekly_fini(&report);
	else
		*out = report;
	return err;
}

void hy_weekly_fini(struct hy_report *report)
{
	for (size_t i = 0; i < report->table_count; i++)
		hy_table_fini(&report->tables[i]);
	free(report->tables);
	*report = (struct hy_report){0};
}
