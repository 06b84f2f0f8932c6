/*
 * A page to nodes: every range lies in its parent's, every text in the page's memory.
 */
#include <stddef.h>
#include <stdint.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct hy_page *page)
{
	for (size_t i = 0; i < page->count; i++) {
		const struct hy_node *node = &page->nodes[i];

		hy_assert(node->end > i && node->end <= page->count);
		if (node->parent == HY_PAGE_NO_NODE)
			continue;
		hy_assert(node->parent < i && node->end <= page->nodes[node->parent].end);
		hy_assert(page->nodes[node->parent].tag != HY_TAG_TEXT);
		hy_assert(node->text.n == 0 || hy_utf8_valid(node->text.p, node->text.n));
		hy_assert((size_t)node->attribute_first + node->attribute_count <=
			  page->source.attribute_count);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hy_cleanup(hy_buf_fini) struct hy_buf html = {0};
	struct hy_page page;

	hy_buf_init(&html, size * 3 + 1);
	hy_utf8_repair(&html, (const char *)data, size);
	for (size_t i = 0; i < html.n; i++)
		html.p[i] = html.p[i] ? html.p[i] : ' ';
	if (hy_page_parse(hy_buf_str(&html), &page, NULL) == HY_OK) {
		check(&page);
		hy_page_fini(&page);
	}
	return 0;
}
