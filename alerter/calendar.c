#include "alerter/calendar.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"

#define FOLDER "calendar"
#define YEARS (HY_CALENDAR_LAST - HY_CALENDAR_FIRST + 1)
#define HOLIDAY_DAYS_MAX 15
#define NAME_BYTES 128
#define BYTES_MAX (1u << 20)
#define SATURDAY 6
/* Business time is sought this far ahead; limits are bounded to a year of it. */
#define SEARCH_DAYS 4000

/* A day that the week alone would not tell. */
struct special {
	struct hy_wall day;
	bool working;
	struct hy_str holiday;
	const struct hy_yaml_node *at;
};

struct hy_calendar {
	struct hy_yaml *file[YEARS];
	enum hy_calendar_state state[YEARS];
	struct special *special;	/* sorted by day */
	size_t count, cap;
	struct hy_buf bytes;
};

/* What is being read. */
struct reader {
	struct hy_calendar *calendar;
	struct hy_findings *findings;
	int year;
};

static const char *const root_keys[] = {"year", "notice", "provisional", "holidays", NULL};
static const char *const holiday_keys[] = {"name", "from", "to", "work", NULL};
/* 全国年节及纪念日放假办法, article 2: a year without one of them was read from a bad copy. */
static const char *const statutory[] = {"元旦",	  "春节",   "清明节", "劳动节",
					"端午节", "中秋节", "国庆节"};

static int64_t floor_mod(int64_t a, int64_t b)
{
	int64_t rest = a % b;

	return rest < 0 ? rest + b : rest;
}

struct hy_wall hy_day_start(struct hy_wall at)
{
	return hy_wall_add_ms(at, -floor_mod(at.ms + HY_CST_OFFSET_MIN * 60000LL, HY_DAY_MS));
}

static int weekday_of(struct hy_wall day)
{
	return hy_civil_of(day, HY_CST_OFFSET_MIN).weekday;
}

/* ---- reading ---- */

static bool parse_date(struct hy_str text, struct hy_wall *out)
{
	char full[32];

	if (text.n != 10)
		return false;
	(void)snprintf(full, sizeof full, "%.*sT00:00:00+08:00", HY_STR_ARGS(text));
	return hy_wall_parse(hy_str_of(full), out);
}

/* Dates of a year's notice: its own days, and those of the December before (元旦). */
static bool date_fits(const struct reader *r, struct hy_wall day)
{
	struct hy_civil c = hy_civil_of(day, HY_CST_OFFSET_MIN);

	return c.year == r->year || (c.year == r->year - 1 && c.month == 12);
}

static bool take_date(const struct reader *r, const struct hy_yaml_node *at, struct hy_str text,
		      struct hy_wall *out)
{
	if (!parse_date(text, out))
		hy_yaml_finding(at, r->findings, "应为日期，如 %d-10-01", r->year);
	else if (!date_fits(r, *out))
		hy_yaml_finding(at, r->findings, "“%.*s”不属于 %d 年的安排", HY_STR_ARGS(text),
				r->year);
	else
		return true;
	return false;
}

static void add_special(struct reader *r, const struct special *day)
{
	struct hy_calendar *c = r->calendar;

	for (size_t i = 0; i < c->count; i++) {
		if (c->special[i].day.ms != day->day.ms)
			continue;
		hy_yaml_finding(day->at, r->findings, "这一天已在第 %d 行安排过",
				hy_yaml_line(c->special[i].at));
		return;
	}
	c->special = hy_grow(c->special, &c->cap, c->count + 1, sizeof *c->special);
	c->special[c->count++] = *day;
}

