/* The table of states, walked whole: every state with every command, signed or not. */
#include "alerter/case_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/mem.h"

#define NONE (-1)

/* Written down by hand, so that a change of the table is a change here. */
static const int expected[HY_CASE_STATE_COUNT][HY_COMMAND_COUNT][2] = {
	[HY_CASE_ASSIGNED] = {[HY_COMMAND_SIGN] = {HY_CASE_SIGNED, NONE},
			      [HY_COMMAND_ANSWER] = {HY_CASE_ANSWERED, HY_CASE_ANSWERED}},
	[HY_CASE_SIGNED] = {[HY_COMMAND_SIGN] = {NONE, NONE},
			    [HY_COMMAND_ANSWER] = {HY_CASE_ANSWERED, HY_CASE_ANSWERED}},
	[HY_CASE_ANSWERED] = {[HY_COMMAND_SIGN] = {HY_CASE_ANSWERED, NONE},
			      [HY_COMMAND_ANSWER] = {HY_CASE_ANSWERED, HY_CASE_ANSWERED}},
};

static void every_cell(void **state)
{
	(void)state;
	for (int from = 0; from < HY_CASE_STATE_COUNT; from++) {
		for (int command = 0; command < HY_COMMAND_COUNT; command++) {
			for (int is_signed = 0; is_signed < 2; is_signed++) {
				const struct hy_case_move *move = hy_case_move_find(
					(enum hy_case_state)from, (enum hy_command)command,
					is_signed);

				/* Hand-over notes are about no case. */
				int wanted = command == HY_COMMAND_HANDOVER ||
							     command == HY_COMMAND_HANDOVER_SIGN
						     ? NONE
						     : expected[from][command][is_signed];

				assert_int_equal(move ? (int)move->to : NONE, wanted);
			}
		}
	}
}

static void no_cell_twice(void **state)
{
	(void)state;
	for (size_t i = 0; i < hy_case_move_count; i++) {
		for (size_t j = i + 1; j < hy_case_move_count; j++)
			assert_false(hy_case_moves[i].from == hy_case_moves[j].from &&
				     hy_case_moves[i].command == hy_case_moves[j].command);
	}
}

static void names_and_back(void **state)
{
	(void)state;
	for (int i = 0; i < HY_CASE_STATE_COUNT; i++) {
		enum hy_case_state parsed;

		assert_true(hy_case_state_parse(hy_str_of(hy_case_state_id((enum hy_case_state)i)),
						&parsed));
		assert_int_equal((int)parsed, i);
		assert_non_null(hy_case_state_title((enum hy_case_state)i));
	}
	enum hy_case_state untouched = HY_CASE_SIGNED;

	assert_false(hy_case_state_parse(HY_STR_LIT("closed?"), &untouched));
	assert_int_equal(untouched, HY_CASE_SIGNED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell),
		cmocka_unit_test(no_cell_twice),
		cmocka_unit_test(names_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
