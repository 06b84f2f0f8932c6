#include "analyzer/literals.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"

#define WIDTH_MAX 6	/* two Chinese characters */
#define NONE UINT32_MAX
#define BITS_PER_ENTRY 16	/* bitmap slots per string: one false "maybe" in 16 */

struct entry {
	struct hy_str string;
	uint64_t key;
	uint32_t literal;
	uint32_t next;		/* of the same slot, or NONE */
};

/* The strings whose key is `width` bytes. */
struct group {
	uint64_t mask;
	uint64_t *bits;
	uint32_t *slots;	/* head of a chain of entries, or NONE */
	unsigned shift;		/* 64 - log2 of the number of slots */
};

struct hy_literals {
	struct entry *entries;
	struct group groups[WIDTH_MAX];
	size_t group_count;
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

static inline uint64_t slot_of(uint64_t key, unsigned shift)
{
	/* Fibonacci hashing; the fold brings bytes of either end into the high bits. */
	return ((key ^ key >> 29) * 0x9e3779b97f4a7c15u) >> shift;
}

static size_t width_of(struct hy_str s)
{
	return s.n < WIDTH_MAX ? s.n : WIDTH_MAX;
}

static void group_init(struct group *group, size_t width, size_t count)
{
	unsigned log2 = 6;

	while (((size_t)1 << log2) < count * BITS_PER_ENTRY && log2 < 24)
		log2++;
	group->mask = mask_of(width);
	group->shift = 64 - log2;
	group->bits = hy_xcalloc(((size_t)1 << log2) / 64, sizeof *group->bits);
	group->slots = hy_xrealloc(NULL, (size_t)1 << log2, sizeof *group->slots);
	memset(group->slots, 0xff, ((size_t)1 << log2) * sizeof *group->slots);
}

static void group_add(struct hy_literals *literals, struct group *group, uint32_t index)
{
	struct entry *entry = &literals->entries[index];
	char head[8] = {0};

	memcpy(head, entry->string.p, width_of(entry->string));
	entry->key = load(head);
	uint64_t slot = slot_of(entry->key, group->shift);
	entry->next = group->slots[slot];
	group->slots[slot] = index;
	group->bits[slot / 64] |= (uint64_t)1 << slot % 64;
}

struct hy_literals *hy_literals_new(const struct hy_str *strings, size_t count)
{
	struct hy_literals *literals = hy_xcalloc(1, sizeof *literals);
	size_t of_width[WIDTH_MAX + 1] = {0};
	struct group *group_of[WIDTH_MAX + 1] = {0};

	hy_assert(count < NONE);
	literals->entries = hy_xcalloc(count ? count : 1, sizeof *literals->entries);
	for (size_t i = 0; i < count; i++) {
		hy_assert(strings[i].n > 0);
		of_width[width_of(strings[i])]++;
	}
	for (size_t width = 1; width <= WIDTH_MAX; width++) {
		if (of_width[width] == 0)
			continue;
		group_of[width] = &literals->groups[literals->group_count++];
		group_init(group_of[width], width, of_width[width]);
	}
	for (size_t i = 0; i < count; i++) {
		literals->entries[i].string = strings[i];
		literals->entries[i].literal = (uint32_t)i;
		group_add(literals, group_of[width_of(strings[i])], (uint32_t)i);
	}
	return literals;
}

void hy_literals_free(struct hy_literals *literals)
{
	if (!literals)
		return;
	for (size_t i = 0; i < literals->group_count; i++) {
		free(literals->groups[i].bits);
		free(literals->groups[i].slots);
	}
	free(literals->entries);
	free(literals);
}

struct scan {
	const struct entry *entries;
	const char *text;
	size_t n;
	hy_literal_fn *fn;
	void *ctx;
};

static void report(const struct scan *scan, uint32_t index, uint64_t key, size_t at)
{
	for (; index != NONE; index = scan->entries[index].next) {
		const struct entry *entry = &scan->entries[index];

		if (entry->key == key && entry->string.n <= scan->n - at &&
		    memcmp(entry->string.p, scan->text + at, entry->string.n) == 0)
			scan->fn(scan->ctx, entry->literal, at);
	}
}

void hy_literals_scan(const struct hy_literals *literals, const char *text, size_t n,
		      hy_literal_fn *fn, void *ctx)
{
	const struct scan scan = {literals->entries, text, n, fn, ctx};

	for (size_t at = 0; at < n; at++) {
		/* Strings begin with characters, so nothing begins at a continuation byte. */
		if (((unsigned char)text[at] & 0xc0) == 0x80)
			continue;
		uint64_t head = load(text + at);

		for (size_t i = 0; i < literals->group_count; i++) {
			const struct group *group = &literals->groups[i];
			uint64_t key = head & group->mask;
			uint64_t slot = slot_of(key, group->shift);

			if (group->bits[slot / 64] >> slot % 64 & 1)
				report(&scan, group->slots[slot], key, at);
		}
	}
}
