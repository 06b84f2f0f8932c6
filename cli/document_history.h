/* The history of a document in Chinese: its addresses, its versions, what each edit changed. */
#ifndef HY_CLI_DOCUMENT_HISTORY_H
#define HY_CLI_DOCUMENT_HISTORY_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/sys/store.h"

/* *out_found false where the crawler's store does not know the document. */
enum hy_err hy_document_history(struct hy_store *store, struct hy_str document,
				struct hy_buf *out, bool *out_found, struct hy_error *e)
	HY_MUST_CHECK;

/* Appends "＋ 新增：…" and "－ 删去：…" lines, paragraphs as units; nothing where both agree. */
void hy_document_difference(struct hy_str before, struct hy_str after, struct hy_buf *out);

#endif
