#include "alerter/schema.h"

#include "common/base/mem.h"

#define COMPONENT "alerter"

static const char tables[] =
	"CREATE TABLE unit (id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL,"
	" parent TEXT, valid_from INTEGER, valid_to INTEGER);\n"

	"CREATE TABLE event (id TEXT PRIMARY KEY, title TEXT NOT NULL, topic TEXT NOT NULL,"
	" opened_at INTEGER NOT NULL, last_at INTEGER NOT NULL, alerts INTEGER NOT NULL);\n"

	/* Exactly one lead: the column cannot be empty and must name a unit. */
	"CREATE TABLE case_ (id TEXT PRIMARY KEY, event TEXT NOT NULL REFERENCES event (id),"
	" lead TEXT NOT NULL REFERENCES unit (id), supervisor TEXT REFERENCES unit (id),"
	" state TEXT NOT NULL, severity INTEGER NOT NULL, topic TEXT NOT NULL,"
	" title TEXT NOT NULL, url TEXT NOT NULL, clock_start INTEGER NOT NULL,"
	" published_at INTEGER, detected_at INTEGER NOT NULL, assigned_at INTEGER NOT NULL,"
	" signed_at INTEGER, answered_at INTEGER, route TEXT NOT NULL, because TEXT NOT NULL,"
	" rules TEXT NOT NULL, version INTEGER NOT NULL);\n"
	"CREATE UNIQUE INDEX case_open ON case_ (event) WHERE state <> 'closed';\n"
	"CREATE INDEX case_state ON case_ (state, assigned_at);\n"
	"CREATE INDEX case_assigned ON case_ (assigned_at);\n"

	"CREATE TABLE assist (case_id TEXT NOT NULL REFERENCES case_ (id),"
	" unit TEXT NOT NULL REFERENCES unit (id), PRIMARY KEY (case_id, unit));\n"

	"CREATE TABLE alert (id TEXT PRIMARY KEY, document TEXT NOT NULL, version TEXT NOT NULL,"
	" event TEXT NOT NULL REFERENCES event (id),"
	" case_id TEXT NOT NULL REFERENCES case_ (id), url TEXT NOT NULL, title TEXT NOT NULL,"
	" source TEXT NOT NULL, outlet TEXT NOT NULL, topic TEXT NOT NULL, topics TEXT NOT NULL,"
	" places TEXT NOT NULL, hits TEXT NOT NULL, severity INTEGER NOT NULL,"
	" rules TEXT NOT NULL, published_at INTEGER, detected_at INTEGER NOT NULL,"
	" received_at INTEGER NOT NULL, subjects TEXT NOT NULL, signature BLOB);\n"
	"CREATE INDEX alert_document ON alert (document);\n"
	"CREATE INDEX alert_event ON alert (event);\n"
	"CREATE INDEX alert_case ON alert (case_id);\n"
	"CREATE INDEX alert_received ON alert (received_at);\n"

	"CREATE TABLE event_band (key INTEGER NOT NULL, event TEXT NOT NULL,"
	" alert TEXT NOT NULL, PRIMARY KEY (key, event));\n"

	"CREATE TABLE deadline (case_id TEXT NOT NULL REFERENCES case_ (id),"
	" ladder TEXT NOT NULL, step INTEGER NOT NULL, preset TEXT NOT NULL,"
	" due_at INTEGER NOT NULL, fired_at INTEGER, stopped_at INTEGER,"
	" PRIMARY KEY (case_id, ladder, step));\n"
	/* What is still to fire: its size follows open cases, not closed ones. */
	"CREATE INDEX deadline_next ON deadline (due_at)"
	" WHERE fired_at IS NULL AND stopped_at IS NULL;\n"

	"CREATE TABLE notice (id TEXT PRIMARY KEY,"
	" case_id TEXT NOT NULL REFERENCES case_ (id), step TEXT NOT NULL,"
	" recipient TEXT NOT NULL, channel TEXT NOT NULL, state TEXT NOT NULL,"
	" created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, attempts INTEGER NOT NULL,"
	" next_at INTEGER, error TEXT NOT NULL, text TEXT NOT NULL,"
	" UNIQUE (case_id, step, recipient, channel));\n"
	"CREATE INDEX notice_open ON notice (state, next_at)"
	" WHERE state IN ('waiting', 'sending', 'uncertain');\n"

	"CREATE TABLE answer (id TEXT PRIMARY KEY, case_id TEXT NOT NULL REFERENCES case_ (id),"
	" at INTEGER NOT NULL, actor TEXT NOT NULL, kind TEXT NOT NULL, url TEXT NOT NULL,"
	" text TEXT NOT NULL);\n"
	"CREATE INDEX answer_case ON answer (case_id);\n"

	/* The reply given to a command, so that the same command again gets the same one. */
	"CREATE TABLE command (id TEXT PRIMARY KEY, at INTEGER NOT NULL, code INTEGER NOT NULL,"
	" text TEXT NOT NULL);\n"

	"CREATE TABLE audit (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL,"
	" act TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL,"
	" algorithm TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL);\n"
	"CREATE INDEX audit_subject ON audit (subject, seq);\n"

	"CREATE TABLE alerter_counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL,"
	" text TEXT NOT NULL);\n";

