#include "analyzer/sector_words.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

struct hy_sector_word {
	uint32_t sector;
	int32_t weight;
	uint8_t fields;
};

/* A pattern would have to be run on every document for a mere leaning. */
static bool is_literal(const struct hy_condition_reader *r, const struct hy_sector *sector,
		       const struct hy_item *item)
{
	const struct hy_atom *atom = &r->atoms->items[item->atom];

	if (!atom->is_pattern)
		return true;
	hy_yaml_finding(hy_yaml_get(sector->node, "words"), r->findings,
			"领域词不能是模式：%.*s", HY_STR_ARGS(atom->written));
	return false;
}

static void keep_item(struct hy_group *group, size_t to, size_t from)
{
	group->items[to] = group->items[from];
	group->nodes[to] = group->nodes[from];
}

void hy_sector_words_read(const struct hy_condition_reader *reader,
			  const struct hy_topics *topics, struct hy_sector_words *out)
{
	out->count = hy_topics_sector_count(topics);
	out->groups = hy_xcalloc(out->count + 1, sizeof *out->groups);
	for (size_t i = 0; i < out->count; i++) {
		const struct hy_sector *sector = hy_topics_sector_at(topics, i);
		struct hy_group *group = &out->groups[i];
		size_t kept = 0;

		if (!hy_group_read(reader, hy_yaml_get(sector->node, "words"), group))
			continue;
		for (size_t j = 0; j < group->count; j++)
			if (is_literal(reader, sector, &group->items[j]))
				keep_item(group, kept++, j);
		group->count = kept;
	}
}

void hy_sector_words_seal(struct hy_sector_words *words, const struct hy_atoms *atoms)
{
	uint32_t total = 0;

	words->from = hy_xcalloc(atoms->string_count + 1, sizeof *words->from);
	/* Counting sort by literal: from[] first holds counts, then ends, then starts. */
	for (size_t i = 0; i < words->count; i++)
		for (size_t j = 0; j < words->groups[i].count; j++, total++)
			words->from[atoms->items[words->groups[i].items[j].atom].number]++;
	words->words = hy_xcalloc(total + 1, sizeof *words->words);
	for (size_t i = 1; i <= atoms->string_count; i++)
		words->from[i] += words->from[i - 1];
	for (size_t i = words->count; i-- > 0;)
		for (size_t j = words->groups[i].count; j-- > 0;) {
			const struct hy_item *item = &words->groups[i].items[j];
			uint32_t literal = atoms->items[item->atom].number;

			words->words[--words->from[literal]] = (struct hy_sector_word){
				(uint32_t)i, item->weight, item->fields};
		}
}

void hy_sector_words_fini(struct hy_sector_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		hy_group_fini(&words->groups[i]);
	free(words->groups);
	free(words->words);
	free(words->from);
	*words = (struct hy_sector_words){0};
}

static int64_t score_of(const struct hy_sector_word *word, const struct hy_evidence *evidence,
			uint32_t literal)
{
	static const int32_t factors[HY_FIELD_COUNT] = {[HY_FIELD_TITLE] = 2, [HY_FIELD_BODY] = 1};
	int64_t best = 0;

	for (int f = 0; f < HY_FIELD_COUNT; f++)
		if (word->fields & HY_FIELD_BIT(f) && factors[f] * word->weight > best &&
		    hy_evidence_literal(evidence, literal, (enum hy_field)f).count)
			best = factors[f] * word->weight;
	if (best == 0 && word->fields & HY_FIELD_LEAD_BIT) {
		uint32_t first = hy_evidence_literal(evidence, literal, HY_FIELD_BODY).first;

		if (first != HY_NO_HIT && evidence->hits[first].end <= evidence->lead)
			best = factors[HY_FIELD_BODY] * word->weight;
	}
	return best;
}

void hy_sector_words_score(const struct hy_sector_words *words,
			   const struct hy_evidence *evidence, int64_t *out_scores)
{
	memset(out_scores, 0, words->count * sizeof *out_scores);
	for (size_t i = 0; i < evidence->touched_count; i++) {
		uint32_t literal = evidence->touched[i];

		for (uint32_t j = words->from[literal]; j < words->from[literal + 1]; j++)
			out_scores[words->words[j].sector] +=
				score_of(&words->words[j], evidence, literal);
	}
}
