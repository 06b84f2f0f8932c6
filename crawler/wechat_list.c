#include "crawler/wechat_list.h"

#include <jansson.h>

#include "common/base/mem.h"
#include "crawler/dom.h"
#include "crawler/entity.h"
#include "crawler/links_build.h"
#include "crawler/url.h"

#define TITLE_BYTES 4096
#define SCRIPT_BYTES ((size_t)2 << 20)
#define LEVELS 6	/* from a link up to the entry that holds its time */
#define HISTORY_BASE "https://mp.weixin.qq.com/"

struct look {
	const struct hy_extract_input *in;
	struct hy_dom *dom;
	const xmlNode *top;
	struct hy_links_build links;
	struct hy_buf url, title;
};

bool hy_wechat_list_is_likely(struct hy_str bytes)
{
	static const char *const words[] = {"timeConvert(", "msgList", "data-lastModified",
					    "js_album_item"};

	for (size_t i = 0; i < HY_COUNT(words); i++)
		if (hy_str_find(bytes, hy_str_of(words[i]), 0) != SIZE_MAX)
			return true;
	return false;
}

/* Seconds since 1970, as ten digits; anything else is no time. */
static struct hy_wall time_of_digits(struct hy_str text)
{
	int64_t seconds;

	if (hy_str_to_int(hy_str_trim(text), 1000000000, 9999999999, &seconds))
		return (struct hy_wall){seconds * 1000};
	return HY_WALL_NONE;
}

static void add(struct look *l, struct hy_str base, struct hy_str ref, struct hy_wall published_at)
{
	enum hy_err err;

	hy_buf_clear(&l->url);
	err = base.n ? hy_url_resolve(base, ref, &l->url) : hy_dom_resolve(l->dom, ref, &l->url);
	if (err == HY_OK && hy_buf_err(&l->title) == HY_OK && l->title.n)
		hy_links_build_add(&l->links, hy_buf_str(&l->url), hy_buf_str(&l->title),
				   published_at);
}

/* ---- search results ---- */

static bool is_article_link(struct hy_str href)
{
	static const char *const forms[] = {"mp.weixin.qq.com/s?", "mp.weixin.qq.com/s/",
					    "/link?url="};

	for (size_t i = 0; i < HY_COUNT(forms); i++)
		if (hy_str_find(href, hy_str_of(forms[i]), 0) != SIZE_MAX)
			return true;
	return false;
}

/* document.write(timeConvert('1498908951')) */
static struct hy_wall time_of_script(const xmlNode *script)
{
	struct hy_str text = hy_str_of(script->children ? (const char *)script->children->content
							: NULL);
	size_t at = hy_str_find(text, HY_STR_LIT("timeConvert("), 0);

	if (at == SIZE_MAX)
		return HY_WALL_NONE;
	at += sizeof "timeConvert('" - 1;
	return time_of_digits(hy_str_sub(text, at, 10));
}

static struct hy_wall time_in(const xmlNode *entry)
{
	for (const xmlNode *n = entry; n; n = hy_dom_next(n, entry)) {
		struct hy_wall at = HY_WALL_NONE;

		if (hy_dom_is(n, "script"))
			at = time_of_script(n);
		else if (hy_dom_attribute(n, "data-lastmodified").n)
			at = time_of_digits(hy_dom_attribute(n, "data-lastmodified"));
		else if (hy_dom_attribute(n, "t").n)
			at = time_of_digits(hy_dom_attribute(n, "t"));
		if (hy_wall_known(at))
			return at;
	}
	return HY_WALL_NONE;
}

/* The time in the smallest part of the page around the link that holds one. */
static struct hy_wall time_around(const xmlNode *link)
{
	const xmlNode *entry = link;

	for (int level = 0; level < LEVELS && entry->parent; level++) {
		struct hy_wall at;

		entry = entry->parent;
		if (hy_dom_is(entry, "ul") || hy_dom_is(entry, "body"))
			break;
		at = time_in(entry);
		if (hy_wall_known(at))
			return at;
	}
	return HY_WALL_NONE;
}

static void find_results(struct look *l)
{
	for (const xmlNode *n = hy_dom_next(NULL, l->top); n; n = hy_dom_next(n, l->top)) {
		struct hy_wall at;

		if (!hy_dom_is(n, "a") || !is_article_link(hy_dom_attribute(n, "href")))
			continue;
		at = time_around(n);
		hy_buf_clear(&l->title);
		hy_dom_line(n, &l->title);
		if (hy_wall_known(at))
			add(l, (struct hy_str){0}, hy_dom_attribute(n, "href"), at);
	}
}

/* ---- albums ---- */

