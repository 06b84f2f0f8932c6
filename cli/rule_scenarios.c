#include "cli/rule_scenarios.h"

#include "alerter/drafter.h"
#include "alerter/routing.h"
#include "analyzer/explain.h"
#include "analyzer/judge.h"
#include "cli/scenario_memory.h"
#include "common/base/mem.h"

#define WHY_BYTES 4000
#define LIST_BYTES 4096

static const char *const file_keys[] = {"at", "need_place", "scenarios", "note", NULL};
static const char *const scenario_keys[] = {"name", "at", "document", "documents", "steps", "expect",
					    "note", NULL};
static const char *const step_keys[] = {"at", "document", "expect", "note", NULL};
static const char *const document_keys[] = {"id", "title", "text", "region", "source",
					    "outlet", NULL};
static const char *const expect_keys[] = {"topic", "topics", "severity", "places", "lead", "assist",
					  "supervisor", "deadlines", NULL};

struct play {
	const struct hy_scan_rules *scan;
	const struct hy_rule_set *rules;
	struct hy_findings *findings;
	struct hy_wall at;
	bool need_place;
	size_t count;
	struct hy_scenario_memory memory;	/* of the scenario's steps before */
};

/* What became of a document. */
struct outcome {
	struct hy_judgement judged;
	struct hy_correlated correlated;
	const struct hy_msg_alert *alert;	/* as it is among the others */
	struct hy_str topics[HY_MSG_TOPICS_MAX];
	struct hy_routing routing;
	bool is_routed;
};

struct ids {
	const struct hy_str *items;
	size_t count;
	bool is_topics;
};

/* ---- comparing ---- */

static void add_id(struct hy_buf *out, struct hy_str id)
{
	hy_buf_addf(out, "%s%.*s", out->n ? "、" : "", HY_STR_ARGS(id));
}

/* Why a topic came out as it did, for the document judged last. */
static void add_why(const struct play *p, struct hy_str id, struct hy_buf *out)
{
	const struct hy_ruleset *set = p->scan->ruleset;

	for (size_t i = 0; i < set->count; i++) {
		if (!hy_str_eq(set->rules[i].topic->id, id))
			continue;
		hy_buf_addf(out, "；%.*s：", HY_STR_ARGS(id));
		hy_explain(p->scan->scanner, &set->rules[i], out);
		return;
	}
	struct hy_str near = hy_topics_nearest(set->topics, id);

	if (hy_topics_get(set->topics, id)) {
		hy_buf_addf(out, "；%.*s：由统计得来（correlation）", HY_STR_ARGS(id));
		return;
	}
	hy_buf_addf(out, "；规则里没有议题 %.*s", HY_STR_ARGS(id));
	if (near.n)
		hy_buf_addf(out, "，是否想写 %.*s？", HY_STR_ARGS(near));
}

/* The id of a topic as it is now; it may be called by a former one. */
static struct hy_str present_id(const struct play *p, struct hy_str id)
{
	const struct hy_topic *topic = hy_topics_get(p->scan->ruleset->topics, id);

	return topic ? topic->id : id;
}

static bool holds(struct ids ids, struct hy_str id)
{
	for (size_t i = 0; i < ids.count; i++)
		if (hy_str_eq(ids.items[i], id))
			return true;
	return false;
}

static bool names(const struct play *p, const struct hy_yaml_node *list, struct hy_str id)
{
	for (size_t i = 0; i < hy_yaml_count(list); i++)
		if (hy_str_eq(present_id(p, hy_yaml_text(hy_yaml_item(list, i))), id))
			return true;
	return false;
}

/* A reason that grew too long is not told in part. */
static void report(const struct play *p, const struct hy_yaml_node *at, const char *what,
		   struct hy_str is, const struct hy_buf *why)
{
	struct hy_str reason = hy_buf_err(why) ? HY_STR_LIT("；说明太长") : hy_buf_str(why);

	hy_yaml_finding(at, p->findings, "%s不符，实际%s%.*s%.*s", what, is.n ? "是 " : "没有",
			HY_STR_ARGS(is), HY_STR_ARGS(reason));
}

