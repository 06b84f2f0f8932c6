#include "tests/web/story.h"

#include <stdio.h>

#include "common/base/mem.h"
#include "tests/web/rng.h"
#include "tests/web/slots.h"

#define TITLE_BYTES_MAX 1024
#define PARAGRAPH_BYTES_MAX 8192
#define SECTION_BYTES 48
#define OWN_CHOICES 5u		/* sentences per place of a topic; prime */
#define GENERIC_CHOICES 11u	/* generic sentences per place; prime */

static const char *const topics[] = {
	"wages.arrears",	 "housing.delivery",  "housing.property", "housing.demolition",
	"environment.pollution", "environment.noise", "food.safety",	  "education.school",
	"health.hospital",	 "safety.fire",	      "traffic.transport", "utilities.supply",
	"policy.business",	 "social.security",
};

/* Where a sentence stands: place 0 is the title, 1-4 the topic's own, 5-8 the generic ones. */
enum place { TITLE, OWN_1, OWN_2, OWN_3, OWN_4, GENERIC_1, GENERIC_2, GENERIC_3, GENERIC_4 };

static const enum place concern_order[SIM_PARAGRAPHS][3] = {
	{OWN_1}, {GENERIC_1, OWN_2}, {OWN_3, OWN_4}, {GENERIC_2, GENERIC_3}, {GENERIC_4},
};

/* What a repost may leave out: never the lead, never what says which concern it is. */
static const enum place droppable[] = {OWN_3, GENERIC_1, GENERIC_2, GENERIC_4};

void sim_story_init(struct sim_story *s)
{
	*s = (struct sim_story){0};
	hy_buf_init(&s->title, TITLE_BYTES_MAX);
	for (size_t i = 0; i < SIM_PARAGRAPHS; i++)
		hy_buf_init(&s->paragraph[i], PARAGRAPH_BYTES_MAX);
}

void sim_story_fini(struct sim_story *s)
{
	hy_buf_fini(&s->title);
	for (size_t i = 0; i < SIM_PARAGRAPHS; i++)
		hy_buf_fini(&s->paragraph[i]);
}

struct sim_concern sim_concern_of(const struct sim_text *t, uint64_t seed, uint32_t concern)
{
	struct sim_rng rng = sim_rng_of(seed, SIM_STREAM_CONCERN, concern);
	size_t topic = concern % HY_COUNT(topics), nth = concern / HY_COUNT(topics);
	size_t streets = sim_text_count(t, "street");
	size_t place = (nth + topic) % (streets + 1);	/* the last: no street is named */
	struct sim_concern c = {.topic = topics[topic]};
	unsigned digits = (unsigned)sim_rng_below(&rng, 10000);

	if (place < streets)
		c.place = sim_text_line(t, "street", place);
	if (concern % 2)
		(void)snprintf(c.phone, sizeof c.phone, "1380000%04u", digits);
	else
		(void)snprintf(c.phone, sizeof c.phone, "0531-5550%04u", digits);
	return c;
}

/* (r + q·x + p·x²) modulo a prime: numbers that differ give choices that rarely agree. */
static size_t spread(size_t number, size_t x, size_t prime)
{
	size_t r = number % prime, q = number / prime % prime, p = number / prime / prime;

	return (r + q * x + p * x * x) % prime;
}

static struct hy_str concern_line(const struct sim_text *t, uint32_t concern, enum place place)
{
	size_t nth = concern / HY_COUNT(topics);
	char section[SECTION_BYTES];

	if (place >= GENERIC_1) {
		(void)snprintf(section, sizeof section, "generic.%d", place - GENERIC_1 + 1);
		return sim_text_line(t, section,
				     spread(concern, place - GENERIC_1, GENERIC_CHOICES));
	}
	/* The title goes with the first sentence: they tell of the same thing. */
	if (place == TITLE) {
		(void)snprintf(section, sizeof section, "%s.title", topics[concern % HY_COUNT(topics)]);
		return sim_text_line(t, section, spread(nth, 0, OWN_CHOICES));
	}
	(void)snprintf(section, sizeof section, "%s.%d", topics[concern % HY_COUNT(topics)], place);
	return sim_text_line(t, section, spread(nth, place - OWN_1, OWN_CHOICES));
}

struct retelling {
	enum place dropped;	/* TITLE where nothing is left out */
	enum place loosened;	/* gets other punctuation */
	struct hy_str outlet;
};

static struct retelling retelling_of(const struct sim_text *t, uint64_t seed, uint32_t concern,
				     unsigned repost)
{
	struct sim_rng rng = sim_rng_of(seed, SIM_STREAM_REPOST, concern * 64u + repost);
	struct retelling r = {0};

	if (repost == 0)
		return r;
	r.outlet = sim_text_line(t, "outlet", sim_rng_below(&rng, 1000));
	if (sim_rng_below(&rng, 3) > 0)
		r.dropped = droppable[sim_rng_below(&rng, HY_COUNT(droppable))];
	r.loosened = droppable[sim_rng_below(&rng, HY_COUNT(droppable))];
	return r;
}

