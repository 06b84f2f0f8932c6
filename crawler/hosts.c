#include "crawler/hosts.h"

#include <stdio.h>

#include "common/base/map.h"
#include "common/base/mem.h"

#define FLUSH_MAX 1000	/* hosts in one change; the rest waits for the next */

static const char load_sql[] =
	"SELECT next_allowed_at, paused_until, pauses, lease_owner, reason FROM host WHERE host = $1";
static const char save_sql[] =
	"UPDATE host SET next_allowed_at = $2, paused_until = $3, pauses = $4, reason = $5"
	" WHERE host = $1";
static const char impact_sql[] =
	"INSERT INTO impact (host, day, requests, bytes, errors) VALUES ($1, $2, $3, $4, $5)"
	" ON CONFLICT (host, day) DO UPDATE SET requests = impact.requests + excluded.requests,"
	" bytes = impact.bytes + excluded.bytes, errors = impact.errors + excluded.errors";
/* All priorities there are: named, so that the index is entered at next_at, too. */
static const char due_sql[] =
	"SELECT h.host FROM host h WHERE (h.lease_owner = $1 OR h.lease_until <= $2)"
	" AND h.paused_until <= $2 AND h.rest_until <= $2"
	" AND (EXISTS (SELECT 1 FROM frontier f WHERE f.host = h.host"
	" AND f.state IN ('queued', 'leased', 'revisit') AND f.priority IN (0, 1)"
	" AND f.next_at <= $2)"
	" OR EXISTS (SELECT 1 FROM source s WHERE s.host = h.host AND s.active = 1"
	" AND s.next_poll_at <= $2)) ORDER BY h.claimed_at, h.host LIMIT $3";
static const char claim_sql[] =
	"UPDATE host SET lease_owner = $2, lease_until = $4, claimed_at = $3,"
	" rest_reason = '' WHERE host = $1"
	" AND (lease_owner = $2 OR lease_until <= $3)";

struct hy_hosts {
	struct hy_store *store;
	struct hy_map by_name;
	struct hy_host *first_active, **last_active;
	size_t waiting_jobs;
};

/* ---- in memory ---- */

struct hy_hosts *hy_hosts_new(struct hy_store *store)
{
	struct hy_hosts *hosts = hy_xcalloc(1, sizeof *hosts);

	hosts->store = store;
	hosts->last_active = &hosts->first_active;
	hy_map_init(&hosts->by_name, HY_HOSTS_MAX);
	return hosts;
}

static void host_free(struct hy_host *host)
{
	hy_jobs_free(host->first_job);
	hy_robots_entries_free(host->robots);
	free(host->name);
	free(host);
}

void hy_hosts_free(struct hy_hosts *hosts)
{
	size_t pos = 0;
	void *host;

	if (!hosts)
		return;
	while (hy_map_next(&hosts->by_name, &pos, NULL, &host))
		host_free(host);
	hy_map_fini(&hosts->by_name);
	free(hosts);
}

struct hy_host *hy_hosts_find(const struct hy_hosts *hosts, struct hy_str name)
{
	return hy_map_get(&hosts->by_name, name);
}

static struct hy_mono mono_of(struct hy_wall at, struct hy_mono now, struct hy_wall wall)
{
	int64_t ms = hy_wall_known(at) ? at.ms - wall.ms : 0;

	/* A clock that was set back must not silence a host for longer than any pause. */
	if (ms > HY_PAUSE_MAX_MS)
		ms = HY_PAUSE_MAX_MS;
	return hy_mono_add_ms(now, ms > 0 ? ms : 0);
}

static void load(struct hy_hosts *hosts, struct hy_host *host, struct hy_mono now,
		 struct hy_wall wall)
{
	struct hy_query *q = hy_store_query(hosts->store, load_sql);
	bool row = false;

	hy_query_bind_c(q, 1, host->name);
	if (hy_query_next(q, &row, NULL) != HY_OK || !row)
		return;
	host->pace.next_at = mono_of(hy_query_wall(q, 0), now, wall);
	host->pace.paused_until = mono_of(hy_query_wall(q, 1), now, wall);
	host->pace.pauses = hy_query_int(q, 2);
	host->owes_delay = hy_query_text(q, 3).n > 0;
	(void)snprintf(host->reason, sizeof host->reason, "%.*s",
		       HY_STR_ARGS(hy_query_text(q, 4)));
	hy_query_reset(q);
}

