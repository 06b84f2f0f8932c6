/* What is remembered of events never says less than was told, and stays bounded. */
#include "alerter/heat_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/base/mem.h"

static struct hy_id event_of(int number)
{
	char text[32];
	struct hy_str part;

	(void)snprintf(text, sizeof text, "%d", number);
	part = hy_str_of(text);
	return hy_id_of(&part, 1);
}

static void each_teller_is_new_once(void **state)
{
	struct hy_heat_memory *memory = hy_heat_memory_new();
	struct hy_id event = event_of(1), other = event_of(2);
	struct hy_heat_entry *entry;

	(void)state;
	assert_null(hy_heat_memory_get(memory, &event));
	entry = hy_heat_memory_add(memory, &event);
	assert_true(hy_heat_entry_tell(entry, HY_STR_LIT("甲报")));
	assert_true(hy_heat_entry_tell(entry, HY_STR_LIT("乙报")));
	assert_false(hy_heat_entry_tell(entry, HY_STR_LIT("甲报")));
	assert_int_equal(entry->count, 2);
	assert_int_equal(entry->alerts, 3);
	assert_ptr_equal(hy_heat_memory_get(memory, &event), entry);
	assert_true(hy_heat_entry_tell(hy_heat_memory_add(memory, &other), HY_STR_LIT("甲报")));
	/* Begun anew. */
	assert_int_equal(hy_heat_memory_add(memory, &event)->count, 0);
	hy_heat_memory_clear(memory);
	assert_null(hy_heat_memory_get(memory, &event));
	hy_heat_memory_free(memory);
}

static void it_forgets_rather_than_grow(void **state)
{
	struct hy_heat_memory *memory = hy_heat_memory_new();
	struct hy_id first = event_of(0), last;

	(void)state;
	for (int i = 0; i < HY_HEAT_EVENTS_MAX; i++) {
		last = event_of(i);
		(void)hy_heat_memory_add(memory, &last);
		/* The same again takes no more room. */
		(void)hy_heat_memory_add(memory, &last);
	}
	assert_non_null(hy_heat_memory_get(memory, &first));
	last = event_of(HY_HEAT_EVENTS_MAX);
	(void)hy_heat_memory_add(memory, &last);
	assert_null(hy_heat_memory_get(memory, &first));
	assert_non_null(hy_heat_memory_get(memory, &last));
	hy_heat_memory_free(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_teller_is_new_once),
		cmocka_unit_test(it_forgets_rather_than_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
