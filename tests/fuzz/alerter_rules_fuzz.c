/*
 * Any bytes as one of the files that officers edit: read with findings or proved, and whatever
 * could be read must route, tell who is on duty and count days. The first byte says which file.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alerter/proof.h"
#include "alerter/routing.h"
#include "common/base/mem.h"

#define PATH_BYTES 256
#define CALENDAR "calendar/2026.yaml"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libfyaml 0.7.12 loses a buffer of 4 KiB where a long quoted text is part of a bad file. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libfyaml";
}

static const struct {
	const char *name, *text;
} files[] = {
	{"routes.yaml", "fallback: a\n"
			"supervisors: {general: a, considerable: a, major: a, critical: a}\n"
			"routes: []\n"},
	{"roster.yaml", "rosters:\n"
			"  - unit: default\n"
			"    officer: [{from: \"00:00\", to: \"24:00\", since: 2026-01-01, posts: [x]}]\n"
			"    leader: [{from: \"00:00\", to: \"24:00\", since: 2026-01-01, posts: [x]}]\n"},
	{"units.yaml", "units:\n  - {id: a, name: A, kind: department, roles: [office]}\n"
		       "  - {id: b, name: B, kind: street, parent: a}\n"},
	{"deadlines.yaml", "presets:\n"
			   "  - {id: s, ladder: sign, title: S, limit: 2h, basis: x}\n"
			   "  - {id: w, ladder: answer, title: W, limit: 48h, basis: x}\n"
			   "apply:\n  - {use: [s, w]}\n"},
	{"channels.yaml", "channels:\n  - {id: t, type: publish}\n"},
	{"places.yaml", "places:\n  - {id: p, name: 某街道, unit: b, evidence: {unique: true}}\n"},
	{"topics/t.yaml", "topics:\n  - {id: t.a, title: T, owner: office}\n"},
};

static void write_file(const char *folder, const char *name, const void *bytes, size_t size)
{
	char path[PATH_BYTES];
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "w");
	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file))
		abort();
}

static void remove_folder(const char *folder)
{
	char path[PATH_BYTES];

	for (size_t i = 0; i < HY_COUNT(files); i++) {
		(void)snprintf(path, sizeof path, "%s/%s", folder, files[i].name);
		(void)unlink(path);
	}
	(void)snprintf(path, sizeof path, "%s/topics", folder);
	(void)rmdir(path);
	(void)snprintf(path, sizeof path, "%s/" CALENDAR, folder);
	(void)unlink(path);
	(void)snprintf(path, sizeof path, "%s/" HY_ROSTER_CHANGES_FILE, folder);
	(void)unlink(path);
	(void)snprintf(path, sizeof path, "%s/" HY_OUTLETS_FILE, folder);
	(void)unlink(path);
	(void)snprintf(path, sizeof path, "%s/calendar", folder);
	(void)rmdir(path);
	(void)rmdir(folder);
}

static void use(const struct hy_rule_set *rules, bool proved)
{
	struct hy_str topic = HY_STR_LIT("t.a"), place = HY_STR_LIT("p");
	struct hy_routing_query query = {.topics = &topic, .topic_count = 1, .places = &place,
					 .place_count = 1, .severity = HY_SEVERITY_MAJOR,
					 .at = hy_wall_now()};
	struct hy_routing routing;

	hy_routing_decide(rules, &query, &routing);
	if (proved && (!routing.lead || routing.supervisor == routing.lead ||
		       !hy_presets_use(rules->presets, topic, query.severity)))
		abort();
	hy_routing_fini(&routing);
}

/* Time goes on whatever a calendar says, and what was added is what lies between. */
static void count(const struct hy_presets *presets)
{
	struct hy_wall start = {1767200000000}, due, cursor = start, later;
	struct hy_day_run run;

	for (int64_t days = 1; days < 300; days += 37) {
		due = hy_calendar_add_days(presets->calendar, &presets->hours, start, days);
		if (due.ms <= start.ms)
			abort();
		later = hy_calendar_add_office(presets->calendar, &presets->hours, start,
					       days * 3600000);
		if (hy_calendar_office_between(presets->calendar, &presets->hours, start, later) !=
		    days * 3600000)
			abort();
		while (hy_calendar_next_run(presets->calendar, &cursor, due, &run)) {
			if (run.to.ms <= run.from.ms)
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char folder[] = "/tmp/huiying-fuzz-XXXXXX", topics[PATH_BYTES], calendar[PATH_BYTES];
	struct hy_rule_set *rules = NULL;
	struct hy_findings findings;

	if (size == 0 || !mkdtemp(folder))
		return 0;
	(void)snprintf(topics, sizeof topics, "%s/topics", folder);
	(void)snprintf(calendar, sizeof calendar, "%s/calendar", folder);
	if (mkdir(topics, 0700) || mkdir(calendar, 0700))
		abort();
	for (size_t i = 0; i < HY_COUNT(files); i++)
		write_file(folder, files[i].name, files[i].text, strlen(files[i].text));
	write_file(folder, data[0] == 'c'   ? CALENDAR
		   : data[0] == 'r' ? HY_ROSTER_CHANGES_FILE
		   : data[0] == 'o' ? HY_OUTLETS_FILE
				    : files[data[0] % HY_COUNT(files)].name,
		   data + 1, size - 1);
	hy_findings_init(&findings);
	if (!hy_rule_set_load_broken(folder, &findings, &rules)) {
		hy_proof_run(rules, hy_wall_now(), &findings);
		hy_proof_gaps(rules, hy_wall_now(), &findings);
		count(rules->presets);
		use(rules, findings.count == 0);
	}
	hy_rule_set_free(rules);
	hy_findings_fini(&findings);
	remove_folder(folder);
	return 0;
}
