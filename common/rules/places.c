#include "common/rules/places.h"

#include <stdlib.h>

#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/rules/files.h"

#define ELSEWHERE_MAX 1000

struct texts {
	struct hy_str *at;
	size_t count;
};

struct hy_places {
	struct hy_yaml *file;
	struct hy_place **items;
	size_t count, cap;
	struct hy_map by_id;
	struct texts elsewhere;
	struct hy_id version;
};

struct reader {
	struct hy_places *places;
	struct hy_findings *findings;
};

static const char *const file_keys[] = {"places", "elsewhere", "note", NULL};
static const char *const place_keys[] = {
	"id", "name", "aliases", "codes", "parent", "unit", "evidence",
	"valid_from", "valid_to", "note", NULL,
};
static const char *const evidence_keys[] = {"unique", "needs", NULL};
static const char *const alias_keys[] = {"name", "unique", NULL};

/* ---- lists of texts ---- */

/*
 * mapping[key] as texts; *out stays as it is where the key is absent. The caller frees out->at.
 */
static bool read_texts(struct reader *r, const struct hy_yaml_node *mapping, const char *key,
		       size_t max, struct texts *out)
{
	const struct hy_yaml_node *list = hy_yaml_get(mapping, key);
	size_t count = list && hy_yaml_is_sequence(list) ? hy_yaml_count(list) : 0;

	if (!list)
		return true;
	if (!hy_yaml_is_sequence(list) || count > max) {
		hy_yaml_finding(list, r->findings, "%s 应为列表，至多 %zu 项", key, max);
		return false;
	}
	struct hy_str *texts = hy_xcalloc(count ? count : 1, sizeof *texts);

	for (size_t i = 0; i < count; i++) {
		texts[i] = hy_yaml_text(hy_yaml_item(list, i));
		if (texts[i].n == 0) {
			hy_yaml_finding(hy_yaml_item(list, i), r->findings, "%s 里有空项", key);
			free(texts);
			return false;
		}
	}
	*out = (struct texts){texts, count};
	return true;
}

/* ---- one place ---- */

static bool read_evidence(struct reader *r, struct hy_place *place, bool *out_unique)
{
	const struct hy_yaml_node *evidence = hy_yaml_get(place->node, "evidence");
	struct texts needs = {0};

	if (!evidence) {
		hy_yaml_finding(place->node, r->findings,
				"地点没有 evidence：写 unique: true（名称独一无二）或 needs: [济南, …]");
		return false;
	}
	if (!hy_yaml_is_mapping(evidence) ||
	    !hy_yaml_known_keys(evidence, evidence_keys, r->findings)) {
		hy_yaml_finding(evidence, r->findings, "evidence 应为 {unique: true} 或 {needs: […]}");
		return false;
	}
	if (hy_yaml_get(evidence, "unique") &&
	    !hy_yaml_read_bool(evidence, "unique", r->findings, out_unique))
		return false;
	if (!read_texts(r, evidence, "needs", HY_PLACE_NEEDS_MAX, &needs))
		return false;
	place->needs = needs.at;
	place->need_count = needs.count;
	if (!*out_unique && place->need_count == 0) {
		hy_yaml_finding(evidence, r->findings, "名称不唯一的地点须在 needs 里列出佐证词");
		return false;
	}
	return true;
}

static bool read_alias(struct reader *r, const struct hy_yaml_node *node, bool unique,
		       struct hy_place_name *out)
{
	struct hy_place_name name = {.unique = unique, .node = node};

	if (hy_yaml_is_mapping(node)) {
		if (!hy_yaml_known_keys(node, alias_keys, r->findings) ||
		    !hy_yaml_read_text(node, "name", true, r->findings, &name.text))
			return false;
		if (hy_yaml_get(node, "unique") &&
		    !hy_yaml_read_bool(node, "unique", r->findings, &name.unique))
			return false;
	} else {
		name.text = hy_yaml_text(node);
	}
	if (name.text.n == 0) {
		hy_yaml_finding(node, r->findings, "别名是空的");
		return false;
	}
	*out = name;
	return true;
}

