/* Says in Chinese why a rule's condition held or did not for the document just loaded. */
#ifndef HY_ANALYZER_EXPLAIN_H
#define HY_ANALYZER_EXPLAIN_H

#include "analyzer/evidence.h"
#include "analyzer/ruleset.h"
#include "common/base/buf.h"

void hy_explain(const struct hy_ruleset *ruleset, const struct hy_rule *rule,
		struct hy_evidence *evidence, struct hy_buf *out);

#endif
