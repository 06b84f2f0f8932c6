#include "crawler/figures.h"

#include <stdio.h>

#include "common/base/mem.h"

/*
 * What is over is what is not open: a row that is never touched again is counted in an index,
 * not read, since the tables keep every page and every text there ever was.
 */
static const char pending_sql[] = "SELECT COUNT(*) FROM version WHERE state = 'pending'";
static const char versions_sql[] = "SELECT COUNT(*) FROM version";
static const char open_pages_sql[] =
	"SELECT state, COUNT(*) FROM frontier WHERE state IN ('queued', 'leased', 'revisit')"
	" GROUP BY state";
static const char failed_pages_sql[] = "SELECT COUNT(*) FROM frontier WHERE state = 'failed'";
static const char pages_sql[] = "SELECT COUNT(*) FROM frontier";
static const char sources_sql[] = "SELECT COUNT(*) FROM source WHERE active = 1";
/* As alarmed: a source that failed once and is asked again soon is none of them. */
static const char troubles_sql[] =
	"SELECT COUNT(DISTINCT CASE WHEN kind <> 'source-silent' THEN source END),"
	" COUNT(DISTINCT CASE WHEN kind = 'source-silent' THEN source END) FROM source_alarm"
	" WHERE cleared_at IS NULL AND kind IN"
	" ('source-failing', 'source-blocked', 'source-robots', 'source-silent')";
static const char hosts_sql[] = "SELECT COUNT(*) FROM host WHERE paused_until > $1";

static const char *const open_states[] = {"queued", "leased", "revisit"};

struct sink {
	hy_figure_fn *fn;
	void *ctx;
};

static enum hy_err count_rows(struct hy_store *store, const char *sql, int64_t *out,
			      struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, sql);
	enum hy_err err;
	bool row;

	err = hy_query_next(q, &row, e);
	if (err == HY_OK && row)
		*out = hy_query_int(q, 0);
	hy_query_reset(q);
	return err;
}

static enum hy_err count_documents(struct hy_store *store, const struct sink *sink,
				   struct hy_error *e)
{
	int64_t pending = 0, all = 0;
	enum hy_err err = count_rows(store, pending_sql, &pending, e);

	if (err == HY_OK)
		err = count_rows(store, versions_sql, &all, e);
	if (err != HY_OK)
		return err;
	sink->fn(sink->ctx, "documents_pending", pending);
	sink->fn(sink->ctx, "documents_judged", all - pending);
	return HY_OK;
}

/* By open_states; a state that no row has is a figure too: zero. */
static enum hy_err count_open_pages(struct hy_store *store, int64_t out[HY_COUNT(open_states)],
				    struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, open_pages_sql);
	enum hy_err err;
	bool row;

	while ((err = hy_query_next(q, &row, e)) == HY_OK && row)
		for (size_t i = 0; i < HY_COUNT(open_states); i++)
			if (hy_str_eq_c(hy_query_text(q, 0), open_states[i]))
				out[i] = hy_query_int(q, 1);
	return err;
}

static enum hy_err count_pages(struct hy_store *store, const struct sink *sink, struct hy_error *e)
{
	int64_t open[HY_COUNT(open_states)] = {0}, failed = 0, done = 0;
	enum hy_err err = count_open_pages(store, open, e);

	if (err == HY_OK)
		err = count_rows(store, failed_pages_sql, &failed, e);
	if (err == HY_OK)
		err = count_rows(store, pages_sql, &done, e);
	if (err != HY_OK)
		return err;
	for (size_t i = 0; i < HY_COUNT(open_states); i++) {
		char name[40];

		(void)snprintf(name, sizeof name, "frontier_%s", open_states[i]);
		sink->fn(sink->ctx, name, open[i]);
		done -= open[i];
	}
	sink->fn(sink->ctx, "frontier_done", done - failed);
	sink->fn(sink->ctx, "frontier_failed", failed);
	return HY_OK;
}

/* The columns of a query's one row. */
static enum hy_err read_row(struct hy_query *q, int64_t *out, int columns, struct hy_error *e)
{
	bool row;
	enum hy_err err = hy_query_next(q, &row, e);

	for (int i = 0; err == HY_OK && row && i < columns; i++)
		out[i] = hy_query_int(q, i);
	hy_query_reset(q);
	return err;
}

enum hy_err hy_figures_read(struct hy_store *store, struct hy_wall now, hy_figure_fn *fn, void *ctx,
			    struct hy_error *e)
{
	static const char *const names[] = {"sources_total", "sources_failing", "sources_silent",
					    "hosts_paused"};
	int64_t values[HY_COUNT(names)] = {0};
	const struct sink sink = {fn, ctx};
	struct hy_query *q;
	enum hy_err err = count_documents(store, &sink, e);

	if (err == HY_OK)
		err = count_pages(store, &sink, e);
	if (err == HY_OK)
		err = count_rows(store, sources_sql, &values[0], e);
	if (err == HY_OK)
		err = read_row(hy_store_query(store, troubles_sql), &values[1], 2, e);
	if (err == HY_OK) {
		q = hy_store_query(store, hosts_sql);
		hy_query_bind_wall(q, 1, now);
		err = read_row(q, &values[3], 1, e);
	}
	for (size_t i = 0; err == HY_OK && i < HY_COUNT(names); i++)
		fn(ctx, names[i], values[i]);
	return err;
}
