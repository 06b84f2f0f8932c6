/*
 * deadlines.yaml: time limits with their legal reference, and which of them a case gets.
 *
 * A preset is one limit on one ladder (sign, answer, ...); its steps are percentages of the
 * limit at which somebody is reminded, the last at 100. `apply` lists, by severity and topic,
 * the presets of a case; the first entry that matches counts. State limits run in natural hours
 * (the texts say 小时, not 工作日), nights and holidays included; local ones may run in business
 * hours or end with business hours of the n-th working day, by the calendar of calendar.h.
 * Steps of those fall into business hours.
 *
 * Law: 国办发〔2016〕61号 (48 h), 国办发〔2016〕80号 (5 h first statement, 24 h press conference).
 */
#ifndef HY_ALERTER_PRESETS_H
#define HY_ALERTER_PRESETS_H

#include <stddef.h>
#include <stdint.h>

#include "alerter/calendar.h"
#include "alerter/rule_file.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/rules/topics.h"
#include "common/sys/severity.h"
#include "common/sys/yaml.h"

#define HY_LADDER_LIST(X) \
	X(SIGN, "sign", "签收") \
	X(ANSWER, "answer", "回应") \
	X(PRESS, "press", "新闻发布会") \
	X(ASSIST, "assist", "协办") \
	X(REVIEW, "review", "审核") \
	X(PROMISE, "promise", "承诺兑现") \
	X(CLOSE, "close", "办结")

enum hy_ladder {
#define X(name, id, title) HY_LADDER_##name,
	HY_LADDER_LIST(X)
#undef X
	HY_LADDER_COUNT
};
const char *hy_ladder_id(enum hy_ladder ladder);
const char *hy_ladder_title(enum hy_ladder ladder);	/* Chinese */

/* Whether it starts when the case is opened; the others have an act of their own to start at. */
bool hy_ladder_opens(enum hy_ladder ladder);
bool hy_ladder_parse(struct hy_str s, enum hy_ladder *out);

#define HY_MEASURE_LIST(X) \
	X(NATURAL, "natural", "自然时，夜间和节假日照算") \
	X(WORKING, "working", "工作时，只算工作日的上班时间") \
	X(WORKDAYS, "workdays", "工作日，起算当日不计，最后一日到下班时为止")

/* What a limit is counted in. */
enum hy_measure {
#define X(name, id, title) HY_MEASURE_##name,
	HY_MEASURE_LIST(X)
#undef X
	HY_MEASURE_COUNT
};
const char *hy_measure_id(enum hy_measure measure);
const char *hy_measure_title(enum hy_measure measure);	/* Chinese */

#define HY_PRESET_STEPS_MAX 8

struct hy_presets;

struct hy_preset {
	struct hy_str id, title, basis;
	enum hy_ladder ladder;
	enum hy_measure measure;
	int64_t limit_ms;			/* of workdays: so many times 24 h */
	int64_t extension_ms;			/* by how much at most, all told; 0: never */
	int steps[HY_PRESET_STEPS_MAX];		/* percent, rising, the last 100 */
	size_t step_count;
	const struct hy_presets *set;
	const struct hy_yaml_node *at;
};

/* Which moment the clocks of a case start at. */
enum hy_clock_start {
	HY_CLOCK_DETECTION,	/* the crawler first held the document */
	HY_CLOCK_PUBLICATION,	/* published_at, or detection where that is unknown or later */
};

struct hy_preset_use {
	unsigned severities;		/* bit 1 << severity */
	struct hy_str topic;		/* glob */
	const struct hy_preset *ladder[HY_LADDER_COUNT];	/* NULL: none */
	const struct hy_yaml_node *at;
};

/* Percent of the answer's limit at which a card is shown; 0: none is. Red is never earlier. */
struct hy_cards {
	int64_t yellow, red;
};
#define HY_CARD_PERCENT_MAX 1000

struct hy_presets {
	struct hy_yaml *file;
	enum hy_clock_start clock_start;
	struct hy_calendar *calendar;
	struct hy_office_hours hours;
	struct hy_cards cards;
	struct hy_preset *item;
	size_t count;
	struct hy_preset_use *use;
	size_t use_count;
};

/* Topics called by a former id are from here on called by the present one. */
void hy_presets_rename(struct hy_presets *presets, const struct hy_topics *topics);

enum hy_err hy_presets_load(const char *dir, struct hy_findings *findings,
			    struct hy_presets **out) HY_MUST_CHECK;
void hy_presets_free(struct hy_presets *presets);

const struct hy_preset *hy_presets_find(const struct hy_presets *presets, struct hy_str id);

/* The entry of `apply` for a case; NULL where none matches (a finding of the proof). */
const struct hy_preset_use *hy_presets_use(const struct hy_presets *presets, struct hy_str topic,
					   enum hy_severity severity);

/* The moment of a step; beyond 100 the limit goes on in the same measure. */
struct hy_wall hy_preset_due(const struct hy_preset *preset, struct hy_wall start, int percent);
/* So many percent of what lies between start and due, in the preset's measure. */
struct hy_wall hy_preset_between(const struct hy_preset *preset, struct hy_wall start,
				 struct hy_wall due, int percent);
/* The latest moment that extensions may move a due moment to. */
struct hy_wall hy_preset_extended(const struct hy_preset *preset, struct hy_wall due);
/* Whether no holiday that is still to be announced can change a count between two moments. */
bool hy_preset_certain(const struct hy_preset *preset, struct hy_wall from, struct hy_wall to);
/* Whether any preset is counted by the calendar. */
bool hy_presets_need_calendar(const struct hy_presets *presets);

#endif
