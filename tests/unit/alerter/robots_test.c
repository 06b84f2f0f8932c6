/* What the robots are sent, and what their answers mean. */
#include "alerter/channel_type.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"

#define KEY "0123/+key"

static json_t *encoded(const struct hy_channel_type *type, const char *secret,
		       struct hy_outgoing *out)
{
	struct hy_channel channel = {.type = type};
	struct hy_channel_message m = {.part = 1, .parts = 1, .title = HY_STR_LIT("标题"),
				       .text = HY_STR_LIT("正文\n第二行"), .key = HY_STR_LIT(KEY),
				       .secret = hy_str_of(secret), .now = {1700000000000}};
	json_t *json;

	hy_outgoing_init(out);
	assert_int_equal(type->encode(&channel, &m, out), HY_OK);
	json = json_loadb(out->body.p, out->body.n, 0, NULL);
	assert_non_null(json);
	return json;
}

static const char *text_at(const json_t *json, const char *path)
{
	struct hy_str rest = hy_str_of(path), key = {0};

	while (hy_str_next(&rest, '/', &key)) {
		hy_cleanup(hy_free_p) char *name = hy_str_dup(key);

		json = json_is_array(json) ? json_array_get(json, (size_t)(name[0] - '0'))
					   : json_object_get(json, name);
	}
	assert_true(json_is_string(json));
	return json_string_value(json);
}

static void assert_url(const struct hy_outgoing *out, const char *url)
{
	hy_cleanup(hy_free_p) char *text = hy_str_dup(hy_buf_str(&out->url));

	assert_string_equal(text, url);
}

static void wecom_form(void **state)
{
	struct hy_outgoing out;
	json_t *json = encoded(&hy_channel_wecom, "", &out);

	(void)state;
	assert_url(&out, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123%2F%2Bkey");
	assert_string_equal(text_at(json, "msgtype"), "markdown");
	assert_string_equal(text_at(json, "markdown/content"), "正文\n第二行");
	json_decref(json);
	hy_outgoing_fini(&out);
}

/* The vector was made with openssl: key = secret, message = milliseconds, newline, secret. */
static void dingtalk_is_signed(void **state)
{
	struct hy_outgoing out;
	json_t *json = encoded(&hy_channel_dingtalk, "SEC0123456789abcdef", &out);

	(void)state;
	assert_url(&out, "https://oapi.dingtalk.com/robot/send?access_token=0123%2F%2Bkey"
			 "&timestamp=1700000000000"
			 "&sign=TSZbRFUuvaSQaRKUpF970OPCb2%2FLcQAP3wOvwZIzBZk%3D");
	assert_string_equal(text_at(json, "markdown/title"), "标题");
	assert_false(json_is_true(json_object_get(json_object_get(json, "at"), "isAtAll")));
	json_decref(json);
	hy_outgoing_fini(&out);
}

/* The vector was made with openssl: key = seconds, newline, secret; the message is empty. */
static void feishu_is_signed(void **state)
{
	struct hy_outgoing out;
	json_t *json = encoded(&hy_channel_feishu, "feishusecret", &out);

	(void)state;
	assert_url(&out, "https://open.feishu.cn/open-apis/bot/v2/hook/0123%2F%2Bkey");
	assert_string_equal(text_at(json, "timestamp"), "1700000000");
	assert_string_equal(text_at(json, "sign"), "5Wc8F8b2vZlNjoVFpK6BAaovMobglP4Rm1FzmEq/rCU=");
	assert_string_equal(text_at(json, "card/header/title/tag"), "plain_text");
	assert_string_equal(text_at(json, "card/elements/0/content"), "正文\n第二行");
	json_decref(json);
	hy_outgoing_fini(&out);
}

static const struct {
	const struct hy_channel_type *type;
	long status;
	const char *body;
	enum hy_sent outcome;
	int64_t code, pause_ms;
} answers[] = {
	{&hy_channel_wecom, 200, "{\"errcode\":0,\"errmsg\":\"ok\"}", HY_SENT_ACCEPTED, 0, 0},
	{&hy_channel_wecom, 200, "{\"errcode\":45009,\"errmsg\":\"api freq out of limit\"}",
	 HY_SENT_THROTTLED, 45009, 60000},
	{&hy_channel_wecom, 200, "{\"errcode\":40058,\"errmsg\":\"too long\"}", HY_SENT_REFUSED,
	 40058, 0},
	{&hy_channel_wecom, 200, "{\"errcode\":93000,\"errmsg\":\"invalid\"}", HY_SENT_REFUSED, 93000,
	 0},
	{&hy_channel_wecom, 200, "<html>log in</html>", HY_SENT_UNCERTAIN, 200, 0},
	{&hy_channel_wecom, 200, "{\"errcode\":\"0\"}", HY_SENT_UNCERTAIN, 200, 0},
	{&hy_channel_wecom, 200, "", HY_SENT_UNCERTAIN, 200, 0},
	{&hy_channel_wecom, 502, "bad gateway", HY_SENT_UNCERTAIN, 502, 0},
	{&hy_channel_wecom, 503, "", HY_SENT_THROTTLED, 503, 60000},
	{&hy_channel_wecom, 404, "", HY_SENT_REFUSED, 404, 0},
	{&hy_channel_wecom, 500, "{\"errcode\":0}", HY_SENT_REFUSED, 500, 0},
	{&hy_channel_dingtalk, 200, "{\"errcode\":0,\"errmsg\":\"ok\"}", HY_SENT_ACCEPTED, 0, 0},
	{&hy_channel_dingtalk, 200, "{\"errcode\":130101,\"errmsg\":\"send too fast\"}",
	 HY_SENT_THROTTLED, 130101, 600000},
	{&hy_channel_dingtalk, 200, "{\"errcode\":310000,\"errmsg\":\"sign not match\"}",
	 HY_SENT_REFUSED, 310000, 0},
	{&hy_channel_feishu, 200, "{\"code\":0,\"msg\":\"success\"}", HY_SENT_ACCEPTED, 0, 0},
	{&hy_channel_feishu, 200, "{\"StatusCode\":0,\"StatusMessage\":\"success\"}",
	 HY_SENT_ACCEPTED, 0, 0},
	{&hy_channel_feishu, 200, "{\"code\":11232,\"msg\":\"frequency limited\"}",
	 HY_SENT_THROTTLED, 11232, 60000},
	{&hy_channel_feishu, 400, "{\"code\":9499,\"msg\":\"too many requests\"}",
	 HY_SENT_THROTTLED, 9499, 60000},
	{&hy_channel_feishu, 200, "{\"code\":19021,\"msg\":\"sign match fail\"}", HY_SENT_REFUSED,
	 19021, 0},
	{&hy_channel_webhook, 204, "", HY_SENT_ACCEPTED, 204, 0},
	{&hy_channel_webhook, 429, "", HY_SENT_UNSENT, 429, 0},
	{&hy_channel_webhook, 500, "", HY_SENT_REFUSED, 500, 0},
	{&hy_channel_smtp, 250, "", HY_SENT_ACCEPTED, 250, 0},
	{&hy_channel_smtp, 451, "", HY_SENT_UNSENT, 451, 0},
	{&hy_channel_smtp, 550, "", HY_SENT_REFUSED, 550, 0},
};

static void answers_are_read_from_the_body(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(answers); i++) {
		struct hy_answer answer = {.arrival = HY_ARRIVAL_ANSWERED,
					   .status = answers[i].status,
					   .body = hy_str_of(answers[i].body)};
		struct hy_verdict verdict;

		answers[i].type->judge(&answer, &verdict);
		if (verdict.outcome != answers[i].outcome)
			fail_msg("%s %ld %s: %s", answers[i].type->id, answers[i].status,
				 answers[i].body, hy_sent_id(verdict.outcome));
		assert_int_equal(verdict.code, answers[i].code);
		assert_int_equal(verdict.pause_ms, answers[i].pause_ms);
	}
}

