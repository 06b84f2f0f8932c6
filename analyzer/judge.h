/*
 * Judge: from a DOCUMENT and what the scanner found in it to an outcome, and to the one ALERT
 * that a document can raise. Keeps nothing between documents: the same document and rules always
 * give the same alert, under the same id.
 */
#ifndef HY_ANALYZER_JUDGE_H
#define HY_ANALYZER_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/scanner.h"
#include "common/sys/content_id.h"
#include "common/sys/msg.h"

/* A topic weaker than that share of the strongest is mentioned, not meant. */
#define HY_MENTION_PERCENT 60
#define HY_JUDGE_BECAUSE_BYTES 2000	/* reasons beyond them are left out, whole lines */

struct hy_judgement {
	enum hy_outcome outcome;
	const char *note;		/* Chinese; for UNJUDGED, else "" */
	struct hy_id alert_id;		/* ALERTED and REACTION only, as the rest */
	struct hy_msg_alert alert;	/* borrows from document, scan result and this struct */
	struct hy_msg_topic topics[HY_MSG_TOPICS_MAX];
	struct hy_str places[HY_MSG_PLACES_MAX];
	struct hy_str policies[HY_MSG_POLICIES_MAX];
	struct hy_msg_hit hits[HY_MSG_HITS_MAX];
	char because[HY_JUDGE_BECAUSE_BYTES];
};

/* Content id of "alert" and the version: a redelivered document raises the same alert. */
struct hy_id hy_alert_id(struct hy_str version);

/*
 * `result` is the scan of this document. With need_place a topic whose place is left to the
 * preset alarms only where the document is about the district. Nothing at the address of a policy
 * or of its interpretation reacts to it. `rules` is borrowed.
 */
void hy_judge(const struct hy_msg *document, const struct hy_scan_result *result, bool need_place,
	      struct hy_str rules, struct hy_judgement *out);

#endif
