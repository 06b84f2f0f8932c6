/*
 * Configuration: one YAML file for all daemons, one table of rows per section.
 *
 *   common: {rules: rules, run: /run/huiying}
 *   crawler: {store: "sqlite:crawler.db", ...}
 *
 * From the table come parsing, validation, --dump-config and the reference page. Unknown
 * keys and sections, wrong types and values out of range are findings with file:line:column.
 * The result is a plain struct, read-only after loading; a reload loads a whole new one.
 */
#ifndef HY_SYS_CONFIG_H
#define HY_SYS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/buf.h"
#include "common/base/err.h"

enum hy_config_type {
	HY_CONFIG_BOOL,		/* bool */
	HY_CONFIG_INT,		/* int64_t, min..max */
	HY_CONFIG_DURATION,	/* int64_t milliseconds, written 90s 5m 48h, min..max */
	HY_CONFIG_BYTES,	/* int64_t, written 64KiB 10MiB or a number, min..max */
	HY_CONFIG_TEXT,		/* char *, length min..max */
	HY_CONFIG_PATH,		/* char *: relative paths count from the file's folder */
	HY_CONFIG_STORE,	/* char *: a store's URL; the PATH of sqlite:PATH likewise */
	HY_CONFIG_CHOICE,	/* int64_t: index into choices */
};

struct hy_config_row {
	const char *key;
	enum hy_config_type type;
	size_t offset;			/* into the section's struct */
	int64_t min, max;
	const char *preset;		/* default, as it would be written */
	const char *unit;		/* for people, or NULL */
	const char *doc;		/* one line */
	const char *const *choices;	/* NULL-terminated; CHOICE only */
	bool restart;			/* a change takes effect at the next start only */
};

struct hy_config_section {
	const char *name;
	const struct hy_config_row *rows;
	size_t row_count;
	size_t struct_bytes;
	/* Fills values that follow from others, or says what does not fit together (Chinese);
	 * called once after a whole section was read. May be NULL. */
	enum hy_err (*finish)(void *values, struct hy_error *e);
};

/*
 * Loads the sections given (each into a fresh struct, *out[i]); sections of the file that
 * are in `known` (NULL-terminated names) but not asked for are skipped, others are findings.
 * path NULL: all presets. Findings, one a line, go to `findings`; MALFORMED if there were any.
 */
enum hy_err hy_config_load(const char *path, const struct hy_config_section *const *sections,
			   size_t count, const char *const *known, void **out,
			   struct hy_buf *findings) HY_MUST_CHECK;
void hy_config_free(const struct hy_config_section *section, void *values);

/* The file that would give these values, with each row's doc and range as comments. */
void hy_config_dump(const struct hy_config_section *section, const void *values, struct hy_buf *out);
/* Key of the first row marked `restart` whose value differs, or NULL. */
const char *hy_config_needs_restart(const struct hy_config_section *section, const void *a,
				    const void *b);

#endif
