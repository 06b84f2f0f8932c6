#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/time.h"
#include "common/sys/store_postgres.h"

#define CONNECT_SECONDS "5"
#define DEAD_PEER_MS "10000"
#define SEND_EVERY 8		/* statements: the server works while more are made */

/* ---- errors ---- */

/* SQLSTATE, by its longest known prefix (PostgreSQL 15, appendix A). */
static enum hy_err map_state(const char *state)
{
	static const struct {
		const char *prefix;
		enum hy_err err;
	} table[] = {
		{"40003", HY_ERR_UNCERTAIN},	/* statement completion unknown */
		{"40", HY_ERR_UNAVAILABLE},	/* serialization failure, deadlock */
		{"23", HY_ERR_CONFLICT},	/* constraints */
		{"P0001", HY_ERR_CONFLICT},	/* raised by a trigger */
		{"55P03", HY_ERR_UNAVAILABLE},	/* lock timeout */
		{"57", HY_ERR_UNAVAILABLE},	/* statement timeout, shutdown */
		{"53", HY_ERR_UNAVAILABLE},	/* disk full, out of memory, too many connections */
		{"58", HY_ERR_UNAVAILABLE},	/* system error, mostly input/output */
		{"08", HY_ERR_UNAVAILABLE},	/* connection */
		{"25006", HY_ERR_DENIED},	/* read-only transaction */
		{"25", HY_ERR_CANCELLED},	/* transaction state */
		{"28", HY_ERR_DENIED},
		{"42501", HY_ERR_DENIED},	/* privileges */
		{"54", HY_ERR_LIMIT},
		{"XX", HY_ERR_IO},		/* corruption */
	};

	for (size_t i = 0; state && i < HY_COUNT(table); i++)
		if (strncmp(state, table[i].prefix, strlen(table[i].prefix)) == 0)
			return table[i].err;
	return HY_ERR_MALFORMED;	/* SQL that does not fit the schema */
}

/* The first line: what follows repeats the statement and may quote values. */
static enum hy_err fail_text(struct hy_error *e, enum hy_err code, const char *text)
{
	return hy_fail(e, code, "postgresql: %.*s", (int)strcspn(text, "\n"), text);
}

static enum hy_err fail_lost(struct hy_pg *pg, struct hy_error *e)
{
	(void)fail_text(e, HY_ERR_UNAVAILABLE, PQerrorMessage(pg->conn));
	hy_pg_drop(pg);
	return HY_ERR_UNAVAILABLE;
}

static enum hy_err fail_result(const PGresult *result, struct hy_error *e)
{
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	return fail_text(e, map_state(PQresultErrorField(result, PG_DIAG_SQLSTATE)),
			 text ? text : PQresultErrorMessage(result));
}

/* ---- answers ---- */

/* Sends what is left and reads until a result is whole; false where time or line ended. */
static bool wait_whole(struct hy_pg *pg, struct hy_mono until, bool *out_late)
{
	*out_late = false;
	for (;;) {
		struct pollfd fd = {.fd = PQsocket(pg->conn), .events = POLLIN};
		int64_t left = hy_mono_diff_ms(until, hy_mono_now());
		int unsent = PQflush(pg->conn);

		if (unsent < 0)
			return false;
		if (!unsent && !PQisBusy(pg->conn))
			return true;
		if (unsent)
			fd.events |= POLLOUT;
		if (left <= 0) {
			*out_late = true;
			return false;
		}
		if (poll(&fd, 1, (int)left) > 0 && (fd.revents & ~POLLOUT) &&
		    !PQconsumeInput(pg->conn))
			return false;
	}
}

static bool is_error(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
	       status != PGRES_EMPTY_QUERY;
}

enum hy_err hy_pg_finish(struct hy_pg *pg, int sent, int64_t timeout_ms, PGresult **out,
			 struct hy_error *e)
{
	struct hy_mono until = hy_mono_add_ms(hy_mono_now(), timeout_ms);
	PGresult *kept = NULL, *next;
	enum hy_err err;
	bool late;

