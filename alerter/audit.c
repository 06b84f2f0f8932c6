#include "alerter/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alerter/audit_link.h"
#include "alerter/turn.h"
#include "common/base/mem.h"

#define HEAD "audit"
/* Detail and the other fields, each bounded by what a message may carry. */
#define CANONICAL_BYTES (HY_AUDIT_DETAIL_BYTES + 65536)

static const char get_head[] = "SELECT value, text FROM alerter_counter WHERE name = $1";
static const char put_entry[] =
	"INSERT INTO audit (seq, at, actor, act, subject, detail, algorithm, previous, hash)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/* Known ones; an entry keeps the one that it was written with. */
static const struct {
	const char *name;
	void (*hash)(struct hy_str data, char out[HY_SHA256_DIGITS + 1]);
} algorithms[] = {
	{HY_AUDIT_ALGORITHM, hy_sha256_hex},
};

bool hy_audit_head_parse(struct hy_str text, struct hy_audit_head *out)
{
	struct hy_str rest = text, number;
	struct hy_audit_head head = {0};

	if (!hy_str_next(&rest, ':', &number) || rest.n != HY_SHA256_DIGITS ||
	    !hy_str_to_int(number, 1, INT64_MAX, &head.seq))
		return false;
	for (size_t i = 0; i < rest.n; i++) {
		if (!strchr("0123456789abcdef", rest.p[i]))
			return false;
	}
	memcpy(head.hash, rest.p, rest.n);
	*out = head;
	return true;
}

static void add_part(struct hy_buf *b, struct hy_str part)
{
	hy_buf_addf(b, "%zu:", part.n);
	hy_buf_add_str(b, part);
}

enum hy_err hy_audit_link_hash(const struct hy_audit_link *link, char out[HY_SHA256_DIGITS + 1])
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
	for (size_t i = 0; i < HY_COUNT(algorithms); i++) {
		if (hy_str_eq_c(link->algorithm, algorithms[i].name)) {
			algorithms[i].hash(hy_buf_str(&b), out);
			return HY_OK;
		}
	}
	return HY_ERR_MALFORMED;
}

enum hy_err hy_audit_head(struct hy_store *store, struct hy_audit_head *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, get_head);
	struct hy_audit_head head = {0};
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

static enum hy_err write_link(struct hy_store *store, const struct hy_audit_link *link,
			      const char *hash, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, put_entry);

	hy_query_bind_int(q, 1, link->seq);
	hy_query_bind_int(q, 2, link->entry.at.ms);
	hy_query_bind_text(q, 3, link->entry.actor);
	hy_query_bind_text(q, 4, link->entry.act);
	hy_query_bind_text(q, 5, link->entry.subject);
	hy_query_bind_text(q, 6, link->entry.detail);
	hy_query_bind_text(q, 7, link->algorithm);
	hy_query_bind_text(q, 8, link->previous);
	hy_query_bind_c(q, 9, hash);
	return hy_query_later(q, e);
}

static enum hy_err read_head(struct hy_turn *turn, struct hy_error *e)
{
	enum hy_err err = turn->audit_is_read ? HY_OK : hy_audit_head(turn->store, &turn->audit, e);

	turn->audit_is_read = !err;
	return err;
}

enum hy_err hy_audit_append(struct hy_turn *turn, const struct hy_audit_entry *entry,
			    struct hy_error *e)
{
	struct hy_audit_head next = {0};
	struct hy_audit_link link = {.entry = *entry,
				     .algorithm = HY_STR_LIT(HY_AUDIT_ALGORITHM)};
	enum hy_err err;

	if (entry->detail.n > HY_AUDIT_DETAIL_BYTES)
		return hy_fail(e, HY_ERR_LIMIT, "audit: detail of %zu bytes", entry->detail.n);
	err = read_head(turn, e);
	if (err)
		return err;
	link.seq = next.seq = turn->audit.seq + 1;
	link.previous = hy_str_of(turn->audit.hash);
	err = hy_audit_link_hash(&link, next.hash);
	if (err)
		return hy_fail(e, err, "audit: entry too long");
	err = write_link(turn->store, &link, next.hash, e);
	if (err)
		return err;
	turn->audit = next;
	hy_turn_count(turn, HEAD, next.seq, next.hash);
	return HY_OK;
}
