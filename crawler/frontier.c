#include "crawler/frontier.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "crawler/host_lease.h"
#include "crawler/identity.h"
#include "crawler/lease.h"

static const char add_sql[] =
	"INSERT INTO frontier (id, url, host, source, title, published_at, found_at, state, next_at,"
	" hops) VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued', $7, $8)"
	" ON CONFLICT (id) DO NOTHING";
/*
 * A lease of a row that is still leased means that the holder was lost on the way. Priorities
 * are all named, so that what is not due yet is not read.
 */
static const char lease_sql[] =
	"UPDATE frontier SET state = 'leased', lease_owner = $1, next_at = $2,"
	" crashes = crashes + (CASE WHEN state = 'leased' THEN 1 ELSE 0 END)"
	" WHERE id IN (SELECT id FROM frontier WHERE host = $3"
	" AND state IN ('queued', 'leased', 'revisit') AND priority IN (0, $6) AND next_at <= $4"
	" ORDER BY priority, next_at LIMIT $5 {skip_locked})"
	" RETURNING id, url, source, title, etag, last_modified, published_at, attempts, crashes,"
	" hops, visits, document";
static const char finish_sql[] =
	"UPDATE frontier SET state = $2, priority = $3, next_at = $4, attempts = $5, visits = $6,"
	" kind = COALESCE($7, kind), reason = $8, etag = $9, last_modified = $10,"
	" document = COALESCE($11, document), lease_owner = '' WHERE id = $1";
static const char move_sql[] =
	"UPDATE frontier SET url = $2, host = $3, hops = $4, state = 'queued', next_at = $5,"
	" etag = '', last_modified = '', lease_owner = '' WHERE id = $1";
static const char release_sql[] =
	"UPDATE frontier SET state = CASE WHEN visits > 0 THEN 'revisit' ELSE 'queued' END,"
	" next_at = $3, lease_owner = '' WHERE id = $1 AND state = 'leased' AND lease_owner = $2";
static const char release_owner_sql[] =
	"UPDATE frontier SET state = CASE WHEN visits > 0 THEN 'revisit' ELSE 'queued' END,"
	" next_at = $2, crashes = crashes + 1, lease_owner = ''"
	" WHERE state = 'leased' AND lease_owner = $1";
static const char wake_sql[] =
	"UPDATE host SET wake_at = $2 WHERE wake_at > $2"
	" AND host = (SELECT host FROM frontier WHERE id = $1)";
static const char wake_owner_sql[] =
	"UPDATE host SET wake_at = $2 WHERE wake_at > $2"
	" AND host IN (SELECT host FROM frontier WHERE state = 'leased' AND lease_owner = $1)";

static const char *const state_names[] = {"queued", "revisit", "done", "failed"};

enum hy_err hy_frontier_add(struct hy_store *store, const struct hy_frontier_link *link,
			    bool *out_new, struct hy_error *e)
{
	hy_cleanup(hy_free_p) char *host = hy_host_of(link->url);
	struct hy_query *q;
	struct hy_id id;
	int64_t changed = 0;
	enum hy_err err;

	if (!host || !hy_document_id(link->url, &id))
		return hy_fail(e, HY_ERR_MALFORMED, "not a usable address");
	q = hy_store_query(store, add_sql);
	hy_query_bind_text(q, 1, hy_id_str(&id));
	hy_query_bind_text(q, 2, link->url);
	hy_query_bind_c(q, 3, host);
	hy_query_bind_text(q, 4, link->source);
	hy_query_bind_text(q, 5, link->title);
	hy_query_bind_wall(q, 6, link->published_at);
	hy_query_bind_wall(q, 7, link->found_at);
	hy_query_bind_int(q, 8, link->hops);
	err = hy_query_run(q, &changed, e);
	if (err == HY_OK && changed)
		err = hy_host_wake(store, hy_str_of(host), link->found_at, e);
	if (err == HY_OK && out_new)
		*out_new = changed > 0;
	return err;
}

