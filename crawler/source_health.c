#include "crawler/source_health.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "crawler/source_alarm.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define MILLI 1000

static const char past_sql[] =
	"SELECT s.last_polled_at, s.last_success_at, s.last_new_at, h.successes,"
	" h.failing_since, h.gaps, h.per_day_milli, h.rate"
	" FROM source s LEFT JOIN source_health h ON h.source = s.id WHERE s.id = $1";
static const char polled_sql[] =
	"INSERT INTO source_health (source, added_at, failure, failing_since, successes, robots,"
	" robots_at, gaps, per_day_milli, gap_milli, rate)"
	" VALUES ($1, $2, $3, $4, $5, $6, $2, $7, $8, $9, $10)"
	" ON CONFLICT (source) DO UPDATE SET failure = excluded.failure,"
	" failing_since = excluded.failing_since, successes = excluded.successes,"
	" robots = excluded.robots, robots_at = excluded.robots_at, gaps = excluded.gaps,"
	" per_day_milli = excluded.per_day_milli, gap_milli = excluded.gap_milli,"
	" rate = excluded.rate";
static const char own_sql[] =
	"INSERT INTO source_health (source, added_at, owner) VALUES ($1, $2, $3)"
	" ON CONFLICT (source) DO UPDATE SET owner = excluded.owner"
	" WHERE source_health.owner <> excluded.owner";
static const char facts_sql[] =
	"SELECT h.added_at, s.last_polled_at, s.last_success_at, s.last_new_at, s.failures,"
	" h.successes, h.failure, h.failing_since, h.gaps, h.gap_milli, h.owner"
	" FROM source s JOIN source_health h ON h.source = s.id WHERE s.id = $1";
static const char sums_sql[] =
	"SELECT COALESCE(SUM(CASE WHEN day >= $2 THEN stored - suspicious ELSE 0 END), 0),"
	" COALESCE(SUM(CASE WHEN day >= $2 THEN suspicious + empty + list ELSE 0 END), 0),"
	" COALESCE(SUM(CASE WHEN day < $4 THEN expected_milli ELSE 0 END), 0),"
	" COALESCE(SUM(CASE WHEN day < $4 THEN items_new ELSE 0 END), 0)"
	" FROM coverage WHERE source = $1 AND day >= $3";

enum hy_err hy_source_past_load(struct hy_store *store, struct hy_str source,
				struct hy_source_past *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, past_sql);
	struct hy_source_past past = {HY_WALL_NONE, HY_WALL_NONE, HY_WALL_NONE, .failing_since =
				      HY_WALL_NONE};
	enum hy_err err;
	bool row;

	hy_rate_init(&past.rate);
	hy_query_bind_text(q, 1, source);
	err = hy_query_next(q, &row, e);
	if (err != HY_OK)
		return err;
	if (row) {
		past.polled_at = hy_query_wall(q, 0);
		past.success_at = hy_query_wall(q, 1);
		past.new_at = hy_query_wall(q, 2);
		past.successes = hy_query_int(q, 3);
		past.failing_since = hy_query_wall(q, 4);
		past.per_day_milli = hy_query_int(q, 6);
		/* What cannot be read begins anew. */
		(void)hy_gaps_decode(hy_query_text(q, 5), &past.gaps);
		(void)hy_rate_decode(hy_query_text(q, 7), &past.rate);
		hy_query_reset(q);
	}
	*out = past;
	return HY_OK;
}

static int64_t milli_of(double items)
{
	return (int64_t)(items * MILLI + 0.5);
}

/*
 * Expected since something new came last, at the rate that the source had then: a rate learned
 * during the silence would take the silence for usual.
 */
static int64_t gap_of(const struct hy_source_past *past, const struct hy_rate *rate,
		      struct hy_wall now)
{
	double expected, slower;

	if (!hy_wall_known(past->new_at))
		return 0;
	expected = hy_rate_expected(rate, past->new_at, now);
	slower = (double)past->per_day_milli / (MILLI * hy_rate_per_day(rate));
	return milli_of(past->per_day_milli ? expected * slower : expected);
}

static const char *robots_verdict(const struct hy_coverage_poll *poll)
{
	if (poll->is_robots_unknown)
		return "unreachable";
	return poll->failure == HY_POLL_FAILURE_ROBOTS ? "disallowed" : "allowed";
}

static void bind_times(struct hy_query *q, const struct hy_source_past *past,
		       const struct hy_coverage_poll *poll)
{
	bool failed = poll->failure != HY_POLL_FAILURE_NONE;
	struct hy_wall since = HY_WALL_NONE;

	if (failed)
		since = hy_wall_known(past->failing_since) ? past->failing_since : poll->now;
	hy_query_bind_text(q, 1, poll->source);
	hy_query_bind_wall(q, 2, poll->now);
	hy_query_bind_c(q, 3, hy_poll_failure_id(poll->failure));
	hy_query_bind_wall(q, 4, since);
	hy_query_bind_int(q, 5, failed ? 0 : past->successes + 1);
	hy_query_bind_c(q, 6, robots_verdict(poll));
}

