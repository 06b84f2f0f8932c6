#include "crawler/thread_group.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "crawler/thread_name.h"

/* Less is a mark ("up", "+1"), no contribution. */
#define POST_WEIGHT 4
#define GROUP_WEIGHT 24
#define MEAN_WEIGHT 10
/* An element that holds almost all of its kind's text holds the page. */
#define LION_SHARE 85
/* The part that holds so much of a kind's text holds its text. */
#define TEXT_SHARE 72
#define MAX_KINDS 48
#define MAX_STEPS 24

struct candidate {
	uint32_t hash, node;
};

struct candidates {
	struct candidate *items;
	size_t count, cap;
};

/* What the elements of one kind hold. */
struct tally {
	size_t first, end;	/* of candidates */
	uint32_t weight, most;
	size_t posts;
	bool named;		/* all have the name of a contribution */
	bool texts;		/* of a contribution's text even */
};

static int by_hash(const void *a, const void *b)
{
	const struct candidate *left = a, *right = b;

	if (left->hash != right->hash)
		return left->hash < right->hash ? -1 : 1;
	return left->node < right->node ? -1 : left->node > right->node;
}

static bool has_name(const struct hy_page *page, size_t node)
{
	return hy_page_attribute(page, node, HY_ATTRIBUTE_CLASS).n > 0 ||
	       hy_page_attribute(page, node, HY_ATTRIBUTE_ID).n > 0;
}

static uint32_t kind_of(const struct hy_thread_field *field, size_t node)
{
	const struct hy_page *page = field->m->page;
	uint32_t hash = hy_thread_name_hash(page, node);
	size_t up = page->nodes[node].parent;

	/* Answers to answers have the same name at any depth. */
	if (field->names[node] & HY_THREAD_POST)
		return hash;
	for (int step = 0; step < 2 && up != HY_PAGE_NO_NODE; step++) {
		hash = hash * 31 + hy_thread_name_hash(page, up);
		up = page->nodes[up].parent;
	}
	return hash;
}

static bool may_be_post(const struct hy_thread_field *field, size_t node, bool named)
{
	const struct hy_page *page = field->m->page;
	enum hy_tag tag = (enum hy_tag)page->nodes[node].tag;

	if (field->none[node] || tag == HY_TAG_TEXT || hy_thread_field_of(field, node) < POST_WEIGHT)
		return false;
	if (field->names[node] & HY_THREAD_POST)
		return true;
	if (named || tag == HY_TAG_P || !(hy_tag_traits(tag) & HY_TAG_IS_BLOCK))
		return false;
	return has_name(page, node) ||
	       (page->nodes[node].parent != HY_PAGE_NO_NODE &&
		has_name(page, page->nodes[node].parent));
}

static void gather(const struct hy_thread_field *field, const struct hy_thread_search *search,
		   struct candidates *all)
{
	for (size_t i = search->from; i < search->to; i++) {
		if (!may_be_post(field, i, search->named))
			continue;
		all->items = hy_grow(all->items, &all->cap, all->count + 1, sizeof *all->items);
		all->items[all->count++] =
			(struct candidate){kind_of(field, i), (uint32_t)i};
	}
	if (all->count > 0)
		qsort(all->items, all->count, sizeof *all->items, by_hash);
}

static struct tally tally_of(const struct hy_thread_field *field, const struct candidates *all,
			     size_t first)
{
	struct tally tally = {.first = first, .end = first, .named = true, .texts = true};
	uint32_t outer_end = 0, hash = all->items[first].hash;

	for (; tally.end < all->count && all->items[tally.end].hash == hash; tally.end++) {
		uint32_t node = all->items[tally.end].node;
		uint32_t weight = hy_thread_field_of(field, node);

		tally.posts++;
		tally.named = tally.named && (field->names[node] & HY_THREAD_POST);
		tally.texts = tally.texts && tally.named && (field->names[node] & HY_THREAD_TEXT);
		if (node < outer_end)
			continue;
		outer_end = field->m->page->nodes[node].end;
		tally.weight += weight;
		tally.most = weight > tally.most ? weight : tally.most;
	}
	return tally;
}

static double score_of(const struct tally *tally)
{
	double score = tally->weight;

	if (tally->weight < GROUP_WEIGHT || tally->weight < tally->posts * MEAN_WEIGHT ||
	    (tally->posts < 2 && !tally->texts))
		return 0;
	if (tally->named)
		return tally->posts < 2 ? score / 2 : score * 1.5;
	if ((uint64_t)tally->most * 100 > (uint64_t)tally->weight * LION_SHARE)
		return score / 4;
	return score;
}

static bool elect(const struct hy_thread_field *field, const struct candidates *all,
		  struct tally *out)
{
	double best = 0;

	for (size_t i = 0; i < all->count;) {
		struct tally tally = tally_of(field, all, i);
		double score = score_of(&tally);

		/* Of equals the outer one: it comes first in the page. */
		if (score > best * 1.0001 ||
		    (score >= best && score > 0 &&
		     all->items[tally.first].node < all->items[out->first].node)) {
			best = score;
			*out = tally;
		}
		i = tally.end;
	}
	return best > 0;
}

