#include "analyzer/fold_table.h"

#include <opencc/opencc.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

#define BMP_RUNES HY_FOLD_QUICK_RUNES
#define HAN_FIRST 0x3400u
#define HAN_LAST 0x9fffu
#define DECOMPOSED_MAX 32

struct hy_fold_table {
	uint32_t quick[BMP_RUNES];
	uint64_t same_han[BMP_RUNES / 64];
	uint16_t simplified[BMP_RUNES];	/* 0: stays */
	struct ending *endings;		/* the longer variants, by their last rune */
	size_t ending_count;
};

struct ending {
	uint32_t last;
	struct hy_fold_variant variant;	/* owned */
};

/* ---- traditional to simplified ---- */

/* All ideographs of the plane, one a line: lines keep OpenCC from joining them to phrases. */
static void list_ideographs(struct hy_buf *out)
{
	for (uint32_t rune = HAN_FIRST; rune <= HAN_LAST; rune++) {
		char utf8[4];

		hy_buf_add(out, utf8, hy_utf8_encode(rune, utf8));
		hy_buf_add_char(out, '\n');
	}
}

static void take_simplified(struct hy_fold_table *table, struct hy_str lines)
{
	struct hy_str line;
	uint32_t from = HAN_FIRST;

	for (; from <= HAN_LAST && hy_str_next(&lines, '\n', &line); from++) {
		uint32_t to;

		if (hy_utf8_decode(line.p, line.n, &to) == line.n && to < BMP_RUNES && to != from)
			table->simplified[from] = (uint16_t)to;
	}
}

static enum hy_err load_simplified(struct hy_fold_table *table, struct hy_error *e)
{
	opencc_t opencc = opencc_open("t2s.json");
	struct hy_buf runes;

	/* opencc_open answers (opencc_t)-1 where it failed. */
	if ((uintptr_t)opencc == UINTPTR_MAX)
		return hy_fail(e, HY_ERR_UNAVAILABLE, "OpenCC t2s.json: %s", opencc_error());
	hy_buf_init(&runes, 4 * (HAN_LAST - HAN_FIRST + 1));
	list_ideographs(&runes);
	char *converted = opencc_convert_utf8(opencc, runes.p, runes.n);
	hy_buf_fini(&runes);
	if (converted)
		take_simplified(table, hy_str_of(converted));
	opencc_convert_utf8_free(converted);
	opencc_close(opencc);
	return converted ? HY_OK : hy_fail(e, HY_ERR_UNAVAILABLE, "OpenCC: %s", opencc_error());
}

/* ---- one character ---- */

static bool is_decoration(uint32_t rune, utf8proc_category_t category)
{
	/* Signs of sentences (、，。：；！？（）《》——) part what they stand between and are not here. */
	static const char ascii[] = "*#+-./\\^_`|~@";

	if (rune < 0x80)
		return rune != 0 && strchr(ascii, (int)rune) != NULL;
	switch (rune) {
	case 0x00b7:	/* middle dot */
	case 0x2010:	/* hyphen */
	case 0x2011:	/* non-breaking hyphen */
	case 0x2012:	/* figure dash */
	case 0x2022:	/* bullet */
	case 0x2027:	/* hyphenation point */
	case 0x203b:	/* reference mark */
	case 0x301c:	/* wave dash */
	case 0x30fb:	/* katakana middle dot */
		return true;
	case 0xfffd:	/* stands for bytes that are not text: parts */
		return false;
	default:
		return category == UTF8PROC_CATEGORY_SO || category == UTF8PROC_CATEGORY_SK ||
		       category == UTF8PROC_CATEGORY_SM || category == UTF8PROC_CATEGORY_CO;
	}
}

static bool is_newline(uint32_t rune)
{
	return rune == '\n' || rune == 0x85 || rune == 0x2028 || rune == 0x2029;
}

static bool is_invisible(uint32_t rune, utf8proc_category_t category)
{
	return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF ||
	       category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME ||
	       utf8proc_get_property((utf8proc_int32_t)rune)->ignorable;
}

static uint32_t simplify(const struct hy_fold_table *table, uint32_t rune)
{
	return rune < BMP_RUNES && table->simplified[rune] ? table->simplified[rune] : rune;
}