/* <li class="js_album_item" data-link="..." data-title="..."> ... >1629000000</span> */
static void find_album(struct look *l)
{
	for (const xmlNode *n = hy_dom_next(NULL, l->top); n; n = hy_dom_next(n, l->top)) {
		struct hy_str link = hy_dom_attribute(n, "data-link");
		struct hy_wall at = HY_WALL_NONE;

		if (!link.n || hy_str_find(link, HY_STR_LIT("mp.weixin.qq.com/s"), 0) == SIZE_MAX)
			continue;
		for (const xmlNode *t = n; t && !hy_wall_known(at); t = hy_dom_next_node(t, n))
			if (t->type == XML_TEXT_NODE)
				at = time_of_digits(hy_str_of((const char *)t->content));
		hy_buf_clear(&l->title);
		hy_buf_add_str(&l->title, hy_str_trim(hy_dom_attribute(n, "data-title")));
		add(l, (struct hy_str){0}, link, at);
	}
}

/* ---- an account's history ---- */

static void decode_entities(struct hy_str s, struct hy_buf *out)
{
	for (size_t i = 0; i < s.n;) {
		uint32_t rune;
		size_t n = s.p[i] == '&' ? hy_entity_decode(hy_str_sub(s, i, s.n), &rune) : 0;

		/* A JSON text in a page has only ASCII written as references. */
		if (n && rune < 0x80)
			hy_buf_add_char(out, (char)rune);
		else
			hy_buf_add(out, s.p + i, n ? n : 1);
		i += n ? n : 1;
	}
}

static struct hy_str text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return (struct hy_str){json_string_value(value), json_string_length(value)};
}

static void add_message(struct look *l, const json_t *article, struct hy_wall at)
{
	hy_cleanup(hy_buf_fini) struct hy_buf link = HY_BUF(HY_URL_MAX_BYTES * 5);

	decode_entities(text_of(article, "content_url"), &link);
	hy_buf_clear(&l->title);
	decode_entities(hy_str_trim(text_of(article, "title")), &l->title);
	if (link.n && hy_buf_err(&link) == HY_OK)
		add(l, HY_STR_LIT(HISTORY_BASE), hy_buf_str(&link), at);
}

static void add_messages(struct look *l, const json_t *root)
{
	const json_t *list = json_object_get(root, "list");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *message = json_array_get(list, i);
		const json_t *first = json_object_get(message, "app_msg_ext_info");
		const json_t *more = json_object_get(first, "multi_app_msg_item_list");
		json_int_t seconds = json_integer_value(json_object_get(
			json_object_get(message, "comm_msg_info"), "datetime"));
		struct hy_wall at = seconds > 1000000000 && seconds < 9999999999
					    ? (struct hy_wall){seconds * 1000} : HY_WALL_NONE;

		add_message(l, first, at);
		for (size_t k = 0; k < json_array_size(more); k++)
			add_message(l, json_array_get(more, k), at);
	}
}

/* `var msgList = {...}` or `var msgList = '{&quot;...}'` in a script. */
static void read_history(struct look *l, struct hy_str script)
{
	hy_cleanup(hy_buf_fini) struct hy_buf plain = HY_BUF(SCRIPT_BYTES);
	size_t at = hy_str_find(script, HY_STR_LIT("msgList"), 0);
	size_t brace = at == SIZE_MAX ? at : hy_str_find(script, HY_STR_LIT("{"), at);
	struct hy_str text;
	json_t *root;

	if (brace == SIZE_MAX || brace - at > 20)
		return;
	text = hy_str_sub(script, brace, script.n);
	if (hy_str_starts(text, HY_STR_LIT("{&quot;"))) {
		decode_entities(text, &plain);
		text = hy_buf_err(&plain) == HY_OK ? hy_buf_str(&plain) : (struct hy_str){0};
	}
	root = json_loadb(text.p ? text.p : "", text.n, JSON_DISABLE_EOF_CHECK, NULL);
	add_messages(l, root);
	json_decref(root);
}

static void find_history(struct look *l)
{
	for (const xmlNode *n = hy_dom_next(NULL, l->top); n; n = hy_dom_next(n, l->top))
		if (hy_dom_is(n, "script") && n->children && n->children->content)
			read_history(l, hy_str_of((const char *)n->children->content));
}

bool hy_wechat_list_find(const struct hy_extract_input *in, struct hy_links *out)
{
	struct look l = {.in = in};
	struct hy_links links;

	if (hy_dom_parse(in, &l.dom, NULL) != HY_OK)
		return false;
	l.top = (const xmlNode *)hy_dom_document(l.dom);
	hy_buf_init(&l.url, HY_URL_MAX_BYTES + 1);
	hy_buf_init(&l.title, TITLE_BYTES);
	hy_links_build_init(&l.links);
	find_history(&l);
	find_album(&l);
	find_results(&l);
	hy_links_build_end(&l.links, &links);
	hy_buf_fini(&l.url);
	hy_buf_fini(&l.title);
	hy_dom_free(l.dom);
	if (!links.count) {
		hy_links_fini(&links);
		return false;
	}
	*out = links;
	return true;
}
