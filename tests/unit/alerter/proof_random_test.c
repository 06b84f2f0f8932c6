/*
 * Random rule sets: one that passes the check sends every concern, at every moment, to one lead
 * that is in force, with somebody on duty and a limit; one with a hole planted in it does not
 * pass, and is told where.
 */
#include "alerter/proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "alerter/routing.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "tests/lib/rules_folder.h"

#define SETS 400
#define SOUND_AT_LEAST 120	/* of them, or the test looks at nothing */
#define QUERIES 250
#define UNITS_MAX 12
#define PLACES_MAX 7
#define TOPICS 6
#define ROWS_MAX 5
#define TEXT_BYTES 16384
#define DAY_MS (24LL * 3600 * 1000)

static const char *const role_names[] = {"labour", "housing", "environment", "civil"};
static const char *const severities[] = {"general", "considerable", "major", "critical"};

struct unit {
	int parent;			/* -1: none */
	unsigned roles;
	const char *valid;		/* "" or keys with a comma behind */
};

struct row {
	int topic, place, lead, assist;	/* -1: none */
	bool is_explicit;
	unsigned severity;		/* 4: all */
	const char *valid;
};

enum hole {
	HOLE_NONE, HOLE_NO_HOLDER, HOLE_TWO_HOLDERS, HOLE_FALLBACK_ENDS, HOLE_NO_SUPERVISOR,
	HOLE_LEAD_ENDED, HOLE_NO_SUCH_PLACE_UNIT, HOLE_PLACE_UNIT_ENDS, HOLE_SHORT_SEASON,
	HOLE_TWO_LEADS, HOLE_NIGHT, HOLE_NO_LIMIT, HOLE_NO_SUCH_PARENT, HOLE_PARENT_ENDS,
	HOLE_ASSIST_ENDS, HOLE_COUNT
};

struct config {
	struct unit units[UNITS_MAX];
	int unit_count;
	int place_parent[PLACES_MAX], place_unit[PLACES_MAX], place_count;
	int owner[TOPICS];
	struct row rows[ROWS_MAX];
	int row_count;
	int fallback, supervisor[HY_SEVERITY_COUNT];
	enum hole hole;
};

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

static int below(unsigned *seed, int n)
{
	return (int)(next_random(seed) % (unsigned)n);
}

/* ---- making one ---- */

static void make_units(struct config *c, unsigned *seed)
{
	c->unit_count = 5 + below(seed, 4);
	c->units[0] = (struct unit){.parent = -1, .valid = ""};
	for (int i = 1; i < c->unit_count; i++)
		c->units[i] = (struct unit){.parent = below(seed, i), .valid = ""};
	for (int role = 0; role < (int)HY_COUNT(role_names); role++)
		c->units[below(seed, c->unit_count)].roles |= 1u << role;
	/* A reform: who held a role hands it over to a unit that begins as it ends. */
	if (below(seed, 2)) {
		const char *const edges[][2] = {
			{"valid_to: 2027-03-01, ", "valid_from: 2027-03-01, "},
			{"valid_to: 2026-12-01T12:00:00+08:00, ",
			 "valid_from: 2026-12-01T12:00:00+08:00, "}};
		int which = below(seed, 2), old = c->unit_count++, new = c->unit_count++;

		c->units[old] = (struct unit){0, 1u << 3, edges[which][0]};
		c->units[new] = (struct unit){0, 1u << 3, edges[which][1]};
		for (int i = 0; i < old; i++)
			c->units[i].roles &= ~(1u << 3);
	}
}

static void make_row(struct config *c, unsigned *seed)
{
	static const char *const valid[] = {"", "", "", "valid_to: 2027-01-01, ",
					    "valid_from: 2027-01-01, "};
	struct row row = {.topic = below(seed, TOPICS + 2) - 1,
			  .place = below(seed, c->place_count + 2) - 1,
			  .lead = below(seed, c->unit_count), .assist = -1,
			  .is_explicit = below(seed, 4) == 0, .severity = 4,
			  .valid = valid[below(seed, (int)HY_COUNT(valid))]};

	if (row.topic >= TOPICS)
		row.topic = -1;
	if (row.place >= c->place_count)
		row.place = -1;
	if (row.topic < 0 && row.place < 0)
		row.place = 0;
	if (below(seed, 3) == 0)
		row.severity = (unsigned)below(seed, 4);
	if (below(seed, 2))
		row.assist = below(seed, c->unit_count);
	c->rows[c->row_count++] = row;
}

