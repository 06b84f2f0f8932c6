#include "alerter/rule_set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alerter/drafter.h"
#include "common/base/buf.h"
#include "common/base/mem.h"

static const char *const versioned_files[] = {"units.yaml", "routes.yaml", "deadlines.yaml",
					      "roster.yaml", "channels.yaml",
					      HY_ROSTER_CHANGES_FILE, HY_CASE_RULES_FILE};
/* Missing is as good as empty. */
static const char *const optional_files[] = {HY_ROSTER_CHANGES_FILE, HY_CASE_RULES_FILE};

static bool is_optional(const char *name)
{
	for (size_t i = 0; i < HY_COUNT(optional_files); i++)
		if (strcmp(name, optional_files[i]) == 0)
			return true;
	return false;
}

static enum hy_err read_file(const char *dir, const char *name, struct hy_buf *out)
{
	char path[HY_RULE_PATH_BYTES];
	int n = snprintf(path, sizeof path, "%s/%s", dir, name);
	ssize_t got = -1;
	int fd;

	if (n < 0 || (size_t)n >= sizeof path)
		return HY_ERR_LIMIT;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT && is_optional(name) ? HY_OK : HY_ERR_IO;
	for (;;) {
		char *room = hy_buf_reserve(out, 65536);

		got = room ? read(fd, room, 65536) : -1;
		if (got <= 0)
			break;
		hy_buf_commit(out, (size_t)got);
	}
	(void)close(fd);
	return got < 0 ? HY_ERR_IO : hy_buf_err(out);
}

static enum hy_err set_version(const char *dir, struct hy_rule_set *rules)
{
	struct hy_id topics = hy_topics_version(rules->topics);
	struct hy_id places = hy_places_version(rules->places);
	struct hy_id policies = hy_policies_version(rules->policies);
	struct hy_buf files[HY_COUNT(versioned_files)] = {0};
	struct hy_str parts[HY_COUNT(versioned_files) + 5];
	enum hy_err err = HY_OK;

	parts[0] = hy_id_str(&topics);
	parts[1] = hy_id_str(&places);
	parts[2] = hy_id_str(&policies);
	parts[3] = hy_id_str(&rules->outlets->version);
	for (size_t i = 0; i < HY_COUNT(files); i++) {
		hy_buf_init(&files[i], HY_YAML_FILE_BYTES + 65536);
		if (!err)
			err = read_file(dir, versioned_files[i], &files[i]);
		parts[i + 4] = hy_buf_str(&files[i]);
	}
	parts[HY_COUNT(parts) - 1] = hy_calendar_bytes(rules->presets->calendar);
	if (!err)
		rules->version = hy_id_of(parts, HY_COUNT(parts));
	for (size_t i = 0; i < HY_COUNT(files); i++)
		hy_buf_fini(&files[i]);
	return err;
}

static void add_finding(struct hy_findings *findings, const char *dir, const struct hy_error *e)
{
	hy_buf_addf(&findings->text, "%s:1:1: 无法读取：%s\n", dir, e->text);
	findings->count++;
}

/* What is shared reports most mistakes as findings, and what leaves nothing as an error. */
static enum hy_err load_shared(const char *dir, struct hy_findings *findings,
			       struct hy_rule_set *rules)
{
	struct hy_error e = {0};
	size_t before = findings->count;
	enum hy_err err = hy_topics_load(dir, findings, &rules->topics, &e);

	if (!err)
		err = hy_places_load(dir, findings, &rules->places, &e);
	if (!err)
		err = hy_policies_load(dir, rules->topics, findings, &rules->policies, &e);
	if (!err)
		err = hy_outlets_load(dir, findings, &rules->outlets, &e);
	if (err && findings->count == before)
		add_finding(findings, dir, &e);
	return err;
}

/* Read again behind the readers: a version names texts, so they must be those that were read. */
static bool texts_stayed(const char *dir, const struct hy_rule_set *rules,
			 struct hy_findings *findings)
{
	hy_cleanup(hy_rule_texts_free_p) struct hy_rule_texts *again = NULL;
	struct hy_error e = {0};

	if (hy_rule_texts_read(dir, &again, &e)) {
		add_finding(findings, dir, &e);
		return false;
	}
	if (hy_rule_texts_equal(rules->texts, again))
		return true;
	(void)hy_fail(&e, HY_ERR_CONFLICT, "规则文件在读取过程中被改动，请再试一次");
	add_finding(findings, dir, &e);
	return false;
}

enum hy_err hy_rule_set_load_broken(const char *dir, struct hy_findings *findings,
				    struct hy_rule_set **out)
{
	struct hy_error e = {0};
	hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *rules = hy_xcalloc(1, sizeof *rules);
	enum hy_err texts = hy_rule_texts_read(dir, &rules->texts, &e);
	enum hy_err shared = load_shared(dir, findings, rules);
	enum hy_err units = hy_units_load(dir, findings, &rules->units);
	enum hy_err presets = hy_presets_load(dir, findings, &rules->presets);
	enum hy_err channels = hy_channels_load(dir, findings, &rules->channels);
	enum hy_err cases = hy_case_rules_load(dir, findings, &rules->cases);
	struct hy_route_refs refs;

	if (texts)
		add_finding(findings, dir, &e);
	if (texts || units || shared || presets || channels || cases)
		return HY_ERR_MALFORMED;
	hy_drafters_check(rules->units, rules->policies, findings);
	hy_presets_rename(rules->presets, rules->topics);
	refs = (struct hy_route_refs){rules->units, rules->topics, rules->places};
	if (hy_routes_load(dir, &refs, findings, &rules->routes) ||
	    hy_roster_load(dir, rules->units, findings, &rules->roster) || set_version(dir, rules) ||
	    !texts_stayed(dir, rules, findings))
		return HY_ERR_MALFORMED;
	*out = hy_take(&rules);
	return HY_OK;
}

enum hy_err hy_rule_set_load(const char *dir, struct hy_findings *findings,
			     struct hy_rule_set **out)
{
	hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *rules = NULL;
	size_t before = findings->count;
	enum hy_err err = hy_rule_set_load_broken(dir, findings, &rules);

	if (err)
		return err;
	if (findings->count > before)
		return HY_ERR_MALFORMED;
	*out = hy_take(&rules);
	return HY_OK;
}

void hy_rule_set_free(struct hy_rule_set *rules)
{
	if (!rules)
		return;
	hy_case_rules_free(rules->cases);
	hy_channels_free(rules->channels);
	hy_roster_free(rules->roster);
	hy_presets_free(rules->presets);
	hy_routes_free(rules->routes);
	hy_units_free(rules->units);
	hy_outlets_free(rules->outlets);
	hy_policies_free(rules->policies);
	hy_places_free(rules->places);
	hy_topics_free(rules->topics);
	hy_rule_texts_free(rules->texts);
	free(rules);
}
