/* `huiying case list|show|explain`, and the acts of verb_case_act.h. */
#include <stdio.h>
#include <string.h>

#include "alerter/case_table.h"
#include "cli/alerter_access.h"
#include "cli/case_explain.h"
#include "cli/case_print.h"
#include "cli/config_file.h"
#include "cli/names.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "cli/verb_case_act.h"
#include "common/base/mem.h"
#include "common/sys/service.h"

struct words {
	const char *config, *url, *rules;
	const char *unit, *state;		/* list */
	struct hy_case_words act;
	bool all, json;
};

typedef int act_fn(const struct words *w, const char *case_id);

/* Topics have names in the rules only; a store given by its address may be from elsewhere. */
static void name_topics(const struct words *w, struct hy_names *names)
{
	struct hy_common_conf *common;

	if (w->json || (w->url && !w->config))
		return;
	common = hy_cli_config_load(w->config, &hy_common_section);
	if (common)
		hy_names_add_rules(names, common->rules);
	hy_config_free(&hy_common_section, common);
}

/* HY_EXIT_OK, or what the verb ends with. */
static int check_filter(const struct hy_case_filter *filter)
{
	enum hy_case_state state;

	if (filter->state && !hy_case_state_parse(hy_str_of(filter->state), &state)) {
		(void)fprintf(stderr, "没有状态“%s”，应为", filter->state);
		for (int i = 0; i < HY_CASE_STATE_COUNT; i++)
			(void)fprintf(stderr, "%s%s（%s）", i ? "、" : " ",
				      hy_case_state_id((enum hy_case_state)i),
				      hy_case_state_title((enum hy_case_state)i));
		(void)fprintf(stderr, "\n");
		return HY_EXIT_USAGE;
	}
	if (filter->unit && !hy_names_has_unit(filter->names, hy_str_of(filter->unit))) {
		(void)fprintf(stderr, "没有单位“%s”\n", filter->unit);
		return HY_EXIT_FAILURE;
	}
	return HY_EXIT_OK;
}

static int with_store(const struct words *w, const char *case_id,
		      int (*print)(struct hy_store *, const struct hy_case_filter *))
{
	struct hy_store *store = hy_cli_alerter_store(w->config, w->url);
	struct hy_names names;
	struct hy_case_filter filter = {.id = case_id, .unit = w->unit, .state = w->state,
					.all = w->all, .json = w->json, .names = &names};
	int code;

	if (!store)
		return HY_EXIT_FAILURE;
	hy_names_init(&names);
	name_topics(w, &names);
	hy_names_add_store(&names, store);
	code = check_filter(&filter);
	if (code == HY_EXIT_OK)
		code = print(store, &filter);
	hy_names_fini(&names);
	hy_store_free(store);
	return code;
}

static int list(const struct words *w, const char *case_id)
{
	return with_store(w, case_id, hy_case_print_list);
}

static int show(const struct words *w, const char *case_id)
{
	return with_store(w, case_id, hy_case_print_one);
}

/* The rules that the clocks ran by: those given, those of the configuration, or the usual ones. */
static struct hy_rule_set *load_rules(const struct words *w)
{
	struct hy_common_conf *common = NULL;
	struct hy_rule_set *rules;

	if (!w->rules && (w->config || !w->url))
		common = hy_cli_config_load(w->config, &hy_common_section);
	rules = hy_cli_rules_load(common ? common->rules : hy_cli_rules_dir(w->rules));
	hy_config_free(&hy_common_section, common);
	return rules;
}

static int explain(const struct words *w, const char *case_id)
{
	hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *rules = load_rules(w);
	struct hy_store *store = hy_cli_alerter_store(w->config, w->url);
	int code;

	if (!store)
		return HY_EXIT_FAILURE;
	code = hy_cli_case_explain(store, rules, case_id, w->json);
	hy_store_free(store);
	return code;
}

static const struct {
	const char *name;
	act_fn *run;
	bool needs_case;
} acts[] = {
	{"list", list, false},
	{"show", show, true},
	{"explain", explain, true},
};

