#include "crawler/host_lease.h"

#include <stdio.h>

#include "common/base/mem.h"

/*
 * Two crawlers may write at the same moment, and neither see the other's: one finds a page of
 * a host, the other, which holds it, that nothing waits there. It waits no longer than this.
 */
#define DOZE_MAX_MS 300000

/* Writes, and so locks the row, only where that changes something. */
static const char wake_sql[] =
	"INSERT INTO host (host, wake_at) SELECT $1, $2"
	" WHERE NOT EXISTS (SELECT 1 FROM host WHERE host = $1 AND wake_at <= $2)"
	" ON CONFLICT (host) DO UPDATE SET wake_at = excluded.wake_at"
	" WHERE host.wake_at > excluded.wake_at";
static const char due_sql[] =
	"SELECT host, wake_at FROM host WHERE wake_at <= $2"
	" AND (lease_owner = $1 OR lease_until <= $2) AND paused_until <= $2 AND rest_until <= $2"
	" ORDER BY wake_at, host LIMIT $3";
/* owes: 0 nobody knows better than the row, 1 somebody did and died, 2 the owner itself does. */
static const char claim_sql[] =
	"UPDATE host SET owes = CASE WHEN lease_owner = $2 THEN 2 WHEN lease_owner <> '' THEN 1"
	" ELSE owes END, lease_owner = $2, lease_until = $4, claimed_at = $3, wake_at = $5,"
	" rest_reason = '' WHERE host IN (SELECT host FROM host WHERE host = $1"
	" AND (lease_owner = $2 OR lease_until <= $3) AND paused_until <= $3 {skip_locked})"
	" RETURNING next_allowed_at, paused_until, pauses, owes, reason";
/* All states and priorities are named, so that the index is entered at next_at, too. */
static const char next_sql[] =
	"SELECT MIN(at) FROM (SELECT MIN(next_at) AS at FROM frontier WHERE host = $1"
	" AND state IN ('queued', 'leased', 'revisit') AND priority = 0"
	" UNION ALL SELECT MIN(next_at) FROM frontier WHERE host = $1"
	" AND state IN ('queued', 'leased', 'revisit') AND priority = 1"
	" UNION ALL SELECT MIN(next_poll_at) FROM source WHERE host = $1 AND active = 1) AS next";
static const char postpone_sql[] = "UPDATE host SET wake_at = $2 WHERE host = $1";
static const char save_sql[] =
	"UPDATE host SET next_allowed_at = $3, paused_until = $4, pauses = $5, reason = $6,"
	" owes = $7, wake_at = CASE WHEN wake_at < $4 THEN $4 ELSE wake_at END"
	" WHERE host = $1 AND lease_owner IN ($2, '')";
static const char give_back_sql[] =
	"UPDATE host SET lease_owner = '', lease_until = 0 WHERE host = $1 AND lease_owner = $2";
static const char release_owner_sql[] =
	"UPDATE host SET lease_until = 0 WHERE lease_owner = $1 AND lease_owner <> ''"
	" AND lease_until > 0";
static const char others_sql[] =
	"SELECT (SELECT COUNT(*) FROM crawler WHERE instance <> $1 AND alive_until > $2),"
	" (SELECT COUNT(*) FROM host WHERE lease_owner <> '' AND lease_until > $2"
	" AND lease_owner <> $1)";

enum hy_err hy_host_wake(struct hy_store *store, struct hy_str host, struct hy_wall at,
			 struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, wake_sql);

	hy_query_bind_text(q, 1, host);
	hy_query_bind_wall(q, 2, at);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_host_due(struct hy_store *store, const struct hy_lease_terms *terms,
			struct hy_host_due *out, size_t *out_count, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, due_sql);
	size_t count = 0;
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, terms->owner);
	hy_query_bind_wall(q, 2, terms->now);
	hy_query_bind_int(q, 3, (int64_t)terms->max);
	while ((err = hy_query_next(q, &row, e)) == HY_OK && row && count < terms->max)
		out[count++] = (struct hy_host_due){hy_str_dup(hy_query_text(q, 0)),
						    hy_query_wall(q, 1)};
	hy_query_reset(q);
	if (err == HY_OK)
		*out_count = count;
	else
		while (count)
			free(out[--count].host);
	return err;
}

