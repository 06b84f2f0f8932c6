/* The search of an event index: candidates by rare words, then the exact likeness of a few. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alerter/event_index_table.h"
#include "common/base/mem.h"

/* The newest texts read of one word, and texts read and compared for one search. */
#define POSTINGS_OF_WORD 256
#define POSTINGS_MAX 8192
#define COMPARED_MAX 24
/* A title alone may be "a complaint": the whole text, a little less, counts without it too. */
#define TITLE_SHARE 0.5
#define WHOLE_ALONE 0.9
/* What is lost to the days between two texts; all of it after a year. */
#define GAP_LOSS 0.7
#define GAP_DAYS 365.0
#define DAY_MS (24 * 3600 * 1000.0)
/* The least score of a repeat: the core of another event, or other words, may say more. */
#define REPEATS 0.4
/* A core of so many texts and words; the share of the texts that have a word of it, and of its
 * weight that a text must have to be as like as HY_EVENT_SAME. */
#define CORE_TEXTS_MIN 3
#define CORE_WORDS_MIN 4
#define CORE_SHARE 0.6
#define CORE_COVERED 0.5


struct query_word {
	uint32_t number;
	bool in_title;
	double weight;
};

struct query {
	struct hy_event_index *index;
	const struct hy_event_text *text;
	struct query_word word[HY_WORDS_MAX];	/* those some text has, the rarest first */
	size_t words;
	double weight, title_weight;		/* of all words, the unknown ones too */
};

struct near {
	uint32_t text;
	double shared;
};

struct answers {
	struct hy_event_candidate *item;
	struct hy_index_event *event[HY_EVENT_CANDIDATES_MAX];
	size_t count;
};

/* ---- weights ---------------------------------------------------------------------------- */

static double log_of(const struct hy_event_index *index, size_t n)
{
	return n < HY_EVENT_INDEX_LOGS ? index->log_of[n] : log((double)n + 1);
}

static double weight_of(const struct hy_event_index *index, uint32_t events)
{
	double rarity = log_of(index, index->learned) - log_of(index, events);

	return rarity > 0 ? rarity * rarity * rarity : 0;
}

double hy_index_rarity(const struct hy_event_index *index, uint32_t number)
{
	return weight_of(index, hy_vocabulary_events(index->words, number));
}

double hy_index_weight(const struct hy_event_index *index, const struct hy_index_text *text)
{
	double sum = 0;

	for (size_t i = 0; i < text->words; i++)
		sum += hy_index_rarity(index, hy_index_word(text, i));
	return sum;
}

/* ---- what is asked ------------------------------------------------------------------------ */

static int rarest_first(const void *a, const void *b)
{
	const struct query_word *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static void mark(struct hy_event_index *index, const struct query_word *word)
{
	index->mark[word->number] =
		(struct hy_index_mark){.search = index->search, .in_title = word->in_title};
}

static void start(struct query *q, struct hy_event_index *index, const struct hy_event_text *text)
{
	size_t known = hy_vocabulary_size(index->words), cap = index->mark_cap;

	*q = (struct query){.index = index, .text = text};
	index->mark = hy_grow(index->mark, &index->mark_cap, known + 1, sizeof index->mark[0]);
	memset(index->mark + cap, 0, (index->mark_cap - cap) * sizeof index->mark[0]);
	index->search++;
	for (size_t i = 0; i < text->words.count; i++) {
		uint32_t word = text->words.word[i];
		uint32_t number = hy_vocabulary_find(index->words, word >> 1);
		struct query_word w = {.number = number, .in_title = word & HY_WORD_IN_TITLE,
				       .weight = hy_index_rarity(index, number)};

		q->weight += w.weight;
		q->title_weight += w.in_title ? w.weight : 0;
		if (number == HY_VOCABULARY_NONE)
			continue;
		mark(index, &w);
		q->word[q->words++] = w;
	}
	qsort(q->word, q->words, sizeof q->word[0], rarest_first);
}

static bool is_asked(const struct hy_event_index *index, uint32_t number, bool *out_in_title)
{
	const struct hy_index_mark *m = &index->mark[number];

	*out_in_title = m->in_title;
	return m->search == index->search;
}

/* ---- texts that share rare words ------------------------------------------------------------ */

static size_t share_word(struct query *q, const struct query_word *word, uint32_t *touched,
			 size_t count)
{
	struct hy_event_index *index = q->index;
	const struct hy_index_posting *posting = &index->posting[word->number];
	size_t first = posting->count > POSTINGS_OF_WORD ? posting->count - POSTINGS_OF_WORD : 0;

	for (size_t i = posting->count; i > first && count < POSTINGS_MAX; i--) {
		uint32_t text = posting->text[i - 1];

		if (index->shared[text] == 0)
			touched[count++] = text;
		index->shared[text] += word->weight;
	}
	return count;
}

static bool shares_more(const struct near *a, const struct near *b)
{
	return a->shared != b->shared ? a->shared > b->shared : a->text < b->text;
}

/* Into its place among the best, which are in order. */
static size_t keep(struct near best[COMPARED_MAX], size_t kept, const struct near *near)
{
	size_t at = kept;

	if (kept == COMPARED_MAX) {
		if (!shares_more(near, &best[kept - 1]))
			return kept;
		at--;
	}
	for (; at > 0 && shares_more(near, &best[at - 1]); at--)
		best[at] = best[at - 1];
	best[at] = *near;
	return kept < COMPARED_MAX ? kept + 1 : kept;
}

/* Keeps the COMPARED_MAX likest, estimated by the weight a text had when it came. */
static size_t keep_best(struct query *q, const uint32_t *touched, size_t count, struct near *best)
{
	struct hy_event_index *index = q->index;
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		double weight = index->text[touched[i]]->weight;
		const struct near near = {
			touched[i],
			index->shared[touched[i]] / sqrt(weight > 0 ? weight : 1)};

		kept = keep(best, kept, &near);
		index->shared[touched[i]] = 0;
	}
	return kept;
}

