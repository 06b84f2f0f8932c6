#include "alerter/roster_ics.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

#define FOLD_OCTETS 75		/* RFC 5545 3.1 */
#define DEPTH_MAX 8
#define LINE_BYTES 16384	/* unfolded */
#define DAY_MS (24LL * 3600 * 1000)
#define SPAN_MAX_MS (366 * DAY_MS)
#define TIME_BYTES 32

/* ---- unfolding ---- */

/* A content line: where it stands in the unfolded text, and the line of the file it began on. */
struct line {
	size_t from, n;
	int number;
};

struct parser {
	const char *name;
	struct hy_findings *findings;
	struct hy_ics *ics;
	struct line *line;
	size_t count, cap;
	size_t at;		/* the line being read */
};

HY_PRINTF(4, 5)
static void complain(struct parser *p, int line, size_t column, const char *fmt, ...)
{
	char words[1024];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(words, sizeof words, fmt, args);
	va_end(args);
	if (p->findings->count++ < HY_YAML_FINDINGS_MAX)
		hy_buf_addf(&p->findings->text, "%s:%d:%zu: %s\n", p->name, line, column, words);
}

/* Only the beginning of foreign text goes into a finding, and no control characters. */
static struct hy_str shown(struct hy_str text)
{
	size_t n = 0;

	while (n < text.n && n < 60 && (unsigned char)text.p[n] >= ' ')
		n++;
	while (n && n < text.n && ((unsigned char)text.p[n] & 0xC0) == 0x80)
		n--;
	return hy_str_sub(text, 0, n);
}

static void add_line(struct parser *p, size_t from, int number)
{
	p->line = hy_grow(p->line, &p->cap, p->count + 1, sizeof *p->line);
	p->line[p->count++] = (struct line){.from = from, .number = number};
}

/* False with a finding. */
static bool check_octets(struct parser *p, struct hy_str row, int number)
{
	for (size_t i = 0; i < row.n; i++) {
		unsigned char c = (unsigned char)row.p[i];

		if ((c < ' ' && c != '\t') || c == 0x7F) {
			complain(p, number, i + 1, "含有控制字符");
			return false;
		}
	}
	return true;
}

static bool take_row(struct parser *p, struct hy_str row, int number)
{
	bool folded = row.n && (row.p[0] == ' ' || row.p[0] == '\t');

	if (row.n && row.p[row.n - 1] == '\r')
		row.n--;
	if (!check_octets(p, row, number))
		return false;
	if (folded && p->count == 0) {
		complain(p, number, 1, "文件以续行开头");
		return false;
	}
	if (!folded)
		add_line(p, p->ics->text.n, number);
	else
		row = hy_str_sub(row, 1, row.n);
	hy_buf_add_str(&p->ics->text, row);
	p->line[p->count - 1].n += row.n;
	if (p->line[p->count - 1].n <= LINE_BYTES)
		return true;
	complain(p, number, 1, "一行过长");
	return false;
}

static bool unfold(struct parser *p, struct hy_str bytes)
{
	struct hy_str row;
	int number = 0;

	if (hy_str_starts(bytes, HY_STR_LIT("\xEF\xBB\xBF")))
		bytes = hy_str_sub(bytes, 3, bytes.n);
	while (hy_str_next(&bytes, '\n', &row)) {
		number++;
		if (!row.n && !bytes.p)
			break;
		if (!take_row(p, row, number))
			return false;
	}
	for (size_t i = 0; i < p->count; i++) {
		if (hy_utf8_valid(p->ics->text.p + p->line[i].from, p->line[i].n))
			continue;
		complain(p, p->line[i].number, 1, "不是 UTF-8 编码");
		return false;
	}
	return true;
}

/* ---- content lines ---- */

struct property {
	struct hy_str name, parameters, value;
	int line;
};

