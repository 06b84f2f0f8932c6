/*
 * What is known of one case at the moment somebody does something to it: its row, its open
 * review, promises and proposal, who the actor is to it, and which guards of the table hold.
 *
 * An actor is "unit", "unit/post" or "system". Where two people are wanted, a unit alone is
 * nobody in particular: two posts of it are two people, the unit and one of its posts are not.
 */
#ifndef HY_ALERTER_CASE_FACTS_H
#define HY_ALERTER_CASE_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "alerter/case_table.h"
#include "alerter/turn.h"
#include "alerter/units.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/severity.h"

#define HY_CASE_SYSTEM "system"

struct hy_case_actor {
	struct hy_str text, unit, post;
};
struct hy_case_actor hy_case_actor_of(struct hy_str text);
bool hy_case_two_people(struct hy_str a, struct hy_str b);

/* Whose review it is; consents are one row a unit. */
#define HY_CASE_LEVEL_LEADER "leader"
#define HY_CASE_LEVEL_OFFICE "office"
#define HY_CASE_LEVEL_CONSENT "consent"

struct hy_case_review {
	int64_t number, draft;		/* number 0: there has been none */
	char *level, *unit, *actor;	/* actor: who submitted */
	bool open, approved;
	int64_t consents;		/* still to be given */
	bool awaits_actor;		/* one of them by the actor's unit */
};

struct hy_case_facts {
	char *id, *event, *title, *topic, *lead, *supervisor, *merged_into;
	enum hy_case_state state;
	enum hy_severity severity;
	int64_t version, round, returns, promises;	/* promises: open ones */
	struct hy_wall clock_start, signed_at, answered_at, ruled_at, verified_at, closed_at;
	struct hy_case_review review;	/* the latest */
	int64_t proposal;		/* number of the open dismissal; 0: none */
	char *proposer;
	bool actor_assists;
};

/* out->id NULL: no such case. Free with hy_case_facts_fini. */
enum hy_err hy_case_facts_read(struct hy_turn *turn, struct hy_str case_id,
			       const struct hy_case_actor *actor, struct hy_case_facts *out,
			       struct hy_error *e) HY_MUST_CHECK;
void hy_case_facts_fini(struct hy_case_facts *facts);
/* Reads the review again, after it was changed. */
enum hy_err hy_case_review_read(struct hy_turn *turn, struct hy_case_facts *facts,
				const struct hy_case_actor *actor, struct hy_error *e)
	HY_MUST_CHECK;

/* The coordinating office of that moment; the fallback of the routes where there is none. */
const struct hy_unit *hy_case_office(const struct hy_turn *turn);
/* A unit of the case by its id; the fallback where it has left the rules. */
const struct hy_unit *hy_case_unit(const struct hy_turn *turn, const char *id);
/* Whether the post is a leader's of that unit; any post is where the roster has no leaders. */
bool hy_case_is_leader(const struct hy_turn *turn, const struct hy_unit *unit,
		       struct hy_str post);

/* Bits of enum hy_case_role. */
unsigned hy_case_roles(const struct hy_turn *turn, const struct hy_case_facts *facts,
		       const struct hy_case_actor *actor);

/* As hy_case_holds_fn, over a struct hy_case_view. */
struct hy_case_view {
	const struct hy_turn *turn;
	const struct hy_case_facts *facts;
	const struct hy_case_actor *actor;
};
bool hy_case_holds(const void *view, enum hy_case_guard guard);

#endif
