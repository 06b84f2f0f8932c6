/* Runs verbs over a store that a ledger has written, and keeps what they print. */
#ifndef TESTS_UNIT_CLI_VERB_WORLD_H
#define TESTS_UNIT_CLI_VERB_WORLD_H

#include <fcntl.h>
#include <jansson.h>
#include <stddef.h>
#include <unistd.h>

#include "tests/unit/alerter/ledger_world.h"

#define ARGS_MAX 12
#define OUT_BYTES 65536

typedef int verb_fn(int argc, char **argv);

/* Runs a verb with the words of `line` and keeps what it printed. */
static inline int run_verb(struct fixture *f, verb_fn *verb, const char *line, char out[OUT_BYTES])
{
	hy_cleanup(hy_free_p) char *words = hy_xstrdup(line);
	struct hy_str rest = hy_str_of(words), word;
	char path[128], *argv[ARGS_MAX + 1] = {0};
	int argc = 0, keep, file, code;
	ssize_t n;

	while (argc < ARGS_MAX && hy_str_next(&rest, ' ', &word)) {
		argv[argc++] = words + (word.p - words);
		words[word.p - words + (ptrdiff_t)word.n] = '\0';
	}
	(void)snprintf(path, sizeof path, "%s/out", f->engines.folder);
	(void)fflush(stdout);
	keep = dup(1);
	file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_true(keep >= 0 && file >= 0 && dup2(file, 1) == 1);
	code = verb(argc, argv);
	(void)fflush(stdout);
	(void)dup2(keep, 1);
	(void)close(keep);
	n = pread(file, out, OUT_BYTES - 1, 0);
	(void)close(file);
	assert_true(n >= 0);
	out[n] = '\0';
	return code;
}

static inline int ask(struct fixture *f, verb_fn *verb, const char *words, char out[OUT_BYTES])
{
	char line[512];

	(void)snprintf(line, sizeof line, "%s --store %s", words, f->url);
	return run_verb(f, verb, line, out);
}

static inline json_t *first_line(const char *out)
{
	const char *end = strchr(out, '\n');
	json_t *json = json_loadb(out, end ? (size_t)(end - out) : strlen(out), 0, NULL);

	assert_non_null(json);
	return json;
}

#endif
