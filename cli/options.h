/*
 * Command-line options of one verb as a table; parsing and --help come from it.
 */
#ifndef HY_CLI_OPTIONS_H
#define HY_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct hy_option {
	const char *name;	/* "--config" */
	const char *value;	/* name of its value for --help, or NULL for a switch */
	const char **text;	/* where the value goes */
	bool *flag;		/* where a switch goes */
	const char *doc;
};

struct hy_usage {
	const char *synopsis;	/* "match [--rules DIR] FILE..." */
	const char *summary;	/* one or more lines */
	const struct hy_option *options;
	size_t option_count;
};

#define HY_OPTIONS_GO_ON (-1)

/*
 * Reads argv[1..]: options may stand anywhere before "--" and be written --name value or
 * --name=value; a value that begins with "--" needs the latter. The rest is moved to the front
 * of argv: *out_count operands at argv[1..].
 * Returns HY_OPTIONS_GO_ON, or the exit code where the verb is done (--help, bad usage).
 */
int hy_options_parse(const struct hy_usage *usage, int argc, char **argv, int *out_count);

/* Says what is wrong and how it is used; returns HY_EXIT_USAGE. */
int hy_usage_error(const struct hy_usage *usage, const char *what);

/* The value of -o: "text" (also NULL) or "json"; false for anything else. */
#define HY_OUTPUT_FORMATS "the output formats are text and json"
bool hy_output_parse(const char *text, bool *out_json);

#endif
