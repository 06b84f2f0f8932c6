#include "crawler/watch.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "crawler/source_alarm.h"
#include "crawler/source_health.h"
#include "crawler/source_state.h"

#define PART 100		/* sources a turn: some milliseconds of reading */
#define PART_MS 500		/* between two parts of a round */
#define TEXT_BYTES (HY_MSG_TITLE_BYTES - 1)
#define REASON_BYTES 600
#define HOUR_MS (INT64_C(3600) * 1000)
#define DAY_MS (24 * HOUR_MS)

struct hy_watch {
	struct hy_watch_parts parts;
	hy_watch_fn *fn;
	void *ctx;
	struct hy_timer *timer;
	const struct hy_sources *sources;
	int64_t round_ms;
	size_t next;			/* source to be judged next */
	bool is_under_way, is_stopped;
};

/* ---- words ---- */

static void add_span(struct hy_buf *out, int64_t ms)
{
	if (ms < 60000)
		hy_buf_addf(out, "%lld 秒", (long long)(ms / 1000));
	else if (ms < 2 * HOUR_MS)
		hy_buf_addf(out, "%lld 分钟", (long long)(ms / 60000));
	else if (ms < 2 * DAY_MS)
		hy_buf_addf(out, "%lld 小时", (long long)(ms / HOUR_MS));
	else
		hy_buf_addf(out, "%lld 天", (long long)(ms / DAY_MS));
}

static void write_silent(const struct hy_health_facts *f, struct hy_buf *out)
{
	int64_t silent_ms = f->success_at.ms - hy_health_since(f, HY_TROUBLE_SILENT).ms;

	hy_buf_add_c(out, "能打开，但已 ");
	add_span(out, silent_ms);
	hy_buf_add_c(out, "没有新稿件");
	if (hy_health_is_known(f)) {
		hy_buf_addf(out, "，按平时应有约 %lld 篇", (long long)(f->gap_milli / 1000));
	} else {
		hy_buf_add_c(out, "，设定最长 ");
		add_span(out, f->quiet_ms);
	}
}

static void write_trouble(const struct hy_health_facts *f, enum hy_trouble trouble,
			  struct hy_str reason, struct hy_buf *out)
{
	switch (trouble) {
	case HY_TROUBLE_ROBOTS:
		hy_buf_add_c(out, "网站的 robots.txt 不再允许抓取");
		break;
	case HY_TROUBLE_BLOCKED:
		hy_buf_addf(out, "要求验证或登录，已放慢并等待，不会绕过：%.*s", HY_STR_ARGS(reason));
		break;
	case HY_TROUBLE_FAILING:
		hy_buf_addf(out, "连续 %lld 次打不开：%.*s", (long long)f->failures,
			    HY_STR_ARGS(reason));
		break;
	case HY_TROUBLE_SILENT:
		write_silent(f, out);
		break;
	case HY_TROUBLE_UNREADABLE:
		hy_buf_addf(out, "近两天 %lld 篇稿件都没有提取出正文", (long long)f->read_badly);
		break;
	case HY_TROUBLE_SPARSE:
		hy_buf_addf(out, "前 7 天应有约 %lld 篇，只见到 %lld 篇",
			    (long long)(f->expected_week_milli / 1000), (long long)f->new_week);
		break;
	case HY_TROUBLE_COUNT:
		break;
	}
}

static void write_over(enum hy_trouble trouble, struct hy_buf *out)
{
	static const char *const texts[HY_TROUBLE_COUNT] = {
		[HY_TROUBLE_ROBOTS] = "robots.txt 又允许抓取",
		[HY_TROUBLE_BLOCKED] = "不再要求验证或登录",
		[HY_TROUBLE_FAILING] = "又能打开",
		[HY_TROUBLE_SILENT] = "又有新稿件",
		[HY_TROUBLE_UNREADABLE] = "又能提取正文",
		[HY_TROUBLE_SPARSE] = "稿件数恢复正常",
	};

	hy_buf_add_c(out, texts[trouble]);
}

/* ---- one source ---- */

static const char reason_sql[] = "SELECT reason FROM source WHERE id = $1";

static enum hy_err read_reason(struct hy_store *store, struct hy_str source, struct hy_buf *out,
			       struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, reason_sql);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, source);
	err = hy_query_next(q, &row, e);
	if (err != HY_OK || !row)
		return err;
	hy_buf_add_str(out, hy_query_text(q, 0));
	hy_query_reset(q);
	if (hy_buf_err(out) != HY_OK)
		hy_buf_clear(out);
	return HY_OK;
}

