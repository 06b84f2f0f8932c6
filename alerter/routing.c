#include "alerter/routing.h"

#include "common/base/mem.h"

#define MINIMAL_PLACES_MAX 64

/* What one place says about who leads. */
struct claim {
	const struct hy_place *place;	/* NULL where the concern names none */
	const struct hy_route *row;	/* NULL: the place's own unit */
	const struct hy_unit *unit;
};

/* What is known about one query while it is decided. */
struct decision {
	const struct hy_rule_set *rules;
	const struct hy_routing_query *query;
	struct hy_routing *out;
	const struct hy_topic *topic;	/* the primary one; NULL where unknown */
	const struct hy_place *places[MINIMAL_PLACES_MAX];	/* in force, the smallest ones */
	size_t place_count;
	struct claim claims[MINIMAL_PLACES_MAX];
	size_t claim_count;
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

/* ---- claims: what each place, or the concern as a whole, says in one class ---- */

static bool in_force(const struct decision *d, const struct hy_unit *unit)
{
	return unit && hy_validity_covers(&unit->valid, d->query->at);
}

static bool row_applies(const struct decision *d, const struct hy_route *row,
			enum hy_route_class class, const struct hy_place *place)
{
	return row->class == class && (row->severities & (1u << d->query->severity)) &&
	       hy_validity_covers(&row->valid, d->query->at) && in_force(d, row->lead) &&
	       hy_route_matches_topic(row, d->topic ? d->topic->id : (struct hy_str){0}) &&
	       hy_route_matches_place(row, place ? place->id : (struct hy_str){0});
}

static const struct hy_route *find_row(const struct decision *d, enum hy_route_class class,
				       const struct hy_place *place)
{
	for (size_t i = 0; i < d->rules->routes->count; i++) {
		const struct hy_route *row = &d->rules->routes->item[i];

		if (row_applies(d, row, class, place))
			return row;
	}
	return NULL;
}

static void claim(struct decision *d, enum hy_route_class class, const struct hy_place *place)
{
	const struct hy_route *row = find_row(d, class, place);
	const struct hy_unit *unit = row ? row->lead : NULL;

	if (!row && class == HY_ROUTE_PLACE && place)
		unit = place_unit(d, place);
	if (unit)
		d->claims[d->claim_count++] = (struct claim){place, row, unit};
}

static void find_claims(struct decision *d, enum hy_route_class class)
{
	d->claim_count = 0;
	for (size_t i = 0; i < d->place_count; i++)
		claim(d, class, d->places[i]);
	if (d->place_count == 0)
		claim(d, class, NULL);
}

static bool claimed_by_one(const struct decision *d)
{
	for (size_t i = 1; i < d->claim_count; i++) {
		if (d->claims[i].unit != d->claims[0].unit)
			return false;
	}
	return true;
}

/* ---- who leads ---- */

static void lead_by_row(struct decision *d, const struct claim *claim)
{
	const struct hy_route *row = claim->row;

	d->out->row = row;
	if (row->topic.n)
		hy_buf_addf(&d->out->because, "议题“%.*s”", HY_STR_ARGS(d->topic->title));
	if (row->place.n)
		hy_buf_addf(&d->out->because, "%s地点“%.*s”", row->topic.n ? "和" : "",
			    HY_STR_ARGS(claim->place->name));
	hy_buf_addf(&d->out->because, "符合%s“%.*s”（%.*s），由%.*s主办\n",
		    row->class == HY_ROUTE_EXPLICIT ? "明确指定" : "路由", HY_STR_ARGS(row->id),
		    HY_STR_ARGS(row->basis), HY_STR_ARGS(row->lead->name));
}

/* The nearest unit in force that stands above all who claim it, or is one of them. */
static const struct hy_unit *common_superior(const struct decision *d)
{
	const struct hy_unit *above = d->claims[0].unit;

	for (; above; above = above->parent) {
		size_t under = 0;

		for (size_t i = 0; i < d->claim_count; i++)
			under += hy_unit_is_under(d->claims[i].unit, above);
		if (under == d->claim_count && in_force(d, above))
			return above;
	}
	return NULL;
}

static void lead_by_superior(struct decision *d)
{
	const struct hy_unit *superior = common_superior(d);
	struct hy_buf *because = &d->out->because;

	d->out->lead = superior ? superior : d->rules->routes->fallback;
	for (size_t i = 0; i < d->claim_count; i++)
		hy_buf_addf(because, "%s“%.*s”属%.*s%s%.*s%s", i ? "，" : "涉及多个单位：",
			    HY_STR_ARGS(d->claims[i].place->name),
			    HY_STR_ARGS(d->claims[i].unit->name), d->claims[i].row ? "（路由“" : "",
			    HY_STR_ARGS(d->claims[i].row ? d->claims[i].row->id : (struct hy_str){0}),
			    d->claims[i].row ? "”）" : "");
	hy_buf_addf(because, "；由%s%.*s主办，各单位协办（分级负责）\n",
		    superior ? "其共同上级" : "兜底单位（没有共同上级）",
		    HY_STR_ARGS(d->out->lead->name));
}

static bool take_class(struct decision *d, enum hy_route_class class)
{
	find_claims(d, class);
	if (d->claim_count == 0)
		return false;
	d->out->class = class;
	d->out->lead = d->claims[0].unit;
	if (!claimed_by_one(d))
		lead_by_superior(d);
	else if (d->claims[0].row)
		lead_by_row(d, &d->claims[0]);
	else
		hy_buf_addf(&d->out->because, "“%.*s”由%.*s管辖（属地管理），由其主办\n",
			    HY_STR_ARGS(d->claims[0].place->name), HY_STR_ARGS(d->out->lead->name));
	return true;
}

/* Where its first drafter is no more, the next one answers for the policy. */
static bool take_policy(struct decision *d)
{
	const struct hy_routing_query *q = d->query;

	for (size_t i = 0; i < q->drafter_count; i++) {
		if (!in_force(d, q->drafters[i]))
			continue;
		d->out->class = HY_ROUTE_POLICY;
		d->out->lead = q->drafters[i];
		hy_buf_addf(&d->out->because, "针对%.*s起草的政策《%.*s》（谁起草谁解读），由其主办\n",
			    HY_STR_ARGS(d->out->lead->name), HY_STR_ARGS(q->policy));
		return true;
	}
	return false;
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
	d->claim_count = 0;
	d->out->class = HY_ROUTE_TOPIC;
	d->out->lead = holder;
	hy_buf_addf(&d->out->because, "议题“%.*s”归口“%s”，%.*s承担该职责（谁主管、谁负责），由其主办\n",
		    HY_STR_ARGS(d->topic->title), hy_role_title(role), HY_STR_ARGS(holder->name));
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

/* ---- who else ---- */

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

static void add_row_assists(struct decision *d, const struct hy_route *row)
{
	for (size_t i = 0; row && i < row->assist_count; i++) {
		if (add_assist(d, row->assist[i]))
			hy_buf_addf(&d->out->because, "路由“%.*s”指定%.*s协办\n",
				    HY_STR_ARGS(row->id), HY_STR_ARGS(row->assist[i]->name));
	}
}

/* Who claimed it and does not lead: named in the reason for the common superior already. */
static void add_claim_assists(struct decision *d)
{
	for (size_t i = 0; i < d->claim_count; i++)
		(void)add_assist(d, d->claims[i].unit);
	for (size_t i = 0; i < d->claim_count; i++)
		add_row_assists(d, d->claims[i].row);
}

static void add_drafters(struct decision *d)
{
	for (size_t i = 0; i < d->query->drafter_count; i++) {
		if (add_assist(d, d->query->drafters[i]))
			hy_buf_addf(&d->out->because, "政策《%.*s》由%.*s起草，由其协办\n",
				    HY_STR_ARGS(d->query->policy),
				    HY_STR_ARGS(d->query->drafters[i]->name));
	}
}

static void add_owners(struct decision *d)
{
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
}

static void find_assists(struct decision *d)
{
	add_claim_assists(d);
	add_drafters(d);
	add_owners(d);
	for (size_t i = 0; i < d->place_count; i++) {
		const struct hy_unit *unit = place_unit(d, d->places[i]);

		if (is_territorial(unit) && add_assist(d, unit))
			hy_buf_addf(&d->out->because, "涉及“%.*s”，由属地%.*s协办\n",
				    HY_STR_ARGS(d->places[i]->name), HY_STR_ARGS(unit->name));
	}
}

/*
 * Nobody supervises himself: where the lead is the supervisor, the unit above does it, and over
 * the topmost one the coordinating office (国办发〔2016〕61号: 本级政府办公厅（室）组织).
 */
static void find_supervisor(struct decision *d)
{
	const struct hy_unit *unit = d->rules->routes->supervisor[d->query->severity];

	if (unit && unit == d->out->lead) {
		do
			unit = unit->parent;
		while (unit && !in_force(d, unit));
		if (!unit && d->rules->routes->fallback != d->out->lead)
			unit = d->rules->routes->fallback;
	}
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
	if (!take_class(&d, HY_ROUTE_EXPLICIT) && !take_policy(&d) &&
	    !take_class(&d, HY_ROUTE_TOPIC_PLACE) && !take_class(&d, HY_ROUTE_TOPIC) &&
	    !take_owner(&d) && !take_class(&d, HY_ROUTE_PLACE))
		take_fallback(&d);
	find_assists(&d);
	find_supervisor(&d);
}

void hy_routing_fini(struct hy_routing *routing)
{
	hy_buf_fini(&routing->because);
}
