/* `huiying rules test`: the samples of every topic, and scenario files. */
#include <stdio.h>

#include "analyzer/check.h"
#include "cli/alerter_access.h"
#include "cli/config_file.h"
#include "cli/options.h"
#include "cli/print.h"
#include "cli/rule_scenarios.h"
#include "cli/scan_rules.h"
#include "cli/verb.h"
#include "cli/verb_rules.h"
#include "common/base/mem.h"
#include "common/rules/files.h"

#define FILES_MAX 10000

struct test {
	const char *dir;
	struct hy_scan_rules scan;
	struct hy_rule_set *rules;
	struct hy_findings findings;
	size_t files, scenarios;
	bool failed;		/* a file could not be read */
};

static void play(struct test *t, const char *path)
{
	size_t count = 0;
	enum hy_err err = hy_rule_scenarios_play(path, &t->scan, t->rules, &t->findings, &count);

	t->files++;
	t->scenarios += count;
	/* The finding says why. */
	if (err != HY_OK && err != HY_ERR_MALFORMED)
		t->failed = true;
}

/* The scenarios of the rules themselves; a folder without any has its samples. */
static void play_own(struct test *t)
{
	hy_cleanup(hy_rules_listing_fini) struct hy_rules_listing listing = {0};
	hy_cleanup(hy_buf_fini) struct hy_buf folder = HY_BUF(4096);
	struct hy_error e = {0};

	hy_buf_addf(&folder, "%s/scenarios", t->dir);
	if (hy_buf_err(&folder) || hy_rules_list(folder.p, ".yaml", FILES_MAX, &listing, &e))
		return;
	for (size_t i = 0; i < listing.count; i++)
		play(t, listing.paths[i]);
}

static int run(struct test *t, int operands, char **argv)
{
	struct hy_error e = {0};

	if (hy_scan_rules_load(t->dir, &t->scan, &e)) {
		(void)fprintf(stderr, "huiying rules test: %s\n", e.text);
		return HY_EXIT_FAILURE;
	}
	t->rules = hy_cli_rules_load(t->dir);
	if (!t->rules)
		return HY_EXIT_FAILURE;
	hy_check_samples(t->scan.ruleset, &t->findings);
	for (int i = 1; i <= operands; i++)
		play(t, argv[i]);
	if (operands == 0)
		play_own(t);
	hy_print_text(stdout, &t->findings.text);
	(void)fprintf(stderr, "%s：%zu 个议题的样本，%zu 个文件的 %zu 个情形，共 %zu 处不符\n", t->dir,
		      t->scan.ruleset->count, t->files, t->scenarios, t->findings.count);
	if (t->failed)
		return HY_EXIT_FAILURE;
	return t->findings.count ? HY_EXIT_FINDINGS : HY_EXIT_OK;
}

int hy_verb_rules_test(int argc, char **argv)
{
	const char *dir = NULL;
	const struct hy_option options[] = {
		{"--rules", "DIR", &dir, NULL, "rules folder (./rules, else the installed one)"},
	};
	const struct hy_usage usage = {
		"rules test [--rules DIR] [FILE...]",
		"Judges the samples of every topic and plays scenario files (without FILE those in\n"
		"DIR/scenarios): documents at a fixed time to topics, severity, places, lead, assistance\n"
		"and deadlines, as the daemons would. What comes out otherwise is named as\n"
		"file:line:column with the reason; exit 1 then. rules/README.md shows the form.",
		options, HY_COUNT(options)};
	struct test t = {.dir = NULL};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	t.dir = hy_cli_rules_dir(dir);
	hy_findings_init(&t.findings);
	code = run(&t, operands, argv);
	hy_findings_fini(&t.findings);
	hy_rule_set_free(t.rules);
	hy_scan_rules_unload(&t.scan);
	return code;
}
