/*
 * The words of the sectors (branches of the topic tree), compiled: how strongly a text speaks of
 * each sector. A linear score, so that it stays explainable: the sum of the weights of the words
 * that stand in the text, each once, double where it stands in the title.
 */
#ifndef HY_ANALYZER_SECTOR_WORDS_H
#define HY_ANALYZER_SECTOR_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/condition.h"
#include "analyzer/evidence.h"
#include "common/rules/topics.h"

struct hy_sector_words {
	struct hy_group *groups;	/* by sector */
	size_t count;
	/* literal -> words: words[from[literal] .. from[literal + 1]) */
	struct hy_sector_word *words;
	uint32_t *from;
};

/* Reads the words of all sectors; what is not usable becomes a finding and is left out. */
void hy_sector_words_read(const struct hy_condition_reader *reader,
			  const struct hy_topics *topics, struct hy_sector_words *out);
/* After the atoms are sealed: nothing is added any more. */
void hy_sector_words_seal(struct hy_sector_words *words, const struct hy_atoms *atoms);
void hy_sector_words_fini(struct hy_sector_words *words);

/* Of the document that was loaded; one number a sector. */
void hy_sector_words_score(const struct hy_sector_words *words,
			   const struct hy_evidence *evidence, int64_t *out_scores);

#endif