/* The first post at or behind a node. */
static size_t post_at(const struct hy_thread_group *group, size_t node)
{
	size_t low = 0, high = group->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (group->posts[middle].node < node)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Of an element of a post without the posts that stand in it. */
static uint32_t own_weight(const struct hy_thread_field *field,
			   const struct hy_thread_group *group, size_t node)
{
	uint32_t weight = hy_thread_field_of(field, node);
	uint32_t end = field->m->page->nodes[node].end;
	size_t inner = post_at(group, node + 1);

	while (inner < group->count && group->posts[inner].node < end) {
		uint32_t post = group->posts[inner].node;

		weight -= hy_thread_field_of(field, post);
		inner = post_at(group, field->m->page->nodes[post].end);
	}
	return weight;
}

static bool is_post(const struct hy_thread_group *group, size_t node)
{
	size_t at = post_at(group, node);

	return at < group->count && group->posts[at].node == node;
}

/* The parts of all posts' present texts, by kind. */
struct kind {
	uint32_t hash, weight;
	size_t parts, posts, last;
	unsigned names;
	enum hy_tag tag;
};

struct kinds {
	struct kind items[MAX_KINDS];
	size_t count;
	uint32_t all;
};

static void add_part(struct kinds *kinds, const struct hy_thread_field *field, size_t node,
		     uint32_t weight, size_t post)
{
	uint32_t hash = hy_thread_name_hash(field->m->page, node);
	struct kind *kind;
	size_t i = 0;

	while (i < kinds->count && kinds->items[i].hash != hash)
		i++;
	if (i == MAX_KINDS)
		return;
	kind = &kinds->items[i];
	if (i == kinds->count) {
		*kind = (struct kind){.hash = hash, .names = field->names[node],
				      .tag = (enum hy_tag)field->m->page->nodes[node].tag};
		kinds->count++;
	}
	kind->posts += kind->parts == 0 || kind->last != post;
	kind->last = post;
	kind->parts++;
	kind->weight += weight;
}

static void look_into(struct kinds *kinds, const struct hy_thread_field *field,
		      const struct hy_thread_group *group, size_t post)
{
	const struct hy_node *nodes = field->m->page->nodes;
	size_t text = group->posts[post].text;

	kinds->all += own_weight(field, group, text);
	for (size_t i = text + 1; i < nodes[text].end; i = nodes[i].end)
		if (nodes[i].tag != HY_TAG_TEXT && !field->none[i] && !is_post(group, i))
			add_part(kinds, field, i, own_weight(field, group, i), post);
}

/* Paragraphs are no kind to step into, nor what few posts have. */
static const struct kind *kind_to_enter(const struct kinds *kinds)
{
	const struct kind *best = NULL;

	for (size_t i = 0; i < kinds->count; i++)
		if (!best || kinds->items[i].weight > best->weight)
			best = &kinds->items[i];
	if (!best || (uint64_t)best->weight * 100 < (uint64_t)kinds->all * TEXT_SHARE ||
	    best->parts * 2 > best->posts * 3)
		return NULL;
	if (best->tag == HY_TAG_P ||
	    (!(hy_tag_traits(best->tag) & HY_TAG_IS_BLOCK) && !(best->names & HY_THREAD_TEXT)))
		return NULL;
	return best;
}

static void enter(const struct hy_thread_field *field, struct hy_thread_group *group,
		  uint32_t hash)
{
	const struct hy_node *nodes = field->m->page->nodes;

	for (size_t k = 0; k < group->count; k++) {
		struct hy_thread_post *post = &group->posts[k];
		size_t i = post->text + 1, end = nodes[post->text].end;

		while (!post->lacks && i < end &&
		       (nodes[i].tag == HY_TAG_TEXT || field->none[i] || is_post(group, i) ||
			hy_thread_name_hash(field->m->page, i) != hash))
			i = nodes[i].end;
		if (i < end && !post->lacks)
			post->text = (uint32_t)i;
		else
			post->lacks = true;
	}
}

static void find_texts(const struct hy_thread_field *field, struct hy_thread_group *group)
{
	for (int step = 0; step < MAX_STEPS; step++) {
		struct kinds kinds = {.count = 0, .all = 0};
		const struct kind *kind;

		for (size_t i = 0; i < group->count; i++)
			if (!group->posts[i].lacks)
				look_into(&kinds, field, group, i);
		kind = kind_to_enter(&kinds);
		if (!kind)
			return;
		enter(field, group, kind->hash);
	}
}

bool hy_thread_group_find(const struct hy_thread_field *field,
			  const struct hy_thread_search *search, struct hy_thread_group *out)
{
	struct candidates all = {NULL, 0, 0};
	struct tally tally = {.first = 0};
	bool found;

	*out = (struct hy_thread_group){.posts = NULL};
	gather(field, search, &all);
	found = elect(field, &all, &tally);
	for (size_t i = tally.first; found && i < tally.end; i++) {
		uint32_t node = all.items[i].node;

		out->posts = hy_grow(out->posts, &out->cap, out->count + 1, sizeof *out->posts);
		out->posts[out->count++] = (struct hy_thread_post){.node = node, .text = node};
	}
	out->weight = tally.weight;
	out->named = tally.named;
	if (found)
		find_texts(field, out);
	free(all.items);
	return found;
}

void hy_thread_group_fini(struct hy_thread_group *group)
{
	free(group->posts);
	*group = (struct hy_thread_group){.posts = NULL};
}
