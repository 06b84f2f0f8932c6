#include "tests/web/wechat.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/base/mem.h"
#include "tests/web/encode.h"
#include "tests/web/feed_page.h"
#include "tests/web/page.h"
#include "tests/web/rng.h"

#define FIRST_MESSAGE 2650000000u
#define PATH_BYTES_MAX 64

void sim_wechat_path(const struct sim_world *w, uint32_t document, struct hy_buf *out)
{
	struct sim_rng rng = sim_rng_of(w->plan->options.seed, SIM_STREAM_PAGE, document);
	uint32_t account = w->plan->document[document].source - w->plan->options.sites;
	uint64_t high = sim_rng_next(&rng), low = sim_rng_next(&rng);

	hy_buf_addf(out, "/s?__biz=MzI5MDAwMDAw%uA==&mid=%u&idx=1&sn=%016" PRIx64 "%016" PRIx64,
		    account, FIRST_MESSAGE + document, high, low);
}

void sim_wechat_feed_path(uint32_t account, struct hy_buf *out)
{
	hy_buf_addf(out, "/feed/%u.%s", account, account % 2 ? "json" : "xml");
}

struct hy_str sim_wechat_account_name(const struct sim_world *w, uint32_t account)
{
	return sim_text_line(w->text, "account", account);
}

void sim_wechat_mirror_answer(const struct sim_world *w, const struct sim_request *q,
			      struct sim_reply *r)
{
	if (hy_str_eq_c(q->path, "/robots.txt")) {
		sim_reply_plain(r, 200, "User-agent: *\nAllow: /");
		return;
	}
	for (uint32_t account = 0; account < SIM_ACCOUNTS; account++) {
		struct sim_feed feed = {w, w->plan->options.sites + account,
					sim_wechat_account_name(w, account), q->now_ms};
		hy_cleanup(hy_buf_fini) struct hy_buf path = HY_BUF(PATH_BYTES_MAX);

		sim_wechat_feed_path(account, &path);
		if (!hy_str_eq(q->path, hy_buf_str(&path)))
			continue;
		if (account % 2)
			sim_feed_json(&feed, &r->body);
		else
			sim_feed_rss(&feed, &r->body);
		(void)snprintf(r->type, sizeof r->type, "%s",
			       account % 2 ? "application/feed+json" : "text/xml; charset=utf-8");
		return;
	}
	sim_reply_plain(r, 404, "没有这个订阅");
}

static const char page_head[] =
	"<!DOCTYPE html>\n<html class=\"\">\n<head>\n"
	"<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1.0,user-scalable=0\">\n"
	"<script nonce=\"\">window.logs={pagetime:{}};window.LANG=\"zh_CN\";</script>\n";

/* Pages that stand where an article was: title empty, one message. */
static void add_message_page(const char *icon, const char *title, const char *line,
			     struct hy_buf *out)
{
	hy_buf_add_c(out, page_head);
	hy_buf_addf(out,
		    "<title></title>\n</head>\n<body class=\"zh_CN\">\n<div class=\"weui-msg\">\n"
		    "<div class=\"weui-msg__icon-area\"><i class=\"%s\"></i></div>\n"
		    "<div class=\"weui-msg__text-area\"><h2 class=\"weui-msg__title\">%s</h2>\n%s</div>\n"
		    "</div>\n</body>\n</html>\n",
		    icon, title, line);
}

