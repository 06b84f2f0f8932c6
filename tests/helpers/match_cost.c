/*
 * The analyzer's matching for `make bench`, and the loop over PCRE2 that it is measured against.
 *
 *   match_cost fold ARTICLES OUT            what the peers read: title, newline, body, folded
 *   match_cost ours RULES ARTICLES PAIRS    rounds (tests/lib/match_rounds.h)
 *   match_cost loop PLAN FOLDED PAIRS       rounds: one pattern for each group, short circuit
 *   match_cost step ARTICLES                {"fold_us"}: what folding alone costs an article
 *   match_cost one RULES ARTICLES           {"max_us", "limited"}: the dearest article
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/scanner.h"
#include "common/base/mem.h"
#include "tests/lib/match_rounds.h"

#define ROUNDS 5

/* ---- ours ---- */

struct ours {
	struct hy_fold_table *table;
	struct hy_ruleset *ruleset;
	struct hy_scanner *scanner;
	struct hy_wall at;
	size_t limited;
};

static struct hy_str str_of(struct match_text text)
{
	return (struct hy_str){text.p, text.n};
}

static void ours_open(struct ours *ours, const char *rules)
{
	struct hy_error e = {0};
	struct hy_findings findings;

	hy_findings_init(&findings);
	if (hy_ruleset_load(rules, ours->table, &findings, &ours->ruleset, &e)) {
		(void)fprintf(stderr, "%s\n", e.text);
		exit(2);
	}
	if (findings.count) {
		(void)fprintf(stderr, "%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
		exit(2);
	}
	hy_findings_fini(&findings);
	ours->scanner = hy_scanner_new(ours->ruleset);
	ours->at = hy_wall_now();
}

static void ours_close(struct ours *ours)
{
	hy_scanner_free(ours->scanner);
	hy_ruleset_free(ours->ruleset);
	hy_fold_table_free(ours->table);
}

static void ours_scan(void *self, const struct match_text *parts, struct match_pairs *pairs)
{
	struct ours *ours = self;
	const struct hy_scan_input input = {.title = str_of(parts[0]), .text = str_of(parts[1]),
					    .region = HY_STR_LIT(""), .at = ours->at};
	struct hy_scan_result result;

	if (hy_scan(ours->scanner, &input, &result))
		return;
	ours->limited += result.limited_count;
	for (size_t i = 0; i < result.topic_count; i++)
		match_pairs_add(pairs, (uint32_t)(result.topics[i].rule - ours->ruleset->rules));
}

static int run_ours(struct ours *ours, char **argv)
{
	long before = match_peak_kib();
	double begin = match_cpu_us();

	ours_open(ours, argv[2]);
	const struct match_engine engine = {ours, ours_scan, 2, (match_cpu_us() - begin) / 1e3,
					    match_peak_kib() - before};
	int code = match_rounds(&engine, argv[3], argv[4]);

	ours_close(ours);
	return code;
}

/* ---- folding ---- */

static size_t next_part(struct match_text all, size_t *at, struct hy_str *out)
{
	if (*at >= all.n)
		return 0;
	*out = hy_str_of(all.p + *at);
	*at += out->n + 1;
	return 1;
}

static int run_fold(struct ours *ours, char **argv)
{
	struct match_text all = match_read(argv[2]);
	FILE *out = fopen(argv[3], "w");
	struct hy_folded folded;
	struct hy_str part;
	size_t at = 0, number = 0;

	hy_folded_init(&folded);
	while (out && next_part(all, &at, &part)) {
		if (hy_fold(ours->table, part, &folded))
			return 2;
		(void)fwrite(folded.text, 1, folded.n, out);
		(void)fputc(number++ % 2 ? '\0' : '\n', out);
	}
	hy_folded_fini(&folded);
	hy_fold_table_free(ours->table);
	return !out || fclose(out) ? 2 : 0;
}

static int run_step(struct ours *ours, char **argv)
{
	struct match_text all = match_read(argv[2]);
	struct hy_folded folded;
	struct hy_str part;
	size_t at, count = 0;
	double best = 1e9;

	hy_folded_init(&folded);
	for (int round = 0; round < ROUNDS; round++) {
		double begin = match_cpu_us();

		for (at = count = 0; next_part(all, &at, &part); count++)
			if (hy_fold(ours->table, part, &folded))
				return 2;
		double us = (match_cpu_us() - begin) * 2 / (double)(count ? count : 1);
		best = us < best ? us : best;
	}
	printf("{\"fold_us\": %.3f}\n", best);
	hy_folded_fini(&folded);
	hy_fold_table_free(ours->table);
	return 0;
}

static int run_one(struct ours *ours, char **argv)
{
	struct match_text all = match_read(argv[3]);
	struct match_pairs pairs = {0};
	struct hy_str title, body;
	double worst = 0;

	ours_open(ours, argv[2]);
	for (size_t at = 0; next_part(all, &at, &title) && next_part(all, &at, &body);) {
		const struct match_text parts[] = {{title.p, title.n}, {body.p, body.n}};
		double best = 1e9;

		for (int round = 0; round < ROUNDS; round++) {
			double begin = match_cpu_us();

			ours_scan(ours, parts, &pairs);
			best = match_cpu_us() - begin < best ? match_cpu_us() - begin : best;
		}
		worst = best > worst ? best : worst;
	}
	printf("{\"max_us\": %.1f, \"limited\": %zu}\n", worst, ours->limited);
	free(pairs.items);
	ours_close(ours);
	return 0;
}

/* ---- the loop ---- */

struct loop_group {
	uint32_t rule;
	int none;
	pcre2_code *code;
};

struct loop {
	struct loop_group *groups;
	size_t count, cap;
	struct match_text *literals;
	size_t literal_count, literal_cap;
	struct hy_buf pattern;
	pcre2_match_data *data;
};

static void loop_end_group(struct loop *loop)
{
	int code;
	PCRE2_SIZE offset;

	if (loop->count == 0)
		return;
	struct loop_group *group = &loop->groups[loop->count - 1];

	group->code = pcre2_compile((PCRE2_SPTR)loop->pattern.p, loop->pattern.n, PCRE2_UTF, &code,
				    &offset, NULL);
	if (!group->code || pcre2_jit_compile(group->code, PCRE2_JIT_COMPLETE)) {
		(void)fprintf(stderr, "does not compile: %.*s\n",
			      HY_STR_ARGS(hy_buf_str(&loop->pattern)));
		exit(2);
	}
	hy_buf_clear(&loop->pattern);
}

static void loop_add(struct loop *loop, struct match_text item, const char *before,
		     const char *after)
{
	hy_buf_add_c(&loop->pattern, loop->pattern.n ? "|" : "");
	hy_buf_add_c(&loop->pattern, before);
	hy_buf_add(&loop->pattern, item.p, item.n);
	hy_buf_add_c(&loop->pattern, after);
}

static void loop_take(struct loop *loop, const struct match_plan_line *line, uint32_t *rule)
{
	switch (line->kind) {
	case 'L':
		loop->literals = match_grow(loop->literals, &loop->literal_cap,
					    loop->literal_count, sizeof *loop->literals);
		loop->literals[loop->literal_count++] = line->text;
		break;
	case 'R':
		*rule = line->number;
		break;
	case 'A':
	case 'N':
		loop_end_group(loop);
		loop->groups = match_grow(loop->groups, &loop->cap, loop->count,
					  sizeof *loop->groups);
		loop->groups[loop->count++] = (struct loop_group){*rule, line->kind == 'N', NULL};
		break;
	case 'w':
		loop_add(loop, loop->literals[line->number], "\\Q", "\\E");
		break;
	case 'r':
		loop_add(loop, line->text, "(?:", ")");
		break;
	default:
		break;
	}
}

static void loop_scan(void *self, const struct match_text *parts, struct match_pairs *pairs)
{
	struct loop *loop = self;

	for (size_t i = 0, next; i < loop->count; i = next) {
		uint32_t rule = loop->groups[i].rule;
		int holds = 1;

		for (next = i; next < loop->count && loop->groups[next].rule == rule; next++) {
			const struct loop_group *group = &loop->groups[next];

			if (holds)
				holds = (pcre2_match(group->code, (PCRE2_SPTR)parts[0].p,
						     parts[0].n, 0, PCRE2_NO_UTF_CHECK, loop->data,
						     NULL) >= 0) != group->none;
		}
		if (holds)
			match_pairs_add(pairs, rule);
	}
}

static int run_loop(char **argv)
{
	struct match_text plan = match_read(argv[2]);
	struct loop loop = {.data = pcre2_match_data_create(1, NULL)};
	struct match_plan_line line;
	long before = match_peak_kib();
	double begin = match_cpu_us();
	uint32_t rule = 0;

	hy_buf_init(&loop.pattern, 1 << 20);
	for (size_t at = 0; match_plan_next(plan, &at, &line);)
		loop_take(&loop, &line, &rule);
	loop_end_group(&loop);
	const struct match_engine engine = {&loop, loop_scan, 1, (match_cpu_us() - begin) / 1e3,
					    match_peak_kib() - before};

	return match_rounds(&engine, argv[3], argv[4]);
}

int main(int argc, char **argv)
{
	struct ours ours = {0};
	struct hy_error e = {0};

	if (argc == 5 && strcmp(argv[1], "loop") == 0)
		return run_loop(argv);
	if (hy_fold_table_new(&ours.table, &e))
		return 2;
	if (argc == 4 && strcmp(argv[1], "fold") == 0)
		return run_fold(&ours, argv);
	if (argc == 5 && strcmp(argv[1], "ours") == 0)
		return run_ours(&ours, argv);
	if (argc == 3 && strcmp(argv[1], "step") == 0)
		return run_step(&ours, argv);
	if (argc == 4 && strcmp(argv[1], "one") == 0)
		return run_one(&ours, argv);
	(void)fprintf(stderr, "usage: match_cost fold|ours|loop|step|one FILE...\n");
	return 2;
}
