/*
 * Writes the table of a case's states as a Promela model: who acts is left to chance, so whatever
 * anybody may do is tried in every order. What the actions do to the case beyond their effects
 * (a return counts, a review opens) stands in `does` below.
 */
#include <stdio.h>

#include "alerter/case_table.h"
#include "common/base/mem.h"

static const char *const guards[HY_CASE_GUARD_COUNT] = {
	[HY_CASE_IF_NONE] = "true",
	[HY_CASE_IF_UNSIGNED] = "!signed",
	[HY_CASE_IF_RETURNABLE] = "!ruled && returns < RETURNS",
	[HY_CASE_IF_LEAD_GONE] = "gone",
	[HY_CASE_IF_APPROVED] = "review == APPROVED",
	[HY_CASE_IF_MORE_CONSENTS] = "review == OPEN && consents > 1",
	[HY_CASE_IF_LAST_CONSENT] = "review == OPEN && consents <= 1",
	[HY_CASE_IF_REVIEWING] = "review == OPEN",
	[HY_CASE_IF_UNREVIEWED] = "true",
	[HY_CASE_IF_PROMISES_OPEN] = "promises > 0",
	[HY_CASE_IF_PROMISES_KEPT] = "promises == 0",
	[HY_CASE_IF_CLOSABLE] = "promises == 0 && review != OPEN",
	[HY_CASE_IF_UNPROPOSED] = "promises == 0 && !proposal",
	[HY_CASE_IF_PROPOSED] = "promises == 0 && proposal",
};

static const char *const does[HY_CASE_ACTION_COUNT] = {
	[HY_CASE_ACT_SIGN] = "signed = true; ",
	[HY_CASE_ACT_RETURN] = "returns++; ",
	[HY_CASE_ACT_RULE] = "ruled = true; gone = false; select(lead : 1 .. 3); ",
	[HY_CASE_ACT_SUBMIT] = "review = OPEN; select(consents : 1 .. 3); ",
	[HY_CASE_ACT_CONSENT] = "consents--; ",
	[HY_CASE_ACT_APPROVE] = "review = APPROVED; ",
	[HY_CASE_ACT_SEND_BACK] = "review = NONE; ",
	[HY_CASE_ACT_OBJECT] = "review = NONE; ",
	[HY_CASE_ACT_ANSWER] = "review = OPEN; select(consents : 1 .. 3); ",
	[HY_CASE_ACT_PROMISE] = "if :: promises < 2 -> promises++ :: else fi; ",
	[HY_CASE_ACT_KEEP] = "promises--; ",
	[HY_CASE_ACT_PROPOSE] = "proposal = true; ",
	[HY_CASE_ACT_MERGE] = "before = state; ",
};

static const struct {
	unsigned effect;
	const char *text;
} effects[] = {
	{HY_CASE_STOP_ANSWER, "answer = false; "},
	{HY_CASE_STOP_ALL, "answer = false; pending = false; "},
	{HY_CASE_SUSPEND, "suspended = answer; answer = false; pending = false; "},
	{HY_CASE_RESUME, "answer = suspended; pending = true; "},
	{HY_CASE_END_REVIEWS, "if :: review == OPEN -> review = NONE :: else fi; "},
	{HY_CASE_NEW_ROUND, "signed = false; "},
	{HY_CASE_START_ANSWER, "answer = true; "},
	{HY_CASE_START_WATCH, "pending = true; "},
};

static void write_states(unsigned states)
{
	bool first = true;

	(void)printf("(");
	for (int s = 0; s < HY_CASE_STATE_COUNT; s++) {
		if (!(states & (1u << s)))
			continue;
		(void)printf("%sstate == %d", first ? "" : " || ", s);
		first = false;
	}
	(void)printf("%s)", first ? "false" : "");
}

static unsigned states_where(bool (*holds)(enum hy_case_state))
{
	unsigned states = 0;

	for (int s = 0; s < HY_CASE_STATE_COUNT; s++)
		states |= holds((enum hy_case_state)s) ? 1u << s : 0u;
	return states;
}

static void write_next(const struct hy_case_move *move)
{
	if (move->to == HY_CASE_SAME)
		return;
	(void)printf("proposal = false; ");
	if (move->to == HY_CASE_BEFORE)
		(void)printf("if :: before == %d -> state = %d :: else -> state = before fi; ",
			     HY_CASE_REVIEW, hy_case_state_before(HY_CASE_REVIEW));
	else
		(void)printf("state = %d; ", move->to);
}

static void write_move(const struct hy_case_move *move)
{
	unsigned done = hy_case_action(move->action)->effects;

	(void)printf("\t:: atomic { ");
	write_states(move->from);
	(void)printf(" && (%s) -> ", guards[move->guard]);
	if (does[move->action])
		(void)printf("%s", does[move->action]);
	for (size_t i = 0; i < HY_COUNT(effects); i++)
		if (done & effects[i].effect)
			(void)printf("%s", effects[i].text);
	write_next(move);
	(void)printf("check() }\t/* %s */\n", hy_case_action(move->action)->name);
}

/* Whether somebody can still bring the case to another state. */
static void write_way_on(void)
{
	(void)printf("#define WAY_ON (false");
	for (size_t i = 0; i < hy_case_move_count; i++) {
		if (hy_case_moves[i].to == HY_CASE_SAME)
			continue;
		(void)printf(" || (");
		write_states(hy_case_moves[i].from);
		(void)printf(" && (%s))", guards[hy_case_moves[i].guard]);
	}
	(void)printf(")\n");
}

int main(void)
{
	unsigned open = states_where(hy_case_state_is_open);
	unsigned answered = states_where(hy_case_state_is_answered);

	(void)printf("#define RETURNS 2\n#define NONE 0\n#define OPEN 1\n#define APPROVED 2\n"
		     "byte state, lead = 1, before, returns, review, consents, promises;\n"
		     "bool pending = true, answer = true;\n"
		     "bool signed_, ruled, gone, suspended, proposal;\n#define signed signed_\n");
	write_way_on();
	(void)printf("inline check() {\n\tassert(lead > 0);\n\tassert(");
	write_states(open);
	(void)printf(" == pending);\n\tassert(!(");
	write_states(open & ~answered);
	(void)printf(") || answer);\n\tassert(state != %d || review != NONE);\n\tassert(WAY_ON)\n}\n",
		     HY_CASE_REVIEW);
	(void)printf("active proctype life() {\n\tdo\n\t:: atomic { gone = !gone; check() }\n");
	for (size_t i = 0; i < hy_case_move_count; i++)
		write_move(&hy_case_moves[i]);
	(void)printf("\tod\n}\n");
	return 0;
}
