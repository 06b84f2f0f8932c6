#include "crawler/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/buf.h"
#include "common/base/mem.h"

/* The page as text: <tag attribute=value>text</tag>, so that a test reads like HTML. */
static void write_node(const struct hy_page *page, size_t i, struct hy_buf *out)
{
	const struct hy_node *node = &page->nodes[i];

	if (node->tag == HY_TAG_TEXT) {
		hy_buf_add_str(out, node->text);
		return;
	}
	hy_buf_addf(out, "<%s", hy_tag_name((enum hy_tag)node->tag));
	for (size_t k = 0; k < node->attribute_count; k++) {
		const struct hy_page_attribute *a =
			&page->source.attributes[node->attribute_first + k];

		hy_buf_addf(out, " %d=%.*s", (int)a->name, HY_STR_ARGS(a->value));
	}
	hy_buf_add_char(out, '>');
	for (size_t k = i + 1; k < node->end; k = page->nodes[k].end)
		write_node(page, k, out);
	hy_buf_addf(out, "</%s>", hy_tag_name((enum hy_tag)node->tag));
}

static void assert_body(const char *html, const char *expected)
{
	struct hy_page page;
	struct hy_buf out, wanted;

	hy_buf_init(&out, 65536);
	hy_buf_init(&wanted, 65536);
	hy_buf_addf(&wanted, "<html><body>%s</body></html>", expected);
	assert_int_equal(hy_page_parse(hy_str_of(html), &page, NULL), HY_OK);
	if (page.count > 0)
		write_node(&page, 0, &out);
	assert_string_equal(out.p, wanted.p);
	hy_page_fini(&page);
	hy_buf_fini(&out);
	hy_buf_fini(&wanted);
}

static void reads_markup(void **state)
{
	(void)state;
	assert_body("<p>一<p>二<br>三", "<p>一</p><p>二<br></br>三</p>");
	assert_body("<p>a &amp; b&nbsp;&hellip;&#x4e2d;</p>", "<p>a & b\xC2\xA0…中</p>");
	assert_body("<p>x  \n\t y</p>", "<p>x y</p>");
	assert_body("<div/>a</div>", "<div>a</div>");
	assert_body("<p>1 < 2 and 3 > 2</p>", "<p>1 < 2 and 3 > 2</p>");
	assert_body("<DIV>a</Div >", "<div>a</div>");
}

#define FOUR "<br/><br/><br/><br/>"
#define FOUR_READ "<br></br><br></br><br></br><br></br>"

/* In a page that software wrote as XML an element that closes itself is closed. */
static void knows_a_page_written_as_xml(void **state)
{
	(void)state;
	assert_body(FOUR FOUR FOUR "<div data-x=\"1\"/><p>a</p><script src=\"x\"/><p>b</p>",
		    FOUR_READ FOUR_READ FOUR_READ "<div></div><p>a</p><p>b</p>");
	assert_body(FOUR FOUR FOUR "<div data-x=\"1\"></div><div/>a</div>",
		    FOUR_READ FOUR_READ FOUR_READ "<div></div><div>a</div>");
}

/* Inline elements in good order go round libxml2, others through it: the page is the same. */
static void folds_what_is_in_order(void **state)
{
	(void)state;
	assert_body("<div>a<b>c<i>d</i></b>e</div>", "<div>a<b>c<i>d</i></b>e</div>");
	assert_body("<div>a<b>c<p>d</p>e</b>f</div>", "<div>a<b>c</b><p>d</p>ef</div>");
	assert_body("<div><b>a<i>c</b>d</i>e</div>", "<div><b>a<i>c</i></b>de</div>");
	assert_body("<div><a>x<a>y</a>z</div>", "<div><a>x</a><a>y</a>z</div>");
	assert_body("<div><a><p>x</p><a>y</a></a></div>", "<div><a><p>x</p></a><a>y</a></div>");
	assert_body("<div>a</span>c</div>", "<div>ac</div>");
	assert_body("<div><b>a</div>c", "<div><b>a</b></div>c");
	assert_body("<div> <p> <b>a</b> <i>c</i> </p> </div>",
		    "<div><p> <b>a</b> <i>c</i> </p></div>");
	assert_body("<b>a</b> <i>c</i>", "<b>a</b> <i>c</i>");
	assert_body("<div>a<svg><text>x</text><p>y</p></svg>c</div>", "<div>a<svg></svg>c</div>");
	assert_body("<div>&#20013;&#20013 &amp &nosuch; &#128;</div>",
		    "<div>中中 &amp &nosuch; €</div>");
}

