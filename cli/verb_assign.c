/* `huiying assign`: topic, places and severity to one lead unit, as the alerter would decide. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "alerter/routing.h"
#include "cli/alerter_access.h"
#include "cli/config_file.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "common/base/mem.h"
#include "common/sys/msg.h"

#define INPUT_BYTES (256u << 20)
#define LINE_BYTES (1u << 20)

struct job {
	const struct hy_rule_set *rules;
	struct hy_wall at;
};

/* One line of input. Views into `json`. */
struct concern {
	json_t *json;
	struct hy_str topic, places[HY_MSG_PLACES_MAX];
	size_t place_count;
	enum hy_severity severity;
};

static struct hy_str text_of(const json_t *string)
{
	return (struct hy_str){json_string_value(string), json_string_length(string)};
}

static json_t *json_of(struct hy_str s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

static enum hy_err read_places(json_t *list, struct concern *out, struct hy_error *e)
{
	if (list && !json_is_array(list) && !json_is_null(list))
		return hy_fail(e, HY_ERR_MALFORMED, "places 应为列表");
	if (json_array_size(list) > HY_MSG_PLACES_MAX)
		return hy_fail(e, HY_ERR_LIMIT, "places 超过 %d 项", HY_MSG_PLACES_MAX);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *place = json_array_get(list, i);

		if (!json_is_string(place))
			return hy_fail(e, HY_ERR_MALFORMED, "places 第 %zu 项应为字符串", i + 1);
		out->places[out->place_count++] = text_of(place);
	}
	return HY_OK;
}

/* Without a severity the topic's own counts. */
static enum hy_err read_severity(const struct job *job, const json_t *value, struct concern *out,
				 struct hy_error *e)
{
	const struct hy_topic *topic = hy_topics_get(job->rules->topics, out->topic);

	out->severity = topic ? topic->severity : HY_SEVERITY_GENERAL;
	if (value && !json_is_null(value) &&
	    (!json_is_string(value) || !hy_severity_parse(text_of(value), &out->severity)))
		return hy_fail(e, HY_ERR_MALFORMED,
			       "severity 应为 general（一般）、considerable（较大）、major（重大）或"
			       " critical（特别重大）");
	return HY_OK;
}

static enum hy_err read_concern(const struct job *job, struct hy_str line, struct concern *out,
				struct hy_error *e)
{
	json_error_t why;
	const json_t *topic;
	enum hy_err err;

	out->json = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, &why);
	if (!out->json)
		return hy_fail(e, HY_ERR_MALFORMED, "不是 JSON：%s", why.text);
	if (!json_is_object(out->json))
		return hy_fail(e, HY_ERR_MALFORMED, "每行应为一个 JSON 对象");
	topic = json_object_get(out->json, "topic");
	if (topic && !json_is_string(topic) && !json_is_null(topic))
		return hy_fail(e, HY_ERR_MALFORMED, "topic 应为字符串");
	out->topic = json_is_string(topic) ? text_of(topic) : (struct hy_str){0};
	err = read_places(json_object_get(out->json, "places"), out, e);
	return err ? err : read_severity(job, json_object_get(out->json, "severity"), out, e);
}

static json_t *duty_of(const struct job *job, const struct hy_unit *unit)
{
	json_t *list = json_array();

	for (int duty = 0; duty < HY_DUTY_COUNT; duty++) {
		struct hy_str posts[HY_ROSTER_ON_DUTY_MAX];
		size_t count = hy_roster_who(job->rules->roster, unit, (enum hy_duty)duty, job->at,
					     posts);

		for (size_t i = 0; i < count; i++)
			json_array_append_new(list, json_sprintf("%.*s%.*s",
								 HY_STR_ARGS(unit->name),
								 HY_STR_ARGS(posts[i])));
	}
	return list;
}

