#include "common/sys/msg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/msg_samples.h"

static enum hy_err try_encode(const struct hy_msg *m)
{
	struct hy_frames frames = {.count = 99};
	struct hy_error e = {0};
	enum hy_err err = hy_msg_encode(m, &frames, &e);

	if (err == HY_OK)
		hy_frames_fini(&frames);
	else
		assert_int_equal(frames.count, 99);	/* untouched */
	assert_int_equal(e.code, err);
	return err;
}

static void test_encode_ids(void **state)
{
	struct hy_msg m = msg_samples[HY_MSG_STATUS_REQUEST];
	char id[HY_MSG_ID_BYTES + 1];

	(void)state;
	memset(id, 'i', sizeof id);
	m.id = (struct hy_str){id, HY_MSG_ID_BYTES};
	assert_int_equal(try_encode(&m), HY_OK);
	m.id.n++;
	assert_int_equal(try_encode(&m), HY_ERR_MALFORMED);
	m.id = (struct hy_str){NULL, 0};
	assert_int_equal(try_encode(&m), HY_ERR_MALFORMED);
	m.id = HY_STR_LIT("two words");
	assert_int_equal(try_encode(&m), HY_ERR_MALFORMED);
	m.id = HY_STR_LIT("事");
	assert_int_equal(try_encode(&m), HY_ERR_MALFORMED);
	m = msg_samples[HY_MSG_STATUS_REQUEST];
	m.type = HY_MSG_TYPE_COUNT;
	assert_int_equal(try_encode(&m), HY_ERR_MALFORMED);
}

static void test_encode_texts(void **state)
{
	struct hy_msg m = msg_samples[HY_MSG_DOCUMENT];
	char *big = hy_xcalloc(HY_MSG_TEXT_BYTES + 1, 1);

	(void)state;
	memset(big, 'x', HY_MSG_TEXT_BYTES + 1);
	m.as.document.title = (struct hy_str){big, HY_MSG_TITLE_BYTES};
	assert_int_equal(try_encode(&m), HY_OK);
	m.as.document.title.n++;
	assert_int_equal(try_encode(&m), HY_ERR_LIMIT);
	m.as.document.title = HY_STR_LIT("\xff");
	assert_int_equal(try_encode(&m), HY_ERR_MALFORMED);
	m.as.document.title = HY_STR_LIT("a\0b");
	assert_int_equal(try_encode(&m), HY_ERR_MALFORMED);
	m = msg_samples[HY_MSG_DOCUMENT];
	m.as.document.source.n = 0;
	assert_int_equal(try_encode(&m), HY_ERR_MALFORMED);
	m = msg_samples[HY_MSG_DOCUMENT];
	m.as.document.detected_at = HY_WALL_NONE;
	assert_int_equal(try_encode(&m), HY_ERR_MALFORMED);
	m.as.document.detected_at.ms = INT64_MAX;
	assert_int_equal(try_encode(&m), HY_ERR_MALFORMED);
	m = msg_samples[HY_MSG_DOCUMENT];
	m.as.document.text = (struct hy_str){big, HY_MSG_TEXT_BYTES};
	assert_int_equal(try_encode(&m), HY_OK);
	m.as.document.text.n++;
	assert_int_equal(try_encode(&m), HY_ERR_LIMIT);
	m.as.document.text = HY_STR_LIT("\xe4\xb8");
	assert_int_equal(try_encode(&m), HY_ERR_MALFORMED);
	m.as.document.text = HY_STR_LIT("a\0");
	assert_int_equal(try_encode(&m), HY_ERR_MALFORMED);
	free(big);
}

static void test_encode_lists_and_enums(void **state)
{
	struct hy_msg m = msg_samples[HY_MSG_ALERT];
	struct hy_msg_hit hit = msg_samples[HY_MSG_ALERT].as.alert.hits[0];

	(void)state;
	m.as.alert.topic_count = m.as.alert.policy_count = 0;
	assert_int_equal(try_encode(&m), HY_ERR_MALFORMED);
	m = msg_samples[HY_MSG_ALERT];
	m.as.alert.hit_count = HY_MSG_HITS_MAX + 1;
	assert_int_equal(try_encode(&m), HY_ERR_LIMIT);
	m.as.alert.hits = &hit;
	m.as.alert.hit_count = 1;
	assert_int_equal(try_encode(&m), HY_OK);
	hit.start = hit.end + 1;
	assert_int_equal(try_encode(&m), HY_ERR_MALFORMED);
	hit.start = -1;
	assert_int_equal(try_encode(&m), HY_ERR_MALFORMED);
	hit.start = 0;
	hit.end = (int64_t)strlen(MSG_SAMPLE_TEXT) + 1;
	assert_int_equal(try_encode(&m), HY_ERR_MALFORMED);
	hit = msg_samples[HY_MSG_ALERT].as.alert.hits[0];
	memset(&hit.field, 0x7f, sizeof hit.field);
	assert_int_equal(try_encode(&m), HY_ERR_MALFORMED);
	m = msg_samples[HY_MSG_REPLY];
	memset(&m.as.reply.code, 0xff, sizeof m.as.reply.code);
	assert_int_equal(try_encode(&m), HY_ERR_MALFORMED);
}

/* Every hit at its limits: together they exceed the body, which is said and not cut. */
static void test_encode_body_limit(void **state)
{
	struct hy_msg m = msg_samples[HY_MSG_ALERT];
	struct hy_msg_hit *many = hy_xcalloc(HY_MSG_HITS_MAX, sizeof *many);
	char rule[HY_MSG_RULE_BYTES];

	(void)state;
	memset(rule, 'r', sizeof rule);
	for (size_t i = 0; i < HY_MSG_HITS_MAX; i++) {
		many[i] = msg_samples[HY_MSG_ALERT].as.alert.hits[0];
		many[i].rule = many[i].text = (struct hy_str){rule, sizeof rule};
	}
	m.as.alert.hits = many;
	m.as.alert.hit_count = 200;
	assert_int_equal(try_encode(&m), HY_OK);
	m.as.alert.hit_count = HY_MSG_HITS_MAX;
	assert_int_equal(try_encode(&m), HY_ERR_LIMIT);
	free(many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encode_ids),
		cmocka_unit_test(test_encode_texts),
		cmocka_unit_test(test_encode_lists_and_enums),
		cmocka_unit_test(test_encode_body_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
