/*
 * Hyperscan finds the literals, bits of groups decide, PCRE2 confirms what a pattern must say:
 * match_hyperscan PLAN FOLDED PAIRS; tests/lib/match_rounds.h.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <hs/hs.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/match_rounds.h"

#define NONE_BIT 0x8000u

struct posting {
	uint32_t literal, rule;
	uint16_t bit;
	uint16_t sure;		/* the literal itself is the item; else it only wakes a pattern */
};

struct confirm {
	pcre2_code *code;
	uint16_t bit;
};

struct rule {
	uint32_t epoch;
	uint16_t need, have, maybe;
	uint32_t first, count;	/* confirms */
};

struct machine {
	struct match_text *literals;
	size_t literal_count, literal_cap;
	struct posting *postings;
	size_t posting_count, posting_cap;
	uint32_t *from;
	struct confirm *confirms;
	size_t confirm_count, confirm_cap;
	struct rule *rules;
	size_t rule_count, rule_cap;
	uint32_t *candidates;
	size_t candidate_count;
	uint32_t epoch;
	hs_database_t *database;
	hs_scratch_t *scratch;
	pcre2_match_data *data;
};

static void add_pattern(struct machine *m, struct match_text text, uint16_t bit)
{
	int code;
	PCRE2_SIZE offset;
	pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)text.p, text.n, PCRE2_UTF, &code, &offset,
					     NULL);

	if (!compiled || pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE))
		exit(2);
	m->confirms = match_grow(m->confirms, &m->confirm_cap, m->confirm_count,
				 sizeof *m->confirms);
	m->confirms[m->confirm_count++] = (struct confirm){compiled, bit};
	m->rules[m->rule_count - 1].count++;
}

static void take(struct machine *m, const struct match_plan_line *line, uint16_t *bit)
{
	struct rule *rule = m->rules + m->rule_count - 1;

	if (line->kind == 'L') {
		m->literals = match_grow(m->literals, &m->literal_cap, m->literal_count,
					 sizeof *m->literals);
		m->literals[m->literal_count++] = line->text;
	} else if (line->kind == 'R') {
		m->rules = match_grow(m->rules, &m->rule_cap, m->rule_count, sizeof *m->rules);
		m->rules[m->rule_count++] = (struct rule){.first = (uint32_t)m->confirm_count};
		*bit = 0;
	} else if (line->kind == 'A') {
		*bit = (uint16_t)(rule->need ? (rule->need + 1) : 1);
		rule->need |= *bit;
	} else if (line->kind == 'N') {
		*bit = NONE_BIT;
	} else if (line->kind == 'r') {
		add_pattern(m, line->text, *bit);
	} else {
		m->postings = match_grow(m->postings, &m->posting_cap, m->posting_count,
					 sizeof *m->postings);
		m->postings[m->posting_count++] =
			(struct posting){line->number, (uint32_t)(m->rule_count - 1), *bit,
					 line->kind == 'w'};
	}
}

static int by_literal(const void *a, const void *b)
{
	const struct posting *x = a, *y = b;

	return (x->literal > y->literal) - (x->literal < y->literal);
}

static int build(struct machine *m)
{
	const char **texts = calloc(m->literal_count, sizeof *texts);
	size_t *lengths = calloc(m->literal_count, sizeof *lengths);
	unsigned *flags = calloc(m->literal_count, sizeof *flags);
	unsigned *ids = calloc(m->literal_count, sizeof *ids);
	hs_compile_error_t *error;

	for (size_t i = 0; i < m->literal_count; i++) {
		texts[i] = m->literals[i].p;
		lengths[i] = m->literals[i].n;
		flags[i] = HS_FLAG_SINGLEMATCH;
		ids[i] = (unsigned)i;
	}
	if (hs_compile_lit_multi(texts, flags, ids, lengths, (unsigned)m->literal_count,
				 HS_MODE_BLOCK, NULL, &m->database, &error) ||
	    hs_alloc_scratch(m->database, &m->scratch))
		return 0;
	qsort(m->postings, m->posting_count, sizeof *m->postings, by_literal);
	m->from = calloc(m->literal_count + 1, sizeof *m->from);
	for (size_t i = 0; i < m->posting_count; i++)
		m->from[m->postings[i].literal + 1]++;
	for (size_t i = 0; i < m->literal_count; i++)
		m->from[i + 1] += m->from[i];
	m->candidates = calloc(m->rule_count + 1, sizeof *m->candidates);
	m->data = pcre2_match_data_create(1, NULL);
	free(texts);
	free(lengths);
	free(flags);
	free(ids);
	return 1;
}

static int on_literal(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
		      void *context)
{
	struct machine *m = context;

	(void)from;
	(void)to;
	(void)flags;
	for (uint32_t i = m->from[id]; i < m->from[id + 1]; i++) {
		const struct posting *posting = &m->postings[i];
		struct rule *rule = &m->rules[posting->rule];

		if (rule->epoch != m->epoch) {
			rule->epoch = m->epoch;
			rule->have = rule->maybe = 0;
			m->candidates[m->candidate_count++] = posting->rule;
		}
		if (posting->sure)
			rule->have |= posting->bit;
		else
			rule->maybe |= posting->bit;
	}
	return 0;
}

static int holds(struct machine *m, struct rule *rule, struct match_text text)
{
	if (rule->have & NONE_BIT || ((rule->have | rule->maybe) & rule->need) != rule->need)
		return 0;
	for (uint32_t i = 0; i < rule->count; i++) {
		const struct confirm *confirm = &m->confirms[rule->first + i];

		if (!(rule->maybe & confirm->bit) || rule->have & confirm->bit)
			continue;
		if (pcre2_match(confirm->code, (PCRE2_SPTR)text.p, text.n, 0, PCRE2_NO_UTF_CHECK,
				m->data, NULL) >= 0)
			rule->have |= confirm->bit;
	}
	return !(rule->have & NONE_BIT) && (rule->have & rule->need) == rule->need;
}

static void scan(void *self, const struct match_text *parts, struct match_pairs *pairs)
{
	struct machine *m = self;

	m->epoch++;
	m->candidate_count = 0;
	if (hs_scan(m->database, parts[0].p, (unsigned)parts[0].n, 0, m->scratch, on_literal, m))
		exit(2);
	for (size_t i = 0; i < m->candidate_count; i++)
		if (holds(m, &m->rules[m->candidates[i]], parts[0]))
			match_pairs_add(pairs, m->candidates[i]);
}

int main(int argc, char **argv)
{
	struct machine m = {0};
	struct match_plan_line line;
	uint16_t bit = 0;

	if (argc != 4)
		return 2;
	struct match_text plan = match_read(argv[1]);
	long before = match_peak_kib();
	double begin = match_cpu_us();

	for (size_t at = 0; match_plan_next(plan, &at, &line);)
		take(&m, &line, &bit);
	if (!build(&m))
		return 2;
	const struct match_engine engine = {&m, scan, 1, (match_cpu_us() - begin) / 1e3,
					    match_peak_kib() - before};

	return match_rounds(&engine, argv[2], argv[3]);
}
