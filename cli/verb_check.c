/* `huiying check [DIR]`: every mistake in a rules folder, with its place; proves P3. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alerter/presets.h"
#include "alerter/proof.h"
#include "alerter/units.h"
#include "analyzer/check.h"
#include "cli/alerter_access.h"
#include "cli/config_file.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "common/base/mem.h"
#include "common/rules/files.h"
#include "common/sys/yaml.h"
#include "crawler/sources.h"

struct line {
	struct hy_str text, file;
	int64_t row, column;
};

/* Takes "file:line:column: message" apart; what is not of that form sorts by its text. */
static struct line line_of(struct hy_str text)
{
	struct line line = {.text = text, .file = text};
	struct hy_str rest = text, file, row, column;

	if (hy_str_next(&rest, ':', &file) && hy_str_next(&rest, ':', &row) &&
	    hy_str_next(&rest, ':', &column) && hy_str_to_int(row, 0, INT32_MAX, &line.row) &&
	    hy_str_to_int(column, 0, INT32_MAX, &line.column))
		line.file = file;
	return line;
}

static int compare(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = hy_str_cmp(x->file, y->file);

	if (order == 0)
		order = (x->row > y->row) - (x->row < y->row);
	if (order == 0)
		order = (x->column > y->column) - (x->column < y->column);
	return order ? order : hy_str_cmp(x->text, y->text);
}

/*
 * Prints in the order of the files. Some files are read by more than one daemon, whose
 * findings about them are the same: each line is printed once. Returns how many.
 */
static size_t print_findings(const struct hy_findings *findings)
{
	struct hy_str rest = hy_buf_str(&findings->text), text;
	hy_cleanup(hy_free_p) struct line *lines = NULL;
	size_t count = 0, cap = 0, printed = 0;

	while (hy_str_next(&rest, '\n', &text)) {
		if (!text.n)
			continue;
		lines = hy_grow(lines, &cap, count + 1, sizeof *lines);
		lines[count++] = line_of(text);
	}
	if (count)
		qsort(lines, count, sizeof *lines, compare);
	for (size_t i = 0; i < count; i++) {
		if (i && hy_str_eq(lines[i].text, lines[i - 1].text))
			continue;
		(void)printf("%.*s\n", HY_STR_ARGS(lines[i].text));
		printed++;
	}
	/* Whoever reads both streams as one is to see the sum behind the last finding, not in one. */
	(void)fflush(stdout);
	if (findings->count > HY_YAML_FINDINGS_MAX)
		(void)fprintf(stderr, "另有 %zu 处未列出\n",
			      findings->count - HY_YAML_FINDINGS_MAX);
	return printed;
}

/* The crawler takes an owner as it is written; who that is, the alerter's rules say. */
static enum hy_err check_owners(const char *dir, const char *path, struct hy_findings *findings)
{
	struct hy_units *units = NULL;
	struct hy_yaml *file = NULL;
	enum hy_err err = hy_units_load(dir, findings, &units);
	const struct hy_yaml_node *list = NULL;

	if (err == HY_OK)
		err = hy_yaml_open(path, NULL, findings, &file);
	if (err == HY_OK && hy_yaml_root(file))
		list = hy_yaml_get(hy_yaml_root(file), "sources");
	for (size_t i = 0; list && i < hy_yaml_count(list); i++) {
		const struct hy_yaml_node *owner = hy_yaml_get(hy_yaml_item(list, i), "owner");
		enum hy_role role;

		if (owner && !hy_units_get(units, hy_yaml_text(owner)) &&
		    !hy_role_parse(hy_yaml_text(owner), &role))
			hy_yaml_finding(owner, findings, "负责单位“%.*s”不是 units.yaml 中的单位，也不是职责",
					HY_STR_ARGS(hy_yaml_text(owner)));
	}
	hy_yaml_free(file);
	hy_units_free(units);
	return err;
}

static enum hy_err check_sources(const char *dir, struct hy_wall at, struct hy_findings *findings)
{
	hy_cleanup(hy_buf_fini) struct hy_buf path = HY_BUF(PATH_MAX);
	struct hy_sources *sources = NULL;
	enum hy_err err;

	(void)at;
	hy_buf_addf(&path, "%s/sources.yaml", dir);
	if (hy_buf_err(&path))
		return hy_buf_err(&path);
	err = hy_sources_load(hy_buf_str(&path).p, findings, &sources);
	hy_sources_free(sources);
	return err == HY_OK ? check_owners(dir, hy_buf_str(&path).p, findings) : err;
}

