#include "crawler/extract_body.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "crawler/extract_hint.h"
#include "crawler/extract_peers.h"
#include "crawler/extract_phrase.h"
#include "crawler/extract_unit.h"
#include "crawler/time_text.h"

/* Shorter units say nothing about the place they stand in. */
#define VOTE_MIN_WIDTH 24
/* What counts as text of quality when surroundings are weighed. */
#define GOOD_MIN_WIDTH 40
#define SHORT_TEXT_WIDTH 160
#define VOTE_LEVELS 6
#define NAME_BONUS 25.0F
#define NAME_TRUST 2.0F
#define HEADLINE_WIDTH 16
/* A line of facts about the text is no longer than this. */
#define BYLINE_WIDTH 160
#define LEAD_MIN_WIDTH 60
#define LEADS_MIN_WIDTH 240
#define LEAD_LEVELS 3
#define NAME_BYTES 30		/* ten characters: longer is no outlet's name */

struct sizes {
	uint32_t good, bad;	/* widths */
	uint32_t goods;		/* units of quality */
	uint32_t headlines;	/* units that are a link as long as a headline */
	uint32_t cuts;		/* units of quality that end in "..." */
};

struct finder {
	const struct hy_measure *m;
	const struct hy_page *page;
	const struct hy_units *units;
	struct sizes *sums;	/* over the units before an index */
	uint8_t *aside;		/* per node: inside something that is no article */
	float *scores;		/* per node */
	const struct hy_title *title;
	struct hy_body *body;
};

static bool is_aside(unsigned hints)
{
	return (hints & HY_HINT_ASIDE) && !(hints & HY_HINT_BODY);
}

static uint32_t own_width(const struct hy_unit *unit)
{
	return unit->width - unit->link_width;
}

static bool is_good(const struct hy_unit *unit)
{
	return own_width(unit) >= GOOD_MIN_WIDTH && unit->stops > 0 &&
	       unit->link_width * 3 < unit->width;
}

static struct sizes sizes_of(const struct finder *f, size_t node)
{
	size_t from = hy_units_at(f->units, (uint32_t)node);
	size_t to = hy_units_at(f->units, f->page->nodes[node].end);

	return (struct sizes){
		.good = f->sums[to].good - f->sums[from].good,
		.bad = f->sums[to].bad - f->sums[from].bad,
		.goods = f->sums[to].goods - f->sums[from].goods,
		.headlines = f->sums[to].headlines - f->sums[from].headlines,
		.cuts = f->sums[to].cuts - f->sums[from].cuts,
	};
}

static bool is_headline(const struct hy_unit *unit)
{
	return unit->link_width >= HEADLINE_WIDTH && unit->link_width * 10 >= unit->width * 8;
}

/* A text cut off by its publisher: what it belongs to is elsewhere. */
static bool is_cut(const struct finder *f, const struct hy_unit *unit)
{
	struct hy_str last = hy_str_trim(f->page->nodes[unit->end - 1].text);

	return hy_str_ends(last, HY_STR_LIT("...")) || hy_str_ends(last, HY_STR_LIT("…"));
}

static void add_unit(const struct finder *f, const struct hy_unit *unit, bool aside,
		     struct sizes *sum)
{
	sum->headlines += is_headline(unit);
	if (!is_good(unit) || aside) {
		sum->bad += unit->width;
		return;
	}
	sum->good += own_width(unit);
	sum->goods++;
	sum->cuts += is_cut(f, unit);
}

static void sum_units(struct finder *f, bool heed_aside)
{
	struct sizes sum = {0, 0, 0, 0, 0};

	for (size_t i = 0; i < f->units->count; i++) {
		const struct hy_unit *unit = &f->units->items[i];

		f->sums[i] = sum;
		add_unit(f, unit, heed_aside && f->aside[unit->first], &sum);
	}
	f->sums[f->units->count] = sum;
}

/*
 * A name is no proof: what holds most of the page's text is no sidebar. Recommended texts may
 * well be longer than a short one that they stand behind.
 */
static bool holds_most(const struct finder *f, size_t node, uint32_t all)
{
	uint32_t good = sizes_of(f, node).good;

	if ((f->m->hints[node] & HY_HINT_OTHERS) && all - good >= SHORT_TEXT_WIDTH)
		return false;
	return good * 2 > all;
}

