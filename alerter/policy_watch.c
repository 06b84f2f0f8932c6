#include "alerter/policy_watch.h"

#include "alerter/alarm.h"
#include "alerter/drafter.h"
#include "alerter/policy_case.h"
#include "alerter/reaction.h"

static const char unlist[] = "UPDATE watched_policy SET listed = 0 WHERE listed = 1";
static const char list[] =
	"INSERT INTO watched_policy (id, title, number, url, drafter, threshold, span_ms,"
	" published_at, valid_to, listed, told)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, 0)"
	" ON CONFLICT (id) DO UPDATE SET title = excluded.title, number = excluded.number,"
	" url = excluded.url, drafter = excluded.drafter, threshold = excluded.threshold,"
	" span_ms = excluded.span_ms, published_at = excluded.published_at,"
	" valid_to = excluded.valid_to, listed = 1";
/* The first reaction that was not told says when all that came meanwhile are told. */
static const char expect_digest[] =
	"UPDATE watched_policy SET due_at = $2 WHERE id = $1 AND (due_at IS NULL OR due_at > $2)";

const struct hy_unit *hy_policy_unit(const struct hy_turn *turn, const struct hy_policy *policy)
{
	const struct hy_unit *drafter = hy_drafter_of(turn->rules->units, policy, turn->now);

	return drafter ? drafter : hy_alarm_unit(turn->rules, HY_STR_LIT("office"), turn->now);
}

static enum hy_err put(struct hy_turn *turn, const struct hy_policy *policy, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, list);

	hy_query_bind_text(q, 1, policy->id);
	hy_query_bind_text(q, 2, policy->title);
	hy_query_bind_text(q, 3, policy->number);
	hy_query_bind_text(q, 4, policy->url);
	hy_query_bind_text(q, 5, hy_policy_unit(turn, policy)->id);
	hy_query_bind_int(q, 6, policy->threshold);
	hy_query_bind_int(q, 7, policy->span_ms);
	hy_query_bind_wall(q, 8, policy->published);
	hy_query_bind_wall(q, 9, policy->valid_to);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_policy_watch_list(struct hy_turn *turn, struct hy_error *e)
{
	const struct hy_policies *policies = turn->rules->policies;
	enum hy_err err = hy_query_run(hy_store_query(turn->store, unlist), NULL, e);

	for (size_t i = 0; i < hy_policies_count(policies) && !err; i++)
		err = put(turn, hy_policies_at(policies, i), e);
	return err;
}

static enum hy_err expect(struct hy_turn *turn, struct hy_str policy, struct hy_wall at,
			  struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, expect_digest);

	hy_query_bind_text(q, 1, policy);
	hy_query_bind_wall(q, 2, at);
	return hy_query_run(q, NULL, e);
}

/* What comes of a reaction that is new. */
static enum hy_err follow(struct hy_turn *turn, const struct hy_reaction *reaction,
			  struct hy_error *e)
{
	const struct hy_policy *policy = hy_policies_get(turn->rules->policies, reaction->policy);
	bool opened = false;
	enum hy_err err;

	if (!policy)
		return HY_OK;
	err = hy_policy_case_follow(turn, policy, reaction, &opened, e);
	if (err)
		return err;
	return expect(turn, policy->id,
		      opened ? turn->now : hy_wall_add_ms(turn->now, policy->digest_ms), e);
}

enum hy_err hy_policy_watch_take(struct hy_turn *turn, struct hy_str alert_id,
				 const struct hy_msg_alert *alert, bool *out_new,
				 struct hy_error *e)
{
	bool any = false;

	for (size_t i = 0; i < alert->policy_count; i++) {
		struct hy_reaction reaction = {.policy = alert->policies[i], .alert_id = alert_id,
					       .alert = alert};
		bool is_new = false;
		enum hy_err err = hy_reaction_put(turn, &reaction, &is_new, e);

		if (!err && is_new)
			err = follow(turn, &reaction, e);
		if (err)
			return err;
		any |= is_new;
	}
	*out_new = any;
	return HY_OK;
}
