#include "crawler/robots.h"

#include <string.h>

#include "common/base/buf.h"
#include "crawler/percent.h"

/*
 * Google's parser cuts lines there (robots.cc: 8 times the longest URL of old browsers), so
 * that a pattern cannot be made longer; we agree with it.
 */
#define LINE_MAX_BYTES ((size_t)2083 * 8 - 1)
#define DELAY_MAX_S INT64_C(86400)

enum directive { NONE, AGENT, ALLOW, DISALLOW, SITEMAP, DELAY };

/* One line that says something. Values stand in robots.values. */
struct record {
	enum directive directive;
	int line;
	size_t from, n;
};

struct hy_robots {
	char *text;
	size_t text_n;
	struct hy_buf values;
	struct record *records;
	size_t count, cap;
};

struct key_name {
	const char *prefix;
	enum directive directive;
};

/* Keys by their beginning, in any case, with the slips that Google's parser accepts. */
static const struct key_name key_names[] = {
	{"user-agent", AGENT}, {"useragent", AGENT}, {"user agent", AGENT},
	{"allow", ALLOW},
	{"disallow", DISALLOW}, {"dissallow", DISALLOW}, {"dissalow", DISALLOW},
	{"disalow", DISALLOW}, {"diasllow", DISALLOW}, {"disallaw", DISALLOW},
	{"sitemap", SITEMAP}, {"site-map", SITEMAP},
	{"crawl-delay", DELAY}, {"crawldelay", DELAY}, {"crawl delay", DELAY},
};

static enum directive directive_of(struct hy_str key)
{
	for (size_t i = 0; i < HY_COUNT(key_names); i++)
		if (hy_str_starts_nocase(key, hy_str_of(key_names[i].prefix)))
			return key_names[i].directive;
	return NONE;
}

static size_t find_blank(struct hy_str s, size_t from)
{
	while (from < s.n && s.p[from] != ' ' && s.p[from] != '\t')
		from++;
	return from;
}

/* Cuts "key: value # comment". A blank stands for the colon where there are just two words. */
static bool split_line(struct hy_str line, struct hy_str *out_key, struct hy_str *out_value)
{
	size_t at;

	line = hy_str_sub(line, 0, hy_str_find(line, HY_STR_LIT("#"), 0));
	line = hy_str_trim(line);
	at = hy_str_find(line, HY_STR_LIT(":"), 0);
	if (at == SIZE_MAX) {
		at = find_blank(line, 0);
		*out_value = hy_str_trim(hy_str_sub(line, at, line.n));
		if (out_value->n == 0 || find_blank(*out_value, 0) < out_value->n)
			return false;
	} else {
		*out_value = hy_str_trim(hy_str_sub(line, at + 1, line.n));
	}
	*out_key = hy_str_trim(hy_str_sub(line, 0, at));
	return out_key->n > 0;
}

/* A pattern in the form that URLs have: non-ASCII percent-encoded, hex digits upper-case. */
static void add_pattern(struct hy_buf *out, struct hy_str value)
{
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];
		int byte = hy_percent_at(value, i);

		if (byte >= 0) {
			hy_buf_addf(out, "%%%02X", (unsigned)byte);
			i += 2;
		} else if (c >= 0x80) {
			hy_buf_addf(out, "%%%02X", (unsigned)c);
		} else {
			hy_buf_add_char(out, (char)c);
		}
	}
}

static void add_record(struct hy_robots *r, struct hy_str line, int line_number)
{
	struct hy_str key, value;
	struct record record = {.line = line_number, .from = r->values.n};

	line = hy_str_sub(line, 0, LINE_MAX_BYTES);
	if (line.n && memchr(line.p, '\0', line.n))
		line.n = strlen(line.p);
	if (!split_line(line, &key, &value))
		return;
	record.directive = directive_of(key);
	if (record.directive == NONE)
		return;
	if (record.directive == ALLOW || record.directive == DISALLOW)
		add_pattern(&r->values, value);
	else
		hy_buf_add_str(&r->values, value);
	record.n = r->values.n - record.from;
	r->records = hy_grow(r->records, &r->cap, r->count + 1, sizeof *r->records);
	r->records[r->count++] = record;
}

