#include "crawler/thread_name.h"

#include <string.h>

#include "common/base/mem.h"

/* Found anywhere in a name. */
static const struct {
	const char *word;
	unsigned names;
} words[] = {
	{"post", HY_THREAD_POST},	{"reply", HY_THREAD_POST},
	{"replies", HY_THREAD_POST},	{"comment", HY_THREAD_POST},
	{"answer", HY_THREAD_POST},	{"question", HY_THREAD_POST},
	{"message", HY_THREAD_POST},	{"thread", HY_THREAD_POST},
	{"topic", HY_THREAD_POST},	{"discussion", HY_THREAD_POST},
	{"floor", HY_THREAD_POST},	{"huifu", HY_THREAD_POST},
	{"liuyan", HY_THREAD_POST},	{"pinglun", HY_THREAD_POST},
	{"review", HY_THREAD_POST},	{"content", HY_THREAD_TEXT},
	{"body", HY_THREAD_TEXT},	{"text", HY_THREAD_TEXT},
	{"prose", HY_THREAD_TEXT},	{"markdown", HY_THREAD_TEXT},
	{"cooked", HY_THREAD_TEXT},
};

/* Words of their own in a name. */
static const char *const around[] = {
	"action", "actions", "ad", "ads", "alert", "announcement", "announcements",
	"approve", "attribution", "author", "authi", "avatar", "avt", "badge",
	"badges", "banner", "bio", "breadcrumb", "btn", "btns", "button", "buttons",
	"byline", "control", "controls", "cookie", "count", "date", "dialog",
	"dismiss", "edit", "edited", "editor", "foot", "footer", "form", "head",
	"header", "hot", "icons", "info", "jammer", "lastedit", "like", "likes",
	"login", "member", "menu", "meta", "modal", "nav", "nickname", "notice",
	"notices", "num", "operation", "operations", "overlay", "pager", "pagination", "permalink", "popup",
	"poster", "profile", "pstatus", "rank", "rate", "rating", "reactions",
	"recommend", "recommended", "register", "related", "report", "rules", "score",
	"search", "share", "sharing", "sidebar", "sig", "sign", "signature", "sigline",
	"similar", "similarthreads", "stats", "status", "subscribe", "tags", "time",
	"timestamp", "tip", "title", "toolbar", "tools", "tooltip", "user", "userinfo",
	"username", "vote", "votes", "voting", "warning", "widget", "zan",
};

