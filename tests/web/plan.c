#include "tests/web/plan.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "tests/web/rng.h"
#include "tests/web/story.h"

#define DOCUMENTS_MAX 2000000u
#define REPOSTS_MAX 3
#define DAY_MS (24 * 3600 * 1000)

/* One account in this many of the sources: WeChat carries a part of the news. */
static uint16_t some_source(const struct sim_plan *p, struct sim_rng *rng)
{
	if (sim_rng_below(rng, 12) == 0)
		return (uint16_t)(p->options.sites + sim_rng_below(rng, SIM_ACCOUNTS));
	return (uint16_t)sim_rng_below(rng, p->options.sites);
}

static uint16_t another_source(const struct sim_plan *p, struct sim_rng *rng, uint16_t than)
{
	uint16_t source = some_source(p, rng);

	return source == than ? (uint16_t)((source + 1) % p->sources) : source;
}

static int64_t between(struct sim_rng *rng, int64_t from, int64_t to)
{
	return to > from ? from + (int64_t)sim_rng_below(rng, (size_t)(to - from)) : from;
}

/* Writes a concern's documents from `at` on; at most `room`. Returns how many. */
static uint32_t plan_concern(struct sim_plan *p, uint32_t concern, uint32_t at, uint32_t room)
{
	struct sim_rng rng = sim_rng_of(p->options.seed, SIM_STREAM_PLAN, concern);
	int64_t span = p->options.span_ms, first = between(&rng, 0, span * 17 / 20);
	uint32_t reposts = (uint32_t)sim_rng_below(&rng, REPOSTS_MAX + 1);
	struct sim_document d = {.concern = concern, .source = some_source(p, &rng),
				 .appears_ms = first, .edited_ms = SIM_NEVER};

	if (span > 0 && sim_rng_below(&rng, 5) == 0)
		d.edited_ms = between(&rng, first + (span - first) / 4, span);
	p->document[at] = d;
	for (uint32_t i = 1; i <= reposts && i < room; i++) {
		d.repost = (uint8_t)i;
		d.source = another_source(p, &rng, d.source);
		d.appears_ms = between(&rng, first, first + (span - first) * 3 / 4);
		d.edited_ms = SIM_NEVER;
		p->document[at + i] = d;
	}
	return (reposts < room ? reposts : room - 1) + 1;
}

static void plan_ordinary(struct sim_plan *p, uint32_t at)
{
	struct sim_rng rng = sim_rng_of(p->options.seed, SIM_STREAM_PLAN, SIM_CONCERNS_MAX + at);
	struct sim_document *d = &p->document[at];

	*d = (struct sim_document){.concern = SIM_NO_CONCERN, .edited_ms = SIM_NEVER};
	d->source = some_source(p, &rng);
	d->appears_ms = between(&rng, 0, p->options.span_ms);
	if (!sim_plan_is_account(p, d->source))
		return;
	if (sim_rng_below(&rng, 8) == 0)
		d->outcome = SIM_DELETED;
	else if (sim_rng_below(&rng, 10) == 0 && p->options.captcha)
		d->outcome = SIM_BLOCKED;
}

static int by_time(const void *a, const void *b)
{
	const struct sim_document *x = a, *y = b;

	if (x->appears_ms != y->appears_ms)
		return x->appears_ms < y->appears_ms ? -1 : 1;
	return (x->shuffle > y->shuffle) - (x->shuffle < y->shuffle);
}

/* Distinct numbers in random order (Fisher and Yates), so that the sort has no ties. */
static void shuffle(struct sim_plan *p)
{
	struct sim_rng rng = sim_rng_of(p->options.seed, SIM_STREAM_PLAN, UINT64_MAX);

	for (uint32_t i = 0; i < p->options.documents; i++) {
		uint32_t j = (uint32_t)sim_rng_below(&rng, i + 1);

		p->document[i].shuffle = p->document[j].shuffle;
		p->document[j].shuffle = i;
	}
}

static void index_sources(struct sim_plan *p)
{
	size_t *cap = hy_xcalloc(p->sources, sizeof *cap);

	p->of_source = hy_xcalloc(p->sources, sizeof *p->of_source);
	p->source_count = hy_xcalloc(p->sources, sizeof *p->source_count);
	for (uint32_t i = 0; i < p->options.documents; i++) {
		uint32_t s = p->document[i].source, n = p->source_count[s];

		p->of_source[s] = hy_grow(p->of_source[s], &cap[s], n + 1, sizeof **p->of_source);
		p->of_source[s][n] = i;
		p->source_count[s] = n + 1;
	}
	free(cap);
}

static enum hy_err check(const struct sim_plan_options *o, struct hy_error *e)
{
	if (o->sites < 2 || o->sites > SIM_SITES_MAX)
		return hy_fail(e, HY_ERR_LIMIT, "sites must be 2 to %d", SIM_SITES_MAX);
	if (o->documents < 1 || o->documents > DOCUMENTS_MAX)
		return hy_fail(e, HY_ERR_LIMIT, "documents must be 1 to %u", DOCUMENTS_MAX);
	if (o->concerns > o->documents || o->concerns > SIM_CONCERNS_MAX)
		return hy_fail(e, HY_ERR_LIMIT, "concerns must be at most %d and the documents",
			       SIM_CONCERNS_MAX);
	return HY_OK;
}

enum hy_err sim_plan_make(const struct sim_plan_options *options, struct sim_plan *out_plan,
			  struct hy_error *e)
{
	struct sim_plan p = {.options = *options, .sources = options->sites + SIM_ACCOUNTS};
	enum hy_err err = check(options, e);
	uint32_t n = 0;

	if (err)
		return err;
	p.document = hy_xcalloc(options->documents, sizeof *p.document);
	for (uint32_t c = 0; c < options->concerns; c++) {
		/* Each concern still to come keeps room for its original. */
		uint32_t room = options->documents - n - (options->concerns - c - 1);

		n += plan_concern(&p, c, n, room);
	}
	for (; n < options->documents; n++)
		plan_ordinary(&p, n);
	shuffle(&p);
	qsort(p.document, options->documents, sizeof *p.document, by_time);
	index_sources(&p);
	*out_plan = p;
	return HY_OK;
}

void sim_plan_free(struct sim_plan *p)
{
	for (uint32_t s = 0; p->of_source && s < p->sources; s++)
		free(p->of_source[s]);
	free(p->of_source);
	free(p->source_count);
	free(p->document);
	*p = (struct sim_plan){0};
}

uint32_t sim_plan_visible(const struct sim_plan *p, uint32_t source, int64_t now_ms)
{
	uint32_t low = 0, high = p->source_count[source];

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (p->document[p->of_source[source][middle]].appears_ms <= now_ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool sim_plan_is_edited(const struct sim_plan *p, uint32_t document, int64_t now_ms)
{
	return p->document[document].edited_ms <= now_ms;
}

struct hy_wall sim_plan_published(const struct sim_plan *p, uint32_t document)
{
	if (p->options.span_ms > 0)
		return hy_wall_add_ms(p->options.start, p->document[document].appears_ms);
	return hy_wall_add_ms(p->options.start, (int64_t)DAY_MS * document / p->options.documents -
							DAY_MS);
}

bool sim_plan_is_account(const struct sim_plan *p, uint32_t source)
{
	return source >= p->options.sites;
}