static const char views[] =
	"CREATE VIEW v_unit AS SELECT id, name, kind, parent FROM unit;\n"

	"CREATE VIEW v_case AS SELECT c.id, c.event, c.title, c.url, c.topic,"
	" CASE c.severity WHEN 0 THEN 'general' WHEN 1 THEN 'considerable' WHEN 2 THEN 'major'"
	" ELSE 'critical' END AS severity, c.severity AS severity_rank, c.state, c.lead,"
	" u.name AS lead_name, c.supervisor, s.name AS supervisor_name, c.clock_start,"
	" c.published_at, c.detected_at, c.assigned_at, c.signed_at, c.answered_at,"
	" (SELECT d.due_at FROM deadline d WHERE d.case_id = c.id AND d.ladder = 'sign'"
	" AND d.step = 100) AS sign_due,"
	" (SELECT d.due_at FROM deadline d WHERE d.case_id = c.id AND d.ladder = 'answer'"
	" AND d.step = 100) AS answer_due, c.route, c.because, c.rules, c.version"
	" FROM case_ c JOIN unit u ON u.id = c.lead LEFT JOIN unit s ON s.id = c.supervisor;\n"

	"CREATE VIEW v_assist AS SELECT a.case_id, a.unit, u.name AS unit_name"
	" FROM assist a JOIN unit u ON u.id = a.unit;\n"

	"CREATE VIEW v_alert AS SELECT id, document, event, case_id, url, title, source, outlet,"
	" topic, topics, places, CASE severity WHEN 0 THEN 'general' WHEN 1 THEN 'considerable'"
	" WHEN 2 THEN 'major' ELSE 'critical' END AS severity, rules, published_at, detected_at,"
	" received_at FROM alert;\n"

	"CREATE VIEW v_event AS SELECT e.id, e.title, e.topic, e.opened_at, e.last_at, e.alerts,"
	" (SELECT count(DISTINCT CASE WHEN a.outlet <> '' THEN a.outlet ELSE a.source END)"
	" FROM alert a WHERE a.event = e.id) AS outlets FROM event e;\n"

	"CREATE VIEW v_deadline AS SELECT d.case_id, d.ladder, d.step, d.preset, d.due_at,"
	" d.fired_at, d.stopped_at, c.lead, c.state"
	" FROM deadline d JOIN case_ c ON c.id = d.case_id;\n"

	"CREATE VIEW v_notice AS SELECT id, case_id, step, recipient, channel, state, created_at,"
	" changed_at, attempts, next_at, error, text FROM notice;\n"

	"CREATE VIEW v_answer AS SELECT id, case_id, at, actor, kind, url, text FROM answer;\n";

/* Alarms, and notices that are about one instead of a case. */
static const char alarms[] =
	"CREATE TABLE alarm (id TEXT PRIMARY KEY, component TEXT NOT NULL, kind TEXT NOT NULL,"
	" subject TEXT NOT NULL, owner TEXT NOT NULL, unit TEXT NOT NULL REFERENCES unit (id),"
	" since INTEGER NOT NULL, raised_at INTEGER NOT NULL, cleared_at INTEGER,"
	" text TEXT NOT NULL, cleared_text TEXT NOT NULL);\n"
	"CREATE INDEX alarm_open ON alarm (raised_at) WHERE cleared_at IS NULL;\n"
	"CREATE VIEW v_alarm AS SELECT a.id, a.component, a.kind, a.subject, a.owner, a.unit,"
	" u.name AS unit_name, CASE WHEN a.cleared_at IS NULL THEN 'raised' ELSE 'cleared' END"
	" AS state, a.since, a.raised_at, a.cleared_at, a.text, a.cleared_text"
	" FROM alarm a JOIN unit u ON u.id = a.unit;\n"

	"DROP VIEW v_notice;\n"
	"CREATE TABLE notice_of_any (id TEXT PRIMARY KEY,"
	" case_id TEXT REFERENCES case_ (id), alarm TEXT REFERENCES alarm (id),"
	" step TEXT NOT NULL, recipient TEXT NOT NULL, channel TEXT NOT NULL,"
	" state TEXT NOT NULL, created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,"
	" attempts INTEGER NOT NULL, next_at INTEGER, error TEXT NOT NULL, text TEXT NOT NULL,"
	" UNIQUE (case_id, step, recipient, channel), UNIQUE (alarm, step, recipient, channel),"
	" CHECK ((case_id IS NULL) <> (alarm IS NULL)));\n"
	"INSERT INTO notice_of_any (id, case_id, step, recipient, channel, state, created_at,"
	" changed_at, attempts, next_at, error, text) SELECT id, case_id, step, recipient,"
	" channel, state, created_at, changed_at, attempts, next_at, error, text FROM notice;\n"
	"DROP TABLE notice;\n"
	"ALTER TABLE notice_of_any RENAME TO notice;\n"
	"CREATE INDEX notice_open ON notice (state, next_at)"
	" WHERE state IN ('waiting', 'sending', 'uncertain');\n"
	"CREATE VIEW v_notice AS SELECT id, case_id, alarm, step, recipient, channel, state,"
	" created_at, changed_at, attempts, next_at, error, text FROM notice;\n";

