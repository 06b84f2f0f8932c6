#include "alerter/presets.h"

#include <stdlib.h>

#include "common/base/mem.h"

#define PRESETS_FILE "deadlines.yaml"
/* A second, so that drills and tests can be short; a year, so that no sum overflows. */
#define LIMIT_MIN_MS 1000
#define LIMIT_MAX_MS (366LL * 24 * 3600 * 1000)

static const struct {
	const char *id, *title;
} ladders[] = {
#define X(name, id, title) {id, title},
	HY_LADDER_LIST(X)
#undef X
};

static const char *const root_keys[] = {"clock_start", "presets", "apply", NULL};
static const char *const preset_keys[] = {"id",	   "ladder", "title", "limit",
					  "hours", "basis",  "steps", NULL};
static const char *const use_keys[] = {"severity", "topic", "use", NULL};
static const int default_steps[] = {50, 80, 100};

const char *hy_ladder_id(enum hy_ladder ladder)
{
	return ladders[ladder].id;
}

const char *hy_ladder_title(enum hy_ladder ladder)
{
	return ladders[ladder].title;
}

static void read_ladder(const struct hy_yaml_node *entry, struct hy_findings *findings,
			struct hy_preset *preset)
{
	struct hy_str word;

	if (!hy_yaml_read_text(entry, "ladder", true, findings, &word))
		return;
	for (size_t i = 0; i < HY_COUNT(ladders); i++) {
		if (hy_str_eq_c(word, ladders[i].id)) {
			preset->ladder = (enum hy_ladder)i;
			return;
		}
	}
	hy_yaml_finding(hy_yaml_get(entry, "ladder"), findings,
			"时限种类应为 sign（签收）、answer（回应）或 press（新闻发布会）");
}

static void read_steps(const struct hy_yaml_node *entry, struct hy_findings *findings,
		       struct hy_preset *preset)
{
	size_t count = hy_rule_word_count(entry, "steps");

	if (count > HY_PRESET_STEPS_MAX) {
		hy_yaml_finding(hy_yaml_get(entry, "steps"), findings, "提醒步骤不超过 %d 个",
				HY_PRESET_STEPS_MAX);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct hy_yaml_node *at;
		int64_t percent, last = i ? preset->steps[i - 1] : 0;

		if (!hy_str_to_int(hy_rule_word(entry, "steps", i, &at), last + 1, 100, &percent)) {
			hy_yaml_finding(at, findings, "提醒步骤应为由小到大、不超过 100 的百分数");
			return;
		}
		preset->steps[preset->step_count++] = (int)percent;
	}
	if (count == 0) {
		for (; preset->step_count < HY_COUNT(default_steps); preset->step_count++)
			preset->steps[preset->step_count] = default_steps[preset->step_count];
	} else if (preset->steps[count - 1] != 100) {
		hy_yaml_finding(hy_yaml_get(entry, "steps"), findings, "最后一步应为 100");
	}
}

static void read_preset(const struct hy_presets *presets, const struct hy_yaml_node *entry,
			struct hy_findings *findings, struct hy_preset *preset)
{
	const struct hy_preset *twin;
	struct hy_str hours = HY_STR_LIT("natural");

	preset->at = entry;
	if (!hy_yaml_is_mapping(entry)) {
		hy_yaml_finding(entry, findings, "每个时限应写成“键: 值”");
		return;
	}
	(void)hy_yaml_known_keys(entry, preset_keys, findings);
	preset->id = hy_rule_id(entry, findings);
	twin = hy_presets_find(presets, preset->id);
	if (twin)
		hy_yaml_finding(hy_yaml_get(entry, "id"), findings,
				"时限“%.*s”重复，前一处在第 %d 行", HY_STR_ARGS(preset->id),
				hy_yaml_line(twin->at));
	(void)hy_yaml_read_text(entry, "title", true, findings, &preset->title);
	(void)hy_yaml_read_text(entry, "basis", true, findings, &preset->basis);
	if (!hy_yaml_get(entry, "limit"))
		hy_yaml_finding(entry, findings, "缺少“limit”");
	(void)hy_yaml_read_duration(entry, "limit", LIMIT_MIN_MS, LIMIT_MAX_MS, findings,
				    &preset->limit_ms);
	(void)hy_yaml_read_text(entry, "hours", false, findings, &hours);
	if (!hy_str_eq_c(hours, "natural"))
		hy_yaml_finding(hy_yaml_get(entry, "hours"), findings,
				"目前只支持自然时（natural）");
	read_ladder(entry, findings, preset);
	read_steps(entry, findings, preset);
}