static void leaves_out_what_is_no_text(void **state)
{
	(void)state;
	assert_body("<p>a<!-- <b> -->b<!-->c<!--->d<!-- x --!>e</p>", "<p>abcde</p>");
	assert_body("<p>a<!bogus>b<?php x ?>c</ d>e<![CDATA[f]]></p>", "<p>abce</p>");
	assert_body("<p>a<style>p > b { }</style>b</p>", "<p>ab</p>");
	assert_body("<p>a<textarea><p>x</p></textarea>b</p>", "<p>ab</p>");
	assert_body("<p>a<noscript><img></noscript>b<iframe><p>x</iframe></p>", "<p>ab</p>");
	assert_body("<p>a<!-- unclosed <b>", "<p>a</p>");
}

/* HTML standard, 13.2.5.4: the end tag of a script. */
static void ends_scripts_by_the_standard(void **state)
{
	(void)state;
	assert_body("<p>a<script>\"<p>\" </scripts></script >b</p>", "<p>ab</p>");
	assert_body("<p>a<script>x</SCRIPT\n>b</p>", "<p>ab</p>");
	assert_body("<p>a<script><!-- x --></script>b</p>", "<p>ab</p>");
	assert_body("<p>a<script><!-- <script> </script> --></script>b</p>", "<p>ab</p>");
	assert_body("<p>a<script><!-- x</script>b<!-- --></p>", "<p>ab</p>");
	assert_body("<p>a<script><!-- <script> x</script>b</p>", "<p>ab</p>");
}

static void keeps_scripts_aside(void **state)
{
	struct hy_page page;

	(void)state;
	assert_int_equal(hy_page_parse(HY_STR_LIT("<script>one</script><p>x<script src=y></script>"
						  "<script>two"), &page, NULL), HY_OK);
	assert_int_equal(page.source.scripts.count, 2);
	assert_true(hy_str_eq_c(page.source.scripts.items[0].text, "one"));
	assert_true(hy_str_eq_c(page.source.scripts.items[1].text, "two"));
	hy_page_fini(&page);
}

static void keeps_some_attributes(void **state)
{
	char expected[200];

	(void)state;
	(void)snprintf(expected, sizeof expected, "<a %d=/x?a=1&copy=2&b=3 %d=k \"l\" %d=>y</a>",
		       HY_ATTRIBUTE_HREF, HY_ATTRIBUTE_CLASS, HY_ATTRIBUTE_HIDDEN);
	assert_body("<a onclick=\"x('>')\" href=\"/x?a=1&copy=2&amp;b=3\" CLASS='k \"l\"' hidden "
		    "class=second n=7>y</a>", expected);
	assert_body("<p style='color:red'>y</p>", "<p>y</p>");
	(void)snprintf(expected, sizeof expected, "<p %d=display: none>y</p>", HY_ATTRIBUTE_STYLE);
	assert_body("<p style='display: none'>y</p>", expected);
}

