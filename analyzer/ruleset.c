#include "analyzer/ruleset.h"

#include <stdlib.h>

#include "analyzer/policy_rules.h"
#include "analyzer/variants.h"
#include "analyzer/wake.h"
#include "common/base/mem.h"

static const char *const match_keys[] = {"any", "all", "none", "near", NULL};
static const char *const raise_keys[] = {"any", "all", "none", "near", "severity", "note", NULL};

/* ---- one rule ---- */

static bool read_raise(const struct hy_condition_reader *r, const struct hy_yaml_node *node,
		       struct hy_raise *out)
{
	const struct hy_yaml_node *severity = hy_yaml_get(node, "severity");

	if (!hy_yaml_is_mapping(node) || !severity) {
		hy_yaml_finding(node, r->findings, "raise 的每一步应写成 {any: […], severity: 级别}");
		return false;
	}
	bool good = hy_yaml_known_keys(node, raise_keys, r->findings);
	if (!hy_severity_parse(hy_yaml_text(severity), &out->severity)) {
		hy_yaml_finding(severity, r->findings,
				"级别 %.*s 不存在，应为 一般、较大、重大、特别重大 之一",
				HY_STR_ARGS(hy_yaml_text(severity)));
		good = false;
	}
	good = hy_condition_read(r, node, &out->condition) && good;
	if (good && !hy_condition_asks(&out->condition)) {
		hy_yaml_finding(node, r->findings, "raise 没有 any、all 或 near，永远成立");
		good = false;
	}
	return good;
}

static bool read_raises(const struct hy_condition_reader *r, const struct hy_yaml_node *node,
			struct hy_rule *rule)
{
	bool listed = hy_yaml_is_sequence(node), good = true;
	size_t count = listed ? hy_yaml_count(node) : 1;

	if (count > HY_RAISES_MAX) {
		hy_yaml_finding(node, r->findings, "raise 至多 %d 步", HY_RAISES_MAX);
		return false;
	}
	rule->raises = hy_xcalloc(count + 1, sizeof *rule->raises);
	rule->raise_count = count;
	for (size_t i = 0; i < count; i++)
		good = read_raise(r, listed ? hy_yaml_item(node, i) : node, &rule->raises[i]) &&
		       good;
	return good;
}

static bool read_match(const struct hy_condition_reader *r, const struct hy_topic *topic,
		       struct hy_rule *rule)
{
	const struct hy_yaml_node *match = hy_yaml_get(topic->node, "match");

	if (!match || !hy_yaml_is_mapping(match)) {
		hy_yaml_finding(match ? match : topic->node, r->findings,
				"议题 %.*s 缺少 match（any、all、none、near）", HY_STR_ARGS(topic->id));
		return false;
	}
	bool good = hy_yaml_known_keys(match, match_keys, r->findings);
	good = hy_condition_read(r, match, &rule->match) && good;
	if (good && !hy_condition_asks(&rule->match)) {
		hy_yaml_finding(match, r->findings,
				"议题 %.*s 只有排除词（none），永远不会命中：请写 any、all 或 near",
				HY_STR_ARGS(topic->id));
		good = false;
	}
	return good;
}

static void rule_fini(struct hy_rule *rule)
{
	hy_condition_fini(&rule->match);
	if (rule->origin)
		hy_origin_fini(rule->origin);
	free(rule->origin);
	for (size_t i = 0; i < rule->raise_count; i++)
		hy_condition_fini(&rule->raises[i].condition);
	free(rule->raises);
}

static void add_rule(struct hy_ruleset *ruleset, const struct hy_condition_reader *r,
		     const struct hy_topic *topic)
{
	const struct hy_yaml_node *raise = hy_yaml_get(topic->node, "raise");
	struct hy_rule rule = {.topic = topic, .threshold = 1};
	const struct hy_yaml_node *sources = hy_yaml_get(topic->node, "sources");
	bool good = read_match(r, topic, &rule);

	if (sources) {
		rule.origin = hy_xcalloc(1, sizeof *rule.origin);
		good = hy_origin_read(r, sources, rule.origin) && good;
	}
	if (raise)
		good = read_raises(r, raise, &rule) && good;
	if (hy_yaml_get(topic->node, "threshold"))
		good = hy_yaml_read_int(topic->node, "threshold", 1, HY_THRESHOLD_MAX, r->findings,
					&rule.threshold) && good;
	if (good)
		ruleset->rules[ruleset->count++] = rule;
	else
		rule_fini(&rule);
}

/* ---- the set ---- */

static struct hy_id version_of(const struct hy_ruleset *ruleset, const struct hy_id *variants)
{
	struct hy_id topics = hy_topics_version(ruleset->topics);
	struct hy_id places = hy_places_version(ruleset->places);
	struct hy_id policies = {0}, outlets = {0};

