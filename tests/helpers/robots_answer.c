/*
 * What a robots.txt says beside its rules, for scores: the delay in milliseconds (-1: none) that
 * holds for an agent, then each sitemap on a line.
 *
 *   robots_answer AGENT <robots.txt
 */
#include <stdio.h>

#include "common/base/buf.h"
#include "crawler/robots.h"

int main(int argc, char **argv)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_ROBOTS_MAX_BYTES);
	hy_cleanup(hy_robots_free_p) struct hy_robots *robots = NULL;
	char *room = hy_buf_reserve(&text, HY_ROBOTS_MAX_BYTES);

	if (argc != 2 || !room) {
		(void)fprintf(stderr, "usage: robots_answer AGENT <robots.txt\n");
		return 2;
	}
	hy_buf_commit(&text, fread(room, 1, HY_ROBOTS_MAX_BYTES, stdin));
	robots = hy_robots_parse(hy_buf_str(&text));
	(void)printf("%lld\n", (long long)hy_robots_crawl_delay_ms(robots, hy_str_of(argv[1])));
	for (size_t i = 0; i < hy_robots_sitemap_count(robots); i++) {
		struct hy_str url = hy_robots_sitemap(robots, i);

		(void)printf("%.*s\n", HY_STR_ARGS(url));
	}
	return 0;
}
