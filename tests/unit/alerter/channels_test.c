/* Which notices a channel takes. */
#include "alerter/channels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/rules_folder.h"

static const char text[] =
	"channels:\n"
	"  - {id: all, type: publish}\n"
	"  - {id: grave, type: webhook, url: \"https://a.example/x\", severity: [major, critical]}\n"
	"  - {id: office, type: webhook, url: \"http://b.example\", units: [office, \"east-*\"],\n"
	"     steps: [assigned, \"sign-*\"], timeout: 3s}\n";

static const struct {
	const char *channel, *unit;
	enum hy_severity severity;
	const char *step;
	bool takes;
} rows[] = {
	{"all", "anyone", HY_SEVERITY_GENERAL, "assigned", true},
	{"grave", "anyone", HY_SEVERITY_CONSIDERABLE, "assigned", false},
	{"grave", "anyone", HY_SEVERITY_MAJOR, "answer-50", true},
	{"office", "office", HY_SEVERITY_GENERAL, "assigned", true},
	{"office", "east-street", HY_SEVERITY_CRITICAL, "sign-100", true},
	{"office", "west-street", HY_SEVERITY_CRITICAL, "sign-100", false},
	{"office", "office", HY_SEVERITY_CRITICAL, "answer-100", false},
};

static void each_row(void **state)
{
	struct hy_channels *channels = NULL;
	struct hy_findings findings;
	struct test_rules folder;

	(void)state;
	assert_true(test_rules_make(&folder));
	assert_true(test_rules_put(&folder, "channels.yaml", text));
	hy_findings_init(&findings);
	assert_int_equal(hy_channels_load(folder.folder, &findings, &channels), HY_OK);
	assert_int_equal(findings.count, 0);
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		const struct hy_channel *channel = hy_channels_find(channels,
								    hy_str_of(rows[i].channel));

		assert_non_null(channel);
		assert_int_equal(hy_channel_takes(channel, hy_str_of(rows[i].unit),
						  rows[i].severity, hy_str_of(rows[i].step)),
				 rows[i].takes);
	}
	assert_int_equal(hy_channels_find(channels, HY_STR_LIT("office"))->timeout_ms, 3000);
	assert_null(hy_channels_find(channels, HY_STR_LIT("none")));
	hy_channels_free(channels);
	hy_findings_fini(&findings);
	test_rules_remove(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_row)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
