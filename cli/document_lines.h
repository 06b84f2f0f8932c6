/*
 * Documents from files: JSON lines {"id","title","text","region","source","outlet",
 * "published_at"}, or a file of plain text that is one document.
 */
#ifndef HY_CLI_DOCUMENT_LINES_H
#define HY_CLI_DOCUMENT_LINES_H

#include <jansson.h>
#include <stddef.h>

#include "common/base/str.h"
#include "common/base/time.h"

/* Borrowed, but for the call. */
struct hy_document_line {
	const char *path;
	size_t line;			/* from 1 */
	json_t *id;			/* string or whole number; FILE:LINE where it has none */
	struct hy_str title, text, region;
	struct hy_str source, outlet;	/* one that is not given is taken to be as the other */
	struct hy_wall at;		/* "detected_at", else "published_at", else unknown */
};

/* Returns an exit code. */
typedef int hy_document_fn(void *ctx, const struct hy_document_line *document);

/*
 * Runs `each` for the documents of the operands argv[1..count], or of standard input without
 * any. What cannot be read is named on standard error as "huiying VERB: FILE:LINE: …" and the
 * rest still read. Returns the highest exit code.
 */
int hy_document_lines_each(const char *verb, int count, char **argv, hy_document_fn *each,
			   void *ctx);
int hy_document_lines_complain(const char *verb, const char *path, size_t line,
			       const char *what);	/* HY_EXIT_FAILURE */

/* A JSON string of any bytes: what is not UTF-8 is replaced. */
json_t *hy_json_of_str(struct hy_str s);

#endif
