/* Says in Chinese why a rule's condition held or did not for the document scanned last. */
#ifndef HY_ANALYZER_EXPLAIN_H
#define HY_ANALYZER_EXPLAIN_H

#include "analyzer/ruleset.h"
#include "analyzer/scanner.h"
#include "common/base/buf.h"

void hy_explain(struct hy_scanner *scanner, const struct hy_rule *rule, struct hy_buf *out);

#endif
