/* `huiying roster who|gaps`: who is on duty, and when nobody is. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/alerter_access.h"
#include "cli/config_file.h"
#include "cli/options.h"
#include "cli/verb.h"
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

int hy_verb_roster(int argc, char **argv)
{
	const char *rules_dir = NULL, *at = NULL, *days = "14", *output = NULL;
	struct question q = {0};
	const struct hy_option options[] = {
		{"--unit", "ID", &q.unit, NULL, "one unit (default: all)"},
		{"--at", "TIME", &at, NULL, "who: when; gaps: from when (default: now)"},
		{"--days", "N", &days, NULL, "gaps: how far ahead (default: 14)"},
		{"--rules", "DIR", &rules_dir, NULL, "rules folder (./rules, else the installed one)"},
		{"-o", "FORMAT", &output, NULL, "text or json"},
	};
	const struct hy_usage usage = {
		"roster who|gaps [--unit ID] [--at TIME] [--days N] [-o json]",
		"who: officer and leader on duty, unit by unit. gaps: spans with nobody on duty, exact\n"
		"to the minute; exit 1 where there are any.",
		options, HY_COUNT(options)};
	int64_t ahead;
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands != 1 || (strcmp(argv[1], "who") != 0 && strcmp(argv[1], "gaps") != 0))
		return hy_usage_error(&usage, "ask `who` or `gaps`");
	if (!hy_output_parse(output, &q.json))
		return hy_usage_error(&usage, HY_OUTPUT_FORMATS);
	if (!hy_str_to_int(hy_str_of(days), 1, 400, &ahead))
		return hy_usage_error(&usage, "--days is a number from 1 to 400");
	if (!hy_cli_time(at, &q.at))
		return HY_EXIT_USAGE;
	rules_dir = hy_cli_rules_dir(rules_dir);
	hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *rules = hy_cli_rules_load(rules_dir);

	if (!rules)
		return HY_EXIT_FAILURE;
	q.rules = rules;
	q.to = hy_wall_add_ms(q.at, ahead * DAY_MS);
	return ask(&q, strcmp(argv[1], "gaps") == 0);
}