static bool same_list(const struct play *p, const struct hy_yaml_node *expected, struct ids ids)
{
	if (hy_yaml_count(expected) != ids.count)
		return false;
	for (size_t i = 0; i < ids.count; i++) {
		struct hy_str id = hy_yaml_text(hy_yaml_item(expected, i));

		if (!hy_str_eq(ids.is_topics ? present_id(p, id) : id, ids.items[i]))
			return false;
	}
	return true;
}

/* The list of `what` in its order; for topics with why each one is there or not. */
static void expect_list(const struct play *p, const struct hy_yaml_node *expect, const char *key,
			const char *what, struct ids ids)
{
	hy_cleanup(hy_buf_fini) struct hy_buf is = HY_BUF(LIST_BYTES), why = HY_BUF(WHY_BYTES);
	const struct hy_yaml_node *expected = hy_yaml_get(expect, key);

	if (!expected)
		return;
	if (!hy_yaml_is_sequence(expected)) {
		hy_yaml_finding(expected, p->findings, "%s 应为列表，没有的写 []", key);
		return;
	}
	if (same_list(p, expected, ids))
		return;
	for (size_t i = 0; i < ids.count; i++)
		add_id(&is, ids.items[i]);
	for (size_t i = 0; ids.is_topics && i < hy_yaml_count(expected); i++) {
		struct hy_str id = present_id(p, hy_yaml_text(hy_yaml_item(expected, i)));

		if (!holds(ids, id))
			add_why(p, id, &why);
	}
	for (size_t i = 0; ids.is_topics && i < ids.count; i++)
		if (!names(p, expected, ids.items[i]))
			add_why(p, ids.items[i], &why);
	report(p, expected, what, hy_buf_str(&is), &why);
}

/* `because` are reasons, one a line, or empty. */
static void expect_text(const struct play *p, const struct hy_yaml_node *expected, const char *what,
			struct hy_str is, struct hy_str because)
{
	hy_cleanup(hy_buf_fini) struct hy_buf why = HY_BUF(WHY_BYTES);
	struct hy_str line;

	if (!expected || hy_str_eq(hy_yaml_text(expected), is))
		return;
	while (hy_str_next(&because, '\n', &line))
		if (line.n)
			hy_buf_addf(&why, "；%.*s", HY_STR_ARGS(line));
	report(p, expected, what, is, &why);
}

static void expect_topic(const struct play *p, const struct hy_yaml_node *expect,
			 const struct outcome *o)
{
	hy_cleanup(hy_buf_fini) struct hy_buf why = HY_BUF(WHY_BYTES);
	const struct hy_yaml_node *expected = hy_yaml_get(expect, "topic");
	struct hy_str first = o->alert->topic_count ? o->topics[0] : (struct hy_str){0};

	if (!expected || hy_str_eq(present_id(p, hy_yaml_text(expected)), first))
		return;
	add_why(p, present_id(p, hy_yaml_text(expected)), &why);
	if (first.n)
		add_why(p, first, &why);
	report(p, expected, "首要议题", first, &why);
}

static void expect_severity(const struct play *p, const struct hy_yaml_node *expect,
			    const struct outcome *o)
{
	const struct hy_yaml_node *expected = hy_yaml_get(expect, "severity");
	hy_cleanup(hy_buf_fini) struct hy_buf why = HY_BUF(WHY_BYTES);
	enum hy_severity wanted;

	if (!expected)
		return;
	if (!hy_severity_parse(hy_yaml_text(expected), &wanted)) {
		hy_yaml_finding(expected, p->findings,
				"级别 %.*s 不存在，应为 一般、较大、重大、特别重大 之一",
				HY_STR_ARGS(hy_yaml_text(expected)));
		return;
	}
	if (o->is_routed && o->alert->severity == wanted)
		return;
	for (size_t i = 0; i < o->alert->topic_count; i++)
		hy_buf_addf(&why, "；%.*s %s", HY_STR_ARGS(o->topics[i]),
			    hy_severity_title(o->alert->topics[i].severity));
	struct hy_str because = hy_buf_str(&o->correlated.because), line;

	while (hy_str_next(&because, '\n', &line))
		if (line.n)
			hy_buf_addf(&why, "；%.*s", HY_STR_ARGS(line));
	report(p, expected, "级别",
	       hy_str_of(o->is_routed ? hy_severity_title(o->alert->severity) : ""), &why);
}

