/* The walk along the audit's chain; see audit.h. */
#include <inttypes.h>
#include <string.h>

#include "alerter/audit.h"
#include "alerter/audit_link.h"
#include "common/base/mem.h"

#define PAGE 1000

static const char next_entries[] =
	"SELECT seq, at, actor, act, subject, detail, algorithm, previous, hash"
	" FROM audit WHERE seq > $1 ORDER BY seq LIMIT 1000";
static const char first_entry[] = "SELECT seq, previous FROM audit WHERE seq > 0 ORDER BY seq LIMIT 1";
static const char pruned_entry[] =
	"SELECT a.subject FROM alerter_counter c JOIN audit a ON a.seq = c.value"
	" WHERE c.name = $1 AND a.act = $2";
static const char entry_hash[] = "SELECT hash FROM audit WHERE seq = $1";

static void copy_hash(struct hy_str hash, struct hy_audit_head *out)
{
	memset(out->hash, 0, sizeof out->hash);
	if (hash.n == HY_SHA256_DIGITS)
		memcpy(out->hash, hash.p, hash.n);
}

static struct hy_audit_link read_link(const struct hy_query *q)
{
	return (struct hy_audit_link){
		.seq = hy_query_int(q, 0),
		.entry = {.at = {hy_query_int(q, 1)},
			  .actor = hy_query_text(q, 2),
			  .act = hy_query_text(q, 3),
			  .subject = hy_query_text(q, 4),
			  .detail = hy_query_text(q, 5)},
		.algorithm = hy_query_text(q, 6),
		.previous = hy_query_text(q, 7),
	};
}

/* What is wrong with an entry where another stands before it; NULL: nothing. */
static const char *judge(const struct hy_audit_link *link, struct hy_str hash,
			 const struct hy_audit_head *before)
{
	char expected[HY_SHA256_DIGITS + 1];
	enum hy_err err;

	if (link->seq != before->seq + 1)
		return "之前缺少记录";
	err = hy_audit_link_hash(link, expected);
	if (err == HY_ERR_MALFORMED)
		return "的算法未知";
	if (!hy_str_eq_c(link->previous, before->hash))
		return "与前一条不相连：顺序被改动或记录被替换";
	return err || !hy_str_eq_c(hash, expected) ? "的内容被改动" : NULL;
}

static void step(struct hy_audit_walk *walk, const struct hy_query *q, struct hy_buf *findings)
{
	struct hy_audit_link link = read_link(q);
	struct hy_str hash = hy_query_text(q, 8);
	const char *wrong = judge(&link, hash, &walk->at);

	walk->entries++;
	if (wrong && walk->bad++ < HY_AUDIT_TOLD)
		hy_buf_addf(findings, "第 %" PRId64 " 条（%.*s %.*s）%s；前一条是第 %" PRId64 " 条\n",
			    link.seq, HY_STR_ARGS(link.entry.act), HY_STR_ARGS(link.entry.subject),
			    wrong, walk->at.seq);
	/* Go on from what stands here, so that each break is told once. */
	walk->at.seq = link.seq;
	copy_hash(hash, &walk->at);
}

enum hy_err hy_audit_walk(struct hy_store *store, struct hy_audit_walk *walk, int64_t limit,
			  struct hy_buf *findings, struct hy_error *e)
{
	int64_t end = walk->entries + limit;

	while (!walk->ended && walk->entries < end) {
		struct hy_query *q = hy_store_query(store, next_entries);
		int64_t before = walk->entries;
		enum hy_err err;
		bool row;

		hy_query_bind_int(q, 1, walk->at.seq);
		while (!(err = hy_query_next(q, &row, e)) && row)
			step(walk, q, findings);
		if (err)
			return err;
		walk->ended = walk->entries - before < PAGE;
	}
	return HY_OK;
}

/* What the chain itself says was pruned; all zeros where it says nothing. */
static enum hy_err read_pruned(struct hy_store *store, struct hy_audit_head *out,
			       struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, pruned_entry);
	enum hy_err err;
	bool row;

	*out = (struct hy_audit_head){0};
	hy_query_bind_c(q, 1, HY_AUDIT_PRUNED_NAME);
	hy_query_bind_c(q, 2, HY_AUDIT_PRUNED_ACT);
	err = hy_query_next(q, &row, e);
	if (err || !row)
		return err;
	(void)hy_audit_head_parse(hy_query_text(q, 0), out);
	hy_query_reset(q);
	return HY_OK;
}

