#include "common/sys/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/mem.h"

static struct hy_yaml *parse(const char *text, struct hy_findings *findings)
{
	struct hy_yaml *file = NULL;

	hy_findings_init(findings);
	assert_int_equal(hy_yaml_parse(hy_str_of(text), "f.yaml", findings, &file), HY_OK);
	return file;
}

static void finish(struct hy_yaml *file, struct hy_findings *findings)
{
	hy_yaml_free(file);
	hy_findings_fini(findings);
}

/* ---- refused texts: the start of the one finding ---- */

static void syntax_errors_have_places(void **state)
{
	static const struct {
		const char *text, *finding;
	} cases[] = {
		{"a: 1\n  b: 2\n", "f.yaml:1:4: 冒号的位置不对"},
		{"标题: \"未完\nc: 3\n", "f.yaml:1:5: 缩进不对"},
		{"a: {\"x\": 1, y: 2\nz: 4\n", "f.yaml:2:2: 列表或映射的各项之间缺少逗号"},
		{"a:\n\t- b\n", "f.yaml:2:1: 缩进不能用制表符"},
		{"a: 1\n---\nb: 2\n", "f.yaml:2:1: 一个文件只能有一个文档"},
		{"a: *b\n", "f.yaml:1:4: 别名所指的锚点不存在"},
		{"a: &x [1, *x]\n", "f.yaml:1:11: 别名指向了包含它自己的内容"},
		{"好: 1\n\xc4\xe3: 2\n", "f.yaml:2:1: 不是 UTF-8 编码"},
		{"a: \"\\0\"\n", "f.yaml:1:4: 文字中有无效的字符"},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		struct hy_findings findings;
		struct hy_yaml *file = NULL;

		hy_findings_init(&findings);
		assert_int_equal(hy_yaml_parse(hy_str_of(cases[i].text), "f.yaml", &findings, &file),
				 HY_ERR_MALFORMED);
		assert_null(file);
		assert_int_equal(findings.count, 1);
		assert_memory_equal(hy_buf_str(&findings.text).p, cases[i].finding,
				    strlen(cases[i].finding));
		hy_findings_fini(&findings);
	}
}

static void zero_byte_is_refused(void **state)
{
	struct hy_findings findings;
	struct hy_yaml *file = NULL;

	(void)state;
	hy_findings_init(&findings);
	assert_int_equal(hy_yaml_parse(HY_STR_LIT("a: 1\n\0b: 2\n"), "f", &findings, &file),
			 HY_ERR_MALFORMED);
	assert_string_equal(hy_buf_str(&findings.text).p, "f:2:1: 文件中有零字节\n");
	hy_findings_fini(&findings);
}

static void expansion_is_bounded(void **state)
{
	struct hy_findings findings;
	struct hy_yaml *file = NULL;
	struct hy_buf text;

	(void)state;
	hy_buf_init(&text, 1 << 16);
	hy_buf_add_c(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 10; i++) {
		hy_buf_addf(&text, "a%d: &a%d [", i, i);
		for (int k = 0; k < 10; k++)
			hy_buf_addf(&text, "%s*a%d", k ? ", " : "", i - 1);
		hy_buf_add_c(&text, "]\n");
	}
	hy_findings_init(&findings);
	assert_int_equal(hy_yaml_parse(hy_buf_str(&text), "f", &findings, &file), HY_ERR_MALFORMED);
	assert_non_null(strstr(hy_buf_str(&findings.text).p, "内容过多"));
	hy_findings_fini(&findings);
	hy_buf_fini(&text);
}

static void depth_is_bounded(void **state)
{
	(void)state;
	for (int depth = 40; depth <= 400; depth *= 10) {
		struct hy_findings findings;
		struct hy_yaml *file = NULL;
		struct hy_buf text;
		enum hy_err err;

		hy_buf_init(&text, 1 << 20);
		for (int i = 0; i < depth; i++) {
			for (int k = 0; k < i; k++)
				hy_buf_add_char(&text, ' ');
			hy_buf_add_c(&text, "k:\n");
		}
		hy_findings_init(&findings);
		err = hy_yaml_parse(hy_buf_str(&text), "f", &findings, &file);
		assert_int_equal(err, depth == 40 ? HY_OK : HY_ERR_MALFORMED);
		assert_int_equal(findings.count, depth == 40 ? 0 : 1);
		finish(file, &findings);
		hy_buf_fini(&text);
	}
}

