#include "common/base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/base/mem.h"
#include "common/base/time.h"
#include "common/base/utf8.h"

#define OUTPUT_BYTES 8192
#define LINE_MAX_BYTES 4000
#define STAMP_BYTES 25	/* "2026-11-23T09:00:00+08:00" */

static const struct hy_log log_all = {.name = "crawler", .level = HY_LOG_DEBUG};

/* What went to standard error between these two. */
struct capture {
	FILE *file;
	int before;
};

static void capture_start(struct capture *c)
{
	c->file = tmpfile();
	assert_non_null(c->file);
	c->before = dup(STDERR_FILENO);
	assert_true(dup2(fileno(c->file), STDERR_FILENO) >= 0);
}

static size_t capture_end(struct capture *c, char out[OUTPUT_BYTES])
{
	size_t n;

	assert_true(dup2(c->before, STDERR_FILENO) >= 0);
	assert_int_equal(close(c->before), 0);
	rewind(c->file);
	n = fread(out, 1, OUTPUT_BYTES - 1, c->file);
	out[n] = '\0';
	(void)fclose(c->file);
	return n;
}

static void expect_line(const char *value, size_t n, const char *expected)
{
	struct capture c;
	char out[OUTPUT_BYTES], tail[OUTPUT_BYTES];
	struct hy_wall stamp;

	capture_start(&c);
	hy_log(&log_all, HY_LOG_WARN, "fetch failed", hy_kv_str("v", (struct hy_str){value, n}));
	(void)capture_end(&c, out);
	assert_true(hy_wall_parse((struct hy_str){out, STAMP_BYTES}, &stamp));
	(void)snprintf(tail, sizeof tail, " warn crawler fetch failed v=%s\n", expected);
	assert_string_equal(out + STAMP_BYTES, tail);
}

static void test_values(void **state)
{
	static const struct {
		const char *value;
		size_t n;
		const char *expected;
	} rows[] = {
		{"http://a/", 9, "http://a/"}, {"", 0, "\"\""}, {NULL, 0, "\"\""},
		{"two words", 9, "\"two words\""}, {"a=b", 3, "\"a=b\""}, {"\"", 1, "\"\\\"\""},
		{"a\\b", 3, "a\\\\b"}, {"回应", 6, "回应"},
		/* What would forge a line or steer a terminal. */
		{"x\ny", 3, "\"x\\x0ay\""}, {"\x1b[2J", 4, "\"\\x1b[2J\""}, {"\x7f", 1, "\"\\x7f\""},
		{"a\0b", 3, "\"a\\x00b\""}, {"\xc2\x9b" "2J", 4, "\\xc2\\x9b2J"},
		{"\xff\xe5\x9b", 3, "\\xff\\xe5\\x9b"},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++)
		expect_line(rows[i].value, rows[i].n, rows[i].expected);
}

static void test_several_pairs(void **state)
{
	struct capture c;
	char out[OUTPUT_BYTES];

	(void)state;
	capture_start(&c);
	hy_log(&log_all, HY_LOG_ERROR, "store full", hy_kv("path", "/var/x"),
	       hy_kv_int("free", INT64_MIN), hy_kv("why", NULL));
	hy_log(&log_all, HY_LOG_INFO, "ready");
	(void)capture_end(&c, out);
	assert_non_null(strstr(out, " error crawler store full path=/var/x "
				    "free=-9223372036854775808 why=\"\"\n"));
	assert_non_null(strstr(out, " info crawler ready\n"));
}

static void test_levels(void **state)
{
	(void)state;
	for (int least = HY_LOG_ERROR; least <= HY_LOG_DEBUG; least++)
		for (int level = HY_LOG_ERROR; level <= HY_LOG_DEBUG; level++) {
			struct hy_log log = {.name = "x", .level = (enum hy_log_level)least};
			struct capture c;
			char out[OUTPUT_BYTES];

			capture_start(&c);
			hy_log(&log, (enum hy_log_level)level, "message");
			assert_int_equal(capture_end(&c, out) > 0, level <= least);
		}
}

/* Whatever outsiders choose, it stays one line, below what a pipe takes at once. */
static void test_long_values(void **state)
{
	struct capture c;
	char out[OUTPUT_BYTES], value[3000];
	size_t n;

	(void)state;
	for (size_t i = 0; i + 3 <= sizeof value; i += 3)
		memcpy(value + i, "事", 3);
	for (size_t cut = 590; cut < 610; cut++) {
		capture_start(&c);
		hy_log(&log_all, HY_LOG_INFO, "m", hy_kv_str("v", (struct hy_str){value + 1, cut}));
		n = capture_end(&c, out);
		assert_true(hy_utf8_valid(out, n));
	}
	memset(value, '\n', sizeof value);
	capture_start(&c);
	hy_log(&log_all, HY_LOG_INFO, "m", hy_kv_str("a", (struct hy_str){value, sizeof value}),
	       hy_kv_str("b", (struct hy_str){value, sizeof value}),
	       hy_kv_str("c", (struct hy_str){value, sizeof value}));
	n = capture_end(&c, out);
	assert_in_range(n, 1000, LINE_MAX_BYTES);
	assert_ptr_equal(strchr(out, '\n'), out + n - 1);
	assert_non_null(strstr(out, "...\"\n"));
	assert_null(strstr(out, " b="));	/* dropped whole */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_several_pairs),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_long_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
