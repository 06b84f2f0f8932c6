/* What the verbs about cases need: the rules as the alerter reads them, its store, its ear. */
#ifndef HY_CLI_ALERTER_ACCESS_H
#define HY_CLI_ALERTER_ACCESS_H

#include "alerter/rule_set.h"
#include "common/base/time.h"
#include "common/sys/msg.h"
#include "common/sys/store.h"

/* Mistakes are printed to standard error; NULL then. Free with hy_rule_set_free. */
struct hy_rule_set *hy_cli_rules_load(const char *dir);

/*
 * The alerter's store, read-only: `url`, or what the configuration file says. NULL with a
 * message on standard error.
 */
struct hy_store *hy_cli_alerter_store(const char *config, const char *url);

/* An RFC 3339 time of the command line; NULL: now. False with a message. */
bool hy_cli_time(const char *text, struct hy_wall *out);

/* Sends a command to the alerter and prints its reply. Returns the exit code. */
int hy_cli_command(const char *config, const struct hy_msg_command *command);

/* "2026-11-23 09:00", or "-" where unknown. Returns out. */
const char *hy_cli_minute(struct hy_wall at, char out[HY_RFC3339_BYTES]);

#endif
