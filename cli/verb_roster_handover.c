/* `huiying roster handover`: notes of what is open, signed by who goes and who comes. */
#include "cli/verb_roster_handover.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerter/handover.h"
#include "cli/alerter_access.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "common/base/mem.h"

static const char list_notes[] =
	"SELECT id, unit, unit_name, made_at, outgoing, incoming, received_at FROM v_handover"
	" WHERE $1 = '' OR unit = $1 ORDER BY made_at DESC LIMIT 200";
static const char show_note[] =
	"SELECT id, unit, unit_name, made_at, outgoing, incoming, received_at, text, note,"
	" received_note FROM v_handover WHERE id = $1";

enum { ID, UNIT, UNIT_NAME, MADE, OUTGOING, INCOMING, RECEIVED, TEXT, NOTE, RECEIVED_NOTE };

struct words {
	const char *config, *url;
	const char *unit, *actor, *to, *note;
	bool json;
};

typedef int act_fn(const struct words *w, const char *id);

static json_t *json_of(struct hy_str s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

static json_t *json_at(const struct hy_query *q, int column)
{
	char at[HY_RFC3339_BYTES];

	return hy_query_is_null(q, column)
		       ? json_null()
		       : json_string(hy_wall_format(hy_query_wall(q, column), at));
}

static void print_json(const struct hy_query *q, bool whole)
{
	json_t *note = json_object();
	char *text;

	json_object_set_new(note, "id", json_of(hy_query_text(q, ID)));
	json_object_set_new(note, "unit", json_of(hy_query_text(q, UNIT)));
	json_object_set_new(note, "made_at", json_at(q, MADE));
	json_object_set_new(note, "outgoing", json_of(hy_query_text(q, OUTGOING)));
	json_object_set_new(note, "incoming", json_of(hy_query_text(q, INCOMING)));
	json_object_set_new(note, "received_at", json_at(q, RECEIVED));
	if (whole) {
		json_object_set_new(note, "text", json_of(hy_query_text(q, TEXT)));
		json_object_set_new(note, "note", json_of(hy_query_text(q, NOTE)));
		json_object_set_new(note, "received_note",
				    json_of(hy_query_text(q, RECEIVED_NOTE)));
	}
	text = json_dumps(note, JSON_COMPACT);
	(void)printf("%s\n", text ? text : "{}");
	free(text);
	json_decref(note);
}

static void print_line(const struct hy_query *q)
{
	char made[HY_RFC3339_BYTES], received[HY_RFC3339_BYTES];

	(void)printf("%.*s\t%.*s\t%s\t交班 %.*s\t接班 %.*s\t%s%s\n", HY_STR_ARGS(hy_query_text(q, ID)),
		     HY_STR_ARGS(hy_query_text(q, UNIT_NAME)), hy_cli_minute(hy_query_wall(q, MADE), made),
		     HY_STR_ARGS(hy_query_text(q, OUTGOING)), HY_STR_ARGS(hy_query_text(q, INCOMING)),
		     hy_query_is_null(q, RECEIVED) ? "待签收" : "已签收 ",
		     hy_query_is_null(q, RECEIVED)
			     ? ""
			     : hy_cli_minute(hy_query_wall(q, RECEIVED), received));
}

static void print_whole(const struct hy_query *q)
{
	char at[HY_RFC3339_BYTES];

	(void)printf("交接班记录 %.*s  %.*s\n", HY_STR_ARGS(hy_query_text(q, ID)),
		     HY_STR_ARGS(hy_query_text(q, UNIT_NAME)));
	(void)printf("%.*s", HY_STR_ARGS(hy_query_text(q, TEXT)));
	if (hy_query_text(q, NOTE).n)
		(void)printf("交班备注：%.*s\n", HY_STR_ARGS(hy_query_text(q, NOTE)));
	(void)printf("交班 %.*s，%s 签字\n", HY_STR_ARGS(hy_query_text(q, OUTGOING)),
		     hy_cli_minute(hy_query_wall(q, MADE), at));
	if (hy_query_is_null(q, RECEIVED)) {
		(void)printf("接班 %.*s，待签收\n", HY_STR_ARGS(hy_query_text(q, INCOMING)));
		return;
	}
	if (hy_query_text(q, RECEIVED_NOTE).n)
		(void)printf("接班备注：%.*s\n", HY_STR_ARGS(hy_query_text(q, RECEIVED_NOTE)));
	(void)printf("接班 %.*s，%s 签字\n", HY_STR_ARGS(hy_query_text(q, INCOMING)),
		     hy_cli_minute(hy_query_wall(q, RECEIVED), at));
}

static int failed(struct hy_store *store, const struct hy_error *e)
{
	(void)fprintf(stderr, "读不出交接班记录：%s\n", e->text);
	hy_store_free(store);
	return HY_EXIT_FAILURE;
}

static int list(const struct words *w, const char *id)
{
	struct hy_store *store = hy_cli_alerter_store(w->config, w->url);
	struct hy_error e = {0};
	struct hy_query *q;
	bool row = true;

	(void)id;
	if (!store)
		return HY_EXIT_FAILURE;
	q = hy_store_query(store, list_notes);
	hy_query_bind_c(q, 1, w->unit ? w->unit : "");
	while (row) {
		if (hy_query_next(q, &row, &e))
			return failed(store, &e);
		if (row && w->json)
			print_json(q, false);
		else if (row)
			print_line(q);
	}
	hy_store_free(store);
	return HY_EXIT_OK;
}

static int show(const struct words *w, const char *id)
{
	struct hy_store *store = hy_cli_alerter_store(w->config, w->url);
	struct hy_error e = {0};
	struct hy_query *q;
	bool row;

	if (!store)
		return HY_EXIT_FAILURE;
	q = hy_store_query(store, show_note);
	hy_query_bind_c(q, 1, id);
	if (hy_query_next(q, &row, &e))
		return failed(store, &e);
	if (!row)
		(void)fprintf(stderr, "没有交接班记录 %s\n", id);
	else if (w->json)
		print_json(q, true);
	else
		print_whole(q);
	hy_store_free(store);
	return row ? HY_EXIT_OK : HY_EXIT_FAILURE;
}

/* What the note would say now. */
static int preview(const struct words *w, const char *id)
{
	struct hy_store *store = hy_cli_alerter_store(w->config, w->url);
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_HANDOVER_TEXT_BYTES);
	struct hy_error e = {0};

	(void)id;
	if (!store)
		return HY_EXIT_FAILURE;
	if (hy_handover_write(store, hy_str_of(w->unit), hy_wall_now(), &text, &e))
		return failed(store, &e);
	(void)printf("%.*s", HY_STR_ARGS(hy_buf_str(&text)));
	hy_store_free(store);
	return HY_EXIT_OK;
}