/* Full-width commas become half-width ones, as they do in other outlets' systems. */
static void loosen(struct hy_str from, struct hy_buf *out)
{
	const struct hy_str comma = HY_STR_LIT("，");
	size_t at = 0, next;

	while ((next = hy_str_find(from, comma, at)) != SIZE_MAX) {
		hy_buf_add_str(out, hy_str_sub(from, at, next - at));
		hy_buf_add_char(out, ',');
		at = next + comma.n;
	}
	hy_buf_add_str(out, hy_str_sub(from, at, from.n - at));
}

static void add_sentence(struct sim_slots *slots, uint64_t seed, uint32_t concern, enum place place,
			 struct hy_buf *out)
{
	/* The figures of the title are those of the first sentence. */
	enum place figures = place == TITLE ? OWN_1 : place;

	slots->figures = sim_rng_of(seed, SIM_STREAM_CONCERN, (uint64_t)(concern + 1) * 16 + figures);
	sim_slots_fill(slots, concern_line(slots->text, concern, place), out);
}

static void add_title(struct sim_slots *slots, uint64_t seed, uint32_t concern,
		      struct sim_variant variant, struct hy_buf *out)
{
	static const char *const prefixes[] = {"", "", "转载丨", "【民生】", "关注："};

	hy_buf_add_c(out, prefixes[variant.repost % HY_COUNT(prefixes)]);
	add_sentence(slots, seed, concern, TITLE, out);
	if (variant.edited)
		hy_buf_add_c(out, "（更新）");
}

static void add_paragraph(struct sim_slots *slots, uint64_t seed, uint32_t concern,
			  const struct retelling *told, size_t row, struct hy_buf *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf sentence = HY_BUF(PARAGRAPH_BYTES_MAX);

	for (size_t i = 0; i < HY_COUNT(concern_order[row]); i++) {
		enum place place = concern_order[row][i];

		if (place == TITLE || place == told->dropped)
			continue;
		hy_buf_clear(&sentence);
		add_sentence(slots, seed, concern, place, &sentence);
		if (place == told->loosened)
			loosen(hy_buf_str(&sentence), out);
		else
			hy_buf_add_str(out, hy_buf_str(&sentence));
	}
}

void sim_story_concern(const struct sim_text *t, uint64_t seed, uint32_t concern,
		       struct sim_variant variant, struct sim_story *s)
{
	struct sim_concern c = sim_concern_of(t, seed, concern);
	struct sim_slots slots = {.text = t, .place = c.place, .phone = c.phone, .names = concern};
	struct retelling told = retelling_of(t, seed, concern, variant.repost);

	hy_assert(concern < SIM_CONCERNS_MAX);
	add_title(&slots, seed, concern, variant, &s->title);
	if (told.outlet.n > 0)
		hy_buf_addf(&s->paragraph[0], "据%.*s消息，", HY_STR_ARGS(told.outlet));
	for (size_t row = 0; row < SIM_PARAGRAPHS && concern_order[row][0] != TITLE; row++) {
		struct hy_buf *out = &s->paragraph[s->paragraphs];

		add_paragraph(&slots, seed, concern, &told, row, out);
		if (out->n > 0)
			s->paragraphs++;
	}
	if (variant.edited) {
		slots.figures = sim_rng_of(seed, SIM_STREAM_REPOST, concern);
		sim_slots_fill(&slots, sim_text_line(t, "edit", concern),
			       &s->paragraph[s->paragraphs++]);
	}
}

void sim_story_ordinary(const struct sim_text *t, uint64_t seed, uint32_t document,
			struct sim_story *s)
{
	struct sim_rng rng = sim_rng_of(seed, SIM_STREAM_ORDINARY, document);
	struct sim_slots slots = {.text = t, .names = (uint32_t)sim_rng_below(&rng, 600)};
	struct hy_str kind = sim_text_line(t, "kinds", sim_rng_below(&rng, 1000));
	size_t choice = sim_rng_below(&rng, 1000);
	char section[SECTION_BYTES];

	slots.figures = rng;
	(void)snprintf(section, sizeof section, "%.*s.title", HY_STR_ARGS(kind));
	sim_slots_fill(&slots, sim_text_line(t, section, choice), &s->title);
	for (int place = 1; place <= 3; place++) {
		struct hy_buf *out = &s->paragraph[s->paragraphs++];

		(void)snprintf(section, sizeof section, "%.*s.%d", HY_STR_ARGS(kind), place);
		/* The first sentence goes with the title, the others are free to differ. */
		sim_slots_fill(&slots, sim_text_line(t, section, choice), out);
		if (place == 2)
			sim_slots_fill(&slots, sim_text_line(t, section, choice + 1), out);
		choice = sim_rng_below(&rng, 1000);
	}
	sim_slots_fill(&slots, sim_text_line(t, "generic.a", choice), &s->paragraph[s->paragraphs++]);
}

void sim_story_flatten(const struct sim_story *s, struct hy_buf *out)
{
	hy_buf_add_str(out, hy_buf_str(&s->title));
	for (size_t i = 0; i < s->paragraphs; i++) {
		hy_buf_add_char(out, '\n');
		hy_buf_add_str(out, hy_buf_str(&s->paragraph[i]));
	}
}
