/*
 * Limits of messages: so long are their texts, so many the items of their lists. What is larger is
 * refused by the sender's encoder and by the receiver's decoder.
 */
#ifndef HY_SYS_MSG_LIMITS_H
#define HY_SYS_MSG_LIMITS_H

#define HY_MSG_ID_BYTES 64
#define HY_MSG_URL_BYTES 2048
#define HY_MSG_TITLE_BYTES 2048
#define HY_MSG_NAME_BYTES 256		/* ids and names from rules/ */
#define HY_MSG_RULE_BYTES 2048		/* a term or pattern, and what it matched */
#define HY_MSG_NOTE_BYTES 8192		/* what a person wrote or reads */
#define HY_MSG_TEXT_BYTES (4u << 20)	/* the document's text */
#define HY_MSG_BODY_BYTES (1u << 20)	/* the JSON object */
#define HY_MSG_TOPICS_MAX 64
#define HY_MSG_PLACES_MAX 64
#define HY_MSG_POLICIES_MAX 16
#define HY_MSG_HITS_MAX 500
#define HY_MSG_FIGURES_MAX 200
#define HY_MSG_CASES_MAX 99		/* of a command, besides the first */
#define HY_MSG_REPLY_BYTES 65536	/* a line a case */
#define HY_MSG_SHARES_MAX 3000		/* of one tally */
#define HY_MSG_FRAMES_MAX 3

#endif
