#include "crawler/publish_time.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "crawler/extract_hint.h"
#include "crawler/time_text.h"

#define DAY_MS (24LL * 3600 * 1000)
/* A clock that runs ahead, and a page that shows the time of another zone. */
#define AHEAD_MS DAY_MS
/* Longer units are text, not a line of facts about it. */
#define LINE_WIDTH 260
/* The label of a fact, and a fact that has its label in another cell. */
#define LABEL_WIDTH 16
#define LABELLED_WIDTH 40
/* Units before the headline and behind the body where the line may stand. */
#define NEAR_UNITS 12
/* Shown beside the headline and to the minute: no script knows better. */
#define SURE_RANK 60

struct candidate {
	struct hy_wall at;
	enum hy_precision precision;
	bool zoned;
	int rank;	/* 0: none */
};

static bool is_believable(struct hy_wall at, struct hy_wall now)
{
	/* Before 1995 there was no Chinese web. */
	return at.ms > 788918400000LL && (!hy_wall_known(now) || at.ms <= now.ms + AHEAD_MS);
}

static void offer(struct candidate *best, const struct hy_time_text *found, int rank,
		  struct hy_wall now)
{
	if (rank <= best->rank || !is_believable(found->at, now))
		return;
	*best = (struct candidate){found->at, found->precision, found->zoned, rank};
}

/* ---- what the page says to programs --------------------------------------------------- */

static const struct {
	struct hy_str name;
	int rank;
} meta_names[] = {
	{{"article:published_time", 22}, 60}, {{"datePublished", 13}, 58},
	{{"pubdate", 7}, 57},		      {{"publishdate", 11}, 57},
	{{"og:published_time", 17}, 56},      {{"publish_time", 12}, 56},
	{{"publishtime", 11}, 56},	      {{"pub_date", 8}, 56},
	{{"og:release_date", 15}, 55},	      {{"weibo:article:create_at", 23}, 55},
	{{"publication_date", 16}, 55},	      {{"article_date_original", 21}, 55},
	{{"_pubtime", 8}, 55},		      {{"apub:time", 9}, 54},
	{{"og:time", 7}, 54},		      {{"dc.date.issued", 14}, 53},
	{{"dc.date", 7}, 50},		      {{"dcterms.created", 15}, 50},
	{{"parsely-pub-date", 16}, 54},	      {{"sailthru.date", 13}, 54},
	{{"date", 4}, 45},		      {{"firstpublishedtime", 18}, 56},
	{{"createdate", 10}, 44},	      {{"article:create_at", 17}, 50},
};

static int meta_rank(struct hy_str name)
{
	for (size_t i = 0; name.n && i < HY_COUNT(meta_names); i++)
		if (hy_str_eq_nocase(name, meta_names[i].name))
			return meta_names[i].rank;
	return 0;
}

/* "1617251999" or with milliseconds. */
static bool of_epoch(struct hy_str text, struct hy_time_text *out)
{
	int64_t value;

	if ((text.n != 10 && text.n != 13) || !hy_str_to_int(text, 0, INT64_MAX, &value))
		return false;
	*out = (struct hy_time_text){
		.at = {text.n == 10 ? value * 1000 : value},
		.precision = HY_PRECISION_SECOND,
		.zoned = true,
	};
	return true;
}

static bool of_value(struct hy_str text, struct hy_wall now, struct hy_time_text *out)
{
	return of_epoch(hy_str_trim(text), out) ||
	       hy_time_text_find(hy_str_sub(text, 0, 100), 0, now, out);
}

