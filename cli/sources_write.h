/*
 * sources.yaml by appending: what people wrote in it, their order and their remarks stay as
 * they are, byte for byte.
 */
#ifndef HY_CLI_SOURCES_WRITE_H
#define HY_CLI_SOURCES_WRITE_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/map.h"
#include "common/base/str.h"
#include "crawler/sources.h"

#define HY_SOURCES_FILE_BYTES ((size_t)16 << 20)

/* Which addresses and ids are taken. */
struct hy_taken {
	struct hy_map urls, ids;
};
void hy_taken_init(struct hy_taken *taken);
void hy_taken_fini(struct hy_taken *taken);
void hy_taken_add_all(struct hy_taken *taken, const struct hy_sources *sources);
/* Takes a normalised address; false where it was taken. http and https are one. */
bool hy_taken_add_url(struct hy_taken *taken, struct hy_str url);
/*
 * Takes an id and appends it: the wish where it can be one, else made from the title, else
 * from the address. The same source gets the same id while that is free.
 */
void hy_taken_add_id(struct hy_taken *taken, struct hy_str wish, struct hy_str title,
		     struct hy_str url, struct hy_buf *out);

/* Appends a text as a quoted YAML scalar; control characters become spaces. */
void hy_yaml_quote(struct hy_str text, struct hy_buf *out);

/*
 * Puts the entries (lines that begin with "  - ") behind the last source of the file's text.
 * MALFORMED where the file keeps its sources in another form, text in e (Chinese).
 */
enum hy_err hy_sources_append(struct hy_str file, struct hy_str entries, struct hy_buf *out,
			      struct hy_error *e) HY_MUST_CHECK;

/* Replaces the file at once or not at all, after the loader found no mistake in the text. */
enum hy_err hy_sources_replace(const char *path, struct hy_str text, struct hy_findings *findings,
			       struct hy_error *e) HY_MUST_CHECK;

#endif
