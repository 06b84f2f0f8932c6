#include "tests/lib/naive_match.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

#define SPANS_MAX 1000	/* of one term and field, as documented */
#define SHOWN_MAX 20
#define MARKS_MAX NAIVE_HITS_MAX

struct span {
	size_t start, end;
};

struct spans {
	struct span at[SPANS_MAX];
	size_t count;
};

struct mark {
	struct hy_str rule;
	enum hy_field field;
	struct span span;
};

struct naive {
	const struct hy_fold_table *table;
	const struct hy_lists *lists;
	struct hy_folded fields[HY_FIELD_COUNT];
	size_t lead;		/* bytes of the body as it was */
	struct mark *marks;
	size_t mark_count;
};

/* An item with what it inherits. */
struct item {
	struct hy_str text;
	int64_t weight;
	bool in[HY_FIELD_COUNT];
	bool in_lead;
};

struct items {
	struct item *at;
	size_t count, cap;
};

/* ---- finding ---- */

static void add_span(struct spans *spans, size_t start, size_t end)
{
	if (spans->count < SPANS_MAX)
		spans->at[spans->count++] = (struct span){start, end};
}

static void find_term(const struct naive *n, struct hy_str term, const struct hy_folded *field,
		      struct spans *out)
{
	struct hy_folded folded;
	size_t at = 0;

	hy_folded_init(&folded);
	hy_assert(hy_fold(n->table, term, &folded) == HY_OK && folded.n > 0);
	while (at + folded.n <= field->n) {
		const char *p = memmem(field->text + at, field->n - at, folded.text, folded.n);

		if (!p)
			break;
		at = (size_t)(p - field->text);
		add_span(out, at, at + folded.n);
		at++;
	}
	hy_folded_fini(&folded);
}

static void find_pattern(const struct naive *n, struct hy_str written,
			 const struct hy_folded *field, struct spans *out)
{
	struct hy_buf folded;
	int code;
	PCRE2_SIZE offset, from = 0;

	hy_buf_init(&folded, 1u << 16);
	hy_fold_pattern(n->table, hy_str_sub(written, 1, written.n - 2), &folded);
	pcre2_code *re = pcre2_compile((PCRE2_SPTR)folded.p, folded.n, PCRE2_UTF | PCRE2_CASELESS,
				       &code, &offset, NULL);
	hy_assert(re != NULL);
	pcre2_match_data *data = pcre2_match_data_create_from_pattern(re, NULL);
	while (from < field->n && pcre2_match(re, (PCRE2_SPTR)field->text, field->n, from,
					      PCRE2_NOTEMPTY, data, NULL) >= 0) {
		const PCRE2_SIZE *span = pcre2_get_ovector_pointer(data);

		add_span(out, span[0], span[1]);
		from = span[1];
	}
	pcre2_match_data_free(data);
	pcre2_code_free(re);
	hy_buf_fini(&folded);
}

/* As rules/README.md tells it. */
static size_t lead_of(struct hy_str body)
{
	size_t count = 0, at = 0, bytes;

	for (; at < body.n && count < 200; at += bytes ? bytes : 1) {
		uint32_t rune;

		bytes = hy_utf8_decode(body.p + at, body.n - at, &rune);
		if (body.p[at] == '\n' && count >= 40)
			return at;
		if (bytes == 0 || !hy_rune_is_space(rune))
			count++;
	}
	return at;
}

static void keep_lead(const struct naive *n, struct spans *spans)
{
	size_t kept = 0;

	for (size_t i = 0; i < spans->count; i++) {
		size_t start, end;

		hy_folded_span(&n->fields[HY_FIELD_BODY], spans->at[i].start, spans->at[i].end,
			       &start, &end);
		if (end <= n->lead)
			spans->at[kept++] = spans->at[i];
	}
	spans->count = kept;
}

static void find(const struct naive *n, const struct item *item, int field, struct spans *out)
{
	bool in_lead = field == HY_FIELD_BODY && item->in_lead;

	out->count = 0;
	if (!item->in[field] && !in_lead)
		return;
	if (item->text.n > 1 && item->text.p[0] == '/')
		find_pattern(n, item->text, &n->fields[field], out);
	else
		find_term(n, item->text, &n->fields[field], out);
	if (in_lead)
		keep_lead(n, out);
}

/* ---- items ---- */

