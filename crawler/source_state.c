#include "crawler/source_state.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "crawler/host_lease.h"
#include "crawler/identity.h"
#include "crawler/lease.h"
#include "crawler/url.h"

/* The sources decide, once all are known. */
#define LATER ((struct hy_wall){INT64_MAX})
#define URLS_BYTES ((size_t)HY_SOURCE_URLS_MAX * (HY_URL_MAX_BYTES + 1))

static const char deactivate_sql[] = "UPDATE source SET active = 0 WHERE active = 1";
static const char add_sql[] =
	"INSERT INTO source (id, name, kind, region, url, url_index, urls, host, active,"
	" interval_ms, quiet_ms, next_poll_at, goal_ms) VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8,"
	" $9, $10, $11, $12) ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind,"
	" region = excluded.region, active = excluded.active, interval_ms = excluded.interval_ms,"
	" quiet_ms = excluded.quiet_ms, goal_ms = excluded.goal_ms";
/* A shorter interval counts from now on; a running lease is not cut short by much. */
static const char hasten_sql[] =
	"UPDATE source SET next_poll_at = $2 WHERE id = $1 AND next_poll_at > $2"
	" AND failures = 0 AND lease_owner = ''";
static const char readdress_sql[] =
	"UPDATE source SET url = $2, url_index = 0, urls = $3, host = $4, hops = 0,"
	" next_poll_at = $5, lease_owner = '', etag = '', last_modified = '', content_hash = '',"
	" failures = 0, reason = '' WHERE id = $1 AND urls <> $3";
/* Whatever the configuration changed: no host is looked at later than it has a source due. */
static const char wake_all_sql[] =
	"UPDATE host SET wake_at = (SELECT MIN(s.next_poll_at) FROM source s"
	" WHERE s.host = host.host AND s.active = 1)"
	" WHERE host IN (SELECT s.host FROM source s WHERE s.active = 1)"
	" AND wake_at > (SELECT MIN(s.next_poll_at) FROM source s"
	" WHERE s.host = host.host AND s.active = 1)";
static const char lease_sql[] =
	"UPDATE source SET lease_owner = $1, next_poll_at = $2"
	" WHERE id IN (SELECT id FROM source WHERE host = $3 AND active = 1 AND next_poll_at <= $4"
	" ORDER BY next_poll_at LIMIT $5 {skip_locked})"
	" RETURNING id, url, etag, last_modified, content_hash, failures, hops, url_index";
static const char finish_sql[] =
	"UPDATE source SET url = $3, url_index = $4, host = $5, hops = $6, next_poll_at = $7,"
	" etag = $8, last_modified = $9, content_hash = $10, failures = $11, items = items + $12,"
	" last_polled_at = $13, last_success_at = COALESCE($14, last_success_at),"
	" last_new_at = COALESCE($15, last_new_at), reason = $16, lease_owner = ''"
	" WHERE id = $1 AND lease_owner = $2";
static const char release_sql[] =
	"UPDATE source SET next_poll_at = $3, lease_owner = '' WHERE id = $1 AND lease_owner = $2";
static const char wake_sql[] =
	"UPDATE host SET wake_at = $2 WHERE wake_at > $2"
	" AND host = (SELECT host FROM source WHERE id = $1)";
static const char wake_owner_sql[] =
	"UPDATE host SET wake_at = $2 WHERE wake_at > $2"
	" AND host IN (SELECT host FROM source WHERE lease_owner = $1)";
static const char held_sql[] = "SELECT 1 FROM source WHERE id = $1 AND lease_owner = $2";
static const char release_owner_sql[] =
	"UPDATE source SET next_poll_at = $2, lease_owner = '' WHERE lease_owner = $1";

static const char forgive_sql[] =
	"UPDATE source SET next_poll_at = $1 WHERE active = 1 AND failures > 0"
	" AND lease_owner = '' AND next_poll_at > $1";

static enum hy_err add_source(struct hy_store *store, const struct hy_source *s, const char *urls,
			      struct hy_wall now, struct hy_error *e)
{
	hy_cleanup(hy_free_p) char *host = hy_host_of(hy_str_of(s->urls[0]));
	struct hy_query *q = hy_store_query(store, add_sql);
	enum hy_err err;

	hy_query_bind_c(q, 1, s->id);
	hy_query_bind_c(q, 2, s->name);
	hy_query_bind_c(q, 3, hy_source_kind_name(s->kind));
	hy_query_bind_c(q, 4, s->region);
	hy_query_bind_c(q, 5, s->urls[0]);
	hy_query_bind_c(q, 6, urls);
	hy_query_bind_c(q, 7, host);
	hy_query_bind_int(q, 8, hy_source_is_valid_at(s, now));
	hy_query_bind_int(q, 9, s->interval_ms);
	hy_query_bind_int(q, 10, s->quiet_ms);
	hy_query_bind_wall(q, 11, now);
	hy_query_bind_int(q, 12, s->goal_ms);
	err = hy_query_run(q, NULL, e);
	if (err != HY_OK)
		return err;
	q = hy_store_query(store, readdress_sql);
	hy_query_bind_c(q, 1, s->id);
	hy_query_bind_c(q, 2, s->urls[0]);
	hy_query_bind_c(q, 3, urls);
	hy_query_bind_c(q, 4, host);
	hy_query_bind_wall(q, 5, now);
	err = hy_query_run(q, NULL, e);
	return err == HY_OK ? hy_host_wake(store, hy_str_of(host), LATER, e) : err;
}

