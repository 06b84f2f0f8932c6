#include "crawler/extract_measure.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/extract_hint.h"

static bool is_stop(uint32_t rune)
{
	switch (rune) {
	case 0x3001:	/* 、 */
	case 0x3002:	/* 。 */
	case 0xFF01:	/* ！ */
	case 0xFF0C:	/* ， */
	case 0xFF1A:	/* ： */
	case 0xFF1B:	/* ； */
	case 0xFF1F:	/* ？ */
	case 0x2026:	/* … */
		return true;
	default:
		return false;
	}
}

static bool is_ascii_stop(struct hy_str text, size_t at)
{
	char c = text.p[at];

	if (c != ',' && c != '.' && c != '!' && c != '?' && c != ';')
		return false;
	return at + 1 >= text.n || text.p[at + 1] == ' ' || text.p[at + 1] == '\n' ||
	       text.p[at + 1] == '"';
}

struct hy_sum hy_measure_text(struct hy_str text)
{
	struct hy_sum sum = {0, 0, 0, 0};
	size_t at = 0;

	while (at < text.n) {
		uint32_t rune;
		size_t length = hy_utf8_decode(text.p + at, text.n - at, &rune);

		if (length == 0) {
			at++;
			continue;
		}
		if (rune < 0x80) {
			sum.width += rune > 0x20;
			sum.stops += is_ascii_stop(text, at);
		} else if (!hy_rune_is_space(rune)) {
			sum.width += rune >= 0x2E80 ? 2 : 1;
			sum.stops += is_stop(rune);
		}
		at += length;
	}
	return sum;
}

static bool is_address(struct hy_str text)
{
	return hy_str_starts_nocase(hy_str_trim(hy_str_sub(text, 0, 64)), HY_STR_LIT("http"));
}

static bool is_hidden(const struct hy_page *page, size_t node, unsigned hints)
{
	return (hints & HY_HINT_HIDDEN) ||
	       (hy_tag_traits((enum hy_tag)page->nodes[node].tag) & HY_TAG_IS_HIDDEN);
}

void hy_measure_init(struct hy_measure *m, const struct hy_page *page)
{
	size_t hidden_end = 0, link_end = 0;
	struct hy_sum sum = {0, 0, 0, 0};

	m->page = page;
	m->sums = hy_xcalloc(page->count + 1, sizeof *m->sums);
	m->hints = hy_xcalloc(page->count + 1, sizeof *m->hints);
	for (size_t i = 0; i < page->count; i++) {
		const struct hy_node *node = &page->nodes[i];

		m->sums[i] = sum;
		if (i < hidden_end) {
			m->hints[i] = HY_HINT_HIDDEN;
		} else if (node->tag == HY_TAG_TEXT) {
			struct hy_sum text = hy_measure_text(node->text);

			sum.width += text.width;
			sum.stops += text.stops;
			/* A bare address is text: it names what it leads to. */
			if (i < link_end && !is_address(node->text))
				sum.link_width += text.width;
		} else {
			m->hints[i] = (uint16_t)hy_hint_of(page, i);
			if (is_hidden(page, i, m->hints[i])) {
				m->hints[i] |= HY_HINT_HIDDEN;
				hidden_end = node->end;
			}
			if (node->tag == HY_TAG_A &&
			    hy_page_attribute(page, i, HY_ATTRIBUTE_HREF).n > 0) {
				link_end = node->end;
				sum.links++;
			}
		}
	}
	m->sums[page->count] = sum;
}

void hy_measure_fini(struct hy_measure *m)
{
	free(m->sums);
	free(m->hints);
	m->sums = NULL;
	m->hints = NULL;
}
