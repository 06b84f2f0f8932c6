#include "cli/names.h"

#include <stdlib.h>

#include "alerter/units.h"
#include "common/rules/topics.h"

#define UNITS_MAX 100000

static const char select_units[] = "SELECT id, name FROM v_unit ORDER BY id";

void hy_names_init(struct hy_names *names)
{
	hy_map_init(&names->units, UNITS_MAX);
	hy_map_init(&names->topics, HY_TOPICS_MAX);
}

static void fini(struct hy_map *map)
{
	void *name;
	size_t pos = 0;

	while (hy_map_next(map, &pos, NULL, &name))
		free(name);
	hy_map_fini(map);
}

void hy_names_fini(struct hy_names *names)
{
	fini(&names->units);
	fini(&names->topics);
}

static void put(struct hy_map *map, struct hy_str id, struct hy_str name)
{
	char *copy, *old = hy_map_get(map, id);

	if (id.n == 0 || name.n == 0)
		return;
	copy = hy_str_dup(name);
	/* Beyond the limit ids are shown as they are. */
	free(hy_map_set(map, id, copy) == HY_OK ? old : copy);
}

void hy_names_add_rules(struct hy_names *names, const char *rules_dir)
{
	struct hy_findings findings;
	struct hy_units *units = NULL;
	struct hy_topics *topics = NULL;

	hy_findings_init(&findings);
	if (hy_units_load(rules_dir, &findings, &units) == HY_OK)
		for (size_t i = 0; i < units->count; i++)
			put(&names->units, units->item[i].id, units->item[i].name);
	if (hy_topics_load(rules_dir, &findings, &topics, NULL) == HY_OK)
		for (size_t i = 0; i < hy_topics_count(topics); i++)
			put(&names->topics, hy_topics_at(topics, i)->id,
			    hy_topics_at(topics, i)->title);
	hy_units_free(units);
	hy_topics_free(topics);
	hy_findings_fini(&findings);
}

void hy_names_add_store(struct hy_names *names, struct hy_store *store)
{
	struct hy_query *q = hy_store_query(store, select_units);
	bool row;

	/* A store that cannot be read says so where the cases are read from it. */
	while (hy_query_next(q, &row, NULL) == HY_OK && row)
		put(&names->units, hy_query_text(q, 0), hy_query_text(q, 1));
}

bool hy_names_has_unit(const struct hy_names *names, struct hy_str id)
{
	return hy_map_get(&names->units, id) != NULL;
}

static void add(const struct hy_map *map, struct hy_str id, struct hy_buf *out)
{
	const char *name = hy_map_get(map, id);

	hy_buf_add_str(out, name ? hy_str_of(name) : id);
}

void hy_names_topic(const struct hy_names *names, struct hy_str id, struct hy_buf *out)
{
	add(&names->topics, id, out);
}

void hy_names_recipient(const struct hy_names *names, struct hy_str recipient,
			struct hy_buf *out)
{
	struct hy_str post = recipient, unit;

	if (!hy_str_next(&post, '/', &unit))
		return;
	add(&names->units, unit, out);
	if (!hy_map_get(&names->units, unit) && post.n)
		hy_buf_add_c(out, "/");
	hy_buf_add_str(out, post);
}
