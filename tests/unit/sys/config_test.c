/* Pairs under tests/golden/config: x.yaml and what loading it gives, findings or dump. */
#include "common/sys/config.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/mem.h"

#define TEXT_BYTES (64u << 10)
#define GOLDEN "tests/golden/config/"

struct sample_conf {
	bool enabled;
	int64_t workers, wait_ms, page_bytes, mode;
	char *agent, *folder, *store;
};

#define AT(member) offsetof(struct sample_conf, member)

static const char *const modes[] = {"slow", "fast", NULL};

static const struct hy_config_row rows[] = {
	{"enabled", HY_CONFIG_BOOL, AT(enabled), 0, 0, "true", NULL, "whether it runs", NULL, false},
	{"workers", HY_CONFIG_INT, AT(workers), 1, 64, "4", NULL, "processes", NULL, true},
	{"wait", HY_CONFIG_DURATION, AT(wait_ms), 100, 86400000, "90s", NULL, "between two turns",
	 NULL, false},
	{"page", HY_CONFIG_BYTES, AT(page_bytes), 1024, INT64_C(1) << 30, "10MiB", NULL,
	 "largest page", NULL, false},
	{"mode", HY_CONFIG_CHOICE, AT(mode), 0, 0, "fast", NULL, "of working", modes, true},
	{"agent", HY_CONFIG_TEXT, AT(agent), 1, 40, "huiying", NULL, "name sent to hosts", NULL,
	 false},
	{"folder", HY_CONFIG_PATH, AT(folder), 1, 400, "data", NULL, "of files", NULL, false},
	{"store", HY_CONFIG_STORE, AT(store), 1, 400, "sqlite:x.db", NULL, "of rows", NULL, true},
};

/* A rule between two values. */
static enum hy_err finish(void *values, struct hy_error *e)
{
	const struct sample_conf *conf = values;

	if (conf->mode == 1 && conf->workers > 32)
		return hy_fail(e, HY_ERR_MALFORMED, "“mode” 为 fast 时 “workers” 不得超过 32");
	return HY_OK;
}

static const struct hy_config_section sample = {
	"sample", rows, HY_COUNT(rows), sizeof(struct sample_conf), finish};
static const char *const known[] = {"common", "sample", "other", NULL};

static enum hy_err load(const char *path, struct sample_conf **out, struct hy_buf *findings)
{
	const struct hy_config_section *sections[] = {&sample};
	void *values[] = {NULL};
	enum hy_err err = hy_config_load(path, sections, 1, known, values, findings);

	*out = values[0];
	return err;
}

/* A file of the test's own with this content; removed by the caller. */
static void write_file(char *path, const char *text)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
}

static void presets_are_good(void **state)
{
	struct sample_conf *conf;
	struct hy_buf findings;

	(void)state;
	hy_buf_init(&findings, TEXT_BYTES);
	assert_int_equal(load(NULL, &conf, &findings), HY_OK);
	assert_int_equal(findings.n, 0);
	assert_true(conf->enabled);
	assert_int_equal(conf->workers, 4);
	assert_int_equal(conf->wait_ms, 90000);
	assert_int_equal(conf->page_bytes, 10 << 20);
	assert_int_equal(conf->mode, 1);
	assert_string_equal(conf->agent, "huiying");
	assert_string_equal(conf->folder, "data");
	assert_string_equal(conf->store, "sqlite:x.db");
	hy_config_free(&sample, conf);
	hy_buf_fini(&findings);
}

static void read_text(const char *path, struct hy_buf *out)
{
	FILE *f = fopen(path, "r");
	char *room = hy_buf_reserve(out, TEXT_BYTES / 2);

	if (!f)
		fail_msg("no %s", path);
	hy_buf_commit(out, fread(room, 1, TEXT_BYTES / 2, f));
	(void)fclose(f);
}

/* The tree may stand anywhere: its place becomes "@". */
static void forget_folder(struct hy_buf *text)
{
	char *folder = realpath(".", NULL);
	size_t n = strlen(folder);
	struct hy_str whole = hy_buf_str(text);
	struct hy_buf out;
	size_t from = 0, at;

	hy_buf_init(&out, TEXT_BYTES);
	while ((at = hy_str_find(whole, (struct hy_str){folder, n}, from)) != SIZE_MAX) {
		hy_buf_add_str(&out, hy_str_sub(whole, from, at - from));
		hy_buf_add_char(&out, '@');
		from = at + n;
	}
	hy_buf_add_str(&out, hy_str_sub(whole, from, SIZE_MAX));
	hy_buf_fini(text);
	*text = out;
	free(folder);
}

