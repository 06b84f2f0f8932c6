#include "analyzer/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

/*
 * Nearly every place of a text is settled in few steps, and those are not counted. Where that is
 * not enough a place is tried again with more, and what it may take is taken from what is left
 * for this text: so a pattern that is slow in one place has room for it, and one that is slow
 * everywhere comes to its end soon.
 */
#define STEPS_UNCOUNTED 100
#define SLICE_BYTES 48		/* places tried in one call */

#define JIT_STACK_START 32768
#define JIT_STACK_MAX (1024 * 1024)

struct hy_pattern {
	pcre2_code *code;
};

struct hy_pattern_user {
	pcre2_match_context *context;
	pcre2_match_data *data;
	pcre2_jit_stack *stack;
	uint32_t steps;		/* left for this text */
};

/* ---- compiling ---- */

/* The mistakes people make; others keep PCRE2's English text. */
static const struct {
	int code;
	const char *text;
} mistakes[] = {
	{101, "末尾多了一个反斜杠"},
	{103, "反斜杠后面的字符不认识"},
	{104, "{ } 里的次数颠倒了，应当由小到大"},
	{105, "{ } 里的次数太大"},
	{106, "缺少右方括号 ]"},
	{108, "方括号里的范围颠倒了"},
	{109, "? * + { } 前面没有可以重复的内容"},
	{111, "(? 后面的字符不认识"},
	{114, "缺少右括号 )"},
	{115, "引用了不存在的分组"},
	{120, "模式太大"},
	{122, "多了一个右括号 )"},
	{125, "向后断言 (?<= (?<! 里的长度必须固定"},
	{142, "分组名写错了"},
	{146, "\\p \\P 写错了"},
	{147, "\\p \\P 后面的名称不认识"},
};

static void describe(int code, size_t offset, struct hy_pattern_error *out)
{
	out->offset = offset;
	for (size_t i = 0; i < HY_COUNT(mistakes); i++) {
		if (mistakes[i].code != code)
			continue;
		snprintf(out->text, sizeof out->text, "%s", mistakes[i].text);
		return;
	}
	if (pcre2_get_error_message(code, (PCRE2_UCHAR *)out->text, sizeof out->text) < 0)
		snprintf(out->text, sizeof out->text, "PCRE2 错误 %d", code);
}

static enum hy_err compile(struct hy_str pattern, pcre2_code **out,
			   struct hy_pattern_error *out_error)
{
	const uint32_t options = PCRE2_UTF | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C |
				 PCRE2_USE_OFFSET_LIMIT;
	uint32_t may_be_empty = 0;
	PCRE2_SIZE offset;
	int code;
	pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, options, &code,
					     &offset, NULL);

	if (!compiled) {
		describe(code, offset, out_error);
		return HY_ERR_MALFORMED;
	}
	(void)pcre2_pattern_info(compiled, PCRE2_INFO_MATCHEMPTY, &may_be_empty);
	if (may_be_empty) {
		pcre2_code_free(compiled);
		*out_error = (struct hy_pattern_error){"模式能匹配空文字，处处都算命中", 0};
		return HY_ERR_MALFORMED;
	}
	*out = compiled;
	return HY_OK;
}

enum hy_err hy_pattern_new(struct hy_str pattern, struct hy_pattern **out,
			   struct hy_pattern_error *out_error)
{
	pcre2_code *code;

	if (pattern.n > HY_PATTERN_BYTES) {
		*out_error = (struct hy_pattern_error){"模式太长", HY_PATTERN_BYTES};
		return HY_ERR_LIMIT;
	}
	enum hy_err err = compile(pattern, &code, out_error);
	if (err)
		return err;
	/* Without JIT (other machines, locked-down memory) pcre2_match interprets: slower, same. */
	(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	*out = hy_xcalloc(1, sizeof **out);
	(*out)->code = code;
	return HY_OK;
}

void hy_pattern_free(struct hy_pattern *pattern)
{
	if (!pattern)
		return;
	pcre2_code_free(pattern->code);
	free(pattern);
}

/* ---- running ---- */

struct hy_pattern_user *hy_pattern_user_new(void)
{
	struct hy_pattern_user *user = hy_xcalloc(1, sizeof *user);

