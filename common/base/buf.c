#include "common/base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define FIRST_BYTES 256

void hy_buf_init(struct hy_buf *b, size_t max_bytes)
{
	*b = (struct hy_buf){.max = max_bytes};
}

void hy_buf_fini(struct hy_buf *b)
{
	free(b->p);
	*b = (struct hy_buf){.max = b->max};
}

void hy_buf_clear(struct hy_buf *b)
{
	b->n = 0;
	b->err = HY_OK;
	if (b->p)
		b->p[0] = '\0';
}

char *hy_buf_reserve(struct hy_buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : FIRST_BYTES;

	if (b->err)
		return NULL;
	/* Twice the size and a NUL must still be countable, whatever the limit. */
	if (n > b->max - b->n || n > SIZE_MAX / 4 - b->n) {
		b->err = HY_ERR_LIMIT;
		return NULL;
	}
	if (b->n + n + 1 > b->cap) {
		while (cap < b->n + n + 1)
			cap *= 2;
		if (cap - 1 > b->max)
			cap = b->max + 1;
		b->p = hy_xrealloc(b->p, cap, 1);
		b->cap = cap;
	}
	return b->p + b->n;
}

void hy_buf_commit(struct hy_buf *b, size_t n)
{
	hy_assert(n < b->cap - b->n);
	b->n += n;
	b->p[b->n] = '\0';
}

void hy_buf_truncate(struct hy_buf *b, size_t n)
{
	if (n >= b->n)
		return;
	b->n = n;
	b->p[n] = '\0';
}

void hy_buf_add(struct hy_buf *b, const void *p, size_t n)
{
	char *room;

	/* There is room most of the time, and never more than the limit allows. */
	if (n < b->cap - b->n && b->err == HY_OK) {
		if (n)
			memcpy(b->p + b->n, p, n);
		b->n += n;
		b->p[b->n] = '\0';
		return;
	}
	room = hy_buf_reserve(b, n);
	if (!room)
		return;
	if (n)
		memcpy(room, p, n);
	hy_buf_commit(b, n);
}

void hy_buf_add_c(struct hy_buf *b, const char *c_string)
{
	hy_buf_add(b, c_string, strlen(c_string));
}

void hy_buf_add_str(struct hy_buf *b, struct hy_str s)
{
	hy_buf_add(b, s.p, s.n);
}

void hy_buf_add_char(struct hy_buf *b, char c)
{
	hy_buf_add(b, &c, 1);
}

void hy_buf_addf(struct hy_buf *b, const char *fmt, ...)
{
	va_list args, again;
	char *room;
	int need;

	va_start(args, fmt);
	va_copy(again, args);
	need = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	hy_assert(need >= 0);
	room = hy_buf_reserve(b, (size_t)need);
	if (room) {
		(void)vsnprintf(room, (size_t)need + 1, fmt, again);
		hy_buf_commit(b, (size_t)need);
	}
	va_end(again);
}

enum hy_err hy_buf_err(const struct hy_buf *b)
{
	return b->err;
}

struct hy_str hy_buf_str(const struct hy_buf *b)
{
	return (struct hy_str){b->p ? b->p : "", b->n};
}

char *hy_buf_take(struct hy_buf *b)
{
	char *p;

	if (b->err)
		return NULL;
	p = b->p ? b->p : hy_xcalloc(1, 1);
	*b = (struct hy_buf){.max = b->max};
	return p;
}
