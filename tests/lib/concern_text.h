/*
 * Concerns for benches: seeded, the same on every machine. The characters are those of a text
 * file; words of two to four of them make a lexicon of which a few are frequent and most are
 * rare, as in a language, so that texts share words as real ones do and no two are alike.
 * Each names a road, an estate or a firm, a figure and a topic of the rules.
 */
#ifndef TESTS_LIB_CONCERN_TEXT_H
#define TESTS_LIB_CONCERN_TEXT_H

#include <stdint.h>

#include "common/sys/content_id.h"
#include "common/sys/msg.h"

#define CONCERN_TITLE_BYTES 256
#define CONCERN_BODY_BYTES 4096

struct concern {
	char title[CONCERN_TITLE_BYTES], body[CONCERN_BODY_BYTES];	/* 1 to 3 KB */
	struct hy_id document;
	unsigned place, topic, outlet;
};

struct concern_text;
/* NULL, with a message on standard error, where the file cannot be read. */
struct concern_text *concern_text_new(const char *file, uint64_t seed);
void concern_text_free(struct concern_text *language);

/* A number below `below`, evenly. */
uint32_t concern_random(struct concern_text *language, uint32_t below);
void concern_next(struct concern_text *language, struct concern *out);
/* The same told by another outlet: an opening of its own, two characters of a hundred changed. */
void concern_retell(struct concern_text *language, const struct concern *from,
		    struct concern *out);

/* As the analyzer would send it; views into the concern and into `parts`. */
struct concern_parts {
	struct hy_id id;
	char url[96], source[24];
	struct hy_msg_topic topic;
	struct hy_str place;
	struct hy_msg_hit hit;
};
void concern_alert(const struct concern *concern, struct concern_parts *parts,
		   struct hy_msg *out);

#endif
