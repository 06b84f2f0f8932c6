#include "analyzer/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/lead.h"
#include "analyzer/pattern_shape.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

/* A pattern that can match longer than this is run on the whole field. */
#define WINDOW_CHARACTERS_MAX 400
#define CHARACTER_BYTES_MAX 4

static const struct hy_chain empty_chain = {HY_NO_HIT, HY_NO_HIT, 0};

static size_t chain_number(uint32_t number, enum hy_field field)
{
	return (size_t)number * HY_FIELD_COUNT + field;
}

static struct hy_chain *new_chains(size_t count)
{
	struct hy_chain *chains = hy_xcalloc(count ? count : 1, sizeof *chains);

	for (size_t i = 0; i < count; i++)
		chains[i] = empty_chain;
	return chains;
}

void hy_evidence_init(struct hy_evidence *evidence, const struct hy_atoms *atoms)
{
	*evidence = (struct hy_evidence){.atoms = atoms};
	for (int field = 0; field < HY_FIELD_COUNT; field++)
		hy_folded_init(&evidence->fields[field]);
	evidence->user = hy_pattern_user_new();
	evidence->literals = new_chains(atoms->string_count * HY_FIELD_COUNT);
	evidence->present = hy_xcalloc(atoms->string_count / 64 + 1, sizeof *evidence->present);
	evidence->patterns = new_chains(atoms->pattern_count * HY_FIELD_COUNT);
	evidence->pattern_done = hy_xcalloc(atoms->pattern_count * HY_FIELD_COUNT + 1, 1);
}

void hy_evidence_fini(struct hy_evidence *evidence)
{
	for (int field = 0; field < HY_FIELD_COUNT; field++)
		hy_folded_fini(&evidence->fields[field]);
	hy_pattern_user_free(evidence->user);
	free(evidence->hits);
	free(evidence->literals);
	free(evidence->patterns);
	free(evidence->pattern_done);
	free(evidence->present);
	free(evidence->touched);
	free(evidence->run);
	free(evidence->windows);
	free(evidence->limited);
	*evidence = (struct hy_evidence){0};
}

/* ---- literals ---- */

static void add_hit(struct hy_evidence *ev, struct hy_chain *chain, size_t start, size_t end)
{
	if (chain->count == HY_EVIDENCE_HITS_MAX)
		return;
	if (ev->hit_count == ev->hit_cap)
		ev->hits = hy_grow(ev->hits, &ev->hit_cap, ev->hit_count + 1, sizeof *ev->hits);
	uint32_t number = (uint32_t)ev->hit_count++;
	ev->hits[number] = (struct hy_hit){(uint32_t)start, (uint32_t)end, HY_NO_HIT};
	if (chain->count++ == 0)
		chain->first = number;
	else
		ev->hits[chain->last].next = number;
	chain->last = number;
}

static void push(uint32_t **array, size_t *count, size_t *cap, uint32_t value)
{
	if (*count == *cap)
		*array = hy_grow(*array, cap, *count + 1, sizeof **array);
	(*array)[(*count)++] = value;
}

struct field_scan {
	struct hy_evidence *evidence;
	enum hy_field field;
};

static void on_literal(void *ctx, size_t literal, size_t start, size_t end)
{
	const struct field_scan *scan = ctx;
	struct hy_evidence *ev = scan->evidence;
	size_t chain = chain_number((uint32_t)literal, scan->field);

	if (!hy_evidence_has(ev, (uint32_t)literal)) {
		push(&ev->touched, &ev->touched_count, &ev->touched_cap, (uint32_t)literal);
		ev->present[literal / 64] |= (uint64_t)1 << literal % 64;
	}
	add_hit(ev, &ev->literals[chain], start, end);
}

static void forget(struct hy_evidence *ev)
{
	for (size_t i = 0; i < ev->touched_count; i++) {
		ev->present[ev->touched[i] / 64] = 0;
		for (int field = 0; field < HY_FIELD_COUNT; field++)
			ev->literals[chain_number(ev->touched[i], (enum hy_field)field)] =
				empty_chain;
	}
	for (size_t i = 0; i < ev->run_count; i++) {
		ev->patterns[ev->run[i]] = empty_chain;
		ev->pattern_done[ev->run[i]] = 0;
	}
	ev->touched_count = ev->run_count = ev->hit_count = ev->limited_count = 0;
}

enum hy_err hy_evidence_load(struct hy_evidence *evidence, struct hy_str title, struct hy_str body)
{
	const struct hy_str texts[HY_FIELD_COUNT] = {
		[HY_FIELD_TITLE] = title, [HY_FIELD_BODY] = body};

	forget(evidence);
	for (int field = 0; field < HY_FIELD_COUNT; field++) {
		struct hy_folded *folded = &evidence->fields[field];
		struct field_scan scan = {evidence, (enum hy_field)field};

		if (hy_fold(evidence->atoms->table, texts[field], folded)) {
			forget(evidence);
			return HY_ERR_LIMIT;
		}
		hy_literals_scan(evidence->atoms->literals, folded->text, folded->n, on_literal,
				 &scan);
	}
	evidence->lead = 0;
	if (evidence->atoms->reads_lead)
		evidence->lead = hy_folded_before(&evidence->fields[HY_FIELD_BODY],
						  hy_lead_bytes(body));
	return HY_OK;
}

