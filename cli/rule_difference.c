#include "cli/rule_difference.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/document_lines.h"
#include "cli/print.h"
#include "common/base/mem.h"

#define GROUPS_MAX 200000
#define KEY_BYTES 512
#define HITS_SHOWN 5
#define TITLE_CHARACTERS 40

/* In the order they are told. */
enum kind { NEWLY, LOST, FIRST, SEVERITY };

static const struct {
	const char *id, *heading;
} kinds[] = {
	[NEWLY] = {"new", "新命中"},
	[LOST] = {"lost", "不再命中"},
	[FIRST] = {"first", "首要议题改变"},
	[SEVERITY] = {"severity", "级别改变"},
};

struct hy_difference_group {
	enum kind kind;
	char *from, *to;	/* topic ids or severities; NULL where there is none */
	char *from_title, *to_title;
	size_t count, ours;	/* documents; those about our district */
	json_t *examples;
};

/* A topic or a severity on one side. */
struct side {
	struct hy_str id, title;
};

void hy_difference_init(struct hy_difference *d, size_t examples_max)
{
	*d = (struct hy_difference){.examples_max = examples_max};
	hy_map_init(&d->by_key, GROUPS_MAX);
	hy_rule_shares_init(&d->shares);
}

void hy_difference_fini(struct hy_difference *d)
{
	for (size_t i = 0; i < d->count; i++) {
		free(d->groups[i]->from);
		free(d->groups[i]->to);
		free(d->groups[i]->from_title);
		free(d->groups[i]->to_title);
		json_decref(d->groups[i]->examples);
		free(d->groups[i]);
	}
	free(d->groups);
	hy_map_fini(&d->by_key);
	hy_rule_shares_fini(&d->shares);
}

/* ---- gathering ---- */

static char *copy_of(struct hy_str s)
{
	return s.n ? hy_str_dup(s) : NULL;
}

/* NULL where there are too many of them, which only their documents' counts then tell of. */
static struct hy_difference_group *group_of(struct hy_difference *d, enum kind kind,
					    struct side from, struct side to)
{
	hy_cleanup(hy_buf_fini) struct hy_buf key = HY_BUF(KEY_BYTES);

	hy_buf_addf(&key, "%d %.*s %.*s", (int)kind, HY_STR_ARGS(from.id), HY_STR_ARGS(to.id));
	struct hy_difference_group *group = hy_map_get(&d->by_key, hy_buf_str(&key));

	if (group || hy_buf_err(&key) || d->count == GROUPS_MAX)
		return group;
	group = hy_xcalloc(1, sizeof *group);
	*group = (struct hy_difference_group){.kind = kind,
					      .from = copy_of(from.id),
					      .to = copy_of(to.id),
					      .from_title = copy_of(from.title),
					      .to_title = copy_of(to.title),
					      .examples = json_array()};
	d->groups = hy_grow(d->groups, &d->cap, d->count + 1, sizeof(struct hy_difference_group *));
	d->groups[d->count++] = group;
	enum hy_err stored = hy_map_set(&d->by_key, hy_buf_str(&key), group);
	hy_assert(stored == HY_OK);
	return group;
}

static struct hy_str beginning(struct hy_str s, size_t characters)
{
	size_t at = 0;

	while (at < s.n && s.p[at] != '\n') {
		if (((unsigned char)s.p[at] & 0xc0) != 0x80 && characters-- == 0)
			break;
		at++;
	}
	return hy_str_sub(s, 0, at);
}

/* The words that were hit, each once. */
static json_t *words_of(const struct hy_scan_topic *topic,
			const struct hy_difference_document *document)
{
	json_t *words = json_array(), *seen = json_object();

	for (size_t i = 0; topic && i < topic->hit_count; i++) {
		const struct hy_scan_hit *hit = &topic->hits[i];
		struct hy_str field = hit->field == HY_FIELD_TITLE ? document->title
								   : document->text;
		json_t *word = hy_json_of_str(hy_str_sub(field, hit->start, hit->end - hit->start));

		if (json_array_size(words) < HITS_SHOWN &&
		    !json_object_get(seen, json_string_value(word))) {
			(void)json_object_set_new(seen, json_string_value(word), json_true());
			(void)json_array_append(words, word);
		}
		json_decref(word);
	}
	json_decref(seen);
	return words;
}

