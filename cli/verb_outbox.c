/* `huiying outbox list|show|replay`: notices, their attempts, and one more by hand. */
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
#include "common/sys/content_id.h"

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

/* ---- one notice ---- */

#define NUMBER_DIGITS_MIN 4

/* By the first digits of its id, as messages show them. */
static const char find_notice[] =
	"SELECT id, text, message FROM v_notice WHERE id >= $1 AND id < $2 ORDER BY id LIMIT 2";
static const char one_notice[] =
	"SELECT id, COALESCE(case_id, alarm), step, recipient, channel, state, attempts, error, changed_at"
	" FROM v_notice WHERE id = $1";
static const char list_attempts[] =
	"SELECT number, part, at, ended_at, outcome, code, words FROM v_attempt WHERE message = $1"
	" ORDER BY number";

struct found {
	struct hy_buf id, text, message;
};

static void found_fini(struct found *found)
{
	hy_buf_fini(&found->id);
	hy_buf_fini(&found->text);
	hy_buf_fini(&found->message);
}

/* HY_EXIT_OK, or what the verb ends with; the reason is told. */
static int find(struct hy_store *store, const char *number, struct found *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf end = HY_BUF(2 * HY_ID_DIGITS);
	struct hy_query *q = hy_store_query(store, find_notice);
	struct hy_error e = {0};
	enum hy_err err;
	size_t count = 0;
	bool row;

	hy_buf_init(&out->id, LINE_BYTES);
	hy_buf_init(&out->text, LINE_BYTES);
	hy_buf_init(&out->message, LINE_BYTES);
	if (strlen(number) < NUMBER_DIGITS_MIN || strlen(number) > HY_ID_DIGITS ||
	    strspn(number, "0123456789abcdef") != strlen(number)) {
		(void)fprintf(stderr, "“%s”不是通知号：写通知末尾的那几位\n", number);
		return HY_EXIT_USAGE;
	}
	hy_buf_addf(&end, "%sg", number);
	hy_query_bind_c(q, 1, number);
	hy_query_bind_text(q, 2, hy_buf_str(&end));
	while (!(err = hy_query_next(q, &row, &e)) && row) {
		if (count++)
			continue;
		hy_buf_add_str(&out->id, hy_query_text(q, 0));
		hy_buf_add_str(&out->text, hy_query_text(q, 1));
		hy_buf_add_str(&out->message, hy_query_text(q, 2));
	}
	if (err)
		(void)fprintf(stderr, "读取通知失败：%s\n", e.text);
	else if (count != 1)
		(void)fprintf(stderr, count ? "通知号 %s 不止一条，多写几位\n" : "没有通知 %s\n", number);
	return err || count != 1 ? HY_EXIT_FAILURE : HY_EXIT_OK;
}

static void print_attempt(const struct hy_query *q)
{
	hy_cleanup(hy_buf_fini) struct hy_buf line = HY_BUF(LINE_BYTES);
	char at[HY_RFC3339_BYTES], ended[HY_RFC3339_BYTES];

	hy_buf_addf(&line, "第 %lld 次\t第 %lld 部分\t%s 至 %s\t%.*s\t%lld\t",
		    (long long)hy_query_int(q, 0), (long long)hy_query_int(q, 1),
		    hy_wall_format(hy_query_wall(q, 2), at),
		    hy_wall_known(hy_query_wall(q, 3)) ? hy_wall_format(hy_query_wall(q, 3), ended)
						       : "-",
		    HY_STR_ARGS(hy_query_text(q, 4)), (long long)hy_query_int(q, 5));
	hy_print_plain(hy_query_text(q, 6), &line);
	hy_buf_add_c(&line, "\n");
	hy_print_text(stdout, &line);
}

static json_t *attempt_json(const struct hy_query *q)
{
	char at[HY_RFC3339_BYTES], ended[HY_RFC3339_BYTES];
	struct hy_str outcome = hy_query_text(q, 4), words = hy_query_text(q, 6);

	return json_pack("{s:I, s:I, s:s, s:s, s:s%, s:I, s:s%}", "number",
			 (json_int_t)hy_query_int(q, 0), "part", (json_int_t)hy_query_int(q, 1), "at",
			 hy_wall_format(hy_query_wall(q, 2), at), "ended_at",
			 hy_wall_known(hy_query_wall(q, 3))
				 ? hy_wall_format(hy_query_wall(q, 3), ended)
				 : "",
			 "outcome", outcome.p ? outcome.p : "", outcome.n, "code",
			 (json_int_t)hy_query_int(q, 5), "words", words.p ? words.p : "", words.n);
}