/* ---- the tree ---- */

static void tree_keeps_order_and_places(void **state)
{
	struct hy_findings findings;
	struct hy_yaml *file = parse("\xef\xbb\xbf# 注释\r\n"
				     "标题: &a 环境　噪声\r\n"
				     "b: [1, \"二\", *a]\r\n"
				     "空:\r\n"
				     "c: |\r\n"
				     "  多行\r\n"
				     "  文本\r\n", &findings);
	const struct hy_yaml_node *root = hy_yaml_root(file), *key, *value;
	struct hy_buf place;

	(void)state;
	hy_buf_init(&place, 100);
	assert_int_equal(findings.count, 0);
	assert_true(hy_yaml_is_mapping(root));
	assert_int_equal(hy_yaml_count(root), 4);
	hy_yaml_pair(root, 0, &key, &value);
	assert_true(hy_str_eq_c(hy_yaml_text(key), "标题"));
	assert_true(hy_str_eq_c(hy_yaml_text(value), "环境　噪声"));
	hy_yaml_place(value, &place);
	assert_string_equal(hy_buf_str(&place).p, "f.yaml:2:8");
	value = hy_yaml_get(root, "b");
	assert_true(hy_yaml_is_sequence(value));
	assert_int_equal(hy_yaml_line(value), 3);
	assert_int_equal(hy_yaml_count(value), 3);
	assert_true(hy_str_eq_c(hy_yaml_text(hy_yaml_item(value, 1)), "二"));
	assert_true(hy_str_eq_c(hy_yaml_text(hy_yaml_item(value, 2)), "环境　噪声"));
	assert_int_equal(hy_yaml_text(hy_yaml_get(root, "空")).n, 0);
	assert_true(hy_str_eq_c(hy_yaml_text(hy_yaml_get(root, "c")), "多行\n文本\n"));
	assert_null(hy_yaml_get(root, "d"));
	hy_buf_fini(&place);
	finish(file, &findings);
}

static void json_is_yaml(void **state)
{
	struct hy_findings findings;
	struct hy_yaml *file = parse("{\n\t\"days\": [\n\t\t{\"name\": \"\\u5143\\u65e6\", "
				     "\"isOffDay\": true}\n\t]\n}\n", &findings);
	const struct hy_yaml_node *day = hy_yaml_item(hy_yaml_get(hy_yaml_root(file), "days"), 0);
	bool off = false;

	(void)state;
	assert_true(hy_str_eq_c(hy_yaml_text(hy_yaml_get(day, "name")), "元旦"));
	assert_true(hy_yaml_read_bool(day, "isOffDay", &findings, &off));
	assert_true(off);
	finish(file, &findings);
}

static void empty_files_have_no_root(void **state)
{
	static const char *const texts[] = {"", "# 只有注释\n", "\n\n"};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(texts); i++) {
		struct hy_findings findings;
		struct hy_yaml *file = parse(texts[i], &findings);

		assert_null(hy_yaml_root(file));
		finish(file, &findings);
	}
}

static void duplicate_keys_are_findings(void **state)
{
	struct hy_findings findings;
	struct hy_yaml *file = parse("a: 1\nb: {x: 1, x: 2}\na: 3\n? [k]\n: 1\n", &findings);
	struct hy_buf wide;

	(void)state;
	assert_int_equal(findings.count, 3);
	assert_string_equal(hy_buf_str(&findings.text).p,
			    "f.yaml:2:11: 重复的键 “x”\n"
			    "f.yaml:3:1: 重复的键 “a”\n"
			    "f.yaml:4:3: 键应为文字，不能是列表或映射\n");
	assert_true(hy_str_eq_c(hy_yaml_text(hy_yaml_get(hy_yaml_root(file), "a")), "1"));
	finish(file, &findings);

	hy_buf_init(&wide, 1 << 20);
	for (int i = 0; i < 3000; i++)
		hy_buf_addf(&wide, "k%d: v\n", i % 2999);
	file = parse(hy_buf_str(&wide).p, &findings);
	assert_string_equal(hy_buf_str(&findings.text).p, "f.yaml:3000:1: 重复的键 “k0”\n");
	finish(file, &findings);
	hy_buf_fini(&wide);
}

