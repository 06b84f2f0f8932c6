#include "alerter/words.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

#define HASH_BITS 18
#define HASH_MASK ((UINT32_C(1) << HASH_BITS) - 1)
#define IN_TITLE (UINT32_C(1) << 23)
#define IS_LATIN (UINT32_C(1) << 22)
#define TITLE_WORDS_MAX 64
/* A title of fewer words, such as "a complaint", does not say which. */
#define TELLING_TITLE_WORDS 4
#define OPENING_BYTES 4500
/* Words of letters are names of products and models, longer than two characters. */
#define LATIN_FACTOR 1.5
/* As if so many events had been seen before: the first few must not tell what is rare. */
#define EVENTS_BEFORE 100
/* A word of more events tells nothing about this one, and would cost as many rows. */
#define KEY_EVENTS_MAX 48
#define TITLE_KEY_FACTOR 3

struct hy_word_counts {
	uint32_t events;
	uint32_t of[HASH_MASK + 1];
};

struct reader {
	struct hy_words *out;
	size_t limit;
	uint32_t flags;
	uint32_t before;	/* the Han character before, or 0 */
	uint64_t latin;		/* hash of the letters so far, or 0 */
};

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static uint32_t hash_of(uint32_t word)
{
	return word & HASH_MASK;
}

static void put(struct reader *r, uint64_t value, uint32_t flags)
{
	struct hy_words *out = r->out;
	uint32_t hash = (uint32_t)(mix(value) >> (64 - HASH_BITS));
	size_t at = out->count;

	while (at > 0 && hash_of(out->word[at - 1]) > hash)
		at--;
	if (at > 0 && hash_of(out->word[at - 1]) == hash)
		return;
	if (out->count == r->limit)
		return;
	for (size_t i = out->count++; i > at; i--)
		out->word[i] = out->word[i - 1];
	out->word[at] = hash | flags | r->flags;
}

static void end_latin(struct reader *r)
{
	if (r->latin)
		put(r, r->latin, IS_LATIN);
	r->latin = 0;
}

static uint32_t fold_latin(uint32_t rune)
{
	if (rune >= 0xff01 && rune <= 0xff5e)
		rune -= 0xfee0;
	if (rune >= 'A' && rune <= 'Z')
		rune += 'a' - 'A';
	return (rune >= 'a' && rune <= 'z') || (rune >= '0' && rune <= '9') ? rune : 0;
}

static void add_rune(struct reader *r, uint32_t rune)
{
	uint32_t letter = fold_latin(rune);

	if (letter) {
		r->latin = mix(r->latin + letter + 1) | 1;
		r->before = 0;
		return;
	}
	/* Version numbers and names such as 7-zip and c.l.i. stay whole. */
	if (r->latin && (rune == '.' || rune == '-' || rune == '_'))
		return;
	end_latin(r);
	if (!hy_rune_is_han(rune)) {
		r->before = 0;
		return;
	}
	if (r->before)
		put(r, (uint64_t)r->before << 21 | rune, 0);
	r->before = rune;
}

static void add_text(struct reader *r, struct hy_str text)
{
	for (size_t at = 0; at < text.n && r->out->count < r->limit;) {
		uint32_t rune = 0;
		size_t n = hy_utf8_decode(text.p + at, text.n - at, &rune);

		add_rune(r, n ? rune : 0);
		at += n ? n : 1;
	}
	end_latin(r);
	r->before = 0;
}

void hy_words_of(struct hy_str title, struct hy_str text, struct hy_words *out)
{
	struct reader r = {.out = out, .limit = TITLE_WORDS_MAX, .flags = IN_TITLE};
	size_t opening = text.n > OPENING_BYTES ? hy_utf8_floor(text.p, text.n, OPENING_BYTES)
						: text.n;

	out->count = 0;
	add_text(&r, title);
	r.limit = HY_WORDS_MAX;
	r.flags = 0;
	add_text(&r, hy_str_sub(text, 0, opening));
}

void hy_words_encode(const struct hy_words *words, struct hy_buf *out)
{
	for (size_t i = 0; i < words->count; i++) {
		char bytes[3] = {(char)(unsigned char)(words->word[i] >> 16 & 0xff),
				 (char)(unsigned char)(words->word[i] >> 8 & 0xff),
				 (char)(unsigned char)(words->word[i] & 0xff)};

		hy_buf_add(out, bytes, sizeof bytes);
	}
}

