#include "crawler/budget.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/mem.h"

#define PRICE_LIFE_MS INT64_C(600000)
#define PRICE_UNIT 1e9		/* the store keeps billionths of an item-day */
#define PRICE_MAX 1e9
#define DAY_MS (INT64_C(86400) * 1000)
#define POLLS_LEAVE 50		/* this part of a day's budget to new articles */
#define REVISITS_LEAVE 10	/* this part to articles and polls */

static const char used_sql[] = "SELECT requests FROM impact WHERE host = $1 AND day = $2";
static const char rest_sql[] =
	"UPDATE host SET rest_until = $2, wake_at = $2, rest_reason = $3 WHERE host = $1";
static const char load_price_sql[] =
	"SELECT price_today, price_later, price_turns_at, priced_at FROM host WHERE host = $1";
static const char save_price_sql[] =
	"UPDATE host SET price_today = $2, price_later = $3, price_turns_at = $4, priced_at = $5"
	" WHERE host = $1";
static const char sources_sql[] =
	"SELECT s.interval_ms, s.goal_ms, h.rate FROM source s LEFT JOIN source_health h"
	" ON h.source = s.id WHERE s.host = $1 AND s.active = 1";

struct hy_budget hy_budget_of(const struct hy_work *work, struct hy_str host)
{
	const struct hy_host_terms *terms = hy_sources_host(work->sources, host);

	return (struct hy_budget){
		.host = host,
		.now = work->now,
		.per_day = terms ? terms->budget : work->conf->budget,
		.per_item = 1 + work->conf->revisit_times,
	};
}

struct hy_budget_room hy_budget_room(const struct hy_budget *budget, int64_t left)
{
	double share = hy_schedule_polls_share((double)budget->per_day, budget->now);
	int64_t articles = left - (int64_t)share;
	int64_t polls = left - budget->per_day / POLLS_LEAVE;
	int64_t revisits = left - budget->per_day / REVISITS_LEAVE;

	return (struct hy_budget_room){
		.articles = articles > 0 ? articles : 0,
		.polls = polls > 0 ? polls : 0,
		.revisits = revisits > 0 ? revisits : 0,
	};
}

/* ---- the day ---- */

enum hy_err hy_budget_left(struct hy_store *store, const struct hy_budget *budget,
			   int64_t *out_left, struct hy_error *e)
{
	struct hy_civil civil = hy_civil_of(budget->now, HY_CST_OFFSET_MIN);
	struct hy_query *q = hy_store_query(store, used_sql);
	int64_t used = 0;
	char day[16];
	enum hy_err err;
	bool row;

	(void)snprintf(day, sizeof day, "%04d-%02d-%02d", civil.year % 10000, civil.month % 100,
		       civil.day % 100);
	hy_query_bind_text(q, 1, budget->host);
	hy_query_bind_c(q, 2, day);
	err = hy_query_next(q, &row, e);
	if (err == HY_OK && row)
		used = hy_query_int(q, 0);
	hy_query_reset(q);
	if (err == HY_OK)
		*out_left = budget->per_day - used;
	return err;
}

static struct hy_wall day_end(struct hy_wall now)
{
	int64_t offset_ms = HY_CST_OFFSET_MIN * INT64_C(60000);

	return (struct hy_wall){((now.ms + offset_ms) / DAY_MS + 1) * DAY_MS - offset_ms};
}

enum hy_err hy_budget_rest(struct hy_store *store, const struct hy_budget *budget,
			   struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, rest_sql);
	char reason[160];

	(void)snprintf(reason, sizeof reason, "今天的请求预算（%" PRId64 " 次）已用完，明天 0 时继续",
		       budget->per_day);
	hy_query_bind_text(q, 1, budget->host);
	hy_query_bind_wall(q, 2, day_end(budget->now));
	hy_query_bind_c(q, 3, reason);
	return hy_query_run(q, NULL, e);
}

