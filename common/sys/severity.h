/*
 * Severity of a concern in the four official grades (一般、较大、重大、特别重大; 突发事件应对法
 * article 3). It chooses supervisors and deadlines. The ids are fixed in messages and rules.
 */
#ifndef HY_SYS_SEVERITY_H
#define HY_SYS_SEVERITY_H

#include <stdbool.h>

#include "common/base/str.h"

#define HY_SEVERITY_LIST(X) \
	X(GENERAL, "general", "一般", "IV") \
	X(CONSIDERABLE, "considerable", "较大", "III") \
	X(MAJOR, "major", "重大", "II") \
	X(CRITICAL, "critical", "特别重大", "I")

enum hy_severity {
#define X(name, id, title, grade) HY_SEVERITY_##name,
	HY_SEVERITY_LIST(X)
#undef X
	HY_SEVERITY_COUNT
};

const char *hy_severity_id(enum hy_severity severity);		/* "major" */
const char *hy_severity_title(enum hy_severity severity);	/* "重大" */
/* Accepts the id, the Chinese name, and the grade (I-IV, Ⅰ-Ⅳ). */
bool hy_severity_parse(struct hy_str s, enum hy_severity *out);

#endif
