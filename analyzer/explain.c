#include "analyzer/explain.h"

#include <stdlib.h>

#include "analyzer/evaluate.h"
#include "analyzer/policy_rules.h"

#define NAMES_MAX 6

static struct hy_str written(const struct hy_evidence *ev, const struct hy_item *item)
{
	return ev->atoms->items[item->atom].written;
}

/* The first items (only_hits: that hit), separated by 、. */
static void name_items(const struct hy_group *group, struct hy_evidence *ev, bool only_hits,
			 struct hy_buf *out)
{
	size_t named = 0;

	for (size_t i = 0; i < group->count; i++) {
		if (named > NAMES_MAX || (only_hits && !hy_item_has_hit(&group->items[i], ev)))
			continue;
		if (named == NAMES_MAX)
			hy_buf_add_c(out, "…");
		else
			hy_buf_addf(out, "%s%.*s", named ? "、" : "",
				    HY_STR_ARGS(written(ev, &group->items[i])));
		named++;
	}
}

static bool group_hits(const struct hy_group *group, struct hy_evidence *ev)
{
	for (size_t i = 0; i < group->count; i++)
		if (hy_item_has_hit(&group->items[i], ev))
			return true;
	return false;
}

static void explain_all(const struct hy_condition *c, struct hy_evidence *ev, struct hy_buf *out)
{
	for (size_t i = 0; i < c->all_count; i++) {
		bool hit = group_hits(&c->all[i], ev);

		hy_buf_addf(out, "；all 第 %zu 组%s：", i + 1, hit ? "命中" : "没有命中");
		name_items(&c->all[i], ev, hit, out);
	}
}

static void explain_policy(const struct hy_condition *c, struct hy_evidence *ev,
			   struct hy_buf *out)
{
	static const char *const asked[HY_POLICY_GROUPS] = {
		[HY_POLICY_GROUP_NAMES] = "提到政策",
		[HY_POLICY_GROUP_WORDS] = "反应用语",
	};

	for (size_t i = 0; i < HY_POLICY_GROUPS; i++) {
		bool hit = group_hits(&c->all[i], ev);

		hy_buf_addf(out, "；%s%s：", hit ? "" : "没有", asked[i]);
		name_items(&c->all[i], ev, hit, out);
	}
}

static void explain_choice(const struct hy_condition *c, struct hy_evidence *ev,
			   struct hy_buf *out)
{
	if (c->any.count) {
		bool hit = group_hits(&c->any, ev);

		hy_buf_addf(out, "；any %s：", hit ? "命中" : "没有命中");
		name_items(&c->any, ev, hit, out);
	}
	for (size_t i = 0; i < c->near_count; i++) {
		const struct hy_near *near = &c->near[i];
		const struct hy_condition alone = {.near = &c->near[i], .near_count = 1};
		struct hy_marks marks = {0};
		int64_t score;
		bool close = hy_evaluate(&alone, ev, &score, &marks);

		hy_buf_addf(out, "；near 第 %zu 对%s", i + 1, close ? "命中" : "没有命中");
		if (close)
			hy_buf_addf(out, "：%.*s、%.*s",
				    HY_STR_ARGS(ev->atoms->items[marks.items[0].atom].written),
				    HY_STR_ARGS(ev->atoms->items[marks.items[1].atom].written));
		else if (group_hits(&near->a, ev) && group_hits(&near->b, ev))
			hy_buf_addf(out, "：a、b 都有，但相距超过 %u 字或跨段", near->within);
		else
			hy_buf_addf(out, "：%s 没有命中词", group_hits(&near->a, ev) ? "b" : "a");
		free(marks.items);
	}
}

static int64_t sector_score(const struct hy_ruleset *ruleset, const struct hy_sector *sector,
			    const struct hy_evidence *ev)
{
	int64_t scores[HY_SECTORS_MAX];

	hy_sector_words_score(&ruleset->sectors, ev, scores);
	return scores[sector->number];
}

void hy_explain(struct hy_scanner *scanner, const struct hy_rule *rule, struct hy_buf *out)
{
	const struct hy_ruleset *ruleset = hy_scanner_ruleset(scanner);
	struct hy_evidence *evidence = hy_scanner_evidence(scanner);
	const struct hy_sector *sector = rule->topic->sector;
	const struct hy_condition *c = &rule->match;
	struct hy_marks marks = {0};
	int64_t score = 0;
	bool held = hy_evaluate(c, evidence, &score, &marks);

	const struct hy_scan_topic *topic = hy_scanner_topic(scanner, rule);

	free(marks.items);
	if (sector)
		score += sector_score(ruleset, sector, evidence);
	if (!hy_scanner_origin_allows(scanner, rule))
		hy_buf_add_c(out, "本议题不看这个来源（sources）；");
	if (held && rule->policy)
		hy_buf_add_c(out, "是对政策的反应");
	else if (held)
		hy_buf_addf(out, "得分 %lld，门槛 %lld", (long long)score,
			    (long long)rule->threshold);
	else
		hy_buf_add_c(out, rule->policy ? "不算对政策的反应" : "条件不成立");
	if (sector && group_hits(&ruleset->sectors.groups[sector->number], evidence)) {
		hy_buf_addf(out, "；领域 %.*s：", HY_STR_ARGS(sector->title));
		name_items(&ruleset->sectors.groups[sector->number], evidence, true, out);
	}
	if (group_hits(&c->none, evidence)) {
		hy_buf_add_c(out, rule->policy ? "；标题是官方发布：" : "；被排除词挡住：");
		name_items(&c->none, evidence, true, out);
	}
	if (rule->policy)
		explain_policy(c, evidence, out);
	else
		explain_all(c, evidence, out);
	explain_choice(c, evidence, out);
	if (topic && topic->because.n)
		hy_buf_addf(out, "；级别本为%s，%.*s", hy_severity_title(rule->topic->severity),
			    HY_STR_ARGS(topic->because));
}
