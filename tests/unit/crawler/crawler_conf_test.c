/* The table of the section `crawler`: its presets are valid, its limits hold. */
#include "crawler/crawler_conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/mem.h"

static const struct hy_config_section *const sections[] = {&hy_crawler_section};
static const char *const known[] = {"crawler", NULL};

static enum hy_err load(const char *text, struct hy_crawler_conf **out, struct hy_buf *findings)
{
	char path[] = "/tmp/hy-conf-XXXXXX";
	void *values[1] = {NULL};
	enum hy_err err;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
	err = hy_config_load(path, sections, 1, known, values, findings);
	(void)unlink(path);
	*out = values[0];
	return err;
}

static void presets_are_polite(void **state)
{
	void *values[1] = {NULL};
	const struct hy_crawler_conf *conf;
	struct hy_buf findings;

	(void)state;
	hy_buf_init(&findings, 65536);
	if (hy_config_load(NULL, sections, 1, known, values, &findings) != HY_OK)
		fail_msg("%s", hy_buf_str(&findings).p);
	conf = values[0];
	assert_true(conf->delay_ms >= 1000);
	assert_int_equal(conf->robots_life_ms, 86400000);
	assert_int_equal(conf->body_bytes, 8 << 20);
	assert_true(conf->lease_ms > conf->total_ms);
	for (size_t i = 0; i < hy_crawler_section.row_count; i++)
		assert_true(hy_crawler_section.rows[i].doc && hy_crawler_section.rows[i].doc[0]);
	hy_config_free(&hy_crawler_section, values[0]);
	hy_buf_fini(&findings);
}

static void limits_hold(void **state)
{
	static const char *const wrong[] = {
		"crawler: {delay: 999ms}\n",		/* faster than a public site is asked */
		"crawler: {robots_life: 25h}\n",	/* RFC 9309, 2.4 */
		"crawler: {body: 1GiB}\n",
		"crawler: {connections: 0}\n",
		"crawler: {agent: ''}\n",
		"crawler: {delya: 5s}\n",
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(wrong); i++) {
		struct hy_crawler_conf *conf;
		struct hy_buf findings;

		hy_buf_init(&findings, 65536);
		if (load(wrong[i], &conf, &findings) != HY_ERR_MALFORMED || !findings.n)
			fail_msg("accepted: %s", wrong[i]);
		hy_buf_fini(&findings);
	}
}

static void written_values_are_read(void **state)
{
	struct hy_crawler_conf *conf;
	struct hy_buf findings;

	(void)state;
	hy_buf_init(&findings, 65536);
	assert_int_equal(load("crawler:\n  delay: 5s\n  agent: OtherBot\n  body: 1MiB\n"
			      "  store: sqlite:/tmp/x.db\n  max_age: 0s\n", &conf, &findings), HY_OK);
	assert_int_equal(conf->delay_ms, 5000);
	assert_string_equal(conf->agent, "OtherBot");
	assert_int_equal(conf->body_bytes, 1 << 20);
	assert_int_equal(conf->max_age_ms, 0);
	hy_config_free(&hy_crawler_section, conf);
	hy_buf_fini(&findings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(presets_are_polite),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(written_values_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
