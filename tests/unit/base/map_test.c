#include "common/base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "common/base/mem.h"

#define MODEL_KEYS 300

static void test_set_get_remove(void **state)
{
	struct hy_map m;
	int a, b;
	char key[] = "key";

	(void)state;
	hy_map_init(&m, 10);
	assert_null(hy_map_get(&m, HY_STR_LIT("key")));
	assert_null(hy_map_remove(&m, HY_STR_LIT("key")));
	assert_int_equal(hy_map_set(&m, hy_str_of(key), &a), HY_OK);
	key[0] = 'X';	/* keys are copied */
	assert_ptr_equal(hy_map_get(&m, HY_STR_LIT("key")), &a);
	assert_int_equal(hy_map_set(&m, HY_STR_LIT("key"), &b), HY_OK);
	assert_ptr_equal(hy_map_get(&m, HY_STR_LIT("key")), &b);
	assert_int_equal(m.used, 1);
	/* The empty key and keys with NUL are keys like others. */
	assert_int_equal(hy_map_set(&m, (struct hy_str){NULL, 0}, &a), HY_OK);
	assert_int_equal(hy_map_set(&m, HY_STR_LIT("key\0"), &a), HY_OK);
	assert_int_equal(m.used, 3);
	assert_ptr_equal(hy_map_get(&m, HY_STR_LIT("")), &a);
	assert_ptr_equal(hy_map_remove(&m, HY_STR_LIT("key")), &b);
	assert_null(hy_map_get(&m, HY_STR_LIT("key")));
	assert_ptr_equal(hy_map_get(&m, HY_STR_LIT("key\0")), &a);
	hy_map_fini(&m);
	hy_map_fini(&m);
	assert_null(hy_map_get(&m, HY_STR_LIT("")));
}

static void test_limit(void **state)
{
	struct hy_map m;
	int value;
	char key[8];

	(void)state;
	hy_map_init(&m, 50);
	for (int i = 0; i < 50; i++) {
		(void)snprintf(key, sizeof key, "%d", i);
		assert_int_equal(hy_map_set(&m, hy_str_of(key), &value), HY_OK);
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(hy_map_set(&m, HY_STR_LIT("more"), &value), HY_ERR_LIMIT);
	assert_null(hy_map_get(&m, HY_STR_LIT("more")));
	assert_int_equal(m.used, 50);
	assert_in_range(m.cap, 50, 256);	/* trying does not make it grow */
	assert_int_equal(hy_map_set(&m, HY_STR_LIT("7"), &key), HY_OK);	/* replacing is no growth */
	assert_ptr_equal(hy_map_remove(&m, HY_STR_LIT("7")), &key);
	assert_int_equal(hy_map_set(&m, HY_STR_LIT("more"), &value), HY_OK);
	hy_map_fini(&m);
}

static uint32_t next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

static void compare_with_model(const struct hy_map *m, const bool present[MODEL_KEYS],
			       const int values[MODEL_KEYS])
{
	size_t expected = 0, seen = 0, pos = 0;
	struct hy_str key;
	void *value;

	for (size_t i = 0; i < MODEL_KEYS; i++)
		expected += present[i];
	assert_int_equal(m->used, expected);
	while (hy_map_next(m, &pos, &key, &value)) {
		size_t i = (size_t)((const int *)value - values);
		char text[16];

		assert_true(i < MODEL_KEYS && present[i]);
		(void)snprintf(text, sizeof text, "key-%zu", i);
		assert_true(hy_str_eq_c(key, text));
		seen++;
	}
	assert_int_equal(seen, expected);
	pos = 0;
	for (seen = 0; hy_map_next(m, &pos, NULL, NULL);)
		seen++;
	assert_int_equal(seen, expected);
}

/* 20000 random steps against a plain array: every probe chain gets holes moved through it. */
static void test_against_model(void **state)
{
	static int values[MODEL_KEYS];
	bool present[MODEL_KEYS] = {false};
	struct hy_map m;
	uint32_t x = 2463534242u;
	char key[16];

	(void)state;
	hy_map_init(&m, MODEL_KEYS);
	for (int step = 0; step < 20000; step++) {
		size_t i = next_random(&x) % MODEL_KEYS;

		(void)snprintf(key, sizeof key, "key-%zu", i);
		assert_ptr_equal(hy_map_get(&m, hy_str_of(key)), present[i] ? &values[i] : NULL);
		if (next_random(&x) & 1) {
			assert_int_equal(hy_map_set(&m, hy_str_of(key), &values[i]), HY_OK);
			present[i] = true;
		} else {
			assert_ptr_equal(hy_map_remove(&m, hy_str_of(key)),
					 present[i] ? &values[i] : NULL);
			present[i] = false;
		}
		if (step % 500 == 0)
			compare_with_model(&m, present, values);
	}
	compare_with_model(&m, present, values);
	hy_map_fini(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_get_remove),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_against_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
