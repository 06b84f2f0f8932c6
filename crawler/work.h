/* What those need who turn a visit into a change: borrowed for the call. */
#ifndef HY_CRAWLER_WORK_H
#define HY_CRAWLER_WORK_H

#include "common/base/time.h"
#include "crawler/crawler_conf.h"
#include "crawler/sources.h"

struct hy_work {
	const struct hy_crawler_conf *conf;
	const struct hy_sources *sources;
	const char *instance;	/* this crawler, among those that share the store */
	struct hy_wall now;
};

#endif
