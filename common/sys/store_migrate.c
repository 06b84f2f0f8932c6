/* Schema versions: every step in a transaction of its own, behind the engine's schema lock. */
#include "common/base/mem.h"
#include "common/sys/store.h"
#include "common/sys/store_driver.h"

static const char create_sql[] =
	"CREATE TABLE IF NOT EXISTS huiying_schema ("
	"component TEXT NOT NULL, version INTEGER NOT NULL, applied_at INTEGER NOT NULL, "
	"PRIMARY KEY (component, version));";
static const char version_sql[] =
	"SELECT coalesce(max(version), 0) FROM huiying_schema WHERE component = $1";
static const char applied_sql[] =
	"INSERT INTO huiying_schema (component, version, applied_at) VALUES ($1, $2, $3)";

struct plan {
	const char *component;
	const struct hy_migration *steps;
	size_t count;
};

static enum hy_err read_version(struct hy_store *s, const char *component, int64_t *out,
				struct hy_error *e)
{
	struct hy_query *q = hy_store_query(s, version_sql);
	bool row = false;
	enum hy_err err;

	hy_query_bind_c(q, 1, component);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	if (row)
		*out = hy_query_int(q, 0);
	hy_query_reset(q);
	return HY_OK;
}

static enum hy_err apply(struct hy_store *s, const char *component,
			 const struct hy_migration *step, struct hy_error *e)
{
	const char *own = s->driver->engine == HY_STORE_SQLITE ? step->sqlite : step->postgres;
	struct hy_query *q;
	enum hy_err err = s->driver->run_script(s, step->sql, e);

	if (!err && own)
		err = s->driver->run_script(s, own, e);
	if (err)
		return hy_fail_in(e, err, "%s schema step %d", component, step->version);
	q = hy_store_query(s, applied_sql);
	hy_query_bind_c(q, 1, component);
	hy_query_bind_int(q, 2, step->version);
	hy_query_bind_wall(q, 3, hy_wall_now());
	return hy_query_run(q, NULL, e);
}

/* Inside a transaction: the next step, if there is one. */
static enum hy_err migrate_once(struct hy_store *s, const struct plan *plan, bool *out_done,
				struct hy_error *e)
{
	int64_t version = 0;
	enum hy_err err = s->driver->lock_schema(s, e);

	if (!err)
		err = s->driver->run_script(s, create_sql, e);
	if (!err)
		err = read_version(s, plan->component, &version, e);
	if (err)
		return err;
	if (version > (int64_t)plan->count)
		return hy_fail(e, HY_ERR_DENIED,
			       "%s: the database has schema %lld, this program knows %zu: a newer "
			       "program has written it", plan->component, (long long)version,
			       plan->count);
	*out_done = version == (int64_t)plan->count;
	return *out_done ? HY_OK : apply(s, plan->component, &plan->steps[version], e);
}

enum hy_err hy_store_migrate(struct hy_store *s, const char *component,
			     const struct hy_migration *steps, size_t count, struct hy_error *e)
{
	const struct plan plan = {component, steps, count};
	bool done = false;

	for (size_t i = 0; i < count; i++)
		hy_assert(steps[i].version == (int)i + 1);
	while (!done) {
		enum hy_err err = hy_store_begin(s, e);

		if (err)
			return err;
		err = migrate_once(s, &plan, &done, e);
		if (!err)
			err = hy_store_commit(s, e);
		if (err) {
			hy_store_rollback(s);
			return err;
		}
	}
	return HY_OK;
}