/* ---- the price ---- */

static enum hy_err load_price(struct hy_store *store, const struct hy_budget *budget,
			      struct hy_price *out, bool *out_fresh, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, load_price_sql);
	enum hy_err err;
	bool row;

	*out_fresh = false;
	hy_query_bind_text(q, 1, budget->host);
	err = hy_query_next(q, &row, e);
	if (err == HY_OK && row) {
		int64_t age_ms = budget->now.ms - hy_query_int(q, 3);

		out->today = (double)hy_query_int(q, 0) / PRICE_UNIT;
		out->later = (double)hy_query_int(q, 1) / PRICE_UNIT;
		out->turns_at = (struct hy_wall){hy_query_int(q, 2)};
		*out_fresh = age_ms >= 0 && age_ms < PRICE_LIFE_MS && budget->now.ms < out->turns_at.ms;
	}
	hy_query_reset(q);
	return err;
}

static enum hy_err save_price(struct hy_store *store, const struct hy_budget *budget,
			      const struct hy_price *price, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, save_price_sql);

	hy_query_bind_text(q, 1, budget->host);
	hy_query_bind_int(q, 2, (int64_t)(fmin(price->today, PRICE_MAX) * PRICE_UNIT));
	hy_query_bind_int(q, 3, (int64_t)(fmin(price->later, PRICE_MAX) * PRICE_UNIT));
	hy_query_bind_wall(q, 4, price->turns_at);
	hy_query_bind_wall(q, 5, budget->now);
	return hy_query_run(q, NULL, e);
}

static enum hy_err read_demands(struct hy_store *store, const struct hy_budget *budget,
				struct hy_demand **out, size_t *out_count, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, sources_sql);
	struct hy_demand *demands = NULL;
	size_t count = 0, cap = 0;
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, budget->host);
	while ((err = hy_query_next(q, &row, e)) == HY_OK && row) {
		struct hy_schedule_terms terms = {.now = budget->now, .goal_ms = hy_query_int(q, 1)};
		struct hy_rate rate;

		/* An unreadable rate is an unknown one. */
		if (!hy_rate_decode(hy_query_text(q, 2), &rate))
			hy_rate_init(&rate);
		terms.rate = &rate;
		terms.interval_ms = terms.goal_ms ? 0 : hy_query_int(q, 0);
		demands = hy_grow(demands, &cap, count + 1, sizeof *demands);
		hy_schedule_demand(&terms, &demands[count++]);
	}
	if (err != HY_OK) {
		free(demands);
		return err;
	}
	*out = demands;
	*out_count = count;
	return HY_OK;
}

static enum hy_err find_price(struct hy_store *store, const struct hy_budget *budget,
			    struct hy_price *out, struct hy_error *e)
{
	struct hy_supply supply = {.per_day = (double)budget->per_day,
				   .per_item = (double)budget->per_item, .now = budget->now};
	struct hy_demand *demands = NULL;
	size_t count = 0;
	int64_t left = 0;
	enum hy_err err = hy_budget_left(store, budget, &left, e);

	if (err == HY_OK)
		err = read_demands(store, budget, &demands, &count, e);
	if (err != HY_OK)
		return err;
	supply.today = (double)left;
	*out = hy_schedule_price(demands, count, &supply);
	free(demands);
	return save_price(store, budget, out, e);
}

enum hy_err hy_budget_price(struct hy_store *store, const struct hy_budget *budget,
			    struct hy_price *out, struct hy_error *e)
{
	struct hy_price price = {.turns_at = budget->now};
	bool is_fresh;
	enum hy_err err;

	if (!budget->per_day) {
		*out = price;
		return HY_OK;
	}
	err = load_price(store, budget, &price, &is_fresh, e);
	if (err == HY_OK && !is_fresh)
		err = find_price(store, budget, &price, e);
	if (err == HY_OK)
		*out = price;
	return err;
}
