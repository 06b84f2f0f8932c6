#include "alerter/span.h"

#define SPAN_DETECTED "detected"

static const char last_span[] =
	"SELECT number, unit, state, from_at, to_at FROM span WHERE case_id = $1"
	" ORDER BY number DESC LIMIT 1";
static const char put_span[] =
	"INSERT INTO span (case_id, number, unit, state, from_at, to_at)"
	" VALUES ($1, $2, $3, $4, $5, $6)";
static const char end_span[] =
	"UPDATE span SET to_at = $1 WHERE case_id = $2 AND number = $3";

struct span {
	struct hy_str case_id, unit, state;
	int64_t number;
	struct hy_wall from, to;
};

static enum hy_err put(struct hy_turn *turn, const struct span *span, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, put_span);

	hy_query_bind_text(q, 1, span->case_id);
	hy_query_bind_int(q, 2, span->number);
	hy_query_bind_text(q, 3, span->unit);
	hy_query_bind_text(q, 4, span->state);
	hy_query_bind_wall(q, 5, span->from);
	hy_query_bind_wall(q, 6, span->to);
	return hy_query_later(q, e);
}

static struct hy_wall later_of(struct hy_wall a, struct hy_wall b)
{
	return a.ms > b.ms ? a : b;
}

enum hy_err hy_span_open(struct hy_turn *turn, struct hy_str case_id, struct hy_str lead,
			 struct hy_wall clock_start, struct hy_error *e)
{
	struct span span = {.case_id = case_id, .state = HY_STR_LIT(SPAN_DETECTED), .number = 1,
			    .from = clock_start, .to = later_of(turn->now, clock_start)};
	enum hy_err err = put(turn, &span, e);

	span = (struct span){.case_id = case_id, .unit = lead, .state = HY_STR_LIT("assigned"),
			     .number = 2, .from = span.to, .to = HY_WALL_NONE};
	return err ? err : put(turn, &span, e);
}

static enum hy_err end(struct hy_turn *turn, struct hy_str case_id, int64_t number,
		       struct hy_wall at, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, end_span);

	hy_query_bind_wall(q, 1, at);
	hy_query_bind_text(q, 2, case_id);
	hy_query_bind_int(q, 3, number);
	return hy_query_later(q, e);
}

enum hy_err hy_span_turn(struct hy_turn *turn, struct hy_str case_id, struct hy_str unit,
			 struct hy_str state, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, last_span);
	struct span next = {.case_id = case_id, .unit = unit, .state = state, .number = 1,
			    .from = turn->now, .to = HY_WALL_NONE};
	bool row, goes_on = false;
	enum hy_err err;

	hy_query_bind_text(q, 1, case_id);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	if (row) {
		struct hy_wall from = hy_query_wall(q, 3), to = hy_query_wall(q, 4);
		bool same = hy_str_eq(hy_query_text(q, 1), unit) &&
			    hy_str_eq(hy_query_text(q, 2), state);

		goes_on = !hy_wall_known(to);
		next.number = hy_query_int(q, 0) + 1;
		next.from = later_of(turn->now, goes_on ? from : to);
		hy_query_reset(q);
		if (goes_on && same)
			return HY_OK;
	}
	if (goes_on)
		err = end(turn, case_id, next.number - 1, next.from, e);
	if (!err && unit.n)
		err = put(turn, &next, e);
	return err;
}
