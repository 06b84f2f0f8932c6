#include "crawler/script_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/base/mem.h"

struct sample {
	const char *script, *name, *value;	/* NULL where there is none */
};

static const struct sample samples[] = {
	{"var title = \"供水\";", "title", "供水"},
	{"var ct = '1766049188' || '';", "ct", "1766049188"},
	{"a={title: JsDecode('x\\x0ay'), b: 1}", "title", "x\ny"},
	{"msg_title = window.title = '标题' || ''", "msg_title", "标题"},
	{"{\"ctime\":1766049188}", "ctime", "1766049188"},
	{"title: JsDecode(''), x: 1, title: 'second'", "title", "second"},
	{"subtitle = 'no'; title = 'yes'", "title", "yes"},
	{"title = '\\u4f9b\\u6c34 \\ud83d\\ude00 \\'q\\' \\\\'", "title", "供水 😀 'q' \\"},
	{"title = '\\ud83d'", "title", "\xEF\xBF\xBD"},
	{"title = 'unclosed", "title", NULL},
	{"if (title == other) {}", "title", NULL},
	{"title", "title", NULL},
	{"title.html(false)", "title", NULL},
	{"", "title", NULL},
};

static void reads_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(samples); i++) {
		struct hy_script item = {hy_str_of(samples[i].script)};
		struct hy_scripts scripts = {&item, 1, 1};
		struct hy_buf out;
		bool found;

		hy_buf_init(&out, 1000);
		found = hy_script_value(&scripts, samples[i].name, &out);
		if (found != (samples[i].value != NULL))
			print_error("%s\n", samples[i].script);
		assert_int_equal(found, samples[i].value != NULL);
		if (found)
			assert_string_equal(out.p, samples[i].value);
		else
			assert_int_equal(out.n, 0);
		hy_buf_fini(&out);
	}
}

static void makes_markup_text(void **state)
{
	static const struct {
		const char *html, *text;
	} forms[] = {
		{"a<b>b</b>c", "abc"},
		{"a<br/>b<p>c</p>", "a\nb\nc\n"},
		{"1 &lt; 2 &amp; 3 < 4", "1 < 2 & 3 < 4"},
		{"a<b", "a<b"},
		{"<", "<"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(forms); i++) {
		struct hy_buf out;

		hy_buf_init(&out, 1000);
		hy_markup_to_text(hy_str_of(forms[i].html), &out);
		assert_string_equal(out.p ? out.p : "", forms[i].text);
		hy_buf_fini(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_values),
		cmocka_unit_test(makes_markup_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
