/*
 * Fresh databases on both engines, so that one table of tests runs over SQLite and over a
 * real PostgreSQL. Gives URLs only; whoever tests opens the store.
 */
#ifndef TESTS_LIB_ENGINES_H
#define TESTS_LIB_ENGINES_H

#include <stdbool.h>

#include "tests/lib/postgres.h"

#define TEST_URL_BYTES 256

enum test_engine { TEST_SQLITE, TEST_POSTGRES };

struct test_engines {
	char folder[64];		/* for SQLite files and whatever else a test writes */
	struct test_postgres *server;	/* started when first asked for; NULL: not installed */
	unsigned count;
};

bool test_engines_start(struct test_engines *engines);
void test_engines_stop(struct test_engines *engines);
/* The URL of an empty database; false where that engine is not there. */
bool test_engines_url(struct test_engines *engines, enum test_engine engine,
		      char out_url[TEST_URL_BYTES]);

#endif
