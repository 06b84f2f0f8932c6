#include "alerter/case_table.h"

#include "common/base/mem.h"

static const struct {
	const char *id, *title;
} states[] = {
#define X(name, id, title) {id, title},
	HY_CASE_STATE_LIST(X)
#undef X
};

const struct hy_case_move hy_case_moves[] = {
	{HY_CASE_ASSIGNED, HY_COMMAND_SIGN, HY_GUARD_UNSIGNED, HY_CASE_SIGNED},
	{HY_CASE_ASSIGNED, HY_COMMAND_ANSWER, HY_GUARD_NONE, HY_CASE_ANSWERED},
	{HY_CASE_SIGNED, HY_COMMAND_ANSWER, HY_GUARD_NONE, HY_CASE_ANSWERED},
	{HY_CASE_ANSWERED, HY_COMMAND_SIGN, HY_GUARD_UNSIGNED, HY_CASE_ANSWERED},
	/* 持续发布: more is published as the work goes on. */
	{HY_CASE_ANSWERED, HY_COMMAND_ANSWER, HY_GUARD_NONE, HY_CASE_ANSWERED},
};
const size_t hy_case_move_count = HY_COUNT(hy_case_moves);

const char *hy_case_state_id(enum hy_case_state state)
{
	return states[state].id;
}

const char *hy_case_state_title(enum hy_case_state state)
{
	return states[state].title;
}

bool hy_case_state_parse(struct hy_str s, enum hy_case_state *out)
{
	for (size_t i = 0; i < HY_COUNT(states); i++) {
		if (hy_str_eq_c(s, states[i].id)) {
			*out = (enum hy_case_state)i;
			return true;
		}
	}
	return false;
}

const struct hy_case_move *hy_case_move_find(enum hy_case_state from, enum hy_command command,
					     bool is_signed)
{
	for (size_t i = 0; i < hy_case_move_count; i++) {
		const struct hy_case_move *move = &hy_case_moves[i];

		if (move->from == from && move->command == command &&
		    !(move->guard == HY_GUARD_UNSIGNED && is_signed))
			return move;
	}
	return NULL;
}
