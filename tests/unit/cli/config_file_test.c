/* Which configuration file and rules folder a verb takes, and what becomes of a bad file. */
#include "cli/config_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/supervisor_conf.h"
#include "common/base/mem.h"

static int set_up(void **state)
{
	char *folder = hy_xstrdup("/tmp/huiying-config-XXXXXX");

	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	*state = folder;
	return 0;
}

static int tear_down(void **state)
{
	(void)unlink("huiying.yaml");
	(void)rmdir("rules");
	assert_int_equal(rmdir(*state), 0);
	free(*state);
	return 0;
}

static void put(const char *text)
{
	FILE *file = fopen("huiying.yaml", "wbe");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void given_file_counts_then_the_one_here(void **state)
{
	(void)state;
	assert_string_equal(hy_cli_config_path("other.yaml"), "other.yaml");
	put("supervisor: {analyzers: 3}\n");
	assert_string_equal(hy_cli_config_path(NULL), "huiying.yaml");
}

static void section_is_loaded(void **state)
{
	struct hy_supervisor_conf *conf;

	(void)state;
	put("supervisor: {analyzers: 3}\nalerter: {batch: 7}\n");
	conf = hy_cli_config_load(NULL, &hy_supervisor_section);
	assert_non_null(conf);
	assert_int_equal(conf->analyzers, 3);
	assert_int_equal(conf->crawlers, 1);
	hy_config_free(&hy_supervisor_section, conf);
}

static void bad_file_gives_nothing(void **state)
{
	static const char *const texts[] = {
		"supervisor: {analyzers: 99}\n", "supervisor: {analyzer: 3}\n",
		"superviser: {analyzers: 3}\n", "supervisor: [\n", "\xff\xfe\n"};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(texts); i++) {
		put(texts[i]);
		assert_null(hy_cli_config_load(NULL, &hy_supervisor_section));
	}
	assert_null(hy_cli_config_load("missing.yaml", &hy_supervisor_section));
	assert_null(hy_cli_config_load(".", &hy_supervisor_section));
}

static void rules_of_this_folder_come_first(void **state)
{
	(void)state;
	assert_string_equal(hy_cli_rules_dir("given"), "given");
	assert_int_equal(mkdir("rules", 0700), 0);
	assert_string_equal(hy_cli_rules_dir(NULL), "rules");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(given_file_counts_then_the_one_here, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(section_is_loaded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bad_file_gives_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(rules_of_this_folder_come_first, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
