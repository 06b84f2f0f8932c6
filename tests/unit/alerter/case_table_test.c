/*
 * The table of states, walked whole: every state with every event, every role alone and every
 * guard alone, none and all; what is not written down here must be refused.
 */
#include "alerter/case_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"

/*
 * Written down cell by cell, so that a change of the table is a change here. Of each row: who
 * (l lead, L its leader, a assist, o office, s supervisor, r reviewer, S system), the guard, the
 * action, and where it leads. The first that fits decides.
 */
static const struct cell {
	const char *state, *event, *rows;
} cells[] = {
	{"assigned", "sign", "l NONE SIGN > signed; a NONE ASSIST_SIGN > same"},
	{"assigned", "return", "l RETURNABLE RETURN > returned"},
	{"assigned", "rule", "os LEAD_GONE RULE > ruled"},
	{"assigned", "assist", "os NONE ASSIST > same"},
	{"assigned", "contribute", "a NONE CONTRIBUTE > same"},
	{"assigned", "answer", "l UNREVIEWED ANSWER > answered"},
	{"assigned", "press", "l NONE PRESS > same"},
	{"assigned", "kept", "l PROMISES_OPEN KEEP > same"},
	{"assigned", "dismiss", "Lo PROPOSED DISMISS > dismissed; lo UNPROPOSED PROPOSE > same"},
	{"assigned", "merge", "os PROMISES_KEPT MERGE > merged"},
	{"assigned", "extend", "l NONE EXTEND > same"},
	{"signed", "sign", "a NONE ASSIST_SIGN > same"},
	{"signed", "return", "l RETURNABLE RETURN > returned"},
	{"signed", "rule", "os LEAD_GONE RULE > ruled"},
	{"signed", "assist", "os NONE ASSIST > same"},
	{"signed", "contribute", "a NONE CONTRIBUTE > same"},
	{"signed", "draft", "l NONE DRAFT > drafting"},
	{"signed", "answer", "l UNREVIEWED ANSWER > answered"},
	{"signed", "press", "l NONE PRESS > same"},
	{"signed", "kept", "l PROMISES_OPEN KEEP > same"},
	{"signed", "dismiss", "Lo PROPOSED DISMISS > dismissed; lo UNPROPOSED PROPOSE > same"},
	{"signed", "merge", "os PROMISES_KEPT MERGE > merged"},
	{"signed", "extend", "l NONE EXTEND > same"},
	{"drafting", "sign", "a NONE ASSIST_SIGN > same"},
	{"drafting", "rule", "os LEAD_GONE RULE > ruled"},
	{"drafting", "assist", "os NONE ASSIST > same"},
	{"drafting", "contribute", "a NONE CONTRIBUTE > same"},
	{"drafting", "draft", "l NONE DRAFT > drafting"},
	{"drafting", "submit", "l NONE SUBMIT > review"},
	{"drafting", "answer", "l UNREVIEWED ANSWER > answered"},
	{"drafting", "press", "l NONE PRESS > same"},
	{"drafting", "kept", "l PROMISES_OPEN KEEP > same"},
	{"drafting", "dismiss", "Lo PROPOSED DISMISS > dismissed; lo UNPROPOSED PROPOSE > same"},
	{"drafting", "merge", "os PROMISES_KEPT MERGE > merged"},
	{"drafting", "extend", "l NONE EXTEND > same"},
	{"review", "sign", "a NONE ASSIST_SIGN > same"},
	{"review", "rule", "os LEAD_GONE RULE > ruled"},
	{"review", "assist", "os NONE ASSIST > same"},
	{"review", "contribute", "a NONE CONTRIBUTE > same"},
	{"review", "draft", "l NONE RECALL > drafting"},
	{"review", "approve", "r MORE_CONSENTS CONSENT > same; r LAST_CONSENT APPROVE > same"},
	{"review", "send-back", "r REVIEWING SEND_BACK > drafting"},
	{"review", "publish", "l APPROVED PUBLISH > answered"},
	{"review", "press", "l NONE PRESS > same"},
	{"review", "kept", "l PROMISES_OPEN KEEP > same"},
	{"review", "dismiss", "Lo PROPOSED DISMISS > dismissed; lo UNPROPOSED PROPOSE > same"},
	{"review", "merge", "os PROMISES_KEPT MERGE > merged"},
	{"review", "extend", "l NONE EXTEND > same"},
	{"answered", "sign", "l UNSIGNED SIGN > same; a NONE ASSIST_SIGN > same"},
	{"answered", "contribute", "a NONE CONTRIBUTE > same"},
	{"answered", "approve", "r MORE_CONSENTS CONSENT > same; r LAST_CONSENT APPROVE > same"},
	{"answered", "send-back", "r REVIEWING OBJECT > reopened"},
	{"answered", "answer", "l UNREVIEWED ANSWER > answered"},
	{"answered", "press", "l NONE PRESS > same"},
	{"answered", "promise", "l NONE PROMISE > same"},
	{"answered", "kept", "l PROMISES_OPEN KEEP > same"},
	{"answered", "reopen", "los NONE REOPEN > reopened"},
	{"answered", "extend", "l NONE EXTEND > same"},
	{"answered", "verify", "S NONE VERIFY > verified"},
	{"answered", "vanish", "S NONE REOPEN > reopened"},
	{"answered", "follow", "S NONE REOPEN > reopened"},
	{"verified", "sign", "l UNSIGNED SIGN > same; a NONE ASSIST_SIGN > same"},
	{"verified", "contribute", "a NONE CONTRIBUTE > same"},
	{"verified", "approve", "r MORE_CONSENTS CONSENT > same; r LAST_CONSENT APPROVE > same"},
	{"verified", "send-back", "r REVIEWING OBJECT > reopened"},
	{"verified", "answer", "l UNREVIEWED ANSWER > answered"},
	{"verified", "press", "l NONE PRESS > same"},
	{"verified", "promise", "l NONE PROMISE > same"},
	{"verified", "kept", "l PROMISES_OPEN KEEP > same"},
	{"verified", "close", "lo CLOSABLE CLOSE > closed"},
	{"verified", "reopen", "los NONE REOPEN > reopened"},
	{"verified", "extend", "l NONE EXTEND > same"},
	{"verified", "vanish", "S NONE REOPEN > reopened"},
	{"verified", "follow", "S NONE REOPEN > reopened"},
	{"closed", "reopen", "los NONE REVIVE > reopened"},
	{"closed", "vanish", "S NONE REVIVE > reopened"},
	{"closed", "follow", "S NONE REVIVE > reopened"},
	{"returned", "sign", "a NONE ASSIST_SIGN > same"},
	{"returned", "rule", "os NONE RULE > ruled"},
	{"returned", "assist", "os NONE ASSIST > same"},
	{"returned", "contribute", "a NONE CONTRIBUTE > same"},
	{"returned", "press", "l NONE PRESS > same"},
	{"returned", "kept", "l PROMISES_OPEN KEEP > same"},
	{"returned", "dismiss", "Lo PROPOSED DISMISS > dismissed; lo UNPROPOSED PROPOSE > same"},
	{"returned", "merge", "os PROMISES_KEPT MERGE > merged"},
	{"returned", "extend", "l NONE EXTEND > same"},
	{"ruled", "sign", "l NONE SIGN > signed; a NONE ASSIST_SIGN > same"},
	{"ruled", "rule", "os LEAD_GONE RULE > ruled"},
	{"ruled", "assist", "os NONE ASSIST > same"},
	{"ruled", "contribute", "a NONE CONTRIBUTE > same"},
	{"ruled", "answer", "l UNREVIEWED ANSWER > answered"},
	{"ruled", "press", "l NONE PRESS > same"},
	{"ruled", "kept", "l PROMISES_OPEN KEEP > same"},
	{"ruled", "dismiss", "Lo PROPOSED DISMISS > dismissed; lo UNPROPOSED PROPOSE > same"},
	{"ruled", "merge", "os PROMISES_KEPT MERGE > merged"},
	{"ruled", "extend", "l NONE EXTEND > same"},
	{"merged", "unmerge", "os NONE UNMERGE > before"},
	{"dismissed", "reopen", "los NONE REVIVE > reopened"},
	{"dismissed", "follow", "S NONE REVIVE > reopened"},
	{"reopened", "sign", "l NONE SIGN > signed; a NONE ASSIST_SIGN > same"},
	{"reopened", "rule", "os LEAD_GONE RULE > ruled"},
	{"reopened", "assist", "os NONE ASSIST > same"},
	{"reopened", "contribute", "a NONE CONTRIBUTE > same"},
	{"reopened", "answer", "l UNREVIEWED ANSWER > answered"},
	{"reopened", "press", "l NONE PRESS > same"},
	{"reopened", "kept", "l PROMISES_OPEN KEEP > same"},
	{"reopened", "dismiss", "Lo PROPOSED DISMISS > dismissed; lo UNPROPOSED PROPOSE > same"},
	{"reopened", "merge", "os PROMISES_KEPT MERGE > merged"},
	{"reopened", "extend", "l NONE EXTEND > same"},
};

