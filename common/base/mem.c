#include "common/base/mem.h"

#include <stdint.h>
#include <stdio.h>

static _Noreturn void out_of_memory(void)
{
	(void)fputs("out of memory\n", stderr);
	abort();
}

void *hy_xcalloc(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (!p)
		out_of_memory();
	return p;
}

void *hy_xrealloc(void *p, size_t count, size_t size)
{
	void *q;

	if (size && count > SIZE_MAX / size)
		out_of_memory();
	q = realloc(p, count && size ? count * size : 1);
	if (!q)
		out_of_memory();
	return q;
}

char *hy_xstrndup(const char *p, size_t n)
{
	char *copy = hy_xcalloc(n + 1, 1);

	if (n)
		memcpy(copy, p, n);
	return copy;
}

char *hy_xstrdup(const char *s)
{
	return hy_xstrndup(s, strlen(s));
}

void *hy_grow(void *array, size_t *cap, size_t need, size_t item_size)
{
	size_t next = *cap ? *cap : 8;

	if (need <= *cap)
		return array;
	while (next < need) {
		if (next > SIZE_MAX / 2)
			out_of_memory();
		next *= 2;
	}
	array = hy_xrealloc(array, next, item_size);
	*cap = next;
	return array;
}