static void read_days_off(struct reader *r, const struct hy_yaml_node *entry, struct hy_str name)
{
	const struct hy_yaml_node *from_at = hy_yaml_get(entry, "from");
	const struct hy_yaml_node *to_at = hy_yaml_get(entry, "to");
	struct special day = {.holiday = name, .at = from_at};
	struct hy_str from, to;
	struct hy_wall last;

	if (!hy_yaml_read_text(entry, "from", true, r->findings, &from) ||
	    !take_date(r, from_at, from, &day.day))
		return;
	to = from;
	if (to_at && !hy_yaml_read_text(entry, "to", true, r->findings, &to))
		return;
	if (!take_date(r, to_at ? to_at : from_at, to, &last))
		return;
	if (last.ms < day.day.ms || last.ms - day.day.ms >= HOLIDAY_DAYS_MAX * HY_DAY_MS) {
		hy_yaml_finding(to_at ? to_at : from_at, r->findings, "假期应为 1 到 %d 天",
				HOLIDAY_DAYS_MAX);
		return;
	}
	for (; day.day.ms <= last.ms; day.day = hy_wall_add_ms(day.day, HY_DAY_MS))
		add_special(r, &day);
}

static void read_made_up(struct reader *r, const struct hy_yaml_node *entry, struct hy_str name)
{
	for (size_t i = 0; i < hy_rule_word_count(entry, "work"); i++) {
		struct special day = {.holiday = name, .working = true};
		struct hy_str text = hy_rule_word(entry, "work", i, &day.at);

		if (!take_date(r, day.at, text, &day.day))
			continue;
		if (weekday_of(day.day) < SATURDAY)
			hy_yaml_finding(day.at, r->findings, "%.*s 本来就是工作日，不必调休",
					HY_STR_ARGS(text));
		else
			add_special(r, &day);
	}
}

static void read_holiday(struct reader *r, const struct hy_yaml_node *entry, bool *named)
{
	struct hy_str name = {0};

	if (!hy_yaml_is_mapping(entry)) {
		hy_yaml_finding(entry, r->findings, "每个节日应写成“键: 值”");
		return;
	}
	(void)hy_yaml_known_keys(entry, holiday_keys, r->findings);
	if (!hy_yaml_read_text(entry, "name", true, r->findings, &name))
		return;
	if (name.n == 0 || name.n > NAME_BYTES)
		hy_yaml_finding(hy_yaml_get(entry, "name"), r->findings, "节日名称应为 1 到 %d 字节",
				NAME_BYTES);
	for (size_t i = 0; i < HY_COUNT(statutory); i++)
		named[i] |= hy_str_find(name, hy_str_of(statutory[i]), 0) != SIZE_MAX;
	read_days_off(r, entry, name);
	read_made_up(r, entry, name);
}

static void read_year(struct reader *r, struct hy_yaml *file)
{
	const struct hy_yaml_node *root = hy_yaml_root(file);
	const struct hy_yaml_node *list = hy_rule_list(file, "holidays", r->findings);
	bool named[HY_COUNT(statutory)] = {false}, provisional = false;
	int64_t year = r->year;
	struct hy_str notice;

	(void)hy_yaml_known_keys(root, root_keys, r->findings);
	if (!hy_yaml_get(root, "year"))
		hy_yaml_finding(root, r->findings, "缺少“year”");
	(void)hy_yaml_read_int(root, "year", HY_CALENDAR_FIRST, HY_CALENDAR_LAST, r->findings,
			       &year);
	if (year != r->year)
		hy_yaml_finding(hy_yaml_get(root, "year"), r->findings,
				"文件名是 %d 年，内容写的是 %d 年", r->year, (int)year);
	(void)hy_yaml_read_text(root, "notice", true, r->findings, &notice);
	(void)hy_yaml_read_bool(root, "provisional", r->findings, &provisional);
	for (size_t i = 0; list && i < hy_yaml_count(list); i++)
		read_holiday(r, hy_yaml_item(list, i), named);
	for (size_t i = 0; list && i < HY_COUNT(statutory); i++) {
		if (!named[i])
			hy_yaml_finding(list, r->findings, "缺少法定节日“%s”", statutory[i]);
	}
	r->calendar->state[r->year - HY_CALENDAR_FIRST] =
		provisional ? HY_CALENDAR_PROVISIONAL : HY_CALENDAR_PUBLISHED;
}

