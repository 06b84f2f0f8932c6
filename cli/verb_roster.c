/* `huiying roster`: who is on duty, when nobody is, and the roster as a calendar. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/alerter_access.h"
#include "cli/config_file.h"
#include "cli/options.h"
#include "cli/roster_ics.h"
#include "cli/verb.h"
#include "cli/verb_roster_handover.h"
#include "common/base/mem.h"

#define DAY_MS (24LL * 3600 * 1000)
#define GAPS_MAX 1000	/* of one unit and duty */

struct question {
	const struct hy_rule_set *rules;
	const char *unit;	/* NULL: all */
	struct hy_wall at, to;
	bool json;
};

static json_t *json_of(struct hy_str s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

static void print_json(json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);

	(void)printf("%s\n", text ? text : "{}");
	free(text);
	json_decref(value);
}

static void who(const struct question *q, const struct hy_unit *unit)
{
	json_t *duties = json_object();

	if (!q->json)
		(void)printf("%.*s", HY_STR_ARGS(unit->name));
	for (int duty = 0; duty < HY_DUTY_COUNT; duty++) {
		struct hy_str posts[HY_ROSTER_ON_DUTY_MAX];
		size_t count = hy_roster_who(q->rules->roster, unit, (enum hy_duty)duty, q->at,
					     posts);
		json_t *list = json_array();

		if (!q->json)
			(void)printf("\t%s：%s", hy_duty_title((enum hy_duty)duty),
				     count ? "" : "（无人）");
		for (size_t i = 0; i < count; i++) {
			json_array_append_new(list, json_of(posts[i]));
			if (!q->json)
				(void)printf("%s%.*s", i ? "、" : "", HY_STR_ARGS(posts[i]));
		}
		json_object_set_new(duties, hy_duty_id((enum hy_duty)duty), list);
	}
	if (q->json)
		print_json(json_pack("{s:o, s:o, s:O}", "unit", json_of(unit->id), "name",
				     json_of(unit->name), "duty", duties));
	else
		(void)printf("\n");
	json_decref(duties);
}

static void print_gap(const struct question *q, const struct hy_unit *unit, enum hy_duty duty,
		      const struct hy_roster_span *gap)
{
	char from[HY_RFC3339_BYTES], to[HY_RFC3339_BYTES];

	(void)hy_wall_format(gap->from, from);
	(void)hy_wall_format(gap->to, to);
	if (q->json)
		print_json(json_pack("{s:o, s:s, s:s, s:s}", "unit", json_of(unit->id), "duty",
				     hy_duty_id(duty), "from", from, "to", to));
	else
		(void)printf("%.*s\t%s\t%s 至 %s 无人\n", HY_STR_ARGS(unit->name),
			     hy_duty_title(duty), from, to);
}

static size_t gaps(const struct question *q, const struct hy_unit *unit)
{
	size_t found = 0;

	for (int duty = 0; duty < HY_DUTY_COUNT; duty++) {
		struct hy_roster_span rest = {q->at, q->to}, gap;

		for (int i = 0; i < GAPS_MAX; i++) {
			if (!hy_roster_gap(q->rules->roster, unit, (enum hy_duty)duty, &rest,
					   &gap))
				break;
			print_gap(q, unit, (enum hy_duty)duty, &gap);
			found++;
			rest.from = gap.to;
		}
	}
	return found;
}

static int ask(const struct question *q, bool about_gaps)
{
	const struct hy_units *units = q->rules->units;
	size_t asked = 0, found = 0;

	for (size_t i = 0; i < units->count; i++) {
		const struct hy_unit *unit = &units->item[i];

		if (q->unit ? !hy_str_eq_c(unit->id, q->unit)
			    : !hy_validity_covers(&unit->valid, q->at))
			continue;
		asked++;
		if (about_gaps)
			found += gaps(q, unit);
		else
			who(q, unit);
	}
	if (q->unit && asked == 0) {
		(void)fprintf(stderr, "没有单位“%s”\n", q->unit);
		return HY_EXIT_FAILURE;
	}
	return found ? HY_EXIT_FINDINGS : HY_EXIT_OK;
}

/* What the command line says. */
struct words {
	const char *unit, *rules_dir;
	struct hy_wall at, to;
	bool json;
};

typedef int act_fn(const struct words *w, int operands, char **argv);

