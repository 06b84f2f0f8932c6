#include "common/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static void test_allocations(void **state)
{
	unsigned char *p = hy_xcalloc(3, 5);
	char *s;

	(void)state;
	for (size_t i = 0; i < 15; i++)
		assert_int_equal(p[i], 0);
	memset(p, 7, 15);
	p = hy_xrealloc(p, 100, 3);
	assert_int_equal(p[14], 7);
	free(p);
	p = hy_xcalloc(0, 8);
	assert_non_null(p);
	p = hy_xrealloc(p, 0, 8);
	assert_non_null(p);
	free(p);
	s = hy_xstrdup("回应");
	assert_string_equal(s, "回应");
	free(s);
	s = hy_xstrndup("a\0bc", 3);
	assert_memory_equal(s, "a\0b", 4);
	free(s);
	s = hy_xstrndup(NULL, 0);
	assert_string_equal(s, "");
	free(s);
}

static void test_grow(void **state)
{
	size_t cap = 0, moves = 0;
	int *items = NULL;

	(void)state;
	for (size_t n = 1; n <= 1000; n++) {
		int *before = items;
		size_t cap_before = cap;

		items = hy_grow(items, &cap, n, sizeof *items);
		assert_true(cap >= n);
		if (n <= cap_before)
			assert_ptr_equal(items, before);
		else
			moves++;
		items[n - 1] = (int)n;
	}
	assert_in_range(moves, 1, 12);	/* doubling, not one by one */
	for (size_t n = 1; n <= 1000; n++)
		assert_int_equal(items[n - 1], n);
	assert_ptr_equal(hy_grow(items, &cap, 0, sizeof *items), items);
	free(items);
}

/* Runs fn in a child and expects it to abort. */
static void expect_abort(void (*fn)(void))
{
	const struct rlimit no_core = {0, 0};
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		(void)setrlimit(RLIMIT_CORE, &no_core);
		(void)signal(SIGABRT, SIG_DFL);
		(void)close(STDERR_FILENO);
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void overflowing_realloc(void)
{
	free(hy_xrealloc(NULL, SIZE_MAX / 2, 4));
}

static void overflowing_grow(void)
{
	size_t cap = 0;

	free(hy_grow(NULL, &cap, SIZE_MAX - 1, 2));
}

static void test_impossible_sizes_abort(void **state)
{
	(void)state;
	expect_abort(overflowing_realloc);
	expect_abort(overflowing_grow);
}

struct thing {
	int freed;
};

static void thing_free(struct thing *t)
{
	t->freed++;
}

HY_DEFINE_CLEANUP(struct thing *, thing_free)

static void test_cleanup_and_take(void **state)
{
	struct thing kept = {0}, dropped = {0}, *out = NULL;

	(void)state;
	{
		hy_cleanup(thing_free_p) struct thing *a = &kept;
		hy_cleanup(thing_free_p) struct thing *b = &dropped;
		hy_cleanup(thing_free_p) struct thing *none = NULL;
		hy_cleanup(hy_free_p) char *text = hy_xstrdup("freed here");

		assert_non_null(text);
		assert_null(none);
		assert_non_null(b);
		out = hy_take(&a);
		assert_null(a);
	}
	assert_ptr_equal(out, &kept);
	assert_int_equal(kept.freed, 0);
	assert_int_equal(dropped.freed, 1);
}

static void test_container_of(void **state)
{
	struct outer {
		int before;
		struct thing inner;
	} outer;
	struct thing *inner = &outer.inner;

	(void)state;
	assert_ptr_equal(hy_container_of(inner, struct outer, inner), &outer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allocations),
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_impossible_sizes_abort),
		cmocka_unit_test(test_cleanup_and_take),
		cmocka_unit_test(test_container_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
