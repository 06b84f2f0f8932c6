#include "crawler/mirror.h"

static const char find_sql[] = "SELECT return_at FROM mirror WHERE source = $1";
static const char away_sql[] =
	"INSERT INTO mirror (source, return_at) VALUES ($1, $2) ON CONFLICT (source) DO NOTHING";
static const char back_sql[] = "DELETE FROM mirror WHERE source = $1";

enum hy_err hy_mirror_is_over(struct hy_store *store, struct hy_str source, struct hy_wall now,
			      bool *out_return, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, find_sql);
	struct hy_wall at = HY_WALL_NONE;
	enum hy_err err;
	bool row, is_over;

	hy_query_bind_text(q, 1, source);
	while ((err = hy_query_next(q, &row, e)) == HY_OK && row)
		at = hy_query_wall(q, 0);
	if (err != HY_OK)
		return err;
	is_over = hy_wall_known(at) && at.ms <= now.ms;
	q = hy_store_query(store, is_over ? back_sql : away_sql);
	hy_query_bind_text(q, 1, source);
	if (!is_over)
		hy_query_bind_wall(q, 2, hy_wall_add_ms(now, HY_MIRROR_AWAY_MS));
	err = hy_query_run(q, NULL, e);
	if (err == HY_OK)
		*out_return = is_over;
	return err;
}
