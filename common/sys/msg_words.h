/*
 * The words of messages: closed sets of values, each with its name on the wire. Their names are
 * in msg_types.c; a name that is not in its set is MALFORMED.
 */
#ifndef HY_SYS_MSG_WORDS_H
#define HY_SYS_MSG_WORDS_H

/* A field of a document, where a hit stands. */
enum hy_field {
	HY_FIELD_TITLE,		/* "title" */
	HY_FIELD_BODY,		/* "body": the text */
	HY_FIELD_COUNT
};
const char *hy_field_name(enum hy_field field);

#define HY_OUTCOME_LIST(X) \
	X(QUIET, "quiet")		/* no topic crossed its threshold */ \
	X(ALERTED, "alerted")		/* an alert was raised and is held by the alerter */ \
	X(REACTION, "reaction")		/* the same, of one that only reacts to a policy */ \
	X(UNJUDGED, "unjudged")		/* refused for good, with the reason in note */
enum hy_outcome {
#define X(name, text) HY_OUTCOME_##name,
	HY_OUTCOME_LIST(X)
#undef X
	HY_OUTCOME_COUNT
};
const char *hy_outcome_name(enum hy_outcome outcome);

#define HY_RECEIPT_OUTCOME_LIST(X) \
	X(TAKEN, "taken")		/* committed */ \
	X(REFUSED, "refused")		/* for good: sending it again would not help */
enum hy_receipt_outcome {
#define X(name, text) HY_RECEIPT_##name,
	HY_RECEIPT_OUTCOME_LIST(X)
#undef X
	HY_RECEIPT_OUTCOME_COUNT
};
const char *hy_receipt_outcome_name(enum hy_receipt_outcome outcome);

/* What each takes: alerter/case_command.h; the last two: alerter/handover.h. */
#define HY_COMMAND_LIST(X) \
	X(SIGN, "sign") X(RETURN, "return") X(RULE, "rule") X(ASSIST, "assist") \
	X(CONTRIBUTE, "contribute") X(DRAFT, "draft") X(SUBMIT, "submit") X(APPROVE, "approve") \
	X(SEND_BACK, "send-back") X(PUBLISH, "publish") X(ANSWER, "answer") X(PRESS, "press") \
	X(PROMISE, "promise") X(KEPT, "kept") X(CLOSE, "close") X(DISMISS, "dismiss") \
	X(MERGE, "merge") X(UNMERGE, "unmerge") X(REOPEN, "reopen") X(EXTEND, "extend") \
	X(HANDOVER, "handover") X(HANDOVER_SIGN, "handover-sign") \
	X(REPLAY, "replay")
enum hy_command {
#define X(name, text) HY_COMMAND_##name,
	HY_COMMAND_LIST(X)
#undef X
	HY_COMMAND_COUNT
};
const char *hy_command_name(enum hy_command command);

#define HY_ALARM_STATE_LIST(X) X(RAISED, "raised") X(CLEARED, "cleared")
enum hy_alarm_state {
#define X(name, text) HY_ALARM_##name,
	HY_ALARM_STATE_LIST(X)
#undef X
	HY_ALARM_STATE_COUNT
};
const char *hy_alarm_state_name(enum hy_alarm_state state);

#endif
