/*
 * Text views: a pointer and a length into somebody else's memory, not NUL-terminated.
 * Everything that comes from outside is held in views or buffers, never in C strings.
 */
#ifndef HY_BASE_STR_H
#define HY_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hy_str {
	const char *p;	/* may be NULL when n is 0 */
	size_t n;	/* bytes */
};

/* For printf: ("%.*s", HY_STR_ARGS(view)) */
#define HY_STR_ARGS(s) (int)(s).n, ((s).p ? (s).p : "")
#define HY_STR_LIT(literal) ((struct hy_str){literal, sizeof(literal) - 1})

struct hy_str hy_str_of(const char *c_string);	/* NULL gives the empty view */
struct hy_str hy_str_sub(struct hy_str s, size_t from, size_t n);	/* clipped to s */
bool hy_str_eq(struct hy_str a, struct hy_str b);
bool hy_str_eq_c(struct hy_str a, const char *b);
bool hy_str_eq_nocase(struct hy_str a, struct hy_str b);	/* ASCII letters only */
int hy_str_cmp(struct hy_str a, struct hy_str b);	/* by bytes, shorter first */
bool hy_str_starts(struct hy_str s, struct hy_str prefix);
bool hy_str_starts_nocase(struct hy_str s, struct hy_str prefix);
bool hy_str_ends(struct hy_str s, struct hy_str suffix);

/* The offset of the first `needle` at or after `from`, or SIZE_MAX. */
size_t hy_str_find(struct hy_str s, struct hy_str needle, size_t from);
size_t hy_str_find_nocase(struct hy_str s, struct hy_str needle, size_t from);

/* Without ASCII white space at both ends. */
struct hy_str hy_str_trim(struct hy_str s);

/*
 * Cuts the next piece off *rest up to `separator` (which is dropped). False when *rest was
 * already exhausted (its p is NULL).
 */
bool hy_str_next(struct hy_str *rest, char separator, struct hy_str *out_piece);

/* The whole view must be a decimal number in range; false leaves *out untouched. */
bool hy_str_to_int(struct hy_str s, int64_t min, int64_t max, int64_t *out);

/* A fresh NUL-terminated copy; the caller frees it. */
char *hy_str_dup(struct hy_str s);

/* Glob over dotted ids: `*` matches any run of characters; everything else is literal. */
bool hy_str_glob(struct hy_str pattern, struct hy_str text);

#endif
