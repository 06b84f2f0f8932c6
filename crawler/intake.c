#include "crawler/intake.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/sys/msg.h"
#include "crawler/archive.h"
#include "crawler/canonical.h"
#include "crawler/charset.h"
#include "crawler/coverage.h"
#include "crawler/evidence.h"
#include "crawler/extract.h"
#include "crawler/frontier.h"
#include "crawler/identity.h"
#include "crawler/mask.h"
#include "crawler/pace.h"
#include "crawler/url.h"
#include "crawler/warc.h"
#include "crawler/xpath_page.h"

#define RETRY_MAX_MS (INT64_C(24) * 3600 * 1000)
#define REASON_BYTES 400
#define RECORD_BYTES ((size_t)64 << 20)
#define FUTURE_MS (INT64_C(24) * 3600 * 1000)	/* a link's date behind this is an error */

/* Everything that one visit leaves behind; owned texts. */
struct intake {
	struct hy_change change;
	struct hy_job *job;
	bool is_release;
	struct hy_wall release_at;
	struct hy_frontier_outcome outcome;
	struct hy_buf reason, etag, last_modified;
	bool has_version, is_gone;
	struct hy_archive_version version;	/* views into the buffers below */
	struct hy_buf url, own_url, title, text, outlet, holder, region;
	struct hy_id moved_document;
	char raw_sha256[HY_SHA256_DIGITS + 1];
	char flags[64];
	struct hy_buf moved_to;
	struct hy_buf record;		/* the raw page, as evidence, or empty */
	int64_t spool_bytes;
	struct hy_wall now;
};

/* ---- writing ---- */

static enum hy_err write_version(struct intake *in, struct hy_store *store,
				 struct hy_archive_put *out_put, struct hy_error *e)
{
	enum hy_err err = hy_archive_put(store, &in->version, out_put, e);

	if (err == HY_OK && out_put->is_new && in->record.n)
		err = hy_evidence_spool(store, &out_put->version, hy_buf_str(&in->record),
					in->spool_bytes, e);
	return err;
}

/* Which document it became is known only in the store: the same page may be there already. */
static enum hy_err write_outcome(struct intake *in, struct hy_store *store,
				 const struct hy_archive_put *put, struct hy_error *e)
{
	struct hy_frontier_outcome outcome = in->outcome;

	outcome.held_until = in->job->lease_until;
	if (in->has_version)
		outcome.document = hy_id_str(&put->document);
	if (in->has_version && put->is_link) {
		outcome.state = HY_FRONTIER_DONE;
		outcome.next_at = HY_WALL_NONE;
		outcome.kind = "duplicate";
		outcome.reason = HY_STR_LIT("与已收录的另一网址是同一篇稿件");
	}
	return hy_frontier_finish(store, in->job->id, &outcome, e);
}

/* The other address becomes a row of its own, held to its own host's rules and pace. */
static enum hy_err write_move(struct intake *in, struct hy_store *store, struct hy_error *e)
{
	struct hy_frontier_link link = {
		.url = hy_buf_str(&in->moved_to),
		.source = hy_str_of(in->job->source),
		.title = hy_str_of(in->job->title),
		.published_at = in->job->published_at,
		.found_at = in->now,
		.hops = in->job->hops + 1,
	};

	if (hy_str_eq_c(hy_id_str(&in->moved_document), in->job->id))
		return hy_frontier_move(store, in->job->id, &link, e);
	return hy_frontier_add(store, &link, NULL, e);
}

/*
 * What came of the first visit that came to an end; later ones look for edits. A captcha is
 * counted each time that it is met.
 */
static enum hy_err write_coverage(struct intake *in, struct hy_store *store, struct hy_error *e)
{
	struct hy_coverage_article article = {
		.source = hy_str_of(in->job->source),
		.crawler = hy_buf_str(&in->holder),
		.page = hy_str_of(in->job->id),
		.now = in->now,
		.kind = in->outcome.kind ? in->outcome.kind : "",
		.is_stored = in->has_version,
		.is_suspicious = strstr(in->flags, "suspicious") != NULL,
	};
	bool goes_on = in->outcome.state == HY_FRONTIER_QUEUED &&
		       strcmp(article.kind, "blocked") != 0;

	if (in->job->visits || in->moved_to.n || goes_on || !hy_wall_known(in->now))
		return HY_OK;
	return hy_coverage_article(store, &article, e);
}

