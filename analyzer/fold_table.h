/*
 * What folding does to each character: compatibility decomposition (NFKD) without combining
 * marks, case folding (Unicode, by utf8proc), traditional to simplified Chinese character by
 * character (OpenCC's t2s). Built once at start (about 30 ms), immutable, shared. A rule set with
 * spelling variants has a table of its own made from that one.
 */
#ifndef HY_ANALYZER_FOLD_TABLE_H
#define HY_ANALYZER_FOLD_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"

enum hy_fold_kind {
	HY_FOLD_SAME,		/* stays as it is */
	HY_FOLD_ONE,		/* becomes `rune` */
	HY_FOLD_MANY,		/* becomes `length` bytes of UTF-8 at `text` */
	HY_FOLD_DROP,		/* invisible: format characters, marks, controls */
	HY_FOLD_SPACE,
	HY_FOLD_NEWLINE,
};

#define HY_FOLD_MANY_BYTES 12

struct hy_fold_rune {
	enum hy_fold_kind kind;
	bool han;		/* what it becomes is a Chinese character */
	bool decoration;	/* a sign that people put between Chinese characters: 拆-迁 拆*迁 */
	uint32_t rune;		/* SAME, ONE */
	char text[HY_FOLD_MANY_BYTES];
	size_t length;
};

struct hy_fold_table;

/* UNAVAILABLE where OpenCC's data cannot be opened. */
enum hy_err hy_fold_table_new(struct hy_fold_table **out, struct hy_error *e) HY_MUST_CHECK;
void hy_fold_table_free(struct hy_fold_table *table);

/* A spelling that stands for another; both folded by the table they are added to. */
struct hy_fold_variant {
	struct hy_str from, to;
};

/*
 * A table that folds as `base` and then gives `to` wherever `from` stands. Where `from` is one
 * character `to` is one, too; longer ones begin and end with Chinese characters of the Basic
 * Multilingual Plane, and none holds another or stands in a `to`. All is copied.
 */
struct hy_fold_table *hy_fold_table_with(const struct hy_fold_table *base,
					 const struct hy_fold_variant *variants, size_t count);

/* The longer variant that the folded text ends with, or NULL. `last`: the text's last rune. */
const struct hy_fold_variant *hy_fold_table_variant(const struct hy_fold_table *table,
						    uint32_t last, struct hy_str text);
bool hy_fold_table_has_variants(const struct hy_fold_table *table);	/* longer ones */

/* rune: a Unicode scalar value. */
struct hy_fold_rune hy_fold_rune(const struct hy_fold_table *table, uint32_t rune);

/*
 * The quick form for the Basic Multilingual Plane, for loops: an entry for each rune, with what
 * it becomes in the low 16 bits. Where COMPLEX is set ask hy_fold_rune; where SPACE (newlines
 * too) or DROP is set nothing is written for it at once.
 */
#define HY_FOLD_BIT_HAN 0x10000u
#define HY_FOLD_BIT_DECORATION 0x20000u
#define HY_FOLD_BIT_SPACE 0x40000u
#define HY_FOLD_BIT_NEWLINE 0x80000u
#define HY_FOLD_BIT_DROP 0x100000u
#define HY_FOLD_BIT_COMPLEX 0x200000u
#define HY_FOLD_BIT_ENDING 0x400000u	/* some longer variant ends so: ask hy_fold_table_variant */
#define HY_FOLD_QUICK_RUNES 0x10000u
const uint32_t *hy_fold_table_quick(const struct hy_fold_table *table);
/* A bit each rune of that plane: a Chinese character that stays as it is. Small: it stays near. */
const uint64_t *hy_fold_table_same_han(const struct hy_fold_table *table);

#endif