static void mark_aside(struct finder *f)
{
	uint32_t all = f->sums[f->units->count].good;
	size_t end = 0;

	for (size_t i = 0; i < f->page->count; i++) {
		if (i < end) {
			f->aside[i] = 1;
			continue;
		}
		if (is_aside(f->m->hints[i]) && !holds_most(f, i, all)) {
			end = f->page->nodes[i].end;
			f->aside[i] = 1;
		}
	}
}

static float name_weight(const struct finder *f, size_t node)
{
	static const signed char by_tag[HY_TAG_COUNT] = {
		[HY_TAG_DIV] = 5,      [HY_TAG_ARTICLE] = 8, [HY_TAG_SECTION] = 3,
		[HY_TAG_PRE] = 3,      [HY_TAG_TD] = 3,	     [HY_TAG_BLOCKQUOTE] = 3,
		[HY_TAG_ADDRESS] = -3, [HY_TAG_OL] = -3,     [HY_TAG_UL] = -3,
		[HY_TAG_DL] = -3,      [HY_TAG_DD] = -3,     [HY_TAG_DT] = -3,
		[HY_TAG_LI] = -3,      [HY_TAG_FORM] = -3,   [HY_TAG_H1] = -5,
		[HY_TAG_H2] = -5,      [HY_TAG_H3] = -5,     [HY_TAG_H4] = -5,
		[HY_TAG_TH] = -5,
	};
	unsigned hints = f->m->hints[node];
	float weight = by_tag[f->page->nodes[node].tag];

	if (hints & HY_HINT_BODY)
		weight += NAME_BONUS;
	if (is_aside(hints))
		weight -= NAME_BONUS;
	return weight;
}

static float vote_of(const struct finder *f, const struct hy_unit *unit)
{
	float own = (float)own_width(unit), vote;

	if (own < VOTE_MIN_WIDTH)
		return 0;
	vote = 1 + (float)unit->stops + (own < 480 ? own / 120 : 4);
	vote *= own / (float)unit->width;
	return f->aside[unit->first] ? vote / 10 : vote;
}

/* A paragraph votes for what holds it; text directly in a <div> votes for that <div>. */
static size_t first_elector(const struct finder *f, const struct hy_unit *unit)
{
	const struct hy_node *owner = &f->page->nodes[unit->owner];
	bool alone = hy_measure_of(f->m, unit->owner).width == unit->width;
	bool paragraph = owner->tag == HY_TAG_P || owner->tag == HY_TAG_PRE ||
			 owner->tag == HY_TAG_LI ||
			 (hy_tag_traits((enum hy_tag)owner->tag) & HY_TAG_IS_HEADING);

	return (paragraph || alone) && owner->parent != HY_PAGE_NO_NODE ? owner->parent
									 : unit->owner;
}

static void vote(struct finder *f)
{
	static const float shares[VOTE_LEVELS] = {1.0F, 0.5F, 0.22F, 0.14F, 0.1F, 0.07F};

	for (size_t i = 0; i < f->units->count; i++) {
		float amount = vote_of(f, &f->units->items[i]);
		size_t node;

		if (amount <= 0)
			continue;
		node = first_elector(f, &f->units->items[i]);
		for (int level = 0; level < VOTE_LEVELS && node != HY_PAGE_NO_NODE; level++) {
			f->scores[node] += amount * shares[level];
			node = f->page->nodes[node].parent;
		}
	}
}

/* A name may double what the text says, no more. */
static float score_of(const struct finder *f, size_t node)
{
	float votes = f->scores[node], weight = name_weight(f, node);

	return votes + (weight < votes * NAME_TRUST ? weight : votes * NAME_TRUST);
}

static size_t elect(const struct finder *f)
{
	size_t best = HY_PAGE_NO_NODE;
	float best_score = 0;

	for (size_t i = 0; i < f->page->count; i++) {
		struct hy_sum sum;
		float score;

		if (f->scores[i] <= 0)
			continue;
		sum = hy_measure_of(f->m, i);
		score = score_of(f, i) * (1 - (float)sum.link_width / (float)(sum.width + 1));
		if (score > best_score) {
			best_score = score;
			best = i;
		}
	}
	return best;
}