static void make(struct config *c, unsigned *seed)
{
	memset(c, 0, sizeof *c);
	make_units(c, seed);
	c->place_count = 2 + below(seed, PLACES_MAX - 2);
	for (int i = 0; i < c->place_count; i++) {
		c->place_parent[i] = i ? below(seed, i) : -1;
		c->place_unit[i] = below(seed, 3) ? below(seed, 5) : -1;
	}
	for (int i = 0; i < TOPICS; i++)
		c->owner[i] = below(seed, (int)HY_COUNT(role_names));
	for (int i = below(seed, ROWS_MAX); i > 0; i--)
		make_row(c, seed);
	c->fallback = below(seed, 5);
	for (int s = 0; s < HY_SEVERITY_COUNT; s++)
		c->supervisor[s] = below(seed, 5);
}

/* ---- writing it ---- */

static const char *unit_validity(const struct config *c, int i)
{
	int ended = c->hole == HOLE_FALLBACK_ENDS     ? c->fallback
		    : c->hole == HOLE_LEAD_ENDED      ? c->rows[0].lead
		    : c->hole == HOLE_ASSIST_ENDS     ? c->rows[0].assist
		    : c->hole == HOLE_PLACE_UNIT_ENDS ? c->place_unit[0]
		    : c->hole == HOLE_PARENT_ENDS     ? 0
						      : -1;

	return i == ended ? "valid_to: 2027-06-01, " : c->units[i].valid;
}

static void write_units(const struct config *c, struct hy_buf *out)
{
	hy_buf_add_c(out, "units:\n");
	for (int i = 0; i < c->unit_count; i++) {
		const struct unit *unit = &c->units[i];
		unsigned roles = unit->roles;
		bool listed = false;

		if (c->hole == HOLE_NO_HOLDER)
			roles &= ~(1u << c->owner[0]);
		if (c->hole == HOLE_TWO_HOLDERS)
			roles |= 1u << c->owner[0];
		hy_buf_addf(out, "  - {id: u%d, name: 单位%d, kind: %s, %s", i, i,
			    i ? "department" : "committee", unit_validity(c, i));
		if (c->hole == HOLE_NO_SUCH_PARENT && i == 1)
			hy_buf_add_c(out, "parent: u99, ");
		else if (unit->parent >= 0)
			hy_buf_addf(out, "parent: u%d, ", unit->parent);
		hy_buf_add_c(out, "roles: [");
		for (int r = 0; r < (int)HY_COUNT(role_names); r++) {
			if (!(roles & (1u << r)))
				continue;
			hy_buf_addf(out, "%s%s", listed ? ", " : "", role_names[r]);
			listed = true;
		}
		hy_buf_add_c(out, "]}\n");
	}
}

static void write_places(const struct config *c, struct hy_buf *out)
{
	hy_buf_add_c(out, "places:\n");
	for (int i = 0; i < c->place_count; i++) {
		hy_buf_addf(out, "  - {id: p%d, name: 甲乙地%d, evidence: {unique: true}", i, i);
		if (c->place_parent[i] >= 0)
			hy_buf_addf(out, ", parent: p%d", c->place_parent[i]);
		if (i == 0 && c->hole == HOLE_NO_SUCH_PLACE_UNIT)
			hy_buf_add_c(out, ", unit: u99");
		else if (c->place_unit[i] >= 0)
			hy_buf_addf(out, ", unit: u%d", c->place_unit[i]);
		hy_buf_add_c(out, "}\n");
	}
}