static void finds_attributes_by_name(void **state)
{
	struct hy_page page;
	size_t a = 0;

	(void)state;
	assert_int_equal(hy_page_parse(HY_STR_LIT("<p><a href=x id=y>z</a></p>"), &page, NULL),
			 HY_OK);
	while (page.nodes[a].tag != HY_TAG_A)
		a++;
	assert_true(hy_str_eq_c(hy_page_attribute(&page, a, HY_ATTRIBUTE_ID), "y"));
	assert_null(hy_page_attribute(&page, a, HY_ATTRIBUTE_CLASS).p);
	hy_page_fini(&page);
}

static void finds_every_tag(void **state)
{
	(void)state;
	for (int tag = HY_TAG_A; tag < HY_TAG_COUNT; tag++)
		assert_int_equal(hy_tag_find(hy_str_of(hy_tag_name((enum hy_tag)tag))), tag);
	assert_int_equal(hy_tag_find(HY_STR_LIT("BlockQuote")), HY_TAG_BLOCKQUOTE);
	assert_int_equal(hy_tag_find(HY_STR_LIT("custom-tag")), HY_TAG_OTHER);
	assert_int_equal(hy_tag_find(HY_STR_LIT("w")), HY_TAG_OTHER);
	assert_int_equal(hy_tag_find(HY_STR_LIT("{")), HY_TAG_OTHER);
}

static enum hy_err parse_repeated(const char *piece, size_t count, struct hy_error *e)
{
	struct hy_page page;
	struct hy_buf html;
	enum hy_err err;

	hy_buf_init(&html, (size_t)64 << 20);
	for (size_t i = 0; i < count; i++)
		hy_buf_add_c(&html, piece);
	err = hy_page_parse(hy_buf_str(&html), &page, e);
	if (err == HY_OK)
		hy_page_fini(&page);
	hy_buf_fini(&html);
	return err;
}

static void refuses_beyond_the_limits(void **state)
{
	struct hy_error e = {0};

	(void)state;
	assert_int_equal(parse_repeated("<div>", 1000, NULL), HY_OK);
	assert_int_equal(parse_repeated("<div>", 2000, &e), HY_ERR_LIMIT);
	assert_non_null(strstr(e.text, "deep"));
	assert_int_equal(parse_repeated("<p>", HY_PAGE_MAX_TAGS + 1, NULL), HY_ERR_LIMIT);
	assert_int_equal(parse_repeated("0123456789abcdef", (1 << 20) + 1, &e), HY_ERR_LIMIT);
	assert_non_null(strstr(e.text, "bytes"));
	assert_int_equal(parse_repeated("<b>x", HY_PAGE_MAX_TAGS + 1, NULL), HY_ERR_LIMIT);
}

/* Each of these was quadratic in some parser; the test would run for hours. */
static void stays_linear(void **state)
{
	(void)state;
	(void)parse_repeated("<!----!>", 300000, NULL);
	(void)parse_repeated("<script><!--</script>", 100000, NULL);
	(void)parse_repeated("<script><!--<script></script>", 100000, NULL);
	(void)parse_repeated("<a class=x ", 300000, NULL);
	(void)parse_repeated("</i>", 300000, NULL);
}

static void an_empty_page_has_no_nodes(void **state)
{
	struct hy_page page;

	(void)state;
	assert_int_equal(hy_page_parse((struct hy_str){NULL, 0}, &page, NULL), HY_OK);
	assert_int_equal(page.count, 0);
	hy_page_fini(&page);
	hy_page_fini(&page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_markup),
		cmocka_unit_test(knows_a_page_written_as_xml),
		cmocka_unit_test(folds_what_is_in_order),
		cmocka_unit_test(leaves_out_what_is_no_text),
		cmocka_unit_test(ends_scripts_by_the_standard),
		cmocka_unit_test(keeps_scripts_aside),
		cmocka_unit_test(keeps_some_attributes),
		cmocka_unit_test(finds_attributes_by_name),
		cmocka_unit_test(finds_every_tag),
		cmocka_unit_test(refuses_beyond_the_limits),
		cmocka_unit_test(stays_linear),
		cmocka_unit_test(an_empty_page_has_no_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
