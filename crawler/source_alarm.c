#include "crawler/source_alarm.h"

#include <stdio.h>

#include "common/base/mem.h"
#include "common/sys/content_id.h"

#define KIND_BYTES 64
#define MEMORY_BYTES 16384
#define RAISED_END "-raised"
#define CLEARED_END "-cleared"

static const char raise_sql[] =
	"INSERT INTO source_alarm (id, kind, source, owner, since, raised_at, text)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
static const char clear_sql[] =
	"UPDATE source_alarm SET cleared_at = $3, cleared_text = $4"
	" WHERE source = $1 AND kind = $2 AND cleared_at IS NULL";
static const char drop_sql[] =
	"UPDATE source_alarm SET cleared_at = $1, cleared_text = $2 WHERE cleared_at IS NULL"
	" AND kind <> '" HY_CRAWLER_ALARM "' AND source IN (SELECT id FROM source WHERE active = 0)";
static const char drop_crawlers_sql[] =
	"UPDATE source_alarm SET cleared_at = $1, cleared_text = $2 WHERE cleared_at IS NULL"
	" AND kind = '" HY_CRAWLER_ALARM "'"
	" AND source NOT IN (SELECT instance FROM crawler WHERE alive_until >= $3)";
static const char crawler_open_sql[] =
	"SELECT COUNT(*) FROM source_alarm WHERE kind = '" HY_CRAWLER_ALARM "'"
	" AND (cleared_at IS NULL OR cleared_at >= $2) AND (source = $1 OR $1 = '')";
static const char open_sql[] =
	"SELECT kind, raised_at FROM source_alarm WHERE source = $1 AND cleared_at IS NULL";
static const char untold_sql[] =
	"SELECT id, kind, source, owner, CASE WHEN told = '' THEN text ELSE cleared_text END,"
	" told, since, CASE WHEN told = '' THEN raised_at ELSE cleared_at END"
	" FROM source_alarm WHERE told <> 'cleared' AND (told = '' OR cleared_at IS NOT NULL)"
	" ORDER BY raised_at, id LIMIT 1 OFFSET $1";
static const char purge_sql[] =
	"DELETE FROM source_alarm WHERE told = 'cleared' AND cleared_at < $1";
static const char told_sql[] = "UPDATE source_alarm SET told = $2 WHERE id = $1 AND told = $3";

#define CRAWLER_SILENT_MS 600000	/* longer than any batch was ever stuck alive */

static const char *kind_of(enum hy_trouble trouble, char out[KIND_BYTES])
{
	(void)snprintf(out, KIND_BYTES, "source-%s", hy_trouble_id(trouble));
	return out;
}

static const char *alarm_kind(const struct hy_source_alarm *alarm, char out[KIND_BYTES])
{
	return alarm->kind ? alarm->kind : kind_of(alarm->trouble, out);
}

enum hy_err hy_source_alarm_raise(struct hy_store *store, const struct hy_source_alarm *alarm,
				  bool *out_raised, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, raise_sql);
	char memory[KIND_BYTES], at[32];
	const char *kind = alarm_kind(alarm, memory);
	struct hy_str parts[3];
	struct hy_id id;
	int64_t changed = 0;
	enum hy_err err;

	(void)snprintf(at, sizeof at, "%lld", (long long)alarm->now.ms);
	parts[0] = hy_str_of(kind);
	parts[1] = alarm->source;
	parts[2] = hy_str_of(at);
	id = hy_id_of(parts, HY_COUNT(parts));
	hy_query_bind_text(q, 1, hy_id_str(&id));
	hy_query_bind_c(q, 2, kind);
	hy_query_bind_text(q, 3, alarm->source);
	hy_query_bind_text(q, 4, alarm->owner);
	hy_query_bind_wall(q, 5, hy_wall_known(alarm->since) ? alarm->since : alarm->now);
	hy_query_bind_wall(q, 6, alarm->now);
	hy_query_bind_text(q, 7, alarm->text);
	err = hy_query_run(q, &changed, e);
	if (err == HY_OK)
		*out_raised = changed > 0;
	return err;
}

enum hy_err hy_source_alarm_clear(struct hy_store *store, const struct hy_source_alarm *alarm,
				  bool *out_cleared, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, clear_sql);
	char kind[KIND_BYTES];
	int64_t changed = 0;
	enum hy_err err;

	hy_query_bind_text(q, 1, alarm->source);
	hy_query_bind_c(q, 2, alarm_kind(alarm, kind));
	hy_query_bind_wall(q, 3, alarm->now);
	hy_query_bind_text(q, 4, alarm->text);
	err = hy_query_run(q, &changed, e);
	if (err == HY_OK)
		*out_cleared = changed > 0;
	return err;
}

