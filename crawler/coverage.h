/*
 * Coverage: what came of each source on each day, against what was to be expected of it (P6).
 * Polls and how they failed, items seen and new, articles stored and refused by kind, and how
 * late an item was: the part that the mirror or feed was late itself, apart from ours.
 *
 *   published ........ mirror's lag ........ poll k-1 ... our lag ... poll k ... our lag ... stored
 *
 * An item that is new at poll k and was published before poll k-1 was not listed then, so until
 * that poll the delay is the mirror's; the rest, between the polls and in the queue, is ours.
 *
 * A row a source, day (China time) and crawler, so that crawlers which share a store never wait
 * for each other; v_coverage adds them up. All functions write inside the caller's transaction.
 */
#ifndef HY_CRAWLER_COVERAGE_H
#define HY_CRAWLER_COVERAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/store.h"
#include "crawler/rate.h"

#define HY_DAY_BYTES 24		/* "2026-11-23" */

/* Why a poll failed, as counted; v_coverage has a column for each. */
#define HY_POLL_FAILURE_LIST(X) \
	X(NONE, "", "") \
	X(ROBOTS, "robots", "robots.txt 不允许") \
	X(BLOCKED, "blocked", "要求验证或登录") \
	X(REFUSED, "refused", "网页不存在或被拒绝") \
	X(SERVER, "server", "网站出错或要求放慢") \
	X(NETWORK, "network", "连接不上") \
	X(CONTENT, "content", "内容无法解读")

enum hy_poll_failure {
#define X(name, id, title) HY_POLL_FAILURE_##name,
	HY_POLL_FAILURE_LIST(X)
#undef X
	HY_POLL_FAILURE_COUNT
};
const char *hy_poll_failure_id(enum hy_poll_failure failure);
const char *hy_poll_failure_title(enum hy_poll_failure failure);	/* Chinese */
bool hy_poll_failure_parse(struct hy_str id, enum hy_poll_failure *out);	/* "" is NONE */
/*
 * Of a visit's kind (crawler/visit_table.c); a listing that cannot be read is CONTENT. A
 * robots.txt that forbids is final; one that could not be had is the server's failure.
 */
enum hy_poll_failure hy_poll_failure_of(const char *kind, bool is_final);

/* Delays of some items, split in two. */
struct hy_lags {
	int64_t items;
	int64_t mirror_ms, mirror_max_ms;
	int64_t poll_ms, poll_max_ms;
};
/*
 * An item that is new now and was not listed at `before`. Left out: times that are unknown, in
 * the future, a day without an hour, or so old that the item was dug up rather than late.
 */
void hy_lags_add(struct hy_lags *lags, struct hy_wall before, struct hy_wall now,
		 struct hy_wall published);

/* The day in China time. */
const char *hy_day_of(struct hy_wall at, char out[HY_DAY_BYTES]);

struct hy_coverage_poll {
	struct hy_str source, crawler;
	struct hy_wall before;		/* the poll before, whatever came of it; unknown: none */
	struct hy_wall now;
	enum hy_poll_failure failure;	/* NONE: it went well */
	bool is_robots_unknown;		/* robots.txt could not be had: forbidden for now */
	bool is_first;			/* nothing was read before: what is new now is a backlog */
	int64_t seen, new_items;
	struct hy_lags lags;
	const struct hy_wall *times;	/* of the new ones, as published; times[new_items] */
};
/* `rate` says what was to be expected since `before`. */
enum hy_err hy_coverage_poll(struct hy_store *store, const struct hy_coverage_poll *poll,
			     const struct hy_rate *rate, struct hy_error *e) HY_MUST_CHECK;

struct hy_coverage_article {
	struct hy_str source, crawler;
	struct hy_str page;		/* row of the frontier: when it was found */
	struct hy_wall now;
	const char *kind;		/* an article kind, or why it was not read */
	bool is_stored, is_suspicious;
};
/* Of the first visit that came to an end; later ones look for edits and count nothing here. */
enum hy_err hy_coverage_article(struct hy_store *store, const struct hy_coverage_article *article,
				struct hy_error *e) HY_MUST_CHECK;

/* Forgets days before that one. */
enum hy_err hy_coverage_purge(struct hy_store *store, struct hy_wall before, struct hy_error *e)
	HY_MUST_CHECK;

#endif
