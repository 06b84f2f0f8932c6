#include "crawler/page_fold.h"

#include <string.h>

#include "common/base/mem.h"

/* Longer names are not what this program looks for. */
#define MAX_NAME_BYTES 64
#define NUMBER_BYTES 24

/* ---- what is written ------------------------------------------------------------------- */

static char *put(char *to, const char *p, size_t n)
{
	memcpy(to, p, n);
	return to + n;
}

static char *put_number(char *to, size_t number)
{
	char digits[NUMBER_BYTES];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	return put(to, digits + at, sizeof digits - at);
}

/* Room that is filled without a check for each byte; NULL where the page is too large. */
static char *begin(struct hy_fold *f)
{
	return hy_buf_reserve(&f->out->text, MAX_NAME_BYTES + 2 * NUMBER_BYTES);
}

static void commit(struct hy_fold *f, const char *to)
{
	struct hy_buf *text = &f->out->text;

	hy_buf_commit(text, (size_t)(to - (text->p + text->n)));
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

/* Names that libxml2 would read otherwise are written as "x"; their content stays. */
static char *put_name(char *to, const struct hy_fold_tag *tag)
{
	size_t n = 0;

	if (tag->tag != HY_TAG_OTHER) {
		const char *name = hy_tag_name(tag->tag);

		return put(to, name, strlen(name));
	}
	while (n < tag->name.n && n < MAX_NAME_BYTES && is_name_char(tag->name.p[n]))
		n++;
	return n == tag->name.n ? put(to, tag->name.p, n) : put(to, "x", 1);
}

static bool is_block(enum hy_tag tag)
{
	return hy_tag_traits(tag) & HY_TAG_IS_BLOCK;
}

/* Elements at whose start libxml2 ends the head and begins the body, whatever is open. */
static bool begins_body(enum hy_tag tag)
{
	static const bool begins[HY_TAG_COUNT] = {
		[HY_TAG_ADDRESS] = true, [HY_TAG_BLOCKQUOTE] = true, [HY_TAG_BODY] = true,
		[HY_TAG_CENTER] = true,	 [HY_TAG_DIV] = true,	     [HY_TAG_DL] = true,
		[HY_TAG_FORM] = true,	 [HY_TAG_H1] = true,	     [HY_TAG_H2] = true,
		[HY_TAG_H3] = true,	 [HY_TAG_H4] = true,	     [HY_TAG_OL] = true,
		[HY_TAG_P] = true,	 [HY_TAG_PRE] = true,	     [HY_TAG_TABLE] = true,
		[HY_TAG_UL] = true,
	};

	return begins[tag];
}

/* libxml2 reports an element when it has read all of its tag but the end of it. */
static void add_start(struct hy_fold *f, const struct hy_fold_tag *tag, const char *end)
{
	struct hy_starts *starts = &f->out->starts;
	const struct hy_buf *text = &f->out->text;

	starts->items = hy_grow(starts->items, &starts->cap, starts->count + 1,
				sizeof *starts->items);
	starts->items[starts->count++] = (struct hy_start){
		.at = (uint32_t)(end - text->p),
		.attribute_first = tag->attribute_first,
		.attribute_count = tag->attribute_count,
		.tag = (uint8_t)tag->tag,
	};
}

static void write_start(struct hy_fold *f, const struct hy_fold_tag *tag)
{
	char *to = begin(f);

	if (!to)
		return;
	to = put_name(put(to, "<", 1), tag);
	if (tag->attribute_count > 0)
		add_start(f, tag, to);
	commit(f, tag->is_closed ? put(to, "/>", 2) : put(to, ">", 1));
	f->in_link |= tag->tag == HY_TAG_A;
	f->in_body |= begins_body(tag->tag);
	f->at_block = is_block(tag->tag);
}

static void write_end(struct hy_fold *f, const struct hy_fold_tag *tag)
{
	char *to = begin(f);

	if (!to)
		return;
	commit(f, put(put_name(put(to, "</", 2), tag), ">", 1));
	if (tag->tag == HY_TAG_A)
		f->in_link = false;
	if (tag->tag == HY_TAG_BODY || tag->tag == HY_TAG_HTML)
		f->in_body = false;
	f->at_block = is_block(tag->tag);
}

static size_t add_run(struct hy_fold *f, uint32_t first, uint32_t end)
{
	struct hy_runs *runs = &f->out->runs;

	runs->items = hy_grow(runs->items, &runs->cap, runs->count + 1, sizeof *runs->items);
	runs->items[runs->count] = (struct hy_run){first, end};
	return runs->count++;
}

static void write_run(struct hy_fold *f, uint32_t first, uint32_t end)
{
	char *to = begin(f);

	if (!to)
		return;
	commit(f, put(put_number(to, add_run(f, first, end)), ".", 1));
	f->at_block = false;
}

static void write_head_run(struct hy_fold *f, uint32_t first, uint32_t end)
{
	char *to = begin(f);

	if (!to)
		return;
	to = put_number(put(to, "<link r=", 8), add_run(f, first, end));
	commit(f, put(to, ".>", 2));
	f->at_block = false;
}

/* ---- runs -------------------------------------------------------------------------------- */

static bool is_void(enum hy_tag tag)
{
	return tag == HY_TAG_BR || tag == HY_TAG_IMG || tag == HY_TAG_INPUT ||
	       tag == HY_TAG_META || tag == HY_TAG_LINK || tag == HY_TAG_BASE ||
	       tag == HY_TAG_EMBED;
}

static bool is_of_head(enum hy_tag tag)
{
	return tag == HY_TAG_META || tag == HY_TAG_LINK || tag == HY_TAG_BASE;
}

static bool is_blank(const struct hy_node *piece)
{
	for (size_t i = 0; i < piece->text.n; i++)
		if ((unsigned char)piece->text.p[i] > ' ')
			return false;
	return piece->tag == HY_TAG_TEXT;
}

static struct hy_fold_tag tag_of(const struct hy_node *piece)
{
	return (struct hy_fold_tag){
		.tag = (enum hy_tag)piece->tag,
		.attribute_first = piece->attribute_first,
		.attribute_count = piece->attribute_count,
	};
}

/* White space beside a block is none. */
static void write_segment(struct hy_fold *f, uint32_t first, uint32_t end, bool before_block)
{
	if (first == end)
		return;
	if (end - first > 1 || !(before_block || f->at_block) ||
	    !is_blank(&f->out->pieces.items[first]))
		write_run(f, first, end);
}

/* The pieces between the elements that are still open stand for themselves. */
static void write_folded(struct hy_fold *f, bool before_block)
{
	uint32_t first = f->first;

	for (unsigned i = 0; i < f->depth; i++) {
		struct hy_fold_tag tag = tag_of(&f->out->pieces.items[f->open[i]]);

		write_segment(f, first, f->open[i], false);
		write_start(f, &tag);
		first = f->open[i] + 1;
	}
	write_segment(f, first, (uint32_t)f->out->pieces.count, before_block);
}

/* The end of what may stand as one in a head: <meta>, <link>, <base>, white space between. */
static uint32_t end_of_head_run(const struct hy_fold *f, uint32_t first)
{
	const struct hy_pieces *pieces = &f->out->pieces;
	uint32_t end = first;

	for (uint32_t i = first; i < pieces->count; i++) {
		if (is_of_head((enum hy_tag)pieces->items[i].tag))
			end = i + 1;
		else if (!is_blank(&pieces->items[i]))
			break;
	}
	return end;
}

static void write_blank(struct hy_fold *f)
{
	if (!f->at_block)
		hy_buf_add_char(&f->out->text, ' ');
}

/* Outside a body each tag and text may change the structure: written one by one. */
static void write_unfolded(struct hy_fold *f)
{
	const struct hy_pieces *pieces = &f->out->pieces;
	uint32_t open[HY_FOLD_DEPTH];
	unsigned depth = 0;

	for (uint32_t i = f->first; i < pieces->count;) {
		const struct hy_node *piece = &pieces->items[i];
		struct hy_fold_tag tag = tag_of(piece);
		uint32_t end = i + 1;

		if (is_of_head(tag.tag)) {
			end = end_of_head_run(f, i);
			write_head_run(f, i, end);
		} else if (tag.tag != HY_TAG_TEXT) {
			write_start(f, &tag);
			if (piece->end > i && !is_void(tag.tag))
				open[depth++] = i;
		} else if (is_blank(piece)) {
			write_blank(f);
		} else {
			write_run(f, i, end);
		}
		i = end;
		while (depth > 0 && pieces->items[open[depth - 1]].end == i) {
			tag = tag_of(&pieces->items[open[--depth]]);
			write_end(f, &tag);
		}
	}
}

static void flush(struct hy_fold *f, bool before_block)
{
	uint32_t count = (uint32_t)f->out->pieces.count;

	if (f->first == count)
		return;
	/* What is not closed ends behind the run. */
	for (unsigned i = 0; i < f->depth; i++)
		f->out->pieces.items[f->open[i]].end = 0;
	if (f->in_body)
		write_folded(f, before_block);
	else
		write_unfolded(f);
	f->first = count;
	f->depth = 0;
}

static struct hy_node *add_piece(struct hy_fold *f, enum hy_tag tag)
{
	struct hy_pieces *pieces = &f->out->pieces;
	struct hy_node *piece;

	pieces->items = hy_grow(pieces->items, &pieces->cap, pieces->count + 1,
				sizeof *pieces->items);
	piece = &pieces->items[pieces->count++];
	*piece = (struct hy_node){
		.tag = (uint8_t)tag,
		.parent = f->depth > 0 ? f->open[f->depth - 1] : HY_PAGE_NO_NODE,
		.end = (uint32_t)pieces->count,
	};
	return piece;
}

static bool is_open(const struct hy_fold *f, enum hy_tag tag)
{
	for (unsigned i = 0; i < f->depth; i++)
		if (f->out->pieces.items[f->open[i]].tag == (uint8_t)tag)
			return true;
	return false;
}

static bool may_fold(const struct hy_fold *f, enum hy_tag tag)
{
	if (tag == HY_TAG_OTHER || (hy_tag_traits(tag) & (HY_TAG_IS_BLOCK | HY_TAG_IS_RAW)))
		return false;
	if (f->depth == HY_FOLD_DEPTH)
		return false;
	return tag != HY_TAG_A || !(f->in_link || is_open(f, HY_TAG_A));
}

/* ---- what the tokenizer calls ------------------------------------------------------------ */

void hy_fold_init(struct hy_fold *fold, struct hy_stripped *out)
{
	memset(fold, 0, sizeof *fold);
	fold->out = out;
	fold->at_block = true;
}

void hy_fold_text(struct hy_fold *f, struct hy_str text)
{
	struct hy_pieces *pieces = &f->out->pieces;
	struct hy_node *last = pieces->count > f->first ? &pieces->items[pieces->count - 1] : NULL;
	uint32_t parent = f->depth > 0 ? f->open[f->depth - 1] : HY_PAGE_NO_NODE;

	if (text.n == 0)
		return;
	if (last && last->tag == HY_TAG_TEXT && last->parent == parent &&
	    last->text.p + last->text.n == text.p)
		last->text.n += text.n;
	else
		add_piece(f, HY_TAG_TEXT)->text = text;
}

void hy_fold_start(struct hy_fold *f, const struct hy_fold_tag *tag)
{
	struct hy_node *piece;

	if (!may_fold(f, tag->tag)) {
		flush(f, is_block(tag->tag));
		write_start(f, tag);
		return;
	}
	piece = add_piece(f, tag->tag);
	piece->attribute_first = tag->attribute_first;
	piece->attribute_count = tag->attribute_count;
	if (!is_void(tag->tag))
		f->open[f->depth++] = (uint32_t)f->out->pieces.count - 1;
}

void hy_fold_end(struct hy_fold *f, const struct hy_fold_tag *tag)
{
	struct hy_pieces *pieces = &f->out->pieces;
	uint32_t top = f->depth > 0 ? f->open[f->depth - 1] : HY_PAGE_NO_NODE;

	if (top != HY_PAGE_NO_NODE && pieces->items[top].tag == (uint8_t)tag->tag) {
		pieces->items[top].end = (uint32_t)pieces->count;
		f->depth--;
		return;
	}
	flush(f, is_block(tag->tag));
	write_end(f, tag);
}

void hy_fold_finish(struct hy_fold *f)
{
	flush(f, true);
}

/* ---- what the parser asks ---------------------------------------------------------------- */

bool hy_fold_run(const struct hy_stripped *stripped, struct hy_str *rest, struct hy_run *out)
{
	size_t number = 0, i = 0;

	while (i < rest->n && rest->p[i] >= '0' && rest->p[i] <= '9' &&
	       number < stripped->runs.count)
		number = number * 10 + (size_t)(rest->p[i++] - '0');
	if (i == 0 || i == rest->n || rest->p[i] != '.' || number >= stripped->runs.count)
		return false;
	*out = stripped->runs.items[number];
	*rest = hy_str_sub(*rest, i + 1, rest->n);
	return true;
}

bool hy_fold_attributes(const struct hy_stripped *stripped, struct hy_fold_place *place,
			size_t at, struct hy_node *node)
{
	const struct hy_starts *starts = &stripped->starts;
	const struct hy_start *start;

	while (place->next < starts->count && starts->items[place->next].at < at)
		place->next++;
	if (place->next == starts->count)
		return false;
	start = &starts->items[place->next];
	/* An element that libxml2 implies before one is another. */
	if (start->at != at || start->tag != node->tag)
		return false;
	node->attribute_first = start->attribute_first;
	node->attribute_count = start->attribute_count;
	return true;
}
