/*
 * Messages between the processes: a closed set of types, one struct each.
 *
 * On the wire: frame 0 is the header ("HY", version, type, 0, then the id's bytes), frame 1 a
 * JSON object, frame 2 the raw text where the type has one. Decoding is strict: unknown
 * version or type, a missing, extra or wrongly typed field, an over-long field or list, text
 * that is not UTF-8 or holds a NUL, and trailing frames are all MALFORMED. Changing a struct
 * raises HY_MSG_VERSION; a peer of another version is refused and logged.
 *
 * In the JSON object every field of the struct is there under its own name; moments are integer
 * milliseconds or null where unknown, enums their names, lists arrays; counts and the raw text
 * are not in it. Ids are 1 to HY_MSG_ID_BYTES characters of visible ASCII. The tables in
 * msg_types.c hold every limit.
 *
 * Who sends what:
 *   crawler  -> analyzer  DOCUMENT   answered by VERDICT with the same id
 *   analyzer -> alerter   ALERT      answered by RECEIPT with the same id, after commit
 *   cli      -> alerter   COMMAND    answered by REPLY with the same id
 *   alerter  -> anyone    EVENT      PUB: may be missed
 *   cli      -> any       STATUS_REQUEST, answered by STATUS
 *   any      -> alerter   ALARM      answered by RECEIPT with the same id, after commit
 *   analyzer -> alerter   TALLY      answered by RECEIPT with the same id, after commit
 * A sender resends until answered, so every receiver is idempotent by id.
 */
#ifndef HY_SYS_MSG_H
#define HY_SYS_MSG_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/msg_limits.h"
#include "common/sys/msg_words.h"
#include "common/sys/severity.h"

#define HY_MSG_VERSION 3

#define HY_MSG_TYPE_LIST(X) \
	X(DOCUMENT, document) \
	X(VERDICT, verdict) \
	X(ALERT, alert) \
	X(RECEIPT, receipt) \
	X(COMMAND, command) \
	X(REPLY, reply) \
	X(EVENT, event) \
	X(STATUS_REQUEST, status_request) \
	X(STATUS, status) \
	X(ALARM, alarm) \
	X(TALLY, tally)

enum hy_msg_type {
#define X(name, member) HY_MSG_##name,
	HY_MSG_TYPE_LIST(X)
#undef X
	HY_MSG_TYPE_COUNT
};

/* An extracted, masked article. The message id is the version's: hash(url, content). */
struct hy_msg_document {
	struct hy_str document;		/* hash(canonical url): the same for all versions */
	struct hy_str url, title;
	struct hy_str source;		/* id in sources.yaml */
	struct hy_str outlet;		/* the publisher's name as read from the page, or "" */
	struct hy_str region;		/* place id that the source is about, or "" */
	struct hy_wall published_at;	/* may be unknown */
	struct hy_wall detected_at;	/* when the crawler first held it: the clock's start */
	struct hy_str text;		/* raw frame */
};

struct hy_msg_verdict {
	enum hy_outcome outcome;
	struct hy_str rules;		/* version (content id) of the rule set that judged */
	struct hy_str note;
};

struct hy_msg_topic {
	struct hy_str topic;
	int64_t score;
	enum hy_severity severity;
};

struct hy_msg_hit {
	struct hy_str topic, rule;	/* rule: the term or pattern as written */
	enum hy_field field;
	int64_t start, end;		/* half-open byte range, within the field */
	struct hy_str text;		/* those bytes */
};

/*
 * A document that crossed at least one threshold, or reacts to at least one watched policy. Topics:
 * the strongest first. Hits of a policy bear its id, which no topic has, as their topic.
 */
struct hy_msg_alert {
	struct hy_str document, version;	/* ids: of the article, of this version of it */
	struct hy_str url, title, source, outlet;
	struct hy_wall published_at, detected_at;
	enum hy_severity severity;		/* the gravest of the topics */
	struct hy_str because;		/* Chinese, a line a topic: why graver than it is; or "" */
	struct hy_str rules;
	const struct hy_msg_topic *topics;
	size_t topic_count;			/* 0: nothing but a reaction */
	const struct hy_str *policies;		/* it reacts to; the strongest first */
	size_t policy_count;
	const struct hy_str *places;
	size_t place_count;
	const struct hy_msg_hit *hits;
	size_t hit_count;
	struct hy_str text;			/* raw frame */
};

/*
 * To an ALERT, an ALARM or a TALLY; event and case_id are empty where no case comes of it: so an
 * alert that is nothing but a reaction to a policy.
 */
struct hy_msg_receipt {
	enum hy_receipt_outcome outcome;
	struct hy_str event, case_id;	/* what the alert became part of; empty where refused */
	bool fresh;			/* false where it changed nothing */
	struct hy_str note;		/* why it was refused; else empty */
};

