/*
 * deadlines.yaml: time limits with their legal reference, and which of them a case gets.
 *
 * A preset is one limit on one ladder (sign, answer, press); its steps are percentages of the
 * limit at which somebody is reminded, the last at 100. `apply` lists, by severity and topic,
 * the presets of a case; the first entry that matches counts. Limits run in natural hours
 * (the texts say 小时, not 工作日), nights and holidays included; working-day presets need the
 * calendar and are refused until it is there.
 *
 * Law: 国办发〔2016〕61号 (48 h), 国办发〔2016〕80号 (5 h first statement, 24 h press conference).
 */
#ifndef HY_ALERTER_PRESETS_H
#define HY_ALERTER_PRESETS_H

#include <stddef.h>
#include <stdint.h>

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
	X(PRESS, "press", "新闻发布会")

enum hy_ladder {
#define X(name, id, title) HY_LADDER_##name,
	HY_LADDER_LIST(X)
#undef X
	HY_LADDER_COUNT
};
const char *hy_ladder_id(enum hy_ladder ladder);
const char *hy_ladder_title(enum hy_ladder ladder);	/* Chinese */

#define HY_PRESET_STEPS_MAX 8

struct hy_preset {
	struct hy_str id, title, basis;
	enum hy_ladder ladder;
	int64_t limit_ms;
	int steps[HY_PRESET_STEPS_MAX];		/* percent, rising, the last 100 */
	size_t step_count;
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

struct hy_presets {
	struct hy_yaml *file;
	enum hy_clock_start clock_start;
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

/* The moment of a step. */
struct hy_wall hy_preset_due(const struct hy_preset *preset, struct hy_wall start, int percent);

#endif