static bool read_names(struct reader *r, struct hy_place *place, bool unique)
{
	const struct hy_yaml_node *aliases = hy_yaml_get(place->node, "aliases");
	size_t count = aliases ? hy_yaml_count(aliases) : 0;

	if (aliases && (!hy_yaml_is_sequence(aliases) || count >= HY_PLACE_NAMES_MAX)) {
		hy_yaml_finding(aliases, r->findings, "aliases 应为列表，少于 %d 项",
				HY_PLACE_NAMES_MAX);
		return false;
	}
	struct hy_place_name *names = hy_xcalloc(count + 1, sizeof *names);

	place->names = names;
	names[0] = (struct hy_place_name){place->name, unique, hy_yaml_get(place->node, "name")};
	place->name_count = 1;
	for (size_t i = 0; i < count; i++)
		if (!read_alias(r, hy_yaml_item(aliases, i), unique, &names[place->name_count++]))
			return false;
	for (size_t i = 0; i < place->name_count; i++) {
		if (names[i].unique || place->need_count)
			continue;
		hy_yaml_finding(names[i].node, r->findings, "不唯一的名称须有 evidence.needs");
		return false;
	}
	return true;
}

static bool read_span(struct reader *r, struct hy_place *place)
{
	const struct hy_yaml_node *node = place->node;

	if (hy_yaml_get(node, "valid_from") &&
	    !hy_yaml_read_wall(node, "valid_from", r->findings, &place->valid_from))
		return false;
	if (hy_yaml_get(node, "valid_to") &&
	    !hy_yaml_read_wall(node, "valid_to", r->findings, &place->valid_to))
		return false;
	if (hy_wall_known(place->valid_from) && hy_wall_known(place->valid_to) &&
	    place->valid_to.ms <= place->valid_from.ms) {
		hy_yaml_finding(hy_yaml_get(node, "valid_to"), r->findings,
				"valid_to 不晚于 valid_from");
		return false;
	}
	return true;
}

static bool read_optional(struct reader *r, const struct hy_yaml_node *node, const char *key,
			  struct hy_str *out)
{
	return !hy_yaml_get(node, key) || hy_yaml_read_text(node, key, false, r->findings, out);
}

static bool fill_place(struct reader *r, struct hy_place *place)
{
	const struct hy_yaml_node *node = place->node;
	struct texts codes = {0};
	bool unique = false;

	if (!hy_yaml_is_mapping(node)) {
		hy_yaml_finding(node, r->findings, "地点应为“键: 值”的映射");
		return false;
	}
	bool good = hy_yaml_known_keys(node, place_keys, r->findings);
	good = hy_yaml_read_text(node, "id", true, r->findings, &place->id) && good;
	good = hy_yaml_read_text(node, "name", true, r->findings, &place->name) && good;
	good = read_optional(r, node, "parent", &place->parent) && good;
	good = read_optional(r, node, "unit", &place->unit) && good;
	good = read_texts(r, node, "codes", HY_PLACE_NAMES_MAX, &codes) && good;
	place->codes = codes.at;
	place->code_count = codes.count;
	good = good && read_evidence(r, place, &unique) && read_names(r, place, unique);
	good = good && read_span(r, place);
	if (good && hy_places_get(r->places, place->id)) {
		hy_yaml_finding(hy_yaml_get(node, "id"), r->findings, "地点编号 %.*s 重复",
				HY_STR_ARGS(place->id));
		return false;
	}
	return good;
}

static void free_constant(const void *p)
{
	void *memory;

	memcpy(&memory, &p, sizeof memory);
	free(memory);
}

static void place_free(struct hy_place *place)
{
	free_constant(place->names);
	free_constant(place->needs);
	free_constant(place->codes);
	free(place);
}

static void read_place(struct reader *r, const struct hy_yaml_node *node)
{
	struct hy_places *places = r->places;
	struct hy_place *place = hy_xcalloc(1, sizeof *place);

	place->node = node;
	place->valid_from = place->valid_to = HY_WALL_NONE;
	if (!fill_place(r, place)) {
		place_free(place);
		return;
	}
	places->items = hy_grow(places->items, &places->cap, places->count + 1, sizeof place);
	places->items[places->count++] = place;
	enum hy_err stored = hy_map_set(&places->by_id, place->id, place);
	hy_assert(stored == HY_OK);
}

/* ---- the tree of parents ---- */