	if (ruleset->policies)
		policies = hy_policies_version(ruleset->policies);
	if (ruleset->outlets)
		outlets = ruleset->outlets->version;
	const struct hy_str parts[] = {hy_id_str(&topics), hy_id_str(&places), hy_id_str(variants),
				       hy_id_str(&policies), hy_id_str(&outlets)};

	return hy_id_of(parts, HY_COUNT(parts));
}

static void add_rules(struct hy_ruleset *ruleset, const struct hy_condition_reader *reader)
{
	size_t count = hy_topics_count(ruleset->topics);
	size_t policies = ruleset->policies ? hy_policies_count(ruleset->policies) : 0;

	ruleset->rules = hy_xcalloc(count + policies + 1, sizeof *ruleset->rules);
	for (size_t i = 0; i < count; i++)
		if (!hy_topic_is_derived(hy_topics_at(ruleset->topics, i)))
			add_rule(ruleset, reader, hy_topics_at(ruleset->topics, i));
	if (policies)
		hy_policy_rules_add(ruleset, reader);
}

struct hy_ruleset *hy_ruleset_compile(struct hy_topics *topics, struct hy_places *places,
				      const struct hy_fold_table *table,
				      struct hy_findings *findings)
{
	const struct hy_rule_files files = {.topics = topics, .places = places};

	return hy_ruleset_compile_all(&files, table, findings);
}

struct hy_ruleset *hy_ruleset_compile_all(const struct hy_rule_files *files,
					  const struct hy_fold_table *table,
					  struct hy_findings *findings)
{
	struct hy_ruleset *ruleset = hy_xcalloc(1, sizeof *ruleset);
	struct hy_topics *topics = files->topics;
	struct hy_places *places = files->places;
	struct hy_condition_reader reader = {&ruleset->atoms, hy_topics_lists(topics), findings};

	ruleset->topics = topics;
	ruleset->places = places;
	ruleset->policies = files->policies;
	ruleset->outlets = files->outlets;
	hy_atoms_init(&ruleset->atoms, table);
	add_rules(ruleset, &reader);
	if (files->outlets && files->outlets->media)
		(void)hy_origin_list_read(&reader, files->outlets->media, &ruleset->mainstream);
	hy_sector_words_read(&reader, topics, &ruleset->sectors);
	ruleset->finder = hy_place_finder_new(places, &ruleset->atoms, findings);
	hy_atoms_seal(&ruleset->atoms);
	hy_sector_words_seal(&ruleset->sectors, &ruleset->atoms);
	hy_wake_build(ruleset);
	ruleset->version = version_of(ruleset, &(struct hy_id){0});
	return ruleset;
}

enum hy_err hy_ruleset_load(const char *rules_dir, const struct hy_fold_table *table,
			    struct hy_findings *findings, struct hy_ruleset **out,
			    struct hy_error *e)
{
	struct hy_rule_files files = {0};
	struct hy_variants variants = {0};
	enum hy_err err = hy_topics_load(rules_dir, findings, &files.topics, e);

	if (!err)
		err = hy_places_load(rules_dir, findings, &files.places, e);
	if (!err)
		err = hy_policies_load(rules_dir, files.topics, findings, &files.policies, e);
	if (!err)
		err = hy_outlets_load(rules_dir, findings, &files.outlets, e);
	if (!err)
		err = hy_variants_load(rules_dir, table, findings, &variants, e);
	if (err) {
		hy_outlets_free(files.outlets);
		hy_policies_free(files.policies);
		hy_topics_free(files.topics);
		hy_places_free(files.places);
		return err;
	}
	*out = hy_ruleset_compile_all(&files, variants.table ? variants.table : table, findings);
	(*out)->table = variants.table;
	(*out)->version = version_of(*out, &variants.version);
	return HY_OK;
}

void hy_ruleset_free(struct hy_ruleset *ruleset)
{
	if (!ruleset)
		return;
	for (size_t i = 0; i < ruleset->count + ruleset->policy_count; i++)
		rule_fini(&ruleset->rules[i]);
	free(ruleset->rules);
	free(ruleset->wake_from);
	free(ruleset->wake);
	free(ruleset->need_from);
	free(ruleset->need);
	free(ruleset->always);
	hy_sector_words_fini(&ruleset->sectors);
	hy_place_finder_free(ruleset->finder);
	hy_atoms_fini(&ruleset->atoms);
	hy_policy_rules_free(ruleset->policy_rules);
	hy_origin_list_fini(&ruleset->mainstream);
	hy_outlets_free(ruleset->outlets);
	hy_places_free(ruleset->places);
	hy_policies_free(ruleset->policies);
	hy_topics_free(ruleset->topics);
	hy_fold_table_free(ruleset->table);
	free(ruleset);
}
