#include "crawler/feed_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "crawler/entity.h"

static void guesses_html(void **state)
{
	static const struct {
		const char *text;
		bool is_html;
	} rows[] = {
		{"plain", false},
		{"a < b and c > d", false},
		{"AT&T", false},
		{"the <foo> option </foo>", false},
		{"5 <b", false},
		{"a<b>c", false},	/* no sign of an end */
		{"a <b>c</b>", true},
		{"one<br>two", true},
		{"one<br/>two", true},
		{"AT&amp;T", true},
		{"&#8212;", true},
		{"&bogus;", false},
		{"<!-- c --><i>x</i>", true},
		{"", false},
		{"<", false},
		{"<<<<>", false},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++)
		if (hy_feed_text_is_html(hy_str_of(rows[i].text)) != rows[i].is_html)
			fail_msg("<%s>", rows[i].text);
}

static void strips_html(void **state)
{
	static const char *const rows[][2] = {
		{"Example <b>Atom</b>", "Example Atom"},
		{"<p>one</p><p>two</p>", "one two"},
		{"one<br/>two", "one two"},
		{"水<em>务</em>局", "水务局"},
		{"a &lt; b &amp; c &nbsp; d", "a < b & c d"},
		{"a < b", "a < b"},
		{"x<script>var a = '<p>';</script>y", "xy"},
		{"x<style>p{}</STYLE >y", "xy"},
		{"x<script>never ends", "x"},
		{"x<!-- a > b -->y", "xy"},
		{"&#x6d4e;&#21335;", "济南"},
		{"&#147;q&#148;", "“q”"},
		{"&#0;&#xd800;", "��"},
		{"  a\n\t b  ", "a b"},
		{"<a title='x", "<a title='x"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		struct hy_buf out;

		hy_buf_init(&out, 1000);
		hy_feed_text_add_html(&out, hy_str_of(rows[i][0]));
		hy_feed_text_collapse(&out);
		assert_int_equal(hy_buf_err(&out), HY_OK);
		if (!hy_str_eq_c(hy_buf_str(&out), rows[i][1]))
			fail_msg("<%s> became <%.*s>", rows[i][0], HY_STR_ARGS(hy_buf_str(&out)));
		hy_buf_fini(&out);
	}
}

static void collapses_in_place(void **state)
{
	struct hy_buf text;

	(void)state;
	hy_buf_init(&text, 100);
	hy_feed_text_collapse(&text);
	assert_int_equal(text.n, 0);
	hy_buf_add_c(&text, "\xc2\xa0 a \xc2\xa0\xc2\xa0 \xe3\x80\x80"
			    "b\r\n");
	hy_feed_text_collapse(&text);
	/* The ideographic space inside a Chinese title is meant. */
	assert_string_equal(text.p, "a \xe3\x80\x80"
				    "b");
	hy_buf_fini(&text);
}

static void decodes_base64(void **state)
{
	struct hy_buf out;

	(void)state;
	hy_buf_init(&out, 100);
	hy_buf_add_c(&out, "=");
	assert_true(hy_feed_text_add_base64(&out, HY_STR_LIT(" ZmVl\n ZGVy ")));
	assert_string_equal(out.p, "=feeder");
	assert_true(hy_feed_text_add_base64(&out, HY_STR_LIT("YQ==")));
	assert_string_equal(out.p, "=feedera");
	assert_false(hy_feed_text_add_base64(&out, HY_STR_LIT("YQ*")));
	assert_string_equal(out.p, "=feedera");
	hy_buf_fini(&out);
}

static void knows_entities(void **state)
{
	uint32_t rune = 7;

	(void)state;
	assert_int_equal(hy_entity_rune(HY_STR_LIT("AElig")), 0xc6);
	assert_int_equal(hy_entity_rune(HY_STR_LIT("zwnj")), 0x200c);
	assert_int_equal(hy_entity_rune(HY_STR_LIT("thetasym")), 0x3d1);
	assert_int_equal(hy_entity_rune(HY_STR_LIT("NBSP")), 0);
	assert_int_equal(hy_entity_rune((struct hy_str){0}), 0);
	assert_int_equal(hy_entity_decode(HY_STR_LIT("&eacute;x"), &rune), 8);
	assert_int_equal(rune, 0xe9);
	assert_int_equal(hy_entity_decode(HY_STR_LIT("&#x1F600;"), &rune), 9);
	assert_int_equal(rune, 0x1f600);
	assert_int_equal(hy_entity_decode(HY_STR_LIT("&eacute"), &rune), 0);
	assert_int_equal(hy_entity_decode(HY_STR_LIT("&;"), &rune), 0);
	assert_int_equal(hy_entity_decode(HY_STR_LIT("&#;"), &rune), 0);
	assert_int_equal(hy_entity_decode(HY_STR_LIT("&#x;"), &rune), 0);
	assert_int_equal(hy_entity_decode(HY_STR_LIT("&#9a;"), &rune), 0);
	assert_int_equal(hy_entity_decode(HY_STR_LIT("&#99999999999;"), &rune), 0);
	assert_int_equal(rune, 0x1f600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guesses_html),
		cmocka_unit_test(strips_html),
		cmocka_unit_test(collapses_in_place),
		cmocka_unit_test(decodes_base64),
		cmocka_unit_test(knows_entities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