static int rank_of_node(const struct hy_page *page, size_t node, struct hy_str *out_value)
{
	struct hy_str itemprop = hy_page_attribute(page, node, HY_ATTRIBUTE_ITEMPROP);
	struct hy_str datetime = hy_page_attribute(page, node, HY_ATTRIBUTE_DATETIME);
	struct hy_str content = hy_page_attribute(page, node, HY_ATTRIBUTE_CONTENT);
	int rank;

	*out_value = content.n ? content : datetime;
	if (page->nodes[node].tag != HY_TAG_META)
		return hy_str_eq_nocase(itemprop, HY_STR_LIT("datePublished")) ? 58 : 0;
	rank = meta_rank(hy_page_attribute(page, node, HY_ATTRIBUTE_PROPERTY));
	if (!rank)
		rank = meta_rank(hy_page_attribute(page, node, HY_ATTRIBUTE_NAME));
	return rank ? rank : meta_rank(itemprop);
}

static void look_in_meta(const struct hy_publish_input *in, struct candidate *best)
{
	const struct hy_page *page = in->m->page;

	for (size_t i = 0; i < page->count; i++) {
		struct hy_time_text found;
		struct hy_str value;
		int rank;

		if (page->nodes[i].attribute_count == 0)
			continue;
		rank = rank_of_node(page, i, &value);
		if (rank && of_value(value, in->now, &found))
			offer(best, &found, rank - (found.precision < HY_PRECISION_MINUTE) * 10,
			      in->now);
	}
}

/* The value behind a key in JSON or a script: "key": "value", key = 'value', key:123. */
static struct hy_str value_behind(struct hy_str script, size_t at)
{
	size_t from;
	char quote = '\0';

	while (at < script.n && strchr("\"' \t:=\\", script.p[at]) && script.p[at]) {
		if (script.p[at] == '"' || script.p[at] == '\'')
			quote = script.p[at];
		else if (script.p[at] == ':' || script.p[at] == '=')
			quote = '\0';	/* it closed the key */
		at++;
	}
	from = at;
	while (at < script.n && at - from < 64 &&
	       (quote ? script.p[at] != quote && script.p[at] != '\\'
		      : !strchr(",;}\n", script.p[at])))
		at++;
	return hy_str_trim(hy_str_sub(script, from, at - from));
}

/* Code that names the key comes before data that holds it: a few places are looked at. */
#define KEY_ATTEMPTS 4

static void look_for_key(const struct hy_publish_input *in, struct hy_str script, struct hy_str key,
			 int rank, struct candidate *best)
{
	size_t at = 0;

	for (int attempt = 0; attempt < KEY_ATTEMPTS && rank > best->rank; attempt++) {
		struct hy_time_text found;

		at = hy_str_find(script, key, at);
		if (at == SIZE_MAX)
			return;
		at += key.n;
		if (of_value(value_behind(script, at), in->now, &found))
			offer(best, &found, rank - (found.precision < HY_PRECISION_MINUTE) * 10,
			      in->now);
	}
}

/* Every key has one of these in it; what "pub" begins is hardly ever another word of a script. */
static bool may_hold_key(struct hy_str script)
{
	static const struct hy_str behind_pub[] = {{"lish", 4}, {"Date", 4}, {"Time", 4},
						   {"_time", 5}};
	const char *p = script.p, *end = p + script.n, *b;

	for (; p < end && (b = memchr(p, 'b', (size_t)(end - p))); p = b + 1) {
		struct hy_str rest = {b + 1, (size_t)(end - b - 1)};

		if (b - script.p < 2 || b[-1] != 'u' || (b[-2] | 0x20) != 'p')
			continue;
		for (size_t i = 0; i < HY_COUNT(behind_pub); i++)
			if (hy_str_starts(rest, behind_pub[i]))
				return true;
	}
	return hy_str_find(script, HY_STR_LIT("time\""), 0) != SIZE_MAX;
}

