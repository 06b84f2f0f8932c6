/* `huiying match`: documents to topics, hits and places, by the rules and nothing else. */
#include <jansson.h>
#include <stdio.h>

#include "analyzer/explain.h"
#include "analyzer/scanner.h"
#include "cli/config_file.h"
#include "cli/document_lines.h"
#include "cli/options.h"
#include "cli/scan_rules.h"
#include "cli/verb.h"
#include "common/base/mem.h"

#define EXPLANATION_BYTES (64u << 10)

struct matcher {
	struct hy_scan_rules rules;
	bool explains;
};

/* ---- output ---- */

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
			hy_json_of_str(hy_str_sub(field, hit->start, hit->end - hit->start)), "rule",
			hy_json_of_str(hit->rule));

		hy_assert(object != NULL);
		(void)json_array_append_new(hits, object);
	}
	return hits;
}

static json_t *policies_of(const struct hy_scan_result *result, const struct hy_scan_input *input)
{
	json_t *policies = json_array();

	for (size_t i = 0; i < result->policy_count; i++) {
		const struct hy_scan_topic *policy = &result->policies[i];
		json_t *object = json_pack("{s:o, s:o}", "policy",
					   hy_json_of_str(policy->rule->policy->id), "hits",
					   hits_of(policy, input));

		hy_assert(object != NULL);
		(void)json_array_append_new(policies, object);
	}
	return policies;
}

static json_t *topics_of(const struct hy_scan_result *result, const struct hy_scan_input *input)
{
	json_t *topics = json_array();

	for (size_t i = 0; i < result->topic_count; i++) {
		const struct hy_scan_topic *topic = &result->topics[i];
		json_t *object = json_pack("{s:o, s:I, s:s, s:o}", "topic",
					   hy_json_of_str(topic->rule->topic->id), "score",
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
		(void)json_array_append_new(places, hy_json_of_str(result->places[i].place->id));
	return places;
}

/* Every topic of which a word was found, those that did not hold as well. */
static json_t *explanations_of(const struct matcher *m)
{
	hy_cleanup(hy_buf_fini) struct hy_buf why = HY_BUF(EXPLANATION_BYTES);
	json_t *list = json_array();
	const struct hy_rule *rule;

	for (size_t i = 0; (rule = hy_scanner_candidate(m->rules.scanner, i)); i++) {
		hy_buf_clear(&why);
		hy_explain(m->rules.scanner, rule, &why);
		struct hy_str text = hy_buf_err(&why) ? HY_STR_LIT("说明太长") : hy_buf_str(&why);
		json_t *object = json_pack("{s:o, s:o}", rule->policy ? "policy" : "topic",
					   hy_json_of_str(rule->topic->id), "why",
					   hy_json_of_str(text));

		hy_assert(object != NULL);
		(void)json_array_append_new(list, object);
	}
	return list;
}

static int print_result(const struct matcher *m, json_t *id, const struct hy_scan_result *result,
			const struct hy_scan_input *input)
{
	json_t *line = json_pack("{s:O, s:o, s:o}", "id", id, "topics", topics_of(result, input),
				 "places", places_of(result));

	hy_assert(line != NULL);
	if (result->policy_count)
		(void)json_object_set_new(line, "policies", policies_of(result, input));
	if (m->explains)
		(void)json_object_set_new(line, "explain", explanations_of(m));
	int failed = json_dumpf(line, stdout, JSON_COMPACT) != 0 || putchar('\n') == EOF;
	json_decref(line);
	return failed ? HY_EXIT_FAILURE : HY_EXIT_OK;
}

static int match_document(void *ctx, const struct hy_document_line *d)
{
	struct matcher *m = ctx;
	struct hy_scan_input input = {.title = d->title, .text = d->text, .region = d->region,
				      .source = d->source, .outlet = d->outlet,
				      .at = hy_wall_now()};
	struct hy_scan_result result;

	if (hy_scan(m->rules.scanner, &input, &result))
		return hy_document_lines_complain("match", d->path, d->line,
						  "the document is larger than 4 MiB");
	hy_scan_rules_warn_limited(&m->rules, &result, "match", d->path, d->line);
	return print_result(m, d->id, &result, &input);
}

int hy_verb_match(int argc, char **argv)
{
	const char *rules_dir = NULL;
	struct matcher m = {.explains = false};
	const struct hy_option options[] = {
		{"--rules", "DIR", &rules_dir, NULL, "rules folder (./rules, else the installed one)"},
		{"--explain", NULL, NULL, &m.explains,
		 "also say of every topic that a word woke why it held or not"},
	};
	const struct hy_usage usage = {
		"match [--rules DIR] [--explain] [FILE...]",
		"Reads JSON lines {\"id\",\"title\",\"text\"} (any other file is one document of plain\n"
		"text) and prints for each document {\"id\",\"topics\",\"places\"}; what has no id goes by\n"
		"FILE:LINE. A reaction to a policy has {\"policies\"} besides. Hits are byte\n"
		"ranges [start,end) of the field as given. Topics are listed whatever the place. Lines\n"
		"that cannot be read are named on standard error and end in exit code 3.",
		options, HY_COUNT(options)};
	struct hy_error e = {0};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (hy_scan_rules_load(hy_cli_rules_dir(rules_dir), &m.rules, &e)) {
		(void)fprintf(stderr, "huiying match: %s\n", e.text);
		code = HY_EXIT_FAILURE;
	} else {
		code = hy_document_lines_each("match", operands, argv, match_document, &m);
	}
	hy_scan_rules_unload(&m.rules);
	return code;
}