	if (!sent)
		return fail_lost(pg, e);
	for (;;) {
		if (!wait_whole(pg, until, &late)) {
			PQclear(kept);
			if (!late)
				return fail_lost(pg, e);
			hy_pg_drop(pg);
			return hy_fail(e, HY_ERR_UNAVAILABLE, "postgresql: no answer in time");
		}
		next = PQgetResult(pg->conn);
		if (!next)
			break;
		if (kept && is_error(kept)) {
			PQclear(next);	/* the first error is the cause */
			continue;
		}
		PQclear(kept);
		kept = next;
	}
	if (!kept || PQstatus(pg->conn) != CONNECTION_OK) {
		if (kept && is_error(kept)) {
			(void)fail_result(kept, e);
			PQclear(kept);
			hy_pg_drop(pg);
			if (e)
				e->code = HY_ERR_UNAVAILABLE;
			return HY_ERR_UNAVAILABLE;
		}
		PQclear(kept);
		return fail_lost(pg, e);
	}
	if (is_error(kept)) {
		err = fail_result(kept, e);
		PQclear(kept);
		return err;
	}
	*out = kept;
	return HY_OK;
}

/* ---- groups of statements ---- */

enum hy_err hy_pg_pipeline(struct hy_pg *pg, struct hy_error *e)
{
	if (PQpipelineStatus(pg->conn) == PQ_PIPELINE_OFF && !PQenterPipelineMode(pg->conn))
		return fail_lost(pg, e);
	return HY_OK;
}

enum hy_err hy_pg_queue(struct hy_pg *pg, int sent, struct hy_error *e)
{
	if (!sent)
		return fail_lost(pg, e);
	pg->queued++;
	if (pg->queued % SEND_EVERY == 0 && PQflush(pg->conn) < 0)
		return fail_lost(pg, e);
	return HY_OK;
}

/* What a group has answered so far. */
struct group {
	PGresult *last, *failed;	/* of the last statement; the first that failed */
	bool ended;
};

static void take_result(struct group *group, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_PIPELINE_SYNC) {
		group->ended = true;
		PQclear(result);
	} else if (status == PGRES_PIPELINE_ABORTED || (is_error(result) && group->failed)) {
		PQclear(result);
	} else if (is_error(result)) {
		group->failed = result;
	} else {
		PQclear(group->last);
		group->last = result;
	}
}

/* Until the group's end; false where time or line ended before. */
static bool read_group(struct hy_pg *pg, int64_t timeout_ms, struct group *group, bool *out_late)
{
	struct hy_mono until = hy_mono_add_ms(hy_mono_now(), timeout_ms);
	int silent = 0;

	*out_late = false;
	while (!group->ended) {
		PGresult *result;

		if (!wait_whole(pg, until, out_late))
			return false;
		result = PQgetResult(pg->conn);
		/* One NULL ends a statement's results; only a lost line gives nothing but NULL. */
		silent = result ? 0 : silent + 1;
		if (silent > 1)
			return false;
		if (result)
			take_result(group, result);
		if (PQstatus(pg->conn) != CONNECTION_OK)
			return false;
	}
	return true;
}

static bool is_of_the_line(const PGresult *result)
{
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

	return !severity || strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0;
}

/*
 * A statement that failed before the line broke has ended its transaction; the server's farewell
 * and what libpq says of the line are no answers to a statement.
 */
static enum hy_err fail_broken(struct hy_pg *pg, const struct group *group, bool late,
			       struct hy_error *e)
{
	enum hy_err err = HY_ERR_UNAVAILABLE;

	if (group->failed && is_of_the_line(group->failed)) {
		(void)fail_result(group->failed, e);
		if (e)
			e->code = err;
	} else if (group->failed) {
		err = fail_result(group->failed, e);
	} else if (late) {
		(void)hy_fail(e, err, "postgresql: no answer in time");
	} else {
		return fail_lost(pg, e);
	}
	hy_pg_drop(pg);
	return err;
}

enum hy_err hy_pg_collect(struct hy_pg *pg, int64_t timeout_ms, PGresult **out,
			  struct hy_error *e)
{
	struct group group = {.ended = false};
	enum hy_err err = HY_OK;
	bool late = false;

	pg->queued = 0;
	if (!PQpipelineSync(pg->conn))
		return fail_lost(pg, e);
	if (!read_group(pg, timeout_ms, &group, &late))
		err = fail_broken(pg, &group, late, e);
	else if (group.failed)
		err = fail_result(group.failed, e);
	else if (!group.last && out)
		err = hy_fail(e, HY_ERR_IO, "postgresql: a statement without an answer");
	PQclear(group.failed);
	if (err || !out)
		PQclear(group.last);
	else
		*out = group.last;
	return err;
}

void hy_pg_leave_pipeline(struct hy_pg *pg, int64_t timeout_ms)
{
	if (!pg->conn || PQpipelineStatus(pg->conn) == PQ_PIPELINE_OFF)
		return;
	if (pg->queued)
		(void)!hy_pg_collect(pg, timeout_ms, NULL, NULL);
	if (pg->conn && !PQexitPipelineMode(pg->conn))
		hy_pg_drop(pg);
}