/*
 * What a deadline's rows were counted from, who held a case when, and what came of it. Rows that
 * were there before are kept, counted in natural hours as all were then.
 */
static const char clocks[] =
	"ALTER TABLE deadline ADD COLUMN card TEXT;\n"
	"ALTER TABLE deadline ADD COLUMN held_until INTEGER;\n"
	"ALTER TABLE deadline ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;\n"
	"CREATE INDEX deadline_held ON deadline (held_until)"
	" WHERE held_until IS NOT NULL AND fired_at IS NULL AND stopped_at IS NULL;\n"

	"CREATE TABLE clock (case_id TEXT NOT NULL REFERENCES case_ (id), ladder TEXT NOT NULL,"
	" unit TEXT NOT NULL, preset TEXT NOT NULL, title TEXT NOT NULL, basis TEXT NOT NULL,"
	" measure TEXT NOT NULL, start_at INTEGER NOT NULL, due_at INTEGER NOT NULL,"
	" open_calendar INTEGER NOT NULL,"
	" PRIMARY KEY (case_id, ladder));\n"
	/* What has to be counted again when a year's holidays are known. */
	"CREATE INDEX clock_open_calendar ON clock (case_id, ladder) WHERE open_calendar = 1;\n"
	"INSERT INTO clock (case_id, ladder, unit, preset, title, basis, measure, start_at,"
	" due_at,"
	" open_calendar) SELECT d.case_id, d.ladder, '', d.preset, d.preset, '', 'natural',"
	" c.clock_start, d.due_at, 0 FROM deadline d JOIN case_ c ON c.id = d.case_id"
	" WHERE d.step = 100;\n"

	"CREATE TABLE extension (case_id TEXT NOT NULL REFERENCES case_ (id),"
	" ladder TEXT NOT NULL, at INTEGER NOT NULL, due_before INTEGER NOT NULL,"
	" due_after INTEGER NOT NULL, actor TEXT NOT NULL, approver TEXT NOT NULL,"
	" reason TEXT NOT NULL, PRIMARY KEY (case_id, ladder, due_after));\n"

	"CREATE TABLE card (case_id TEXT NOT NULL REFERENCES case_ (id), ladder TEXT NOT NULL,"
	" colour TEXT NOT NULL, unit TEXT NOT NULL REFERENCES unit (id), at INTEGER NOT NULL,"
	" due_at INTEGER NOT NULL, PRIMARY KEY (case_id, ladder, colour));\n"
	"CREATE INDEX card_at ON card (at);\n"

	/* unit is empty where no unit holds the case: from detection to assignment. */
	"CREATE TABLE span (case_id TEXT NOT NULL REFERENCES case_ (id), number INTEGER NOT NULL,"
	" unit TEXT NOT NULL, state TEXT NOT NULL, from_at INTEGER NOT NULL, to_at INTEGER,"
	" PRIMARY KEY (case_id, number));\n"
	"INSERT INTO span (case_id, number, unit, state, from_at, to_at) SELECT id, 1, '',"
	" 'detected', clock_start, assigned_at FROM case_;\n"
	"INSERT INTO span (case_id, number, unit, state, from_at, to_at) SELECT id, 2, lead, state,"
	" assigned_at, NULL FROM case_ WHERE state <> 'closed';\n"

	"CREATE VIEW v_clock AS SELECT case_id, ladder, unit, preset, title, basis, measure, start_at,"
	" due_at, open_calendar FROM clock;\n"
	"CREATE VIEW v_extension AS SELECT case_id, ladder, at, due_before, due_after, actor,"
	" approver, reason FROM extension;\n"
	"CREATE VIEW v_card AS SELECT k.case_id, k.ladder, k.colour, k.unit, u.name AS unit_name,"
	" k.at, k.due_at FROM card k JOIN unit u ON u.id = k.unit;\n"
	"CREATE VIEW v_span AS SELECT s.case_id, s.number, s.unit, u.name AS unit_name, s.state,"
	" s.from_at, s.to_at FROM span s LEFT JOIN unit u ON u.id = s.unit;\n";

/* What correlations count: a topic of an alert, at each of its places ('' where it names none). */
static const char sightings[] =
	"CREATE TABLE sighting (topic TEXT NOT NULL, place TEXT NOT NULL,"
	" alert TEXT NOT NULL REFERENCES alert (id), document TEXT NOT NULL, source TEXT NOT NULL,"
	" outlet TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (topic, place, alert));\n"
	"CREATE INDEX sighting_topic ON sighting (topic, at);\n"
	"CREATE INDEX sighting_at ON sighting (at);\n";

