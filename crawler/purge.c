#include "crawler/purge.h"

#include <stdio.h>

#include "common/base/mem.h"
#include "common/sys/content_id.h"
#include "crawler/coverage.h"
#include "crawler/search.h"
#include "crawler/source_alarm.h"

#define STEP_VERSIONS_MAX 256
#define STEP_PAGES 500

static const char claim_sql[] =
	"UPDATE chore SET next_at = $2 WHERE name = 'purge' AND next_at <= $1";
static const char old_versions_sql[] =
	"SELECT id FROM version WHERE purged_at IS NULL AND detected_at < $1"
	" AND state = 'judged' ORDER BY detected_at LIMIT $2";
static const char versions_of_sql[] =
	"SELECT id FROM version WHERE document = $1 AND purged_at IS NULL AND state = 'judged'"
	" LIMIT $2";
static const char purge_version_sql[] =
	"UPDATE version SET title = '', text = '', purged_at = $2 WHERE id = $1";
/* Links to a document call it by its title too. */
static const char purge_page_sql[] =
	"UPDATE frontier SET title = '' WHERE id = $1 AND title <> ''";
static const char purge_links_sql[] =
	"UPDATE frontier SET title = '' WHERE document = $1 AND document <> id AND title <> ''";
static const char position_sql[] = "SELECT position FROM chore WHERE name = 'purge'";
static const char set_position_sql[] = "UPDATE chore SET position = $1 WHERE name = 'purge'";
static const char pages_end_sql[] =
	"SELECT MAX(id), COUNT(*) FROM (SELECT id FROM frontier WHERE id > $1 ORDER BY id LIMIT $2)"
	" AS slice";
static const char purge_pages_sql[] =
	"UPDATE frontier SET title = '', reason = '', etag = '', last_modified = ''"
	" WHERE id > $1 AND id <= $2 AND found_at < $3 AND state IN ('done', 'failed')"
	" AND (title <> '' OR reason <> '' OR etag <> '' OR last_modified <> '')";
static const char purge_days_sql[] = "DELETE FROM impact WHERE day < $1";

enum hy_err hy_purge_claim(struct hy_store *store, struct hy_wall now, struct hy_wall next,
			   bool *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, claim_sql);
	int64_t changed = 0;
	enum hy_err err;

	hy_query_bind_wall(q, 1, now);
	hy_query_bind_wall(q, 2, next);
	err = hy_query_run(q, &changed, e);
	if (err == HY_OK)
		*out = changed > 0;
	return err;
}

/* ---- versions ---- */

struct ids {
	struct hy_id items[STEP_VERSIONS_MAX];
	size_t count;
};

static enum hy_err read_ids(struct hy_query *q, struct ids *out, struct hy_error *e)
{
	enum hy_err err;
	bool row;

	while ((err = hy_query_next(q, &row, e)) == HY_OK && row && out->count < STEP_VERSIONS_MAX) {
		struct hy_str id = hy_query_text(q, 0);

		if (!hy_id_valid(id)) {
			hy_query_reset(q);
			return hy_fail(e, HY_ERR_MALFORMED, "version with a bad id in the store");
		}
		memcpy(out->items[out->count].hex, id.p, HY_ID_DIGITS);
		out->items[out->count++].hex[HY_ID_DIGITS] = '\0';
	}
	hy_query_reset(q);
	return err;
}

static enum hy_err purge_versions(struct hy_store *store, const struct ids *ids,
				  struct hy_wall now, struct hy_error *e)
{
	enum hy_err err = HY_OK;

	for (size_t i = 0; err == HY_OK && i < ids->count; i++) {
		struct hy_query *q;

		err = hy_search_forget(store, hy_id_str(&ids->items[i]), e);
		if (err != HY_OK)
			break;
		q = hy_store_query(store, purge_version_sql);
		hy_query_bind_text(q, 1, hy_id_str(&ids->items[i]));
		hy_query_bind_wall(q, 2, now);
		err = hy_query_run(q, NULL, e);
	}
	return err;
}

static enum hy_err purge_texts(struct hy_store *store, const struct hy_purge_terms *terms,
			       int64_t *out_count, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, old_versions_sql);
	struct ids ids = {.count = 0};
	size_t max = terms->max < STEP_VERSIONS_MAX ? terms->max : STEP_VERSIONS_MAX;
	enum hy_err err;

	hy_query_bind_wall(q, 1, terms->texts_before);
	hy_query_bind_int(q, 2, (int64_t)max);
	err = read_ids(q, &ids, e);
	if (err == HY_OK)
		err = purge_versions(store, &ids, terms->now, e);
	if (err == HY_OK)
		*out_count = (int64_t)ids.count;
	return err;
}

