#include "common/sys/msg.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "tests/lib/msg_samples.h"

/* ---- the expected limits, written down again: bytes of each text field ---- */

struct limit {
	enum hy_msg_type type;
	const char *key;
	size_t bytes;
};
#define ID HY_MSG_ID_BYTES
#define NAME HY_MSG_NAME_BYTES
static const struct limit limits[] = {
	{HY_MSG_DOCUMENT, "document", ID}, {HY_MSG_DOCUMENT, "url", HY_MSG_URL_BYTES},
	{HY_MSG_DOCUMENT, "title", HY_MSG_TITLE_BYTES}, {HY_MSG_DOCUMENT, "source", NAME},
	{HY_MSG_DOCUMENT, "outlet", NAME}, {HY_MSG_DOCUMENT, "region", NAME},
	{HY_MSG_VERDICT, "rules", NAME}, {HY_MSG_VERDICT, "note", HY_MSG_NOTE_BYTES},
	{HY_MSG_ALERT, "document", ID}, {HY_MSG_ALERT, "version", ID},
	{HY_MSG_ALERT, "url", HY_MSG_URL_BYTES}, {HY_MSG_ALERT, "title", HY_MSG_TITLE_BYTES},
	{HY_MSG_ALERT, "source", NAME}, {HY_MSG_ALERT, "outlet", NAME}, {HY_MSG_ALERT, "rules", NAME},
	{HY_MSG_ALERT, "because", HY_MSG_TITLE_BYTES},
	{HY_MSG_RECEIPT, "event", NAME}, {HY_MSG_RECEIPT, "case_id", NAME},
	{HY_MSG_RECEIPT, "note", HY_MSG_NOTE_BYTES},
	{HY_MSG_COMMAND, "case_id", NAME}, {HY_MSG_COMMAND, "actor", NAME},
	{HY_MSG_COMMAND, "kind", NAME}, {HY_MSG_COMMAND, "url", HY_MSG_URL_BYTES},
	{HY_MSG_COMMAND, "note", HY_MSG_NOTE_BYTES}, {HY_MSG_COMMAND, "target", NAME},
	{HY_MSG_COMMAND, "promise", HY_MSG_TITLE_BYTES}, {HY_MSG_COMMAND, "approver", NAME},
	{HY_MSG_REPLY, "text", HY_MSG_REPLY_BYTES},
	{HY_MSG_EVENT, "notice", NAME}, {HY_MSG_EVENT, "case_id", NAME}, {HY_MSG_EVENT, "step", NAME},
	{HY_MSG_EVENT, "recipient", NAME}, {HY_MSG_EVENT, "title", HY_MSG_TITLE_BYTES},
	{HY_MSG_EVENT, "topic", NAME}, {HY_MSG_EVENT, "lead", NAME},
	{HY_MSG_EVENT, "url", HY_MSG_URL_BYTES}, {HY_MSG_EVENT, "text", HY_MSG_NOTE_BYTES},
	{HY_MSG_STATUS, "daemon", NAME}, {HY_MSG_STATUS, "state", HY_MSG_NOTE_BYTES},
	{HY_MSG_ALARM, "alarm", ID}, {HY_MSG_ALARM, "component", NAME},
	{HY_MSG_ALARM, "kind", NAME}, {HY_MSG_ALARM, "subject", NAME},
	{HY_MSG_ALARM, "owner", NAME}, {HY_MSG_ALARM, "text", HY_MSG_TITLE_BYTES},
	{HY_MSG_TALLY, "rules", NAME},
};

/* ---- helpers ---- */

static struct hy_frames encode_sample(size_t type)
{
	struct hy_frames frames;
	struct hy_error e = {0};

	if (hy_msg_encode(&msg_samples[type], &frames, &e))
		fail_msg("%s: %s", hy_msg_type_name((enum hy_msg_type)type), e.text);
	return frames;
}

static void expect_refused(const struct hy_frames *frames, const char *what)
{
	struct hy_msg *m = NULL;
	struct hy_error e = {0};

	if (hy_msg_decode(frames, &m, &e) == HY_OK)
		fail_msg("accepted: %s", what);
	assert_int_equal(e.code, HY_ERR_MALFORMED);
	assert_true(e.text[0] != '\0');
	assert_null(m);
}