/* ---- reads ---- */

static void unknown_keys_get_suggestions(void **state)
{
	static const char *const keys[] = {"title", "lead", "id", "severity", "样例", NULL};
	static const struct {
		const char *text, *finding;
	} cases[] = {
		{"titel: x", "f.yaml:1:1: 未知的键 “titel”，是否想写 “title”？\n"},
		{"lead: x\nseverty: x", "f.yaml:2:1: 未知的键 “severty”，是否想写 “severity”？\n"},
		{"ix: x", "f.yaml:1:1: 未知的键 “ix”，是否想写 “id”？\n"},
		{"xy: x", "f.yaml:1:1: 未知的键 “xy”\n"},
		{"样列: x", "f.yaml:1:1: 未知的键 “样列”，是否想写 “样例”？\n"},
		{"something: x", "f.yaml:1:1: 未知的键 “something”\n"},
		{"title: x", ""},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		struct hy_findings findings;
		struct hy_yaml *file = parse(cases[i].text, &findings);
		bool good = hy_yaml_known_keys(hy_yaml_root(file), keys, &findings);

		assert_int_equal(good, !*cases[i].finding);
		assert_string_equal(hy_buf_str(&findings.text).p, cases[i].finding);
		finish(file, &findings);
	}
}

static void good_values_are_read(void **state)
{
	struct hy_findings findings;
	struct hy_yaml *file = parse("t: 字\nn: -5\nb: 否\nd: 48h\nday: 2026-11-23\n"
				     "at: 2026-11-23T00:00:01Z\n", &findings);
	const struct hy_yaml_node *root = hy_yaml_root(file);
	struct hy_str text = {0};
	struct hy_wall wall;
	int64_t n = 0;
	bool b = true;

	(void)state;
	assert_true(hy_yaml_read_text(root, "t", true, &findings, &text));
	assert_true(hy_str_eq_c(text, "字"));
	assert_true(hy_yaml_read_int(root, "n", -5, 5, &findings, &n));
	assert_int_equal(n, -5);
	assert_true(hy_yaml_read_bool(root, "b", &findings, &b));
	assert_false(b);
	assert_true(hy_yaml_read_duration(root, "d", 0, 172800000, &findings, &n));
	assert_int_equal(n, 172800000);
	assert_true(hy_yaml_read_wall(root, "day", &findings, &wall));
	assert_int_equal(wall.ms, 1795363200000);
	assert_true(hy_yaml_read_wall(root, "at", &findings, &wall));
	assert_int_equal(wall.ms, 1795392001000);
	assert_false(hy_yaml_read_text(root, "none", false, &findings, &text));
	assert_false(hy_yaml_read_int(root, "none", 0, 1, &findings, &n));
	assert_int_equal(findings.count, 0);
	finish(file, &findings);
}