/* A source before the judge. */
struct hearing {
	struct hy_store *store;
	const struct hy_source *source;
	struct hy_health_facts facts;
	struct hy_wall now;
	bool changed;			/* something was raised or cleared */
};

static enum hy_err raise_alarm(struct hearing *h, struct hy_source_alarm *alarm,
			       struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES), reason = HY_BUF(REASON_BYTES);
	enum hy_err err = read_reason(h->store, alarm->source, &reason, e);
	bool raised = false;

	if (err != HY_OK)
		return err;
	hy_buf_addf(&text, "来源“%s”（%s）", h->source->name, h->source->id);
	write_trouble(&h->facts, alarm->trouble, hy_buf_str(&reason), &text);
	alarm->since = hy_health_since(&h->facts, alarm->trouble);
	alarm->text = hy_buf_str(&text);
	err = hy_source_alarm_raise(h->store, alarm, &raised, e);
	h->changed |= raised;
	return err;
}

/* Unless it was asked last by a crawler, perhaps, that reached nobody. */
static enum hy_err raise_failing(struct hearing *h, struct hy_source_alarm *alarm,
				 struct hy_error *e)
{
	bool is_ours = false;
	enum hy_err err = hy_crawler_alarm_open(h->store, (struct hy_str){0}, h->facts.polled_at,
						&is_ours, e);

	return err == HY_OK && !is_ours ? raise_alarm(h, alarm, e) : err;
}

static enum hy_err clear_alarm(struct hearing *h, struct hy_source_alarm *alarm,
			       struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);
	bool cleared = false;
	enum hy_err err;

	hy_buf_addf(&text, "来源“%s”（%s）", h->source->name, h->source->id);
	write_over(alarm->trouble, &text);
	alarm->text = hy_buf_str(&text);
	err = hy_source_alarm_clear(h->store, alarm, &cleared, e);
	h->changed |= cleared;
	return err;
}

static enum hy_err judge(struct hearing *h, struct hy_error *e)
{
	struct hy_source_alarm alarm = {.source = hy_str_of(h->source->id),
					.owner = hy_str_of(h->source->owner), .now = h->now};
	enum hy_err err = HY_OK;

	for (int i = 0; i < HY_TROUBLE_COUNT && err == HY_OK; i++) {
		enum hy_judgement judgement = hy_health_judge(&h->facts, (enum hy_trouble)i);
		bool is_open = hy_wall_known(h->facts.raised_at[i]);

		alarm.trouble = (enum hy_trouble)i;
		if (judgement == HY_JUDGEMENT_BAD && !is_open)
			err = i == HY_TROUBLE_FAILING ? raise_failing(h, &alarm, e)
						      : raise_alarm(h, &alarm, e);
		else if (judgement == HY_JUDGEMENT_GOOD && is_open)
			err = clear_alarm(h, &alarm, e);
	}
	return err;
}

enum hy_err hy_watch_source(struct hy_store *store, const struct hy_source *source,
			    struct hy_wall now, bool *out_changed, struct hy_error *e)
{
	struct hearing hearing = {.store = store, .source = source, .now = now};
	enum hy_err err;

	if (!hy_source_is_valid_at(source, now))
		return HY_OK;
	err = hy_source_health_facts(store, source, now, &hearing.facts, e);
	/* Only where it changes: whoever polls the source is writing the same row. */
	if (err == HY_OK && !hearing.facts.is_owned)
		err = hy_source_health_own(store, hy_str_of(source->id), hy_str_of(source->owner),
					   now, e);
	if (err == HY_OK && hy_wall_known(hearing.facts.added_at))
		err = judge(&hearing, e);
	if (err == HY_OK)
		*out_changed = hearing.changed;
	return err;
}

/* ---- the crawler itself ---- */

