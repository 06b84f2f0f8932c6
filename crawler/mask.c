#include "crawler/mask.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/mask_number.h"
#include "crawler/mask_text.h"

/* Plates: one province, one letter, five (or for new energy six) letters and digits. */
#define PLATE_TAIL_MIN 5
#define PLATE_TAIL_MAX 6
#define PLATE_DIGITS_MIN 2

static bool is_province(uint32_t rune)
{
	switch (rune) {
	case U'京': case U'津': case U'沪': case U'渝': case U'冀': case U'豫': case U'云':
	case U'辽': case U'黑': case U'湘': case U'皖': case U'鲁': case U'新': case U'苏':
	case U'浙': case U'赣': case U'鄂': case U'桂': case U'甘': case U'晋': case U'蒙':
	case U'陕': case U'吉': case U'闽': case U'贵': case U'粤': case U'青': case U'藏':
	case U'川': case U'宁': case U'琼':
		return true;
	default:
		return false;
	}
}

/* What a plate ends with instead of a letter: trailer, learner, police, Hong Kong, Macau. */
static bool is_plate_suffix(uint32_t rune)
{
	return rune == U'挂' || rune == U'学' || rune == U'警' || rune == U'港' || rune == U'澳';
}

static bool is_alpha(uint32_t rune)
{
	return (rune >= 'a' && rune <= 'z') || (rune >= 'A' && rune <= 'Z');
}

static bool is_digit(uint32_t rune)
{
	return rune >= '0' && rune <= '9';
}

static bool is_plate_point(uint32_t rune)
{
	return rune == U'·' || rune == U'•' || rune == U'・' || rune == U'．' || rune == '.' ||
	       rune == ' ' || rune == '-' || rune == U'●' || rune == U'‧' || rune == U'∙';
}

/* The number of cells of the plate that begins at `at`, or 0. *out_keep stay readable. */
static size_t match_plate(const struct hy_mask_text *t, size_t at, size_t *out_keep)
{
	size_t from = at + 2, n = 0, digits = 0;

	if (!is_province(hy_mask_rune(t, at)) || !is_alpha(hy_mask_rune(t, at + 1)))
		return 0;
	if (is_plate_point(hy_mask_rune(t, from)))
		from++;
	while (is_alpha(hy_mask_rune(t, from + n)) || is_digit(hy_mask_rune(t, from + n))) {
		digits += is_digit(hy_mask_rune(t, from + n));
		n++;
	}
	if (n == PLATE_TAIL_MIN - 1 && is_plate_suffix(hy_mask_rune(t, from + n)))
		n++;
	if (n < PLATE_TAIL_MIN || n > PLATE_TAIL_MAX || digits < PLATE_DIGITS_MIN)
		return 0;
	/* Characters before a star are what an earlier masking left. */
	if (hy_mask_rune(t, from + n) == '*')
		return 0;
	*out_keep = from - at;
	return from + n - at;
}

static bool is_mail_local(uint32_t rune)
{
	return is_alpha(rune) || is_digit(rune) || rune == '.' || rune == '_' || rune == '%' ||
	       rune == '+' || rune == '-';
}

static bool is_mail_domain(uint32_t rune)
{
	return is_alpha(rune) || is_digit(rune) || rune == '.' || rune == '-';
}

/* Does a host with a top-level domain of letters begin at `at`? */
static bool is_domain(const struct hy_mask_text *t, size_t at)
{
	size_t label = 0, letters = 0, labels = 0;

	for (; is_mail_domain(hy_mask_rune(t, at)); at++) {
		if (hy_mask_rune(t, at) != '.') {
			label++;
			letters += is_alpha(hy_mask_rune(t, at));
			if (labels > 0 && label >= 2 && letters == label)
				return true;
			continue;
		}
		if (label == 0)
			return false;
		labels++;
		label = letters = 0;
	}
	return false;
}

/*
 * The number of cells of the mail address's local part that begins at `at`, or 0. What lies
 * before `masked_end` was masked and is no part of a word any more.
 */