static void write_topics(const struct config *c, struct hy_buf *out)
{
	hy_buf_add_c(out, "topics:\n");
	for (int i = 0; i < TOPICS; i++)
		hy_buf_addf(out, "  - {id: t.%d, title: 议题%d, owner: %s}\n", i, i,
			    role_names[c->owner[i]]);
	/* A role that nobody holds, asked for between any two moments of the other files. */
	if (c->hole == HOLE_SHORT_SEASON)
		hy_buf_add_c(out, "  - {id: t.s, title: 季节, owner: finance,"
				  " valid_from: 2027-02-03, valid_to: 2027-02-04}\n");
}

static void write_row(const struct config *c, int number, int lead, struct hy_buf *out)
{
	const struct row *row = &c->rows[number];

	hy_buf_addf(out, "  - {id: r%d-%d, basis: 依据, lead: u%d, %s", number, lead, lead, row->valid);
	if (row->topic >= 0)
		hy_buf_addf(out, "topic: t.%d, ", row->topic);
	if (row->place >= 0)
		hy_buf_addf(out, "place: p%d, ", row->place);
	if (row->severity < 4)
		hy_buf_addf(out, "severity: %s, ", severities[row->severity]);
	if (row->assist >= 0)
		hy_buf_addf(out, "assist: u%d, ", row->assist);
	hy_buf_addf(out, "explicit: %s}\n", row->is_explicit ? "true" : "false");
}

static void write_routes(const struct config *c, struct hy_buf *out)
{
	hy_buf_addf(out, "fallback: u%d\nsupervisors: {", c->fallback);
	for (int s = 0; s < HY_SEVERITY_COUNT; s++) {
		if (c->hole != HOLE_NO_SUPERVISOR || s != 2)
			hy_buf_addf(out, "%s%s: u%d", s ? ", " : "", severities[s],
				    c->supervisor[s]);
	}
	hy_buf_addf(out, "}\nroutes:%s\n", c->row_count ? "" : " []");
	for (int i = 0; i < c->row_count; i++)
		write_row(c, i, c->rows[i].lead, out);
	if (c->hole == HOLE_TWO_LEADS)
		write_row(c, 0, (c->rows[0].lead + 1) % 5, out);
}

static void put(const struct test_rules *folder, const char *name, struct hy_buf *text)
{
	hy_buf_add_char(text, '\0');
	assert_int_equal(hy_buf_err(text), HY_OK);
	assert_true(test_rules_put(folder, name, text->p));
	hy_buf_clear(text);
}

static void write(const struct config *c, const struct test_rules *folder)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);

	write_units(c, &text);
	put(folder, "units.yaml", &text);
	write_places(c, &text);
	put(folder, "places.yaml", &text);
	write_topics(c, &text);
	put(folder, "topics/livelihood.yaml", &text);
	write_routes(c, &text);
	put(folder, "routes.yaml", &text);
	assert_true(test_rules_edit(folder, "roster.yaml", "from: \"17:30\", to: \"08:30\"",
				    c->hole == HOLE_NIGHT ? "from: \"17:30\", to: \"08:00\""
							  : "from: \"17:30\", to: \"08:30\""));
	assert_true(test_rules_edit(folder, "deadlines.yaml", "  - {use: [sign-2h, answer-48h]}",
				    c->hole == HOLE_NO_LIMIT
					    ? "  - {topic: t.1, use: [sign-2h, answer-48h]}"
					    : "  - {use: [sign-2h, answer-48h]}"));
}

/* ---- what must hold of a set that passes ---- */

static struct hy_wall monday(void)
{
	struct hy_wall at;

	assert_true(hy_wall_parse(HY_STR_LIT("2026-11-23T09:00:00+08:00"), &at));
	return at;
}

static bool in_force(const struct hy_unit *unit, struct hy_wall at)
{
	return unit && hy_validity_covers(&unit->valid, at);
}