static enum hy_err run_with_text(struct hy_store *store, const char *sql, struct hy_str text,
				 struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, sql);

	hy_query_bind_text(q, 1, text);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_purge_document(struct hy_store *store, struct hy_str document, struct hy_wall now,
			      int64_t *out_texts, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, versions_of_sql);
	struct ids ids = {.count = 0};
	enum hy_err err;

	hy_query_bind_text(q, 1, document);
	hy_query_bind_int(q, 2, STEP_VERSIONS_MAX);
	err = read_ids(q, &ids, e);
	if (err == HY_OK)
		err = purge_versions(store, &ids, now, e);
	if (err == HY_OK)
		err = run_with_text(store, purge_page_sql, document, e);
	if (err == HY_OK)
		err = run_with_text(store, purge_links_sql, document, e);
	if (err == HY_OK)
		*out_texts = (int64_t)ids.count;
	return err;
}

/* ---- pages: all of them, a slice a step ---- */

struct slice {
	struct hy_id from, to;	/* (from, to]; from "": the beginning */
	bool is_last;
};

static void take_id(struct hy_str text, struct hy_id *out)
{
	size_t n = text.n <= HY_ID_DIGITS ? text.n : HY_ID_DIGITS;

	memcpy(out->hex, text.p, n);
	out->hex[n] = '\0';
}

static enum hy_err read_slice(struct hy_store *store, struct slice *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, position_sql);
	bool row = false;
	enum hy_err err = hy_query_next(q, &row, e);

	out->from.hex[0] = '\0';
	if (err == HY_OK && row)
		take_id(hy_query_text(q, 0), &out->from);
	hy_query_reset(q);
	if (err != HY_OK)
		return err;
	q = hy_store_query(store, pages_end_sql);
	hy_query_bind_c(q, 1, out->from.hex);
	hy_query_bind_int(q, 2, STEP_PAGES);
	err = hy_query_next(q, &row, e);
	if (err == HY_OK) {
		take_id(hy_query_text(q, 0), &out->to);
		out->is_last = hy_query_int(q, 1) < STEP_PAGES;
	}
	hy_query_reset(q);
	return err;
}

static enum hy_err purge_pages(struct hy_store *store, const struct hy_purge_terms *terms,
			       struct hy_purge_done *done, struct hy_error *e)
{
	struct slice slice = {0};
	struct hy_query *q;
	enum hy_err err = read_slice(store, &slice, e);

	if (err != HY_OK)
		return err;
	q = hy_store_query(store, purge_pages_sql);
	hy_query_bind_c(q, 1, slice.from.hex);
	hy_query_bind_c(q, 2, slice.to.hex);
	hy_query_bind_wall(q, 3, terms->texts_before);
	err = hy_query_run(q, &done->pages, e);
	if (err != HY_OK)
		return err;
	done->is_all = slice.is_last;
	q = hy_store_query(store, set_position_sql);
	hy_query_bind_c(q, 1, slice.is_last ? "" : slice.to.hex);
	return hy_query_run(q, NULL, e);
}

static enum hy_err purge_days(struct hy_store *store, struct hy_wall before, int64_t *out_count,
			      struct hy_error *e)
{
	struct hy_civil c = hy_civil_of(before, HY_CST_OFFSET_MIN);
	struct hy_query *q = hy_store_query(store, purge_days_sql);
	char day[16];

	(void)snprintf(day, sizeof day, "%04d-%02d-%02d", c.year % 10000, c.month % 100,
		       c.day % 100);
	hy_query_bind_c(q, 1, day);
	return hy_query_run(q, out_count, e);
}

static enum hy_err purge_ledgers(struct hy_store *store, struct hy_wall before, int64_t *out_count,
				 struct hy_error *e)
{
	enum hy_err err = purge_days(store, before, out_count, e);

	if (err == HY_OK)
		err = hy_coverage_purge(store, before, e);
	return err == HY_OK ? hy_source_alarm_purge(store, before, e) : err;
}

enum hy_err hy_purge_step(struct hy_store *store, const struct hy_purge_terms *terms,
			  struct hy_purge_done *out, struct hy_error *e)
{
	struct hy_purge_done done = {.is_all = true};
	enum hy_err err = HY_OK;

	if (hy_wall_known(terms->texts_before)) {
		err = purge_texts(store, terms, &done.texts, e);
		if (err == HY_OK && done.texts)
			done.is_all = false;
		else if (err == HY_OK)
			err = purge_pages(store, terms, &done, e);
	}
	if (err == HY_OK && done.is_all && hy_wall_known(terms->ledger_before))
		err = purge_ledgers(store, terms->ledger_before, &done.days, e);
	if (err == HY_OK)
		*out = done;
	return err;
}