/* The ancestor that gains more text of quality than it brings along otherwise. */
static size_t widen(const struct finder *f, size_t node)
{
	struct sizes own = sizes_of(f, node);
	size_t best = node;
	double best_gain = own.good * 0.08 + 60;

	for (size_t up = f->page->nodes[node].parent; up != HY_PAGE_NO_NODE;
	     up = f->page->nodes[up].parent) {
		struct sizes all = sizes_of(f, up);
		double gain = (double)(all.good - own.good) - 1.2 * (double)(all.bad - own.bad);

		if (gain > best_gain) {
			best_gain = gain;
			best = up;
		}
	}
	return best;
}

static bool is_navigation(const struct finder *f, size_t node)
{
	struct hy_sum sum = hy_measure_of(f->m, node);

	if (sum.links == 0 || sum.width == 0)
		return false;
	if (sum.links == 1)
		return sum.link_width == sum.width && sum.stops == 0;
	return sum.link_width * 2 > sum.width;
}

static bool repeats_title(const struct finder *f, size_t node)
{
	struct hy_buf text;
	bool same;

	if (f->title->text.n == 0 || hy_measure_of(f->m, node).width > 200)
		return false;
	hy_buf_init(&text, 4096);
	hy_text_write(f->m, node, f->page->nodes[node].end, &text);
	same = hy_str_eq(hy_buf_str(&text), hy_buf_str(&f->title->text));
	hy_buf_fini(&text);
	return same;
}

/* Teasers of other articles: headlines or cut texts, as many as there are paragraphs. */
static bool is_teasers(const struct sizes *sizes)
{
	return (sizes->headlines >= 2 && sizes->goods <= sizes->headlines) ||
	       (sizes->cuts >= 2 && sizes->cuts * 2 >= sizes->goods);
}

/* True where the whole subtree is no text. */
static bool is_clutter(const struct finder *f, size_t node, uint32_t all_good)
{
	unsigned hints = f->m->hints[node];
	enum hy_tag tag = (enum hy_tag)f->page->nodes[node].tag;
	struct hy_sum sum = hy_measure_of(f->m, node);
	struct sizes sizes;
	uint32_t good;

	if (sum.width == 0)
		return true;
	if (!(hy_tag_traits(tag) & HY_TAG_IS_BLOCK))
		return is_aside(hints) && sum.width < 200;
	sizes = sizes_of(f, node);
	good = sizes.good;
	if (is_teasers(&sizes) && good * 10 <= all_good * 4)
		return true;
	if (is_aside(hints) && good * 10 <= all_good * 3)
		return true;
	if ((hints & HY_HINT_CAPTION) && good * 5 <= all_good)
		return true;
	if ((hints & HY_HINT_BYLINE) && !(hints & HY_HINT_BODY) && sum.width < BYLINE_WIDTH)
		return true;
	if (tag == HY_TAG_FORM && good * 5 <= all_good)
		return true;
	if ((hy_tag_traits(tag) & HY_TAG_IS_HEADING) && repeats_title(f, node))
		return true;
	return is_navigation(f, node);
}

static void keep_subtree(struct finder *f, size_t root)
{
	const struct hy_node *nodes = f->page->nodes;
	uint32_t all_good = sizes_of(f, root).good;
	size_t i = root;

	while (i < nodes[root].end) {
		if (f->m->hints[i] & HY_HINT_HIDDEN) {
			i = nodes[i].end;
		} else if (i != root && nodes[i].tag != HY_TAG_TEXT &&
			   is_clutter(f, i, all_good)) {
			i = nodes[i].end;
		} else {
			f->body->keep[i] = 1;
			i++;
		}
	}
}

/* Whether most of what follows a unit is no text of quality. */
static bool is_tail(const struct finder *f, size_t unit, size_t to, uint32_t all_good)
{
	uint32_t rest = f->sums[to].good - f->sums[unit].good;

	return rest * 4 <= all_good;
}

static void drop_unit(struct finder *f, const struct hy_unit *unit)
{
	memset(f->body->keep + unit->first, 0, unit->end - unit->first);
}

/* What stands beside the time is an outlet's name, not a sentence. */
static bool is_name(struct hy_str s)
{
	static const char *const marks[] = {"，", "。", "、", "：“", "！", "？"};

	for (size_t i = 0; i < HY_COUNT(marks); i++)
		if (hy_str_find(s, hy_str_of(marks[i]), 0) != SIZE_MAX)
			return false;
	return s.n <= NAME_BYTES;
}