static enum hy_err write_intake(struct hy_change *change, struct hy_store *store,
				struct hy_error *e)
{
	struct intake *in = hy_container_of(change, struct intake, change);
	struct hy_archive_put put = {0};
	enum hy_err err = HY_OK;

	if (in->is_release)
		return hy_frontier_release(store, in->job, hy_buf_str(&in->holder), in->release_at,
					   e);
	if (in->has_version)
		err = write_version(in, store, &put, e);
	if (err == HY_OK && in->is_gone)
		err = hy_archive_gone(store, hy_str_of(in->job->document),
				      hy_str_of(in->job->id), in->now, e);
	if (err == HY_OK)
		err = write_outcome(in, store, &put, e);
	if (err == HY_OK && in->moved_to.n)
		err = write_move(in, store, e);
	return err == HY_OK ? write_coverage(in, store, e) : err;
}

static void end_intake(struct hy_change *change, bool committed)
{
	struct intake *in = hy_container_of(change, struct intake, change);

	(void)committed;
	hy_job_free(in->job);
	hy_buf_fini(&in->reason);
	hy_buf_fini(&in->etag);
	hy_buf_fini(&in->last_modified);
	hy_buf_fini(&in->url);
	hy_buf_fini(&in->own_url);
	hy_buf_fini(&in->title);
	hy_buf_fini(&in->text);
	hy_buf_fini(&in->outlet);
	hy_buf_fini(&in->holder);
	hy_buf_fini(&in->region);
	hy_buf_fini(&in->moved_to);
	hy_buf_fini(&in->record);
	free(in);
}

static const struct hy_change_type intake_type = {"page", write_intake, end_intake};

static struct intake *intake_new(struct hy_job *job, struct hy_wall now)
{
	struct intake *in = hy_xcalloc(1, sizeof *in);

	in->change.type = &intake_type;
	in->job = job;
	in->now = now;
	hy_buf_init(&in->reason, REASON_BYTES);
	hy_buf_init(&in->etag, HY_URL_MAX_BYTES);
	hy_buf_init(&in->last_modified, HY_URL_MAX_BYTES);
	hy_buf_init(&in->url, HY_URL_MAX_BYTES + 1);
	hy_buf_init(&in->own_url, HY_URL_MAX_BYTES + 1);
	hy_buf_init(&in->title, HY_MSG_TITLE_BYTES);
	hy_buf_init(&in->text, HY_MSG_TEXT_BYTES);
	hy_buf_init(&in->outlet, HY_MSG_NAME_BYTES);
	hy_buf_init(&in->holder, HY_MSG_NAME_BYTES);
	hy_buf_init(&in->region, HY_MSG_NAME_BYTES);
	hy_buf_init(&in->record, RECORD_BYTES);
	hy_buf_init(&in->moved_to, HY_URL_MAX_BYTES + 1);
	in->outcome.next_at = HY_WALL_NONE;
	in->outcome.attempts = job->attempts;
	in->outcome.visits = job->visits;
	return in;
}

/* A buffer that overflowed counts as empty: no text is cut. */
static struct hy_str whole(struct hy_buf *b)
{
	if (hy_buf_err(b) != HY_OK)
		hy_buf_clear(b);
	return hy_buf_str(b);
}

static void set_reason(struct intake *in, struct hy_str reason)
{
	hy_buf_clear(&in->reason);
	hy_buf_add_str(&in->reason, reason);
	in->outcome.reason = whole(&in->reason);
}

/* ---- outcomes ---- */

/* This visit read the page: is it to be read once more, for edits? */
static void end_read(struct intake *in, const struct hy_work *work, const char *kind)
{
	in->outcome.visits = in->job->visits + 1;
	in->outcome.attempts = 0;
	in->outcome.kind = kind;
	in->outcome.state = HY_FRONTIER_DONE;
	if (in->outcome.visits <= work->conf->revisit_times) {
		in->outcome.state = HY_FRONTIER_REVISIT;
		in->outcome.next_at = hy_wall_add_ms(work->now, work->conf->revisit_ms);
	}
}

static void end_for_good(struct intake *in, const char *kind, struct hy_str reason)
{
	in->outcome.state = in->job->visits ? HY_FRONTIER_DONE : HY_FRONTIER_FAILED;
	in->outcome.attempts = in->job->attempts + 1;
	in->outcome.kind = kind;
	set_reason(in, reason);
}

