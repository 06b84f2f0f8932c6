/* Operands as files: all are read, the worst code counts, nothing is cut. */
#include "cli/input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/verb.h"
#include "common/base/mem.h"

#define MAX_BYTES 10

struct world {
	char folder[32];
	char seen[256];		/* "path=bytes;" */
	size_t calls;
};

static int set_up(void **state)
{
	struct world *w = hy_xcalloc(1, sizeof *w);

	(void)snprintf(w->folder, sizeof w->folder, "/tmp/huiying-input-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	assert_int_equal(chdir(w->folder), 0);
	*state = w;
	return 0;
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(name, "wbe");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

static int tear_down(void **state)
{
	struct world *w = *state;
	static const char *const names[] = {"a", "b", "full", "large"};

	for (size_t i = 0; i < HY_COUNT(names); i++)
		(void)unlink(names[i]);
	(void)rmdir(w->folder);
	free(w);
	return 0;
}

static int note(const char *path, struct hy_str bytes, void *ctx)
{
	struct world *w = ctx;
	size_t used = strlen(w->seen);

	w->calls++;
	(void)snprintf(w->seen + used, sizeof w->seen - used, "%s=%.*s;", path,
		       HY_STR_ARGS(bytes));
	return hy_str_eq_c(bytes, "no") ? HY_EXIT_FINDINGS : HY_EXIT_OK;
}

static void every_file_is_read(void **state)
{
	struct world *w = *state;
	char verb[] = "x", a[] = "a", missing[] = "missing", folder[] = ".", b[] = "b",
	     full[] = "full", large[] = "large";
	char *good[] = {verb, a, full, NULL}, *found[] = {verb, b, a, NULL};
	char *bad[] = {verb, missing, folder, large, b, a, NULL};

	put("a", "yes");
	put("b", "no");
	put("full", "0123456789");
	put("large", "0123456789A");
	assert_int_equal(hy_input_each(2, good, MAX_BYTES, note, w), HY_EXIT_OK);
	assert_string_equal(w->seen, "a=yes;full=0123456789;");
	w->seen[0] = '\0';
	assert_int_equal(hy_input_each(2, found, MAX_BYTES, note, w), HY_EXIT_FINDINGS);
	assert_string_equal(w->seen, "b=no;a=yes;");
	/* What cannot be read, or only in part, is never handed on; the others are. */
	w->seen[0] = '\0';
	assert_int_equal(hy_input_each(5, bad, MAX_BYTES, note, w), HY_EXIT_FAILURE);
	assert_string_equal(w->seen, "b=no;a=yes;");
}

static void mark_is_taken_off_once(void **state)
{
	(void)state;
	assert_true(hy_str_eq_c(hy_input_without_mark(HY_STR_LIT("\xEF\xBB\xBF{}")), "{}"));
	assert_true(hy_str_eq_c(hy_input_without_mark(HY_STR_LIT("\xEF\xBB\xBF\xEF\xBB\xBFx")),
				"\xEF\xBB\xBFx"));
	assert_true(hy_str_eq_c(hy_input_without_mark(HY_STR_LIT("\xEF\xBB")), "\xEF\xBB"));
	assert_true(hy_str_eq_c(hy_input_without_mark(HY_STR_LIT("")), ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_file_is_read, set_up, tear_down),
		cmocka_unit_test(mark_is_taken_off_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
