#include "cli/keyword_file.h"

#include <stdlib.h>

#include "common/base/mem.h"

struct reader {
	struct hy_keyword_file *file;
	bool is_global;		/* in the section of global filters */
	bool in_group;		/* a line of the group has been read */
	int line;
};

static struct hy_str without(struct hy_str s, size_t n)
{
	return hy_str_trim(hy_str_sub(s, n, s.n));
}

static struct hy_str in_brackets(struct hy_str s)
{
	return hy_str_trim(hy_str_sub(s, 1, s.n - 2));
}

/* "/pattern/flags" is a pattern, with letters alone behind the last slash. */
static void read_pattern(struct hy_keyword *word)
{
	struct hy_str s = word->text;
	size_t end = s.n;

	while (end > 0 && s.p[end - 1] >= 'a' && s.p[end - 1] <= 'z')
		end--;
	if (end < 3 || s.p[0] != '/' || s.p[end - 1] != '/')
		return;
	word->is_pattern = true;
	word->flags = hy_str_sub(s, end, s.n);
	word->text = hy_str_sub(s, 1, end - 2);
}

static void read_word(struct hy_keyword *word, struct hy_str s)
{
	size_t arrow = hy_str_find(s, HY_STR_LIT("=>"), 0);

	word->text = hy_str_trim(s);
	if (arrow != SIZE_MAX) {
		word->text = hy_str_trim(hy_str_sub(s, 0, arrow));
		word->alias = without(s, arrow + 2);
	}
	read_pattern(word);
}

static enum hy_err add(struct reader *r, struct hy_keyword word)
{
	struct hy_keyword_file *file = r->file;

	if (file->count == HY_KEYWORDS_MAX)
		return HY_ERR_LIMIT;
	word.line = r->line;
	word.group = word.kind == HY_KEYWORD_COMMENT && !r->in_group ? file->group_count + 1
								       : file->group_count;
	file->items = hy_grow(file->items, &file->cap, file->count + 1, sizeof *file->items);
	file->items[file->count++] = word;
	return HY_OK;
}

/* A section's name or the name of the group, which stand in its first line only. */
static bool read_head(struct reader *r, struct hy_str s, struct hy_keyword *word)
{
	if (r->in_group || s.p[0] != '[' || s.p[s.n - 1] != ']' || s.n < 2)
		return false;
	struct hy_str name = in_brackets(s);

	if (hy_str_eq_nocase(name, HY_STR_LIT("GLOBAL_FILTER"))) {
		r->is_global = true;
	} else if (hy_str_eq_nocase(name, HY_STR_LIT("WORD_GROUPS"))) {
		r->is_global = false;
	} else if (!r->is_global) {
		word->kind = HY_KEYWORD_NAME;
		word->text = name;
		r->file->group_count++;
		r->in_group = true;
	} else {
		return false;
	}
	return true;
}

static void read_signed(const struct reader *r, struct hy_str s, struct hy_keyword *word)
{
	static const struct {
		char sign;
		enum hy_keyword_kind kind;
	} signs[] = {{'+', HY_KEYWORD_MUST}, {'!', HY_KEYWORD_NOT}, {'@', HY_KEYWORD_LIMIT}};

	word->kind = r->is_global ? HY_KEYWORD_GLOBAL : HY_KEYWORD_ANY;
	word->text = s;
	for (size_t i = 0; i < HY_COUNT(signs); i++) {
		if (s.p[0] != signs[i].sign)
			continue;
		word->kind = r->is_global ? HY_KEYWORD_IGNORED : signs[i].kind;
		word->text = r->is_global ? s : without(s, 1);
	}
	if (word->kind != HY_KEYWORD_IGNORED && word->kind != HY_KEYWORD_LIMIT)
		read_word(word, word->text);
}

static enum hy_err read_line(struct reader *r, struct hy_str line)
{
	struct hy_keyword word = {.kind = HY_KEYWORD_COMMENT};
	struct hy_str s = hy_str_trim(line);

	/* Only an empty line ends a group; one of spaces does not. */
	if (line.n == 0 || (line.n == 1 && line.p[0] == '\r'))
		r->in_group = false;
	if (s.n == 0)
		return HY_OK;
	if (s.p[0] == '#') {
		word.text = without(s, 1);
		return add(r, word);
	}
	if (read_head(r, s, &word))
		return word.kind == HY_KEYWORD_NAME ? add(r, word) : HY_OK;
	if (!r->in_group)
		r->file->group_count++;
	r->in_group = true;
	read_signed(r, s, &word);
	return add(r, word);
}

enum hy_err hy_keyword_file_read(struct hy_str text, struct hy_keyword_file *out)
{
	struct reader r = {.file = out};
	struct hy_str line;
	enum hy_err err = HY_OK;

	*out = (struct hy_keyword_file){.items = NULL};
	while (err == HY_OK && hy_str_next(&text, '\n', &line)) {
		r.line++;
		err = read_line(&r, line);
	}
	if (err)
		hy_keyword_file_fini(out);
	return err;
}

void hy_keyword_file_fini(struct hy_keyword_file *file)
{
	free(file->items);
	*file = (struct hy_keyword_file){.items = NULL};
}
