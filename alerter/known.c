#include "alerter/known.h"

#define ASKED_AT_ONCE 16

static const char known_alerts[] =
	"SELECT id FROM alert WHERE id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,"
	" $14, $15, $16)";
static const char known_documents[] =
	"SELECT DISTINCT document FROM alert WHERE document IN ($1, $2, $3, $4, $5, $6, $7, $8, $9,"
	" $10, $11, $12, $13, $14, $15, $16)";

static enum hy_err put(struct hy_known *known, struct hy_str id, struct hy_error *e)
{
	if (hy_map_set(&known->ids, id, known))
		return hy_fail(e, HY_ERR_LIMIT, "alerts: too many at once");
	return HY_OK;
}

/* Fewer than ASKED_AT_ONCE leave nulls, which are in no list. */
static enum hy_err ask(struct hy_query *q, const struct hy_str *ids, size_t count,
		       struct hy_known *known, struct hy_error *e)
{
	enum hy_err err;
	bool row;

	for (size_t i = 0; i < count; i++)
		hy_query_bind_text(q, (int)i + 1, ids[i]);
	while (!(err = hy_query_next(q, &row, e)) && row) {
		err = put(known, hy_query_text(q, 0), e);
		if (err)
			break;
	}
	hy_query_reset(q);
	return err;
}

enum hy_err hy_known_ask(struct hy_store *store, const struct hy_msg *const *messages,
			 size_t count, struct hy_known *out, struct hy_error *e)
{
	enum hy_err err = HY_OK;

	/* Both ids of each, of the batch and of the store. */
	hy_map_init(&out->ids, 4 * count + 1);
	for (size_t from = 0; from < count && !err; from += ASKED_AT_ONCE) {
		size_t n = count - from < ASKED_AT_ONCE ? count - from : ASKED_AT_ONCE;
		struct hy_str ids[ASKED_AT_ONCE], documents[ASKED_AT_ONCE];

		for (size_t i = 0; i < n; i++) {
			ids[i] = messages[from + i]->id;
			documents[i] = messages[from + i]->as.alert.document;
		}
		err = ask(hy_store_query(store, known_alerts), ids, n, out, e);
		if (!err)
			err = ask(hy_store_query(store, known_documents), documents, n, out, e);
	}
	return err;
}

enum hy_err hy_known_add(struct hy_known *known, const struct hy_msg *message,
			 struct hy_error *e)
{
	enum hy_err err = put(known, message->id, e);

	return err ? err : put(known, message->as.alert.document, e);
}

void hy_known_fini(struct hy_known *known)
{
	hy_map_fini(&known->ids);
}

bool hy_known_maybe(const struct hy_known *known, struct hy_str id)
{
	return !known || hy_map_get(&known->ids, id);
}