static void read_use(const struct hy_presets *presets, const struct hy_yaml_node *entry,
		     struct hy_findings *findings, struct hy_preset_use *use)
{
	use->at = entry;
	if (!hy_yaml_is_mapping(entry)) {
		hy_yaml_finding(entry, findings, "每条应写成“键: 值”");
		return;
	}
	(void)hy_yaml_known_keys(entry, use_keys, findings);
	use->severities = hy_rule_severities(entry, "severity", findings);
	use->topic = HY_STR_LIT("*");
	(void)hy_yaml_read_text(entry, "topic", false, findings, &use->topic);
	for (size_t i = 0; i < hy_rule_word_count(entry, "use"); i++) {
		const struct hy_yaml_node *at;
		struct hy_str id = hy_rule_word(entry, "use", i, &at);
		const struct hy_preset *preset = hy_presets_find(presets, id);

		if (!preset)
			hy_yaml_finding(at, findings, "没有时限“%.*s”", HY_STR_ARGS(id));
		else if (use->ladder[preset->ladder])
			hy_yaml_finding(at, findings, "同一事项不能有两个%s时限",
					hy_ladder_title(preset->ladder));
		else
			use->ladder[preset->ladder] = preset;
	}
	if (!use->ladder[HY_LADDER_SIGN] || !use->ladder[HY_LADDER_ANSWER])
		hy_yaml_finding(entry, findings, "必须同时给出签收时限和回应时限");
}

static void read_clock_start(struct hy_presets *presets, struct hy_findings *findings)
{
	const struct hy_yaml_node *root = hy_yaml_root(presets->file);
	struct hy_str word = HY_STR_LIT("detection");

	(void)hy_yaml_read_text(root, "clock_start", false, findings, &word);
	if (hy_str_eq_c(word, "publication"))
		presets->clock_start = HY_CLOCK_PUBLICATION;
	else if (!hy_str_eq_c(word, "detection"))
		hy_yaml_finding(hy_yaml_get(root, "clock_start"), findings,
				"起算点应为 detection（发现）或 publication（发布）");
}

static void read_all(struct hy_presets *presets, struct hy_findings *findings)
{
	const struct hy_yaml_node *list = hy_rule_list(presets->file, "presets", findings);
	const struct hy_yaml_node *uses = hy_rule_list(presets->file, "apply", findings);

	(void)hy_yaml_known_keys(hy_yaml_root(presets->file), root_keys, findings);
	read_clock_start(presets, findings);
	presets->item = hy_xcalloc(hy_yaml_count(list) + 1, sizeof *presets->item);
	for (size_t i = 0; list && i < hy_yaml_count(list); i++) {
		read_preset(presets, hy_yaml_item(list, i), findings, &presets->item[i]);
		presets->count++;
	}
	presets->use = hy_xcalloc(hy_yaml_count(uses) + 1, sizeof *presets->use);
	for (size_t i = 0; uses && i < hy_yaml_count(uses); i++) {
		read_use(presets, hy_yaml_item(uses, i), findings, &presets->use[i]);
		presets->use_count++;
	}
}

enum hy_err hy_presets_load(const char *dir, struct hy_findings *findings,
			    struct hy_presets **out)
{
	struct hy_presets *presets = hy_xcalloc(1, sizeof *presets);
	enum hy_err err = hy_rule_file_open(dir, PRESETS_FILE, findings, &presets->file);

	if (err) {
		hy_presets_free(presets);
		return err;
	}
	read_all(presets, findings);
	*out = presets;
	return HY_OK;
}

void hy_presets_free(struct hy_presets *presets)
{
	if (!presets)
		return;
	hy_yaml_free(presets->file);
	free(presets->item);
	free(presets->use);
	free(presets);
}

void hy_presets_rename(struct hy_presets *presets, const struct hy_topics *topics)
{
	for (size_t i = 0; i < presets->use_count; i++) {
		const struct hy_topic *topic = hy_topics_get(topics, presets->use[i].topic);

		if (topic)
			presets->use[i].topic = topic->id;
	}
}

const struct hy_preset *hy_presets_find(const struct hy_presets *presets, struct hy_str id)
{
	for (size_t i = 0; id.n && i < presets->count; i++) {
		if (hy_str_eq(presets->item[i].id, id))
			return &presets->item[i];
	}
	return NULL;
}

const struct hy_preset_use *hy_presets_use(const struct hy_presets *presets, struct hy_str topic,
					   enum hy_severity severity)
{
	for (size_t i = 0; i < presets->use_count; i++) {
		const struct hy_preset_use *use = &presets->use[i];

		if ((use->severities & (1u << severity)) && hy_str_glob(use->topic, topic))
			return use;
	}
	return NULL;
}

struct hy_wall hy_preset_due(const struct hy_preset *preset, struct hy_wall start, int percent)
{
	/* Whole milliseconds: the product stays below 2^63 for limits up to a year. */
	return hy_wall_add_ms(start, preset->limit_ms * percent / 100);
}
