#include "tests/web/slots.h"

#include "common/base/mem.h"

#define NAMES 600u	/* heads times tails in words.txt */
#define FIGURES 8

/* A number drawn once for a sentence: {a} twice in it is the same. */
struct figure {
	const char *slot;
	size_t low, count;
};
static const struct figure figures[FIGURES] = {
	{"a", 2, 8},   {"b", 12, 87}, {"c", 110, 871}, {"w", 15, 466},
	{"month", 1, 12}, {"day", 1, 28}, {"surname", 0, 1000}, {"place", 0, 1000},
};

/* Multipliers coprime to 600, so that each name is met once before any comes again. */
struct name {
	const char *slot, *tail;
	uint32_t multiplier, offset;
};
static const struct name names[] = {
	{"estate", "tail.estate", 217, 0},	{"firm", "tail.firm", 191, 71},
	{"school", "tail.school", 163, 142},	{"hospital", "tail.hospital", 149, 233},
	{"road", "tail.road", 131, 304},	{"project", "tail.project", 113, 395},
};

static void add_name(const struct sim_slots *slots, const struct name *name, struct hy_buf *out)
{
	uint32_t n = (slots->names * name->multiplier + name->offset) % NAMES;
	size_t heads = sim_text_count(slots->text, "head");

	hy_buf_add_str(out, sim_text_line(slots->text, "head", n % heads));
	hy_buf_add_str(out, sim_text_line(slots->text, name->tail, n / heads));
}

static bool add_figure(const struct sim_slots *slots, const size_t value[FIGURES],
		       struct hy_str slot, struct hy_buf *out)
{
	for (size_t i = 0; i < FIGURES; i++) {
		if (!hy_str_eq_c(slot, figures[i].slot))
			continue;
		if (hy_str_eq_c(slot, "surname") || hy_str_eq_c(slot, "place"))
			hy_buf_add_str(out, sim_text_line(slots->text, figures[i].slot, value[i]));
		else
			hy_buf_addf(out, "%zu", value[i]);
		return true;
	}
	return false;
}

static void add_slot(const struct sim_slots *slots, const size_t value[FIGURES], struct hy_str slot,
		     struct hy_buf *out)
{
	if (add_figure(slots, value, slot, out))
		return;
	for (size_t i = 0; i < HY_COUNT(names); i++) {
		if (hy_str_eq_c(slot, names[i].slot)) {
			add_name(slots, &names[i], out);
			return;
		}
	}
	if (hy_str_eq_c(slot, "where")) {
		hy_buf_add_c(out, "济南高新区");
		hy_buf_add_str(out, slots->place);
		return;
	}
	hy_assert(hy_str_eq_c(slot, "phone") && slots->phone);
	hy_buf_add_c(out, slots->phone);
}

void sim_slots_fill(const struct sim_slots *slots, struct hy_str line, struct hy_buf *out)
{
	struct sim_rng rng = slots->figures;
	size_t value[FIGURES];

	for (size_t i = 0; i < FIGURES; i++)
		value[i] = figures[i].low + sim_rng_below(&rng, figures[i].count);
	for (size_t at = 0; at < line.n;) {
		size_t open = hy_str_find(line, HY_STR_LIT("{"), at);
		size_t shut;

		if (open == SIZE_MAX) {
			hy_buf_add_str(out, hy_str_sub(line, at, line.n - at));
			return;
		}
		shut = hy_str_find(line, HY_STR_LIT("}"), open);
		hy_assert(shut != SIZE_MAX);
		hy_buf_add_str(out, hy_str_sub(line, at, open - at));
		add_slot(slots, value, hy_str_sub(line, open + 1, shut - open - 1), out);
		at = shut + 1;
	}
}
