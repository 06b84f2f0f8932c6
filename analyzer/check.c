#include "analyzer/check.h"

#include "analyzer/explain.h"
#include "analyzer/lint.h"
#include "analyzer/scanner.h"
#include "common/base/mem.h"
#include "common/rules/files.h"

#define EXPLANATION_BYTES 900

static const char *const samples_keys[] = {"hit", "miss", NULL};
static const char *const sample_keys[] = {"title", "text", "source", "outlet", "note", NULL};

struct run {
	const struct hy_ruleset *ruleset;
	struct hy_scanner *scanner;
	struct hy_findings *findings;
};

/* A moment at which the topic counts, so that samples of past and future ones are judged too. */
static struct hy_wall moment_of(const struct hy_topic *topic)
{
	struct hy_wall now = hy_wall_now();

	if (hy_topic_valid_at(topic, now))
		return now;
	if (hy_wall_known(topic->valid_from))
		return topic->valid_from;
	return hy_wall_add_ms(topic->valid_to, -1);
}

static bool read_sample(struct run *run, const struct hy_yaml_node *node,
			struct hy_scan_input *out)
{
	if (hy_yaml_is_scalar(node)) {
		out->text = hy_yaml_text(node);
	} else if (hy_yaml_is_mapping(node) &&
		   hy_yaml_known_keys(node, sample_keys, run->findings)) {
		if (hy_yaml_get(node, "title"))
			out->title = hy_yaml_text(hy_yaml_get(node, "title"));
		if (hy_yaml_get(node, "text"))
			out->text = hy_yaml_text(hy_yaml_get(node, "text"));
		if (hy_yaml_get(node, "source"))
			out->source = hy_yaml_text(hy_yaml_get(node, "source"));
		if (hy_yaml_get(node, "outlet"))
			out->outlet = hy_yaml_text(hy_yaml_get(node, "outlet"));
	}
	if (out->title.n + out->text.n > 0)
		return true;
	hy_yaml_finding(node, run->findings, "样本应为一段文字或 {title: …, text: …}");
	return false;
}

static bool is_hit(const struct hy_scan_result *result, const struct hy_rule *rule)
{
	for (size_t i = 0; i < result->policy_count; i++)
		if (result->policies[i].rule == rule)
			return true;
	for (size_t i = 0; i < result->topic_count; i++)
		if (result->topics[i].rule == rule)
			return true;
	return false;
}

static const char *kind_of(const struct hy_rule *rule)
{
	return rule->policy ? "政策" : "议题";
}

static void report(struct run *run, const struct hy_rule *rule, const struct hy_yaml_node *node,
		   bool expected)
{
	struct hy_buf why;

	hy_buf_init(&why, EXPLANATION_BYTES);
	hy_explain(run->scanner, rule, &why);
	/* A longer explanation is not shown in part. */
	struct hy_str text = hy_buf_err(&why) ? HY_STR_LIT("说明太长") : hy_buf_str(&why);
	hy_yaml_finding(node, run->findings, "样本%s%s %.*s，却%s：%.*s",
			expected ? "应命中" : "不应命中", kind_of(rule),
			HY_STR_ARGS(rule->topic->id),
			expected ? "没有命中" : "命中了", HY_STR_ARGS(text));
	hy_buf_fini(&why);
}

/* At the pattern, which is what has to be mended, and told with the sample it stopped on. */
static void report_limited(struct run *run, const struct hy_rule_pattern *pattern,
			   const struct hy_yaml_node *sample)
{
	hy_cleanup(hy_buf_fini) struct hy_buf place = HY_BUF(EXPLANATION_BYTES);

	hy_yaml_place(sample, &place);
	hy_yaml_finding(pattern->node, run->findings, "模式 %.*s 超过匹配上限，在样本 %.*s 上",
			HY_STR_ARGS(pattern->written), HY_STR_ARGS(hy_buf_str(&place)));
}

static void run_sample(struct run *run, const struct hy_rule *rule,
		       const struct hy_yaml_node *node, bool expected)
{
	struct hy_scan_input input = {.at = moment_of(rule->topic)};
	struct hy_scan_result result;

	if (!read_sample(run, node, &input))
		return;
	if (hy_scan(run->scanner, &input, &result)) {
		hy_yaml_finding(node, run->findings, "样本太长");
		return;
	}
	if (is_hit(&result, rule) != expected)
		report(run, rule, node, expected);
	for (size_t i = 0; i < result.limited_count; i++)
		report_limited(run, &run->ruleset->atoms.patterns[result.limited[i]], node);
}

static void run_samples(struct run *run, const struct hy_rule *rule,
			const struct hy_yaml_node *samples, const char *kind, bool expected)
{
	const struct hy_yaml_node *list = hy_yaml_get(samples, kind);

	if (!list || !hy_yaml_is_sequence(list) || hy_yaml_count(list) == 0 ||
	    hy_yaml_count(list) > HY_SAMPLES_MAX) {
		hy_yaml_finding(list ? list : samples, run->findings,
				"samples.%s 应有 1 到 %d 个%s的样本", kind, HY_SAMPLES_MAX,
				expected ? "应当命中" : "不应命中");
		return;
	}
	for (size_t i = 0; i < hy_yaml_count(list); i++)
		run_sample(run, rule, hy_yaml_item(list, i), expected);
}

