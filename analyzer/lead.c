#include "analyzer/lead.h"

#include <stdint.h>

#include "common/base/utf8.h"

size_t hy_lead_bytes(struct hy_str body)
{
	size_t characters = 0, at = 0;

	while (at < body.n && characters < HY_LEAD_MAX) {
		uint32_t rune;
		size_t bytes = hy_utf8_decode(body.p + at, body.n - at, &rune);

		if (bytes > 0 && rune == '\n' && characters >= HY_LEAD_ENOUGH)
			break;
		if (bytes == 0 || !hy_rune_is_space(rune))
			characters++;
		at += bytes ? bytes : 1;
	}
	return at;
}
