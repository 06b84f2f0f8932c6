/* `huiying watch`: shows notices as the alerter publishes them, until Ctrl-C. */
#include <signal.h>
#include <stdio.h>

#include "cli/config_file.h"
#include "cli/names.h"
#include "cli/notice_line.h"
#include "cli/options.h"
#include "cli/print.h"
#include "cli/status_ask.h"
#include "cli/verb.h"
#include "cli/wording.h"
#include "common/base/mem.h"
#include "common/sys/bus.h"
#include "common/sys/loop.h"
#include "common/sys/service.h"

#define TEXT_BYTES 1024

static void stop(void *ctx, int signal_number)
{
	(void)signal_number;
	hy_loop_stop(ctx);
}

static enum hy_err watch(const char *endpoint, const struct hy_common_conf *common,
			 struct hy_names *names, struct hy_error *e)
{
	const struct hy_log log = {.name = "watch", .level = HY_LOG_WARN};
	struct hy_bus_options options = hy_common_bus_options(common);
	struct hy_loop *loop = hy_loop_new();
	struct hy_signal *on_int = hy_signal_new(loop, SIGINT, stop, loop);
	struct hy_signal *on_term = hy_signal_new(loop, SIGTERM, stop, loop);
	struct hy_bus *bus = hy_bus_new(loop, &log);
	struct hy_bus_subscriber *subscriber = NULL;
	enum hy_err err = hy_bus_subscriber_new(bus, endpoint, &options, &subscriber, e);

	if (err == HY_OK) {
		hy_bus_subscriber_on_event(subscriber, hy_notice_show, names);
		hy_loop_run(loop);
		hy_bus_subscriber_free(subscriber);
	}
	hy_bus_free(bus);
	hy_signal_free(on_term);
	hy_signal_free(on_int);
	hy_loop_free(loop);
	return err;
}

/* Waiting in vain must not look like a quiet day. */
static void say_whether_it_runs(const struct hy_common_conf *common)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);
	struct hy_msg *answer = NULL;
	struct hy_error e = {0};
	enum hy_err err = hy_cli_ask_status(common, "alerter", &answer, &e);

	if (err) {
		hy_buf_add_c(&text, "alerter ");
		hy_wording_unanswered(err, &e, &text);
		hy_buf_add_c(&text, "；起来之前不会有通知\n");
		hy_print_text(stderr, &text);
	}
	hy_msg_free(answer);
}

int hy_verb_watch(int argc, char **argv)
{
	const char *config = NULL, *endpoint = NULL;
	const struct hy_option options[] = {
		{"--config", "FILE", &config, NULL, "configuration file"},
		{"--endpoint", "ADDRESS", &endpoint, NULL, "where the alerter publishes"},
	};
	const struct hy_usage usage = {
		"watch [--config FILE] [--endpoint ADDRESS]",
		"Shows each notice as it goes out: case, lead unit, deadlines. It is a live view:\n"
		"what was missed stands in `huiying case list`.",
		options, HY_COUNT(options)};
	struct hy_common_conf *common;
	struct hy_names names;
	struct hy_error e = {0};
	enum hy_err err;
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands)
		return hy_usage_error(&usage, "watch takes no operands");
	common = hy_cli_config_load(config, &hy_common_section);
	if (!common)
		return HY_EXIT_FAILURE;
	if (!endpoint)
		say_whether_it_runs(common);
	hy_names_init(&names);
	hy_names_add_rules(&names, common->rules);
	err = watch(endpoint ? endpoint : common->event_endpoint, common, &names, &e);
	hy_names_fini(&names);
	if (err != HY_OK)
		(void)fprintf(stderr, "huiying watch: %s\n", e.text);
	hy_config_free(&hy_common_section, common);
	return err == HY_OK ? HY_EXIT_OK : HY_EXIT_FAILURE;
}