static void add_article_head(const struct sim_world *w, uint32_t document,
			     const struct sim_story *story, struct hy_buf *out)
{
	uint32_t account = w->plan->document[document].source - w->plan->options.sites;
	int64_t published_s = sim_plan_published(w->plan, document).ms / 1000;
	struct hy_str name = sim_wechat_account_name(w, account);

	hy_buf_add_c(out, page_head);
	hy_buf_add_c(out, "<meta property=\"og:title\" content=\"");
	sim_encode_markup(out, hy_buf_str(&story->title));
	hy_buf_addf(out,
		    "\" />\n<meta property=\"og:type\" content=\"article\" />\n<title></title>\n"
		    "<script nonce=\"\">var biz=\"MzI5MDAwMDAw%uA==\";var mid=\"%u\";var ct = "
		    "\"%" PRId64 "\";var nickname = htmlDecode(\"%.*s\");</script>\n</head>\n",
		    account, FIRST_MESSAGE + document, published_s, HY_STR_ARGS(name));
	hy_buf_add_c(out, "<body id=\"activity-detail\" class=\"zh_CN mm_appmsg\">\n"
			  "<div id=\"js_article\" class=\"rich_media\">\n<div class=\"rich_media_inner\">\n"
			  "<div id=\"img-content\" class=\"rich_media_wrp\">\n"
			  "<h1 class=\"rich_media_title\" id=\"activity-name\">");
	sim_encode_markup(out, hy_buf_str(&story->title));
	hy_buf_addf(out,
		    "</h1>\n<div id=\"meta_content\" class=\"rich_media_meta_list\">"
		    "<span class=\"rich_media_meta rich_media_meta_nickname\">"
		    "<a href=\"javascript:void(0);\" id=\"js_name\">%.*s</a></span>"
		    "<em id=\"publish_time\" class=\"rich_media_meta rich_media_meta_text\"></em></div>\n",
		    HY_STR_ARGS(name));
}

static void add_article(const struct sim_world *w, uint32_t document, int64_t now_ms,
			struct hy_buf *out)
{
	struct sim_story story;

	sim_story_init(&story);
	sim_page_story(w, document, now_ms, &story);
	add_article_head(w, document, &story, out);
	hy_buf_add_c(out, "<div class=\"rich_media_content\" id=\"js_content\" "
			  "style=\"visibility: hidden; opacity: 0;\">\n");
	for (size_t i = 0; i < story.paragraphs; i++) {
		hy_buf_add_c(out, "<section><p style=\"margin:10px;\"><span leaf=\"\">");
		sim_encode_markup(out, hy_buf_str(&story.paragraph[i]));
		hy_buf_add_c(out, "</span></p></section>\n");
	}
	hy_buf_add_c(out, "<section><p><span>点击下方名片关注我们</span></p></section>\n</div>\n</div>\n"
			  "<div class=\"rich_media_tool\"><span>阅读原文</span> <span>赞</span> "
			  "<span>在看</span> <span>微信扫一扫关注该公众号</span></div>\n</div></div>\n"
			  "</body>\n</html>\n");
	sim_story_fini(&story);
}

/* The document that the `mid` parameter names; parameters may stand in any order. */
static bool find_message(const struct sim_world *w, struct hy_str path, uint32_t *out_document)
{
	const struct hy_str key = HY_STR_LIT("mid=");
	size_t at = hy_str_find(path, key, 0);
	struct hy_str rest, digits;
	int64_t mid;

	if (!hy_str_starts(path, HY_STR_LIT("/s?")) || at == SIZE_MAX)
		return false;
	rest = hy_str_sub(path, at + key.n, path.n);
	if (!hy_str_next(&rest, '&', &digits) ||
	    !hy_str_to_int(digits, FIRST_MESSAGE,
			   (int64_t)FIRST_MESSAGE + w->plan->options.documents - 1, &mid))
		return false;
	*out_document = (uint32_t)(mid - FIRST_MESSAGE);
	return sim_plan_is_account(w->plan, w->plan->document[*out_document].source);
}

void sim_wechat_pages_answer(const struct sim_world *w, const struct sim_request *q,
			     struct sim_reply *r)
{
	uint32_t document;

	if (hy_str_eq_c(q->path, "/robots.txt")) {
		sim_reply_plain(r, 200, "User-agent: *\nDisallow: /cgi-bin/");
		return;
	}
	if (!find_message(w, q->path, &document) ||
	    w->plan->document[document].appears_ms > q->now_ms) {
		sim_reply_plain(r, 404, "参数错误");
		return;
	}
	switch ((enum sim_outcome)w->plan->document[document].outcome) {
	case SIM_DELETED:
		add_message_page("weui-icon_msg warn", "该内容已被发布者删除", "", &r->body);
		return;
	case SIM_BLOCKED:
		add_message_page("weui-icon-info-circle weui-icon_msg", "环境异常",
				 "<p class=\"weui-msg__desc\">当前环境异常，完成验证后即可继续访问。</p>"
				 "<a class=\"weui-btn\" id=\"js_verify\">去验证</a>",
				 &r->body);
		return;
	case SIM_ARTICLE:
		add_article(w, document, q->now_ms, &r->body);
	}
}
