#include "analyzer/evaluate.h"

#include "common/base/mem.h"
#include "common/base/utf8.h"

#define CHARACTER_BYTES_MAX 4

/* ---- marks ---- */

static void add_mark(struct hy_marks *marks, uint32_t atom, enum hy_field field,
		     const struct hy_hit *hit)
{
	marks->items = hy_grow(marks->items, &marks->cap, marks->count + 1, sizeof *marks->items);
	marks->items[marks->count++] = (struct hy_mark){atom, hit->start, hit->end, field};
}

/* What stands in the title weighs double: there it is what the document is about. */
static int32_t factor_of(enum hy_field field)
{
	return field == HY_FIELD_TITLE ? 2 : 1;
}

/* A term that stands nowhere; a pattern is not asked. */
static bool is_absent(const struct hy_item *item, const struct hy_evidence *ev)
{
	return item->literal != HY_NO_LITERAL && !hy_evidence_has(ev, item->literal);
}

/* Marks an item's occurrences; returns what it scores, 0 where there is none. */
static int64_t mark_item(const struct hy_item *item, struct hy_evidence *ev,
			 struct hy_marks *marks)
{
	int32_t factor = 0;

	if (is_absent(item, ev))
		return 0;
	for (int f = 0; f < HY_FIELD_COUNT; f++) {
		enum hy_field field = (enum hy_field)f;

		if (!(item->fields & HY_FIELD_BIT(field)))
			continue;
		struct hy_chain chain = hy_evidence_atom(ev, item->atom, field);
		uint32_t at = chain.first;
		for (int shown = 0; at != HY_NO_HIT && shown < HY_MARKS_PER_ATOM; shown++) {
			add_mark(marks, item->atom, field, &ev->hits[at]);
			at = ev->hits[at].next;
		}
		if (chain.count > 0 && factor_of(field) > factor)
			factor = factor_of(field);
	}
	return (int64_t)item->weight * factor;
}

/* ---- groups ---- */

static bool has_hit(const struct hy_item *item, struct hy_evidence *ev)
{
	if (is_absent(item, ev))
		return false;
	for (int f = 0; f < HY_FIELD_COUNT; f++)
		if (item->fields & HY_FIELD_BIT(f) &&
		    hy_evidence_atom(ev, item->atom, (enum hy_field)f).count)
			return true;
	return false;
}

static bool group_has_hit(const struct hy_group *group, struct hy_evidence *ev)
{
	for (size_t i = 0; i < group->count; i++)
		if (has_hit(&group->items[i], ev))
			return true;
	return false;
}

/* The group's hits marked; returns its best item's score, or 0 where nothing hit. */
static int64_t mark_group(const struct hy_group *group, struct hy_evidence *ev,
			  struct hy_marks *marks)
{
	int64_t best = 0;

	for (size_t i = 0; i < group->count; i++) {
		int64_t score = mark_item(&group->items[i], ev, marks);

		if (score > best)
			best = score;
	}
	return best;
}

static int64_t mark_each(const struct hy_group *group, struct hy_evidence *ev,
			 struct hy_marks *marks)
{
	int64_t sum = 0;

	for (size_t i = 0; i < group->count; i++)
		sum += mark_item(&group->items[i], ev, marks);
	return sum;
}

/* ---- near ---- */

/* At most `within` characters between the two ends, none of them a paragraph's end. */
static bool is_close(const struct hy_folded *field, size_t from, size_t to, uint32_t within)
{
	size_t characters = 0;

	if (to < from || to - from > (size_t)within * CHARACTER_BYTES_MAX)
		return false;
	for (size_t i = from; i < to; i++) {
		if (field->text[i] == '\n')
			return false;
		characters += ((unsigned char)field->text[i] & 0xc0) != 0x80;
	}
	return characters <= within;
}

static bool are_near(const struct hy_near *near, const struct hy_folded *field,
		     const struct hy_hit *a, const struct hy_hit *b)
{
	return is_close(field, a->end, b->start, near->within) ||
	       (!near->ordered && is_close(field, b->end, a->start, near->within));
}