/* `topic` is what the words of the example are taken from, or NULL. */
static void add(struct hy_difference_group *group, size_t examples_max,
		const struct hy_difference_document *document, const struct hy_scan_topic *topic)
{
	if (!group)
		return;
	group->count++;
	group->ours += document->changed->ours || document->base->ours;
	if (json_array_size(group->examples) >= examples_max)
		return;
	struct hy_str title = document->title.n
				      ? document->title
				      : beginning(hy_str_trim(document->text), TITLE_CHARACTERS);
	json_t *example = json_pack("{s:o, s:o, s:o}", "id", json_deep_copy(document->id), "title",
				    hy_json_of_str(title), "hits", words_of(topic, document));

	hy_assert(example != NULL);
	(void)json_array_append_new(group->examples, example);
}

static struct side side_of(const struct hy_scan_topic *topic)
{
	return (struct side){topic->rule->topic->id, topic->rule->topic->title};
}

static bool holds(const struct hy_scan_result *result, const struct hy_scan_topic *topic)
{
	for (size_t i = 0; i < result->topic_count; i++)
		if (hy_str_eq(result->topics[i].rule->topic->id, topic->rule->topic->id))
			return true;
	return false;
}

static enum hy_severity severity_of(const struct hy_scan_result *result)
{
	enum hy_severity worst = HY_SEVERITY_GENERAL;

	for (size_t i = 0; i < result->topic_count; i++)
		worst = result->topics[i].severity > worst ? result->topics[i].severity : worst;
	return worst;
}

/* Topics of `one` that `other` does not have; true where there are any. */
static bool add_missing(struct hy_difference *d, const struct hy_difference_document *document,
			const struct hy_scan_result *one, const struct hy_scan_result *other,
			enum kind kind)
{
	const struct side none = {.id = {0}};
	bool any = false;

	for (size_t i = 0; i < one->topic_count; i++) {
		const struct hy_scan_topic *topic = &one->topics[i];
		struct side side = side_of(topic);

		if (holds(other, topic))
			continue;
		any = true;
		add(group_of(d, kind, kind == LOST ? side : none, kind == LOST ? none : side),
		    d->examples_max, document, topic);
	}
	return any;
}

static void add_moved(struct hy_difference *d, const struct hy_difference_document *document)
{
	const struct hy_scan_topic *was = &document->base->topics[0];
	const struct hy_scan_topic *is = &document->changed->topics[0];
	enum hy_severity before = severity_of(document->base);
	enum hy_severity after = severity_of(document->changed);

	if (!hy_str_eq(was->rule->topic->id, is->rule->topic->id)) {
		d->first++;
		add(group_of(d, FIRST, side_of(was), side_of(is)), d->examples_max, document, is);
	}
	if (before != after) {
		struct side from = {hy_str_of(hy_severity_id(before)),
				    hy_str_of(hy_severity_title(before))};
		struct side to = {hy_str_of(hy_severity_id(after)),
				  hy_str_of(hy_severity_title(after))};

		d->severity++;
		add(group_of(d, SEVERITY, from, to), d->examples_max, document, is);
	}
}

void hy_difference_add(struct hy_difference *d, const struct hy_difference_document *document)
{
	d->documents++;
	hy_rule_shares_add(&d->shares, document->base, document->changed);
	d->base_fired += document->base->topic_count > 0;
	d->changed_fired += document->changed->topic_count > 0;
	d->newly += add_missing(d, document, document->changed, document->base, NEWLY);
	d->lost += add_missing(d, document, document->base, document->changed, LOST);
	/* Where one side says nothing at all, that has been told. */
	if (document->base->topic_count && document->changed->topic_count)
		add_moved(d, document);
}

bool hy_difference_any(const struct hy_difference *d)
{
	return d->newly || d->lost || d->first || d->severity;
}

/* ---- telling ---- */

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int compare(const void *a, const void *b)
{
	const struct hy_difference_group *x = *(struct hy_difference_group *const *)a;
	const struct hy_difference_group *y = *(struct hy_difference_group *const *)b;
	int order = (int)x->kind - (int)y->kind;

	if (order == 0)
		order = (x->count < y->count) - (x->count > y->count);
	if (order == 0)
		order = compare_text(x->from, y->from);
	return order ? order : compare_text(x->to, y->to);
}

