/* `huiying outbox list`: notices and what became of them. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/alerter_access.h"
#include "cli/names.h"
#include "cli/options.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "cli/wording.h"
#include "common/base/mem.h"

#define COLUMNS 8
#define LINE_BYTES 16384

/* $1: a state, or empty for all that are not simply sent; $2: 1 for all. */
static const char list_notices[] =
	"SELECT id, COALESCE(case_id, alarm), step, recipient, channel, state, attempts, error, changed_at"
	" FROM v_notice WHERE ($1 = '' AND ($2 = 1 OR state <> 'sent')) OR state = $1"
	" ORDER BY created_at, id";

static void print_text(const struct hy_query *q, const struct hy_names *names)
{
	hy_cleanup(hy_buf_fini) struct hy_buf line = HY_BUF(LINE_BYTES);
	char at[HY_RFC3339_BYTES];

	hy_buf_addf(&line, "%s\t", hy_cli_minute(hy_query_wall(q, COLUMNS), at));
	hy_wording_notice(hy_query_text(q, 5), &line);
	hy_buf_addf(&line, "\t%.*s\t", HY_STR_ARGS(hy_query_text(q, 1)));
	hy_wording_step(hy_query_text(q, 2), &line);
	hy_buf_add_c(&line, "\t送 ");
	hy_names_recipient(names, hy_query_text(q, 3), &line);
	hy_buf_addf(&line, "\t通道 %.*s\t发送 %lld 次", HY_STR_ARGS(hy_query_text(q, 4)),
		    (long long)hy_query_int(q, 6));
	if (hy_query_text(q, 7).n) {
		hy_buf_add_c(&line, "\t");
		hy_print_plain(hy_query_text(q, 7), &line);
	}
	hy_buf_add_c(&line, "\n");
	hy_print_text(stdout, &line);
}

static void print_json(const struct hy_query *q)
{
	static const char *const names[COLUMNS] = {"id",      "case",  "step",	   "recipient",
						   "channel", "state", "attempts", "error"};
	json_t *out = json_object();
	char at[HY_RFC3339_BYTES], *text;

	for (int i = 0; i < COLUMNS; i++) {
		struct hy_str value = hy_query_text(q, i);

		json_object_set_new(out, names[i],
				    strcmp(names[i], "attempts") == 0
					    ? json_integer(hy_query_int(q, i))
					    : json_stringn(value.p ? value.p : "", value.n));
	}
	json_object_set_new(out, "changed_at",
			    json_string(hy_wall_format(hy_query_wall(q, COLUMNS), at)));
	text = json_dumps(out, JSON_COMPACT);
	(void)printf("%s\n", text ? text : "{}");
	free(text);
	json_decref(out);
}

struct filter {
	const char *state;	/* "": any */
	bool all, json;
};

static int list(struct hy_store *store, const struct filter *filter)
{
	struct hy_query *q;
	struct hy_names names;
	struct hy_error e = {0};
	enum hy_err err;
	bool row;

	hy_names_init(&names);
	hy_names_add_store(&names, store);
	q = hy_store_query(store, list_notices);
	hy_query_bind_c(q, 1, filter->state);
	hy_query_bind_int(q, 2, filter->all);
	while (!(err = hy_query_next(q, &row, &e)) && row) {
		if (filter->json)
			print_json(q);
		else
			print_text(q, &names);
	}
	hy_names_fini(&names);
	if (err)
		(void)fprintf(stderr, "读取通知失败：%s\n", e.text);
	return err ? HY_EXIT_FAILURE : HY_EXIT_OK;
}

static int bad_state(const char *state)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(LINE_BYTES);

	hy_buf_addf(&text, "没有通知状态“%s”，应为 ", state);
	hy_wording_notice_states(&text);
	hy_buf_add_c(&text, "\n");
	hy_print_text(stderr, &text);
	return HY_EXIT_USAGE;
}

int hy_verb_outbox(int argc, char **argv)
{
	const char *config = NULL, *url = NULL, *output = NULL;
	struct filter filter = {.state = ""};
	const struct hy_option options[] = {
		{"--config", "FILE", &config, NULL, "configuration file"},
		{"--store", "URL", &url, NULL, "the alerter's store, in place of the configured one"},
		{"--state", "STATE", &filter.state, NULL, "waiting, sending, sent, failed or uncertain"},
		{"--all", NULL, NULL, &filter.all, "also what was sent"},
		{"-o", "FORMAT", &output, NULL, "text or json"},
	};
	const struct hy_usage usage = {
		"outbox list [--state STATE] [--all] [--config FILE | --store URL] [-o json]",
		"Notices that are not simply sent. `uncertain` are those that were going out when the\n"
		"alerter ended: they may have arrived and are never sent again by themselves.",
		options, HY_COUNT(options)};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);
	struct hy_store *store;

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands != 1 || strcmp(argv[1], "list") != 0)
		return hy_usage_error(&usage, "the only question is `list`");
	if (!hy_output_parse(output, &filter.json))
		return hy_usage_error(&usage, HY_OUTPUT_FORMATS);
	if (filter.state[0] && !hy_wording_is_notice_state(filter.state))
		return bad_state(filter.state);
	store = hy_cli_alerter_store(config, url);
	if (!store)
		return HY_EXIT_FAILURE;
	code = list(store, &filter);
	hy_store_free(store);
	return code;
}
