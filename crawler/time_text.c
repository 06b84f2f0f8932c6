#include "crawler/time_text.h"

#include <string.h>

#include "common/base/mem.h"

#define MINUTE_MS 60000LL
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

/* A place in the text; parsing moves it, a failed attempt starts again from a copy. */
struct reader {
	struct hy_str s;
	size_t at;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char peek(const struct reader *r)
{
	return r->at < r->s.n ? r->s.p[r->at] : '\0';
}

static bool take(struct reader *r, const char *word)
{
	struct hy_str w;

	/* Most attempts end at the first letter. */
	if ((peek(r) | 0x20) != (word[0] | 0x20))
		return false;
	w = hy_str_of(word);
	if (!hy_str_starts_nocase(hy_str_sub(r->s, r->at, r->s.n), w))
		return false;
	r->at += w.n;
	return true;
}

static bool take_any(struct reader *r, const char *const *words, size_t count, size_t *out_index)
{
	for (size_t i = 0; i < count; i++) {
		if (take(r, words[i])) {
			if (out_index)
				*out_index = i;
			return true;
		}
	}
	return false;
}

static bool number(struct reader *r, int min_digits, int max_digits, int *out)
{
	int value = 0, digits = 0;

	while (digits < max_digits && is_digit(peek(r))) {
		value = value * 10 + (r->s.p[r->at++] - '0');
		digits++;
	}
	if (digits < min_digits || is_digit(peek(r)))
		return false;
	*out = value;
	return true;
}

static void spaces(struct reader *r)
{
	static const char *const kinds[] = {" ", "\t", "\n", "\r", "\xC2\xA0", "\xE3\x80\x80"};

	while (r->at < r->s.n && strchr(" \t\n\r\xC2\xE3", r->s.p[r->at]) &&
	       take_any(r, kinds, HY_COUNT(kinds), NULL))
		;
}

/* "+08:00", "+0800", "Z", "GMT"; false where no zone stands there. */
static bool zone(struct reader *r, int *out_offset_min)
{
	static const char *const utc[] = {"Z", " GMT", " UTC", "GMT", "UTC"};
	struct reader try = *r;
	int hours, minutes = 0, sign;

	if (take_any(r, utc, HY_COUNT(utc), NULL)) {
		*out_offset_min = 0;
		return true;
	}
	if (peek(&try) == ' ')
		try.at++;
	if (peek(&try) != '+' && peek(&try) != '-')
		return false;
	sign = peek(&try) == '-' ? -1 : 1;
	try.at++;
	if (try.at + 4 <= try.s.n && is_digit(try.s.p[try.at + 2])) {
		hours = (try.s.p[try.at] - '0') * 10 + (try.s.p[try.at + 1] - '0');
		try.at += 2;
		if (!number(&try, 2, 2, &minutes))
			return false;
	} else if (!number(&try, 2, 2, &hours)) {
		return false;
	} else if (take(&try, ":") && !number(&try, 2, 2, &minutes)) {
		return false;
	}
	if (hours < 0 || hours > 14 || minutes > 59)
		return false;
	*out_offset_min = sign * (hours * 60 + minutes);
	r->at = try.at;
	return true;
}

/* "下午" before or "pm" behind a time; only hours up to 12 are shifted. */
static int half_day(int hour, int half)
{
	if (half == 2 && hour < 12)
		return hour + 12;
	return half == 1 && hour == 12 ? 0 : hour;
}

static int half_before(struct reader *r)
{
	static const char *const words[] = {"上午", "凌晨", "早上", "下午", "晚上", "中午"};
	size_t index;

	if (!take_any(r, words, HY_COUNT(words), &index))
		return 0;
	spaces(r);
	return index < 3 ? 1 : 2;
}

static int half_behind(struct reader *r)
{
	static const char *const words[] = {"am", "a.m", "pm", "p.m"};
	struct reader try = *r;
	size_t index;

	spaces(&try);
	if (!take_any(&try, words, HY_COUNT(words), &index))
		return 0;
	r->at = try.at;
	return index < 2 ? 1 : 2;
}

/* "09:30:15.123", "9时30分", "9点30分": true sets the time of *c. */
static bool time_of_day(struct reader *r, struct hy_civil *c, enum hy_precision *out_precision)
{
	static const char *const hour_marks[] = {":", "：", "时", "点"};
	static const char *const minute_marks[] = {":", "：", "分"};
	int half = half_before(r), hour, minute, second = 0, fraction;
	struct reader try;

	if (!number(r, 1, 2, &hour) || !take_any(r, hour_marks, HY_COUNT(hour_marks), NULL) ||
	    !number(r, 2, 2, &minute) || hour > 24 || minute > 59)
		return false;
	*out_precision = HY_PRECISION_MINUTE;
	try = *r;
	if (take_any(&try, minute_marks, HY_COUNT(minute_marks), NULL) &&
	    number(&try, 2, 2, &second) && second <= 59) {
		*out_precision = HY_PRECISION_SECOND;
		*r = try;
		if (take(&try, ".") && number(&try, 1, 9, &fraction))
			*r = try;
	} else {
		second = 0;
	}
	if (!half)
		half = half_behind(r);
	c->hour = half_day(hour, half) % 24;
	c->minute = minute;
	c->second = second;
	return true;
}

/* What may stand between a date and its time. */
static void date_time_gap(struct reader *r)
{
	static const char *const words[] = {"T", ",", "，", "at", "@", "|", "/", "-", "—", "·",
					    "(", "（", ")", "）", "周", "星期", "一", "二", "三",
					    "四", "五", "六", "日", "天", "&nbsp;"};

	spaces(r);
	for (int i = 0; i < 5 && take_any(r, words, HY_COUNT(words), NULL); i++)
		spaces(r);
}

static bool finish(struct reader *r, struct hy_civil *c, struct hy_time_text *out)
{
	struct reader try = *r;
	int offset = HY_CST_OFFSET_MIN;

	out->precision = HY_PRECISION_DAY;
	out->zoned = false;
	date_time_gap(&try);
	if (time_of_day(&try, c, &out->precision)) {
		*r = try;
		out->zoned = zone(r, &offset);
	}
	/* Midnight sharp is what programs write where they know the day only. */
	if (c->hour == 0 && c->minute == 0 && c->second == 0)
		out->precision = HY_PRECISION_DAY;
	return hy_wall_of_civil(c, offset, &out->at);
}

/* "2021-08-12", "2021/8/12", "2021.8.12", "2021年8月12日", "20210812" */
static bool full_date(struct reader *r, struct hy_time_text *out)
{
	static const char *const marks[] = {"-", "/", ".", "年", "－", "—"};
	static const char *const second_marks[] = {"-", "/", ".", "月", "－", "—"};
	struct hy_civil c = {0};
	size_t mark = 0, second;

	if (!number(r, 4, 4, &c.year) || c.year < 1990 || c.year > 2100)
		return false;
	spaces(r);
	if (!take_any(r, marks, HY_COUNT(marks), &mark))
		return false;
	spaces(r);
	if (!number(r, 1, 2, &c.month))
		return false;
	spaces(r);
	if (!take_any(r, second_marks, HY_COUNT(second_marks), &second) || second != mark)
		return false;
	spaces(r);
	if (!number(r, 1, 2, &c.day))
		return false;
	if (mark == 3) {
		spaces(r);
		take(r, "日");
	}
	return finish(r, &c, out);
}

/* The last year in which this day is not after tomorrow. */
static bool guess_year(struct reader *r, struct hy_civil *c, struct hy_wall now,
		       struct hy_time_text *out)
{
	if (!hy_wall_known(now))
		return false;
	c->year = hy_civil_of(now, HY_CST_OFFSET_MIN).year;
	if (!finish(r, c, out))
		return false;
	if (out->at.ms > now.ms + DAY_MS) {
		c->year--;
		if (!hy_wall_of_civil(c, HY_CST_OFFSET_MIN, &out->at))
			return false;
	}
	out->year_guessed = true;
	return true;
}

/* "8月12日 09:30", "08-12 09:30": digits alone count only with a time behind them. */
static bool month_day(struct reader *r, struct hy_wall now, struct hy_time_text *out)
{
	struct hy_civil c = {0};
	bool han;

	if (!number(r, 1, 2, &c.month))
		return false;
	han = take(r, "月");
	if (!han && !take(r, "-") && !take(r, "/"))
		return false;
	if (!number(r, 1, 2, &c.day) || c.month > 12 || c.day > 31)
		return false;
	if (han && !take(r, "日"))
		return false;
	if (!guess_year(r, &c, now, out))
		return false;
	return han || out->precision >= HY_PRECISION_MINUTE;
}

/* "3小时前", "15 分钟前", "2天前" */
static bool ago(struct reader *r, struct hy_wall now, struct hy_time_text *out)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {
		{"秒", 1000}, {"分", MINUTE_MS}, {"小时", HOUR_MS}, {"天", DAY_MS},
		{"minute", MINUTE_MS}, {"hour", HOUR_MS}, {"day", DAY_MS},
	};
	int count;