/* ---- patterns ---- */

/*
 * Where the pattern's matches can stand: around each of its gates as far as its longest match
 * goes, with a character more at the end for \b. False: everywhere.
 *
 * Why this finds the same matches as a run over the whole field: a match contains a gate, so it
 * lies in that gate's window; windows that touch are merged, so all that an earlier or a longer
 * match of the same run could use lies in the same window.
 */
static bool find_windows(struct hy_evidence *ev, const struct hy_rule_pattern *rule,
			 enum hy_field field)
{
	size_t n = ev->fields[field].n;
	size_t reach = (rule->longest + 1) * CHARACTER_BYTES_MAX;

	ev->window_count = 0;
	if (rule->gate_count == 0 || rule->longest > WINDOW_CHARACTERS_MAX)
		return false;
	for (size_t i = 0; i < rule->gate_count; i++) {
		if (!hy_evidence_has(ev, rule->gates[i]))
			continue;
		struct hy_chain chain = hy_evidence_literal(ev, rule->gates[i], field);

		if (chain.count == HY_EVIDENCE_HITS_MAX)
			return false;
		for (uint32_t at = chain.first; at != HY_NO_HIT; at = ev->hits[at].next) {
			const struct hy_hit *hit = &ev->hits[at];

			if (ev->window_count == ev->window_cap)
				ev->windows = hy_grow(ev->windows, &ev->window_cap,
						      ev->window_count + 1, sizeof *ev->windows);
			ev->windows[ev->window_count++] = (struct hy_window){
				hit->start > reach ? hit->start - reach : 0,
				hit->end + reach < n ? hit->end + reach : n};
		}
	}
	return true;
}

static int by_start(const void *a, const void *b)
{
	const struct hy_window *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static void merge_windows(struct hy_evidence *ev)
{
	size_t kept = 0;

	if (ev->window_count == 0)
		return;
	qsort(ev->windows, ev->window_count, sizeof *ev->windows, by_start);
	for (size_t i = 1; i < ev->window_count; i++) {
		struct hy_window *last = &ev->windows[kept];

		if (ev->windows[i].start > last->end)
			ev->windows[++kept] = ev->windows[i];
		else if (ev->windows[i].end > last->end)
			last->end = ev->windows[i].end;
	}
	ev->window_count = kept + 1;
}

/* False where a limit ended the search. */
static bool search(struct hy_evidence *ev, const struct hy_rule_pattern *rule,
		   enum hy_field field, struct hy_window window)
{
	const struct hy_folded *folded = &ev->fields[field];
	struct hy_chain *chain =
		&ev->patterns[chain_number((uint32_t)(rule - ev->atoms->patterns), field)];
	size_t from = hy_utf8_floor(folded->text, folded->n, window.start);
	struct hy_pattern_span found;
	struct hy_str text = {folded->text,
			      window.end < folded->n
				      ? hy_utf8_floor(folded->text, folded->n, window.end)
				      : folded->n};

	while (chain->count < HY_EVIDENCE_HITS_MAX) {
		switch (hy_pattern_next(rule->pattern, ev->user, text, from, &found)) {
		case HY_PATTERN_FOUND:
			add_hit(ev, chain, found.start, found.end);
			from = found.end;
			break;
		case HY_PATTERN_NONE:
			return true;
		case HY_PATTERN_AT_LIMIT:
			return false;
		}
	}
	return true;
}

static bool any_gate(const struct hy_evidence *ev, const struct hy_rule_pattern *rule,
		     enum hy_field field)
{
	for (size_t i = 0; i < rule->gate_count; i++)
		if (hy_evidence_has(ev, rule->gates[i]) &&
		    hy_evidence_literal(ev, rule->gates[i], field).count)
			return true;
	return rule->gate_count == 0;
}

static void run_pattern(struct hy_evidence *ev, uint32_t number, enum hy_field field)
{
	const struct hy_rule_pattern *rule = &ev->atoms->patterns[number];
	size_t chain = chain_number(number, field);
	bool good = true;

	ev->pattern_done[chain] = 1;
	push(&ev->run, &ev->run_count, &ev->run_cap, (uint32_t)chain);
	if (!any_gate(ev, rule, field))
		return;
	hy_pattern_begin(ev->user);
	if (find_windows(ev, rule, field)) {
		merge_windows(ev);
		for (size_t i = 0; good && i < ev->window_count; i++)
			good = search(ev, rule, field, ev->windows[i]);
	} else {
		good = search(ev, rule, field, (struct hy_window){0, ev->fields[field].n});
	}
	if (!good)
		push(&ev->limited, &ev->limited_count, &ev->limited_cap, number);
}

/* ---- asking ---- */

struct hy_chain hy_evidence_literal(const struct hy_evidence *evidence, uint32_t literal,
				    enum hy_field field)
{
	return evidence->literals[chain_number(literal, field)];
}

struct hy_chain hy_evidence_atom(struct hy_evidence *evidence, uint32_t atom, enum hy_field field)
{
	const struct hy_atom *a = &evidence->atoms->items[atom];
	size_t chain = chain_number(a->number, field);

	if (!a->is_pattern)
		return evidence->literals[chain];
	if (!evidence->pattern_done[chain])
		run_pattern(evidence, a->number, field);
	return evidence->patterns[chain];
}