/* The first entry that is there; *out_found false in an empty table. */
static enum hy_err read_first(struct hy_store *store, struct hy_audit_head *out_before,
			      bool *out_found, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, first_entry);
	enum hy_err err = hy_query_next(q, out_found, e);

	if (err || !*out_found)
		return err;
	out_before->seq = hy_query_int(q, 0) - 1;
	copy_hash(hy_query_text(q, 1), out_before);
	hy_query_reset(q);
	return HY_OK;
}

/* What one verification knows so far. */
struct check {
	struct hy_store *store;
	struct hy_audit_head pruned, head;
	struct hy_audit_walk walk;
	struct hy_buf *findings;
};

/* Where the chain begins: at its first entry, or behind what was pruned. */
static enum hy_err find_start(struct check *check, struct hy_error *e)
{
	const struct hy_audit_head *pruned = &check->pruned;
	struct hy_audit_head before = {0};
	bool found = false;
	enum hy_err err = read_first(check->store, &before, &found, e);

	if (err || !found)
		return err;
	check->walk.at = before;
	if (before.seq == pruned->seq && strcmp(before.hash, pruned->hash) == 0)
		return HY_OK;
	check->walk.bad++;
	hy_buf_addf(check->findings, "开头不符：现存第一条是第 %" PRId64 " 条，", before.seq + 1);
	if (pruned->seq)
		hy_buf_addf(check->findings, "而清理记录只到第 %" PRId64 " 条\n", pruned->seq);
	else
		hy_buf_add_c(check->findings, "而没有清理记录\n");
	return HY_OK;
}

/* A head that was told to people must stand in the chain as it was told. */
static enum hy_err check_given(struct check *check, const struct hy_audit_head *given,
			       struct hy_error *e)
{
	struct hy_query *q = hy_store_query(check->store, entry_hash);
	struct hy_audit_head found = {0};
	enum hy_err err;
	bool row;

	hy_query_bind_int(q, 1, given->seq);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	if (row) {
		copy_hash(hy_query_text(q, 0), &found);
		hy_query_reset(q);
	} else if (given->seq == check->pruned.seq) {
		found = check->pruned;
	}
	if (strcmp(found.hash, given->hash) == 0)
		return HY_OK;
	check->walk.bad++;
	hy_buf_addf(check->findings, "与给出的第 %" PRId64 " 条不符：", given->seq);
	if (!row && given->seq < check->pruned.seq)
		hy_buf_add_c(check->findings, "该条已按保存期限清理，无法比对\n");
	else
		hy_buf_add_c(check->findings, row ? "该条的散列值不同，此前的记录被改写过\n"
						  : "该条不存在，末尾被截去\n");
	return HY_OK;
}

enum hy_err hy_audit_verify(struct hy_store *store, const struct hy_audit_head *given,
			    struct hy_buf *findings, struct hy_audit_verdict *out,
			    struct hy_error *e)
{
	struct check check = {.store = store, .findings = findings};
	struct hy_audit_walk *walk = &check.walk;
	enum hy_err err = hy_audit_head(store, &check.head, e);

	if (!err)
		err = read_pruned(store, &check.pruned, e);
	if (!err)
		err = find_start(&check, e);
	if (!err)
		err = hy_audit_walk(store, walk, INT64_MAX / 2, findings, e);
	if (!err && given)
		err = check_given(&check, given, e);
	if (err)
		return err;
	if (walk->at.seq != check.head.seq || strcmp(walk->at.hash, check.head.hash) != 0) {
		hy_buf_addf(findings, "末尾不符：应止于第 %" PRId64 " 条，实际止于第 %" PRId64 " 条\n",
			    check.head.seq, walk->at.seq);
		walk->bad++;
	}
	*out = (struct hy_audit_verdict){.entries = walk->entries, .bad = walk->bad,
					 .pruned = check.pruned, .head = check.head};
	return HY_OK;
}