	if (!hy_wall_known(now) || !number(r, 1, 3, &count))
		return false;
	spaces(r);
	take(r, "个");
	for (size_t i = 0; i < HY_COUNT(units); i++) {
		if (!take(r, units[i].unit))
			continue;
		take(r, "钟");
		take(r, "s");
		spaces(r);
		if (!take(r, "前") && !take(r, "以前") && !take(r, "之前") && !take(r, "ago"))
			return false;
		out->at = hy_wall_add_ms(now, -count * units[i].ms);
		out->precision = units[i].ms == DAY_MS ? HY_PRECISION_DAY : HY_PRECISION_ABOUT;
		return true;
	}
	return false;
}

/* "昨天 09:30", "今天", "刚刚" */
static bool near_day(struct reader *r, struct hy_wall now, struct hy_time_text *out)
{
	static const char *const days[] = {"今天", "今日", "昨天", "昨日", "前天"};
	static const int back[] = {0, 0, 1, 1, 2};
	struct hy_civil c;
	size_t index;

	if (!hy_wall_known(now))
		return false;
	if (take(r, "刚刚")) {
		out->at = now;
		out->precision = HY_PRECISION_ABOUT;
		return true;
	}
	if (!take_any(r, days, HY_COUNT(days), &index))
		return false;
	c = hy_civil_of(hy_wall_add_ms(now, -back[index] * DAY_MS), HY_CST_OFFSET_MIN);
	c.hour = c.minute = c.second = c.ms = 0;
	return finish(r, &c, out);
}

