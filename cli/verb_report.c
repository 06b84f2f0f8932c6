/* `huiying report weekly`: the weekly response report from the two stores' views. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alerter/alerter_conf.h"
#include "cli/config_file.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "common/base/mem.h"
#include "common/rules/topics.h"
#include "common/sys/service.h"
#include "common/sys/store.h"
#include "crawler/crawler_conf.h"
#include "report/render.h"
#include "report/weekly.h"

#define REPORT_BYTES (64u << 20)

static const struct {
	const char *name;
	void (*render)(const struct hy_report *report, struct hy_buf *out);
} formats[] = {{"html", hy_report_html}, {"csv", hy_report_csv}};

struct order {
	int year, week;
	size_t format;
	const char *config, *output;
};

/* "2026-W47"; without it the week of now. */
static bool parse_week(const char *text, struct order *out)
{
	struct hy_str s = hy_str_of(text);
	int64_t year, week;

	if (!text) {
		hy_wall_iso_week(hy_wall_now(), &out->year, &out->week);
		return true;
	}
	if (s.n != 8 || hy_str_find(s, HY_STR_LIT("-W"), 0) != 4 ||
	    !hy_str_to_int(hy_str_sub(s, 0, 4), 1970, 9998, &year) ||
	    !hy_str_to_int(hy_str_sub(s, 6, 2), 1, 53, &week))
		return false;
	out->year = (int)year;
	out->week = (int)week;
	return true;
}

static bool parse_format(const char *text, struct order *out)
{
	for (size_t i = 0; i < HY_COUNT(formats); i++)
		if (strcmp(text, formats[i].name) == 0) {
			out->format = i;
			return true;
		}
	return false;
}

static enum hy_err write_all(FILE *file, struct hy_str text, const char *name, struct hy_error *e)
{
	bool good = fwrite(text.p, 1, text.n, file) == text.n;

	good &= fflush(file) == 0;
	return good ? HY_OK : hy_fail(e, HY_ERR_IO, "写不进 %s：%s", name, strerror(errno));
}

/* A new file beside the old one takes its place when it is whole. */
static enum hy_err replace_file(const char *path, struct hy_str text, struct hy_error *e)
{
	char fresh[PATH_MAX];
	int n = snprintf(fresh, sizeof fresh, "%s.new", path);
	FILE *file;
	enum hy_err err;

	if (n < 0 || (size_t)n >= sizeof fresh)
		return hy_fail(e, HY_ERR_LIMIT, "路径太长");
	file = fopen(fresh, "wbe");
	if (!file)
		return hy_fail(e, HY_ERR_IO, "写不进 %s：%s", path, strerror(errno));
	err = write_all(file, text, path, e);
	if (fclose(file) != 0 && !err)
		err = hy_fail(e, HY_ERR_IO, "写不进 %s：%s", path, strerror(errno));
	if (!err && rename(fresh, path) != 0)
		err = hy_fail(e, HY_ERR_IO, "写不进 %s：%s", path, strerror(errno));
	if (err)
		(void)unlink(fresh);
	return err;
}

/* Devices and pipes are written to; they must not be replaced by a file. */
static enum hy_err write_special(const char *path, struct hy_str text, struct hy_error *e)
{
	FILE *file = fopen(path, "wbe");
	enum hy_err err;

	if (!file)
		return hy_fail(e, HY_ERR_IO, "写不进 %s：%s", path, strerror(errno));
	err = write_all(file, text, path, e);
	(void)fclose(file);	/* flushed above */
	return err;
}

/* The whole report or none: what stands in the file is never half of one. */
static enum hy_err write_report(const struct hy_report *report, const struct order *order,
				struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(REPORT_BYTES);
	const char *path = order->output;
	struct stat st;

	formats[order->format].render(report, &text);
	if (hy_buf_err(&text) != HY_OK)
		return hy_fail(e, HY_ERR_LIMIT, "周报太大");
	if (!path || strcmp(path, "-") == 0)
		return write_all(stdout, hy_buf_str(&text), "标准输出", e);
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return write_special(path, hy_buf_str(&text), e);
	return replace_file(path, hy_buf_str(&text), e);
}