static bool is_sentence(struct hy_str line)
{
	static const char *const ends[] = {"。", "！", "？", "。”", "！”", "？”"};

	for (size_t i = 0; i < HY_COUNT(ends); i++)
		if (hy_str_ends(line, hy_str_of(ends[i])))
			return true;
	return false;
}

/* "2021-08-12 09:30 来源：..." or "11月23日 某某晚报" between headline and text. */
static bool is_byline(const struct hy_unit *unit, struct hy_str line)
{
	static const char *const words[] = {"来源", "作者", "发布", "浏览", "阅读", "评论",
					    "编辑", "字号", "时间"};
	/* Only where the time stands matters here, so any year will do. */
	const struct hy_wall any = {INT64_C(1600000000000)};
	struct hy_time_text found;

	if (unit->width > BYLINE_WIDTH || is_sentence(line) ||
	    !hy_time_text_find(line, 0, any, &found))
		return false;
	if (found.end - found.start + 6 >= line.n ||
	    (found.start == 0 && is_name(hy_str_sub(line, found.end, line.n))))
		return true;
	for (size_t i = 0; i < HY_COUNT(words); i++)
		if (hy_str_find(line, hy_str_of(words[i]), 0) != SIZE_MAX)
			return true;
	return false;
}

/* The headline above the text, in a layout that holds both in one place. */
static bool is_title(const struct finder *f, const struct hy_unit *unit, struct hy_str line)
{
	return unit->width >= HEADLINE_WIDTH / 2 && unit->width <= BYLINE_WIDTH &&
	       f->title->text.n > 0 && hy_title_same(line, hy_buf_str(&f->title->text));
}

/* Where in the body a unit stands. */
struct position {
	size_t to;		/* the body's last unit, one behind */
	uint32_t all_good;
	bool begun;		/* text of quality has come */
	bool ended;
};

static bool is_dropped(const struct finder *f, size_t index, struct hy_str line,
		       struct position *at)
{
	const struct hy_unit *unit = &f->units->items[index];
	enum hy_phrase phrase = hy_phrase_of(line);

	if ((phrase == HY_PHRASE_STOP && at->begun) ||
	    (phrase == HY_PHRASE_END && is_tail(f, index, at->to, at->all_good)))
		at->ended = true;
	if (at->ended || phrase == HY_PHRASE_LINE || phrase == HY_PHRASE_STOP)
		return true;
	if (!at->begun && (is_byline(unit, line) || is_title(f, unit, line)))
		return true;
	at->begun = at->begun || is_good(unit);
	return false;
}

static void drop_phrases(struct finder *f, size_t root)
{
	size_t from = hy_units_at(f->units, (uint32_t)root);
	struct position at = {.to = hy_units_at(f->units, f->page->nodes[root].end)};
	struct hy_buf line;

	at.all_good = f->sums[at.to].good - f->sums[from].good;
	hy_buf_init(&line, HY_PAGE_MAX_BYTES);
	for (size_t i = from; i < at.to; i++) {
		const struct hy_unit *unit = &f->units->items[i];

		if (!f->body->keep[unit->first])
			continue;
		if (unit->width > 400 && !at.ended) {
			at.begun = true;
			continue;
		}
		hy_buf_clear(&line);
		hy_text_write(f->m, unit->first, unit->end, &line);
		if (is_dropped(f, i, hy_buf_str(&line), &at))
			drop_unit(f, unit);
	}
	hy_buf_fini(&line);
}

static void keep_root(struct finder *f, size_t root)
{
	keep_subtree(f, root);
	drop_phrases(f, root);
}

/* A forum's or question page's other contributions stand in places like the first one's. */
static void keep_with_peers(struct finder *f, size_t root)
{
	struct hy_peers peers;

	keep_root(f, root);
	hy_peers_find(f->m, root, &peers);
	for (size_t i = 0; i < peers.count; i++)
		if (!f->aside[peers.nodes[i]])
			keep_root(f, peers.nodes[i]);
	hy_peers_fini(&peers);
}