/* Cuts the next line off; CR, LF and CRLF end one. False behind the last. */
static bool next_line(struct hy_str *rest, struct hy_str *out_line)
{
	size_t n = 0;

	if (!rest->p)
		return false;
	while (n < rest->n && rest->p[n] != '\n' && rest->p[n] != '\r')
		n++;
	*out_line = hy_str_sub(*rest, 0, n);
	if (n == rest->n) {
		*rest = (struct hy_str){0};
		return true;
	}
	if (rest->p[n] == '\r' && n + 1 < rest->n && rest->p[n + 1] == '\n')
		n++;
	*rest = hy_str_sub(*rest, n + 1, rest->n);
	return true;
}

/* Also half a byte order mark is skipped: seen where tools wrote it twice wrong. */
static struct hy_str without_mark(struct hy_str text)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t n = 0;

	while (n < 3 && n < text.n && text.p[n] == mark[n])
		n++;
	return hy_str_sub(text, n, text.n);
}

struct hy_robots *hy_robots_parse(struct hy_str text)
{
	struct hy_robots *r = hy_xcalloc(1, sizeof *r);
	struct hy_str rest, line;

	text = without_mark(hy_str_sub(text, 0, HY_ROBOTS_MAX_BYTES));
	r->text = hy_xstrndup(text.p ? text.p : "", text.n);
	r->text_n = text.n;
	/* Encoding makes three bytes of one, so this never fails. */
	hy_buf_init(&r->values, 3 * HY_ROBOTS_MAX_BYTES);
	rest = (struct hy_str){r->text, r->text_n};
	for (int number = 1; next_line(&rest, &line); number++)
		add_record(r, line, number);
	hy_assert(hy_buf_err(&r->values) == HY_OK);
	return r;
}

void hy_robots_free(struct hy_robots *r)
{
	if (!r)
		return;
	hy_buf_fini(&r->values);
	free(r->records);
	free(r->text);
	free(r);
}

static struct hy_str value_of(const struct hy_robots *r, const struct record *record)
{
	return hy_str_sub(hy_buf_str(&r->values), record->from, record->n);
}

/*
 * Does the pattern match a beginning of the path, or, where anchored, all of it? `*` is any
 * run of characters. Each piece between stars is looked for once, leftmost: later pieces
 * only gain by that, and a hostile pattern costs no more than its length.
 */
static bool matches(struct hy_str path, struct hy_str pattern, bool is_anchored)
{
	struct hy_str piece;
	size_t at = 0;
	bool is_first = true;

	while (hy_str_next(&pattern, '*', &piece)) {
		bool is_last = !pattern.p;

		if (is_last && is_anchored)
			return hy_str_ends(hy_str_sub(path, at, path.n), piece) &&
			       (!is_first || piece.n == path.n);
		if (!is_first)
			at = hy_str_find(path, piece, at);
		else if (!hy_str_starts(path, piece))
			return false;
		if (at == SIZE_MAX)
			return false;
		at += piece.n;
		is_first = false;
	}
	return true;
}

/* The part of ".../index.html" up to the slash, or empty for another pattern. */
static struct hy_str index_folder(struct hy_str pattern)
{
	size_t n = pattern.n;

	while (n > 0 && pattern.p[n - 1] != '/')
		n--;
	if (n == 0 || !hy_str_starts(hy_str_sub(pattern, n, pattern.n), HY_STR_LIT("index.htm")))
		n = 0;
	return hy_str_sub(pattern, 0, n);
}

