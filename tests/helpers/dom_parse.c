/*
 * The yardstick of the chain: parses pages into a plain libxml2 tree and frees it, nothing
 * else. Prints {"pages","rounds","cpu_us_per_page"}.
 *
 *   dom_parse ROUNDS FILE...
 */
#include <libxml/HTMLparser.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/buf.h"
#include "common/base/str.h"

#define PAGE_BYTES (64u << 20)

static int64_t cpu_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static bool read_file(const char *path, struct hy_buf *out)
{
	FILE *file = fopen(path, "rb");
	size_t n = 1;

	if (!file)
		return false;
	while (n > 0) {
		char *room = hy_buf_reserve(out, 65536);

		n = room ? fread(room, 1, 65536, file) : 0;
		if (n)
			hy_buf_commit(out, n);
	}
	(void)fclose(file);
	return hy_buf_err(out) == HY_OK;
}

int main(int argc, char **argv)
{
	struct hy_str count = hy_str_of(argc > 2 ? argv[1] : NULL);
	int pages = argc - 2;
	int64_t rounds, start, spent;
	struct hy_buf *texts;

	if (argc < 3 || !hy_str_to_int(count, 1, 1000, &rounds)) {
		(void)fprintf(stderr, "usage: dom_parse ROUNDS FILE...\n");
		return 2;
	}
	texts = calloc((size_t)pages, sizeof *texts);
	for (int i = 0; i < pages; i++) {
		hy_buf_init(&texts[i], PAGE_BYTES);
		if (!read_file(argv[i + 2], &texts[i])) {
			(void)fprintf(stderr, "cannot read %s\n", argv[i + 2]);
			return 3;
		}
	}
	start = cpu_us();
	for (int64_t round = 0; round < rounds; round++)
		for (int i = 0; i < pages; i++)
			xmlFreeDoc(htmlReadMemory(texts[i].p, (int)texts[i].n, NULL, NULL,
						  HTML_PARSE_RECOVER | HTML_PARSE_NOERROR |
							  HTML_PARSE_NOWARNING |
							  HTML_PARSE_NONET));
	spent = cpu_us() - start;
	(void)printf("{\"pages\":%d,\"rounds\":%lld,\"cpu_us_per_page\":%.1f}\n", pages,
		     (long long)rounds, (double)spent / (double)(rounds * pages));
	return 0;
}
