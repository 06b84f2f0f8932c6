/* Cases for people and for programs, read from the alerter's views. */
#ifndef HY_CLI_CASE_PRINT_H
#define HY_CLI_CASE_PRINT_H

#include <stdbool.h>

#include "cli/names.h"
#include "common/sys/store.h"

struct hy_case_filter {
	const char *id, *unit, *state;	/* NULL: any */
	bool all;			/* also answered ones */
	bool json;
	const struct hy_names *names;	/* of units and topics, for people */
};

/* Both return the exit code; what cannot be read is told on standard error. */
int hy_case_print_list(struct hy_store *store, const struct hy_case_filter *filter);
/* With reasons, assists, deadlines, notices and answers. */
int hy_case_print_one(struct hy_store *store, const struct hy_case_filter *filter);

#endif
