#include "alerter/reaction.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerter/question.h"
#include "common/base/mem.h"

/* A new question is compared with so many: the newest of those that repeat no other. */
#define LEADERS_MAX 500

static const char put_reaction[] =
	"INSERT INTO reaction (policy, document, alert, url, title, source, outlet, topic,"
	" published_at, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
	" ON CONFLICT (policy, document) DO NOTHING";
static const char put_question[] =
	"INSERT INTO question (id, policy, document, at, text, alike)"
	" VALUES ($1, $2, $3, $4, $5, $6)";
static const char get_leaders[] =
	"SELECT id, text FROM question WHERE policy = $1 AND id = alike ORDER BY at DESC, id"
	" LIMIT 500";

/* A question that repeats no other, as those are compared that come after it. */
struct leader {
	struct hy_id id;
	struct hy_question question;
};

struct leaders {
	struct leader *item;
	size_t count, cap;
};

static void leaders_fini(struct leaders *leaders)
{
	free(leaders->item);
}

static struct leader *add_leader(struct leaders *leaders, struct hy_str id)
{
	struct leader *leader;

	leaders->item = hy_grow(leaders->item, &leaders->cap, leaders->count + 1,
				sizeof *leaders->item);
	leader = &leaders->item[leaders->count++];
	memset(leader, 0, sizeof *leader);
	memcpy(leader->id.hex, id.p, id.n < HY_ID_DIGITS ? id.n : HY_ID_DIGITS);
	return leader;
}

static enum hy_err read_leaders(struct hy_turn *turn, struct hy_str policy_id,
				struct leaders *out, struct hy_error *e)
{
	const struct hy_policy *policy = hy_policies_get(turn->rules->policies, policy_id);
	struct hy_query *q = hy_store_query(turn->store, get_leaders);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, policy_id);
	while (!(err = hy_query_next(q, &row, e)) && row)
		hy_question_read(hy_query_text(q, 1), policy,
				 &add_leader(out, hy_query_text(q, 0))->question);
	return err;
}

static const struct leader *leader_of(const struct leaders *leaders,
				      const struct hy_question *question)
{
	for (size_t i = 0; i < leaders->count; i++)
		if (hy_questions_alike(&leaders->item[i].question, question))
			return &leaders->item[i];
	return NULL;
}

static enum hy_err put_one(struct hy_turn *turn, const struct hy_reaction *reaction,
			   struct hy_str text, struct leaders *leaders, struct hy_error *e)
{
	struct hy_str parts[] = {reaction->policy, reaction->alert->document, text};
	struct hy_id id = hy_id_of(parts, HY_COUNT(parts));
	struct hy_query *q = hy_store_query(turn->store, put_question);
	const struct leader *leader;
	struct hy_question question;

	hy_question_read(text, hy_policies_get(turn->rules->policies, reaction->policy), &question);
	leader = leader_of(leaders, &question);
	hy_query_bind_text(q, 1, hy_id_str(&id));
	hy_query_bind_text(q, 2, reaction->policy);
	hy_query_bind_text(q, 3, reaction->alert->document);
	hy_query_bind_wall(q, 4, reaction->at);
	hy_query_bind_text(q, 5, text);
	hy_query_bind_text(q, 6, hy_id_str(leader ? &leader->id : &id));
	if (!leader)
		add_leader(leaders, hy_id_str(&id))->question = question;
	return hy_query_run(q, NULL, e);
}

static enum hy_err put_questions(struct hy_turn *turn, const struct hy_reaction *reaction,
				 struct hy_error *e)
{
	hy_cleanup(leaders_fini) struct leaders leaders = {0};
	struct hy_questions questions;
	enum hy_err err = HY_OK;

	hy_questions_of(reaction->alert->title, reaction->alert->text, &questions);
	if (questions.count)
		err = read_leaders(turn, reaction->policy, &leaders, e);
	for (size_t i = 0; i < questions.count && !err; i++)
		err = put_one(turn, reaction, questions.item[i], &leaders, e);
	return err;
}

enum hy_err hy_reaction_put(struct hy_turn *turn, struct hy_reaction *reaction, bool *out_new,
			    struct hy_error *e)
{
	const struct hy_msg_alert *alert = reaction->alert;
	struct hy_query *q = hy_store_query(turn->store, put_reaction);
	int64_t changed = 0;
	enum hy_err err;

	/* Whatever another host's clock says, nothing was detected in the future. */
	reaction->at = hy_wall_known(alert->detected_at) && alert->detected_at.ms < turn->now.ms
			       ? alert->detected_at
			       : turn->now;
	hy_query_bind_text(q, 1, reaction->policy);
	hy_query_bind_text(q, 2, alert->document);
	hy_query_bind_text(q, 3, reaction->alert_id);
	hy_query_bind_text(q, 4, alert->url);
	hy_query_bind_text(q, 5, alert->title);
	hy_query_bind_text(q, 6, alert->source);
	hy_query_bind_text(q, 7, alert->outlet);
	hy_query_bind_text(q, 8, alert->topic_count ? alert->topics[0].topic : (struct hy_str){0});
	hy_query_bind_wall(q, 9, alert->published_at);
	hy_query_bind_wall(q, 10, reaction->at);
	err = hy_query_run(q, &changed, e);
	if (!err && changed)
		err = put_questions(turn, reaction, e);
	if (!err)
		*out_new = changed > 0;
	return err;
}