/* Who handed over what to whom; received_at is empty until the other side has signed. */
static const char handovers[] =
	"CREATE TABLE handover (id TEXT PRIMARY KEY, unit TEXT NOT NULL REFERENCES unit (id),"
	" made_at INTEGER NOT NULL, outgoing TEXT NOT NULL, incoming TEXT NOT NULL,"
	" text TEXT NOT NULL, note TEXT NOT NULL, received_at INTEGER,"
	" received_note TEXT NOT NULL);\n"
	"CREATE INDEX handover_unit ON handover (unit, made_at);\n"
	"CREATE INDEX span_unit ON span (unit, from_at);\n"
	"CREATE VIEW v_handover AS SELECT h.id, h.unit, u.name AS unit_name, h.made_at, h.outgoing,"
	" h.incoming, h.text, h.note, h.received_at, h.received_note"
	" FROM handover h JOIN unit u ON u.id = h.unit;\n";

/* What events are found by stands in rows of its own; the index is in memory. Alerts from
 * before it was are found as repeats. */
static const char event_texts[] =
	"CREATE TABLE event_text (alert TEXT PRIMARY KEY, event TEXT NOT NULL,"
	" at INTEGER NOT NULL, published_at INTEGER, topics TEXT NOT NULL, places TEXT NOT NULL,"
	" subjects TEXT NOT NULL, signature BLOB, words BLOB, phrases BLOB, title TEXT);\n"
	"INSERT INTO event_text (alert, event, at, published_at, topics, places, subjects,"
	" signature, title) SELECT id, event, received_at, published_at, topics, places, subjects,"
	" signature, title FROM alert;\n"
	"CREATE INDEX event_text_at ON event_text (at);\n"
	"CREATE INDEX event_text_event ON event_text (event, places);\n"
	"ALTER TABLE alert DROP COLUMN subjects;\n"
	"ALTER TABLE alert DROP COLUMN signature;\n"
	"DROP TABLE event_band;\n";

/* When an alarm ends that its sender has not repeated; null: its sender ends it. */
static const char lapses[] =
	"ALTER TABLE alarm ADD COLUMN lapses_at INTEGER;\n"
	"CREATE INDEX alarm_lapse ON alarm (lapses_at)"
	" WHERE cleared_at IS NULL AND lapses_at IS NOT NULL;\n";

/*
 * Notices go out in messages, of one or several, by attempts; all of them stay on record. What
 * waited before counts as grave: nobody knows any more how grave it was.
 */
static const char messages[] =
	"ALTER TABLE notice ADD COLUMN severity INTEGER NOT NULL DEFAULT 3;\n"
	"ALTER TABLE notice ADD COLUMN message TEXT;\n"
	"ALTER TABLE notice ADD COLUMN due_at INTEGER;\n"
	"CREATE INDEX notice_waiting ON notice (channel, next_at) WHERE state = 'waiting';\n"
	"CREATE INDEX notice_message ON notice (message) WHERE message IS NOT NULL;\n"
	"CREATE TABLE message (id TEXT PRIMARY KEY, channel TEXT NOT NULL,"
	" created_at INTEGER NOT NULL, parts INTEGER NOT NULL, accepted INTEGER NOT NULL,"
	" doubtful INTEGER NOT NULL, failures INTEGER NOT NULL);\n"
	"CREATE TABLE attempt (message TEXT NOT NULL REFERENCES message (id),"
	" number INTEGER NOT NULL, channel TEXT NOT NULL, part INTEGER NOT NULL,"
	" at INTEGER NOT NULL, ended_at INTEGER, outcome TEXT NOT NULL, code INTEGER NOT NULL,"
	" words TEXT NOT NULL, PRIMARY KEY (message, number));\n"
	"CREATE INDEX attempt_channel ON attempt (channel, at);\n"
	"CREATE INDEX attempt_open ON attempt (at) WHERE outcome = 'sending';\n"
	"CREATE TABLE channel_pause (channel TEXT PRIMARY KEY, until_at INTEGER NOT NULL);\n"
	"DROP VIEW v_notice;\n"
	"CREATE VIEW v_notice AS SELECT id, case_id, alarm, step, recipient, channel, state,"
	" created_at, changed_at, attempts, next_at, error, text, severity, message FROM notice;\n"
	"CREATE VIEW v_attempt AS SELECT message, number, channel, part, at, ended_at, outcome,"
	" code, words FROM attempt;\n";

/* Versions of the rules: their texts, each once, and when which came into force (rule_version.h). */
static const char rule_versions[] =
	"CREATE TABLE rule_version (id TEXT PRIMARY KEY, at INTEGER NOT NULL);\n"
	"CREATE TABLE rule_text (hash TEXT PRIMARY KEY, text TEXT NOT NULL);\n"
	"CREATE TABLE rule_file (version TEXT NOT NULL REFERENCES rule_version (id),"
	" name TEXT NOT NULL, hash TEXT NOT NULL REFERENCES rule_text (hash),"
	" PRIMARY KEY (version, name));\n"
	"CREATE TABLE rule_force (number INTEGER PRIMARY KEY, at INTEGER NOT NULL,"
	" version TEXT NOT NULL REFERENCES rule_version (id), previous TEXT NOT NULL,"
	" change_text TEXT NOT NULL);\n"
	"CREATE INDEX rule_force_version ON rule_force (version, number);\n"
	"CREATE VIEW v_rules AS SELECT number, at, version, previous, change_text AS change"
	" FROM rule_force;\n"
	"CREATE VIEW v_rule_text AS SELECT f.version, f.name, t.text FROM rule_file f"
	" JOIN rule_text t ON t.hash = f.hash;\n";

