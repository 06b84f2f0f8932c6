#include "crawler/archive.h"

#include "common/base/mem.h"
#include "crawler/content_core.h"
#include "crawler/evidence.h"

static const char find_document_sql[] =
	"SELECT page, gone_at IS NOT NULL FROM document WHERE id = $1";
static const char put_document_sql[] =
	"INSERT INTO document (id, url, source, region, first_seen_at, last_seen_at, page)"
	" VALUES ($1, $2, $3, $4, $5, $5, $6)"
	" ON CONFLICT (id) DO UPDATE SET last_seen_at = excluded.last_seen_at, gone_at = NULL,"
	" page = excluded.page";
static const char known_core_sql[] =
	"SELECT 1 FROM version WHERE document = $1 AND core = $2 LIMIT 1";
static const char latest_text_sql[] =
	"SELECT text FROM version WHERE document = $1 ORDER BY detected_at DESC, id LIMIT 1";
static const char put_version_sql[] =
	"INSERT INTO version (id, document, title, text, outlet, published_at, detected_at, kind,"
	" charset, raw_sha256, flags, state, holder, core)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'pending', $12, $13)"
	" ON CONFLICT (id) DO NOTHING";
static const char gone_sql[] =
	"UPDATE document SET gone_at = $2 WHERE id = $1 AND page = $3 AND gone_at IS NULL";
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

static struct hy_id version_id(const struct hy_id *document, const struct hy_archive_version *v)
{
	struct hy_str parts[3];

	parts[0] = hy_id_str(document);
	parts[1] = v->title;
	parts[2] = v->text;
	return hy_id_of(parts, HY_COUNT(parts));
}

void hy_archive_ids(const struct hy_archive_version *v, struct hy_id *out_document,
		    struct hy_id *out_version)
{
	*out_document = hy_id_of(&v->url, 1);
	*out_version = version_id(out_document, v);
}

/* ---- which document ---- */

enum standing {
	NO_DOCUMENT,
	OWN_DOCUMENT,		/* read from this page, or free to be */
	OTHERS_DOCUMENT,	/* read from another page */
};

static enum hy_err find_standing(struct hy_store *store, const struct hy_id *document,
				 struct hy_str page, enum standing *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, find_document_sql);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, hy_id_str(document));
	err = hy_query_next(q, &row, e);
	if (err != HY_OK)
		return err;
	*out = NO_DOCUMENT;
	if (row)
		*out = hy_query_int(q, 1) || hy_str_eq(hy_query_text(q, 0), page) ? OWN_DOCUMENT
										 : OTHERS_DOCUMENT;
	hy_query_reset(q);
	return HY_OK;
}

static enum hy_err is_known(struct hy_store *store, const struct hy_id *document,
			    const struct hy_id *core, bool *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, known_core_sql);
	enum hy_err err;

	hy_query_bind_text(q, 1, hy_id_str(document));
	hy_query_bind_text(q, 2, hy_id_str(core));
	err = hy_query_next(q, out, e);
	hy_query_reset(q);
	return err;
}

static enum hy_err is_alike(struct hy_store *store, const struct hy_id *document,
			    struct hy_str text, bool *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, latest_text_sql);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, hy_id_str(document));
	err = hy_query_next(q, &row, e);
	if (err == HY_OK)
		*out = row && hy_content_is_alike(hy_query_text(q, 0), text);
	hy_query_reset(q);
	return err;
}

/* What putting goes by. */
struct place {
	struct hy_id document, core;
	struct hy_str url;
	enum standing standing;
	bool is_known;		/* the same content, under that document */
	bool is_link;
};

static enum hy_err look_at(struct hy_store *store, const struct hy_archive_version *v,
			   struct hy_str url, struct place *p, struct hy_error *e)
{
	enum hy_err err;