static int ask_rules(const struct words *w, bool about_gaps)
{
	hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *rules = hy_cli_rules_load(w->rules_dir);
	struct question q = {.rules = rules, .unit = w->unit, .at = w->at, .to = w->to,
			     .json = w->json};

	return rules ? ask(&q, about_gaps) : HY_EXIT_FAILURE;
}

static int who_act(const struct words *w, int operands, char **argv)
{
	(void)operands;
	(void)argv;
	return ask_rules(w, false);
}

static int gaps_act(const struct words *w, int operands, char **argv)
{
	(void)operands;
	(void)argv;
	return ask_rules(w, true);
}

static int export_act(const struct words *w, int operands, char **argv)
{
	hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *rules = hy_cli_rules_load(w->rules_dir);
	struct hy_roster_export x = {rules, w->unit, w->at, w->to};

	(void)operands;
	(void)argv;
	return rules ? hy_cli_roster_export(&x) : HY_EXIT_FAILURE;
}

static int import_act(const struct words *w, int operands, char **argv)
{
	struct hy_roster_import m = {w->rules_dir, w->unit, w->at};

	return hy_cli_roster_import(&m, operands, argv);
}

static const struct {
	const char *name;
	act_fn *run;
	bool takes_files;
} acts[] = {
	{"who", who_act, false},
	{"gaps", gaps_act, false},
	{"export", export_act, false},
	{"import", import_act, true},
};

static int act(const struct hy_usage *usage, const struct words *w, int operands, char **argv)
{
	for (size_t i = 0; operands && i < HY_COUNT(acts); i++) {
		if (strcmp(argv[1], acts[i].name) != 0)
			continue;
		if (operands > 1 && !acts[i].takes_files)
			return hy_usage_error(usage, "no operand, please");
		return acts[i].run(w, operands - 1, argv + 1);
	}
	return hy_usage_error(usage, "ask `who` or `gaps`, `export`, `import` or `handover`");
}

int hy_verb_roster(int argc, char **argv)
{
	const char *at = NULL, *days = "14", *output = NULL;
	struct words w = {.unit = NULL};
	bool ics = false;
	const struct hy_option options[] = {
		{"--unit", "ID", &w.unit, NULL, "one unit (default: all)"},
		{"--at", "TIME", &at, NULL, "who: when; else from when (default: now)"},
		{"--days", "N", &days, NULL, "gaps, export: how far ahead (default: 14)"},
		{"--ics", NULL, NULL, &ics, "export, import: as iCalendar (the only form)"},
		{"--rules", "DIR", &w.rules_dir, NULL,
		 "rules folder (./rules, else the installed one)"},
		{"-o", "FORMAT", &output, NULL, "who, gaps: text or json"},
	};
	const struct hy_usage usage = {
		"roster who|gaps [--unit ID] [--at TIME] [--days N] [-o json]\n"
		"       huiying roster export [--ics] [--unit ID] [--at TIME] [--days N]\n"
		"       huiying roster import [--ics] [--unit ID] FILE...\n"
		"       huiying roster handover ... (see `huiying roster handover --help`)",
		"who: officer and leader on duty, unit by unit. gaps: spans with nobody on duty, exact\n"
		"to the minute; exit 1 where there are any. export: who is on duty, as iCalendar.\n"
		"import: leave, swaps and shifts of a calendar into roster-changes.yaml; exit 1 where\n"
		"they leave a gap. Summaries: 请假 POST, 换班 POST→POST, 值班员 POST, 带班领导 POST;\n"
		"the first category is the unit.",
		options, HY_COUNT(options)};
	int64_t ahead;
	int operands, code;

	if (argc > 1 && strcmp(argv[1], "handover") == 0)
		return hy_verb_roster_handover(argc - 1, argv + 1);
	code = hy_options_parse(&usage, argc, argv, &operands);
	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (!hy_output_parse(output, &w.json))
		return hy_usage_error(&usage, HY_OUTPUT_FORMATS);
	if (!hy_str_to_int(hy_str_of(days), 1, 400, &ahead))
		return hy_usage_error(&usage, "--days is a number from 1 to 400");
	if (!hy_cli_time(at, &w.at))
		return HY_EXIT_USAGE;
	w.to = hy_wall_add_ms(w.at, ahead * DAY_MS);
	w.rules_dir = hy_cli_rules_dir(w.rules_dir);
	return act(&usage, &w, operands, argv);
}