/*
 * Entries of the audit are never changed, and not deleted within six months: 184 days, as
 * HY_AUDIT_KEEP_DAYS_MIN. It stops mistakes; who may alter tables is shown by the hashes.
 */
static const char audit_kept_sqlite[] =
	"CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN\n"
	" SELECT RAISE(ABORT, 'the audit is append-only'); END;\n"
	"CREATE TRIGGER audit_kept BEFORE DELETE ON audit\n"
	" WHEN OLD.at > (CAST(strftime('%s', 'now') AS INTEGER) - 184 * 86400) * 1000 BEGIN\n"
	" SELECT RAISE(ABORT, 'the audit is kept for six months'); END;\n";
static const char audit_kept_postgres[] =
	"\tCREATE FUNCTION huiying_audit_kept() RETURNS trigger AS $$\n"
	"BEGIN\n"
	" IF TG_OP = 'DELETE' AND OLD.at <="
	" (extract(epoch FROM now()) - 184 * 86400) * 1000 THEN RETURN OLD; END IF;\n"
	" RAISE EXCEPTION 'the audit is append-only and kept for six months'"
	" USING ERRCODE = 'check_violation';\n"
	"END $$ LANGUAGE plpgsql;\n"
	"\tCREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit FOR EACH ROW"
	" EXECUTE FUNCTION huiying_audit_kept();\n"
	"\tCREATE TRIGGER audit_kept BEFORE DELETE ON audit FOR EACH ROW"
	" EXECUTE FUNCTION huiying_audit_kept();\n"
	"\tCREATE TRIGGER audit_whole BEFORE TRUNCATE ON audit FOR EACH STATEMENT"
	" EXECUTE FUNCTION huiying_audit_kept();\n";

static const char audit_views[] =
	"CREATE VIEW v_audit AS SELECT seq, at, actor, act, subject, detail, algorithm, hash"
	" FROM audit;\n";

/*
 * Which tallies were counted, on how many documents topics fired by day, and since when, by which
 * form, a topic is counted. Of the day of the last change, what was counted before it is kept.
 */
static const char traffic[] =
	"CREATE TABLE tally (id TEXT PRIMARY KEY, at INTEGER NOT NULL);\n"
	"CREATE INDEX tally_at ON tally (at);\n"
	"CREATE TABLE judged_day (day INTEGER NOT NULL, documents INTEGER NOT NULL,"
	" PRIMARY KEY (day));\n"
	"CREATE TABLE topic_day (topic TEXT NOT NULL, day INTEGER NOT NULL, fired INTEGER NOT NULL,"
	" PRIMARY KEY (topic, day));\n"
	"CREATE INDEX topic_day_day ON topic_day (day);\n"
	"CREATE TABLE topic_form (topic TEXT PRIMARY KEY, form TEXT NOT NULL,"
	" since INTEGER NOT NULL, day INTEGER NOT NULL, documents INTEGER NOT NULL,"
	" fired INTEGER NOT NULL);\n"
	"CREATE VIEW v_judged_day AS SELECT day, documents FROM judged_day;\n"
	"CREATE VIEW v_topic_day AS SELECT topic, day, fired FROM topic_day;\n"
	"CREATE VIEW v_topic_form AS SELECT topic, since, day, documents,"
	" fired FROM topic_form;\n";

/*
 * Reactions to policies, one for a document, with what they ask: `alike` names the first question
 * that said the same. `listed` policies are in the rules in force; `due_at` is when the reactions
 * that the drafter has not been told of are told, `told` how many he knows.
 */
