#include "alerter/routing.h"

#include "common/base/mem.h"

#define MINIMAL_PLACES_MAX 64

/* What is known about one query while it is decided. */
struct decision {
	const struct hy_rule_set *rules;
	const struct hy_routing_query *query;
	struct hy_routing *out;
	const struct hy_topic *topic;	/* the primary one; NULL where unknown */
	const struct hy_place *places[MINIMAL_PLACES_MAX];	/* in force, the smallest ones */
	size_t place_count;
};

static const struct hy_place *place_in_force(const struct decision *d, struct hy_str id)
{
	const struct hy_place *place = hy_places_get(d->rules->places, id);

	while (place && !hy_place_valid_at(place, d->query->at))
		place = hy_places_get(d->rules->places, place->parent);
	return place;
}

/* The unit that answers for a place: its own, or that of the place around it. */
static const struct hy_unit *place_unit(const struct decision *d, const struct hy_place *place)
{
	for (; place; place = hy_places_get(d->rules->places, place->parent)) {
		const struct hy_unit *unit = hy_units_get(d->rules->units, place->unit);

		if (unit && hy_validity_covers(&unit->valid, d->query->at))
			return unit;
	}
	return NULL;
}

static bool holds_place(const struct decision *d, const struct hy_place *place)
{
	for (size_t i = 0; i < d->place_count; i++) {
		if (d->places[i] == place)
			return true;
	}
	return false;
}

/* A street and the district around it are one place: the street. */
static void find_places(struct decision *d)
{
	const struct hy_routing_query *q = d->query;
	const struct hy_place *all[MINIMAL_PLACES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < q->place_count && count < MINIMAL_PLACES_MAX; i++) {
		const struct hy_place *place = place_in_force(d, q->places[i]);

		if (!place)
			hy_buf_addf(&d->out->because, "规则中没有在用的地点“%.*s”，不予考虑\n",
				    HY_STR_ARGS(q->places[i]));
		else
			all[count++] = place;
	}
	for (size_t i = 0; i < count; i++) {
		bool holds_another = false;

		for (size_t j = 0; j < count; j++)
			holds_another |= all[j] != all[i] &&
					 hy_places_within(d->rules->places, all[j]->id, all[i]->id);
		if (!holds_another && !holds_place(d, all[i]))
			d->places[d->place_count++] = all[i];
	}
}

static void find_topic(struct decision *d)
{
	const struct hy_routing_query *q = d->query;

	if (q->topic_count == 0)
		return;
	d->topic = hy_topics_get(d->rules->topics, q->topics[0]);
	if (!d->topic)
		hy_buf_addf(&d->out->because, "规则中没有议题“%.*s”，不予考虑\n",
			    HY_STR_ARGS(q->topics[0]));
}

static const struct hy_place *matching_place(const struct decision *d, const struct hy_route *row)
{
	for (size_t i = 0; i < d->place_count; i++) {
		if (hy_route_matches_place(row, d->places[i]->id))
			return d->places[i];
	}
	return NULL;
}

static const struct hy_route *find_row(const struct decision *d, enum hy_route_class class)
{
	for (size_t i = 0; i < d->rules->routes->count; i++) {
		const struct hy_route *row = &d->rules->routes->item[i];

		if (row->class != class || !(row->severities & (1u << d->query->severity)) ||
		    !hy_validity_covers(&row->valid, d->query->at) ||
		    !hy_validity_covers(&row->lead->valid, d->query->at) ||
		    !hy_route_matches_topic(row, d->topic ? d->topic->id : (struct hy_str){0}))
			continue;
		if (!row->place.n || matching_place(d, row))
			return row;
	}
	return NULL;
}

static bool take_row(struct decision *d, enum hy_route_class class)
{
	const struct hy_route *row = find_row(d, class);
	const struct hy_place *place;

	if (!row)
		return false;
	d->out->class = class;
	d->out->row = row;
	d->out->lead = row->lead;
	if (row->topic.n)
		hy_buf_addf(&d->out->because, "议题“%.*s”", HY_STR_ARGS(d->topic->title));
	place = row->place.n ? matching_place(d, row) : NULL;
	if (place)
		hy_buf_addf(&d->out->because, "%s地点“%.*s”", row->topic.n ? "和" : "",
			    HY_STR_ARGS(place->name));
	hy_buf_addf(&d->out->because, "符合%s“%.*s”（%.*s），由%.*s主办\n",
		    class == HY_ROUTE_EXPLICIT ? "明确指定" : "路由", HY_STR_ARGS(row->id),
		    HY_STR_ARGS(row->basis), HY_STR_ARGS(row->lead->name));
	return true;
}

static bool take_owner(struct decision *d)
{
	const struct hy_unit *holder;
	enum hy_role role;

	if (!d->topic || !hy_role_parse(d->topic->owner, &role))
		return false;
	holder = hy_units_holder(d->rules->units, role, d->query->at, NULL);
	if (!holder)
		return false;
	d->out->class = HY_ROUTE_TOPIC;
	d->out->lead = holder;
	hy_buf_addf(&d->out->because, "议题“%.*s”归口“%s”，%.*s承担该职责（谁主管、谁负责），由其主办\n",
		    HY_STR_ARGS(d->topic->title), hy_role_title(role), HY_STR_ARGS(holder->name));
	return true;
}