enum hy_err hy_watch_crawler(struct hy_store *store, const struct hy_watch_parts *parts,
			     struct hy_wall now, bool *out_changed, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);
	struct hy_source_alarm alarm = {
		.source = hy_str_of(parts->instance), .owner = HY_STR_LIT(HY_SOURCE_OWNER_PRESET),
		.kind = HY_CRAWLER_ALARM, .now = now};
	struct hy_outage_count count;
	enum hy_judgement judgement = hy_outage_judge(parts->outage, now, &count);
	bool is_open = false;
	enum hy_err err = hy_crawler_alarm_open(store, alarm.source, (struct hy_wall){INT64_MAX},
						&is_open, e);

	if (err != HY_OK || judgement != (is_open ? HY_JUDGEMENT_GOOD : HY_JUDGEMENT_BAD))
		return err;
	if (is_open) {
		hy_buf_addf(&text, "抓取程序 %s 的网络已恢复", parts->instance);
		alarm.text = hy_buf_str(&text);
		err = hy_source_state_forgive(store, now, e);
		return err == HY_OK ? hy_source_alarm_clear(store, &alarm, out_changed, e) : err;
	}
	hy_buf_addf(&text, "抓取程序 %s 自身断网或域名解析失效：近 10 分钟访问的 %lld 个网站中，"
			   "%lld 个没有任何应答。恢复之前不逐个报来源打不开",
		    parts->instance, (long long)count.asked, (long long)count.silent);
	alarm.since = count.since;
	alarm.text = hy_buf_str(&text);
	return hy_source_alarm_raise(store, &alarm, out_changed, e);
}

/* ---- rounds ---- */

struct part {
	struct hy_change change;
	struct hy_watch *watch;
	size_t from;
	bool changed;
};

static enum hy_err begin_round(struct part *part, struct hy_store *store, struct hy_wall now,
			       struct hy_error *e)
{
	bool changed = false;
	enum hy_err err = hy_source_alarm_drop(store, now, &part->changed, e);

	if (err == HY_OK)
		err = hy_watch_crawler(store, &part->watch->parts, now, &changed, e);
	part->changed |= changed;
	return err;
}

static enum hy_err write_part(struct hy_change *change, struct hy_store *store,
			      struct hy_error *e)
{
	struct part *part = hy_container_of(change, struct part, change);
	const struct hy_sources *sources = part->watch->sources;
	size_t end = part->from + PART;
	struct hy_wall now = hy_wall_now();
	enum hy_err err = HY_OK;

	if (part->from == 0)
		err = begin_round(part, store, now, e);
	for (size_t i = part->from; err == HY_OK && i < end && i < hy_sources_count(sources); i++) {
		bool changed = false;

		err = hy_watch_source(store, hy_sources_at(sources, i), now, &changed, e);
		part->changed |= changed;
	}
	return err;
}

static void end_part(struct hy_change *change, bool committed)
{
	struct part *part = hy_container_of(change, struct part, change);
	struct hy_watch *w = part->watch;
	bool is_round_over = part->from + PART >= hy_sources_count(w->sources);

	w->is_under_way = false;
	w->next = is_round_over ? 0 : part->from + PART;
	if (!w->is_stopped)
		hy_timer_start(w->timer, is_round_over ? w->round_ms : PART_MS, 0);
	if (committed && part->changed)
		w->fn(w->ctx);
	free(part);
}

static const struct hy_change_type part_type = {"watch", write_part, end_part};

static void on_timer(void *ctx)
{
	struct hy_watch *w = ctx;
	struct part *part;

	if (w->is_under_way || w->is_stopped)
		return;
	part = hy_xcalloc(1, sizeof *part);
	part->change.type = &part_type;
	part->watch = w;
	part->from = w->next;
	w->is_under_way = true;
	hy_batch_add(w->parts.batch, &part->change);
}

struct hy_watch *hy_watch_new(const struct hy_watch_parts *parts, hy_watch_fn *fn, void *ctx)
{
	struct hy_watch *w = hy_xcalloc(1, sizeof *w);

	w->parts = *parts;
	w->fn = fn;
	w->ctx = ctx;
	w->timer = hy_timer_new(parts->loop, on_timer, w);
	return w;
}

void hy_watch_free(struct hy_watch *watch)
{
	if (!watch)
		return;
	hy_timer_free(watch->timer);
	free(watch);
}

void hy_watch_set(struct hy_watch *watch, const struct hy_sources *sources, int64_t round_ms)
{
	watch->sources = sources;
	watch->round_ms = round_ms;
	watch->next = 0;
	if (!watch->is_stopped)
		hy_timer_start(watch->timer, round_ms < PART_MS ? round_ms : PART_MS, 0);
}

void hy_watch_stop(struct hy_watch *watch)
{
	watch->is_stopped = true;
	hy_timer_stop(watch->timer);
}
