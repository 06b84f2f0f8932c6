/* Any bytes: the masked text is UTF-8, and masking it again changes nothing. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/mask.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hy_cleanup(hy_buf_fini) struct hy_buf once = {0};
	hy_cleanup(hy_buf_fini) struct hy_buf twice = {0};

	hy_buf_init(&once, 4 * size + 16);
	hy_buf_init(&twice, 4 * size + 16);
	if (hy_mask((struct hy_str){(const char *)data, size}, &once, NULL))
		abort();
	if (!hy_utf8_valid(once.p, once.n) || hy_mask(hy_buf_str(&once), &twice, NULL) ||
	    !hy_str_eq(hy_buf_str(&once), hy_buf_str(&twice)))
		abort();
	return 0;
}
