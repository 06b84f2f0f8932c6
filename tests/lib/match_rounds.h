/*
 * Side-by-side matching: an engine reads articles once, then runs rounds when told on standard
 * input, so that engines in processes of their own take turns on one machine. Knows nothing of
 * the product: the peers are built from this file too.
 */
#ifndef TESTS_LIB_MATCH_ROUNDS_H
#define TESTS_LIB_MATCH_ROUNDS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct match_text {
	const char *p;
	size_t n;
};

/* Which article matched which rule, of the last round. */
struct match_pairs {
	uint32_t *items;	/* article, rule, article, rule */
	size_t count, cap;
	uint32_t article;	/* the one being scanned */
};

void match_pairs_add(struct match_pairs *pairs, uint32_t rule);

struct match_engine {
	void *self;
	void (*scan)(void *self, const struct match_text *parts, struct match_pairs *pairs);
	size_t parts;		/* records of the file that make one article */
	double load_ms;		/* CPU */
	long load_kib;		/* growth of the peak of memory */
};

double match_cpu_us(void);
long match_peak_kib(void);
/* The whole file with 64 NUL bytes behind it; ends the program where that fails. */
struct match_text match_read(const char *path);
void *match_grow(void *items, size_t *cap, size_t count, size_t bytes);

/*
 * Prints {"load_ms","load_kib"}, then for each number N on standard input scans the first N
 * articles and prints {"us": CPU microseconds an article, "pairs": N}. At the end of input writes
 * the pairs of the last round, a line "ARTICLE RULE" each, to pairs_path. Returns an exit code.
 */
int match_rounds(const struct match_engine *engine, const char *articles_path,
		 const char *pairs_path);

/* ---- rules as the peers read them: one line each, tab-separated fields ---- */

/*
 *   L text         a literal; counted from 0
 *   R n            a rule begins; A: a group of which one must hit; N: the group of which none may
 *   w n            an item of the group: literal n
 *   r regex        an item: a pattern, followed by g n: literals of which one is in every match
 */
struct match_plan_line {
	char kind;
	struct match_text text;
	uint32_t number;
};
/* The next line; 0 at the end. *at is the place in the text, 0 to begin. */
int match_plan_next(struct match_text plan, size_t *at, struct match_plan_line *out);

#endif
