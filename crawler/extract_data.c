#include "crawler/extract_data.h"

#include "common/base/mem.h"
#include "crawler/extract_measure.h"
#include "crawler/extract_unit.h"
#include "crawler/page.h"
#include "crawler/script_value.h"

/* Less is a summary or a word of the page's own. */
#define MIN_WIDTH 160
#define MIN_STOPS 3

static bool reads_like_text(struct hy_str text)
{
	struct hy_sum sum = hy_measure_text(text);

	return sum.width >= MIN_WIDTH && sum.stops >= MIN_STOPS && sum.stops * 200 >= sum.width;
}

static void add_lines(struct hy_str text, struct hy_buf *out)
{
	struct hy_str rest = text, line;

	while (hy_str_next(&rest, '\n', &line)) {
		size_t before = out->n, from;

		if (before > 0)
			hy_buf_add_char(out, '\n');
		from = out->n;
		hy_text_add(line, out);
		if (out->n == from)
			hy_buf_truncate(out, before);
	}
}

/* Markup within a value may itself be written in references: "&lt;p&gt;". */
static void to_text(struct hy_str value, struct hy_buf *out)
{
	struct hy_buf once;

	hy_buf_init(&once, HY_PAGE_MAX_BYTES * 2);
	hy_markup_to_text(value, &once);
	if (hy_str_find(hy_buf_str(&once), HY_STR_LIT("</"), 0) != SIZE_MAX)
		hy_markup_to_text(hy_buf_str(&once), out);
	else
		hy_buf_add_str(out, hy_buf_str(&once));
	hy_buf_fini(&once);
}

bool hy_data_text(const struct hy_scripts *scripts, struct hy_buf *out)
{
	/* In order of trust: a name that only a text can have comes first. */
	static const char *const names[] = {"articleBody", "articleContent", "contentHtml",
					    "content_html", "content", "rawContent", "body",
					    "text"};
	struct hy_buf value, plain;
	bool found = false;

	hy_buf_init(&value, HY_PAGE_MAX_BYTES * 2);
	hy_buf_init(&plain, HY_PAGE_MAX_BYTES * 2);
	for (size_t i = 0; i < HY_COUNT(names) && !found; i++) {
		hy_buf_clear(&value);
		hy_buf_clear(&plain);
		if (!hy_script_longest(scripts, names[i], &value))
			continue;
		to_text(hy_buf_str(&value), &plain);
		found = reads_like_text(hy_buf_str(&plain));
	}
	if (found)
		add_lines(hy_buf_str(&plain), out);
	hy_buf_fini(&value);
	hy_buf_fini(&plain);
	return found;
}
