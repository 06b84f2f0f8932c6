#include "common/sys/msg_types.h"

#include <stddef.h>

#include "common/base/mem.h"

/* ---- names of enums ---- */

const char *hy_field_name(enum hy_field field)
{
	static const char *const names[HY_FIELD_COUNT] = {
		[HY_FIELD_TITLE] = "title",
		[HY_FIELD_BODY] = "body",
	};

	hy_assert((size_t)field < HY_FIELD_COUNT);
	return names[field];
}

const char *hy_outcome_name(enum hy_outcome outcome)
{
	static const char *const names[HY_OUTCOME_COUNT] = {
#define X(name, text) text,
		HY_OUTCOME_LIST(X)
#undef X
	};

	hy_assert((size_t)outcome < HY_OUTCOME_COUNT);
	return names[outcome];
}

const char *hy_command_name(enum hy_command command)
{
	static const char *const names[HY_COMMAND_COUNT] = {
#define X(name, text) text,
		HY_COMMAND_LIST(X)
#undef X
	};

	hy_assert((size_t)command < HY_COMMAND_COUNT);
	return names[command];
}

const char *hy_alarm_state_name(enum hy_alarm_state state)
{
	static const char *const names[HY_ALARM_STATE_COUNT] = {
#define X(name, text) text,
		HY_ALARM_STATE_LIST(X)
#undef X
	};

	hy_assert((size_t)state < HY_ALARM_STATE_COUNT);
	return names[state];
}

const char *hy_receipt_outcome_name(enum hy_receipt_outcome outcome)
{
	static const char *const names[HY_RECEIPT_OUTCOME_COUNT] = {
#define X(name, text) text,
		HY_RECEIPT_OUTCOME_LIST(X)
#undef X
	};

	hy_assert((size_t)outcome < HY_RECEIPT_OUTCOME_COUNT);
	return names[outcome];
}

static const char *const err_names[] = {
#define X(name, text) #name,
	HY_ERR_LIST(X)
#undef X
};

static const char *name_of_field(int value)
{
	return hy_field_name((enum hy_field)value);
}

static const char *name_of_outcome(int value)
{
	return hy_outcome_name((enum hy_outcome)value);
}

static const char *name_of_command(int value)
{
	return hy_command_name((enum hy_command)value);
}

static const char *name_of_alarm_state(int value)
{
	return hy_alarm_state_name((enum hy_alarm_state)value);
}

static const char *name_of_receipt(int value)
{
	return hy_receipt_outcome_name((enum hy_receipt_outcome)value);
}

static const char *name_of_severity(int value)
{
	return hy_severity_id((enum hy_severity)value);
}

static const char *name_of_err(int value)
{
	return err_names[value];
}

static const struct hy_msg_enum fields = {name_of_field, HY_FIELD_COUNT};
static const struct hy_msg_enum outcomes = {name_of_outcome, HY_OUTCOME_COUNT};
static const struct hy_msg_enum commands = {name_of_command, HY_COMMAND_COUNT};
static const struct hy_msg_enum alarm_states = {name_of_alarm_state, HY_ALARM_STATE_COUNT};
static const struct hy_msg_enum receipts = {name_of_receipt, HY_RECEIPT_OUTCOME_COUNT};
static const struct hy_msg_enum severities = {name_of_severity, HY_SEVERITY_COUNT};
static const struct hy_msg_enum errs = {name_of_err, HY_COUNT(err_names)};

/* ---- fields: the structure of each table is the T that is defined before it ---- */

#define ROW(member, ...) {.key = #member, .offset = offsetof(struct T, member), __VA_ARGS__}
#define TEXT(member, limit) ROW(member, .kind = HY_MSG_KIND_TEXT, .max = (limit))
#define TEXT_NOT_EMPTY(member, limit) ROW(member, .kind = HY_MSG_KIND_TEXT, .min = 1, .max = (limit))
#define INT(member, low, high) ROW(member, .kind = HY_MSG_KIND_INT, .min = (low), .max = (high))
#define BOOL(member) ROW(member, .kind = HY_MSG_KIND_BOOL)
#define TIME(member) ROW(member, .kind = HY_MSG_KIND_TIME)
#define TIME_KNOWN(member) ROW(member, .kind = HY_MSG_KIND_TIME, .min = 1)
#define ENUM(member, which) ROW(member, .kind = HY_MSG_KIND_ENUM, .names = &(which))
#define LIST(member, low, high, of) \
	ROW(member, .kind = HY_MSG_KIND_LIST, .min = (low), .max = (high), .list = &(of))
