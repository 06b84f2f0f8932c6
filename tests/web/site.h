/*
 * What kind of site each source is: its address, how it lists news, how its pages are built and
 * in which charset. A function of the site's number, so that a few sites show every kind.
 */
#ifndef SIM_SITE_H
#define SIM_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "tests/web/plan.h"
#include "tests/web/text.h"

#define SIM_ADDRESS_BYTES 16

enum sim_listing { SIM_LIST_HTML, SIM_LIST_RSS, SIM_LIST_ATOM, SIM_LIST_SITEMAP };
enum sim_layout { SIM_LAYOUT_DIV, SIM_LAYOUT_TABLE, SIM_LAYOUT_SECTION, SIM_LAYOUT_BR };

/* What the bytes are, and what header and page say they are. */
enum sim_charset {
	SIM_UTF8,
	SIM_GB_IN_HEADER,	/* GB18030, header "gb2312", no word in the page */
	SIM_GB_IN_META,		/* GB18030, header silent, page "gb2312" */
	SIM_GB_SAID_UTF8,	/* GB18030, header "utf-8", page "gb2312" */
	SIM_UTF8_SAID_LATIN1,	/* UTF-8, header "iso-8859-1", page "utf-8" */
};

struct sim_site {
	struct hy_str name;
	enum sim_listing listing;
	enum sim_layout layout;
	enum sim_charset charset;
	unsigned url_form;
	bool gzip;
	int crawl_delay_s;	/* of robots.txt; 0: none is given */
};

/* The whole simulated web, as every page needs it. */
struct sim_world {
	const struct sim_text *text;
	const struct sim_plan *plan;
	uint16_t port;
	int crawl_delay_s;	/* of the sites that give one */
	unsigned list_items;	/* a page of a list, a feed */
	unsigned page_kib;	/* about how long articles are; 0: without filler */
};

/* Addresses: sites 127.1.0.n, misbehaving hosts 127.1.1.n, WeChat 127.1.2.n. */
#define SIM_WECHAT_MIRROR "127.1.2.1"
#define SIM_WECHAT_PAGES "127.1.2.2"
#define SIM_CONTROL "127.1.255.1"
void sim_site_address(uint32_t site, char out[SIM_ADDRESS_BYTES]);

struct sim_site sim_site_of(const struct sim_world *w, uint32_t site);

/* "/news/2026/11/23/17.html" and the like: the address of a document at its site. */
void sim_site_path(const struct sim_world *w, uint32_t document, struct hy_buf *out);
/* The same with scheme, host and port. */
void sim_site_url(const struct sim_world *w, uint32_t document, struct hy_buf *out);
/* The document whose path this is, if it belongs to the source; false otherwise. */
bool sim_site_find(const struct sim_world *w, uint32_t source, struct hy_str path,
		   uint32_t *out_document);

/* Where a crawler starts: "/rss.xml", "/news/index.html", ... */
const char *sim_site_entry(enum sim_listing listing);
/* Pages that the site's list has when `items` documents are visible; at least 1. */
uint32_t sim_site_list_pages(const struct sim_world *w, uint32_t items);

#endif
