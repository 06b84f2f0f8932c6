#include "analyzer/scanner.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/evaluate.h"
#include "analyzer/wake.h"
#include "common/base/buf.h"
#include "common/base/mem.h"

#define BECAUSE_BYTES (1u << 20)
#define TERMS_TOLD 6

struct hy_scanner {
	const struct hy_ruleset *ruleset;
	size_t rule_count;		/* of topics and of policies */
	struct hy_evidence evidence;
	struct hy_found_places places;
	struct hy_marks marks;
	uint64_t *awake;		/* a bit each rule */
	uint32_t *candidates;
	size_t candidate_count;
	struct hy_scan_topic *topics;
	size_t topic_count, topic_cap;	/* policies among them, at the end */
	struct hy_scan_hit *hits;	/* of all topics, one after another */
	size_t hit_count, hit_cap;
	int64_t *sectors;		/* score by sector */
	struct hy_scan_place *place_items;
	size_t place_cap;
	struct hy_buf source;		/* of the document, */
	struct hy_folded outlet;	/* for explanations too */
	struct hy_str teller;		/* mainstream: how the document names it; else "" */
	struct hy_buf because;		/* of all topics, one after another */
};

struct hy_scanner *hy_scanner_new(const struct hy_ruleset *ruleset)
{
	struct hy_scanner *scanner = hy_xcalloc(1, sizeof *scanner);

	scanner->ruleset = ruleset;
	hy_buf_init(&scanner->source, HY_FOLD_INPUT_BYTES);
	hy_folded_init(&scanner->outlet);
	hy_buf_init(&scanner->because, BECAUSE_BYTES);
	hy_evidence_init(&scanner->evidence, &ruleset->atoms);
	scanner->rule_count = ruleset->count + ruleset->policy_count;
	scanner->awake = hy_xcalloc(scanner->rule_count / 64 + 1, sizeof *scanner->awake);
	scanner->candidates = hy_xcalloc(scanner->rule_count + 1, sizeof *scanner->candidates);
	scanner->sectors = hy_xcalloc(ruleset->sectors.count + 1, sizeof *scanner->sectors);
	return scanner;
}

void hy_scanner_free(struct hy_scanner *scanner)
{
	if (!scanner)
		return;
	hy_evidence_fini(&scanner->evidence);
	free(scanner->places.items);
	free(scanner->marks.items);
	free(scanner->awake);
	free(scanner->candidates);
	free(scanner->topics);
	free(scanner->hits);
	free(scanner->sectors);
	free(scanner->place_items);
	hy_buf_fini(&scanner->source);
	hy_folded_fini(&scanner->outlet);
	hy_buf_fini(&scanner->because);
	free(scanner);
}

/* ---- which rules to look at ---- */

static void wake(struct hy_scanner *s, uint32_t rule)
{
	s->awake[rule / 64] |= (uint64_t)1 << rule % 64;
}

static void wake_all(struct hy_scanner *s)
{
	const struct hy_ruleset *set = s->ruleset;

	for (size_t i = 0; i < set->always_count; i++)
		wake(s, set->always[i]);
	for (size_t i = 0; i < s->evidence.touched_count; i++) {
		uint32_t literal = s->evidence.touched[i];

		for (uint32_t j = set->wake_from[literal]; j < set->wake_from[literal + 1]; j++)
			wake(s, set->wake[j]);
	}
}

