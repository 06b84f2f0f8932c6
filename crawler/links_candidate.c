#include "crawler/links_candidate.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "crawler/extract_hint.h"
#include "crawler/time_text.h"
#include "crawler/url.h"

/* Shorter texts are names of channels, pages and tools. */
#define MIN_WIDTH 10
#define MAX_WIDTH 300
/* What stands around a link and is longer holds more than this link's facts. */
#define AROUND_WIDTH 700
#define AROUND_NODES 300
#define AROUND_LEVELS 8
/* "2026年11月23日 星期一 09:00" */
#define DATE_WIDTH 30
#define MAX_CANDIDATES 20000
#define TEXT_BYTES (8 << 20)
#define SCRATCH_BYTES 16384

struct finder {
	const struct hy_candidate_input *in;
	const struct hy_page *page;
	struct hy_candidates *out;
	struct hy_buf base, url, title, scratch;
	struct hy_str site;	/* registrable domain of the page */
	uint64_t *paths;	/* per node */
	uint8_t *aside;		/* per node */
};

static uint64_t mix(uint64_t hash, struct hy_str s)
{
	for (size_t i = 0; i < s.n; i++)
		hash = (hash ^ (unsigned char)s.p[i]) * 1099511628211ULL;
	return hash * 31 + 7;
}

static struct hy_str first_word(struct hy_str names)
{
	struct hy_str rest = hy_str_trim(names), word = {NULL, 0};

	(void)hy_str_next(&rest, ' ', &word);
	return word;
}

/*
 * The path of every node: element names from the root, with the first class; and whether
 * something around it is no list of articles.
 */
static void find_paths(struct finder *f)
{
	const struct hy_node *nodes = f->page->nodes;

	for (size_t i = 0; i < f->page->count; i++) {
		uint32_t parent = nodes[i].parent;
		unsigned hints = f->in->m->hints[i];
		uint64_t hash = parent == HY_PAGE_NO_NODE ? 14695981039346656037ULL
							  : f->paths[parent];

		if (nodes[i].tag == HY_TAG_TEXT)
			continue;
		f->aside[i] = ((hints & HY_HINT_ASIDE) && !(hints & HY_HINT_BODY)) ||
			      (parent != HY_PAGE_NO_NODE && f->aside[parent]);
		hash = mix(hash, hy_str_of(hy_tag_name((enum hy_tag)nodes[i].tag)));
		f->paths[i] =
			mix(hash, first_word(hy_page_attribute(f->page, i, HY_ATTRIBUTE_CLASS)));
	}
}

/*
 * The place of a link without its position among its like. The last three steps count by
 * element name only, since rows of one list are often named "first", "odd" or "item-12".
 */
static uint64_t place_of(const struct finder *f, size_t node)
{
	uint64_t hash = 1;

	for (int step = 0; step < 3 && f->page->nodes[node].parent != HY_PAGE_NO_NODE; step++) {
		hash = mix(hash, hy_str_of(hy_tag_name((enum hy_tag)f->page->nodes[node].tag)));
		node = f->page->nodes[node].parent;
	}
	return hash ^ f->paths[node];
}

/* The headline inside a link that wraps a whole card, or the link's text. */
static size_t title_node(const struct finder *f, size_t link)
{
	const struct hy_node *nodes = f->page->nodes;

	for (size_t i = link + 1; i < nodes[link].end; i++) {
		bool named = hy_tag_traits((enum hy_tag)nodes[i].tag) & HY_TAG_IS_HEADING ||
			     (f->in->m->hints[i] & HY_HINT_TITLE);

		if (named && hy_measure_of(f->in->m, i).width >= MIN_WIDTH)
			return i;
	}
	return link;
}

static void first_unit(struct finder *f, size_t node)
{
	size_t at = hy_units_at(f->in->units, (uint32_t)node);
	size_t end = f->page->nodes[node].end;

	for (; at < f->in->units->count && f->in->units->items[at].first < end; at++) {
		const struct hy_unit *unit = &f->in->units->items[at];

		if (unit->width < MIN_WIDTH)
			continue;
		hy_text_write(f->in->m, unit->first, unit->end < end ? unit->end : end, &f->title);
		return;
	}
}