static const char reactions[] =
	"CREATE TABLE watched_policy (id TEXT PRIMARY KEY, title TEXT NOT NULL,"
	" number TEXT NOT NULL, url TEXT NOT NULL, drafter TEXT NOT NULL REFERENCES unit (id),"
	" threshold INTEGER NOT NULL, span_ms INTEGER NOT NULL, published_at INTEGER,"
	" valid_to INTEGER, listed INTEGER NOT NULL, due_at INTEGER, told_at INTEGER,"
	" told INTEGER NOT NULL);\n"
	"CREATE INDEX watched_policy_due ON watched_policy (due_at) WHERE due_at IS NOT NULL;\n"

	"CREATE TABLE reaction (policy TEXT NOT NULL, document TEXT NOT NULL,"
	" alert TEXT NOT NULL, url TEXT NOT NULL, title TEXT NOT NULL, source TEXT NOT NULL,"
	" outlet TEXT NOT NULL, topic TEXT NOT NULL, published_at INTEGER, at INTEGER NOT NULL,"
	" case_id TEXT REFERENCES case_ (id), PRIMARY KEY (policy, document));\n"
	"CREATE INDEX reaction_at ON reaction (policy, at);\n"
	"CREATE INDEX reaction_case ON reaction (case_id) WHERE case_id IS NOT NULL;\n"

	"CREATE TABLE question (id TEXT PRIMARY KEY, policy TEXT NOT NULL,"
	" document TEXT NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL, alike TEXT NOT NULL);\n"
	"CREATE INDEX question_alike ON question (policy, alike);\n"

	"CREATE TABLE policy_case (case_id TEXT PRIMARY KEY REFERENCES case_ (id),"
	" policy TEXT NOT NULL, event TEXT NOT NULL REFERENCES event (id), at INTEGER NOT NULL,"
	" reactions INTEGER NOT NULL);\n"
	"CREATE INDEX policy_case_at ON policy_case (policy, at);\n"

	"CREATE VIEW v_policy AS SELECT p.id, p.title, p.number, p.url, p.drafter,"
	" u.name AS drafter_name, p.threshold, p.span_ms, p.published_at, p.valid_to, p.listed,"
	" p.told_at FROM watched_policy p JOIN unit u ON u.id = p.drafter;\n"
	"CREATE VIEW v_reaction AS SELECT policy, document, alert, url, title, source, outlet,"
	" topic, published_at, at, case_id FROM reaction;\n"
	"CREATE VIEW v_question AS SELECT q.id, q.policy, q.document, q.at, q.text, q.alike,"
	" l.text AS asked FROM question q JOIN question l ON l.id = q.alike;\n"
	"CREATE VIEW v_policy_case AS SELECT case_id, policy, at, reactions FROM policy_case;\n";

/*
 * All that can happen to a case, each version of it with who made it. An event has one case that
 * is open; one that has ended is opened again instead of there being a second.
 */
