#include "alerter/routes.h"

#include <stdlib.h>

#include "common/base/mem.h"

#define ROUTES_FILE "routes.yaml"

static const char *const root_keys[] = {"fallback", "supervisors", "routes", NULL};
static const char *const route_keys[] = {"id",	   "explicit", "topic",	     "place",
					 "severity", "lead",	 "assist",     "basis",
					 "valid_from", "valid_to", NULL};

static const struct {
	const char *id, *title;
} classes[HY_ROUTE_CLASS_COUNT] = {
	[HY_ROUTE_EXPLICIT] = {"explicit", "明确指定"},
	[HY_ROUTE_POLICY] = {"policy", "谁起草谁解读"},
	[HY_ROUTE_TOPIC_PLACE] = {"topic-place", "议题和地点"},
	[HY_ROUTE_TOPIC] = {"topic", "谁主管、谁负责"},
	[HY_ROUTE_PLACE] = {"place", "属地管理"},
	[HY_ROUTE_FALLBACK] = {"fallback", "兜底"},
};

const char *hy_route_class_id(enum hy_route_class class)
{
	return classes[class].id;
}

const char *hy_route_class_title(enum hy_route_class class)
{
	return classes[class].title;
}

struct reader {
	struct hy_routes *routes;
	const struct hy_route_refs *refs;
	struct hy_findings *findings;
};

static bool some_place_matches(const struct hy_places *places, struct hy_str glob)
{
	for (size_t i = 0; i < hy_places_count(places); i++) {
		if (hy_str_glob(glob, hy_places_at(places, i)->id))
			return true;
	}
	return false;
}

static void read_match(const struct reader *r, const struct hy_yaml_node *entry,
		       struct hy_route *route)
{
	bool is_explicit = false;

	(void)hy_yaml_read_text(entry, "topic", false, r->findings, &route->topic);
	(void)hy_yaml_read_text(entry, "place", false, r->findings, &route->place);
	(void)hy_yaml_read_bool(entry, "explicit", r->findings, &is_explicit);
	route->severities = hy_rule_severities(entry, "severity", r->findings);
	if (route->topic.n)
		(void)hy_topics_resolve(r->refs->topics, hy_yaml_get(entry, "topic"), r->findings,
					&route->topic);
	if (route->place.n && !some_place_matches(r->refs->places, route->place))
		hy_yaml_finding(hy_yaml_get(entry, "place"), r->findings,
				"没有地点符合“%.*s”", HY_STR_ARGS(route->place));
	if (!route->topic.n && !route->place.n)
		hy_yaml_finding(entry, r->findings, "路由必须写明 topic 或 place");
	if (is_explicit)
		route->class = HY_ROUTE_EXPLICIT;
	else if (route->topic.n)
		route->class = route->place.n ? HY_ROUTE_TOPIC_PLACE : HY_ROUTE_TOPIC;
	else
		route->class = HY_ROUTE_PLACE;
}

static void read_units(const struct reader *r, const struct hy_yaml_node *entry,
		       struct hy_route *route)
{
	size_t count = hy_rule_word_count(entry, "assist");

	if (hy_yaml_get(entry, "lead"))
		route->lead = hy_units_read(r->refs->units, entry, "lead", 0, r->findings);
	else
		hy_yaml_finding(entry, r->findings, "缺少主办单位（lead）");
	if (hy_rule_word_count(entry, "lead") > 1)
		hy_yaml_finding(hy_yaml_get(entry, "lead"), r->findings,
				"主办单位只能有一个，其他单位写入 assist");
	if (count > HY_ROUTE_ASSIST_MAX) {
		hy_yaml_finding(hy_yaml_get(entry, "assist"), r->findings, "协办单位不超过 %d 个",
				HY_ROUTE_ASSIST_MAX);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct hy_unit *unit = hy_units_read(r->refs->units, entry, "assist", i,
							   r->findings);

		if (unit)
			route->assist[route->assist_count++] = unit;
	}
}

