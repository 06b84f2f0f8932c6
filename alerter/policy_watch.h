/*
 * Policy watch (谁起草谁解读): every reaction to a watched policy is kept, with what it asks; so
 * many within the policy's timespan become a case that its drafter leads, once in a timespan. All
 * of it stands in the transaction of the alert that brought the reaction: whatever dies, there is
 * neither a case too many nor a reaction uncounted.
 *
 * A reaction is a document, not a message: versions of an article and redeliveries count once. What
 * its policy is to the alerter may be unknown while a reload is under way; it is kept all the same.
 */
#ifndef HY_ALERTER_POLICY_WATCH_H
#define HY_ALERTER_POLICY_WATCH_H

#include <stdbool.h>

#include "alerter/turn.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/rules/policies.h"
#include "common/sys/msg.h"

/* Who answers for a policy now: its drafter, or the office while nobody holds that role. */
const struct hy_unit *hy_policy_unit(const struct hy_turn *turn, const struct hy_policy *policy);

/* Puts the policies of the turn's rules in the store, for who reads its views. */
enum hy_err hy_policy_watch_list(struct hy_turn *turn, struct hy_error *e) HY_MUST_CHECK;

/* Takes what the alert says of policies; *out_new: a reaction that was not known. */
enum hy_err hy_policy_watch_take(struct hy_turn *turn, struct hy_str alert_id,
				 const struct hy_msg_alert *alert, bool *out_new,
				 struct hy_error *e) HY_MUST_CHECK;

#endif
