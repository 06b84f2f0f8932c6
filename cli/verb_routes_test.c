/* `huiying routes test`: who would answer for a concern, and whether that is who should. */
#include <stdio.h>
#include <string.h>

#include "alerter/drafter.h"
#include "alerter/routing.h"
#include "cli/alerter_access.h"
#include "cli/config_file.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "cli/verb_routes.h"
#include "common/base/mem.h"

#define WORDS_MAX 64

/* The concern as the command line puts it. */
struct concern {
	struct hy_str topics[WORDS_MAX], places[WORDS_MAX];
	size_t topic_count, place_count;
	struct hy_str policy;
	enum hy_severity severity;
	bool severity_given;
};

struct expected {
	const char *lead, *assist, *supervisor, *class;
};

static bool add_word(struct hy_str word, struct hy_str *words, size_t *count)
{
	if (!word.n || *count == WORDS_MAX)
		return false;
	words[(*count)++] = word;
	return true;
}

/* "topic=…", "place=…", "severity=…" or "policy=…"; the first two as often as wanted. */
static bool read_word(const char *operand, struct concern *out)
{
	struct hy_str value = hy_str_of(operand), key;

	if (!strchr(operand, '='))
		return false;
	(void)hy_str_next(&value, '=', &key);
	if (hy_str_eq_c(key, "topic"))
		return add_word(value, out->topics, &out->topic_count);
	if (hy_str_eq_c(key, "place"))
		return add_word(value, out->places, &out->place_count);
	if (hy_str_eq_c(key, "policy"))
		out->policy = value;
	else if (hy_str_eq_c(key, "severity"))
		out->severity_given = hy_severity_parse(value, &out->severity);
	return hy_str_eq_c(key, "policy") ? value.n > 0
					  : hy_str_eq_c(key, "severity") && out->severity_given;
}

/* A word that no rule knows is a slip of the pen rather than a question. */
static bool is_known(const struct hy_rule_set *rules, const struct concern *c)
{
	bool known = true;

	for (size_t i = 0; i < c->topic_count; i++) {
		if (hy_topics_get(rules->topics, c->topics[i]))
			continue;
		(void)fprintf(stderr, "规则中没有议题“%.*s”\n", HY_STR_ARGS(c->topics[i]));
		known = false;
	}
	for (size_t i = 0; i < c->place_count; i++) {
		if (hy_places_get(rules->places, c->places[i]))
			continue;
		(void)fprintf(stderr, "规则中没有地点“%.*s”\n", HY_STR_ARGS(c->places[i]));
		known = false;
	}
	if (c->policy.n && !hy_policies_get(rules->policies, c->policy)) {
		(void)fprintf(stderr, "规则中没有政策“%.*s”\n", HY_STR_ARGS(c->policy));
		known = false;
	}
	return known;
}

static void decide(const struct hy_rule_set *rules, const struct concern *c, struct hy_wall at,
		   struct hy_routing *out)
{
	const struct hy_policy *policy = hy_policies_get(rules->policies, c->policy);
	const struct hy_unit *drafter = policy ? hy_drafter_of(rules->units, policy, at) : NULL;
	const struct hy_topic *topic =
		c->topic_count ? hy_topics_get(rules->topics, c->topics[0]) : NULL;
	struct hy_routing_query query = {.topics = c->topics, .topic_count = c->topic_count,
					 .places = c->places, .place_count = c->place_count,
					 .drafters = &drafter, .drafter_count = drafter != NULL,
					 .policy = policy ? policy->title : (struct hy_str){0},
					 .severity = c->severity, .at = at};

	if (!c->severity_given)
		query.severity = topic ? topic->severity : HY_SEVERITY_GENERAL;
	hy_routing_decide(rules, &query, out);
}

static void print_unit(const char *what, const struct hy_unit *unit)
{
	if (!unit)
		return;
	(void)printf("%s %.*s %.*s", what, HY_STR_ARGS(unit->id), HY_STR_ARGS(unit->name));
	if (unit->phone.n)
		(void)printf(" 值班电话 %.*s", HY_STR_ARGS(unit->phone));
	(void)printf("\n");
}

static void print_decision(const struct hy_routing *routing)
{
	print_unit("主办", routing->lead);
	for (size_t i = 0; i < routing->assist_count; i++)
		print_unit("协办", routing->assist[i]);
	print_unit("督办", routing->supervisor);
	(void)printf("%.*s", HY_STR_ARGS(hy_buf_str(&routing->because)));
}

