#include "cli/rule_shares.h"

#include <stdlib.h>
#include <string.h>

#include "alerter/share.h"
#include "alerter/traffic_alarm.h"
#include "cli/document_lines.h"
#include "common/base/mem.h"

struct hy_rule_share {
	char *topic, *title;
	int64_t base, changed;		/* documents */
};

void hy_rule_shares_init(struct hy_rule_shares *shares)
{
	*shares = (struct hy_rule_shares){.documents = 0};
	hy_map_init(&shares->by_topic, HY_TOPICS_MAX * 2);
}

void hy_rule_shares_fini(struct hy_rule_shares *shares)
{
	for (size_t i = 0; i < shares->count; i++) {
		free(shares->topics[i]->topic);
		free(shares->topics[i]->title);
		free(shares->topics[i]);
	}
	free(shares->topics);
	hy_map_fini(&shares->by_topic);
}

/* ---- gathering ---- */

static struct hy_rule_share *share_of(struct hy_rule_shares *shares,
				      const struct hy_scan_topic *topic)
{
	struct hy_str id = topic->rule->topic->id;
	struct hy_rule_share *share = hy_map_get(&shares->by_topic, id);

	if (share)
		return share;
	share = hy_xcalloc(1, sizeof *share);
	*share = (struct hy_rule_share){.topic = hy_str_dup(id),
					.title = hy_str_dup(topic->rule->topic->title)};
	shares->topics = hy_grow(shares->topics, &shares->cap, shares->count + 1,
				 sizeof(struct hy_rule_share *));
	shares->topics[shares->count++] = share;
	/* Two sets have no more topics than this holds. */
	enum hy_err stored = hy_map_set(&shares->by_topic, id, share);
	hy_assert(stored == HY_OK);
	return share;
}

void hy_rule_shares_add(struct hy_rule_shares *shares, const struct hy_scan_result *base,
			const struct hy_scan_result *changed)
{
	shares->documents++;
	for (size_t i = 0; i < base->topic_count; i++)
		share_of(shares, &base->topics[i])->base++;
	for (size_t i = 0; i < changed->topic_count; i++)
		share_of(shares, &changed->topics[i])->changed++;
}

/* ---- telling ---- */

static int by_topic(const void *a, const void *b)
{
	const struct hy_rule_share *x = *(struct hy_rule_share *const *)a;
	const struct hy_rule_share *y = *(struct hy_rule_share *const *)b;

	return strcmp(x->topic, y->topic);
}

static void sort(struct hy_rule_shares *shares)
{
	if (shares->count)
		qsort(shares->topics, shares->count, sizeof(struct hy_rule_share *), by_topic);
}

/* A topic that the first set does not have, or not on these documents, has no usual. */
static enum hy_share_state judge(const struct hy_rule_shares *shares,
				 const struct hy_rule_share *share)
{
	struct hy_share_day base = {(int64_t)shares->documents, share->base};
	struct hy_share_day changed = {(int64_t)shares->documents, share->changed};
	double part = hy_share_of(&base);
	struct hy_share_usual usual = {.days = share->base ? HY_SHARE_DAYS_MIN : 0,
				       .median = part, .low = part, .documents = base.documents};

	return hy_share_judge(&usual, &changed, HY_SHARE_UNKNOWN);
}

static bool is_out(enum hy_share_state state)
{
	return state == HY_SHARE_SURGE || state == HY_SHARE_SILENT;
}

static double part(const struct hy_rule_shares *shares, int64_t fired)
{
	struct hy_share_day day = {(int64_t)shares->documents, fired};

	return hy_share_of(&day);
}

void hy_rule_shares_print(struct hy_rule_shares *shares, struct hy_buf *out)
{
	bool any = false;

	sort(shares);
	for (size_t i = 0; i < shares->count; i++) {
		const struct hy_rule_share *share = shares->topics[i];
		enum hy_share_state state = judge(shares, share);

		if (!is_out(state))
			continue;
		hy_buf_add_c(out, any ? "" : "占比异常（启用后会告警）\n");
		any = true;
		hy_buf_addf(out, "  %s %s：命中占 ", share->topic, share->title);
		hy_traffic_percent(part(shares, share->changed), out);
		hy_buf_add_c(out, "，原规则占 ");
		hy_traffic_percent(part(shares, share->base), out);
		hy_buf_add_c(out, state == HY_SHARE_SURGE ? "，可能写得太宽\n"
							  : "，可能写得太窄或被排除\n");
	}
}

json_t *hy_rule_shares_json(struct hy_rule_shares *shares)
{
	json_t *list = json_array();

	sort(shares);
	for (size_t i = 0; i < shares->count; i++) {
		const struct hy_rule_share *share = shares->topics[i];
		enum hy_share_state state = judge(shares, share);

		if (is_out(state))
			(void)json_array_append_new(
				list, json_pack("{s:o, s:s, s:I, s:I}", "topic",
						hy_json_of_str(hy_str_of(share->topic)), "state",
						state == HY_SHARE_SURGE ? "surge" : "silent",
						"base", (json_int_t)share->base, "changed",
						(json_int_t)share->changed));
	}
	return list;
}