static const char cases[] =
	"ALTER TABLE case_ ADD COLUMN round INTEGER NOT NULL DEFAULT 1;\n"
	"ALTER TABLE case_ ADD COLUMN returns INTEGER NOT NULL DEFAULT 0;\n"
	"ALTER TABLE case_ ADD COLUMN ruled_at INTEGER;\n"
	"ALTER TABLE case_ ADD COLUMN verified_at INTEGER;\n"
	"ALTER TABLE case_ ADD COLUMN closed_at INTEGER;\n"
	"ALTER TABLE case_ ADD COLUMN merged_into TEXT;\n"
	"DROP INDEX case_open;\n"
	"CREATE UNIQUE INDEX case_open ON case_ (event)"
	" WHERE state NOT IN ('closed', 'merged', 'dismissed');\n"
	"CREATE INDEX case_event ON case_ (event, assigned_at);\n"
	"CREATE INDEX case_merged ON case_ (merged_into) WHERE merged_into IS NOT NULL;\n"

	"ALTER TABLE assist ADD COLUMN signed_at INTEGER;\n"
	"ALTER TABLE assist ADD COLUMN signed_by TEXT;\n"
	"ALTER TABLE assist ADD COLUMN ended_at INTEGER;\n"
	/* The case that was merged and brought this assist along; '': nobody did. */
	"ALTER TABLE assist ADD COLUMN via TEXT NOT NULL DEFAULT '';\n"
	"CREATE INDEX assist_unit ON assist (unit) WHERE ended_at IS NULL;\n"
	"ALTER TABLE answer ADD COLUMN review INTEGER;\n"
	"CREATE INDEX answer_case_at ON answer (case_id, at);\n"
	/* Stopped by a merger, to go on where that is undone. */
	"ALTER TABLE deadline ADD COLUMN suspended INTEGER NOT NULL DEFAULT 0;\n"

	"CREATE TABLE case_change (case_id TEXT NOT NULL REFERENCES case_ (id),"
	" version INTEGER NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL, act TEXT NOT NULL,"
	" state TEXT NOT NULL, done TEXT NOT NULL, note TEXT NOT NULL,"
	" PRIMARY KEY (case_id, version));\n"
	"CREATE TABLE draft (case_id TEXT NOT NULL REFERENCES case_ (id), number INTEGER NOT NULL,"
	" at INTEGER NOT NULL, actor TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,"
	" PRIMARY KEY (case_id, number));\n"
	/* state: open, approved, sent-back, withdrawn; level: leader, office, consent. */
	"CREATE TABLE review (case_id TEXT NOT NULL REFERENCES case_ (id),"
	" number INTEGER NOT NULL, draft INTEGER NOT NULL, at INTEGER NOT NULL,"
	" actor TEXT NOT NULL, level TEXT NOT NULL, unit TEXT NOT NULL, findings TEXT NOT NULL,"
	" state TEXT NOT NULL, ended_at INTEGER, ended_by TEXT, note TEXT NOT NULL,"
	" PRIMARY KEY (case_id, number));\n"
	"CREATE INDEX review_open ON review (case_id, number) WHERE state = 'open';\n"
	"CREATE TABLE consent (case_id TEXT NOT NULL, review INTEGER NOT NULL,"
	" unit TEXT NOT NULL REFERENCES unit (id), at INTEGER, actor TEXT, note TEXT NOT NULL,"
	" PRIMARY KEY (case_id, review, unit),"
	" FOREIGN KEY (case_id, review) REFERENCES review (case_id, number));\n"
	"CREATE TABLE promise (case_id TEXT NOT NULL REFERENCES case_ (id),"
	" number INTEGER NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL, text TEXT NOT NULL,"
	" due_at INTEGER NOT NULL, kept_at INTEGER, kept_by TEXT, url TEXT NOT NULL,"
	" note TEXT NOT NULL, PRIMARY KEY (case_id, number));\n"
	"CREATE INDEX promise_open ON promise (case_id) WHERE kept_at IS NULL;\n"
	"CREATE TABLE contribution (case_id TEXT NOT NULL REFERENCES case_ (id),"
	" number INTEGER NOT NULL, unit TEXT NOT NULL REFERENCES unit (id), at INTEGER NOT NULL,"
	" actor TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (case_id, number));\n"
	"CREATE TABLE case_return (case_id TEXT NOT NULL REFERENCES case_ (id),"
	" number INTEGER NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL, unit TEXT NOT NULL,"
	" reason TEXT NOT NULL, proposed TEXT NOT NULL REFERENCES unit (id), note TEXT NOT NULL,"
	" PRIMARY KEY (case_id, number));\n"
	/* proposal: rows for routes.yaml that would have sent it there at once; '' where it stays. */
	"CREATE TABLE ruling (case_id TEXT NOT NULL REFERENCES case_ (id),"
	" number INTEGER NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL,"
	" unit_before TEXT NOT NULL, unit TEXT NOT NULL REFERENCES unit (id),"
	" note TEXT NOT NULL, proposal TEXT NOT NULL, PRIMARY KEY (case_id, number));\n"
	"CREATE INDEX ruling_at ON ruling (at);\n"
	/* ended_at: confirmed by ended_by, or given up when the case went on (ended_by empty). */
	"CREATE TABLE dismissal (case_id TEXT NOT NULL REFERENCES case_ (id),"
	" number INTEGER NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL,"
	" reason TEXT NOT NULL, ended_at INTEGER, ended_by TEXT, PRIMARY KEY (case_id, number));\n"
	"CREATE INDEX dismissal_open ON dismissal (case_id, number) WHERE ended_at IS NULL;\n"
	"CREATE TABLE merger (case_id TEXT NOT NULL REFERENCES case_ (id),"
	" number INTEGER NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL,"
	" into_case TEXT NOT NULL REFERENCES case_ (id), state_before TEXT NOT NULL,"
	" note TEXT NOT NULL, undone_at INTEGER, undone_by TEXT, undone_note TEXT NOT NULL,"
	" PRIMARY KEY (case_id, number));\n"

	/* Every open case has a moment at which it is looked after, come what may. */
	"INSERT INTO deadline (case_id, ladder, step, preset, due_at) SELECT c.id, 'watch', 1, 'watch',"
	" COALESCE((SELECT max(d.due_at) FROM deadline d WHERE d.case_id = c.id"
	" AND d.fired_at IS NULL AND d.stopped_at IS NULL), c.assigned_at) + 86400000"
	" FROM case_ c WHERE c.state <> 'closed';\n";

