/*
 * Memory: allocation that cannot fail for small fixed structures, and scope-bound release.
 *
 * Out of memory ends the process: input is redelivered and the supervisor restarts it.
 * Whatever is sized by input goes through hy_buf or a limit of its own first.
 */
#ifndef HY_BASE_MEM_H
#define HY_BASE_MEM_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Zeroed memory; never NULL. */
void *hy_xcalloc(size_t count, size_t size);
void *hy_xrealloc(void *p, size_t count, size_t size);
char *hy_xstrdup(const char *s);
/* Copies n bytes and adds a NUL. */
char *hy_xstrndup(const char *p, size_t n);

/*
 * Makes room for `need` items in a growing array: returns the array, moved if needed, and
 * updates *cap. The caller has checked `need` against its own limit.
 */
void *hy_grow(void *array, size_t *cap, size_t need, size_t item_size);

/* Runs fn(&variable) when the variable leaves its scope. */
#define hy_cleanup(fn) __attribute__((cleanup(fn)))

/* For hy_cleanup on a plain allocated pointer: hy_cleanup(hy_free_p) char *s = ...; */
static inline void hy_free_p(void *pointer_to_pointer)
{
	void *p;

	memcpy(&p, pointer_to_pointer, sizeof p);
	free(p);
}

/* Takes the pointer out of *pp and leaves NULL: construct under hy_cleanup, then publish. */
static inline void *hy_take(void *pointer_to_pointer)
{
	void *p, *none = NULL;

	memcpy(&p, pointer_to_pointer, sizeof p);
	memcpy(pointer_to_pointer, &none, sizeof none);
	return p;
}

/* Defines `name_p(T *)` for use with hy_cleanup from a `name(T)`; no semicolon behind it. */
#define HY_DEFINE_CLEANUP(type, name) \
	static inline void name##_p(type *pp) \
	{ \
		if (*pp) \
			name(*pp); \
	}

#define hy_container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr) - offsetof(type, member)))

#define HY_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
