#include "alerter/heat.h"

#include <stdlib.h>
#include <string.h>

#include "alerter/calendar.h"
#include "alerter/heat_memory.h"
#include "alerter/traffic.h"
#include "common/base/mem.h"
#include "common/rules/correlation.h"

_Static_assert(HY_HEAT_TELLERS_MAX == 1000, "the number stands in the statement below");
static const char read_tellers[] =
	"SELECT CASE WHEN outlet = '' THEN source ELSE outlet END AS teller, MIN(detected_at),"
	" COUNT(*) FROM alert WHERE event = $1 GROUP BY 1 ORDER BY 2 DESC LIMIT 1000";
static const char count_documents[] =
	"SELECT COUNT(DISTINCT document) FROM alert WHERE event = $1 AND detected_at >= $2"
	" AND detected_at <= $3 AND document <> $4";

/* Who told of the event, and when first; with the alert in hand. */
struct heat {
	struct hy_turn *turn;
	const struct hy_id *event;
	const struct hy_msg_alert *alert;
	struct hy_occurrence *tellers;	/* values owned */
	size_t count, cap;
	size_t alerts;
	int64_t at_ms;			/* of the alert in hand */
	double usual;			/* documents of the topic a day; below 0: not known */
	bool usual_is_read;
};

static void heat_fini(struct heat *heat)
{
	for (size_t i = 0; i < heat->count; i++) {
		char *copy;

		memcpy(&copy, &heat->tellers[i].value.p, sizeof copy);
		free(copy);
	}
	free(heat->tellers);
}

static struct hy_str teller_of(const struct hy_msg_alert *alert)
{
	return alert->outlet.n ? alert->outlet : alert->source;
}

static void add(struct heat *heat, struct hy_str teller, int64_t at_ms)
{
	heat->tellers = hy_grow(heat->tellers, &heat->cap, heat->count + 1, sizeof *heat->tellers);
	heat->tellers[heat->count++] =
		(struct hy_occurrence){{hy_str_dup(teller), teller.n}, at_ms};
}

static enum hy_err read_heat(struct heat *heat, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(heat->turn->store, read_tellers);
	struct hy_str own = teller_of(heat->alert);
	bool told_before = false, row;
	enum hy_err err;

	hy_query_bind_text(q, 1, hy_id_str(heat->event));
	while (!(err = hy_query_next(q, &row, e)) && row) {
		told_before |= hy_str_eq(own, hy_query_text(q, 0));
		add(heat, hy_query_text(q, 0), hy_query_int(q, 1));
		heat->alerts += (size_t)hy_query_int(q, 2);
	}
	if (!told_before)
		add(heat, own, heat->at_ms);
	return err;
}

/* ---- the topic's own days ---- */

static enum hy_err read_usual(struct heat *heat, struct hy_error *e)
{
	struct hy_share_usual usual = {.days = 0};
	enum hy_err err = HY_OK;

	if (!heat->usual_is_read)
		err = hy_traffic_usual(heat->turn->store, heat->turn->now,
				       heat->alert->topics[0].topic, &usual, e);
	if (err || heat->usual_is_read)
		return err;
	heat->usual_is_read = true;
	heat->usual = usual.days >= HY_SHARE_DAYS_MIN ? usual.median * (double)usual.documents : -1;
	return HY_OK;
}

static enum hy_err read_documents(const struct heat *heat, int64_t span_ms, int64_t *out,
				  struct hy_error *e)
{
	struct hy_query *q = hy_store_query(heat->turn->store, count_documents);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, hy_id_str(heat->event));
	hy_query_bind_int(q, 2, heat->at_ms - span_ms);
	hy_query_bind_int(q, 3, heat->at_ms);
	hy_query_bind_text(q, 4, heat->alert->document);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	*out = 1 + (row ? hy_query_int(q, 0) : 0);
	hy_query_reset(q);
	return HY_OK;
}

static double in_span(double a_day, int64_t span_ms)
{
	return a_day * (double)span_ms / (double)HY_DAY_MS;
}

/* A topic that hardly ever fires has half a document a day: any two would be a burst else. */
static enum hy_err is_burst(struct heat *heat, const struct hy_spread *step, int64_t *out_documents,
			    bool *out, struct hy_error *e)
{
	enum hy_err err = read_usual(heat, e);

	*out = false;
	if (!err && heat->usual >= 0)
		err = read_documents(heat, step->span_ms, out_documents, e);
	if (!err && heat->usual >= 0)
		*out = (double)*out_documents >=
		       (double)step->burst *
			       in_span(heat->usual > 0.5 ? heat->usual : 0.5, step->span_ms);
	return err;
}

/* ---- steps ---- */

/* A step that holds, and its figures. */
struct held {
	const struct hy_spread *step;
	size_t outlets;
	int64_t documents;
};

