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
#define LEADS 256
#define HAN_BYTES 3	/* characters of three bytes, Chinese ones nearly all */
#define BATCH 256
#define RUN 128		/* of them looked at together */

/* 32 bytes: a lookup that finds nothing, as most that pass the bitmap, reads nothing else. */
struct entry {
	uint64_t key;		/* the first `width` bytes */
	uint64_t tail;		/* the last eight bytes of those that have them */
	uint32_t literal;
	uint32_t n;		/* 0: the bucket is empty */
	uint32_t next;		/* of the same bucket; 0: none */
};

/* The strings whose key is `width` bytes. */
struct group {
	uint64_t mask;
	uint64_t *bits;
	struct entry *entries;	/* the first of each bucket, then the others */
	unsigned bits_shift;	/* 64 - log2 of the number of bits */
	unsigned bucket_shift;
};

struct hy_literals {
	struct group groups[WIDTH_MAX];
	size_t group_count;
	const char **texts;	/* by number; asked only where an entry does not say enough */
	/* First byte of a character -> groups that have strings beginning so, a bit each. */
	unsigned char groups_of[LEADS];
	unsigned char han_groups;	/* those that have strings beginning with three bytes */
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

static inline bool is_han_lead(char c)
{
	return ((unsigned char)c & 0xf0) == 0xe0;
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

/* Into its bucket; *rest is the first entry behind the buckets that is free. */
static void add_entry(struct group *group, struct hy_str string, size_t number, uint32_t *rest)
{
	struct entry entry = {.key = key_of(string), .literal = (uint32_t)number,
			      .n = (uint32_t)string.n};
	uint64_t hash = hash_of(entry.key), bit = hash >> group->bits_shift;
	struct entry *first = &group->entries[hash >> group->bucket_shift];

	if (string.n >= sizeof entry.tail)
		entry.tail = load(string.p + string.n - sizeof entry.tail);
	group->bits[bit / 64] |= (uint64_t)1 << bit % 64;
	if (first->n > 0) {
		group->entries[*rest] = *first;
		entry.next = (*rest)++;
	}
	*first = entry;
}

static void group_init(struct group *group, const struct hy_str *strings, size_t count,
		       size_t width)
{
	size_t own = 0;

	for (size_t i = 0; i < count; i++)
		own += width_of(strings[i]) == width;
	unsigned bits = log2_for(own * BITS_PER_ENTRY), buckets = log2_for(own);
	uint32_t rest = (uint32_t)1 << buckets;

	*group = (struct group){.mask = mask_of(width), .bits_shift = 64 - bits,
				.bucket_shift = 64 - buckets};
	group->bits = hy_xcalloc(((size_t)1 << bits) / 64, sizeof *group->bits);
	group->entries = hy_xcalloc(rest + own, sizeof *group->entries);
	for (size_t i = 0; i < count; i++)
		if (width_of(strings[i]) == width)
			add_entry(group, strings[i], i, &rest);
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
	literals->texts = hy_xcalloc(count + 1, sizeof *literals->texts);
	for (size_t i = 0; i < count; i++)
		literals->texts[i] = strings[i].p;
	for (size_t i = 0; i < count; i++)
		literals->groups_of[(unsigned char)strings[i].p[0]] |=
			group_of[width_of(strings[i])];
	for (size_t lead = 0; lead < LEADS; lead++)
		if (is_han_lead((char)lead))
			literals->han_groups |= literals->groups_of[lead];
	return literals;
}

void hy_literals_free(struct hy_literals *literals)
{
	if (!literals)
		return;
	for (size_t i = 0; i < literals->group_count; i++) {
		free(literals->groups[i].bits);
		free(literals->groups[i].entries);
	}
	free(literals->texts);
	free(literals);
}

struct scan {
	const struct hy_literals *literals;
	const char *text;
	size_t n;
	hy_literal_fn *fn;
	void *ctx;
};

/* The key is equal; what is behind it? */
static inline bool is_rest_equal(const struct scan *scan, const struct entry *entry,
				 const char *at)
{
	if (entry->n <= WIDTH_MAX)
		return true;
	if (entry->n >= sizeof entry->tail &&
	    load(at + entry->n - sizeof entry->tail) != entry->tail)
		return false;
	if (entry->n >= sizeof entry->tail && entry->n <= WIDTH_MAX + sizeof entry->tail)
		return true;
	return memcmp(scan->literals->texts[entry->literal] + WIDTH_MAX, at + WIDTH_MAX,
		      entry->n - WIDTH_MAX) == 0;
}

static inline bool may_be(const struct group *group, uint64_t key)
{
	uint64_t bit = hash_of(key) >> group->bits_shift;

	return group->bits[bit / 64] >> bit % 64 & 1;
}

/* Out of line, so that what is done at every character stays small. */
static __attribute__((noinline)) void report(const struct scan *scan, const struct group *group,
					     uint64_t key, size_t at)
{
	uint64_t number = hash_of(key) >> group->bucket_shift;

	do {
		const struct entry *entry = &group->entries[number];

		if (entry->key == key && entry->n > 0 && entry->n <= scan->n - at &&
		    is_rest_equal(scan, entry, scan->text + at))
			scan->fn(scan->ctx, entry->literal, at, at + entry->n);
		number = entry->next;
	} while (number);
}

static inline void look_at(const struct scan *scan, size_t at)
{
	const struct hy_literals *literals = scan->literals;
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

/* What passed a bitmap: the position and the group's number. */
struct passed {
	uint32_t at, group;
};

/* Looked up in full when many have been gathered, so that their entries can come together. */
struct batch {
	struct passed items[BATCH];
	size_t count;
};

static inline uint64_t key_at(const struct scan *scan, const struct passed *passed)
{
	return load(scan->text + passed->at) & scan->literals->groups[passed->group].mask;
}

static void report_all(const struct scan *scan, struct batch *batch)
{
	const struct group *groups = scan->literals->groups;

	for (size_t i = 0; i < batch->count; i++) {
		const struct group *group = &groups[batch->items[i].group];
		uint64_t hash = hash_of(key_at(scan, &batch->items[i]));

		__builtin_prefetch(&group->entries[hash >> group->bucket_shift]);
	}
	for (size_t i = 0; i < batch->count; i++)
		report(scan, &groups[batch->items[i].group], key_at(scan, &batch->items[i]),
		       batch->items[i].at);
	batch->count = 0;
}

/*
 * The characters from `at` up to `end`, of three bytes each, that the bitmap lets pass. Each is
 * noted and kept by moving on: a branch would be guessed wrong at every other word.
 */
static void sift(const struct scan *scan, unsigned number, size_t at, size_t end,
		 struct batch *batch)
{
	const struct group *group = &scan->literals->groups[number];
	const uint64_t *bits = group->bits, mask = group->mask;
	unsigned shift = group->bits_shift;
	size_t count = batch->count;

	for (; at < end; at += HAN_BYTES) {
		uint64_t bit = hash_of(load(scan->text + at) & mask) >> shift;

		batch->items[count] = (struct passed){(uint32_t)at, number};
		count += bits[bit / 64] >> bit % 64 & 1;
	}
	batch->count = count;
}

static void scan_han(const struct scan *scan, size_t at, size_t end, struct batch *batch)
{
	for (unsigned groups = scan->literals->han_groups; groups; groups &= groups - 1) {
		if (batch->count > BATCH - RUN)
			report_all(scan, batch);
		sift(scan, (unsigned)__builtin_ctz(groups), at, end, batch);
	}
}

/* The bytes of a character in valid UTF-8, by its first one. */
static inline size_t length_of(unsigned char lead)
{
	return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

void hy_literals_scan(const struct hy_literals *literals, const char *text, size_t n,
		      hy_literal_fn *fn, void *ctx)
{
	const struct scan scan = {literals, text, n, fn, ctx};
	struct batch batch;
	size_t at = 0;

	batch.count = 0;
	/* Strings begin with characters, so nothing begins inside of one. */
	while (at < n) {
		size_t end = at, most = n - at < HAN_BYTES * RUN ? n : at + HAN_BYTES * RUN;

		while (end < most && is_han_lead(text[end]))
			end += HAN_BYTES;
		scan_han(&scan, at, end, &batch);
		for (at = end; at < n && !is_han_lead(text[at]);
		     at += length_of((unsigned char)text[at]))
			look_at(&scan, at);
	}
	report_all(&scan, &batch);
}
