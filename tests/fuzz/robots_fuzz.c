/* First line: the URL to ask for; the rest: the robots.txt. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "crawler/robots.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hy_str rest = {(const char *)data, size}, url = {0}, agent = HY_STR_LIT("HuiyingBot");
	struct hy_robots *r;
	int line = -1;

	if (size)
		(void)hy_str_next(&rest, '\n', &url);
	r = hy_robots_parse(rest);
	/* Nothing is forbidden without a line that says so. */
	if (!hy_robots_allowed(r, agent, url, &line) && hy_robots_line(r, line).n == 0)
		abort();
	if (hy_robots_crawl_delay_ms(r, agent) > 86400000)
		abort();
	for (size_t i = 0; i < hy_robots_sitemap_count(r); i++)
		(void)hy_robots_sitemap(r, i);
	hy_robots_free(r);
	return 0;
}
