#include "analyzer/policy_rules.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define NUMBER_BYTES 400

struct hy_policy_rules {
	struct hy_topic *topics;	/* of each rule: what it shows of its policy */
	char **texts;
	size_t text_count, text_cap;
};

struct adding {
	struct hy_policy_rules *rules;
	const struct hy_condition_reader *reader;
};

/* ---- names ---- */

/* 〔2026〕 is what the rules for official documents ask for; people type what their keyboard has. */
static const struct {
	const char *open, *close;
} brackets[] = {{"〔", "〕"}, {"[", "]"}, {"(", ")"}, {"【", "】"}};

/* The number with the year in other brackets; the parts around them are views into `number`. */
struct split {
	size_t form;
	struct hy_str before, year, behind;
};

static bool split_number(struct hy_str number, struct split *out)
{
	for (size_t i = 0; i < HY_COUNT(brackets); i++) {
		size_t open = hy_str_find(number, hy_str_of(brackets[i].open), 0);
		size_t close = hy_str_find(number, hy_str_of(brackets[i].close), 0);
		size_t year = open + strlen(brackets[i].open);

		if (open == SIZE_MAX || close == SIZE_MAX || close < year)
			continue;
		*out = (struct split){i, hy_str_sub(number, 0, open),
				      hy_str_sub(number, year, close - year),
				      hy_str_sub(number, close + strlen(brackets[i].close), number.n)};
		return true;
	}
	return false;
}

static bool add_form(struct adding *a, const struct split *split, size_t form,
		     const struct hy_yaml_node *node, struct hy_group *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(NUMBER_BYTES);
	struct hy_policy_rules *rules = a->rules;

	hy_buf_addf(&text, "%.*s%s%.*s%s%.*s", HY_STR_ARGS(split->before), brackets[form].open,
		    HY_STR_ARGS(split->year), brackets[form].close, HY_STR_ARGS(split->behind));
	/* Too long for a term: the number itself has a finding. */
	if (hy_buf_err(&text))
		return false;
	rules->texts = hy_grow(rules->texts, &rules->text_cap, rules->text_count + 1,
			       sizeof *rules->texts);
	rules->texts[rules->text_count++] = hy_str_dup(hy_buf_str(&text));
	return hy_group_add(a->reader, hy_str_of(rules->texts[rules->text_count - 1]), node, out);
}

static bool add_number(struct adding *a, const struct hy_yaml_node *node, struct hy_group *out)
{
	bool good = hy_group_add(a->reader, hy_yaml_text(node), node, out);
	struct split split;

	if (!good || !split_number(hy_yaml_text(node), &split))
		return good;
	for (size_t i = 0; i < HY_COUNT(brackets); i++)
		if (i != split.form)
			good = add_form(a, &split, i, node, out) && good;
	return good;
}

static bool read_names(struct adding *a, const struct hy_policy *policy, struct hy_group *out)
{
	const struct hy_yaml_node *names = hy_yaml_get(policy->node, "names");
	const struct hy_yaml_node *number = hy_yaml_get(policy->node, "number");
	bool good = hy_group_read(a->reader, hy_yaml_get(policy->node, "title"), out);

	if (number)
		good = add_number(a, number, out) && good;
	if (names)
		good = hy_group_read(a->reader, names, out) && good;
	return good;
}

/* ---- rules ---- */

/* What is official is told by the title alone: who complains quotes the rest. */
static bool read_official(struct adding *a, const struct hy_policy *policy, struct hy_group *out)
{
	const struct hy_yaml_node *official = hy_yaml_get(policy->node, "official");
	bool good = !official || hy_group_read(a->reader, official, out);

	for (size_t i = 0; i < out->count; i++)
		out->items[i].fields = HY_FIELD_BIT(HY_FIELD_TITLE);
	return good;
}

static bool read_match(struct adding *a, const struct hy_policy *policy, struct hy_condition *out)
{
	bool good;

	out->all = hy_xcalloc(HY_POLICY_GROUPS, sizeof *out->all);
	out->all_count = HY_POLICY_GROUPS;
	good = read_names(a, policy, &out->all[HY_POLICY_GROUP_NAMES]);
	good = hy_group_read(a->reader, hy_yaml_get(policy->node, "words"),
			     &out->all[HY_POLICY_GROUP_WORDS]) && good;
	return read_official(a, policy, &out->none) && good;
}

static void add_rule(struct adding *a, struct hy_ruleset *ruleset, const struct hy_policy *policy)
{
	struct hy_topic *topic = &a->rules->topics[ruleset->policy_count];
	struct hy_rule rule = {.topic = topic, .policy = policy, .threshold = 1};

	*topic = (struct hy_topic){.id = policy->id,
				   .title = policy->title,
				   .owner = policy->drafter,
				   .severity = policy->severity,
				   .place = HY_TOPIC_PLACE_ANY,
				   .valid_from = policy->valid_from,
				   .valid_to = policy->valid_to,
				   .node = policy->node};
	if (read_match(a, policy, &rule.match))
		ruleset->rules[ruleset->count + ruleset->policy_count++] = rule;
	else
		hy_condition_fini(&rule.match);
}

void hy_policy_rules_add(struct hy_ruleset *ruleset, const struct hy_condition_reader *reader)
{
	struct adding a = {hy_xcalloc(1, sizeof *a.rules), reader};
	size_t count = hy_policies_count(ruleset->policies);

	a.rules->topics = hy_xcalloc(count, sizeof *a.rules->topics);
	ruleset->policy_rules = a.rules;
	for (size_t i = 0; i < count; i++)
		add_rule(&a, ruleset, hy_policies_at(ruleset->policies, i));
}

void hy_policy_rules_free(struct hy_policy_rules *rules)
{
	if (!rules)
		return;
	for (size_t i = 0; i < rules->text_count; i++)
		free(rules->texts[i]);
	free(rules->texts);
	free(rules->topics);
	free(rules);
}