static bool is_name(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* name *(";" parameter) ":" value; a parameter's value may be quoted and hold a colon. */
static bool split(struct parser *p, struct property *out)
{
	const struct line *line = &p->line[p->at];
	struct hy_str text = {p->ics->text.p + line->from, line->n};
	size_t i = 0, name;
	bool quoted = false;

	while (i < text.n && is_name(text.p[i]))
		i++;
	name = i;
	for (; i < text.n && (quoted || text.p[i] != ':'); i++) {
		if (text.p[i] == '"')
			quoted = !quoted;
		if (i == name && text.p[i] != ';')
			break;
	}
	if (name == 0 || i >= text.n || text.p[i] != ':') {
		complain(p, line->number, i + 1, "不是 iCalendar 的一行：应为“名称:值”");
		return false;
	}
	*out = (struct property){.name = hy_str_sub(text, 0, name), .line = line->number};
	if (i > name)
		out->parameters = hy_str_sub(text, name + 1, i - name - 1);
	out->value = hy_str_sub(text, i + 1, text.n);
	return true;
}

static bool is(const struct property *property, const char *name)
{
	return hy_str_eq_nocase(property->name, hy_str_of(name));
}

static size_t column_of(const struct parser *p, const struct property *property)
{
	const struct line *line = &p->line[p->at];

	return (size_t)(property->value.p - (p->ics->text.p + line->from)) + 1;
}

/* The parameter of that name, without quotes; "" where it is not given. */
static struct hy_str parameter(const struct property *property, const char *name)
{
	struct hy_str rest = property->parameters, one;

	while (rest.n && hy_str_next(&rest, ';', &one)) {
		struct hy_str key;

		if (!hy_str_next(&one, '=', &key) || !hy_str_eq_nocase(key, hy_str_of(name)))
			continue;
		if (one.n >= 2 && one.p[0] == '"' && one.p[one.n - 1] == '"')
			one = hy_str_sub(one, 1, one.n - 2);
		return one;
	}
	return (struct hy_str){0};
}

/* ---- values ---- */

static bool digits(struct hy_str s, size_t at, size_t n, int *out)
{
	struct hy_str part = hy_str_sub(s, at, n);
	int64_t value;

	for (size_t i = 0; i < part.n; i++) {
		if (part.p[i] < '0' || part.p[i] > '9')
			return false;
	}
	if (part.n != n || !hy_str_to_int(part, 0, 9999, &value))
		return false;
	*out = (int)value;
	return true;
}

static bool zone_is_ours(struct hy_str zone)
{
	static const char *const zones[] = {"Asia/Shanghai", "Asia/Chongqing", "PRC",
					    "China Standard Time"};

	for (size_t i = 0; i < HY_COUNT(zones); i++) {
		if (hy_str_eq_nocase(zone, hy_str_of(zones[i])))
			return true;
	}
	return zone.n == 0;
}

/* "20261124" or "20261124T083000", the latter with Z for UTC. */
static bool parse_moment(const struct property *property, struct hy_wall *out, bool *out_date)
{
	struct hy_str s = property->value, zone = parameter(property, "TZID");
	bool date = hy_str_eq_nocase(parameter(property, "VALUE"), HY_STR_LIT("DATE"));
	bool utc = s.n == 16 && s.p[15] == 'Z';
	struct hy_civil c = {0};

	if (s.n != (date ? 8u : utc ? 16u : 15u) || !digits(s, 0, 4, &c.year) ||
	    !digits(s, 4, 2, &c.month) || !digits(s, 6, 2, &c.day))
		return false;
	if (!date && (s.p[8] != 'T' || !digits(s, 9, 2, &c.hour) || !digits(s, 11, 2, &c.minute) ||
		      !digits(s, 13, 2, &c.second)))
		return false;
	if (c.year < 1970 || c.year > 2199 || (utc && zone.n) || (!utc && !zone_is_ours(zone)))
		return false;
	*out_date = date;
	return hy_wall_of_civil(&c, utc ? 0 : HY_CST_OFFSET_MIN, out);
}

/* "P1D", "PT9H30M", "P2W"; years and months are no durations in RFC 5545. */
static bool parse_duration(struct hy_str s, int64_t *out_ms)
{
	static const struct {
		char unit;
		bool in_time;
		int64_t ms;
	} units[] = {{'W', false, 7 * DAY_MS}, {'D', false, DAY_MS}, {'H', true, 3600000},
		     {'M', true, 60000}, {'S', true, 1000}};
	bool in_time = false;
	size_t next = 0, i = 1;

	*out_ms = 0;
	if (s.n < 3 || s.p[0] != 'P')
		return false;
	while (i < s.n) {
		size_t from = i;
		int64_t number;

		if (s.p[i] == 'T' && !in_time) {
			in_time = true;
			i++;
			continue;
		}
		while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
			i++;
		if (i == s.n || !hy_str_to_int(hy_str_sub(s, from, i - from), 0, 100000, &number))
			return false;
		while (next < HY_COUNT(units) &&
		       (units[next].unit != s.p[i] || units[next].in_time != in_time))
			next++;
		if (next == HY_COUNT(units))
			return false;
		*out_ms += number * units[next++].ms;
		i++;
	}
	return s.p[s.n - 1] != 'T';
}

/* Undoes the escapes in place: the text only gets shorter. False for one that is none. */
static bool unescape(struct hy_str *text)
{
	char *p = (char *)(uintptr_t)text->p;
	size_t n = 0;

	for (size_t i = 0; i < text->n; i++) {
		char c = text->p[i];

		if (c == '\\') {
			if (++i == text->n)
				return false;
			c = text->p[i];
			if (c == 'n' || c == 'N')
				c = '\n';
			else if (c != '\\' && c != ';' && c != ',')
				return false;
		}
		p[n++] = c;
	}
	text->n = n;
	return true;
}

/* ---- events ---- */

/* What an event has said so far. */
struct draft {
	struct hy_ics_event event;
	int64_t duration_ms;
	bool has_from, has_to, has_duration, has_uid, has_summary, has_category;
	bool from_date, to_date, bad;
};

static void spoil(struct parser *p, struct draft *d, const struct property *property,
		  const char *what)
{
	struct hy_str text = shown(property->value);

	complain(p, property->line, column_of(p, property), "%s：%.*s", what, HY_STR_ARGS(text));
	d->bad = true;
}

static void take_text(struct parser *p, struct draft *d, const struct property *property,
		      struct hy_str *out)
{
	struct hy_str text = property->value;

	if (unescape(&text))
		*out = text;
	else
		spoil(p, d, property, "转义不对");
}

static void take_moment(struct parser *p, struct draft *d, const struct property *property)
{
	bool from = is(property, "DTSTART");

	if (!parse_moment(property, from ? &d->event.from : &d->event.to,
			  from ? &d->from_date : &d->to_date))
		spoil(p, d, property, "时间看不懂或不是北京时间、UTC");
}

/* Only the first category is asked for: the unit. */
static void take_category(struct parser *p, struct draft *d, const struct property *property)
{
	struct property first = *property;
	size_t n = 0;

	while (n < first.value.n && first.value.p[n] != ',')
		n += first.value.p[n] == '\\' ? 2 : 1;
	first.value = hy_str_sub(first.value, 0, n);
	take_text(p, d, &first, &d->event.category);
}

static void take_property(struct parser *p, struct draft *d, const struct property *property)
{
	const struct {
		const char *name;
		bool *seen;
	} once[] = {{"UID", &d->has_uid}, {"SUMMARY", &d->has_summary}, {"DTSTART", &d->has_from},
		    {"DTEND", &d->has_to}, {"DURATION", &d->has_duration}};

	for (size_t i = 0; i < HY_COUNT(once); i++) {
		if (!is(property, once[i].name))
			continue;
		if (*once[i].seen)
			spoil(p, d, property, "同一日程里重复");
		*once[i].seen = true;
	}
	if (is(property, "UID"))
		take_text(p, d, property, &d->event.uid);
	else if (is(property, "SUMMARY"))
		take_text(p, d, property, &d->event.summary);
	else if (is(property, "DTSTART") || is(property, "DTEND"))
		take_moment(p, d, property);
	else if (is(property, "DURATION") && !parse_duration(property->value, &d->duration_ms))
		spoil(p, d, property, "时长看不懂");
	else if (is(property, "STATUS"))
		d->event.cancelled = hy_str_eq_nocase(property->value, HY_STR_LIT("CANCELLED"));
	else if (is(property, "RRULE") || is(property, "RDATE") || is(property, "EXDATE") ||
		 is(property, "RECURRENCE-ID"))
		spoil(p, d, property, "不支持重复的日程，请逐次列出");
	else if (is(property, "CATEGORIES") && !d->has_category) {
		d->has_category = true;
		take_category(p, d, property);
	}
}

/* A whole day without an end lasts that day (RFC 5545 3.6.1); a moment without one is nothing. */
static const char *finish(struct draft *d)
{
	struct hy_ics_event *event = &d->event;

	if (!d->has_uid || event->uid.n == 0 || event->uid.n > HY_ICS_UID_BYTES)
		return "日程缺少 UID 或 UID 过长";
	if (!d->has_from)
		return "日程缺少开始时间 DTSTART";
	if (d->has_to && d->has_duration)
		return "日程不能同时有 DTEND 和 DURATION";
	if (d->has_to && d->from_date != d->to_date)
		return "DTSTART 和 DTEND 应同为日期或同为时刻";
	if (d->has_duration)
		event->to = hy_wall_add_ms(event->from, d->duration_ms);
	else if (!d->has_to && d->from_date)
		event->to = hy_wall_add_ms(event->from, DAY_MS);
	else if (!d->has_to)
		return "日程缺少结束时间 DTEND";
	if (event->to.ms <= event->from.ms || event->to.ms - event->from.ms > SPAN_MAX_MS)
		return "日程的结束应晚于开始，不超过一年";
	return NULL;
}

static void add_event(struct parser *p, const struct draft *d)
{
	struct hy_ics *ics = p->ics;

	if (ics->count == HY_ICS_EVENTS_MAX) {
		complain(p, d->event.line, 1, "日程超过 %d 条", HY_ICS_EVENTS_MAX);
		return;
	}
	ics->event = hy_grow(ics->event, &ics->cap, ics->count + 1, sizeof *ics->event);
	ics->event[ics->count++] = d->event;
}

/* ---- components ---- */

struct nesting {
	struct hy_str name[DEPTH_MAX];
	size_t depth;
	bool version;
	struct draft draft;
};

static bool in_event(const struct nesting *n)
{
	return n->depth == 2 && hy_str_eq_nocase(n->name[1], HY_STR_LIT("VEVENT"));
}

static bool enter(struct parser *p, struct nesting *n, const struct property *property)
{
	bool calendar = hy_str_eq_nocase(property->value, HY_STR_LIT("VCALENDAR"));

	if (n->depth == DEPTH_MAX || calendar != (n->depth == 0)) {
		complain(p, property->line, 1, "日历结构不对：BEGIN:%.*s",
			 HY_STR_ARGS(shown(property->value)));
		return false;
	}
	n->name[n->depth++] = property->value;
	if (n->depth == 1)
		n->version = false;
	if (in_event(n))
		n->draft = (struct draft){.event = {.line = property->line}};
	return true;
}

static bool leave(struct parser *p, struct nesting *n, const struct property *property)
{
	const char *lack;

	if (n->depth == 0 || !hy_str_eq_nocase(n->name[n->depth - 1], property->value)) {
		complain(p, property->line, 1, "日历结构不对：END:%.*s",
			 HY_STR_ARGS(shown(property->value)));
		return false;
	}
	if (n->depth == 1 && !n->version)
		complain(p, property->line, 1, "缺少 VERSION:2.0");
	if (in_event(n) && !n->draft.bad) {
		lack = finish(&n->draft);
		if (lack)
			complain(p, n->draft.event.line, 1, "%s", lack);
		else
			add_event(p, &n->draft);
	}
	n->depth--;
	return true;
}

static bool take_line(struct parser *p, struct nesting *n)
{
	struct property property;

	if (!split(p, &property))
		return false;
	if (is(&property, "BEGIN"))
		return enter(p, n, &property);
	if (is(&property, "END"))
		return leave(p, n, &property);
	if (n->depth == 0) {
		complain(p, property.line, 1, "应以 BEGIN:VCALENDAR 开头");
		return false;
	}
	if (n->depth == 1 && is(&property, "VERSION"))
		n->version = hy_str_eq_c(property.value, "2.0");
	else if (in_event(n))
		take_property(p, &n->draft, &property);
	return true;
}

static void read_all(struct parser *p)
{
	struct nesting n = {.depth = 0};

	for (p->at = 0; p->at < p->count; p->at++) {
		if (p->line[p->at].n == 0 && p->at + 1 == p->count)
			break;
		if (!take_line(p, &n))
			return;
	}
	if (p->count == 0)
		complain(p, 1, 1, "文件是空的");
	else if (n.depth > 0)
		complain(p, p->line[p->count - 1].number, 1, "文件不完整：缺少 END:%.*s",
			 HY_STR_ARGS(shown(n.name[n.depth - 1])));
}

enum hy_err hy_ics_parse(struct hy_str bytes, const char *name, struct hy_findings *findings,
			 struct hy_ics **out)
{
	struct parser p = {.name = name, .findings = findings, .ics = hy_xcalloc(1, sizeof *p.ics)};
	size_t before = findings->count;

	hy_buf_init(&p.ics->text, HY_ICS_BYTES);
	if (bytes.n > HY_ICS_BYTES)
		complain(&p, 1, 1, "文件超过 %u 字节", HY_ICS_BYTES);
	else if (unfold(&p, bytes))
		read_all(&p);
	free(p.line);
	if (findings->count > before) {
		hy_ics_free(p.ics);
		return HY_ERR_MALFORMED;
	}
	*out = p.ics;
	return HY_OK;
}

void hy_ics_free(struct hy_ics *ics)
{
	if (!ics)
		return;
	free(ics->event);
	hy_buf_fini(&ics->text);
	free(ics);
}

/* ---- writing ---- */

/* A fold may not cut a character in two. */
static void write_line(struct hy_str line, struct hy_buf *out)
{
	size_t room = FOLD_OCTETS;

	while (line.n > room) {
		size_t n = room;

		while (n > 1 && ((unsigned char)line.p[n] & 0xC0) == 0x80)
			n--;
		hy_buf_add(out, line.p, n);
		hy_buf_add_c(out, "\r\n ");
		line = hy_str_sub(line, n, line.n);
		room = FOLD_OCTETS - 1;
	}
	hy_buf_add_str(out, line);
	hy_buf_add_c(out, "\r\n");
}

static void write_text(const char *name, struct hy_str text, struct hy_buf *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf line = HY_BUF(LINE_BYTES);

	hy_buf_add_c(&line, name);
	hy_buf_add_char(&line, ':');
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\\' || c == ';' || c == ',')
			hy_buf_add_char(&line, '\\');
		if (c == '\n')
			hy_buf_add_c(&line, "\\n");
		else if ((unsigned char)c >= ' ' || c == '\t')
			hy_buf_add_char(&line, c);
	}
	write_line(hy_buf_str(&line), out);
}