static enum hy_err print_attempts(struct hy_store *store, struct hy_str message, bool json,
				  struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, list_attempts);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, message);
	while (!(err = hy_query_next(q, &row, e)) && row) {
		json_t *attempt = json ? attempt_json(q) : NULL;

		if (!json) {
			print_attempt(q);
			continue;
		}
		if (attempt)
			(void)json_dumpf(attempt, stdout, JSON_COMPACT);
		(void)putchar('\n');
		json_decref(attempt);
	}
	return err;
}

static int show(struct hy_store *store, const char *number, bool json)
{
	hy_cleanup(found_fini) struct found found = {.id = {0}};
	int code = find(store, number, &found);
	struct hy_names names;
	struct hy_error e = {0};
	struct hy_query *q;
	enum hy_err err;
	bool row = false;

	if (code != HY_EXIT_OK)
		return code;
	hy_names_init(&names);
	hy_names_add_store(&names, store);
	q = hy_store_query(store, one_notice);
	hy_query_bind_text(q, 1, hy_buf_str(&found.id));
	err = hy_query_next(q, &row, &e);
	if (!err && row && json)
		print_json(q);
	else if (!err && row)
		print_text(q, &names);
	hy_query_reset(q);
	if (!err && !json) {
		hy_buf_add_c(&found.text, "\n");
		hy_print_text(stdout, &found.text);
	}
	if (!err)
		err = print_attempts(store, hy_buf_str(&found.message), json, &e);
	hy_names_fini(&names);
	if (err)
		(void)fprintf(stderr, "读取通知失败：%s\n", e.text);
	return err ? HY_EXIT_FAILURE : HY_EXIT_OK;
}

static int replay(struct hy_store *store, const char *config, const char *number,
		  struct hy_msg_command *command)
{
	hy_cleanup(found_fini) struct found found = {.id = {0}};
	int code = find(store, number, &found);

	if (code != HY_EXIT_OK)
		return code;
	command->case_id = hy_buf_str(&found.id);
	return hy_cli_command(config, command);
}

/* ---- all ---- */

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
	const char *config = NULL, *url = NULL, *output = NULL, *actor = NULL, *text = "";
	struct filter filter = {.state = ""};
	const struct hy_option options[] = {
		{"--config", "FILE", &config, NULL, "configuration file"},
		{"--store", "URL", &url, NULL, "the alerter's store, in place of the configured one"},
		{"--state", "STATE", &filter.state, NULL, "waiting, sending, sent, failed or uncertain"},
		{"--all", NULL, NULL, &filter.all, "also what was sent"},
		{"-o", "FORMAT", &output, NULL, "text or json"},
		{"--actor", "WHO", &actor, NULL, "replay: the recipient's unit, or unit/post, or the office"},
		{"--text", "TEXT", &text, NULL, "replay: why"},
	};
	const struct hy_usage usage = {
		"outbox list [--state STATE] [--all] [--config FILE | --store URL] [-o json]\n"
		"       huiying outbox show NUMBER [--config FILE | --store URL] [-o json]\n"
		"       huiying outbox replay NUMBER --actor WHO --text WHY [--config FILE]",
		"Notices that are not simply sent. `uncertain` are those that were going out when the\n"
		"alerter ended: they may have arrived and are never sent again by themselves.\n"
		"`show` prints one by its number, with every attempt. `replay` delivers a failed or\n"
		"uncertain one again, audited; it is refused where a receiver has accepted it.",
		options, HY_COUNT(options)};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);
	bool lists, replays;
	struct hy_store *store;

	if (code != HY_OPTIONS_GO_ON)
		return code;
	lists = operands == 1 && strcmp(argv[1], "list") == 0;
	replays = operands == 2 && strcmp(argv[1], "replay") == 0;
	if (!lists && !replays && !(operands == 2 && strcmp(argv[1], "show") == 0))
		return hy_usage_error(&usage, "list, show NUMBER or replay NUMBER");
	if (replays && (!actor || !text[0] || url))
		return hy_usage_error(&usage, "replay needs --actor and --text, and asks the alerter");
	if (!hy_output_parse(output, &filter.json))
		return hy_usage_error(&usage, HY_OUTPUT_FORMATS);
	if (filter.state[0] && !hy_wording_is_notice_state(filter.state))
		return bad_state(filter.state);
	store = hy_cli_alerter_store(config, url);
	if (!store)
		return HY_EXIT_FAILURE;
	if (lists)
		code = list(store, &filter);
	else if (replays)
		code = replay(store, config, argv[2],
			      &(struct hy_msg_command){.command = HY_COMMAND_REPLAY,
						       .actor = hy_str_of(actor),
						       .note = hy_str_of(text)});
	else
		code = show(store, argv[2], filter.json);
	hy_store_free(store);
	return code;
}
