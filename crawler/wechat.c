#include "crawler/wechat.h"

#include <string.h>

#include "common/base/mem.h"
#include "crawler/extract_body.h"
#include "crawler/extract_hint.h"
#include "crawler/extract_title.h"
#include "crawler/script_value.h"
#include "crawler/url.h"

/* item_show_type of a share of pictures and of a share of text; the text is in a variable. */
#define SHOW_PICTURES "8"
#define SHOW_TEXT "10"
/* Of a video and of a sound: what the account wrote to it is in a variable too. */
#define SHOW_VIDEO "5"
#define SHOW_SOUND "7"
#define MAX_VALUE_BYTES (4 << 20)

struct look {
	const struct hy_extract_input *in;
	const struct hy_measure *m;
	const struct hy_units *units;
	const struct hy_scripts *scripts;
	struct hy_wechat *out;
	struct hy_buf value;	/* scratch */
};

static size_t find_by_id(const struct hy_page *page, const char *id)
{
	struct hy_str wanted = hy_str_of(id);

	for (size_t i = 0; i < page->count; i++)
		if (page->nodes[i].attribute_count > 0 &&
		    hy_str_eq(hy_page_attribute(page, i, HY_ATTRIBUTE_ID), wanted))
			return i;
	return HY_PAGE_NO_NODE;
}

static size_t find_by_class(const struct hy_page *page, const char *name)
{
	struct hy_str wanted = hy_str_of(name);

	for (size_t i = 0; i < page->count; i++)
		if (page->nodes[i].attribute_count > 0 &&
		    hy_str_find(hy_page_attribute(page, i, HY_ATTRIBUTE_CLASS), wanted, 0) !=
			    SIZE_MAX)
			return i;
	return HY_PAGE_NO_NODE;
}

static void node_text(const struct hy_measure *m, size_t node, struct hy_buf *out)
{
	if (node != HY_PAGE_NO_NODE)
		hy_text_write(m, node, m->page->nodes[node].end, out);
}

/* Lines of plain text as paragraphs: white space collapsed, empty ones left out. */
static void add_paragraphs(struct hy_str text, struct hy_buf *out)
{
	struct hy_str rest = text, line;

	while (hy_str_next(&rest, '\n', &line)) {
		size_t before = out->n, from;

		if (before > 0)
			hy_buf_add_char(out, '\n');
		from = out->n;
		hy_text_add(line, out);
		if (out->n == from)
			hy_buf_truncate(out, before);
	}
}

/* The value of a variable as plain text; false where it is empty. */
static bool variable(struct look *l, const char *name, struct hy_buf *out)
{
	struct hy_buf plain;
	size_t before = out->n;

	hy_buf_clear(&l->value);
	if (!hy_script_value(l->scripts, name, &l->value))
		return false;
	hy_buf_init(&plain, MAX_VALUE_BYTES * 2);
	hy_markup_to_text(hy_buf_str(&l->value), &plain);
	add_paragraphs(hy_buf_str(&plain), out);
	hy_buf_fini(&plain);
	return out->n > before;
}

/* ---- pages that are no article ------------------------------------------------------------ */

static bool any_in(struct hy_str text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (hy_str_find(text, hy_str_of(words[i]), 0) != SIZE_MAX)
			return true;
	return false;
}

static enum hy_article_kind kind_of_notice(struct hy_str notice)
{
	static const char *const blocked[] = {"环境异常", "验证", "频繁", "客户端打开", "登录",
					      "系统繁忙", "稍后再试"};

	return any_in(notice, blocked, HY_COUNT(blocked)) ? HY_ARTICLE_BLOCKED
							  : HY_ARTICLE_DELETED;
}

/* The page asks for a captcha: by its address, by its scripts, or by its words. */
static bool is_captcha(const struct look *l)
{
	static const char *const addresses[] = {"wappoc_appmsgcaptcha", "/antispider/",
						"secitptpage/verify"};

	return any_in(l->in->url, addresses, HY_COUNT(addresses)) ||
	       hy_script_has(l->scripts, "secitptpage/verify") ||
	       find_by_id(l->m->page, "seccodeForm") != HY_PAGE_NO_NODE ||
	       find_by_id(l->m->page, "seccodeInput") != HY_PAGE_NO_NODE;
}

