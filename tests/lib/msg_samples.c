#include "tests/lib/msg_samples.h"

#include "common/sys/severity.h"

/* A constant initializer, which a compound literal is not in ISO C. */
#define S(literal) {literal, sizeof(literal) - 1}

static const struct hy_msg_topic topics[] = {
	{S("flood"), 12, HY_SEVERITY_MAJOR},
	{S("roads"), -3, HY_SEVERITY_GENERAL},
};
static const struct hy_str places[] = {S("shunhua"), S("高新区")};
static const struct hy_str policies[] = {S("youth-talent")};
static const struct hy_msg_hit hits[] = {
	{S("flood"), S("积水"), HY_FIELD_BODY, 18, 24, S("积水")},
	{S("flood"), S("/堵塞$/"), HY_FIELD_TITLE, 0, 0, S("")},
};
static const struct hy_msg_figure figures[] = {
	{S("documents_pending"), INT64_MAX},
	{S("resent"), INT64_MIN},
};
static const struct hy_msg_share shares[] = {
	{S("flood"), 3},
	{S("roads"), 0},
};

static const struct hy_msg_case others[] = {{S("case-2"), 0}, {S("case-3"), INT64_MAX}};

const struct hy_msg msg_samples[HY_MSG_TYPE_COUNT] = {
	[HY_MSG_DOCUMENT] = {
		.type = HY_MSG_DOCUMENT,
		.id = S("0123456789abcdef0123456789abcdef"),
		.as.document = {
			.document = S("d0"), .url = S("https://example.cn/a?b=\"c\""),
			.title = S("积水\t\\ 😀"), .source = S("daily"),
			.outlet = S(""), .region = S("gaoxin"),
			.published_at = {INT64_MIN}, .detected_at = {1795395600123},
			.text = S(MSG_SAMPLE_TEXT)},
	},
	[HY_MSG_VERDICT] = {
		.type = HY_MSG_VERDICT, .id = S("v"),
		.as.verdict = {HY_OUTCOME_UNJUDGED, S("r1"), S("规则超时")},
	},
	[HY_MSG_ALERT] = {
		.type = HY_MSG_ALERT, .id = S("alert-1"),
		.as.alert = {
			.document = S("d0"), .version = S("v0"),
			.url = S("https://example.cn/a"), .title = S("积水"),
			.source = S("daily"), .outlet = S("高新日报"),
			.published_at = {-1}, .detected_at = {0}, .severity = HY_SEVERITY_MAJOR,
			.because = S("议题“积水”：有 受伤，至少为重大"), .rules = S("r1"),
			.topics = topics, .topic_count = 2,
			.places = places, .place_count = 2,
			.policies = policies, .policy_count = 1, .hits = hits, .hit_count = 2,
			.text = S(MSG_SAMPLE_TEXT)},
	},
	[HY_MSG_RECEIPT] = {
		.type = HY_MSG_RECEIPT, .id = S("alert-1"),
		.as.receipt = {HY_RECEIPT_TAKEN, S("event-1"), S("case-1"), true, S("")},
	},
	[HY_MSG_COMMAND] = {
		.type = HY_MSG_COMMAND, .id = S("command-1"),
		.as.command = {HY_COMMAND_ANSWER, S("case-1"), 3, others, 2, S("water"),
			       S("resolve"), S("target-1"), S("https://example.gov.cn/1"),
			       S("已清淤"), S("月底前修好"), {1795395600000}, S("office")},
	},
	[HY_MSG_REPLY] = {
		.type = HY_MSG_REPLY, .id = S("command-1"),
		.as.reply = {HY_ERR_CONFLICT, S("已经签收")},
	},
	[HY_MSG_EVENT] = {
		.type = HY_MSG_EVENT, .id = S("notice-1"),
		.as.event = {
			.notice = S("notice-1"), .case_id = S("case-1"),
			.step = S("assigned"), .recipient = S("water"),
			.title = S("积水"), .topic = S("flood"),
			.lead = S("water"), .severity = HY_SEVERITY_CRITICAL,
			.at = {1}, .sign_due = {2}, .answer_due = {INT64_MIN},
			.url = S("https://example.cn/a"), .text = S("请签收")},
	},
	[HY_MSG_STATUS_REQUEST] = {
		.type = HY_MSG_STATUS_REQUEST, .id = S("s-1"),
	},
	[HY_MSG_STATUS] = {
		.type = HY_MSG_STATUS, .id = S("s-1"),
		.as.status = {S("crawler"), 4711, {1795395600000}, S("ready"),
			      figures, 2},
	},
	[HY_MSG_ALARM] = {
		.type = HY_MSG_ALARM, .id = S("alarm-1-raised"),
		.as.alarm = {
			.alarm = S("alarm-1"), .component = S("crawler"),
			.kind = S("source-silent"), .subject = S("daily"),
			.owner = S("publicity"), .state = HY_ALARM_CLEARED,
			.since = {1795395600000}, .at = {0},
			.text = S("来源“高新日报”恢复了")},
	},
	[HY_MSG_TALLY] = {
		.type = HY_MSG_TALLY, .id = S("tally-1"),
		.as.tally = {
			.rules = S("r1"), .at = {1795395600000}, .documents = 420, .alerted = 4,
			.shares = shares, .share_count = 2},
	},
};
