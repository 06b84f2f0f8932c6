/*
 * robots.txt as of RFC 9309, agreeing with Google's published parser where the RFC is open.
 *
 * Parse once per host, ask for each URL. A file without rules allows everything. Bytes
 * behind HY_ROBOTS_MAX_BYTES are read as absent (RFC 9309, 2.5).
 */
#ifndef HY_CRAWLER_ROBOTS_H
#define HY_CRAWLER_ROBOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/mem.h"
#include "common/base/str.h"

#define HY_ROBOTS_MAX_BYTES ((size_t)500 * 1024)

struct hy_robots;

/* Never NULL: whatever the bytes are, they mean something. They are copied. */
struct hy_robots *hy_robots_parse(struct hy_str text);
void hy_robots_free(struct hy_robots *r);
HY_DEFINE_CLEANUP(struct hy_robots *, hy_robots_free)

/*
 * May `agent` (a product token such as "HuiyingBot" or "HuiyingBot/1.0") fetch `url`, an
 * absolute URL or a path with query? The longest matching rule of the
 * agent's groups decides, Allow wins a tie; the groups of `*` count only where the agent
 * has none. *out_line (may be NULL) becomes the deciding rule's line from 1, or 0.
 */
bool hy_robots_allowed(const struct hy_robots *r, struct hy_str agent, struct hy_str url,
		       int *out_line);

/* The text of a line (from 1) without comment and outer white space; empty where absent. */
struct hy_str hy_robots_line(const struct hy_robots *r, int line);

/* Crawl-delay of the agent's groups in ms, -1 where none: no part of RFC 9309, widely used. */
int64_t hy_robots_crawl_delay_ms(const struct hy_robots *r, struct hy_str agent);

/* Sitemap lines in file order, borrowed; the i-th, or empty behind the last. */
size_t hy_robots_sitemap_count(const struct hy_robots *r);
struct hy_str hy_robots_sitemap(const struct hy_robots *r, size_t i);

enum hy_robots_verdict {
	HY_ROBOTS_PARSE,	/* the body is the rules */
	HY_ROBOTS_ALLOW_ALL,	/* the host has no robots.txt */
	HY_ROBOTS_DISALLOW_ALL,	/* unreachable: no answer means no */
};

/*
 * What an HTTP status of /robots.txt means (RFC 9309, 2.3.1), after redirects were
 * followed; 0 for no answer at all. A 429 is an overloaded server: DISALLOW_ALL.
 */
enum hy_robots_verdict hy_robots_verdict_for_status(int http_status);

#endif
