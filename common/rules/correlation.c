#include "common/rules/correlation.h"

#include <stdlib.h>

#include "common/base/map.h"
#include "common/base/mem.h"

static const char *const keys[] = {"type", "field", "timespan", "gte", "condition", "group_by",
				   "topics", "severity", "note", NULL};
static const char *const condition_keys[] = {"gte", NULL};

struct reader {
	struct hy_findings *findings;
	bool has_match;		/* the topic has one */
};

static const struct {
	const char *field;
	enum hy_correlation_value value;
	const char *unit;		/* Chinese, for counting */
} fields[] = {
	{"source", HY_CORRELATION_SOURCE, "个来源"},
	{"outlet", HY_CORRELATION_OUTLET, "家媒体"},
	{"place", HY_CORRELATION_PLACE, "个地点"},
};

/* ---- reading ---- */

static bool read_field(const struct reader *r, const struct hy_yaml_node *node,
		       enum hy_correlation_value *out)
{
	struct hy_str field;

	if (!hy_yaml_read_text(node, "field", true, r->findings, &field))
		return false;
	for (size_t i = 0; i < HY_COUNT(fields); i++)
		if (hy_str_eq_c(field, fields[i].field)) {
			*out = fields[i].value;
			return true;
		}
	hy_yaml_finding(hy_yaml_get(node, "field"), r->findings,
			"field 应为 source（来源）、outlet（媒体）或 place（地点）");
	return false;
}

static bool read_type(const struct reader *r, const struct hy_yaml_node *node,
		      enum hy_correlation_value *out)
{
	struct hy_str type;

	if (!hy_yaml_read_text(node, "type", true, r->findings, &type))
		return false;
	if (hy_str_eq_c(type, "value_count"))
		return read_field(r, node, out);
	if (!hy_str_eq_c(type, "event_count")) {
		hy_yaml_finding(hy_yaml_get(node, "type"), r->findings,
				"type 应为 event_count（稿件数）或 value_count（不同来源、媒体、地点数）");
		return false;
	}
	*out = HY_CORRELATION_DOCUMENT;
	if (!hy_yaml_get(node, "field"))
		return true;
	hy_yaml_finding(hy_yaml_get(node, "field"), r->findings, "event_count 数的是稿件，不写 field");
	return false;
}

/* `gte`, or as Sigma writes it `condition: {gte: …}`. */
static bool read_gte(const struct reader *r, const struct hy_yaml_node *node, int64_t *out)
{
	const struct hy_yaml_node *condition = hy_yaml_get(node, "condition");

	if (condition && (!hy_yaml_is_mapping(condition) || hy_yaml_get(node, "gte"))) {
		hy_yaml_finding(condition, r->findings, "写 gte: 数目，或 condition: {gte: 数目}，只写一处");
		return false;
	}
	if (condition && !hy_yaml_known_keys(condition, condition_keys, r->findings))
		return false;
	node = condition ? condition : node;
	if (!hy_yaml_get(node, "gte")) {
		hy_yaml_finding(node, r->findings, "缺少 gte（至少多少）");
		return false;
	}
	return hy_yaml_read_int(node, "gte", 2, HY_CORRELATION_GTE_MAX, r->findings, out);
}

static bool read_group(const struct reader *r, const struct hy_yaml_node *group,
		       struct hy_correlation *out)
{
	bool listed = hy_yaml_is_sequence(group);

	for (size_t i = 0; i < (listed ? hy_yaml_count(group) : 1); i++) {
		const struct hy_yaml_node *at = listed ? hy_yaml_item(group, i) : group;

		if (hy_str_eq_c(hy_yaml_text(at), "topic")) {
			out->by_topic = true;
		} else if (hy_str_eq_c(hy_yaml_text(at), "place")) {
			out->by_place = true;
		} else {
			hy_yaml_finding(at, r->findings, "group_by 只能是 topic（议题）、place（地点）");
			return false;
		}
	}
	return true;
}

static bool read_topics(const struct reader *r, const struct hy_yaml_node *node,
			struct hy_correlation *out)
{
	const struct hy_yaml_node *topics = hy_yaml_get(node, "topics");
	bool listed = topics && hy_yaml_is_sequence(topics);
	size_t count = !topics ? 0 : listed ? hy_yaml_count(topics) : 1;

	if ((count > 0) == r->has_match || count > HY_CORRELATION_GLOBS_MAX) {
		hy_yaml_finding(topics ? topics : node, r->findings,
				r->has_match ? "有 match 的议题统计的就是自己，不写 topics"
					     : "没有 match 的议题要写 topics：统计哪些议题（1 到 100 个）");
		return false;
	}
	for (size_t i = 0; i < count; i++)
		out->topics[out->topic_count++] =
			hy_yaml_text(listed ? hy_yaml_item(topics, i) : topics);
	return true;
}

static bool read_severity(const struct reader *r, const struct hy_yaml_node *node,
			  struct hy_correlation *out)
{
	const struct hy_yaml_node *severity = hy_yaml_get(node, "severity");

	if (!severity && !r->has_match)
		return true;
	out->raises = severity && hy_severity_parse(hy_yaml_text(severity), &out->severity);
	if (!out->raises)
		hy_yaml_finding(severity ? severity : node, r->findings,
				"severity 应写明达到后的级别：一般、较大、重大、特别重大 之一");
	return out->raises;
}

