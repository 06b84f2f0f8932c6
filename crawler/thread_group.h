/*
 * The contributions of a thread: elements of one kind that together hold most text, and in
 * each the part that is the text alone.
 */
#ifndef HY_CRAWLER_THREAD_GROUP_H
#define HY_CRAWLER_THREAD_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crawler/thread_field.h"

struct hy_thread_post {
	uint32_t node;		/* the whole contribution; answers to it may stand inside */
	uint32_t text;		/* the element in it that holds its text */
	bool lacks;		/* has no part like the others' texts */
};

struct hy_thread_group {
	struct hy_thread_post *posts;	/* in page order */
	size_t count, cap;
	uint32_t weight;
	bool named;		/* all bear the name of a contribution */
};

/* Where to look and for what. */
struct hy_thread_search {
	size_t from, to;	/* nodes */
	bool named;		/* only elements with the name of a contribution */
};

/* False, out empty, where there is none; else release by hy_thread_group_fini. */
bool hy_thread_group_find(const struct hy_thread_field *field,
			  const struct hy_thread_search *search, struct hy_thread_group *out);
void hy_thread_group_fini(struct hy_thread_group *group);

#endif
