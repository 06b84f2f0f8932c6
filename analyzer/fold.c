#include "analyzer/fold.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

#define REPLACEMENT 0xfffdu
#define DECORATION_MAX 4	/* more signs in a row are a line of their own, not a disguise */
/* The most one byte can become: a two-byte character of HY_FOLD_MANY_BYTES. */
#define GROWTH (HY_FOLD_MANY_BYTES / 2)
#define TAIL_BYTES 64	/* a variant is shorter */

/*
 * White space and decoration wait until the next character shows whether they stand between
 * Chinese characters. They are kept as a range of the input, looked at again if they must stay.
 */
struct pending {
	size_t start, end;
	size_t decorations, spaces, newlines;
};

struct folder {
	const struct hy_fold_table *table;
	const uint32_t *quick;
	const uint64_t *same_han;
	struct hy_str in;
	struct hy_folded *out;
	struct pending pending;
	bool after_han;
	bool linear;		/* the last segment is linear ... */
	size_t shift;		/* ... with original - folded (modulo 2^64) */
};

/* ---- decoding ---- */

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Length in bytes; bytes that are not UTF-8 give REPLACEMENT, one each. */
static inline size_t decode(struct hy_str in, size_t at, uint32_t *out_rune)
{
	const char *p = in.p + at;
	unsigned char c = (unsigned char)*p;

	if (c < 0x80) {
		*out_rune = c;
		return 1;
	}
	/* E0 and ED have narrower ranges behind them: left to the full check. */
	if (c > 0xe0 && c < 0xf0 && c != 0xed && in.n - at >= 3 && is_continuation(p[1]) &&
	    is_continuation(p[2])) {
		*out_rune = (uint32_t)(c & 0x0f) << 12 | (uint32_t)((unsigned char)p[1] & 0x3f) << 6 |
			    (uint32_t)((unsigned char)p[2] & 0x3f);
		return 3;
	}
	size_t n = hy_utf8_decode(p, in.n - at, out_rune);
	if (n > 0)
		return n;
	*out_rune = REPLACEMENT;
	return 1;
}

/* ---- writing ---- */

static void add_segment(struct folder *f, size_t original, size_t block)
{
	struct hy_folded *out = f->out;

	if (out->segment_count == out->segment_cap)
		out->segments = hy_grow(out->segments, &out->segment_cap, out->segment_count + 1,
					sizeof *out->segments);
	out->segments[out->segment_count++] = (struct hy_fold_segment){
		(uint32_t)out->n, (uint32_t)original, (uint32_t)block};
	f->linear = block == 0;
	f->shift = original - out->n;
}

static void put_bytes(struct folder *f, const char *p, size_t n, size_t original, size_t bytes)
{
	add_segment(f, original, bytes);
	memcpy(f->out->text + f->out->n, p, n);
	f->out->n += n;
}

/* A character that stays one character. `bytes`: what it took in the original. */
static inline void put_rune(struct folder *f, uint32_t rune, size_t original, size_t bytes)
{
	struct hy_folded *out = f->out;
	size_t n = 1;

	if (rune < 0x80)
		out->text[out->n] = (char)rune;
	else
		n = hy_utf8_encode(rune, out->text + out->n);
	if (n != bytes)
		add_segment(f, original, bytes);
	else if (!f->linear || f->shift != original - out->n)
		add_segment(f, original, 0);
	out->n += n;
}

static void put_folded(struct folder *f, const struct hy_fold_rune *folded, size_t original,
		       size_t bytes)
{
	if (folded->kind == HY_FOLD_MANY)
		put_bytes(f, folded->text, folded->length, original, bytes);
	else
		put_rune(f, folded->rune, original, bytes);
}

/* ---- what waits ---- */

/* White space as it stays: nothing, a space or a newline. */
static void put_space(struct folder *f, const struct pending *gap, bool before_han)
{
	bool beside_han = f->after_han || before_han;
	bool inside_han = f->after_han && before_han;

	if (f->out->n == 0)
		return;
	if (gap->newlines >= 2 || (gap->newlines == 1 && !inside_han))
		put_bytes(f, "\n", 1, gap->start, gap->end - gap->start);
	else if (gap->newlines == 0 && !beside_han)
		put_bytes(f, " ", 1, gap->start, gap->end - gap->start);
}

static void count_space(struct pending *gap, size_t at, size_t bytes, bool newline)
{
	if (gap->spaces + gap->newlines == 0)
		gap->start = at;
	gap->end = at + bytes;
	gap->spaces++;
	gap->newlines += newline;
}

