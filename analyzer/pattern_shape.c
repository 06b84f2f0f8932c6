#include "analyzer/pattern_shape.h"

#include <stdint.h>
#include <string.h>

#include "common/base/utf8.h"

#define DEPTH_MAX 16
#define COUNT_MAX 100000	/* a repeat count above PCRE2's own limit */
#define QUALITY_BYTES 6		/* two Chinese characters: longer is not rarer enough to matter */
#define USEFUL_BYTES 2

/* A set of strings: "one of these". */
struct strings {
	struct hy_shape_string at[HY_SHAPE_STRINGS_MAX];
	size_t count;
};

/* What is known of a piece of the pattern. */
struct part {
	bool exact;		/* it matches one of `strings` and nothing else */
	struct strings strings;	/* exact: those; else: one of these must stand in it (may be none) */
	size_t longest;
};

struct reader {
	const char *p, *end;
	size_t depth;
	bool lost;		/* something not understood: nothing is known of the whole */
	bool looks_ahead;	/* the text behind a match matters */
};

static void read_alternatives(struct reader *r, struct part *out);

/* ---- sets of strings ---- */

static size_t add(size_t a, size_t b)
{
	return a == HY_SHAPE_UNBOUNDED || b == HY_SHAPE_UNBOUNDED ? HY_SHAPE_UNBOUNDED : a + b;
}

/* Of the shortest; 0 where the set is empty, so that it never counts as useful. */
static size_t shortest(const struct strings *set)
{
	size_t n = set->count ? QUALITY_BYTES : 0;

	for (size_t i = 0; i < set->count; i++)
		if (set->at[i].n < n)
			n = set->at[i].n;
	return n;
}

static void keep_better(struct strings *best, const struct strings *other)
{
	size_t a = shortest(best), b = shortest(other);

	if (b > a || (b == a && other->count < best->count))
		*best = *other;
}

static bool unite(struct strings *set, const struct strings *other)
{
	if (set->count + other->count > HY_SHAPE_STRINGS_MAX)
		return false;
	memcpy(&set->at[set->count], other->at, other->count * sizeof other->at[0]);
	set->count += other->count;
	return true;
}

/* Each string of `set` with each of `tail` behind it; false (and unchanged) if too many. */
static bool append(struct strings *set, const struct strings *tail)
{
	struct strings product = {.count = 0};

	if (set->count * tail->count > HY_SHAPE_STRINGS_MAX)
		return false;
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < tail->count; j++) {
			const struct hy_shape_string *a = &set->at[i], *b = &tail->at[j];
			struct hy_shape_string *both = &product.at[product.count++];

			if (a->n + b->n > HY_SHAPE_STRING_BYTES)
				return false;
			memcpy(both->p, a->p, a->n);
			memcpy(both->p + a->n, b->p, b->n);
			both->n = a->n + b->n;
		}
	*set = product;
	return true;
}

static struct strings only(const char *p, size_t n)
{
	struct strings set = {.count = 1};

	memcpy(set.at[0].p, p, n);
	set.at[0].n = n;
	for (size_t i = 0; i < n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			set.at[0].p[i] = (char)(p[i] - 'A' + 'a');
	return set;
}

/* ---- pieces ---- */

static struct part unknown_character(void)
{
	return (struct part){.longest = 1};
}

static struct part nothing(void)
{
	return (struct part){.exact = true, .strings = only("", 0)};
}

static bool at_text(const struct reader *r, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(r->end - r->p) >= n && memcmp(r->p, text, n) == 0;
}

static bool skip_text(struct reader *r, const char *text)
{
	if (!at_text(r, text))
		return false;
	r->p += strlen(text);
	return true;
}

static struct part read_character(struct reader *r)
{
	uint32_t rune;
	size_t n = hy_utf8_decode(r->p, (size_t)(r->end - r->p), &rune);

