/*
 * Digests of policies: what the reactions to a policy are so far, by day and outlet, with the
 * questions asked most, as a notice to those on duty at its drafter. When is the first reaction he
 * has not been told of, and the policy's `digest` behind it; at once where a case was opened. One
 * digest tells all that came meanwhile; where nothing came there is none.
 */
#ifndef HY_ALERTER_POLICY_DIGEST_H
#define HY_ALERTER_POLICY_DIGEST_H

#include "alerter/turn.h"
#include "common/base/err.h"
#include "common/base/time.h"
#include "common/sys/store.h"

#define HY_POLICY_STEP_DIGEST "policy-digest"	/* the step of its notice; see channels.yaml */

/* Tells what is due at the turn's moment, some at a time, in the caller's transaction. */
enum hy_err hy_policy_digests(struct hy_turn *turn, struct hy_error *e) HY_MUST_CHECK;

/* When the next one is due; unknown where none waits. */
enum hy_err hy_policy_digest_next(struct hy_store *store, struct hy_wall *out, struct hy_error *e)
	HY_MUST_CHECK;

#endif
