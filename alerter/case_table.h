/*
 * The states of a case as a table: which command moves it from where to where, under which
 * guard. The table is the specification; the tests walk all of it.
 *
 * Signing is possible after an answer too: whoever answers at once has still taken the case
 * over only when he says so, and the two ladders stop each by its own act (P4).
 */
#ifndef HY_ALERTER_CASE_TABLE_H
#define HY_ALERTER_CASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/str.h"
#include "common/sys/msg.h"

#define HY_CASE_STATE_LIST(X) \
	X(ASSIGNED, "assigned", "已派单，待签收") \
	X(SIGNED, "signed", "已签收，待回应") \
	X(ANSWERED, "answered", "已回应")

enum hy_case_state {
#define X(name, id, title) HY_CASE_##name,
	HY_CASE_STATE_LIST(X)
#undef X
	HY_CASE_STATE_COUNT
};
const char *hy_case_state_id(enum hy_case_state state);
const char *hy_case_state_title(enum hy_case_state state);	/* Chinese */
bool hy_case_state_parse(struct hy_str s, enum hy_case_state *out);

enum hy_case_guard {
	HY_GUARD_NONE,
	HY_GUARD_UNSIGNED,	/* signed_at is still empty */
};

struct hy_case_move {
	enum hy_case_state from;
	enum hy_command command;
	enum hy_case_guard guard;
	enum hy_case_state to;
};

extern const struct hy_case_move hy_case_moves[];
extern const size_t hy_case_move_count;

/* The move, or NULL where that command has no place in that state. */
const struct hy_case_move *hy_case_move_find(enum hy_case_state from, enum hy_command command,
					     bool is_signed);

#endif