static json_t *deadlines_of(const struct job *job, const struct concern *concern)
{
	const struct hy_preset_use *use = hy_presets_use(job->rules->presets, concern->topic,
							 concern->severity);
	json_t *map = json_object();

	for (int i = 0; use && i < HY_LADDER_COUNT; i++) {
		const struct hy_preset *preset = use->ladder[i];
		char at[HY_RFC3339_BYTES];

		if (preset)
			json_object_set_new(
				map, hy_ladder_id((enum hy_ladder)i),
				json_string(hy_wall_format(hy_preset_due(preset, job->at, 100), at)));
	}
	return map;
}

static json_t *lines_of(struct hy_str text)
{
	json_t *list = json_array();
	struct hy_str line;

	while (hy_str_next(&text, '\n', &line)) {
		if (line.n)
			json_array_append_new(list, json_of(line));
	}
	return list;
}

static void print_decision(const struct job *job, const struct concern *concern)
{
	struct hy_routing_query query = {.topics = &concern->topic,
					 .topic_count = concern->topic.n > 0,
					 .places = concern->places,
					 .place_count = concern->place_count,
					 .severity = concern->severity,
					 .at = job->at};
	json_t *assist = json_array(), *out;
	struct hy_routing routing;
	char *text;

	hy_routing_decide(job->rules, &query, &routing);
	for (size_t i = 0; i < routing.assist_count; i++)
		json_array_append_new(assist, json_of(routing.assist[i]->id));
	out = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "lead", json_of(routing.lead->id),
			"assist", assist, "duty", duty_of(job, routing.lead), "supervisor",
			routing.supervisor ? json_of(routing.supervisor->id) : json_null(),
			"deadlines", deadlines_of(job, concern), "because",
			lines_of(hy_buf_str(&routing.because)));
	text = json_dumps(out, JSON_COMPACT);
	(void)printf("%s\n", text ? text : "{}");
	free(text);
	json_decref(out);
	hy_routing_fini(&routing);
}

static int assign_line(const struct job *job, struct hy_str line, struct hy_error *e)
{
	struct concern concern = {.json = NULL};
	enum hy_err err = line.n > LINE_BYTES
				  ? hy_fail(e, HY_ERR_LIMIT, "一行超过 %u 字节", LINE_BYTES)
				  : read_concern(job, line, &concern, e);

	if (!err)
		print_decision(job, &concern);
	json_decref(concern.json);
	return err ? HY_EXIT_FAILURE : HY_EXIT_OK;
}

static int assign_file(const char *path, struct hy_str bytes, void *ctx)
{
	const struct job *job = ctx;
	struct hy_str line;
	int number = 0, worst = HY_EXIT_OK;

	bytes = hy_input_without_mark(bytes);
	while (hy_str_next(&bytes, '\n', &line)) {
		struct hy_error e = {0};

		number++;
		if (hy_str_trim(line).n == 0 || assign_line(job, line, &e) == HY_EXIT_OK)
			continue;
		(void)fprintf(stderr, "%s:%d: %s\n", path, number, e.text);
		worst = HY_EXIT_FAILURE;
	}
	return worst;
}

int hy_verb_assign(int argc, char **argv)
{
	const char *rules_dir = NULL, *at = NULL;
	const struct hy_option options[] = {
		{"--rules", "DIR", &rules_dir, NULL, "rules folder (./rules, else the installed one)"},
		{"--at", "TIME", &at, NULL, "moment of the assignment and clock start (default: now)"},
	};
	const struct hy_usage usage = {
		"assign [--rules DIR] [--at TIME] [FILE...]",
		"JSON lines {\"topic\",\"places\":[],\"severity\"} to JSON lines with the one lead unit,\n"
		"who assists, who is on duty there, the supervisor, the deadlines and the reasons.\n"
		"A line that cannot be read is named on standard error, the others go on; exit 3 then.",
		options, HY_COUNT(options)};
	struct job job = {0};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (!hy_cli_time(at, &job.at))
		return HY_EXIT_USAGE;
	rules_dir = hy_cli_rules_dir(rules_dir);
	hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *rules = hy_cli_rules_load(rules_dir);

	if (!rules)
		return HY_EXIT_FAILURE;
	job.rules = rules;
	return hy_input_each(operands, argv, INPUT_BYTES, assign_file, &job);
}