static const char letters[] = "lLaosrS";

static const char *const guard_names[] = {
#define X(name, why) #name,
	HY_CASE_GUARD_LIST(X)
#undef X
};

static struct hy_str rows_of(enum hy_case_state state, enum hy_case_event event)
{
	for (size_t i = 0; i < HY_COUNT(cells); i++)
		if (strcmp(cells[i].state, hy_case_state_id(state)) == 0 &&
		    strcmp(cells[i].event, hy_case_event_id(event)) == 0)
			return hy_str_of(cells[i].rows);
	return (struct hy_str){0};
}

static bool role_fits(struct hy_str who, unsigned roles)
{
	for (size_t i = 0; i < who.n; i++)
		if (roles & (1u << (strchr(letters, who.p[i]) - letters)))
			return true;
	return false;
}

struct world {
	unsigned guards;	/* bit 1 << guard: holds */
};

static bool holds(const void *context, enum hy_case_guard guard)
{
	return ((const struct world *)context)->guards & (1u << guard);
}

/* The row that must decide; empty where none may. */
static struct hy_str wanted_row(struct hy_str rows, unsigned roles, unsigned guards)
{
	struct hy_str row;

	while (hy_str_next(&rows, ';', &row)) {
		struct hy_str rest = hy_str_trim(row), who, guard;

		(void)hy_str_next(&rest, ' ', &who);
		(void)hy_str_next(&rest, ' ', &guard);
		if (!role_fits(who, roles))
			continue;
		for (size_t i = 0; i < HY_COUNT(guard_names); i++)
			if (hy_str_eq_c(guard, guard_names[i]) && (i == 0 || (guards & (1u << i))))
				return rest;
	}
	return (struct hy_str){0};
}

