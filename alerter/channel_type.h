/*
 * The kinds of channels, one table entry each: what may stand in channels.yaml, how much fits
 * into one message, how it is written, and what the other side's answer means. An answer of
 * HTTP 200 is no acceptance: robots say no in the body.
 *
 * Forms and limits: developer.work.weixin.qq.com path/99110 (wecom), open.dingtalk.com
 * robots/custom-robot-access, open.feishu.cn bot-v3/add-custom-bot, RFC 5321 and 5322 (smtp).
 */
#ifndef HY_ALERTER_CHANNEL_TYPE_H
#define HY_ALERTER_CHANNEL_TYPE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerter/channels.h"
#include "alerter/notice.h"
#include "alerter/notice_text.h"
#include "alerter/transport.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/content_id.h"

#define HY_VERDICT_WORDS_BYTES 240

#define HY_SENT_LIST(X) \
	X(ACCEPTED, "accepted") X(UNSENT, "unsent") X(THROTTLED, "throttled") \
	X(REFUSED, "refused") X(UNCERTAIN, "uncertain")

enum hy_sent {
#define X(name, id) HY_SENT_##name,
	HY_SENT_LIST(X)
#undef X
};
const char *hy_sent_id(enum hy_sent outcome);

struct hy_verdict {
	enum hy_sent outcome;
	int64_t code;		/* the receiver's, 0 without */
	int64_t pause_ms;	/* throttled: the channel keeps still for so long */
	bool by_message;	/* refused for what it says; another message may be accepted */
	char words[HY_VERDICT_WORDS_BYTES];	/* for the record; UTF-8, one line */
};

/* One part of what goes out; everything borrowed. */
struct hy_channel_message {
	struct hy_id id;		/* the same at every attempt */
	size_t part, parts;		/* from 1 */
	struct hy_str title, text;	/* guarded for the type and within its limit */
	const struct hy_notice *notices;
	size_t notice_count;
	struct hy_wall now;
	struct hy_str key, secret;	/* what the files hold; "" without */
};

struct hy_channel_type {
	const char *id;
	const char *const *keys;	/* all that may stand in the file; ends with NULL */
	const char *const *required;
	const char *url;		/* where the key "url" may be missing; or NULL */
	const char *const *schemes;	/* of the url; ends with NULL */
	size_t text_bytes;		/* of one message's text; 0: never cut */
	struct hy_text_form form;
	int64_t budget;			/* messages a minute by the maker's rules; 0: none */
	int64_t pause_ms;		/* throttled: for so long, where the answer does not say */
	bool groups;			/* several waiting notices become one message */
	bool repeats;			/* preset of the key "repeat" */
	bool avoids_marks;		/* throttled by the maker at each full and half hour */
	/* NULL for publish, which goes its own way. */
	enum hy_err (*encode)(const struct hy_channel *channel,
			      const struct hy_channel_message *message, struct hy_outgoing *out);
	void (*judge)(const struct hy_answer *answer, struct hy_verdict *out);
};

extern const struct hy_channel_type hy_channel_publish, hy_channel_webhook, hy_channel_wecom,
	hy_channel_dingtalk, hy_channel_feishu, hy_channel_smtp;

/* NULL: no such type. */
const struct hy_channel_type *hy_channel_type_find(struct hy_str id);
/* "publish、webhook、…": what it finds. */
void hy_channel_type_names(struct hy_buf *out);

/* ---- for the types ---- */

#define HY_CHANNEL_COMMON_KEYS "id", "type", "units", "steps", "severity", "note"
#define HY_CHANNEL_DELIVERY_KEYS \
	HY_CHANNEL_COMMON_KEYS, "timeout", "gather", "budget", "quiet", "fallback", \
		"fallback_after", "failures", "standby"

/* Base64 of HMAC-SHA256, with a NUL. */
#define HY_SIGN64_BYTES 45
void hy_sign64(struct hy_str key, struct hy_str message, char out[HY_SIGN64_BYTES]);

/* The channel's address, or the maker's where it names none. */
struct hy_str hy_channel_url(const struct hy_channel *channel);

/* Appends text that is safe behind '=' in a query: all but unreserved bytes as %XX. */
void hy_url_escape(struct hy_str text, struct hy_buf *out);

/* Words of an answer for the record: one line of valid UTF-8, cut at a character. */
void hy_verdict_say(struct hy_verdict *verdict, struct hy_str words);

/*
 * What no type decides by itself: no answer, a status that says "not now" or "no", and, for
 * robots, a body that is no JSON object. True where the verdict stands; false: HTTP 200, and
 * the code in the body decides.
 */
bool hy_judge_status(const struct hy_answer *answer, int64_t pause_ms, struct hy_verdict *out);

/* A robot's answer by a table of its codes. A refusal in it is one of what the message says;
 * what stands in no row refuses the channel: a key, a signature, an address. */
struct hy_robot_code {
	int64_t code;
	enum hy_sent outcome;
};
struct hy_robot_answer {
	const char *code_keys[2], *words_keys[2];	/* the first that is there counts */
	const struct hy_robot_code *codes;		/* ends with an accepted one */
	int64_t pause_ms;
};
void hy_judge_robot(const struct hy_answer *answer, const struct hy_robot_answer *known,
		    struct hy_verdict *out);

/* Moves the JSON into the body of a POST and frees it; MALFORMED where it is NULL. */
enum hy_err hy_outgoing_json(struct hy_outgoing *out, json_t *json) HY_MUST_CHECK;

#endif
