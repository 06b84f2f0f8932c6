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

/*
 * Up to where hits in the field count, 0 where it is not one of the item's. A hit that begins in
 * the lead and ends behind it is not in the lead.
 */
static size_t reach_of(uint8_t fields, const struct hy_evidence *ev, enum hy_field field)
{
	if (fields & HY_FIELD_BIT(field))
		return ev->fields[field].n;
	return field == HY_FIELD_BODY && fields & HY_FIELD_LEAD_BIT ? ev->lead : 0;
}

/* The atom's first hit that counts, or HY_NO_HIT; both starts and ends ascend. */
static uint32_t first_of(const struct hy_item *item, struct hy_evidence *ev, enum hy_field field,
			 size_t reach)
{
	uint32_t first = reach ? hy_evidence_atom(ev, item->atom, field).first : HY_NO_HIT;

	return first != HY_NO_HIT && ev->hits[first].end <= reach ? first : HY_NO_HIT;
}

static uint32_t next_of(const struct hy_evidence *ev, uint32_t at, size_t reach)
{
	uint32_t next = ev->hits[at].next;

	return next != HY_NO_HIT && ev->hits[next].end <= reach ? next : HY_NO_HIT;
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
		size_t reach = reach_of(item->fields, ev, field);
		uint32_t at = first_of(item, ev, field, reach);

		if (at != HY_NO_HIT && factor_of(field) > factor)
			factor = factor_of(field);
		for (int shown = 0; at != HY_NO_HIT && shown < HY_MARKS_PER_ATOM; shown++) {
			add_mark(marks, item->atom, field, &ev->hits[at]);
			at = next_of(ev, at, reach);
		}
	}
	return (int64_t)item->weight * factor;
}

/* ---- groups ---- */

bool hy_item_has_hit(const struct hy_item *item, struct hy_evidence *ev)
{
	if (is_absent(item, ev))
		return false;
	for (int f = 0; f < HY_FIELD_COUNT; f++) {
		enum hy_field field = (enum hy_field)f;

		if (first_of(item, ev, field, reach_of(item->fields, ev, field)) != HY_NO_HIT)
			return true;
	}
	return false;
}

static bool group_has_hit(const struct hy_group *group, struct hy_evidence *ev)
{
	for (size_t i = 0; i < group->count; i++)
		if (hy_item_has_hit(&group->items[i], ev))
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
static uint32_t skip_behind(const struct hy_evidence *ev, uint32_t b, size_t reach,
			    size_t too_far)
{
	while (b != HY_NO_HIT && ev->hits[b].end < too_far)
		b = next_of(ev, b, reach);
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
	size_t reach_a = reach_of(a->fields, ev, s->field);
	size_t reach_b = reach_of(b->fields, ev, s->field);
	uint32_t from = first_of(b, ev, s->field, reach_b);
	uint32_t i = from == HY_NO_HIT ? from : first_of(a, ev, s->field, reach_a);

	for (; i != HY_NO_HIT && from != HY_NO_HIT; i = next_of(ev, i, reach_a)) {
		size_t far = (size_t)s->near->within * CHARACTER_BYTES_MAX;
		size_t start = ev->hits[i].start, last = ev->hits[i].end + far;

		from = skip_behind(ev, from, reach_b, start > far ? start - far : 0);
		for (uint32_t j = from; j != HY_NO_HIT && ev->hits[j].start <= last;
		     j = next_of(ev, j, reach_b)) {
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

	for (size_t i = 0; i < near->a.count; i++) {
		const struct hy_item *a = &near->a.items[i];

		if (is_absent(a, s->ev) ||
		    first_of(a, s->ev, s->field, reach_of(a->fields, s->ev, s->field)) == HY_NO_HIT)
			continue;
		for (size_t j = 0; j < near->b.count; j++)
			if (!is_absent(&near->b.items[j], s->ev) &&
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
