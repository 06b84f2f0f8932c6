#include "crawler/figures.h"

#include "common/base/mem.h"

static const char documents_sql[] = "SELECT state, COUNT(*) FROM version GROUP BY state";
static const char pages_sql[] = "SELECT state, COUNT(*) FROM frontier GROUP BY state";
/* Silent: it answers, and yet nothing new came for longer than it may be quiet. */
static const char sources_sql[] =
	"SELECT COUNT(*), SUM(CASE WHEN failures > 0 THEN 1 ELSE 0 END),"
	" SUM(CASE WHEN failures = 0 AND last_success_at IS NOT NULL"
	" AND COALESCE(last_new_at, 0) + quiet_ms < $1 THEN 1 ELSE 0 END)"
	" FROM source WHERE active = 1";
static const char hosts_sql[] = "SELECT COUNT(*) FROM host WHERE paused_until > $1";

struct named {
	const char *state, *figure;
};
static const struct named document_states[] = {
	{"pending", "documents_pending"}, {"judged", "documents_judged"}, {NULL, NULL},
};
static const struct named page_states[] = {
	{"queued", "frontier_queued"}, {"leased", "frontier_leased"},
	{"revisit", "frontier_revisit"}, {"done", "frontier_done"}, {"failed", "frontier_failed"},
	{NULL, NULL},
};

struct sink {
	hy_figure_fn *fn;
	void *ctx;
};

/* States that no row has are figures too: zero. */
static enum hy_err count_states(struct hy_store *store, const char *sql, const struct named *names,
				const struct sink *sink, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, sql);
	int64_t counts[8] = {0};
	enum hy_err err;
	bool row;

	while ((err = hy_query_next(q, &row, e)) == HY_OK && row)
		for (size_t i = 0; names[i].state; i++)
			if (hy_str_eq_c(hy_query_text(q, 0), names[i].state))
				counts[i] = hy_query_int(q, 1);
	for (size_t i = 0; err == HY_OK && names[i].state; i++)
		sink->fn(sink->ctx, names[i].figure, counts[i]);
	return err;
}

/* The columns of a query's one row; now is its only parameter. */
static enum hy_err read_row(struct hy_query *q, struct hy_wall now, int64_t *out, int columns,
			    struct hy_error *e)
{
	enum hy_err err;
	bool row;

	hy_query_bind_wall(q, 1, now);
	err = hy_query_next(q, &row, e);
	for (int i = 0; err == HY_OK && row && i < columns; i++)
		out[i] = hy_query_int(q, i);
	hy_query_reset(q);
	return err;
}

enum hy_err hy_figures_read(struct hy_store *store, struct hy_wall now, hy_figure_fn *fn, void *ctx,
			    struct hy_error *e)
{
	static const char *const names[] = {"sources_total", "sources_failing", "sources_silent"};
	int64_t values[HY_COUNT(names)] = {0}, paused = 0;
	const struct sink sink = {fn, ctx};
	enum hy_err err = count_states(store, documents_sql, document_states, &sink, e);

	if (err == HY_OK)
		err = count_states(store, pages_sql, page_states, &sink, e);
	if (err == HY_OK)
		err = read_row(hy_store_query(store, sources_sql), now, values, HY_COUNT(names), e);
	if (err == HY_OK)
		err = read_row(hy_store_query(store, hosts_sql), now, &paused, 1, e);
	for (size_t i = 0; err == HY_OK && i < HY_COUNT(names); i++)
		fn(ctx, names[i], values[i]);
	if (err == HY_OK)
		fn(ctx, "hosts_paused", paused);
	return err;
}