/* The folder's files are read in the order of years, whatever order the system lists them in. */
static bool list_years(const char *dir, struct hy_findings *findings, bool present[YEARS])
{
	char path[HY_RULE_PATH_BYTES];
	int n = snprintf(path, sizeof path, "%s/%s", dir, FOLDER);
	struct dirent *entry;
	DIR *folder;

	if (n < 0 || (size_t)n >= sizeof path)
		return false;
	folder = opendir(path);
	if (!folder)
		return errno == ENOENT;
	while ((entry = readdir(folder)) != NULL) {
		struct hy_str name = hy_str_of(entry->d_name);
		int64_t year;

		if (!hy_str_ends(name, HY_STR_LIT(".yaml")) || hy_str_starts(name, HY_STR_LIT(".")))
			continue;
		if (name.n == 9 && hy_str_to_int(hy_str_sub(name, 0, 4), HY_CALENDAR_FIRST,
						 HY_CALENDAR_LAST, &year)) {
			present[year - HY_CALENDAR_FIRST] = true;
			continue;
		}
		hy_buf_addf(&findings->text, "%s/%s:1:1: 文件名应为年份，如 2026.yaml\n", FOLDER,
			    entry->d_name);
		findings->count++;
	}
	(void)closedir(folder);
	return true;
}

/* What the calendar says, not how the file spells it, is what a version is made of. */
static void write_bytes(struct hy_calendar *c)
{
	hy_buf_init(&c->bytes, BYTES_MAX);
	for (int i = 0; i < YEARS; i++)
		hy_buf_add_char(&c->bytes, (char)('0' + c->state[i]));
	for (size_t i = 0; i < c->count; i++)
		hy_buf_addf(&c->bytes, "%lld%c%.*s\n", (long long)c->special[i].day.ms,
			    c->special[i].working ? '+' : '-', HY_STR_ARGS(c->special[i].holiday));
}

static int compare(const void *a, const void *b)
{
	const struct special *x = a, *y = b;

	return (x->day.ms > y->day.ms) - (x->day.ms < y->day.ms);
}

enum hy_err hy_calendar_load(const char *dir, struct hy_findings *findings,
			     struct hy_calendar **out)
{
	struct hy_calendar *calendar = hy_xcalloc(1, sizeof *calendar);
	bool present[YEARS] = {false};
	enum hy_err err = list_years(dir, findings, present) ? HY_OK : HY_ERR_IO;

	for (int i = 0; i < YEARS && !err; i++) {
		struct reader r = {calendar, findings, HY_CALENDAR_FIRST + i};
		char name[32];

		if (!present[i])
			continue;
		(void)snprintf(name, sizeof name, FOLDER "/%d.yaml", r.year);
		err = hy_rule_file_open(dir, name, findings, &calendar->file[i]);
		if (!err)
			read_year(&r, calendar->file[i]);
	}
	if (err) {
		hy_calendar_free(calendar);
		return err;
	}
	if (calendar->count)
		qsort(calendar->special, calendar->count, sizeof *calendar->special, compare);
	write_bytes(calendar);
	*out = calendar;
	return HY_OK;
}

void hy_calendar_free(struct hy_calendar *calendar)
{
	if (!calendar)
		return;
	for (int i = 0; i < YEARS; i++)
		hy_yaml_free(calendar->file[i]);
	free(calendar->special);
	hy_buf_fini(&calendar->bytes);
	free(calendar);
}

struct hy_str hy_calendar_bytes(const struct hy_calendar *calendar)
{
	return calendar ? hy_buf_str(&calendar->bytes) : (struct hy_str){0};
}

/* ---- days ---- */

enum hy_calendar_state hy_calendar_year(const struct hy_calendar *calendar, int year)
{
	if (!calendar || year < HY_CALENDAR_FIRST || year > HY_CALENDAR_LAST)
		return HY_CALENDAR_MISSING;
	return calendar->state[year - HY_CALENDAR_FIRST];
}