static enum hy_err ask(struct heat *heat, const struct hy_spread *step, struct held *out,
		       bool *out_holds, struct hy_error *e)
{
	*out = (struct held){.step = step};
	*out_holds = true;
	if (step->outlets) {
		out->outlets = hy_correlation_most(heat->tellers, heat->count, heat->at_ms,
						   step->span_ms);
		*out_holds = out->outlets >= (size_t)step->outlets;
	}
	if (!*out_holds || !step->burst)
		return HY_OK;
	return is_burst(heat, step, &out->documents, out_holds, e);
}

static void tell_span(int64_t span_ms, struct hy_buf *out)
{
	if (span_ms % HY_DAY_MS == 0)
		hy_buf_addf(out, "%lld 天内", (long long)(span_ms / HY_DAY_MS));
	else if (span_ms % 3600000 == 0)
		hy_buf_addf(out, "%lld 小时内", (long long)(span_ms / 3600000));
	else
		hy_buf_addf(out, "%lld 分钟内", (long long)(span_ms / 60000));
}

static void tell(const struct heat *heat, const struct held *held, struct hy_buf *out)
{
	const struct hy_spread *step = held->step;

	tell_span(step->span_ms, out);
	if (step->outlets)
		hy_buf_addf(out, "有 %zu 家媒体报道同一件事", held->outlets);
	if (step->burst)
		hy_buf_addf(out, "%s%lld 篇稿件讲同一件事，这个议题平时共约 %.1f 篇",
			    step->outlets ? "，" : "有 ", (long long)held->documents,
			    in_span(heat->usual, step->span_ms));
	hy_buf_addf(out, "，至少为%s\n", hy_severity_title(step->severity));
}

/* Asks the steps beyond the severity; the gravest that holds is told. */
static enum hy_err ask_all(struct heat *heat, struct hy_heated *heated, struct hy_error *e)
{
	const struct hy_outlets *outlets = heat->turn->rules->outlets;
	struct held gravest = {.step = NULL};
	enum hy_err err = HY_OK;

	for (size_t i = 0; i < outlets->spread_count && !err; i++) {
		const struct hy_spread *step = &outlets->spread[i];
		struct held held;
		bool holds = false;

		if (step->severity <= heated->severity)
			continue;
		err = ask(heat, step, &held, &holds, e);
		if (err || !holds)
			continue;
		heated->severity = step->severity;
		gravest = held;
	}
	if (!err && gravest.step)
		tell(heat, &gravest, &heated->because);
	return err;
}

/* ---- whether to look ---- */

/* `entry` may be NULL: then the store has to be asked. */
static bool is_worth_a_look(const struct hy_outlets *outlets, enum hy_severity severity,
			    const struct hy_heat_entry *entry, bool is_new_teller)
{
	for (size_t i = 0; i < outlets->spread_count; i++) {
		const struct hy_spread *step = &outlets->spread[i];

		if (step->severity <= severity)
			continue;
		if (!entry)
			return true;
		if (entry->count >= (size_t)step->outlets &&
		    (step->burst ? entry->alerts >= entry->next_look : is_new_teller))
			return true;
	}
	return false;
}

/* A burst is looked for again once a tenth more has come. */
static void remember(struct hy_turn *turn, const struct heat *heat, struct hy_heat_entry *entry)
{
	if (!turn->heat)
		return;
	if (!entry) {
		entry = hy_heat_memory_add(turn->heat, heat->event);
		for (size_t i = 0; i < heat->count; i++)
			(void)hy_heat_entry_tell(entry, heat->tellers[i].value);
		entry->alerts = heat->alerts + 1;
	}
	entry->next_look = entry->alerts + entry->alerts / 10 + 1;
}

void hy_heat_open(struct hy_turn *turn, const struct hy_id *event, const struct hy_msg_alert *alert)
{
	if (turn->heat)
		(void)hy_heat_entry_tell(hy_heat_memory_add(turn->heat, event), teller_of(alert));
}

static struct hy_wall moment_of(const struct hy_turn *turn, const struct hy_msg_alert *alert)
{
	bool known = hy_wall_known(alert->detected_at) && alert->detected_at.ms <= turn->now.ms;

	return known ? alert->detected_at : turn->now;
}

enum hy_err hy_heat_raise(struct hy_turn *turn, const struct hy_id *event,
			  const struct hy_msg_alert *alert, struct hy_heated *heated,
			  struct hy_error *e)
{
	hy_cleanup(heat_fini) struct heat heat = {.turn = turn, .event = event, .alert = alert,
						  .at_ms = moment_of(turn, alert).ms};
	struct hy_heat_entry *entry = turn->heat ? hy_heat_memory_get(turn->heat, event) : NULL;
	bool is_new_teller = !entry || hy_heat_entry_tell(entry, teller_of(alert));
	enum hy_err err;

	if (!is_worth_a_look(turn->rules->outlets, heated->severity, entry, is_new_teller))
		return HY_OK;
	err = read_heat(&heat, e);
	if (!err)
		err = ask_all(&heat, heated, e);
	if (!err)
		remember(turn, &heat, entry);
	return err;
}
