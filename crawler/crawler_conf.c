#include "crawler/crawler_conf.h"

#include "common/base/mem.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define KIB INT64_C(1024)
#define MIB (1024 * KIB)

#define AT(member) offsetof(struct hy_crawler_conf, member)

static const struct hy_config_row rows[] = {
	{.key = "store", .type = HY_CONFIG_STORE, .offset = AT(store), .min = 1, .max = 1024,
	 .preset = "sqlite:crawler.db", .restart = true,
	 .doc = "where pages and documents are kept: sqlite:PATH or postgresql://..."},
	{.key = "sources", .type = HY_CONFIG_PATH, .offset = AT(sources), .max = 1024,
	 .preset = "", .doc = "list of sources; empty: sources.yaml in the rules folder"},
	{.key = "instance", .type = HY_CONFIG_TEXT, .offset = AT(instance), .max = 64,
	 .preset = "", .restart = true,
	 .doc = "name among the crawlers that share the store; empty: the process's name"},
	{.key = "agent", .type = HY_CONFIG_TEXT, .offset = AT(agent), .min = 1, .max = 64,
	 .preset = "HuiyingBot", .restart = true,
	 .doc = "product token in the User-Agent, which robots.txt files address"},
	{.key = "contact", .type = HY_CONFIG_TEXT, .offset = AT(contact), .max = 200,
	 .preset = "", .restart = true,
	 .doc = "URL or address in the User-Agent where a site's owner reaches us"},
	{.key = "connections", .type = HY_CONFIG_INT, .offset = AT(connections), .min = 1,
	 .max = 1000, .preset = "64", .restart = true,
	 .doc = "connections at the same time, over all hosts"},
	{.key = "delay", .type = HY_CONFIG_DURATION, .offset = AT(delay_ms), .min = SECOND,
	 .max = HOUR, .preset = "1s", .doc = "least time between two requests of one host"},
	{.key = "connect_timeout", .type = HY_CONFIG_DURATION, .offset = AT(connect_ms),
	 .min = 100, .max = 5 * MINUTE, .preset = "10s", .doc = "limit of connecting"},
	{.key = "timeout", .type = HY_CONFIG_DURATION, .offset = AT(total_ms), .min = 100,
	 .max = 10 * MINUTE, .preset = "30s", .doc = "limit of one request as a whole"},
	{.key = "stall_timeout", .type = HY_CONFIG_DURATION, .offset = AT(stall_ms),
	 .min = SECOND, .max = 5 * MINUTE, .preset = "10s",
	 .doc = "a response slower than 100 bytes a second for so long is given up"},
	{.key = "body", .type = HY_CONFIG_BYTES, .offset = AT(body_bytes), .min = 16 * KIB,
	 .max = 64 * MIB, .preset = "8MiB", .doc = "limit of a page, sent and unpacked"},
	{.key = "header", .type = HY_CONFIG_BYTES, .offset = AT(header_bytes), .min = KIB,
	 .max = MIB, .preset = "64KiB", .doc = "limit of a response's headers"},
	{.key = "redirects", .type = HY_CONFIG_INT, .offset = AT(redirects), .min = 0, .max = 20,
	 .preset = "5", .doc = "redirects in a row that are followed"},
	{.key = "attempts", .type = HY_CONFIG_INT, .offset = AT(attempts), .min = 1, .max = 50,
	 .preset = "5", .doc = "attempts before a page is given up"},
	{.key = "retry", .type = HY_CONFIG_DURATION, .offset = AT(retry_ms), .min = 100,
	 .max = DAY, .preset = "1m", .doc = "wait before the second attempt; doubles each time"},
	{.key = "pause", .type = HY_CONFIG_DURATION, .offset = AT(pause_ms), .min = 100,
	 .max = DAY, .preset = "1m",
	 .doc = "pause of a host that answers 429 or 503 without Retry-After; doubles"},
	{.key = "blocked_pause", .type = HY_CONFIG_DURATION, .offset = AT(blocked_ms),
	 .min = 100, .max = 7 * DAY, .preset = "30m",
	 .doc = "pause of a host that shows a captcha or a login wall; doubles"},
	{.key = "lease", .type = HY_CONFIG_DURATION, .offset = AT(lease_ms), .min = SECOND,
	 .max = HOUR, .preset = "2m",
	 .doc = "after so long another crawler may take over what this one had taken"},
	{.key = "revisit", .type = HY_CONFIG_DURATION, .offset = AT(revisit_ms), .min = 100,
	 .max = 30 * DAY, .preset = "6h", .doc = "an article is read again after so long"},
	{.key = "revisit_times", .type = HY_CONFIG_INT, .offset = AT(revisit_times), .min = 0,
	 .max = 20, .preset = "1", .doc = "how often an article is read again"},
	{.key = "max_age", .type = HY_CONFIG_DURATION, .offset = AT(max_age_ms), .min = 0,
	 .max = INT64_C(36500) * DAY, .preset = "30d",
	 .doc = "entries that say they are older are not fetched; 0s: all are"},
	{.key = "new_per_poll", .type = HY_CONFIG_INT, .offset = AT(new_per_poll), .min = 1,
	 .max = 50000, .preset = "2000", .doc = "new pages taken from one reading of a source"},
	{.key = "watch", .type = HY_CONFIG_DURATION, .offset = AT(watch_ms), .min = 100,
	 .max = HOUR, .preset = "30s",
	 .doc = "how often every source is judged: failing, silent, blocked"},
	{.key = "robots_life", .type = HY_CONFIG_DURATION, .offset = AT(robots_life_ms),
	 .min = SECOND, .max = DAY, .preset = "24h",
	 .doc = "how long a robots.txt is believed (RFC 9309: at most 24 hours)"},
	{.key = "robots_retry", .type = HY_CONFIG_DURATION, .offset = AT(robots_retry_ms),
	 .min = 100, .max = DAY, .preset = "10m",
	 .doc = "an unreachable robots.txt forbids the host and is asked again after so long"},
	{.key = "text_retention", .type = HY_CONFIG_DURATION, .offset = AT(text_retention_ms),
	 .min = 0, .max = INT64_C(36500) * DAY, .preset = "365d",
	 .doc = "titles and texts older than this are removed, judged ones only; address, hash and "
		"verdict stay; 0s: kept for good"},
	{.key = "ledger_retention", .type = HY_CONFIG_DURATION, .offset = AT(ledger_retention_ms),
	 .min = 0, .max = INT64_C(36500) * DAY, .preset = "400d",
	 .doc = "how long requests per host and day are kept; 0s: for good"},
	{.key = "window", .type = HY_CONFIG_INT, .offset = AT(window), .min = 1, .max = 100000,
	 .preset = "256", .restart = true, .doc = "documents sent and not yet judged"},
	{.key = "store_timeout", .type = HY_CONFIG_DURATION, .offset = AT(store_timeout_ms),
	 .min = 100, .max = MINUTE, .preset = "5s", .restart = true,
	 .doc = "limit of one call to the store"},
};

const struct hy_config_section hy_crawler_section = {
	.name = "crawler",
	.rows = rows,
	.row_count = HY_COUNT(rows),
	.struct_bytes = sizeof(struct hy_crawler_conf),
};
