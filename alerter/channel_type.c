#include "alerter/channel_type.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

static const struct hy_channel_type *const types[] = {
	&hy_channel_publish, &hy_channel_webhook, &hy_channel_wecom,
	&hy_channel_dingtalk, &hy_channel_feishu, &hy_channel_smtp,
};

static const char *const publish_keys[] = {HY_CHANNEL_COMMON_KEYS, NULL};
static const char *const nothing[] = {NULL};

const struct hy_channel_type hy_channel_publish = {
	.id = "publish", .keys = publish_keys, .required = nothing, .schemes = nothing,
};

static const char *const outcomes[] = {
#define X(name, id) id,
	HY_SENT_LIST(X)
#undef X
};

const char *hy_sent_id(enum hy_sent outcome)
{
	return outcomes[outcome];
}

const struct hy_channel_type *hy_channel_type_find(struct hy_str id)
{
	for (size_t i = 0; i < HY_COUNT(types); i++) {
		if (hy_str_eq_c(id, types[i]->id))
			return types[i];
	}
	return NULL;
}

void hy_channel_type_names(struct hy_buf *out)
{
	for (size_t i = 0; i < HY_COUNT(types); i++)
		hy_buf_addf(out, "%s%s", i ? "、" : "", types[i]->id);
}

void hy_sign64(struct hy_str key, struct hy_str message, char out[HY_SIGN64_BYTES])
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;

	(void)crypto_auth_hmacsha256_init(&state, (const unsigned char *)key.p, key.n);
	(void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)message.p, message.n);
	(void)crypto_auth_hmacsha256_final(&state, mac);
	(void)sodium_bin2base64(out, HY_SIGN64_BYTES, mac, sizeof mac,
				sodium_base64_VARIANT_ORIGINAL);
}

struct hy_str hy_channel_url(const struct hy_channel *channel)
{
	return channel->url.n ? channel->url : hy_str_of(channel->type->url);
}

static bool is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-._~", c));
}

void hy_url_escape(struct hy_str text, struct hy_buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (is_unreserved(c))
			hy_buf_add_char(out, (char)c);
		else
			hy_buf_addf(out, "%%%02X", c);
	}
}

void hy_verdict_say(struct hy_verdict *verdict, struct hy_str words)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(3 * HY_ANSWER_BYTES);
	struct hy_str trimmed = hy_str_trim(hy_str_sub(words, 0, HY_ANSWER_BYTES));
	size_t n;

	hy_utf8_repair(&text, trimmed.p, trimmed.n);
	n = text.n < HY_VERDICT_WORDS_BYTES ? text.n
					    : hy_utf8_floor(text.p, text.n,
							    HY_VERDICT_WORDS_BYTES - 1);
	for (size_t i = 0; i < n; i++)
		verdict->words[i] = (unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f ? ' '
											: text.p[i];
	verdict->words[n] = '\0';
}

/* A gateway that got no answer (502, 504) cannot say whether the machine behind it read it. */
static enum hy_sent outcome_of_status(long status)
{
	if (status >= 200 && status < 300)
		return HY_SENT_ACCEPTED;
	if (status == 429 || status == 503)
		return HY_SENT_THROTTLED;
	if (status == 502 || status == 504)
		return HY_SENT_UNCERTAIN;
	return HY_SENT_REFUSED;
}

bool hy_judge_status(const struct hy_answer *answer, int64_t pause_ms, struct hy_verdict *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf words = HY_BUF(64);

	*out = (struct hy_verdict){.code = answer->status};
	if (answer->arrival != HY_ARRIVAL_ANSWERED) {
		out->outcome = answer->arrival == HY_ARRIVAL_UNSENT ? HY_SENT_UNSENT
								    : HY_SENT_UNCERTAIN;
		hy_verdict_say(out, hy_str_of(answer->reason));
		return true;
	}
	out->outcome = outcome_of_status(answer->status);
	if (out->outcome == HY_SENT_THROTTLED)
		out->pause_ms = answer->retry_after_ms ? answer->retry_after_ms : pause_ms;
	out->by_message = answer->status == 413;
	hy_buf_addf(&words, "status %ld", answer->status);
	hy_verdict_say(out, hy_buf_str(&words));
	return out->outcome != HY_SENT_ACCEPTED;
}

static const json_t *first_of(const json_t *object, const char *const keys[2])
{
	const json_t *value = json_object_get(object, keys[0]);

	return value || !keys[1] ? value : json_object_get(object, keys[1]);
}

static void judge_code(const struct hy_robot_answer *known, int64_t code, const json_t *words,
		       struct hy_verdict *out)
{
	const struct hy_robot_code *row = known->codes;
	bool is_known;

	while (row->outcome != HY_SENT_ACCEPTED && row->code != code)
		row++;
	is_known = row->code == code;
	*out = (struct hy_verdict){.outcome = is_known ? row->outcome : HY_SENT_REFUSED, .code = code};
	out->by_message = is_known && out->outcome == HY_SENT_REFUSED;
	if (out->outcome == HY_SENT_THROTTLED)
		out->pause_ms = known->pause_ms;
	hy_verdict_say(out, hy_str_of(json_string_value(words)));
}

/* A code counts whatever the status: some robots say no with HTTP 400, some with 200. */
void hy_judge_robot(const struct hy_answer *answer, const struct hy_robot_answer *known,
		    struct hy_verdict *out)
{
	bool stands = hy_judge_status(answer, known->pause_ms, out);
	const json_t *code, *words;
	json_t *json;

	if (answer->arrival != HY_ARRIVAL_ANSWERED)
		return;
	json = json_loadb(answer->body.p ? answer->body.p : "", answer->body.n, 0, NULL);
	code = first_of(json, known->code_keys);
	words = first_of(json, known->words_keys);
	if (!json_is_integer(code) && !stands) {
		/* Something else has answered in the robot's place. */
		out->outcome = HY_SENT_UNCERTAIN;
		hy_verdict_say(out, HY_STR_LIT("status 200 without the robot's code"));
	} else if (json_is_integer(code) && !(stands && json_integer_value(code) == 0)) {
		judge_code(known, json_integer_value(code), words, out);
	}
	json_decref(json);
}

enum hy_err hy_outgoing_json(struct hy_outgoing *out, json_t *json)
{
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
	if (!text)
		return HY_ERR_MALFORMED;
	hy_buf_add_c(&out->headers, "Content-Type: application/json; charset=utf-8\n");
	hy_buf_add_c(&out->body, text);
	free(text);
	return hy_outgoing_err(out);
}
