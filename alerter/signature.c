#include "alerter/signature.h"

#include <stddef.h>

#include "common/base/utf8.h"

#define SHINGLE 3
#define RUNE_BITS 21
#define SHINGLE_MASK ((UINT64_C(1) << (SHINGLE * RUNE_BITS)) - 1)
/* A text of this many characters identifies itself; below, the title has to help. */
#define SHORT_TEXT_RUNES 100
#define NO_VALUE UINT64_MAX
#define BAND_ROWS (HY_SIGNATURE_BINS / HY_SIGNATURE_BANDS)

struct shingler {
	uint64_t shingle;	/* the last characters, 21 bits each: they fill a word without loss */
	size_t seen;
	uint64_t low[HY_SIGNATURE_BINS];	/* the smallest value of each bin */
};

/* Finaliser of SplitMix64: every input bit reaches every output bit. */
static uint64_t mix(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9u;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

/* What counts as a character of the text, folded; 0 for what is ignored. */
static uint32_t fold(uint32_t rune)
{
	if (rune >= 0x4e00 && rune <= 0x9fff)
		return rune;	/* nearly all of a text */
	if (rune >= 0xff01 && rune <= 0xff5e)
		rune -= 0xfee0;	/* full width to ASCII */
	if (rune >= 'A' && rune <= 'Z')
		return rune + ('a' - 'A');
	if ((rune >= 'a' && rune <= 'z') || (rune >= '0' && rune <= '9') || hy_rune_is_han(rune))
		return rune;
	return 0;
}

static void add_rune(struct shingler *s, uint32_t rune)
{
	uint64_t value;
	size_t bin;

	s->shingle = (s->shingle << RUNE_BITS | rune) & SHINGLE_MASK;
	if (++s->seen < SHINGLE)
		return;
	value = mix(s->shingle + 0x9e3779b97f4a7c15u);
	bin = (size_t)(value >> 57);
	value &= (UINT64_C(1) << 57) - 1;
	if (value < s->low[bin])
		s->low[bin] = value;
}

static void add_text(struct shingler *s, struct hy_str text)
{
	for (size_t at = 0; at < text.n;) {
		uint32_t rune = 0;
		size_t n = hy_utf8_decode(text.p + at, text.n - at, &rune);

		rune = n ? fold(rune) : 0;
		at += n ? n : 1;
		if (rune)
			add_rune(s, rune);
	}
}

/* An empty bin takes the value of the next filled one to its right, marked by the distance,
 * so that short texts stay comparable (densification by rotation). */
static void fill(const struct shingler *s, struct hy_signature *out)
{
	for (size_t i = 0; i < HY_SIGNATURE_BINS; i++) {
		size_t distance = 0;

		while (s->low[(i + distance) % HY_SIGNATURE_BINS] == NO_VALUE)
			distance++;
		out->bin[i] = (uint16_t)mix(s->low[(i + distance) % HY_SIGNATURE_BINS] +
					    distance * 0x9e3779b97f4a7c15u);
	}
}

void hy_signature_of(struct hy_str title, struct hy_str text, struct hy_signature *out)
{
	struct shingler s = {.seen = 0};

	for (size_t i = 0; i < HY_SIGNATURE_BINS; i++)
		s.low[i] = NO_VALUE;
	if (hy_utf8_count(text.p, text.n) < SHORT_TEXT_RUNES)
		add_text(&s, title);
	add_text(&s, text);
	*out = (struct hy_signature){.empty = s.seen < SHINGLE};
	if (!out->empty)
		fill(&s, out);
}

double hy_signature_similarity(const struct hy_signature *a, const struct hy_signature *b)
{
	int equal = 0;

	if (a->empty || b->empty)
		return 0;
	for (size_t i = 0; i < HY_SIGNATURE_BINS; i++)
		equal += a->bin[i] == b->bin[i];
	return (double)equal / HY_SIGNATURE_BINS;
}

int64_t hy_signature_band(const struct hy_signature *s, int band)
{
	uint64_t key = (uint64_t)band + 1;

	for (int row = 0; row < BAND_ROWS; row++)
		key = mix(key ^ s->bin[band * BAND_ROWS + row]) + 0x9e3779b97f4a7c15u;
	return (int64_t)(key >> 1);
}

void hy_signature_encode(const struct hy_signature *s, char out[HY_SIGNATURE_BYTES])
{
	for (size_t i = 0; i < HY_SIGNATURE_BINS; i++) {
		out[2 * i] = (char)(unsigned char)(s->bin[i] >> 8);
		out[2 * i + 1] = (char)(unsigned char)(s->bin[i] & 0xff);
	}
}

bool hy_signature_decode(struct hy_str bytes, struct hy_signature *out)
{
	if (bytes.n != HY_SIGNATURE_BYTES)
		return false;
	*out = (struct hy_signature){.empty = false};
	for (size_t i = 0; i < HY_SIGNATURE_BINS; i++)
		out->bin[i] = (uint16_t)((unsigned)(unsigned char)bytes.p[2 * i] << 8 |
					 (unsigned char)bytes.p[2 * i + 1]);
	return true;
}
