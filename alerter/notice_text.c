#include "alerter/notice_text.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

#define URL_BYTES_MAX 1000
#define NUMBER_BYTES 16			/* "(16/16) " and the word at the end of what is cut off */
#define CUT_OFF "……（未完）"

/* ---- guarding ---- */

static bool is_letter(uint32_t rune)
{
	return (rune >= 'a' && rune <= 'z') || (rune >= 'A' && rune <= 'Z');
}

static bool is_invisible(uint32_t rune)
{
	return rune < ' ' || rune == 0x7f || (rune >= 0x80 && rune < 0xa0) ||
	       (rune >= 0x200b && rune <= 0x200f) || (rune >= 0x2028 && rune <= 0x202e) ||
	       (rune >= 0x2060 && rune <= 0x206f) || rune == 0xfeff;
}

/* '.' in front of a letter makes a host name, "://" an address: programs turn both into links. */
static bool makes_link(struct hy_str text, size_t at)
{
	char c = text.p[at], next = at + 1 < text.n ? text.p[at + 1] : '\0';

	return (c == ':' && next == '/') ||
	       (c == '.' && at > 0 && (is_letter((unsigned char)next) || (unsigned char)next >= 0x80));
}

static void add_wide(uint32_t rune, struct hy_buf *out)
{
	char bytes[4];

	hy_buf_add(out, bytes, hy_utf8_encode(rune - ' ' + 0xff00, bytes));
}

void hy_guard_text(enum hy_guard guard, struct hy_str text, struct hy_buf *out)
{
	const char *marks = guard == HY_GUARD_MARKDOWN ? "<>[]()*_#~|\\\"@&$`{}" : "";

	for (size_t at = 0; at < text.n;) {
		uint32_t rune = 0;
		size_t n = hy_utf8_decode(text.p + at, text.n - at, &rune);

		if (n == 0 || is_invisible(rune))
			hy_buf_add_char(out, ' ');
		else if (n == 1 && (strchr(marks, (int)rune) || makes_link(text, at)))
			add_wide(rune, out);
		else
			hy_buf_add(out, text.p + at, n);
		at += n ? n : 1;
	}
}

static bool may_stand_in_url(unsigned char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || (c && strchr("-._~:/?#@!$&+,;=%", c));
}

void hy_guard_link(const struct hy_text_form *form, struct hy_str url, struct hy_buf *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf link = HY_BUF(URL_BYTES_MAX);
	bool markdown = form->guard == HY_GUARD_MARKDOWN;

	if (!hy_str_starts(url, HY_STR_LIT("http://")) &&
	    !hy_str_starts(url, HY_STR_LIT("https://")))
		return;
	for (size_t i = 0; i < url.n; i++) {
		unsigned char c = (unsigned char)url.p[i];

		if (may_stand_in_url(c))
			hy_buf_add_char(&link, (char)c);
		else
			hy_buf_addf(&link, "%%%02X", c);
	}
	if (hy_buf_err(&link) == HY_OK)
		hy_buf_addf(out, "%s%.*s%s%s", markdown ? "[查看原文](" : "原文：",
			    HY_STR_ARGS(hy_buf_str(&link)), markdown ? ")" : "", form->line_end);
}

/* ---- writing ---- */

static void write_one(const struct hy_text_job *job, size_t i, struct hy_buf *out)
{
	hy_guard_text(job->form.guard, job->notices[i].text, out);
	hy_buf_add_c(out, job->form.line_end);
	hy_buf_add_c(out, "送 ");
	hy_guard_text(job->form.guard, job->to[i], out);
	hy_buf_addf(out, "，通知号 %.*s%s",
		    HY_STR_ARGS(hy_str_sub(job->notices[i].id, 0, HY_TEXT_NUMBER_DIGITS)),
		    job->form.line_end);
	hy_guard_link(&job->form, job->notices[i].url, out);
}

static void write_title(const struct hy_text_job *job, struct hy_buf *out)
{
	struct hy_str text = job->notices[0].text;
	size_t at = 0, runes = 0;

	if (job->count > 1) {
		hy_buf_addf(out, "回应：%zu 条通知", job->count);
		return;
	}
	while (at < text.n && runes < HY_TEXT_TITLE_RUNES) {
		uint32_t rune;
		size_t n = hy_utf8_decode(text.p + at, text.n - at, &rune);

		at += n ? n : 1;
		runes++;
	}
	hy_guard_text(job->form.guard, hy_str_sub(text, 0, at), out);
	if (at < text.n)
		hy_buf_add_c(out, "…");
}

enum hy_err hy_notice_text_write(const struct hy_text_job *job, struct hy_buf *out_title,
				 struct hy_buf *out_text)
{
	write_title(job, out_title);
	for (size_t i = 0; i < job->count; i++) {
		if (i)
			hy_buf_add_c(out_text, job->form.line_end);
		write_one(job, i, out_text);
	}
	return hy_buf_err(out_title) ? hy_buf_err(out_title) : hy_buf_err(out_text);
}

/* ---- cutting ---- */

/* Where the part that begins at `from` ends: behind the last line that fits, else a character. */
static size_t cut(struct hy_str text, size_t from, size_t limit)
{
	size_t end = from + limit;

	if (text.n - from <= limit)
		return text.n;
	while (end > from && text.p[end - 1] != '\n')
		end--;
	return end > from ? end : from + hy_utf8_floor(text.p + from, text.n - from, limit);
}

static size_t count_parts(struct hy_str text, size_t limit)
{
	size_t count = 0;

	for (size_t at = 0; at < text.n && count < HY_TEXT_PARTS_MAX; count++)
		at = cut(text, at, limit);
	return count;
}

enum hy_err hy_text_split(struct hy_str text, size_t limit, struct hy_buf *memory,
			  struct hy_text_parts *out)
{
	size_t room = limit - NUMBER_BYTES - sizeof CUT_OFF, at = 0;
	size_t start[HY_TEXT_PARTS_MAX + 1] = {0};
	size_t count;

	hy_assert(limit > 2 * (NUMBER_BYTES + sizeof CUT_OFF));
	count = count_parts(text, room);
	for (size_t i = 0; i < count; i++) {
		size_t end = cut(text, at, room);

		start[i] = memory->n;
		if (count > 1)
			hy_buf_addf(memory, "(%zu/%zu) ", i + 1, count);
		hy_buf_add_str(memory, hy_str_sub(text, at, end - at));
		if (i + 1 == count && end < text.n)
			hy_buf_add_c(memory, CUT_OFF);
		at = end;
	}
	if (hy_buf_err(memory))
		return hy_buf_err(memory);
	start[count] = memory->n;
	for (size_t i = 0; i < count; i++)
		out->item[i] = (struct hy_str){memory->p + start[i], start[i + 1] - start[i]};
	out->count = count;
	return HY_OK;
}