bool hy_words_decode(struct hy_str bytes, struct hy_words *out)
{
	if (bytes.n % 3 || bytes.n > HY_WORDS_BYTES)
		return false;
	out->count = bytes.n / 3;
	for (size_t i = 0; i < out->count; i++) {
		const char *p = bytes.p + 3 * i;

		out->word[i] = (uint32_t)(unsigned char)p[0] << 16 |
			       (uint32_t)(unsigned char)p[1] << 8 | (uint32_t)(unsigned char)p[2];
		if (i && hash_of(out->word[i]) <= hash_of(out->word[i - 1]))
			return false;
	}
	return true;
}

struct hy_word_counts *hy_word_counts_new(void)
{
	return hy_xcalloc(1, sizeof(struct hy_word_counts));
}

void hy_word_counts_free(struct hy_word_counts *counts)
{
	free(counts);
}

void hy_word_counts_learn(struct hy_word_counts *counts, const struct hy_words *words)
{
	counts->events++;
	for (size_t i = 0; i < words->count; i++)
		counts->of[hash_of(words->word[i])]++;
}

/* Squared: sums of it are the products and lengths of weighted vectors. */
static double weight(const struct hy_word_counts *counts, uint32_t word)
{
	double w = log((double)(counts->events + EVENTS_BEFORE) /
		       (double)(counts->of[hash_of(word)] + 1));

	if (w < 0)
		return 0;
	if (word & IS_LATIN)
		w *= LATIN_FACTOR;
	return w * w;
}

struct sums {
	double all[2], title[2];	/* of a, of b */
	double both, both_titles;
	double title_in[2];		/* a's title found in b, b's title found in a */
};

static void add_shared(struct sums *s, uint32_t a, uint32_t b, double w)
{
	s->both += w;
	s->both_titles += a & b & IN_TITLE ? w : 0;
	s->title_in[0] += a & IN_TITLE ? w : 0;
	s->title_in[1] += b & IN_TITLE ? w : 0;
}

static void add_one(struct sums *s, int side, uint32_t word, double w)
{
	s->all[side] += w;
	s->title[side] += word & IN_TITLE ? w : 0;
}

static void add_up(const struct hy_word_counts *counts, const struct hy_words *a,
		   const struct hy_words *b, struct sums *out)
{
	size_t i = 0, j = 0;

	while (i < a->count || j < b->count) {
		bool from_a = j == b->count || (i < a->count && hash_of(a->word[i]) <=
								hash_of(b->word[j]));
		bool from_b = i == a->count || (j < b->count && hash_of(b->word[j]) <=
								hash_of(a->word[i]));
		double w = weight(counts, from_a ? a->word[i] : b->word[j]);

		if (from_a && from_b)
			add_shared(out, a->word[i], b->word[j], w);
		if (from_a)
			add_one(out, 0, a->word[i++], w);
		if (from_b)
			add_one(out, 1, b->word[j++], w);
	}
}

static size_t title_words(const struct hy_words *words)
{
	size_t count = 0;

	for (size_t i = 0; i < words->count; i++)
		count += (words->word[i] & IN_TITLE) != 0;
	return count;
}

static double share(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

double hy_words_likeness(const struct hy_word_counts *counts, const struct hy_words *a,
			 const struct hy_words *b)
{
	struct sums s = {.both = 0};
	double a_in_b, b_in_a, all;

	add_up(counts, a, b, &s);
	all = share(s.both, sqrt(s.all[0] * s.all[1]));
	if (title_words(a) < TELLING_TITLE_WORDS || title_words(b) < TELLING_TITLE_WORDS)
		return all;
	a_in_b = share(s.title_in[0], s.title[0]);
	b_in_a = share(s.title_in[1], s.title[1]);
	return 0.25 * all +
	       0.30 * share(s.both_titles, sqrt(s.title[0] * s.title[1])) +
	       0.15 * fmin(a_in_b, b_in_a) + 0.30 * fmax(a_in_b, b_in_a);
}

size_t hy_words_keys(const struct hy_word_counts *counts, const struct hy_words *words,
		     bool known, int64_t out[HY_WORD_KEYS])
{
	double best[HY_WORD_KEYS];
	size_t count = 0;

	for (size_t i = 0; i < words->count; i++) {
		uint32_t word = words->word[i], seen = counts->of[hash_of(word)];
		double w = weight(counts, word) * (word & IN_TITLE ? TITLE_KEY_FACTOR : 1);
		size_t at = count;

		if (seen > KEY_EVENTS_MAX || (known && seen == 0))
			continue;
		while (at > 0 && best[at - 1] < w)
			at--;
		if (at == HY_WORD_KEYS)
			continue;
		count += count < HY_WORD_KEYS;
		for (size_t k = count - 1; k > at; k--) {
			best[k] = best[k - 1];
			out[k] = out[k - 1];
		}
		best[at] = w;
		out[at] = (int64_t)(mix(hash_of(word) + UINT64_C(0x776f726473)) >> 1);
	}
	return count;
}