static enum hy_err sync_one(struct hy_store *store, const struct hy_source *s, struct hy_wall now,
			    struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf urls = HY_BUF(URLS_BYTES + 1);
	struct hy_query *q;
	enum hy_err err;

	for (size_t i = 0; i < s->url_count; i++)
		hy_buf_addf(&urls, "%s\n", s->urls[i]);
	if (hy_buf_err(&urls) != HY_OK)
		return hy_fail(e, HY_ERR_LIMIT, "source %s: too many addresses", s->id);
	err = add_source(store, s, hy_buf_str(&urls).p, now, e);
	if (err != HY_OK)
		return err;
	/* A goal is not an interval: the rate decides. */
	if (s->goal_ms)
		return HY_OK;
	q = hy_store_query(store, hasten_sql);
	hy_query_bind_c(q, 1, s->id);
	hy_query_bind_wall(q, 2, hy_wall_add_ms(now, s->interval_ms));
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_source_state_sync(struct hy_store *store, const struct hy_sources *sources,
				 struct hy_wall now, struct hy_error *e)
{
	enum hy_err err = hy_query_run(hy_store_query(store, deactivate_sql), NULL, e);

	for (size_t i = 0; err == HY_OK && i < hy_sources_count(sources); i++)
		err = sync_one(store, hy_sources_at(sources, i), now, e);
	return err == HY_OK ? hy_query_run(hy_store_query(store, wake_all_sql), NULL, e) : err;
}

static void read_row(const struct hy_query *q, struct hy_job *job)
{
	job->id = hy_str_dup(hy_query_text(q, 0));
	job->source = hy_xstrdup(job->id);
	job->url = hy_str_dup(hy_query_text(q, 1));
	job->title = hy_xstrdup("");
	job->document = hy_xstrdup("");
	job->etag = hy_str_dup(hy_query_text(q, 2));
	job->last_modified = hy_str_dup(hy_query_text(q, 3));
	job->content_hash = hy_str_dup(hy_query_text(q, 4));
	job->attempts = hy_query_int(q, 5);
	job->hops = hy_query_int(q, 6);
	job->url_index = hy_query_int(q, 7);
}

static const struct hy_lease_kind polls = {
	.take = lease_sql,
	.release = release_sql,
	.release_owner = release_owner_sql,
	.wake = wake_sql,
	.wake_owner = wake_owner_sql,
	.job = HY_JOB_POLL,
	.read = read_row,
};

enum hy_err hy_source_state_lease(struct hy_store *store, struct hy_str host,
				  const struct hy_lease_terms *terms, struct hy_job **out,
				  struct hy_error *e)
{
	struct hy_lease_terms own = *terms;

	own.host = host;
	return hy_lease_take(store, &polls, &own, out, e);
}

enum hy_err hy_source_state_finish(struct hy_store *store, const char *id, struct hy_str owner,
				   const struct hy_poll_outcome *outcome, struct hy_error *e)
{
	hy_cleanup(hy_free_p) char *host = hy_host_of(outcome->url);
	struct hy_query *q = hy_store_query(store, finish_sql);
	enum hy_err err;

	if (!host)
		return hy_fail(e, HY_ERR_MALFORMED, "not a usable address");
	hy_query_bind_c(q, 1, id);
	hy_query_bind_text(q, 2, owner);
	hy_query_bind_text(q, 3, outcome->url);
	hy_query_bind_int(q, 4, outcome->url_index);
	hy_query_bind_c(q, 5, host);
	hy_query_bind_int(q, 6, outcome->hops);
	hy_query_bind_wall(q, 7, outcome->next_at);
	hy_query_bind_text(q, 8, outcome->etag);
	hy_query_bind_text(q, 9, outcome->last_modified);
	hy_query_bind_text(q, 10, outcome->content_hash);
	hy_query_bind_int(q, 11, outcome->failures);
	hy_query_bind_int(q, 12, outcome->new_items);
	hy_query_bind_wall(q, 13, outcome->now);
	hy_query_bind_wall(q, 14, outcome->success ? outcome->now : HY_WALL_NONE);
	hy_query_bind_wall(q, 15, outcome->new_items ? outcome->now : HY_WALL_NONE);
	hy_query_bind_text(q, 16, outcome->reason);
	err = hy_query_run(q, NULL, e);
	return err == HY_OK ? hy_host_wake(store, hy_str_of(host), outcome->next_at, e) : err;
}

enum hy_err hy_source_state_is_held(struct hy_store *store, const char *id, struct hy_str owner,
				    bool *out_held, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, held_sql);
	bool row, held = false;
	enum hy_err err;

	hy_query_bind_c(q, 1, id);
	hy_query_bind_text(q, 2, owner);
	while ((err = hy_query_next(q, &row, e)) == HY_OK && row)
		held = true;
	if (err == HY_OK)
		*out_held = held;
	return err;
}

enum hy_err hy_source_state_release(struct hy_store *store, const char *id, struct hy_str owner,
				    struct hy_wall next_at, struct hy_error *e)
{
	struct hy_lease_end end = {.id = id, .owner = owner, .due_at = next_at};

	return hy_lease_release(store, &polls, &end, e);
}

enum hy_err hy_source_state_release_owner(struct hy_store *store, struct hy_str owner,
					  struct hy_wall now, struct hy_error *e)
{
	return hy_lease_release_owner(store, &polls, owner, now, e);
}

enum hy_err hy_source_state_forgive(struct hy_store *store, struct hy_wall now, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, forgive_sql);
	enum hy_err err;

	hy_query_bind_wall(q, 1, now);
	err = hy_query_run(q, NULL, e);
	return err == HY_OK ? hy_query_run(hy_store_query(store, wake_all_sql), NULL, e) : err;
}
