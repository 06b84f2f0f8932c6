/*
 * A webhook: one notice a post, in the envelope of envelope.h. Receivers that keep the
 * Idempotency-Key of what they took may be sent the same again (`repeat: true`).
 */
#include "alerter/channel_type.h"
#include "alerter/envelope.h"
#include "common/base/mem.h"

static const char *const keys[] = {HY_CHANNEL_DELIVERY_KEYS, "url", "secret_file", "repeat", NULL};
static const char *const required[] = {"url", NULL};
static const char *const schemes[] = {"https://", "http://", NULL};

static enum hy_err encode(const struct hy_channel *channel,
			  const struct hy_channel_message *message, struct hy_outgoing *out)
{
	const struct hy_notice *n = &message->notices[0];
	char now[HY_RFC3339_BYTES], signature[HY_HMAC_HEX_BYTES];
	enum hy_err err = hy_envelope_write(n, &out->body);

	if (err)
		return err;
	hy_buf_add_str(&out->url, hy_channel_url(channel));
	hy_buf_addf(&out->headers,
		    "Content-Type: application/json; charset=utf-8\n"
		    "X-Huiying-Event-Type: %s\nX-Huiying-Delivery: %.*s\nIdempotency-Key: %.*s\n"
		    "X-Huiying-Timestamp: %s\n",
		    hy_envelope_event_type(n->step), HY_STR_ARGS(n->id), HY_STR_ARGS(n->id),
		    hy_wall_format(message->now, now));
	if (message->secret.n) {
		hy_envelope_sign(message->secret, hy_buf_str(&out->body), signature);
		hy_buf_addf(&out->headers, "X-Huiying-Signature: %s\n", signature);
	}
	return hy_outgoing_err(out);
}

static void judge(const struct hy_answer *answer, struct hy_verdict *out)
{
	(void)hy_judge_status(answer, 0, out);
	/* "Not now" without a word for how long is about this post only. */
	if (out->outcome == HY_SENT_THROTTLED && out->pause_ms == 0)
		out->outcome = HY_SENT_UNSENT;
}

const struct hy_channel_type hy_channel_webhook = {
	.id = "webhook", .keys = keys, .required = required, .schemes = schemes,
	.encode = encode, .judge = judge,
};
