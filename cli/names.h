/*
 * Names of units and topics, for showing them to people in place of ids. What has no name here
 * is shown by its id.
 */
#ifndef HY_CLI_NAMES_H
#define HY_CLI_NAMES_H

#include "common/base/buf.h"
#include "common/base/map.h"
#include "common/base/str.h"
#include "common/sys/store.h"

struct hy_names {
	struct hy_map units, topics;	/* id -> char *, owned */
};

void hy_names_init(struct hy_names *names);
void hy_names_fini(struct hy_names *names);

/* What a rules folder names; mistakes in it are not the business of who shows a name. */
void hy_names_add_rules(struct hy_names *names, const char *rules_dir);
/* Units as the alerter's store has them, also those that left the rules since. */
void hy_names_add_store(struct hy_names *names, struct hy_store *store);

bool hy_names_has_unit(const struct hy_names *names, struct hy_str id);
void hy_names_topic(const struct hy_names *names, struct hy_str id, struct hy_buf *out);
/* A recipient or actor, "unit" or "unit/post": 公安分局值班三岗. */
void hy_names_recipient(const struct hy_names *names, struct hy_str recipient,
			struct hy_buf *out);

#endif