static void look_in_scripts(const struct hy_publish_input *in, struct candidate *best)
{
	static const struct {
		struct hy_str key;
		int rank;
	} keys[] = {
		{{"\"datePublished\"", 15}, 58}, {{"\"pubDate\"", 9}, 40},
		{{"publish_time", 12}, 40},	 {{"publishTime", 11}, 40},
		{{"\"pubTime\"", 9}, 40},	 {{"\"ptime\"", 7}, 38},
		{{"publishDate", 11}, 38},	 {{"pub_time", 8}, 36},
		{{"publish_date", 12}, 36},	 {{"\"ctime\"", 7}, 30},
	};
	const struct hy_scripts *scripts = &in->m->page->source.scripts;

	for (size_t i = 0; i < scripts->count; i++) {
		if (!may_hold_key(scripts->items[i].text))
			continue;
		for (size_t k = 0; k < HY_COUNT(keys); k++)
			look_for_key(in, scripts->items[i].text, keys[k].key, keys[k].rank, best);
	}
}

/* ---- what the page shows --------------------------------------------------------------- */

struct place {
	size_t title, body, body_end;	/* indexes of units */
	bool known;
};

static struct place place_of(const struct hy_publish_input *in)
{
	const struct hy_node *nodes = in->m->page->nodes;
	struct place place = {0, 0, in->units->count, false};

	if (in->body_node != HY_PAGE_NO_NODE) {
		place.body = hy_units_at(in->units, (uint32_t)in->body_node);
		place.body_end = hy_units_at(in->units, nodes[in->body_node].end);
		place.known = true;
	}
	if (in->title_node != HY_PAGE_NO_NODE)
		place.title = hy_units_at(in->units, (uint32_t)in->title_node);
	else
		place.title = place.body > NEAR_UNITS ? place.body - NEAR_UNITS : 0;
	return place;
}

static int points_of_place(const struct place *place, size_t unit)
{
	if (!place->known)
		return unit >= place->title && unit < place->title + NEAR_UNITS ? 25 : 0;
	if (unit >= place->title && unit < place->title + 8)
		return 45 - (int)(unit - place->title);
	if (unit >= place->title && unit < place->body + 3)
		return 35;
	if (unit < place->title && unit + NEAR_UNITS >= place->title)
		return 22;
	if (unit < place->body_end && unit + 4 >= place->body_end && unit >= place->body)
		return 8;
	if (unit >= place->body_end && unit < place->body_end + NEAR_UNITS)
		return 12;
	return unit > place->body && unit < place->body_end ? -20 : -5;
}

static unsigned hints_around(const struct hy_measure *m, size_t node)
{
	unsigned hints = 0;

	for (int level = 0; level < 4 && node != HY_PAGE_NO_NODE; level++) {
		if (level > 0 && hy_measure_of(m, node).width > LINE_WIDTH)
			break;
		hints |= m->hints[node];
		node = m->page->nodes[node].parent;
	}
	return hints;
}

static bool has_any(struct hy_str text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (hy_str_find(text, hy_str_of(words[i]), 0) != SIZE_MAX)
			return true;
	return false;
}

static int points_of_words(struct hy_str before)
{
	/* When a document was signed or takes effect is not when it was published. */
	static const char *const drawn_up[] = {"成文", "印发", "生成日期", "签发"};
	static const char *const published[] = {"发布", "发表", "时间", "日期", "来源", "ublish",
						"osted", "发稿", "刊发", "公开"};
	static const char *const other[] = {"更新", "修改", "pdated", "odified", "截止", "截至",
					    "注册", "回复", "登录", "当前", "现在", "有效期",
					    "失效", "废止", "施行", "生效", "实施"};
	struct hy_str near = hy_str_sub(before, before.n > 40 ? before.n - 40 : 0, 40);

	if (has_any(near, other, HY_COUNT(other)))
		return -12;
	if (has_any(near, drawn_up, HY_COUNT(drawn_up)))
		return 4;
	return has_any(near, published, HY_COUNT(published)) ? 12 : 0;
}

static int points_of_line(const struct hy_publish_input *in, const struct hy_unit *unit,
			  struct hy_str line, const struct hy_time_text *found)
{
	unsigned hints = hints_around(in->m, unit->first);
	int points = points_of_words(hy_str_sub(line, 0, found->start));

