/*
 * A small rules folder for tests: two streets, six units, four topics, short limits. Every file
 * can be replaced, whole or by one passage, to see what a mistake leads to. policies/ is empty:
 * who needs some writes policies/watched.yaml.
 */
#ifndef TESTS_LIB_RULES_FOLDER_H
#define TESTS_LIB_RULES_FOLDER_H

#include <stdbool.h>

struct test_rules {
	char folder[64];
};

/* Makes the folder under /tmp; false with a message on failure. */
bool test_rules_make(struct test_rules *rules);
void test_rules_remove(struct test_rules *rules);

/* Writes a file of the folder ("units.yaml"). */
bool test_rules_put(const struct test_rules *rules, const char *name, const char *text);
/* Replaces the only place where `old` stands in that file of the set; false where it is not. */
bool test_rules_edit(const struct test_rules *rules, const char *name, const char *old,
		     const char *text);

#endif
