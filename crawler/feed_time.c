#include "crawler/feed_time.h"

#include <string.h>

#include "common/base/mem.h"

#define TEXT_MAX_BYTES 100	/* with the long zone names that browsers add in brackets */
#define KST_OFFSET_MIN 540
/* Programs write the first or the last moment they know where they mean none. */
#define YEAR_MIN 2
#define YEAR_MAX 9998

enum what { MONTH, HALF, ZONE, FILLER, KOREAN };

/* A word by its beginning where it is not ASCII, whole otherwise. */
struct word {
	const char *text;
	enum what what;
	int value;	/* month 1-12; half of the day 0 or 1; zone in minutes */
};

static const struct word words[] = {
	{"年", FILLER, 0}, {"月", FILLER, 0}, {"日", FILLER, 0}, {"号", FILLER, 0},
	{"秒", FILLER, 0}, {"t", FILLER, 0}, {"星期", FILLER, 0},
	{"周", FILLER, 0}, {"一", FILLER, 0}, {"二", FILLER, 0}, {"三", FILLER, 0},
	{"四", FILLER, 0}, {"五", FILLER, 0}, {"六", FILLER, 0}, {"天", FILLER, 0},
	{"上午", HALF, 0}, {"凌晨", HALF, 0}, {"早上", HALF, 0}, {"中午", HALF, 1},
	{"下午", HALF, 1}, {"晚上", HALF, 1}, {"am", HALF, 0}, {"pm", HALF, 1},
	{"년", KOREAN, 0}, {"월", KOREAN, 0}, {"일", KOREAN, 0},
	{"오전", HALF, 2}, {"오후", HALF, 3},
	/* RFC 822, 5.1, and what else is met */
	{"ut", ZONE, 0}, {"utc", ZONE, 0}, {"gmt", ZONE, 0}, {"etc/gmt", ZONE, 0},
	{"etc/utc", ZONE, 0}, {"z", ZONE, 0}, {"wet", ZONE, 0}, {"bst", ZONE, 60},
	{"west", ZONE, 60}, {"met", ZONE, 60}, {"cet", ZONE, 60}, {"mest", ZONE, 120},
	{"cest", ZONE, 120}, {"eet", ZONE, 120}, {"eest", ZONE, 180}, {"msk", ZONE, 180},
	{"hkt", ZONE, 480}, {"sgt", ZONE, 480}, {"jst", ZONE, 540}, {"kst", ZONE, 540},
	{"aest", ZONE, 600}, {"aedt", ZONE, 660}, {"ast", ZONE, -240}, {"adt", ZONE, -180},
	{"at", ZONE, -240},
	{"edt", ZONE, -240}, {"est", ZONE, -300}, {"et", ZONE, -300}, {"cdt", ZONE, -300},
	{"cst", ZONE, -360}, {"ct", ZONE, -360}, {"mdt", ZONE, -360}, {"mst", ZONE, -420},
	{"mt", ZONE, -420}, {"pdt", ZONE, -420}, {"pst", ZONE, -480}, {"pt", ZONE, -480},
	{"hst", ZONE, -600}, {"akst", ZONE, -540}, {"akdt", ZONE, -480},
	/* Hungarian and Greek, as older blog software writes them */
	{"január", MONTH, 1}, {"februári", MONTH, 2}, {"március", MONTH, 3}, {"április", MONTH, 4},
	{"máujus", MONTH, 5}, {"május", MONTH, 5}, {"június", MONTH, 6}, {"július", MONTH, 7},
	{"augusztus", MONTH, 8}, {"szeptember", MONTH, 9}, {"október", MONTH, 10},
	{"Ιαν", MONTH, 1}, {"Φεβ", MONTH, 2}, {"Μάώ", MONTH, 3}, {"Μαώ", MONTH, 3},
	{"Μαρ", MONTH, 3}, {"Μάρ", MONTH, 3}, {"Απρ", MONTH, 4}, {"Μάι", MONTH, 5},
	{"Μαϊ", MONTH, 5}, {"Μαι", MONTH, 5}, {"Ιούν", MONTH, 6}, {"Ιον", MONTH, 6},
	{"Ιούλ", MONTH, 7}, {"Ιολ", MONTH, 7}, {"Αύγ", MONTH, 8}, {"Αυγ", MONTH, 8},
	{"Σεπ", MONTH, 9}, {"Οκτ", MONTH, 10}, {"Νοέ", MONTH, 11}, {"Νοε", MONTH, 11},
	{"Δεκ", MONTH, 12}, {"Κυρ", FILLER, 0}, {"Δευ", FILLER, 0}, {"Τρι", FILLER, 0},
	{"Τετ", FILLER, 0}, {"Πεμ", FILLER, 0}, {"Παρ", FILLER, 0}, {"Σαβ", FILLER, 0},
};

