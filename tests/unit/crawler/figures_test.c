/* Figures: every page and version is counted once, under its state. */
#include "crawler/figures.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/crawler/store_fixture.h"

struct figures {
	struct {
		char name[64];
		int64_t value;
	} items[32];
	size_t count;
};

static void keep(void *ctx, const char *name, int64_t value)
{
	struct figures *figures = ctx;

	assert_true(figures->count < HY_COUNT(figures->items));
	(void)snprintf(figures->items[figures->count].name, sizeof figures->items[0].name, "%s",
		       name);
	figures->items[figures->count++].value = value;
}

static int64_t figure(const struct figures *figures, const char *name)
{
	for (size_t i = 0; i < figures->count; i++)
		if (strcmp(figures->items[i].name, name) == 0)
			return figures->items[i].value;
	fail_msg("no figure %s", name);
	return -1;
}

static void run_sql(struct store_fixture *f, const char *sql)
{
	struct hy_error e = {0};

	if (hy_query_run(hy_store_query(f->store, sql), NULL, &e) != HY_OK)
		fail_msg("%s: %s", sql, e.text);
}

/* As many pages of a state as its place says: a figure under another's name shows. */
static void add_pages(struct store_fixture *f)
{
	static const char *const states[] = {"queued", "leased", "revisit", "done", "failed"};

	for (size_t s = 0; s < HY_COUNT(states); s++)
		for (size_t i = 0; i <= s; i++) {
			char sql[300];

			(void)snprintf(sql, sizeof sql,
				       "INSERT INTO frontier (id, url, host, source, title, found_at,"
				       " state, next_at) VALUES ('%s%zu', 'u', 'h', 's', '', 0, '%s', 0)",
				       states[s], i, states[s]);
			run_sql(f, sql);
		}
}

static void read_all(struct store_fixture *f, struct figures *out)
{
	struct hy_error e = {0};

	if (hy_figures_read(f->store, (struct hy_wall){1000}, keep, out, &e) != HY_OK)
		fail_msg("figures: %s", e.text);
}

static void an_empty_store_has_all_figures(void **state)
{
	static const char *const names[] = {
		"documents_pending", "documents_judged", "frontier_queued", "frontier_leased",
		"frontier_revisit", "frontier_done", "frontier_failed", "sources_total",
		"sources_failing", "sources_silent", "hosts_paused",
	};
	struct store_fixture *f = *state;
	struct figures figures = {.count = 0};

	read_all(f, &figures);
	assert_int_equal(figures.count, HY_COUNT(names));
	for (size_t i = 0; i < HY_COUNT(names); i++)
		assert_int_equal(figure(&figures, names[i]), 0);
}

static void each_row_counts_under_its_state(void **state)
{
	struct store_fixture *f = *state;
	struct figures figures = {.count = 0};

	add_pages(f);
	run_sql(f, "INSERT INTO document (id, url, source, region, first_seen_at, last_seen_at)"
		   " VALUES ('d', 'u', 's', '', 0, 0)");
	run_sql(f, "INSERT INTO version (id, document, title, text, outlet, detected_at, kind,"
		   " charset, raw_sha256, flags, state, holder, outcome) VALUES"
		   " ('a', 'd', '', '', '', 0, '', '', '', '', 'pending', 'c', ''),"
		   " ('b', 'd', '', '', '', 0, '', '', '', '', 'judged', 'c', 'quiet'),"
		   " ('c', 'd', '', '', '', 0, '', '', '', '', 'judged', 'c', 'alerted')");
	run_sql(f, "INSERT INTO host (host, paused_until) VALUES ('a', 1000), ('b', 1001)");
	read_all(f, &figures);
	assert_int_equal(figure(&figures, "frontier_queued"), 1);
	assert_int_equal(figure(&figures, "frontier_leased"), 2);
	assert_int_equal(figure(&figures, "frontier_revisit"), 3);
	assert_int_equal(figure(&figures, "frontier_done"), 4);
	assert_int_equal(figure(&figures, "frontier_failed"), 5);
	assert_int_equal(figure(&figures, "documents_pending"), 1);
	assert_int_equal(figure(&figures, "documents_judged"), 2);
	assert_int_equal(figure(&figures, "hosts_paused"), 1);
}

/* One failed once, one is alarmed twice over, one is silent, one was, one is read no more. */
static void sources_count_as_they_are_alarmed(void **state)
{
	struct store_fixture *f = *state;
	struct figures figures = {.count = 0};

	for (const char *id = "abcde"; *id; id++) {
		char sql[300];

		(void)snprintf(sql, sizeof sql,
			       "INSERT INTO source (id, name, kind, region, url, url_index, urls, host,"
			       " active, interval_ms, quiet_ms, next_poll_at, failures) VALUES"
			       " ('%c', '', 'feed', '', 'u', 0, 'u', 'h', %d, 1, 1, 0, %d)",
			       *id, *id != 'e', *id == 'a');
		run_sql(f, sql);
	}
	run_sql(f, "INSERT INTO source_alarm (id, kind, source, owner, since, raised_at, text,"
		   " cleared_at) VALUES ('1', 'source-failing', 'b', '', 0, 0, '', NULL),"
		   " ('2', 'source-blocked', 'b', '', 0, 0, '', NULL),"
		   " ('3', 'source-silent', 'c', '', 0, 0, '', NULL),"
		   " ('4', 'source-silent', 'd', '', 0, 0, '', 5),"
		   " ('5', 'source-sparse', 'd', '', 0, 0, '', NULL)");
	read_all(f, &figures);
	assert_int_equal(figure(&figures, "sources_total"), 4);
	assert_int_equal(figure(&figures, "sources_failing"), 1);
	assert_int_equal(figure(&figures, "sources_silent"), 1);
}

static int run(struct store_fixture *f)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(an_empty_store_has_all_figures),
		STORE_TEST(each_row_counts_under_its_state),
		STORE_TEST(sources_count_as_they_are_alarmed),
	};

	return cmocka_run_group_tests_name(f->engine == TEST_SQLITE ? "sqlite" : "postgresql",
					   tests, NULL, NULL);
}

int main(void)
{
	return store_fixture_main(run);
}