enum hy_err hy_pg_execute(struct hy_pg *pg, const char *sql, int64_t timeout_ms,
			  struct hy_error *e)
{
	PGresult *result = NULL;
	enum hy_err err = hy_pg_finish(pg, PQsendQuery(pg->conn, sql), timeout_ms, &result, e);

	PQclear(result);
	return err;
}

/* ---- connection ---- */

void hy_pg_drop(struct hy_pg *pg)
{
	if (pg->conn)
		PQfinish(pg->conn);
	pg->conn = NULL;
	pg->queued = 0;
	hy_pg_rows_forget(&pg->rows);
}

static void ignore_notice(void *ctx, const PGresult *result)
{
	(void)ctx;
	(void)result;
}

/*
 * A writer looks up single rows, in tables that grow from nothing: a plan made of what the server
 * believed of an empty table would read it from end to end for hours. Each statement keeps the one
 * plan that goes by its indexes, whatever the statistics say, and compiles none to machine code for
 * what it would cost without them. Servers without these settings are left alone.
 */
#define WRITER_PLANS                                                                              \
	"SELECT set_config(name, 'off', false) FROM pg_settings WHERE name IN"                    \
	" ('enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'jit');"                      \
	"SELECT set_config(name, 'force_generic_plan', false) FROM pg_settings"                   \
	" WHERE name = 'plan_cache_mode';"

/* What the promises need of a session, whatever the server's or the URL's settings are. */
static enum hy_err set_session(struct hy_pg *pg, struct hy_error *e)
{
	char sql[1024];

	(void)snprintf(sql, sizeof sql,
		       "SET statement_timeout = %lld; SET lock_timeout = %lld;"
		       "SET bytea_output = 'hex'; SET standard_conforming_strings = on;"
		       "SET default_transaction_isolation = 'read committed';"
		       "SET default_transaction_read_only = %s; %s"
		       "SELECT set_config('synchronous_commit', 'on', false)"
		       " WHERE current_setting('synchronous_commit') = 'off'",
		       (long long)pg->timeout_ms, (long long)pg->timeout_ms,
		       pg->read_only ? "on" : "off", pg->read_only ? "" : WRITER_PLANS);
	return hy_pg_execute(pg, sql, pg->timeout_ms, e);
}

static enum hy_err connect_new(struct hy_pg *pg, struct hy_error *e)
{
	/* What stands before dbname is overridden by the URL, what stands behind overrides it. */
	static const char *const keys[] = {"connect_timeout", "tcp_user_timeout", "keepalives_idle",
		"keepalives_interval", "keepalives_count", "fallback_application_name", "dbname",
		"client_encoding", NULL};
	const char *values[] = {CONNECT_SECONDS, DEAD_PEER_MS, "10", "5", "3", "huiying", pg->url,
		"UTF8", NULL};

	pg->conn = PQconnectdbParams(keys, values, 1);
	if (!pg->conn)
		return hy_fail(e, HY_ERR_UNAVAILABLE, "postgresql: out of memory");
	if (PQstatus(pg->conn) != CONNECTION_OK)
		return fail_lost(pg, e);
	pg->generation++;
	(void)PQsetNoticeReceiver(pg->conn, ignore_notice, NULL);
	(void)PQsetnonblocking(pg->conn, 1);
	return set_session(pg, e);
}

/* An idle connection that was ended shows input: the farewell, then the end of file. */
static bool is_dead(struct hy_pg *pg)
{
	for (int i = 0; i < 3; i++) {
		struct pollfd fd = {.fd = PQsocket(pg->conn), .events = POLLIN};

		if (poll(&fd, 1, 0) <= 0)
			break;
		if (!PQconsumeInput(pg->conn))
			break;
	}
	return PQstatus(pg->conn) != CONNECTION_OK;
}

enum hy_err hy_pg_ready(struct hy_pg *pg, bool in_transaction, struct hy_error *e)
{
	if (pg->conn && !in_transaction && is_dead(pg))
		hy_pg_drop(pg);
	if (pg->conn)
		return HY_OK;
	if (pg->holds_lock)
		return hy_fail(e, HY_ERR_DENIED,
			       "postgresql: the connection that held the lock was lost");
	if (in_transaction)
		return hy_fail(e, HY_ERR_UNAVAILABLE, "postgresql: connection lost");
	return connect_new(pg, e);
}
