/* `huiying status`: asks each daemon for its figures. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "alerter/alerter_conf.h"
#include "cli/config_file.h"
#include "cli/options.h"
#include "cli/print.h"
#include "cli/status_ask.h"
#include "cli/supervisor_conf.h"
#include "cli/verb.h"
#include "cli/wording.h"
#include "common/base/mem.h"
#include "common/sys/service.h"
#include "common/sys/store.h"

#define TEXT_BYTES 65536

struct view {
	json_t *list;	/* NULL: print for people */
};

static void print_status(const struct hy_msg_status *status)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);
	char since[HY_RFC3339_BYTES];

	hy_wording_daemon(status->daemon, &text);
	hy_buf_add_c(&text, "：");
	hy_wording_daemon_state(status->state, &text);
	hy_buf_addf(&text, "（进程 %" PRId64 "，%s 启动）\n", status->pid,
		    hy_wall_format_people(status->started_at, since));
	for (size_t i = 0; i < status->figure_count; i++) {
		hy_buf_add_c(&text, "    ");
		hy_wording_figure(status->figures[i].name, &text);
		hy_buf_addf(&text, "：%" PRId64 "\n", status->figures[i].value);
	}
	hy_print_text(stdout, &text);
}

/* What the alerter's store says is out of order, for people and for programs. */
static const char alarms_sql[] =
	"SELECT kind, subject, unit_name, since, text FROM v_alarm WHERE state = 'raised'"
	" ORDER BY since, id";

static void print_alarm(const struct hy_query *q)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);
	char since[HY_RFC3339_BYTES];

	hy_buf_addf(&text, "告警：自 %s ", hy_wall_format_people(hy_query_wall(q, 3), since));
	hy_print_plain(hy_query_text(q, 4), &text);
	hy_buf_add_c(&text, "（负责：");
	hy_print_plain(hy_query_text(q, 2), &text);
	hy_buf_add_c(&text, "）\n");
	hy_print_text(stdout, &text);
}

static json_t *alarm_json(const struct hy_query *q)
{
	static const char *const keys[] = {"kind", "subject", "unit"};
	json_t *alarm = json_object();
	char since[HY_RFC3339_BYTES];

	for (int i = 0; i < (int)HY_COUNT(keys); i++)
		json_object_set_new(alarm, keys[i],
				    json_stringn(hy_query_text(q, i).p, hy_query_text(q, i).n));
	json_object_set_new(alarm, "since",
			    json_string(hy_wall_format(hy_query_wall(q, 3), since)));
	json_object_set_new(alarm, "text",
			    json_stringn(hy_query_text(q, 4).p, hy_query_text(q, 4).n));
	return alarm;
}

/* A store that is elsewhere or not there yet is no finding here: the daemons told above. */
static void show_alarms(struct view *view, const char *config)
{
	struct hy_alerter_conf *conf = hy_cli_config_load(config, &hy_alerter_section);
	struct hy_store_options options = {.read_only = true};
	struct hy_store *store = NULL;
	json_t *list = json_array();
	struct hy_query *q;
	bool row = true;

	if (conf && hy_store_open(conf->store, &options, &store, NULL) == HY_OK) {
		q = hy_store_query(store, alarms_sql);
		while (hy_query_next(q, &row, NULL) == HY_OK && row) {
			if (view->list)
				json_array_append_new(list, alarm_json(q));
			else
				print_alarm(q);
		}
	}
	for (size_t i = 0; view->list && i < json_array_size(view->list); i++) {
		json_t *daemon = json_array_get(view->list, i);

		if (strcmp(json_string_value(json_object_get(daemon, "daemon")), "alerter") == 0)
			json_object_set(daemon, "alarms", list);
	}
	json_decref(list);
	hy_store_free(store);
	if (conf)
		hy_config_free(&hy_alerter_section, conf);
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

static void show_down(struct view *view, const char *daemon, enum hy_err err,
		      const struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);

	if (view->list) {
		json_array_append_new(view->list, json_pack("{s:s, s:s, s:s}", "daemon", daemon,
							    "state", "down", "reason", e->text));
		return;
	}
	hy_wording_daemon(hy_str_of(daemon), &text);
	hy_buf_add_c(&text, "：");
	hy_wording_unanswered(err, e, &text);
	hy_buf_add_c(&text, "\n");
	hy_print_text(stdout, &text);
}

/* True where the daemon answered. */
static bool ask(struct view *view, const struct hy_common_conf *common, const char *daemon)
{
	struct hy_msg *answer = NULL;
	struct hy_error e = {0};
	enum hy_err err = hy_cli_ask_status(common, daemon, &answer, &e);

	if (err)
		show_down(view, daemon, err, &e);
	else if (view->list)
		json_array_append_new(view->list, status_json(&answer->as.status));
	else
		print_status(&answer->as.status);
	hy_msg_free(answer);
	return err == HY_OK;
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
	const char *config = NULL, *format = NULL;
	const struct hy_option options[] = {
		{"--config", "FILE", &config, NULL, "configuration file"},
		{"-o", "FORMAT", &format, NULL, "text or json"},
	};
	const struct hy_usage usage = {
		"status [--config FILE] [-o json]",
		"Daemons, queue depths, sources, open and overdue cases. Exit code 1 where a\n"
		"daemon does not answer.",
		options, HY_COUNT(options)};
	struct hy_common_conf *common;
	struct hy_supervisor_conf *conf;
	struct view view = {NULL};
	bool all = false, json = false;
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands)
		return hy_usage_error(&usage, "status takes no operands");
	if (!hy_output_parse(format, &json))
		return hy_usage_error(&usage, HY_OUTPUT_FORMATS);
	common = hy_cli_config_load(config, &hy_common_section);
	conf = common ? hy_cli_config_load(config, &hy_supervisor_section) : NULL;
	if (conf) {
		view.list = json ? json_array() : NULL;
		all = ask_all(&view, common, conf);
		show_alarms(&view, config);
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