static bool read_one(const struct reader *r, const struct hy_yaml_node *node,
		     struct hy_correlation *out)
{
	const struct hy_yaml_node *group;
	bool good;

	out->node = node;
	if (!hy_yaml_is_mapping(node)) {
		hy_yaml_finding(node, r->findings,
				"correlation 应写成 {type: …, field: …, timespan: …, gte: …}");
		return false;
	}
	good = hy_yaml_known_keys(node, keys, r->findings);
	good = read_type(r, node, &out->value) && good;
	good = read_gte(r, node, &out->gte) && good;
	if (!hy_yaml_get(node, "timespan")) {
		hy_yaml_finding(node, r->findings, "缺少 timespan（多长时间之内，如 24h）");
		good = false;
	} else {
		good = hy_yaml_read_duration(node, "timespan", HY_CORRELATION_SPAN_MIN_MS,
					     HY_CORRELATION_SPAN_MAX_MS, r->findings,
					     &out->span_ms) && good;
	}
	group = hy_yaml_get(node, "group_by");
	if (group)
		good = read_group(r, group, out) && good;
	good = read_topics(r, node, out) && good;
	good = read_severity(r, node, out) && good;
	if (good && out->by_place && out->value == HY_CORRELATION_PLACE) {
		hy_yaml_finding(group, r->findings, "数的是地点，又按地点分开，永远只有 1 个");
		good = false;
	}
	return good;
}

bool hy_correlations_read(const struct hy_yaml_node *topic, struct hy_findings *findings,
			  struct hy_correlations *out)
{
	const struct hy_yaml_node *node = hy_yaml_get(topic, "correlation");
	const struct reader r = {findings, hy_yaml_get(topic, "match") != NULL};
	bool listed = node && hy_yaml_is_sequence(node), good = true;
	size_t count = !node ? 0 : listed ? hy_yaml_count(node) : 1;

	if (node && (count == 0 || count > HY_CORRELATIONS_MAX)) {
		hy_yaml_finding(node, findings, "correlation 应有 1 到 %d 项", HY_CORRELATIONS_MAX);
		return false;
	}
	if (count)
		out->items = hy_xcalloc(count, sizeof *out->items);
	out->count = count;
	for (size_t i = 0; i < count; i++)
		good = read_one(&r, listed ? hy_yaml_item(node, i) : node, &out->items[i]) && good;
	return good;
}

void hy_correlations_fini(struct hy_correlations *correlations)
{
	free(correlations->items);
	*correlations = (struct hy_correlations){0};
}

/* ---- counting ---- */

static int by_time(const void *a, const void *b)
{
	const struct hy_occurrence *x = a, *y = b;

	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	return hy_str_cmp(x->value, y->value);
}

/* Gives each occurrence the number of the first one of its value. */
static size_t *number_values(struct hy_occurrence *occurrences, size_t count)
{
	size_t *numbers = hy_xcalloc(count + 1, sizeof *numbers);
	struct hy_map first;

	hy_map_init(&first, count + 1);
	for (size_t i = 0; i < count; i++) {
		const struct hy_occurrence *known = hy_map_get(&first, occurrences[i].value);

		numbers[i] = known ? (size_t)(known - occurrences) : i;
		if (known)
			continue;
		enum hy_err stored = hy_map_set(&first, occurrences[i].value, &occurrences[i]);
		hy_assert(stored == HY_OK);
	}
	hy_map_fini(&first);
	return numbers;
}

size_t hy_correlation_most(struct hy_occurrence *occurrences, size_t count, int64_t at_ms,
			   int64_t span_ms)
{
	size_t begin = 0, end, distinct = 0, most = 0;

	if (count)
		qsort(occurrences, count, sizeof *occurrences, by_time);
	size_t *numbers = number_values(occurrences, count);
	size_t *present = hy_xcalloc(count + 1, sizeof *present);

	/*
	 * A window that holds the most can begin with an occurrence; it must reach to `at_ms`. It
	 * slides: what leaves it at the one end never comes back.
	 */
	while (begin < count && at_ms - occurrences[begin].at_ms > span_ms)
		begin++;
	end = begin;
	for (; begin < count && occurrences[begin].at_ms <= at_ms; begin++) {
		for (; end < count && occurrences[end].at_ms - occurrences[begin].at_ms <= span_ms;
		     end++)
			distinct += present[numbers[end]]++ == 0;
		most = distinct > most ? distinct : most;
		distinct -= --present[numbers[begin]] == 0;
	}
	free(numbers);
	free(present);
	return most;
}

void hy_correlation_tell(const struct hy_correlation *correlation, size_t count,
			 struct hy_buf *out)
{
	int64_t minutes = correlation->span_ms / 60000;
	const char *unit = "篇稿件";

	for (size_t i = 0; i < HY_COUNT(fields); i++)
		if (fields[i].value == correlation->value)
			unit = fields[i].unit;
	if (minutes % 60 == 0)
		hy_buf_addf(out, "%lld 小时内", (long long)minutes / 60);
	else
		hy_buf_addf(out, "%lld 分钟内", (long long)minutes);
	hy_buf_addf(out, "%s %zu %s", correlation->by_place ? "同一地点" : "", count, unit);
}