static size_t find_near(struct query *q, struct near best[COMPARED_MAX])
{
	struct hy_event_index *index = q->index;
	uint32_t *touched = hy_xcalloc(POSTINGS_MAX, sizeof touched[0]);
	size_t count = 0, cap = index->shared_cap;

	index->shared = hy_grow(index->shared, &index->shared_cap, index->texts + 1,
				sizeof index->shared[0]);
	memset(index->shared + cap, 0, (index->shared_cap - cap) * sizeof index->shared[0]);
	for (size_t i = 0; i < q->words && count < POSTINGS_MAX && q->word[i].weight > 0; i++)
		count = share_word(q, &q->word[i], touched, count);
	count = keep_best(q, touched, count, best);
	free(touched);
	return count;
}

/* ---- likeness ----------------------------------------------------------------------------- */

static double share(double part, double a, double b)
{
	return a > 0 && b > 0 ? part / sqrt(a * b) : 0;
}

static double gap_factor(struct hy_wall a, struct hy_wall b)
{
	double days;

	if (!hy_wall_known(a) || !hy_wall_known(b))
		return 1;
	days = floor(fabs((double)a.ms - (double)b.ms) / DAY_MS);
	return 1 - GAP_LOSS * fmin(1, log1p(days) / log1p(GAP_DAYS));
}

static double likeness(const struct query *q, const struct hy_index_text *text)
{
	double all = 0, title = 0, both = 0, both_titles = 0, whole;

	for (size_t i = 0; i < text->words; i++) {
		uint32_t number = hy_index_word(text, i);
		double w = hy_index_rarity(q->index, number);
		bool here = text->word[i] & HY_WORD_IN_TITLE, there;

		all += w;
		title += here ? w : 0;
		if (!is_asked(q->index, number, &there))
			continue;
		both += w;
		both_titles += here && there ? w : 0;
	}
	whole = share(both, q->weight, all);
	return gap_factor(q->text->at, text->at) *
	       fmax(WHOLE_ALONE * whole,
		    TITLE_SHARE * share(both_titles, q->title_weight, title) +
			    (1 - TITLE_SHARE) * whole);
}

/* What a text has of the core of an event, 0 where the event has none yet. */
static double core_covered(const struct query *q, const struct hy_index_event *event)
{
	const struct hy_event_core *core = &event->core;
	double all = 0, covered = 0;
	size_t words = 0;

	for (size_t i = 0; i < core->count && core->texts >= CORE_TEXTS_MIN; i++) {
		double part = (double)core->word[i].texts / core->texts, w;
		bool in_title;

		if (part < CORE_SHARE || core->word[i].texts < 2)
			continue;
		w = part * sqrt(hy_index_rarity(q->index, core->word[i].number));
		all += w;
		words++;
		covered += is_asked(q->index, core->word[i].number, &in_title) ? w : 0;
	}
	return words >= CORE_WORDS_MIN && all > 0 ? covered / all : 0;
}

/* ---- answers ------------------------------------------------------------------------------ */

/* Only the likest text of each event. */
static void answer(struct answers *answers, const struct hy_index_text *text, double score,
		   bool repeats)
{
	size_t i = 0;

	while (i < answers->count && answers->event[i] != text->event)
		i++;
	if (i == HY_EVENT_CANDIDATES_MAX ||
	    (i < answers->count && answers->item[i].score >= score))
		return;
	answers->count += i == answers->count;
	answers->event[i] = text->event;
	answers->item[i] = (struct hy_event_candidate){.alert = text->alert,
						       .event = text->event->id,
						       .score = score,
						       .repeats = repeats};
}

static int best_first(const void *a, const void *b)
{
	const struct hy_event_candidate *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return memcmp(x->event.hex, y->event.hex, sizeof x->event.hex);
}

struct repeats {
	uint32_t text[HY_REPEATS_FOUND_MAX];
	size_t count;
};

static bool is_repeated(const struct repeats *repeats, uint32_t text)
{
	for (size_t i = 0; i < repeats->count; i++) {
		if (repeats->text[i] == text)
			return true;
	}
	return false;
}

static void answer_by_words(struct query *q, const struct repeats *repeats,
			    struct answers *answers)
{
	struct near near[COMPARED_MAX];
	size_t count = find_near(q, near);

	for (size_t i = 0; i < count; i++) {
		const struct hy_index_text *text = q->index->text[near[i].text];
		double core = core_covered(q, text->event) * HY_EVENT_SAME / CORE_COVERED;
		double score = fmax(core, likeness(q, text));

		if (score >= HY_EVENT_SAME)
			answer(answers, text, fmin(score, 1), is_repeated(repeats, near[i].text));
	}
}

size_t hy_event_index_find(struct hy_event_index *index, const struct hy_event_text *text,
			   struct hy_event_candidate out[HY_EVENT_CANDIDATES_MAX])
{
	struct repeats repeats;
	struct answers answers = {.item = out};
	struct query *q = hy_xcalloc(1, sizeof *q);

	repeats.count = hy_repeats_find(index->repeats, &text->signature, repeats.text);
	for (size_t i = 0; i < repeats.count; i++)
		answer(&answers, index->text[repeats.text[i]], REPEATS, true);
	start(q, index, text);
	answer_by_words(q, &repeats, &answers);
	free(q);
	qsort(out, answers.count, sizeof out[0], best_first);
	return answers.count;
}
