#include "crawler/extract_thread.h"

#include <string.h>

#include "common/base/mem.h"
#include "crawler/extract_forum.h"
#include "crawler/extract_hint.h"
#include "crawler/extract_phrase.h"
#include "crawler/thread_field.h"
#include "crawler/thread_group.h"
#include "crawler/thread_line.h"
#include "crawler/thread_name.h"

/* Kinds of contribution on one page: question, answers, comments to either. */
#define MAX_ROUNDS 4
/* Between headline and first contribution less is no question. */
#define QUESTION_WEIGHT 24
/* A page whose contributions are less than this share of its text is an article's. */
#define LEAST_SHARE 25
/* What no name calls contributions must be about half. */
#define NAMELESS_SHARE 45
/* A post without the others' kind of part is a notice or an advertisement if so short. */
#define LACKING_WEIGHT 60

struct finder {
	const struct hy_thread_input *in;
	const struct hy_page *page;
	struct hy_thread_field field;
	struct hy_body *body;
	size_t first, last;	/* contributions found, nodes */
};

static bool is_navigation(const struct finder *f, size_t node)
{
	struct hy_sum sum = hy_measure_of(f->in->m, node);

	return sum.links > 0 && sum.stops == 0 && sum.link_width * 10 > sum.width * 7 &&
	       sum.width < 80;
}

static bool is_clutter(const struct finder *f, size_t node)
{
	enum hy_tag tag = (enum hy_tag)f->page->nodes[node].tag;

	if (f->field.none[node])
		return true;
	return (hy_tag_traits(tag) & HY_TAG_IS_BLOCK) && is_navigation(f, node);
}

static void keep_range(struct finder *f, const struct hy_thread_group *group, size_t root)
{
	const struct hy_node *nodes = f->page->nodes;
	size_t i = root, inner = 0;

	while (group && inner < group->count && group->posts[inner].node <= root)
		inner++;
	while (i < nodes[root].end) {
		while (group && inner < group->count && group->posts[inner].node < i)
			inner++;
		if (i != root && (is_clutter(f, i) || (group && inner < group->count &&
						      group->posts[inner].node == i))) {
			i = nodes[i].end;
			continue;
		}
		f->body->keep[i++] = 1;
	}
}

static void drop_unit(struct finder *f, const struct hy_unit *unit)
{
	memset(f->body->keep + unit->first, 0, unit->end - unit->first);
}

/* Lines among the kept ones that say who wrote when, or repeat the headline. */
static void drop_lines(struct finder *f, size_t from, size_t to)
{
	size_t last = hy_units_at(f->in->units, (uint32_t)to);
	struct hy_str title = hy_buf_str(&f->in->title->text);
	struct hy_buf line;

	hy_buf_init(&line, HY_PAGE_MAX_BYTES);
	for (size_t i = hy_units_at(f->in->units, (uint32_t)from); i < last; i++) {
		const struct hy_unit *unit = &f->in->units->items[i];

		if (!f->body->keep[unit->first] || unit->width > HY_THREAD_LINE_WIDTH)
			continue;
		hy_buf_clear(&line);
		hy_text_write(f->in->m, unit->first, unit->end, &line);
		if (hy_thread_line_is_around(hy_buf_str(&line), title))
			drop_unit(f, unit);
	}
	hy_buf_fini(&line);
}

static void note_place(struct finder *f, size_t node)
{
	if (f->body->root == HY_PAGE_NO_NODE || node < f->first) {
		f->body->root = node;
		f->first = node;
	}
	if (f->page->nodes[node].end > f->last)
		f->last = f->page->nodes[node].end;
}

static void keep_group(struct finder *f, const struct hy_thread_group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		const struct hy_thread_post *post = &group->posts[i];

		if (post->lacks && hy_thread_field_of(&f->field, post->node) < LACKING_WEIGHT)
			continue;
		keep_range(f, group, post->text);
		drop_lines(f, post->text, f->page->nodes[post->text].end);
		note_place(f, post->text);
	}
	for (size_t i = 0; i < group->count; i++)
		hy_thread_field_take(&f->field, group->posts[i].text,
				     f->page->nodes[group->posts[i].text].end);
	hy_thread_field_count(&f->field);
}

