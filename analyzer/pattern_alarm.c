#include "analyzer/pattern_alarm.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

#define SHOWN_BYTES 300			/* of a pattern: the file has it in full */
#define TEXT_BYTES HY_MSG_TITLE_BYTES
#define MENDED "规则已修改，该正则不再使用"

enum pending { NOTHING, RAISE, CLEAR };

struct hy_pattern_alarm {
	char *topic, *owner, *written, *text;	/* own: they outlive the rule set */
	struct hy_id id;
	struct hy_wall since, at;
	enum pending pending;
};

static void item_fini(struct hy_pattern_alarm *item)
{
	free(item->topic);
	free(item->owner);
	free(item->written);
	free(item->text);
}

void hy_pattern_alarms_fini(struct hy_pattern_alarms *alarms)
{
	for (size_t i = 0; i < alarms->count; i++)
		item_fini(&alarms->items[i]);
	free(alarms->items);
	free(alarms->quiet_until_ms);
	*alarms = (struct hy_pattern_alarms){0};
}

/* ---- which topics use a pattern ---- */

static bool group_uses(const struct hy_group *group, const struct hy_atoms *atoms,
		       struct hy_str written)
{
	for (size_t i = 0; i < group->count; i++) {
		const struct hy_atom *atom = &atoms->items[group->items[i].atom];

		if (atom->is_pattern && hy_str_eq(atom->written, written))
			return true;
	}
	return false;
}

static bool condition_uses(const struct hy_condition *c, const struct hy_atoms *atoms,
			   struct hy_str written)
{
	bool uses = group_uses(&c->any, atoms, written) || group_uses(&c->none, atoms, written);

	for (size_t i = 0; i < c->all_count && !uses; i++)
		uses = group_uses(&c->all[i], atoms, written);
	for (size_t i = 0; i < c->near_count && !uses; i++)
		uses = group_uses(&c->near[i].a, atoms, written) ||
		       group_uses(&c->near[i].b, atoms, written);
	return uses;
}

static bool rule_uses(const struct hy_rule *rule, const struct hy_atoms *atoms,
		      struct hy_str written)
{
	bool uses = condition_uses(&rule->match, atoms, written);

	for (size_t i = 0; i < rule->raise_count && !uses; i++)
		uses = condition_uses(&rule->raises[i].condition, atoms, written);
	return uses;
}

static bool topic_uses(const struct hy_ruleset *ruleset, const struct hy_pattern_alarm *item)
{
	for (size_t i = 0; i < ruleset->count + ruleset->policy_count; i++)
		if (hy_str_eq_c(ruleset->rules[i].topic->id, item->topic))
			return rule_uses(&ruleset->rules[i], &ruleset->atoms,
					 hy_str_of(item->written));
	return false;
}

/* ---- raising ---- */

static char *text_of(const struct hy_topic *topic, const struct hy_rule_pattern *pattern)
{
	hy_cleanup(hy_buf_fini) struct hy_buf place = HY_BUF(TEXT_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);
	struct hy_str written = pattern->written;
	bool whole = written.n <= SHOWN_BYTES;
	size_t n = whole ? written.n : hy_utf8_floor(written.p, written.n, SHOWN_BYTES);

	hy_yaml_place(pattern->node, &place);
	hy_buf_addf(&text, "议题“%.*s”的正则 %.*s%s 达到匹配限额，所在稿件按其余规则判断，请改写（%.*s）",
		    HY_STR_ARGS(topic->title), (int)n, written.p, whole ? "" : "…",
		    HY_STR_ARGS(hy_buf_str(&place)));
	if (hy_buf_err(&text)) {
		hy_buf_clear(&text);
		hy_buf_addf(&text, "议题 %.*s 的一条正则达到匹配限额，所在稿件按其余规则判断，请改写",
			    HY_STR_ARGS(topic->id));
	}
	return hy_str_dup(hy_buf_str(&text));
}

static struct hy_pattern_alarm *find(const struct hy_pattern_alarms *alarms, struct hy_str topic)
{
	for (size_t i = 0; i < alarms->count; i++)
		if (hy_str_eq_c(topic, alarms->items[i].topic))
			return &alarms->items[i];
	return NULL;
}

