/*
 * Feishu 飞书: a group's own robot, signed in the body: the key is the moment in seconds and the
 * secret, the message is empty. A card of version 1.0, which the oldest programs show.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "alerter/channel_type.h"
#include "common/base/mem.h"

#define PAUSE_MS 60000
#define SECONDS_BYTES 24

static const char *const keys[] = {HY_CHANNEL_DELIVERY_KEYS, "url", "key_file", "secret_file", NULL};
static const char *const required[] = {"key_file", "secret_file", NULL};
static const char *const schemes[] = {"https://", "http://", NULL};

static const struct hy_robot_code codes[] = {
	{9499, HY_SENT_THROTTLED},	/* too many requests */
	{11232, HY_SENT_THROTTLED},	/* the robot's own limit */
	{230001, HY_SENT_REFUSED},	/* content that it cannot show */
	{0, HY_SENT_ACCEPTED},
};
static const struct hy_robot_answer known = {.code_keys = {"code", "StatusCode"},
					     .words_keys = {"msg", "StatusMessage"},
					     .codes = codes, .pause_ms = PAUSE_MS};

static json_t *card(const struct hy_channel_message *m)
{
	return json_pack("{s:{s:b}, s:{s:{s:s, s:s%}}, s:[{s:s, s:s%}]}", "config",
			 "wide_screen_mode", 1, "header", "title", "tag", "plain_text", "content",
			 m->title.p, m->title.n, "elements", "tag", "markdown", "content", m->text.p,
			 m->text.n);
}

static enum hy_err encode(const struct hy_channel *channel,
			  const struct hy_channel_message *message, struct hy_outgoing *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf key = HY_BUF(HY_OUTGOING_SECRET_BYTES + 32);
	char sign[HY_SIGN64_BYTES], seconds[SECONDS_BYTES];

	(void)snprintf(seconds, sizeof seconds, "%" PRId64, message->now.ms / 1000);
	hy_buf_addf(&key, "%s\n%.*s", seconds, HY_STR_ARGS(message->secret));
	if (hy_buf_err(&key))
		return hy_buf_err(&key);
	hy_sign64(hy_buf_str(&key), HY_STR_LIT(""), sign);
	hy_buf_add_str(&out->url, hy_channel_url(channel));
	hy_buf_add_char(&out->url, '/');
	hy_url_escape(message->key, &out->url);
	return hy_outgoing_json(out, json_pack("{s:s, s:s, s:s, s:o}", "timestamp", seconds, "sign",
					       sign, "msg_type", "interactive", "card",
					       card(message)));
}

static void judge(const struct hy_answer *answer, struct hy_verdict *out)
{
	hy_judge_robot(answer, &known, out);
}

/* 20 KB for the whole body, 100 a minute and 5 a second by the rules. */
const struct hy_channel_type hy_channel_feishu = {
	.id = "feishu", .keys = keys, .required = required, .schemes = schemes,
	.url = "https://open.feishu.cn/open-apis/bot/v2/hook",
	.text_bytes = 18000, .form = {HY_GUARD_MARKDOWN, "\n"}, .budget = 90, .pause_ms = PAUSE_MS,
	.groups = true, .avoids_marks = true, .encode = encode, .judge = judge,
};