/* Whether the next two bytes begin the name of a month: hardly any word gets further. */
static bool may_be_month(const struct reader *r)
{
	static const char begins[][3] = {"ja", "j\xC3", "ju", "fe", "f\xC3", "ma", "m\xC3", "mr",
					 "ap", "av", "ao", "au", "se", "oc", "ok", "no", "de",
					 "d\xC3"};

	if (r->at + 1 >= r->s.n || (unsigned char)r->s.p[r->at] >= 0x80)
		return false;
	for (size_t i = 0; i < HY_COUNT(begins); i++)
		if ((r->s.p[r->at] | 0x20) == begins[i][0] &&
		    ((r->s.p[r->at + 1] | 0x20) == (begins[i][1] | 0x20)))
			return true;
	return false;
}

static bool month_name(struct reader *r, int *out_month)
{
	static const char *const names[] = {
		"january", "february", "march", "april", "may", "june", "july", "august",
		"september", "october", "november", "december", "januar", "februar", "märz",
		"april", "mai", "juni", "juli", "august", "september", "oktober", "november",
		"dezember", "janvier", "février", "mars", "avril", "mai", "juin", "juillet",
		"août", "septembre", "octobre", "novembre", "décembre", "jan", "feb", "mar", "apr",
		"may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "jän", "feb", "mrz", "apr",
		"mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez",
	};
	size_t index;

	if (!may_be_month(r) || !take_any(r, names, HY_COUNT(names), &index))
		return false;
	take(r, "t");	/* "Sept" */
	take(r, ".");
	*out_month = (int)(index % 12) + 1;
	return true;
}

static void ordinal(struct reader *r)
{
	static const char *const ends[] = {"st", "nd", "rd", "th"};

	(void)take_any(r, ends, HY_COUNT(ends), NULL);
}

static bool english_year(struct reader *r, struct hy_civil *c, struct hy_time_text *out)
{
	ordinal(r);
	take(r, ",");
	spaces(r);
	return number(r, 4, 4, &c->year) && c->year >= 1990 && c->year <= 2100 &&
	       finish(r, c, out);
}

/* "August 12, 2021" */
static bool month_first(struct reader *r, struct hy_time_text *out)
{
	struct hy_civil c = {0};

	if (!month_name(r, &c.month))
		return false;
	spaces(r);
	return number(r, 1, 2, &c.day) && english_year(r, &c, out);
}

/* "12 August 2021" */
static bool day_first(struct reader *r, struct hy_time_text *out)
{
	struct hy_civil c = {0};

	if (!number(r, 1, 2, &c.day))
		return false;
	ordinal(r);
	take(r, ".");
	spaces(r);
	if (!month_name(r, &c.month))
		return false;
	return english_year(r, &c, out);
}

/*
 * "12.08.2021", and "25/08/2021": with a slash the month may stand first, so only a day that
 * can be no month tells.
 */
static bool day_first_digits(struct reader *r, struct hy_time_text *out)
{
	struct hy_civil c = {0};
	bool dot;

	if (!number(r, 1, 2, &c.day))
		return false;
	dot = take(r, ".");
	if (!dot && (c.day <= 12 || !take(r, "/")))
		return false;
	if (!number(r, 1, 2, &c.month) || !take(r, dot ? "." : "/") ||
	    !number(r, 4, 4, &c.year) || c.year < 1990 || c.year > 2100)
		return false;
	/* "10.1.2021.5" is a version. */
	if (peek(r) == '.' && r->at + 1 < r->s.n && is_digit(r->s.p[r->at + 1]))
		return false;
	return finish(r, &c, out);
}