static void expect_accepted(const struct hy_frames *frames)
{
	struct hy_msg *m = NULL;
	struct hy_error e = {0};

	if (hy_msg_decode(frames, &m, &e))
		fail_msg("%s", e.text);
	hy_msg_free(m);
}

static json_t *body_of(const struct hy_frames *frames)
{
	json_t *body = json_loadb(frames->frame[1].p, frames->frame[1].n, 0, NULL);

	assert_non_null(body);
	return body;
}

/* Decodes the frames with another body. */
static bool accepts_body(struct hy_frames frames, const json_t *body)
{
	char *text = json_dumps(body, JSON_COMPACT);
	struct hy_msg *m = NULL;
	enum hy_err err;

	frames.frame[1] = hy_str_of(text);
	err = hy_msg_decode(&frames, &m, NULL);
	hy_msg_free(m);
	free(text);
	return err == HY_OK;
}

static bool accepts_text_body(struct hy_frames frames, struct hy_str body)
{
	struct hy_msg *m = NULL;
	enum hy_err err;

	frames.frame[1] = body;
	err = hy_msg_decode(&frames, &m, NULL);
	hy_msg_free(m);
	return err == HY_OK;
}

/* ---- tests ---- */

/* Field by field would compare what the tables compare; the frames again are independent. */
static void test_round_trip(void **state)
{
	(void)state;
	for (size_t type = 0; type < HY_MSG_TYPE_COUNT; type++) {
		struct hy_frames frames = encode_sample(type), again;
		struct hy_msg *m = NULL;

		assert_int_equal(hy_msg_decode(&frames, &m, NULL), HY_OK);
		assert_int_equal(m->type, type);
		assert_true(hy_str_eq(m->id, msg_samples[type].id));
		assert_int_equal(hy_msg_encode(m, &again, NULL), HY_OK);
		assert_int_equal(frames.count, again.count);
		for (size_t i = 0; i < frames.count; i++)
			assert_true(hy_str_eq(frames.frame[i], again.frame[i]));
		hy_frames_fini(&again);
		hy_frames_fini(&frames);
		/* The decoded message owns its memory: the frames are gone. */
		assert_true(hy_str_eq(m->id, msg_samples[type].id));
		hy_msg_free(m);
	}
}

static void test_alert_fields(void **state)
{
	struct hy_frames frames = encode_sample(HY_MSG_ALERT);
	struct hy_msg *m = NULL;
	const struct hy_msg_alert *a;

	(void)state;
	assert_int_equal(hy_msg_decode(&frames, &m, NULL), HY_OK);
	hy_frames_fini(&frames);
	a = &m->as.alert;
	assert_true(hy_str_eq_c(a->version, "v0"));
	assert_true(hy_str_eq_c(a->outlet, "高新日报"));
	assert_int_equal(a->published_at.ms, -1);
	assert_int_equal(a->severity, HY_SEVERITY_MAJOR);
	assert_int_equal(a->topic_count, 2);
	assert_true(hy_str_eq_c(a->topics[1].topic, "roads"));
	assert_int_equal(a->topics[1].score, -3);
	assert_int_equal(a->policy_count, 1);
	assert_true(hy_str_eq_c(a->policies[0], "youth-talent"));
	assert_int_equal(a->place_count, 2);
	assert_true(hy_str_eq_c(a->places[1], "高新区"));
	assert_int_equal(a->hit_count, 2);
	assert_int_equal(a->hits[0].field, HY_FIELD_BODY);
	assert_int_equal(a->hits[0].end, 24);
	assert_true(hy_str_eq_c(a->text, MSG_SAMPLE_TEXT));
	hy_msg_free(m);
}

