#include "crawler/extract_title.h"

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/extract_hint.h"

#define MAX_TITLE_BYTES 2048
/* What stands behind in <title> is no headline. */
#define HEAD_TITLE_BYTES 1024
#define MIN_WIDTH 8
#define MAX_WIDTH 240
/* A heading that <title> does not know must have this many points from elsewhere. */
#define ENOUGH 4.0

struct search {
	const struct hy_measure *m;
	struct hy_buf document, graph;	/* <title> and og:title, folded */
	struct hy_buf text, folded;	/* of the heading looked at */
};

/* For comparison: letters in lower case, without white space and punctuation. */
static void fold(struct hy_str text, struct hy_buf *out)
{
	hy_buf_clear(out);
	for (size_t at = 0; at < text.n;) {
		uint32_t rune;
		size_t length = hy_utf8_decode(text.p + at, text.n - at, &rune);

		if (length == 1 && ((rune | 0x20) >= 'a' && (rune | 0x20) <= 'z'))
			hy_buf_add_char(out, (char)(rune | 0x20));
		else if (length == 1 && rune >= '0' && rune <= '9')
			hy_buf_add_char(out, (char)rune);
		else if (length > 1 && !hy_rune_is_space(rune) && !(rune >= 0x2010 && rune <= 0x303F) &&
			 !(rune >= 0xFF00 && rune <= 0xFF0F) && rune != 0xFF1A && rune != 0xFF1F &&
			 rune != 0xB7)
			hy_buf_add(out, text.p + at, length);
		at += length ? length : 1;
	}
}

bool hy_title_same(struct hy_str a, struct hy_str b)
{
	struct hy_buf x, y;
	bool same;

	hy_buf_init(&x, HY_PAGE_MAX_BYTES);
	hy_buf_init(&y, HY_PAGE_MAX_BYTES);
	fold(a, &x);
	fold(b, &y);
	same = x.n > 0 && hy_str_eq(hy_buf_str(&x), hy_buf_str(&y));
	hy_buf_fini(&x);
	hy_buf_fini(&y);
	return same;
}

struct hy_str hy_meta_find(const struct hy_page *page, const char *name)
{
	static const enum hy_attribute keys[] = {HY_ATTRIBUTE_NAME, HY_ATTRIBUTE_PROPERTY,
						 HY_ATTRIBUTE_ITEMPROP};
	struct hy_str wanted = hy_str_of(name);

	for (size_t i = 0; i < page->count; i++) {
		if (page->nodes[i].tag != HY_TAG_META)
			continue;
		for (size_t k = 0; k < HY_COUNT(keys); k++)
			if (hy_str_eq_nocase(hy_page_attribute(page, i, keys[k]), wanted)) {
				struct hy_str content = hy_str_trim(
					hy_page_attribute(page, i, HY_ATTRIBUTE_CONTENT));

				if (content.n > 0)
					return content;
			}
	}
	return (struct hy_str){NULL, 0};
}

static void document_title(const struct hy_page *page, struct hy_buf *out)
{
	for (size_t i = 0; i < page->count; i++) {
		if (page->nodes[i].tag != HY_TAG_TITLE)
			continue;
		for (size_t k = i + 1; k < page->nodes[i].end; k++)
			hy_buf_add_str(out, page->nodes[k].text);
		return;
	}
}

static unsigned width_of(struct hy_str text)
{
	return hy_measure_text(text).width;
}

static bool has_han(struct hy_str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] >= 0xE3)
			return true;
	return false;
}

/* Without spaces around it a hyphen may belong to the headline: "2020-2021". */
static bool cuts(struct hy_str head, struct hy_str tail, bool loose)
{
	unsigned head_width = width_of(head), tail_width = width_of(tail);

	if (head_width < MIN_WIDTH)
		return false;
	if (loose)
		return tail_width <= head_width || tail_width <= 40;
	return tail_width <= 28 && tail_width >= 4 && has_han(tail) && head_width > tail_width;
}

static size_t last_of(struct hy_str text, struct hy_str what)
{
	size_t at = SIZE_MAX, next = 0;

	while ((next = hy_str_find(text, what, next)) != SIZE_MAX)
		at = next++;
	return at;
}

struct hy_str hy_title_without_site(struct hy_str title)
{
	static const struct {
		struct hy_str text;
		bool loose;
	} marks[] = {
		{{"_", 1}, true},    {{" | ", 3}, true},  {{" - ", 3}, true}, {{" — ", 5}, true},
		{{" – ", 5}, true}, {{" » ", 4}, true}, {{" :: ", 4}, true}, {{"--", 2}, true},
		{{"——", 6}, false}, {{"|", 1}, false},   {{"-", 1}, false},   {{"－", 3}, false},
		{{"–", 3}, false},  {{"—", 3}, false},   {{"·", 2}, false},  {{"丨", 3}, false},
		{{"｜", 3}, false},
	};
	struct hy_str rest = hy_str_trim(title);