	points += hints & HY_HINT_TIME ? 15 : 0;
	points += hints & HY_HINT_SOURCE ? 6 : 0;
	points -= hints & HY_HINT_ASIDE ? 10 : 0;
	points += unit->width <= 100 ? 8 : 0;
	points -= unit->link_width * 2 > unit->width ? 15 : 0;
	points += found->precision >= HY_PRECISION_MINUTE ? 18 : 0;
	points += found->precision == HY_PRECISION_ABOUT ? 8 : 0;
	return points;
}

/* "发布日期：" in a cell of its own, the date in the next one. */
static void add_label(const struct hy_publish_input *in, size_t unit, struct hy_buf *line)
{
	const struct hy_unit *u = &in->units->items[unit];

	if (unit == 0 || u->width > LABELLED_WIDTH || u[-1].width > LABEL_WIDTH ||
	    in->m->page->nodes[u[-1].owner].tag == HY_TAG_OTHER)
		return;
	hy_text_write(in->m, u[-1].first, u[-1].end, line);
	if (!hy_str_ends(hy_buf_str(line), HY_STR_LIT("：")) &&
	    !hy_str_ends(hy_buf_str(line), HY_STR_LIT(":")) &&
	    in->m->page->nodes[u[-1].owner].tag != HY_TAG_TD &&
	    in->m->page->nodes[u[-1].owner].tag != HY_TAG_TH)
		hy_buf_clear(line);
	else
		hy_buf_add_char(line, ' ');
}

static void look_at_line(const struct hy_publish_input *in, const struct place *place, size_t unit,
			 struct hy_buf *line, struct candidate *best)
{
	const struct hy_unit *u = &in->units->items[unit];
	struct hy_time_text found;
	size_t from = 0;

	hy_buf_clear(line);
	add_label(in, unit, line);
	hy_text_write(in->m, u->first, u->end, line);
	while (hy_time_text_find(hy_buf_str(line), from, in->now, &found)) {
		int points = points_of_place(place, unit) +
			     points_of_line(in, u, hy_buf_str(line), &found);

		offer(best, &found, points, in->now);
		from = found.end > from ? found.end : from + 1;
	}
}

/* A cheap look before the text is put together: no date is without a digit, but "昨天". */
static bool may_hold_time(const struct hy_publish_input *in, const struct hy_unit *unit)
{
	if (unit->width > LINE_WIDTH)
		return false;
	if (unit->width <= 16)
		return true;
	for (size_t i = unit->first; i < unit->end; i++) {
		struct hy_str text = in->m->page->nodes[i].text;

		for (size_t at = 0; at < text.n; at++)
			if (text.p[at] >= '0' && text.p[at] <= '9')
				return true;
	}
	return false;
}

/* <time datetime="...">: what it shows may be the day only. */
static void look_at_element(const struct hy_publish_input *in, const struct place *place,
			    size_t node, struct candidate *best)
{
	struct hy_str value = hy_page_attribute(in->m->page, node, HY_ATTRIBUTE_DATETIME);
	size_t unit = hy_units_at(in->units, (uint32_t)node);
	struct hy_time_text found;

	if (value.n == 0 || unit >= in->units->count || (in->m->hints[node] & HY_HINT_HIDDEN) ||
	    !of_value(value, in->now, &found))
		return;
	found.start = 0;
	/* What is shown wins where it is as exact. */
	offer(best, &found,
	      points_of_place(place, unit) - 1 +
		      points_of_line(in, &in->units->items[unit], value, &found),
	      in->now);
}

static void look_at_page(const struct hy_publish_input *in, struct candidate *best)
{
	struct place place = place_of(in);
	struct hy_buf line;

	hy_buf_init(&line, LINE_WIDTH * 8);
	for (size_t i = 0; i < in->units->count; i++)
		if (may_hold_time(in, &in->units->items[i]))
			look_at_line(in, &place, i, &line, best);
	for (size_t i = 0; i < in->m->page->count; i++)
		if (in->m->page->nodes[i].tag == HY_TAG_TIME)
			look_at_element(in, &place, i, best);
	hy_buf_fini(&line);
}