static void test_document_and_others(void **state)
{
	struct hy_frames frames = encode_sample(HY_MSG_DOCUMENT);
	struct hy_msg *m = NULL;

	(void)state;
	assert_int_equal(hy_msg_decode(&frames, &m, NULL), HY_OK);
	assert_false(hy_wall_known(m->as.document.published_at));
	assert_int_equal(m->as.document.detected_at.ms, 1795395600123);
	assert_true(hy_str_eq_c(m->as.document.title, "积水\t\\ 😀"));
	hy_msg_free(m);
	hy_frames_fini(&frames);

	frames = encode_sample(HY_MSG_STATUS);
	assert_int_equal(hy_msg_decode(&frames, &m, NULL), HY_OK);
	assert_int_equal(m->as.status.figures[0].value, INT64_MAX);
	assert_int_equal(m->as.status.figures[1].value, INT64_MIN);
	assert_int_equal(m->as.status.pid, 4711);
	hy_msg_free(m);
	hy_frames_fini(&frames);

	frames = encode_sample(HY_MSG_REPLY);
	assert_int_equal(hy_msg_decode(&frames, &m, NULL), HY_OK);
	assert_int_equal(m->as.reply.code, HY_ERR_CONFLICT);
	hy_msg_free(m);
	hy_frames_fini(&frames);
}

static void test_every_truncation(void **state)
{
	(void)state;
	for (size_t type = 0; type < HY_MSG_TYPE_COUNT; type++) {
		struct hy_frames frames = encode_sample(type);

		for (size_t i = 0; i < 2; i++) {
			struct hy_frames cut = frames;
			/* A shorter id is another id: only what cuts the header is malformed. */
			size_t end = i == 0 ? 6 : frames.frame[i].n;

			for (size_t n = 0; n < end; n++) {
				cut.frame[i].n = n;
				expect_refused(&cut, hy_msg_type_name((enum hy_msg_type)type));
			}
		}
		for (size_t count = 0; count < frames.count; count++) {
			struct hy_frames fewer = frames;

			fewer.count = count;
			expect_refused(&fewer, "missing frames");
		}
		hy_frames_fini(&frames);
	}
}

/* The text frame has no length of its own: what is cut inside a character must not pass. */
static void test_text_cut_inside_character(void **state)
{
	struct hy_frames frames = encode_sample(HY_MSG_DOCUMENT);

	(void)state;
	frames.frame[2].n = 4;
	expect_refused(&frames, "half a character");
	frames.frame[2].n = 3;
	expect_accepted(&frames);
	frames.frame[2].n = 0;
	expect_accepted(&frames);
	hy_frames_fini(&frames);
}

static void test_trailing_frame(void **state)
{
	(void)state;
	for (size_t type = 0; type < HY_MSG_TYPE_COUNT; type++) {
		struct hy_frames frames = encode_sample(type);

		if (frames.count < HY_MSG_FRAMES_MAX) {
			frames.frame[frames.count++] = HY_STR_LIT("");
			expect_refused(&frames, "a frame too many");
		}
		hy_frames_fini(&frames);
	}
}

static void test_header(void **state)
{
	static const struct {
		const char *p;
		size_t n;
	} bad[] = {
		{"hY\1\7\0s", 6}, {"Hy\1\7\0s", 6}, {"HY\2\7\0s", 6}, {"HY\4\7\0s", 6},
		{"HY\3\x09\0s", 6}, {"HY\3\xff\0s", 6}, {"HY\3\7\1s", 6}, {"HY\3\7\0 ", 6},
		{"HY\3\7\0\n", 6}, {"HY\3\7\0\0", 6}, {"HY\3\7\0\x7f", 6}, {"HY\3\7\0\xc3\xa9", 7},
		{"HY\3\7\0", 5}, {"HY\3\7", 4}, {NULL, 0},
	};
	char longest[5 + HY_MSG_ID_BYTES + 1] = {'H', 'Y', HY_MSG_VERSION, HY_MSG_STATUS_REQUEST, 0};
	struct hy_frames frames = {.frame = {{longest, 5 + HY_MSG_ID_BYTES}, HY_STR_LIT("{}")},
				   .count = 2};

	(void)state;
	memset(longest + 5, 'x', HY_MSG_ID_BYTES + 1);
	expect_accepted(&frames);
	frames.frame[0].n++;
	expect_refused(&frames, "an id too long");
	for (size_t i = 0; i < HY_COUNT(bad); i++) {
		frames.frame[0] = (struct hy_str){bad[i].p, bad[i].n};
		expect_refused(&frames, "a bad header");
	}
	frames.frame[0] = (struct hy_str){"HY\3\7\0s", 6};
	expect_accepted(&frames);
}

