#include "cli/drill_concern.h"

#include <stdio.h>
#include <string.h>

#include "cli/chance.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

#define HOUR_MS (3600 * 1000.0)
#define DAY_MS (24 * HOUR_MS)
#define TEXT_RUNES 120
#define FIRST_RUNE 0x4e00
#define RUNES 0x4000
/* Shares of one: reprints, concerns that name no place, and those graver than their topic. */
#define REPRINTS 0.2
#define NOWHERE 0.1
#define GRAVER 0.15
/* So far back a reprint may reach. */
#define REPRINT_CONCERNS 12
#define TRIES 100

/* How much of a day's concerns begin in each hour; together 1. */
static const double hours[24] = {.012, .008, .006, .006, .008, .012, .024, .05, .075, .08, .078, .06,
				 .045, .045, .06,  .065, .065, .06,	.05,  .05,  .05,  .045, .028, .018};

static struct hy_wall begins_after(const struct hy_drill_month *month, struct hy_chance *chance,
				   struct hy_wall last)
{
	double wait = hy_chance_wait(chance, 1);	/* in concerns, not in hours */
	struct hy_wall at = last;

	for (;;) {
		int hour = hy_civil_of(at, HY_CST_OFFSET_MIN).hour;
		double rate = hours[hour] * month->a_day / HOUR_MS;
		double left = HOUR_MS - (double)((at.ms + HY_CST_OFFSET_MIN * 60000LL) % 3600000);

		if (wait < left * rate)
			return hy_wall_add_ms(at, (int64_t)(wait / rate) + 1);
		wait -= left * rate;
		at = hy_wall_add_ms(at, (int64_t)left);
	}
}

static const struct hy_topic *pick_topic(const struct hy_rule_set *rules, struct hy_chance *chance,
					 struct hy_wall at)
{
	size_t count = hy_topics_count(rules->topics);

	for (int i = 0; i < TRIES && count; i++) {
		const struct hy_topic *topic =
			hy_topics_at(rules->topics, hy_chance_pick(chance, count));

		if (!hy_topic_is_derived(topic) && hy_topic_valid_at(topic, at))
			return topic;
	}
	return NULL;
}

static const struct hy_place *pick_place(const struct hy_rule_set *rules, struct hy_chance *chance,
					 struct hy_wall at)
{
	size_t count = hy_places_count(rules->places);
	bool nowhere = hy_chance_part(chance) < NOWHERE;

	for (int i = 0; i < TRIES && count && !nowhere; i++) {
		const struct hy_place *place =
			hy_places_at(rules->places, hy_chance_pick(chance, count));

		if (hy_place_valid_at(place, at))
			return place;
	}
	return NULL;
}

static void write_text(struct hy_chance *chance, char out[HY_DRILL_TEXT_BYTES])
{
	size_t n = 0;

	for (int i = 0; i < TEXT_RUNES; i++) {
		uint32_t rune = FIRST_RUNE + (uint32_t)hy_chance_pick(chance, RUNES);

		n += hy_utf8_encode(rune, out + n);
	}
	out[n] = '\0';
}

static void make(const struct hy_drill_month *month, struct hy_chance *chance,
		 struct hy_drill_concern *c)
{
	struct hy_str title = c->topic->title, place = HY_STR_LIT("未提地点");

	c->place = pick_place(month->rules, chance, c->at);
	c->severity = c->topic->severity;
	if (hy_chance_part(chance) < GRAVER && c->severity + 1 < HY_SEVERITY_COUNT)
		c->severity++;
	if (c->place)
		place = c->place->name;
	(void)snprintf(c->title, sizeof c->title, "演练第%zu件：%.*s（%.*s）", c->number + 1,
		       HY_STR_ARGS(title), HY_STR_ARGS(place));
	write_text(chance, c->text);
}

enum hy_err hy_drill_concern_next(const struct hy_drill_month *month,
				  const struct hy_drill_concern *earlier, size_t count,
				  struct hy_drill_concern *out, struct hy_error *e)
{
	struct hy_chance chance = hy_chance_of(month->seed, count);
	struct hy_wall at = begins_after(month, &chance,
					 count ? earlier[count - 1].at : month->from);
	size_t back = count < REPRINT_CONCERNS ? count : REPRINT_CONCERNS;
	struct hy_drill_concern c = {.number = count};

	if (hy_chance_part(&chance) < REPRINTS && back) {
		c = earlier[earlier[count - 1 - hy_chance_pick(&chance, back)].reprint_of];
		c.reprint_of = c.number;
		c.number = count;
		c.at = at;
		*out = c;
		return HY_OK;
	}
	c.at = at;
	c.reprint_of = count;
	c.topic = pick_topic(month->rules, &chance, at);
	if (!c.topic)
		return hy_fail(e, HY_ERR_MALFORMED, "规则里没有此时有效的议题，无从演练");
	make(month, &chance, &c);
	*out = c;
	return HY_OK;
}

void hy_drill_concern_alert(const struct hy_drill_concern *concern, uint64_t seed,
			    struct hy_drill_ids *ids, struct hy_msg *out)
{
	struct hy_str parts[] = {HY_STR_LIT("drill"),
				 {(const char *)&seed, sizeof seed},
				 {(const char *)&concern->number, sizeof concern->number}};
	struct hy_msg_alert *a = &out->as.alert;

	ids->alert = hy_id_of(parts, HY_COUNT(parts));
	parts[0] = HY_STR_LIT("drill document");
	ids->document = hy_id_of(parts, HY_COUNT(parts));
	ids->topic = (struct hy_msg_topic){concern->topic->id, 1, concern->severity};
	if (concern->place)
		ids->place = concern->place->id;
	*out = (struct hy_msg){.type = HY_MSG_ALERT, .id = hy_id_str(&ids->alert)};
	*a = (struct hy_msg_alert){
		.document = hy_id_str(&ids->document), .version = hy_id_str(&ids->document),
		.url = HY_STR_LIT("http://drill.invalid/"), .title = hy_str_of(concern->title),
		.source = HY_STR_LIT("drill"), .outlet = HY_STR_LIT("演练"),
		.published_at = concern->at, .detected_at = concern->at,
		.severity = concern->severity, .rules = hy_id_str(&ids->document),
		.topics = &ids->topic, .topic_count = 1, .places = &ids->place,
		.place_count = concern->place ? 1 : 0, .text = hy_str_of(concern->text)};
}
