/* `huiying status`: asks each daemon for its figures. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/config_file.h"
#include "cli/options.h"
#include "cli/supervisor_conf.h"
#include "cli/verb.h"
#include "common/base/mem.h"
#include "common/sys/bus.h"
#include "common/sys/service.h"

#define ASK_TIMEOUT_MS 1000
#define ENDPOINT_BYTES 4096

/* A figure's name in Chinese, for people; those not here are shown as they are. */
static const struct {
	const char *name, *title;
} titles[] = {
	{"documents_pending", "待研判稿件"},
	{"documents_judged", "已研判稿件"},
	{"frontier_queued", "待抓取地址"},
	{"sources_total", "来源"},
	{"sources_failing", "失败来源"},
	{"sources_silent", "静默来源"},
	{"cases_open", "在办事项"},
	{"cases_overdue", "超期事项"},
	{"alerts", "预警"},
	{"events", "事件"},
	{"notices_waiting", "待发通知"},
	{"notices_uncertain", "去向不明通知"},
};

struct view {
	json_t *list;	/* NULL: print for people */
};

static const char *title_of(struct hy_str name)
{
	for (size_t i = 0; i < HY_COUNT(titles); i++)
		if (hy_str_eq_c(name, titles[i].name))
			return titles[i].title;
	return NULL;
}

static void print_status(const struct hy_msg_status *status)
{
	char since[HY_RFC3339_BYTES];

	(void)printf("%-12.*s %.*s  进程 %" PRId64 "  启动于 %s\n", HY_STR_ARGS(status->daemon),
		     HY_STR_ARGS(status->state), status->pid,
		     hy_wall_format(status->started_at, since));
	for (size_t i = 0; i < status->figure_count; i++) {
		const struct hy_msg_figure *f = &status->figures[i];
		const char *title = title_of(f->name);

		if (title)
			(void)printf("    %s: %" PRId64 "\n", title, f->value);
		else
			(void)printf("    %.*s: %" PRId64 "\n", HY_STR_ARGS(f->name), f->value);
	}
}

static json_t *status_json(const struct hy_msg_status *status)
{
	char since[HY_RFC3339_BYTES];
	json_t *figures = json_object();

	for (size_t i = 0; i < status->figure_count; i++) {
		hy_cleanup(hy_free_p) char *name = hy_str_dup(status->figures[i].name);

		json_object_set_new(figures, name, json_integer(status->figures[i].value));
	}
	return json_pack("{s:s%, s:s%, s:I, s:s, s:o}", "daemon", status->daemon.p,
			 status->daemon.n, "state", status->state.p, status->state.n, "pid",
			 (json_int_t)status->pid, "started_at",
			 hy_wall_format(status->started_at, since), "figures", figures);
}

static void show_down(struct view *view, const char *daemon, const char *why)
{
	if (view->list)
		json_array_append_new(view->list, json_pack("{s:s, s:s, s:s}", "daemon", daemon,
							    "state", "down", "reason", why));
	else
		(void)printf("%-12s 未运行（%s）\n", daemon, why);
}

/* True where the daemon answered. */
static bool ask(struct view *view, const struct hy_common_conf *common, const char *daemon)
{
	struct hy_bus_options options = hy_bus_defaults;
	struct hy_msg request = {.type = HY_MSG_STATUS_REQUEST, .id = HY_STR_LIT("status")};
	hy_cleanup(hy_buf_fini) struct hy_buf endpoint = HY_BUF(ENDPOINT_BYTES);
	struct hy_msg *answer = NULL;
	struct hy_error e = {0};
	bool up;

	hy_control_endpoint(common, daemon, &endpoint);
	options.answer_ms = ASK_TIMEOUT_MS;
	up = hy_bus_ask(hy_buf_str(&endpoint).p, &options, &request, &answer, &e) == HY_OK;
	if (!up)
		show_down(view, daemon, e.text);
	else if (answer->type != HY_MSG_STATUS)
		show_down(view, daemon, "unexpected answer");
	else if (view->list)
		json_array_append_new(view->list, status_json(&answer->as.status));
	else
		print_status(&answer->as.status);
	hy_msg_free(answer);
	return up;
}

/* Asks every process the configuration names. */
static bool ask_all(struct view *view, const struct hy_common_conf *common,
		    const struct hy_supervisor_conf *conf)
{
	const struct {
		const char *name;
		int64_t count;
	} kinds[] = {{"crawler", conf->crawlers},
		     {"analyzer", conf->analyzers},
		     {"alerter", conf->alerters}};
	bool all = true;

	for (size_t i = 0; i < HY_COUNT(kinds); i++)
		for (int64_t k = 1; k <= kinds[i].count; k++) {
			char name[32];

			(void)snprintf(name, sizeof name, k == 1 ? "%s" : "%s%d", kinds[i].name,
				       (int)k);
			all &= ask(view, common, name);
		}
	return all;
}

int hy_verb_status(int argc, char **argv)
{
	const char *config = NULL, *format = "text";
	const struct hy_option options[] = {
		{"--config", "FILE", &config, NULL, "configuration file"},
		{"-o", "json", &format, NULL, "as JSON"},
	};
	const struct hy_usage usage = {
		"status [--config FILE] [-o json]",
		"Daemons, queue depths, sources, open and overdue cases. Exit code 1 where a\n"
		"daemon does not answer.",
		options, HY_COUNT(options)};
	struct hy_common_conf *common;
	struct hy_supervisor_conf *conf;
	struct view view = {NULL};
	bool all = false;
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands || (strcmp(format, "json") != 0 && strcmp(format, "text") != 0))
		return hy_usage_error(&usage, "bad operand or output format");
	common = hy_cli_config_load(config, &hy_common_section);
	conf = common ? hy_cli_config_load(config, &hy_supervisor_section) : NULL;
	if (conf) {
		view.list = strcmp(format, "json") == 0 ? json_array() : NULL;
		all = ask_all(&view, common, conf);
		if (view.list) {
			(void)json_dumpf(view.list, stdout, JSON_COMPACT);
			(void)printf("\n");
		}
		json_decref(view.list);
	}
	code = !conf ? HY_EXIT_FAILURE : all ? HY_EXIT_OK : HY_EXIT_FINDINGS;
	hy_config_free(&hy_supervisor_section, conf);
	hy_config_free(&hy_common_section, common);
	return code;
}
