#include "crawler/mask_number.h"

#include <stdbool.h>
#include <string.h>

#include "common/base/mem.h"

#define GROUPS_MAX 11		/* a mobile number digit by digit */
#define DIGITS_MAX 20		/* one more than the longest number */
#define SEPARATOR_MAX 3		/* as in "138 - 1234" */
#define ID_CHECK_X 10

/* Digits in groups, as they stand behind `at` with nothing but separators in between. */
struct chain {
	size_t groups;
	size_t size[GROUPS_MAX];	/* digits of each group */
	size_t end[GROUPS_MAX];		/* cell behind each group */
	size_t spaced_from;		/* first group behind a separator with a space */
	size_t pointed_from;		/* first group behind one with a full stop */
	unsigned char digit[DIGITS_MAX];
	size_t cell[DIGITS_MAX];
	size_t digits;
	bool is_international;		/* a plus stands before it */
};

static bool is_digit(uint32_t rune)
{
	return rune >= '0' && rune <= '9';
}

static bool is_alnum(uint32_t rune)
{
	return is_digit(rune) || (rune >= 'a' && rune <= 'z') || (rune >= 'A' && rune <= 'Z');
}

static bool is_space(uint32_t rune)
{
	return rune == ' ' || (rune >= 0x2000 && rune <= 0x200d) || rune == 0xfeff ||
	       rune == 0x2060 || rune == 0xad;
}

static bool is_separator(uint32_t rune)
{
	return is_space(rune) || rune == '-' || rune == '.' || rune == '_' || rune == ')' ||
	       rune == '(' || rune == U'·' || (rune >= 0x2010 && rune <= 0x2015) ||
	       rune == 0x2212 || rune == U'─' || rune == U'・' || rune == U'•';
}

/* Cells of separators before another digit, or 0. */
static size_t separator_length(const struct hy_mask_text *t, size_t at)
{
	size_t n = 0;

	while (n < SEPARATOR_MAX && is_separator(hy_mask_rune(t, at + n)))
		n++;
	return n && is_digit(hy_mask_rune(t, at + n)) ? n : 0;
}

/* Reads one group of digits; false where the chain is over-full. */
static bool read_group(const struct hy_mask_text *t, size_t *at, struct chain *c)
{
	size_t first = c->digits;

	while (is_digit(hy_mask_rune(t, *at))) {
		if (c->digits == DIGITS_MAX)
			return false;
		c->digit[c->digits] = (unsigned char)(hy_mask_rune(t, *at) - '0');
		c->cell[c->digits++] = (*at)++;
	}
	/* The check letter of an ID card. */
	if (c->digits == 17 && (hy_mask_rune(t, *at) | 0x20) == 'x' &&
	    !is_alnum(hy_mask_rune(t, *at + 1))) {
		c->digit[c->digits] = ID_CHECK_X;
		c->cell[c->digits++] = (*at)++;
	}
	c->size[c->groups] = c->digits - first;
	c->end[c->groups++] = *at;
	return true;
}

static void read_chain(const struct hy_mask_text *t, size_t at, struct chain *c)
{
	memset(c, 0, sizeof *c);
	c->is_international = at > 0 && hy_mask_rune(t, at - 1) == '+';
	c->spaced_from = c->pointed_from = GROUPS_MAX;
	while (c->groups < GROUPS_MAX) {
		size_t n;

		if (!read_group(t, &at, c))
			return;
		n = separator_length(t, at);
		if (n == 0)
			return;
		for (; n; n--, at++) {
			if (is_space(hy_mask_rune(t, at)) && c->groups < c->spaced_from)
				c->spaced_from = c->groups;
			if (hy_mask_rune(t, at) == '.' && c->groups < c->pointed_from)
				c->pointed_from = c->groups;
		}
	}
}

enum class { MOBILE, FIXED, FIXED_ABROAD, ID_CARD, BANK_CARD, ABROAD };

/*
 * A way of writing: sizes of the groups, how many digits in front are a dialling prefix, and
 * whether it counts with dashes only, since figures in a table are parted by spaces too.
 */
struct form {
	enum class class;
	const char *prefix;
	bool dashes_only;
	unsigned char size[GROUPS_MAX + 1];
};

