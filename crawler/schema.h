/*
 * The crawler's tables. Only the crawler reads and writes tables; others read the views:
 *
 * v_document   one row per version of an article:
 *              version, document, url, source, region, outlet, title, text, published_at,
 *              detected_at, kind, charset, raw_sha256, flags, state (pending, judged),
 *              outcome (quiet, alerted, reaction to a policy and no more, unjudged; '' while
 *              pending), note, rules, judged_at,
 *              gone_at (when a later visit found it taken away, else null), purged_at (when
 *              title and text were removed, else null)
 * v_source     id, name, kind, region, url, active, interval_ms, quiet_ms, next_poll_at,
 *              last_polled_at, last_success_at, last_new_at, failures, items, reason
 * v_page       every address ever found: id, url, host, source, found_at, state (queued,
 *              leased, revisit, done, failed), kind, reason, attempts, next_at, document
 *              (also where another address is the one it is known under)
 * v_evidence   version, file (in the configured folder; '': no room was left for it), start,
 *              length, written_at
 * v_host       host, next_allowed_at, paused_until, pauses, reason
 * v_impact     host, day (2026-11-23, China time), requests, bytes, errors
 * v_coverage   what came of a source on a day (crawler/coverage.h): source, day,
 *              day_at (its midnight), polls,
 *              polls_failed and failed_robots _blocked _refused _server _network _content,
 *              expected_milli (thousandths of an item), items_seen, items_new, backlog (new at
 *              the very first reading), stored, suspicious (of those), deleted, blocked, empty,
 *              list, unread; of `timed` items mirror_ms and poll_ms (sums) and their _max_ms;
 *              of `fetched` articles fetch_ms and fetch_max_ms in the queue
 * v_source_health  source, name, active, owner, added_at, last_polled_at, last_success_at,
 *              last_new_at, next_poll_at, failures, reason, failure (class of the last poll, ''
 *              where it went well), failing_since, successes, robots (allowed, disallowed, ''),
 *              robots_at, rate, gaps, gap_milli
 * v_source_alarm  id, kind (source-silent ...), source, owner, since, raised_at, text,
 *              cleared_at, cleared_text, told ('', raised, cleared: what the alerter holds)
 *
 * Times are milliseconds since 1970 UTC. No column holds a person: no author is ever stored,
 * and title and text are masked (crawler/mask.h) before they get here.
 */
#ifndef HY_CRAWLER_SCHEMA_H
#define HY_CRAWLER_SCHEMA_H

#include "common/base/err.h"
#include "common/sys/store.h"

enum hy_err hy_crawler_migrate(struct hy_store *store, struct hy_error *e) HY_MUST_CHECK;

#endif
