/*
 * What the two engines give the store; private to common/sys/store*.c. The store keeps the
 * rules that both share (which call is legal when, what a failure leaves behind), an engine
 * only speaks to its library. Engines never see a call that the store's state forbids.
 */
#ifndef HY_SYS_STORE_DRIVER_H
#define HY_SYS_STORE_DRIVER_H

#include "common/base/buf.h"
#include "common/sys/store.h"

#define HY_STORE_PARAMETERS_MAX 64
#define HY_STORE_QUERIES_MAX 512
#define HY_STORE_VALUE_BYTES ((size_t)64 << 20)	/* of one bound text or blob */

struct hy_store_driver {
	enum hy_store_engine engine;
	const char *skip_locked, *like;	/* what {skip_locked} and {like} become */
	enum hy_err (*open)(struct hy_store *s, const char *target, struct hy_error *e);
	void (*close)(struct hy_store *s);	/* after every query's finalize */
	enum hy_err (*begin)(struct hy_store *s, struct hy_error *e);
	enum hy_err (*commit)(struct hy_store *s, struct hy_error *e);
	void (*rollback)(struct hy_store *s);	/* also where the engine has ended it already */
	/* Waits for what `later` put off; NULL where nothing is. */
	enum hy_err (*settle)(struct hy_store *s, struct hy_error *e);
	enum hy_err (*lock)(struct hy_store *s, const char *name, struct hy_error *e);
	/* Inside a transaction: waits for other migrations; then runs a step in this dialect. */
	enum hy_err (*lock_schema)(struct hy_store *s, struct hy_error *e);
	enum hy_err (*run_script)(struct hy_store *s, const char *sql, struct hy_error *e);

	/* In a transaction: starts, sends and forgets a query; NULL: it is run at once. */
	enum hy_err (*later)(struct hy_query *q, struct hy_error *e);
	/* Prepares where needed, and hands the parameters over (they stay until reset). */
	enum hy_err (*start)(struct hy_query *q, struct hy_error *e);
	enum hy_err (*step)(struct hy_query *q, bool *out_row, struct hy_error *e);
	int64_t (*changed)(const struct hy_query *q);	/* after the last step */
	void (*reset)(struct hy_query *q);
	void (*finalize)(struct hy_query *q);
	int (*columns)(const struct hy_query *q);
	bool (*is_null)(const struct hy_query *q, int column);
	struct hy_str (*text)(const struct hy_query *q, int column);
	int64_t (*number)(const struct hy_query *q, int column);
	struct hy_str (*blob)(const struct hy_query *q, int column);
};

extern const struct hy_store_driver hy_store_sqlite, hy_store_postgres;

enum hy_value_kind { HY_VALUE_NULL, HY_VALUE_INT, HY_VALUE_TEXT, HY_VALUE_BLOB };

struct hy_value {
	enum hy_value_kind kind;
	int64_t number;
	struct hy_buf bytes;
};

struct hy_query {
	struct hy_store *store;
	const char *key;	/* the caller's constant */
	char *sql;		/* its text at the time */
	char *text;		/* in the engine's dialect */
	bool writes;		/* not a plain SELECT */
	bool active;		/* between start and reset */
	struct hy_value parameters[HY_STORE_PARAMETERS_MAX];
	int parameter_count;
	enum hy_err bind_error;
	void *statement;	/* the engine's */
};

struct hy_store {
	const struct hy_store_driver *driver;
	struct hy_store_options options;
	bool in_transaction;
	bool failed;		/* in this transaction: only rollback is legal */
	hy_store_last_fn *last;	/* of this transaction, or NULL */
	void *last_ctx;
	struct hy_query **queries;
	size_t query_count, query_cap;
	void *engine;
};

#endif
