/*
 * The sentences of the simulated web, read from *.txt in one folder at start.
 *
 * A file holds sections, `[name]` and then one entry a line; `#` starts a comment. An entry
 * may hold {slots}, which story.c fills. Entries live as long as the text.
 */
#ifndef SIM_TEXT_H
#define SIM_TEXT_H

#include "common/base/err.h"
#include "common/base/str.h"

struct sim_text;

/* The text, to be freed with sim_text_free; NULL and *e filled on failure. */
struct sim_text *sim_text_load(const char *dir, struct hy_error *e);
void sim_text_free(struct sim_text *t);

/* How many entries a section has; 0 where there is none of that name. */
size_t sim_text_count(const struct sim_text *t, const char *section);
/* Entry `index` modulo their number. The section must exist: names are in our own tables. */
struct hy_str sim_text_line(const struct sim_text *t, const char *section, size_t index);

#endif
