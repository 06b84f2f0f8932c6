#include "crawler/links.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "crawler/charset.h"
#include "crawler/extract_measure.h"
#include "crawler/extract_unit.h"
#include "crawler/links_candidate.h"
#include "crawler/page.h"
#include "crawler/url.h"
#include "crawler/wechat_list.h"

/* So many rows are a list; fewer links of one place are teasers, unless all shows the contrary. */
#define LIST_ROWS 3
/* Beyond this a longer headline is no better. */
#define FULL_WIDTH 60
/* Lists that weigh this part of the best one are taken too. */
#define SHARE_OF_BEST 0.25

/* Links of one place in the page. */
struct group {
	uint64_t place;
	size_t count, dated, asides, on_site, numbered;
	double width;
	double weight;
	bool taken;
};

struct groups {
	struct group *items;
	size_t count, cap;
};

static int by_place(const void *a, const void *b)
{
	const struct hy_candidate *const *left = a, *const *right = b;

	if ((*left)->place != (*right)->place)
		return (*left)->place < (*right)->place ? -1 : 1;
	return (*left)->node < (*right)->node ? -1 : (*left)->node > (*right)->node;
}

static void add_to_group(struct group *group, const struct hy_candidate *c)
{
	group->place = c->place;
	group->count++;
	group->dated += hy_wall_known(c->published_at);
	group->asides += c->aside;
	group->on_site += c->on_site;
	group->numbered += c->has_number;
	group->width += c->width < FULL_WIDTH ? c->width : FULL_WIDTH;
}

/* How much a group looks like a list of articles. */
static double weight_of(const struct group *group)
{
	double count = (double)group->count, weight = group->width;

	if (group->count < LIST_ROWS)
		weight *= 0.3;
	weight *= 0.4 + (double)group->numbered / count;
	weight *= 1 + (double)group->dated / count;
	weight *= group->asides * 2 > group->count ? 0.15 : 1;
	weight *= group->on_site * 2 < group->count ? 0.3 : 1;
	return weight;
}

static void find_groups(const struct hy_candidates *candidates, struct groups *out)
{
	const struct hy_candidate **sorted =
		hy_xcalloc(candidates->count + 1, sizeof(struct hy_candidate *));

	for (size_t i = 0; i < candidates->count; i++)
		sorted[i] = &candidates->items[i];
	qsort(sorted, candidates->count, sizeof *sorted, by_place);
	for (size_t i = 0; i < candidates->count; i++) {
		if (i == 0 || sorted[i]->place != sorted[i - 1]->place) {
			out->items = hy_grow(out->items, &out->cap, out->count + 1,
					     sizeof *out->items);
			out->items[out->count++] = (struct group){.place = 0};
		}
		add_to_group(&out->items[out->count - 1], sorted[i]);
	}
	for (size_t i = 0; i < out->count; i++)
		out->items[i].weight = weight_of(&out->items[i]);
	free(sorted);
}

/* A young column has one row or two: each with its date, leading to a page of this site. */
static bool is_list(const struct group *group)
{
	if (group->count >= LIST_ROWS)
		return true;
	return group->dated == group->count && group->numbered == group->count &&
	       group->on_site == group->count && !group->asides;
}

/*
 * Takes the best group and those of some weight beside it. Where the best shows dates, a
 * list without them is a ranking or a recommendation.
 */
static const struct group *take_groups(struct groups *groups)
{
	const struct group *best = NULL;
	bool dated;

	for (size_t i = 0; i < groups->count; i++)
		if (!best || groups->items[i].weight > best->weight)
			best = &groups->items[i];
	if (!best || !is_list(best))
		return NULL;
	dated = best->dated * 2 > best->count;
	for (size_t i = 0; i < groups->count; i++) {
		struct group *group = &groups->items[i];

		if (group->asides * 2 > group->count && group != best)
			continue;
		if (dated && group->dated * 2 <= group->count)
			continue;
		group->taken = group == best || (group->count >= LIST_ROWS &&
						 group->weight >= best->weight * SHARE_OF_BEST) ||
			       (dated && group->weight >= best->weight * 0.02);
	}
	return best;
}

static const struct group *group_of(const struct groups *groups, uint64_t place)
{
	size_t low = 0, high = groups->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (groups->items[middle].place < place)
			low = middle + 1;
		else
			high = middle;
	}
	return &groups->items[low];
}

static struct hy_str url_of(const struct hy_candidates *candidates, const struct hy_candidate *c)
{
	return (struct hy_str){candidates->text.p + c->url_at, c->url_n};
}

struct entry {
	struct hy_str url;
	size_t index;
};