static const char *utc(struct hy_wall at, char out[TIME_BYTES])
{
	struct hy_civil c = hy_civil_of(at, 0);

	(void)snprintf(out, TIME_BYTES, "%04u%02u%02uT%02u%02u%02uZ", (unsigned)c.year % 10000,
		       (unsigned)c.month % 100, (unsigned)c.day % 100, (unsigned)c.hour % 100,
		       (unsigned)c.minute % 100, (unsigned)c.second % 100);
	return out;
}

void hy_ics_begin(struct hy_buf *out)
{
	hy_buf_add_c(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Huiying//roster//ZH\r\n"
			  "CALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n");
}

void hy_ics_event(const struct hy_ics_event *event, struct hy_wall stamp, struct hy_buf *out)
{
	char at[TIME_BYTES];

	hy_buf_add_c(out, "BEGIN:VEVENT\r\n");
	write_text("UID", event->uid, out);
	hy_buf_addf(out, "DTSTAMP:%s\r\n", utc(stamp, at));
	hy_buf_addf(out, "DTSTART:%s\r\n", utc(event->from, at));
	hy_buf_addf(out, "DTEND:%s\r\n", utc(event->to, at));
	write_text("SUMMARY", event->summary, out);
	if (event->category.n)
		write_text("CATEGORIES", event->category, out);
	if (event->cancelled)
		hy_buf_add_c(out, "STATUS:CANCELLED\r\n");
	hy_buf_add_c(out, "END:VEVENT\r\n");
}

void hy_ics_end(struct hy_buf *out)
{
	hy_buf_add_c(out, "END:VCALENDAR\r\n");
}
