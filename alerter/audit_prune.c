/* What is older than it has to be kept; see audit.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alerter/audit.h"
#include "alerter/audit_link.h"
#include "alerter/turn.h"
#include "common/base/mem.h"

#define DETAIL_BYTES 512
#define DAY_MS (24LL * 3600 * 1000)
#define HY_DAY (24LL * 3600 * 1000)

static const char oldest_entries[] = "SELECT seq, at, hash FROM audit WHERE seq > 0 ORDER BY seq LIMIT $1";
static const char delete_entries[] = "DELETE FROM audit WHERE seq <= $1";
static const char put_pruned[] =
	"INSERT INTO alerter_counter (name, value, text) VALUES ($1, $2, '')"
	" ON CONFLICT (name) DO UPDATE SET value = excluded.value";

/* The last of those before `cutoff` with nothing younger in front of it. */
struct old {
	struct hy_audit_head last;
	struct hy_wall at;
	int64_t count;
};

static enum hy_err find_old(struct hy_store *store, struct hy_wall cutoff, int64_t limit,
			    struct old *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, oldest_entries);
	enum hy_err err;
	bool row;

	hy_query_bind_int(q, 1, limit);
	while (!(err = hy_query_next(q, &row, e)) && row) {
		struct hy_str hash = hy_query_text(q, 2);

		if (hy_query_int(q, 1) >= cutoff.ms || hash.n != HY_SHA256_DIGITS) {
			hy_query_reset(q);
			break;
		}
		out->last.seq = hy_query_int(q, 0);
		memcpy(out->last.hash, hash.p, hash.n);
		out->at.ms = hy_query_int(q, 1);
		out->count++;
	}
	return err;
}

static enum hy_err vouch(struct hy_turn *turn, const struct hy_audit_pruning *pruning,
			 const struct old *old, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf detail = HY_BUF(DETAIL_BYTES);
	char subject[24 + HY_SHA256_DIGITS], at[HY_RFC3339_BYTES];
	int n = snprintf(subject, sizeof subject, "%" PRId64 ":%s", old->last.seq, old->last.hash);

	hy_buf_addf(&detail, "按保存期限（%" PRId64 " 天）清理 %" PRId64 " 条，止于 %s 的第 %" PRId64 " 条",
		    pruning->keep_days, old->count, hy_wall_format(old->at, at), old->last.seq);
	const struct hy_audit_entry entry = {.at = pruning->now, .actor = HY_STR_LIT("system"),
					     .act = HY_STR_LIT(HY_AUDIT_PRUNED_ACT),
					     .subject = {subject, (size_t)n},
					     .detail = hy_buf_str(&detail)};

	return hy_audit_append(turn, &entry, e);
}

/* Which entry vouches: the one just appended. */
static enum hy_err remember(struct hy_turn *turn, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, put_pruned);

	hy_query_bind_c(q, 1, HY_AUDIT_PRUNED_NAME);
	hy_query_bind_int(q, 2, turn->audit.seq);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_audit_prune(struct hy_turn *turn, const struct hy_audit_pruning *pruning,
			   int64_t *out_pruned, struct hy_error *e)
{
	struct hy_wall cutoff = hy_wall_add_ms(pruning->now, -pruning->keep_days * DAY_MS);
	struct old old = {.count = 0};
	struct hy_query *q;
	enum hy_err err;

	if (pruning->keep_days < HY_AUDIT_KEEP_DAYS_MIN)
		return hy_fail(e, HY_ERR_LIMIT, "audit: kept for %d days at least",
			       HY_AUDIT_KEEP_DAYS_MIN);
	*out_pruned = 0;
	err = find_old(turn->store, cutoff, pruning->limit, &old, e);
	if (err || old.count == 0)
		return err;
	err = vouch(turn, pruning, &old, e);
	if (!err)
		err = remember(turn, e);
	if (err)
		return err;
	q = hy_store_query(turn->store, delete_entries);
	hy_query_bind_int(q, 1, old.last.seq);
	err = hy_query_run(q, out_pruned, e);
	return err;
}
