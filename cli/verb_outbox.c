/* `huiying outbox list`: notices and what became of them. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/alerter_access.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "common/base/mem.h"

#define COLUMNS 8

/* $1: a state, or empty for all that are not simply sent; $2: 1 for all. */
static const char list_notices[] =
	"SELECT id, case_id, step, recipient, channel, state, attempts, error, changed_at"
	" FROM v_notice WHERE ($1 = '' AND ($2 = 1 OR state <> 'sent')) OR state = $1"
	" ORDER BY created_at, id";

static const struct {
	const char *id, *title;
} states[] = {{"waiting", "待发"},
	      {"sending", "发送中"},
	      {"sent", "已发"},
	      {"failed", "失败"},
	      {"uncertain", "不确定"}};

static const char *title_of(struct hy_str state)
{
	for (size_t i = 0; i < HY_COUNT(states); i++) {
		if (hy_str_eq_c(state, states[i].id))
			return states[i].title;
	}
	return "未知";
}

static void print_text(const struct hy_query *q)
{
	char at[HY_RFC3339_BYTES];

	(void)printf("%s\t%s\t%.*s\t%.*s\t%.*s\t%.*s\t%lld 次\t%.*s\n",
		     hy_cli_minute(hy_query_wall(q, COLUMNS), at), title_of(hy_query_text(q, 5)),
		     HY_STR_ARGS(hy_query_text(q, 1)), HY_STR_ARGS(hy_query_text(q, 2)),
		     HY_STR_ARGS(hy_query_text(q, 3)), HY_STR_ARGS(hy_query_text(q, 4)),
		     (long long)hy_query_int(q, 6), HY_STR_ARGS(hy_query_text(q, 7)));
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

static int list(struct hy_store *store, const char *state, bool all, bool json)
{
	struct hy_query *q = hy_store_query(store, list_notices);
	struct hy_error e = {0};
	enum hy_err err;
	bool row;

	hy_query_bind_c(q, 1, state);
	hy_query_bind_int(q, 2, all);
	while (!(err = hy_query_next(q, &row, &e)) && row) {
		if (json)
			print_json(q);
		else
			print_text(q);
	}
	if (err)
		(void)fprintf(stderr, "读取通知失败：%s\n", e.text);
	return err ? HY_EXIT_FAILURE : HY_EXIT_OK;
}

int hy_verb_outbox(int argc, char **argv)
{
	const char *config = NULL, *url = NULL, *state = "", *output = "text";
	bool all = false;
	const struct hy_option options[] = {
		{"--config", "FILE", &config, NULL, "configuration file"},
		{"--store", "URL", &url, NULL, "the alerter's store, in place of the configured one"},
		{"--state", "STATE", &state, NULL, "waiting, sending, sent, failed or uncertain"},
		{"--all", NULL, NULL, &all, "also what was sent"},
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
	store = hy_cli_alerter_store(config, url);
	if (!store)
		return HY_EXIT_FAILURE;
	code = list(store, state, all, strcmp(output, "json") == 0);
	hy_store_free(store);
	return code;
}