#define ROWS(table) {table, HY_COUNT(table)}

#define T hy_msg_document
static const struct hy_msg_row document_rows[] = {
	TEXT_NOT_EMPTY(document, HY_MSG_ID_BYTES),
	TEXT_NOT_EMPTY(url, HY_MSG_URL_BYTES),
	TEXT(title, HY_MSG_TITLE_BYTES),
	TEXT_NOT_EMPTY(source, HY_MSG_NAME_BYTES),
	TEXT(outlet, HY_MSG_NAME_BYTES),
	TEXT(region, HY_MSG_NAME_BYTES),
	TIME(published_at),
	TIME_KNOWN(detected_at),
};
#undef T

#define T hy_msg_verdict
static const struct hy_msg_row verdict_rows[] = {
	ENUM(outcome, outcomes),
	TEXT(rules, HY_MSG_NAME_BYTES),
	TEXT(note, HY_MSG_NOTE_BYTES),
};
#undef T

#define T hy_msg_topic
static const struct hy_msg_row topic_rows[] = {
	TEXT_NOT_EMPTY(topic, HY_MSG_NAME_BYTES),
	INT(score, INT64_MIN, INT64_MAX),
	ENUM(severity, severities),
};
#undef T

#define T hy_msg_hit
static const struct hy_msg_row hit_rows[] = {
	TEXT_NOT_EMPTY(topic, HY_MSG_NAME_BYTES),
	TEXT(rule, HY_MSG_RULE_BYTES),
	ENUM(field, fields),
	INT(start, 0, HY_MSG_TEXT_BYTES),
	INT(end, 0, HY_MSG_TEXT_BYTES),
	TEXT(text, HY_MSG_RULE_BYTES),
};
#undef T

static const struct hy_msg_row id_rows[] = {
	{.kind = HY_MSG_KIND_TEXT, .min = 1, .max = HY_MSG_NAME_BYTES},
};

static const struct hy_msg_list topic_list = {
	ROWS(topic_rows), sizeof(struct hy_msg_topic), offsetof(struct hy_msg_alert, topic_count),
};
static const struct hy_msg_list place_list = {
	ROWS(id_rows), sizeof(struct hy_str), offsetof(struct hy_msg_alert, place_count),
};
static const struct hy_msg_list policy_list = {
	ROWS(id_rows), sizeof(struct hy_str), offsetof(struct hy_msg_alert, policy_count),
};
static const struct hy_msg_list hit_list = {
	ROWS(hit_rows), sizeof(struct hy_msg_hit), offsetof(struct hy_msg_alert, hit_count),
};

#define T hy_msg_alert
static const struct hy_msg_row alert_rows[] = {
	TEXT_NOT_EMPTY(document, HY_MSG_ID_BYTES),
	TEXT_NOT_EMPTY(version, HY_MSG_ID_BYTES),
	TEXT_NOT_EMPTY(url, HY_MSG_URL_BYTES),
	TEXT(title, HY_MSG_TITLE_BYTES),
	TEXT_NOT_EMPTY(source, HY_MSG_NAME_BYTES),
	TEXT(outlet, HY_MSG_NAME_BYTES),
	TIME(published_at),
	TIME_KNOWN(detected_at),
	ENUM(severity, severities),
	TEXT(because, HY_MSG_TITLE_BYTES),
	TEXT(rules, HY_MSG_NAME_BYTES),
	LIST(topics, 0, HY_MSG_TOPICS_MAX, topic_list),
	LIST(policies, 0, HY_MSG_POLICIES_MAX, policy_list),
	LIST(places, 0, HY_MSG_PLACES_MAX, place_list),
	LIST(hits, 0, HY_MSG_HITS_MAX, hit_list),
};
#undef T

#define T hy_msg_receipt
static const struct hy_msg_row receipt_rows[] = {
	ENUM(outcome, receipts),
	TEXT(event, HY_MSG_NAME_BYTES),
	TEXT(case_id, HY_MSG_NAME_BYTES),
	BOOL(fresh),
	TEXT(note, HY_MSG_NOTE_BYTES),
};
#undef T