static void read_memory(const struct hy_query *q, struct hy_host_memory *out)
{
	*out = (struct hy_host_memory){
		.next_allowed_at = hy_query_wall(q, 0),
		.paused_until = hy_query_wall(q, 1),
		.pauses = hy_query_int(q, 2),
		.owes_delay = hy_query_int(q, 3) != 0,
		.was_mine = hy_query_int(q, 3) == 2,
	};
	(void)snprintf(out->reason, sizeof out->reason, "%.*s", HY_STR_ARGS(hy_query_text(q, 4)));
}

enum hy_err hy_host_claim(struct hy_store *store, const struct hy_lease_terms *terms,
			  struct hy_host_memory *out, bool *out_mine, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, claim_sql);
	bool row, is_mine = false;
	enum hy_err err;

	hy_query_bind_text(q, 1, terms->host);
	hy_query_bind_text(q, 2, terms->owner);
	hy_query_bind_wall(q, 3, terms->now);
	hy_query_bind_wall(q, 4, terms->until);
	hy_query_bind_wall(q, 5, terms->look_at);
	while ((err = hy_query_next(q, &row, e)) == HY_OK && row) {
		read_memory(q, out);
		is_mine = true;
	}
	if (err == HY_OK)
		*out_mine = is_mine;
	return err;
}

static enum hy_err next_moment(struct hy_store *store, struct hy_str host, struct hy_wall *out,
			       struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, next_sql);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, host);
	while ((err = hy_query_next(q, &row, e)) == HY_OK && row)
		*out = hy_query_wall(q, 0);
	return err;
}

enum hy_err hy_host_doze(struct hy_store *store, struct hy_str host, struct hy_wall now,
			 struct hy_error *e)
{
	struct hy_wall next = HY_WALL_NONE, last = hy_wall_add_ms(now, DOZE_MAX_MS);
	enum hy_err err = next_moment(store, host, &next, e);

	if (err != HY_OK)
		return err;
	if (!hy_wall_known(next) || next.ms > last.ms)
		next = last;
	return hy_host_postpone(store, host, next, e);
}

enum hy_err hy_host_postpone(struct hy_store *store, struct hy_str host, struct hy_wall until,
			     struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, postpone_sql);

	hy_query_bind_text(q, 1, host);
	hy_query_bind_wall(q, 2, until);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_host_save(struct hy_store *store, struct hy_str host, struct hy_str owner,
			 const struct hy_host_memory *memory, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, save_sql);

	hy_query_bind_text(q, 1, host);
	hy_query_bind_text(q, 2, owner);
	hy_query_bind_wall(q, 3, memory->next_allowed_at);
	hy_query_bind_wall(q, 4, memory->paused_until);
	hy_query_bind_int(q, 5, memory->pauses);
	hy_query_bind_c(q, 6, memory->reason);
	hy_query_bind_int(q, 7, memory->owes_delay);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_host_give_back(struct hy_store *store, struct hy_str host, struct hy_str owner,
			      struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, give_back_sql);

	hy_query_bind_text(q, 1, host);
	hy_query_bind_text(q, 2, owner);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_host_release_owner(struct hy_store *store, struct hy_str owner, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, release_owner_sql);

	hy_query_bind_text(q, 1, owner);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_host_others(struct hy_store *store, struct hy_str owner, struct hy_wall now,
			   struct hy_host_others *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, others_sql);
	struct hy_host_others found = {0};
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, owner);
	hy_query_bind_wall(q, 2, now);
	while ((err = hy_query_next(q, &row, e)) == HY_OK && row)
		found = (struct hy_host_others){hy_query_int(q, 0), hy_query_int(q, 1)};
	if (err == HY_OK)
		*out = found;
	return err;
}