static json_t *value_of_another_type(const json_t *value, size_t which)
{
	json_t *others[] = {json_string("1"), json_integer(1), json_real(1.0), json_null(),
			    json_true(), json_object(), json_array()};
	json_t *chosen;

	chosen = json_incref(others[which]);
	for (size_t i = 0; i < HY_COUNT(others); i++)
		json_decref(others[i]);
	if (json_typeof(chosen) == json_typeof(value) ||
	    (json_is_boolean(chosen) && json_is_boolean(value))) {
		json_decref(chosen);
		return NULL;
	}
	return chosen;
}

static bool may_be_null(size_t type, const char *key)
{
	return strcmp(key, "published_at") == 0 || strcmp(key, "started_at") == 0 ||
	       strcmp(key, "due") == 0 ||
	       (type == HY_MSG_EVENT && (strcmp(key, "at") == 0 || strstr(key, "_due")));
}

/* Flips the type of one entry of `object`, which is (part of) `body`. */
static void flip_types(const struct hy_frames *frames, size_t type, json_t *body, json_t *object)
{
	json_t *copy = json_copy(object);
	const char *key;
	json_t *value;

	json_object_foreach (copy, key, value) {
		for (size_t which = 0; which < 7; which++) {
			json_t *other = value_of_another_type(value, which);

			if (!other)
				continue;
			if (may_be_null(type, key) && (json_is_null(other) || json_is_integer(other))) {
				json_decref(other);
				continue;
			}
			(void)json_object_set_new(object, key, other);
			if (accepts_body(*frames, body))
				fail_msg("%s: %s accepted as kind %zu",
					 hy_msg_type_name((enum hy_msg_type)type), key, which);
		}
		(void)json_object_set(object, key, value);
	}
	json_decref(copy);
}

static void remove_each(const struct hy_frames *frames, json_t *body, json_t *object)
{
	json_t *copy = json_copy(object);
	const char *key;
	json_t *value;

	json_object_foreach (copy, key, value) {
		(void)json_object_del(object, key);
		if (accepts_body(*frames, body))
			fail_msg("accepted without %s", key);
		/* The same number of fields, but one under another name. */
		(void)json_object_set_new(object, "unknown", json_null());
		assert_false(accepts_body(*frames, body));
		(void)json_object_del(object, "unknown");
		(void)json_object_set(object, key, value);
	}
	(void)json_object_set_new(object, "unknown", json_string("x"));
	assert_false(accepts_body(*frames, body));
	(void)json_object_del(object, "unknown");
	assert_true(accepts_body(*frames, body));
	json_decref(copy);
}

static void test_fields_flipped_missing_extra(void **state)
{
	(void)state;
	for (size_t type = 0; type < HY_MSG_TYPE_COUNT; type++) {
		struct hy_frames frames = encode_sample(type);
		json_t *body = body_of(&frames), *value;
		const char *key;

		assert_true(accepts_body(frames, body));
		flip_types(&frames, type, body, body);
		remove_each(&frames, body, body);
		json_object_foreach (body, key, value) {
			json_t *item = json_array_get(value, 0);

			if (!json_is_object(item))
				continue;
			flip_types(&frames, type, body, item);
			remove_each(&frames, body, item);
		}
		json_decref(body);
		hy_frames_fini(&frames);
	}
}

static json_t *text_of_bytes(size_t n)
{
	char *p = hy_xcalloc(n + 1, 1);
	json_t *text;

	memset(p, 'x', n);
	text = json_string(p);
	free(p);
	return text;
}

/* Only a refused one has a note. */
static void make_refused(json_t *receipt)
{
	(void)json_object_set_new(receipt, "outcome", json_string("refused"));
	(void)json_object_set_new(receipt, "event", json_string(""));
	(void)json_object_set_new(receipt, "case_id", json_string(""));
	(void)json_object_set_new(receipt, "fresh", json_false());
}