#define T hy_msg_case
static const struct hy_msg_row case_rows[] = {
	TEXT_NOT_EMPTY(case_id, HY_MSG_NAME_BYTES),
	INT(version, 0, INT64_MAX),
};
#undef T

static const struct hy_msg_list case_list = {
	ROWS(case_rows), sizeof(struct hy_msg_case),
	offsetof(struct hy_msg_command, other_count),
};

#define T hy_msg_command
static const struct hy_msg_row command_rows[] = {
	ENUM(command, commands),
	TEXT_NOT_EMPTY(case_id, HY_MSG_NAME_BYTES),
	INT(version, 0, INT64_MAX),
	LIST(others, 0, HY_MSG_CASES_MAX, case_list),
	TEXT_NOT_EMPTY(actor, HY_MSG_NAME_BYTES),
	TEXT(kind, HY_MSG_NAME_BYTES),
	TEXT(target, HY_MSG_NAME_BYTES),
	TEXT(url, HY_MSG_URL_BYTES),
	TEXT(note, HY_MSG_NOTE_BYTES),
	TEXT(promise, HY_MSG_TITLE_BYTES),
	TIME(due),
	TEXT(approver, HY_MSG_NAME_BYTES),
};
#undef T

#define T hy_msg_reply
static const struct hy_msg_row reply_rows[] = {
	ENUM(code, errs),
	TEXT(text, HY_MSG_REPLY_BYTES),
};
#undef T

#define T hy_msg_event
static const struct hy_msg_row event_rows[] = {
	TEXT_NOT_EMPTY(notice, HY_MSG_NAME_BYTES),
	TEXT(case_id, HY_MSG_NAME_BYTES),
	TEXT(step, HY_MSG_NAME_BYTES),
	TEXT(recipient, HY_MSG_NAME_BYTES),
	TEXT(title, HY_MSG_TITLE_BYTES),
	TEXT(topic, HY_MSG_NAME_BYTES),
	TEXT(lead, HY_MSG_NAME_BYTES),
	ENUM(severity, severities),
	TIME(at),
	TIME(sign_due),
	TIME(answer_due),
	TEXT(url, HY_MSG_URL_BYTES),
	TEXT(text, HY_MSG_NOTE_BYTES),
};
#undef T

#define T hy_msg_figure
static const struct hy_msg_row figure_rows[] = {
	TEXT_NOT_EMPTY(name, HY_MSG_NAME_BYTES),
	INT(value, INT64_MIN, INT64_MAX),
};
#undef T

static const struct hy_msg_list figure_list = {
	ROWS(figure_rows), sizeof(struct hy_msg_figure),
	offsetof(struct hy_msg_status, figure_count),
};

#define T hy_msg_status
static const struct hy_msg_row status_rows[] = {
	TEXT_NOT_EMPTY(daemon, HY_MSG_NAME_BYTES),
	INT(pid, 0, INT32_MAX),
	TIME(started_at),
	TEXT(state, HY_MSG_NOTE_BYTES),
	LIST(figures, 0, HY_MSG_FIGURES_MAX, figure_list),
};
#undef T

#define T hy_msg_alarm
static const struct hy_msg_row alarm_rows[] = {
	TEXT_NOT_EMPTY(alarm, HY_MSG_ID_BYTES),
	TEXT_NOT_EMPTY(component, HY_MSG_NAME_BYTES),
	TEXT_NOT_EMPTY(kind, HY_MSG_NAME_BYTES),
	TEXT(subject, HY_MSG_NAME_BYTES),
	TEXT(owner, HY_MSG_NAME_BYTES),
	ENUM(state, alarm_states),
	TIME_KNOWN(since),
	TIME_KNOWN(at),
	TEXT_NOT_EMPTY(text, HY_MSG_TITLE_BYTES),
};
#undef T

#define T hy_msg_share
static const struct hy_msg_row share_rows[] = {
	TEXT_NOT_EMPTY(topic, HY_MSG_NAME_BYTES),
	INT(documents, 0, INT32_MAX),
};
#undef T

static const struct hy_msg_list share_list = {
	ROWS(share_rows), sizeof(struct hy_msg_share),
	offsetof(struct hy_msg_tally, share_count),
};

