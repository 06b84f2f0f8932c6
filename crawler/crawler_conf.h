/*
 * The section `crawler` of the configuration file. Read-only after loading; a reload brings
 * a whole new struct.
 */
#ifndef HY_CRAWLER_CONF_H
#define HY_CRAWLER_CONF_H

#include <stdint.h>

#include "common/sys/config.h"

struct hy_crawler_conf {
	char *store;
	char *sources;		/* "": sources.yaml in the rules folder */
	char *instance;		/* tells crawlers that share a store apart; "": by process name */
	char *agent, *contact;	/* how we introduce ourselves */
	int64_t connections;
	int64_t delay_ms;	/* least time between requests of one host */
	int64_t budget;		/* requests of one host in a day; 0: no limit */
	int64_t connect_ms, total_ms, stall_ms;
	int64_t body_bytes, header_bytes;
	int64_t redirects;
	int64_t attempts, retry_ms;
	int64_t pause_ms, blocked_ms;
	int64_t lease_ms;
	int64_t revisit_ms, revisit_times;
	int64_t max_age_ms;	/* 0: any */
	int64_t new_per_poll;
	int64_t watch_ms;	/* between two rounds over the sources' health */
	int64_t robots_life_ms, robots_retry_ms;
	int64_t text_retention_ms, ledger_retention_ms;	/* 0: for good */
	char *warc;		/* "": no evidence is kept */
	int64_t warc_retention_ms, warc_spool_bytes;
	int64_t window;
	int64_t store_timeout_ms;
};

extern const struct hy_config_section hy_crawler_section;

#endif
