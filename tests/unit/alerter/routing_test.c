/* Who leads, who assists, who supervises, and why: one row a case. */
#include "alerter/routing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/rules_folder.h"

#define LIST_MAX 4

struct row {
	const char *topics[LIST_MAX], *places[LIST_MAX];
	enum hy_severity severity;
	const char *lead, *assist, *supervisor;
	enum hy_route_class class;
	const char *because;		/* must stand in the reasons */
};

static const struct row rows[] = {
	/* 谁主管、谁负责; the street of the place assists. */
	{{"wages.arrears"}, {"east"}, HY_SEVERITY_GENERAL, "welfare", "east-street", "office",
	 HY_ROUTE_TOPIC, "谁主管、谁负责"},
	{{"wages.arrears"}, {NULL}, HY_SEVERITY_GENERAL, "welfare", "", "office", HY_ROUTE_TOPIC,
	 "保障部"},
	/* The district around everything has nothing to add. */
	{{"wages.arrears"}, {"district"}, HY_SEVERITY_GENERAL, "welfare", "", "office",
	 HY_ROUTE_TOPIC, "保障部"},
	/* Topic and place together are stronger than the topic. */
	{{"site.noise"}, {"east"}, HY_SEVERITY_GENERAL, "east-street", "building", "office",
	 HY_ROUTE_TOPIC_PLACE, "noise-east"},
	{{"site.noise"}, {"west"}, HY_SEVERITY_GENERAL, "building", "west-street", "office",
	 HY_ROUTE_TOPIC, "住房物业"},
	{{"site.noise"}, {"west", "east"}, HY_SEVERITY_GENERAL, "east-street",
	 "building west-street", "office", HY_ROUTE_TOPIC_PLACE, "东街街道"},
	/* A row of the topic only where the severity is asked for. */
	{{"water.pollution"}, {NULL}, HY_SEVERITY_CRITICAL, "office", "ecology", "committee",
	 HY_ROUTE_TOPIC, "water-grave"},
	{{"water.pollution"}, {NULL}, HY_SEVERITY_MAJOR, "ecology", "", "committee",
	 HY_ROUTE_TOPIC, "生态机构"},
	/* Explicit orders beat everything. */
	{{"housing.quality"}, {"west-park"}, HY_SEVERITY_GENERAL, "committee", "west-street",
	 "office", HY_ROUTE_EXPLICIT, "明确指定“order”"},
	{{"housing.quality"}, {"west"}, HY_SEVERITY_GENERAL, "building", "west-street", "office",
	 HY_ROUTE_TOPIC, "建设部"},
	/* 属地管理: only the place is known; a park belongs to its street. */
	{{"no.such"}, {"west-park"}, HY_SEVERITY_GENERAL, "west-street", "", "office",
	 HY_ROUTE_PLACE, "属地管理"},
	{{NULL}, {"west"}, HY_SEVERITY_GENERAL, "west-street", "", "office", HY_ROUTE_PLACE,
	 "属地管理"},
	{{NULL}, {"west", "west-park"}, HY_SEVERITY_GENERAL, "west-street", "", "office",
	 HY_ROUTE_PLACE, "属地管理"},
	{{NULL}, {"district", "west"}, HY_SEVERITY_GENERAL, "west-street", "", "office",
	 HY_ROUTE_PLACE, "西街街道"},
	/* Several places: the common superior of their units leads, and they assist. */
	{{NULL}, {"west", "east"}, HY_SEVERITY_GENERAL, "committee", "west-street east-street",
	 "office", HY_ROUTE_PLACE,
	 "涉及多个单位：“西街街道”属西街街道办，“东街街道”属东街街道办；由其共同上级管委会主办"},
	{{NULL}, {"west-park", "west", "east"}, HY_SEVERITY_MAJOR, "committee",
	 "west-street east-street", "office", HY_ROUTE_PLACE, "由综合部督办"},
	/* Rows for several places that name several units are treated alike. */
	{{"housing.quality"}, {"north", "east"}, HY_SEVERITY_GENERAL, "committee",
	 "office east-street ecology", "office", HY_ROUTE_TOPIC_PLACE, "属东街街道办（路由“quality-east”）"},
	{{"housing.quality"}, {"south", "north"}, HY_SEVERITY_GENERAL, "committee", "office ecology",
	 "office", HY_ROUTE_TOPIC_PLACE, "由其共同上级管委会主办"},
	{{"housing.quality"}, {"west", "east"}, HY_SEVERITY_GENERAL, "east-street",
	 "ecology west-street", "office", HY_ROUTE_TOPIC_PLACE, "“quality-east”"},
	/* Without a superior the coordinating office stands above them. */
	{{NULL}, {"island", "east"}, HY_SEVERITY_GENERAL, "office", "alien east-street",
	 "committee", HY_ROUTE_PLACE, "没有共同上级"},
	/* A place whose unit is no more belongs to the unit around it. */
	{{NULL}, {"south"}, HY_SEVERITY_GENERAL, "office", "", "committee", HY_ROUTE_PLACE,
	 "“南街”由综合部管辖"},
	/* Nothing known: the fallback, and nobody supervises himself. */
	{{NULL}, {NULL}, HY_SEVERITY_GENERAL, "office", "", "committee", HY_ROUTE_FALLBACK, "兜底"},
	{{"no.such"}, {"mars"}, HY_SEVERITY_CRITICAL, "office", "", "committee",
	 HY_ROUTE_FALLBACK, "没有议题“no.such”"},
	{{"no.such"}, {"mars"}, HY_SEVERITY_CRITICAL, "office", "", "committee",
	 HY_ROUTE_FALLBACK, "没有在用的地点“mars”"},
	/* Further topics: their owners assist. */
	{{"wages.arrears", "site.noise", "no.such"}, {NULL}, HY_SEVERITY_GENERAL, "welfare",
	 "building", "office", HY_ROUTE_TOPIC, "还涉及议题“工地噪声”"},
	/* A place that is no more counts as the one around it. */
	{{NULL}, {"old"}, HY_SEVERITY_GENERAL, "west-street", "", "office", HY_ROUTE_PLACE,
	 "西街街道"},
};

