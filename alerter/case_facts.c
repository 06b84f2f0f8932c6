#include "alerter/case_facts.h"

#include <stdlib.h>

#include "alerter/case_rules.h"
#include "alerter/roster.h"
#include "common/base/mem.h"

static const char get_case[] =
	"SELECT c.event, c.title, c.topic, c.lead, c.supervisor, c.merged_into, c.state,"
	" c.severity, c.version, c.round, c.returns, c.clock_start, c.signed_at, c.answered_at,"
	" c.ruled_at, c.verified_at, c.closed_at, (SELECT count(*) FROM promise p"
	" WHERE p.case_id = c.id AND p.kept_at IS NULL), (SELECT count(*) FROM assist a"
	" WHERE a.case_id = c.id AND a.unit = $1 AND a.ended_at IS NULL)"
	" FROM case_ c WHERE c.id = $2";
static const char get_review[] =
	"SELECT r.number, r.draft, r.level, r.unit, r.actor, r.state, (SELECT count(*)"
	" FROM consent k WHERE k.case_id = r.case_id AND k.review = r.number AND k.at IS NULL),"
	" (SELECT count(*) FROM consent k WHERE k.case_id = r.case_id AND k.review = r.number"
	" AND k.at IS NULL AND k.unit = $1) FROM review r WHERE r.case_id = $2"
	" ORDER BY r.number DESC LIMIT 1";
static const char get_proposal[] =
	"SELECT number, actor FROM dismissal WHERE case_id = $1 AND ended_at IS NULL"
	" ORDER BY number DESC LIMIT 1";

struct hy_case_actor hy_case_actor_of(struct hy_str text)
{
	struct hy_case_actor actor = {.text = text, .post = text};

	(void)hy_str_next(&actor.post, '/', &actor.unit);
	return actor;
}

bool hy_case_two_people(struct hy_str a, struct hy_str b)
{
	struct hy_case_actor one = hy_case_actor_of(a), other = hy_case_actor_of(b);

	if (!hy_str_eq(one.unit, other.unit))
		return true;
	return one.post.n && other.post.n && !hy_str_eq(one.post, other.post);
}

static void review_fini(struct hy_case_review *review)
{
	free(review->level);
	free(review->unit);
	free(review->actor);
	*review = (struct hy_case_review){0};
}

void hy_case_facts_fini(struct hy_case_facts *facts)
{
	free(facts->id);
	free(facts->event);
	free(facts->title);
	free(facts->topic);
	free(facts->lead);
	free(facts->supervisor);
	free(facts->merged_into);
	free(facts->proposer);
	review_fini(&facts->review);
	*facts = (struct hy_case_facts){0};
}

static void read_row(const struct hy_query *q, struct hy_case_facts *f)
{
	f->event = hy_str_dup(hy_query_text(q, 0));
	f->title = hy_str_dup(hy_query_text(q, 1));
	f->topic = hy_str_dup(hy_query_text(q, 2));
	f->lead = hy_str_dup(hy_query_text(q, 3));
	f->supervisor = hy_str_dup(hy_query_text(q, 4));
	f->merged_into = hy_str_dup(hy_query_text(q, 5));
	f->severity = (enum hy_severity)hy_query_int(q, 7);
	f->version = hy_query_int(q, 8);
	f->round = hy_query_int(q, 9);
	f->returns = hy_query_int(q, 10);
	f->clock_start = hy_query_wall(q, 11);
	f->signed_at = hy_query_wall(q, 12);
	f->answered_at = hy_query_wall(q, 13);
	f->ruled_at = hy_query_wall(q, 14);
	f->verified_at = hy_query_wall(q, 15);
	f->closed_at = hy_query_wall(q, 16);
	f->promises = hy_query_int(q, 17);
	f->actor_assists = hy_query_int(q, 18) > 0;
}

