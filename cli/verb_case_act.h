/* `huiying case ACTION CASE…`: what officers do, as one command to the alerter. */
#ifndef HY_CLI_VERB_CASE_ACT_H
#define HY_CLI_VERB_CASE_ACT_H

#include <stdbool.h>

#include "cli/options.h"

/* The options; NULL where not given. */
struct hy_case_words {
	const char *config, *actor, *kind, *to, *address, *text, *promise, *due, *approver, *version;
};

/* Whether that is the name of an act. */
bool hy_case_is_act(const char *name);
/* Names and cases in operands[0..]; returns the exit code. */
int hy_case_act_run(const struct hy_usage *usage, const struct hy_case_words *words, int count,
		    char **operands);

#endif
