/*
 * The alerter's tables and the views that others may read. Nobody else writes the tables;
 * report, cli and console read the views, whose columns stay when tables change:
 *
 *   v_unit      id name kind parent
 *   v_case      id event title url topic severity severity_rank state lead lead_name supervisor
 *               supervisor_name clock_start published_at detected_at assigned_at signed_at
 *               answered_at sign_due answer_due route because rules version round returns
 *               ruled_at verified_at closed_at merged_into holder (a unit; null: it has ended)
 *               next_at (the next deadline's moment) reopened_due (of its new answer's limit)
 *   v_assist    case_id unit unit_name signed_at signed_by contributed_at
 *   v_case_change  case_id version at actor act state done note (one for each version from the
 *               second on; what was done, in words)
 *   v_draft     case_id number at actor kind text
 *   v_review    case_id number at actor level (leader, office, consent) unit unit_name findings
 *               state (open, approved, sent-back, withdrawn) ended_at ended_by note kind text
 *   v_consent   case_id review unit unit_name at (null: not yet) actor note
 *   v_promise   case_id number at actor text due_at kept_at kept_by url note
 *   v_contribution  case_id number unit unit_name at actor text
 *   v_return    case_id number at actor unit reason proposed note
 *   v_ruling    case_id number at actor unit_before unit note proposal (rows for routes.yaml)
 *   v_dismissal case_id number at actor reason ended_at ended_by (null: not confirmed)
 *   v_merger    case_id number at actor into_case note undone_at undone_by undone_note
 *   v_alert     id document event case_id url title source outlet topic topics places severity
 *               rules published_at detected_at received_at
 *   v_event     id title topic opened_at last_at alerts outlets
 *   v_deadline  case_id ladder step preset due_at fired_at stopped_at lead state
 *   v_clock     case_id ladder unit ("": the lead) preset title basis measure start_at due_at
 *               open_calendar (not 0: over a year whose holidays were not published)
 *   v_extension case_id ladder at due_before due_after actor approver reason
 *   v_card      case_id ladder colour (yellow, red) unit unit_name at due_at
 *   v_span      case_id number unit unit_name state from_at to_at (null: goes on)
 *   v_handover  id unit unit_name made_at outgoing incoming text note received_at received_note
 *   v_notice    id case_id alarm step recipient channel state created_at changed_at attempts
 *               next_at error text severity message (about a case or an alarm; the other one
 *               is null; severity 0 to 3; message: what it goes out in, null before)
 *   v_attempt   message number channel part at ended_at outcome code words
 *   v_answer    id case_id at actor kind url text review (null: from before there were) review_state
 *   v_alarm     id component kind subject owner unit unit_name state (raised, cleared) since
 *               raised_at cleared_at text cleared_text
 *   v_audit     seq at actor act subject detail algorithm hash
 *   v_policy    id title number url drafter drafter_name threshold span_ms published_at valid_to
 *               listed (0: no more in the rules) told_at
 *   v_reaction  policy document alert url title source outlet topic ("": of no watched topic)
 *               published_at at case_id (the policy's case that it belongs to, or null)
 *   v_question  id policy document at text alike asked (the text of the first that is alike)
 *   v_policy_case case_id policy at reactions (of how many it was opened)
 *   v_rules     number at version previous change (as rule sets came into force)
 *   v_rule_text version name text (name "": the version in words)
 *   v_judged_day day documents (all that analyzers judged; kept for 60 days)
 *   v_topic_day topic day fired (documents; topic "*": those that raised an alert)
 *   v_topic_form topic since day documents fired (counted since; on the day of its last
 *               change, judged and fired before that)
 *
 * Times are milliseconds since 1970 (hy_query_wall); topics and places are JSON arrays; severity
 * is the id ("major"), severity_rank 0 to 3; ladder is the id, or "id:part" where a case may have
 * more of the kind ("assist:UNIT"). No column holds a person: `actor` is a unit or a
 * post or account of its staff.
 */
#ifndef HY_ALERTER_SCHEMA_H
#define HY_ALERTER_SCHEMA_H

#include "alerter/units.h"
#include "common/base/err.h"
#include "common/sys/store.h"

/* Creates or updates the tables. */
enum hy_err hy_schema_migrate(struct hy_store *store, struct hy_error *e) HY_MUST_CHECK;

/* Units of the rules into the table, in a transaction of the caller's; none is ever deleted. */
enum hy_err hy_schema_put_units(struct hy_store *store, const struct hy_units *units,
				struct hy_error *e) HY_MUST_CHECK;

#endif