enum hy_err hy_case_review_read(struct hy_turn *turn, struct hy_case_facts *facts,
				const struct hy_case_actor *actor, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, get_review);
	struct hy_case_review *review = &facts->review;
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, actor->unit);
	hy_query_bind_c(q, 2, facts->id);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	review_fini(review);
	if (!row)
		return HY_OK;
	review->number = hy_query_int(q, 0);
	review->draft = hy_query_int(q, 1);
	review->level = hy_str_dup(hy_query_text(q, 2));
	review->unit = hy_str_dup(hy_query_text(q, 3));
	review->actor = hy_str_dup(hy_query_text(q, 4));
	review->open = hy_str_eq_c(hy_query_text(q, 5), "open");
	review->approved = hy_str_eq_c(hy_query_text(q, 5), "approved");
	review->consents = hy_query_int(q, 6);
	review->awaits_actor = hy_query_int(q, 7) > 0;
	hy_query_reset(q);
	return HY_OK;
}

static enum hy_err read_proposal(struct hy_turn *turn, struct hy_case_facts *facts,
				 struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, get_proposal);
	enum hy_err err;
	bool row;

	hy_query_bind_c(q, 1, facts->id);
	err = hy_query_next(q, &row, e);
	if (err || !row)
		return err;
	facts->proposal = hy_query_int(q, 0);
	facts->proposer = hy_str_dup(hy_query_text(q, 1));
	hy_query_reset(q);
	return HY_OK;
}

enum hy_err hy_case_facts_read(struct hy_turn *turn, struct hy_str case_id,
			       const struct hy_case_actor *actor, struct hy_case_facts *out,
			       struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, get_case);
	struct hy_case_facts facts = {.proposal = 0};
	bool known, found;
	enum hy_err err;

	hy_query_bind_text(q, 1, actor->unit);
	hy_query_bind_text(q, 2, case_id);
	err = hy_query_next(q, &found, e);
	if (err)
		return err;
	if (!found) {
		*out = facts;
		return HY_OK;
	}
	known = hy_case_state_parse(hy_query_text(q, 6), &facts.state);
	read_row(q, &facts);
	hy_query_reset(q);
	facts.id = hy_str_dup(case_id);
	if (!known)
		err = hy_fail(e, HY_ERR_MALFORMED, "case %s: unknown state", facts.id);
	if (!err)
		err = hy_case_review_read(turn, &facts, actor, e);
	if (!err)
		err = read_proposal(turn, &facts, e);
	if (err)
		hy_case_facts_fini(&facts);
	else
		*out = facts;
	return err;
}

/* ---- who ---- */

const struct hy_unit *hy_case_office(const struct hy_turn *turn)
{
	size_t count;
	const struct hy_unit *office = hy_units_holder(turn->rules->units, HY_ROLE_OFFICE,
						       turn->now, &count);

	return office ? office : turn->rules->routes->fallback;
}

const struct hy_unit *hy_case_unit(const struct hy_turn *turn, const char *id)
{
	const struct hy_unit *unit = hy_units_get(turn->rules->units, hy_str_of(id));

	return unit ? unit : turn->rules->routes->fallback;
}

bool hy_case_is_leader(const struct hy_turn *turn, const struct hy_unit *unit,
		       struct hy_str post)
{
	const struct hy_roster_plan *plan = hy_roster_plan(turn->rules->roster, unit);
	struct hy_str on_duty[HY_ROSTER_ON_DUTY_MAX];
	size_t count;

	if (!post.n)
		return false;
	if (!plan || plan->shift_count[HY_DUTY_LEADER] == 0 ||
	    hy_roster_has_post(plan, HY_DUTY_LEADER, post))
		return true;
	count = hy_roster_who(turn->rules->roster, unit, HY_DUTY_LEADER, turn->now, on_duty);
	for (size_t i = 0; i < count; i++)
		if (hy_str_eq(on_duty[i], post))
			return true;
	return false;
}