static void expand(const struct naive *n, const struct hy_yaml_node *node, struct item preset,
		   struct items *out)
{
	struct hy_str text = hy_yaml_text(node);

	if (hy_yaml_is_mapping(node)) {
		const struct hy_yaml_node *fields = hy_yaml_get(node, "fields");

		if (hy_yaml_get(node, "weight"))
			(void)hy_str_to_int(hy_yaml_text(hy_yaml_get(node, "weight")), 1, 1000,
					    &preset.weight);
		for (int f = 0; fields && f < HY_FIELD_COUNT; f++) {
			preset.in[f] = false;
			for (size_t i = 0; i < hy_yaml_count(fields); i++)
				if (hy_str_eq_c(hy_yaml_text(hy_yaml_item(fields, i)),
						hy_field_name((enum hy_field)f)))
					preset.in[f] = true;
		}
		preset.in_lead = preset.in_lead && !fields;
		for (size_t i = 0; fields && i < hy_yaml_count(fields); i++)
			preset.in_lead |= hy_str_eq_c(hy_yaml_text(hy_yaml_item(fields, i)), "lead");
		expand(n, hy_yaml_get(node, "term"), preset, out);
	} else if (hy_yaml_is_sequence(node)) {
		for (size_t i = 0; i < hy_yaml_count(node); i++)
			expand(n, hy_yaml_item(node, i), preset, out);
	} else if (text.n > 1 && text.p[0] == '$') {
		const struct hy_list *list = NULL;

		for (size_t i = 0; i < hy_lists_count(n->lists); i++)
			if (hy_str_eq(hy_lists_at(n->lists, i)->name, hy_str_sub(text, 1, text.n)))
				list = hy_lists_at(n->lists, i);
		expand(n, list->items, preset, out);
	} else {
		preset.text = text;
		out->at = hy_grow(out->at, &out->cap, out->count + 1, sizeof *out->at);
		out->at[out->count++] = preset;
	}
}

static struct items items_of(const struct naive *n, const struct hy_yaml_node *node)
{
	struct items items = {0};

	if (node)
		expand(n, node, (struct item){.weight = 1, .in = {true, true}}, &items);
	return items;
}

/* ---- conditions ---- */

static void add_mark(struct naive *n, const struct item *item, int field, struct span span)
{
	hy_assert(n->mark_count < MARKS_MAX);
	n->marks[n->mark_count++] = (struct mark){item->text, (enum hy_field)field, span};
}

static int64_t score_item(struct naive *n, const struct item *item)
{
	int64_t factor = 0;

	for (int f = 0; f < HY_FIELD_COUNT; f++) {
		struct spans *spans = hy_xcalloc(1, sizeof *spans);

		find(n, item, f, spans);
		for (size_t i = 0; i < spans->count && i < SHOWN_MAX; i++)
			add_mark(n, item, f, spans->at[i]);
		if (spans->count && factor == 0)
			factor = f == HY_FIELD_TITLE ? 2 : 1;
		free(spans);
	}
	return item->weight * factor;
}

static int64_t score_items(struct naive *n, const struct hy_yaml_node *node, bool best)
{
	struct items items = items_of(n, node);
	int64_t sum = 0, most = 0;

	for (size_t i = 0; i < items.count; i++) {
		int64_t score = score_item(n, &items.at[i]);

		sum += score;
		most = score > most ? score : most;
	}
	free(items.at);
	return best ? most : sum;
}

static bool is_near(const struct hy_folded *field, struct span a, struct span b, int64_t within)
{
	int64_t characters = 0;

	if (b.start < a.end)
		return false;
	for (size_t i = a.end; i < b.start; i++) {
		if (field->text[i] == '\n')
			return false;
		characters += ((unsigned char)field->text[i] & 0xc0) != 0x80;
	}
	return characters <= within;
}

static bool near_items(struct naive *n, const struct item *a, const struct item *b, int field,
		       int64_t within, bool ordered)
{
	struct spans *as = hy_xcalloc(2, sizeof *as), *bs = as + 1;
	bool found = false;

	find(n, a, field, as);
	find(n, b, field, bs);
	for (size_t i = 0; i < as->count && !found; i++)
		for (size_t j = 0; j < bs->count && !found; j++) {
			found = is_near(&n->fields[field], as->at[i], bs->at[j], within) ||
				(!ordered &&
				 is_near(&n->fields[field], bs->at[j], as->at[i], within));
			if (found) {
				add_mark(n, a, field, as->at[i]);
				add_mark(n, b, field, bs->at[j]);
			}
		}
	free(as);
	return found;
}