static const struct special *find(const struct hy_calendar *calendar, struct hy_wall day)
{
	struct special wanted = {.day = day};

	return calendar && calendar->count
		       ? bsearch(&wanted, calendar->special, calendar->count,
				 sizeof *calendar->special, compare)
		       : NULL;
}

struct hy_day hy_calendar_day(const struct hy_calendar *calendar, struct hy_wall at)
{
	struct hy_wall start = hy_day_start(at);
	struct hy_civil civil = hy_civil_of(start, HY_CST_OFFSET_MIN);
	const struct special *special = find(calendar, start);
	struct hy_day day = {.kind = civil.weekday >= SATURDAY ? HY_DAY_WEEKEND : HY_DAY_WORKING};

	day.certain = hy_calendar_year(calendar, civil.year) == HY_CALENDAR_PUBLISHED;
	if (special) {
		day.kind = special->working ? HY_DAY_MADE_UP : HY_DAY_HOLIDAY;
		day.holiday = special->holiday;
	}
	return day;
}

bool hy_day_is_working(const struct hy_day *day)
{
	return day->kind == HY_DAY_WORKING || day->kind == HY_DAY_MADE_UP;
}

int hy_calendar_lack(const struct hy_calendar *calendar, struct hy_wall at,
		     enum hy_calendar_state *out_state)
{
	struct hy_civil now = hy_civil_of(at, HY_CST_OFFSET_MIN);

	*out_state = hy_calendar_year(calendar, now.year);
	if (*out_state != HY_CALENDAR_PUBLISHED)
		return now.year;
	*out_state = hy_calendar_year(calendar, now.year + 1);
	if ((*out_state == HY_CALENDAR_MISSING && now.month >= HY_CALENDAR_FILE_MONTH) ||
	    (*out_state == HY_CALENDAR_PROVISIONAL && now.month >= HY_CALENDAR_NOTICE_MONTH))
		return now.year + 1;
	return 0;
}

void hy_calendar_lack_text(int year, enum hy_calendar_state state, struct hy_buf *out)
{
	if (state == HY_CALENDAR_MISSING)
		hy_buf_addf(out,
			    "缺少 %d 年的放假安排（calendar/%d.yaml），工作日时限只能按星期推算；"
			    "请照国务院办公厅通知补上",
			    year, year);
	else
		hy_buf_addf(out,
			    "%d 年的放假安排还是暂定的（calendar/%d.yaml），调休未计入；"
			    "请照国务院办公厅通知改写并删去 provisional",
			    year, year);
}

void hy_calendar_check(const struct hy_calendar *calendar, struct hy_wall at,
		       struct hy_findings *findings)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(1024);
	enum hy_calendar_state state;
	int year = hy_calendar_lack(calendar, at, &state);

	if (!year)
		return;
	hy_calendar_lack_text(year, state, &text);
	if (state == HY_CALENDAR_PROVISIONAL) {
		const struct hy_yaml_node *root =
			hy_yaml_root(calendar->file[year - HY_CALENDAR_FIRST]);

		hy_yaml_finding(hy_yaml_get(root, "provisional"), findings, "%.*s",
				HY_STR_ARGS(hy_buf_str(&text)));
		return;
	}
	hy_buf_addf(&findings->text, FOLDER "/%d.yaml:1:1: %.*s\n", year,
		    HY_STR_ARGS(hy_buf_str(&text)));
	findings->count++;
}

bool hy_calendar_certain(const struct hy_calendar *calendar, struct hy_wall from,
			 struct hy_wall to)
{
	int last = hy_civil_of(to, HY_CST_OFFSET_MIN).year;

	for (int year = hy_civil_of(from, HY_CST_OFFSET_MIN).year; year <= last; year++) {
		if (hy_calendar_year(calendar, year) != HY_CALENDAR_PUBLISHED)
			return false;
	}
	return true;
}

