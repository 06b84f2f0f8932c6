#include "crawler/lease.h"

#include "common/base/mem.h"

static struct hy_job *job_of_row(const struct hy_query *q, const struct hy_lease_kind *kind,
				 const struct hy_lease_terms *terms)
{
	struct hy_job *job = hy_xcalloc(1, sizeof *job);

	job->kind = kind->job;
	job->host = hy_str_dup(terms->host);
	job->published_at = HY_WALL_NONE;
	job->lease_until = terms->until;
	kind->read(q, job);
	return job;
}

enum hy_err hy_lease_take(struct hy_store *store, const struct hy_lease_kind *kind,
			  const struct hy_lease_terms *terms, struct hy_job **out,
			  struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, kind->take);
	struct hy_job *first = NULL, **end = &first;
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, terms->owner);
	hy_query_bind_wall(q, 2, terms->until);
	hy_query_bind_text(q, 3, terms->host);
	hy_query_bind_wall(q, 4, terms->now);
	hy_query_bind_int(q, 5, (int64_t)terms->max);
	if (kind->has_priorities)
		hy_query_bind_int(q, 6, !terms->new_only);
	while ((err = hy_query_next(q, &row, e)) == HY_OK && row) {
		*end = job_of_row(q, kind, terms);
		end = &(*end)->next;
	}
	if (err != HY_OK) {
		hy_jobs_free(first);
		return err;
	}
	*out = first;
	return HY_OK;
}

enum hy_err hy_lease_wake(struct hy_store *store, const struct hy_lease_kind *kind,
			  const char *id, struct hy_wall due_at, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, kind->wake);

	hy_query_bind_c(q, 1, id);
	hy_query_bind_wall(q, 2, due_at);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_lease_release(struct hy_store *store, const struct hy_lease_kind *kind,
			     const struct hy_lease_end *end, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, kind->release);
	int64_t changed = 0;
	enum hy_err err;

	hy_query_bind_c(q, 1, end->id);
	hy_query_bind_text(q, 2, end->owner);
	hy_query_bind_wall(q, 3, end->due_at);
	err = hy_query_run(q, &changed, e);
	return err == HY_OK && changed ? hy_lease_wake(store, kind, end->id, end->due_at, e) : err;
}

enum hy_err hy_lease_release_owner(struct hy_store *store, const struct hy_lease_kind *kind,
				   struct hy_str owner, struct hy_wall now, struct hy_error *e)
{
	const char *const steps[] = {kind->wake_owner, kind->release_owner};
	enum hy_err err = HY_OK;

	for (size_t i = 0; err == HY_OK && i < HY_COUNT(steps); i++) {
		struct hy_query *q = hy_store_query(store, steps[i]);

		hy_query_bind_text(q, 1, owner);
		hy_query_bind_wall(q, 2, now);
		err = hy_query_run(q, NULL, e);
	}
	return err;
}
