#include "alerter/proof.h"

#include <stdlib.h>
#include <string.h>

#include "alerter/routing.h"
#include "common/base/mem.h"

#define DAY_MS (24LL * 3600 * 1000)

/* One topic, or place, for all that the routes treat alike. "" stands for none. */
struct classes {
	struct hy_str *id;
	size_t count;
};

struct proof {
	const struct hy_rule_set *rules;
	struct hy_findings *findings;
	struct hy_wall from, to;
	struct hy_moments moments;
	struct classes topics, places;
	bool *wins;		/* per row: decided at least one cell */
	bool *told;		/* per row: already has a finding about its overlap */
	bool overflowed;	/* more moments than can be looked at: told */
};

static const char *day_text(struct hy_wall at, char out[HY_RFC3339_BYTES])
{
	return hy_wall_format(at, out);
}

static void collect(struct proof *p, struct hy_validity valid, const struct hy_yaml_node *at)
{
	if (hy_moments_add_validity(&p->moments, &valid, p->from, p->to) || p->overflowed)
		return;
	p->overflowed = true;
	hy_yaml_finding(at, p->findings, "有效期的起止时刻超过 %d 个，无法逐一验证", HY_RULE_ENTRIES_MAX);
}

static void collect_moments(struct proof *p)
{
	const struct hy_rule_set *r = p->rules;

	(void)hy_moments_add(&p->moments, p->from, p->from, p->to);
	for (size_t i = 0; i < r->units->count; i++)
		collect(p, r->units->item[i].valid, r->units->item[i].at);
	for (size_t i = 0; i < r->routes->count; i++)
		collect(p, r->routes->item[i].valid, r->routes->item[i].at);
	for (size_t i = 0; i < hy_places_count(r->places); i++) {
		const struct hy_place *place = hy_places_at(r->places, i);

		collect(p, (struct hy_validity){place->valid_from, place->valid_to}, place->node);
	}
	for (size_t i = 0; i < hy_topics_count(r->topics); i++) {
		const struct hy_topic *topic = hy_topics_at(r->topics, i);

		collect(p, (struct hy_validity){topic->valid_from, topic->valid_to}, topic->node);
	}
	for (size_t i = 0; i < hy_policies_count(r->policies); i++) {
		const struct hy_policy *policy = hy_policies_at(r->policies, i);

		collect(p, (struct hy_validity){policy->valid_from, policy->valid_to}, policy->node);
	}
}

static bool topics_alike(const struct proof *p, struct hy_str a, struct hy_str b)
{
	const struct hy_topic *ta = hy_topics_get(p->rules->topics, a);
	const struct hy_topic *tb = hy_topics_get(p->rules->topics, b);

	if (!ta || !tb || !hy_str_eq(ta->owner, tb->owner))
		return ta == tb;
	for (size_t i = 0; i < p->rules->routes->count; i++) {
		const struct hy_route *row = &p->rules->routes->item[i];

		if (hy_route_matches_topic(row, a) != hy_route_matches_topic(row, b))
			return false;
	}
	return true;
}

static bool places_alike(const struct proof *p, struct hy_str a, struct hy_str b)
{
	const struct hy_place *pa = hy_places_get(p->rules->places, a);
	const struct hy_place *pb = hy_places_get(p->rules->places, b);

	if (!pa || !pb)
		return pa == pb;
	if (!hy_str_eq(pa->unit, pb->unit) || !hy_str_eq(pa->parent, pb->parent) ||
	    pa->valid_from.ms != pb->valid_from.ms || pa->valid_to.ms != pb->valid_to.ms)
		return false;
	for (size_t i = 0; i < p->rules->routes->count; i++) {
		const struct hy_route *row = &p->rules->routes->item[i];

		if (hy_route_matches_place(row, a) != hy_route_matches_place(row, b))
			return false;
	}
	return true;
}

