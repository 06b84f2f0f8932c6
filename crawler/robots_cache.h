/*
 * What robots.txt of one origin says, kept for a day in memory and in the store, so that a
 * restart does not ask again. An origin that gave no answer forbids everything until it is
 * asked anew (RFC 9309, 2.3.1.4).
 */
#ifndef HY_CRAWLER_ROBOTS_CACHE_H
#define HY_CRAWLER_ROBOTS_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/store.h"
#include "crawler/batch.h"
#include "crawler/robots.h"

/* Of one origin; a list hangs on each host (http and https are two origins). */
struct hy_robots_entry {
	struct hy_robots_entry *next;
	char *origin;			/* "https://host:8443" */
	bool is_known;
	int64_t status;			/* of HTTP; 0: no answer */
	struct hy_robots *rules;	/* where the status says that the body counts */
	struct hy_wall expires_at;
	char *leg;			/* address of the redirect that is followed, or NULL */
	int64_t legs;
};

void hy_robots_entries_free(struct hy_robots_entry *first);
/* The entry of the URL's origin; made, and read from the store, where it is not there yet. */
struct hy_robots_entry *hy_robots_entry_of(struct hy_robots_entry **list, struct hy_store *store,
					   struct hy_str normalised_url);
bool hy_robots_entry_is_fresh(const struct hy_robots_entry *entry, struct hy_wall now);
/* Address to ask next: robots.txt, or where it redirected to. The caller frees it. */
char *hy_robots_entry_url(const struct hy_robots_entry *entry);

/* An answer (status 0: none). Returns the change that keeps it, for the batch. */
struct hy_change *hy_robots_entry_set(struct hy_robots_entry *entry, int64_t status,
				      struct hy_str body, struct hy_wall now,
				      struct hy_wall expires_at);

enum hy_robots_answer {
	HY_ROBOTS_ANSWER_ALLOWED,
	HY_ROBOTS_ANSWER_FORBIDDEN,	/* by a rule: for good, as far as we know */
	HY_ROBOTS_ANSWER_UNREACHABLE,	/* by silence: ask again when it expires */
};
/* *out_line: the rule's line or 0. The entry is known. */
enum hy_robots_answer hy_robots_entry_ask(const struct hy_robots_entry *entry, struct hy_str agent,
					  struct hy_str url, int *out_line);
/* -1 where none. */
int64_t hy_robots_entry_delay_ms(const struct hy_robots_entry *entry, struct hy_str agent);

#endif
