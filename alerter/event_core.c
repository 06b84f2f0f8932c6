#include "alerter/event_core.h"

#include "common/base/mem.h"

void hy_event_core_fini(struct hy_event_core *core)
{
	free(core->word);
	*core = (struct hy_event_core){0};
}

static void drop(struct hy_event_core *core, uint32_t texts)
{
	size_t kept = 0;

	for (size_t i = 0; i < core->count; i++) {
		if (core->word[i].texts > texts)
			core->word[kept++] = core->word[i];
	}
	core->count = kept;
}

void hy_event_core_add(struct hy_event_core *core, const uint32_t *words, size_t count)
{
	size_t at = core->count, fresh = 0, from = count, to;

	for (size_t i = 0, j = 0; j < count; j++) {
		while (i < core->count && core->word[i].number < words[j] >> 1)
			i++;
		fresh += i == core->count || core->word[i].number != words[j] >> 1;
	}
	core->word = hy_grow(core->word, &core->cap, core->count + fresh, sizeof core->word[0]);
	/* Merged from the end, in place. */
	for (to = core->count + fresh; from > 0; ) {
		if (at > 0 && core->word[at - 1].number > words[from - 1] >> 1) {
			core->word[--to] = core->word[--at];
		} else if (at > 0 && core->word[at - 1].number == words[from - 1] >> 1) {
			core->word[--to] = core->word[--at];
			core->word[to].texts++;
			from--;
		} else {
			core->word[--to] = (struct hy_event_core_word){words[--from] >> 1, 1};
		}
	}
	core->count += fresh;
	core->texts++;
	if (core->count > HY_EVENT_CORE_WORDS_MAX)
		drop(core, 1);
}

void hy_event_core_take_back(struct hy_event_core *core, const uint32_t *words, size_t count)
{
	for (size_t i = 0, j = 0; i < core->count && j < count;) {
		if (core->word[i].number == words[j] >> 1) {
			core->word[i++].texts--;
			j++;
		} else if (core->word[i].number < words[j] >> 1) {
			i++;
		} else {
			j++;
		}
	}
	core->texts--;
	drop(core, 0);
}
