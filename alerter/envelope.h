/*
 * The JSON of a webhook: Alertmanager's envelope (version 4), so that receivers that know it
 * need nothing new. One notice is one alert, grouped by its event.
 */
#ifndef HY_ALERTER_ENVELOPE_H
#define HY_ALERTER_ENVELOPE_H

#include "alerter/notice.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"

#define HY_ENVELOPE_BYTES (64u << 10)
#define HY_HMAC_HEX_BYTES 65

/* Appends the body. LIMIT where the notice is too large for one. */
enum hy_err hy_envelope_write(const struct hy_notice *notice, struct hy_buf *out) HY_MUST_CHECK;

/* "alert.assigned", "alert.escalated" or "alarm.raised": what the step means to a receiver. */
const char *hy_envelope_event_type(struct hy_str step);

/* HMAC-SHA256 of the raw body as 64 hex digits and a NUL. */
void hy_envelope_sign(struct hy_str secret, struct hy_str body, char out[HY_HMAC_HEX_BYTES]);

#endif
