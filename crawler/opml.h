/*
 * OPML 2.0 (http://opml.org/spec2.opml), read forgivingly: lists that people exchange are
 * often no well-formed XML. Outlines come in file order with the line they stand in.
 */
#ifndef HY_CRAWLER_OPML_H
#define HY_CRAWLER_OPML_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/str.h"

#define HY_OPML_MAX_BYTES ((size_t)16 << 20)
#define HY_OPML_ATTRIBUTES_MAX 64
#define HY_OPML_DEPTH_MAX 32
#define HY_OPML_VALUE_BYTES 8192

/* Decoded, white space collapsed; an over-long value is empty. */
struct hy_opml_attribute {
	struct hy_str name, value;
};

/* Borrowed for the call. */
struct hy_opml_outline {
	int line;		/* from 1 */
	const struct hy_opml_attribute *attributes;	/* past the maximum left out */
	size_t attribute_count;
	bool is_folder;		/* others stand in it */
	struct hy_str group;	/* titles of the folders it stands in, " / " between them */
};

/* Return false to end the reading. */
typedef bool hy_opml_fn(void *ctx, const struct hy_opml_outline *outline);

/* The value of the attribute of that name, in any case; empty where absent. */
struct hy_str hy_opml_get(const struct hy_opml_outline *outline, const char *name);
/* `text`, or `title` where that says more; empty where neither says anything. */
struct hy_str hy_opml_title(const struct hy_opml_outline *outline);

/* MALFORMED where it has no <opml> and no <outline>, LIMIT where over-long. */
enum hy_err hy_opml_read(struct hy_str utf8, hy_opml_fn *fn, void *ctx,
			 struct hy_error *e) HY_MUST_CHECK;

#endif
