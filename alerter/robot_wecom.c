/* WeCom 企业微信: a group's robot. Its key is its only secret and stands in the address. */
#include <jansson.h>

#include "alerter/channel_type.h"

#define PAUSE_MS 60000

static const char *const keys[] = {HY_CHANNEL_DELIVERY_KEYS, "url", "key_file", NULL};
static const char *const required[] = {"key_file", NULL};
static const char *const schemes[] = {"https://", "http://", NULL};

static const struct hy_robot_code codes[] = {
	{-1, HY_SENT_THROTTLED},	/* system busy */
	{45009, HY_SENT_THROTTLED},	/* more than 20 a minute */
	{45033, HY_SENT_THROTTLED},	/* too many at once */
	{40058, HY_SENT_REFUSED},	/* too long, or not what it should be */
	{0, HY_SENT_ACCEPTED},
};
static const struct hy_robot_answer known = {
	.code_keys = {"errcode"}, .words_keys = {"errmsg"}, .codes = codes, .pause_ms = PAUSE_MS};

static enum hy_err encode(const struct hy_channel *channel,
			  const struct hy_channel_message *message, struct hy_outgoing *out)
{
	hy_buf_add_str(&out->url, hy_channel_url(channel));
	hy_buf_add_c(&out->url, "?key=");
	hy_url_escape(message->key, &out->url);
	return hy_outgoing_json(out, json_pack("{s:s, s:{s:s%}}", "msgtype", "markdown", "markdown",
					       "content", message->text.p, message->text.n));
}

static void judge(const struct hy_answer *answer, struct hy_verdict *out)
{
	hy_judge_robot(answer, &known, out);
}

/* 4096 bytes by the rules; 20 a minute, less a little for a clock that differs. */
const struct hy_channel_type hy_channel_wecom = {
	.id = "wecom", .keys = keys, .required = required, .schemes = schemes,
	.url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
	.text_bytes = 4000, .form = {HY_GUARD_MARKDOWN, "\n"}, .budget = 18, .pause_ms = PAUSE_MS,
	.groups = true, .avoids_marks = true, .encode = encode, .judge = judge,
};
