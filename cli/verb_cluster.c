/* `huiying cluster`: messages to events in the order given, by the alerter's own decision. */
#include <jansson.h>
#include <stdio.h>

#include "alerter/event.h"
#include "alerter/schema.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "common/base/mem.h"

#define INPUT_BYTES ((size_t)1 << 30)
/* Without topics every message could be the same event: all are of this one. */
#define ANY_TOPIC HY_STR_LIT("-")

struct job {
	struct hy_store *store;		/* in memory, gone with the verb */
	struct hy_event_index *events;
	struct hy_rule_set rules;	/* none: messages come without places */
	struct hy_turn turn;
	int64_t taken;
};

/* Views into `json`. */
struct message {
	json_t *json;
	const json_t *id;
	struct hy_str title, text;
	struct hy_wall published_at;
};

static void free_message(struct message *m)
{
	json_decref(m->json);
}

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

static enum hy_err read_message(struct hy_str line, struct message *out, struct hy_error *e)
{
	struct hy_str at = {0};
	json_error_t why;

	*out = (struct message){.published_at = HY_WALL_NONE};
	out->json = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, &why);
	if (!out->json)
		return hy_fail(e, HY_ERR_MALFORMED, "%s", why.text);
	if (!json_is_object(out->json))
		return hy_fail(e, HY_ERR_MALFORMED, "expected a JSON object");
	out->id = json_object_get(out->json, "id");
	if (!json_is_string(out->id) && !json_is_integer(out->id))
		return hy_fail(e, HY_ERR_MALFORMED, "\"id\" must be a string or a whole number");
	if (!string_field(out->json, "title", &out->title) ||
	    !string_field(out->json, "text", &out->text) ||
	    !string_field(out->json, "published_at", &at))
		return hy_fail(e, HY_ERR_MALFORMED,
			       "title, text and published_at must be strings");
	if (!out->title.p && !out->text.p)
		return hy_fail(e, HY_ERR_MALFORMED, "neither \"title\" nor \"text\"");
	if (at.n && !hy_wall_parse(at, &out->published_at))
		return hy_fail(e, HY_ERR_MALFORMED,
			       "published_at is no moment such as 2026-11-23T08:00:00+08:00");
	return HY_OK;
}

/* What intake does with an alert, less the case. */
static enum hy_err find_event(struct job *job, const struct message *m, struct hy_id *out,
			      struct hy_error *e)
{
	hy_cleanup(hy_likeness_fini) struct hy_likeness likeness = {0};
	struct hy_msg_topic topic = {.topic = ANY_TOPIC};
	struct hy_str taken = {(const char *)&job->taken, sizeof job->taken};
	struct hy_id id = hy_id_of(&taken, 1);
	struct hy_str parts[] = {HY_STR_LIT("event"), hy_id_str(&id)};
	struct hy_msg_alert alert = {.document = hy_id_str(&id), .title = m->title,
				     .text = m->text, .published_at = m->published_at,
				     .topics = &topic, .topic_count = 1};
	bool known = false;
	enum hy_err err;

	job->taken++;
	hy_likeness_of(&alert, job->turn.rules->places, &likeness);
	err = hy_event_find(&job->turn, &likeness, out, &known, e);
	if (err)
		return err;
	if (known) {
		err = hy_event_join(&job->turn, out, e);
	} else {
		*out = hy_id_of(parts, HY_COUNT(parts));
		err = hy_event_open(&job->turn, &alert, out, e);
	}
	return err ? err : hy_event_index(&job->turn, hy_id_str(&id), out, &likeness, e);
}

static enum hy_err cluster_line(struct job *job, struct hy_str text, struct hy_error *e)
{
	hy_cleanup(free_message) struct message m = {0};
	struct hy_id event = {0};
	json_t *line;
	enum hy_err err = read_message(text, &m, e);

	if (!err)
		err = find_event(job, &m, &event, e);
	if (err)
		return err;
	line = json_pack("{s:O, s:s}", "id", m.id, "event", event.hex);
	hy_assert(line != NULL);
	if (json_dumpf(line, stdout, JSON_COMPACT) != 0 || putchar('\n') == EOF)
		err = hy_fail(e, HY_ERR_IO, "standard output cannot be written");
	json_decref(line);
	return err;
}

static int cluster_file(const char *path, struct hy_str bytes, void *ctx)
{
	struct hy_str rest = hy_input_without_mark(bytes), line;
	int worst = HY_EXIT_OK;

	for (size_t number = 1; hy_str_next(&rest, '\n', &line); number++) {
		struct hy_error e = {0};

		if (hy_str_trim(line).n == 0 || !cluster_line(ctx, line, &e))
			continue;
		(void)fprintf(stderr, "huiying cluster: %s:%zu: %s\n", path, number, e.text);
		worst = HY_EXIT_FAILURE;
	}
	return worst;
}

static enum hy_err start(struct job *job, struct hy_error *e)
{
	struct hy_store_options options = {.read_only = false};
	enum hy_err err = hy_store_open("sqlite::memory:", &options, &job->store, e);

	if (!err)
		err = hy_schema_migrate(job->store, e);
	if (!err)
		err = hy_store_begin(job->store, e);
	if (err)
		return err;
	job->events = hy_event_index_new();
	hy_turn_init(&job->turn, job->store, &job->rules, hy_wall_now());
	job->turn.events = job->events;
	return HY_OK;
}

static void stop(struct job *job)
{
	hy_turn_fini(&job->turn);
	hy_event_index_free(job->events);
	hy_store_free(job->store);
}

int hy_verb_cluster(int argc, char **argv)
{
	const struct hy_usage usage = {
		"cluster [FILE...]",
		"Reads JSON lines {\"id\",\"title\",\"text\",\"published_at\"} and prints, in their\n"
		"order, {\"id\",\"event\"}: messages about the same thing have the same event. Each\n"
		"line is decided when it is read, as the alerter decides on alerts of one topic. Files\n"
		"belong together; nothing is kept. Lines that cannot be read are named on standard\n"
		"error and end in exit code 3.",
		NULL, 0};
	struct job job = {.taken = 0};
	struct hy_error e = {0};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (start(&job, &e)) {
		(void)fprintf(stderr, "huiying cluster: %s\n", e.text);
		code = HY_EXIT_FAILURE;
	} else {
		code = hy_input_each(operands, argv, INPUT_BYTES, cluster_file, &job);
	}
	stop(&job);
	return code;
}
