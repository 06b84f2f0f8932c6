#include "crawler/thread_field.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "crawler/extract_hint.h"
#include "crawler/thread_name.h"

/* A line without a sentence's punctuation is a text only if it is as long as this. */
#define LINE_WIDTH 40
#define SHORT_SHARE 4
/* A part with a name of these is still a text where it holds so much. */
#define META_MAX_WIDTH 300

static bool is_block(const struct hy_thread_field *field, size_t node)
{
	return hy_tag_traits((enum hy_tag)field->m->page->nodes[node].tag) & HY_TAG_IS_BLOCK;
}

static bool is_none(const struct hy_thread_field *field, size_t node)
{
	unsigned hints = field->m->hints[node], names = field->names[node];
	enum hy_tag tag = (enum hy_tag)field->m->page->nodes[node].tag;

	if (hints & HY_HINT_HIDDEN)
		return true;
	if (tag == HY_TAG_NAV || tag == HY_TAG_FOOTER || tag == HY_TAG_ASIDE)
		return true;
	if (names & HY_THREAD_META)
		return hy_measure_of(field->m, node).width <= META_MAX_WIDTH;
	if (names & (HY_THREAD_POST | HY_THREAD_TEXT))
		return false;
	return is_block(field, node) && (hints & HY_HINT_ASIDE) && !(hints & HY_HINT_BODY);
}

static void name_nodes(struct hy_thread_field *field)
{
	const struct hy_page *page = field->m->page;
	size_t end = 0;

	for (size_t i = 0; i < page->count; i++) {
		if (page->nodes[i].attribute_count > 0)
			field->names[i] = (uint8_t)hy_thread_names_of(page, i);
		if (i < end) {
			field->none[i] = 1;
		} else if (page->nodes[i].tag != HY_TAG_TEXT && is_none(field, i)) {
			field->none[i] = 1;
			end = page->nodes[i].end;
		}
	}
}

static uint32_t weight_of(const struct hy_thread_field *field, size_t index)
{
	const struct hy_unit *unit = &field->units->items[index];
	uint32_t own = unit->width - unit->link_width;

	if (field->taken[index] || field->none[unit->first] || unit->link_width * 2 > unit->width)
		return 0;
	return unit->stops > 0 || own >= LINE_WIDTH ? own : own / SHORT_SHARE;
}

void hy_thread_field_count(struct hy_thread_field *field)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < field->units->count; i++) {
		field->sums[i] = sum;
		sum += weight_of(field, i);
	}
	field->sums[field->units->count] = sum;
}

void hy_thread_field_init(struct hy_thread_field *field, const struct hy_measure *m,
			  const struct hy_units *units)
{
	field->m = m;
	field->units = units;
	field->names = hy_xcalloc(m->page->count + 1, 1);
	field->none = hy_xcalloc(m->page->count + 1, 1);
	field->taken = hy_xcalloc(units->count + 1, 1);
	field->sums = hy_xcalloc(units->count + 1, sizeof *field->sums);
	name_nodes(field);
	hy_thread_field_count(field);
}

void hy_thread_field_fini(struct hy_thread_field *field)
{
	free(field->names);
	free(field->none);
	free(field->taken);
	free(field->sums);
}

void hy_thread_field_take(struct hy_thread_field *field, size_t from, size_t to)
{
	size_t first = hy_units_at(field->units, (uint32_t)from);
	size_t last = hy_units_at(field->units, (uint32_t)to);

	for (size_t i = first; i < last; i++)
		field->taken[i] = 1;
}

uint32_t hy_thread_field_weight(const struct hy_thread_field *field, size_t from, size_t to)
{
	return field->sums[hy_units_at(field->units, (uint32_t)to)] -
	       field->sums[hy_units_at(field->units, (uint32_t)from)];
}

uint32_t hy_thread_field_of(const struct hy_thread_field *field, size_t node)
{
	return hy_thread_field_weight(field, node, field->m->page->nodes[node].end);
}
