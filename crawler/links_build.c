#include "crawler/links_build.h"

#include "common/base/mem.h"

#define TEXT_BYTES ((size_t)8 << 20)

void hy_links_build_init(struct hy_links_build *b)
{
	*b = (struct hy_links_build){0};
	hy_buf_init(&b->text, TEXT_BYTES);
	hy_map_init(&b->seen, HY_LINKS_MAX);
}

void hy_links_build_add(struct hy_links_build *b, struct hy_str url, struct hy_str title,
			struct hy_wall published_at)
{
	struct hy_links_place place = {.url_n = url.n, .title_n = title.n,
				       .published_at = published_at};

	if (!url.n || hy_map_get(&b->seen, url) || url.n + title.n + 2 > TEXT_BYTES - b->text.n ||
	    hy_map_set(&b->seen, url, b) != HY_OK)
		return;
	place.url_at = b->text.n;
	hy_buf_add_str(&b->text, url);
	hy_buf_add_char(&b->text, '\0');
	place.title_at = b->text.n;
	hy_buf_add_str(&b->text, title);
	hy_buf_add_char(&b->text, '\0');
	b->places = hy_grow(b->places, &b->cap, b->count + 1, sizeof *b->places);
	b->places[b->count++] = place;
}

void hy_links_build_end(struct hy_links_build *b, struct hy_links *out)
{
	struct hy_links links = {
		.items = hy_xcalloc(b->count + 1, sizeof *links.items),
		.count = b->count,
		.storage = hy_xcalloc(b->text.n + 1, 1),
	};

	if (b->text.n)
		memcpy(links.storage, b->text.p, b->text.n);
	for (size_t i = 0; i < b->count; i++)
		links.items[i] = (struct hy_link){
			.url = {links.storage + b->places[i].url_at, b->places[i].url_n},
			.title = {links.storage + b->places[i].title_at, b->places[i].title_n},
			.published_at = b->places[i].published_at,
		};
	free(b->places);
	hy_buf_fini(&b->text);
	hy_map_fini(&b->seen);
	*out = links;
}