struct hy_host *hy_hosts_get(struct hy_hosts *hosts, struct hy_str name, struct hy_mono now,
			     struct hy_wall wall)
{
	struct hy_host *host = hy_hosts_find(hosts, name);

	if (host)
		return host;
	host = hy_xcalloc(1, sizeof *host);
	host->name = hy_str_dup(name);
	host->last_job = &host->first_job;
	host->used_at = now;
	hy_pace_init(&host->pace, now);
	if (hy_map_set(&hosts->by_name, name, host) != HY_OK) {
		host_free(host);
		return NULL;
	}
	load(hosts, host, now, wall);
	return host;
}

struct hy_host *hy_hosts_active(const struct hy_hosts *hosts)
{
	return hosts->first_active;
}

size_t hy_hosts_waiting_jobs(const struct hy_hosts *hosts)
{
	return hosts->waiting_jobs;
}

void hy_hosts_push(struct hy_hosts *hosts, struct hy_host *host, struct hy_job *job)
{
	if (!host->job_count++) {
		host->next_active = NULL;
		host->active_link = hosts->last_active;
		*hosts->last_active = host;
		hosts->last_active = &host->next_active;
	}
	hosts->waiting_jobs++;
	job->next = NULL;
	*host->last_job = job;
	host->last_job = &job->next;
}

static void leave_active(struct hy_hosts *hosts, struct hy_host *host)
{
	*host->active_link = host->next_active;
	if (host->next_active)
		host->next_active->active_link = host->active_link;
	else
		hosts->last_active = host->active_link;
}

struct hy_job *hy_hosts_pop(struct hy_hosts *hosts, struct hy_host *host)
{
	struct hy_job *job = host->first_job;

	host->first_job = job->next;
	if (!host->first_job)
		host->last_job = &host->first_job;
	job->next = NULL;
	hosts->waiting_jobs--;
	if (!--host->job_count)
		leave_active(hosts, host);
	return job;
}

void hy_host_count(struct hy_host *host, int64_t bytes, bool is_error)
{
	host->requests++;
	host->bytes += bytes;
	host->errors += is_error;
	host->is_dirty = true;
}

void hy_hosts_sweep(struct hy_hosts *hosts, struct hy_mono now, int64_t idle_ms)
{
	struct hy_host *idle[64];
	size_t count = 0, pos = 0;
	void *value;

	/* The map may not change while it is walked; what does not fit goes next time. */
	while (count < HY_COUNT(idle) && hy_map_next(&hosts->by_name, &pos, NULL, &value)) {
		struct hy_host *host = value;

		if (!host->job_count && !host->is_busy && !host->is_dirty &&
		    hy_mono_diff_ms(now, host->used_at) > idle_ms)
			idle[count++] = host;
	}
	for (size_t i = 0; i < count; i++) {
		(void)hy_map_remove(&hosts->by_name, hy_str_of(idle[i]->name));
		host_free(idle[i]);
	}
}

/* ---- flushing ---- */

struct flush_row {
	char *host;
	struct hy_wall next_allowed_at, paused_until;
	int64_t pauses, requests, bytes, errors;
	char reason[sizeof(((struct hy_host *)NULL)->reason)];
};

struct flush {
	struct hy_change change;
	char day[16];
	struct flush_row *rows;
	size_t count, cap;
};

static enum hy_err write_row(const struct flush_row *row, const char *day, struct hy_store *store,
			     struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, save_sql);
	enum hy_err err;

	hy_query_bind_c(q, 1, row->host);
	hy_query_bind_wall(q, 2, row->next_allowed_at);
	hy_query_bind_wall(q, 3, row->paused_until);
	hy_query_bind_int(q, 4, row->pauses);
	hy_query_bind_c(q, 5, row->reason);
	err = hy_query_run(q, NULL, e);
	if (err != HY_OK || !row->requests)
		return err;
	q = hy_store_query(store, impact_sql);
	hy_query_bind_c(q, 1, row->host);
	hy_query_bind_c(q, 2, day);
	hy_query_bind_int(q, 3, row->requests);
	hy_query_bind_int(q, 4, row->bytes);
	hy_query_bind_int(q, 5, row->errors);
	return hy_query_run(q, NULL, e);
}

