#include "alerter/repeats.h"

#include "common/base/err.h"
#include "common/base/mem.h"

/* Every second band of the signature: rewrites that these miss are found by their words, and
 * a text costs half the memory. */
#define BANDS (HY_SIGNATURE_BANDS / 2)
#define HEADS_FIRST 1024
#define NONE UINT32_MAX
/* A page that was posted a thousand times is as well known by its newest copies. */
#define CHAIN_MAX 64

struct text {
	struct hy_signature signature;
	uint32_t key[BANDS], before[BANDS];	/* the text before in the same chain */
};

struct hy_repeats {
	struct text *text;
	size_t count, cap;
	uint32_t *head[BANDS];		/* the newest text of each chain, or NONE */
	size_t heads;			/* a power of two */
};

static void make_heads(struct hy_repeats *repeats, size_t heads)
{
	repeats->heads = heads;
	for (size_t band = 0; band < BANDS; band++) {
		free(repeats->head[band]);
		repeats->head[band] = hy_xcalloc(heads, sizeof repeats->head[band][0]);
		for (size_t i = 0; i < heads; i++)
			repeats->head[band][i] = NONE;
	}
}

struct hy_repeats *hy_repeats_new(void)
{
	struct hy_repeats *repeats = hy_xcalloc(1, sizeof *repeats);

	make_heads(repeats, HEADS_FIRST);
	return repeats;
}

void hy_repeats_free(struct hy_repeats *repeats)
{
	if (!repeats)
		return;
	for (size_t band = 0; band < BANDS; band++)
		free(repeats->head[band]);
	free(repeats->text);
	free(repeats);
}

static void link_text(struct hy_repeats *repeats, uint32_t number)
{
	struct text *text = &repeats->text[number];

	for (size_t band = 0; band < BANDS && !text->signature.empty; band++) {
		uint32_t *head = &repeats->head[band][text->key[band] & (repeats->heads - 1)];

		text->before[band] = *head;
		*head = number;
	}
}

void hy_repeats_add(struct hy_repeats *repeats, const struct hy_signature *signature)
{
	struct text *text;

	repeats->text = hy_grow(repeats->text, &repeats->cap, repeats->count + 1,
				sizeof repeats->text[0]);
	text = &repeats->text[repeats->count];
	*text = (struct text){.signature = *signature};
	for (int band = 0; band < BANDS; band++)
		text->key[band] = (uint32_t)hy_signature_band(signature, 2 * band);
	repeats->count++;
	if (repeats->count <= repeats->heads) {
		link_text(repeats, (uint32_t)repeats->count - 1);
		return;
	}
	make_heads(repeats, 2 * repeats->heads);
	for (size_t i = 0; i < repeats->count; i++)
		link_text(repeats, (uint32_t)i);
}

void hy_repeats_take_back(struct hy_repeats *repeats)
{
	struct text *text;

	hy_assert(repeats->count > 0);
	text = &repeats->text[--repeats->count];
	for (size_t band = 0; band < BANDS && !text->signature.empty; band++)
		repeats->head[band][text->key[band] & (repeats->heads - 1)] = text->before[band];
}

const struct hy_signature *hy_repeats_signature(const struct hy_repeats *repeats, size_t number)
{
	return &repeats->text[number].signature;
}

struct found {
	uint32_t *text;
	size_t count;
};

static void look_at(const struct hy_repeats *repeats, const struct hy_signature *signature,
		    uint32_t number, struct found *found)
{
	for (size_t i = 0; i < found->count; i++) {
		if (found->text[i] == number)
			return;
	}
	if (found->count < HY_REPEATS_FOUND_MAX &&
	    hy_signature_similarity(&repeats->text[number].signature, signature) >=
		    HY_REPEATS_SIMILAR)
		found->text[found->count++] = number;
}

/* The chains of a large index are nowhere near: all are sent for before one is waited for. */
static void look_up(const struct hy_repeats *repeats, const struct hy_signature *signature,
		    uint32_t key[BANDS], uint32_t number[BANDS])
{
	for (int band = 0; band < BANDS; band++) {
		key[band] = (uint32_t)hy_signature_band(signature, 2 * band);
		__builtin_prefetch(&repeats->head[band][key[band] & (repeats->heads - 1)]);
	}
	for (int band = 0; band < BANDS; band++) {
		number[band] = repeats->head[band][key[band] & (repeats->heads - 1)];
		if (number[band] == NONE)
			continue;
		__builtin_prefetch(&repeats->text[number[band]].key[band]);
		__builtin_prefetch(&repeats->text[number[band]].before[band]);
	}
}

size_t hy_repeats_find(const struct hy_repeats *repeats, const struct hy_signature *signature,
		       uint32_t out[HY_REPEATS_FOUND_MAX])
{
	struct found found = {.text = out};
	uint32_t keys[BANDS], first[BANDS];

	if (signature->empty)
		return 0;
	look_up(repeats, signature, keys, first);
	for (int band = 0; band < BANDS; band++) {
		uint32_t key = keys[band], number = first[band];

		for (size_t steps = 0; number != NONE && steps < CHAIN_MAX; steps++) {
			if (repeats->text[number].key[band] == key)
				look_at(repeats, signature, number, &found);
			number = repeats->text[number].before[band];
		}
	}
	return found.count;
}