struct fixture {
	struct test_rules folder;
	struct hy_rule_set *rules;
};

static int set_up(void **state)
{
	static struct fixture f;
	struct hy_findings findings;
	enum hy_err err;

	*state = &f;
	if (!test_rules_make(&f.folder) ||
	    !test_rules_edit(&f.folder, "places.yaml", "  - {id: west-park",
			     "  - {id: old, name: 老街街道, parent: west, unit: east-street,"
			     " valid_to: 2020-01-01, evidence: {unique: true}}\n"
			     "  - {id: north, name: 北街, parent: district, evidence: {unique: true}}\n"
			     "  - {id: south, name: 南街, parent: district, unit: former,"
			     " evidence: {unique: true}}\n"
			     "  - {id: island, name: 飞地, unit: alien, evidence: {unique: true}}\n"
			     "  - {id: west-park") ||
	    !test_rules_edit(&f.folder, "units.yaml", "units:\n",
			     "units:\n"
			     "  - {id: alien, name: 外区, kind: street}\n"
			     "  - {id: former, name: 旧部, kind: department, valid_to: 2020-01-01}\n") ||
	    !test_rules_edit(&f.folder, "routes.yaml", "routes:\n",
			     "routes:\n"
			     "  - {id: order, explicit: true, topic: \"housing.*\","
			     " place: west-park, lead: committee, basis: 会议纪要}\n"
			     "  - {id: water-grave, topic: water.pollution, severity: critical,"
			     " lead: office, assist: [ecology], basis: 应急预案}\n"
			     "  - {id: quality-east, topic: housing.quality, place: east,"
			     " lead: east-street, assist: [ecology], basis: 协议}\n"
			     "  - {id: quality-north, topic: housing.quality, place: north,"
			     " lead: office, basis: 协议}\n"
			     "  - {id: quality-south, topic: housing.quality, place: south,"
			     " lead: committee, assist: [ecology], basis: 协议}\n"))
		return -1;
	hy_findings_init(&findings);
	err = hy_rule_set_load(f.folder.folder, &findings, &f.rules);
	if (err)
		print_error("%s", findings.text.p ? findings.text.p : "?");
	hy_findings_fini(&findings);
	return err ? -1 : 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	hy_rule_set_free(f->rules);
	test_rules_remove(&f->folder);
	return 0;
}