static void read_route(const struct reader *r, const struct hy_yaml_node *entry)
{
	struct hy_route *route = &r->routes->item[r->routes->count];

	/* A row that was refused before may have left its parts here. */
	*route = (struct hy_route){.at = entry};
	if (!hy_yaml_is_mapping(entry)) {
		hy_yaml_finding(entry, r->findings, "每条路由应写成“键: 值”");
		return;
	}
	(void)hy_yaml_known_keys(entry, route_keys, r->findings);
	route->id = hy_rule_id(entry, r->findings);
	for (size_t i = 0; route->id.n && i < r->routes->count; i++) {
		if (hy_str_eq(r->routes->item[i].id, route->id))
			hy_yaml_finding(hy_yaml_get(entry, "id"), r->findings,
					"路由“%.*s”重复，前一处在第 %d 行", HY_STR_ARGS(route->id),
					hy_yaml_line(r->routes->item[i].at));
	}
	(void)hy_yaml_read_text(entry, "basis", true, r->findings, &route->basis);
	hy_validity_read(entry, r->findings, &route->valid);
	read_match(r, entry, route);
	read_units(r, entry, route);
	if (route->lead)
		r->routes->count++;
}

static void read_supervisors(const struct reader *r)
{
	const struct hy_yaml_node *root = hy_yaml_root(r->routes->file);
	const struct hy_yaml_node *map = hy_yaml_get(root, "supervisors");
	const char *keys[HY_SEVERITY_COUNT + 1] = {0};

	if (!map || !hy_yaml_is_mapping(map)) {
		hy_yaml_finding(map ? map : root, r->findings,
				"缺少“supervisors”：每个等级都要有督办单位");
		return;
	}
	for (int i = 0; i < HY_SEVERITY_COUNT; i++)
		keys[i] = hy_severity_id((enum hy_severity)i);
	(void)hy_yaml_known_keys(map, keys, r->findings);
	for (int i = 0; i < HY_SEVERITY_COUNT; i++) {
		if (hy_yaml_get(map, keys[i]))
			r->routes->supervisor[i] = hy_units_read(r->refs->units, map, keys[i], 0,
								 r->findings);
		else
			hy_yaml_finding(map, r->findings, "等级“%s”没有督办单位",
					hy_severity_title((enum hy_severity)i));
	}
}

static void read_all(const struct reader *r)
{
	const struct hy_yaml_node *root = hy_yaml_root(r->routes->file);
	const struct hy_yaml_node *list = hy_rule_list(r->routes->file, "routes", r->findings);
	size_t count = list ? hy_yaml_count(list) : 0;

	(void)hy_yaml_known_keys(root, root_keys, r->findings);
	if (hy_yaml_get(root, "fallback"))
		r->routes->fallback = hy_units_read(r->refs->units, root, "fallback", 0, r->findings);
	else
		hy_yaml_finding(root, r->findings, "缺少兜底单位（fallback）");
	read_supervisors(r);
	if (count > HY_ROUTES_MAX) {
		hy_yaml_finding(list, r->findings, "路由超过 %d 条", HY_ROUTES_MAX);
		return;
	}
	r->routes->item = hy_xcalloc(count + 1, sizeof *r->routes->item);
	for (size_t i = 0; i < count; i++)
		read_route(r, hy_yaml_item(list, i));
}

enum hy_err hy_routes_load(const char *dir, const struct hy_route_refs *refs,
			   struct hy_findings *findings, struct hy_routes **out)
{
	struct hy_routes *routes = hy_xcalloc(1, sizeof *routes);
	struct reader r = {routes, refs, findings};
	enum hy_err err = hy_rule_file_open(dir, ROUTES_FILE, findings, &routes->file);

	if (err) {
		hy_routes_free(routes);
		return err;
	}
	read_all(&r);
	*out = routes;
	return HY_OK;
}

void hy_routes_free(struct hy_routes *routes)
{
	if (!routes)
		return;
	hy_yaml_free(routes->file);
	free(routes->item);
	free(routes);
}

bool hy_route_matches_topic(const struct hy_route *route, struct hy_str topic)
{
	return !route->topic.n || (topic.n && hy_str_glob(route->topic, topic));
}

bool hy_route_matches_place(const struct hy_route *route, struct hy_str place)
{
	return !route->place.n || (place.n && hy_str_glob(route->place, place));
}
