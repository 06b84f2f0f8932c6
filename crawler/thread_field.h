/*
 * A thread's page in weights: how much of a contributor's own text stands in any range of
 * nodes. Menus, names of contributors, buttons, signatures and links weigh nothing, short
 * lines little.
 */
#ifndef HY_CRAWLER_THREAD_FIELD_H
#define HY_CRAWLER_THREAD_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crawler/extract_unit.h"

struct hy_thread_field {
	const struct hy_measure *m;	/* borrowed */
	const struct hy_units *units;	/* borrowed */
	uint8_t *names;		/* per node, enum hy_thread_name */
	uint8_t *none;		/* per node: inside something that is no contribution */
	uint8_t *taken;		/* per unit: belongs to a contribution found before */
	uint32_t *sums;		/* over the units before an index */
};

/* The caller releases by hy_thread_field_fini; what is given must outlive the field. */
void hy_thread_field_init(struct hy_thread_field *field, const struct hy_measure *m,
			  const struct hy_units *units);
void hy_thread_field_fini(struct hy_thread_field *field);

/* What stands in nodes [from, to) weighs nothing from the next count on. */
void hy_thread_field_take(struct hy_thread_field *field, size_t from, size_t to);
void hy_thread_field_count(struct hy_thread_field *field);

/* Of the nodes [from, to). */
uint32_t hy_thread_field_weight(const struct hy_thread_field *field, size_t from, size_t to);

/* Of an element. */
uint32_t hy_thread_field_of(const struct hy_thread_field *field, size_t node);

#endif