static bool is_unit(const struct hy_unit *unit, struct hy_str name)
{
	return unit && (hy_str_eq(unit->id, name) || hy_str_eq(unit->name, name));
}

static bool verify_unit(const char *what, const char *expected, const struct hy_unit *unit)
{
	if (!expected || is_unit(unit, hy_str_of(expected)))
		return true;
	(void)printf("不符：%s应为 %s，实为 %.*s\n", what, expected,
		     HY_STR_ARGS(unit ? unit->id : HY_STR_LIT("无")));
	return false;
}

/* "a,b" in any order; "" for none. */
static bool verify_assists(const char *expected, const struct hy_routing *routing)
{
	struct hy_str rest = hy_str_of(expected), name;
	size_t named = 0, found = 0;

	if (!expected)
		return true;
	while (hy_str_next(&rest, ',', &name)) {
		if (!name.n)
			continue;
		named++;
		for (size_t i = 0; i < routing->assist_count; i++)
			found += is_unit(routing->assist[i], name);
	}
	if (named == routing->assist_count && found == named)
		return true;
	(void)printf("不符：协办应为 %s，实为", expected[0] ? expected : "无");
	for (size_t i = 0; i < routing->assist_count; i++)
		(void)printf("%s%.*s", i ? "," : " ", HY_STR_ARGS(routing->assist[i]->id));
	(void)printf("%s\n", routing->assist_count ? "" : " 无");
	return false;
}

static bool verify(const struct expected *expected, const struct hy_routing *routing)
{
	bool good = verify_unit("主办", expected->lead, routing->lead);

	good &= verify_assists(expected->assist, routing);
	good &= verify_unit("督办", expected->supervisor, routing->supervisor);
	if (expected->class && strcmp(expected->class, hy_route_class_id(routing->class)) != 0) {
		(void)printf("不符：依据应为 %s，实为 %s\n", expected->class,
			     hy_route_class_id(routing->class));
		good = false;
	}
	return good;
}

static bool class_is_known(const char *id)
{
	for (int i = 0; id && i < HY_ROUTE_CLASS_COUNT; i++) {
		if (strcmp(id, hy_route_class_id((enum hy_route_class)i)) == 0)
			return true;
	}
	return !id;
}

static int run(const char *dir, const struct concern *concern, struct hy_wall at,
	       const struct expected *expected)
{
	hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *rules = hy_cli_rules_load(dir);
	struct hy_routing routing;
	bool good;

	if (!rules)
		return HY_EXIT_FAILURE;
	if (!is_known(rules, concern))
		return HY_EXIT_USAGE;
	decide(rules, concern, at, &routing);
	print_decision(&routing);
	good = verify(expected, &routing);
	hy_routing_fini(&routing);
	return good ? HY_EXIT_OK : HY_EXIT_FINDINGS;
}

int hy_verb_routes_test(int argc, char **argv)
{
	const char *rules_dir = NULL, *at_text = NULL;
	struct expected expected = {0};
	const struct hy_option options[] = {
		{"--rules", "DIR", &rules_dir, NULL, "rules folder (./rules, else the installed one)"},
		{"--at", "TIME", &at_text, NULL, "moment of the assignment (default: now)"},
		{"--verify.lead", "UNIT", &expected.lead, NULL, "who should lead: an id or a name"},
		{"--verify.assist", "UNITS", &expected.assist, NULL,
		 "who should assist, separated by commas; empty for none"},
		{"--verify.supervisor", "UNIT", &expected.supervisor, NULL, "who should supervise"},
		{"--verify.class", "CLASS", &expected.class, NULL,
		 "what should decide: explicit, policy, topic-place, topic, place or fallback"},
	};
	const struct hy_usage usage = {
		"routes test [--rules DIR] [--at TIME] [--verify.lead UNIT] ... WORD...",
		"WORD is topic=ID, place=ID (each may stand more than once), severity=ID or policy=ID.\n"
		"Prints who would lead, assist and supervise, and why. Exit 1 where that differs from\n"
		"what --verify... asks for.",
		options, HY_COUNT(options)};
	struct concern concern = {.severity = HY_SEVERITY_GENERAL};
	struct hy_wall at;
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	for (int i = 1; i <= operands; i++) {
		if (!read_word(argv[i], &concern))
			return hy_usage_error(&usage, "not a WORD");
	}
	if (!class_is_known(expected.class))
		return hy_usage_error(&usage, "there is no such CLASS");
	if (!hy_cli_time(at_text, &at))
		return HY_EXIT_USAGE;
	return run(hy_cli_rules_dir(rules_dir), &concern, at, &expected);
}
