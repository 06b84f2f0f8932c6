#include "alerter/vocabulary.h"

#include "common/base/err.h"
#include "common/base/mem.h"

#define SLOTS_FIRST 4096

struct word {
	uint32_t hash, events;
};

struct hy_vocabulary {
	struct word *word;
	size_t count, cap;
	uint32_t *slot;		/* number + 1, or 0; a power of two, at most half full */
	size_t slots;
};

struct hy_vocabulary *hy_vocabulary_new(void)
{
	struct hy_vocabulary *v = hy_xcalloc(1, sizeof *v);

	v->slots = SLOTS_FIRST;
	v->slot = hy_xcalloc(v->slots, sizeof v->slot[0]);
	return v;
}

void hy_vocabulary_free(struct hy_vocabulary *v)
{
	if (!v)
		return;
	free(v->word);
	free(v->slot);
	free(v);
}

/* The slot of the word, or the free one where it belongs. */
static size_t seek(const struct hy_vocabulary *v, uint32_t hash)
{
	size_t mask = v->slots - 1, at = (hash * UINT32_C(0x9e3779b1)) & mask;

	while (v->slot[at] && v->word[v->slot[at] - 1].hash != hash)
		at = (at + 1) & mask;
	return at;
}

static void grow(struct hy_vocabulary *v)
{
	free(v->slot);
	v->slots *= 2;
	v->slot = hy_xcalloc(v->slots, sizeof v->slot[0]);
	for (size_t i = 0; i < v->count; i++)
		v->slot[seek(v, v->word[i].hash)] = (uint32_t)i + 1;
}

uint32_t hy_vocabulary_put(struct hy_vocabulary *v, uint32_t hash)
{
	size_t at = seek(v, hash);

	if (v->slot[at])
		return v->slot[at] - 1;
	if (2 * (v->count + 1) > v->slots) {
		grow(v);
		at = seek(v, hash);
	}
	v->word = hy_grow(v->word, &v->cap, v->count + 1, sizeof v->word[0]);
	v->word[v->count++] = (struct word){.hash = hash};
	v->slot[at] = (uint32_t)v->count;
	return (uint32_t)v->count - 1;
}

uint32_t hy_vocabulary_find(const struct hy_vocabulary *v, uint32_t hash)
{
	uint32_t found = v->slot[seek(v, hash)];

	return found ? found - 1 : HY_VOCABULARY_NONE;
}

uint32_t hy_vocabulary_hash(const struct hy_vocabulary *v, uint32_t number)
{
	return v->word[number].hash;
}

size_t hy_vocabulary_size(const struct hy_vocabulary *v)
{
	return v->count;
}

uint32_t hy_vocabulary_events(const struct hy_vocabulary *v, uint32_t number)
{
	return number == HY_VOCABULARY_NONE ? 0 : v->word[number].events;
}

void hy_vocabulary_learn(struct hy_vocabulary *v, uint32_t number)
{
	v->word[number].events++;
}

void hy_vocabulary_unlearn(struct hy_vocabulary *v, uint32_t number)
{
	hy_assert(v->word[number].events > 0);
	v->word[number].events--;
}

/* The newest word is the last of every chain it stands in: its slot can simply be freed. */
void hy_vocabulary_truncate(struct hy_vocabulary *v, size_t size)
{
	while (v->count > size) {
		hy_assert(v->word[v->count - 1].events == 0);
		v->slot[seek(v, v->word[v->count - 1].hash)] = 0;
		v->count--;
	}
}