static void test_over_long_fields(void **state)
{
	size_t texts = 0;

	(void)state;
	for (size_t i = 0; i < HY_COUNT(limits); i++) {
		struct hy_frames frames = encode_sample(limits[i].type);
		json_t *body = body_of(&frames);

		if (limits[i].type == HY_MSG_RECEIPT && strcmp(limits[i].key, "note") == 0)
			make_refused(body);
		(void)json_object_set_new(body, limits[i].key, text_of_bytes(limits[i].bytes));
		/* The alert's title is the field of a hit at 0..0, which any title holds. */
		if (!accepts_body(frames, body))
			fail_msg("%s refused at its limit", limits[i].key);
		(void)json_object_set_new(body, limits[i].key, text_of_bytes(limits[i].bytes + 1));
		if (accepts_body(frames, body))
			fail_msg("%s accepted over its limit", limits[i].key);
		json_decref(body);
		hy_frames_fini(&frames);
	}
	/* No text field is missing in the table above. */
	for (size_t type = 0; type < HY_MSG_TYPE_COUNT; type++) {
		struct hy_frames frames = encode_sample(type);
		json_t *body = body_of(&frames), *value;
		const char *key;

		json_object_foreach (body, key, value)
			texts += json_is_string(value) && strcmp(key, "severity") != 0 &&
				 strcmp(key, "outcome") != 0 && strcmp(key, "command") != 0 &&
				 strcmp(key, "code") != 0 &&
				 (type != HY_MSG_ALARM || strcmp(key, "state") != 0);
		json_decref(body);
		hy_frames_fini(&frames);
	}
	assert_int_equal(texts, HY_COUNT(limits));
}

/* Each row: a sample's body with one place replaced must be refused. */
static const struct {
	enum hy_msg_type type;
	const char *from, *to;
} bad_values[] = {
	{HY_MSG_DOCUMENT, "\"document\":\"d0\"", "\"document\":\"\""},
	{HY_MSG_DOCUMENT, "\"source\":\"daily\"", "\"source\":\"\""},
	{HY_MSG_DOCUMENT, "\"region\":\"gaoxin\"", "\"region\":\"gao\\u0000xin\""},
	{HY_MSG_DOCUMENT, "\"region\":\"gaoxin\"", "\"region\":\"gao\\ud800xin\""},
	{HY_MSG_DOCUMENT, "\"region\":\"gaoxin\"", "\"region\":\"gao\xff\""},
	{HY_MSG_DOCUMENT, "\"region\":\"gaoxin\"", "\"region\":\"\xc0\xaf\""},
	{HY_MSG_DOCUMENT, "\"region\":\"gaoxin\"", "\"region\":\"\xed\xa0\x80\""},
	{HY_MSG_DOCUMENT, "\"region\":\"gaoxin\"", "\"region\":\"gao\nxin\""},
	{HY_MSG_DOCUMENT, "1795395600123", "null"},
	{HY_MSG_DOCUMENT, "1795395600123", "1795395600123.0"},
	{HY_MSG_DOCUMENT, "1795395600123", "1e400"},
	{HY_MSG_DOCUMENT, "1795395600123", "NaN"},
	{HY_MSG_DOCUMENT, "1795395600123", "Infinity"},
	{HY_MSG_DOCUMENT, "1795395600123", "9223372036854775808"},
	{HY_MSG_DOCUMENT, "1795395600123", "-9223372036854775808"},
	{HY_MSG_DOCUMENT, "1795395600123", "253402300800000"},
	{HY_MSG_DOCUMENT, "1795395600123", "-62135596800001"},
	{HY_MSG_VERDICT, "unjudged", "UNJUDGED"},
	{HY_MSG_VERDICT, "unjudged", ""},
	{HY_MSG_VERDICT, "unjudged", "unjudged "},
	{HY_MSG_VERDICT, "\"rules\":\"r1\"", "\"rules\":\"r1\",\"rules\":\"r1\""},
	{HY_MSG_VERDICT, "}", "} "  "x"},
	{HY_MSG_VERDICT, "}", "}{}"},
	{HY_MSG_VERDICT, "{\"outcome\"", "[\"outcome\""},
	{HY_MSG_ALERT, "\"severity\":\"major\",\"because\"",
	 "\"severity\":\"重大\",\"because\""},
	{HY_MSG_ALERT, "\"start\":18,\"end\":24", "\"start\":24,\"end\":18"},
	{HY_MSG_ALERT, "\"start\":18,\"end\":24", "\"start\":-1,\"end\":24"},
	{HY_MSG_ALERT, "\"start\":18,\"end\":24", "\"start\":18,\"end\":4194305"},
	{HY_MSG_ALERT, "\"start\":18,\"end\":24", "\"start\":18,\"end\":1000"},
	{HY_MSG_ALERT, "\"field\":\"body\",\"start\":18", "\"field\":\"title\",\"start\":18"},
	{HY_MSG_ALERT, "\"shunhua\"", "\"\""},
	{HY_MSG_ALERT, "\"shunhua\"", "7"},
	{HY_MSG_ALERT, "\"field\":\"body\"", "\"field\":\"author\""},
	{HY_MSG_RECEIPT, "true", "1"},
	{HY_MSG_RECEIPT, "\"taken\"", "\"refused\""},
	{HY_MSG_RECEIPT, "\"taken\"", "\"maybe\""},
	{HY_MSG_RECEIPT, "\"outcome\":\"taken\",", ""},
	{HY_MSG_RECEIPT, "\"note\":\"\"", "\"note\":\"no\""},
	{HY_MSG_COMMAND, "\"actor\":\"water\"", "\"actor\":\"\""},
	{HY_MSG_COMMAND, "\"command\":\"answer\"", "\"command\":\"delete\""},
	{HY_MSG_COMMAND, "\"version\":3", "\"version\":-1"},
	{HY_MSG_COMMAND, "\"case-2\"", "\"\""},
	{HY_MSG_REPLY, "CONFLICT", "conflict"},
	{HY_MSG_STATUS_REQUEST, "{}", "{\"unused\":0}"},
	{HY_MSG_STATUS_REQUEST, "{}", "null"},
	{HY_MSG_STATUS_REQUEST, "{}", "\"\""},
	{HY_MSG_STATUS, "4711", "-1"},
	{HY_MSG_STATUS, "4711", "2147483648"},
	{HY_MSG_STATUS, "\"resent\"", "\"\""},
	{HY_MSG_ALARM, "\"cleared\"", "\"open\""},
	{HY_MSG_ALARM, "\"source-silent\"", "\"\""},
	{HY_MSG_ALARM, "1795395600000", "null"},
	{HY_MSG_ALARM, "\"at\":0", "\"at\":null"},
	{HY_MSG_TALLY, "\"at\":1795395600000", "\"at\":null"},
	{HY_MSG_TALLY, "\"alerted\":4", "\"alerted\":421"},
	{HY_MSG_TALLY, "\"documents\":3", "\"documents\":-1"},
	{HY_MSG_TALLY, "\"documents\":3", "\"documents\":2147483648"},
	{HY_MSG_TALLY, "\"flood\"", "\"\""},
};

