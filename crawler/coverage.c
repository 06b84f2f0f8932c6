#include "crawler/coverage.h"

#include <stdio.h>

#include "common/base/mem.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define CST_MS ((int64_t)HY_CST_OFFSET_MIN * 60000)
#define LAG_MAX_MS (7 * DAY_MS)
#define SPLIT_DAYS_MAX 31	/* after a longer standstill the rest is not expected of any day */
#define UNIT 1000		/* expected items are kept in thousandths */

static const struct {
	const char *id, *title;
} failures[] = {
#define X(name, id, title) {id, title},
	HY_POLL_FAILURE_LIST(X)
#undef X
};

static const struct {
	const char *kind;
	enum hy_poll_failure failure;
} failure_of_kind[] = {
	{"robots", HY_POLL_FAILURE_ROBOTS},	{"blocked", HY_POLL_FAILURE_BLOCKED},
	{"gone", HY_POLL_FAILURE_REFUSED},	{"refused", HY_POLL_FAILURE_REFUSED},
	{"redirect", HY_POLL_FAILURE_REFUSED},	{"address", HY_POLL_FAILURE_REFUSED},
	{"busy", HY_POLL_FAILURE_SERVER},	{"server", HY_POLL_FAILURE_SERVER},
	{"timeout", HY_POLL_FAILURE_NETWORK},	{"network", HY_POLL_FAILURE_NETWORK},
};

static const char poll_sql[] =
	"INSERT INTO coverage (source, day, crawler, day_at, polls, failed_robots, failed_blocked,"
	" failed_refused, failed_server, failed_network, failed_content, items_seen, items_new,"
	" backlog, timed, mirror_ms, mirror_max_ms, poll_ms, poll_max_ms) VALUES ($1, $2, $3, $18,"
	" 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT (source,"
	" day, crawler) DO UPDATE SET polls = coverage.polls + 1, failed_robots ="
	" coverage.failed_robots + excluded.failed_robots, failed_blocked ="
	" coverage.failed_blocked + excluded.failed_blocked, failed_refused ="
	" coverage.failed_refused + excluded.failed_refused, failed_server ="
	" coverage.failed_server + excluded.failed_server, failed_network ="
	" coverage.failed_network + excluded.failed_network, failed_content ="
	" coverage.failed_content + excluded.failed_content, items_seen = coverage.items_seen +"
	" excluded.items_seen, items_new = coverage.items_new + excluded.items_new, backlog ="
	" coverage.backlog + excluded.backlog, timed = coverage.timed + excluded.timed, mirror_ms"
	" = coverage.mirror_ms + excluded.mirror_ms, mirror_max_ms = CASE WHEN"
	" excluded.mirror_max_ms > coverage.mirror_max_ms THEN excluded.mirror_max_ms ELSE"
	" coverage.mirror_max_ms END, poll_ms = coverage.poll_ms + excluded.poll_ms, poll_max_ms ="
	" CASE WHEN excluded.poll_max_ms > coverage.poll_max_ms THEN excluded.poll_max_ms ELSE"
	" coverage.poll_max_ms END";
static const char expect_sql[] =
	"INSERT INTO coverage (source, day, crawler, day_at, expected_milli)"
	" VALUES ($1, $2, $3, $5, $4) ON CONFLICT (source, day, crawler) DO UPDATE SET"
	" expected_milli = coverage.expected_milli +"
	" excluded.expected_milli";
static const char article_sql[] =
	"INSERT INTO coverage (source, day, crawler, day_at, stored, suspicious, deleted, blocked,"
	" empty, list, unread) VALUES ($1, $2, $3, $11, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT"
	" (source, day,"
	" crawler) DO UPDATE SET stored = coverage.stored + excluded.stored, suspicious ="
	" coverage.suspicious + excluded.suspicious, deleted = coverage.deleted +"
	" excluded.deleted, blocked = coverage.blocked + excluded.blocked, empty = coverage.empty"
	" + excluded.empty, list = coverage.list + excluded.list, unread = coverage.unread +"
	" excluded.unread";
static const char queue_sql[] =
	"UPDATE coverage SET fetched = fetched + 1, fetch_ms = fetch_ms + $5 - f.found_at,"
	" fetch_max_ms = CASE WHEN $5 - f.found_at > fetch_max_ms THEN $5 - f.found_at"
	" ELSE fetch_max_ms END FROM frontier f"
	" WHERE f.id = $4 AND f.found_at <= $5 AND coverage.source = $1 AND coverage.day = $2"
	" AND coverage.crawler = $3";
static const char purge_sql[] = "DELETE FROM coverage WHERE day < $1";

const char *hy_poll_failure_id(enum hy_poll_failure failure)
{
	return failures[failure].id;
}

const char *hy_poll_failure_title(enum hy_poll_failure failure)
{
	return failures[failure].title;
}

bool hy_poll_failure_parse(struct hy_str id, enum hy_poll_failure *out)
{
	for (int i = 0; i < HY_POLL_FAILURE_COUNT; i++) {
		if (hy_str_eq_c(id, failures[i].id)) {
			*out = (enum hy_poll_failure)i;
			return true;
		}
	}
	return false;
}

enum hy_poll_failure hy_poll_failure_of(const char *kind, bool is_final)
{
	if (strcmp(kind, "robots") == 0 && !is_final)
		return HY_POLL_FAILURE_SERVER;
	for (size_t i = 0; i < HY_COUNT(failure_of_kind); i++)
		if (strcmp(kind, failure_of_kind[i].kind) == 0)
			return failure_of_kind[i].failure;
	return HY_POLL_FAILURE_CONTENT;
}

static bool is_day_only(struct hy_wall at)
{
	return (at.ms + CST_MS) % DAY_MS == 0;
}

