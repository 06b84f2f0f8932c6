#include "crawler/hosts.h"

#include <stdio.h>

#include "common/base/map.h"
#include "common/base/mem.h"

#define FLUSH_MAX 1000	/* hosts in one change; the rest waits for the next */

static const char impact_sql[] =
	"INSERT INTO impact (host, day, requests, bytes, errors) VALUES ($1, $2, $3, $4, $5)"
	" ON CONFLICT (host, day) DO UPDATE SET requests = impact.requests + excluded.requests,"
	" bytes = impact.bytes + excluded.bytes, errors = impact.errors + excluded.errors";

struct hy_hosts {
	const char *owner;
	struct hy_map by_name;
	struct hy_host *first_active, **last_active;
	struct hy_host *first_idle, **last_idle;
	size_t waiting_jobs, working;
};

/* ---- in memory ---- */

struct hy_hosts *hy_hosts_new(const char *owner)
{
	struct hy_hosts *hosts = hy_xcalloc(1, sizeof *hosts);

	hosts->owner = owner;
	hosts->last_active = &hosts->first_active;
	hosts->last_idle = &hosts->first_idle;
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

static struct hy_mono later_of(struct hy_mono a, struct hy_mono b)
{
	return a.ns > b.ns ? a : b;
}

struct hy_host *hy_hosts_get(struct hy_hosts *hosts, struct hy_str name, struct hy_mono now)
{
	struct hy_host *host = hy_hosts_find(hosts, name);

	if (host)
		return host;
	host = hy_xcalloc(1, sizeof *host);
	host->name = hy_str_dup(name);
	host->last_job = &host->first_job;
	host->used_at = now;
	host->delay_ms = -1;
	hy_pace_init(&host->pace, now);
	if (hy_map_set(&hosts->by_name, name, host) != HY_OK) {
		host_free(host);
		return NULL;
	}
	return host;
}

/* ---- held for nothing ---- */

static void leave_idle(struct hy_hosts *hosts, struct hy_host *host)
{
	if (!host->idle_link)
		return;
	*host->idle_link = host->next_idle;
	if (host->next_idle)
		host->next_idle->idle_link = host->idle_link;
	else
		hosts->last_idle = host->idle_link;
	host->next_idle = NULL;
	host->idle_link = NULL;
}

static void settle(struct hy_hosts *hosts, struct hy_host *host)
{
	bool is_working = host->job_count || host->is_busy;

	if (is_working != host->is_working) {
		host->is_working = is_working;
		if (is_working)
			hosts->working++;
		else
			hosts->working--;
	}
	if (!host->is_held || is_working) {
		leave_idle(hosts, host);
		return;
	}
	if (host->idle_link)
		return;
	host->next_idle = NULL;
	host->idle_link = hosts->last_idle;
	*hosts->last_idle = host;
	hosts->last_idle = &host->next_idle;
}

void hy_hosts_hold(struct hy_hosts *hosts, struct hy_host *host,
		   const struct hy_host_memory *memory, struct hy_mono now, struct hy_wall wall)
{
	struct hy_pace *pace = &host->pace;

	if (!host->is_held || !memory->was_mine) {
		pace->next_at = later_of(pace->next_at,
					 mono_of(memory->next_allowed_at, now, wall));
		pace->paused_until = later_of(pace->paused_until,
					      mono_of(memory->paused_until, now, wall));
		pace->pauses = memory->pauses;
		host->owes_delay = memory->owes_delay;
		(void)snprintf(host->reason, sizeof host->reason, "%s", memory->reason);
	}
	host->is_held = true;
	host->used_at = now;
	settle(hosts, host);
}

void hy_hosts_set_busy(struct hy_hosts *hosts, struct hy_host *host, bool is_busy)
{
	host->is_busy = is_busy;
	settle(hosts, host);
}

struct hy_host *hy_hosts_active(const struct hy_hosts *hosts)
{
	return hosts->first_active;
}

size_t hy_hosts_working(const struct hy_hosts *hosts)
{
	return hosts->working;
}

size_t hy_hosts_waiting_jobs(const struct hy_hosts *hosts)
{
	return hosts->waiting_jobs;
}

static void join_active(struct hy_hosts *hosts, struct hy_host *host)
{
	host->next_active = NULL;
	host->active_link = hosts->last_active;
	*hosts->last_active = host;
	hosts->last_active = &host->next_active;
}

void hy_hosts_push(struct hy_hosts *hosts, struct hy_host *host, struct hy_job *job)
{
	if (!host->job_count++)
		join_active(hosts, host);
	host->delay_ms = job->delay_ms;
	hosts->waiting_jobs++;
	job->next = NULL;
	*host->last_job = job;
	host->last_job = &job->next;
	settle(hosts, host);
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
	leave_active(hosts, host);
	if (--host->job_count)
		join_active(hosts, host);
	settle(hosts, host);
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
		leave_idle(hosts, idle[i]);
		(void)hy_map_remove(&hosts->by_name, hy_str_of(idle[i]->name));
		host_free(idle[i]);
	}
}