static void test_bad_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(bad_values); i++) {
		struct hy_frames frames = encode_sample(bad_values[i].type);
		struct hy_str body = frames.frame[1];
		size_t at = hy_str_find(body, hy_str_of(bad_values[i].from), 0);
		struct hy_buf text;

		if (at == SIZE_MAX)
			fail_msg("row %zu: %s is not in the sample", i, bad_values[i].from);
		hy_buf_init(&text, HY_MSG_BODY_BYTES);
		hy_buf_add(&text, body.p, at);
		hy_buf_add_c(&text, bad_values[i].to);
		hy_buf_add_str(&text, hy_str_sub(body, at + strlen(bad_values[i].from), SIZE_MAX));
		assert_true(accepts_text_body(frames, body));
		if (accepts_text_body(frames, hy_buf_str(&text)))
			fail_msg("row %zu accepted: %s", i, bad_values[i].to);
		hy_buf_fini(&text);
		hy_frames_fini(&frames);
	}
}

static json_t *repeated(json_t *item, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		(void)json_array_append(array, item);
	return array;
}

static void test_list_limits(void **state)
{
	static const struct {
		enum hy_msg_type type;
		const char *key;
		size_t least, most;
	} rows[] = {
		{HY_MSG_ALERT, "topics", 0, HY_MSG_TOPICS_MAX},
		{HY_MSG_ALERT, "policies", 0, HY_MSG_POLICIES_MAX},
		{HY_MSG_ALERT, "places", 0, HY_MSG_PLACES_MAX},
		{HY_MSG_ALERT, "hits", 0, HY_MSG_HITS_MAX},
		{HY_MSG_STATUS, "figures", 0, HY_MSG_FIGURES_MAX},
		{HY_MSG_TALLY, "shares", 0, HY_MSG_SHARES_MAX},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		struct hy_frames frames = encode_sample(rows[i].type);
		json_t *body = body_of(&frames);
		json_t *item = json_incref(json_array_get(json_object_get(body, rows[i].key), 0));

		for (size_t count = 0; count <= rows[i].most + 1; count++) {
			bool good = count >= rows[i].least && count <= rows[i].most;

			if (count > 2 && count + 2 < rows[i].most)
				continue;
			(void)json_object_set_new(body, rows[i].key, repeated(item, count));
			assert_int_equal(accepts_body(frames, body), good);
		}
		json_decref(item);
		json_decref(body);
		hy_frames_fini(&frames);
	}
}

