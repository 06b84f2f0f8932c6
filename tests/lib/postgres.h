/*
 * A private PostgreSQL server for tests: a fresh cluster in a temporary folder, reached by a
 * unix socket only, ended with the test. As root it runs as the user "postgres", since the
 * server refuses root. NULL from start means that it is not installed: skip visibly.
 */
#ifndef TESTS_LIB_POSTGRES_H
#define TESTS_LIB_POSTGRES_H

#include <stdbool.h>
#include <stddef.h>

struct test_postgres;

/* Says on standard error why, where it returns NULL. */
struct test_postgres *test_postgres_start(void);
void test_postgres_stop(struct test_postgres *server);	/* NULL is legal */

/* The folder of the socket, for URLs of one's own: postgresql:///postgres?user=postgres&host=... */
const char *test_postgres_folder(const struct test_postgres *server);
/* Creates an empty schema and writes the URL of a connection that lives in it. */
bool test_postgres_schema(struct test_postgres *server, const char *schema, char *out_url,
			  size_t url_bytes);
/* Runs SQL on an administrator's connection of its own; false with a message on failure. */
bool test_postgres_sql(struct test_postgres *server, const char *sql);

#endif