static bool reviews(const struct hy_turn *turn, const struct hy_case_facts *facts,
		    const struct hy_case_actor *actor, const struct hy_unit *unit)
{
	const struct hy_case_review *review = &facts->review;

	if (!review->open || !hy_case_two_people(actor->text, hy_str_of(review->actor)))
		return false;
	if (hy_str_eq_c(hy_str_of(review->level), HY_CASE_LEVEL_CONSENT))
		return review->awaits_actor;
	if (!hy_str_eq_c(actor->unit, review->unit))
		return false;
	return !hy_str_eq_c(hy_str_of(review->level), HY_CASE_LEVEL_LEADER) ||
	       hy_case_is_leader(turn, unit, actor->post);
}

unsigned hy_case_roles(const struct hy_turn *turn, const struct hy_case_facts *facts,
		       const struct hy_case_actor *actor)
{
	const struct hy_units *units = turn->rules->units;
	const struct hy_unit *unit = hy_units_get(units, actor->unit);
	const struct hy_unit *lead = hy_units_get(units, hy_str_of(facts->lead));
	unsigned roles = 0;

	if (!unit)
		return 0;
	if (unit == lead)
		roles |= HY_CASE_LEAD_MAY |
			 (hy_case_is_leader(turn, unit, actor->post) ? HY_CASE_LEADER_MAY : 0u);
	if (facts->actor_assists)
		roles |= HY_CASE_ASSIST_MAY;
	if (unit == hy_case_office(turn))
		roles |= HY_CASE_OFFICE_MAY;
	if (hy_str_eq_c(unit->id, facts->supervisor) ||
	    (lead && unit != lead && hy_unit_is_under(lead, unit)))
		roles |= HY_CASE_SUPERVISOR_MAY;
	if (reviews(turn, facts, actor, unit))
		roles |= HY_CASE_REVIEWER_MAY;
	return roles;
}

/* ---- what else must hold ---- */

static bool lead_is_gone(const struct hy_case_view *view)
{
	const struct hy_unit *lead = hy_units_get(view->turn->rules->units,
						  hy_str_of(view->facts->lead));

	return !lead || !hy_validity_covers(&lead->valid, view->turn->now);
}

bool hy_case_holds(const void *context, enum hy_case_guard guard)
{
	const struct hy_case_view *view = context;
	const struct hy_case_facts *f = view->facts;
	const struct hy_case_rules *rules = view->turn->rules->cases;

	switch (guard) {
	case HY_CASE_IF_UNSIGNED:
		return !hy_wall_known(f->signed_at);
	case HY_CASE_IF_RETURNABLE:
		return !hy_wall_known(f->ruled_at) && f->returns < rules->returns;
	case HY_CASE_IF_LEAD_GONE:
		return lead_is_gone(view);
	case HY_CASE_IF_APPROVED:
		return f->review.approved;
	case HY_CASE_IF_MORE_CONSENTS:
		return f->review.open && f->review.consents > 1;
	case HY_CASE_IF_LAST_CONSENT:
		return f->review.open && f->review.consents <= 1;
	case HY_CASE_IF_REVIEWING:
		return f->review.open;
	case HY_CASE_IF_UNREVIEWED:
		return !rules->unreviewed_refused;
	case HY_CASE_IF_PROMISES_OPEN:
		return f->promises > 0;
	case HY_CASE_IF_PROMISES_KEPT:
		return f->promises == 0;
	case HY_CASE_IF_CLOSABLE:
		return f->promises == 0 && !f->review.open;
	case HY_CASE_IF_UNPROPOSED:
		return f->promises == 0 && !f->proposal;
	case HY_CASE_IF_PROPOSED:
		return f->promises == 0 && f->proposal &&
		       hy_case_two_people(view->actor->text, hy_str_of(f->proposer));
	case HY_CASE_IF_NONE:
	case HY_CASE_GUARD_COUNT:
		break;
	}
	return true;
}
