#include "alerter/traffic_alarm.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerter/alarm.h"
#include "alerter/calendar.h"
#include "common/base/mem.h"
#include "common/sys/content_id.h"

#define TEXT_BYTES HY_MSG_TITLE_BYTES
#define COMPONENT "analyzer"	/* alarm.c: one for a kind and a subject, ended by silence too */
#define ENDED_USUAL "命中占比恢复平常"
#define ENDED_ANEW "规则已改动或停用，重新统计"

static const char read_open[] =
	"SELECT subject, owner, since FROM alarm WHERE component = $1 AND kind = $2"
	" AND cleared_at IS NULL ORDER BY subject";
static const char count_events[] =
	"SELECT COUNT(DISTINCT s.document), COUNT(DISTINCT a.event) FROM sighting s"
	" JOIN alert a ON a.id = s.alert WHERE s.topic = $1 AND s.at >= $2";

static const struct {
	enum hy_share_state state;
	const char *id;
} kinds[] = {{HY_SHARE_SURGE, HY_TRAFFIC_KIND_SURGE}, {HY_SHARE_SILENT, HY_TRAFFIC_KIND_SILENT}};

/* A topic that is out of its usual, or was. */
struct finding {
	char *topic, *owner;		/* owned */
	enum hy_share_state was, is;
	struct hy_wall open_since;	/* the alarm's, where it was */
	bool seen;			/* the topic is still counted */
	struct hy_traffic traffic;	/* its name is above */
};

struct look {
	struct hy_turn *turn;
	struct finding *items;
	size_t count, cap;
	size_t open_count;		/* the first so many were open */
};

static void look_fini(struct look *look)
{
	for (size_t i = 0; i < look->count; i++) {
		free(look->items[i].topic);
		free(look->items[i].owner);
	}
	free(look->items);
}

static struct finding *add(struct look *look, struct hy_str topic)
{
	struct finding *item;

	look->items = hy_grow(look->items, &look->cap, look->count + 1, sizeof *look->items);
	item = &look->items[look->count++];
	*item = (struct finding){.topic = hy_str_dup(topic)};
	return item;
}

/* ---- what is open ---- */

static enum hy_err read_kind(struct look *look, size_t kind, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(look->turn->store, read_open);
	enum hy_err err;
	bool row;

	hy_query_bind_c(q, 1, COMPONENT);
	hy_query_bind_c(q, 2, kinds[kind].id);
	while (!(err = hy_query_next(q, &row, e)) && row) {
		struct finding *item = add(look, hy_query_text(q, 0));

		item->owner = hy_str_dup(hy_query_text(q, 1));
		item->was = kinds[kind].state;
		item->open_since = hy_query_wall(q, 2);
		look->open_count++;
	}
	return err;
}

/* ---- what is out of its usual ---- */

static struct finding *find_open(struct look *look, struct hy_str topic)
{
	for (size_t i = 0; i < look->open_count; i++)
		if (hy_str_eq_c(topic, look->items[i].topic))
			return &look->items[i];
	return NULL;
}

static bool is_all(struct hy_str topic)
{
	return hy_str_eq_c(topic, HY_TRAFFIC_ALL);
}

static bool is_valid(const struct hy_turn *turn, struct hy_str id)
{
	const struct hy_topic *topic = hy_topics_get(turn->rules->topics, id);

	return is_all(id) || (topic && hy_topic_valid_at(topic, turn->now));
}

static void look_at(void *ctx, const struct hy_traffic *traffic)
{
	struct look *look = ctx;
	struct finding *item = find_open(look, traffic->topic);
	enum hy_share_state was = item ? item->was : HY_SHARE_UNKNOWN;
	enum hy_share_state is = hy_share_judge(&traffic->usual, &traffic->today, was);

	/* An expired topic is left to end by the rest: it fires on nothing by right. */
	if (!is_valid(look->turn, traffic->topic))
		return;
	if (!item && is != HY_SHARE_SURGE && is != HY_SHARE_SILENT)
		return;
	if (!item)
		item = add(look, traffic->topic);
	item->traffic = *traffic;
	item->traffic.topic = hy_str_of(item->topic);
	item->is = is;
	/* Counted anew since the alarm: that is about another rule. */
	item->seen = was == HY_SHARE_UNKNOWN || traffic->since.ms <= item->open_since.ms;
}

/* ---- words ---- */

void hy_traffic_percent(double share, struct hy_buf *out)
{
	hy_buf_addf(out, "%.1f%%", share * 100);
}

static enum hy_err add_events(struct hy_turn *turn, const struct finding *item,
			      struct hy_buf *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, count_events);
	enum hy_err err;
	bool row;

	hy_query_bind_c(q, 1, item->topic);
	hy_query_bind_wall(q, 2, hy_day_start(turn->now));
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	if (row && hy_query_int(q, 0) > 0)
		hy_buf_addf(out, "，成为预警的 %" PRId64 " 篇分属 %" PRId64 " 件事",
			    hy_query_int(q, 0), hy_query_int(q, 1));
	hy_query_reset(q);
	return HY_OK;
}

static void add_usual(const struct hy_share_usual *usual, struct hy_buf *out)
{
	if (usual->days < HY_SHARE_DAYS_MIN) {
		hy_buf_add_c(out, "（新写或刚改过的规则，还没有平时的数可比）");
		return;
	}
	hy_buf_add_c(out, "，平时约 ");
	hy_traffic_percent(usual->median, out);
	hy_buf_addf(out, "（前 %zu 天）", usual->days);
}