/* ---- the address ------------------------------------------------------------------------ */

static int digits_at(struct hy_str s, size_t at, size_t n)
{
	int value = 0;

	if (at + n > s.n)
		return -1;
	for (size_t i = at; i < at + n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		value = value * 10 + (s.p[i] - '0');
	}
	return value;
}

static bool is_digit_at(struct hy_str s, size_t at)
{
	return digits_at(s, at, 1) >= 0;
}

/* "20210812", "2021/08/12", "2021-08/12", "2021/0812", "202108/12" */
static bool date_at(struct hy_str url, size_t at, struct hy_civil *out)
{
	struct hy_civil c = {.year = digits_at(url, at, 4)};

	if (c.year < 1995 || c.year > 2100)
		return false;
	at += 4;
	at += at < url.n && strchr("/-_", url.p[at]) && url.p[at];
	c.month = digits_at(url, at, 2);
	at += 2;
	at += at < url.n && strchr("/-_", url.p[at]) && url.p[at];
	c.day = digits_at(url, at, 2);
	if (c.month < 1 || c.day < 1 || is_digit_at(url, at + 2))
		return false;
	*out = c;
	return true;
}

bool hy_publish_time_of_url(struct hy_str url, struct hy_wall *out)
{
	size_t path = hy_str_find(url, HY_STR_LIT("://"), 0);

	path = hy_str_find(url, HY_STR_LIT("/"), path == SIZE_MAX ? 0 : path + 3);
	for (size_t at = path == SIZE_MAX ? 0 : path; at < url.n; at++) {
		struct hy_civil c;

		if (!is_digit_at(url, at) || (at > 0 && is_digit_at(url, at - 1)))
			continue;
		if (date_at(url, at, &c) && hy_wall_of_civil(&c, HY_CST_OFFSET_MIN, out))
			return true;
	}
	return false;
}

/* ---- who is right ------------------------------------------------------------------------ */

static int64_t distance_ms(struct hy_wall a, struct hy_wall b)
{
	return a.ms > b.ms ? a.ms - b.ms : b.ms - a.ms;
}

/*
 * Readers see what the publisher meant; programs write a local time as UTC now and then.
 * So the page shown wins where both mean the same day to within a zone's error.
 */
static struct hy_wall choose(const struct candidate *shown, const struct candidate *said)
{
	bool shown_exact = shown->precision >= HY_PRECISION_MINUTE;
	bool said_exact = said->precision >= HY_PRECISION_MINUTE;

	if (!shown->rank || !said->rank)
		return shown->rank ? shown->at : said->rank ? said->at : HY_WALL_NONE;
	if (shown_exact != said_exact && distance_ms(shown->at, said->at) <= DAY_MS)
		return shown_exact ? shown->at : said->at;
	if (shown_exact && said_exact && distance_ms(shown->at, said->at) < 14 * 3600 * 1000LL)
		return shown->rank >= 40 ? shown->at : said->at;
	return shown->rank >= said->rank ? shown->at : said->at;
}

struct hy_wall hy_publish_time_find(const struct hy_publish_input *in, bool *out_declared)
{
	struct candidate said = {HY_WALL_NONE, HY_PRECISION_DAY, false, 0};
	struct candidate shown = {HY_WALL_NONE, HY_PRECISION_DAY, false, 20};
	struct hy_wall address, chosen;

	look_at_page(in, &shown);
	look_in_meta(in, &said);
	if (shown.rank < SURE_RANK || shown.precision < HY_PRECISION_MINUTE)
		look_in_scripts(in, &said);
	if (shown.rank == 20)	/* nothing was better than the threshold */
		shown.rank = 0;
	*out_declared = said.rank > 0 && said.precision >= HY_PRECISION_MINUTE;
	chosen = choose(&shown, &said);
	if (hy_publish_time_of_url(in->url, &address) && is_believable(address, in->now) &&
	    !hy_wall_known(chosen))
		return address;
	return chosen;
}
