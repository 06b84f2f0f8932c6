/*
 * Archive: documents and their versions. A document is an article under its canonical
 * address; an edit makes a new version of it, if it really is one (crawler/content_core.h).
 * Several addresses of the frontier may be one document. It is read from one of them, its
 * page; the others only point to it, since a site's two templates for one article would
 * otherwise pass for edits. Another page takes over when the document is gone from the first.
 * A version is pending until the analyzer's verdict about it is committed (P1): pending ones
 * are sent, and after a restart sent again.
 *
 * Several crawlers may share the store. Each sends the versions it holds; the versions of an
 * instance that no longer says it is alive are adopted by another.
 *
 * Writing functions run inside the caller's transaction and can be repeated.
 */
#ifndef HY_CRAWLER_ARCHIVE_H
#define HY_CRAWLER_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/content_id.h"
#include "common/sys/msg.h"
#include "common/sys/store.h"

/* One fetched state of an article, masked. Borrowed for the call. */
struct hy_archive_version {
	struct hy_str url;		/* canonical: what the page claims, where plausible */
	struct hy_str own_url;		/* canonical form of the address that was read */
	struct hy_str page;		/* its row of the frontier */
	struct hy_str source, region, outlet;
	struct hy_str title, text;
	struct hy_wall published_at, detected_at;
	const char *kind, *charset, *flags;
	const char *raw_sha256;
	struct hy_str holder;		/* this crawler's instance */
};

/* The ids that such a version gets: document from the address, version from that and content. */
void hy_archive_ids(const struct hy_archive_version *v, struct hy_id *out_document,
		    struct hy_id *out_version);

struct hy_archive_put {
	struct hy_id document, version;	/* which ones these are now */
	bool is_new;			/* the version was not known and is pending now */
	bool is_link;			/* another page's document: only the link is kept */
};
/*
 * A claimed address counts only where its document does not have another text already: else
 * the page's own is taken.
 */
enum hy_err hy_archive_put(struct hy_store *store, const struct hy_archive_version *v,
			   struct hy_archive_put *out, struct hy_error *e) HY_MUST_CHECK;
/* A later visit of that page found the document taken away; links say nothing about it. */
enum hy_err hy_archive_gone(struct hy_store *store, struct hy_str document, struct hy_str page,
			    struct hy_wall at, struct hy_error *e) HY_MUST_CHECK;

struct hy_archive_verdict {
	struct hy_id version;
	const char *outcome;		/* constant */
	char *rules, *note;
	struct hy_wall judged_at;
};
/*
 * The first verdict stands; one about an unknown version changes nothing. The raw page that
 * waits for it is dropped, or becomes evidence (crawler/evidence.h).
 */
enum hy_err hy_archive_judge(struct hy_store *store, const struct hy_archive_verdict *verdict,
			     struct hy_error *e) HY_MUST_CHECK;

struct hy_archive_list {
	struct hy_id *ids;	/* room for that many */
	size_t room, count;
};
/* The holder's oldest pending versions, as many as there is room for. */
enum hy_err hy_archive_pending(struct hy_store *store, struct hy_str holder,
			       struct hy_archive_list *out, struct hy_error *e) HY_MUST_CHECK;
/*
 * One version as a message to send, all views borrowed until the next query of the store.
 * *out_found false where it is unknown or judged.
 */
enum hy_err hy_archive_load(struct hy_store *store, const struct hy_id *version,
			    struct hy_msg *out, bool *out_found, struct hy_error *e) HY_MUST_CHECK;

/* Says that the instance lives until then, and takes over what dead ones hold. */
enum hy_err hy_archive_heartbeat(struct hy_store *store, struct hy_str instance,
				 struct hy_wall now, struct hy_wall until,
				 struct hy_error *e) HY_MUST_CHECK;

#endif