/* Class by class as design and header say it, for at most one place; rows looked at one by one. */
static const struct hy_unit *naive_row(const struct hy_rule_set *rules,
				       const struct hy_routing_query *q, enum hy_route_class class)
{
	const struct hy_topic *topic = q->topic_count ? hy_topics_get(rules->topics, q->topics[0])
						      : NULL;

	for (size_t i = 0; i < rules->routes->count; i++) {
		const struct hy_route *row = &rules->routes->item[i];
		bool place_fits = !row->place.n ||
				  (q->place_count && hy_str_eq(row->place, q->places[0]));
		bool topic_fits = !row->topic.n || (topic && hy_str_eq(row->topic, topic->id));

		if (row->class == class && place_fits && topic_fits &&
		    (row->severities >> q->severity & 1) && hy_validity_covers(&row->valid, q->at))
			return row->lead;
	}
	return NULL;
}

static const struct hy_unit *naive_lead(const struct hy_rule_set *rules,
					const struct hy_routing_query *q)
{
	const struct hy_topic *topic = q->topic_count ? hy_topics_get(rules->topics, q->topics[0])
						      : NULL;
	const struct hy_place *place = q->place_count ? hy_places_get(rules->places, q->places[0])
						      : NULL;
	const struct hy_unit *unit = naive_row(rules, q, HY_ROUTE_EXPLICIT);
	enum hy_role role;

	if (!unit)
		unit = naive_row(rules, q, HY_ROUTE_TOPIC_PLACE);
	if (!unit)
		unit = naive_row(rules, q, HY_ROUTE_TOPIC);
	for (size_t i = 0; !unit && topic && i < rules->units->count; i++) {
		const struct hy_unit *holder = &rules->units->item[i];

		assert_true(hy_role_parse(topic->owner, &role));
		if ((holder->roles >> role & 1) && in_force(holder, q->at))
			unit = holder;
	}
	if (!unit)
		unit = naive_row(rules, q, HY_ROUTE_PLACE);
	for (; !unit && place; place = hy_places_get(rules->places, place->parent))
		unit = hy_units_get(rules->units, place->unit);
	return unit ? unit : rules->routes->fallback;
}

static void check_routing(const struct hy_rule_set *rules, const struct hy_routing_query *q)
{
	struct hy_str posts[HY_ROSTER_ON_DUTY_MAX];
	struct hy_routing r;

	hy_routing_decide(rules, q, &r);
	assert_true(in_force(r.lead, q->at));
	assert_true(r.because.n > 0);
	if (q->place_count < 2)
		assert_ptr_equal(r.lead, naive_lead(rules, q));
	assert_true(!r.supervisor || (r.supervisor != r.lead && in_force(r.supervisor, q->at)));
	for (size_t i = 0; i < r.assist_count; i++) {
		assert_true(r.assist[i] != r.lead && in_force(r.assist[i], q->at));
		for (size_t j = 0; j < i; j++)
			assert_ptr_not_equal(r.assist[i], r.assist[j]);
	}
	assert_non_null(hy_presets_use(rules->presets, q->topic_count ? q->topics[0]
								      : (struct hy_str){0},
				       q->severity));
	if (q->at.ms < monday().ms + HY_PROOF_ROSTER_DAYS * DAY_MS)
		for (int duty = 0; duty < HY_DUTY_COUNT; duty++)
			assert_true(hy_roster_who(rules->roster, r.lead, (enum hy_duty)duty, q->at,
						  posts) > 0);
	hy_routing_fini(&r);
}

static void check_cells(const struct config *c, const struct hy_rule_set *rules, unsigned *seed)
{
	for (int i = 0; i < QUERIES; i++) {
		struct hy_str topics[2], places[3];
		char names[5][8];
		/* Half of them within the days of the roster. */
		int64_t span = (i % 2 ? HY_PROOF_ROSTER_DAYS : HY_PROOF_ROUTES_DAYS) * DAY_MS;
		struct hy_routing_query q = {.topics = topics, .places = places,
					     .topic_count = (size_t)below(seed, 3),
					     .place_count = (size_t)below(seed, 4),
					     .severity = (enum hy_severity)below(seed, 4)};

		q.at = hy_wall_add_ms(monday(), (int64_t)next_random(seed) * span / 65536 +
							below(seed, 60000));
		if (q.at.ms >= monday().ms + span)
			q.at.ms = monday().ms + span - 1;
		for (size_t k = 0; k < q.topic_count; k++) {
			(void)snprintf(names[k], sizeof names[k], "t.%d", below(seed, TOPICS + 1));
			topics[k] = hy_str_of(names[k]);
		}
		for (size_t k = 0; k < q.place_count; k++) {
			(void)snprintf(names[2 + k], sizeof names[2 + k], "p%d",
				       below(seed, c->place_count));
			places[k] = hy_str_of(names[2 + k]);
		}
		check_routing(rules, &q);
	}
}