/* Whole names, and beginnings that only a number follows; sorted. */
static const struct hy_str sure[] = {
#define X(text) {text, sizeof(text) - 1},
	X("ItemComment") X("ItemDiscussion") X("Post-body") X("PostStream-item")
	X("answer-text") X("answercell") X("atl-content") X("bbWrapper")
	X("bbp-reply-content") X("bbp-topic-content") X("bbs-content") X("best-text")
	X("cPost_contentWrap") X("commtext") X("comtr") X("crawler-post") X("d_post_content")
	X("dwqa-answer-content") X("elComment_") X("ipsComment_content") X("js-post-body")
	X("kmsg") X("lzl_cnt") X("message-userContent") X("messageText") X("pid") X("plhin")
	X("post_inner") X("post_message_") X("postbitlegacy") X("postbody") X("postcell")
	X("postmessage_") X("postmsg") X("reply_content") X("s-prose") X("shreddit-comment")
	X("t_f") X("t_msgfont") X("topic_content") X("tpc_content") X("wpforo-post-content")
#undef X
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* "postTime" holds the words post and time. */
static bool ends_word(struct hy_str s, size_t at)
{
	if (at == 0 || at >= s.n)
		return true;
	return !is_letter(s.p[at - 1]) || !is_letter(s.p[at]) ||
	       (is_lower(s.p[at - 1]) && !is_lower(s.p[at]));
}

static bool is_around(struct hy_str word)
{
	for (size_t i = 0; i < HY_COUNT(around); i++)
		if (hy_str_eq_nocase(word, hy_str_of(around[i])))
			return true;
	return false;
}

static bool has_around(struct hy_str names)
{
	size_t from = 0;

	for (size_t at = 1; at <= names.n; at++) {
		if (!ends_word(names, at))
			continue;
		while (from < at && !is_letter(names.p[from]))
			from++;
		if (is_around(hy_str_sub(names, from, at - from)))
			return true;
		from = at;
	}
	return false;
}

static unsigned names_of_word(struct hy_str name)
{
	unsigned found = 0;

	for (size_t i = 0; i < HY_COUNT(words); i++)
		if (!(found & words[i].names) &&
		    hy_str_find_nocase(name, hy_str_of(words[i].word), 0) != SIZE_MAX)
			found |= words[i].names;
	/* "message-userContent" is a text, "postauthor" is none. */
	if (!(found & HY_THREAD_TEXT) && has_around(name))
		found = HY_THREAD_META;
	return found;
}

static unsigned names_in(struct hy_str names)
{
	struct hy_str rest = names, word;
	unsigned found = 0;

	while (hy_str_next(&rest, ' ', &word))
		if (word.n > 0)
			found |= names_of_word(word);
	return found;
}

unsigned hy_thread_names_of(const struct hy_page *page, size_t node)
{
	struct hy_str class = hy_page_attribute(page, node, HY_ATTRIBUTE_CLASS);
	struct hy_str id = hy_page_attribute(page, node, HY_ATTRIBUTE_ID);
	unsigned found = 0;

	if (class.n > 0)
		found |= names_in(class);
	if (id.n > 0)
		found |= names_in(id);
	/* "Item ItemComment Rank-Member" is a contribution of a member. */
	return found & (HY_THREAD_TEXT | HY_THREAD_POST) ? found & ~(unsigned)HY_THREAD_META : found;
}

/* Where the names with a first letter begin. */
struct sure_index {
	unsigned char first[256];
};

static void index_sure(struct sure_index *index)
{
	memset(index->first, 0xFF, sizeof index->first);
	for (size_t i = HY_COUNT(sure); i-- > 0;)
		index->first[(unsigned char)sure[i].p[0]] = (unsigned char)i;
}

static bool is_sure(const struct sure_index *index, struct hy_str name)
{
	size_t i = index->first[(unsigned char)name.p[0]];

	for (; i < HY_COUNT(sure) && sure[i].p[0] == name.p[0]; i++) {
		bool numbered;

		if (name.p[1] != sure[i].p[1] || !hy_str_starts(name, sure[i]))
			continue;
		numbered = sure[i].p[sure[i].n - 1] == '_' || hy_str_eq_c(sure[i], "pid");
		if (numbered ? name.n > sure[i].n && is_digit(name.p[sure[i].n])
			     : name.n == sure[i].n)
			return true;
	}
	return false;
}

size_t hy_thread_names_sure(const struct hy_page *page, size_t enough)
{
	struct sure_index index;
	size_t count = 0;

	index_sure(&index);
	for (size_t i = 0; i < page->source.attribute_count && count < enough; i++) {
		const struct hy_page_attribute *a = &page->source.attributes[i];
		struct hy_str rest = a->value, word;

		if (a->name != HY_ATTRIBUTE_CLASS && a->name != HY_ATTRIBUTE_ID)
			continue;
		while (hy_str_next(&rest, ' ', &word))
			if (word.n >= 3 && is_sure(&index, word)) {
				count++;
				break;
			}
	}
	return count;
}

static bool is_counting(struct hy_str word)
{
	static const char *const counting[] = {"odd",  "even", "alt", "first", "last",
					       "row", "clearfix", "cl", "fl"};

	for (size_t i = 0; i < HY_COUNT(counting); i++)
		if (hy_str_eq_c(word, counting[i]))
			return true;
	return false;
}

static struct hy_str kind_word(struct hy_str names)
{
	struct hy_str rest = hy_str_trim(names), word = {NULL, 0}, first = {NULL, 0};

	while (hy_str_next(&rest, ' ', &word)) {
		if (word.n == 0)
			continue;
		if (names_of_word(word) & (HY_THREAD_POST | HY_THREAD_TEXT))
			return word;
		if (first.n == 0 || (is_counting(first) && !is_counting(word)))
			first = word;
	}
	return first;
}

/* FNV-1a. */
static uint32_t hash_add(uint32_t hash, struct hy_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]))
			hash = (hash ^ (unsigned char)s.p[i]) * 16777619U;
	return hash;
}

uint32_t hy_thread_name_hash(const struct hy_page *page, size_t node)
{
	struct hy_str class = hy_page_attribute(page, node, HY_ATTRIBUTE_CLASS);
	uint32_t hash = (2166136261U ^ page->nodes[node].tag) * 16777619U;

	if (class.n > 0)
		return hash_add(hash, kind_word(class));
	return hash_add(hash, hy_page_attribute(page, node, HY_ATTRIBUTE_ID));
}
