#include "crawler/extract_hint.h"

#include <limits.h>
#include <string.h>

#include "common/base/mem.h"

/* Where a word must stand in a name: anywhere, or as a word of its own. */
enum place { ANYWHERE, WORD };

/* Whatever its length, such a part is no article. */
#define OTHERS (HY_HINT_OTHERS | HY_HINT_ASIDE)

/* Sorted by their two first letters. */
static const struct {
	struct hy_str word;	/* lower case */
	enum place place;
	unsigned hints;
} words[] = {
#define X(text, place, hints) {{text, sizeof(text) - 1}, place, hints},
	X("abstract", WORD, HY_HINT_LEAD)
	X("ad", WORD, HY_HINT_ASIDE)
	X("ads", WORD, HY_HINT_ASIDE)
	X("advert", ANYWHERE, HY_HINT_ASIDE)
	X("article", ANYWHERE, HY_HINT_BODY)
	X("aside", WORD, HY_HINT_ASIDE)
	X("author", ANYWHERE, HY_HINT_BYLINE)
	X("banner", ANYWHERE, HY_HINT_ASIDE)
	X("bdshare", ANYWHERE, HY_HINT_ASIDE)
	X("bio", WORD, HY_HINT_ASIDE)
	X("body", ANYWHERE, HY_HINT_BODY)
	X("breadcrumb", ANYWHERE, HY_HINT_ASIDE)
	X("byline", ANYWHERE, HY_HINT_BYLINE)
	X("caption", ANYWHERE, HY_HINT_CAPTION)
	X("carousel", ANYWHERE, HY_HINT_ASIDE)
	X("chapo", ANYWHERE, HY_HINT_LEAD)
	X("comment", ANYWHERE, HY_HINT_ASIDE)
	X("consent", ANYWHERE, OTHERS)
	X("content", ANYWHERE, HY_HINT_BODY)
	X("cookie", ANYWHERE, OTHERS)
	X("copyright", ANYWHERE, HY_HINT_ASIDE)
	X("crumb", ANYWHERE, HY_HINT_ASIDE)
	X("cta", WORD, HY_HINT_ASIDE)
	X("date", ANYWHERE, HY_HINT_TIME | HY_HINT_BYLINE)
	X("detail", ANYWHERE, HY_HINT_BODY)
	X("dianzan", ANYWHERE, HY_HINT_ASIDE)
	X("disclaimer", ANYWHERE, HY_HINT_ASIDE)
	X("disqus", ANYWHERE, HY_HINT_ASIDE)
	X("download", ANYWHERE, HY_HINT_ASIDE)
	X("editor", WORD, HY_HINT_BYLINE)
	X("entry", ANYWHERE, HY_HINT_BODY)
	X("erweima", ANYWHERE, HY_HINT_ASIDE)
	X("ewm", WORD, HY_HINT_ASIDE)
	X("foot", WORD, HY_HINT_ASIDE)
	X("footer", ANYWHERE, HY_HINT_ASIDE)
	X("footnote", ANYWHERE, HY_HINT_ASIDE)
	X("gallery", ANYWHERE, HY_HINT_ASIDE)
	X("gdpr", ANYWHERE, OTHERS)
	X("guess", ANYWHERE, OTHERS)
	X("headline", ANYWHERE, HY_HINT_TITLE)
	X("hot", WORD, HY_HINT_ASIDE)
	X("infinite", WORD, OTHERS)
	X("intro", WORD, HY_HINT_LEAD)
	X("jiathis", ANYWHERE, HY_HINT_ASIDE)
	X("laiyuan", ANYWHERE, HY_HINT_SOURCE | HY_HINT_BYLINE)
	X("lead", WORD, HY_HINT_LEAD)
	X("login", ANYWHERE, HY_HINT_ASIDE)
	X("main", ANYWHERE, HY_HINT_BODY)
	X("media-info", ANYWHERE, HY_HINT_BYLINE)
	X("menu", ANYWHERE, HY_HINT_ASIDE)
	X("meta", WORD, HY_HINT_BYLINE)
	X("more", WORD, HY_HINT_ASIDE)
	X("nav", WORD, HY_HINT_ASIDE)
	X("navbar", ANYWHERE, HY_HINT_ASIDE)
	X("navigation", ANYWHERE, HY_HINT_ASIDE)
	X("newsletter", ANYWHERE, HY_HINT_ASIDE)
	X("onetrust", ANYWHERE, OTHERS)
	X("outbrain", ANYWHERE, OTHERS)
	X("pager", ANYWHERE, HY_HINT_ASIDE)
	X("pagination", ANYWHERE, HY_HINT_ASIDE)
	X("paging", ANYWHERE, HY_HINT_ASIDE)
	X("perex", ANYWHERE, HY_HINT_LEAD)
	X("pinglun", ANYWHERE, HY_HINT_ASIDE)
	X("popular", ANYWHERE, HY_HINT_ASIDE)
	X("popup", ANYWHERE, HY_HINT_ASIDE)
	X("post", ANYWHERE, HY_HINT_BODY)
	X("postinfo", ANYWHERE, HY_HINT_BYLINE)
	X("print", WORD, HY_HINT_ASIDE)
	X("promo", ANYWHERE, HY_HINT_ASIDE)
	X("pubdate", ANYWHERE, HY_HINT_TIME | HY_HINT_BYLINE)
	X("publish", ANYWHERE, HY_HINT_TIME)
	X("pubtime", ANYWHERE, HY_HINT_TIME | HY_HINT_BYLINE)
	X("qrcode", ANYWHERE, HY_HINT_ASIDE)
	X("query", WORD, OTHERS)
	X("rank", WORD, HY_HINT_ASIDE)
	X("recommend", ANYWHERE, OTHERS)
	X("relate", ANYWHERE, OTHERS)
	X("replies", ANYWHERE, HY_HINT_ASIDE)
	X("reply", WORD, HY_HINT_ASIDE)
	X("rss", WORD, HY_HINT_ASIDE)
	X("share", ANYWHERE, HY_HINT_ASIDE)
	X("shoutbox", ANYWHERE, HY_HINT_ASIDE)
	X("sidebar", ANYWHERE, HY_HINT_ASIDE)
	X("signup", ANYWHERE, HY_HINT_ASIDE)
	X("slider", ANYWHERE, HY_HINT_ASIDE)
	X("social", ANYWHERE, HY_HINT_ASIDE)
	X("source", ANYWHERE, HY_HINT_SOURCE | HY_HINT_BYLINE)
	X("sponsor", ANYWHERE, HY_HINT_ASIDE)
	X("statement", ANYWHERE, HY_HINT_ASIDE)
	X("story", ANYWHERE, HY_HINT_BODY)
	X("subscribe", ANYWHERE, HY_HINT_ASIDE)
	X("swiper", ANYWHERE, HY_HINT_ASIDE)
	X("taboola", ANYWHERE, OTHERS)
	X("tags", WORD, HY_HINT_ASIDE)
	X("teaser", ANYWHERE, HY_HINT_ASIDE)
	X("text", ANYWHERE, HY_HINT_BODY)
	X("time", ANYWHERE, HY_HINT_TIME | HY_HINT_BYLINE)
	X("title", ANYWHERE, HY_HINT_TITLE)
	X("toolbar", ANYWHERE, HY_HINT_ASIDE)
	X("trending", ANYWHERE, HY_HINT_ASIDE)
	X("tuijian", ANYWHERE, OTHERS)
	X("unfold", ANYWHERE, HY_HINT_ASIDE)
	X("videoplay", ANYWHERE, HY_HINT_ASIDE)
	X("video-player", ANYWHERE, HY_HINT_ASIDE)
	X("vjs", WORD, HY_HINT_ASIDE)
	X("vorspann", ANYWHERE, HY_HINT_LEAD)
	X("vote", ANYWHERE, HY_HINT_ASIDE)
	X("widget", ANYWHERE, HY_HINT_ASIDE)
	X("xiangguan", ANYWHERE, OTHERS)
	X("zhengwen", ANYWHERE, HY_HINT_BODY)
	X("zoom", WORD, HY_HINT_BODY)
#undef X
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "postTime" holds the words post and time. */
static bool is_boundary(struct hy_str s, size_t at)
{
	if (at == 0 || at >= s.n)
		return true;
	if (!is_letter(s.p[at - 1]) || !is_letter(s.p[at]))
		return true;
	return s.p[at - 1] >= 'a' && s.p[at] <= 'Z';
}

static bool stands_at(struct hy_str names, size_t at, size_t word)
{
	struct hy_str wanted = words[word].word;

	if (wanted.n > names.n - at)
		return false;
	for (size_t i = 1; i < wanted.n; i++)
		if ((names.p[at + i] | 0x20) != wanted.p[i] && names.p[at + i] != wanted.p[i])
			return false;
	return words[word].place == ANYWHERE ||
	       (is_boundary(names, at) && is_boundary(names, at + wanted.n));
}

/* Letters by their last five bits; what else has the same bits is told apart by stands_at. */
static unsigned char *place_of(struct hy_hint_index *index, const char *p)
{
	return &index->first[p[0] & 31][p[1] & 31];
}

void hy_hint_index_init(struct hy_hint_index *index)
{
	memset(index->memo, 0, sizeof index->memo);
	memset(index->first, 0xFF, sizeof index->first);
	for (size_t i = HY_COUNT(words); i-- > 0;)
		*place_of(index, words[i].word.p) = (unsigned char)i;
}

/* "article-related" and "content__recommend" are parts of an article's page, not of its text. */
static unsigned settle(unsigned hints)
{
	return hints & HY_HINT_OTHERS ? hints & ~(unsigned)HY_HINT_BODY : hints;
}

unsigned hy_hint_of_names(const struct hy_hint_index *index, struct hy_str names)
{
	unsigned all = 0, hints = 0;

	for (size_t at = 0; at < names.n; at++) {
		const char *p = names.p + at;
		size_t i;

		if (*p == ' ') {
			all |= settle(hints);
			hints = 0;
		}
		i = at + 1 < names.n ? index->first[p[0] & 31][p[1] & 31] : UCHAR_MAX;
		for (; i < HY_COUNT(words) && words[i].word.p[0] == (p[0] | 0x20) &&
		       ((words[i].word.p[1] ^ p[1]) & 31) == 0; i++)
			if (stands_at(names, at, i))
				hints |= words[i].hints;
	}
	return all | settle(hints);
}

/*
 * Only what takes no room counts: "visibility:hidden" often hides a text until a script has
 * run, which every reader's browser does.
 */
static bool style_hides(struct hy_str style)
{
	size_t at = hy_str_find_nocase(style, HY_STR_LIT("display"), 0);

	if (at == SIZE_MAX)
		return false;
	for (at += 7; at < style.n; at++)
		if (style.p[at] != ' ' && style.p[at] != ':')
			break;
	return hy_str_starts_nocase(hy_str_sub(style, at, style.n), HY_STR_LIT("none"));
}

static unsigned of_element(enum hy_tag tag)
{
	static const unsigned char hints[HY_TAG_COUNT] = {
		[HY_TAG_ARTICLE] = HY_HINT_BODY,   [HY_TAG_ASIDE] = HY_HINT_ASIDE,
		[HY_TAG_FIGCAPTION] = HY_HINT_CAPTION, [HY_TAG_FOOTER] = HY_HINT_ASIDE,
		[HY_TAG_MAIN] = HY_HINT_BODY,      [HY_TAG_NAV] = HY_HINT_ASIDE,
		[HY_TAG_TIME] = HY_HINT_TIME,
	};

	return hints[tag];
}

static unsigned of_role(struct hy_str role)
{
	static const char *const asides[] = {
		"menu", "menubar", "complementary", "navigation", "alert", "alertdialog",
		"dialog", "contentinfo", "search", "banner", "tooltip",
	};

	for (size_t i = 0; role.n && i < HY_COUNT(asides); i++)
		if (hy_str_eq_c(role, asides[i]))
			return HY_HINT_ASIDE;
	return 0;
}

static unsigned remembered(struct hy_hint_index *index, struct hy_str names)
{
	size_t slot;

	if (names.n < 2)
		return hy_hint_of_names(index, names);
	slot = (names.n * 31 + (unsigned char)names.p[names.n - 1] * 7 +
		(unsigned char)names.p[names.n / 2]) % HY_HINT_MEMO;
	if (!hy_str_eq(index->memo[slot].names, names)) {
		index->memo[slot].hints = hy_hint_of_names(index, names);
		index->memo[slot].names = names;
	}
	return index->memo[slot].hints;
}

unsigned hy_hint_of(struct hy_hint_index *index, const struct hy_page *page, size_t node)
{
	const struct hy_node *n = &page->nodes[node];
	unsigned hints = of_element((enum hy_tag)n->tag);

	for (size_t i = 0; i < n->attribute_count; i++) {
		const struct hy_page_attribute *a = &page->source.attributes[n->attribute_first + i];

		if (a->name == HY_ATTRIBUTE_CLASS || a->name == HY_ATTRIBUTE_ID)
			hints |= remembered(index, a->value);
		else if (a->name == HY_ATTRIBUTE_STYLE && style_hides(a->value))
			hints |= HY_HINT_HIDDEN;
		else if (a->name == HY_ATTRIBUTE_HIDDEN)
			hints |= HY_HINT_HIDDEN;
		else if (a->name == HY_ATTRIBUTE_ARIA_HIDDEN && hy_str_eq_c(a->value, "true"))
			hints |= HY_HINT_HIDDEN;
		else if (a->name == HY_ATTRIBUTE_ROLE)
			hints |= of_role(a->value);
		else if (a->name == HY_ATTRIBUTE_ITEMPROP && hy_str_eq_c(a->value, "articleBody"))
			hints |= HY_HINT_BODY;
	}
	return hints;
}