static const struct form forms[] = {
	{ID_CARD, "", false, {18}},
	{ID_CARD, "", false, {6, 8, 4}},
	{ID_CARD, "", false, {6, 4, 4, 4}},
	{ID_CARD, "", false, {6, 12}},
	{ID_CARD, "", false, {14, 4}},
	{ID_CARD, "", false, {3, 3, 4, 4, 4}},
	{ID_CARD, "", false, {15}},
	{ID_CARD, "", false, {6, 6, 3}},
	{BANK_CARD, "", false, {16}},
	{BANK_CARD, "", false, {17}},
	{BANK_CARD, "", false, {18}},
	{BANK_CARD, "", false, {19}},
	{BANK_CARD, "", false, {4, 4, 4, 4, 3}},
	{BANK_CARD, "", false, {4, 4, 4, 4, 2}},
	{BANK_CARD, "", false, {4, 4, 4, 4, 1}},
	{BANK_CARD, "", false, {4, 4, 4, 4}},
	{BANK_CARD, "", false, {4, 4, 4, 7}},
	{BANK_CARD, "", false, {6, 13}},
	{BANK_CARD, "", false, {6, 4, 9}},
	{BANK_CARD, "", false, {6, 10}},
	{MOBILE, "", false, {11}},
	{MOBILE, "0", false, {12}},
	{MOBILE, "86", false, {13}},
	{MOBILE, "0086", false, {15}},
	{MOBILE, "86", false, {5, 4, 4}},
	{MOBILE, "86", false, {5, 8}},
	{MOBILE, "", false, {3, 4, 4}},
	{MOBILE, "", false, {3, 8}},
	{MOBILE, "", false, {3, 3, 5}},
	{MOBILE, "", false, {3, 2, 2, 2, 2}},
	{MOBILE, "", false, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
	{MOBILE, "", true, {7, 4}},
	{MOBILE, "", true, {4, 3, 4}},
	{MOBILE, "", true, {4, 4, 3}},
	{MOBILE, "", true, {5, 6}},
	{MOBILE, "", true, {6, 5}},
	{FIXED, "", false, {3, 8}},
	{FIXED, "", false, {4, 8}},
	{FIXED, "", false, {4, 7}},
	{FIXED, "", false, {3, 4, 4}},
	{FIXED, "", false, {4, 4, 4}},
	{FIXED, "", false, {4, 3, 4}},
	{FIXED, "", false, {11}},
	{FIXED, "", false, {12}},
	{FIXED_ABROAD, "86", false, {2, 3, 8}},
	{FIXED_ABROAD, "86", false, {2, 2, 8}},
	{FIXED_ABROAD, "86", false, {2, 3, 7}},
	{FIXED_ABROAD, "86", false, {2, 3, 4, 4}},
	{FIXED_ABROAD, "86", false, {2, 2, 4, 4}},
	{FIXED_ABROAD, "86", false, {2, 3, 3, 4}},
	{FIXED_ABROAD, "86", false, {5, 8}},
	{FIXED_ABROAD, "86", false, {13}},
	{FIXED_ABROAD, "86", false, {12}},
	{ABROAD, "852", false, {3, 8}},
	{ABROAD, "852", false, {3, 4, 4}},
	{ABROAD, "852", false, {11}},
	{ABROAD, "853", false, {3, 8}},
	{ABROAD, "853", false, {3, 4, 4}},
	{ABROAD, "853", false, {11}},
	{ABROAD, "886", false, {3, 9}},
	{ABROAD, "886", false, {3, 3, 3, 3}},
	{ABROAD, "886", false, {3, 3, 6}},
	{ABROAD, "886", false, {12}},
};

static int number_of(const unsigned char *digit, size_t n)
{
	int value = 0;

	while (n--)
		value = value * 10 + *digit++;
	return value;
}

static bool is_date(int year, int month, int day)
{
	return year >= 1850 && year <= 2099 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* GB 11643: place of the card, birth date, serial number, check digit. */
static bool is_id_card(const unsigned char *d, size_t n)
{
	static const unsigned char provinces[] = {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34,
						  35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
						  53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83, 91};

	if (!memchr(provinces, number_of(d, 2), sizeof provinces))
		return false;
	/* A mistyped check digit is a person's number all the same: place and date suffice. */
	if (n == 18)
		return is_date(number_of(d + 6, 4), number_of(d + 10, 2), number_of(d + 12, 2));
	return is_date(1900 + number_of(d + 6, 2), number_of(d + 8, 2), number_of(d + 10, 2));
}

/* ISO/IEC 7812-1, annex B. */
static bool has_luhn_sum(const unsigned char *d, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned digit = d[n - 1 - i];

		if (digit > 9)
			return false;
		if (i % 2)
			digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
		sum += digit;
	}
	return sum % 10 == 0;
}

/* One serial number in ten has a right sum by chance, so those that begin with a date pass. */
static bool is_bank_card(const unsigned char *d, size_t n, bool is_grouped)
{
	int year = number_of(d, 4);

	/* Four years in a row are no card: the ranges for banks begin with 3 to 6, and 9. */
	if (is_grouped && (d[0] < 3 || d[0] == 7 || d[0] == 8))
		return false;
	if (year >= 1900 && is_date(year, number_of(d + 4, 2), number_of(d + 6, 2)))
		return false;
	return d[0] != 0 && has_luhn_sum(d, n);
}

static bool is_mobile(const unsigned char *d, size_t n)
{
	return n == 11 && d[0] == 1 && d[1] >= 3 && d[1] <= 9;
}

/* Digits of the area code without its zero, or 0 for none: 10, 2x, and three digits else. */
static size_t area_length(const unsigned char *d)
{
	if (d[0] == 2 || (d[0] == 1 && d[1] == 0))
		return 2;
	return d[0] >= 3 && d[0] <= 9 ? 3 : 0;
}

/* d begins with the area code without its zero. */
static bool is_fixed(const unsigned char *d, size_t n, size_t first_group)
{
	size_t area = area_length(d);

	if (area == 0 || n < area + 7 || n > area + 8)
		return false;
	/* Where the code stands apart it must be the code; local numbers begin with 2 to 9. */
	return (first_group == area || first_group >= n) && d[area] >= 2;
}

static bool has_prefix(const struct chain *c, const char *prefix)
{
	for (size_t i = 0; prefix[i]; i++)
		if (c->digit[i] != prefix[i] - '0')
			return false;
	return true;
}

/* Does what the form describes belong to a person? *out_keep: digits that stay. */
static bool is_personal(const struct chain *c, const struct form *f, size_t digits,
			size_t *out_keep)
{
	size_t prefix = strlen(f->prefix), n = digits - prefix;
	const unsigned char *d = c->digit + prefix;
	size_t group = f->size[0] > prefix ? f->size[0] - prefix : f->size[1];

	if (f->class != ID_CARD && memchr(c->digit, ID_CHECK_X, digits))
		return false;
	switch (f->class) {
	case MOBILE:
		*out_keep = prefix + 3;
		return is_mobile(d, n);
	case FIXED:
		*out_keep = 1 + area_length(d + 1);
		return d[0] == 0 && is_fixed(d + 1, n - 1, group - 1);
	case FIXED_ABROAD:
		*out_keep = prefix + area_length(d);
		return c->is_international && is_fixed(d, n, group);
	case ID_CARD:
		*out_keep = 2;
		return is_id_card(d, n);
	case BANK_CARD:
		*out_keep = 2;
		return is_bank_card(d, n, f->size[1] > 0);
	case ABROAD:
		*out_keep = prefix;
		return c->is_international;
	}
	return false;
}

/* Digits that the form takes of the chain, or 0 where its groups are others. */
static size_t form_digits(const struct chain *c, const struct form *f, size_t *out_groups)
{
	size_t digits = 0, groups = 0;

	for (; groups < GROUPS_MAX && f->size[groups]; groups++) {
		if (groups >= c->groups || c->size[groups] != f->size[groups])
			return 0;
		digits += f->size[groups];
	}
	if (f->dashes_only && c->spaced_from < groups)
		return 0;
	/* "138.12345678" is a decimal number. */
	if (groups == 2 && c->pointed_from < groups)
		return 0;
	*out_groups = groups;
	return digits;
}

/* "13800000000元" is money. */
static bool is_amount(const struct hy_mask_text *t, size_t at, size_t end)
{
	static const uint32_t before[] = {U'¥', U'￥', '$', U'€'};
	static const uint32_t behind[] = {U'元', U'万', U'亿', U'吨', U'股', '%', U'‰'};

	for (size_t i = 0; i < HY_COUNT(before); i++)
		if (at > 0 && hy_mask_rune(t, at - 1) == before[i])
			return true;
	for (size_t i = 0; i < HY_COUNT(behind); i++)
		if (hy_mask_rune(t, end) == behind[i])
			return true;
	return false;
}

size_t hy_mask_number(const struct hy_mask_text *t, size_t at, size_t *out_keep)
{
	struct chain c;

	if (!is_digit(hy_mask_rune(t, at)) || (at > 0 && is_digit(hy_mask_rune(t, at - 1))))
		return 0;
	read_chain(t, at, &c);
	for (size_t i = 0; i < HY_COUNT(forms); i++) {
		size_t groups, keep, digits = form_digits(&c, &forms[i], &groups);
		size_t end;

		if (digits == 0 || !has_prefix(&c, forms[i].prefix) ||
		    !is_personal(&c, &forms[i], digits, &keep))
			continue;
		end = c.end[groups - 1];
		/* Digits before a star are what an earlier masking left. */
		if (hy_mask_rune(t, end) == '*' || (groups == 1 && is_amount(t, at, end)))
			continue;
		*out_keep = c.cell[keep] - at;
		return end - at;
	}
	return 0;
}