static void bad_values_are_findings(void **state)
{
	struct hy_findings findings;
	struct hy_yaml *file = parse("empty:\nn: 101\nm: abc\nb: 也许\nd: 5 年\ns: 1s\n"
				     "day: 2026-02-30\nlist: [1]\n", &findings);
	const struct hy_yaml_node *root = hy_yaml_root(file);
	struct hy_str text = HY_STR_LIT("before");
	struct hy_wall wall = {7};
	int64_t n = 7;
	bool b = true;

	(void)state;
	assert_false(hy_yaml_read_text(root, "lead", true, &findings, &text));
	assert_false(hy_yaml_read_text(root, "empty", true, &findings, &text));
	assert_false(hy_yaml_read_int(root, "n", 1, 100, &findings, &n));
	assert_false(hy_yaml_read_int(root, "m", 1, 100, &findings, &n));
	assert_false(hy_yaml_read_bool(root, "b", &findings, &b));
	assert_false(hy_yaml_read_duration(root, "d", 0, 1000, &findings, &n));
	assert_false(hy_yaml_read_duration(root, "s", 2000, 9000, &findings, &n));
	assert_false(hy_yaml_read_wall(root, "day", &findings, &wall));
	assert_false(hy_yaml_read_text(root, "list", true, &findings, &text));
	assert_string_equal(hy_buf_str(&findings.text).p,
		"f.yaml:1:1: 缺少必填的键 “lead”\n"
		"f.yaml:1:1: “empty” 不能为空\n"
		"f.yaml:2:4: “n” 应为整数（1 至 100），实为 “101”\n"
		"f.yaml:3:4: “m” 应为整数（1 至 100），实为 “abc”\n"
		"f.yaml:4:4: “b” 应为 true（是）或 false（否），实为 “也许”\n"
		"f.yaml:5:4: “d” 应为时长（如 90s、5m、48h、7d），实为 “5 年”\n"
		"f.yaml:6:4: “s” 应在 2 至 9 秒之间，实为 “1s”\n"
		"f.yaml:7:6: “day” 应为日期（2026-11-23）或带时区的时刻（2026-11-23T09:00:00+08:00），"
		"实为 “2026-02-30”\n"
		"f.yaml:8:7: “list” 应为单个值，不能是列表或映射\n");
	assert_true(hy_str_eq_c(text, "before"));
	assert_int_equal(n, 7);
	assert_int_equal(wall.ms, 7);
	assert_true(b);
	finish(file, &findings);
}

static void findings_are_single_lines_and_bounded(void **state)
{
	struct hy_findings findings;
	struct hy_yaml *file = parse("n: \"a\\nb\"\n", &findings);
	const struct hy_yaml_node *root = hy_yaml_root(file);
	size_t lines = 0;
	int64_t n;

	(void)state;
	for (int i = 0; i < HY_YAML_FINDINGS_MAX + 10; i++)
		assert_false(hy_yaml_read_int(root, "n", 0, 1, &findings, &n));
	for (size_t i = 0; i < findings.text.n; i++)
		lines += findings.text.p[i] == '\n';
	assert_int_equal(lines, HY_YAML_FINDINGS_MAX);
	assert_int_equal(findings.count, HY_YAML_FINDINGS_MAX + 10);
	finish(file, &findings);
}

/* ---- files ---- */

static void files_are_read_and_refused(void **state)
{
	char path[] = "/tmp/huiying-yaml-XXXXXX";
	int fd = mkstemp(path);
	struct hy_findings findings;
	struct hy_yaml *file = NULL;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a: 1\na: 2\n", 10), 10);
	hy_findings_init(&findings);
	assert_int_equal(hy_yaml_open(path, "units.yaml", &findings, &file), HY_OK);
	assert_string_equal(hy_buf_str(&findings.text).p, "units.yaml:2:1: 重复的键 “a”\n");
	finish(file, &findings);

	assert_int_equal(ftruncate(fd, HY_YAML_FILE_BYTES + 1), 0);
	hy_findings_init(&findings);
	assert_int_equal(hy_yaml_open(path, "big.yaml", &findings, &file), HY_ERR_LIMIT);
	assert_string_equal(hy_buf_str(&findings.text).p, "big.yaml:1:1: 文件过大（上限 16 MiB）\n");
	hy_findings_fini(&findings);
	(void)close(fd);
	(void)unlink(path);

	hy_findings_init(&findings);
	assert_int_equal(hy_yaml_open(path, NULL, &findings, &file), HY_ERR_IO);
	assert_int_equal(hy_yaml_open("/tmp", NULL, &findings, &file), HY_ERR_IO);
	assert_int_equal(findings.count, 2);
	hy_findings_fini(&findings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syntax_errors_have_places),
		cmocka_unit_test(zero_byte_is_refused),
		cmocka_unit_test(expansion_is_bounded),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(tree_keeps_order_and_places),
		cmocka_unit_test(json_is_yaml),
		cmocka_unit_test(empty_files_have_no_root),
		cmocka_unit_test(duplicate_keys_are_findings),
		cmocka_unit_test(unknown_keys_get_suggestions),
		cmocka_unit_test(good_values_are_read),
		cmocka_unit_test(bad_values_are_findings),
		cmocka_unit_test(findings_are_single_lines_and_bounded),
		cmocka_unit_test(files_are_read_and_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