static struct hy_str due_text(const struct play *p, const struct outcome *o, enum hy_ladder ladder,
			      char out[HY_RFC3339_BYTES])
{
	const struct hy_preset_use *use =
		o->is_routed ? hy_presets_use(p->rules->presets, o->topics[0],
					      o->alert->severity)
			     : NULL;

	if (!use || !use->ladder[ladder])
		return (struct hy_str){0};
	return hy_str_of(hy_wall_format(hy_preset_due(use->ladder[ladder], p->at, 100), out));
}

/* Each ladder that is named; the same moment may be written at another offset. */
static void expect_deadlines(const struct play *p, const struct hy_yaml_node *expect,
			     const struct outcome *o)
{
	const struct hy_yaml_node *map = hy_yaml_get(expect, "deadlines");
	const char *ladders[HY_LADDER_COUNT + 1] = {NULL};

	for (int i = 0; i < HY_LADDER_COUNT; i++)
		ladders[i] = hy_ladder_id((enum hy_ladder)i);
	if (!map)
		return;
	if (!hy_yaml_is_mapping(map)) {
		hy_yaml_finding(map, p->findings, "deadlines 应写成 {sign: 时间, answer: 时间}");
		return;
	}
	(void)hy_yaml_known_keys(map, ladders, p->findings);
	for (int i = 0; i < HY_LADDER_COUNT; i++) {
		char text[HY_RFC3339_BYTES];
		struct hy_str is = due_text(p, o, (enum hy_ladder)i, text);
		const struct hy_yaml_node *expected = hy_yaml_get(map, ladders[i]);
		struct hy_wall wanted, due;

		if (expected && hy_wall_parse(hy_yaml_text(expected), &wanted) &&
		    hy_wall_parse(is, &due) && wanted.ms == due.ms)
			continue;
		expect_text(p, expected, hy_ladder_title((enum hy_ladder)i), is, (struct hy_str){0});
	}
}

static void expect_units(const struct play *p, const struct hy_yaml_node *expect,
			 const struct outcome *o)
{
	const struct hy_routing *routing = &o->routing;
	struct hy_str none = {0}, assist[HY_ASSIST_MAX];
	struct hy_str because = o->is_routed ? hy_buf_str(&routing->because) : none;

	for (size_t i = 0; o->is_routed && i < routing->assist_count; i++)
		assist[i] = routing->assist[i]->id;
	expect_text(p, hy_yaml_get(expect, "lead"), "主办单位",
		    o->is_routed ? routing->lead->id : none, because);
	expect_list(p, expect, "assist", "协办单位",
		    (struct ids){assist, o->is_routed ? routing->assist_count : 0, false});
	expect_text(p, hy_yaml_get(expect, "supervisor"), "督办单位",
		    o->is_routed && routing->supervisor ? routing->supervisor->id : none, none);
}

/* ---- playing ---- */

static void route(const struct play *p, struct outcome *o)
{
	const struct hy_msg_alert *alert = o->alert;
	struct hy_routing_query query = {.topics = o->topics,
					 .topic_count = alert->topic_count,
					 .places = alert->places,
					 .place_count = alert->place_count,
					 .severity = alert->severity,
					 .at = p->at};

	struct hy_drafting drafting =
		hy_drafter_of_alert(p->rules->units, p->rules->policies, alert, p->at);

	if (drafting.policy) {
		query.drafters = &drafting.drafter;
		query.drafter_count = 1;
		query.policy = drafting.policy->title;
	}
	for (size_t i = 0; i < alert->topic_count; i++)
		o->topics[i] = alert->topics[i].topic;
	if (o->judged.outcome != HY_OUTCOME_ALERTED)
		return;
	hy_routing_decide(p->rules, &query, &o->routing);
	o->is_routed = true;
}

