/* `huiying match`: documents to topics, hits and places, by the rules and nothing else. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/explain.h"
#include "analyzer/scanner.h"
#include "cli/config_file.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

#define INPUT_BYTES ((size_t)1 << 30)
#define EXPLANATION_BYTES (64u << 10)

struct matcher {
	const char *rules;
	struct hy_fold_table *table;
	struct hy_ruleset *ruleset;
	struct hy_scanner *scanner;
	bool explains;
};

/* ---- output ---- */

static json_t *json_of(struct hy_str s)
{
	hy_cleanup(hy_buf_fini) struct hy_buf repaired = {0};

	if (hy_utf8_valid(s.p, s.n))
		return json_stringn_nocheck(s.n ? s.p : "", s.n);
	hy_buf_init(&repaired, s.n * 3 + 1);
	hy_utf8_repair(&repaired, s.p, s.n);
	return json_stringn(repaired.p, repaired.n);
}

/* Fields are called as in the input. */
static const char *field_name(enum hy_field field)
{
	return field == HY_FIELD_TITLE ? "title" : "text";
}

static json_t *hits_of(const struct hy_scan_topic *topic, const struct hy_scan_input *input)
{
	json_t *hits = json_array();

	for (size_t i = 0; i < topic->hit_count; i++) {
		const struct hy_scan_hit *hit = &topic->hits[i];
		struct hy_str field = hit->field == HY_FIELD_TITLE ? input->title : input->text;
		json_t *object = json_pack(
			"{s:s, s:I, s:I, s:o, s:o}", "field", field_name(hit->field), "start",
			(json_int_t)hit->start, "end", (json_int_t)hit->end, "text",
			json_of(hy_str_sub(field, hit->start, hit->end - hit->start)), "rule",
			json_of(hit->rule));

		hy_assert(object != NULL);
		(void)json_array_append_new(hits, object);
	}
	return hits;
}

static json_t *topics_of(const struct hy_scan_result *result, const struct hy_scan_input *input)
{
	json_t *topics = json_array();

	for (size_t i = 0; i < result->topic_count; i++) {
		const struct hy_scan_topic *topic = &result->topics[i];
		json_t *object = json_pack("{s:o, s:I, s:s, s:o}", "topic",
					   json_of(topic->rule->topic->id), "score",
					   (json_int_t)topic->score, "severity",
					   hy_severity_id(topic->severity), "hits",
					   hits_of(topic, input));

		hy_assert(object != NULL);
		(void)json_array_append_new(topics, object);
	}
	return topics;
}

static json_t *places_of(const struct hy_scan_result *result)
{
	json_t *places = json_array();

	for (size_t i = 0; i < result->place_count; i++)
		(void)json_array_append_new(places, json_of(result->places[i].place->id));
	return places;
}

/* Every topic of which a word was found, those that did not hold as well. */
static json_t *explanations_of(const struct matcher *m)
{
	hy_cleanup(hy_buf_fini) struct hy_buf why = HY_BUF(EXPLANATION_BYTES);
	json_t *list = json_array();
	const struct hy_rule *rule;

	for (size_t i = 0; (rule = hy_scanner_candidate(m->scanner, i)); i++) {
		hy_buf_clear(&why);
		hy_explain(m->ruleset, rule, hy_scanner_evidence(m->scanner), &why);
		struct hy_str text = hy_buf_err(&why) ? HY_STR_LIT("说明太长") : hy_buf_str(&why);
		json_t *object = json_pack("{s:o, s:o}", "topic", json_of(rule->topic->id), "why",
					   json_of(text));

		hy_assert(object != NULL);
		(void)json_array_append_new(list, object);
	}
	return list;
}

/* Takes `id` over. */
static int print_result(const struct matcher *m, json_t *id, const struct hy_scan_result *result,
			const struct hy_scan_input *input)
{
	json_t *line = json_pack("{s:o, s:o, s:o}", "id", id, "topics", topics_of(result, input),
				 "places", places_of(result));

	hy_assert(line != NULL);
	if (m->explains)
		(void)json_object_set_new(line, "explain", explanations_of(m));
	int failed = json_dumpf(line, stdout, JSON_COMPACT) != 0 || putchar('\n') == EOF;
	json_decref(line);
	return failed ? HY_EXIT_FAILURE : HY_EXIT_OK;
}

/* ---- documents ---- */

static int complain(const char *path, size_t line, const char *what)
{
	(void)fprintf(stderr, "huiying match: %s:%zu: %s\n", path, line, what);
	return HY_EXIT_FAILURE;
}

static void warn_limited(const struct matcher *m, const struct hy_scan_result *result,
			 const char *path, size_t line)
{
	for (size_t i = 0; i < result->limited_count; i++) {
		struct hy_str written = m->ruleset->atoms.patterns[result->limited[i]].written;

		(void)fprintf(stderr, "huiying match: %s:%zu: pattern %.*s reached its limit\n",
			      path, line, HY_STR_ARGS(written));
	}
}

/* Takes `id` over. */
static int match_document(struct matcher *m, json_t *id, const struct hy_scan_input *input,
			  const char *path, size_t line)
{
	struct hy_scan_result result;

	if (hy_scan(m->scanner, input, &result)) {
		json_decref(id);
		return complain(path, line, "the document is larger than 4 MiB");
	}
	warn_limited(m, &result, path, line);
	return print_result(m, id, &result, input);
}