/* A notice in place of the article; its words are not the article's. */
static bool look_for_notice(struct look *l)
{
	static const char *const gone[] = {"该内容暂时无法查看", "此内容暂时无法查看",
					   "该内容已被发布者删除", "该公众号已迁移"};
	const struct hy_page *page = l->m->page;
	size_t node = find_by_class(page, "weui-msg__text-area");
	struct hy_sum all = l->m->sums[page->count];

	hy_buf_clear(&l->value);
	if (node == HY_PAGE_NO_NODE)
		node = find_by_class(page, "weui-msg__title");
	if (node == HY_PAGE_NO_NODE && all.width < 400)
		node = find_by_class(page, "mesg-block");
	if (node == HY_PAGE_NO_NODE && page->count > 0 && all.width < 60)
		node = 0;
	else if (node == HY_PAGE_NO_NODE)
		return false;
	hy_text_write(l->m, node, page->nodes[node].end, &l->value);
	if (node == 0 && !any_in(hy_buf_str(&l->value), gone, HY_COUNT(gone)))
		return false;
	l->out->kind = kind_of_notice(hy_buf_str(&l->value));
	return true;
}

/* ---- articles ----------------------------------------------------------------------------- */

/* A share of text has no headline: its first line stands for one. Names have one line. */
static void keep_first_line(struct hy_buf *title)
{
	size_t end = hy_str_find(hy_buf_str(title), HY_STR_LIT("\n"), 0);
	size_t escaped = hy_str_find(hy_buf_str(title), HY_STR_LIT("\\n"), 0);

	if (escaped < end)
		end = escaped;
	if (end != SIZE_MAX)
		hy_buf_truncate(title, end);
}

static void find_title(struct look *l)
{
	struct hy_buf *title = l->out->title;
	struct hy_str graph = hy_meta_find(l->m->page, "og:title");

	/* The element may hold marks such as "paid" beside the headline; the meta does not. */
	if (graph.n > 0)
		hy_text_add(graph, title);
	else
		node_text(l->m, find_by_id(l->m->page, "activity-name"), title);
	if (title->n == 0 && !variable(l, "msg_title", title))
		node_text(l->m, find_by_class(l->m->page, "rich_media_title"), title);
}

static void find_account(struct look *l)
{
	struct hy_buf *account = l->out->source;
	static const char *const names[] = {"nick_name", "nickname"};

	node_text(l->m, find_by_id(l->m->page, "js_name"), account);
	if (account->n == 0)
		node_text(l->m, find_by_class(l->m->page, "wx_follow_nickname"), account);
	for (size_t i = 0; i < HY_COUNT(names) && account->n == 0; i++)
		(void)variable(l, names[i], account);
	if (account->n == 0)
		node_text(l->m, find_by_class(l->m->page, "profile_nickname"), account);
	keep_first_line(account);
}

static struct hy_wall find_time(struct look *l)
{
	static const char *const names[] = {"ct", "oriCreateTime", "ori_create_time",
					    "create_timestamp", "create_time"};

	for (size_t i = 0; i < HY_COUNT(names); i++) {
		int64_t seconds;

		hy_buf_clear(&l->value);
		if (hy_script_value(l->scripts, names[i], &l->value) &&
		    hy_str_to_int(hy_buf_str(&l->value), 1000000000, 9999999999, &seconds))
			return (struct hy_wall){seconds * 1000};
	}
	return HY_WALL_NONE;
}

static void take_content(struct look *l)
{
	size_t node = find_by_id(l->m->page, "js_content");
	struct hy_body body;

	if (node == HY_PAGE_NO_NODE)
		node = find_by_class(l->m->page, "rich_media_content");
	if (node == HY_PAGE_NO_NODE)
		return;
	hy_body_take(l->m, node, &body);
	hy_body_write(l->m, l->units, &body, l->out->text);
	hy_body_fini(&body);
}