static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
static const char weekdays[] = "montuewedthufrisatsun";

struct number {
	int value;
	size_t digits;
};

/* What has been read of the text so far. */
struct reading {
	struct hy_str rest;
	struct number date[3];
	size_t dates;
	int month;		/* by name; 0 none */
	int half;		/* -1 not said, 0 before noon, 1 after */
	bool has_time, has_zone;
	bool is_short_month;	/* "-yymm" or "-yy-mm" (ISO 8601:1988, 5.2.1.3) */
	struct hy_civil clock;
	int offset_min;
	int default_offset_min;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static char peek(const struct reading *r)
{
	return r->rest.n ? r->rest.p[0] : '\0';
}

static void skip(struct reading *r, size_t n)
{
	r->rest = hy_str_sub(r->rest, n, r->rest.n);
}

static void skip_blanks(struct reading *r)
{
	while (peek(r) == ' ' || peek(r) == '\t' || peek(r) == '\n' || peek(r) == '\r')
		skip(r, 1);
}

/* A run of digits; false where none stands there or it is too long for a field. */
static bool read_number(struct reading *r, struct number *out)
{
	size_t n = 0;
	int64_t value;

	while (n < r->rest.n && is_digit(r->rest.p[n]))
		n++;
	if (n > 4 || !hy_str_to_int(hy_str_sub(r->rest, 0, n), 0, 9999, &value))
		return false;
	*out = (struct number){(int)value, n};
	skip(r, n);
	return true;
}

static size_t digit_run(struct hy_str s)
{
	size_t n = 0;

	while (n < s.n && is_digit(s.p[n]))
		n++;
	return n;
}

/* Skips what stands between hour, minute and second; false where nothing of it does. */
static bool skip_clock_mark(struct reading *r, bool is_hour)
{
	static const char *const hour_marks[] = {":", "：", "时", "時", "点", "點", "시"};
	static const char *const minute_marks[] = {":", "：", "分", "분"};
	const char *const *marks = is_hour ? hour_marks : minute_marks;
	size_t count = is_hour ? HY_COUNT(hour_marks) : HY_COUNT(minute_marks);

	for (size_t i = 0; i < count; i++)
		if (hy_str_starts(r->rest, hy_str_of(marks[i]))) {
			skip(r, strlen(marks[i]));
			return true;
		}
	return false;
}

static void read_fraction(struct reading *r)
{
	int scale = 100;

	if ((peek(r) != '.' && peek(r) != ',') || r->rest.n < 2 || !is_digit(r->rest.p[1]))
		return;
	for (skip(r, 1); is_digit(peek(r)); skip(r, 1)) {
		r->clock.ms += (peek(r) - '0') * scale;
		scale /= 10;
	}
}

/* The clock behind the hour that was just read. */
static bool read_clock(struct reading *r, struct number hour)
{
	struct number minute = {0}, second = {0};

	if (r->has_time || hour.digits > 2)
		return false;
	if (is_digit(peek(r)) && (!read_number(r, &minute) || minute.digits > 2))
		return false;
	if (skip_clock_mark(r, false) && is_digit(peek(r)) &&
	    (!read_number(r, &second) || second.digits > 2))
		return false;
	r->has_time = true;
	r->clock.hour = hour.value;
	r->clock.minute = minute.value;
	r->clock.second = second.value;
	read_fraction(r);
	return peek(r) != ':';
}

/* "+0800", "+08:00", "+8"; the sign is the next character. */
static bool read_offset(struct reading *r)
{
	int sign = peek(r) == '-' ? -1 : 1, minutes = 0;
	struct number hours, rest;

	skip(r, 1);
	if (!read_number(r, &hours))
		return false;
	if (hours.digits > 2) {
		minutes = hours.value % 100;
		hours.value /= 100;
	} else if (peek(r) == ':') {
		skip(r, 1);
		if (!read_number(r, &rest))
			return false;
		minutes = rest.value;
	}
	if (hours.value > 23 || minutes > 59)
		return false;
	r->offset_min = sign * (hours.value * 60 + minutes);
	r->has_zone = true;
	return true;
}

static bool read_field(struct reading *r, size_t digits, struct number *out)
{
	int64_t value;

	if (!hy_str_to_int(hy_str_sub(r->rest, 0, digits), 0, 9999, &value))
		return false;
	*out = (struct number){(int)value, digits};
	skip(r, digits);
	return true;
}

/* Year and day of the year without a mark (ISO 8601, 5.2.2.1): yyddd, yyyyddd. */
static bool read_ordinal(struct reading *r, size_t n)
{
	r->dates = 2;
	return read_field(r, n - 3, &r->date[0]) && read_field(r, 3, &r->date[1]);
}

/* A run without marks: yyyymmdd, yyyymmddhhmm, yyyymmddhhmmss, yymmdd. */
static bool read_compact(struct reading *r, size_t n)
{
	static const unsigned char long_cut[] = {4, 2, 2, 2, 2, 2}, short_cut[] = {2, 2, 2};
	const unsigned char *cut = n == 6 ? short_cut : long_cut;
	struct number field[6] = {{0}};
	size_t fields = n == 6 ? 3 : (n - 2) / 2;

	if (r->dates || r->month)
		return false;
	if (n == 5 || n == 7)
		return read_ordinal(r, n);
	if (n != 6 && n != 8 && n != 12 && n != 14)
		return false;
	for (size_t i = 0; i < fields; i++)
		if (!read_field(r, cut[i], &field[i]))
			return false;
	for (size_t i = 0; i < 3; i++)
		r->date[r->dates++] = field[i];
	if (n >= 12) {
		r->has_time = true;
		r->clock.hour = field[3].value;
		r->clock.minute = field[4].value;
		r->clock.second = field[5].value;
	}
	return true;
}

static bool read_digits(struct reading *r)
{
	size_t n = digit_run(r->rest);
	struct number number;

	if (n > 4)
		return read_compact(r, n);
	if (!read_number(r, &number))
		return false;
	if (skip_clock_mark(r, true))
		return read_clock(r, number);
	if (r->dates == HY_COUNT(r->date))
		return false;
	r->date[r->dates++] = number;
	return true;
}

/* Index of a name in a run of three-letter names by its first three letters, or -1. */
static int name_index(const char *names, struct hy_str word)
{
	struct hy_str three = hy_str_sub(word, 0, 3);

	for (int i = 0; three.n == 3 && names[3 * i]; i++)
		if (hy_str_eq_nocase((struct hy_str){names + (ptrdiff_t)3 * i, 3}, three))
			return i;
	return -1;
}

static bool set_month(struct reading *r, int month)
{
	if (r->month)
		return false;
	r->month = month;
	return true;
}

static bool apply_word(struct reading *r, const struct word *w)
{
	switch (w->what) {
	case MONTH:
		return set_month(r, w->value);
	case HALF:
		r->half = w->value & 1;
		if (w->value > 1)
			r->default_offset_min = KST_OFFSET_MIN;
		return true;
	case ZONE:
		/* "23 November at 9:00" */
		if (!r->has_time)
			return true;
		r->has_zone = true;
		r->offset_min = w->value;
		/* CST is China's where the feed is Chinese, central America's in RFC 822. */
		if (strcmp(w->text, "cst") == 0 && r->default_offset_min == HY_CST_OFFSET_MIN)
			r->offset_min = HY_CST_OFFSET_MIN;
		if (w->value == 0 && (peek(r) == '+' || peek(r) == '-'))
			return read_offset(r);
		return true;
	case KOREAN:
		r->default_offset_min = KST_OFFSET_MIN;
		return true;
	case FILLER:
		return true;
	}
	return false;
}

static size_t word_length(struct hy_str s)
{
	size_t n = 0;

	while (n < s.n && (is_letter(s.p[n]) || s.p[n] == '/'))
		n++;
	return n;
}

static bool read_word(struct reading *r)
{
	struct hy_str word = hy_str_sub(r->rest, 0, word_length(r->rest));

	for (size_t i = 0; i < HY_COUNT(words); i++) {
		struct hy_str text = hy_str_of(words[i].text);
		bool is_ascii = (unsigned char)text.p[0] < 0x80;

		if (is_ascii ? hy_str_eq_nocase(word, text) : hy_str_starts(word, text)) {
			skip(r, text.n);
			return apply_word(r, &words[i]);
		}
	}
	skip(r, word.n);
	if (name_index(months, word) >= 0)
		return set_month(r, name_index(months, word) + 1);
	if (name_index(weekdays, word) >= 0)
		return true;
	/* RFC 2822, 4.3: a military zone means nothing that can be relied on. */
	if (word.n == 1 && r->has_time && !r->has_zone) {
		r->has_zone = true;
		return true;
	}
	return false;
}

static bool read_mark(struct reading *r)
{
	size_t close;

	switch (peek(r)) {
	case '(':
		close = hy_str_find(r->rest, HY_STR_LIT(")"), 0);
		skip(r, close == SIZE_MAX ? r->rest.n : close + 1);
		return true;
	case '+':
	case '-':
		if (r->has_time)
			return !r->has_zone && read_offset(r);
		skip(r, 1);
		return true;
	case ',':
	case '/':
	case '.':
		skip(r, 1);
		return true;
	default:
		return false;
	}
}

static int full_year(struct number year)
{
	/* RFC 2822, 4.3 */
	if (year.digits == 3)
		return year.value + 1900;
	if (year.digits <= 2)
		return year.value + (year.value < 50 ? 2000 : 1900);
	return year.value;
}

/* The 335th day of 2003 is the first of December; false where the year has no such day. */
static bool place_ordinal(int ordinal, struct hy_civil *c)
{
	static const short before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	bool is_leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;
	int day = 0;

	if (ordinal < 1 || ordinal > 365 + is_leap)
		return false;
	for (int month = 12; day < 1; month--) {
		day = ordinal - before[month - 1] - (is_leap && month > 2);
		c->month = month;
	}
	c->day = day;
	return true;
}

/* Which of the numbers is what; false where they make no date. */
static bool place_date(const struct reading *r, struct hy_civil *c)
{
	const struct number *d = r->date;
	struct number year = d[0];

	c->month = c->day = 1;
	if (r->month && r->dates == 2) {
		/* "2004-július-13" begins with the year, RFC 822 and asctime with the day. */
		year = d[0].digits == 4 ? d[0] : d[1];
		c->month = r->month;
		c->day = d[0].digits == 4 ? d[1].value : d[0].value;
	} else if (r->month) {
		return false;
	} else if (r->dates == 3 && d[2].digits == 4) {
		/* Month first as in America, unless it can be none. */
		year = d[2];
		c->month = d[0].value > 12 ? d[1].value : d[0].value;
		c->day = d[0].value > 12 ? d[0].value : d[1].value;
	} else if (r->dates == 3) {
		c->month = d[1].value;
		c->day = d[2].value;
	} else if (r->dates == 2 && d[1].digits == 3) {
		c->year = full_year(year);
		return place_ordinal(d[1].value, c);
	} else if (r->dates == 2 && (d[0].digits == 4 || r->is_short_month)) {
		c->month = d[1].value;
	} else if (r->dates != 1 || d[0].digits != 4 || r->has_time) {
		return false;
	}
	c->year = full_year(year);
	return true;
}

/* A minus in front means a century left out, and nothing else. */
static bool read_short_month(struct reading *r)
{
	skip(r, 1);
	r->is_short_month = read_field(r, 2, &r->date[0]);
	if (peek(r) == '-')
		skip(r, 1);
	r->dates = 2;
	return r->is_short_month && read_field(r, 2, &r->date[1]) && r->rest.n == 0;
}

bool hy_feed_time_parse(struct hy_str text, int default_offset_min, struct hy_wall *out)
{
	struct reading r = {.rest = hy_str_trim(text), .half = -1,
			    .default_offset_min = default_offset_min};
	struct hy_civil c;

	if (r.rest.n == 0 || r.rest.n > TEXT_MAX_BYTES)
		return false;
	if (r.rest.p[0] == '-' && !read_short_month(&r))
		return false;
	while (r.rest.n) {
		bool ok;

		if (is_digit(peek(&r)))
			ok = read_digits(&r);
		else
			ok = is_letter(peek(&r)) ? read_word(&r) : read_mark(&r);
		if (!ok)
			return false;
		skip_blanks(&r);
	}
	c = r.clock;
	if (!place_date(&r, &c) || c.year < YEAR_MIN || c.year > YEAR_MAX)
		return false;
	if (r.half == 1 && c.hour < 12)
		c.hour += 12;
	else if (r.half == 0 && c.hour == 12)
		c.hour = 0;
	return hy_wall_of_civil(&c, r.has_zone ? r.offset_min : r.default_offset_min, out);
}
