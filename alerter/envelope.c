#include "alerter/envelope.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>

#include "alerter/alarm.h"
#include "alerter/audit_day.h"
#include "alerter/policy_digest.h"
#include "common/base/mem.h"

#define NO_END "0001-01-01T00:00:00Z"	/* Alertmanager's way of saying: still firing */

static json_t *text_of(struct hy_str s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

static json_t *time_of(struct hy_wall at)
{
	char text[HY_RFC3339_BYTES];

	return json_string(hy_wall_format(at, text));
}

static json_t *labels(const struct hy_notice *n)
{
	json_t *labels = json_pack("{s:o, s:o, s:o, s:s, s:o, s:o}", "case", text_of(n->case_id),
				   "topic", text_of(n->topic), "unit", text_of(n->lead),
				   "severity", hy_severity_id(n->severity), "step",
				   text_of(n->step), "recipient", text_of(n->recipient));

	if (n->alarm.n) {
		json_object_set_new(labels, "alarm", text_of(n->alarm));
		json_object_set_new(labels, "component", text_of(n->component));
		json_object_set_new(labels, "kind", text_of(n->kind));
		json_object_set_new(labels, "subject", text_of(n->subject));
	}
	return labels;
}

static json_t *annotations(const struct hy_notice *n)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "title", text_of(n->title), "summary",
			 text_of(n->text), "unit_name", text_of(n->lead_name), "sign_due",
			 time_of(n->sign_due), "answer_due", time_of(n->answer_due));
}

static json_t *envelope(const struct hy_notice *n, const char *group_key)
{
	json_t *alert = json_pack("{s:s, s:o, s:o, s:o, s:s, s:o, s:o}", "status", "firing",
				  "labels", labels(n), "annotations", annotations(n), "startsAt",
				  time_of(n->clock_start), "endsAt", NO_END, "generatorURL",
				  text_of(n->url), "fingerprint", text_of(n->id));
	struct hy_str group = n->alarm.n ? n->alarm : n->event;

	return json_pack("{s:s, s:s, s:i, s:s, s:o, s:{s:o}, s:o, s:o, s:s, s:[o]}", "version", "4",
			 "groupKey", group_key, "truncatedAlerts", 0, "status", "firing",
			 "receiver", text_of(n->channel), "groupLabels",
			 n->alarm.n ? "alarm" : "event", text_of(group), "commonLabels", labels(n),
			 "commonAnnotations", annotations(n), "externalURL", "", "alerts", alert);
}

enum hy_err hy_envelope_write(const struct hy_notice *notice, struct hy_buf *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf key = HY_BUF(256);
	json_t *json;
	char *text;

	hy_buf_addf(&key, "{}:{%s=\"%.*s\"}", notice->alarm.n ? "alarm" : "event",
		    HY_STR_ARGS(notice->alarm.n ? notice->alarm : notice->event));
	if (hy_buf_err(&key))
		return hy_buf_err(&key);
	json = envelope(notice, key.p);
	text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	if (!text)
		return HY_ERR_MALFORMED;
	hy_buf_add_c(out, text);
	free(text);
	return hy_buf_err(out);
}

const char *hy_envelope_event_type(struct hy_str step)
{
	if (hy_str_eq_c(step, "assigned") || hy_str_eq_c(step, "assist"))
		return "alert.assigned";
	if (hy_str_eq_c(step, HY_ALARM_STEP_RAISED))
		return "alarm.raised";
	if (hy_str_eq_c(step, HY_AUDIT_STEP_HEAD))
		return "audit.head";
	if (hy_str_eq_c(step, HY_POLICY_STEP_DIGEST))
		return "policy.digest";
	return "alert.escalated";
}

void hy_envelope_sign(struct hy_str secret, struct hy_str body, char out[HY_HMAC_HEX_BYTES])
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;

	(void)crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret.p, secret.n);
	(void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)body.p, body.n);
	(void)crypto_auth_hmacsha256_final(&state, mac);
	(void)sodium_bin2hex(out, HY_HMAC_HEX_BYTES, mac, sizeof mac);
}