#define T hy_msg_tally
static const struct hy_msg_row tally_rows[] = {
	TEXT(rules, HY_MSG_NAME_BYTES),
	TIME_KNOWN(at),
	INT(documents, 0, INT32_MAX),
	INT(alerted, 0, INT32_MAX),
	LIST(shares, 0, HY_MSG_SHARES_MAX, share_list),
};
#undef T

/* ---- checks across fields ---- */

static enum hy_err check_alert(const struct hy_msg *m, struct hy_error *e)
{
	const struct hy_msg_alert *alert = &m->as.alert;

	if (alert->topic_count + alert->policy_count == 0)
		return hy_fail(e, HY_ERR_MALFORMED, "an alert without topic and policy");
	for (size_t i = 0; i < alert->hit_count; i++) {
		const struct hy_msg_hit *hit = &alert->hits[i];
		struct hy_str in = hit->field == HY_FIELD_TITLE ? alert->title : alert->text;

		if (hit->start > hit->end || (uint64_t)hit->end > in.n)
			return hy_fail(e, HY_ERR_MALFORMED, "hit %zu is not within the %s", i,
				       hy_field_name(hit->field));
	}
	return HY_OK;
}

static enum hy_err check_receipt(const struct hy_msg *m, struct hy_error *e)
{
	const struct hy_msg_receipt *receipt = &m->as.receipt;

	if (receipt->outcome == HY_RECEIPT_TAKEN)
		return receipt->note.n ? hy_fail(e, HY_ERR_MALFORMED, "a taken one has a reason")
				       : HY_OK;
	if (!receipt->note.n || receipt->event.n || receipt->case_id.n || receipt->fresh)
		return hy_fail(e, HY_ERR_MALFORMED, "a refused one has a reason and nothing else");
	return HY_OK;
}

static enum hy_err check_tally(const struct hy_msg *m, struct hy_error *e)
{
	return m->as.tally.alerted <= m->as.tally.documents
		       ? HY_OK
		       : hy_fail(e, HY_ERR_MALFORMED, "more alerts than documents");
}

/* ---- the types ---- */

#define SHAPE(type, member, answered_by, ...) \
	[HY_MSG_##type] = {.name = #type, .offset = offsetof(struct hy_msg, as.member), \
			   .answer = HY_MSG_##answered_by, __VA_ARGS__}
#define FIELDS(member) .rows = ROWS(member##_rows)
#define RAW(member) .has_text = true, .text_offset = offsetof(struct hy_msg, as.member.text)
#define HY_MSG_NONE HY_MSG_TYPE_COUNT

static const struct hy_msg_shape shapes[HY_MSG_TYPE_COUNT] = {
	SHAPE(DOCUMENT, document, VERDICT, FIELDS(document), RAW(document)),
	SHAPE(VERDICT, verdict, NONE, FIELDS(verdict)),
	SHAPE(ALERT, alert, RECEIPT, FIELDS(alert), RAW(alert), .check = check_alert),
	SHAPE(RECEIPT, receipt, NONE, FIELDS(receipt), .check = check_receipt),
	SHAPE(COMMAND, command, REPLY, FIELDS(command)),
	SHAPE(REPLY, reply, NONE, FIELDS(reply)),
	SHAPE(EVENT, event, NONE, FIELDS(event)),
	SHAPE(STATUS_REQUEST, status_request, STATUS, .has_text = false),
	SHAPE(STATUS, status, NONE, FIELDS(status)),
	SHAPE(ALARM, alarm, RECEIPT, FIELDS(alarm)),
	SHAPE(TALLY, tally, RECEIPT, FIELDS(tally), .check = check_tally),
};

const struct hy_msg_shape *hy_msg_shape(unsigned type)
{
	return type < HY_MSG_TYPE_COUNT ? &shapes[type] : NULL;
}

const char *hy_msg_type_name(enum hy_msg_type type)
{
	const struct hy_msg_shape *shape = hy_msg_shape(type);

	return shape ? shape->name : "UNKNOWN";
}

enum hy_msg_type hy_msg_answer_type(enum hy_msg_type request)
{
	const struct hy_msg_shape *shape = hy_msg_shape(request);

	return shape ? shape->answer : HY_MSG_TYPE_COUNT;
}
