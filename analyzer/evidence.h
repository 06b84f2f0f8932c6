/*
 * Evidence: where in one document the literals and patterns of a rule set stand. The literals are
 * found in one pass; a pattern is run when a condition first asks for it, and only around the
 * literals that its matches must contain.
 *
 * Positions are byte ranges of the folded fields. Of each literal and pattern the first
 * HY_EVIDENCE_HITS_MAX occurrences of a field are kept.
 */
#ifndef HY_ANALYZER_EVIDENCE_H
#define HY_ANALYZER_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/atoms.h"
#include "analyzer/fold.h"
#include "common/sys/msg.h"

#define HY_EVIDENCE_HITS_MAX 1000
#define HY_NO_HIT UINT32_MAX

struct hy_hit {
	uint32_t start, end;
	uint32_t next;		/* of the same literal or pattern and field, or HY_NO_HIT */
};

struct hy_chain {
	uint32_t first, last;	/* HY_NO_HIT where empty */
	uint32_t count;
};

struct hy_window {
	size_t start, end;
};

struct hy_evidence {
	const struct hy_atoms *atoms;
	struct hy_folded fields[HY_FIELD_COUNT];
	size_t lead;			/* bytes of the folded body that are of its lead */
	struct hy_pattern_user *user;
	struct hy_hit *hits;
	size_t hit_count, hit_cap;
	struct hy_chain *literals;	/* [literal * HY_FIELD_COUNT + field] */
	struct hy_chain *patterns;	/* likewise */
	unsigned char *pattern_done;	/* likewise: run already */
	uint64_t *present;		/* a bit each literal: it has a hit in some field */
	uint32_t *touched;		/* literals with a hit in this document, in order of finding */
	size_t touched_count, touched_cap;
	uint32_t *run;			/* patterns that were run (chain numbers) */
	size_t run_count, run_cap;
	struct hy_window *windows;
	size_t window_count, window_cap;
	uint32_t *limited;		/* patterns that reached a limit in this document */
	size_t limited_count, limited_cap;
};

/* The atoms are sealed and live longer. */
void hy_evidence_init(struct hy_evidence *evidence, const struct hy_atoms *atoms);
void hy_evidence_fini(struct hy_evidence *evidence);

/* Replaces the document. LIMIT: a field is too large (then there is no document). */
enum hy_err hy_evidence_load(struct hy_evidence *evidence, struct hy_str title, struct hy_str body)
	HY_MUST_CHECK;

/* Hits by ascending start; valid until the next load. */
struct hy_chain hy_evidence_atom(struct hy_evidence *evidence, uint32_t atom, enum hy_field field);
struct hy_chain hy_evidence_literal(const struct hy_evidence *evidence, uint32_t literal,
				    enum hy_field field);

/* Whether the literal stands in any field; the cheapest question. */
static inline bool hy_evidence_has(const struct hy_evidence *evidence, uint32_t literal)
{
	return evidence->present[literal / 64] >> literal % 64 & 1;
}

#endif