void hy_check_samples(const struct hy_ruleset *ruleset, struct hy_findings *findings)
{
	struct run run = {ruleset, hy_scanner_new(ruleset), findings};

	for (size_t i = 0; i < ruleset->count + ruleset->policy_count; i++) {
		const struct hy_rule *rule = &ruleset->rules[i];
		const struct hy_yaml_node *samples = hy_yaml_get(rule->topic->node, "samples");

		if (!samples || !hy_yaml_is_mapping(samples)) {
			hy_yaml_finding(samples ? samples : rule->topic->node, findings,
					"%s %.*s 没有样本（samples: {hit: […], miss: […]}）",
					kind_of(rule), HY_STR_ARGS(rule->topic->id));
			continue;
		}
		(void)hy_yaml_known_keys(samples, samples_keys, findings);
		run_samples(&run, rule, samples, "hit", true);
		run_samples(&run, rule, samples, "miss", false);
	}
	hy_scanner_free(run.scanner);
}

void hy_check_patterns(const struct hy_ruleset *ruleset, struct hy_findings *findings)
{
	/* Characters that no rule would name, and long enough for any repeat that is meant. */
	static const char nothing[] = "龘靐齉爩龘靐齉爩龘靐齉爩龘靐齉爩龘靐齉爩龘靐齉爩龘靐齉爩龘靐齉爩";
	struct hy_pattern_user *user = hy_pattern_user_new();
	struct hy_pattern_span span;

	for (size_t i = 0; i < ruleset->atoms.pattern_count; i++) {
		const struct hy_rule_pattern *rule = &ruleset->atoms.patterns[i];

		if (hy_pattern_next(rule->pattern, user, hy_str_of(nothing), 0, &span) ==
		    HY_PATTERN_FOUND)
			hy_yaml_finding(rule->node, findings, "模式 %.*s 对任意文字都命中，等于没有条件",
					HY_STR_ARGS(rule->written));
	}
	hy_pattern_user_free(user);
}

static int64_t factor_of(const struct hy_item *item)
{
	return item->fields & HY_FIELD_BIT(HY_FIELD_TITLE) ? 2 : 1;
}

static int64_t most_of(const struct hy_group *group, bool best)
{
	int64_t sum = 0, most = 0;

	for (size_t i = 0; i < group->count; i++) {
		int64_t score = group->items[i].weight * factor_of(&group->items[i]);

		sum += score;
		most = score > most ? score : most;
	}
	return best ? most : sum;
}

/* In the title where both sides may stand there. */
static int64_t most_of_near(const struct hy_near *near)
{
	int64_t a = 1, b = 1;

	for (size_t i = 0; i < near->a.count; i++)
		a = factor_of(&near->a.items[i]) > a ? factor_of(&near->a.items[i]) : a;
	for (size_t i = 0; i < near->b.count; i++)
		b = factor_of(&near->b.items[i]) > b ? factor_of(&near->b.items[i]) : b;
	return near->weight * (a < b ? a : b);
}

void hy_check_thresholds(const struct hy_ruleset *ruleset, struct hy_findings *findings)
{
	for (size_t i = 0; i < ruleset->count; i++) {
		const struct hy_rule *rule = &ruleset->rules[i];
		const struct hy_sector *sector = rule->topic->sector;
		int64_t most = most_of(&rule->match.any, false);

		for (size_t j = 0; j < rule->match.all_count; j++)
			most += most_of(&rule->match.all[j], true);
		for (size_t j = 0; j < rule->match.near_count; j++)
			most += most_of_near(&rule->match.near[j]);
		if (sector)
			most += most_of(&ruleset->sectors.groups[sector->number], false);
		if (most < rule->threshold)
			hy_yaml_finding(hy_yaml_get(rule->topic->node, "threshold"), findings,
					"得分全加起来至多 %lld，达不到门槛 %lld，议题永远不会命中",
					(long long)most, (long long)rule->threshold);
	}
}

enum hy_err hy_ruleset_load_checked(const char *rules_dir, const struct hy_fold_table *table,
				    struct hy_findings *findings, struct hy_ruleset **out,
				    struct hy_error *e)
{
	struct hy_ruleset *ruleset = NULL;
	size_t before = findings->count;
	enum hy_err err = hy_ruleset_load(rules_dir, table, findings, &ruleset, e);

	if (err)
		return err;
	hy_check_patterns(ruleset, findings);
	hy_check_thresholds(ruleset, findings);
	hy_check_samples(ruleset, findings);
	if (findings->count > before) {
		hy_ruleset_free(ruleset);
		return hy_fail(e, HY_ERR_MALFORMED, "%s: %zu findings in the rules", rules_dir,
			       findings->count - before);
	}
	*out = ruleset;
	return HY_OK;
}

enum hy_err hy_analyzer_check(const char *rules_dir, struct hy_wall at,
			      struct hy_findings *findings, struct hy_findings *advice)
{
	struct hy_fold_table *table = NULL;
	struct hy_ruleset *ruleset = NULL;
	struct hy_error e;
	enum hy_err err = hy_fold_table_new(&table, &e);

	if (!err)
		err = hy_ruleset_load_checked(rules_dir, table, findings, &ruleset, &e);
	if (err && err != HY_ERR_MALFORMED) {
		hy_rules_finding(findings, "%s:1:1: 无法读取：%s", rules_dir, e.text);
		err = HY_ERR_MALFORMED;
	}
	if (ruleset) {
		size_t before = findings->count;

		hy_lint_unused_lists(ruleset, findings);
		hy_lint_sources(ruleset, rules_dir, findings);
		hy_lint(ruleset, at, advice);
		err = findings->count > before ? HY_ERR_MALFORMED : err;
	}
	hy_ruleset_free(ruleset);
	hy_fold_table_free(table);
	return err;
}