/* Decomposed, case folded, without marks and invisible ones, simplified; at most `max`. */
static size_t decompose(const struct hy_fold_table *table, uint32_t rune, uint32_t *out, size_t max)
{
	utf8proc_int32_t parts[DECOMPOSED_MAX];
	int boundary = 0;
	size_t count = 0;
	utf8proc_ssize_t n = utf8proc_decompose_char(
		(utf8proc_int32_t)rune, parts, DECOMPOSED_MAX,
		UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE, &boundary);

	if (n < 0 || n > DECOMPOSED_MAX)
		return 0;
	for (utf8proc_ssize_t i = 0; i < n && count < max; i++) {
		uint32_t part = (uint32_t)parts[i];

		if (!is_invisible(part, utf8proc_category(parts[i])))
			out[count++] = simplify(table, part);
	}
	return count;
}

/* False where the parts do not fit: such ligatures (a whole sentence in Arabic) stay. */
static bool encode_parts(struct hy_fold_rune *folded, const uint32_t *parts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char utf8[4];
		size_t n = hy_utf8_encode(parts[i], utf8);

		if (folded->length + n > HY_FOLD_MANY_BYTES)
			return false;
		memcpy(folded->text + folded->length, utf8, n);
		folded->length += n;
	}
	return true;
}

static struct hy_fold_rune classify(const struct hy_fold_table *table, uint32_t rune)
{
	utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)rune);
	struct hy_fold_rune folded = {.kind = HY_FOLD_SAME, .rune = rune};
	uint32_t parts[DECOMPOSED_MAX];

	if (is_newline(rune) || rune == '\t' || rune == '\v' || rune == '\f' || rune == '\r' ||
	    category == UTF8PROC_CATEGORY_ZS) {
		folded.kind = is_newline(rune) ? HY_FOLD_NEWLINE : HY_FOLD_SPACE;
		return folded;
	}
	if (is_invisible(rune, category)) {
		folded.kind = HY_FOLD_DROP;
		return folded;
	}
	size_t count = decompose(table, rune, parts, DECOMPOSED_MAX);
	if (count == 1 && parts[0] != rune) {
		folded.kind = HY_FOLD_ONE;
		folded.rune = parts[0];
	} else if (count > 1) {
		folded.kind = HY_FOLD_MANY;
		if (!encode_parts(&folded, parts, count))
			folded = (struct hy_fold_rune){.kind = HY_FOLD_SAME, .rune = rune};
	}
	if (folded.kind == HY_FOLD_MANY) {
		/* A letter in a box or 㙓 written as parts; what counts is what stands at the edges. */
		folded.han = hy_rune_is_han(parts[0]) && hy_rune_is_han(parts[count - 1]);
		folded.decoration = category == UTF8PROC_CATEGORY_SO && !folded.han &&
				    parts[0] == ' ';
	} else {
		folded.han = hy_rune_is_han(folded.rune);
		folded.decoration = !folded.han && is_decoration(folded.rune, category);
	}
	return folded;
}

/* ---- the table ---- */

static uint32_t quick_of(const struct hy_fold_rune *folded)
{
	uint32_t flags = (folded->han ? HY_FOLD_BIT_HAN : 0) |
			 (folded->decoration ? HY_FOLD_BIT_DECORATION : 0);

	switch (folded->kind) {
	case HY_FOLD_SAME:
	case HY_FOLD_ONE:
		return flags | (folded->rune < BMP_RUNES ? folded->rune : HY_FOLD_BIT_COMPLEX);
	case HY_FOLD_MANY:
		return flags | HY_FOLD_BIT_COMPLEX;
	case HY_FOLD_DROP:
		return HY_FOLD_BIT_DROP;
	case HY_FOLD_SPACE:
		return HY_FOLD_BIT_SPACE;
	case HY_FOLD_NEWLINE:
		return HY_FOLD_BIT_SPACE | HY_FOLD_BIT_NEWLINE;
	}
	return HY_FOLD_BIT_COMPLEX;
}

static void fill_quick(struct hy_fold_table *table)
{
	for (uint32_t rune = 0; rune < BMP_RUNES; rune++) {
		bool surrogate = rune >= 0xd800 && rune < 0xe000;	/* decoding never gives them */
		struct hy_fold_rune folded = {.kind = HY_FOLD_DROP};

		if (!surrogate)
			folded = classify(table, rune);
		table->quick[rune] = quick_of(&folded);
		if (table->quick[rune] == (rune | HY_FOLD_BIT_HAN))
			table->same_han[rune / 64] |= (uint64_t)1 << rune % 64;
	}
}

enum hy_err hy_fold_table_new(struct hy_fold_table **out, struct hy_error *e)
{
	struct hy_fold_table *table = hy_xcalloc(1, sizeof *table);
	enum hy_err err = load_simplified(table, e);

	if (err) {
		free(table);
		return err;
	}
	fill_quick(table);
	*out = table;
	return HY_OK;
}