static void find_text(struct look *l)
{
	static const char *const names[] = {"content_noencode", "contentNoEncode", "desc",
					    "msg_desc"};
	struct hy_buf *text = l->out->text;
	struct hy_str description;
	bool share = false, media = false;

	hy_buf_clear(&l->value);
	if (hy_script_value(l->scripts, "item_show_type", &l->value)) {
		struct hy_str type = hy_buf_str(&l->value);

		share = hy_str_eq_c(type, SHOW_PICTURES) || hy_str_eq_c(type, SHOW_TEXT);
		media = hy_str_eq_c(type, SHOW_VIDEO) || hy_str_eq_c(type, SHOW_SOUND);
	}
	if (!share)
		take_content(l);
	for (size_t i = 0; i < HY_COUNT(names) && text->n == 0; i++)
		(void)(share || media || i != 2 ? variable(l, names[i], text) : false);
	if (text->n == 0 && share)
		(void)variable(l, "msg_title", text);
	description = hy_meta_find(l->m->page, "og:description");
	if (text->n == 0 && description.n > 0)
		add_paragraphs(description, text);
	if (text->n == 0)
		hy_buf_add_str(text, hy_buf_str(l->out->title));
}

static bool is_article(const struct look *l)
{
	const struct hy_page *page = l->m->page;

	return find_by_id(page, "js_content") != HY_PAGE_NO_NODE ||
	       find_by_id(page, "activity-name") != HY_PAGE_NO_NODE ||
	       (hy_script_has(l->scripts, "msg_title") &&
		hy_script_has(l->scripts, "item_show_type"));
}

static bool is_on_wechat(const struct look *l)
{
	struct hy_str host = hy_url_host(l->in->url);

	return hy_str_eq_c(host, "mp.weixin.qq.com") || hy_script_has(l->scripts, "mmbizwap") ||
	       hy_script_has(l->scripts, "/mp/jsreport");
}

/*
 * Whether a closer look is worth it: all these pages name WeChat's or Sogou's servers or
 * styles, and no other page should pay for being asked.
 */
static bool may_be_wechat(const struct look *l)
{
	static const char *const hosts[] = {"weixin.qq.com", "sogou.com"};
	const struct hy_page *page = l->m->page;

	if (any_in(l->in->url, hosts, HY_COUNT(hosts)) || l->m->sums[page->count].width < 400)
		return true;
	if (hy_script_has(l->scripts, "mmbiz") || hy_script_has(l->scripts, "sogou"))
		return true;
	return find_by_id(page, "js_content") != HY_PAGE_NO_NODE;
}

static bool look(struct look *l)
{
	if (!may_be_wechat(l))
		return false;
	if (is_captcha(l)) {
		l->out->kind = HY_ARTICLE_BLOCKED;
		return true;
	}
	if (is_article(l)) {
		find_title(l);
		find_account(l);
		l->out->published_at = find_time(l);
		find_text(l);
		keep_first_line(l->out->title);
		l->out->kind = HY_ARTICLE_WECHAT;
		return true;
	}
	if (look_for_notice(l))
		return true;
	if (!is_on_wechat(l))
		return false;
	/* An account's own pages: its history is a list, what it says of itself is no article. */
	l->out->kind = hy_script_has(l->scripts, "msgList") ? HY_ARTICLE_LIST : HY_ARTICLE_EMPTY;
	find_account(l);
	return true;
}

bool hy_wechat_find(const struct hy_extract_input *in, const struct hy_measure *m,
		    const struct hy_units *units, struct hy_wechat *out)
{
	struct look l = {
		.in = in,
		.m = m,
		.units = units,
		.scripts = &m->page->source.scripts,
		.out = out,
	};
	bool found;

	hy_buf_init(&l.value, MAX_VALUE_BYTES);
	out->published_at = HY_WALL_NONE;
	found = look(&l);
	hy_buf_fini(&l.value);
	return found;
}
