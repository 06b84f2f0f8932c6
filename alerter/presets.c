#include "alerter/presets.h"

#include <stdlib.h>

#include "common/base/mem.h"

#define PRESETS_FILE "deadlines.yaml"
/* A second, so that drills and tests can be short; a year, so that no sum overflows. */
#define LIMIT_MIN_MS 1000
#define LIMIT_MAX_MS (366LL * 24 * 3600 * 1000)
#define OFFICE_MS(hour, minute) (((hour) * 60LL + (minute)) * 60 * 1000)
#define WINDOW_BYTES 11	/* "08:30-12:00" */

static const struct {
	const char *id, *title;
} ladders[] = {
#define X(name, id, title) {id, title},
	HY_LADDER_LIST(X)
#undef X
};

static const struct {
	const char *id, *title;
} measures[] = {
#define X(name, id, title) {id, title},
	HY_MEASURE_LIST(X)
#undef X
};

static const char *const root_keys[] = {"clock_start", "office_hours", "cards",
					"presets",     "apply",	       NULL};
static const char *const card_keys[] = {"yellow", "red", NULL};
static const char *const preset_keys[] = {"id",	   "ladder",	"title", "limit", "hours",
					  "basis", "extension", "steps", NULL};
static const char *const use_keys[] = {"severity", "topic", "use", NULL};
static const int default_steps[] = {50, 80, 100};
/* Where office_hours is missing; the usual hours of the district's offices. */
static const struct hy_office_hours default_hours = {
	{{OFFICE_MS(8, 30), OFFICE_MS(12, 0)}, {OFFICE_MS(13, 30), OFFICE_MS(17, 30)}}, 2};

const char *hy_ladder_id(enum hy_ladder ladder)
{
	return ladders[ladder].id;
}

const char *hy_ladder_title(enum hy_ladder ladder)
{
	return ladders[ladder].title;
}

bool hy_ladder_opens(enum hy_ladder ladder)
{
	return ladder != HY_LADDER_ASSIST && ladder != HY_LADDER_REVIEW &&
	       ladder != HY_LADDER_PROMISE;
}

bool hy_ladder_parse(struct hy_str s, enum hy_ladder *out)
{
	for (size_t i = 0; i < HY_COUNT(ladders); i++) {
		if (hy_str_eq_c(s, ladders[i].id)) {
			*out = (enum hy_ladder)i;
			return true;
		}
	}
	return false;
}

const char *hy_measure_id(enum hy_measure measure)
{
	return measures[measure].id;
}

const char *hy_measure_title(enum hy_measure measure)
{
	return measures[measure].title;
}

static void read_ladder(const struct hy_yaml_node *entry, struct hy_findings *findings,
			struct hy_preset *preset)
{
	struct hy_str word;

	if (!hy_yaml_read_text(entry, "ladder", true, findings, &word))
		return;
	if (!hy_ladder_parse(word, &preset->ladder))
		hy_yaml_finding(hy_yaml_get(entry, "ladder"), findings,
				"时限种类应为 sign（签收）、answer（回应）、press（新闻发布会）、"
				"assist（协办）、review（审核）、promise（承诺兑现）或 close（办结）");
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

/* A limit in working days is written in days: 7d is seven of them. */
static void read_measure(const struct hy_yaml_node *entry, struct hy_findings *findings,
			 struct hy_preset *preset)
{
	struct hy_str hours = HY_STR_LIT("natural");
	size_t i = 0;

	if (!hy_yaml_get(entry, "limit"))
		hy_yaml_finding(entry, findings, "缺少“limit”");
	(void)hy_yaml_read_duration(entry, "limit", LIMIT_MIN_MS, LIMIT_MAX_MS, findings,
				    &preset->limit_ms);
	(void)hy_yaml_read_duration(entry, "extension", LIMIT_MIN_MS, LIMIT_MAX_MS, findings,
				    &preset->extension_ms);
	(void)hy_yaml_read_text(entry, "hours", false, findings, &hours);
	while (i < HY_COUNT(measures) && !hy_str_eq_c(hours, measures[i].id))
		i++;
	if (i == HY_COUNT(measures)) {
		hy_yaml_finding(hy_yaml_get(entry, "hours"), findings,
				"计算方式应为 natural（自然时）、working（工作时）或 workdays（工作日）");
		return;
	}
	preset->measure = (enum hy_measure)i;
	if (preset->measure == HY_MEASURE_WORKDAYS &&
	    (preset->limit_ms % HY_DAY_MS || preset->extension_ms % HY_DAY_MS))
		hy_yaml_finding(hy_yaml_get(entry, "limit"), findings,
				"按工作日计算的时限应为整日，如 7d（7 个工作日）");
}

static void read_preset(const struct hy_presets *presets, const struct hy_yaml_node *entry,
			struct hy_findings *findings, struct hy_preset *preset)
{
	const struct hy_preset *twin;