static int64_t score_near(struct naive *n, const struct hy_yaml_node *node)
{
	struct items a = items_of(n, hy_yaml_get(node, "a")), b = items_of(n, hy_yaml_get(node, "b"));
	const struct hy_yaml_node *weight = hy_yaml_get(node, "weight");
	bool ordered = hy_yaml_get(node, "ordered") &&
		       hy_str_eq_c(hy_yaml_text(hy_yaml_get(node, "ordered")), "true");
	int64_t within = 0, factor = 0, times = 1;

	(void)hy_str_to_int(hy_yaml_text(hy_yaml_get(node, "within")), 1, 200, &within);
	if (weight)
		(void)hy_str_to_int(hy_yaml_text(weight), 1, 1000, &times);
	for (int f = 0; f < HY_FIELD_COUNT && !factor; f++)
		for (size_t i = 0; i < a.count && !factor; i++)
			for (size_t j = 0; j < b.count && !factor; j++)
				if (near_items(n, &a.at[i], &b.at[j], f, within, ordered))
					factor = f == HY_FIELD_TITLE ? 2 : 1;
	free(a.at);
	free(b.at);
	return times * factor;
}

static bool holds(struct naive *n, const struct hy_yaml_node *node, int64_t *out_score)
{
	const struct hy_yaml_node *all = hy_yaml_get(node, "all"), *any = hy_yaml_get(node, "any"),
				  *near = hy_yaml_get(node, "near"),
				  *none = hy_yaml_get(node, "none");
	size_t before = n->mark_count, groups = !all                     ? 0
					       : hy_yaml_is_sequence(all) ? hy_yaml_count(all)
									  : 1;
	size_t pairs = !near ? 0 : hy_yaml_is_sequence(near) ? hy_yaml_count(near) : 1;
	int64_t score = 0, choice = 0;
	bool good = true;

	if (none) {
		good = score_items(n, none, false) == 0;
		n->mark_count = before;
	}
	for (size_t i = 0; i < groups; i++) {
		int64_t best = score_items(
			n, hy_yaml_is_sequence(all) ? hy_yaml_item(all, i) : all, true);

		good = good && best > 0;
		score += best;
	}
	if (any)
		choice += score_items(n, any, false);
	for (size_t i = 0; i < pairs; i++)
		choice += score_near(n, hy_yaml_is_sequence(near) ? hy_yaml_item(near, i) : near);
	if (!good || ((any || near) && choice == 0)) {
		n->mark_count = before;
		return false;
	}
	*out_score = score + choice;
	return true;
}

/* ---- topics ---- */

static enum hy_severity severity_of(struct naive *n, const struct hy_topic *topic)
{
	const struct hy_yaml_node *raise = hy_yaml_get(topic->node, "raise");
	enum hy_severity severity = topic->severity, step = HY_SEVERITY_GENERAL;
	size_t count = !raise ? 0 : hy_yaml_is_sequence(raise) ? hy_yaml_count(raise) : 1;

	for (size_t i = 0; i < count; i++) {
		const struct hy_yaml_node *node =
			hy_yaml_is_sequence(raise) ? hy_yaml_item(raise, i) : raise;
		int64_t score;

		hy_assert(hy_severity_parse(hy_yaml_text(hy_yaml_get(node, "severity")), &step));
		if (step > severity && holds(n, node, &score))
			severity = step;
	}
	return severity;
}

/* The words of a sector lean, they are no hits. */
static int64_t sector_score(struct naive *n, const struct hy_sector *sector)
{
	size_t before = n->mark_count;
	int64_t score = sector ? score_items(n, hy_yaml_get(sector->node, "words"), false) : 0;

	n->mark_count = before;
	return score;
}

static void take_hits(const struct naive *n, struct naive_topic *topic)
{
	topic->hits = hy_xcalloc(n->mark_count + 1, sizeof *topic->hits);
	topic->hit_count = n->mark_count;
	for (size_t i = 0; i < n->mark_count; i++) {
		const struct mark *mark = &n->marks[i];

		topic->hits[i].rule = mark->rule;
		topic->hits[i].field = mark->field;
		hy_folded_span(&n->fields[mark->field], mark->span.start, mark->span.end,
			       &topic->hits[i].start, &topic->hits[i].end);
	}
}