static void add_class(const struct proof *p, struct classes *classes, struct hy_str id,
		      bool (*alike)(const struct proof *, struct hy_str, struct hy_str))
{
	for (size_t i = 0; i < classes->count; i++) {
		if (alike(p, classes->id[i], id))
			return;
	}
	classes->id[classes->count++] = id;
}

static void collect_classes(struct proof *p)
{
	size_t topics = hy_topics_count(p->rules->topics);
	size_t places = hy_places_count(p->rules->places);

	p->topics.id = hy_xcalloc(topics + 1, sizeof *p->topics.id);
	p->places.id = hy_xcalloc(places + 1, sizeof *p->places.id);
	add_class(p, &p->topics, (struct hy_str){0}, topics_alike);
	for (size_t i = 0; i < topics; i++)
		add_class(p, &p->topics, hy_topics_at(p->rules->topics, i)->id, topics_alike);
	add_class(p, &p->places, (struct hy_str){0}, places_alike);
	for (size_t i = 0; i < places; i++)
		add_class(p, &p->places, hy_places_at(p->rules->places, i)->id, places_alike);
}

/* How the cells of two rows lie to each other, in one dimension. */
struct overlap {
	bool meet;	/* some cell belongs to both */
	bool a_in_b;	/* every cell of a belongs to b */
	bool b_in_a;
};

static struct overlap compare_in(const struct classes *classes, const struct hy_route *a,
				 const struct hy_route *b,
				 bool (*matches)(const struct hy_route *, struct hy_str))
{
	struct overlap o = {.a_in_b = true, .b_in_a = true};

	for (size_t i = 0; i < classes->count; i++) {
		bool in_a = matches(a, classes->id[i]), in_b = matches(b, classes->id[i]);

		o.meet |= in_a && in_b;
		o.a_in_b &= !in_a || in_b;
		o.b_in_a &= !in_b || in_a;
	}
	return o;
}

static struct overlap compare(const struct proof *p, const struct hy_route *a,
			      const struct hy_route *b)
{
	struct overlap t = compare_in(&p->topics, a, b, hy_route_matches_topic);
	struct overlap q = compare_in(&p->places, a, b, hy_route_matches_place);

	return (struct overlap){
		.meet = t.meet && q.meet && (a->severities & b->severities) &&
			hy_validity_overlap(&a->valid, &b->valid),
		.a_in_b = t.a_in_b && q.a_in_b && !(a->severities & ~b->severities) &&
			  hy_validity_within(&a->valid, &b->valid),
		.b_in_a = t.b_in_a && q.b_in_a && !(b->severities & ~a->severities) &&
			  hy_validity_within(&b->valid, &a->valid),
	};
}

/* Rows of the past stay, to say why a case of then went where it did. */
static bool is_over(const struct proof *p, const struct hy_route *row)
{
	return hy_wall_known(row->valid.to) && row->valid.to.ms <= p->from.ms;
}

/*
 * Of two rows of one class that meet, the later may be the wider one: then the first is an
 * exception to it. The same width with another lead, or a partial overlap with another lead,
 * is two leads for a cell; a later row inside an earlier one never decides.
 */
static void compare_rows(struct proof *p, size_t first, size_t second)
{
	const struct hy_route *a = &p->rules->routes->item[first];
	const struct hy_route *b = &p->rules->routes->item[second];
	struct overlap o = compare(p, a, b);

	if (!o.meet || p->told[second] || is_over(p, a) || is_over(p, b))
		return;
	if (o.b_in_a && (!o.a_in_b || a->lead == b->lead)) {
		hy_yaml_finding(b->at, p->findings,
				"路由“%.*s”永远不会生效：第 %d 行的“%.*s”在前面全部占去",
				HY_STR_ARGS(b->id), hy_yaml_line(a->at), HY_STR_ARGS(a->id));
	} else if (!o.a_in_b || o.b_in_a) {
		if (a->lead == b->lead)
			return;
		hy_yaml_finding(b->at, p->findings,
				"同一情形有两个主办单位：“%.*s”给%.*s，第 %d 行的“%.*s”给%.*s",
				HY_STR_ARGS(b->id), HY_STR_ARGS(b->lead->name),
				hy_yaml_line(a->at), HY_STR_ARGS(a->id),
				HY_STR_ARGS(a->lead->name));
	} else {
		return;
	}
	p->told[second] = true;
}

