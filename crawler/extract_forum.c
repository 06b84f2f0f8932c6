#include "crawler/extract_forum.h"

#include "common/base/mem.h"
#include "crawler/extract_title.h"
#include "crawler/thread_name.h"

/* Points: as many are enough. */
#define ENOUGH 2
/* One such name stands in many a blog, several make a thread. */
#define SURE_NAMES 2

static bool any_in(struct hy_str text, const char *const *words, size_t count)
{
	for (size_t i = 0; text.n > 0 && i < count; i++)
		if (hy_str_find_nocase(text, hy_str_of(words[i]), 0) != SIZE_MAX)
			return true;
	return false;
}

static int points_of_url(struct hy_str url)
{
	static const char *const parts[] = {
		"://bbs.",     "://forum",    "://tieba.",   "://club.",     "://ask.",
		"://wenda.",   "://zhidao.",  "://answers.", "://discuss",   "://community.",
		"://talk.",    "://boards.",  "://liuyan.",  "://wenzheng.", "://wz.",
		".bbs.",       "/bbs/",	      "/forum",	     "viewthread",   "viewtopic",
		"showthread",  "showtopic",   "/thread",     "/question",    "/discuss",
		"/liuyan",     "/wenzheng",   "/wzxx",	     "/lyb",	     "/ldxx",
		"/zxts",       "/mailbox",    "/guestbook",  "/t/",	     "/topic/",
		"/messageboard", "/read.php?", "/group/topic", "/dwqa/",
	};

	return any_in(url, parts, HY_COUNT(parts)) ? 2 : 0;
}

static int points_of_meta(const struct hy_page *page)
{
	static const char *const generators[] = {
		"Discuz", "phpwind", "phpBB", "vBulletin", "XenForo", "MyBB", "SMF", "Flarum",
		"Discourse", "NodeBB", "Vanilla", "Invision", "Simple Machines", "UBB", "wpForo",
		"Kunena", "Talkyard", "DzzOffice", "Asgaros",
	};

	return any_in(hy_meta_find(page, "generator"), generators, HY_COUNT(generators)) ? 2 : 0;
}

static int points_of_type(struct hy_str type)
{
	static const char *const threads[] = {"/Question", "/Answer", "/QAPage",
					      "/DiscussionForumPosting"};
	static const char *const articles[] = {"/NewsArticle", "/ReportageNewsArticle"};

	if (any_in(type, threads, HY_COUNT(threads)))
		return 2;
	return any_in(type, articles, HY_COUNT(articles)) ? -2 : 0;
}

static int points_of_types(const struct hy_page *page)
{
	int least = 0, most = 0;

	for (size_t i = 0; i < page->source.attribute_count; i++) {
		int points;

		if (page->source.attributes[i].name != HY_ATTRIBUTE_ITEMTYPE)
			continue;
		points = points_of_type(page->source.attributes[i].value);
		least = points < least ? points : least;
		most = points > most ? points : most;
	}
	return least + most;
}

/* <html> and <body> of forum software say which kind of page this is. */
static int points_of_roots(const struct hy_page *page)
{
	static const char *const words[] = {"viewthread", "viewtopic", "showthread", "thread_view",
					    "topic-page", "question-page", "single-topic", "forum",
					    "bbs"};

	for (size_t i = 0; i < page->count; i++) {
		enum hy_tag tag = (enum hy_tag)page->nodes[i].tag;

		if (tag != HY_TAG_HTML && tag != HY_TAG_BODY)
			continue;
		if (any_in(hy_page_attribute(page, i, HY_ATTRIBUTE_CLASS), words, HY_COUNT(words)) ||
		    any_in(hy_page_attribute(page, i, HY_ATTRIBUTE_ID), words, HY_COUNT(words)))
			return 1;
		if (tag == HY_TAG_BODY)
			break;
	}
	return 0;
}

bool hy_forum_is(const struct hy_page *page, struct hy_str url)
{
	int points = points_of_url(url) + points_of_types(page);

	if (points < ENOUGH)
		points += points_of_meta(page);
	if (points < ENOUGH)
		points += points_of_roots(page);
	if (points < ENOUGH && hy_thread_names_sure(page, SURE_NAMES) == SURE_NAMES)
		points += ENOUGH;
	return points >= ENOUGH;
}
