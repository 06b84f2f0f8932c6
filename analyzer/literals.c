#include "analyzer/literals.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"

#define WIDTH_MAX 6	/* two Chinese characters */
#define BITS_PER_ENTRY 32	/* bitmap slots per string: one false "maybe" in 32 */
#define BITS_LOG2_MAX 24
#define BUCKETS_PER_ENTRY 2
#define LEADS 256

/* 32 bytes, beside the others of its bucket: what is compared is there when it is asked for. */
struct entry {
	uint64_t key;		/* the first `width` bytes */
	uint64_t tail;		/* the last eight bytes of those that have them */
	const char *p;
	uint32_t literal;
	uint32_t n;
};

/* The strings whose key is `width` bytes. */
struct group {
	uint64_t mask;
	uint64_t *bits;
	uint32_t *from;		/* bucket -> entries[from[bucket] .. from[bucket + 1]) */
	struct entry *entries;
	unsigned bits_shift;	/* 64 - log2 of the number of bits */
	unsigned bucket_shift;
};

struct hy_literals {
	struct group groups[WIDTH_MAX];
	size_t group_count;
	/* First byte of a character -> groups that have strings beginning so, a bit each. */
	unsigned char groups_of[LEADS];
};

/* In memory order, so that key and text agree on any machine. */
static inline uint64_t load(const char *p)
{
	uint64_t value;

	memcpy(&value, p, sizeof value);
	return value;
}

static uint64_t mask_of(size_t width)
{
	unsigned char bytes[8] = {0};
	uint64_t mask;

	memset(bytes, 0xff, width);
	memcpy(&mask, bytes, sizeof mask);
	return mask;
}

/* Bitmap and buckets take their numbers from the high bits: a set bit's bucket is near by. */
static inline uint64_t hash_of(uint64_t key)
{
	/* Fibonacci hashing; the fold brings bytes of either end into the high bits. */
	return (key ^ key >> 29) * 0x9e3779b97f4a7c15u;
}

static size_t width_of(struct hy_str s)
{
	return s.n < WIDTH_MAX ? s.n : WIDTH_MAX;
}

static unsigned log2_for(size_t count)
{
	unsigned log2 = 6;

	while (((size_t)1 << log2) < count && log2 < BITS_LOG2_MAX)
		log2++;
	return log2;
}

static uint64_t key_of(struct hy_str s)
{
	char head[8] = {0};

	memcpy(head, s.p, width_of(s));
	return load(head);
}

static void fill_group(struct group *group, const struct hy_str *strings, size_t count,
		       size_t width)
{
	for (size_t i = 0; i < count; i++) {
		if (width_of(strings[i]) != width)
			continue;
		struct entry entry = {.key = key_of(strings[i]), .p = strings[i].p,
				      .literal = (uint32_t)i, .n = (uint32_t)strings[i].n};
		uint64_t hash = hash_of(entry.key), bit = hash >> group->bits_shift;

		if (strings[i].n >= sizeof entry.tail)
			entry.tail = load(strings[i].p + strings[i].n - sizeof entry.tail);
		group->bits[bit / 64] |= (uint64_t)1 << bit % 64;
		/* from[b + 1] is where b's next entry goes, and ends as where b + 1 begins. */
		group->entries[group->from[(hash >> group->bucket_shift) + 1]++] = entry;
	}
}

/* The strings of one width, sorted by bucket by counting. */
static void group_init(struct group *group, const struct hy_str *strings, size_t count,
		       size_t width)
{
	size_t own = 0;

	for (size_t i = 0; i < count; i++)
		own += width_of(strings[i]) == width;
	unsigned bits = log2_for(own * BITS_PER_ENTRY), buckets = log2_for(own * BUCKETS_PER_ENTRY);
	size_t bucket_count = (size_t)1 << buckets;

	*group = (struct group){.mask = mask_of(width), .bits_shift = 64 - bits,
				.bucket_shift = 64 - buckets};
	group->bits = hy_xcalloc(((size_t)1 << bits) / 64, sizeof *group->bits);
	group->from = hy_xcalloc(bucket_count + 2, sizeof *group->from);
	group->entries = hy_xcalloc(own, sizeof *group->entries);
	for (size_t i = 0; i < count; i++)
		if (width_of(strings[i]) == width)
			group->from[(hash_of(key_of(strings[i])) >> group->bucket_shift) + 2]++;
	for (size_t i = 2; i < bucket_count + 2; i++)
		group->from[i] += group->from[i - 1];
	fill_group(group, strings, count, width);
}