static void new_id(struct hy_pattern_alarm *item, const struct hy_ruleset *ruleset)
{
	char at[32];
	struct hy_str parts[4] = {HY_STR_LIT("alarm " HY_PATTERN_ALARM_KIND),
				  hy_str_of(item->topic), hy_id_str(&ruleset->version), {0}};

	(void)snprintf(at, sizeof at, "%lld", (long long)item->since.ms);
	parts[3] = hy_str_of(at);
	item->id = hy_id_of(parts, HY_COUNT(parts));
}

static void raise(struct hy_pattern_alarms *alarms, const struct hy_topic *topic,
		  const struct hy_rule_pattern *pattern, struct hy_wall now)
{
	struct hy_pattern_alarm *item = find(alarms, topic->id);

	if (!item && alarms->count == HY_PATTERN_ALARMS_MAX)
		return;
	if (item && item->pending != CLEAR) {
		item->at = now;
		item->pending = RAISE;
		return;
	}
	if (item) {
		/* Mended and broken again before the clearing was told: it goes on. */
		item_fini(item);
	} else {
		alarms->items = hy_grow(alarms->items, &alarms->cap, alarms->count + 1,
					sizeof *alarms->items);
		item = &alarms->items[alarms->count++];
	}
	*item = (struct hy_pattern_alarm){
		.topic = hy_str_dup(topic->id), .owner = hy_str_dup(topic->owner),
		.written = hy_str_dup(pattern->written), .text = text_of(topic, pattern),
		.since = now, .at = now, .pending = RAISE};
	new_id(item, alarms->ruleset);
}

void hy_pattern_alarms_hit(struct hy_pattern_alarms *alarms, uint32_t pattern,
			   struct hy_wall now)
{
	const struct hy_ruleset *ruleset = alarms->ruleset;
	const struct hy_rule_pattern *reached = &ruleset->atoms.patterns[pattern];

	if (now.ms < alarms->quiet_until_ms[pattern])
		return;
	alarms->quiet_until_ms[pattern] = now.ms + HY_PATTERN_ALARM_AGAIN_MS;
	for (size_t i = 0; i < ruleset->count + ruleset->policy_count; i++)
		if (rule_uses(&ruleset->rules[i], &ruleset->atoms, reached->written))
			raise(alarms, ruleset->rules[i].topic, reached, now);
}

/* ---- another set ---- */

void hy_pattern_alarms_use(struct hy_pattern_alarms *alarms, const struct hy_ruleset *ruleset,
			   struct hy_wall now)
{
	free(alarms->quiet_until_ms);
	alarms->ruleset = ruleset;
	alarms->quiet_until_ms = hy_xcalloc(ruleset->atoms.pattern_count + 1,
					    sizeof *alarms->quiet_until_ms);
	for (size_t i = 0; i < alarms->count; i++) {
		struct hy_pattern_alarm *item = &alarms->items[i];

		if (item->pending == CLEAR || topic_uses(ruleset, item))
			continue;
		item->pending = CLEAR;
		item->at = now;
	}
}

/* ---- telling ---- */

bool hy_pattern_alarms_next(const struct hy_pattern_alarms *alarms, struct hy_pattern_told *out)
{
	for (size_t i = 0; i < alarms->count; i++) {
		const struct hy_pattern_alarm *item = &alarms->items[i];
		bool raised = item->pending == RAISE;

		if (item->pending == NOTHING)
			continue;
		out->place = i;
		(void)snprintf(out->id, sizeof out->id, "%s%s", item->id.hex,
			       raised ? "" : "-cleared");
		out->message = (struct hy_msg){.type = HY_MSG_ALARM, .id = hy_str_of(out->id)};
		out->message.as.alarm = (struct hy_msg_alarm){
			.alarm = hy_id_str(&item->id), .component = HY_STR_LIT("analyzer"),
			.kind = HY_STR_LIT(HY_PATTERN_ALARM_KIND),
			.subject = hy_str_of(item->topic), .owner = hy_str_of(item->owner),
			.state = raised ? HY_ALARM_RAISED : HY_ALARM_CLEARED,
			.since = item->since, .at = item->at,
			.text = raised ? hy_str_of(item->text) : HY_STR_LIT(MENDED)};
		return true;
	}
	return false;
}

void hy_pattern_alarms_told(struct hy_pattern_alarms *alarms, const struct hy_pattern_told *told)
{
	struct hy_pattern_alarm *item = &alarms->items[told->place];

	if (item->pending == RAISE) {
		item->pending = NOTHING;
		return;
	}
	item_fini(item);
	*item = alarms->items[--alarms->count];
}
