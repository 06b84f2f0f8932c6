/*
 * What everybody writes first: libcurl's multi interface, a libxml2 tree of each page, title,
 * text of the paragraphs and links taken from it by a walk. Keeps to the hosts it was given and
 * to addresses with "/a/" in them, one connection a host. Prints {"pages","text_bytes"}.
 *
 *   dom_crawl ENTRY...
 */
#include <curl/curl.h>
#include <libxml/HTMLparser.h>
#include <libxml/uri.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"

#define PAGE_BYTES (16u << 20)
#define RUNNING_MAX 40

struct url {
	struct url *next;
	char *text;
};

struct crawl {
	CURLM *multi;
	struct url *first, **end;
	void *seen;	/* tree of tsearch */
	int running;
	size_t pages, text_bytes;
};

struct page {
	struct hy_buf bytes;
	char *url;
};

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void add(struct crawl *c, char *text)
{
	struct url *url;

	if (*(char **)tsearch(text, &c->seen, compare) != text) {
		free(text);
		return;
	}
	url = hy_xcalloc(1, sizeof *url);
	url->text = text;
	*c->end = url;
	c->end = &url->next;
}

static bool same_host(const char *a, const char *b)
{
	const char *end = strchr(a + strlen("http://"), '/');

	return end && strncmp(a, b, (size_t)(end - a) + 1) == 0;
}

static void follow(struct crawl *c, const struct page *page, xmlNode *link)
{
	xmlChar *href = xmlGetProp(link, BAD_CAST "href"), *full;

	if (!href)
		return;
	full = xmlBuildURI(href, BAD_CAST page->url);
	xmlFree(href);
	if (full && strstr((const char *)full, "/a/") && same_host(page->url, (const char *)full))
		add(c, hy_xstrndup((const char *)full, strcspn((const char *)full, "#")));
	if (full)
		xmlFree(full);
}

static xmlNode *next_node(xmlNode *node)
{
	if (node->children)
		return node->children;
	while (node && !node->next)
		node = node->parent;
	return node ? node->next : NULL;
}

static void read_page(struct crawl *c, const struct page *page)
{
	xmlDoc *doc = htmlReadMemory(page->bytes.p, (int)page->bytes.n, page->url, NULL,
				     HTML_PARSE_RECOVER | HTML_PARSE_NOERROR |
					     HTML_PARSE_NOWARNING | HTML_PARSE_NONET);

	for (xmlNode *node = doc ? xmlDocGetRootElement(doc) : NULL; node; node = next_node(node)) {
		if (node->type != XML_ELEMENT_NODE)
			continue;
		if (strcmp((const char *)node->name, "a") == 0)
			follow(c, page, node);
		if (strcmp((const char *)node->name, "p") == 0 ||
		    strcmp((const char *)node->name, "title") == 0) {
			xmlChar *text = xmlNodeGetContent(node);

			c->text_bytes += text ? strlen((const char *)text) : 0;
			xmlFree(text);
		}
	}
	xmlFreeDoc(doc);
	c->pages += strstr(page->url, "/a/") != NULL;
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct page *page = ctx;

	hy_buf_add(&page->bytes, p, size * n);
	return size * n;
}

static void start(struct crawl *c)
{
	while (c->running < RUNNING_MAX && c->first) {
		struct url *url = c->first;
		struct page *page = hy_xcalloc(1, sizeof *page);
		CURL *easy = curl_easy_init();

		c->first = url->next;
		if (!c->first)
			c->end = &c->first;
		page->url = url->text;
		free(url);
		hy_buf_init(&page->bytes, PAGE_BYTES);
		curl_easy_setopt(easy, CURLOPT_URL, page->url);
		curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
		curl_easy_setopt(easy, CURLOPT_WRITEDATA, page);
		curl_easy_setopt(easy, CURLOPT_PRIVATE, page);
		curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
		curl_multi_add_handle(c->multi, easy);
		c->running++;
	}
}

static void finish(struct crawl *c, CURL *easy)
{
	struct page *page = NULL;

	(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)(void *)&page);
	read_page(c, page);
	curl_multi_remove_handle(c->multi, easy);
	curl_easy_cleanup(easy);
	hy_buf_fini(&page->bytes);
	free(page);	/* its address stays in `seen` */
	c->running--;
}

int main(int argc, char **argv)
{
	struct crawl c = {.multi = curl_multi_init()};
	int running, left;
	CURLMsg *message;

	if (argc < 2) {
		(void)fprintf(stderr, "usage: dom_crawl ENTRY...\n");
		return 2;
	}
	c.end = &c.first;
	curl_multi_setopt(c.multi, CURLMOPT_MAX_HOST_CONNECTIONS, 1L);
	for (int i = 1; i < argc; i++)
		add(&c, hy_xstrdup(argv[i]));
	start(&c);
	while (c.running > 0) {
		(void)curl_multi_perform(c.multi, &running);
		while ((message = curl_multi_info_read(c.multi, &left)))
			if (message->msg == CURLMSG_DONE)
				finish(&c, message->easy_handle);
		start(&c);
		(void)curl_multi_poll(c.multi, NULL, 0, running > 0 ? 100 : 0, NULL);
	}
	(void)printf("{\"pages\":%zu,\"text_bytes\":%zu}\n", c.pages, c.text_bytes);
	tdestroy(c.seen, free);
	curl_multi_cleanup(c.multi);
	return 0;
}
