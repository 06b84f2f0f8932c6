/*
 * Places: what rules/places.yaml says about the district's streets, parks and zones.
 *
 * Names are ambiguous (every city has a 高新区), so each name is evidence either by itself or
 * only where one of certain words stands in the same document, or where the source is known to
 * be about the district. Finding them in text is the analyzer's; routing needs id, parent, unit
 * and validity. Strings and nodes are borrowed from the set and live as long as it does.
 */
#ifndef HY_RULES_PLACES_H
#define HY_RULES_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/content_id.h"
#include "common/sys/yaml.h"

#define HY_PLACES_MAX 5000
#define HY_PLACE_NAMES_MAX 64
#define HY_PLACE_NEEDS_MAX 32

struct hy_place_name {
	struct hy_str text;
	bool unique;			/* evidence by itself; else the place's needs apply */
	const struct hy_yaml_node *node;
};

struct hy_place {
	struct hy_str id;		/* "shunhua-road" */
	struct hy_str name;		/* 舜华路街道; also names[0] */
	struct hy_str parent;		/* a place id, or "" */
	struct hy_str unit;		/* who answers for the place (属地), or "" */
	const struct hy_place_name *names;
	size_t name_count;
	const struct hy_str *needs;	/* 济南, 泉城: one of them makes an ambiguous name ours */
	size_t need_count;
	const struct hy_str *codes;	/* division codes, the present one first */
	size_t code_count;
	struct hy_wall valid_from, valid_to;	/* half-open; HY_WALL_NONE: no bound */
	const struct hy_yaml_node *node;
};

struct hy_places;

/*
 * Reads places.yaml. Mistakes become findings and that place is left out (unknown parents, loops
 * and duplicate ids are mistakes); compare findings->count. IO where the file cannot be read.
 */
enum hy_err hy_places_load(const char *rules_dir, struct hy_findings *findings,
			   struct hy_places **out, struct hy_error *e) HY_MUST_CHECK;
/* The same for a file in memory; `name` is how findings call it. */
struct hy_places *hy_places_parse(struct hy_str text, const char *name,
				  struct hy_findings *findings);
void hy_places_free(struct hy_places *places);	/* free(NULL) is legal */

size_t hy_places_count(const struct hy_places *places);
const struct hy_place *hy_places_at(const struct hy_places *places, size_t index);
const struct hy_place *hy_places_get(const struct hy_places *places, struct hy_str id);	/* or NULL */
bool hy_place_valid_at(const struct hy_place *place, struct hy_wall at);
/* True where `inner` is `outer` or lies in it. */
bool hy_places_within(const struct hy_places *places, struct hy_str inner, struct hy_str outer);

/* Names of other places that make an ambiguous name right behind them not ours (成都高新区). */
size_t hy_places_elsewhere(const struct hy_places *places, const struct hy_str **out);

/* Content id over the file's bytes. */
struct hy_id hy_places_version(const struct hy_places *places);

#endif