/* How many digits stand there, five for more. */
static size_t digits_at(struct hy_str text, size_t at)
{
	size_t n = 0;

	while (n < 5 && at + n < text.n && is_digit(text.p[at + n]))
		n++;
	return n;
}

static bool try_at(struct hy_str text, size_t at, struct hy_wall now, struct hy_time_text *out)
{
	struct reader r = {text, at};
	unsigned char c = (unsigned char)text.p[at];
	struct reader start = r;
	bool found = false;

	*out = (struct hy_time_text){.start = at};
	if (is_digit((char)c)) {
		size_t digits = digits_at(text, at);

		/* What all of them begin with is so many digits and no more. */
		if (digits == 4)
			found = full_date(&r, out);
		if (digits <= 2)
			found = day_first(&r, out);
		if (digits <= 2 && !found)
			found = (r = start, day_first_digits(&r, out));
		if (digits <= 3 && !found)
			found = (r = start, ago(&r, now, out));
		if (digits <= 2 && !found)
			found = (r = start, month_day(&r, now, out));
	} else if (c >= 0x80) {
		found = near_day(&r, now, out);
	} else {
		found = month_first(&r, out);
	}
	out->end = r.at;
	return found;
}

/* What a character can begin: nothing of a date where it is none of these. */
enum { NUMBER = 1, MONTH, DAY };

static const unsigned char beginnings[256] = {
	['0'] = NUMBER, ['1'] = NUMBER, ['2'] = NUMBER, ['3'] = NUMBER, ['4'] = NUMBER,
	['5'] = NUMBER, ['6'] = NUMBER, ['7'] = NUMBER, ['8'] = NUMBER, ['9'] = NUMBER,
	['a'] = MONTH, ['d'] = MONTH, ['f'] = MONTH, ['j'] = MONTH, ['m'] = MONTH, ['n'] = MONTH,
	['o'] = MONTH, ['s'] = MONTH, ['A'] = MONTH, ['D'] = MONTH, ['F'] = MONTH, ['J'] = MONTH,
	['M'] = MONTH, ['N'] = MONTH, ['O'] = MONTH, ['S'] = MONTH,
	[0xE4] = DAY, [0xE5] = DAY, [0xE6] = DAY,
};

/* 今, 昨, 前 and 刚 begin "今天" and the like. */
static bool begins_day(const char *p)
{
	return (p[0] == '\xE4' && p[1] == '\xBB' && p[2] == '\x8A') ||
	       (p[0] == '\xE6' && p[1] == '\x98' && p[2] == '\xA8') ||
	       (p[0] == '\xE5' && p[1] == '\x89' && p[2] == '\x8D') ||
	       (p[0] == '\xE5' && p[1] == '\x88' && p[2] == '\x9A');
}

/* Only places where a date can begin are worth an attempt. */
static bool may_begin(struct hy_str text, size_t at)
{
	char before = at > 0 ? text.p[at - 1] : ' ';

	switch (beginnings[(unsigned char)text.p[at]]) {
	case NUMBER:
		return !is_digit(before) && before != ':' && before != '.';
	case MONTH:
		before = (char)(before | 0x20);
		return !(before >= 'a' && before <= 'z');
	case DAY:
		return text.n - at >= 3 && begins_day(text.p + at);
	default:
		return false;
	}
}

bool hy_time_text_find(struct hy_str text, size_t from, struct hy_wall now,
		       struct hy_time_text *out)
{
	for (size_t at = from; at < text.n; at++) {
		struct hy_time_text found;

		if (may_begin(text, at) && try_at(text, at, now, &found)) {
			*out = found;
			return true;
		}
	}
	return false;
}

bool hy_time_text_is_month_day(struct hy_str text, struct hy_wall now, struct hy_wall *out)
{
	static const char *const opening[] = {"[", "(", "（", "【"};
	static const char *const closing[] = {"]", ")", "）", "】"};
	struct reader r = {hy_str_trim(text), 0};
	struct hy_time_text found = {.start = 0};
	struct hy_civil c = {0};

	(void)take_any(&r, opening, HY_COUNT(opening), NULL);
	if (!number(&r, 1, 2, &c.month) || (!take(&r, "-") && !take(&r, "/") && !take(&r, ".")) ||
	    !number(&r, 1, 2, &c.day))
		return false;
	(void)take_any(&r, closing, HY_COUNT(closing), NULL);
	if (r.at != r.s.n || !guess_year(&r, &c, now, &found))
		return false;
	*out = found.at;
	return true;
}