static void end_for_now(struct intake *in, const struct hy_work *work,
			const struct hy_visit *visit, int64_t base_ms)
{
	int64_t attempts = in->job->attempts + visit->counts;
	struct hy_wall next = hy_wall_add_ms(work->now, hy_backoff_ms(base_ms, attempts - 1,
								      RETRY_MAX_MS));

	if (attempts >= work->conf->attempts) {
		end_for_good(in, visit->kind, visit->reason);
		return;
	}
	in->outcome.state = in->job->visits ? HY_FRONTIER_REVISIT : HY_FRONTIER_QUEUED;
	in->outcome.attempts = attempts;
	in->outcome.kind = in->job->visits ? NULL : visit->kind;
	in->outcome.next_at = hy_wall_known(visit->not_before) && visit->not_before.ms > next.ms
				      ? visit->not_before : next;
	set_reason(in, visit->reason);
}

static void end_moved(struct intake *in, const struct hy_visit *visit)
{
	in->outcome.state = HY_FRONTIER_DONE;
	in->outcome.kind = visit->kind;
	hy_buf_add_str(&in->moved_to, visit->location);
	if (!hy_document_id(visit->location, &in->moved_document)) {
		hy_buf_clear(&in->moved_to);
		end_for_good(in, visit->kind, HY_STR_LIT("重定向的目标不是可用的网址"));
		return;
	}
	set_reason(in, visit->reason);
}

/* ---- a page that was read ---- */

static void add_flag(struct intake *in, const char *flag)
{
	size_t n = strlen(in->flags), need = strlen(flag);

	if (n + need + 2 > sizeof in->flags)
		return;
	if (n)
		in->flags[n++] = ',';
	memcpy(in->flags + n, flag, need + 1);
}

static struct hy_wall time_of(struct intake *in, const struct hy_article *a)
{
	if (hy_wall_known(a->published_at))
		return a->published_at;
	if (!hy_wall_known(in->job->published_at) ||
	    in->job->published_at.ms > in->now.ms + FUTURE_MS)
		return HY_WALL_NONE;
	add_flag(in, "time-from-link");
	return in->job->published_at;
}

static void take_title(struct intake *in, const struct hy_article *a)
{
	if (hy_mask(a->title, &in->title, NULL) != HY_OK)
		hy_buf_clear(&in->title);
	if (in->title.n || !in->job->title[0])
		return;
	hy_buf_add_c(&in->title, in->job->title);	/* masked when it was found */
	(void)whole(&in->title);
	add_flag(in, "title-from-link");
}

static bool take_texts(struct intake *in, const struct hy_work *work, const struct hy_article *a)
{
	const struct hy_source *source = hy_sources_find(work->sources, hy_str_of(in->job->source));
	struct hy_str page_url = hy_str_of(in->job->url);
	enum hy_canonical why;

	take_title(in, a);
	if (hy_mask(a->text, &in->text, NULL) != HY_OK)
		return false;
	if (hy_mask(a->source, &in->outlet, NULL) != HY_OK)
		hy_buf_clear(&in->outlet);
	hy_buf_add_c(&in->region, source ? source->region : "");
	return hy_url_canonical(page_url, &in->own_url) == HY_OK &&
	       hy_canonical_choose(page_url, a->canonical, &in->url, &why) == HY_OK;
}

/* The verdict may make evidence of it (crawler/evidence.h). */
static void keep_raw(struct intake *in, const struct hy_work *work,
		     const struct hy_fetch_result *response)
{
	struct hy_warc_response page = {.url = hy_str_of(in->job->url), .head = response->head,
					.body = response->body, .fetched_at = work->now};

	if (!work->conf->warc || !work->conf->warc[0])
		return;
	in->spool_bytes = work->conf->warc_spool_bytes;
	if (hy_warc_add_response(&page, &in->record) != HY_OK)
		hy_buf_clear(&in->record);
}

