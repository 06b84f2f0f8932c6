/*
 * DingTalk 钉钉: a group's own robot, signed: the key is the secret, the message the moment in
 * milliseconds and the secret; both stand in the address, made anew for each attempt.
 */
#include <inttypes.h>
#include <jansson.h>

#include "alerter/channel_type.h"
#include "common/base/mem.h"

#define PAUSE_MS (10LL * 60 * 1000)	/* so long it refuses everything after one too many */

static const char *const keys[] = {HY_CHANNEL_DELIVERY_KEYS, "url", "key_file", "secret_file", NULL};
static const char *const required[] = {"key_file", "secret_file", NULL};
static const char *const schemes[] = {"https://", "http://", NULL};

static const struct hy_robot_code codes[] = {
	{-1, HY_SENT_THROTTLED},	/* system busy */
	{130101, HY_SENT_THROTTLED},	/* more than 20 a minute */
	{410100, HY_SENT_THROTTLED},	/* the same, of newer servers */
	{460101, HY_SENT_REFUSED},	/* too long */
	{0, HY_SENT_ACCEPTED},
};
static const struct hy_robot_answer known = {
	.code_keys = {"errcode"}, .words_keys = {"errmsg"}, .codes = codes, .pause_ms = PAUSE_MS};

static enum hy_err encode(const struct hy_channel *channel,
			  const struct hy_channel_message *message, struct hy_outgoing *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_OUTGOING_SECRET_BYTES + 32);
	char sign[HY_SIGN64_BYTES];

	hy_buf_addf(&text, "%" PRId64 "\n%.*s", message->now.ms, HY_STR_ARGS(message->secret));
	if (hy_buf_err(&text))
		return hy_buf_err(&text);
	hy_sign64(message->secret, hy_buf_str(&text), sign);
	hy_buf_add_str(&out->url, hy_channel_url(channel));
	hy_buf_add_c(&out->url, "?access_token=");
	hy_url_escape(message->key, &out->url);
	hy_buf_addf(&out->url, "&timestamp=%" PRId64 "&sign=", message->now.ms);
	hy_url_escape(hy_str_of(sign), &out->url);
	return hy_outgoing_json(
		out, json_pack("{s:s, s:{s:s%, s:s%}, s:{s:[], s:b}}", "msgtype", "markdown",
			       "markdown", "title", message->title.p, message->title.n, "text",
			       message->text.p, message->text.n, "at", "atMobiles", "isAtAll", 0));
}

static void judge(const struct hy_answer *answer, struct hy_verdict *out)
{
	hy_judge_robot(answer, &known, out);
}

/* 20,000 bytes for the whole body by the rules. */
const struct hy_channel_type hy_channel_dingtalk = {
	.id = "dingtalk", .keys = keys, .required = required, .schemes = schemes,
	.url = "https://oapi.dingtalk.com/robot/send",
	.text_bytes = 18000, .form = {HY_GUARD_MARKDOWN, "\n\n"}, .budget = 18, .pause_ms = PAUSE_MS,
	.groups = true, .avoids_marks = true, .encode = encode, .judge = judge,
};
