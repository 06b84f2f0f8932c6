/* First line: base; second: reference. What comes out must be stable and within the limit. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "crawler/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct hy_str url)
{
	hy_cleanup(hy_buf_fini) struct hy_buf again = HY_BUF(HY_URL_MAX_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf canonical = HY_BUF(HY_URL_MAX_BYTES);
	struct hy_url parts;

	if (url.n > HY_URL_MAX_BYTES || !hy_url_split(url, &parts))
		abort();
	if (hy_url_normalise(url, &again) || !hy_str_eq(hy_buf_str(&again), url))
		abort();
	if (hy_url_canonical(url, &canonical) == HY_OK && !hy_url_split(hy_buf_str(&canonical), &parts))
		abort();
	if (hy_url_site(hy_url_host(url)).n == 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hy_cleanup(hy_buf_fini) struct hy_buf url = HY_BUF(HY_URL_MAX_BYTES);
	struct hy_str rest = {(const char *)data, size}, base = {0};

	if (size)
		(void)hy_str_next(&rest, '\n', &base);
	if (hy_url_resolve(base, rest, &url) == HY_OK)
		check(hy_buf_str(&url));
	else if (url.n)
		abort();
	return 0;
}
