/* `huiying simulate`: a drill on a clock of its own, and the same month under other rules. */
#include <stdio.h>
#include <stdlib.h>

#include "alerter/proof.h"
#include "cli/alerter_access.h"
#include "cli/config_file.h"
#include "cli/drill.h"
#include "cli/drill_result.h"
#include "cli/options.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "common/base/mem.h"

#define DAYS_MAX 400
#define A_DAY_MAX 2000
#define DAY_MS (24 * 3600 * 1000LL)
#define TEXT_BYTES ((size_t)16 << 20)

struct words {
	const char *rules, *against, *from, *days, *a_day, *sign, *answer, *seed, *output;
};

static bool read_number(const char *text, int64_t preset, int64_t max, int64_t *out)
{
	*out = preset;
	return !text || hy_str_to_int(hy_str_of(text), 1, max, out);
}

static bool read_duration(const char *text, const char *preset, int64_t *out_ms)
{
	return hy_duration_parse(hy_str_of(text ? text : preset), out_ms) && *out_ms > 0;
}

/* What is wrong, or NULL. */
static const char *read_plan(const struct words *w, struct hy_drill_plan *plan)
{
	int64_t days, a_day, seed;

	if (!read_number(w->days, 30, DAYS_MAX, &days))
		return "--days is a whole number from 1 to 400";
	if (!read_number(w->a_day, 8, A_DAY_MAX, &a_day))
		return "--concerns is a whole number from 1 to 2000";
	if (!read_number(w->seed, 1, INT64_MAX, &seed))
		return "--seed is a whole number from 1";
	if (!read_duration(w->sign, "40m", &plan->sign_ms) ||
	    !read_duration(w->answer, "16h", &plan->answer_ms))
		return "--sign and --answer are spans such as 40m or 16h";
	plan->until = hy_wall_add_ms(plan->from, days * DAY_MS);
	plan->concerns_a_day = (double)a_day;
	plan->seed = (uint64_t)seed;
	return NULL;
}

/* Rules that would not be taken into force are not played either. */
static struct hy_rule_set *load_rules(const char *dir, struct hy_wall from)
{
	struct hy_rule_set *rules = NULL;
	struct hy_findings findings;

	hy_findings_init(&findings);
	if (hy_rule_set_load_again(dir, from, &findings, &rules)) {
		hy_print_text(stderr, &findings.text);
		(void)fprintf(stderr, "huiying simulate: %s 通不过检查，改好后再演练（huiying check %s）\n",
			      dir, dir);
	}
	hy_findings_fini(&findings);
	return rules;
}

static struct hy_drill *play(const struct hy_drill_plan *plan, const struct hy_rule_set *rules)
{
	struct hy_drill *drill = NULL;
	struct hy_error e = {0};

	if (hy_drill_play(plan, rules, &drill, &e))
		(void)fprintf(stderr, "huiying simulate: %s\n", e.text);
	return drill;
}

static void print(const struct hy_drill_plan *plan, const char *dir, json_t *result, bool json)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);
	const json_t *differences = json_object_get(result, "differences");
	char from[HY_RFC3339_BYTES], until[HY_RFC3339_BYTES];

	if (json) {
		(void)json_dumpf(result, stdout, JSON_COMPACT);
		(void)putchar('\n');
		return;
	}
	hy_buf_addf(&text, "演练 %.10s 至 %.10s，规则 %s，种子 %llu。演练数据，不入任何统计。\n",
		    hy_wall_format(plan->from, from), hy_wall_format(plan->until, until), dir,
		    (unsigned long long)plan->seed);
	hy_drill_result_write(result, &text);
	if (differences)
		hy_drill_compare_write(differences, &text);
	hy_print_text(stdout, &text);
}

/* The second folder is played only where it is asked for. */
static int run(const struct words *w, const struct hy_drill_plan *plan, bool json)
{
	const char *dir = hy_cli_rules_dir(w->rules);
	hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *rules = load_rules(dir, plan->from);
	hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *others =
		w->against ? load_rules(w->against, plan->from) : NULL;
	struct hy_drill *now = NULL, *then = NULL;
	json_t *result = NULL, *differences = NULL;
	struct hy_error e = {0};
	enum hy_err err = HY_ERR_MALFORMED;

	if (rules && (others || !w->against))
		now = play(plan, rules);
	if (now && others)
		then = play(plan, others);
	if (now && (then || !others))
		err = hy_drill_result(now, &result, &e);
	if (!err && then)
		err = hy_drill_compare(now, then, &differences, &e);
	if (differences)
		json_object_set_new(result, "differences", differences);
	if (!err)
		print(plan, dir, result, json);
	else if (e.text[0])
		(void)fprintf(stderr, "huiying simulate: %s\n", e.text);
	json_decref(result);
	hy_drill_free(now);
	hy_drill_free(then);
	return err ? HY_EXIT_FAILURE : HY_EXIT_OK;
}

int hy_verb_simulate(int argc, char **argv)
{
	struct words w = {0};
	const struct hy_option options[] = {
		{"--rules", "DIR", &w.rules, NULL, "rules folder (./rules, else the installed one)"},
		{"--against", "DIR", &w.against, NULL, "another one: what would end differently"},
		{"--from", "TIME", &w.from, NULL, "when the drill begins (now)"},
		{"--days", "N", &w.days, NULL, "how long it lasts (30)"},
		{"--concerns", "N", &w.a_day, NULL, "how many begin on a day, on average (8)"},
		{"--sign", "SPAN", &w.sign, NULL, "half of the units sign sooner (40m)"},
		{"--answer", "SPAN", &w.answer, NULL, "half of them answer sooner than that (16h)"},
		{"--seed", "N", &w.seed, NULL, "the same number, the same month (1)"},
		{"-o", "FORMAT", &w.output, NULL, "text or json"},
	};
	const struct hy_usage usage = {
		"simulate [--rules DIR] [--against DIR] [--from TIME] [--days N] [-o json]",
		"Plays a synthetic month through the real routing, clocks, roster and notices, on a\n"
		"clock of its own: who would have had what to do, and what would have been late.\n"
		"Nothing is sent and nothing is kept. Grave cases are handled faster than --sign and\n"
		"--answer say: at 0.7, 0.4 and 0.25 of the time. Answers to the others wait for the\n"
		"daytime.",
		options, HY_COUNT(options)};
	struct hy_drill_plan plan = {0};
	const char *wrong;
	bool json;
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands)
		return hy_usage_error(&usage, "simulate takes options only");
	if (!hy_output_parse(w.output, &json))
		return hy_usage_error(&usage, HY_OUTPUT_FORMATS);
	if (!hy_cli_time(w.from, &plan.from))
		return HY_EXIT_USAGE;
	wrong = read_plan(&w, &plan);
	if (wrong)
		return hy_usage_error(&usage, wrong);
	return run(&w, &plan, json);
}