/* How strongly a rule speaks about a path: the length of its pattern, 0 where it does not. */
static size_t strength(const struct hy_robots *r, const struct record *rule, struct hy_str path)
{
	struct hy_str pattern = value_of(r, rule), folder = index_folder(pattern);
	bool is_anchored = hy_str_ends(pattern, HY_STR_LIT("$"));

	if (matches(path, hy_str_sub(pattern, 0, pattern.n - is_anchored), is_anchored))
		return pattern.n;
	/* Allowing the index page allows the folder itself, read as "folder/$". */
	if (rule->directive == ALLOW && folder.n && matches(path, folder, true))
		return folder.n + 1;
	return 0;
}

/* The product token a name begins with (RFC 9309, 2.2.1). */
static struct hy_str token_of(struct hy_str name)
{
	size_t n = 0;

	while (n < name.n && ((name.p[n] >= 'a' && name.p[n] <= 'z') ||
			      (name.p[n] >= 'A' && name.p[n] <= 'Z') || name.p[n] == '-' ||
			      name.p[n] == '_'))
		n++;
	return hy_str_sub(name, 0, n);
}

/*
 * The token we go by: of "HuiyingBot/1.0" the part before the slash. What is no product
 * token at all stays whole and so equals no group's, as in Google's matcher.
 */
static struct hy_str agent_token(struct hy_str agent)
{
	struct hy_str token = token_of(agent), rest = hy_str_sub(agent, token.n, agent.n);
	bool is_product = hy_str_starts(rest, HY_STR_LIT("/")) &&
			  hy_str_find(rest, HY_STR_LIT(" "), 0) == SIZE_MAX;

	return is_product ? token : agent;
}

static bool is_everyone(struct hy_str name)
{
	return name.n && name.p[0] == '*' &&
	       (name.n == 1 || name.p[1] == ' ' || (name.p[1] >= '\t' && name.p[1] <= '\r'));
}

static bool is_agent(struct hy_str name, struct hy_str agent)
{
	return agent.n && !is_everyone(name) && hy_str_eq_nocase(token_of(name), agent);
}

/* Walking the records: whom do the present ones concern? */
struct group {
	bool has_rule, is_ours, is_everyones;
};

static void enter_agent(struct group *g, struct hy_str name, struct hy_str agent)
{
	if (g->has_rule)
		*g = (struct group){0};
	g->is_everyones = g->is_everyones || is_everyone(name);
	g->is_ours = g->is_ours || is_agent(name, agent);
}

/* Does any group name the agent itself? Then those of everyone say nothing to it. */
static bool has_own_group(const struct hy_robots *r, struct hy_str agent)
{
	for (size_t i = 0; i < r->count; i++) {
		struct hy_str name = value_of(r, &r->records[i]);

		if (r->records[i].directive == AGENT && is_agent(name, agent))
			return true;
	}
	return false;
}

/*
 * The next record behind *pos of the groups that concern the agent, or NULL; agent names
 * are consumed. Start with zeroes.
 */
static const struct record *next_record(const struct hy_robots *r, struct hy_str agent, bool own,
					struct group *g, size_t *pos)
{
	while (*pos < r->count) {
		const struct record *record = &r->records[(*pos)++];

		if (record->directive == AGENT) {
			enter_agent(g, value_of(r, record), agent);
			continue;
		}
		if (record->directive == ALLOW || record->directive == DISALLOW)
			g->has_rule = g->has_rule || g->is_ours || g->is_everyones;
		if (own ? g->is_ours : g->is_everyones)
			return record;
	}
	return NULL;
}

static size_t find_path(struct hy_str url, size_t from)
{
	while (from < url.n && url.p[from] != '/' && url.p[from] != '?' && url.p[from] != ';')
		from++;
	return from;
}

/* Path and query of a URL as Google's matcher takes them; may lack the first slash. */
static struct hy_str path_of(struct hy_str url)
{
	size_t from, scheme;

	url = hy_str_sub(url, 0, hy_str_find(url, HY_STR_LIT("#"), 0));
	from = hy_str_starts(url, HY_STR_LIT("//")) ? 2 : 0;
	scheme = hy_str_find(url, HY_STR_LIT("://"), from);
	if (scheme < find_path(url, from))
		from = scheme + 3;
	return hy_str_sub(url, find_path(url, from), url.n);
}