	for (int round = 0; round < 6; round++) {
		size_t best = SIZE_MAX;

		for (size_t i = 0; i < HY_COUNT(marks); i++) {
			size_t at = last_of(rest, marks[i].text);
			struct hy_str tail;

			if (at == SIZE_MAX || at == 0 || (best != SIZE_MAX && at <= best))
				continue;
			tail = hy_str_sub(rest, at + marks[i].text.n, rest.n);
			if (cuts(hy_str_sub(rest, 0, at), tail, marks[i].loose))
				best = at;
		}
		if (best == SIZE_MAX)
			break;
		rest = hy_str_trim(hy_str_sub(rest, 0, best));
	}
	return rest;
}

static double heading_points(const struct search *s, size_t node)
{
	enum hy_tag tag = (enum hy_tag)s->m->page->nodes[node].tag;

	if (tag == HY_TAG_H1)
		return 2.5;
	if (tag == HY_TAG_H2)
		return 1;
	return s->m->hints[node] & HY_HINT_TITLE ? 0.7 : 0;
}

/* How much of a longer text a heading covers, as points; 0 where it is not in it. */
static double match_points(const struct hy_buf *whole, const struct hy_buf *part)
{
	struct hy_str text = hy_buf_str(whole), heading = hy_buf_str(part);
	size_t at = whole->n ? hy_str_find(text, heading, 0) : SIZE_MAX;

	if (at == SIZE_MAX)
		return 0;
	/* "Headline - Site": the heading is the site's. */
	if (at > 0 && at + heading.n == text.n && heading.n * 2 < text.n)
		return 0;
	return 2 + 3 * (double)heading.n / (double)text.n + (at == 0 ? 1 : 0);
}

static double points_of(struct search *s, size_t node)
{
	struct hy_sum sum = hy_measure_of(s->m, node);
	double points = heading_points(s, node), match;

	if (points <= 0 || sum.width < MIN_WIDTH || sum.width > MAX_WIDTH)
		return 0;
	hy_buf_clear(&s->text);
	hy_text_write(s->m, node, s->m->page->nodes[node].end, &s->text);
	fold(hy_buf_str(&s->text), &s->folded);
	if (s->folded.n == 0)
		return 0;
	match = match_points(&s->document, &s->folded) + match_points(&s->graph, &s->folded);
	/* The page's own headline is rarely a link, those of other pages always are. */
	if (sum.link_width * 2 > sum.width)
		points -= 1.5;
	return points + match;
}

static bool may_hold(const struct hy_measure *m, size_t node)
{
	const struct hy_node *n = &m->page->nodes[node];

	if (n->tag == HY_TAG_TEXT || (m->hints[node] & HY_HINT_HIDDEN))
		return false;
	if (n->tag == HY_TAG_H1 || n->tag == HY_TAG_H2)
		return true;
	return m->hints[node] & HY_HINT_TITLE;
}

static void pick_heading(struct search *s, struct hy_title *out)
{
	double best = 0;

	for (size_t i = 0; i < s->m->page->count; i++) {
		double points = may_hold(s->m, i) ? points_of(s, i) : 0;

		if (points <= best)
			continue;
		best = points;
		out->node = i;
		hy_buf_clear(&out->text);
		hy_buf_add_str(&out->text, hy_buf_str(&s->text));
	}
	out->confirmed = best >= ENOUGH;
	if (!out->confirmed)
		out->node = HY_PAGE_NO_NODE;
}

/*
 * og:title, or the meta name that the State Council office asks of government sites
 * (政府网站发展指引, 2017).
 */
static struct hy_str said_title(const struct hy_page *page)
{
	struct hy_str graph = hy_meta_find(page, "og:title");

	return graph.n ? graph : hy_meta_find(page, "ArticleTitle");
}

