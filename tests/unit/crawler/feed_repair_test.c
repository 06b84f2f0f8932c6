#include "crawler/feed_repair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"

static const char *const rows[][2] = {
	{"<a>x</a>", "<a>x</a>"},
	{"<a b='1' c = \"2\"/>", "<a b=\"1\" c=\"2\"/>"},
	{"<?xml version=\"1.0\" encoding=\"gbk\"?>\n<a/>", "<a/>"},
	{"text before <a/>", "<a/>"},
	/* ampersands and entities */
	{"<a>R&D &amp; x?a=1&b=2</a>", "<a>R&amp;D &amp; x?a=1&amp;b=2</a>"},
	{"<a>&nbsp;&eacute;&mdash;</a>", "<a>\xc2\xa0é—</a>"},
	{"<a h=\"?a=1&b=&quot;\"/>", "<a h=\"?a=1&amp;b=&quot;\"/>"},
	{"<a>&#38;lt; &#x3c;</a>", "<a>&amp;lt; &lt;</a>"},
	/* entities of the document's own making stay text */
	{"<!DOCTYPE a [<!ENTITY x \"boom\"><!ENTITY y \"&x;&x;\">]><a>&y;</a>",
	 "<a>&amp;y;</a>"},
	{"<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "<a/>"},
	/* CDATA, comments, processing instructions */
	{"<a><![CDATA[<b>&amp;]]></a>", "<a>&lt;b&gt;&amp;amp;</a>"},
	{"<a><![CDATA[never ends", "<a>never ends</a>"},
	{"<a>x<!-- </a> -->y<?p </a> ?></a>", "<a>xy</a>"},
	/* tags that do not fit */
	{"<a><b><c>x</b></a>", "<a><b><c>x</c></b></a>"},
	{"<a><b>x</c></b></a>", "<a><b>x</b></a>"},
	{"<a><B>x</b></A>", "<a><B>x</B></a>"},
	{"<a><b>x", "<a><b>x</b></a>"},
	{"<a><b", "<a><b></b></a>"},
	{"<a><b c=d e></b></a>", "<a><b c=\"d\" e=\"\"></b></a>"},
	{"<a><b c=\"x<y\"/></a>", "<a><b c=\"x&lt;y\"/></a>"},
	{"<a>1 < 2 <3</a>", "<a>1 &lt; 2 &lt;3</a>"},
	{"<a/><b/>", "<a/>"},
	/* characters that XML has no place for */
	{"<a>x\x01\x08y\xef\xbf\xbfz</a>", "<a>xyz</a>"},
	{"<a>\xff</a>", "<a>\xef\xbf\xbd</a>"},
	{"", ""},
	{"<", ""},
	{"</a>", ""},
};

static void repairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		struct hy_buf out;

		hy_buf_init(&out, 1000);
		assert_int_equal(hy_feed_repair(hy_str_of(rows[i][0]), &out), HY_OK);
		if (!hy_str_eq_c(hy_buf_str(&out), rows[i][1]))
			fail_msg("<%s> became <%.*s>", rows[i][0], HY_STR_ARGS(hy_buf_str(&out)));
		hy_buf_fini(&out);
	}
}

static void depth_is_bounded(void **state)
{
	struct hy_buf deep, out;
	size_t open = 0, close = 0, at = 0;

	(void)state;
	hy_buf_init(&deep, 1 << 20);
	hy_buf_init(&out, 1 << 22);
	for (int i = 0; i < 100000; i++)
		hy_buf_add_c(&deep, "<a>");
	assert_int_equal(hy_feed_repair(hy_buf_str(&deep), &out), HY_OK);
	for (at = 0; (at = hy_str_find(hy_buf_str(&out), HY_STR_LIT("<a>"), at)) != SIZE_MAX; at++)
		open++;
	for (at = 0; (at = hy_str_find(hy_buf_str(&out), HY_STR_LIT("</a>"), at)) != SIZE_MAX; at++)
		close++;
	assert_int_equal(open, HY_FEED_DEPTH_MAX);
	assert_int_equal(close, HY_FEED_DEPTH_MAX);
	hy_buf_fini(&deep);
	hy_buf_fini(&out);
}

static void an_endless_text_is_left_out(void **state)
{
	struct hy_buf text, out;

	(void)state;
	hy_buf_init(&text, 16 << 20);
	hy_buf_init(&out, 64 << 20);
	hy_buf_add_c(&text, "<a><b>");
	while (text.n < (size_t)12 << 20)
		hy_buf_add_c(&text, "0123456789abcdef");
	hy_buf_add_c(&text, "</b><c>next</c></a>");
	assert_int_equal(hy_feed_repair(hy_buf_str(&text), &out), HY_OK);
	/* libxml2 stops at 10 million bytes; what follows must stay in reach. */
	assert_true(out.n < 10000000);
	assert_true(hy_str_ends(hy_buf_str(&out), HY_STR_LIT("</b><c>next</c></a>")));
	hy_buf_fini(&text);
	hy_buf_fini(&out);
}

static size_t count(const struct hy_buf *text, const char *needle)
{
	size_t n = 0, at = 0;

	while ((at = hy_str_find(hy_buf_str(text), hy_str_of(needle), at)) != SIZE_MAX) {
		at++;
		n++;
	}
	return n;
}

/* Both cost libxml2 the square of their number: minutes for a feed of a megabyte. */
static void attributes_and_namespaces_are_bounded(void **state)
{
	struct hy_buf text, out;

	(void)state;
	hy_buf_init(&text, 1 << 20);
	hy_buf_init(&out, 1 << 20);
	hy_buf_add_c(&text, "<a ");
	for (int i = 0; i < 10000; i++)
		hy_buf_addf(&text, "k%d='>' ", i);
	hy_buf_add_c(&text, "><b>x</b>");
	for (int i = 0; i < 150; i++)
		hy_buf_addf(&text, "<c xmlns='n%d' xmlns:p%d='m'>", i, i);
	assert_int_equal(hy_feed_repair(hy_buf_str(&text), &out), HY_OK);
	assert_int_equal(count(&out, "="), 64 + 128);
	assert_int_equal(count(&out, "<b>x</b>"), 1);
	assert_int_equal(count(&out, "<c"), 150);

	/* Those of closed elements do not count. */
	hy_buf_clear(&text);
	hy_buf_clear(&out);
	hy_buf_add_c(&text, "<a>");
	for (int i = 0; i < 1000; i++)
		hy_buf_add_c(&text, "<c xmlns='n'>x</c><d xmlns='n'/>");
	assert_int_equal(hy_feed_repair(hy_buf_str(&text), &out), HY_OK);
	assert_int_equal(count(&out, "xmlns"), 2000);
	hy_buf_fini(&text);
	hy_buf_fini(&out);
}

static void a_full_buffer_is_no_success(void **state)
{
	struct hy_buf out;

	(void)state;
	hy_buf_init(&out, 5);
	assert_int_equal(hy_feed_repair(HY_STR_LIT("<a>too long</a>"), &out), HY_ERR_LIMIT);
	hy_buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(repairs),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(an_endless_text_is_left_out),
		cmocka_unit_test(attributes_and_namespaces_are_bounded),
		cmocka_unit_test(a_full_buffer_is_no_success),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