/* A field that may be missing or null; false where it is anything else but a string. */
static bool string_field(const json_t *object, const char *key, struct hy_str *out)
{
	const json_t *value = json_object_get(object, key);

	if (!value || json_is_null(value))
		return true;
	if (!json_is_string(value))
		return false;
	*out = (struct hy_str){json_string_value(value), json_string_length(value)};
	return true;
}

/* The document's own id, or its place where it has none; NULL where it is no id. */
static json_t *id_of(const json_t *object, const char *path, size_t line)
{
	json_t *id = json_object_get(object, "id");

	if (json_is_string(id) || json_is_integer(id))
		return json_incref(id);
	return !id || json_is_null(id) ? json_sprintf("%s:%zu", path, line) : NULL;
}

static int match_object(struct matcher *m, const json_t *object, const char *path, size_t line)
{
	struct hy_scan_input input = {.at = hy_wall_now()};
	json_t *id;

	if (!json_is_object(object))
		return complain(path, line, "expected a JSON object");
	if (!string_field(object, "title", &input.title) ||
	    !string_field(object, "text", &input.text) ||
	    !string_field(object, "region", &input.region))
		return complain(path, line, "title, text and region must be strings");
	if (!input.title.p && !input.text.p)
		return complain(path, line, "neither \"title\" nor \"text\"");
	id = id_of(object, path, line);
	if (!id)
		return complain(path, line, "\"id\" must be a string or a whole number");
	return match_document(m, id, &input, path, line);
}

static int match_line(struct matcher *m, struct hy_str text, const char *path, size_t line)
{
	json_error_t error;
	json_t *object = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &error);

	if (!object)
		return complain(path, line, error.text);
	int code = match_object(m, object, path, line);
	json_decref(object);
	return code;
}

static int match_lines(struct matcher *m, struct hy_str bytes, const char *path)
{
	struct hy_str rest = bytes, line;
	int worst = HY_EXIT_OK;

	for (size_t number = 1; hy_str_next(&rest, '\n', &line); number++) {
		if (hy_str_trim(line).n == 0)
			continue;
		int code = match_line(m, line, path, number);

		worst = code > worst ? code : worst;
	}
	return worst;
}

static bool is_json_lines(const char *path, struct hy_str bytes)
{
	struct hy_str name = hy_str_of(path), trimmed = hy_str_trim(bytes);

	return (trimmed.n > 0 && trimmed.p[0] == '{') || hy_str_ends(name, HY_STR_LIT(".jsonl")) ||
	       hy_str_ends(name, HY_STR_LIT(".ndjson"));
}

static int match_file(const char *path, struct hy_str bytes, void *ctx)
{
	struct matcher *m = ctx;
	struct hy_scan_input input = {.text = bytes, .at = hy_wall_now()};
	struct hy_str text = hy_input_without_mark(bytes);

	if (is_json_lines(path, text))
		return match_lines(m, text, path);
	return match_document(m, json_of(hy_str_of(path)), &input, path, 1);
}

/* ---- rules ---- */

/* Rules that do not compile judge nothing: half of them would be a silent failure. */
static enum hy_err load(struct matcher *m, struct hy_error *e)
{
	struct hy_findings findings;
	enum hy_err err = hy_fold_table_new(&m->table, e);

	hy_findings_init(&findings);
	if (!err)
		err = hy_ruleset_load(m->rules, m->table, &findings, &m->ruleset, e);
	if (!err && findings.count) {
		struct hy_str text = hy_buf_str(&findings.text);

		(void)fwrite(text.p, 1, text.n, stderr);
		err = hy_fail(e, HY_ERR_MALFORMED, "%s: %zu findings", m->rules, findings.count);
	}
	hy_findings_fini(&findings);
	if (!err)
		m->scanner = hy_scanner_new(m->ruleset);
	return err;
}

static void unload(struct matcher *m)
{
	hy_scanner_free(m->scanner);
	hy_ruleset_free(m->ruleset);
	hy_fold_table_free(m->table);
}

int hy_verb_match(int argc, char **argv)
{
	struct matcher m = {.rules = NULL};
	const struct hy_option options[] = {
		{"--rules", "DIR", &m.rules, NULL, "rules folder (./rules, else the installed one)"},
		{"--explain", NULL, NULL, &m.explains,
		 "also say of every topic that a word woke why it held or not"},
	};
	const struct hy_usage usage = {
		"match [--rules DIR] [--explain] [FILE...]",
		"Reads JSON lines {\"id\",\"title\",\"text\"} (any other file is one document of plain\n"
		"text) and prints for each document {\"id\",\"topics\",\"places\"}; what has no id goes by\n"
		"FILE:LINE. Hits are byte ranges [start,end) of the field as given. Topics are listed\n"
		"whatever the place. Lines that cannot be read are named on standard error and end in\n"
		"exit code 3.",
		options, HY_COUNT(options)};
	struct hy_error e = {0};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	m.rules = hy_cli_rules_dir(m.rules);
	if (load(&m, &e)) {
		(void)fprintf(stderr, "huiying match: %s\n", e.text);
		code = HY_EXIT_FAILURE;
	} else {
		code = hy_input_each(operands, argv, INPUT_BYTES, match_file, &m);
	}
	unload(&m);
	return code;
}