static bool same_run(const struct hy_day *a, const struct hy_day *b)
{
	return a->kind == b->kind && a->certain == b->certain && hy_str_eq(a->holiday, b->holiday);
}

bool hy_calendar_next_run(const struct hy_calendar *calendar, struct hy_wall *cursor,
			  struct hy_wall to, struct hy_day_run *out)
{
	struct hy_wall at = hy_day_start(*cursor);
	struct hy_day day = hy_calendar_day(calendar, at);

	while (at.ms < to.ms && day.kind == HY_DAY_WORKING) {
		at = hy_wall_add_ms(at, HY_DAY_MS);
		day = hy_calendar_day(calendar, at);
	}
	if (at.ms >= to.ms)
		return false;
	*out = (struct hy_day_run){.from = at, .day = day};
	while (at.ms < to.ms && same_run(&day, &out->day)) {
		at = hy_wall_add_ms(at, HY_DAY_MS);
		day = hy_calendar_day(calendar, at);
	}
	out->to = *cursor = at;
	return true;
}

/* ---- business time ---- */

/* Business time of the day at `day` from `from` on; with left_ms >= 0, *out_at is where that
 * much of it is used up. */
static int64_t office_of_day(const struct hy_office_hours *hours, struct hy_wall day,
			     const struct hy_wall *from, int64_t left_ms, struct hy_wall *out_at)
{
	int64_t sum = 0;

	for (size_t i = 0; i < hours->count; i++) {
		int64_t begin = day.ms + hours->window[i].from_ms;
		int64_t end = day.ms + hours->window[i].to_ms;

		if (begin < from->ms)
			begin = from->ms;
		if (begin >= end)
			continue;
		if (left_ms >= 0 && sum + (end - begin) >= left_ms) {
			out_at->ms = begin + (left_ms - sum);
			return left_ms;
		}
		sum += end - begin;
	}
	return sum;
}

struct hy_wall hy_calendar_add_office(const struct hy_calendar *calendar,
				      const struct hy_office_hours *hours, struct hy_wall start,
				      int64_t ms)
{
	struct hy_wall day = hy_day_start(start);

	if (ms <= 0)
		return start;
	for (int i = 0; i < SEARCH_DAYS; i++, day = hy_wall_add_ms(day, HY_DAY_MS)) {
		struct hy_day kind = hy_calendar_day(calendar, day);
		struct hy_wall at = HY_WALL_NONE;

		if (!hy_day_is_working(&kind))
			continue;
		ms -= office_of_day(hours, day, &start, ms, &at);
		if (ms == 0)
			return at;
	}
	return day;
}

int64_t hy_calendar_office_between(const struct hy_calendar *calendar,
				   const struct hy_office_hours *hours, struct hy_wall from,
				   struct hy_wall to)
{
	int64_t sum = 0;

	for (struct hy_wall day = hy_day_start(from); day.ms < to.ms;
	     day = hy_wall_add_ms(day, HY_DAY_MS)) {
		struct hy_day kind = hy_calendar_day(calendar, day);

		if (!hy_day_is_working(&kind))
			continue;
		sum += office_of_day(hours, day, &from, -1, NULL);
		if (to.ms - day.ms < HY_DAY_MS)
			sum -= office_of_day(hours, day, from.ms > to.ms ? &from : &to, -1, NULL);
	}
	return sum;
}

struct hy_wall hy_calendar_add_days(const struct hy_calendar *calendar,
				    const struct hy_office_hours *hours, struct hy_wall start,
				    int64_t days)
{
	struct hy_wall day = hy_day_start(start);

	for (int i = 0; i < SEARCH_DAYS && days > 0; i++) {
		struct hy_day kind;

		day = hy_wall_add_ms(day, HY_DAY_MS);
		kind = hy_calendar_day(calendar, day);
		days -= hy_day_is_working(&kind);
	}
	return hy_wall_add_ms(day, hours->window[hours->count - 1].to_ms);
}