static void check_parents(struct reader *r)
{
	struct hy_places *places = r->places;

	for (size_t i = 0; i < places->count; i++) {
		struct hy_place *place = places->items[i];
		const struct hy_place *up = place;
		size_t steps = 0;

		while (up && up->parent.n && steps++ <= places->count)
			up = hy_places_get(places, up->parent);
		if (up && !up->parent.n)
			continue;
		hy_yaml_finding(hy_yaml_get(place->node, "parent"), r->findings,
				up ? "上级地点成环：%.*s" : "上级地点 %.*s 不存在",
				HY_STR_ARGS(place->parent));
		/* Left in the set without its parent, so that the others still can be judged. */
		place->parent = (struct hy_str){0};
	}
}

static void read_root(struct reader *r, const struct hy_yaml_node *root)
{
	const struct hy_yaml_node *list = hy_yaml_get(root, "places");

	(void)hy_yaml_known_keys(root, file_keys, r->findings);
	(void)read_texts(r, root, "elsewhere", ELSEWHERE_MAX, &r->places->elsewhere);
	if (!list || !hy_yaml_is_sequence(list) || hy_yaml_count(list) > HY_PLACES_MAX) {
		hy_yaml_finding(list ? list : root, r->findings, "places 应为列表，至多 %d 项",
				HY_PLACES_MAX);
		return;
	}
	for (size_t i = 0; i < hy_yaml_count(list); i++)
		read_place(r, hy_yaml_item(list, i));
	check_parents(r);
}

struct hy_places *hy_places_parse(struct hy_str text, const char *name,
				  struct hy_findings *findings)
{
	struct hy_places *places = hy_xcalloc(1, sizeof *places);
	struct reader r = {places, findings};

	hy_map_init(&places->by_id, HY_PLACES_MAX);
	places->version = hy_id_of(&text, 1);
	if (hy_yaml_parse(text, name, findings, &places->file))
		return places;
	const struct hy_yaml_node *root = hy_yaml_root(places->file);
	if (root && hy_yaml_is_mapping(root))
		read_root(&r, root);
	else
		hy_rules_finding(findings, "%s:1:1: 应为 places: […]", name);
	return places;
}

enum hy_err hy_places_load(const char *rules_dir, struct hy_findings *findings,
			   struct hy_places **out, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf path = {0};
	hy_cleanup(hy_buf_fini) struct hy_buf text = {0};

	hy_buf_init(&path, 4096);
	hy_buf_init(&text, HY_YAML_FILE_BYTES);
	hy_buf_addf(&path, "%s/places.yaml", rules_dir);
	if (hy_buf_err(&path))
		return hy_fail(e, HY_ERR_LIMIT, "the path of the rules is too long");
	enum hy_err err = hy_rules_read(path.p, &text, e);
	if (!err)
		*out = hy_places_parse(hy_buf_str(&text), path.p, findings);
	return err;
}

void hy_places_free(struct hy_places *places)
{
	if (!places)
		return;
	for (size_t i = 0; i < places->count; i++)
		place_free(places->items[i]);
	free(places->items);
	free(places->elsewhere.at);
	hy_map_fini(&places->by_id);
	hy_yaml_free(places->file);
	free(places);
}

/* ---- reading the set ---- */

size_t hy_places_count(const struct hy_places *places)
{
	return places->count;
}

const struct hy_place *hy_places_at(const struct hy_places *places, size_t index)
{
	hy_assert(index < places->count);
	return places->items[index];
}

const struct hy_place *hy_places_get(const struct hy_places *places, struct hy_str id)
{
	return hy_map_get(&places->by_id, id);
}

bool hy_place_valid_at(const struct hy_place *place, struct hy_wall at)
{
	return (!hy_wall_known(place->valid_from) || at.ms >= place->valid_from.ms) &&
	       (!hy_wall_known(place->valid_to) || at.ms < place->valid_to.ms);
}

bool hy_places_within(const struct hy_places *places, struct hy_str inner, struct hy_str outer)
{
	const struct hy_place *place = hy_places_get(places, inner);

	while (place && !hy_str_eq(place->id, outer))
		place = hy_places_get(places, place->parent);
	return place != NULL;
}

size_t hy_places_elsewhere(const struct hy_places *places, const struct hy_str **out)
{
	*out = places->elsewhere.at;
	return places->elsewhere.count;
}

struct hy_id hy_places_version(const struct hy_places *places)
{
	return places->version;
}