struct hy_literals *hy_literals_new(const struct hy_str *strings, size_t count)
{
	struct hy_literals *literals = hy_xcalloc(1, sizeof *literals);
	size_t of_width[WIDTH_MAX + 1] = {0};
	unsigned char group_of[WIDTH_MAX + 1] = {0};

	hy_assert(count < UINT32_MAX);
	for (size_t i = 0; i < count; i++) {
		hy_assert(strings[i].n > 0 && strings[i].n < UINT32_MAX);
		of_width[width_of(strings[i])]++;
	}
	for (size_t width = 1; width <= WIDTH_MAX; width++) {
		if (of_width[width] == 0)
			continue;
		group_of[width] = (unsigned char)(1u << literals->group_count);
		group_init(&literals->groups[literals->group_count++], strings, count, width);
	}
	for (size_t i = 0; i < count; i++)
		literals->groups_of[(unsigned char)strings[i].p[0]] |=
			group_of[width_of(strings[i])];
	return literals;
}

void hy_literals_free(struct hy_literals *literals)
{
	if (!literals)
		return;
	for (size_t i = 0; i < literals->group_count; i++) {
		free(literals->groups[i].bits);
		free(literals->groups[i].from);
		free(literals->groups[i].entries);
	}
	free(literals);
}

struct scan {
	const char *text;
	size_t n;
	hy_literal_fn *fn;
	void *ctx;
};

/* The key is equal; what is behind it? */
static inline bool is_rest_equal(const struct entry *entry, const char *at)
{
	if (entry->n <= WIDTH_MAX)
		return true;
	if (entry->n < sizeof entry->tail)
		return at[WIDTH_MAX] == entry->p[WIDTH_MAX];
	if (load(at + entry->n - sizeof entry->tail) != entry->tail)
		return false;
	return entry->n <= WIDTH_MAX + sizeof entry->tail ||
	       memcmp(entry->p + WIDTH_MAX, at + WIDTH_MAX, entry->n - WIDTH_MAX) == 0;
}

/* Out of line, so that what is done at every character stays small. */
static __attribute__((noinline)) void report(const struct scan *scan, const struct group *group,
					     uint64_t key, size_t at)
{
	uint64_t bucket = hash_of(key) >> group->bucket_shift;
	uint32_t end = group->from[bucket + 1];

	for (uint32_t i = group->from[bucket]; i < end; i++) {
		const struct entry *entry = &group->entries[i];

		if (entry->key == key && entry->n <= scan->n - at &&
		    is_rest_equal(entry, scan->text + at))
			scan->fn(scan->ctx, entry->literal, at);
	}
}

static inline bool may_be(const struct group *group, uint64_t key)
{
	uint64_t bit = hash_of(key) >> group->bits_shift;

	return group->bits[bit / 64] >> bit % 64 & 1;
}

/* The bytes of a character in valid UTF-8, by its first one. */
static inline size_t length_of(unsigned char lead)
{
	return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

static inline void look_at(const struct hy_literals *literals, const struct scan *scan, size_t at)
{
	unsigned groups = literals->groups_of[(unsigned char)scan->text[at]];

	if (!groups)
		return;
	uint64_t head = load(scan->text + at);

	for (; groups; groups &= groups - 1) {
		const struct group *group = &literals->groups[__builtin_ctz(groups)];

		if (may_be(group, head & group->mask))
			report(scan, group, head & group->mask, at);
	}
}

void hy_literals_scan(const struct hy_literals *literals, const char *text, size_t n,
		      hy_literal_fn *fn, void *ctx)
{
	const struct scan scan = {text, n, fn, ctx};
	size_t at = 0;

	/* Strings begin with characters, so nothing begins inside of one. */
	while (at < n) {
		/* A loop of its own for Chinese: a fixed step does not wait for the text. */
		for (; at < n && ((unsigned char)text[at] & 0xf0) == 0xe0; at += 3)
			look_at(literals, &scan, at);
		if (at >= n)
			return;
		look_at(literals, &scan, at);
		at += length_of((unsigned char)text[at]);
	}
}
