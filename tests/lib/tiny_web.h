/*
 * A web server of a few fixed pages inside the test process, on a thread of libmicrohttpd, at
 * a free port of 127.0.0.1. It remembers what was asked, and how many asked at the same time.
 */
#ifndef TESTS_LIB_TINY_WEB_H
#define TESTS_LIB_TINY_WEB_H

#include <stddef.h>

enum tiny_manner {
	TINY_PLAIN,
	TINY_ENDLESS,	/* a body without end */
	TINY_SILENT,	/* no answer until the server stops */
};

struct tiny_page {
	const char *path;		/* with the query, as asked */
	int status;
	const char *type;		/* Content-Type, or NULL */
	const char *body;		/* NULL: empty */
	size_t body_bytes;		/* 0: a C string */
	const char *header, *value;	/* one more header, or NULL */
	enum tiny_manner manner;
};

struct tiny_web;

/* The pages are borrowed and may be changed while nobody asks; path NULL ends them. */
struct tiny_web *tiny_web_start(struct tiny_page *pages);
void tiny_web_stop(struct tiny_web *web);
/* "http://127.0.0.1:PORT" + path, in memory of the web; valid until the 16th next call. */
const char *tiny_web_url(struct tiny_web *web, const char *path);

unsigned tiny_web_asked(struct tiny_web *web, const char *path);	/* how often */
unsigned tiny_web_asked_in_all(struct tiny_web *web);
unsigned tiny_web_most_at_once(struct tiny_web *web);
/* A header of the last request for a page that is there; "" where it had none. */
const char *tiny_web_header(struct tiny_web *web, const char *name);

#endif