/* Writes decoration that does not disguise anything, with the white space among it. */
static void put_pending(struct folder *f, bool before_han)
{
	struct pending gap = {0};
	size_t at = f->pending.start;

	while (at < f->pending.end) {
		uint32_t rune;
		size_t bytes = decode(f->in, at, &rune);
		struct hy_fold_rune folded = hy_fold_rune(f->table, rune);
		bool newline = folded.kind == HY_FOLD_NEWLINE;

		if (newline || folded.kind == HY_FOLD_SPACE) {
			count_space(&gap, at, bytes, newline);
		} else if (folded.kind != HY_FOLD_DROP) {
			if (gap.spaces)
				put_space(f, &gap, false);
			gap = (struct pending){0};
			put_folded(f, &folded, at, bytes);
			f->after_han = false;
		}
		at += bytes;
	}
	if (gap.spaces)
		put_space(f, &gap, before_han);
}

static void settle(struct folder *f, bool before_han)
{
	const struct pending *p = &f->pending;
	bool disguise = f->after_han && before_han && p->newlines < 2 &&
			p->decorations <= DECORATION_MAX;

	if (p->decorations == 0)
		put_space(f, p, before_han);
	else if (!disguise)
		put_pending(f, before_han);
	f->pending = (struct pending){0};
}

static inline void wait_for_next(struct folder *f, uint32_t flags, size_t at, size_t bytes)
{
	struct pending *p = &f->pending;

	if (p->spaces + p->decorations == 0)
		p->start = at;
	p->end = at + bytes;
	if (flags & HY_FOLD_BIT_DECORATION)
		p->decorations++;
	else
		p->spaces++;
	if (flags & HY_FOLD_BIT_NEWLINE)
		p->newlines++;
}

/* ---- variants ---- */

/*
 * Takes back what has been written from `at` on; false where that began inside what came as a
 * whole. *out_original: where it came from.
 */
static bool take_back(struct folder *f, size_t at, size_t *out_original)
{
	struct hy_folded *out = f->out;
	size_t count = out->segment_count;

	while (out->segments[count - 1].folded > at)
		count--;
	const struct hy_fold_segment *last = &out->segments[count - 1];

	if (last->block && last->folded != at)
		return false;
	*out_original = last->original + (at - last->folded);
	out->segment_count = last->folded == at ? count - 1 : count;
	out->n = at;
	return true;
}

/* Room for `n` bytes more, and for whatever the input behind `at` becomes. */
static void make_room(struct folder *f, size_t at, size_t n)
{
	struct hy_folded *out = f->out;
	size_t need = out->n + n + (f->in.n - at) * GROWTH + HY_FOLD_PADDING;

	if (need <= out->cap)
		return;
	need += need / 8;
	out->text = hy_xrealloc(out->text, need, 1);
	out->cap = need;
}

/* What was written last, `rune`, may end a variant: the proper spelling is put in its place. */
static void put_proper(struct folder *f, uint32_t rune, size_t end)
{
	struct hy_folded *out = f->out;
	const struct hy_fold_variant *variant = hy_fold_table_variant(
		f->table, rune, (struct hy_str){out->text, out->n});
	size_t original;

	if (!variant || !take_back(f, out->n - variant->from.n, &original))
		return;
	make_room(f, end, variant->to.n);
	put_bytes(f, variant->to.p, variant->to.n, original, end - original);
}

/* ---- the loop ---- */

static uint32_t last_rune(const char *p, size_t n)
{
	size_t at = hy_utf8_floor(p, n, n - 1);
	uint32_t rune = 0;

	(void)hy_utf8_decode(p + at, n - at, &rune);
	return rune;
}

static void fold_complex(struct folder *f, uint32_t rune, size_t at, size_t bytes)
{
	struct hy_fold_rune folded = hy_fold_rune(f->table, rune);

	if (folded.kind == HY_FOLD_DROP)
		return;
	if (folded.kind == HY_FOLD_SPACE || folded.kind == HY_FOLD_NEWLINE || folded.decoration) {
		uint32_t flags = (folded.decoration ? HY_FOLD_BIT_DECORATION : 0) |
				 (folded.kind == HY_FOLD_NEWLINE ? HY_FOLD_BIT_NEWLINE : 0);

		wait_for_next(f, flags, at, bytes);
		return;
	}
	if (f->pending.end)
		settle(f, folded.han);
	put_folded(f, &folded, at, bytes);
	f->after_han = folded.han;
	if (folded.han && hy_fold_table_has_variants(f->table))
		put_proper(f, last_rune(f->out->text, f->out->n), at + bytes);
}

static inline uint64_t load(const unsigned char *p)
{
	uint64_t value;

	memcpy(&value, p, sizeof value);
	return value;
}

/* A Chinese character of three bytes that stays; its bytes are known to be shaped as one. */
static inline bool is_same(const uint64_t *same_han, const unsigned char *p)
{
	return same_han[(size_t)(p[0] & 0x0f) << 6 | (p[1] & 0x3f)] >> (p[2] & 0x3f) & 1;
}