static bool read_document(const struct play *p, const struct hy_yaml_node *node, struct hy_msg *out)
{
	struct hy_msg_document *d = &out->as.document;

	if (hy_yaml_is_scalar(node)) {
		d->text = hy_yaml_text(node);
	} else if (hy_yaml_is_mapping(node) && hy_yaml_known_keys(node, document_keys, p->findings)) {
		(void)hy_yaml_read_text(node, "id", false, p->findings, &d->document);
		(void)hy_yaml_read_text(node, "title", false, p->findings, &d->title);
		(void)hy_yaml_read_text(node, "text", false, p->findings, &d->text);
		(void)hy_yaml_read_text(node, "region", false, p->findings, &d->region);
		(void)hy_yaml_read_text(node, "source", false, p->findings, &d->source);
		(void)hy_yaml_read_text(node, "outlet", false, p->findings, &d->outlet);
	}
	d->detected_at = p->at;
	if (d->title.n + d->text.n)
		return true;
	hy_yaml_finding(node, p->findings, "稿件应为一段文字或 {title: …, text: …, region: …}");
	return false;
}

/* A document without an id is one of its own: it goes by its text. */
static void name_document(struct hy_msg_document *d)
{
	if (d->document.n == 0)
		d->document = d->text.n ? d->text : d->title;
}

static void correlate(struct play *p, struct outcome *o)
{
	o->alert = &o->judged.alert;
	if (o->judged.outcome != HY_OUTCOME_ALERTED)
		return;
	hy_scenario_memory_correlate(&p->memory, p->scan->ruleset->topics, p->at, o->alert,
				     &o->correlated);
	hy_scenario_memory_add(&p->memory, o->alert, p->at);
	o->alert = &o->correlated.alert;
}

static void expect_all(const struct play *p, const struct hy_yaml_node *expect,
		       const struct outcome *o)
{
	expect_topic(p, expect, o);
	expect_list(p, expect, "topics", "议题",
		    (struct ids){o->topics, o->alert->topic_count, true});
	expect_severity(p, expect, o);
	expect_list(p, expect, "places", "地点",
		    (struct ids){o->alert->places, o->alert->place_count, false});
	expect_units(p, expect, o);
	expect_deadlines(p, expect, o);
}

/* What nothing is expected of is only told. */
static void play_document(struct play *p, const struct hy_yaml_node *node,
			  const struct hy_yaml_node *expect)
{
	struct hy_msg message = {.type = HY_MSG_DOCUMENT};
	struct outcome o = {.is_routed = false};
	struct hy_scan_result result;

	if (!read_document(p, node, &message))
		return;
	const struct hy_msg_document *d = &message.as.document;
	struct hy_scan_input input = {.title = d->title, .text = d->text, .region = d->region,
				      .source = d->source, .outlet = d->outlet, .at = p->at};

	if (hy_scan(p->scan->scanner, &input, &result)) {
		hy_yaml_finding(node, p->findings, "稿件太长");
		return;
	}
	name_document(&message.as.document);
	hy_judge(&message, &result, p->need_place, (struct hy_str){0}, &o.judged);
	correlate(p, &o);
	route(p, &o);
	if (expect)
		expect_all(p, expect, &o);
	hy_correlated_fini(&o.correlated);
	if (o.is_routed)
		hy_routing_fini(&o.routing);
}

static bool is_expectation(const struct play *p, const struct hy_yaml_node *expect,
			   const struct hy_yaml_node *at)
{
	if (expect && hy_yaml_is_mapping(expect) && hy_yaml_count(expect) > 0)
		return hy_yaml_known_keys(expect, expect_keys, p->findings);
	hy_yaml_finding(expect ? expect : at, p->findings, "情形没有写出应有的结果（expect）");
	return false;
}

/* One after another, each knowing those before; the time of a step is that of the next, too. */
static void play_step(struct play *p, const struct hy_yaml_node *step)
{
	const struct hy_yaml_node *expect, *document;

	if (!hy_yaml_is_mapping(step) || !hy_yaml_known_keys(step, step_keys, p->findings) ||
	    !hy_yaml_get(step, "document")) {
		hy_yaml_finding(step, p->findings, "每一步应写成 {at: …, document: …, expect: …}");
		return;
	}
	expect = hy_yaml_get(step, "expect");
	document = hy_yaml_get(step, "document");
	if (hy_yaml_get(step, "at"))
		(void)hy_yaml_read_wall(step, "at", p->findings, &p->at);
	if (!hy_wall_known(p->at))
		hy_yaml_finding(step, p->findings, "情形没有写明时间（at）");
	else if (!expect || is_expectation(p, expect, step))
		play_document(p, document, expect);
}

