#include "tests/lib/engines.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool test_engines_start(struct test_engines *engines)
{
	memset(engines, 0, sizeof *engines);
	(void)snprintf(engines->folder, sizeof engines->folder, "/tmp/huiying-store-XXXXXX");
	return mkdtemp(engines->folder) != NULL;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void test_engines_stop(struct test_engines *engines)
{
	test_postgres_stop(engines->server);
	(void)nftw(engines->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

bool test_engines_url(struct test_engines *engines, enum test_engine engine,
		      char out_url[TEST_URL_BYTES])
{
	char name[16];

	(void)snprintf(name, sizeof name, "t%u", ++engines->count);
	if (engine == TEST_POSTGRES && !engines->server)
		engines->server = test_postgres_start();
	if (engine == TEST_POSTGRES)
		return engines->server &&
		       test_postgres_schema(engines->server, name, out_url, TEST_URL_BYTES);
	(void)snprintf(out_url, TEST_URL_BYTES, "sqlite:%s/%s.db", engines->folder, name);
	return true;
}