static void sort(struct hy_difference *d)
{
	if (d->count)
		qsort(d->groups, d->count, sizeof(struct hy_difference_group *), compare);
}

static void print_side(const char *id, const char *title, enum kind kind, struct hy_buf *out)
{
	if (kind == SEVERITY)
		hy_buf_add_c(out, title);
	else
		hy_buf_addf(out, "%s %s", id, title ? title : "");
}

static void print_string(const json_t *string, struct hy_buf *out)
{
	hy_print_plain(hy_str_of(json_string_value(string)), out);
}

static void print_example(const json_t *example, struct hy_buf *out)
{
	const json_t *id = json_object_get(example, "id"), *hits = json_object_get(example, "hits");

	hy_buf_add_c(out, "    ");
	if (json_is_integer(id))
		hy_buf_addf(out, "%" PRIdMAX, (intmax_t)json_integer_value(id));
	else
		print_string(id, out);
	hy_buf_add_c(out, "  ");
	print_string(json_object_get(example, "title"), out);
	for (size_t i = 0; i < json_array_size(hits); i++) {
		hy_buf_add_c(out, i ? "、" : "（");
		print_string(json_array_get(hits, i), out);
	}
	hy_buf_add_c(out, json_array_size(hits) ? "）\n" : "\n");
}

static void print_group(const struct hy_difference_group *group, struct hy_buf *out)
{
	hy_buf_add_c(out, "  ");
	if (group->from)
		print_side(group->from, group->from_title, group->kind, out);
	if (group->from && group->to)
		hy_buf_add_c(out, " → ");
	if (group->to)
		print_side(group->to, group->to_title, group->kind, out);
	hy_buf_addf(out, "：%zu 篇", group->count);
	if (group->ours)
		hy_buf_addf(out, "，其中 %zu 篇涉及本区", group->ours);
	hy_buf_add_char(out, '\n');
	for (size_t i = 0; i < json_array_size(group->examples); i++)
		print_example(json_array_get(group->examples, i), out);
}

void hy_difference_print(struct hy_difference *d, struct hy_buf *out)
{
	sort(d);
	hy_buf_addf(out, "共 %zu 篇稿件：原规则命中 %zu 篇，新规则命中 %zu 篇\n", d->documents,
		    d->base_fired, d->changed_fired);
	if (!hy_difference_any(d)) {
		hy_buf_add_c(out, "两套规则没有差别\n");
		return;
	}
	hy_buf_addf(out, "新命中议题的 %zu 篇，不再命中议题的 %zu 篇，首要议题改变的 %zu 篇，"
		    "级别改变的 %zu 篇\n", d->newly, d->lost, d->first, d->severity);
	for (size_t i = 0; i < d->count; i++) {
		if (i == 0 || d->groups[i]->kind != d->groups[i - 1]->kind)
			hy_buf_addf(out, "%s\n", kinds[d->groups[i]->kind].heading);
		print_group(d->groups[i], out);
	}
	hy_rule_shares_print(&d->shares, out);
}

static json_t *json_of_side(const char *text)
{
	return text ? hy_json_of_str(hy_str_of(text)) : json_null();
}

json_t *hy_difference_json(struct hy_difference *d)
{
	json_t *changes = json_array();

	sort(d);
	for (size_t i = 0; i < d->count; i++) {
		const struct hy_difference_group *group = d->groups[i];
		json_t *object = json_pack(
			"{s:s, s:o, s:o, s:I, s:I, s:O}", "change", kinds[group->kind].id, "from",
			json_of_side(group->from), "to", json_of_side(group->to), "documents",
			(json_int_t)group->count, "ours", (json_int_t)group->ours, "examples",
			group->examples);

		hy_assert(object != NULL);
		(void)json_array_append_new(changes, object);
	}
	json_t *out = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "documents",
				(json_int_t)d->documents, "base_fired", (json_int_t)d->base_fired,
				"changed_fired", (json_int_t)d->changed_fired, "new",
				(json_int_t)d->newly, "lost", (json_int_t)d->lost, "first",
				(json_int_t)d->first, "severity", (json_int_t)d->severity,
				"changes", changes, "shares", hy_rule_shares_json(&d->shares));

	hy_assert(out != NULL);
	return out;
}
