#include "crawler/charset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

struct sample {
	const char *content_type, *bytes, *name, *text;
};

/* C4 E3 BA C3 is 你好 in GBK, A7 41 A6 6E in Big5. */
#define GBK "\xC4\xE3\xBA\xC3"
#define BIG5 "\xA7\x41\xA6\x6E"
#define HAN "你好你好"

static const struct sample samples[] = {
	/* labels of header and page */
	{"text/html; charset=gbk", GBK, "gb18030", "你好"},
	{"text/html; charset=\"GB2312\"; x=y", GBK, "gb18030", "你好"},
	{"text/html;CHARSET = x-gbk", GBK, "gb18030", "你好"},
	{"", "<meta charset=gb2312>" GBK, "gb18030", "<meta charset=gb2312>你好"},
	{"", "<meta charset=big5>" BIG5, "big5", "<meta charset=big5>你好"},
	{"", "<?xml version=\"1.0\" encoding=\"gb2312\"?>" GBK, "gb18030",
	 "<?xml version=\"1.0\" encoding=\"gb2312\"?>你好"},
	/* byte order marks beat everything and are not text */
	{"text/html; charset=gbk", "\xEF\xBB\xBF" HAN, "utf-8", HAN},
	/* labels that lie */
	{"text/html; charset=gbk", HAN, "utf-8", HAN},
	{"text/html; charset=iso-8859-1", HAN, "utf-8", HAN},
	{"text/html; charset=iso-8859-1", "<meta charset=gbk>" GBK, "gb18030",
	 "<meta charset=gbk>你好"},
	{"text/html; charset=utf-8", "<meta charset=gbk>" GBK GBK, "gb18030",
	 "<meta charset=gbk>你好你好"},
	{"text/html; charset=utf-16", "abc", "utf-8", "abc"},
	/* no label */
	{"", HAN, "utf-8", HAN},
	{"", "plain", "windows-1252", "plain"},
	{"", "", "utf-8", ""},
	/* unknown labels do not count */
	{"text/html; charset=nothing", HAN, "utf-8", HAN},
	/* bad bytes cost themselves, never what follows */
	{"text/html; charset=utf-8", HAN HAN HAN HAN HAN "\xFFx" HAN, "utf-8",
	 HAN HAN HAN HAN HAN "\xEF\xBF\xBDx" HAN},
	{"text/html; charset=gbk", "\xFF\xFF<b>" GBK, "gb18030", "\xEF\xBF\xBD<b>你好"},
	{"text/html; charset=gbk", "\x81<b>" GBK "\x81", "gb18030",
	 "\xEF\xBF\xBD<b>你好\xEF\xBF\xBD"},
	{"text/html; charset=gbk", "\x80" GBK, "gb18030", "€你好"},
	/* where the C library's table is not the web's */
	{"text/html; charset=gbk", "\xA3\xA0" GBK, "gb18030", "\xE3\x80\x80你好"},
	{"text/html; charset=big5", "\xA1\x45" BIG5, "big5", "\xE2\x80\xA7你好"},
	/* what calls itself gb2312 and is more keeps its tail */
	{"text/html; charset=gb2312", GBK "\x95\x32\x90\x31" "\x81\x40" GBK, "gb18030",
	 "你好\xF0\xA0\x82\x87丂你好"},
	{"text/html; charset=gb18030", "\x95\x32\x90\x31" GBK, "gb18030", "\xF0\xA0\x82\x87你好"},
	{"text/html; charset=windows-1252", "caf\xE9", "windows-1252", "café"},
};

static void decodes_by_evidence(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(samples); i++) {
		struct hy_buf out;
		const char *name = NULL;

		hy_buf_init(&out, 4096);
		assert_int_equal(hy_charset_to_utf8(hy_str_of(samples[i].bytes),
						    hy_str_of(samples[i].content_type), &out, &name),
				 HY_OK);
		if (strcmp(name, samples[i].name) != 0)
			print_error("sample %zu: %s\n", i, samples[i].bytes);
		assert_string_equal(name, samples[i].name);
		assert_string_equal(out.p ? out.p : "", samples[i].text);
		hy_buf_fini(&out);
	}
}

static void decodes_utf16_by_mark(void **state)
{
	static const char bytes[] = "\xFF\xFE\x60\x4F\x7D\x59";
	struct hy_buf out;
	const char *name;

	(void)state;
	hy_buf_init(&out, 100);
	assert_int_equal(hy_charset_to_utf8((struct hy_str){bytes, 6}, (struct hy_str){0}, &out,
					    &name), HY_OK);
	assert_string_equal(name, "utf-16le");
	assert_string_equal(out.p, "你好");
	hy_buf_fini(&out);
}

