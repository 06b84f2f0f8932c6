/*
 * routes.yaml: rows that send a topic, a place, or both to a unit; the supervisor of each
 * severity (分级负责); the unit that takes what nothing else claims.
 *
 * Rows of one class are read in order and the first that matches counts. The classes come in
 * the order of enum hy_route_class, whatever the order in the file (routing.h). Texts are views
 * into the file, which the set keeps open.
 */
#ifndef HY_ALERTER_ROUTES_H
#define HY_ALERTER_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

#include "alerter/rule_file.h"
#include "alerter/units.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/rules/places.h"
#include "common/rules/topics.h"
#include "common/sys/severity.h"
#include "common/sys/yaml.h"

#define HY_ROUTE_ASSIST_MAX 16
#define HY_ROUTES_MAX 2000

/* From the strongest to the weakest. */
enum hy_route_class {
	HY_ROUTE_EXPLICIT,	/* 上级明确指定 */
	HY_ROUTE_POLICY,	/* 涉及受关注的政策：谁起草谁解读; no row is of this class */
	HY_ROUTE_TOPIC_PLACE,
	HY_ROUTE_TOPIC,		/* a row, else the holder of the topic's owner role: 谁主管谁负责 */
	HY_ROUTE_PLACE,		/* a row, else the place's unit: 属地管理 */
	HY_ROUTE_FALLBACK,
	HY_ROUTE_CLASS_COUNT
};
const char *hy_route_class_id(enum hy_route_class class);	/* "topic-place" */
const char *hy_route_class_title(enum hy_route_class class);	/* Chinese */

struct hy_route {
	struct hy_str id, basis;
	enum hy_route_class class;
	struct hy_str topic, place;	/* globs; "" where the row does not ask */
	unsigned severities;
	const struct hy_unit *lead;
	const struct hy_unit *assist[HY_ROUTE_ASSIST_MAX];
	size_t assist_count;
	struct hy_validity valid;
	const struct hy_yaml_node *at;
};

struct hy_routes {
	struct hy_yaml *file;
	struct hy_route *item;
	size_t count;
	const struct hy_unit *fallback;
	const struct hy_unit *supervisor[HY_SEVERITY_COUNT];
};

/* What rows refer to. */
struct hy_route_refs {
	const struct hy_units *units;
	const struct hy_topics *topics;
	const struct hy_places *places;
};
/* References are checked; mistakes are findings. */
enum hy_err hy_routes_load(const char *dir, const struct hy_route_refs *refs,
			   struct hy_findings *findings, struct hy_routes **out) HY_MUST_CHECK;
void hy_routes_free(struct hy_routes *routes);

/* Whether the row speaks about the topic ("" for none), the place ("" for none). */
bool hy_route_matches_topic(const struct hy_route *route, struct hy_str topic);
bool hy_route_matches_place(const struct hy_route *route, struct hy_str place);

#endif