/* Whether what begins so are characters of three bytes: `count` of them, at most two. */
static inline bool is_shaped(uint64_t bytes, size_t count)
{
	static const unsigned char masks[3][8] = {
		{0}, {0xf0, 0xc0, 0xc0}, {0xf0, 0xc0, 0xc0, 0xf0, 0xc0, 0xc0}};
	static const unsigned char shapes[3][8] = {
		{0}, {0xe0, 0x80, 0x80}, {0xe0, 0x80, 0x80, 0xe0, 0x80, 0x80}};

	return (bytes & load(masks[count])) == load(shapes[count]);
}

/*
 * Most of a text stays as it is: Chinese characters of three bytes. Copies those that begin at
 * `at`, where nothing waits in front of them, returns where they end. The last of the input are
 * left to the others, for it reads and writes eight bytes at once.
 */
static size_t copy_unchanged(struct folder *f, size_t at)
{
	const unsigned char *p = (const unsigned char *)f->in.p + at;
	const unsigned char *begin = p, *end = (const unsigned char *)f->in.p + f->in.n;
	char *out = f->out->text + f->out->n;

	for (; end - p >= 8; p += 6, out += 6) {
		uint64_t bytes = load(p);

		memcpy(out, &bytes, 8);
		if (!is_shaped(bytes, 2) ||
		    !((int)is_same(f->same_han, p) & (int)is_same(f->same_han, p + 3)))
			break;
	}
	/* Without a branch: there is one more or not, as chance has it. */
	if (end - p >= 8)
		p += (size_t)3 * ((size_t)is_shaped(load(p), 1) & (size_t)is_same(f->same_han, p));
	if (p == begin)
		return at;
	if (!f->linear || f->shift != at - f->out->n)
		add_segment(f, at, 0);
	f->out->n += (size_t)(p - begin);
	f->after_han = true;
	return at + (size_t)(p - begin);
}

static void fold_all(struct folder *f)
{
	const uint32_t waits = HY_FOLD_BIT_SPACE | HY_FOLD_BIT_DECORATION;
	uint32_t rune;

	for (size_t at = 0, bytes; at < f->in.n; at += bytes) {
		if (!f->pending.end)
			at = copy_unchanged(f, at);
		if (at == f->in.n)
			break;
		bytes = decode(f->in, at, &rune);
		uint32_t quick = rune < HY_FOLD_QUICK_RUNES ? f->quick[rune] : HY_FOLD_BIT_COMPLEX;

		if (quick & HY_FOLD_BIT_COMPLEX) {
			fold_complex(f, rune, at, bytes);
		} else if (quick & waits) {
			wait_for_next(f, quick, at, bytes);
		} else if (!(quick & HY_FOLD_BIT_DROP)) {
			bool han = (quick & HY_FOLD_BIT_HAN) != 0;

			if (f->pending.end)
				settle(f, han);
			put_rune(f, quick & 0xffff, at, bytes);
			f->after_han = han;
			if (quick & HY_FOLD_BIT_ENDING)
				put_proper(f, quick & 0xffff, at + bytes);
		}
	}
	/* Decoration at the end stays, white space there does not. */
	if (f->pending.decorations)
		put_pending(f, true);
}

void hy_folded_init(struct hy_folded *folded)
{
	*folded = (struct hy_folded){0};
}

void hy_folded_fini(struct hy_folded *folded)
{
	free(folded->text);
	free(folded->segments);
	*folded = (struct hy_folded){0};
}

enum hy_err hy_fold(const struct hy_fold_table *table, struct hy_str text, struct hy_folded *out)
{
	struct folder f = {.table = table, .quick = hy_fold_table_quick(table),
			   .same_han = hy_fold_table_same_han(table), .in = text, .out = out};

	if (text.n > HY_FOLD_INPUT_BYTES)
		return HY_ERR_LIMIT;
	size_t need = text.n * GROWTH + HY_FOLD_PADDING;
	if (out->cap < need) {
		free(out->text);
		out->text = hy_xrealloc(NULL, need, 1);
		out->cap = need;
	}
	out->n = 0;
	out->segment_count = 0;
	fold_all(&f);
	memset(out->text + out->n, 0, HY_FOLD_PADDING);
	return HY_OK;
}

/* ---- the way back ---- */

/* The segment that holds the folded byte. */
static const struct hy_fold_segment *segment_at(const struct hy_folded *folded, size_t at)
{
	size_t low = 0, high = folded->segment_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (folded->segments[middle].folded <= at)
			low = middle;
		else
			high = middle;
	}
	return &folded->segments[low];
}

void hy_folded_span(const struct hy_folded *folded, size_t start, size_t end, size_t *out_start,
		    size_t *out_end)
{
	hy_assert(start < end && end <= folded->n);
	const struct hy_fold_segment *first = segment_at(folded, start);
	const struct hy_fold_segment *last = segment_at(folded, end - 1);

	*out_start = first->original + (first->block ? 0 : start - first->folded);
	*out_end = last->original + (last->block ? last->block : end - last->folded);
}