static bool says_title(const struct finder *f, size_t heading)
{
	struct hy_buf text = HY_BUF(4096);
	bool same;

	hy_text_write(f->in->m, heading, f->page->nodes[heading].end, &text);
	same = hy_str_eq(hy_buf_str(&text), hy_buf_str(&f->in->title->text));
	hy_buf_fini(&text);
	return same;
}

/* Where the last heading before a node that is the headline ends, or the last of any. */
static size_t headline_before(const struct finder *f, size_t node)
{
	size_t title = f->in->title->node, any = HY_PAGE_NO_NODE, found = HY_PAGE_NO_NODE;

	if (title != HY_PAGE_NO_NODE && f->page->nodes[title].end <= node)
		found = f->page->nodes[title].end;
	for (size_t i = 0; i < node; i++) {
		if (!(hy_tag_traits((enum hy_tag)f->page->nodes[i].tag) & HY_TAG_IS_HEADING) ||
		    f->page->nodes[i].end > node)
			continue;
		if (f->in->title->text.n > 0 && says_title(f, i))
			found = f->page->nodes[i].end;
		if (!f->field.none[i])
			any = f->page->nodes[i].end;
	}
	return found != HY_PAGE_NO_NODE ? found : any;
}

/* A question may stand in markup of its own between the headline and the first answer. */
static void keep_question(struct finder *f)
{
	size_t from = headline_before(f, f->first), end = f->first;
	size_t last = hy_units_at(f->in->units, (uint32_t)end), first = SIZE_MAX;

	if (from >= end || hy_thread_field_weight(&f->field, from, end) < QUESTION_WEIGHT)
		return;
	for (size_t i = hy_units_at(f->in->units, (uint32_t)from); i < last; i++) {
		const struct hy_unit *unit = &f->in->units->items[i];

		if (f->field.sums[i + 1] == f->field.sums[i])
			continue;
		memset(f->body->keep + unit->first, 1, unit->end - unit->first);
		first = first == SIZE_MAX ? unit->first : first;
	}
	drop_lines(f, from, end);
	hy_thread_field_take(&f->field, from, end);
	hy_thread_field_count(&f->field);
	if (first != SIZE_MAX)
		note_place(f, f->in->units->items[hy_units_at(f->in->units, (uint32_t)first)].owner);
}

/* The element two steps above the one that holds all contributions. */
static struct hy_thread_search surroundings(const struct finder *f)
{
	size_t node = f->body->root;
	int more = 2;

	while (f->page->nodes[node].parent != HY_PAGE_NO_NODE &&
	       (f->page->nodes[node].end < f->last || more-- > 0))
		node = f->page->nodes[node].parent;
	return (struct hy_thread_search){node, f->page->nodes[node].end, true};
}

static bool find_first(struct finder *f)
{
	struct hy_thread_search all = {0, f->page->count, false};
	uint32_t weight = hy_thread_field_weight(&f->field, 0, f->page->count);
	struct hy_thread_group group;
	bool found = hy_thread_group_find(&f->field, &all, &group);
	uint64_t share = group.named ? LEAST_SHARE : NAMELESS_SHARE;

	if (found && (uint64_t)group.weight * 100 < weight * share) {
		hy_thread_group_fini(&group);
		return false;
	}
	if (found) {
		keep_group(f, &group);
		hy_thread_group_fini(&group);
	}
	return found && f->body->root != HY_PAGE_NO_NODE;
}

static void find_others(struct finder *f)
{
	for (int round = 1; round < MAX_ROUNDS; round++) {
		struct hy_thread_search around = surroundings(f);
		struct hy_thread_group group;

		if (!hy_thread_group_find(&f->field, &around, &group))
			return;
		keep_group(f, &group);
		hy_thread_group_fini(&group);
	}
}

bool hy_thread_find(const struct hy_thread_input *in, struct hy_body *out)
{
	struct finder f = {.in = in, .page = in->m->page};
	struct hy_body body = {.root = HY_PAGE_NO_NODE};
	bool found;

	if (!hy_forum_is(in->m->page, in->url))
		return false;
	body.keep = hy_xcalloc(in->m->page->count + 1, 1);
	f.body = &body;
	hy_thread_field_init(&f.field, in->m, in->units);
	found = find_first(&f);
	if (found) {
		keep_question(&f);
		find_others(&f);
		*out = body;
	} else {
		hy_body_fini(&body);
	}
	hy_thread_field_fini(&f.field);
	return found;
}