/* ---- flushing ---- */

struct flush_row {
	char *host;
	struct hy_host_memory memory;
	bool is_given_back, has_more;
	int64_t requests, bytes, errors;
};

struct flush {
	struct hy_change change;
	struct hy_str owner;
	struct hy_wall now;
	char day[16];
	struct flush_row *rows;
	size_t count, cap;
};

static enum hy_err write_impact(const struct flush *f, const struct flush_row *row,
				struct hy_store *store, struct hy_error *e)
{
	struct hy_query *q;

	if (!row->requests)
		return HY_OK;
	q = hy_store_query(store, impact_sql);
	hy_query_bind_c(q, 1, row->host);
	hy_query_bind_c(q, 2, f->day);
	hy_query_bind_int(q, 3, row->requests);
	hy_query_bind_int(q, 4, row->bytes);
	hy_query_bind_int(q, 5, row->errors);
	return hy_query_run(q, NULL, e);
}

static enum hy_err write_row(const struct flush *f, const struct flush_row *row,
			     struct hy_store *store, struct hy_error *e)
{
	struct hy_str host = hy_str_of(row->host);
	enum hy_err err = hy_host_save(store, host, f->owner, &row->memory, e);

	if (err == HY_OK && row->is_given_back)
		err = hy_host_give_back(store, host, f->owner, e);
	if (err == HY_OK && row->has_more)
		err = hy_host_wake(store, host, f->now, e);
	return err == HY_OK ? write_impact(f, row, store, e) : err;
}

static enum hy_err write_flush(struct hy_change *change, struct hy_store *store, struct hy_error *e)
{
	struct flush *f = hy_container_of(change, struct flush, change);
	enum hy_err err = HY_OK;

	for (size_t i = 0; err == HY_OK && i < f->count; i++)
		err = write_row(f, &f->rows[i], store, e);
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

static struct flush_row *add_row(struct flush *f, struct hy_host *host, struct hy_mono now)
{
	const struct hy_pace *pace = &host->pace;
	struct flush_row *row;

	f->rows = hy_grow(f->rows, &f->cap, f->count + 1, sizeof *f->rows);
	row = &f->rows[f->count++];
	*row = (struct flush_row){
		.host = hy_xstrdup(host->name),
		.memory = {
			.next_allowed_at = hy_wall_add_ms(f->now, hy_mono_diff_ms(pace->next_at, now)),
			.paused_until = hy_wall_add_ms(f->now,
						       hy_mono_diff_ms(pace->paused_until, now)),
			.pauses = pace->pauses,
			.owes_delay = host->owes_delay,
		},
		.requests = host->requests,
		.bytes = host->bytes,
		.errors = host->errors,
	};
	if (hy_pace_is_paused(pace, now))
		memcpy(row->memory.reason, host->reason, sizeof host->reason);
	host->requests = host->bytes = host->errors = 0;
	host->is_dirty = false;
	return row;
}

static struct flush *flush_new(const struct hy_hosts *hosts, struct hy_wall wall)
{
	struct hy_civil day = hy_civil_of(wall, HY_CST_OFFSET_MIN);
	struct flush *f = hy_xcalloc(1, sizeof *f);

	f->change.type = &flush_type;
	f->owner = hy_str_of(hosts->owner);
	f->now = wall;
	(void)snprintf(f->day, sizeof f->day, "%04d-%02d-%02d", day.year % 10000, day.month % 100,
		       day.day % 100);
	return f;
}

struct hy_change *hy_host_flush(struct hy_hosts *hosts, struct hy_host *host, struct hy_mono now,
				struct hy_wall wall)
{
	struct flush *f = flush_new(hosts, wall);

	(void)add_row(f, host, now);
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
			f = flush_new(hosts, wall);
		(void)add_row(f, host, now);
		if (f->count == FLUSH_MAX)
			break;
	}
	return f ? &f->change : NULL;
}

struct hy_change *hy_hosts_give_back(struct hy_hosts *hosts, struct hy_mono now,
				     struct hy_wall wall)
{
	struct flush *f = NULL;

	while (hosts->first_idle && (!f || f->count < FLUSH_MAX)) {
		struct hy_host *host = hosts->first_idle;
		struct flush_row *row;

		if (!f)
			f = flush_new(hosts, wall);
		row = add_row(f, host, now);
		row->is_given_back = true;
		row->has_more = host->has_more;
		host->is_held = host->has_more = false;
		leave_idle(hosts, host);
	}
	return f ? &f->change : NULL;
}