static int make(const struct words *w, const char *id)
{
	struct hy_msg_command c = {.command = HY_COMMAND_HANDOVER, .case_id = hy_str_of(w->unit),
				   .actor = hy_str_of(w->actor), .kind = hy_str_of(w->to),
				   .note = hy_str_of(w->note)};

	(void)id;
	return hy_cli_command(w->config, &c);
}

static int sign(const struct words *w, const char *id)
{
	struct hy_msg_command c = {.command = HY_COMMAND_HANDOVER_SIGN, .case_id = hy_str_of(id),
				   .actor = hy_str_of(w->actor), .note = hy_str_of(w->note)};

	return hy_cli_command(w->config, &c);
}

static const struct {
	const char *name;
	act_fn *run;
	bool needs_id, needs_unit, needs_actor, needs_to;
} acts[] = {
	{"list", list, false, false, false, false},
	{"show", show, true, false, false, false},
	{"preview", preview, false, true, false, false},
	{"make", make, false, true, true, true},
	{"sign", sign, true, false, true, false},
};

static int run(const struct hy_usage *usage, const struct words *w, int operands, char **argv)
{
	for (size_t i = 0; operands && i < HY_COUNT(acts); i++) {
		if (strcmp(argv[1], acts[i].name) != 0)
			continue;
		if (operands != 1 + acts[i].needs_id)
			return hy_usage_error(usage, acts[i].needs_id ? "one note, please"
								      : "no note, please");
		if (acts[i].needs_unit && !w->unit)
			return hy_usage_error(usage, "--unit is needed: whose duty");
		if (acts[i].needs_actor && !w->actor)
			return hy_usage_error(usage, "--actor is needed: who signs, as unit/post");
		if (acts[i].needs_to && !w->to)
			return hy_usage_error(usage, "--to is needed: the post that comes on duty");
		return acts[i].run(w, acts[i].needs_id ? argv[2] : NULL);
	}
	return hy_usage_error(usage, "preview, make, sign, list or show");
}

int hy_verb_roster_handover(int argc, char **argv)
{
	const char *output = NULL;
	struct words w = {.note = ""};
	const struct hy_option options[] = {
		{"--config", "FILE", &w.config, NULL, "configuration file"},
		{"--store", "URL", &w.url, NULL,
		 "list, show, preview: the alerter's store, in place of the configured one"},
		{"--unit", "ID", &w.unit, NULL, "whose duty"},
		{"--actor", "WHO", &w.actor, NULL, "make, sign: unit/post"},
		{"--to", "POST", &w.to, NULL, "make: the post that comes on duty"},
		{"--note", "TEXT", &w.note, NULL, "make, sign: a remark"},
		{"-o", "FORMAT", &output, NULL, "list, show: text or json"},
	};
	const struct hy_usage usage = {
		"roster handover preview --unit ID\n"
		"       huiying roster handover make --unit ID --actor UNIT/POST --to POST [--note TEXT]\n"
		"       huiying roster handover sign NOTE --actor UNIT/POST [--note TEXT]\n"
		"       huiying roster handover list [--unit ID] [-o json]\n"
		"       huiying roster handover show NOTE [-o json]",
		"Hand-over notes: what is open in the unit, what was done since the last note, alarms\n"
		"and notices in doubt. Who goes off duty makes and signs it, who comes on signs it too.",
		options, HY_COUNT(options)};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (!hy_output_parse(output, &w.json))
		return hy_usage_error(&usage, HY_OUTPUT_FORMATS);
	return run(&usage, &w, operands, argv);
}
