#include "crawler/robots_cache.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "crawler/url.h"

static const char load_sql[] = "SELECT status, body, expires_at FROM robots WHERE origin = $1";
static const char save_sql[] =
	"INSERT INTO robots (origin, status, body, fetched_at, expires_at)"
	" VALUES ($1, $2, $3, $4, $5) ON CONFLICT (origin) DO UPDATE SET status = excluded.status,"
	" body = excluded.body, fetched_at = excluded.fetched_at, expires_at = excluded.expires_at";

struct save {
	struct hy_change change;
	char *origin;
	int64_t status;
	char *body;
	size_t body_bytes;
	struct hy_wall fetched_at, expires_at;
};

void hy_robots_entries_free(struct hy_robots_entry *first)
{
	while (first) {
		struct hy_robots_entry *next = first->next;

		free(first->origin);
		free(first->leg);
		hy_robots_free(first->rules);
		free(first);
		first = next;
	}
}

static void learn(struct hy_robots_entry *entry, int64_t status, struct hy_str body,
		  struct hy_wall expires_at)
{
	hy_robots_free(entry->rules);
	entry->rules = NULL;
	if (hy_robots_verdict_for_status((int)status) == HY_ROBOTS_PARSE)
		entry->rules = hy_robots_parse(body);
	entry->is_known = true;
	entry->status = status;
	entry->expires_at = expires_at;
}

/* A store that cannot be read is as good as an empty one: the site is asked. */
static void load(struct hy_robots_entry *entry, struct hy_store *store)
{
	struct hy_query *q = hy_store_query(store, load_sql);
	bool row = false;

	hy_query_bind_c(q, 1, entry->origin);
	if (hy_query_next(q, &row, NULL) != HY_OK || !row)
		return;
	learn(entry, hy_query_int(q, 0), hy_query_blob(q, 1), hy_query_wall(q, 2));
	hy_query_reset(q);
}

struct hy_robots_entry *hy_robots_entry_of(struct hy_robots_entry **list, struct hy_store *store,
					   struct hy_str normalised_url)
{
	struct hy_str origin = hy_url_origin(normalised_url);
	struct hy_robots_entry *entry;

	for (entry = *list; entry; entry = entry->next)
		if (hy_str_eq_c(origin, entry->origin))
			return entry;
	entry = hy_xcalloc(1, sizeof *entry);
	entry->origin = hy_str_dup(origin);
	entry->next = *list;
	*list = entry;
	load(entry, store);
	return entry;
}

/* Nothing is believed for longer than a day, also where the clock was set back meanwhile. */
bool hy_robots_entry_is_fresh(const struct hy_robots_entry *entry, struct hy_wall now)
{
	return entry->is_known && now.ms < entry->expires_at.ms &&
	       entry->expires_at.ms - now.ms <= INT64_C(86400000);
}

char *hy_robots_entry_url(const struct hy_robots_entry *entry)
{
	struct hy_buf url;

	if (entry->leg)
		return hy_xstrdup(entry->leg);
	hy_buf_init(&url, HY_URL_MAX_BYTES + 16);
	hy_buf_addf(&url, "%s/robots.txt", entry->origin);
	return hy_buf_take(&url);
}

static enum hy_err write_save(struct hy_change *change, struct hy_store *store, struct hy_error *e)
{
	struct save *s = hy_container_of(change, struct save, change);
	struct hy_query *q = hy_store_query(store, save_sql);

	hy_query_bind_c(q, 1, s->origin);
	hy_query_bind_int(q, 2, s->status);
	hy_query_bind_blob(q, 3, (struct hy_str){s->body, s->body_bytes});
	hy_query_bind_wall(q, 4, s->fetched_at);
	hy_query_bind_wall(q, 5, s->expires_at);
	return hy_query_run(q, NULL, e);
}

static void end_save(struct hy_change *change, bool committed)
{
	struct save *s = hy_container_of(change, struct save, change);

	(void)committed;
	free(s->origin);
	free(s->body);
	free(s);
}

static const struct hy_change_type save_type = {"robots", write_save, end_save};

struct hy_change *hy_robots_entry_set(struct hy_robots_entry *entry, int64_t status,
				      struct hy_str body, struct hy_wall now,
				      struct hy_wall expires_at)
{
	struct save *s = hy_xcalloc(1, sizeof *s);

	if (hy_robots_verdict_for_status((int)status) != HY_ROBOTS_PARSE)
		body.n = 0;
	/* What is behind the limit is read as absent, so it need not be kept. */
	body = hy_str_sub(body, 0, HY_ROBOTS_MAX_BYTES);
	free(entry->leg);
	entry->leg = NULL;
	entry->legs = 0;
	learn(entry, status, body, expires_at);
	s->change.type = &save_type;
	s->origin = hy_xstrdup(entry->origin);
	s->status = status;
	s->body = hy_str_dup(body);
	s->body_bytes = body.n;
	s->fetched_at = now;
	s->expires_at = expires_at;
	return &s->change;
}

enum hy_robots_answer hy_robots_entry_ask(const struct hy_robots_entry *entry, struct hy_str agent,
					  struct hy_str url, int *out_line)
{
	*out_line = 0;
	switch (hy_robots_verdict_for_status((int)entry->status)) {
	case HY_ROBOTS_ALLOW_ALL:
		return HY_ROBOTS_ANSWER_ALLOWED;
	case HY_ROBOTS_DISALLOW_ALL:
		return HY_ROBOTS_ANSWER_UNREACHABLE;
	case HY_ROBOTS_PARSE:
		break;
	}
	return hy_robots_allowed(entry->rules, agent, url, out_line) ? HY_ROBOTS_ANSWER_ALLOWED
								      : HY_ROBOTS_ANSWER_FORBIDDEN;
}

int64_t hy_robots_entry_delay_ms(const struct hy_robots_entry *entry, struct hy_str agent)
{
	return entry->rules ? hy_robots_crawl_delay_ms(entry->rules, agent) : -1;
}
