#include "tests/web/site.h"

#include <stdio.h>

#include "common/base/mem.h"
#include "tests/web/wechat.h"

#define PATH_BYTES_MAX 256
#define ADDRESSES_A_BLOCK 250

static const enum sim_charset charsets[] = {
	SIM_UTF8, SIM_GB_IN_META, SIM_UTF8, SIM_GB_SAID_UTF8, SIM_UTF8, SIM_GB_IN_HEADER, SIM_UTF8,
	SIM_UTF8_SAID_LATIN1,
};

void sim_site_address(uint32_t site, char out[SIM_ADDRESS_BYTES])
{
	hy_assert(site < ADDRESSES_A_BLOCK);
	(void)snprintf(out, SIM_ADDRESS_BYTES, "127.1.0.%u", site + 1);
}

struct sim_site sim_site_of(const struct sim_world *w, uint32_t site)
{
	return (struct sim_site){
		.name = sim_text_line(w->text, "outlet", site),
		.listing = (enum sim_listing)(site % 4),
		.layout = (enum sim_layout)((site / 4 + site) % 4),
		.charset = charsets[site * 3 % HY_COUNT(charsets)],
		.url_form = site / 2 % 4,
		.gzip = site % 3 == 0,
		.crawl_delay_s = site % 5 == 4 ? w->crawl_delay_s : 0,
	};
}

void sim_site_path(const struct sim_world *w, uint32_t document, struct hy_buf *out)
{
	const struct sim_document *d = &w->plan->document[document];
	struct hy_civil c = hy_civil_of(sim_plan_published(w->plan, document), HY_CST_OFFSET_MIN);

	if (sim_plan_is_account(w->plan, d->source)) {
		sim_wechat_path(w, document, out);
		return;
	}
	switch (sim_site_of(w, d->source).url_form) {
	case 0:
		hy_buf_addf(out, "/news/%d/%02d/%02d/%u.html", c.year, c.month, c.day, document);
		return;
	case 1:
		hy_buf_addf(out, "/content/%u.shtml", document);
		return;
	case 2:
		hy_buf_addf(out, "/art/%d/%d/%d/art_%u.html", c.year, c.month, c.day, document);
		return;
	default:
		hy_buf_addf(out, "/detail?type=news&id=%u", document);
	}
}

void sim_site_url(const struct sim_world *w, uint32_t document, struct hy_buf *out)
{
	uint32_t source = w->plan->document[document].source;
	char address[SIM_ADDRESS_BYTES] = SIM_WECHAT_PAGES;

	if (!sim_plan_is_account(w->plan, source))
		sim_site_address(source, address);
	hy_buf_addf(out, "http://%s:%u", address, w->port);
	sim_site_path(w, document, out);
}

/* The last run of digits in a path is the document's number. */
static bool last_number(struct hy_str path, int64_t max, int64_t *out)
{
	size_t end = path.n, begin;

	while (end > 0 && (path.p[end - 1] < '0' || path.p[end - 1] > '9'))
		end--;
	for (begin = end; begin > 0 && path.p[begin - 1] >= '0' && path.p[begin - 1] <= '9';)
		begin--;
	return hy_str_to_int(hy_str_sub(path, begin, end - begin), 0, max, out);
}

bool sim_site_find(const struct sim_world *w, uint32_t source, struct hy_str path,
		   uint32_t *out_document)
{
	hy_cleanup(hy_buf_fini) struct hy_buf right = HY_BUF(PATH_BYTES_MAX);
	int64_t number;
	bool same;

	if (!last_number(path, (int64_t)w->plan->options.documents - 1, &number) ||
	    w->plan->document[number].source != source)
		return false;
	sim_site_path(w, (uint32_t)number, &right);
	/* A crawler may sort a query or drop what only counts clicks. */
	same = hy_str_eq(hy_buf_str(&right), path) || hy_str_starts(path, HY_STR_LIT("/detail?"));
	if (same)
		*out_document = (uint32_t)number;
	return same;
}

const char *sim_site_entry(enum sim_listing listing)
{
	static const char *const entries[] = {"/news/index.html", "/rss.xml", "/atom.xml",
					      "/sitemap.xml"};

	return entries[listing];
}

uint32_t sim_site_list_pages(const struct sim_world *w, uint32_t items)
{
	uint32_t pages = (items + w->list_items - 1) / w->list_items;

	return pages > 0 ? pages : 1;
}
