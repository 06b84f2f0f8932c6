/* `huiying roster export` and `import`: the roster as an iCalendar file, and changes from one. */
#ifndef HY_CLI_ROSTER_ICS_H
#define HY_CLI_ROSTER_ICS_H

#include "alerter/rule_set.h"
#include "common/base/time.h"

struct hy_roster_export {
	const struct hy_rule_set *rules;
	const char *unit;		/* NULL: every roster */
	struct hy_wall from, to;
};
/* Prints to standard output. Returns the exit code. */
int hy_cli_roster_export(const struct hy_roster_export *x);

struct hy_roster_import {
	const char *dir;		/* rules folder */
	const char *unit;		/* of entries that name none; NULL: the default roster */
	struct hy_wall now;		/* gaps are looked for from here on */
};
/*
 * Takes leave, swaps and shifts of the files into roster-changes.yaml, all or nothing. An entry
 * replaces the one of the same UID, a cancelled one removes it; the same file again changes
 * nothing. Returns the exit code: findings where a gap was made.
 */
int hy_cli_roster_import(const struct hy_roster_import *m, int count, char **files);

#endif