static int run(const struct hy_usage *usage, const struct words *w, int operands, char **argv)
{
	for (size_t i = 0; i < HY_COUNT(acts); i++) {
		if (operands < 1 || strcmp(argv[1], acts[i].name) != 0)
			continue;
		if (operands != 1 + acts[i].needs_case)
			return hy_usage_error(usage, acts[i].needs_case ? "one case, please"
								       : "no case, please");
		return acts[i].run(w, acts[i].needs_case ? argv[2] : NULL);
	}
	if (operands >= 1 && hy_case_is_act(argv[1]))
		return hy_case_act_run(usage, &w->act, operands, argv + 1);
	return hy_usage_error(usage, "list, show, explain or an act");
}

/* How an act is written; what each takes is told apart by who may do it. */
#define ACTS \
	"case list [--unit ID] [--state STATE] [--all] [-o json]\n" \
	"       huiying case show|explain CASE [-o json]\n" \
	"       huiying case sign|submit|close CASE... --actor WHO\n" \
	"       huiying case return CASE --actor WHO --kind REASON --to UNIT [--text TEXT]\n" \
	"       huiying case rule CASE --actor WHO --to UNIT --text TEXT\n" \
	"       huiying case assist CASE --actor WHO --to UNIT\n" \
	"       huiying case contribute|send-back CASE --actor WHO --text TEXT\n" \
	"       huiying case approve|press CASE --actor WHO [--url URL] [--text TEXT]\n" \
	"       huiying case draft CASE --actor WHO --kind KIND --text TEXT\n" \
	"       huiying case publish CASE --actor WHO --url URL [--promise TEXT --due TIME]\n" \
	"       huiying case answer CASE --actor WHO --kind KIND --url URL --text TEXT" \
	" [--promise TEXT --due TIME]\n" \
	"       huiying case promise CASE --actor WHO --text TEXT --due TIME\n" \
	"       huiying case kept CASE --actor WHO --to NUMBER [--url URL] [--text TEXT]\n" \
	"       huiying case dismiss|unmerge|reopen CASE... --actor WHO --text TEXT\n" \
	"       huiying case merge CASE... --actor WHO --to CASE --text TEXT\n" \
	"       huiying case extend CASE --actor WHO --kind LADDER --due TIME --approver WHO" \
	" --text TEXT [--to PART]"

int hy_verb_case(int argc, char **argv)
{
	const char *output = NULL;
	struct words w = {.config = NULL};
	const struct hy_option options[] = {
		{"--config", "FILE", &w.config, NULL, "configuration file"},
		{"--store", "URL", &w.url, NULL,
		 "list, show, explain: the alerter's store, in place of the configured one"},
		{"--rules", "DIR", &w.rules, NULL, "explain: rules folder with the calendar"},
		{"-o", "FORMAT", &output, NULL, "list, show, explain: text or json"},
		{"--unit", "ID", &w.unit, NULL, "list: of one lead unit"},
		{"--state", "STATE", &w.state, NULL, "list: in that state"},
		{"--all", NULL, NULL, &w.all, "list: also those that were answered or have ended"},
		{"--actor", "WHO", &w.act.actor, NULL, "the unit, or unit/post; two people are two posts"},
		{"--kind", "KIND", &w.act.kind, NULL,
		 "of an answer (adopt, resolve, investigate, explain, guide, clarify), of a return"
		 " (not-ours, other-place, other-leads, higher), or the ladder of an extension"},
		{"--to", "ID", &w.act.to, NULL, "the unit, case or promise that the act names"},
		{"--url", "URL", &w.act.address, NULL, "where it was published"},
		{"--text", "TEXT", &w.act.text, NULL, "the text, or the reason"},
		{"--promise", "TEXT", &w.act.promise, NULL, "what an answer promises"},
		{"--due", "TIME", &w.act.due, NULL, "by when; the end of an extension"},
		{"--approver", "WHO", &w.act.approver, NULL, "extend: who granted it"},
		{"--version", "N", &w.act.version, NULL,
		 "refuse where the case is not as you saw it any more (case show)"},
	};
	const struct hy_usage usage = {
		ACTS,
		"Cases, the one whose clock ends next first. An act is judged by the case's state and by\n"
		"who the actor is to it, stops its own clock only and is audited; of several cases each is\n"
		"judged on its own. `explain` prints who held the case from when to when, and how each\n"
		"of its limits was counted.",
		options, HY_COUNT(options)};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	w.act.config = w.config;

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (!hy_output_parse(output, &w.json))
		return hy_usage_error(&usage, HY_OUTPUT_FORMATS);
	return run(&usage, &w, operands, argv);
}
