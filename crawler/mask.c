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
	static const uint32_t provinces[] = {
		U'京', U'津', U'沪', U'渝', U'冀', U'豫', U'云', U'辽', U'黑', U'湘', U'皖', U'鲁',
		U'新', U'苏', U'浙', U'赣', U'鄂', U'桂', U'甘', U'晋', U'蒙', U'陕', U'吉', U'闽',
		U'贵', U'粤', U'青', U'藏', U'川', U'宁', U'琼',
	};

	for (size_t i = 0; i < HY_COUNT(provinces); i++)
		if (provinces[i] == rune)
			return true;
	return false;
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
			hy_buf_add_str(out, hy_mask_bytes(t, at + i));
	}
}

/* Masks what begins at `at`, if anything does; returns how many cells it took. */
static size_t mask_at(const struct hy_mask_text *t, size_t at, size_t masked_end,
		      struct hy_buf *out)
{
	size_t keep = 0, n = match_mail(t, at, masked_end);

	if (n) {
		hy_buf_add_c(out, "***");
		return n;
	}
	n = match_plate(t, at, &keep);
	if (n == 0)
		n = hy_mask_number(t, at, &keep);
	add_masked(out, t, at, n, keep);
	return n;
}

enum hy_err hy_mask(struct hy_str text, struct hy_buf *out, unsigned *out_count)
{
	struct hy_mask_text t;
	unsigned count = 0;
	size_t at = 0, masked_end = 0;

	if (text.n > HY_MASK_TEXT_MAX_BYTES)
		return HY_ERR_LIMIT;
	hy_mask_text_init(&t, text);
	while (at < t.count) {
		size_t n = mask_at(&t, at, masked_end, out);

		if (n == 0)
			hy_buf_add_str(out, hy_mask_bytes(&t, at));
		count += n > 0;
		at += n ? n : 1;
		masked_end = n ? at : masked_end;
	}
	hy_mask_text_fini(&t);
	if (hy_buf_err(out))
		return hy_buf_err(out);
	if (out_count)
		*out_count = count;
	return HY_OK;
}