enum hy_err hy_source_alarm_drop(struct hy_store *store, struct hy_wall now, bool *out_dropped,
				 struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, drop_sql);
	int64_t sources = 0, crawlers = 0;
	enum hy_err err;

	hy_query_bind_wall(q, 1, now);
	hy_query_bind_c(q, 2, "来源已停用");
	err = hy_query_run(q, &sources, e);
	if (err != HY_OK)
		return err;
	q = hy_store_query(store, drop_crawlers_sql);
	hy_query_bind_wall(q, 1, now);
	hy_query_bind_c(q, 2, "该抓取程序已不再运行");
	hy_query_bind_wall(q, 3, hy_wall_add_ms(now, -CRAWLER_SILENT_MS));
	err = hy_query_run(q, &crawlers, e);
	if (err == HY_OK)
		*out_dropped = sources + crawlers > 0;
	return err;
}

enum hy_err hy_crawler_alarm_open(struct hy_store *store, struct hy_str crawler,
				  struct hy_wall after, bool *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, crawler_open_sql);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, crawler);
	hy_query_bind_wall(q, 2, after);
	err = hy_query_next(q, &row, e);
	if (err != HY_OK)
		return err;
	*out = row && hy_query_int(q, 0) > 0;
	hy_query_reset(q);
	return HY_OK;
}

enum hy_err hy_source_alarm_open(struct hy_store *store, struct hy_str source,
				 struct hy_wall out_raised_at[HY_TROUBLE_COUNT],
				 struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, open_sql);
	struct hy_wall raised_at[HY_TROUBLE_COUNT];
	char kind[KIND_BYTES];
	enum hy_err err;
	bool row;

	for (int i = 0; i < HY_TROUBLE_COUNT; i++)
		raised_at[i] = HY_WALL_NONE;
	hy_query_bind_text(q, 1, source);
	while ((err = hy_query_next(q, &row, e)) == HY_OK && row)
		for (int i = 0; i < HY_TROUBLE_COUNT; i++)
			if (hy_str_eq_c(hy_query_text(q, 0), kind_of((enum hy_trouble)i, kind)))
				raised_at[i] = hy_query_wall(q, 1);
	if (err == HY_OK)
		memcpy(out_raised_at, raised_at, sizeof raised_at);
	return err;
}

/* ---- telling ---- */

/* Copies the row's texts one after the other. */
static enum hy_err copy_row(const struct hy_query *q, struct hy_untold *u, struct hy_error *e)
{
	struct hy_msg_alarm *a = &u->message.as.alarm;
	struct hy_str *const texts[] = {&a->alarm, &a->kind, &a->subject, &a->owner, &a->text};
	size_t at = 0;

	for (size_t i = 0; i < HY_COUNT(texts); i++)
		hy_buf_add_str(&u->memory, hy_query_text(q, (int)i));
	if (hy_buf_err(&u->memory) != HY_OK)
		return hy_fail(e, HY_ERR_LIMIT, "alarm: too large");
	for (size_t i = 0; i < HY_COUNT(texts); i++) {
		*texts[i] = (struct hy_str){u->memory.p + at, hy_query_text(q, (int)i).n};
		at += texts[i]->n;
	}
	a->component = HY_STR_LIT("crawler");
	a->state = hy_query_text(q, 5).n ? HY_ALARM_CLEARED : HY_ALARM_RAISED;
	a->since = hy_query_wall(q, 6);
	a->at = hy_query_wall(q, 7);
	return HY_OK;
}

enum hy_err hy_source_alarm_untold(struct hy_store *store, int64_t place, struct hy_untold *out,
				   bool *out_found, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, untold_sql);
	enum hy_err err;
	bool row;

	hy_query_bind_int(q, 1, place);
	err = hy_query_next(q, &row, e);
	if (err != HY_OK)
		return err;
	*out_found = row;
	if (!row)
		return HY_OK;
	*out = (struct hy_untold){.message = {.type = HY_MSG_ALARM}};
	hy_buf_init(&out->memory, MEMORY_BYTES);
	err = copy_row(q, out, e);
	hy_query_reset(q);
	(void)snprintf(out->id, sizeof out->id, "%.*s%s", HY_STR_ARGS(out->message.as.alarm.alarm),
		       out->message.as.alarm.state == HY_ALARM_RAISED ? RAISED_END : CLEARED_END);
	out->message.id = hy_str_of(out->id);
	if (err != HY_OK)
		hy_untold_fini(out);
	return err;
}

void hy_untold_fini(struct hy_untold *untold)
{
	hy_buf_fini(&untold->memory);
}

enum hy_err hy_source_alarm_told(struct hy_store *store, struct hy_str message_id,
				 struct hy_error *e)
{
	bool is_raise = hy_str_ends(message_id, HY_STR_LIT(RAISED_END));
	size_t end = is_raise ? sizeof RAISED_END - 1 : sizeof CLEARED_END - 1;
	struct hy_query *q;

	if (message_id.n <= end)
		return HY_OK;
	q = hy_store_query(store, told_sql);
	hy_query_bind_text(q, 1, hy_str_sub(message_id, 0, message_id.n - end));
	hy_query_bind_c(q, 2, is_raise ? "raised" : "cleared");
	hy_query_bind_c(q, 3, is_raise ? "" : "raised");
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_source_alarm_purge(struct hy_store *store, struct hy_wall before,
				  struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, purge_sql);

	hy_query_bind_wall(q, 1, before);
	return hy_query_run(q, NULL, e);
}
