/*
 * Shares of the documents that topics take by one rule set and by another, and which of them the
 * other one puts far out of its usual: judged as the alerter judges a day (alerter/share.h), the
 * first set being the usual.
 */
#ifndef HY_CLI_RULE_SHARES_H
#define HY_CLI_RULE_SHARES_H

#include <jansson.h>
#include <stddef.h>

#include "analyzer/scanner.h"
#include "common/base/buf.h"
#include "common/base/map.h"

struct hy_rule_share;

struct hy_rule_shares {
	size_t documents;
	struct hy_rule_share **topics;
	size_t count, cap;
	struct hy_map by_topic;
};

void hy_rule_shares_init(struct hy_rule_shares *shares);
void hy_rule_shares_fini(struct hy_rule_shares *shares);

/* A document as both see it. */
void hy_rule_shares_add(struct hy_rule_shares *shares, const struct hy_scan_result *base,
			const struct hy_scan_result *changed);

/* Those out of their usual, by id; nothing where there are none. Both sort. */
void hy_rule_shares_print(struct hy_rule_shares *shares, struct hy_buf *out);	/* Chinese */
json_t *hy_rule_shares_json(struct hy_rule_shares *shares);			/* the caller's */

#endif
