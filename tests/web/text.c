#include "tests/web/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/buf.h"

#define FILE_BYTES_MAX (1u << 20)
#define SECTIONS_MAX 512

static const char *const file_names[] = {"words.txt", "concerns.txt", "ordinary.txt",
					 "filler.txt"};

struct section {
	struct hy_str *line;
	size_t count, cap;
};

struct sim_text {
	struct hy_map sections;
	char *content[HY_COUNT(file_names)];	/* the files; entries are views into them */
};

static char *read_file(const char *dir, const char *name, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf path = HY_BUF(4096);
	hy_cleanup(hy_buf_fini) struct hy_buf content = HY_BUF(FILE_BYTES_MAX);
	FILE *f;

	hy_buf_addf(&path, "%s/%s", dir, name);
	f = hy_buf_err(&path) ? NULL : fopen(path.p, "rb");
	if (!f) {
		hy_fail(e, HY_ERR_IO, "%s/%s: cannot be opened", dir, name);
		return NULL;
	}
	for (size_t n = 1; n > 0;) {
		char piece[4096];

		n = fread(piece, 1, sizeof piece, f);
		hy_buf_add(&content, piece, n);
	}
	if (ferror(f) || hy_buf_err(&content))
		hy_fail(e, HY_ERR_IO, "%s/%s: cannot be read", dir, name);
	fclose(f);
	return hy_buf_take(&content);
}

static struct section *section_of(struct sim_text *t, struct hy_str name)
{
	struct section *s = hy_map_get(&t->sections, name);

	if (s)
		return s;
	s = hy_xcalloc(1, sizeof *s);
	if (hy_map_set(&t->sections, name, s)) {
		free(s);
		return NULL;
	}
	return s;
}

static enum hy_err parse(struct sim_text *t, const char *file, const char *content,
			 struct hy_error *e)
{
	struct hy_str rest = hy_str_of(content), line;
	struct section *current = NULL;

	for (int number = 1; hy_str_next(&rest, '\n', &line); number++) {
		line = hy_str_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (line.p[0] == '[' && line.p[line.n - 1] == ']') {
			current = section_of(t, hy_str_sub(line, 1, line.n - 2));
			continue;
		}
		if (!current)
			return hy_fail(e, HY_ERR_MALFORMED, "%s:%d: text outside a section", file,
				       number);
		current->line = hy_grow(current->line, &current->cap, current->count + 1,
					sizeof *current->line);
		current->line[current->count++] = line;
	}
	return HY_OK;
}

struct sim_text *sim_text_load(const char *dir, struct hy_error *e)
{
	struct sim_text *t = hy_xcalloc(1, sizeof *t);

	hy_map_init(&t->sections, SECTIONS_MAX);
	for (size_t i = 0; i < HY_COUNT(file_names); i++) {
		t->content[i] = read_file(dir, file_names[i], e);
		if (!t->content[i] || parse(t, file_names[i], t->content[i], e)) {
			sim_text_free(t);
			return NULL;
		}
	}
	return t;
}

void sim_text_free(struct sim_text *t)
{
	size_t at = 0;
	void *value;

	while (hy_map_next(&t->sections, &at, NULL, &value)) {
		struct section *s = value;

		free(s->line);
		free(s);
	}
	hy_map_fini(&t->sections);
	for (size_t i = 0; i < HY_COUNT(t->content); i++)
		free(t->content[i]);
	free(t);
}

size_t sim_text_count(const struct sim_text *t, const char *name)
{
	const struct section *s = hy_map_get(&t->sections, hy_str_of(name));

	return s ? s->count : 0;
}

struct hy_str sim_text_line(const struct sim_text *t, const char *name, size_t index)
{
	const struct section *s = hy_map_get(&t->sections, hy_str_of(name));

	hy_assert(s && s->count > 0);
	return s->line[index % s->count];
}
