/* What was counted is told once, in parts that a message can hold, and outlives its rules. */
#include "analyzer/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"

#define TOPICS_BYTES (1u << 20)
#define NOW ((struct hy_wall){1795492800000})

struct world {
	struct hy_fold_table *table;
	struct hy_ruleset *ruleset;
	struct hy_scanner *scanner;
	struct hy_tally tally;
};

/* Topics t0, t1 ..., all of which the word 处处 sets off, and one that 雨 does. */
static void compile(struct world *w, int count)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TOPICS_BYTES);
	struct hy_findings findings;
	struct hy_error e = {0};

	if (!w->table)
		assert_int_equal(hy_fold_table_new(&w->table, &e), HY_OK);
	hy_scanner_free(w->scanner);
	hy_ruleset_free(w->ruleset);
	hy_buf_add_c(&text, "- {id: rain, title: 雨, owner: office, match: {any: [雨]}}\n");
	for (int i = 0; i < count; i++)
		hy_buf_addf(&text, "- {id: t%d, title: 题, owner: office, match: {any: [处处]}}\n", i);
	const struct hy_rules_text file = {"a.yaml", hy_buf_str(&text)};
	const struct hy_str places = HY_STR_LIT("places: [{id: a, name: 甲区, unique: true}]");

	hy_findings_init(&findings);
	struct hy_topics *topics = hy_topics_parse(&file, 1, NULL, &findings);
	w->ruleset = hy_ruleset_compile(topics, hy_places_parse(places, "p", &findings), w->table,
					&findings);
	hy_findings_fini(&findings);
	assert_int_equal(w->ruleset->count, count + 1);
	w->scanner = hy_scanner_new(w->ruleset);
	hy_tally_use(&w->tally, w->ruleset);
}

static int setup(void **state)
{
	struct world *w = hy_xcalloc(1, sizeof *w);
	struct hy_error e = {0};

	*state = w;
	return hy_tally_init(&w->tally, &e) == HY_OK ? 0 : -1;
}

static int teardown(void **state)
{
	struct world *w = *state;

	hy_tally_fini(&w->tally);
	hy_scanner_free(w->scanner);
	hy_ruleset_free(w->ruleset);
	hy_fold_table_free(w->table);
	free(w);
	return 0;
}

static void judge(struct world *w, const char *text, bool alerted)
{
	const struct hy_scan_input input = {.text = hy_str_of(text), .at = NOW};
	struct hy_scan_result result;

	assert_int_equal(hy_scan(w->scanner, &input, &result), HY_OK);
	hy_tally_count(&w->tally, &result, alerted);
}

static void each_is_told_once(void **state)
{
	struct world *w = *state;
	struct hy_msg m;
	char first[HY_ID_DIGITS + 1];

	compile(w, 1);
	hy_tally_close(&w->tally, NOW);
	assert_false(hy_tally_next(&w->tally, &m));
	judge(w, "处处有雨", true);
	judge(w, "雨", false);
	judge(w, "晴", false);
	assert_false(hy_tally_next(&w->tally, &m));
	hy_tally_close(&w->tally, NOW);
	/* What is judged while it waits belongs to the next. */
	judge(w, "雨", false);
	assert_true(hy_tally_next(&w->tally, &m));
	(void)snprintf(first, sizeof first, "%.*s", HY_STR_ARGS(m.id));
	assert_int_equal(m.as.tally.documents, 3);
	assert_int_equal(m.as.tally.alerted, 1);
	assert_int_equal(m.as.tally.at.ms, NOW.ms);
	assert_int_equal(m.as.tally.share_count, 2);
	assert_int_equal(m.as.tally.shares[0].documents, 2);
	assert_int_equal(m.as.tally.shares[1].documents, 1);
	hy_tally_told(&w->tally);
	assert_false(hy_tally_next(&w->tally, &m));
	hy_tally_close(&w->tally, NOW);
	assert_true(hy_tally_next(&w->tally, &m));
	assert_int_equal(m.as.tally.documents, 1);
	assert_int_equal(m.as.tally.share_count, 1);
	assert_false(hy_str_eq_c(m.id, first));
}

/* More topics than a message holds: further messages without documents, each with its own id. */
static void many_topics_are_told_in_parts(void **state)
{
	struct world *w = *state;
	size_t parts = 0, shares = 0, documents = 0;
	char ids[4][HY_ID_DIGITS + 1];
	struct hy_msg m;

	compile(w, HY_MSG_SHARES_MAX + 5);
	judge(w, "处处", false);
	hy_tally_close(&w->tally, NOW);
	/* The rules go before the parts are told. */
	compile(w, 1);
	for (; hy_tally_next(&w->tally, &m); hy_tally_told(&w->tally)) {
		struct hy_frames frames;
		struct hy_error e = {0};

		assert_int_equal(hy_msg_encode(&m, &frames, &e), HY_OK);
		hy_frames_fini(&frames);
		assert_true(parts < HY_COUNT(ids));
		(void)snprintf(ids[parts], sizeof ids[parts], "%.*s", HY_STR_ARGS(m.id));
		for (size_t i = 0; i < parts; i++)
			assert_string_not_equal(ids[i], ids[parts]);
		parts++;
		shares += m.as.tally.share_count;
		documents += (size_t)m.as.tally.documents;
	}
	assert_int_equal(parts, 2);
	assert_int_equal(shares, HY_MSG_SHARES_MAX + 5);
	assert_int_equal(documents, 1);
}

static void two_processes_have_ids_of_their_own(void **state)
{
	struct world *w = *state;
	struct hy_tally other;
	struct hy_error e = {0};

	assert_int_equal(hy_tally_init(&other, &e), HY_OK);
	assert_string_not_equal(other.sender.hex, w->tally.sender.hex);
	hy_tally_fini(&other);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_is_told_once),
		TEST(many_topics_are_told_in_parts),
		TEST(two_processes_have_ids_of_their_own),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
