/*
 * Elements that stand in the same kind of place as a given one: the posts of a thread, the
 * answers to a question. Rows of a layout table and the like are not meant: the element must
 * have a name (class or numbered id) that repeats.
 */
#ifndef HY_CRAWLER_EXTRACT_PEERS_H
#define HY_CRAWLER_EXTRACT_PEERS_H

#include <stddef.h>

#include "crawler/extract_measure.h"

struct hy_peers {
	size_t *nodes;	/* in page order, without the given one */
	size_t count, cap;
};

/* Fills *out; release by hy_peers_fini. */
void hy_peers_find(const struct hy_measure *m, size_t node, struct hy_peers *out);
void hy_peers_fini(struct hy_peers *peers);

#endif