static size_t match_mail(const struct hy_mask_text *t, size_t at, size_t masked_end)
{
	size_t n = 0;

	/* A part of a word was already judged with its beginning. */
	if (at > masked_end && is_mail_local(hy_mask_rune(t, at - 1)))
		return 0;
	while (is_mail_local(hy_mask_rune(t, at + n)))
		n++;
	return n && hy_mask_rune(t, at + n) == '@' && is_domain(t, at + n + 1) ? n : 0;
}

/* Copies n cells, letters and digits behind the first `keep` as stars. */
static void add_masked(struct hy_buf *out, const struct hy_mask_text *t, size_t at, size_t n,
		       size_t keep)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t rune = hy_mask_rune(t, at + i);

		if (i >= keep && (is_alpha(rune) || is_digit(rune) || is_plate_suffix(rune)))
			hy_buf_add_char(out, '*');
		else
			hy_buf_add_str(out, hy_mask_bytes(t, at + i, 1));
	}
}

/* Whether something may begin with the character: a mail address, a plate or a number. */
static bool may_begin(uint32_t rune)
{
	return rune < 0x80 ? is_mail_local(rune) : is_province(rune);
}

/* Runs that stay are copied as a whole: almost nothing of a text is masked. */
static unsigned mask_cells(const struct hy_mask_text *t, struct hy_buf *out)
{
	size_t at = 0, copied = 0, masked_end = 0;
	unsigned count = 0;

	while (at < t->count) {
		size_t keep = 0, n = 0, mail = 0;

		if (may_begin(t->cells[at].rune)) {
			mail = match_mail(t, at, masked_end);
			n = mail ? mail : match_plate(t, at, &keep);
			n = n ? n : hy_mask_number(t, at, &keep);
		}
		if (n == 0) {
			at++;
			continue;
		}
		hy_buf_add_str(out, hy_mask_bytes(t, copied, at - copied));
		if (mail)
			hy_buf_add_c(out, "***");
		else
			add_masked(out, t, at, n, keep);
		count++;
		at += n;
		copied = masked_end = at;
	}
	hy_buf_add_str(out, hy_mask_bytes(t, copied, t->count - copied));
	return count;
}

/*
 * Every number and plate has a digit and every mail address an at sign; both have forms of
 * full width, which begin with EF BC.
 */
static bool may_hold_any(struct hy_str line)
{
	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];

		if ((c >= '0' && c <= '9') || c == '@')
			return true;
		if (c == '\xEF' && i + 2 < line.n && line.p[i + 1] == '\xBC' &&
		    ((line.p[i + 2] >= '\x90' && line.p[i + 2] <= '\x99') ||
		     line.p[i + 2] == '\xA0'))
			return true;
	}
	return false;
}

/* Nothing that is masked goes over the end of a line. */
static unsigned mask_lines(struct hy_str text, struct hy_buf *out)
{
	struct hy_mask_text t = {0};
	unsigned count = 0;

	while (text.n > 0) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t n = end ? (size_t)(end - text.p) + 1 : text.n;
		struct hy_str line = hy_str_sub(text, 0, n);

		if (may_hold_any(line)) {
			hy_mask_text_set(&t, line);
			count += mask_cells(&t, out);
		} else {
			hy_buf_add_str(out, line);
		}
		text = hy_str_sub(text, n, text.n);
	}
	hy_mask_text_fini(&t);
	return count;
}

enum hy_err hy_mask(struct hy_str text, struct hy_buf *out, unsigned *out_count)
{
	struct hy_buf repaired;
	unsigned count;

	if (text.n > HY_MASK_TEXT_MAX_BYTES)
		return HY_ERR_LIMIT;
	/* Each invalid byte becomes the three of U+FFFD. */
	hy_buf_init(&repaired, 3 * text.n);
	if (!hy_utf8_valid(text.p, text.n)) {
		hy_utf8_repair(&repaired, text.p, text.n);
		hy_assert(hy_buf_err(&repaired) == HY_OK);
		text = hy_buf_str(&repaired);
	}
	count = mask_lines(text, out);
	hy_buf_fini(&repaired);
	if (hy_buf_err(out))
		return hy_buf_err(out);
	if (out_count)
		*out_count = count;
	return HY_OK;
}