static const char case_views[] =
	"DROP VIEW v_assist;\n"
	"CREATE VIEW v_assist AS SELECT a.case_id, a.unit, u.name AS unit_name, a.signed_at,"
	" a.signed_by, (SELECT max(b.at) FROM contribution b WHERE b.case_id = a.case_id"
	" AND b.unit = a.unit) AS contributed_at FROM assist a JOIN unit u ON u.id = a.unit"
	" WHERE a.ended_at IS NULL;\n"
	"DROP VIEW v_answer;\n"
	"CREATE VIEW v_answer AS SELECT a.id, a.case_id, a.at, a.actor, a.kind, a.url, a.text,"
	" a.review, r.state AS review_state FROM answer a LEFT JOIN review r"
	" ON r.case_id = a.case_id AND r.number = a.review;\n"
	"DROP VIEW v_case;\n"
	"CREATE VIEW v_case AS SELECT c.id, c.event, c.title, c.url, c.topic,"
	" CASE c.severity WHEN 0 THEN 'general' WHEN 1 THEN 'considerable' WHEN 2 THEN 'major'"
	" ELSE 'critical' END AS severity, c.severity AS severity_rank, c.state, c.lead,"
	" u.name AS lead_name, c.supervisor, s.name AS supervisor_name, c.clock_start,"
	" c.published_at, c.detected_at, c.assigned_at, c.signed_at, c.answered_at,"
	" (SELECT d.due_at FROM deadline d WHERE d.case_id = c.id AND d.step = 100 AND d.ladder ="
	" CASE WHEN c.round = 1 THEN 'sign' ELSE 'sign:' || CAST(c.round AS TEXT) END) AS sign_due,"
	" (SELECT d.due_at FROM deadline d WHERE d.case_id = c.id AND d.ladder = 'answer'"
	" AND d.step = 100) AS answer_due, c.route, c.because, c.rules, c.version, c.round,"
	" c.returns, c.ruled_at, c.verified_at, c.closed_at, c.merged_into,"
	" (SELECT p.unit FROM span p WHERE p.case_id = c.id AND p.to_at IS NULL"
	" ORDER BY p.number DESC LIMIT 1) AS holder,"
	" (SELECT min(d.due_at) FROM deadline d WHERE d.case_id = c.id AND d.fired_at IS NULL"
	" AND d.stopped_at IS NULL) AS next_at,"
	" (SELECT min(d.due_at) FROM deadline d WHERE d.case_id = c.id AND d.stopped_at IS NULL"
	" AND d.step = 100 AND d.ladder LIKE 'answer:%') AS reopened_due"
	" FROM case_ c JOIN unit u ON u.id = c.lead LEFT JOIN unit s ON s.id = c.supervisor;\n"
	"CREATE VIEW v_case_change AS SELECT case_id, version, at, actor, act, state, done, note"
	" FROM case_change;\n"
	"CREATE VIEW v_draft AS SELECT case_id, number, at, actor, kind, text FROM draft;\n"
	"CREATE VIEW v_review AS SELECT r.case_id, r.number, r.at, r.actor, r.level, r.unit,"
	" u.name AS unit_name, r.findings, r.state, r.ended_at, r.ended_by, r.note, d.kind, d.text"
	" FROM review r LEFT JOIN unit u ON u.id = r.unit JOIN draft d"
	" ON d.case_id = r.case_id AND d.number = r.draft;\n"
	"CREATE VIEW v_consent AS SELECT k.case_id, k.review, k.unit, u.name AS unit_name, k.at,"
	" k.actor, k.note FROM consent k JOIN unit u ON u.id = k.unit;\n"
	"CREATE VIEW v_promise AS SELECT case_id, number, at, actor, text, due_at, kept_at, kept_by,"
	" url, note FROM promise;\n"
	"CREATE VIEW v_contribution AS SELECT b.case_id, b.number, b.unit, u.name AS unit_name, b.at,"
	" b.actor, b.text FROM contribution b JOIN unit u ON u.id = b.unit;\n"
	"CREATE VIEW v_return AS SELECT case_id, number, at, actor, unit, reason, proposed, note"
	" FROM case_return;\n"
	"CREATE VIEW v_ruling AS SELECT case_id, number, at, actor, unit_before, unit, note, proposal"
	" FROM ruling;\n"
	"CREATE VIEW v_dismissal AS SELECT case_id, number, at, actor, reason, ended_at, ended_by"
	" FROM dismissal;\n"
	"CREATE VIEW v_merger AS SELECT case_id, number, at, actor, into_case, note, undone_at,"
	" undone_by, undone_note FROM merger;\n";

static const struct hy_migration steps[] = {
	{.version = 1, .sql = tables},
	{.version = 2, .sql = views},
	{.version = 3, .sql = alarms},
	{.version = 4, .sql = clocks},
	{.version = 5, .sql = sightings},
	{.version = 6, .sql = handovers},
	{.version = 7, .sql = event_texts},
	{.version = 8, .sql = lapses},
	{.version = 9, .sql = messages},
	{.version = 10, .sql = rule_versions},
	{.version = 11, .sql = audit_views, .sqlite = audit_kept_sqlite,
	 .postgres = audit_kept_postgres},
	{.version = 12, .sql = traffic},
	{.version = 13, .sql = reactions},
	{.version = 14, .sql = cases},
	{.version = 15, .sql = case_views},
};

static const char put_unit[] =
	"INSERT INTO unit (id, name, kind, parent, valid_from, valid_to)"
	" VALUES ($1, $2, $3, $4, $5, $6)"
	" ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind,"
	" parent = excluded.parent, valid_from = excluded.valid_from,"
	" valid_to = excluded.valid_to";

enum hy_err hy_schema_migrate(struct hy_store *store, struct hy_error *e)
{
	return hy_store_migrate(store, COMPONENT, steps, HY_COUNT(steps), e);
}

enum hy_err hy_schema_put_units(struct hy_store *store, const struct hy_units *units,
				struct hy_error *e)
{
	for (size_t i = 0; i < units->count; i++) {
		const struct hy_unit *unit = &units->item[i];
		struct hy_query *q = hy_store_query(store, put_unit);
		enum hy_err err;

		hy_query_bind_text(q, 1, unit->id);
		hy_query_bind_text(q, 2, unit->name);
		hy_query_bind_c(q, 3, hy_unit_kind_id(unit->kind));
		if (unit->parent)
			hy_query_bind_text(q, 4, unit->parent->id);
		else
			hy_query_bind_null(q, 4);
		hy_query_bind_wall(q, 5, unit->valid.from);
		hy_query_bind_wall(q, 6, unit->valid.to);
		err = hy_query_run(q, NULL, e);
		if (err)
			return err;
	}
	return HY_OK;
}