static const char *to_name(enum hy_case_state to)
{
	return to == HY_CASE_SAME ? "same" : to == HY_CASE_BEFORE ? "before" : hy_case_state_id(to);
}

static void expect(enum hy_case_state state, enum hy_case_event event, unsigned roles,
		   unsigned guards)
{
	struct world w = {guards};
	struct hy_case_verdict got = hy_case_judge(state, event, roles, holds, &w);
	struct hy_str rest = wanted_row(rows_of(state, event), roles, guards), action = {0};

	if (!rest.n) {
		if (got.move)
			fail_msg("%s %s by %x with %x is allowed", hy_case_state_id(state),
				 hy_case_event_id(event), roles, guards);
		return;
	}
	if (!got.move)
		fail_msg("%s %s by %x with %x is refused", hy_case_state_id(state),
			 hy_case_event_id(event), roles, guards);
	(void)hy_str_next(&rest, ' ', &action);
	assert_true(hy_str_eq_c(action, hy_case_action(got.move->action)->name));
	assert_true(hy_str_eq_c(hy_str_sub(rest, 2, rest.n), to_name(got.move->to)));
}

static void every_cell(void **context)
{
	(void)context;
	for (int state = 0; state < HY_CASE_STATE_COUNT; state++)
		for (int event = 0; event < HY_CASE_EVENT_COUNT; event++)
			for (unsigned roles = 0; roles < 1u << HY_CASE_ROLE_COUNT; roles++)
				for (int guard = -1; guard <= HY_CASE_GUARD_COUNT; guard++)
					expect((enum hy_case_state)state, (enum hy_case_event)event, roles,
					       guard < 0 ? 0
					       : guard == HY_CASE_GUARD_COUNT ? ~0u
									      : 1u << guard);
}