/* One that has neither is about nothing. */
static void test_an_alert_has_a_topic_or_a_policy(void **state)
{
	struct hy_frames frames = encode_sample(HY_MSG_ALERT);
	json_t *body = body_of(&frames);

	(void)state;
	(void)json_object_set_new(body, "topics", json_array());
	assert_true(accepts_body(frames, body));
	(void)json_object_set_new(body, "policies", json_array());
	assert_false(accepts_body(frames, body));
	json_decref(body);
	hy_frames_fini(&frames);
}

static void test_body_and_text_limits(void **state)
{
	struct hy_frames frames = encode_sample(HY_MSG_DOCUMENT);
	struct hy_str body = frames.frame[1];
	struct hy_buf padded, text;

	(void)state;
	hy_buf_init(&padded, HY_MSG_BODY_BYTES + 1);
	hy_buf_add_str(&padded, body);
	while (padded.n < HY_MSG_BODY_BYTES)
		hy_buf_add_char(&padded, ' ');
	assert_true(accepts_text_body(frames, hy_buf_str(&padded)));
	hy_buf_add_char(&padded, ' ');
	assert_false(accepts_text_body(frames, hy_buf_str(&padded)));

	hy_buf_init(&text, HY_MSG_TEXT_BYTES + 1);
	while (text.n < HY_MSG_TEXT_BYTES)
		hy_buf_add_char(&text, 'x');
	frames.frame[2] = hy_buf_str(&text);
	expect_accepted(&frames);
	hy_buf_add_char(&text, 'x');
	frames.frame[2] = hy_buf_str(&text);
	expect_refused(&frames, "a text too long");
	frames.frame[2] = HY_STR_LIT("a\0b");
	expect_refused(&frames, "a NUL");
	hy_buf_fini(&text);
	hy_buf_fini(&padded);
	hy_frames_fini(&frames);
}

static void test_answers(void **state)
{
	(void)state;
	assert_int_equal(hy_msg_answer_type(HY_MSG_DOCUMENT), HY_MSG_VERDICT);
	assert_int_equal(hy_msg_answer_type(HY_MSG_ALERT), HY_MSG_RECEIPT);
	assert_int_equal(hy_msg_answer_type(HY_MSG_COMMAND), HY_MSG_REPLY);
	assert_int_equal(hy_msg_answer_type(HY_MSG_STATUS_REQUEST), HY_MSG_STATUS);
	assert_int_equal(hy_msg_answer_type(HY_MSG_ALARM), HY_MSG_RECEIPT);
	assert_int_equal(hy_msg_answer_type(HY_MSG_TALLY), HY_MSG_RECEIPT);
	assert_int_equal(hy_msg_answer_type(HY_MSG_EVENT), HY_MSG_TYPE_COUNT);
	assert_int_equal(hy_msg_answer_type(HY_MSG_VERDICT), HY_MSG_TYPE_COUNT);
	assert_string_equal(hy_msg_type_name(HY_MSG_STATUS_REQUEST), "STATUS_REQUEST");
	assert_string_equal(hy_msg_type_name(HY_MSG_TYPE_COUNT), "UNKNOWN");
	assert_string_equal(hy_field_name(HY_FIELD_BODY), "body");
	hy_msg_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_alert_fields),
		cmocka_unit_test(test_document_and_others),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_text_cut_inside_character),
		cmocka_unit_test(test_trailing_frame),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_fields_flipped_missing_extra),
		cmocka_unit_test(test_over_long_fields),
		cmocka_unit_test(test_bad_values),
		cmocka_unit_test(test_list_limits),
		cmocka_unit_test(test_an_alert_has_a_topic_or_a_policy),
		cmocka_unit_test(test_body_and_text_limits),
		cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
