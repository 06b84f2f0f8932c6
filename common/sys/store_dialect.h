/* Migration text for PostgreSQL; private to common/sys/store*.c. */
#ifndef HY_SYS_STORE_DIALECT_H
#define HY_SYS_STORE_DIALECT_H

#include "common/base/buf.h"

/*
 * Rewrites the type words outside quotes and comments: INTEGER PRIMARY KEY to an identity
 * column (SQLite numbers such a column by itself), INTEGER to BIGINT, BLOB to BYTEA.
 */
void hy_store_to_postgres(const char *sql, struct hy_buf *out);

#endif