static void replaces_nul(void **state)
{
	struct hy_buf out;
	const char *name;

	(void)state;
	hy_buf_init(&out, 100);
	assert_int_equal(hy_charset_to_utf8((struct hy_str){"a\0b", 3},
					    HY_STR_LIT("text/html; charset=utf-8"), &out, &name),
			 HY_OK);
	assert_string_equal(out.p, "a\xEF\xBF\xBD" "b");
	hy_buf_fini(&out);
}

static void refuses_what_does_not_fit(void **state)
{
	struct hy_buf out;
	const char *name = "untouched";

	(void)state;
	hy_buf_init(&out, 5);
	assert_int_equal(hy_charset_to_utf8(hy_str_of(HAN), (struct hy_str){0}, &out, &name),
			 HY_ERR_LIMIT);
	assert_int_equal(out.n, 0);
	assert_string_equal(name, "untouched");
	hy_buf_fini(&out);
}

static void knows_labels(void **state)
{
	static const struct {
		const char *label, *name;
	} labels[] = {
		{"GBK", "gb18030"}, {" chinese ", "gb18030"}, {"csbig5", "big5"},
		{"UTF8", "utf-8"}, {"latin1", "windows-1252"}, {"sjis", "shift_jis"},
		{"ks_c_5601-1987", "euc-kr"}, {"iso-8859-9", "windows-1254"},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(labels); i++)
		assert_string_equal(hy_charset_of_label(hy_str_of(labels[i].label)),
				    labels[i].name);
	assert_null(hy_charset_of_label(HY_STR_LIT("gb")));
	assert_null(hy_charset_of_label(HY_STR_LIT("")));
	assert_null(hy_charset_of_label(HY_STR_LIT("gbk gb2312")));
}

static void prescans_as_the_standard_says(void **state)
{
	static const struct {
		const char *html, *name;
	} pages[] = {
		{"<meta charset=gbk>", "gb18030"},
		{"<META\nCharset='Big5' />", "big5"},
		{"<meta http-equiv=\"Content-Type\" content=\"text/html; charset=gbk\">", "gb18030"},
		{"<meta content=\"text/html; charset=gbk\" http-equiv=content-type>", "gb18030"},
		{"<meta content=\"text/html; charset=gbk\">", NULL},
		{"<metacharset=gbk>", NULL},
		{"<!-- <meta charset=gbk> --><meta charset=big5>", "big5"},
		{"<!--><meta charset=gbk>", "gb18030"},
		{"<a title='<meta charset=gbk>'><meta charset=big5>", "big5"},
		{"<meta charset=utf-16>", "utf-8"},
		{"<meta charset=gbk", NULL},
		{"</p x='><meta charset=gbk>'><meta charset=big5>", "big5"},
		{"<meta charset=unknown><meta charset=gbk>", "gb18030"},
		{"text", NULL},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(pages); i++) {
		const char *name = hy_charset_prescan(hy_str_of(pages[i].html));

		if ((name == NULL) != (pages[i].name == NULL))
			print_error("%s\n", pages[i].html);
		assert_int_equal(name == NULL, pages[i].name == NULL);
		if (name)
			assert_string_equal(name, pages[i].name);
	}
}

static void prescans_only_the_head(void **state)
{
	struct hy_buf page;

	(void)state;
	hy_buf_init(&page, 4096);
	while (page.n < 1024)
		hy_buf_add_char(&page, ' ');
	hy_buf_add_c(&page, "<meta charset=gbk>");
	assert_null(hy_charset_prescan(hy_buf_str(&page)));
	hy_buf_fini(&page);
}

#define TEXT "你好，世界。今天的消息有这么多，一个坏字节算不了什么。"

static void copies_only_what_changes(void **state)
{
	static const char plain[] = TEXT, broken[] = TEXT "\xFF</p>";
	struct hy_buf memory = HY_BUF(1000);
	const char *name = NULL;
	struct hy_str text;

	(void)state;
	assert_int_equal(hy_charset_read(hy_str_of(plain), (struct hy_str){0}, &memory, &text,
					 &name), HY_OK);
	assert_ptr_equal(text.p, plain);
	assert_int_equal(text.n, strlen(plain));
	assert_string_equal(name, "utf-8");
	assert_int_equal(memory.n, 0);
	hy_buf_add_c(&memory, "before");
	assert_int_equal(hy_charset_read(hy_str_of(broken), (struct hy_str){0}, &memory, &text,
					 &name), HY_OK);
	assert_true(hy_str_eq_c(text, TEXT "\xEF\xBF\xBD</p>"));
	assert_string_equal(memory.p, "before" TEXT "\xEF\xBF\xBD</p>");
	hy_buf_fini(&memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_by_evidence),
		cmocka_unit_test(decodes_utf16_by_mark),
		cmocka_unit_test(replaces_nul),
		cmocka_unit_test(copies_only_what_changes),
		cmocka_unit_test(refuses_what_does_not_fit),
		cmocka_unit_test(knows_labels),
		cmocka_unit_test(prescans_as_the_standard_says),
		cmocka_unit_test(prescans_only_the_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
