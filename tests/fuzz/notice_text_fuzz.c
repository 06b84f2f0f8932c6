/*
 * Any title of any page: what goes out is UTF-8, within the limit, holds no markup of its own,
 * and every byte of the guarded text is in exactly one part until the parts are used up.
 */
#include "alerter/notice_text.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

#define LIMITS_MIN 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Without the "(1/3) " that several parts begin with. */
static struct hy_str content(struct hy_str part, size_t parts)
{
	struct hy_str rest = part, number = {0};

	if (parts > 1)
		must(part.p[0] == '(' && hy_str_next(&rest, ' ', &number));
	return rest;
}

static void check_parts(struct hy_str text, size_t limit)
{
	hy_cleanup(hy_buf_fini) struct hy_buf memory = HY_BUF(4 * HY_TEXT_BYTES);
	struct hy_text_parts parts;
	size_t at = 0;

	must(hy_text_split(text, limit, &memory, &parts) == HY_OK);
	must(parts.count <= HY_TEXT_PARTS_MAX);
	for (size_t i = 0; i < parts.count; i++) {
		struct hy_str body = content(parts.item[i], parts.count);
		bool last = i + 1 == parts.count;

		must(parts.item[i].n <= limit);
		must(hy_utf8_valid(parts.item[i].p, parts.item[i].n));
		if (last && body.n > text.n - at)
			body.n = text.n - at;
		/* The last of too many parts ends with a word that says so. */
		if (!last || parts.count < HY_TEXT_PARTS_MAX)
			must(memcmp(text.p + at, body.p, body.n) == 0);
		at += body.n;
	}
	must(parts.count == HY_TEXT_PARTS_MAX || at == text.n);
}

static void write(struct hy_str text, enum hy_guard guard, size_t limit)
{
	hy_cleanup(hy_buf_fini) struct hy_buf title = HY_BUF(HY_TEXT_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(HY_TEXT_BYTES);
	struct hy_notice notice = {.id = HY_STR_LIT("0123456789abcdef"), .text = text, .url = text};
	struct hy_text_job job = {.notices = &notice, .to = &text, .count = 1,
				  .form = {guard, "\n"}};

	must(hy_notice_text_write(&job, &title, &out) == HY_OK);
	must(hy_utf8_valid(title.p, title.n) && hy_utf8_valid(out.p, out.n));
	check_parts(hy_buf_str(&out), limit);
	hy_buf_clear(&out);
	hy_guard_text(guard, text, &out);
	must(guard == HY_GUARD_PLAIN || out.n == 0 || !memchr(out.p, '[', out.n));
	must(guard == HY_GUARD_PLAIN || out.n == 0 || !memchr(out.p, '@', out.n));
}

/* The first byte says how much fits into a part. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hy_str text;
	size_t limit;

	if (size == 0 || size > HY_TEXT_BYTES / 16)
		return 0;
	limit = LIMITS_MIN + 16u * data[0];
	text = (struct hy_str){(const char *)data + 1, size - 1};
	write(text, HY_GUARD_PLAIN, limit);
	write(text, HY_GUARD_MARKDOWN, limit);
	return 0;
}