static enum hy_err remember(struct hy_store *store, const struct hy_source_past *past,
			    const struct hy_coverage_poll *poll, const struct hy_rate *rate,
			    struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf gaps = HY_BUF(HY_GAPS_TEXT_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_RATE_TEXT_BYTES);
	struct hy_query *q = hy_store_query(store, polled_sql);
	int64_t per_day = past->per_day_milli;

	if (poll->new_items)
		per_day = milli_of(hy_rate_per_day(rate));
	hy_gaps_encode(&past->gaps, &gaps);
	hy_rate_encode(rate, &text);
	if (hy_buf_err(&gaps) != HY_OK || hy_buf_err(&text) != HY_OK)
		return hy_fail(e, HY_ERR_LIMIT, "health of a source: too long");
	bind_times(q, past, poll);
	hy_query_bind_text(q, 7, hy_buf_str(&gaps));
	hy_query_bind_int(q, 8, per_day);
	hy_query_bind_int(q, 9, poll->new_items ? 0 : gap_of(past, rate, poll->now));
	hy_query_bind_text(q, 10, hy_buf_str(&text));
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_source_health_polled(struct hy_store *store, const struct hy_source_past *past,
				    const struct hy_coverage_poll *poll, struct hy_error *e)
{
	struct hy_source_past after = *past;
	struct hy_wall raised_at[HY_TROUBLE_COUNT];
	enum hy_err err = hy_source_alarm_open(store, poll->source, raised_at, e);

	/* A silence that was alarmed is not a usual gap. */
	if (poll->new_items && !poll->is_first && hy_wall_known(past->new_at) &&
	    !hy_wall_known(raised_at[HY_TROUBLE_SILENT]))
		hy_gaps_add(&after.gaps, gap_of(past, &past->rate, poll->now));
	if (poll->failure == HY_POLL_FAILURE_NONE)
		hy_rate_observe(&after.rate, poll->now, poll->times, (size_t)poll->new_items);
	if (err == HY_OK)
		err = remember(store, &after, poll, &after.rate, e);
	return err == HY_OK ? hy_coverage_poll(store, poll, &after.rate, e) : err;
}

enum hy_err hy_source_health_own(struct hy_store *store, struct hy_str source, struct hy_str owner,
				 struct hy_wall now, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, own_sql);

	hy_query_bind_text(q, 1, source);
	hy_query_bind_wall(q, 2, now);
	hy_query_bind_text(q, 3, owner);
	return hy_query_run(q, NULL, e);
}

static enum hy_err read_sums(struct hy_store *store, struct hy_str source, struct hy_wall now,
			     struct hy_health_facts *f, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, sums_sql);
	char today[HY_DAY_BYTES], yesterday[HY_DAY_BYTES], week_ago[HY_DAY_BYTES];
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, source);
	hy_query_bind_c(q, 2, hy_day_of(hy_wall_add_ms(now, -DAY_MS), yesterday));
	hy_query_bind_c(q, 3, hy_day_of(hy_wall_add_ms(now, -7 * DAY_MS), week_ago));
	hy_query_bind_c(q, 4, hy_day_of(now, today));
	err = hy_query_next(q, &row, e);
	if (err != HY_OK || !row)
		return err;
	f->read_well = hy_query_int(q, 0);
	f->read_badly = hy_query_int(q, 1);
	f->expected_week_milli = hy_query_int(q, 2);
	f->new_week = hy_query_int(q, 3);
	hy_query_reset(q);
	return HY_OK;
}

static void read_facts(const struct hy_query *q, struct hy_health_facts *f)
{
	f->added_at = hy_query_wall(q, 0);
	f->polled_at = hy_query_wall(q, 1);
	f->success_at = hy_query_wall(q, 2);
	f->new_at = hy_query_wall(q, 3);
	f->failures = hy_query_int(q, 4);
	f->successes = hy_query_int(q, 5);
	(void)hy_poll_failure_parse(hy_query_text(q, 6), &f->failure);
	f->failing_since = hy_query_wall(q, 7);
	(void)hy_gaps_decode(hy_query_text(q, 8), &f->gaps);
	f->gap_milli = hy_query_int(q, 9);
}

enum hy_err hy_source_health_facts(struct hy_store *store, const struct hy_source *source,
				   struct hy_wall now, struct hy_health_facts *out,
				   struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, facts_sql);
	struct hy_health_facts facts = {
		.addresses = (int64_t)source->url_count, .every_ms = source->interval_ms,
		.quiet_ms = source->quiet_ms, .is_quiet_given = source->is_quiet_given,
		.added_at = HY_WALL_NONE};
	struct hy_str id = hy_str_of(source->id);
	bool row;
	enum hy_err err;

	hy_query_bind_text(q, 1, id);
	err = hy_query_next(q, &row, e);
	if (err == HY_OK && row) {
		read_facts(q, &facts);
		facts.is_owned = hy_str_eq_c(hy_query_text(q, 10), source->owner);
		hy_query_reset(q);
		err = read_sums(store, id, now, &facts, e);
	}
	if (err == HY_OK)
		err = hy_source_alarm_open(store, id, facts.raised_at, e);
	if (err != HY_OK)
		return err;
	*out = facts;
	return HY_OK;
}