/* Titles are for reading: a rules folder that does not load leaves the ids. */
static struct hy_topics *load_topics(const char *rules)
{
	struct hy_findings findings;
	struct hy_topics *topics = NULL;
	struct hy_error e = {0};

	hy_findings_init(&findings);
	if (hy_topics_load(rules, &findings, &topics, &e) != HY_OK)
		(void)fprintf(stderr, "议题只能按编号显示：%s\n", e.text);
	hy_findings_fini(&findings);
	return topics;
}

static enum hy_err make_report(const struct order *order, const char *rules,
			       const char *const urls[HY_REPORT_STORE_COUNT], struct hy_error *e)
{
	const struct hy_store_options read_only = {.read_only = true};
	struct hy_weekly_sources sources = {.now = hy_wall_now()};
	struct hy_topics *topics = load_topics(rules);
	struct hy_report report = {0};
	enum hy_err err = HY_OK;

	sources.topics = topics;
	for (size_t i = 0; err == HY_OK && i < HY_REPORT_STORE_COUNT; i++)
		if ((err = hy_store_open(urls[i], &read_only, &sources.store[i], e)) != HY_OK)
			(void)hy_fail_in(e, err, "打不开存储（先运行 huiying up，或用 --config 指明）");
	if (err == HY_OK)
		err = hy_weekly_load(&sources, order->year, order->week, &report, e);
	if (err == HY_OK) {
		err = write_report(&report, order, e);
		hy_weekly_fini(&report);
	}
	for (size_t i = 0; i < HY_REPORT_STORE_COUNT; i++)
		hy_store_free(sources.store[i]);
	hy_topics_free(topics);
	return err;
}

static int run(const struct order *order)
{
	struct hy_common_conf *common = hy_cli_config_load(order->config, &hy_common_section);
	struct hy_crawler_conf *crawler =
		common ? hy_cli_config_load(order->config, &hy_crawler_section) : NULL;
	struct hy_alerter_conf *alerter =
		crawler ? hy_cli_config_load(order->config, &hy_alerter_section) : NULL;
	enum hy_err err = HY_ERR_MALFORMED;
	struct hy_error e = {0};

	if (alerter) {
		const char *const urls[HY_REPORT_STORE_COUNT] = {
			[HY_REPORT_CRAWLER] = crawler->store, [HY_REPORT_ALERTER] = alerter->store};

		err = make_report(order, common->rules, urls, &e);
		if (err != HY_OK)
			(void)fprintf(stderr, "周报没有生成：%s\n", e.text);
	}
	hy_config_free(&hy_alerter_section, alerter);
	hy_config_free(&hy_crawler_section, crawler);
	hy_config_free(&hy_common_section, common);
	return err == HY_OK ? HY_EXIT_OK : HY_EXIT_FAILURE;
}

int hy_verb_report(int argc, char **argv)
{
	struct order order = {0};
	const char *week = NULL, *format = "html";
	const struct hy_option options[] = {
		{"--config", "FILE", &order.config, NULL, "configuration file"},
		{"--week", "YYYY-Www", &week, NULL, "ISO week; the present one if not given"},
		{"--format", "html|csv", &format, NULL, "html if not given"},
		{"-o", "FILE", &order.output, NULL, "standard output if not given, or -"},
	};
	const struct hy_usage usage = {
		"report weekly [--week 2026-W47] [--format html|csv] [-o FILE] [--config FILE]",
		"The weekly response report. Each table prints what it counts and the query it\n"
		"came from.",
		options, HY_COUNT(options)};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands != 1 || strcmp(argv[1], "weekly") != 0)
		return hy_usage_error(&usage, "say which report: weekly");
	if (!parse_week(week, &order))
		return hy_usage_error(&usage, "a week is written 2026-W47");
	if (!parse_format(format, &order))
		return hy_usage_error(&usage, "formats are html and csv");
	return run(&order);
}