static enum hy_err write_flush(struct hy_change *change, struct hy_store *store, struct hy_error *e)
{
	struct flush *f = hy_container_of(change, struct flush, change);
	enum hy_err err = HY_OK;

	for (size_t i = 0; err == HY_OK && i < f->count; i++)
		err = write_row(&f->rows[i], f->day, store, e);
	return err;
}

static void end_flush(struct hy_change *change, bool committed)
{
	struct flush *f = hy_container_of(change, struct flush, change);

	(void)committed;
	for (size_t i = 0; i < f->count; i++)
		free(f->rows[i].host);
	free(f->rows);
	free(f);
}

static const struct hy_change_type flush_type = {"hosts", write_flush, end_flush};

static void add_row(struct flush *f, struct hy_host *host, struct hy_mono now, struct hy_wall wall)
{
	struct flush_row *row;

	f->rows = hy_grow(f->rows, &f->cap, f->count + 1, sizeof *f->rows);
	row = &f->rows[f->count++];
	*row = (struct flush_row){
		.host = hy_xstrdup(host->name),
		.next_allowed_at = hy_wall_add_ms(wall, hy_mono_diff_ms(host->pace.next_at, now)),
		.paused_until = hy_wall_add_ms(wall, hy_mono_diff_ms(host->pace.paused_until, now)),
		.pauses = host->pace.pauses,
		.requests = host->requests,
		.bytes = host->bytes,
		.errors = host->errors,
	};
	if (hy_pace_is_paused(&host->pace, now))
		memcpy(row->reason, host->reason, sizeof row->reason);
	host->requests = host->bytes = host->errors = 0;
	host->is_dirty = false;
}

static struct flush *flush_new(struct hy_wall wall)
{
	struct hy_civil day = hy_civil_of(wall, HY_CST_OFFSET_MIN);
	struct flush *f = hy_xcalloc(1, sizeof *f);

	f->change.type = &flush_type;
	(void)snprintf(f->day, sizeof f->day, "%04d-%02d-%02d", day.year % 10000, day.month % 100,
		       day.day % 100);
	return f;
}

struct hy_change *hy_host_flush(struct hy_host *host, struct hy_mono now, struct hy_wall wall)
{
	struct flush *f = flush_new(wall);

	add_row(f, host, now, wall);
	return &f->change;
}

struct hy_change *hy_hosts_flush(struct hy_hosts *hosts, struct hy_mono now, struct hy_wall wall)
{
	struct flush *f = NULL;
	size_t pos = 0;
	void *value;

	while (hy_map_next(&hosts->by_name, &pos, NULL, &value)) {
		struct hy_host *host = value;

		if (!host->is_dirty)
			continue;
		if (!f)
			f = flush_new(wall);
		add_row(f, host, now, wall);
		if (f->count == FLUSH_MAX)
			break;
	}
	return f ? &f->change : NULL;
}

/* ---- in the store ---- */

enum hy_err hy_hosts_due(struct hy_store *store, const struct hy_lease_terms *terms, char **out,
			 size_t *out_count, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, due_sql);
	size_t count = 0;
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, terms->owner);
	hy_query_bind_wall(q, 2, terms->now);
	hy_query_bind_int(q, 3, (int64_t)terms->max);
	while ((err = hy_query_next(q, &row, e)) == HY_OK && row && count < terms->max)
		out[count++] = hy_str_dup(hy_query_text(q, 0));
	hy_query_reset(q);
	if (err == HY_OK)
		*out_count = count;
	else
		while (count)
			free(out[--count]);
	return err;
}

enum hy_err hy_hosts_claim(struct hy_store *store, struct hy_str name,
			   const struct hy_lease_terms *terms, bool *out_mine, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, claim_sql);
	int64_t changed = 0;
	enum hy_err err;

	hy_query_bind_text(q, 1, name);
	hy_query_bind_text(q, 2, terms->owner);
	hy_query_bind_wall(q, 3, terms->now);
	hy_query_bind_wall(q, 4, terms->until);
	err = hy_query_run(q, &changed, e);
	if (err == HY_OK)
		*out_mine = changed > 0;
	return err;
}