/* What the daemons can live with and somebody has to see to. */
static enum hy_err check_calendar(const char *dir, struct hy_wall at, struct hy_findings *findings)
{
	struct hy_findings known;
	struct hy_presets *presets = NULL;

	hy_findings_init(&known);
	if (hy_presets_load(dir, &known, &presets) == HY_OK && hy_presets_need_calendar(presets))
		hy_calendar_check(presets->calendar, at, findings);
	hy_presets_free(presets);
	hy_findings_fini(&known);
	return HY_OK;
}

/* What a check came to: lines printed of each kind. */
struct result {
	size_t findings, advice;
};

/* A reader that failed without having said why. */
static void add_unsaid(const char *dir, enum hy_err err, size_t before,
		       struct hy_findings *findings)
{
	if (err && findings->count == before)
		hy_rules_finding(findings, "%s:1:1: 检查没有完成：%s", dir, hy_err_text(err));
}

/* Each reader of the folder checks its own part. */
static struct result check(const char *dir, struct hy_wall at)
{
	static enum hy_err (*const readers[])(const char *dir, struct hy_wall at,
					      struct hy_findings *findings) = {
		hy_alerter_check_at, check_sources, check_calendar};
	struct hy_findings findings, advice;
	struct result result = {0};

	hy_findings_init(&findings);
	hy_findings_init(&advice);
	add_unsaid(dir, hy_analyzer_check(dir, at, &findings, &advice), 0, &findings);
	for (size_t i = 0; i < HY_COUNT(readers); i++) {
		size_t before = findings.count;

		add_unsaid(dir, readers[i](dir, at, &findings), before, &findings);
	}
	result.findings = print_findings(&findings);
	/* First what is wrong: much of the rest may come of it. */
	if (result.findings == 0)
		result.advice = print_findings(&advice);
	hy_findings_fini(&findings);
	hy_findings_fini(&advice);
	return result;
}

static void print_summary(const char *dir, struct result result)
{
	if (result.findings)
		(void)fprintf(stderr, "%s：共 %zu 处问题，规则未通过检查\n", dir, result.findings);
	else if (result.advice)
		(void)fprintf(stderr, "%s：规则检查通过，另有 %zu 处提醒\n", dir, result.advice);
	else
		(void)fprintf(stderr, "%s：规则检查通过\n", dir);
}

static bool is_folder(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		(void)fprintf(stderr, "打不开规则文件夹 %s：%s\n", path, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		(void)fprintf(stderr, "%s 不是文件夹，请给出规则文件夹\n", path);
	else
		return true;
	return false;
}

/* "rules/" and "rules" are one folder; findings name its files one way. */
static void cut_slashes(char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		path[--n] = '\0';
}

int hy_verb_check(int argc, char **argv)
{
	const char *time = NULL;
	bool strict = false;
	const struct hy_option options[] = {
		{"--at", "TIME", &time, NULL, "check as of then (default: now)"},
		{"--strict", NULL, NULL, &strict, "exit code 1 for advice, too"},
	};
	const struct hy_usage usage = {
		"check [--at TIME] [--strict] [DIR]",
		"Reads a rules folder (./rules if not given, else the installed one) as the daemons\n"
		"would and prints each mistake as file:line:column: message. Compiles every pattern,\n"
		"runs the samples in the topic files, and proves that every topic, place and severity\n"
		"has exactly one lead unit with somebody on duty at every minute. Tells from October\n"
		"on where next year's holidays are missing. Exit code 1 where it found any mistake.\n"
		"Of rules without one it tells, as advice (提醒), what has no effect: terms given twice\n"
		"or covered by others, dead terms and steps, lists that nobody names.",
		options, HY_COUNT(options)};
	struct hy_wall at;
	const char *dir;
	struct result result;
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands > 1)
		return hy_usage_error(&usage, "one folder at a time");
	if (!hy_cli_time(time, &at))
		return HY_EXIT_USAGE;
	if (operands)
		cut_slashes(argv[1]);
	dir = hy_cli_rules_dir(operands ? argv[1] : NULL);
	if (!is_folder(dir))
		return HY_EXIT_FAILURE;
	result = check(dir, at);
	print_summary(dir, result);
	return result.findings || (strict && result.advice) ? HY_EXIT_FINDINGS : HY_EXIT_OK;
}