void hy_lags_add(struct hy_lags *lags, struct hy_wall before, struct hy_wall now,
		 struct hy_wall published)
{
	int64_t mirror_ms, poll_ms;

	if (!hy_wall_known(before) || !hy_wall_known(published) || published.ms > now.ms ||
	    is_day_only(published) || before.ms - published.ms > LAG_MAX_MS)
		return;
	mirror_ms = before.ms > published.ms ? before.ms - published.ms : 0;
	poll_ms = now.ms - published.ms - mirror_ms;
	lags->items++;
	lags->mirror_ms += mirror_ms;
	lags->poll_ms += poll_ms;
	if (mirror_ms > lags->mirror_max_ms)
		lags->mirror_max_ms = mirror_ms;
	if (poll_ms > lags->poll_max_ms)
		lags->poll_max_ms = poll_ms;
}

const char *hy_day_of(struct hy_wall at, char out[HY_DAY_BYTES])
{
	struct hy_civil c = hy_civil_of(at, HY_CST_OFFSET_MIN);

	(void)snprintf(out, HY_DAY_BYTES, "%04d-%02d-%02d", c.year % 10000, c.month % 100,
		       c.day % 100);
	return out;
}

/* day_at: the parameter that takes the day's midnight; 0: none. */
static void bind_row(struct hy_query *q, struct hy_str source, struct hy_wall at,
		     struct hy_str crawler, int day_at)
{
	struct hy_wall midnight = {at.ms - (at.ms + CST_MS) % DAY_MS};
	char day[HY_DAY_BYTES];

	hy_query_bind_text(q, 1, source);
	hy_query_bind_c(q, 2, hy_day_of(at, day));
	hy_query_bind_text(q, 3, crawler);
	if (day_at)
		hy_query_bind_wall(q, day_at, midnight);
}

/* What was to come between two polls, laid on the days that it was to come on. */
static enum hy_err write_expected(struct hy_store *store, const struct hy_coverage_poll *poll,
				  const struct hy_rate *rate, struct hy_error *e)
{
	struct hy_wall from = poll->before;
	enum hy_err err = HY_OK;

	if (!hy_wall_known(rate->seen_until) || !hy_wall_known(from))
		return HY_OK;
	for (int i = 0; i < SPLIT_DAYS_MAX && from.ms < poll->now.ms && err == HY_OK; i++) {
		struct hy_wall midnight = {from.ms + DAY_MS - (from.ms + CST_MS) % DAY_MS};
		struct hy_wall until = midnight.ms < poll->now.ms ? midnight : poll->now;
		struct hy_query *q = hy_store_query(store, expect_sql);
		double expected = hy_rate_expected(rate, from, until);

		bind_row(q, poll->source, from, poll->crawler, 5);
		hy_query_bind_int(q, 4, (int64_t)(expected * UNIT + 0.5));
		err = hy_query_run(q, NULL, e);
		from = until;
	}
	return err;
}

enum hy_err hy_coverage_poll(struct hy_store *store, const struct hy_coverage_poll *poll,
			     const struct hy_rate *rate, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, poll_sql);
	enum hy_err err;

	bind_row(q, poll->source, poll->now, poll->crawler, 18);
	for (int i = HY_POLL_FAILURE_ROBOTS; i < HY_POLL_FAILURE_COUNT; i++)
		hy_query_bind_int(q, 3 + i, poll->failure == (enum hy_poll_failure)i);
	hy_query_bind_int(q, 10, poll->seen);
	hy_query_bind_int(q, 11, poll->is_first ? 0 : poll->new_items);
	hy_query_bind_int(q, 12, poll->is_first ? poll->new_items : 0);
	hy_query_bind_int(q, 13, poll->lags.items);
	hy_query_bind_int(q, 14, poll->lags.mirror_ms);
	hy_query_bind_int(q, 15, poll->lags.mirror_max_ms);
	hy_query_bind_int(q, 16, poll->lags.poll_ms);
	hy_query_bind_int(q, 17, poll->lags.poll_max_ms);
	err = hy_query_run(q, NULL, e);
	return err == HY_OK ? write_expected(store, poll, rate, e) : err;
}

/* How long it waited in the queue, for those that were worth waiting for. */
static enum hy_err write_queued(struct hy_store *store, const struct hy_coverage_article *a,
				struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, queue_sql);

	bind_row(q, a->source, a->now, a->crawler, 0);
	hy_query_bind_text(q, 4, a->page);
	hy_query_bind_wall(q, 5, a->now);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_coverage_article(struct hy_store *store, const struct hy_coverage_article *a,
				struct hy_error *e)
{
	static const char *const kinds[] = {"deleted", "blocked", "empty", "list"};
	struct hy_query *q = hy_store_query(store, article_sql);
	bool is_counted = a->is_stored;
	enum hy_err err;

	bind_row(q, a->source, a->now, a->crawler, 11);
	hy_query_bind_int(q, 4, a->is_stored);
	hy_query_bind_int(q, 5, a->is_stored && a->is_suspicious);
	for (size_t i = 0; i < HY_COUNT(kinds); i++) {
		bool is_it = !a->is_stored && strcmp(a->kind, kinds[i]) == 0;

		hy_query_bind_int(q, 6 + (int)i, is_it);
		is_counted |= is_it;
	}
	hy_query_bind_int(q, 10, !is_counted);
	err = hy_query_run(q, NULL, e);
	return err == HY_OK && a->is_stored ? write_queued(store, a, e) : err;
}

enum hy_err hy_coverage_purge(struct hy_store *store, struct hy_wall before, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, purge_sql);
	char day[HY_DAY_BYTES];

	hy_query_bind_c(q, 1, hy_day_of(before, day));
	return hy_query_run(q, NULL, e);
}