static bool is_cut(struct hy_str title)
{
	return hy_str_ends(title, HY_STR_LIT("...")) || hy_str_ends(title, HY_STR_LIT("…"));
}

static void drop_bullet(struct hy_buf *title)
{
	static const struct hy_str bullets[] = {{"·", 2}, {"•", 3}, {"■", 3}, {"●", 3},
						{"▪", 3}, {">", 1},  {"・", 3}};
	struct hy_str text = hy_buf_str(title);

	for (size_t i = 0; i < HY_COUNT(bullets); i++)
		if (hy_str_starts(text, bullets[i])) {
			struct hy_str rest =
				hy_str_trim(hy_str_sub(text, bullets[i].n, text.n));
			char *copy = hy_str_dup(rest);

			hy_buf_clear(title);
			hy_buf_add_c(title, copy);
			free(copy);
			return;
		}
}

static void find_title(struct finder *f, size_t link)
{
	struct hy_str full = hy_str_trim(hy_page_attribute(f->page, link, HY_ATTRIBUTE_TITLE));

	hy_buf_clear(&f->title);
	first_unit(f, title_node(f, link));
	if (full.n > 0 && full.n <= MAX_WIDTH * 3 &&
	    (is_cut(hy_buf_str(&f->title)) || f->title.n == 0)) {
		hy_buf_clear(&f->title);
		hy_text_add(full, &f->title);
	}
	drop_bullet(&f->title);
}

/* The largest element around a link that holds no other link of the same kind. */
static size_t around(const struct finder *f, size_t link, uint64_t place)
{
	size_t best = link, up = link;

	for (int level = 0; level < AROUND_LEVELS; level++) {
		const struct hy_node *node;

		up = f->page->nodes[up].parent;
		if (up == HY_PAGE_NO_NODE)
			break;
		node = &f->page->nodes[up];
		if (hy_measure_of(f->in->m, up).width > AROUND_WIDTH ||
		    node->end - up > AROUND_NODES)
			break;
		for (size_t i = up + 1; i < node->end; i++)
			if (i != link && f->page->nodes[i].tag == HY_TAG_A &&
			    hy_measure_of(f->in->m, i).width >= MIN_WIDTH &&
			    place_of(f, i) == place)
				return best;
		best = up;
	}
	return best;
}

static bool time_in_range(struct finder *f, size_t first, size_t end, struct hy_wall *out)
{
	struct hy_time_text found;

	hy_buf_clear(&f->scratch);
	hy_text_write(f->in->m, first, end, &f->scratch);
	if (hy_time_text_is_month_day(hy_buf_str(&f->scratch), f->in->now, out))
		return true;
	if (!hy_time_text_find(hy_buf_str(&f->scratch), 0, f->in->now, &found))
		return false;
	*out = found.at;
	return true;
}

/*
 * An element of its own, however the text around it runs on: "...No 1<i>2026-11-23</i>".
 * Either outside the link, or in it or around it: there "today" is a word of the headline.
 */
static bool time_in_element(struct finder *f, size_t card, size_t link, bool is_outside,
			    struct hy_wall *out)
{
	size_t end = f->page->nodes[card].end, link_end = f->page->nodes[link].end;

	for (size_t i = card; i < end; i++) {
		unsigned width;

		if (f->page->nodes[i].tag == HY_TAG_TEXT || (f->in->m->hints[i] & HY_HINT_HIDDEN) ||
		    (i >= link_end || f->page->nodes[i].end <= link) != is_outside)
			continue;
		width = hy_measure_of(f->in->m, i).width;
		if (width >= 3 && width <= DATE_WIDTH &&
		    time_in_range(f, i, f->page->nodes[i].end, out))
			return true;
	}
	return false;
}

/* Behind the link first: a date in the headline itself is what it is about. */
static struct hy_wall time_around(struct finder *f, size_t link, size_t card)
{
	const struct hy_units *units = f->in->units;
	size_t end = f->page->nodes[card].end;
	size_t from = hy_units_at(units, (uint32_t)card);
	struct hy_wall found = HY_WALL_NONE;