static void join_assists(const struct hy_routing *routing, char *out, size_t out_bytes)
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < routing->assist_count && n < out_bytes; i++)
		n += (size_t)snprintf(out + n, out_bytes - n, "%s%.*s", i ? " " : "",
				      HY_STR_ARGS(routing->assist[i]->id));
}

static void check_row(const struct hy_rule_set *rules, const struct row *row, size_t number)
{
	struct hy_str topics[LIST_MAX], places[LIST_MAX];
	struct hy_routing_query query = {.topics = topics, .places = places,
					 .severity = row->severity};
	struct hy_routing routing;
	char assist[256];

	assert_true(hy_wall_parse(HY_STR_LIT("2026-11-23T09:00:00+08:00"), &query.at));
	for (size_t i = 0; i < LIST_MAX && row->topics[i]; i++)
		topics[query.topic_count++] = hy_str_of(row->topics[i]);
	for (size_t i = 0; i < LIST_MAX && row->places[i]; i++)
		places[query.place_count++] = hy_str_of(row->places[i]);
	hy_routing_decide(rules, &query, &routing);
	join_assists(&routing, assist, sizeof assist);
	if (!hy_str_eq_c(routing.lead->id, row->lead) || strcmp(assist, row->assist) != 0 ||
	    !hy_str_eq_c(routing.supervisor->id, row->supervisor) ||
	    routing.class != row->class || !strstr(routing.because.p, row->because))
		fail_msg("row %zu: lead %.*s, assist \"%s\", supervisor %.*s, class %d\n%s", number,
			 HY_STR_ARGS(routing.lead->id), assist,
			 HY_STR_ARGS(routing.supervisor->id), (int)routing.class,
			 routing.because.p);
	hy_routing_fini(&routing);
}

static void each_row(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < HY_COUNT(rows); i++)
		check_row(f->rules, &rows[i], i);
}

/* ---- 谁起草谁解读 ---- */

static void expect(const struct hy_rule_set *rules, const struct hy_routing_query *query,
		   const char *lead, const char *assist, const char *because)
{
	struct hy_routing routing;
	char found[256];

	hy_routing_decide(rules, query, &routing);
	join_assists(&routing, found, sizeof found);
	if (!hy_str_eq_c(routing.lead->id, lead) || strcmp(found, assist) != 0 ||
	    !strstr(routing.because.p, because))
		fail_msg("lead %.*s, assist \"%s\"\n%s", HY_STR_ARGS(routing.lead->id), found,
			 routing.because.p);
	hy_routing_fini(&routing);
}

static void drafter_answers_for_policy(void **state)
{
	struct fixture *f = *state;
	const struct hy_unit *drafters[] = {
		hy_units_get(f->rules->units, HY_STR_LIT("former")),
		hy_units_get(f->rules->units, HY_STR_LIT("building")),
		hy_units_get(f->rules->units, HY_STR_LIT("welfare"))};
	struct hy_str topic = HY_STR_LIT("site.noise"), place = HY_STR_LIT("east");
	struct hy_routing_query query = {.topics = &topic, .topic_count = 1, .places = &place,
					 .place_count = 1, .drafters = drafters + 1,
					 .drafter_count = 2, .policy = HY_STR_LIT("限价办法")};

	assert_true(hy_wall_parse(HY_STR_LIT("2026-11-23T09:00:00+08:00"), &query.at));
	/* Before the row of the topic and the place; those who drafted with it assist. */
	expect(f->rules, &query, "building", "welfare east-street",
	       "针对建设部起草的政策《限价办法》（谁起草谁解读），由其主办");
	/* A drafter that is no more is passed over. */
	query.drafters = drafters;
	query.drafter_count = 3;
	expect(f->rules, &query, "building", "welfare east-street", "建设部起草");
	query.drafter_count = 1;
	expect(f->rules, &query, "east-street", "building", "noise-east");
	/* An explicit order stands before it; the drafter assists. */
	topic = HY_STR_LIT("housing.quality");
	place = HY_STR_LIT("west-park");
	query.drafters = drafters + 1;
	expect(f->rules, &query, "committee", "building west-street", "由建设部起草，由其协办");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_row),
					   cmocka_unit_test(drafter_answers_for_policy)};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