size_t hy_folded_before(const struct hy_folded *folded, size_t original)
{
	size_t low = 0, high = folded->segment_count;

	/* The first segment that begins at or behind `original`: what stands before it counts. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (folded->segments[middle].original < original)
			low = middle + 1;
		else
			high = middle;
	}
	size_t end = low < folded->segment_count ? folded->segments[low].folded : folded->n;
	if (low == 0)
		return 0;
	const struct hy_fold_segment *last = &folded->segments[low - 1];
	size_t bytes = original - last->original;

	if (last->block)
		return bytes >= last->block ? end : last->folded;
	return last->folded + bytes < end ? last->folded + bytes : end;
}

/* ---- patterns ---- */

/* A pattern as it is written out: where its last plain characters begin, and whether in a class. */
struct pattern {
	const struct hy_fold_table *table;
	struct hy_buf *out;
	size_t plain_from;
	bool escaped, in_class;
	bool good;
};

static bool is_plain(uint32_t rune)
{
	return hy_rune_is_han(rune) || (rune >= '0' && rune <= '9') ||
	       (rune >= 'a' && rune <= 'z') || (rune >= 'A' && rune <= 'Z');
}

/* What stands in a class, or has a backslash before it, is no part of a word. */
static void note_rune(struct pattern *p, uint32_t rune)
{
	bool plain = is_plain(rune) && !p->escaped && !p->in_class;

	if (!p->escaped && rune == '[')
		p->in_class = true;
	else if (!p->escaped && rune == ']')
		p->in_class = false;
	p->escaped = rune == '\\' && !p->escaped;
	if (!plain)
		p->plain_from = p->out->n;
}

/* A repeat would count for the last character of the one spelling, and of the other. */
static void put_proper_word(struct pattern *p, uint32_t rune, char next)
{
	char lower[TAIL_BYTES];
	size_t plain = p->out->n - p->plain_from, n = plain < TAIL_BYTES ? plain : TAIL_BYTES;

	for (size_t i = 0; i < n; i++) {
		char c = p->out->p[p->out->n - n + i];

		lower[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	const struct hy_fold_variant *variant =
		hy_fold_table_variant(p->table, rune, (struct hy_str){lower, n});
	if (!variant)
		return;
	if (next && strchr("?*+{", next)) {
		p->good = false;
		return;
	}
	p->out->n -= variant->from.n;
	hy_buf_add_str(p->out, variant->to);
}

static void add_escaped(struct pattern *p, uint32_t rune, const char *utf8, size_t n)
{
	if (n == 1 && (unsigned char)utf8[0] < 0x80 && strchr("\\^$.[]|()?*+{}-#&~/ ", utf8[0])) {
		hy_buf_add_char(p->out, '\\');
		hy_buf_add(p->out, utf8, n);
		p->plain_from = p->out->n;
		return;
	}
	hy_buf_add(p->out, utf8, n);
	note_rune(p, rune);
}

static void add_folded(struct pattern *p, const struct hy_fold_rune *folded)
{
	char utf8[4];
	uint32_t rune;

	if (folded->kind == HY_FOLD_SPACE || folded->kind == HY_FOLD_NEWLINE) {
		hy_buf_add_char(p->out, ' ');
		note_rune(p, ' ');
	} else if (folded->kind == HY_FOLD_SAME || folded->kind == HY_FOLD_ONE) {
		add_escaped(p, folded->rune, utf8, hy_utf8_encode(folded->rune, utf8));
	} else if (folded->kind == HY_FOLD_MANY) {
		for (size_t i = 0, n; i < folded->length; i += n) {
			n = hy_utf8_decode(folded->text + i, folded->length - i, &rune);
			add_escaped(p, rune, folded->text + i, n);
		}
	}
}

bool hy_fold_pattern(const struct hy_fold_table *table, struct hy_str pattern, struct hy_buf *out)
{
	struct pattern p = {.table = table, .out = out, .plain_from = out->n, .good = true};

	for (size_t at = 0, bytes; at < pattern.n; at += bytes) {
		uint32_t rune;

		bytes = decode(pattern, at, &rune);
		if (rune < 0x80) {
			hy_buf_add(out, pattern.p + at, bytes);
			note_rune(&p, rune);
			continue;
		}
		struct hy_fold_rune folded = hy_fold_rune(table, rune);

		add_folded(&p, &folded);
		if (folded.han && hy_fold_table_has_variants(table) && out->n > p.plain_from)
			put_proper_word(&p, last_rune(out->p, out->n),
					at + bytes < pattern.n ? pattern.p[at + bytes] : '\0');
	}
	return p.good;
}