static void add_surge_advice(const struct hy_topic *topic, struct hy_buf *out)
{
	if (!topic) {
		hy_buf_add_c(out, "。若不是确有大事，请检查最近改过的议题、地点和新加的来源");
		return;
	}
	hy_buf_add_c(out, "。若不是确有大事或新加了来源，多半是写得太宽：请用 huiying match --explain 看命中稿件凭的"
			  "是哪个词，改好后用 huiying backtest 比过再启用（");
	hy_yaml_place(topic->node, out);
	hy_buf_add_c(out, "）");
}

static void add_silent_advice(const struct hy_topic *topic, struct hy_buf *out)
{
	if (!topic) {
		hy_buf_add_c(out, "。请检查地点、议题和来源最近的改动，以及 need_place 的设置");
		return;
	}
	hy_buf_add_c(out, "。请检查它的条件、排除词（none）、名单、来源条件，以及主要来源是否还在收录（");
	hy_yaml_place(topic->node, out);
	hy_buf_add_c(out, "）");
}

static enum hy_err write_text(struct hy_turn *turn, const struct finding *item,
			      struct hy_buf *out, struct hy_error *e)
{
	const struct hy_topic *topic = hy_topics_get(turn->rules->topics, hy_str_of(item->topic));
	const struct hy_traffic *t = &item->traffic;
	bool silent = item->is == HY_SHARE_SILENT;
	enum hy_err err = HY_OK;

	if (topic)
		hy_buf_addf(out, "议题“%.*s”（%s）", HY_STR_ARGS(topic->title), item->topic);
	hy_buf_addf(out, "今天已判读的 %" PRId64 " 篇里", t->today.documents);
	if (t->today.fired == 0) {
		hy_buf_addf(out, "没有一篇%s", topic ? "命中" : "成为预警");
	} else {
		hy_buf_addf(out, "有 %" PRId64 " 篇%s，占 ", t->today.fired,
			    topic ? "命中" : "成为预警");
		hy_traffic_percent(hy_share_of(&t->today), out);
	}
	add_usual(&t->usual, out);
	if (silent)
		add_silent_advice(topic, out);
	else if (topic)
		err = add_events(turn, item, out, e);
	if (!silent)
		add_surge_advice(topic, out);
	if (!err && hy_buf_err(out))
		err = hy_fail(e, HY_ERR_LIMIT, "traffic: text too long");
	return err;
}

/* ---- telling ---- */

static const char *kind_of(enum hy_share_state state)
{
	return kinds[state == HY_SHARE_SILENT].id;
}

static enum hy_err take(struct hy_turn *turn, const struct finding *item,
			struct hy_msg_alarm *alarm, struct hy_error *e)
{
	char moment[32];
	struct hy_str parts[] = {alarm->kind, hy_str_of(item->topic), {0}};
	bool fresh;

	(void)snprintf(moment, sizeof moment, "%" PRId64, turn->now.ms);
	parts[2] = hy_str_of(moment);
	struct hy_id id = hy_id_of(parts, HY_COUNT(parts));

	alarm->alarm = hy_id_str(&id);
	alarm->component = HY_STR_LIT(COMPONENT);
	alarm->subject = hy_str_of(item->topic);
	alarm->since = alarm->at = turn->now;
	return hy_alarm_take(turn, alarm, &fresh, e);
}

static enum hy_err raise(struct hy_turn *turn, const struct finding *item, struct hy_error *e)
{
	const struct hy_topic *topic = hy_topics_get(turn->rules->topics, hy_str_of(item->topic));
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);
	struct hy_msg_alarm alarm = {.state = HY_ALARM_RAISED,
				     .kind = hy_str_of(kind_of(item->is)),
				     .owner = topic ? topic->owner : HY_STR_LIT("office")};
	enum hy_err err = write_text(turn, item, &text, e);

	alarm.text = hy_buf_str(&text);
	return err ? err : take(turn, item, &alarm, e);
}

static enum hy_err clear(struct hy_turn *turn, const struct finding *item, const char *why,
			 struct hy_error *e)
{
	struct hy_msg_alarm alarm = {.state = HY_ALARM_CLEARED,
				     .kind = hy_str_of(kind_of(item->was)),
				     .owner = hy_str_of(item->owner), .text = hy_str_of(why)};

	return take(turn, item, &alarm, e);
}

static enum hy_err settle(struct hy_turn *turn, const struct finding *item, struct hy_error *e)
{
	bool was_open = item->was != HY_SHARE_UNKNOWN;
	enum hy_err err = HY_OK;

	if (was_open && !item->seen)
		return clear(turn, item, ENDED_ANEW, e);
	if (item->is == HY_SHARE_UNKNOWN)
		return HY_OK;
	if (was_open && item->is != item->was)
		err = clear(turn, item, ENDED_USUAL, e);
	if (!err && item->is != HY_SHARE_USUAL)
		err = raise(turn, item, e);
	return err;
}

/* All alerts together are out of their usual, and so is a topic: that says more. */
static bool is_said_by_a_topic(const struct look *look, const struct finding *item)
{
	bool said = false;

	for (size_t i = 0; i < look->count && is_all(hy_str_of(item->topic)); i++)
		said |= look->items[i].is == item->is && !is_all(hy_str_of(look->items[i].topic));
	return said && item->was == HY_SHARE_UNKNOWN;
}

enum hy_err hy_traffic_look(struct hy_turn *turn, struct hy_error *e)
{
	hy_cleanup(look_fini) struct look look = {.turn = turn};
	enum hy_err err = HY_OK;

	for (size_t i = 0; i < HY_COUNT(kinds) && !err; i++)
		err = read_kind(&look, i, e);
	if (!err)
		err = hy_traffic_each(turn->store, turn->now, look_at, &look, e);
	for (size_t i = 0; i < look.count && !err; i++)
		if (!is_said_by_a_topic(&look, &look.items[i]))
			err = settle(turn, &look.items[i], e);
	return err;
}
