#include "common/sys/severity.h"

#include <stddef.h>

#include "common/base/err.h"

struct grade {
	const char *id, *title, *roman;
};

static const struct grade grades[HY_SEVERITY_COUNT] = {
#define X(name, id, title, roman) [HY_SEVERITY_##name] = {id, title, roman},
	HY_SEVERITY_LIST(X)
#undef X
};

/* The single characters U+2160 to U+2163, which official texts use for the grades. */
static const char *const roman_signs[HY_SEVERITY_COUNT] = {
	[HY_SEVERITY_GENERAL] = "Ⅳ",
	[HY_SEVERITY_CONSIDERABLE] = "Ⅲ",
	[HY_SEVERITY_MAJOR] = "Ⅱ",
	[HY_SEVERITY_CRITICAL] = "Ⅰ",
};

const char *hy_severity_id(enum hy_severity severity)
{
	hy_assert((size_t)severity < HY_SEVERITY_COUNT);
	return grades[severity].id;
}

const char *hy_severity_title(enum hy_severity severity)
{
	hy_assert((size_t)severity < HY_SEVERITY_COUNT);
	return grades[severity].title;
}

bool hy_severity_parse(struct hy_str s, enum hy_severity *out)
{
	for (size_t i = 0; i < HY_SEVERITY_COUNT; i++) {
		if (!hy_str_eq_c(s, grades[i].id) && !hy_str_eq_c(s, grades[i].title) &&
		    !hy_str_eq_c(s, grades[i].roman) && !hy_str_eq_c(s, roman_signs[i]))
			continue;
		*out = (enum hy_severity)i;
		return true;
	}
	return false;
}