/* Each row decides somewhere, and each line above is about a state and an event there are. */
static void no_row_in_vain(void **context)
{
	size_t found = 0;

	(void)context;
	for (int state = 0; state < HY_CASE_STATE_COUNT; state++)
		for (int event = 0; event < HY_CASE_EVENT_COUNT; event++)
			found += rows_of((enum hy_case_state)state, (enum hy_case_event)event).n > 0;
	assert_int_equal(found, HY_COUNT(cells));
	for (size_t i = 0; i < hy_case_move_count; i++) {
		const struct hy_case_move *move = &hy_case_moves[i];
		struct world w = {1u << move->guard};
		bool decides = false;

		for (int state = 0; state < HY_CASE_STATE_COUNT; state++)
			for (int role = 0; role < HY_CASE_ROLE_COUNT; role++)
				decides |= hy_case_judge((enum hy_case_state)state, move->event, 1u << role,
							 holds, &w)
						   .move == move;
		assert_true(decides);
	}
}

/* A case that goes on is not left without its clocks, and one that ends keeps none. */
static void effects_fit_the_ends(void **context)
{
	(void)context;
	for (size_t i = 0; i < hy_case_move_count; i++) {
		const struct hy_case_move *move = &hy_case_moves[i];
		unsigned effects = hy_case_action(move->action)->effects;
		bool ends = move->to < HY_CASE_STATE_COUNT && !hy_case_state_is_open(move->to);
		bool from_end = false;

		for (int s = 0; s < HY_CASE_STATE_COUNT; s++)
			from_end |= (move->from & (1u << s)) &&
				    !hy_case_state_is_open((enum hy_case_state)s);
		assert_int_equal(ends, (effects & (HY_CASE_STOP_ALL | HY_CASE_SUSPEND)) != 0);
		assert_int_equal(from_end, (effects & (HY_CASE_START_WATCH | HY_CASE_RESUME)) != 0);
	}
}

/* Who may do a thing at another time is told of the state; who never may, who does. */
static void refusals_say_why(void **context)
{
	struct world w = {0};
	struct hy_case_verdict v;

	(void)context;
	v = hy_case_judge(HY_CASE_CLOSED, HY_CASE_DO_SIGN, HY_CASE_LEAD_MAY, holds, &w);
	assert_int_equal(v.could, 0);
	assert_int_equal(v.missing, HY_CASE_IF_NONE);
	v = hy_case_judge(HY_CASE_ASSIGNED, HY_CASE_DO_RETURN, HY_CASE_OFFICE_MAY, holds, &w);
	assert_int_equal(v.could, HY_CASE_LEAD_MAY);
	v = hy_case_judge(HY_CASE_ASSIGNED, HY_CASE_DO_RETURN, HY_CASE_LEAD_MAY, holds, &w);
	assert_int_equal(v.missing, HY_CASE_IF_RETURNABLE);
	assert_non_null(hy_case_guard_why(v.missing));
}

static void names_and_back(void **context)
{
	(void)context;
	for (int i = 0; i < HY_CASE_STATE_COUNT; i++) {
		enum hy_case_state parsed;

		assert_true(hy_case_state_parse(hy_str_of(hy_case_state_id((enum hy_case_state)i)),
						&parsed));
		assert_int_equal((int)parsed, i);
		assert_non_null(hy_case_state_title((enum hy_case_state)i));
	}
	for (int i = 0; i < HY_CASE_EVENT_COUNT; i++) {
		assert_non_null(hy_case_event_id((enum hy_case_event)i));
		assert_non_null(hy_case_event_title((enum hy_case_event)i));
	}
	enum hy_case_state untouched = HY_CASE_SIGNED;

	assert_false(hy_case_state_parse(HY_STR_LIT("closed?"), &untouched));
	assert_int_equal(untouched, HY_CASE_SIGNED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell),	       cmocka_unit_test(no_row_in_vain),
		cmocka_unit_test(effects_fit_the_ends), cmocka_unit_test(refusals_say_why),
		cmocka_unit_test(names_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
