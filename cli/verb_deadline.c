/* `huiying deadline explain`: a limit's moments, and which spans were left out. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/alerter_access.h"
#include "cli/clock_print.h"
#include "cli/config_file.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "common/base/mem.h"

struct question {
	const struct hy_preset *preset;
	struct hy_wall start;
};

static void print_text(const struct question *q)
{
	const struct hy_preset *p = q->preset;
	struct hy_wall due = hy_preset_due(p, q->start, 100);
	char at[HY_RFC3339_BYTES];

	(void)printf("时限 %.*s：%.*s\n", HY_STR_ARGS(p->id), HY_STR_ARGS(p->title));
	(void)printf("依据 %.*s\n", HY_STR_ARGS(p->basis));
	(void)printf("起点 %s\n", hy_wall_format(q->start, at));
	(void)printf("计算 %s%s\n", hy_measure_title(p->measure),
		     p->measure == HY_MEASURE_NATURAL ? "，没有扣除的时段" : "");
	hy_cli_print_skipped(p, q->start, due, "");
	if (!hy_preset_certain(p, q->start, due))
		(void)printf("注意 日历未定：有的年份还没有放假安排，该年按星期推算，公布后会重算\n");
	for (size_t i = 0; i < p->step_count; i++)
		(void)printf("%s %d%% %s\n", p->steps[i] == 100 ? "到期" : "提醒", p->steps[i],
			     hy_wall_format(hy_preset_due(p, q->start, p->steps[i]), at));
}

static json_t *json_of(struct hy_str s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

static void print_json(const struct question *q)
{
	const struct hy_preset *p = q->preset;
	char start[HY_RFC3339_BYTES], due[HY_RFC3339_BYTES];
	struct hy_wall end = hy_preset_due(p, q->start, 100);
	json_t *steps = json_array(), *out;
	char *text;

	for (size_t i = 0; i < p->step_count; i++) {
		char at[HY_RFC3339_BYTES];

		(void)hy_wall_format(hy_preset_due(p, q->start, p->steps[i]), at);
		json_array_append_new(steps,
				      json_pack("{s:i, s:s}", "percent", p->steps[i], "at", at));
	}
	out = json_pack("{s:o, s:s, s:o, s:o, s:s, s:s, s:s, s:o, s:b, s:o}", "preset",
			json_of(p->id), "ladder", hy_ladder_id(p->ladder), "title",
			json_of(p->title), "basis", json_of(p->basis), "hours",
			hy_measure_id(p->measure), "start", hy_wall_format(q->start, start), "due",
			hy_wall_format(end, due), "skipped", hy_cli_json_skipped(p, q->start, end),
			"certain", hy_preset_certain(p, q->start, end), "steps", steps);
	text = json_dumps(out, JSON_COMPACT);
	(void)printf("%s\n", text ? text : "{}");
	free(text);
	json_decref(out);
}

int hy_verb_deadline(int argc, char **argv)
{
	const char *rules_dir = NULL, *start = NULL, *preset = NULL, *output = NULL;
	const struct hy_option options[] = {
		{"--start", "TIME", &start, NULL, "where the clock starts"},
		{"--preset", "ID", &preset, NULL, "a limit of deadlines.yaml"},
		{"--rules", "DIR", &rules_dir, NULL, "rules folder (./rules, else the installed one)"},
		{"-o", "FORMAT", &output, NULL, "text or json"},
	};
	const struct hy_usage usage = {
		"deadline explain --start TIME --preset ID [--rules DIR] [-o json]",
		"Prints the moment a limit ends, each reminder before it, and every span that was\n"
		"left out of the count.",
		options, HY_COUNT(options)};
	struct question q = {0};
	bool json;
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands != 1 || strcmp(argv[1], "explain") != 0)
		return hy_usage_error(&usage, "the only question is `explain`");
	if (!start || !preset)
		return hy_usage_error(&usage, "--start and --preset are needed");
	if (!hy_output_parse(output, &json))
		return hy_usage_error(&usage, HY_OUTPUT_FORMATS);
	if (!hy_cli_time(start, &q.start))
		return HY_EXIT_USAGE;
	rules_dir = hy_cli_rules_dir(rules_dir);
	hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *rules = hy_cli_rules_load(rules_dir);

	if (!rules)
		return HY_EXIT_FAILURE;
	q.preset = hy_presets_find(rules->presets, hy_str_of(preset));
	if (!q.preset) {
		(void)fprintf(stderr, "%s/deadlines.yaml 里没有时限“%s”，有：", rules_dir, preset);
		for (size_t i = 0; i < rules->presets->count; i++)
			(void)fprintf(stderr, "%s%.*s", i ? "、" : "",
				      HY_STR_ARGS(rules->presets->item[i].id));
		(void)fprintf(stderr, "\n");
		return HY_EXIT_FAILURE;
	}
	if (json)
		print_json(&q);
	else
		print_text(&q);
	return HY_EXIT_OK;
}
