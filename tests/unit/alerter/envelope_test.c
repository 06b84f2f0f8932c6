/* The JSON of a webhook and its signature. */
#include "alerter/envelope.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"

static void hmac_of_rfc_4231(void **state)
{
	char out[HY_HMAC_HEX_BYTES];

	(void)state;
	/* Test case 2 of RFC 4231. */
	hy_envelope_sign(HY_STR_LIT("Jefe"), HY_STR_LIT("what do ya want for nothing?"), out);
	assert_string_equal(out,
			    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static const char *text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "(none)";
}

static void envelope_is_alertmanagers(void **state)
{
	struct hy_notice n = {.id = HY_STR_LIT("9f2c"), .case_id = HY_STR_LIT("2026-000001"),
			      .step = HY_STR_LIT("assigned"), .recipient = HY_STR_LIT("welfare/一岗"),
			      .channel = HY_STR_LIT("platform"), .text = HY_STR_LIT("一行“话”\n"),
			      .title = HY_STR_LIT("标题\"引号"), .topic = HY_STR_LIT("wages.arrears"),
			      .lead = HY_STR_LIT("welfare"), .lead_name = HY_STR_LIT("保障部"),
			      .event = HY_STR_LIT("e1"), .url = HY_STR_LIT("http://a/1"),
			      .severity = HY_SEVERITY_MAJOR, .created_at = {0},
			      .sign_due = {1000}, .answer_due = HY_WALL_NONE,
			      .clock_start = {0}};
	const json_t *alert;
	struct hy_buf out;
	json_t *json;

	(void)state;
	hy_buf_init(&out, HY_ENVELOPE_BYTES);
	assert_int_equal(hy_envelope_write(&n, &out), HY_OK);
	json = json_loadb(out.p, out.n, 0, NULL);
	assert_non_null(json);
	assert_string_equal(text_at(json, "version"), "4");
	assert_string_equal(text_at(json, "status"), "firing");
	assert_string_equal(text_at(json, "receiver"), "platform");
	assert_string_equal(text_at(json, "groupKey"), "{}:{event=\"e1\"}");
	assert_string_equal(text_at(json_object_get(json, "commonLabels"), "severity"), "major");
	assert_int_equal(json_array_size(json_object_get(json, "alerts")), 1);
	alert = json_array_get(json_object_get(json, "alerts"), 0);
	assert_string_equal(text_at(alert, "fingerprint"), "9f2c");
	assert_string_equal(text_at(alert, "startsAt"), "1970-01-01T08:00:00+08:00");
	assert_string_equal(text_at(alert, "endsAt"), "0001-01-01T00:00:00Z");
	assert_string_equal(text_at(json_object_get(alert, "annotations"), "title"), "标题\"引号");
	assert_string_equal(text_at(json_object_get(alert, "annotations"), "answer_due"), "");
	json_decref(json);
	hy_buf_fini(&out);
	/* What does not fit is refused, not cut. */
	hy_buf_init(&out, 100);
	assert_int_equal(hy_envelope_write(&n, &out), HY_ERR_LIMIT);
	hy_buf_fini(&out);
	n.title = HY_STR_LIT("\xff");
	hy_buf_init(&out, HY_ENVELOPE_BYTES);
	assert_int_equal(hy_envelope_write(&n, &out), HY_ERR_MALFORMED);
	hy_buf_fini(&out);
}

static void steps_have_types(void **state)
{
	(void)state;
	assert_string_equal(hy_envelope_event_type(HY_STR_LIT("assigned")), "alert.assigned");
	assert_string_equal(hy_envelope_event_type(HY_STR_LIT("sign-80")), "alert.escalated");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hmac_of_rfc_4231),
		cmocka_unit_test(envelope_is_alertmanagers),
		cmocka_unit_test(steps_have_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
