#include "alerter/words.h"

#include <stdlib.h>

#include "common/base/utf8.h"

/* Shorter ones are half a sentence that anything may contain. */
#define PHRASE_RUNES_MIN 4
#define ENCODED_BYTES 4

struct reader {
	struct hy_words *out;
	uint32_t flag;
	uint32_t before;	/* the Han character before, or 0 */
	uint64_t latin;		/* hash of the letters so far, or 0 */
};

/* Finaliser of SplitMix64: every input bit reaches every output bit. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static uint32_t fold_letter(uint32_t rune)
{
	if (rune >= 0xff01 && rune <= 0xff5e)
		rune -= 0xfee0;	/* full width to ASCII */
	if (rune >= 'A' && rune <= 'Z')
		rune += 'a' - 'A';
	return (rune >= 'a' && rune <= 'z') || (rune >= '0' && rune <= '9') ? rune : 0;
}

/* Inside names: 伊景园·滨河苑, 7-zip. */
static bool is_joint(uint32_t rune)
{
	return rune == 0xb7 || rune == '.' || rune == 0xff0e || rune == '-';
}

static void put(struct reader *r, uint64_t value)
{
	if (r->out->count < HY_WORDS_MAX)
		r->out->word[r->out->count++] =
			((uint32_t)(mix(value) >> 32) & ~HY_WORD_IN_TITLE) | r->flag;
}

static void end_latin(struct reader *r)
{
	if (r->latin)
		put(r, r->latin);
	r->latin = 0;
}

static void add_rune(struct reader *r, uint32_t rune)
{
	uint32_t letter = fold_letter(rune);

	if (letter) {
		r->latin = mix(r->latin + letter + 1) | 1;
		r->before = 0;
		return;
	}
	if (is_joint(rune))
		return;
	end_latin(r);
	if (rune == ' ')
		return;
	if (!hy_rune_is_han(rune)) {
		r->before = 0;
		return;
	}
	if (r->before)
		put(r, (uint64_t)r->before << 21 | rune);
	r->before = rune;
}

static void add_text(struct reader *r, struct hy_str text)
{
	for (size_t at = 0; at < text.n;) {
		uint32_t rune = 0;
		size_t n = hy_utf8_decode(text.p + at, text.n - at, &rune);

		add_rune(r, n ? rune : 0xfffd);
		at += n ? n : 1;
	}
	end_latin(r);
	r->before = 0;
}

static int by_word(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Sorted, the mark of a title's word comes after the same word without it. */
static void sort(struct hy_words *words)
{
	size_t kept = 0;

	qsort(words->word, words->count, sizeof words->word[0], by_word);
	for (size_t i = 0; i < words->count; i++) {
		uint32_t word = words->word[i];

		if (kept && (words->word[kept - 1] | HY_WORD_IN_TITLE) == (word | HY_WORD_IN_TITLE))
			words->word[kept - 1] |= word;
		else
			words->word[kept++] = word;
	}
	words->count = kept;
}

void hy_words_of(struct hy_str title, const struct hy_phrases *phrases,
		 const struct hy_phrase_set *skip, struct hy_words *out)
{
	struct reader r = {.out = out, .flag = HY_WORD_IN_TITLE};
	size_t runes = 0;

	out->count = 0;
	add_text(&r, title);
	r.flag = 0;
	for (size_t i = 0; i < phrases->count && runes < HY_WORDS_OPENING_RUNES; i++) {
		struct hy_str text = phrases->item[i].text;

		if (skip->has[i])
			continue;
		add_text(&r, text);
		runes += hy_utf8_count(text.p, text.n);
	}
	sort(out);
}

bool hy_words_have(const struct hy_words *words, struct hy_str word)
{
	struct hy_words one = {.count = 0};
	struct reader r = {.out = &one};
	size_t low = 0, high = words->count;

	add_text(&r, word);
	if (one.count != 1)
		return false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (words->word[middle] >> 1 < one.word[0] >> 1)
			low = middle + 1;
		else
			high = middle;
	}
	return low < words->count && words->word[low] >> 1 == one.word[0] >> 1;
}

static bool ends_phrase(uint32_t rune)
{
	static const uint32_t marks[] = {
		'\n', '\r', '\t', ' ', 0x3000, ',', ';', ':', '!', '?', '|', 0xff0c, 0x3002,
		0xff1b, 0xff1a, 0xff01, 0xff1f, 0x2026, 0xfffd,
	};

	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		if (rune == marks[i])
			return true;
	}
	return false;
}

static void add_phrase(struct hy_phrases *out, struct hy_str text, size_t runes, uint64_t hash)
{
	if (runes >= PHRASE_RUNES_MIN && out->count < HY_PHRASES_MAX)
		out->item[out->count++] =
			(struct hy_phrase){.hash = (uint32_t)(mix(hash) >> 32), .text = text};
}

void hy_phrases_of(struct hy_str text, struct hy_phrases *out)
{
	size_t start = 0, runes = 0;
	uint64_t hash = 0;

	out->count = 0;
	for (size_t at = 0; at < text.n && out->count < HY_PHRASES_MAX;) {
		uint32_t rune = 0;
		size_t n = hy_utf8_decode(text.p + at, text.n - at, &rune);

		if (n == 0 || ends_phrase(rune)) {
			add_phrase(out, hy_str_sub(text, start, at - start), runes, hash);
			start = at + (n ? n : 1);
			runes = 0;
			hash = 0;
		} else {
			hash = mix(hash + rune);
			runes++;
		}
		at += n ? n : 1;
	}
	if (start < text.n)
		add_phrase(out, hy_str_sub(text, start, text.n - start), runes, hash);
}

static void encode(uint32_t value, struct hy_buf *out)
{
	char bytes[ENCODED_BYTES];

	for (size_t i = 0; i < ENCODED_BYTES; i++)
		bytes[i] = (char)(unsigned char)(value >> (24 - 8 * i) & 0xff);
	hy_buf_add(out, bytes, sizeof bytes);
}

static uint32_t decode(const char *p)
{
	uint32_t value = 0;

	for (size_t i = 0; i < ENCODED_BYTES; i++)
		value = value << 8 | (unsigned char)p[i];
	return value;
}

void hy_words_encode(const struct hy_words *words, struct hy_buf *out)
{
	for (size_t i = 0; i < words->count; i++)
		encode(words->word[i], out);
}

bool hy_words_decode(struct hy_str bytes, struct hy_words *out)
{
	out->count = 0;
	if (bytes.n % ENCODED_BYTES || bytes.n / ENCODED_BYTES > HY_WORDS_MAX)
		return false;
	for (size_t i = 0; i < bytes.n / ENCODED_BYTES; i++) {
		out->word[i] = decode(bytes.p + i * ENCODED_BYTES);
		if (i && out->word[i] >> 1 <= out->word[i - 1] >> 1)
			return false;
	}
	out->count = bytes.n / ENCODED_BYTES;
	return true;
}

void hy_phrases_encode(const struct hy_phrases *phrases, struct hy_buf *out)
{
	for (size_t i = 0; i < phrases->count; i++)
		encode(phrases->item[i].hash, out);
}

bool hy_phrases_decode(struct hy_str bytes, struct hy_phrases *out)
{
	out->count = 0;
	if (bytes.n % ENCODED_BYTES || bytes.n / ENCODED_BYTES > HY_PHRASES_MAX)
		return false;
	for (size_t i = 0; i < bytes.n / ENCODED_BYTES; i++)
		out->item[i] = (struct hy_phrase){.hash = decode(bytes.p + i * ENCODED_BYTES)};
	out->count = bytes.n / ENCODED_BYTES;
	return true;
}
