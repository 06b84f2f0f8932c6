#include "alerter/policy_case.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "alerter/case.h"
#include "alerter/event.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

#define BECAUSE_BYTES 4000
#define TITLE_SHOWN 600

static const char last_case[] =
	"SELECT event, at FROM policy_case WHERE policy = $1 ORDER BY at DESC LIMIT 1";
static const char put_case[] =
	"INSERT INTO policy_case (case_id, policy, event, at, reactions)"
	" VALUES ($1, $2, $3, $4, $5)";
static const char free_moments[] =
	"SELECT at FROM reaction WHERE policy = $1 AND at > $2 AND at < $3 AND case_id IS NULL"
	" ORDER BY at LIMIT 20000";
static const char take_window[] =
	"UPDATE reaction SET case_id = $1 WHERE policy = $2 AND at >= $3 AND at <= $4"
	" AND case_id IS NULL";
static const char take_one[] =
	"UPDATE reaction SET case_id = $1 WHERE policy = $2 AND document = $3";
static const char count_outlets[] =
	"SELECT count(DISTINCT CASE WHEN outlet <> '' THEN outlet ELSE source END) FROM reaction"
	" WHERE policy = $1 AND at >= $2 AND at <= $3 AND case_id IS NULL";
static const char count_alerts[] = "UPDATE event SET alerts = $1 WHERE id = $2";

/* The reactions that lie closest together around the newest one, and the event they are. */
struct window {
	int64_t count, from_ms, to_ms;
	struct hy_id event;
};

static enum hy_err read_last(struct hy_turn *turn, const struct hy_policy *policy,
			     struct hy_id *out_event, struct hy_wall *out_at, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, last_case);
	struct hy_str event;
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, policy->id);
	err = hy_query_next(q, &row, e);
	if (err || !row)
		return err;
	event = hy_query_text(q, 0);
	memcpy(out_event->hex, event.p, event.n < HY_ID_DIGITS ? event.n : HY_ID_DIGITS);
	*out_at = hy_query_wall(q, 1);
	hy_query_reset(q);
	return HY_OK;
}

static enum hy_err join(struct hy_turn *turn, const struct hy_reaction *reaction,
			const struct hy_id *event, const struct hy_case_id *id, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, take_one);
	enum hy_err err;

	hy_query_bind_c(q, 1, id->text);
	hy_query_bind_text(q, 2, reaction->policy);
	hy_query_bind_text(q, 3, reaction->alert->document);
	err = hy_query_run(q, NULL, e);
	return err ? err : hy_event_join(turn, event, e);
}

/* The fullest timespan that holds the reaction; those from a timespan around it are in order. */
static void widen(struct window *window, const int64_t *at, size_t count, int64_t span_ms)
{
	for (size_t first = 0, behind = 0; first < count; first++) {
		while (behind < count && at[behind] - at[first] < span_ms)
			behind++;
		if ((int64_t)(behind - first) > window->count)
			*window = (struct window){.count = (int64_t)(behind - first),
						  .from_ms = at[first],
						  .to_ms = at[behind - 1]};
	}
}

static enum hy_err find_window(struct hy_turn *turn, const struct hy_policy *policy,
			       struct hy_wall at, struct window *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, free_moments);
	hy_cleanup(hy_free_p) int64_t *moments = NULL;
	size_t count = 0, cap = 0;
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, policy->id);
	hy_query_bind_int(q, 2, at.ms - policy->span_ms);
	hy_query_bind_int(q, 3, at.ms + policy->span_ms);
	while (!(err = hy_query_next(q, &row, e)) && row) {
		moments = hy_grow(moments, &cap, count + 1, sizeof *moments);
		moments[count++] = hy_query_int(q, 0);
	}
	if (!err)
		widen(out, moments, count, policy->span_ms);
	return err;
}

static void add_span(int64_t span_ms, struct hy_buf *out)
{
	static const struct {
		int64_t ms;
		const char *unit;
	} units[] = {{86400000, "天"}, {3600000, "小时"}, {60000, "分钟"}, {1000, "秒"}};

	for (size_t i = 0; i < HY_COUNT(units); i++) {
		if (span_ms % units[i].ms == 0 || i == HY_COUNT(units) - 1) {
			hy_buf_addf(out, "%" PRId64 " %s", span_ms / units[i].ms, units[i].unit);
			return;
		}
	}
}

static enum hy_err write_because(struct hy_turn *turn, const struct hy_policy *policy,
				 const struct window *window, struct hy_buf *out,
				 struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, count_outlets);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, policy->id);
	hy_query_bind_int(q, 2, window->from_ms);
	hy_query_bind_int(q, 3, window->to_ms);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	hy_buf_addf(out, "对政策《%.*s》的反应 ",
		    HY_STR_ARGS(hy_str_sub(policy->title, 0,
					   hy_utf8_floor(policy->title.p, policy->title.n,
							 TITLE_SHOWN))));
	add_span(policy->span_ms, out);
	hy_buf_addf(out, "内达到 %" PRId64 " 篇，来自 %" PRId64 " 家媒体，门槛 %" PRId64 " 篇\n",
		    window->count, row ? hy_query_int(q, 0) : 0, policy->threshold);
	hy_query_reset(q);
	return HY_OK;
}