static void prove_rows(struct proof *p)
{
	const struct hy_routes *routes = p->rules->routes;

	for (size_t i = 0; i < routes->count; i++) {
		const struct hy_route *row = &routes->item[i];

		if (!hy_validity_within(&row->valid, &row->lead->valid))
			hy_yaml_finding(row->at, p->findings,
					"路由“%.*s”的有效期超出主办单位%.*s的有效期",
					HY_STR_ARGS(row->id), HY_STR_ARGS(row->lead->name));
		for (size_t j = i + 1; j < routes->count; j++) {
			if (routes->item[j].class == row->class)
				compare_rows(p, i, j);
		}
	}
}

/* One finding per topic and kind of trouble, at the first moment it shows. */
static void prove_owner(struct proof *p, const struct hy_topic *topic)
{
	const struct hy_yaml_node *at = hy_yaml_get(topic->node, "owner");
	char when[HY_RFC3339_BYTES];
	enum hy_role role;

	if (!hy_role_parse(topic->owner, &role)) {
		hy_yaml_finding(at ? at : topic->node, p->findings,
				"议题“%.*s”的归口“%.*s”不是已知职责", HY_STR_ARGS(topic->id),
				HY_STR_ARGS(topic->owner));
		return;
	}
	for (size_t i = 0; i < p->moments.count; i++) {
		struct hy_wall moment = p->moments.item[i];
		size_t holders;

		if (!hy_topic_valid_at(topic, moment))
			continue;
		(void)hy_units_holder(p->rules->units, role, moment, &holders);
		if (holders == 1)
			continue;
		hy_yaml_finding(at ? at : topic->node, p->findings,
				holders ? "议题“%.*s”归口“%s”，自 %s 起有 %zu 个单位承担：两个主办单位"
					: "议题“%.*s”归口“%s”，自 %s 起没有单位承担（%zu 个）",
				HY_STR_ARGS(topic->id), hy_role_id(role), day_text(moment, when),
				holders);
		return;
	}
}

static void prove_cell(struct proof *p, struct hy_str topic, struct hy_str place,
		       enum hy_severity severity, struct hy_wall at)
{
	struct hy_routing_query query = {.topics = &topic, .topic_count = topic.n > 0,
					 .places = &place, .place_count = place.n > 0,
					 .severity = severity, .at = at};
	struct hy_routing routing;

	hy_routing_decide(p->rules, &query, &routing);
	if (!routing.lead)
		hy_yaml_finding(hy_yaml_root(p->rules->routes->file), p->findings,
				"议题“%.*s”、地点“%.*s”、等级%s没有主办单位", HY_STR_ARGS(topic),
				HY_STR_ARGS(place), hy_severity_title(severity));
	if (routing.row)
		p->wins[routing.row - p->rules->routes->item] = true;
	hy_routing_fini(&routing);
}

static void prove_cells(struct proof *p)
{
	for (size_t m = 0; m < p->moments.count; m++) {
		for (size_t t = 0; t < p->topics.count; t++) {
			for (size_t q = 0; q < p->places.count; q++) {
				for (int s = 0; s < HY_SEVERITY_COUNT; s++)
					prove_cell(p, p->topics.id[t], p->places.id[q],
						   (enum hy_severity)s, p->moments.item[m]);
			}
		}
	}
}