static void end_article(struct intake *in, const struct hy_work *work,
			const struct hy_fetch_result *response, const struct hy_article *a)
{
	if (!take_texts(in, work, a)) {
		end_for_good(in, "large", HY_STR_LIT("正文超过大小上限"));
		return;
	}
	if (a->suspicious)
		add_flag(in, "suspicious");
	hy_sha256_hex(response->body, in->raw_sha256);
	keep_raw(in, work, response);
	in->version = (struct hy_archive_version){
		.url = hy_buf_str(&in->url),
		.own_url = hy_buf_str(&in->own_url),
		.page = hy_str_of(in->job->id),
		.source = hy_str_of(in->job->source),
		.region = whole(&in->region),
		.outlet = whole(&in->outlet),
		.title = hy_buf_str(&in->title),
		.text = hy_buf_str(&in->text),
		.published_at = time_of(in, a),
		.detected_at = work->now,
		.kind = hy_article_kind_name(a->kind),
		.charset = a->charset ? a->charset : "",
		.flags = in->flags,
		.raw_sha256 = in->raw_sha256,
		.holder = hy_buf_str(&in->holder),
	};
	in->has_version = true;
	end_read(in, work, in->version.kind);
	hy_buf_add_str(&in->etag, response->etag);
	hy_buf_add_str(&in->last_modified, response->last_modified);
	in->outcome.etag = whole(&in->etag);
	in->outcome.last_modified = whole(&in->last_modified);
	set_reason(in, a->suspicious ? hy_str_of(a->why) : (struct hy_str){0});
}

static void end_other_kind(struct intake *in, const struct hy_work *work, enum hy_article_kind kind)
{
	static const struct {
		const char *reason;
	} others[] = {
		[HY_ARTICLE_LIST] = {"是列表页，不是文章"},
		[HY_ARTICLE_DELETED] = {"文章已被删除或下架"},
		[HY_ARTICLE_BLOCKED] = {"网站要求验证或登录，未能看到内容"},
		[HY_ARTICLE_EMPTY] = {"页面没有正文"},
	};
	struct hy_visit blocked = {.kind = "blocked", .counts = true,
				   .reason = hy_str_of(others[kind].reason),
				   .not_before = HY_WALL_NONE};

	if (kind == HY_ARTICLE_BLOCKED) {
		end_for_now(in, work, &blocked, work->conf->blocked_ms);
		return;
	}
	in->is_gone = kind == HY_ARTICLE_DELETED && in->job->document[0];
	in->outcome.state = HY_FRONTIER_DONE;
	in->outcome.visits = in->job->visits + 1;
	in->outcome.kind = hy_article_kind_name(kind);
	set_reason(in, hy_str_of(others[kind].reason));
}

static void end_page(struct intake *in, const struct hy_work *work,
		     const struct hy_fetch_result *response, bool *out_blocked)
{
	struct hy_extract_input page = {.bytes = response->body,
					.content_type = response->content_type,
					.url = hy_str_of(in->job->url), .now = work->now};
	const struct hy_source *source = hy_sources_find(work->sources, hy_str_of(in->job->source));
	hy_cleanup(hy_article_fini) struct hy_article article = {0};

	if (hy_xpath_article(&page, source ? source->xpath : NULL, &article, NULL) != HY_OK) {
		end_for_good(in, "large", HY_STR_LIT("页面过大或结构过于复杂"));
		return;
	}
	*out_blocked = article.kind == HY_ARTICLE_BLOCKED;
	if (article.kind == HY_ARTICLE_ARTICLE || article.kind == HY_ARTICLE_WECHAT)
		end_article(in, work, response, &article);
	else
		end_other_kind(in, work, article.kind);
}

struct hy_change *hy_intake(const struct hy_work *work, struct hy_job *job,
			    const struct hy_visit *visit, bool *out_blocked)
{
	struct intake *in = intake_new(job, work->now);

	*out_blocked = false;
	hy_buf_add_c(&in->holder, work->instance);
	switch (visit->end) {
	case HY_VISIT_PAGE:
		end_page(in, work, visit->response, out_blocked);
		break;
	case HY_VISIT_UNCHANGED:
		end_read(in, work, NULL);
		in->outcome.etag = hy_str_of(job->etag);
		in->outcome.last_modified = hy_str_of(job->last_modified);
		break;
	case HY_VISIT_MOVED:
		end_moved(in, visit);
		break;
	case HY_VISIT_REFUSED:
		in->is_gone = job->document[0] && hy_str_eq_c(hy_str_of(visit->kind), "gone");
		end_for_good(in, visit->kind, visit->reason);
		break;
	case HY_VISIT_LATER:
		end_for_now(in, work, visit, work->conf->retry_ms);
		break;
	case HY_VISIT_RELEASED:
		in->is_release = true;
		in->release_at = visit->not_before;
		break;
	}
	return &in->change;
}

struct hy_change *hy_intake_give_up(struct hy_job *job)
{
	struct intake *in = intake_new(job, HY_WALL_NONE);

	end_for_good(in, "crash", HY_STR_LIT("处理这一网页时程序多次中断，已放弃"));
	return &in->change;
}
