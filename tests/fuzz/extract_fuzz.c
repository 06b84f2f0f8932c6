/*
 * First line: the address; the rest: bytes of a page. Both the article and the links of
 * anything are UTF-8 without control characters.
 */
#include <stddef.h>
#include <stdint.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/extract.h"
#include "crawler/links.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct hy_str s, char allowed)
{
	hy_assert(s.n == 0 || hy_utf8_valid(s.p, s.n));
	for (size_t i = 0; i < s.n; i++)
		hy_assert((unsigned char)s.p[i] >= 0x20 || s.p[i] == allowed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hy_str rest = {(const char *)data, size}, url;
	struct hy_extract_input in = {.now = {1795395600000}};
	struct hy_article article;
	struct hy_links links;

	if (!hy_str_next(&rest, '\n', &url) || !rest.p)
		return 0;
	in.url = url;
	in.bytes = rest;
	if (hy_article_extract(&in, &article, NULL) == HY_OK) {
		check(article.title, ' ');
		check(article.text, '\n');
		check(article.source, ' ');
		check(article.canonical, ' ');
		hy_article_fini(&article);
	}
	if (hy_links_find(&in, &links, NULL) == HY_OK) {
		for (size_t i = 0; i < links.count; i++) {
			check(links.items[i].url, ' ');
			check(links.items[i].title, ' ');
		}
		hy_links_fini(&links);
	}
	return 0;
}
