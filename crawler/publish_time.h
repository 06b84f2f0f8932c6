/*
 * When an article was published: what the page shows beside its headline, what it says in
 * <meta>, JSON-LD or script data, what its address says; in this order of trust where they
 * agree on the day, by their rank where they do not.
 */
#ifndef HY_CRAWLER_PUBLISH_TIME_H
#define HY_CRAWLER_PUBLISH_TIME_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/str.h"
#include "common/base/time.h"
#include "crawler/extract_unit.h"

struct hy_publish_input {
	const struct hy_measure *m;
	const struct hy_units *units;
	struct hy_str url;		/* may be empty */
	struct hy_wall now;		/* nothing later is believed */
	size_t title_node, body_node;	/* HY_PAGE_NO_NODE where unknown */
};

/*
 * HY_WALL_NONE where nothing believable is found. *out_declared: the page tells programs a
 * time to the minute, which lists do not.
 */
struct hy_wall hy_publish_time_find(const struct hy_publish_input *in, bool *out_declared);

/* The date in an address ("/2021/08/12/", "t20210812_"), midnight; false where none. */
bool hy_publish_time_of_url(struct hy_str url, struct hy_wall *out);

#endif