	if (n == 0) {
		r->lost = true;
		r->p = r->end;
		return nothing();
	}
	struct part part = {.exact = true, .strings = only(r->p, n), .longest = 1};
	r->p += n;
	return part;
}

static bool is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static struct part read_escape(struct reader *r)
{
	if (++r->p == r->end) {
		r->lost = true;
		return nothing();
	}
	if (!is_alphanumeric(*r->p))
		return read_character(r);
	char c = *r->p++;
	if (c == 'N' && at_text(r, "{"))
		r->lost = true;
	if (strchr("dDwWsShHvVNntrfea", c))
		return unknown_character();
	if (strchr("bBA", c))
		return nothing();
	if (c == 'z' || c == 'Z') {
		r->looks_ahead = true;
		return nothing();
	}
	/* \p{..}, \x.., \1, \K, \Q and the rest. */
	r->lost = true;
	return nothing();
}

/* A class of a few plain members is a set of strings; any other is one unknown character. */
static struct part read_class(struct reader *r)
{
	struct part part = {.exact = true, .longest = 1};
	bool plain = !at_text(r, "[^");

	r->p += plain ? 1 : 2;
	for (bool first = true; r->p < r->end && (first || *r->p != ']'); first = false) {
		struct part member;

		if (*r->p == '[' || *r->p == '-' || *r->p == ']')
			plain = false;
		if (*r->p == '[' && r->p + 1 < r->end && strchr(":.=", r->p[1])) {
			r->lost = true;
			return part;
		}
		member = *r->p == '\\' ? read_escape(r) : read_character(r);
		plain = plain && member.exact && member.strings.at[0].n > 0 &&
			unite(&part.strings, &member.strings);
	}
	r->p += r->p < r->end;
	return plain && part.strings.count ? part : unknown_character();
}

/* Behind "(": true where the group is an ordinary one and the reader stands at its content. */
static bool open_group(struct reader *r)
{
	if (!at_text(r, "?") && !at_text(r, "*"))
		return true;
	if (skip_text(r, "?:") || skip_text(r, "?>"))
		return true;
	if (at_text(r, "?<=") || at_text(r, "?<!"))
		return false;
	if (skip_text(r, "?<") || skip_text(r, "?P<") || skip_text(r, "?'")) {
		while (r->p < r->end && *r->p != '>' && *r->p != '\'')
			r->p++;
		r->p += r->p < r->end;
		return true;
	}
	return false;
}

static struct part read_group(struct reader *r)
{
	struct part part = nothing();
	bool ordinary;