bool hy_robots_allowed(const struct hy_robots *r, struct hy_str agent, struct hy_str url,
		       int *out_line)
{
	hy_cleanup(hy_buf_fini) struct hy_buf rooted = {0};
	struct hy_str path = path_of(url), token = agent_token(agent);
	bool own = has_own_group(r, token), allowed = true;
	const struct record *record;
	struct group g = {0};
	size_t best = 0, pos = 0;
	int line = 0;

	hy_buf_init(&rooted, path.n + 1);
	if (path.n == 0 || path.p[0] != '/') {
		hy_buf_add_char(&rooted, '/');
		hy_buf_add_str(&rooted, path);
		path = hy_buf_str(&rooted);
	}
	while ((record = next_record(r, token, own, &g, &pos))) {
		size_t now;

		if (record->directive != ALLOW && record->directive != DISALLOW)
			continue;
		now = strength(r, record, path);
		if (now < best || now == 0 || (now == best && (allowed || record->directive != ALLOW)))
			continue;
		best = now;
		allowed = record->directive == ALLOW;
		line = record->line;
	}
	if (out_line)
		*out_line = line;
	return allowed;
}

struct hy_str hy_robots_line(const struct hy_robots *r, int line)
{
	struct hy_str rest = {r->text, r->text_n}, text;

	for (int number = 1; next_line(&rest, &text); number++)
		if (number == line)
			return hy_str_trim(
				hy_str_sub(text, 0, hy_str_find(text, HY_STR_LIT("#"), 0)));
	return (struct hy_str){"", 0};
}

/* Seconds such as "10" or "0.5"; -1 for anything else. */
static int64_t parse_delay_ms(struct hy_str value)
{
	size_t dot = hy_str_find(value, HY_STR_LIT("."), 0);
	struct hy_str fraction = hy_str_sub(value, dot == SIZE_MAX ? value.n : dot + 1, 3);
	int64_t seconds, rest = 0;

	if (!hy_str_to_int(hy_str_sub(value, 0, dot), 0, INT64_MAX, &seconds))
		return -1;
	if (fraction.n && !hy_str_to_int(fraction, 0, 999, &rest))
		return -1;
	for (size_t i = fraction.n; i < 3; i++)
		rest *= 10;
	return seconds >= DELAY_MAX_S ? DELAY_MAX_S * 1000 : seconds * 1000 + rest;
}

int64_t hy_robots_crawl_delay_ms(const struct hy_robots *r, struct hy_str agent)
{
	struct hy_str token = agent_token(agent);
	bool own = has_own_group(r, token);
	const struct record *record;
	struct group g = {0};
	int64_t longest = -1;
	size_t pos = 0;

	while ((record = next_record(r, token, own, &g, &pos))) {
		int64_t ms;

		if (record->directive != DELAY)
			continue;
		ms = parse_delay_ms(value_of(r, record));
		longest = ms > longest ? ms : longest;
		/* Unlike for rules, the next agent name begins another group. */
		g.has_rule = true;
	}
	return longest;
}

size_t hy_robots_sitemap_count(const struct hy_robots *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->count; i++)
		n += r->records[i].directive == SITEMAP;
	return n;
}

struct hy_str hy_robots_sitemap(const struct hy_robots *r, size_t at)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->records[i].directive == SITEMAP && at-- == 0)
			return value_of(r, &r->records[i]);
	return (struct hy_str){"", 0};
}

enum hy_robots_verdict hy_robots_verdict_for_status(int status)
{
	if (status >= 200 && status < 300)
		return HY_ROBOTS_PARSE;
	/* A redirect that is still one after five hops counts as no file (2.3.1.2). */
	if (status >= 300 && status < 500 && status != 429)
		return HY_ROBOTS_ALLOW_ALL;
	return HY_ROBOTS_DISALLOW_ALL;
}
