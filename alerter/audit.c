#include "alerter/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/sys/content_id.h"

#define ALGORITHM "sha256"
#define HEAD "audit"
/* Detail and the other fields, each bounded by what a message may carry. */
#define CANONICAL_BYTES (HY_AUDIT_DETAIL_BYTES + 65536)

static const char get_head[] = "SELECT value, text FROM alerter_counter WHERE name = $1";
static const char put_head[] =
	"INSERT INTO alerter_counter (name, value, text) VALUES ($1, $2, $3)"
	" ON CONFLICT (name) DO UPDATE SET value = excluded.value, text = excluded.text";
static const char put_entry[] =
	"INSERT INTO audit (seq, at, actor, act, subject, detail, algorithm, previous, hash)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
static const char all_entries[] =
	"SELECT seq, at, actor, act, subject, detail, algorithm, previous, hash"
	" FROM audit ORDER BY seq";

/* One link of the chain: what the hash covers, and the hash. */
struct link {
	int64_t seq;
	struct hy_audit_entry entry;
	struct hy_str algorithm, previous;
};

struct head {
	int64_t seq;
	char hash[HY_SHA256_DIGITS + 1];
};

static void add_part(struct hy_buf *b, struct hy_str part)
{
	hy_buf_addf(b, "%zu:", part.n);
	hy_buf_add_str(b, part);
}

static enum hy_err hash_link(const struct link *link, char out[HY_SHA256_DIGITS + 1])
{
	hy_cleanup(hy_buf_fini) struct hy_buf b = HY_BUF(CANONICAL_BYTES);
	char seq[24], at[24];
	int seq_n = snprintf(seq, sizeof seq, "%" PRId64, link->seq);
	int at_n = snprintf(at, sizeof at, "%" PRId64, link->entry.at.ms);

	add_part(&b, (struct hy_str){seq, (size_t)seq_n});
	add_part(&b, (struct hy_str){at, (size_t)at_n});
	add_part(&b, link->entry.actor);
	add_part(&b, link->entry.act);
	add_part(&b, link->entry.subject);
	add_part(&b, link->entry.detail);
	add_part(&b, link->algorithm);
	add_part(&b, link->previous);
	if (hy_buf_err(&b))
		return hy_buf_err(&b);
	hy_sha256_hex(hy_buf_str(&b), out);
	return HY_OK;
}

static enum hy_err read_head(struct hy_store *store, struct head *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, get_head);
	struct head head = {0};
	enum hy_err err;
	bool row;

	hy_query_bind_c(q, 1, HEAD);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	if (row) {
		struct hy_str hash = hy_query_text(q, 1);

		head.seq = hy_query_int(q, 0);
		if (hash.n == HY_SHA256_DIGITS)
			memcpy(head.hash, hash.p, hash.n);
	}
	hy_query_reset(q);
	*out = head;
	return HY_OK;
}

static enum hy_err write_head(struct hy_store *store, const struct head *head, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, put_head);

	hy_query_bind_c(q, 1, HEAD);
	hy_query_bind_int(q, 2, head->seq);
	hy_query_bind_c(q, 3, head->hash);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_audit_append(struct hy_store *store, const struct hy_audit_entry *entry,
			    struct hy_error *e)
{
	struct head head, next;
	struct link link = {.entry = *entry, .algorithm = HY_STR_LIT(ALGORITHM)};
	struct hy_query *q;
	enum hy_err err;

	if (entry->detail.n > HY_AUDIT_DETAIL_BYTES)
		return hy_fail(e, HY_ERR_LIMIT, "audit: detail of %zu bytes", entry->detail.n);
	err = read_head(store, &head, e);
	if (err)
		return err;
	link.seq = next.seq = head.seq + 1;
	link.previous = hy_str_of(head.hash);
	err = hash_link(&link, next.hash);
	if (err)
		return hy_fail(e, err, "audit: entry too long");
	q = hy_store_query(store, put_entry);
	hy_query_bind_int(q, 1, link.seq);
	hy_query_bind_int(q, 2, entry->at.ms);
	hy_query_bind_text(q, 3, entry->actor);
	hy_query_bind_text(q, 4, entry->act);
	hy_query_bind_text(q, 5, entry->subject);
	hy_query_bind_text(q, 6, entry->detail);
	hy_query_bind_text(q, 7, link.algorithm);
	hy_query_bind_text(q, 8, link.previous);
	hy_query_bind_c(q, 9, next.hash);
	err = hy_query_run(q, NULL, e);
	return err ? err : write_head(store, &next, e);
}

static struct link read_link(const struct hy_query *q)
{
	return (struct link){
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

/* Compares one entry with what must stand there; true where it is as it was written. */
static bool verify_link(const struct link *link, struct hy_str hash, const struct head *before,
			struct hy_buf *findings)
{
	char expected[HY_SHA256_DIGITS + 1];

	if (link->seq != before->seq + 1) {
		hy_buf_addf(findings, "第 %" PRId64 " 条之后缺少记录，下一条是第 %" PRId64 " 条\n",
			    before->seq, link->seq);
		return false;
	}
	if (!hy_str_eq_c(link->algorithm, ALGORITHM)) {
		hy_buf_addf(findings, "第 %" PRId64 " 条的算法“%.*s”未知\n", link->seq,
			    HY_STR_ARGS(link->algorithm));
		return false;
	}
	if (!hy_str_eq_c(link->previous, before->hash)) {
		hy_buf_addf(findings, "第 %" PRId64 " 条与前一条不相连：顺序被改动或记录被替换\n",
			    link->seq);
		return false;
	}
	if (hash_link(link, expected) || !hy_str_eq_c(hash, expected)) {
		hy_buf_addf(findings, "第 %" PRId64 " 条（%.*s %.*s）的内容被改动\n", link->seq,
			    HY_STR_ARGS(link->entry.act), HY_STR_ARGS(link->entry.subject));
		return false;
	}
	return true;
}

enum hy_err hy_audit_verify(struct hy_store *store, struct hy_buf *findings,
			    int64_t *out_entries, int64_t *out_bad, struct hy_error *e)
{
	struct head head, before = {0};
	int64_t entries = 0, bad = 0;
	struct hy_query *q;
	enum hy_err err = read_head(store, &head, e);
	bool row;

	if (err)
		return err;
	q = hy_store_query(store, all_entries);
	while (!(err = hy_query_next(q, &row, e)) && row) {
		struct link link = read_link(q);
		struct hy_str hash = hy_query_text(q, 8);

		entries++;
		bad += !verify_link(&link, hash, &before, findings);
		/* Go on from what stands here, so that each break is told once. */
		before = (struct head){.seq = link.seq};
		if (hash.n == HY_SHA256_DIGITS)
			memcpy(before.hash, hash.p, hash.n);
	}
	if (err)
		return err;
	if (before.seq != head.seq || strcmp(before.hash, head.hash) != 0) {
		hy_buf_addf(findings, "末尾不符：应止于第 %" PRId64 " 条，实际止于第 %" PRId64 " 条\n",
			    head.seq, before.seq);
		bad++;
	}
	*out_entries = entries;
	*out_bad = bad;
	return HY_OK;
}