/* ---- holes ---- */

/* Each finding says in which file, line and column. */
static void check_findings(const struct hy_findings *findings)
{
	struct hy_str rest = hy_buf_str(&findings->text), line;

	while (hy_str_next(&rest, '\n', &line)) {
		struct hy_str file, row, column, all = line;
		int64_t n;

		if (!line.n)
			continue;
		if (!hy_str_next(&line, ':', &file) || !hy_str_ends(file, HY_STR_LIT(".yaml")) ||
		    !hy_str_next(&line, ':', &row) || !hy_str_to_int(row, 1, 100000, &n) ||
		    !hy_str_next(&line, ':', &column) || !hy_str_to_int(column, 1, 100000, &n))
			fail_msg("no place: %.*s", HY_STR_ARGS(all));
	}
}

/* Whether the hole can be planted in that set so that it is one. */
static bool fits(const struct config *c, enum hole hole)
{
	const struct row *row = &c->rows[0];
	bool has_row = c->row_count > 0;

	if (hole == HOLE_LEAD_ENDED)
		return has_row && !row->valid[0] && !c->units[row->lead].valid[0];
	if (hole == HOLE_ASSIST_ENDS)
		return has_row && row->assist >= 0 && !row->valid[0] &&
		       !c->units[row->assist].valid[0];
	if (hole == HOLE_PLACE_UNIT_ENDS)
		return c->place_unit[0] >= 0;
	if (hole == HOLE_TWO_LEADS)
		return has_row && (row->lead + 1) % 5 != row->assist;
	return true;
}

static enum hy_err load(const struct config *c, const struct test_rules *folder,
			struct hy_findings *findings, struct hy_rule_set **out)
{
	write(c, folder);
	return hy_rule_set_load_proved(folder->folder, monday(), findings, out);
}

static void plant_holes(const struct config *sound, const struct test_rules *folder,
			int planted[HOLE_COUNT])
{
	for (int hole = 1; hole < HOLE_COUNT; hole++) {
		struct config c = *sound;
		struct hy_rule_set *rules = NULL;
		struct hy_findings findings;

		if (!fits(&c, (enum hole)hole))
			continue;
		c.hole = (enum hole)hole;
		hy_findings_init(&findings);
		if (load(&c, folder, &findings, &rules) != HY_ERR_MALFORMED)
			fail_msg("hole %d passed the check in %s", hole, folder->folder);
		check_findings(&findings);
		hy_findings_fini(&findings);
		planted[hole]++;
	}
}

static void passed_sets_route_every_cell(void **state)
{
	unsigned seed = 20261124;
	int sound = 0, planted[HOLE_COUNT] = {0};
	struct test_rules folder;

	(void)state;
	assert_true(test_rules_make(&folder));
	for (int i = 0; i < SETS; i++) {
		struct hy_rule_set *rules = NULL;
		struct hy_findings findings;
		struct config c;

		make(&c, &seed);
		hy_findings_init(&findings);
		if (load(&c, &folder, &findings, &rules) == HY_OK) {
			check_cells(&c, rules, &seed);
			if (++sound % 4 == 0)
				plant_holes(&c, &folder, planted);
		} else {
			check_findings(&findings);
		}
		hy_findings_fini(&findings);
		hy_rule_set_free(rules);
	}
	test_rules_remove(&folder);
	print_message("%d of %d sets passed the check\n", sound, SETS);
	assert_true(sound >= SOUND_AT_LEAST);
	for (int hole = 1; hole < HOLE_COUNT; hole++)
		assert_true(planted[hole] > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(passed_sets_route_every_cell)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