/* What the reactions together are, as an alert that a case can be opened for. */
static enum hy_err open_case(struct hy_turn *turn, const struct hy_policy *policy,
			     const struct window *window, struct hy_case_id *out,
			     struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf title = HY_BUF(HY_MSG_TITLE_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf because = HY_BUF(BECAUSE_BYTES);
	const struct hy_msg_topic topic = {policy->topic->id, window->count, policy->severity};
	struct hy_msg_alert alert = {
		.url = policy->url, .published_at = HY_WALL_NONE,
		.detected_at = {window->to_ms}, .severity = policy->severity, .topics = &topic,
		.topic_count = 1, .policies = &policy->id, .policy_count = 1};
	enum hy_err err = write_because(turn, policy, window, &because, e);

	hy_buf_addf(&title, "公众对《%.*s》的反应：",
		    HY_STR_ARGS(hy_str_sub(policy->title, 0,
					   hy_utf8_floor(policy->title.p, policy->title.n,
							 TITLE_SHOWN))));
	add_span(policy->span_ms, &title);
	hy_buf_addf(&title, "内 %" PRId64 " 篇", window->count);
	if (!err && (hy_buf_err(&title) || hy_buf_err(&because)))
		err = hy_fail(e, HY_ERR_LIMIT, "policy: title too long");
	if (err)
		return err;
	alert.title = hy_buf_str(&title);
	err = hy_event_open(turn, &alert, &window->event, e);
	turn->because = hy_buf_str(&because);
	if (!err)
		err = hy_case_open(turn, &alert, &window->event, out, e);
	turn->because = (struct hy_str){0};
	return err;
}

static enum hy_err take_reactions(struct hy_turn *turn, const struct hy_policy *policy,
				  const struct window *window, const struct hy_case_id *id,
				  struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, take_window);
	enum hy_err err;

	hy_query_bind_c(q, 1, id->text);
	hy_query_bind_text(q, 2, policy->id);
	hy_query_bind_int(q, 3, window->from_ms);
	hy_query_bind_int(q, 4, window->to_ms);
	err = hy_query_run(q, NULL, e);
	if (err)
		return err;
	q = hy_store_query(turn->store, count_alerts);
	hy_query_bind_int(q, 1, window->count);
	hy_query_bind_text(q, 2, hy_id_str(&window->event));
	err = hy_query_run(q, NULL, e);
	if (err)
		return err;
	q = hy_store_query(turn->store, put_case);
	hy_query_bind_c(q, 1, id->text);
	hy_query_bind_text(q, 2, policy->id);
	hy_query_bind_text(q, 3, hy_id_str(&window->event));
	hy_query_bind_int(q, 4, window->to_ms);
	hy_query_bind_int(q, 5, window->count);
	return hy_query_run(q, NULL, e);
}

static enum hy_err open_if_enough(struct hy_turn *turn, const struct hy_policy *policy,
				  const struct hy_reaction *reaction, bool *out_opened,
				  struct hy_error *e)
{
	struct hy_str parts[] = {HY_STR_LIT("policy"), policy->id, reaction->alert_id};
	struct window window = {0};
	struct hy_case_id id;
	enum hy_err err = find_window(turn, policy, reaction->at, &window, e);

	if (err || window.count < policy->threshold)
		return err;
	window.event = hy_id_of(parts, HY_COUNT(parts));
	err = open_case(turn, policy, &window, &id, e);
	if (!err)
		err = take_reactions(turn, policy, &window, &id, e);
	if (!err)
		*out_opened = true;
	return err;
}

enum hy_err hy_policy_case_follow(struct hy_turn *turn, const struct hy_policy *policy,
				  const struct hy_reaction *reaction, bool *out_opened,
				  struct hy_error *e)
{
	struct hy_id event = {0};
	struct hy_wall last_at = HY_WALL_NONE;
	struct hy_case_present present = {.found = false};
	enum hy_err err = read_last(turn, policy, &event, &last_at, e);

	if (!err && hy_wall_known(last_at))
		err = hy_case_of_event(turn, &event, &present, e);
	if (err)
		return err;
	if (present.found && hy_case_state_is_open(present.state))
		return join(turn, reaction, &event, &present.id, e);
	if (hy_wall_known(last_at) && reaction->at.ms < last_at.ms + policy->span_ms)
		return HY_OK;
	return open_if_enough(turn, policy, reaction, out_opened, e);
}