/* The nearest place that all of them lie in; NULL where there is none. */
static const struct hy_place *common_superior(const struct decision *d)
{
	const struct hy_place *above = d->places[0];

	for (; above; above = hy_places_get(d->rules->places, above->parent)) {
		size_t inside = 0;

		for (size_t i = 0; i < d->place_count; i++)
			inside += hy_places_within(d->rules->places, d->places[i]->id, above->id);
		if (inside == d->place_count)
			return above;
	}
	return NULL;
}

static bool one_unit_for_all(const struct decision *d, const struct hy_unit *unit)
{
	for (size_t i = 1; i < d->place_count; i++) {
		if (place_unit(d, d->places[i]) != unit)
			return false;
	}
	return true;
}

/* Where the places around them name no unit, the coordinating office stands above them all. */
static const struct hy_unit *superior_unit(const struct decision *d)
{
	const struct hy_unit *unit = place_unit(d, common_superior(d));

	return unit ? unit : d->rules->routes->fallback;
}

static bool take_place(struct decision *d)
{
	const struct hy_unit *unit;

	if (d->place_count == 0)
		return false;
	unit = place_unit(d, d->places[0]);
	if (one_unit_for_all(d, unit)) {
		if (!unit)
			return false;
		hy_buf_addf(&d->out->because, "“%.*s”由%.*s管辖（属地管理），由其主办\n",
			    HY_STR_ARGS(d->places[0]->name), HY_STR_ARGS(unit->name));
	} else {
		unit = superior_unit(d);
		if (!unit)
			return false;
		hy_buf_addf(&d->out->because, "涉及多个属地，由其共同上级%.*s主办（分级负责）\n",
			    HY_STR_ARGS(unit->name));
	}
	d->out->class = HY_ROUTE_PLACE;
	d->out->lead = unit;
	return true;
}

static void take_fallback(struct decision *d)
{
	d->out->class = HY_ROUTE_FALLBACK;
	d->out->lead = d->rules->routes->fallback;
	if (d->out->lead)
		hy_buf_addf(&d->out->because, "没有路由、主管部门或属地与之相符，由兜底单位%.*s主办\n",
			    HY_STR_ARGS(d->out->lead->name));
}

static bool add_assist(struct decision *d, const struct hy_unit *unit)
{
	struct hy_routing *out = d->out;

	if (!unit || unit == out->lead || out->assist_count == HY_ASSIST_MAX ||
	    !hy_validity_covers(&unit->valid, d->query->at))
		return false;
	for (size_t i = 0; i < out->assist_count; i++) {
		if (out->assist[i] == unit)
			return false;
	}
	out->assist[out->assist_count++] = unit;
	return true;
}

/* The district as a place is everywhere: only a street or a park has something to add. */
static bool is_territorial(const struct hy_unit *unit)
{
	return unit && (unit->kind == HY_UNIT_STREET || unit->kind == HY_UNIT_PARK);
}

static void find_assists(struct decision *d)
{
	const struct hy_route *row = d->out->row;

	for (size_t i = 0; row && i < row->assist_count; i++) {
		if (add_assist(d, row->assist[i]))
			hy_buf_addf(&d->out->because, "路由指定%.*s协办\n",
				    HY_STR_ARGS(row->assist[i]->name));
	}
	for (size_t i = 1; i < d->query->topic_count; i++) {
		const struct hy_topic *topic = hy_topics_get(d->rules->topics, d->query->topics[i]);
		const struct hy_unit *unit;
		enum hy_role role;

		if (!topic || !hy_role_parse(topic->owner, &role))
			continue;
		unit = hy_units_holder(d->rules->units, role, d->query->at, NULL);
		if (add_assist(d, unit))
			hy_buf_addf(&d->out->because, "还涉及议题“%.*s”，由%.*s协办\n",
				    HY_STR_ARGS(topic->title), HY_STR_ARGS(unit->name));
	}
	for (size_t i = 0; i < d->place_count; i++) {
		const struct hy_unit *unit = place_unit(d, d->places[i]);

		if (is_territorial(unit) && add_assist(d, unit))
			hy_buf_addf(&d->out->because, "涉及“%.*s”，由属地%.*s协办\n",
				    HY_STR_ARGS(d->places[i]->name), HY_STR_ARGS(unit->name));
	}
}

/* Nobody supervises himself: where the lead is the supervisor, the unit above does it. */
static void find_supervisor(struct decision *d)
{
	const struct hy_unit *unit = d->rules->routes->supervisor[d->query->severity];

	if (unit && unit == d->out->lead && unit->parent)
		unit = unit->parent;
	d->out->supervisor = unit;
	if (unit)
		hy_buf_addf(&d->out->because, "等级为%s，由%.*s督办（分级负责）\n",
			    hy_severity_title(d->query->severity), HY_STR_ARGS(unit->name));
}

void hy_routing_decide(const struct hy_rule_set *rules, const struct hy_routing_query *query,
		       struct hy_routing *out)
{
	struct decision d = {.rules = rules, .query = query, .out = out};

	*out = (struct hy_routing){0};
	hy_buf_init(&out->because, HY_BECAUSE_BYTES);
	find_topic(&d);
	find_places(&d);
	if (!take_row(&d, HY_ROUTE_EXPLICIT) && !take_row(&d, HY_ROUTE_TOPIC_PLACE) &&
	    !take_row(&d, HY_ROUTE_TOPIC) && !take_owner(&d) && !take_row(&d, HY_ROUTE_PLACE) &&
	    !take_place(&d))
		take_fallback(&d);
	find_assists(&d);
	find_supervisor(&d);
}

void hy_routing_fini(struct hy_routing *routing)
{
	hy_buf_fini(&routing->because);
}