/* ---- origin ---- */

static bool naive_glob(const char *p, size_t n, const char *text, size_t m)
{
	if (n == 0)
		return m == 0;
	if (*p == '*')
		return naive_glob(p + 1, n - 1, text, m) ||
		       (m > 0 && naive_glob(p, n, text + 1, m - 1));
	return m > 0 && *p == *text && naive_glob(p + 1, n - 1, text + 1, m - 1);
}

/* Both sides folded, a * kept; the tests' names hold no other sign. */
static bool names_one(const struct naive *n, const struct hy_yaml_node *names, struct hy_str text,
		      bool folds)
{
	struct items items = items_of(n, names);
	struct hy_folded glob, name;
	bool found = false;

	hy_folded_init(&glob);
	hy_folded_init(&name);
	hy_assert(hy_fold(n->table, text, &name) == HY_OK);
	for (size_t i = 0; text.n && i < items.count && !found; i++) {
		struct hy_str written = items.at[i].text;

		hy_assert(hy_fold(n->table, written, &glob) == HY_OK);
		found = folds ? naive_glob(glob.text, glob.n, name.text, name.n)
			      : naive_glob(written.p, written.n, text.p, text.n);
	}
	hy_folded_fini(&glob);
	hy_folded_fini(&name);
	free(items.at);
	return found;
}

static bool is_from(const struct naive *n, const struct hy_yaml_node *list,
		    const struct hy_scan_input *document)
{
	if (!hy_yaml_is_mapping(list))
		return names_one(n, list, document->source, false);
	return names_one(n, hy_yaml_get(list, "source"), document->source, false) ||
	       names_one(n, hy_yaml_get(list, "outlet"), document->outlet, true);
}

static bool origin_allows(const struct naive *n, const struct hy_topic *topic,
			  const struct hy_scan_input *document)
{
	const struct hy_yaml_node *sources = hy_yaml_get(topic->node, "sources");

	if (!sources || document->source.n + document->outlet.n == 0)
		return true;
	return (!hy_yaml_get(sources, "only") ||
		is_from(n, hy_yaml_get(sources, "only"), document)) &&
	       (!hy_yaml_get(sources, "never") ||
		!is_from(n, hy_yaml_get(sources, "never"), document));
}

void naive_match(const struct hy_topics *topics, const struct hy_fold_table *table,
		 const struct hy_scan_input *document, struct naive_result *out)
{
	struct naive n = {.table = table, .lists = hy_topics_lists(topics)};
	struct hy_str texts[HY_FIELD_COUNT] = {[HY_FIELD_TITLE] = document->title,
						[HY_FIELD_BODY] = document->text};

	n.marks = hy_xcalloc(MARKS_MAX, sizeof *n.marks);
	n.lead = lead_of(document->text);
	for (int f = 0; f < HY_FIELD_COUNT; f++) {
		hy_folded_init(&n.fields[f]);
		hy_assert(hy_fold(table, texts[f], &n.fields[f]) == HY_OK);
	}
	*out = (struct naive_result){
		.topics = hy_xcalloc(hy_topics_count(topics) + 1, sizeof *out->topics)};
	for (size_t i = 0; i < hy_topics_count(topics); i++) {
		struct naive_topic topic = {.topic = hy_topics_at(topics, i)};
		const struct hy_yaml_node *threshold = hy_yaml_get(topic.topic->node, "threshold");
		int64_t least = 1;

		if (hy_topic_is_derived(topic.topic))
			continue;
		n.mark_count = 0;
		if (threshold)
			(void)hy_str_to_int(hy_yaml_text(threshold), 1, 10000, &least);
		if (!origin_allows(&n, topic.topic, document) ||
		    !holds(&n, hy_yaml_get(topic.topic->node, "match"), &topic.score) ||
		    (topic.score += sector_score(&n, topic.topic->sector)) < least)
			continue;
		topic.severity = severity_of(&n, topic.topic);
		take_hits(&n, &topic);
		out->topics[out->topic_count++] = topic;
	}
	for (int f = 0; f < HY_FIELD_COUNT; f++)
		hy_folded_fini(&n.fields[f]);
	free(n.marks);
}

void naive_result_fini(struct naive_result *result)
{
	for (size_t i = 0; i < result->topic_count; i++)
		free(result->topics[i].hits);
	free(result->topics);
}
