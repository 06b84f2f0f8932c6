#include "crawler/sitemap_parts.h"

#define UNDATED_MS (INT64_C(6) * 3600 * 1000)
#define TRIES 3

/* due: 0 no, 1 yes, 2 it is the one being visited. changed_at 0: the index does not say. */
static const char put_sql[] =
	"INSERT INTO sitemap_part (source, url, parent, changed_at, read_at, seen_at, due, tries)"
	" VALUES ($1, $2, $3, $4, 0, $5, $6, 0) ON CONFLICT (source, url) DO UPDATE SET"
	" due = CASE WHEN excluded.changed_at > sitemap_part.changed_at THEN 1"
	" ELSE sitemap_part.due END,"
	" tries = CASE WHEN excluded.changed_at > sitemap_part.changed_at THEN 0"
	" ELSE sitemap_part.tries END,"
	" changed_at = excluded.changed_at, seen_at = excluded.seen_at, parent = excluded.parent";
static const char drop_sql[] =
	"DELETE FROM sitemap_part WHERE source = $1 AND parent = $2 AND seen_at < $3";
static const char undated_sql[] =
	"UPDATE sitemap_part SET due = 1, tries = 0 WHERE source = $1 AND changed_at = 0"
	" AND due = 0 AND read_at <= $2";
static const char done_sql[] =
	"UPDATE sitemap_part SET due = $2, read_at = $3, tries = 0 WHERE source = $1 AND due = 2";
static const char failed_sql[] =
	"UPDATE sitemap_part SET due = CASE WHEN tries + 1 >= $3 THEN 0 ELSE 1 END,"
	" tries = tries + 1, read_at = $2 WHERE source = $1 AND due = 2";
static const char next_sql[] =
	"SELECT url FROM sitemap_part WHERE source = $1 AND due > 0"
	" ORDER BY tries, changed_at DESC, url LIMIT 1";
static const char take_sql[] =
	"UPDATE sitemap_part SET due = 2 WHERE source = $1 AND url = $2";

static enum hy_err put(struct hy_store *store, const struct hy_sitemap_visit *v,
		       const struct hy_sitemap_part *part, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, put_sql);
	bool is_dated = hy_wall_known(part->changed_at);
	bool is_old = is_dated && hy_wall_known(v->oldest) &&
		      part->changed_at.ms < v->oldest.ms;

	hy_query_bind_text(q, 1, v->source);
	hy_query_bind_c(q, 2, part->url);
	hy_query_bind_text(q, 3, v->url);
	hy_query_bind_int(q, 4, is_dated ? part->changed_at.ms : 0);
	hy_query_bind_wall(q, 5, v->now);
	hy_query_bind_int(q, 6, !is_old);
	return hy_query_run(q, NULL, e);
}

static enum hy_err put_all(struct hy_store *store, const struct hy_sitemap_visit *v,
			   struct hy_error *e)
{
	struct hy_query *q;
	enum hy_err err = HY_OK;

	for (size_t i = 0; err == HY_OK && i < v->part_count; i++)
		err = put(store, v, &v->parts[i], e);
	if (err != HY_OK)
		return err;
	q = hy_store_query(store, drop_sql);
	hy_query_bind_text(q, 1, v->source);
	hy_query_bind_text(q, 2, v->url);
	hy_query_bind_wall(q, 3, v->now);
	return hy_query_run(q, NULL, e);
}

static enum hy_err end_visit(struct hy_store *store, const struct hy_sitemap_visit *v,
			     struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, v->is_failed ? failed_sql : done_sql);

	hy_query_bind_text(q, 1, v->source);
	if (v->is_failed) {
		hy_query_bind_wall(q, 2, v->now);
		hy_query_bind_int(q, 3, TRIES);
	} else {
		hy_query_bind_int(q, 2, v->is_unread);
		hy_query_bind_wall(q, 3, v->now);
	}
	return hy_query_run(q, NULL, e);
}

static enum hy_err take_next(struct hy_store *store, const struct hy_sitemap_visit *v,
			     struct hy_buf *next, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, next_sql);
	bool row = false;
	enum hy_err err;

	hy_query_bind_text(q, 1, v->source);
	err = hy_query_next(q, &row, e);
	if (err != HY_OK || !row)
		return err;
	hy_buf_add_str(next, hy_query_text(q, 0));
	while ((err = hy_query_next(q, &row, e)) == HY_OK && row)
		;
	if (err != HY_OK)
		return err;
	q = hy_store_query(store, take_sql);
	hy_query_bind_text(q, 1, v->source);
	hy_query_bind_text(q, 2, hy_buf_str(next));
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_sitemap_parts_visited(struct hy_store *store, const struct hy_sitemap_visit *visit,
				     struct hy_buf *next, struct hy_error *e)
{
	struct hy_query *q;
	enum hy_err err = end_visit(store, visit, e);

	if (err == HY_OK && visit->is_index)
		err = put_all(store, visit, e);
	if (err != HY_OK || visit->is_failed || visit->is_last)
		return err;
	q = hy_store_query(store, undated_sql);
	hy_query_bind_text(q, 1, visit->source);
	hy_query_bind_wall(q, 2, hy_wall_add_ms(visit->now, -UNDATED_MS));
	err = hy_query_run(q, NULL, e);
	return err == HY_OK ? take_next(store, visit, next, e) : err;
}
