#include "crawler/canonical.h"

#include "common/base/mem.h"
#include "crawler/url.h"

#define TOKENS_MAX 48
#define NUMBER_MIN 3		/* shorter numbers in a path are pages and columns */
#define SLUG_MIN_BYTES 12

/* Letters and digits in a row that hold a digit and are no date: numbers and keys of articles. */
struct tokens {
	struct hy_str items[TOKENS_MAX];
	size_t count;
};

struct address {
	struct hy_url url;
	struct hy_str stem;	/* the last part of the path that names something, no suffix */
	struct hy_str place;	/* the path without an index page and a slash at its end */
	struct tokens path, query;
};

const char *hy_canonical_name(enum hy_canonical why)
{
	static const char *const names[] = {
#define X(name, text) text,
		HY_CANONICAL_LIST(X)
#undef X
	};

	return names[why];
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool all_digits(struct hy_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]))
			return false;
	return s.n > 0;
}

static int64_t number_at(struct hy_str s, size_t from, size_t n)
{
	int64_t value = 0;

	(void)hy_str_to_int(hy_str_sub(s, from, n), 0, INT64_MAX, &value);
	return value;
}

/* 2021, 202108, 20210812, t20210812: the day, which many articles share. */
static bool is_date(struct hy_str s)
{
	int64_t year;

	if (s.n == 9 && !is_digit(s.p[0]))
		s = hy_str_sub(s, 1, s.n);
	if (!all_digits(s) || (s.n != 4 && s.n != 6 && s.n != 8))
		return false;
	year = number_at(s, 0, 4);
	if (year < 1990 || year > 2099)
		return false;
	if (s.n > 4 && (number_at(s, 4, 2) < 1 || number_at(s, 4, 2) > 12))
		return false;
	return s.n < 8 || (number_at(s, 6, 2) >= 1 && number_at(s, 6, 2) <= 31);
}

static void add_tokens(struct tokens *t, struct hy_str s, size_t min)
{
	for (size_t i = 0; i < s.n;) {
		struct hy_str token;
		bool has_digit = false;
		size_t start = i;

		while (i < s.n && is_alnum(s.p[i]))
			has_digit |= is_digit(s.p[i++]);
		token = hy_str_sub(s, start, i - start);
		if (i == start) {
			/* What is encoded names nothing by its digits. */
			i += s.p[i] == '%' ? 3 : 1;
			continue;
		}
		if (has_digit && token.n >= min && !is_date(token) && t->count < TOKENS_MAX)
			t->items[t->count++] = token;
	}
}

static bool holds(const struct tokens *t, struct hy_str token)
{
	for (size_t i = 0; i < t->count; i++)
		if (hy_str_eq_nocase(t->items[i], token))
			return true;
	return false;
}

/* The longest, the last of several: section numbers come first and are short. */
static struct hy_str strongest(const struct tokens *t)
{
	struct hy_str best = {0};

	for (size_t i = 0; i < t->count; i++)
		if (t->items[i].n >= best.n)
			best = t->items[i];
	return best;
}

/* ---- taking an address apart ---- */

static struct hy_str without_suffix(struct hy_str name)
{
	size_t dot = hy_str_find(name, HY_STR_LIT("."), 0);

	return dot == 0 ? name : hy_str_sub(name, 0, dot);
}

static struct hy_str last_part(struct hy_str path)
{
	size_t start = path.n;

	while (start > 0 && path.p[start - 1] != '/')
		start--;
	return hy_str_sub(path, start, path.n);
}

/* Names of files that stand for their folder, and of other forms of the same article. */
static bool is_one_of(struct hy_str name, const char *const *names)
{
	for (; *names; names++)
		if (hy_str_eq_nocase(name, hy_str_of(*names)))
			return true;
	return false;
}

static const char *const index_names[] = {"index", "default", "home", "main", "amp", "m", "wap",
					  "mobile", "print", NULL};

static struct hy_str cut_last_part(struct hy_str path)
{
	return hy_str_sub(path, 0, path.n - last_part(path).n);
}

static void take_apart(struct address *a)
{
	struct hy_str path = a->url.path, rest = a->url.query, parameter;

	if (is_one_of(without_suffix(last_part(path)), index_names))
		path = cut_last_part(path);
	while (path.n && path.p[path.n - 1] == '/') {
		path.n--;
		if (is_one_of(last_part(path), index_names))
			path = cut_last_part(path);
	}
	a->place = path;
	a->stem = without_suffix(last_part(path));
	add_tokens(&a->path, last_part(path), NUMBER_MIN);
	/* "/news/123456/detail.html": the number is the folder's. */
	if (!a->path.count)
		add_tokens(&a->path, path, NUMBER_MIN);
	while (hy_str_next(&rest, '&', &parameter))
		add_tokens(&a->query,
			   hy_str_sub(parameter, hy_str_find(parameter, HY_STR_LIT("="), 0),
				      parameter.n), 1);
}

/* ---- questions ---- */

static bool is_same_site(const struct address *page, const struct address *claim)
{
	bool usual = (page->url.port == 80 || page->url.port == 443) &&
		     (claim->url.port == 80 || claim->url.port == 443);

	return (usual || page->url.port == claim->url.port) &&
	       hy_str_eq(hy_url_site(page->url.host), hy_url_site(claim->url.host));
}

static bool is_home(const struct address *a)
{
	return !a->place.n && !a->query.count;
}

/* A folder or page above the page, whatever it is called. */
static bool is_above(const struct address *page, const struct address *claim)
{
	struct hy_str low = page->place, high = claim->place;

	return high.n < low.n && hy_str_starts(low, high) && low.p[high.n] == '/';
}

