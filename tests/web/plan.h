/*
 * What appears when and where: every document of the run, made once at start from the seed.
 * A document is some forty bytes; its text is made when somebody asks for the page.
 */
#ifndef SIM_PLAN_H
#define SIM_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/time.h"

#define SIM_NEVER INT64_MAX
#define SIM_SITES_MAX 200
#define SIM_ACCOUNTS 6	/* WeChat accounts that the mirror offers feeds of */

struct sim_plan_options {
	uint64_t seed;
	uint32_t sites, documents, concerns;
	int64_t span_ms;	/* documents appear over this time; 0: all at once */
	bool captcha;		/* some WeChat pages ask for one */
	struct hy_wall start;
};

enum sim_outcome {
	SIM_ARTICLE,
	SIM_DELETED,	/* WeChat says its publisher removed it */
	SIM_BLOCKED,	/* WeChat asks for a captcha */
};

#define SIM_NO_CONCERN UINT32_MAX

struct sim_document {
	uint32_t concern;	/* SIM_NO_CONCERN: everyday news */
	uint16_t source;	/* a site, or sites + n for WeChat account n */
	uint8_t repost;		/* 0 the original */
	uint8_t outcome;	/* enum sim_outcome */
	int64_t appears_ms;	/* after the start */
	int64_t edited_ms;	/* after the start, or SIM_NEVER */
	uint32_t shuffle;	/* orders what appears at the same moment */
};

struct sim_plan {
	struct sim_plan_options options;
	struct sim_document *document;	/* options.documents of them, by appears_ms */
	uint32_t **of_source;		/* document numbers of each source, by appears_ms */
	uint32_t *source_count;
	uint32_t sources;		/* sites + SIM_ACCOUNTS */
};

/* LIMIT where the options do not fit each other (more concerns than documents, ...). */
enum hy_err sim_plan_make(const struct sim_plan_options *options, struct sim_plan *out_plan,
			  struct hy_error *e);
void sim_plan_free(struct sim_plan *p);

/* How many of the source's documents have appeared `now_ms` after the start. */
uint32_t sim_plan_visible(const struct sim_plan *p, uint32_t source, int64_t now_ms);
bool sim_plan_is_edited(const struct sim_plan *p, uint32_t document, int64_t now_ms);

/* The moment the page claims to be from; spread over the day before where span_ms is 0. */
struct hy_wall sim_plan_published(const struct sim_plan *p, uint32_t document);
bool sim_plan_is_account(const struct sim_plan *p, uint32_t source);

#endif
