/*
 * What an article says: the planted concerns, their reposts and corrections, and everyday news.
 * A story is a function of the seed and its number; nothing is kept.
 *
 * Two concerns of one topic differ in names, figures and at least two of their four own
 * sentences (choices are values of polynomials over a small field, which meet at few points),
 * so that near-duplicate detection has no excuse to join them; a repost loses or changes at
 * most a sentence or two, so it has no excuse to part them either.
 */
#ifndef SIM_STORY_H
#define SIM_STORY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "tests/web/text.h"

#define SIM_PARAGRAPHS 6
#define SIM_CONCERNS_MAX 600	/* as many as there are names for estates, firms, ... */
#define SIM_PHONE_BYTES 16

struct sim_concern {
	const char *topic;	/* id, as in the rules */
	struct hy_str place;	/* a street, or empty */
	char phone[SIM_PHONE_BYTES];	/* may stand in the story; made up */
};

struct sim_story {
	struct hy_buf title;
	struct hy_buf paragraph[SIM_PARAGRAPHS];
	size_t paragraphs;
};

void sim_story_init(struct sim_story *s);
void sim_story_fini(struct sim_story *s);

struct sim_concern sim_concern_of(const struct sim_text *t, uint64_t seed, uint32_t concern);

struct sim_variant {
	unsigned repost;	/* 0 the original, 1... the same story in other outlets */
	bool edited;		/* with the correction that appears later at the same address */
};

/* Both append to an initialised, empty story. */
void sim_story_concern(const struct sim_text *t, uint64_t seed, uint32_t concern,
		       struct sim_variant variant, struct sim_story *s);
void sim_story_ordinary(const struct sim_text *t, uint64_t seed, uint32_t document,
			struct sim_story *s);

/* Title and text as one, the paragraphs separated by line feeds. */
void sim_story_flatten(const struct sim_story *s, struct hy_buf *out);

#endif
