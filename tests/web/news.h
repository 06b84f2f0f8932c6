/* The ordinary sites: which page a path is, in the site's charset. */
#ifndef SIM_NEWS_H
#define SIM_NEWS_H

#include "tests/web/reply.h"
#include "tests/web/site.h"

/* Fills an initialised reply. */
void sim_news_answer(const struct sim_world *w, uint32_t site, const struct sim_request *q,
		     struct sim_reply *r);

#endif
