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

/* Marks an item's occurrences; false where there is none. */
static bool mark_item(const struct hy_item *item, struct hy_evidence *ev, struct hy_marks *marks)
{
	bool found = false;

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
		found = found || chain.count > 0;
	}
	return found;
}

/* ---- groups ---- */

static bool has_hit(const struct hy_item *item, struct hy_evidence *ev)
{
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

/* The group's hits marked; returns its best weight, or 0 where nothing hit. */
static int64_t mark_group(const struct hy_group *group, struct hy_evidence *ev,
			  struct hy_marks *marks)
{
	int64_t best = 0;

	for (size_t i = 0; i < group->count; i++)
		if (mark_item(&group->items[i], ev, marks) && group->items[i].weight > best)
			best = group->items[i].weight;
	return best;
}

static int64_t mark_each(const struct hy_group *group, struct hy_evidence *ev,
			 struct hy_marks *marks)
{
	int64_t sum = 0;

	for (size_t i = 0; i < group->count; i++)
		if (mark_item(&group->items[i], ev, marks))
			sum += group->items[i].weight;
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

static bool mark_pair_in(const struct hy_near *near, const struct hy_item *a,
			 const struct hy_item *b, enum hy_field field, struct hy_evidence *ev,
			 struct hy_marks *marks)
{
	const struct hy_folded *folded = &ev->fields[field];
	struct hy_chain as = hy_evidence_atom(ev, a->atom, field);

	if (as.count == 0)
		return false;
	uint32_t from = hy_evidence_atom(ev, b->atom, field).first;
	for (uint32_t i = as.first; i != HY_NO_HIT && from != HY_NO_HIT; i = ev->hits[i].next) {
		size_t reach = ev->hits[i].end + (size_t)near->within * CHARACTER_BYTES_MAX;

		from = skip_behind(ev, from, &ev->hits[i], near->within);
		for (uint32_t j = from; j != HY_NO_HIT && ev->hits[j].start <= reach;
		     j = ev->hits[j].next) {
			if (!are_near(near, folded, &ev->hits[i], &ev->hits[j]))
				continue;
			add_mark(marks, a->atom, field, &ev->hits[i]);
			add_mark(marks, b->atom, field, &ev->hits[j]);
			return true;
		}
	}
	return false;
}

static bool mark_near(const struct hy_near *near, struct hy_evidence *ev, struct hy_marks *marks)
{
	for (size_t i = 0; i < near->a.count; i++) {
		const struct hy_item *a = &near->a.items[i];

		if (!has_hit(a, ev))
			continue;
		for (size_t j = 0; j < near->b.count; j++) {
			const struct hy_item *b = &near->b.items[j];

			for (int f = 0; f < HY_FIELD_COUNT; f++)
				if (a->fields & b->fields & HY_FIELD_BIT(f) &&
				    mark_pair_in(near, a, b, (enum hy_field)f, ev, marks))
					return true;
		}
	}
	return false;
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
	for (size_t i = 0; i < condition->near_count; i++)
		if (mark_near(&condition->near[i], evidence, marks)) {
			score += condition->near[i].weight;
			chosen = true;
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