static void check_golden(const char *path)
{
	struct sample_conf *conf;
	struct hy_buf got, expected;
	char expected_path[256];

	(void)snprintf(expected_path, sizeof expected_path, "%.*sexpected",
		       (int)(strlen(path) - strlen("yaml")), path);
	hy_buf_init(&got, TEXT_BYTES);
	hy_buf_init(&expected, TEXT_BYTES);
	read_text(expected_path, &expected);
	if (load(path, &conf, &got) == HY_OK) {
		assert_int_equal(got.n, 0);
		hy_config_dump(&sample, conf, &got);
		forget_folder(&got);
		hy_config_free(&sample, conf);
	} else {
		assert_null(conf);
		assert_true(got.n > 0);
	}
	if (!hy_str_eq(hy_buf_str(&got), hy_buf_str(&expected)))
		fail_msg("%s gives\n%s", path, hy_buf_str(&got).p);
	hy_buf_fini(&got);
	hy_buf_fini(&expected);
}

static void golden_pairs_agree(void **state)
{
	glob_t found;

	(void)state;
	assert_int_equal(glob(GOLDEN "*.yaml", 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= 8);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_golden(found.gl_pathv[i]);
	globfree(&found);
}

/* What --dump-config prints is a file that gives the same values. */
static void a_dump_loads_again(void **state)
{
	char path[] = "/tmp/huiying-config-XXXXXX";
	struct sample_conf *first, *second;
	struct hy_buf text, findings;

	(void)state;
	hy_buf_init(&text, TEXT_BYTES);
	hy_buf_init(&findings, TEXT_BYTES);
	assert_int_equal(load(GOLDEN "values.yaml", &first, &findings), HY_OK);
	hy_config_dump(&sample, first, &text);
	write_file(path, hy_buf_str(&text).p);
	assert_int_equal(load(path, &second, &findings), HY_OK);
	assert_int_equal(second->enabled, first->enabled);
	assert_int_equal(second->workers, first->workers);
	assert_int_equal(second->wait_ms, first->wait_ms);
	assert_int_equal(second->page_bytes, first->page_bytes);
	assert_int_equal(second->mode, first->mode);
	assert_string_equal(second->agent, first->agent);
	assert_null(hy_config_needs_restart(&sample, first, second) ? "restart" : NULL);
	hy_config_free(&sample, first);
	hy_config_free(&sample, second);
	hy_buf_fini(&text);
	hy_buf_fini(&findings);
	(void)unlink(path);
}

static void paths_count_from_the_file(void **state)
{
	static const struct {
		const char *text, *folder, *store;
	} cases[] = {
		{"sample: {folder: a/b, store: \"sqlite:c.db\"}", "/tmp/a/b", "sqlite:/tmp/c.db"},
		{"sample: {folder: /abs, store: \"sqlite:/abs/c.db\"}", "/abs", "sqlite:/abs/c.db"},
		{"sample: {folder: x, store: \"postgresql:///db\"}", "/tmp/x", "postgresql:///db"},
		{"other: {}", "/tmp/data", "sqlite:/tmp/x.db"},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		char path[] = "/tmp/huiying-config-XXXXXX";
		struct sample_conf *conf;
		struct hy_buf findings;

		hy_buf_init(&findings, TEXT_BYTES);
		write_file(path, cases[i].text);
		assert_int_equal(load(path, &conf, &findings), HY_OK);
		assert_string_equal(conf->folder, cases[i].folder);
		assert_string_equal(conf->store, cases[i].store);
		hy_config_free(&sample, conf);
		hy_buf_fini(&findings);
		(void)unlink(path);
	}
}

static void restarts_are_named(void **state)
{
	struct sample_conf *a, *b;
	struct hy_buf findings;

	(void)state;
	hy_buf_init(&findings, TEXT_BYTES);
	assert_int_equal(load(NULL, &a, &findings), HY_OK);
	assert_int_equal(load(NULL, &b, &findings), HY_OK);
	b->wait_ms++;
	assert_null(hy_config_needs_restart(&sample, a, b));
	b->mode = 0;
	assert_string_equal(hy_config_needs_restart(&sample, a, b), "mode");
	b->store[0] = 'X';
	b->mode = a->mode;
	assert_string_equal(hy_config_needs_restart(&sample, a, b), "store");
	hy_config_free(&sample, a);
	hy_config_free(&sample, b);
	hy_buf_fini(&findings);
}

static void missing_files_are_findings(void **state)
{
	struct sample_conf *conf;
	struct hy_buf findings;

	(void)state;
	hy_buf_init(&findings, TEXT_BYTES);
	assert_int_equal(load("/nonexistent/huiying.yaml", &conf, &findings), HY_ERR_MALFORMED);
	assert_null(conf);
	assert_non_null(strstr(hy_buf_str(&findings).p, "/nonexistent/huiying.yaml:1:1: 无法读取"));
	hy_buf_fini(&findings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(presets_are_good),
		cmocka_unit_test(golden_pairs_agree),
		cmocka_unit_test(a_dump_loads_again),
		cmocka_unit_test(paths_count_from_the_file),
		cmocka_unit_test(restarts_are_named),
		cmocka_unit_test(missing_files_are_findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
