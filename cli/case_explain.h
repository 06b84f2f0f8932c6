/* `huiying case explain`: who held a case when, and how each of its limits was counted. */
#ifndef HY_CLI_CASE_EXPLAIN_H
#define HY_CLI_CASE_EXPLAIN_H

#include <stdbool.h>

#include "alerter/rule_set.h"
#include "common/sys/store.h"

/*
 * Prints it all from the store's views; the rules give the calendar for the days that were left
 * out (NULL: they are not listed). Returns the exit code.
 */
int hy_cli_case_explain(struct hy_store *store, const struct hy_rule_set *rules,
			const char *case_id, bool json);

#endif
