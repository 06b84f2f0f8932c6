/* Files of the rules folder: bounded reading, and listing in one order on every machine. */
#ifndef HY_RULES_FILES_H
#define HY_RULES_FILES_H

#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/sys/yaml.h"

/* Appends the file's bytes to out. IO: not readable; LIMIT: larger than the buffer may become. */
enum hy_err hy_rules_read(const char *path, struct hy_buf *out, struct hy_error *e) HY_MUST_CHECK;

/* A file of the rules in memory. */
struct hy_rules_text {
	const char *name;	/* for findings */
	struct hy_str text;
};

struct hy_rules_listing {
	char **paths;	/* sorted by bytes; hidden files and folders are not in it */
	size_t count;
};

/*
 * All regular files of `folder` whose name ends in `suffix`. IO: no such folder; LIMIT: more
 * than max. hy_rules_listing_fini frees; it is safe on a zeroed struct.
 */
enum hy_err hy_rules_list(const char *folder, const char *suffix, size_t max,
			  struct hy_rules_listing *out, struct hy_error *e) HY_MUST_CHECK;
void hy_rules_listing_fini(struct hy_rules_listing *listing);

/* Adds a finding that no node stands for; the caller writes "file:line:column: " itself. */
void hy_rules_finding(struct hy_findings *findings, const char *fmt, ...) HY_PRINTF(2, 3);

#endif