	if (time_in_element(f, card, link, true, &found) ||
	    time_in_element(f, card, link, false, &found))
		return found;
	for (int pass = 0; pass < 2; pass++)
		for (size_t at = from; at < units->count && units->items[at].first < end; at++) {
			const struct hy_unit *unit = &units->items[at];
			bool holds_link = unit->first <= link + 1 && unit->end > link;

			if (holds_link == (pass == 1) && unit->width < 200 &&
			    time_in_range(f, unit->first, unit->end, &found))
				return found;
		}
	return found;
}

static bool has_number(struct hy_str url)
{
	struct hy_str path = hy_url_path_and_query(url);

	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] >= '0' && path.p[i] <= '9')
			return true;
	return false;
}

static size_t keep(struct hy_candidates *out, struct hy_str s)
{
	size_t at = out->text.n;

	hy_buf_add_str(&out->text, s);
	return at;
}

static void look_at_link(struct finder *f, size_t link)
{
	struct hy_candidate c = {.node = link, .published_at = HY_WALL_NONE};
	struct hy_str href = hy_str_trim(hy_page_attribute(f->page, link, HY_ATTRIBUTE_HREF));
	struct hy_str url;

	hy_buf_clear(&f->url);
	if (href.n == 0 || href.p[0] == '#' ||
	    hy_url_resolve(hy_buf_str(&f->base), href, &f->url) != HY_OK)
		return;
	url = hy_buf_str(&f->url);
	if (hy_str_eq(url, f->in->url) || hy_url_path_and_query(url).n < 2)
		return;
	find_title(f, link);
	c.width = hy_measure_text(hy_buf_str(&f->title)).width;
	if (c.width < MIN_WIDTH || c.width > MAX_WIDTH)
		return;
	c.place = place_of(f, link);
	c.aside = f->aside[link];
	c.on_site = f->site.n == 0 || hy_str_eq(hy_url_site(hy_url_host(url)), f->site);
	c.has_number = has_number(url);
	c.published_at = time_around(f, link, around(f, link, c.place));
	c.url_n = url.n;
	c.url_at = keep(f->out, url);
	c.title_n = f->title.n;
	c.title_at = keep(f->out, hy_buf_str(&f->title));
	f->out->items = hy_grow(f->out->items, &f->out->cap, f->out->count + 1,
				sizeof *f->out->items);
	f->out->items[f->out->count++] = c;
}

static void find_base(struct finder *f)
{
	for (size_t i = 0; i < f->page->count; i++) {
		struct hy_str href;

		if (f->page->nodes[i].tag != HY_TAG_BASE)
			continue;
		href = hy_page_attribute(f->page, i, HY_ATTRIBUTE_HREF);
		if (href.n > 0 && hy_url_resolve(f->in->url, href, &f->base) == HY_OK)
			return;
		hy_buf_clear(&f->base);
	}
	hy_buf_add_str(&f->base, f->in->url);
}

void hy_candidates_find(const struct hy_candidate_input *in, struct hy_candidates *out)
{
	struct finder f = {.in = in, .page = in->m->page, .out = out};

	*out = (struct hy_candidates){.items = NULL};
	hy_buf_init(&out->text, TEXT_BYTES);
	hy_buf_init(&f.base, HY_URL_MAX_BYTES + 1);
	hy_buf_init(&f.url, HY_URL_MAX_BYTES + 1);
	hy_buf_init(&f.title, SCRATCH_BYTES);
	hy_buf_init(&f.scratch, SCRATCH_BYTES);
	f.paths = hy_xcalloc(f.page->count + 1, sizeof *f.paths);
	f.aside = hy_xcalloc(f.page->count + 1, 1);
	find_paths(&f);
	find_base(&f);
	f.site = hy_url_site(hy_url_host(in->url));
	for (size_t i = 0; i < f.page->count && out->count < MAX_CANDIDATES; i++)
		if (f.page->nodes[i].tag == HY_TAG_A && !(in->m->hints[i] & HY_HINT_HIDDEN) &&
		    hy_measure_of(in->m, i).width >= MIN_WIDTH)
			look_at_link(&f, i);
	free(f.paths);
	free(f.aside);
	hy_buf_fini(&f.base);
	hy_buf_fini(&f.url);
	hy_buf_fini(&f.title);
	hy_buf_fini(&f.scratch);
}

void hy_candidates_fini(struct hy_candidates *candidates)
{
	free(candidates->items);
	hy_buf_fini(&candidates->text);
	candidates->items = NULL;
}
