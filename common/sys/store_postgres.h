/*
 * A PostgreSQL connection with a deadline on every answer; private to common/sys/store*.c.
 *
 * A connection that is lost stays lost until the next statement that stands alone (begin, or
 * a query outside a transaction) opens a new one. With a session lock held there is no new
 * one: the lock may be another's by now, so everything is DENIED from then on.
 */
#ifndef HY_SYS_STORE_POSTGRES_H
#define HY_SYS_STORE_POSTGRES_H

#include <libpq-fe.h>

#include "common/sys/store_driver.h"
#include "common/sys/store_postgres_rows.h"

struct hy_pg {
	char *url;
	PGconn *conn;		/* NULL when lost */
	unsigned generation;	/* counts connections; statements are prepared once in each */
	unsigned statement_count;
	int64_t timeout_ms;
	bool read_only;
	bool holds_lock;
	size_t queued;		/* statements sent whose answers were not read */
	struct hy_pg_rows rows;	/* not sent yet */
};

/* Connected, and not known to be dead; opens a new connection where that is allowed. */
enum hy_err hy_pg_ready(struct hy_pg *pg, bool in_transaction, struct hy_error *e) HY_MUST_CHECK;
void hy_pg_drop(struct hy_pg *pg);

/*
 * Waits for the answer to what was just sent (`sent`: what the PQsend function returned).
 * *out is the last result, to be cleared, and only set on OK. A lost connection is
 * UNAVAILABLE and leaves pg->conn NULL.
 */
enum hy_err hy_pg_finish(struct hy_pg *pg, int sent, int64_t timeout_ms, PGresult **out,
			 struct hy_error *e) HY_MUST_CHECK;
/*
 * Statements of a transaction are sent one behind the other (libpq's pipeline); a group of them
 * is answered at once. hy_pg_queue takes note of one (`sent`: what the PQsend function returned,
 * behind hy_pg_pipeline); hy_pg_collect ends the group and waits. *out is the result of the last
 * one, to be cleared, and only set on OK; out may be NULL. The first failure is the group's: what
 * stood behind it was skipped. A lost connection is UNAVAILABLE and leaves pg->conn NULL;
 * only where no statement had failed before may one of the group have been carried out.
 */
enum hy_err hy_pg_pipeline(struct hy_pg *pg, struct hy_error *e) HY_MUST_CHECK;
enum hy_err hy_pg_queue(struct hy_pg *pg, int sent, struct hy_error *e) HY_MUST_CHECK;
enum hy_err hy_pg_collect(struct hy_pg *pg, int64_t timeout_ms, PGresult **out,
			  struct hy_error *e) HY_MUST_CHECK;
/* Reads what is outstanding, whatever it says, and leaves the pipeline. */
void hy_pg_leave_pipeline(struct hy_pg *pg, int64_t timeout_ms);

/* Sends SQL without parameters (several statements are legal) and waits; not in a pipeline. */
enum hy_err hy_pg_execute(struct hy_pg *pg, const char *sql, int64_t timeout_ms,
			  struct hy_error *e) HY_MUST_CHECK;

#endif
