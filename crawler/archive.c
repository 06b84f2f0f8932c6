#include "crawler/archive.h"

#include "common/base/mem.h"

static const char put_document_sql[] =
	"INSERT INTO document (id, url, source, region, first_seen_at, last_seen_at)"
	" VALUES ($1, $2, $3, $4, $5, $5)"
	" ON CONFLICT (id) DO UPDATE SET last_seen_at = excluded.last_seen_at, gone_at = NULL";
static const char put_version_sql[] =
	"INSERT INTO version (id, document, title, text, outlet, published_at, detected_at, kind,"
	" charset, raw_sha256, flags, state, holder)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'pending', $12)"
	" ON CONFLICT (id) DO NOTHING";
static const char gone_sql[] =
	"UPDATE document SET gone_at = $2 WHERE id = $1 AND gone_at IS NULL";
static const char judge_sql[] =
	"UPDATE version SET state = 'judged', outcome = $2, note = $3, rules = $4, judged_at = $5"
	" WHERE id = $1 AND state = 'pending'";
static const char pending_sql[] =
	"SELECT id FROM version WHERE state = 'pending' AND holder = $1"
	" ORDER BY detected_at, id LIMIT $2";
static const char load_sql[] =
	"SELECT v.document, d.url, v.title, d.source, v.outlet, d.region, v.published_at,"
	" v.detected_at, v.text FROM version v JOIN document d ON d.id = v.document"
	" WHERE v.id = $1 AND v.state = 'pending'";
static const char alive_sql[] =
	"INSERT INTO crawler (instance, alive_until) VALUES ($1, $2)"
	" ON CONFLICT (instance) DO UPDATE SET alive_until = excluded.alive_until";
static const char adopt_sql[] =
	"UPDATE version SET holder = $1 WHERE state = 'pending' AND holder <> $1"
	" AND holder IN (SELECT instance FROM crawler WHERE alive_until < $2)";

void hy_archive_ids(const struct hy_archive_version *v, struct hy_id *out_document,
		    struct hy_id *out_version)
{
	struct hy_str parts[3];

	*out_document = hy_id_of(&v->url, 1);
	parts[0] = hy_id_str(out_document);
	parts[1] = v->title;
	parts[2] = v->text;
	*out_version = hy_id_of(parts, HY_COUNT(parts));
}

static enum hy_err put_document(struct hy_store *store, const struct hy_archive_version *v,
				const struct hy_id *id, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, put_document_sql);

	hy_query_bind_text(q, 1, hy_id_str(id));
	hy_query_bind_text(q, 2, v->url);
	hy_query_bind_text(q, 3, v->source);
	hy_query_bind_text(q, 4, v->region);
	hy_query_bind_wall(q, 5, v->detected_at);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_archive_put(struct hy_store *store, const struct hy_archive_version *v,
			   bool *out_new, struct hy_error *e)
{
	struct hy_id document, version;
	struct hy_query *q;
	int64_t changed = 0;
	enum hy_err err;

	hy_archive_ids(v, &document, &version);
	err = put_document(store, v, &document, e);
	if (err != HY_OK)
		return err;
	q = hy_store_query(store, put_version_sql);
	hy_query_bind_text(q, 1, hy_id_str(&version));
	hy_query_bind_text(q, 2, hy_id_str(&document));
	hy_query_bind_text(q, 3, v->title);
	hy_query_bind_text(q, 4, v->text);
	hy_query_bind_text(q, 5, v->outlet);
	hy_query_bind_wall(q, 6, v->published_at);
	hy_query_bind_wall(q, 7, v->detected_at);
	hy_query_bind_c(q, 8, v->kind);
	hy_query_bind_c(q, 9, v->charset);
	hy_query_bind_c(q, 10, v->raw_sha256);
	hy_query_bind_c(q, 11, v->flags);
	hy_query_bind_text(q, 12, v->holder);
	err = hy_query_run(q, &changed, e);
	if (err == HY_OK)
		*out_new = changed > 0;
	return err;
}

enum hy_err hy_archive_gone(struct hy_store *store, struct hy_str document, struct hy_wall at,
			    struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, gone_sql);

	hy_query_bind_text(q, 1, document);
	hy_query_bind_wall(q, 2, at);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_archive_judge(struct hy_store *store, const struct hy_archive_verdict *verdict,
			     struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, judge_sql);

	hy_query_bind_text(q, 1, hy_id_str(&verdict->version));
	hy_query_bind_c(q, 2, verdict->outcome);
	hy_query_bind_c(q, 3, verdict->note);
	hy_query_bind_c(q, 4, verdict->rules);
	hy_query_bind_wall(q, 5, verdict->judged_at);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_archive_pending(struct hy_store *store, struct hy_str holder,
			       struct hy_archive_list *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, pending_sql);
	size_t count = 0;
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, holder);
	hy_query_bind_int(q, 2, (int64_t)out->room);
	while ((err = hy_query_next(q, &row, e)) == HY_OK && row && count < out->room) {
		struct hy_str id = hy_query_text(q, 0);

		if (!hy_id_valid(id)) {
			hy_query_reset(q);
			return hy_fail(e, HY_ERR_MALFORMED, "version with a bad id in the store");
		}
		memcpy(out->ids[count].hex, id.p, HY_ID_DIGITS);
		out->ids[count++].hex[HY_ID_DIGITS] = '\0';
	}
	hy_query_reset(q);
	if (err == HY_OK)
		out->count = count;
	return err;
}

enum hy_err hy_archive_load(struct hy_store *store, const struct hy_id *version,
			    struct hy_msg *out, bool *out_found, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, load_sql);
	struct hy_msg_document *d;
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, hy_id_str(version));
	err = hy_query_next(q, &row, e);
	if (err != HY_OK)
		return err;
	*out_found = row;
	if (!row)
		return HY_OK;
	*out = (struct hy_msg){.type = HY_MSG_DOCUMENT, .id = hy_id_str(version)};
	d = &out->as.document;
	d->document = hy_query_text(q, 0);
	d->url = hy_query_text(q, 1);
	d->title = hy_query_text(q, 2);
	d->source = hy_query_text(q, 3);
	d->outlet = hy_query_text(q, 4);
	d->region = hy_query_text(q, 5);
	d->published_at = hy_query_wall(q, 6);
	d->detected_at = hy_query_wall(q, 7);
	d->text = hy_query_text(q, 8);
	return HY_OK;
}

enum hy_err hy_archive_heartbeat(struct hy_store *store, struct hy_str instance,
				 struct hy_wall now, struct hy_wall until, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, alive_sql);
	enum hy_err err;

	hy_query_bind_text(q, 1, instance);
	hy_query_bind_wall(q, 2, until);
	err = hy_query_run(q, NULL, e);
	if (err != HY_OK)
		return err;
	q = hy_store_query(store, adopt_sql);
	hy_query_bind_text(q, 1, instance);
	hy_query_bind_wall(q, 2, now);
	return hy_query_run(q, NULL, e);
}
