#include "crawler/extract_peers.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "crawler/extract_hint.h"

/* Fewer characters are a mark ("up", "+1"), no contribution. */
#define MIN_WIDTH 12
/* Steps up that must agree; beyond them stands the page. */
#define STEPS 4

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Names that differ in their numbers only are one name: "post_12", "post_13". */
static bool same_name(struct hy_str a, struct hy_str b)
{
	size_t i = 0, k = 0;

	while (i < a.n && k < b.n) {
		if (is_digit(a.p[i]) && is_digit(b.p[k])) {
			while (i < a.n && is_digit(a.p[i]))
				i++;
			while (k < b.n && is_digit(b.p[k]))
				k++;
		} else if (a.p[i++] != b.p[k++]) {
			return false;
		}
	}
	return i == a.n && k == b.n;
}

static struct hy_str first_word(struct hy_str names)
{
	struct hy_str rest = hy_str_trim(names), word = {NULL, 0};

	(void)hy_str_next(&rest, ' ', &word);
	return word;
}

static bool has_number(struct hy_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_digit(s.p[i]))
			return true;
	return false;
}

static bool is_named(const struct hy_page *page, size_t node)
{
	return hy_page_attribute(page, node, HY_ATTRIBUTE_CLASS).n > 0 ||
	       has_number(hy_page_attribute(page, node, HY_ATTRIBUTE_ID));
}

static bool same_step(const struct hy_page *page, size_t a, size_t b)
{
	struct hy_str left = hy_page_attribute(page, a, HY_ATTRIBUTE_CLASS);
	struct hy_str right = hy_page_attribute(page, b, HY_ATTRIBUTE_CLASS);

	if (page->nodes[a].tag != page->nodes[b].tag)
		return false;
	if (left.n || right.n)
		return same_name(first_word(left), first_word(right));
	return same_name(hy_page_attribute(page, a, HY_ATTRIBUTE_ID),
			 hy_page_attribute(page, b, HY_ATTRIBUTE_ID));
}

static bool same_place(const struct hy_page *page, size_t a, size_t b)
{
	for (int step = 0; step < STEPS && a != b; step++) {
		if (a == HY_PAGE_NO_NODE || b == HY_PAGE_NO_NODE || !same_step(page, a, b))
			return false;
		a = page->nodes[a].parent;
		b = page->nodes[b].parent;
	}
	return true;
}

static bool is_text(const struct hy_measure *m, size_t node)
{
	struct hy_sum sum = hy_measure_of(m, node);

	return sum.width >= MIN_WIDTH && sum.link_width * 2 < sum.width &&
	       !(m->hints[node] & HY_HINT_HIDDEN);
}

void hy_peers_find(const struct hy_measure *m, size_t node, struct hy_peers *out)
{
	const struct hy_page *page = m->page;

	*out = (struct hy_peers){NULL, 0, 0};
	if (!is_named(page, node))
		return;
	for (size_t i = 0; i < page->count; i++) {
		/* What holds it or is held by it is no peer. */
		if (i == node || page->nodes[i].tag != page->nodes[node].tag ||
		    (i < node && page->nodes[i].end > node) ||
		    (i > node && i < page->nodes[node].end) || !is_text(m, i) ||
		    !same_place(page, i, node))
			continue;
		out->nodes = hy_grow(out->nodes, &out->cap, out->count + 1, sizeof *out->nodes);
		out->nodes[out->count++] = i;
	}
}

void hy_peers_fini(struct hy_peers *peers)
{
	free(peers->nodes);
	*peers = (struct hy_peers){NULL, 0, 0};
}