static int by_url(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;
	int order = hy_str_cmp(left->url, right->url);

	if (order)
		return order;
	return left->index < right->index ? -1 : left->index > right->index;
}

/* Clears chosen[] for all but the first link to an address. */
static void drop_repeated(const struct hy_candidates *candidates, uint8_t *chosen)
{
	struct entry *entries = hy_xcalloc(candidates->count + 1, sizeof *entries);
	size_t count = 0;

	for (size_t i = 0; i < candidates->count; i++)
		if (chosen[i])
			entries[count++] =
				(struct entry){url_of(candidates, &candidates->items[i]), i};
	qsort(entries, count, sizeof *entries, by_url);
	for (size_t i = 1; i < count; i++)
		if (hy_str_eq(entries[i].url, entries[i - 1].url))
			chosen[entries[i].index] = 0;
	free(entries);
}

static void choose(const struct hy_candidates *candidates, uint8_t *chosen)
{
	struct groups groups = {NULL, 0, 0};
	const struct group *best;

	find_groups(candidates, &groups);
	best = take_groups(&groups);
	for (size_t i = 0; best && i < candidates->count; i++) {
		const struct hy_candidate *c = &candidates->items[i];
		/* A search engine's results lead elsewhere, a site's own list stays at home. */
		bool at_home = c->on_site || best->on_site * 2 < best->count;

		chosen[i] = at_home && group_of(&groups, c->place)->taken;
	}
	free(groups.items);
	drop_repeated(candidates, chosen);
}

static struct hy_str copy(char **at, struct hy_str s)
{
	struct hy_str view = {*at, s.n};

	memcpy(*at, s.p, s.n);
	*at += s.n + 1;
	return view;
}

static void publish(const struct hy_candidates *candidates, const uint8_t *chosen,
		    struct hy_links *out)
{
	size_t count = 0, bytes = 1;
	char *at;

	for (size_t i = 0; i < candidates->count; i++)
		if (chosen[i] && count < HY_LINKS_MAX) {
			bytes += candidates->items[i].url_n + candidates->items[i].title_n + 2;
			count++;
		}
	*out = (struct hy_links){
		.items = hy_xcalloc(count + 1, sizeof *out->items),
		.storage = hy_xcalloc(bytes, 1),
	};
	at = out->storage;
	for (size_t i = 0; i < candidates->count && out->count < count; i++) {
		const struct hy_candidate *c = &candidates->items[i];

		if (!chosen[i])
			continue;
		out->items[out->count++] = (struct hy_link){
			.url = copy(&at, url_of(candidates, c)),
			.title = copy(&at, (struct hy_str){candidates->text.p + c->title_at,
							   c->title_n}),
			.published_at = c->published_at,
		};
	}
}

static void find_in_page(const struct hy_extract_input *in, const struct hy_page *page,
			 struct hy_links *out)
{
	struct hy_measure measure;
	struct hy_units units;
	struct hy_candidates candidates;
	uint8_t *chosen;

	hy_measure_init(&measure, page);
	hy_units_find(&measure, &units);
	hy_candidates_find(
		&(struct hy_candidate_input){
			.m = &measure, .units = &units, .url = in->url, .now = in->now},
		&candidates);
	chosen = hy_xcalloc(candidates.count + 1, 1);
	choose(&candidates, chosen);
	publish(&candidates, chosen, out);
	free(chosen);
	hy_candidates_fini(&candidates);
	hy_units_fini(&units);
	hy_measure_fini(&measure);
}

enum hy_err hy_links_find(const struct hy_extract_input *in, struct hy_links *out,
			  struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf utf8 = HY_BUF(HY_PAGE_MAX_BYTES);
	struct hy_str html;
	struct hy_page page;
	const char *charset;
	enum hy_err err;

	if (in->bytes.n > HY_PAGE_MAX_BYTES)
		return hy_fail(e, HY_ERR_LIMIT, "page of %zu bytes, at most %d are read",
			       in->bytes.n, HY_PAGE_MAX_BYTES);
	if (hy_wechat_list_is_likely(in->bytes) && hy_wechat_list_find(in, out))
		return HY_OK;
	err = hy_charset_read(in->bytes, in->content_type, &utf8, &html, &charset);
	if (err != HY_OK)
		return hy_fail(e, err, "page cannot be read as text");
	err = hy_page_parse(html, &page, e);
	if (err != HY_OK)
		return err;
	find_in_page(in, &page, out);
	hy_page_fini(&page);
	return HY_OK;
}

void hy_links_fini(struct hy_links *links)
{
	free(links->items);
	free(links->storage);
	memset(links, 0, sizeof *links);
}
