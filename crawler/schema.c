#include "crawler/schema.h"

#include "common/base/mem.h"

static const struct hy_migration steps[] = {
{.version = 1, .sql =
"CREATE TABLE source (\n"
"	id TEXT PRIMARY KEY,\n"
"	name TEXT NOT NULL,\n"
"	kind TEXT NOT NULL,\n"
"	region TEXT NOT NULL,\n"
"	url TEXT NOT NULL,\n"		/* asked next: a configured one or where it moved to */
"	url_index INTEGER NOT NULL,\n"	/* which of the configured ones */
"	urls TEXT NOT NULL,\n"		/* configured, one a line: a change starts anew */
"	host TEXT NOT NULL,\n"
"	hops INTEGER NOT NULL DEFAULT 0,\n"
"	active INTEGER NOT NULL,\n"
"	interval_ms INTEGER NOT NULL,\n"
"	quiet_ms INTEGER NOT NULL,\n"
"	next_poll_at INTEGER NOT NULL,\n"	/* while leased: the lease's end */
"	lease_owner TEXT NOT NULL DEFAULT '',\n"
"	etag TEXT NOT NULL DEFAULT '',\n"
"	last_modified TEXT NOT NULL DEFAULT '',\n"
"	content_hash TEXT NOT NULL DEFAULT '',\n"
"	failures INTEGER NOT NULL DEFAULT 0,\n"
"	items INTEGER NOT NULL DEFAULT 0,\n"
"	last_polled_at INTEGER,\n"
"	last_success_at INTEGER,\n"
"	last_new_at INTEGER,\n"
"	reason TEXT NOT NULL DEFAULT ''\n"
");\n"
"CREATE INDEX source_due ON source (host, next_poll_at) WHERE active = 1;\n"
"CREATE TABLE frontier (\n"
"	id TEXT PRIMARY KEY,\n"		/* content id of the canonical address */
"	url TEXT NOT NULL,\n"
"	host TEXT NOT NULL,\n"
"	source TEXT NOT NULL,\n"
"	title TEXT NOT NULL,\n"		/* as the link called it; masked */
"	published_at INTEGER,\n"	/* as the feed or list says */
"	found_at INTEGER NOT NULL,\n"
"	state TEXT NOT NULL\n"
"		CHECK (state IN ('queued', 'leased', 'revisit', 'done', 'failed')),\n"
"	priority INTEGER NOT NULL DEFAULT 0\n"
"		CHECK (priority IN (0, 1)),\n"	/* 0 new, 1 to be read again */
"	next_at INTEGER NOT NULL,\n"	/* while leased: the lease's end */
"	lease_owner TEXT NOT NULL DEFAULT '',\n"
"	attempts INTEGER NOT NULL DEFAULT 0,\n"	/* that were answered */
"	crashes INTEGER NOT NULL DEFAULT 0,\n"	/* leases that ended without an outcome */
"	hops INTEGER NOT NULL DEFAULT 0,\n"
"	visits INTEGER NOT NULL DEFAULT 0,\n"
"	kind TEXT NOT NULL DEFAULT '',\n"
"	reason TEXT NOT NULL DEFAULT '',\n"
"	etag TEXT NOT NULL DEFAULT '',\n"
"	last_modified TEXT NOT NULL DEFAULT '',\n"
"	document TEXT\n"
");\n"
"CREATE INDEX frontier_due ON frontier (host, priority, next_at)\n"
"	WHERE state IN ('queued', 'leased', 'revisit');\n"
"CREATE INDEX frontier_failed ON frontier (host) WHERE state = 'failed';\n"
"CREATE INDEX frontier_leased ON frontier (lease_owner) WHERE state = 'leased';\n"
"CREATE TABLE document (\n"
"	id TEXT PRIMARY KEY,\n"
"	url TEXT NOT NULL,\n"
"	source TEXT NOT NULL,\n"
"	region TEXT NOT NULL,\n"
"	first_seen_at INTEGER NOT NULL,\n"
"	last_seen_at INTEGER NOT NULL,\n"
"	gone_at INTEGER\n"
");\n"
"CREATE TABLE version (\n"
"	id TEXT PRIMARY KEY,\n"
"	document TEXT NOT NULL REFERENCES document (id),\n"
"	title TEXT NOT NULL,\n"
"	text TEXT NOT NULL,\n"
"	outlet TEXT NOT NULL,\n"
"	published_at INTEGER,\n"
"	detected_at INTEGER NOT NULL,\n"
"	kind TEXT NOT NULL,\n"
"	charset TEXT NOT NULL,\n"
"	raw_sha256 TEXT NOT NULL,\n"
"	flags TEXT NOT NULL,\n"
"	state TEXT NOT NULL CHECK (state IN ('pending', 'judged')),\n"
"	holder TEXT NOT NULL,\n"	/* the crawler that sends it */
"	outcome TEXT NOT NULL DEFAULT '',\n"
"	note TEXT NOT NULL DEFAULT '',\n"
"	rules TEXT NOT NULL DEFAULT '',\n"
"	judged_at INTEGER,\n"
"	CHECK ((state = 'judged') = (outcome <> ''))\n"
");\n"
"CREATE INDEX version_pending ON version (holder, detected_at, id) WHERE state = 'pending';\n"
"CREATE INDEX version_document ON version (document);\n"
"CREATE INDEX version_detected ON version (detected_at);\n"
"CREATE TABLE host (\n"
"	host TEXT PRIMARY KEY,\n"
"	lease_owner TEXT NOT NULL DEFAULT '',\n"
"	lease_until INTEGER NOT NULL DEFAULT 0,\n"
"	claimed_at INTEGER NOT NULL DEFAULT 0,\n"
"	next_allowed_at INTEGER NOT NULL DEFAULT 0,\n"
"	paused_until INTEGER NOT NULL DEFAULT 0,\n"
"	pauses INTEGER NOT NULL DEFAULT 0,\n"
"	reason TEXT NOT NULL DEFAULT ''\n"
");\n"
"CREATE TABLE robots (\n"
"	origin TEXT PRIMARY KEY,\n"
"	status INTEGER NOT NULL,\n"	/* of HTTP; 0: no answer */
"	body BLOB NOT NULL,\n"
"	fetched_at INTEGER NOT NULL,\n"
"	expires_at INTEGER NOT NULL\n"
");\n"
"CREATE TABLE impact (\n"
"	host TEXT NOT NULL,\n"
"	day TEXT NOT NULL,\n"
"	requests INTEGER NOT NULL,\n"
"	bytes INTEGER NOT NULL,\n"
"	errors INTEGER NOT NULL,\n"
"	PRIMARY KEY (host, day)\n"
");\n"
"CREATE TABLE crawler (\n"		/* which instances live; see archive.h */
"	instance TEXT PRIMARY KEY,\n"
"	alive_until INTEGER NOT NULL\n"
");\n"
"CREATE VIEW v_document AS SELECT v.id AS version, v.document, d.url, d.source, d.region,\n"
"	v.outlet, v.title, v.text, v.published_at, v.detected_at, v.kind, v.charset,\n"
"	v.raw_sha256, v.flags, v.state, v.outcome, v.note, v.rules, v.judged_at, d.gone_at\n"
"	FROM version v JOIN document d ON d.id = v.document;\n"
"CREATE VIEW v_source AS SELECT id, name, kind, region, url, active, interval_ms, quiet_ms,\n"
"	next_poll_at, last_polled_at, last_success_at, last_new_at, failures, items, reason\n"
"	FROM source;\n"
"CREATE VIEW v_page AS SELECT id, url, host, source, found_at, state, kind, reason, attempts,\n"
"	next_at, document FROM frontier;\n"
"CREATE VIEW v_host AS SELECT host, next_allowed_at, paused_until, pauses, reason FROM host;\n"
"CREATE VIEW v_impact AS SELECT host, day, requests, bytes, errors FROM impact;\n"},
{.version = 2, .sql =
"CREATE TABLE coverage (\n"		/* a row a crawler, see coverage.h */
"	source TEXT NOT NULL,\n"
"	day TEXT NOT NULL,\n"		/* China time */
"	crawler TEXT NOT NULL,\n"
"	day_at INTEGER NOT NULL,\n"	/* the day's midnight */
"	polls INTEGER NOT NULL DEFAULT 0,\n"
"	failed_robots INTEGER NOT NULL DEFAULT 0,\n"
"	failed_blocked INTEGER NOT NULL DEFAULT 0,\n"
"	failed_refused INTEGER NOT NULL DEFAULT 0,\n"
"	failed_server INTEGER NOT NULL DEFAULT 0,\n"
"	failed_network INTEGER NOT NULL DEFAULT 0,\n"
"	failed_content INTEGER NOT NULL DEFAULT 0,\n"
"	expected_milli INTEGER NOT NULL DEFAULT 0,\n"
"	items_seen INTEGER NOT NULL DEFAULT 0,\n"
"	items_new INTEGER NOT NULL DEFAULT 0,\n"
"	backlog INTEGER NOT NULL DEFAULT 0,\n"	/* new at the first reading of the source */
"	stored INTEGER NOT NULL DEFAULT 0,\n"
"	suspicious INTEGER NOT NULL DEFAULT 0,\n"	/* of the stored ones */
"	deleted INTEGER NOT NULL DEFAULT 0,\n"
"	blocked INTEGER NOT NULL DEFAULT 0,\n"
"	empty INTEGER NOT NULL DEFAULT 0,\n"
"	list INTEGER NOT NULL DEFAULT 0,\n"
"	unread INTEGER NOT NULL DEFAULT 0,\n"	/* for other reasons */
"	timed INTEGER NOT NULL DEFAULT 0,\n"	/* items of known delay */
"	mirror_ms INTEGER NOT NULL DEFAULT 0,\n"
"	mirror_max_ms INTEGER NOT NULL DEFAULT 0,\n"
"	poll_ms INTEGER NOT NULL DEFAULT 0,\n"
"	poll_max_ms INTEGER NOT NULL DEFAULT 0,\n"
"	fetched INTEGER NOT NULL DEFAULT 0,\n"	/* articles whose time in the queue is known */
"	fetch_ms INTEGER NOT NULL DEFAULT 0,\n"
"	fetch_max_ms INTEGER NOT NULL DEFAULT 0,\n"
"	PRIMARY KEY (source, day, crawler)\n"
");\n"
"CREATE INDEX coverage_day ON coverage (day);\n"
"CREATE TABLE source_health (\n"
"	source TEXT PRIMARY KEY,\n"
"	owner TEXT NOT NULL DEFAULT '',\n"
"	added_at INTEGER NOT NULL,\n"
"	failure TEXT NOT NULL DEFAULT '',\n"
"	failing_since INTEGER,\n"
"	successes INTEGER NOT NULL DEFAULT 0,\n"
"	robots TEXT NOT NULL DEFAULT '',\n"
"	robots_at INTEGER,\n"
"	rate TEXT NOT NULL DEFAULT '',\n"	/* see hy_rate */
"	gaps TEXT NOT NULL DEFAULT '',\n"	/* see hy_gaps */
"	per_day_milli INTEGER NOT NULL DEFAULT 0,\n"
"	gap_milli INTEGER NOT NULL DEFAULT 0\n"	/* expected since something new came */
");\n"
"CREATE TABLE source_alarm (\n"
"	id TEXT PRIMARY KEY,\n"
"	kind TEXT NOT NULL,\n"
"	source TEXT NOT NULL,\n"
"	owner TEXT NOT NULL,\n"
"	since INTEGER NOT NULL,\n"
"	raised_at INTEGER NOT NULL,\n"
"	text TEXT NOT NULL,\n"
"	cleared_at INTEGER,\n"
"	cleared_text TEXT NOT NULL DEFAULT '',\n"
"	told TEXT NOT NULL DEFAULT '' CHECK (told IN ('', 'raised', 'cleared'))\n"
");\n"
"CREATE UNIQUE INDEX source_alarm_open ON source_alarm (source, kind)\n"
"	WHERE cleared_at IS NULL;\n"
"CREATE INDEX source_alarm_untold ON source_alarm (raised_at, id) WHERE told <> 'cleared';\n"
"CREATE VIEW v_coverage AS SELECT source, day, day_at, SUM(polls) AS polls, SUM(failed_robots +\n"
"	failed_blocked + failed_refused + failed_server + failed_network + failed_content)\n"
"	AS polls_failed, SUM(failed_robots) AS failed_robots,\n"
"	SUM(failed_blocked) AS failed_blocked, SUM(failed_refused) AS failed_refused,\n"
"	SUM(failed_server) AS failed_server, SUM(failed_network) AS failed_network,\n"
"	SUM(failed_content) AS failed_content, SUM(expected_milli) AS expected_milli,\n"
"	SUM(items_seen) AS items_seen, SUM(items_new) AS items_new, SUM(backlog) AS backlog,\n"
"	SUM(stored) AS stored, SUM(suspicious) AS suspicious, SUM(deleted) AS deleted,\n"
"	SUM(blocked) AS blocked, SUM(empty) AS empty, SUM(list) AS list,\n"
"	SUM(unread) AS unread, SUM(timed) AS timed, SUM(mirror_ms) AS mirror_ms,\n"
"	MAX(mirror_max_ms) AS mirror_max_ms, SUM(poll_ms) AS poll_ms,\n"
"	MAX(poll_max_ms) AS poll_max_ms, SUM(fetched) AS fetched, SUM(fetch_ms) AS fetch_ms,\n"
"	MAX(fetch_max_ms) AS fetch_max_ms FROM coverage GROUP BY source, day, day_at;\n"
"CREATE VIEW v_source_health AS SELECT s.id AS source, s.name, s.active, h.owner, h.added_at,\n"
"	s.last_polled_at, s.last_success_at, s.last_new_at, s.next_poll_at, s.failures,\n"
"	s.reason, h.failure, h.failing_since, h.successes, h.robots, h.robots_at, h.rate, h.gaps,\n"
"	h.gap_milli FROM source s LEFT JOIN source_health h ON h.source = s.id;\n"
"CREATE VIEW v_source_alarm AS SELECT id, kind, source, owner, since, raised_at, text,\n"
"	cleared_at, cleared_text, told FROM source_alarm;\n"},
{.version = 3, .sql =
"ALTER TABLE document ADD COLUMN page TEXT NOT NULL DEFAULT '';\n"	/* row it is read from */
"UPDATE document SET page = id;\n"
"ALTER TABLE version ADD COLUMN core TEXT NOT NULL DEFAULT '';\n"
"ALTER TABLE version ADD COLUMN purged_at INTEGER;\n"	/* title and text are gone since */
"CREATE INDEX version_kept ON version (detected_at) WHERE purged_at IS NULL;\n"
"CREATE INDEX frontier_link ON frontier (document) WHERE document <> id;\n"
"DROP VIEW v_document;\n"
"CREATE VIEW v_document AS SELECT v.id AS version, v.document, d.url, d.source, d.region,\n"
"	v.outlet, v.title, v.text, v.published_at, v.detected_at, v.kind, v.charset,\n"
"	v.raw_sha256, v.flags, v.state, v.outcome, v.note, v.rules, v.judged_at, d.gone_at,\n"
"	v.purged_at FROM version v JOIN document d ON d.id = v.document;\n"
"CREATE TABLE chore (\n"		/* what is done once in a while, by one crawler */
"	name TEXT PRIMARY KEY,\n"
"	next_at INTEGER NOT NULL,\n"
"	position TEXT NOT NULL DEFAULT ''\n"	/* how far it is, where it goes in steps */
");\n"
"INSERT INTO chore (name, next_at) VALUES ('purge', 0);\n"
"CREATE TABLE spool (\n"		/* raw pages that await their verdict; see evidence.h */
"	version TEXT PRIMARY KEY,\n"
"	bytes INTEGER NOT NULL,\n"
"	due INTEGER NOT NULL DEFAULT 0,\n"
"	record BLOB NOT NULL\n"
");\n"
"CREATE INDEX spool_bytes ON spool (bytes);\n"
"CREATE INDEX spool_due ON spool (version) WHERE due = 1;\n"
"CREATE TABLE evidence (\n"
"	version TEXT PRIMARY KEY,\n"
"	file TEXT NOT NULL,\n"		/* '': there was no room for it */
"	start INTEGER NOT NULL,\n"
"	length INTEGER NOT NULL,\n"
"	written_at INTEGER NOT NULL\n"
");\n"
"CREATE INDEX evidence_file ON evidence (file);\n"
"CREATE VIEW v_evidence AS SELECT version, file, start, length, written_at FROM evidence;\n",
/*
 * An index over all runs of three characters, and which row of it is which version: numbers
 * of their own, which a VACUUM leaves as they are. Filled behind the intake (search.h).
 */
.sqlite =
"CREATE TABLE version_row (\n"
"	number INTEGER PRIMARY KEY,\n"
"	version TEXT NOT NULL UNIQUE,\n"
"	indexed INTEGER NOT NULL DEFAULT 0\n"
");\n"
"CREATE INDEX version_row_open ON version_row (number) WHERE indexed = 0;\n"
"INSERT INTO version_row (version) SELECT id FROM version ORDER BY detected_at;\n"
"CREATE TRIGGER version_numbered AFTER INSERT ON version BEGIN\n"
"	INSERT INTO version_row (version) VALUES (new.id);\n"
"END;\n"
"CREATE VIRTUAL TABLE version_words USING fts5(body, tokenize = 'trigram', detail = none,\n"
"	content = '');\n"
"CREATE VIRTUAL TABLE version_term USING fts5vocab(version_words, 'instance');\n",
/*
 * pg_trgm takes letters only as its locale knows them; where it knows no Chinese ones, or may
 * not be installed, a search reads the texts.
 */
.postgres =
"DO $$\n"
"DECLARE place text; found integer;\n"
"BEGIN\n"
"	IF NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm') THEN\n"
"		CREATE EXTENSION pg_trgm;\n"
"	END IF;\n"
"	SELECT n.nspname INTO place FROM pg_extension x\n"
"		JOIN pg_namespace n ON n.oid = x.extnamespace WHERE x.extname = 'pg_trgm';\n"
"	EXECUTE format('SELECT cardinality(%I.show_trgm(%L))', place, '高新区') INTO found;\n"
"	IF found > 0 THEN\n"
"		EXECUTE format('CREATE INDEX version_text_words ON version'\n"
"			' USING gin (text %I.gin_trgm_ops)', place);\n"
"		EXECUTE format('CREATE INDEX version_title_words ON version'\n"
"			' USING gin (title %I.gin_trgm_ops)', place);\n"
"	END IF;\n"
"EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported\n"
"	OR undefined_function THEN NULL;\n"
"END $$;\n"},
{.version = 4, .sql =
"ALTER TABLE source ADD COLUMN goal_ms INTEGER NOT NULL DEFAULT 0;\n"
"ALTER TABLE host ADD COLUMN rest_until INTEGER NOT NULL DEFAULT 0;\n"	/* see budget.h */
"ALTER TABLE host ADD COLUMN rest_reason TEXT NOT NULL DEFAULT '';\n"
"ALTER TABLE host ADD COLUMN price_today INTEGER NOT NULL DEFAULT 0;\n"
"ALTER TABLE host ADD COLUMN price_later INTEGER NOT NULL DEFAULT 0;\n"
"ALTER TABLE host ADD COLUMN price_turns_at INTEGER NOT NULL DEFAULT 0;\n"
"ALTER TABLE host ADD COLUMN priced_at INTEGER NOT NULL DEFAULT 0;\n"
"DROP VIEW v_host;\n"
"CREATE VIEW v_host AS SELECT host, next_allowed_at, CASE WHEN rest_until > paused_until\n"
"	THEN rest_until ELSE paused_until END AS paused_until, pauses,\n"
"	CASE WHEN reason = '' THEN rest_reason ELSE reason END AS reason FROM host;\n"},
{.version = 5, .sql =
"CREATE TABLE sitemap_part (\n"		/* see sitemap_parts.h */
"	source TEXT NOT NULL,\n"
"	url TEXT NOT NULL,\n"
"	parent TEXT NOT NULL,\n"		/* the index that lists it */
"	changed_at INTEGER NOT NULL,\n"	/* as the index says; 0: it does not */
"	read_at INTEGER NOT NULL,\n"
"	seen_at INTEGER NOT NULL,\n"	/* in the index */
"	due INTEGER NOT NULL CHECK (due IN (0, 1, 2)),\n"	/* 2: being visited */
"	tries INTEGER NOT NULL,\n"
"	PRIMARY KEY (source, url)\n"
");\n"
"CREATE INDEX sitemap_part_due ON sitemap_part (source, due) WHERE due > 0;\n"
"CREATE TABLE mirror (\n"		/* sources away from their first address */
"	source TEXT PRIMARY KEY,\n"
"	return_at INTEGER NOT NULL\n"
");\n"},
{.version = 6, .sql =
"CREATE INDEX source_alarm_told ON source_alarm (cleared_at) WHERE told = 'cleared';\n"
"CREATE INDEX crawler_alarm ON source_alarm (cleared_at) WHERE kind = 'crawler-network';\n"},
{.version = 7, .sql =
"ALTER TABLE host ADD COLUMN wake_at INTEGER NOT NULL DEFAULT 0;\n"	/* see host_lease.h */
"ALTER TABLE host ADD COLUMN owes INTEGER NOT NULL DEFAULT 0;\n"
"CREATE INDEX host_wake ON host (wake_at, host);\n"
"CREATE INDEX host_leased ON host (lease_until) WHERE lease_owner <> '';\n"},
};

enum hy_err hy_crawler_migrate(struct hy_store *store, struct hy_error *e)
{
	return hy_store_migrate(store, "crawler", steps, HY_COUNT(steps), e);
}