static bool is_list_name(struct hy_str stem)
{
	static const char *const names[] = {"list", "node", "channel", "column", "category",
					    "search", "more", "roll", "tag", "tags", NULL};
	size_t n = 0;

	while (n < stem.n && is_alnum(stem.p[n]) && !is_digit(stem.p[n]))
		n++;
	return is_one_of(hy_str_sub(stem, 0, n), names);
}

/* Parameters that choose the article where the path is a program's. */
static bool is_id_name(struct hy_str name)
{
	static const char *const names[] = {
		"id", "aid", "nid", "tid", "pid", "p", "newsid", "news_id", "articleid",
		"article_id", "docid", "doc_id", "infoid", "info_id", "contentid", "content_id",
		"itemid", "item_id", "guid", "uuid", "key", "mid", "threadid", "sn", NULL};

	return is_one_of(name, names);
}

static bool has_parameter_value(struct hy_str query, struct hy_str value)
{
	struct hy_str parameter;

	while (hy_str_next(&query, '&', &parameter)) {
		size_t equals = hy_str_find(parameter, HY_STR_LIT("="), 0);

		if (equals != SIZE_MAX &&
		    hy_str_eq(hy_str_sub(parameter, equals + 1, parameter.n), value))
			return true;
	}
	return false;
}

/* Each id of one's query stands somewhere in the other's address. */
static bool keeps_ids(const struct address *page, const struct address *claim)
{
	struct hy_str rest = page->url.query, parameter;

	while (hy_str_next(&rest, '&', &parameter)) {
		size_t equals = hy_str_find(parameter, HY_STR_LIT("="), 0);
		struct hy_str value = equals == SIZE_MAX
					      ? (struct hy_str){0}
					      : hy_str_sub(parameter, equals + 1, parameter.n);

		if (!value.n || !is_id_name(hy_str_sub(parameter, 0, equals)))
			continue;
		if (!holds(&claim->path, value) &&
		    !has_parameter_value(claim->url.query, value))
			return false;
	}
	return true;
}

static bool is_slug(struct hy_str stem)
{
	return stem.n >= SLUG_MIN_BYTES && (hy_str_find(stem, HY_STR_LIT("-"), 0) != SIZE_MAX ||
					    hy_str_find(stem, HY_STR_LIT("%"), 0) != SIZE_MAX);
}

static bool is_same_article(const struct address *page, const struct address *claim)
{
	const struct tokens *of_page = page->path.count ? &page->path : &page->query;
	const struct tokens *of_claim = claim->path.count ? &claim->path : &claim->query;

	/* "/?p=123" of a blog program names its article by words: nothing to compare by. */
	if (!page->path.count && !claim->path.count && !claim->query.count && page->query.count)
		return is_slug(claim->stem);
	if (!keeps_ids(page, claim) || !keeps_ids(claim, page))
		return false;
	if (!of_page->count && !of_claim->count)
		return page->stem.n && hy_str_eq_nocase(page->stem, claim->stem);
	if (!of_page->count || !of_claim->count)
		return false;
	return holds(of_claim, strongest(of_page)) && holds(of_page, strongest(of_claim));
}

/* ---- WeChat ---- */

static bool is_wechat(const struct address *a)
{
	return hy_str_eq_c(a->url.host, "mp.weixin.qq.com") &&
	       (hy_str_eq_c(a->url.path, "/s") || hy_str_starts(a->url.path, HY_STR_LIT("/s/")));
}

static bool is_numbered_wechat(const struct address *a)
{
	return hy_str_starts(a->url.query, HY_STR_LIT("__biz="));
}

/*
 * The canonical form of a numbered address is its biz, mid, idx and sn. Short and temporary
 * addresses say nothing of it: there the page is believed.
 */
static enum hy_canonical judge_wechat(const struct address *page, const struct address *claim)
{
	if (!is_wechat(claim))
		return HY_CANONICAL_SECTION;
	if (!is_numbered_wechat(claim) || is_numbered_wechat(page))
		return HY_CANONICAL_OTHER_ARTICLE;
	return HY_CANONICAL_TAKEN;
}

static enum hy_canonical judge(const struct address *page, const struct address *claim)
{
	if (!is_same_site(page, claim))
		return HY_CANONICAL_OTHER_SITE;
	if (is_home(claim))
		return HY_CANONICAL_HOME;
	if (is_wechat(page))
		return judge_wechat(page, claim);
	if (is_above(page, claim) || is_list_name(claim->stem))
		return HY_CANONICAL_SECTION;
	return is_same_article(page, claim) ? HY_CANONICAL_TAKEN : HY_CANONICAL_OTHER_ARTICLE;
}

enum hy_err hy_canonical_choose(struct hy_str url, struct hy_str claimed, struct hy_buf *out,
				enum hy_canonical *out_why)
{
	hy_cleanup(hy_buf_fini) struct hy_buf own = HY_BUF(HY_URL_MAX_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf other = HY_BUF(HY_URL_MAX_BYTES);
	struct address page = {0}, claim = {0};
	enum hy_canonical why = HY_CANONICAL_OWN;
	enum hy_err err = hy_url_canonical(url, &own);

	if (err != HY_OK)
		return err;
	if (claimed.n && hy_url_canonical(claimed, &other) != HY_OK) {
		why = HY_CANONICAL_UNUSABLE;
	} else if (claimed.n && !hy_str_eq(hy_buf_str(&own), hy_buf_str(&other)) &&
		   hy_url_split(hy_buf_str(&own), &page.url) &&
		   hy_url_split(hy_buf_str(&other), &claim.url)) {
		take_apart(&page);
		take_apart(&claim);
		why = judge(&page, &claim);
	}
	hy_buf_add_str(out, hy_buf_str(why == HY_CANONICAL_TAKEN ? &other : &own));
	err = hy_buf_err(out);
	if (err == HY_OK)
		*out_why = why;
	return err;
}