/* The order of the file decides between equals, so it is the order of looking. */
static void find_candidates(struct hy_scanner *s)
{
	s->candidate_count = 0;
	wake_all(s);
	for (size_t word = 0; word <= s->rule_count / 64; word++) {
		uint64_t bits = s->awake[word];

		for (; bits; bits &= bits - 1)
			s->candidates[s->candidate_count++] =
				(uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(bits);
		s->awake[word] = 0;
	}
}

/* ---- hits ---- */

static int by_position(const void *a, const void *b)
{
	const struct hy_mark *x = a, *y = b;

	if (x->field != y->field)
		return x->field < y->field ? -1 : 1;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return (x->atom > y->atom) - (x->atom < y->atom);
}

static void add_hits(struct hy_scanner *s, struct hy_scan_topic *topic)
{
	size_t first = s->hit_count;

	qsort(s->marks.items, s->marks.count, sizeof *s->marks.items, by_position);
	for (size_t i = 0; i < s->marks.count; i++) {
		const struct hy_mark *mark = &s->marks.items[i];
		struct hy_scan_hit hit = {.rule = s->ruleset->atoms.items[mark->atom].written,
					  .field = mark->field};

		if (i > 0 && by_position(mark, mark - 1) == 0)
			continue;
		hy_folded_span(&s->evidence.fields[mark->field], mark->start, mark->end,
			       &hit.start, &hit.end);
		s->hits = hy_grow(s->hits, &s->hit_cap, s->hit_count + 1, sizeof *s->hits);
		s->hits[s->hit_count++] = hit;
	}
	topic->hit_count = s->hit_count - first;
}

/* ---- topics ---- */

static bool is_first_of_its_atom(const struct hy_scanner *s, size_t from, size_t mark)
{
	for (size_t i = from; i < mark; i++)
		if (s->marks.items[i].atom == s->marks.items[mark].atom)
			return false;
	return true;
}

/* The terms whose hits are behind `from`, each once. */
static void tell_step(struct hy_scanner *s, size_t from, size_t because, enum hy_severity severity)
{
	size_t told = 0;

	hy_buf_add_c(&s->because, s->because.n > because ? "；有 " : "有 ");
	for (size_t i = from; i < s->marks.count; i++) {
		struct hy_str term = s->ruleset->atoms.items[s->marks.items[i].atom].written;

		if (!is_first_of_its_atom(s, from, i) || told > TERMS_TOLD)
			continue;
		if (told == TERMS_TOLD)
			hy_buf_add_c(&s->because, "…");
		else
			hy_buf_addf(&s->because, "%s%.*s", told ? "、" : "", HY_STR_ARGS(term));
		told++;
	}
	hy_buf_addf(&s->because, "，至少为%s", hy_severity_title(severity));
}

static enum hy_severity raised(struct hy_scanner *s, const struct hy_rule *rule)
{
	enum hy_severity severity = rule->topic->severity;
	enum hy_severity mainstream = s->teller.n ? s->ruleset->outlets->mainstream : severity;
	size_t because = s->because.n;

	for (size_t i = 0; i < rule->raise_count; i++) {
		const struct hy_raise *raise = &rule->raises[i];
		size_t from = s->marks.count;
		int64_t score;

		if (raise->severity <= severity ||
		    !hy_evaluate(&raise->condition, &s->evidence, &score, &s->marks))
			continue;
		severity = raise->severity;
		tell_step(s, from, because, severity);
	}
	if (mainstream <= severity)
		return severity;
	hy_buf_addf(&s->because, "%s主流媒体“%.*s”报道，至少为%s",
		    s->because.n > because ? "；" : "", HY_STR_ARGS(s->teller),
		    hy_severity_title(mainstream));
	return mainstream;
}

static void judge_rule(struct hy_scanner *s, const struct hy_rule *rule, struct hy_wall at)
{
	const struct hy_sector *sector = rule->topic->sector;
	struct hy_scan_topic topic = {.rule = rule};
	size_t because = s->because.n;

	s->marks.count = 0;
	if (!hy_topic_valid_at(rule->topic, at) ||
	    (rule->origin && !hy_scanner_origin_allows(s, rule)) ||
	    !hy_evaluate(&rule->match, &s->evidence, &topic.score, &s->marks))
		return;
	topic.own = topic.score;
	if (sector)
		topic.score += s->sectors[sector->number];
	if (topic.score < rule->threshold)
		return;
	topic.severity = raised(s, rule);
	topic.because.n = s->because.n - because;
	add_hits(s, &topic);
	s->topics = hy_grow(s->topics, &s->topic_cap, s->topic_count + 1, sizeof *s->topics);
	s->topics[s->topic_count++] = topic;
}

static int by_strength(const void *a, const void *b)
{
	const struct hy_scan_topic *x = a, *y = b;

	if (!x->rule->policy != !y->rule->policy)
		return x->rule->policy ? 1 : -1;
	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	return (x->rule > y->rule) - (x->rule < y->rule);
}

static void judge_topics(struct hy_scanner *s, struct hy_wall at)
{
	size_t next = 0, because = 0;

	s->topic_count = s->hit_count = 0;
	hy_buf_clear(&s->because);
	hy_sector_words_score(&s->ruleset->sectors, &s->evidence, s->sectors);
	find_candidates(s);
	for (size_t i = 0; i < s->candidate_count; i++)
		if (hy_wake_can_hold(s->ruleset, s->candidates[i], &s->evidence))
			judge_rule(s, &s->ruleset->rules[s->candidates[i]], at);
	/* Only now hits and reasons stay where they are. */
	for (size_t i = 0; i < s->topic_count; i++) {
		s->topics[i].hits = s->hits + next;
		next += s->topics[i].hit_count;
		s->topics[i].because.p = s->because.p ? s->because.p + because : NULL;
		because += s->topics[i].because.n;
	}
	if (s->topic_count)
		qsort(s->topics, s->topic_count, sizeof *s->topics, by_strength);
}

/* ---- places ---- */

static void judge_places(struct hy_scanner *s, const struct hy_scan_input *input)
{
	hy_place_finder_find(s->ruleset->finder, &s->evidence, input->region, input->at,
			     &s->places);
	for (size_t i = 0; i < s->places.count; i++) {
		const struct hy_found_place *found = &s->places.items[i];
		struct hy_scan_place place = {.place = found->place, .field = found->field};

		hy_folded_span(&s->evidence.fields[found->field], found->start, found->end,
			       &place.start, &place.end);
		s->place_items = hy_grow(s->place_items, &s->place_cap, i + 1,
					 sizeof *s->place_items);
		s->place_items[i] = place;
	}
}

/* What is too long to be a name is none. */
static void take_origin(struct hy_scanner *s, const struct hy_scan_input *input)
{
	hy_buf_clear(&s->source);
	hy_buf_add_str(&s->source, input->source);
	if (hy_fold(s->ruleset->atoms.table, input->outlet, &s->outlet))
		s->outlet.n = 0;
	struct hy_str outlet = {s->outlet.text, s->outlet.n};
	s->teller = (struct hy_str){0};
	if (hy_origin_list_names(&s->ruleset->mainstream, input->source, outlet))
		s->teller = outlet.n ? input->outlet : input->source;
}

enum hy_err hy_scan(struct hy_scanner *scanner, const struct hy_scan_input *input,
		    struct hy_scan_result *out)
{
	enum hy_err err = hy_evidence_load(&scanner->evidence, input->title, input->text);
	size_t topics = 0;

	if (err)
		return err;
	take_origin(scanner, input);
	judge_topics(scanner, input->at);
	judge_places(scanner, input);
	while (topics < scanner->topic_count && !scanner->topics[topics].rule->policy)
		topics++;
	*out = (struct hy_scan_result){
		.topics = scanner->topics,
		.topic_count = topics,
		.policies = scanner->topics ? scanner->topics + topics : NULL,
		.policy_count = scanner->topic_count - topics,
		.places = scanner->place_items,
		.place_count = scanner->places.count,
		.ours = scanner->places.count > 0 ||
			hy_place_finder_is_ours(scanner->ruleset->finder, input->region),
		.limited = scanner->evidence.limited,
		.limited_count = scanner->evidence.limited_count,
	};
	return HY_OK;
}

const struct hy_ruleset *hy_scanner_ruleset(const struct hy_scanner *scanner)
{
	return scanner->ruleset;
}

bool hy_scanner_origin_allows(const struct hy_scanner *scanner, const struct hy_rule *rule)
{
	return !rule->origin ||
	       hy_origin_allows(rule->origin, hy_buf_str(&scanner->source),
				(struct hy_str){scanner->outlet.text, scanner->outlet.n});
}

struct hy_evidence *hy_scanner_evidence(struct hy_scanner *scanner)
{
	return &scanner->evidence;
}

const struct hy_scan_topic *hy_scanner_topic(const struct hy_scanner *scanner,
					     const struct hy_rule *rule)
{
	for (size_t i = 0; i < scanner->topic_count; i++)
		if (scanner->topics[i].rule == rule)
			return &scanner->topics[i];
	return NULL;
}

const struct hy_rule *hy_scanner_candidate(const struct hy_scanner *scanner, size_t index)
{
	return index < scanner->candidate_count
		       ? &scanner->ruleset->rules[scanner->candidates[index]]
		       : NULL;
}