static void play_steps(struct play *p, const struct hy_yaml_node *steps)
{
	bool expects = false;

	for (size_t i = 0; i < hy_yaml_count(steps); i++) {
		const struct hy_yaml_node *step = hy_yaml_item(steps, i);

		expects = expects || (hy_yaml_is_mapping(step) && hy_yaml_get(step, "expect"));
		play_step(p, step);
	}
	if (expects)
		p->count++;
	else
		hy_yaml_finding(steps, p->findings, "情形没有写出应有的结果（expect）");
}

/* A document, or several with one outcome, each as if it were the only one. */
static void play_documents(struct play *p, const struct hy_yaml_node *documents,
			   const struct hy_yaml_node *expect)
{
	bool listed = hy_yaml_is_sequence(documents);

	p->count++;
	for (size_t i = 0; i < (listed ? hy_yaml_count(documents) : 1); i++) {
		hy_scenario_memory_clear(&p->memory);
		play_document(p, listed ? hy_yaml_item(documents, i) : documents, expect);
	}
}

static void play_content(struct play *p, const struct hy_yaml_node *node)
{
	const struct hy_yaml_node *one = hy_yaml_get(node, "document"),
				  *list = hy_yaml_get(node, "documents"),
				  *steps = hy_yaml_get(node, "steps"),
				  *expect = hy_yaml_get(node, "expect");

	if (!one + !list + !steps != 2 || (list && !hy_yaml_is_sequence(list)) ||
	    (steps && !hy_yaml_is_sequence(steps)))
		hy_yaml_finding(node, p->findings,
				"情形应有一篇 document、一列 documents 或一列 steps，三者取一");
	else if (steps && expect)
		hy_yaml_finding(expect, p->findings, "有 steps 的情形，结果写在各步的 expect 里");
	else if (steps)
		play_steps(p, steps);
	else if (!hy_wall_known(p->at))
		hy_yaml_finding(node, p->findings, "情形没有写明时间（at）");
	else if (is_expectation(p, expect, node))
		play_documents(p, one ? one : list, expect);
}

static void play_scenario(struct play *p, const struct hy_yaml_node *node)
{
	struct hy_wall preset = p->at;

	if (!hy_yaml_is_mapping(node) || !hy_yaml_known_keys(node, scenario_keys, p->findings)) {
		hy_yaml_finding(node, p->findings, "情形应写成 {name: …, document: …, expect: …}");
		return;
	}
	if (hy_yaml_get(node, "at"))
		(void)hy_yaml_read_wall(node, "at", p->findings, &p->at);
	hy_scenario_memory_clear(&p->memory);
	play_content(p, node);
	p->at = preset;
}

static void play_file(struct play *p, const struct hy_yaml_node *root, const char *path)
{
	const struct hy_yaml_node *list = NULL;

	if (root && hy_yaml_is_mapping(root) && hy_yaml_known_keys(root, file_keys, p->findings)) {
		list = hy_yaml_get(root, "scenarios");
		if (hy_yaml_get(root, "at"))
			(void)hy_yaml_read_wall(root, "at", p->findings, &p->at);
		(void)hy_yaml_read_bool(root, "need_place", p->findings, &p->need_place);
	}
	if (root && (!list || !hy_yaml_is_sequence(list)))
		hy_yaml_finding(root, p->findings, "%s 应有一列 scenarios", path);
	for (size_t i = 0; list && hy_yaml_is_sequence(list) && i < hy_yaml_count(list); i++)
		play_scenario(p, hy_yaml_item(list, i));
}

enum hy_err hy_rule_scenarios_play(const char *path, const struct hy_scan_rules *scan,
				   const struct hy_rule_set *rules, struct hy_findings *findings,
				   size_t *out_count)
{
	struct play p = {.scan = scan, .rules = rules, .findings = findings, .at = HY_WALL_NONE,
			 .need_place = true};
	struct hy_yaml *file = NULL;
	enum hy_err err = hy_yaml_open(path, NULL, findings, &file);

	if (err == HY_OK)
		play_file(&p, hy_yaml_root(file), path);
	hy_yaml_free(file);
	hy_scenario_memory_fini(&p.memory);
	*out_count = p.count;
	return err;
}