static void prove_reachable(struct proof *p)
{
	struct hy_validity horizon = {p->from, p->to};

	for (size_t i = 0; i < p->rules->routes->count; i++) {
		const struct hy_route *row = &p->rules->routes->item[i];

		if (!p->wins[i] && !p->told[i] && hy_validity_overlap(&row->valid, &horizon))
			hy_yaml_finding(row->at, p->findings,
					"路由“%.*s”永远不会生效：别的路由在前面全部占去",
					HY_STR_ARGS(row->id));
	}
}

void hy_proof_run(const struct hy_rule_set *rules, struct hy_wall from,
		  struct hy_findings *findings)
{
	struct proof p = {.rules = rules, .findings = findings, .from = from,
			  .to = hy_wall_add_ms(from, HY_PROOF_ROUTES_DAYS * DAY_MS)};

	p.wins = hy_xcalloc(rules->routes->count + 1, sizeof *p.wins);
	p.told = hy_xcalloc(rules->routes->count + 1, sizeof *p.told);
	collect_moments(&p);
	collect_classes(&p);
	for (size_t i = 0; i < hy_topics_count(rules->topics); i++)
		prove_owner(&p, hy_topics_at(rules->topics, i));
	hy_proof_units(rules, &p.moments, findings);
	prove_rows(&p);
	if (rules->routes->fallback) {
		prove_cells(&p);
		prove_reachable(&p);
	}
	hy_proof_duty(rules, from, findings);
	hy_moments_fini(&p.moments);
	free(p.topics.id);
	free(p.places.id);
	free(p.wins);
	free(p.told);
}

enum hy_err hy_rule_set_load_proved(const char *dir, struct hy_wall from,
				    struct hy_findings *findings, struct hy_rule_set **out)
{
	hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *rules = NULL;
	size_t before = findings->count;
	enum hy_err err = hy_rule_set_load_broken(dir, findings, &rules);

	if (err)
		return err;
	hy_proof_run(rules, from, findings);
	hy_proof_gaps(rules, from, findings);
	if (findings->count > before)
		return HY_ERR_MALFORMED;
	*out = hy_take(&rules);
	return HY_OK;
}

/* When its last file was written: as of then it was judged when it was put in force. */
static struct hy_wall written_at(const struct hy_rule_set *rules, struct hy_wall now)
{
	struct hy_wall at = HY_WALL_NONE;

	for (size_t i = 0; i < rules->texts->count; i++) {
		if (rules->texts->item[i].changed.ms > at.ms)
			at = rules->texts->item[i].changed;
	}
	return hy_wall_known(at) && at.ms < now.ms ? at : now;
}

static bool was_sound(const struct hy_rule_set *rules, struct hy_wall from)
{
	struct hy_findings then;
	bool sound;

	hy_findings_init(&then);
	hy_proof_run(rules, written_at(rules, from), &then);
	sound = then.count == 0;
	hy_findings_fini(&then);
	return sound;
}

enum hy_err hy_rule_set_load_again(const char *dir, struct hy_wall from,
				   struct hy_findings *findings, struct hy_rule_set **out)
{
	hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *rules = NULL;
	size_t before = findings->count, bytes;
	enum hy_err err = hy_rule_set_load_broken(dir, findings, &rules);

	if (err)
		return err;
	if (findings->count > before)
		return HY_ERR_MALFORMED;
	bytes = findings->text.n;
	hy_proof_run(rules, from, findings);
	if (findings->count > before && !was_sound(rules, from))
		return HY_ERR_MALFORMED;
	findings->count = before;
	hy_buf_truncate(&findings->text, bytes);
	*out = hy_take(&rules);
	return HY_OK;
}

enum hy_err hy_alerter_check_at(const char *dir, struct hy_wall from,
				struct hy_findings *findings)
{
	hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *rules = NULL;

	return hy_rule_set_load_proved(dir, from, findings, &rules);
}

enum hy_err hy_alerter_check(const char *dir, struct hy_findings *findings)
{
	return hy_alerter_check_at(dir, hy_wall_now(), findings);
}