/* Ends ascend as starts do, so what ends too far before this a is too far from later ones. */
static uint32_t skip_behind(const struct hy_evidence *ev, uint32_t b, const struct hy_hit *a,
			    uint32_t within)
{
	while (b != HY_NO_HIT &&
	       (size_t)ev->hits[b].end + (size_t)within * CHARACTER_BYTES_MAX < a->start)
		b = ev->hits[b].next;
	return b;
}

/* One field searched for one pair of `near`. */
struct search {
	const struct hy_near *near;
	enum hy_field field;
	struct hy_evidence *ev;
	struct hy_marks *marks;
};

static bool mark_pair(const struct search *s, const struct hy_item *a, const struct hy_item *b)
{
	struct hy_evidence *ev = s->ev;
	struct hy_chain as = hy_evidence_atom(ev, a->atom, s->field);

	if (as.count == 0)
		return false;
	uint32_t from = hy_evidence_atom(ev, b->atom, s->field).first;
	for (uint32_t i = as.first; i != HY_NO_HIT && from != HY_NO_HIT; i = ev->hits[i].next) {
		size_t reach = ev->hits[i].end + (size_t)s->near->within * CHARACTER_BYTES_MAX;

		from = skip_behind(ev, from, &ev->hits[i], s->near->within);
		for (uint32_t j = from; j != HY_NO_HIT && ev->hits[j].start <= reach;
		     j = ev->hits[j].next) {
			if (!are_near(s->near, &ev->fields[s->field], &ev->hits[i], &ev->hits[j]))
				continue;
			add_mark(s->marks, a->atom, s->field, &ev->hits[i]);
			add_mark(s->marks, b->atom, s->field, &ev->hits[j]);
			return true;
		}
	}
	return false;
}

static bool mark_near_in(const struct search *s)
{
	const struct hy_near *near = s->near;
	uint8_t bit = HY_FIELD_BIT(s->field);

	for (size_t i = 0; i < near->a.count; i++) {
		const struct hy_item *a = &near->a.items[i];

		if (!(a->fields & bit) || is_absent(a, s->ev) ||
		    !hy_evidence_atom(s->ev, a->atom, s->field).count)
			continue;
		for (size_t j = 0; j < near->b.count; j++)
			if (near->b.items[j].fields & bit &&
			    !is_absent(&near->b.items[j], s->ev) &&
			    mark_pair(s, a, &near->b.items[j]))
				return true;
	}
	return false;
}

/* The first pair that is close, in the title if there is one; returns what it scores. */
static int64_t mark_near(const struct hy_near *near, struct hy_evidence *ev,
			 struct hy_marks *marks)
{
	for (int f = 0; f < HY_FIELD_COUNT; f++) {
		const struct search search = {near, (enum hy_field)f, ev, marks};

		if (mark_near_in(&search))
			return (int64_t)near->weight * factor_of(search.field);
	}
	return 0;
}

/* ---- the condition ---- */

bool hy_evaluate(const struct hy_condition *condition, struct hy_evidence *evidence,
		 int64_t *out_score, struct hy_marks *marks)
{
	bool choice = condition->any.count || condition->near_count, chosen = false;
	size_t before = marks->count;
	int64_t score = 0;

	for (size_t i = 0; i < condition->all_count; i++)
		if (!group_has_hit(&condition->all[i], evidence))
			return false;
	if (group_has_hit(&condition->none, evidence))
		return false;
	int64_t any = mark_each(&condition->any, evidence, marks);
	score += any;
	chosen = any > 0;
	for (size_t i = 0; i < condition->near_count; i++) {
		int64_t near = mark_near(&condition->near[i], evidence, marks);

		score += near;
		chosen = chosen || near > 0;
	}
	if (choice && !chosen) {
		marks->count = before;
		return false;
	}
	for (size_t i = 0; i < condition->all_count; i++)
		score += mark_group(&condition->all[i], evidence, marks);
	*out_score = score;
	return true;
}
