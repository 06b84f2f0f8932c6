#include "alerter/refusal.h"

#include "alerter/alarm.h"
#include "alerter/audit.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/sys/content_id.h"

#define TEXT_BYTES 2000		/* below what an alarm's text may have */
#define TITLE_SHOWN 300
#define REASON_SHOWN 300

static const char find_refusal[] =
	"SELECT 1 FROM audit WHERE subject = $1 AND act = $2 LIMIT 1";

/* Without tearing a character apart. */
static struct hy_str shown(struct hy_str text, size_t max)
{
	return hy_str_sub(text, 0, hy_utf8_floor(text.p, text.n, max));
}

static const char *act_of(const struct hy_msg *message)
{
	if (message->type == HY_MSG_TALLY)
		return "tally.refuse";
	return message->type == HY_MSG_ALERT ? "alert.refuse" : "alarm.refuse";
}

static enum hy_err find(struct hy_turn *turn, const struct hy_msg *message, bool *out_found,
			struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, find_refusal);
	enum hy_err err;

	hy_query_bind_text(q, 1, message->id);
	hy_query_bind_c(q, 2, act_of(message));
	err = hy_query_next(q, out_found, e);
	if (!err && *out_found)
		hy_query_reset(q);
	return err;
}

static void write_text(const struct hy_msg *message, struct hy_str reason, struct hy_buf *out)
{
	const struct hy_msg_alert *alert = &message->as.alert;
	struct hy_str why = shown(reason, REASON_SHOWN), text;

	if (message->type == HY_MSG_ALERT) {
		text = shown(alert->title, TITLE_SHOWN);
		hy_buf_addf(out, "预警无法入库，没有形成事项，须人工处理：《%.*s》 %.*s（%.*s）",
			    HY_STR_ARGS(text), HY_STR_ARGS(shown(alert->url, TITLE_SHOWN)),
			    HY_STR_ARGS(why));
	} else if (message->type == HY_MSG_TALLY) {
		hy_buf_addf(out, "议题命中统计无法入库（%.*s）", HY_STR_ARGS(why));
	} else {
		text = shown(message->as.alarm.text, TITLE_SHOWN);
		hy_buf_addf(out, "告警无法入库：%.*s（%.*s）", HY_STR_ARGS(text), HY_STR_ARGS(why));
	}
}

static enum hy_err record(struct hy_turn *turn, const struct hy_msg *message, struct hy_str text,
			  struct hy_error *e)
{
	const struct hy_audit_entry entry = {.at = turn->now, .actor = HY_STR_LIT("system"),
					     .act = hy_str_of(act_of(message)),
					     .subject = message->id, .detail = text};

	return hy_audit_append(turn, &entry, e);
}

enum hy_err hy_refusal_take(struct hy_turn *turn, const struct hy_msg *message,
			    struct hy_str reason, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);
	struct hy_str parts[] = {HY_STR_LIT(HY_REFUSAL_KIND), message->id};
	struct hy_id id = hy_id_of(parts, HY_COUNT(parts));
	bool found = false, fresh;
	enum hy_err err = find(turn, message, &found, e);

	if (err || found)
		return err;
	write_text(message, reason, &text);
	if (hy_buf_err(&text))
		return hy_fail(e, HY_ERR_LIMIT, "refusal: text too long");
	const struct hy_msg_alarm alarm = {
		.alarm = hy_id_str(&id), .component = HY_STR_LIT("alerter"),
		.kind = HY_STR_LIT(HY_REFUSAL_KIND), .subject = hy_str_of(act_of(message)),
		.owner = HY_STR_LIT("office"), .state = HY_ALARM_RAISED, .since = turn->now,
		.at = turn->now, .text = hy_buf_str(&text)};

	err = record(turn, message, hy_buf_str(&text), e);
	return err ? err : hy_alarm_take(turn, &alarm, &fresh, e);
}