void hy_title_find(const struct hy_measure *m, struct hy_title *out)
{
	struct search s = {.m = m};
	struct hy_str graph = said_title(m->page);
	struct hy_buf title, squeezed;

	hy_buf_init(&out->text, MAX_TITLE_BYTES);
	out->node = HY_PAGE_NO_NODE;
	out->confirmed = false;
	hy_buf_init(&title, HY_PAGE_MAX_BYTES);
	hy_buf_init(&squeezed, MAX_TITLE_BYTES);
	hy_buf_init(&s.document, HY_PAGE_MAX_BYTES);
	hy_buf_init(&s.graph, HY_PAGE_MAX_BYTES);
	hy_buf_init(&s.text, MAX_TITLE_BYTES);
	hy_buf_init(&s.folded, MAX_TITLE_BYTES);
	document_title(m->page, &title);
	fold(hy_buf_str(&title), &s.document);
	fold(graph, &s.graph);
	pick_heading(&s, out);
	if (!out->confirmed) {
		struct hy_str whole = graph.n ? graph : hy_buf_str(&title);

		hy_text_add(hy_str_sub(whole, 0, hy_utf8_floor(whole.p, whole.n,
							       HEAD_TITLE_BYTES)),
			    &squeezed);
		hy_buf_clear(&out->text);
		hy_buf_add_str(&out->text, hy_title_without_site(hy_buf_str(&squeezed)));
	}
	hy_buf_fini(&title);
	hy_buf_fini(&squeezed);
	hy_buf_fini(&s.document);
	hy_buf_fini(&s.graph);
	hy_buf_fini(&s.text);
	hy_buf_fini(&s.folded);
}

/* Units between headline and text: time, source, tools. */
#define BEFORE_UNITS 8
#define MARKS_WIDTH 12
/* A line that <title> repeats may stand further away. */
#define FAR_UNITS 30

static size_t heading_around(const struct hy_page *page, size_t node)
{
	for (int level = 0; level < 4 && node != HY_PAGE_NO_NODE; level++) {
		if (hy_tag_traits((enum hy_tag)page->nodes[node].tag) & HY_TAG_IS_HEADING)
			return node;
		node = page->nodes[node].parent;
	}
	return HY_PAGE_NO_NODE;
}

/* Whether <title> repeats a text. */
static bool is_in_document_title(const struct hy_page *page, struct hy_str text)
{
	struct hy_buf title, folded, part;
	bool found;

	hy_buf_init(&title, HY_PAGE_MAX_BYTES);
	hy_buf_init(&folded, HY_PAGE_MAX_BYTES);
	hy_buf_init(&part, HY_PAGE_MAX_BYTES);
	document_title(page, &title);
	fold(hy_buf_str(&title), &folded);
	fold(text, &part);
	found = part.n > 0 && hy_str_find(hy_buf_str(&folded), hy_buf_str(&part), 0) != SIZE_MAX;
	hy_buf_fini(&title);
	hy_buf_fini(&folded);
	hy_buf_fini(&part);
	return found;
}

static bool may_be_headline(const struct hy_unit *unit)
{
	return unit->width >= MIN_WIDTH + 4 && unit->width <= MAX_WIDTH &&
	       unit->link_width * 2 <= unit->width;
}

/* "原创" and other marks stand in the heading too, but not in <title>. */
static bool only_marks_more(struct hy_str heading, struct hy_str title)
{
	return width_of(title) >= MIN_WIDTH && width_of(heading) <= width_of(title) + MARKS_WIDTH &&
	       hy_str_find(heading, title, 0) != SIZE_MAX;
}

void hy_title_look_before(const struct hy_measure *m, const struct hy_units *units, size_t body,
			  struct hy_title *title)
{
	struct hy_buf text;
	size_t end;

	if (title->confirmed || body == HY_PAGE_NO_NODE)
		return;
	hy_buf_init(&text, MAX_TITLE_BYTES);
	/* The body may hold the headline too. */
	end = hy_units_at(units, (uint32_t)body) + 2;
	for (size_t i = end < units->count ? end : units->count;
	     i-- > 0 && i + FAR_UNITS > end && !title->confirmed;) {
		const struct hy_unit *unit = &units->items[i];
		size_t heading = heading_around(m->page, unit->first);

		if (!may_be_headline(unit))
			continue;
		hy_buf_clear(&text);
		hy_text_write(m, unit->first, unit->end, &text);
		title->confirmed = is_in_document_title(m->page, hy_buf_str(&text));
		if (!title->confirmed &&
		    (heading == HY_PAGE_NO_NODE || title->node != HY_PAGE_NO_NODE ||
		     i + BEFORE_UNITS <= end))
			continue;
		title->node = heading == HY_PAGE_NO_NODE ? unit->first : heading;
		if (only_marks_more(hy_buf_str(&text), hy_buf_str(&title->text))) {
			title->confirmed = true;
			continue;
		}
		hy_buf_clear(&title->text);
		hy_buf_add_str(&title->text, hy_buf_str(&text));
	}
	hy_buf_fini(&text);
}

void hy_title_fini(struct hy_title *title)
{
	hy_buf_fini(&title->text);
}