	user->context = pcre2_match_context_create(NULL);
	/* One pair: only where the whole match stands is asked. */
	user->data = pcre2_match_data_create(1, NULL);
	user->stack = pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_MAX, NULL);
	hy_assert(user->context && user->data);
	user->steps = HY_PATTERN_STEPS;
	(void)pcre2_set_depth_limit(user->context, HY_PATTERN_DEPTH_LIMIT);
	(void)pcre2_set_heap_limit(user->context, HY_PATTERN_HEAP_KIB);
	if (user->stack)
		pcre2_jit_stack_assign(user->context, NULL, user->stack);
	return user;
}

void hy_pattern_user_free(struct hy_pattern_user *user)
{
	if (!user)
		return;
	pcre2_match_context_free(user->context);
	pcre2_match_data_free(user->data);
	if (user->stack)
		pcre2_jit_stack_free(user->stack);
	free(user);
}

void hy_pattern_begin(struct hy_pattern_user *user)
{
	user->steps = HY_PATTERN_STEPS;
}

/* A search in progress. */
struct search {
	const struct hy_pattern *pattern;
	struct hy_pattern_user *user;
	struct hy_str text;
};

static size_t next_place(struct hy_str text, size_t at)
{
	do
		at++;
	while (at < text.n && ((unsigned char)text.p[at] & 0xc0) == 0x80);
	return at;
}

/* A match that begins in [from, last]; as pcre2_match answers. */
static int run(const struct search *s, size_t from, size_t last, uint32_t steps)
{
	(void)pcre2_set_match_limit(s->user->context, steps);
	(void)pcre2_set_offset_limit(s->user->context, last);
	return pcre2_match(s->pattern->code, (PCRE2_SPTR)s->text.p, s->text.n, from,
			   PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY, s->user->data, s->user->context);
}

static int run_place(const struct search *s, size_t at)
{
	int found = run(s, at, at, STEPS_UNCOUNTED);

	for (uint32_t steps = STEPS_UNCOUNTED * 10;
	     found == PCRE2_ERROR_MATCHLIMIT && steps <= HY_PATTERN_MATCH_LIMIT; steps *= 10) {
		if (s->user->steps < steps)
			return PCRE2_ERROR_MATCHLIMIT;
		s->user->steps -= steps;
		found = run(s, at, at, steps);
	}
	return found;
}

static int run_slice(const struct search *s, size_t from, size_t last)
{
	int found = run(s, from, last, STEPS_UNCOUNTED);

	if (found != PCRE2_ERROR_MATCHLIMIT)
		return found;
	found = PCRE2_ERROR_NOMATCH;
	for (size_t at = from; at <= last && found == PCRE2_ERROR_NOMATCH;
	     at = next_place(s->text, at))
		found = run_place(s, at);
	return found;
}

static int run_all(const struct search *s, size_t from)
{
	int found = run(s, from, PCRE2_UNSET, STEPS_UNCOUNTED);

	if (found != PCRE2_ERROR_MATCHLIMIT)
		return found;
	found = PCRE2_ERROR_NOMATCH;
	while (from < s->text.n && found == PCRE2_ERROR_NOMATCH) {
		size_t end = from, last = from;

		for (; end < s->text.n && end - from < SLICE_BYTES; end = next_place(s->text, end))
			last = end;
		found = run_slice(s, from, last);
		from = end;
	}
	return found;
}

enum hy_pattern_result hy_pattern_next(const struct hy_pattern *pattern,
				       struct hy_pattern_user *user, struct hy_str text,
				       size_t from, struct hy_pattern_span *out)
{
	const struct search search = {pattern, user, text};

	while (from < text.n) {
		int found = run_all(&search, from);

		if (found == PCRE2_ERROR_NOMATCH)
			return HY_PATTERN_NONE;
		if (found < 0)
			return HY_PATTERN_AT_LIMIT;
		const PCRE2_SIZE *span = pcre2_get_ovector_pointer(user->data);
		if (span[0] < span[1] && span[0] >= from) {
			*out = (struct hy_pattern_span){span[0], span[1]};
			return HY_PATTERN_FOUND;
		}
		/* \K can leave a match empty or behind its start: not one of ours. */
		from = span[1] > from ? span[1] : next_place(text, from);
	}
	return HY_PATTERN_NONE;
}