struct hy_msg_case {
	struct hy_str case_id;
	int64_t version;		/* the one that the officer saw; 0: whichever it is */
};

/* What a command does not take is empty: 0, "", unknown. */
struct hy_msg_command {
	enum hy_command command;
	struct hy_str case_id;		/* handover: a unit; handover-sign: a note's id; replay: a notice's */
	int64_t version;		/* as in hy_msg_case */
	const struct hy_msg_case *others;	/* more cases, each judged on its own */
	size_t other_count;
	struct hy_str actor;		/* a staff account or unit id */
	struct hy_str kind;		/* of an answer, a return, or the ladder of an extension */
	struct hy_str target;		/* a unit, a case, or the number of a promise */
	struct hy_str url;		/* where it was published */
	struct hy_str note;		/* a text, or a reason */
	struct hy_str promise;		/* what an answer promises */
	struct hy_wall due;		/* of a promise, or the end of an extension; else HY_WALL_NONE */
	struct hy_str approver;		/* of an extension */
};

struct hy_msg_reply {
	enum hy_err code;		/* OK, or why not */
	struct hy_str text;		/* for people, Chinese */
};

/* What the terminal and other subscribers show: one notice as it is delivered. */
struct hy_msg_event {
	struct hy_str notice;		/* id of the notice */
	struct hy_str case_id, step, recipient;
	struct hy_str title, topic, lead;	/* lead: the unit's name */
	enum hy_severity severity;
	struct hy_wall at, sign_due, answer_due;
	struct hy_str url;
	struct hy_str text;		/* one line, Chinese */
};

struct hy_msg_status_request {
	char unused;
};

struct hy_msg_figure {
	struct hy_str name;		/* "documents_pending" */
	int64_t value;
};

struct hy_msg_status {
	struct hy_str daemon;
	int64_t pid;
	struct hy_wall started_at;
	struct hy_str state;		/* "ready", "draining", "standby", "degraded: why" */
	const struct hy_msg_figure *figures;
	size_t figure_count;
};

/*
 * The works are out of order: a source fell silent, a pattern is at its limit. `alarm` names one
 * raising; its clearing carries the same under another message id.
 */
struct hy_msg_alarm {
	struct hy_str alarm, component, kind;	/* component "crawler", kind "source-silent" */
	struct hy_str subject;		/* what it is about: the id of a source, a topic ... */
	struct hy_str owner;		/* a role or a unit; unknown: the office answers */
	enum hy_alarm_state state;	/* `at` is when that came about */
	struct hy_wall since, at;	/* since: when the trouble began */
	struct hy_str text;		/* one line, Chinese */
};

struct hy_msg_share {
	struct hy_str topic;
	int64_t documents;		/* in which it fired, whatever the place */
};

/*
 * How many documents an analyzer judged since its last tally, and on how many of them each topic
 * fired; topics that fired on none are not listed. Counted once by its id.
 */
struct hy_msg_tally {
	struct hy_str rules;		/* version of the rule set that judged */
	struct hy_wall at;		/* when it was closed */
	int64_t documents, alerted;	/* judged; those that raised an alert */
	const struct hy_msg_share *shares;
	size_t share_count;
};

/* To send: fill type, id and the member, all borrowed. Received ones come from decode. */
struct hy_msg {
	enum hy_msg_type type;
	struct hy_str id;
	union {
#define X(name, member) struct hy_msg_##member member;
		HY_MSG_TYPE_LIST(X)
#undef X
	} as;
	void *owner;	/* memory of a decoded message; NULL in one to send */
};

const char *hy_msg_type_name(enum hy_msg_type type);	/* "DOCUMENT" */
/* The type that answers a request, or HY_MSG_TYPE_COUNT where the type is not a request. */
enum hy_msg_type hy_msg_answer_type(enum hy_msg_type request);

struct hy_frames {
	struct hy_str frame[HY_MSG_FRAMES_MAX];
	size_t count;
	void *owner;	/* memory behind the frames; NULL where borrowed */
};

/* Refuses (LIMIT, MALFORMED) what the peer's decoder would refuse. Frames: hy_frames_fini. */
enum hy_err hy_msg_encode(const struct hy_msg *m, struct hy_frames *out, struct hy_error *e)
	HY_MUST_CHECK;
void hy_frames_fini(struct hy_frames *frames);

/* *out owns all its memory (frames may go away); hy_msg_free. */
enum hy_err hy_msg_decode(const struct hy_frames *frames, struct hy_msg **out, struct hy_error *e)
	HY_MUST_CHECK;
void hy_msg_free(struct hy_msg *m);

#endif