	p->url = url;
	p->document = hy_id_of(&url, 1);
	p->is_known = p->is_link = false;
	err = find_standing(store, &p->document, v->page, &p->standing, e);
	if (err != HY_OK || p->standing == NO_DOCUMENT)
		return err;
	err = is_known(store, &p->document, &p->core, &p->is_known, e);
	if (err != HY_OK || p->standing == OWN_DOCUMENT)
		return err;
	p->is_link = p->is_known;
	return p->is_link ? HY_OK : is_alike(store, &p->document, v->text, &p->is_link, e);
}

static enum hy_err choose_place(struct hy_store *store, const struct hy_archive_version *v,
				struct place *out, struct hy_error *e)
{
	struct place p = {.core = hy_content_core(v->title, v->text)};
	enum hy_err err = look_at(store, v, v->url, &p, e);

	/* Two articles with one name: the name is a lie. */
	if (err == HY_OK && p.standing == OTHERS_DOCUMENT && !p.is_link &&
	    !hy_str_eq(v->url, v->own_url))
		err = look_at(store, v, v->own_url, &p, e);
	if (err == HY_OK)
		*out = p;
	return err;
}

/* ---- putting ---- */

static enum hy_err put_document(struct hy_store *store, const struct hy_archive_version *v,
				const struct place *p, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, put_document_sql);

	hy_query_bind_text(q, 1, hy_id_str(&p->document));
	hy_query_bind_text(q, 2, p->url);
	hy_query_bind_text(q, 3, v->source);
	hy_query_bind_text(q, 4, v->region);
	hy_query_bind_wall(q, 5, v->detected_at);
	hy_query_bind_text(q, 6, v->page);
	return hy_query_run(q, NULL, e);
}

static enum hy_err put_version(struct hy_store *store, const struct hy_archive_version *v,
			       const struct place *p, struct hy_archive_put *put,
			       struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, put_version_sql);
	int64_t changed = 0;
	enum hy_err err;

	hy_query_bind_text(q, 1, hy_id_str(&put->version));
	hy_query_bind_text(q, 2, hy_id_str(&p->document));
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
	hy_query_bind_text(q, 13, hy_id_str(&p->core));
	err = hy_query_run(q, &changed, e);
	if (err == HY_OK)
		put->is_new = changed > 0;
	return err;
}

enum hy_err hy_archive_put(struct hy_store *store, const struct hy_archive_version *v,
			   struct hy_archive_put *out, struct hy_error *e)
{
	struct hy_archive_put done = {0};
	struct place p;
	enum hy_err err = choose_place(store, v, &p, e);

	if (err != HY_OK)
		return err;
	done.document = p.document;
	done.version = version_id(&p.document, v);
	done.is_link = p.is_link;
	if (!p.is_link)
		err = put_document(store, v, &p, e);
	if (err == HY_OK && !p.is_link && !p.is_known)
		err = put_version(store, v, &p, &done, e);
	if (err == HY_OK)
		*out = done;
	return err;
}

enum hy_err hy_archive_gone(struct hy_store *store, struct hy_str document, struct hy_str page,
			    struct hy_wall at, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, gone_sql);

	hy_query_bind_text(q, 1, document);
	hy_query_bind_wall(q, 2, at);
	hy_query_bind_text(q, 3, page);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_archive_judge(struct hy_store *store, const struct hy_archive_verdict *verdict,
			     struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, judge_sql);
	int64_t changed = 0;
	enum hy_err err;

	hy_query_bind_text(q, 1, hy_id_str(&verdict->version));
	hy_query_bind_c(q, 2, verdict->outcome);
	hy_query_bind_c(q, 3, verdict->note);
	hy_query_bind_c(q, 4, verdict->rules);
	hy_query_bind_wall(q, 5, verdict->judged_at);
	err = hy_query_run(q, &changed, e);
	if (err != HY_OK || !changed)
		return err;
	return hy_evidence_judge(store, &verdict->version,
				 strcmp(verdict->outcome, "alerted") == 0, e);
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
