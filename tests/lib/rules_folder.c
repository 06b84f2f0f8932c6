#include "tests/lib/rules_folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_BYTES 256
#define TEXT_BYTES 65536

struct file {
	const char *name, *text;
};

static const struct file files[] = {
	{"topics/livelihood.yaml",
	 "topics:\n"
	 "  - {id: wages.arrears, title: 拖欠工资, owner: labour, severity: considerable}\n"
	 "  - {id: housing.quality, title: 房屋质量, owner: housing}\n"
	 "  - {id: water.pollution, title: 水污染, owner: environment, severity: major}\n"
	 "  - {id: site.noise, title: 工地噪声, owner: housing}\n"},
	{"places.yaml",
	 "places:\n"
	 "  - {id: district, name: 某某高新区, unit: office, evidence: {unique: true}}\n"
	 "  - {id: east, name: 东街街道, parent: district, unit: east-street,"
	 " evidence: {unique: true}}\n"
	 "  - {id: west, name: 西街街道, parent: district, unit: west-street,"
	 " evidence: {unique: true}}\n"
	 "  - {id: west-park, name: 西街产业园, parent: west, evidence: {unique: true}}\n"},
	{"units.yaml",
	 "units:\n"
	 "  - {id: committee, name: 管委会, kind: committee}\n"
	 "  - {id: office, name: 综合部, kind: department, parent: committee, roles: [office]}\n"
	 "  - {id: welfare, name: 保障部, kind: department, parent: committee,"
	 " roles: [labour, civil]}\n"
	 "  - {id: building, name: 建设部, kind: department, parent: committee,"
	 " roles: [housing, construction]}\n"
	 "  - {id: ecology, name: 生态机构, kind: agency, parent: committee,"
	 " roles: [environment]}\n"
	 "  - {id: east-street, name: 东街街道办, kind: street, parent: committee}\n"
	 "  - {id: west-street, name: 西街街道办, kind: street, parent: committee}\n"},
	{"routes.yaml",
	 "fallback: office\n"
	 "supervisors: {general: office, considerable: office, major: committee,"
	 " critical: committee}\n"
	 "routes:\n"
	 "  - {id: noise-east, topic: site.noise, place: east, lead: east-street,"
	 " assist: [building], basis: 委托执法协议}\n"},
	{"deadlines.yaml",
	 "presets:\n"
	 "  - {id: sign-2h, ladder: sign, title: 签收, limit: 2h, basis: 内部设置}\n"
	 "  - {id: sign-10s, ladder: sign, title: 签收, limit: 10s, basis: 内部设置}\n"
	 "  - {id: answer-48h, ladder: answer, title: 回应, limit: 48h,"
	 " basis: 国办发〔2016〕61号}\n"
	 "  - {id: answer-5h, ladder: answer, title: 权威信息, limit: 5h,"
	 " basis: 国办发〔2016〕80号}\n"
	 "  - {id: press-24h, ladder: press, title: 发布会, limit: 24h,"
	 " basis: 国办发〔2016〕80号}\n"
	 "apply:\n"
	 "  - {severity: critical, use: [sign-10s, answer-5h, press-24h]}\n"
	 "  - {severity: major, use: [sign-2h, answer-5h, press-24h]}\n"
	 "  - {use: [sign-2h, answer-48h]}\n"},
	{"roster.yaml",
	 "rosters:\n"
	 "  - unit: default\n"
	 "    officer:\n"
	 "      - {from: \"08:30\", to: \"17:30\", since: 2026-01-01, turn: day,"
	 " posts: [白班一岗, 白班二岗]}\n"
	 "      - {from: \"17:30\", to: \"08:30\", since: 2026-01-01, turn: day,"
	 " posts: [夜班一岗, 夜班二岗, 夜班三岗]}\n"
	 "    leader:\n"
	 "      - {from: \"08:30\", to: \"08:30\", since: 2026-01-05, turn: week,"
	 " posts: [带班一岗, 带班二岗]}\n"},
	{"channels.yaml",
	 "channels:\n"
	 "  - {id: terminal, type: publish}\n"},
};

static bool path_of(const struct test_rules *rules, const char *name, char out[PATH_BYTES])
{
	int n = snprintf(out, PATH_BYTES, "%s/%s", rules->folder, name);

	return n > 0 && n < PATH_BYTES;
}

bool test_rules_put(const struct test_rules *rules, const char *name, const char *text)
{
	char path[PATH_BYTES];
	FILE *file = path_of(rules, name, path) ? fopen(path, "w") : NULL;
	bool good = file && fputs(text, file) >= 0;

	if (file && fclose(file))
		good = false;
	if (!good)
		(void)fprintf(stderr, "cannot write %s of a rules folder\n", name);
	return good;
}

bool test_rules_make(struct test_rules *rules)
{
	char topics[PATH_BYTES], policies[PATH_BYTES];
	bool good = true;

	(void)snprintf(rules->folder, sizeof rules->folder, "/tmp/huiying-rules-XXXXXX");
	if (!mkdtemp(rules->folder) || !path_of(rules, "topics", topics) || mkdir(topics, 0700) ||
	    !path_of(rules, "policies", policies) || mkdir(policies, 0700))
		return false;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		good = test_rules_put(rules, files[i].name, files[i].text) && good;
	return good;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* Also what a test put there beside the set. */
void test_rules_remove(struct test_rules *rules)
{
	(void)nftw(rules->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

bool test_rules_edit(const struct test_rules *rules, const char *name, const char *old,
		     const char *text)
{
	char out[TEXT_BYTES];

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		const char *at = strcmp(files[i].name, name) ? NULL : strstr(files[i].text, old);
		int n;

		if (!at)
			continue;
		n = snprintf(out, sizeof out, "%.*s%s%s", (int)(at - files[i].text),
			     files[i].text, text, at + strlen(old));
		return n > 0 && n < (int)sizeof out && test_rules_put(rules, name, out);
	}
	(void)fprintf(stderr, "\"%s\" does not stand in %s\n", old, name);
	return false;
}