static void without_an_answer(void **state)
{
	static const struct hy_channel_type *const types[] = {
		&hy_channel_wecom, &hy_channel_dingtalk, &hy_channel_feishu, &hy_channel_webhook,
		&hy_channel_smtp};
	struct hy_verdict verdict;

	(void)state;
	for (size_t i = 0; i < HY_COUNT(types); i++) {
		struct hy_answer answer = {.arrival = HY_ARRIVAL_UNSENT, .reason = "no route"};

		types[i]->judge(&answer, &verdict);
		assert_int_equal(verdict.outcome, HY_SENT_UNSENT);
		assert_non_null(strstr(verdict.words, "no route"));
		answer.arrival = HY_ARRIVAL_UNKNOWN;
		types[i]->judge(&answer, &verdict);
		assert_int_equal(verdict.outcome, HY_SENT_UNCERTAIN);
	}
}

/* The other side's words are foreign: one line of UTF-8, cut at a character. */
static void words_are_tamed(void **state)
{
	struct hy_verdict verdict = {.code = 0};
	char wide[3 * 100 + 1];

	(void)state;
	hy_verdict_say(&verdict, HY_STR_LIT(" a\nb\t\xff\x1b[31m "));
	assert_string_equal(verdict.words, "a b \xef\xbf\xbd [31m");
	for (size_t i = 0; i < 100; i++)
		memcpy(wide + 3 * i, "拆", 3);
	wide[300] = '\0';
	hy_verdict_say(&verdict, hy_str_of(wide));
	assert_int_equal(strlen(verdict.words), (HY_VERDICT_WORDS_BYTES - 1) / 3 * 3);
}

static void retry_after_counts(void **state)
{
	struct hy_answer answer = {.arrival = HY_ARRIVAL_ANSWERED, .status = 429,
				   .retry_after_ms = 7000};
	struct hy_verdict verdict;

	(void)state;
	hy_channel_webhook.judge(&answer, &verdict);
	assert_int_equal(verdict.pause_ms, 7000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wecom_form),
		cmocka_unit_test(dingtalk_is_signed),
		cmocka_unit_test(feishu_is_signed),
		cmocka_unit_test(answers_are_read_from_the_body),
		cmocka_unit_test(without_an_answer),
		cmocka_unit_test(words_are_tamed),
		cmocka_unit_test(retry_after_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