	preset->at = entry;
	preset->set = presets;
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
	read_measure(entry, findings, preset);
	read_ladder(entry, findings, preset);
	read_steps(entry, findings, preset);
}

/* 协办 feeds the answer, so it has to be there before the answer is due. */
static void check_assist(const struct hy_yaml_node *entry, struct hy_findings *findings,
			 const struct hy_preset_use *use)
{
	const struct hy_preset *assist = use->ladder[HY_LADDER_ASSIST];
	const struct hy_preset *answer = use->ladder[HY_LADDER_ANSWER];

	if (assist && answer && assist->measure == answer->measure &&
	    assist->limit_ms >= answer->limit_ms)
		hy_yaml_finding(entry, findings, "协办时限应早于主办单位的回应时限");
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
	check_assist(entry, findings, use);
}

static bool parse_clock(struct hy_str s, int64_t *out_ms)
{
	int64_t hour, minute;

	if (s.n != 5 || s.p[2] != ':' || !hy_str_to_int(hy_str_sub(s, 0, 2), 0, 23, &hour) ||
	    !hy_str_to_int(hy_str_sub(s, 3, 2), 0, 59, &minute))
		return false;
	*out_ms = OFFICE_MS(hour, minute);
	return true;
}

static void read_hours(struct hy_presets *presets, struct hy_findings *findings)
{
	const struct hy_yaml_node *root = hy_yaml_root(presets->file);
	size_t count = hy_rule_word_count(root, "office_hours");
	int64_t last = -1;

	presets->hours = default_hours;
	if (count == 0)
		return;
	if (count > HY_OFFICE_WINDOWS_MAX) {
		hy_yaml_finding(hy_yaml_get(root, "office_hours"), findings,
				"上班时间不超过 %d 段", HY_OFFICE_WINDOWS_MAX);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct hy_yaml_node *at;
		struct hy_str text = hy_rule_word(root, "office_hours", i, &at);
		int64_t from, to;

		if (text.n != WINDOW_BYTES || text.p[5] != '-' ||
		    !parse_clock(hy_str_sub(text, 0, 5), &from) ||
		    !parse_clock(hy_str_sub(text, 6, 5), &to) || from <= last || to <= from) {
			hy_yaml_finding(at, findings,
					"上班时间应由早到晚写成 \"08:30-12:00\"，不能重叠");
			presets->hours = default_hours;
			return;
		}
		presets->hours.window[i].from_ms = from;
		presets->hours.window[i].to_ms = last = to;
	}
	presets->hours.count = count;
}

static void read_cards(struct hy_presets *presets, struct hy_findings *findings)
{
	const struct hy_yaml_node *cards = hy_yaml_get(hy_yaml_root(presets->file), "cards");

	if (!cards)
		return;
	if (!hy_yaml_is_mapping(cards)) {
		hy_yaml_finding(cards, findings, "应写成 {yellow: 100, red: 150}");
		return;
	}
	(void)hy_yaml_known_keys(cards, card_keys, findings);
	(void)hy_yaml_read_int(cards, "yellow", 100, HY_CARD_PERCENT_MAX, findings,
			       &presets->cards.yellow);
	(void)hy_yaml_read_int(cards, "red", 100, HY_CARD_PERCENT_MAX, findings,
			       &presets->cards.red);
	if (presets->cards.red && presets->cards.red <= presets->cards.yellow)
		hy_yaml_finding(hy_yaml_get(cards, "red"), findings, "红牌应晚于黄牌");
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
	read_hours(presets, findings);
	read_cards(presets, findings);
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

	if (!err)
		err = hy_calendar_load(dir, findings, &presets->calendar);
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
	hy_calendar_free(presets->calendar);
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

/* Whole milliseconds: the product stays below 2^63 for limits up to a year and cards. */
static int64_t part_of(int64_t ms, int percent)
{
	return ms / 100 * percent + ms % 100 * percent / 100;
}

struct hy_wall hy_preset_between(const struct hy_preset *preset, struct hy_wall start,
				 struct hy_wall due, int percent)
{
	const struct hy_presets *set = preset->set;
	int64_t office;

	if (percent == 100)
		return due;
	if (preset->measure == HY_MEASURE_NATURAL)
		return hy_wall_add_ms(start, part_of(due.ms - start.ms, percent));
	office = hy_calendar_office_between(set->calendar, &set->hours, start, due);
	return hy_calendar_add_office(set->calendar, &set->hours, start, part_of(office, percent));
}

struct hy_wall hy_preset_due(const struct hy_preset *preset, struct hy_wall start, int percent)
{
	const struct hy_presets *set = preset->set;
	int64_t ms = part_of(preset->limit_ms, percent);

	if (preset->measure == HY_MEASURE_WORKING)
		return hy_calendar_add_office(set->calendar, &set->hours, start, ms);
	if (preset->measure == HY_MEASURE_WORKDAYS)
		return hy_preset_between(preset, start,
					 hy_calendar_add_days(set->calendar, &set->hours, start,
							      preset->limit_ms / HY_DAY_MS),
					 percent);
	return hy_wall_add_ms(start, ms);
}

struct hy_wall hy_preset_extended(const struct hy_preset *preset, struct hy_wall due)
{
	const struct hy_presets *set = preset->set;

	if (preset->measure == HY_MEASURE_WORKING)
		return hy_calendar_add_office(set->calendar, &set->hours, due,
					      preset->extension_ms);
	if (preset->measure == HY_MEASURE_WORKDAYS)
		return hy_calendar_add_days(set->calendar, &set->hours, due,
					    preset->extension_ms / HY_DAY_MS);
	return hy_wall_add_ms(due, preset->extension_ms);
}

bool hy_preset_certain(const struct hy_preset *preset, struct hy_wall from, struct hy_wall to)
{
	return preset->measure == HY_MEASURE_NATURAL ||
	       hy_calendar_certain(preset->set->calendar, from, to);
}

bool hy_presets_need_calendar(const struct hy_presets *presets)
{
	for (size_t i = 0; i < presets->count; i++) {
		if (presets->item[i].measure != HY_MEASURE_NATURAL)
			return true;
	}
	return false;
}