void hy_fold_table_free(struct hy_fold_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->ending_count; i++) {
		char *from, *to;

		memcpy(&from, &table->endings[i].variant.from.p, sizeof from);
		memcpy(&to, &table->endings[i].variant.to.p, sizeof to);
		free(from);
		free(to);
	}
	free(table->endings);
	free(table);
}

/* ---- variants ---- */

static uint32_t last_rune(struct hy_str text)
{
	size_t at = hy_utf8_floor(text.p, text.n, text.n - 1);
	uint32_t rune = 0;

	(void)hy_utf8_decode(text.p + at, text.n - at, &rune);
	return rune;
}

static int by_last(const void *a, const void *b)
{
	const struct ending *x = a, *y = b;

	return (x->last > y->last) - (x->last < y->last);
}

/* Whatever became `from` becomes `to`: other forms of the character, too. */
static void even_out(struct hy_fold_table *table, const uint16_t *to)
{
	const uint32_t other = HY_FOLD_BIT_COMPLEX | HY_FOLD_BIT_SPACE | HY_FOLD_BIT_DROP;

	for (uint32_t rune = 0; rune < BMP_RUNES; rune++) {
		uint32_t simple = table->simplified[rune] ? table->simplified[rune] : rune;
		uint32_t *quick = &table->quick[rune];

		if (to[simple])
			table->simplified[rune] = to[simple];
		if (*quick & other || !to[*quick & 0xffff])
			continue;
		*quick = (*quick & ~0xffffu) | to[*quick & 0xffff];
		table->same_han[rune / 64] &= ~((uint64_t)1 << rune % 64);
	}
}

static bool is_ending(const struct hy_fold_table *table, uint32_t rune)
{
	const struct ending key = {.last = rune};

	return table->ending_count && bsearch(&key, table->endings, table->ending_count,
					      sizeof key, by_last);
}

static void mark_endings(struct hy_fold_table *table)
{
	const uint32_t other = HY_FOLD_BIT_COMPLEX | HY_FOLD_BIT_SPACE | HY_FOLD_BIT_DROP;

	for (uint32_t rune = 0; rune < BMP_RUNES; rune++) {
		uint32_t *quick = &table->quick[rune];

		if (!(*quick & HY_FOLD_BIT_HAN) || *quick & other ||
		    !is_ending(table, *quick & 0xffff))
			continue;
		*quick |= HY_FOLD_BIT_ENDING;
		table->same_han[rune / 64] &= ~((uint64_t)1 << rune % 64);
	}
}

struct hy_fold_table *hy_fold_table_with(const struct hy_fold_table *base,
					 const struct hy_fold_variant *variants, size_t count)
{
	struct hy_fold_table *table = hy_xcalloc(1, sizeof *table);
	uint16_t *to = hy_xcalloc(BMP_RUNES, sizeof *to);

	hy_assert(base->ending_count == 0);
	*table = *base;
	table->endings = hy_xcalloc(count + 1, sizeof *table->endings);
	for (size_t i = 0; i < count; i++) {
		const struct hy_fold_variant *v = &variants[i];
		uint32_t last = last_rune(v->from);

		if (hy_utf8_count(v->from.p, v->from.n) == 1)
			to[last] = (uint16_t)last_rune(v->to);
		else
			table->endings[table->ending_count++] = (struct ending){
				last, {{hy_str_dup(v->from), v->from.n}, {hy_str_dup(v->to), v->to.n}}};
	}
	even_out(table, to);
	free(to);
	if (table->ending_count) {
		qsort(table->endings, table->ending_count, sizeof *table->endings, by_last);
		mark_endings(table);
	}
	return table;
}

const struct hy_fold_variant *hy_fold_table_variant(const struct hy_fold_table *table,
						    uint32_t last, struct hy_str text)
{
	size_t low = 0, high = table->ending_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->endings[middle].last < last)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < table->ending_count && table->endings[low].last == last; low++)
		if (hy_str_ends(text, table->endings[low].variant.from))
			return &table->endings[low].variant;
	return NULL;
}

bool hy_fold_table_has_variants(const struct hy_fold_table *table)
{
	return table->ending_count > 0;
}

struct hy_fold_rune hy_fold_rune(const struct hy_fold_table *table, uint32_t rune)
{
	return classify(table, rune);
}

const uint32_t *hy_fold_table_quick(const struct hy_fold_table *table)
{
	return table->quick;
}

const uint64_t *hy_fold_table_same_han(const struct hy_fold_table *table)
{
	return table->same_han;
}
