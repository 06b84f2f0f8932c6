/*
 * Mail over SMTP: submission with STARTTLS (RFC 3207) or TLS from the start (RFC 8314). Sent
 * again where it may have arrived: by its Message-ID a mailbox shows it once.
 */
#include "alerter/channel_type.h"
#include "alerter/mail.h"
#include "common/base/mem.h"

#define PAUSE_MS 60000
#define REPLY_TRY_LATER 400
#define REPLY_NO 500
#define REPLY_TOO_LARGE 552
#define REPLY_CONTENT 554

static const char *const keys[] = {HY_CHANNEL_DELIVERY_KEYS, "url", "from", "to", "user",
				   "password_file", "tls", "ca_file", "repeat", NULL};
static const char *const required[] = {"url", "from", "to", NULL};
static const char *const schemes[] = {"smtp://", "smtps://", NULL};

static enum hy_err encode(const struct hy_channel *channel,
			  const struct hy_channel_message *message, struct hy_outgoing *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf id = HY_BUF(2 * HY_ID_DIGITS);
	struct hy_mail mail = {.from = channel->from, .to = channel->to.item,
			       .to_count = channel->to.count, .subject = message->title,
			       .text = message->text, .at = message->notices[0].created_at};

	hy_buf_addf(&id, "%s.%zu", message->id.hex, message->part);
	mail.id = hy_buf_str(&id);
	if (message->notice_count == 1)
		mail.thread = message->notices[0].case_id;
	out->is_mail = true;
	out->user = channel->user;
	out->from = channel->from;
	out->to = channel->to.item;
	out->to_count = channel->to.count;
	out->tls = channel->tls;
	hy_buf_add_str(&out->url, channel->url);
	hy_buf_add_str(&out->password, message->secret);
	return hy_mail_write(&mail, &out->body) ? HY_ERR_LIMIT : hy_outgoing_err(out);
}

static void judge(const struct hy_answer *answer, struct hy_verdict *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf words = HY_BUF(HY_ANSWER_BYTES);

	*out = (struct hy_verdict){.code = answer->status, .outcome = HY_SENT_ACCEPTED};
	if (answer->arrival == HY_ARRIVAL_UNSENT)
		out->outcome = HY_SENT_UNSENT;
	else if (answer->arrival == HY_ARRIVAL_UNKNOWN)
		out->outcome = HY_SENT_UNCERTAIN;
	else if (answer->status >= REPLY_NO)
		out->outcome = HY_SENT_REFUSED;
	else if (answer->status >= REPLY_TRY_LATER)
		out->outcome = HY_SENT_UNSENT;
	out->by_message = answer->status == REPLY_TOO_LARGE || answer->status == REPLY_CONTENT;
	hy_buf_addf(&words, "reply %ld%s%s", answer->status, answer->reason ? ": " : "",
		    answer->reason ? answer->reason : "");
	hy_verdict_say(out, hy_buf_str(&words));
}

const struct hy_channel_type hy_channel_smtp = {
	.id = "smtp", .keys = keys, .required = required, .schemes = schemes,
	.text_bytes = 200000, .form = {HY_GUARD_PLAIN, "\n"}, .pause_ms = PAUSE_MS, .groups = true,
	.repeats = true, .encode = encode, .judge = judge,
};
