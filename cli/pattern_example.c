#include "cli/pattern_example.h"

#include <stdint.h>
#include <string.h>

#define DEPTH_MAX 50
#define REPEATS_MAX 20

struct walk {
	struct hy_str p;
	size_t at;
	struct hy_buf *out;
	int depth;
};

static size_t character_bytes(struct hy_str s, size_t at)
{
	size_t n = 1;

	while (at + n < s.n && ((unsigned char)s.p[at + n] & 0xc0) == 0x80)
		n++;
	return n;
}

static void copy_character(struct walk *w)
{
	size_t n = character_bytes(w->p, w->at);

	hy_buf_add(w->out, w->p.p + w->at, n);
	w->at += n;
}

static void walk_escape(struct walk *w)
{
	w->at++;
	if (w->at == w->p.n)
		return;
	switch (w->p.p[w->at]) {
	case 'd':
		hy_buf_add_char(w->out, '1');
		break;
	case 'w':
		hy_buf_add_char(w->out, 'a');
		break;
	case 's':
		hy_buf_add_char(w->out, ' ');
		break;
	case 'b':
	case 'B':
		break;
	default:
		copy_character(w);
		return;
	}
	w->at++;
}

/* The first of the class; of what is shut out, a character that is rarely meant. */
static void walk_class(struct walk *w)
{
	bool is_shut_out = w->at + 1 < w->p.n && w->p.p[w->at + 1] == '^';

	w->at += is_shut_out ? 2 : 1;
	if (is_shut_out)
		hy_buf_add_c(w->out, "某");
	else if (w->at < w->p.n && w->p.p[w->at] == '\\')
		walk_escape(w);
	else if (w->at < w->p.n)
		copy_character(w);
	while (w->at < w->p.n && w->p.p[w->at] != ']')
		w->at += w->p.p[w->at] == '\\' ? 2 : 1;
	w->at++;
}

static void walk_alternatives(struct walk *w);

static bool is_one_of(char c, const char *signs)
{
	return c != '\0' && strchr(signs, c) != NULL;
}

/* Behind "(": what looks around adds nothing. */
static void walk_group(struct walk *w)
{
	size_t before = w->out->n;
	bool looks = false;

	if (w->at < w->p.n && w->p.p[w->at] == '?') {
		while (w->at < w->p.n && !is_one_of(w->p.p[w->at], ":>!=)"))
			w->at++;
		looks = w->at < w->p.n && is_one_of(w->p.p[w->at], "!=");
		/* A named group's ">" ends its name. */
		if (w->at < w->p.n && w->p.p[w->at] != ')')
			w->at++;
	}
	walk_alternatives(w);
	w->at++;
	if (looks)
		hy_buf_truncate(w->out, before);
}

/* What must come n times: 0 takes it away again. */
static void walk_repeat(struct walk *w, size_t before)
{
	size_t times = 1;

	if (w->at == w->p.n)
		return;
	char sign = w->p.p[w->at];

	if (sign == '?' || sign == '*') {
		times = 0;
		w->at++;
	} else if (sign == '+') {
		w->at++;
	} else if (sign == '{') {
		times = 0;
		for (w->at++; w->at < w->p.n && w->p.p[w->at] >= '0' && w->p.p[w->at] <= '9'; w->at++)
			times = times > REPEATS_MAX ? times : times * 10 + (size_t)(w->p.p[w->at] - '0');
		while (w->at < w->p.n && w->p.p[w->at++] != '}')
			continue;
	} else {
		return;
	}
	while (w->at < w->p.n && (w->p.p[w->at] == '?' || w->p.p[w->at] == '+'))
		w->at++;
	size_t n = w->out->n - before;

	if (times == 0)
		hy_buf_truncate(w->out, before);
	for (size_t i = 1; i < times && i < REPEATS_MAX; i++) {
		char *room = hy_buf_reserve(w->out, n);

		for (size_t j = 0; room && j < n; j++)
			room[j] = w->out->p[before + j];
		if (room)
			hy_buf_commit(w->out, n);
	}
}

static void walk_piece(struct walk *w)
{
	size_t before = w->out->n;

	switch (w->p.p[w->at]) {
	case '\\':
		walk_escape(w);
		break;
	case '[':
		walk_class(w);
		break;
	case '(':
		w->at++;
		walk_group(w);
		break;
	case '.':
		hy_buf_add_c(w->out, "某");
		w->at++;
		break;
	case '^':
	case '$':
		w->at++;
		break;
	default:
		copy_character(w);
		break;
	}
	if (w->at > w->p.n)
		w->at = w->p.n;
	walk_repeat(w, before);
}

/* Up to the group's end; what the alternatives behind the first add is taken away. */
static void walk_alternatives(struct walk *w)
{
	size_t first = SIZE_MAX;

	w->depth++;
	while (w->at < w->p.n && w->p.p[w->at] != ')' && w->depth < DEPTH_MAX) {
		if (w->p.p[w->at] == '|') {
			first = first == SIZE_MAX ? w->out->n : first;
			w->at++;
		} else {
			walk_piece(w);
		}
	}
	if (first != SIZE_MAX)
		hy_buf_truncate(w->out, first);
	w->depth--;
}

void hy_pattern_example(struct hy_str pattern, struct hy_buf *out)
{
	struct walk w = {.p = pattern, .out = out};

	walk_alternatives(&w);
}