/* What the names around a unit, and nothing further out, say together. */
static unsigned place_of(const struct finder *f, const struct hy_unit *unit)
{
	size_t node = unit->owner;
	unsigned hints = 0;

	for (int level = 0; level < LEAD_LEVELS && node != HY_PAGE_NO_NODE; level++) {
		hints |= f->m->hints[node];
		if (f->page->nodes[node].tag == HY_TAG_HEADER)
			hints |= HY_HINT_TITLE;
		node = f->page->nodes[node].parent;
	}
	return hints;
}

static bool is_lead(const struct finder *f, const struct hy_unit *unit, bool has_much)
{
	unsigned place = place_of(f, unit);

	if (own_width(unit) < LEAD_MIN_WIDTH || !is_good(unit) || f->aside[unit->first] ||
	    (place & (HY_HINT_CAPTION | HY_HINT_BYLINE | HY_HINT_HIDDEN)))
		return false;
	return (place & HY_HINT_LEAD) ||
	       (has_much && (place & HY_HINT_BODY) && !(place & HY_HINT_TITLE));
}

/*
 * What the layout sets apart between headline and text: a first paragraph that is named so,
 * or paragraphs in a place of text. A single one of these is a subtitle.
 */
static void keep_lead(struct finder *f, size_t root)
{
	size_t title = f->title->node, from, to;
	uint32_t width = 0;

	if (title == HY_PAGE_NO_NODE || f->page->nodes[title].end > root)
		return;
	from = hy_units_at(f->units, f->page->nodes[title].end);
	to = hy_units_at(f->units, (uint32_t)root);
	for (size_t i = from; i < to; i++)
		if (is_lead(f, &f->units->items[i], true))
			width += own_width(&f->units->items[i]);
	for (size_t i = from; i < to && width > 0; i++) {
		const struct hy_unit *unit = &f->units->items[i];

		if (is_lead(f, unit, width >= LEADS_MIN_WIDTH))
			memset(f->body->keep + unit->first, 1, unit->end - unit->first);
	}
}

static void finder_init(struct finder *f, const struct hy_measure *m, const struct hy_units *units)
{
	f->m = m;
	f->page = m->page;
	f->units = units;
	f->sums = hy_xcalloc(f->units->count + 1, sizeof *f->sums);
	f->aside = hy_xcalloc(m->page->count + 1, 1);
	f->scores = hy_xcalloc(m->page->count + 1, sizeof *f->scores);
	sum_units(f, false);
	mark_aside(f);
	sum_units(f, true);
}

static void finder_fini(struct finder *f)
{
	free(f->sums);
	free(f->aside);
	free(f->scores);
}

void hy_body_find(const struct hy_measure *m, const struct hy_units *units,
		  const struct hy_title *title, struct hy_body *out)
{
	struct finder f = {.title = title, .body = out};

	out->keep = hy_xcalloc(m->page->count + 1, 1);
	out->root = HY_PAGE_NO_NODE;
	finder_init(&f, m, units);
	vote(&f);
	out->root = elect(&f);
	if (out->root != HY_PAGE_NO_NODE) {
		out->root = widen(&f, out->root);
		keep_with_peers(&f, out->root);
		keep_lead(&f, out->root);
	}
	finder_fini(&f);
}

void hy_body_take(const struct hy_measure *m, size_t node, struct hy_body *out)
{
	out->keep = hy_xcalloc(m->page->count + 1, 1);
	out->root = node;
	memset(out->keep + node, 1, m->page->nodes[node].end - node);
}

void hy_body_fini(struct hy_body *body)
{
	free(body->keep);
	body->keep = NULL;
}

/* Runs of kept nodes inside one unit; a dropped inline element leaves its neighbours. */
static void write_unit(const struct hy_measure *m, const struct hy_body *body,
		       const struct hy_unit *unit, struct hy_buf *out)
{
	size_t before = out->n, at = unit->first;

	if (before > 0)
		hy_buf_add_char(out, '\n');
	while (at < unit->end) {
		size_t from = at;

		while (at < unit->end && body->keep[at])
			at++;
		if (at > from)
			hy_text_write(m, from, at, out);
		else
			at++;
	}
	if (out->n == before + (before > 0))
		hy_buf_truncate(out, before);
}

void hy_body_write(const struct hy_measure *m, const struct hy_units *units,
		   const struct hy_body *body, struct hy_buf *out)
{
	if (body->root == HY_PAGE_NO_NODE)
		return;
	for (size_t i = 0; i < units->count; i++)
		write_unit(m, body, &units->items[i], out);
}