	r->p++;
	if (skip_text(r, "?i)"))
		return part;
	ordinary = open_group(r);
	if (!ordinary) {
		if (skip_text(r, "?=") || skip_text(r, "?!")) {
			r->looks_ahead = true;
		} else if (!skip_text(r, "?<=") && !skip_text(r, "?<!")) {
			r->lost = true;
			return part;
		}
	}
	if (++r->depth > DEPTH_MAX)
		r->lost = true;
	if (!r->lost)
		read_alternatives(r, &part);
	r->depth--;
	if (!skip_text(r, ")"))
		r->lost = true;
	return ordinary ? part : nothing();
}

static struct part read_atom(struct reader *r)
{
	switch (*r->p) {
	case '(':
		return read_group(r);
	case '[':
		return read_class(r);
	case '\\':
		return read_escape(r);
	case '.':
		r->p++;
		return unknown_character();
	case '$':
		r->p++;
		r->looks_ahead = true;
		return nothing();
	case '^':
		r->p++;
		return nothing();
	default:
		return read_character(r);
	}
}

/* ---- repeats ---- */

static bool read_number(const char **p, const char *end, size_t *out)
{
	size_t number = 0;
	const char *start = *p;

	while (*p < end && **p >= '0' && **p <= '9' && number < COUNT_MAX)
		number = number * 10 + (size_t)(*(*p)++ - '0');
	if (*p == start)
		return false;
	*out = number;
	return true;
}

/* {n} {n,} {n,m}; what looks otherwise means different things to PCRE2's versions. */
static bool read_braces(struct reader *r, size_t *out_min, size_t *out_max)
{
	const char *p = r->p + 1;
	size_t min, max;

	if (!read_number(&p, r->end, &min))
		return false;
	max = min;
	if (p < r->end && *p == ',') {
		p++;
		if (!read_number(&p, r->end, &max))
			max = HY_SHAPE_UNBOUNDED;
	}
	if (p == r->end || *p != '}')
		return false;
	r->p = p + 1;
	*out_min = min;
	*out_max = max;
	return true;
}

static void read_repeat(struct reader *r, size_t *out_min, size_t *out_max)
{
	char c = r->p < r->end ? *r->p : '\0';

	*out_min = *out_max = 1;
	if (c == '?' || c == '*' || c == '+') {
		r->p++;
		*out_min = c == '+';
		*out_max = c == '?' ? 1 : HY_SHAPE_UNBOUNDED;
	} else if (c != '{') {
		return;
	} else if (!read_braces(r, out_min, out_max)) {
		r->lost = true;
		return;
	}
	if (r->p < r->end && (*r->p == '?' || *r->p == '+'))
		r->p++;
}

static void repeat(struct part *part, size_t min, size_t max)
{
	struct strings empty = only("", 0);

	if (min == 1 && max == 1)
		return;
	if (max == HY_SHAPE_UNBOUNDED || part->longest == HY_SHAPE_UNBOUNDED)
		part->longest = part->longest == 0 ? 0 : HY_SHAPE_UNBOUNDED;
	else
		part->longest *= max;
	if (part->exact && min == 0 && max == 1 && unite(&part->strings, &empty))
		return;
	part->exact = false;
	if (min == 0)
		part->strings.count = 0;
}

/* ---- sequences and alternatives ---- */

static void read_sequence(struct reader *r, struct part *out)
{
	struct part whole = nothing();
	struct strings run = only("", 0);	/* what the pieces read last spell */
	struct strings best = {.count = 0};

	while (!r->lost && r->p < r->end && *r->p != '|' && *r->p != ')') {
		struct part part = read_atom(r);
		size_t min, max;

		read_repeat(r, &min, &max);
		repeat(&part, min, max);
		whole.longest = add(whole.longest, part.longest);
		if (part.exact && append(&run, &part.strings))
			continue;
		whole.exact = false;
		keep_better(&best, &run);
		if (!part.exact)
			keep_better(&best, &part.strings);
		run = part.exact ? part.strings : only("", 0);
	}
	if (!whole.exact)
		keep_better(&best, &run);
	whole.strings = whole.exact ? run : best;
	*out = whole;
}

static void read_alternatives(struct reader *r, struct part *out)
{
	struct part all = {0};

	read_sequence(r, &all);
	while (!r->lost && skip_text(r, "|")) {
		struct part part = {0};
		bool known = all.strings.count > 0;

		read_sequence(r, &part);
		all.longest = all.longest > part.longest ? all.longest : part.longest;
		all.exact = all.exact && part.exact;
		if (!known || part.strings.count == 0 || !unite(&all.strings, &part.strings)) {
			all.exact = false;
			all.strings.count = 0;
		}
	}
	*out = all;
}

void hy_pattern_shape(struct hy_str pattern, struct hy_pattern_shape *out)
{
	struct reader r = {.p = pattern.p, .end = pattern.p + pattern.n};
	struct part whole = {0};

	read_alternatives(&r, &whole);
	if (r.lost || r.p < r.end) {
		*out = (struct hy_pattern_shape){.longest = HY_SHAPE_UNBOUNDED};
		return;
	}
	*out = (struct hy_pattern_shape){
		.longest = r.looks_ahead ? HY_SHAPE_UNBOUNDED : whole.longest};
	if (shortest(&whole.strings) < USEFUL_BYTES)
		return;
	memcpy(out->strings, whole.strings.at, sizeof out->strings);
	out->string_count = whole.strings.count;
}