static void read_row(const struct hy_query *q, struct hy_job *job)
{
	job->id = hy_str_dup(hy_query_text(q, 0));
	job->url = hy_str_dup(hy_query_text(q, 1));
	job->source = hy_str_dup(hy_query_text(q, 2));
	job->title = hy_str_dup(hy_query_text(q, 3));
	job->etag = hy_str_dup(hy_query_text(q, 4));
	job->last_modified = hy_str_dup(hy_query_text(q, 5));
	job->published_at = hy_query_wall(q, 6);
	job->attempts = hy_query_int(q, 7);
	job->crashes = hy_query_int(q, 8);
	job->hops = hy_query_int(q, 9);
	job->visits = hy_query_int(q, 10);
	job->document = hy_str_dup(hy_query_text(q, 11));
}

static const struct hy_lease_kind pages = {
	.take = lease_sql,
	.has_priorities = true,
	.release = release_sql,
	.release_owner = release_owner_sql,
	.wake = wake_sql,
	.wake_owner = wake_owner_sql,
	.job = HY_JOB_ARTICLE,
	.read = read_row,
};

enum hy_err hy_frontier_lease(struct hy_store *store, struct hy_str host,
			      const struct hy_lease_terms *terms, struct hy_job **out,
			      struct hy_error *e)
{
	struct hy_lease_terms own = *terms;

	own.host = host;
	return hy_lease_take(store, &pages, &own, out, e);
}

static void bind_optional(struct hy_query *q, int parameter, struct hy_str text)
{
	if (text.n)
		hy_query_bind_text(q, parameter, text);
	else
		hy_query_bind_null(q, parameter);
}

enum hy_err hy_frontier_finish(struct hy_store *store, const char *id,
			       const struct hy_frontier_outcome *outcome, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, finish_sql);
	enum hy_err err;

	hy_query_bind_c(q, 1, id);
	hy_query_bind_c(q, 2, state_names[outcome->state]);
	hy_query_bind_int(q, 3, outcome->visits > 0);
	hy_query_bind_int(q, 4, hy_wall_known(outcome->next_at) ? outcome->next_at.ms : 0);
	hy_query_bind_int(q, 5, outcome->attempts);
	hy_query_bind_int(q, 6, outcome->visits);
	hy_query_bind_c(q, 7, outcome->kind);
	hy_query_bind_text(q, 8, outcome->reason);
	hy_query_bind_text(q, 9, outcome->etag);
	hy_query_bind_text(q, 10, outcome->last_modified);
	bind_optional(q, 11, outcome->document);
	err = hy_query_run(q, NULL, e);
	/* The host is looked at when the row's lease would end, anyway. */
	if (err != HY_OK || outcome->state > HY_FRONTIER_REVISIT ||
	    (outcome->held_until.ms > 0 && outcome->next_at.ms >= outcome->held_until.ms))
		return err;
	return hy_lease_wake(store, &pages, id, outcome->next_at, e);
}

enum hy_err hy_frontier_move(struct hy_store *store, const char *id,
			     const struct hy_frontier_link *to, struct hy_error *e)
{
	hy_cleanup(hy_free_p) char *host = hy_host_of(to->url);
	struct hy_query *q;
	enum hy_err err;

	if (!host)
		return hy_fail(e, HY_ERR_MALFORMED, "not a usable address");
	err = hy_host_wake(store, hy_str_of(host), to->found_at, e);
	if (err != HY_OK)
		return err;
	q = hy_store_query(store, move_sql);
	hy_query_bind_c(q, 1, id);
	hy_query_bind_text(q, 2, to->url);
	hy_query_bind_c(q, 3, host);
	hy_query_bind_int(q, 4, to->hops);
	hy_query_bind_wall(q, 5, to->found_at);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_frontier_release(struct hy_store *store, const struct hy_job *job,
				struct hy_str owner, struct hy_wall next_at, struct hy_error *e)
{
	struct hy_lease_end end = {.id = job->id, .owner = owner, .due_at = next_at};

	return hy_lease_release(store, &pages, &end, e);
}

enum hy_err hy_frontier_release_owner(struct hy_store *store, struct hy_str owner,
				      struct hy_wall now, struct hy_error *e)
{
	return hy_lease_release_owner(store, &pages, owner, now, e);
}
