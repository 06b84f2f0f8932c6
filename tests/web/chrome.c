#include "tests/web/chrome.h"

#include "common/base/mem.h"
#include "tests/web/encode.h"
#include "tests/web/page.h"
#include "tests/web/rng.h"

#define TITLE_BYTES_MAX 1024
#define RELATED 5

static const char style[] =
	"<style>\n*{margin:0;padding:0}body{font:14px/1.8 \"Microsoft YaHei\",SimSun}\n"
	".nav li{float:left;width:80px}.share a{display:inline-block;width:24px;height:24px}\n"
	".related{border-top:1px solid #ddd}.footer{color:#999;text-align:center}\n</style>\n";
static const char script[] =
	"<script>\nvar _stat=_stat||[];(function(){var s=document.createElement(\"script\");"
	"s.src=\"/js/stat.js?v=3\";if(1<2&&3>2){document.getElementsByTagName(\"head\")[0]"
	".appendChild(s);}})();\nvar tpl=\"<div class='pop'><p>扫码下载客户端，看本地新闻</p></div>\";\n"
	"</script>\n";

static const char *declared(enum sim_charset charset)
{
	switch (charset) {
	case SIM_GB_IN_META:
	case SIM_GB_SAID_UTF8:
		return "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=gb2312\">\n";
	case SIM_UTF8:
	case SIM_UTF8_SAID_LATIN1:
		return "<meta charset=\"utf-8\">\n";
	case SIM_GB_IN_HEADER:
		break;
	}
	return "";
}

static void add_navigation(const struct sim_world *w, struct hy_buf *out)
{
	size_t channels = sim_text_count(w->text, "channel");

	hy_buf_add_c(out, "<ul class=\"nav\">\n");
	for (size_t i = 0; i < channels; i++) {
		/* Only the first two are part of this web; the others lead to the same list. */
		hy_buf_addf(out, "<li><a href=\"%s\">", i == 0 ? "/" : "/news/index.html");
		hy_buf_add_str(out, sim_text_line(w->text, "channel", i));
		hy_buf_add_c(out, "</a></li>\n");
	}
	hy_buf_add_c(out, "</ul>\n<form action=\"/search\"><input name=\"q\" value=\"请输入关键词\">"
			  "<button>搜索</button></form>\n");
}

void sim_chrome_open(const struct sim_world *w, uint32_t site, struct hy_str title,
		     struct hy_str extra_head, struct hy_buf *out)
{
	struct sim_site s = sim_site_of(w, site);

	hy_buf_add_c(out, "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n");
	hy_buf_add_c(out, declared(s.charset));
	hy_buf_add_c(out, "<title>");
	sim_encode_markup(out, title);
	hy_buf_addf(out, "_%.*s</title>\n", HY_STR_ARGS(s.name));
	hy_buf_add_c(out, style);
	hy_buf_add_str(out, extra_head);
	hy_buf_addf(out, "%s</head>\n<body>\n<div class=\"top\">欢迎访问%.*s　设为首页　加入收藏</div>\n",
		    script, HY_STR_ARGS(s.name));
	add_navigation(w, out);
}

void sim_chrome_share(uint32_t document, struct hy_buf *out)
{
	hy_buf_addf(out,
		    "<div class=\"share\"><span>分享到：</span><a href=\"#\" title=\"微信\">微信</a>"
		    "<a href=\"#\" title=\"微博\">微博</a><a href=\"#\">QQ空间</a> "
		    "<a href=\"/print/%u.html\" rel=\"nofollow\">【打印本页】</a>"
		    "<a href=\"javascript:window.close()\">【关闭窗口】</a> "
		    "字号：<a href=\"#\">大</a> <a href=\"#\">中</a> <a href=\"#\">小</a></div>\n",
		    document);
}

/* Where in its source's list the document stands: both are in ascending order. */
static uint32_t position(const struct sim_plan *p, uint32_t document)
{
	uint32_t source = p->document[document].source;
	uint32_t low = 0, high = p->source_count[source];

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (p->of_source[source][middle] < document)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void sim_chrome_related(const struct sim_world *w, uint32_t document, struct hy_buf *out)
{
	const struct sim_plan *p = w->plan;
	const uint32_t *list = p->of_source[p->document[document].source];
	uint32_t at = position(p, document);
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TITLE_BYTES_MAX);

	hy_buf_add_c(out, "<div class=\"related\"><h3>相关阅读</h3>\n<ul>\n");
	for (uint32_t i = 1; i <= RELATED && i <= at; i++) {
		hy_buf_clear(&text);
		sim_site_path(w, list[at - i], &text);
		hy_buf_add_c(out, "<li><a href=\"");
		sim_encode_markup(out, hy_buf_str(&text));
		hy_buf_add_c(out, "\">");
		hy_buf_clear(&text);
		sim_page_title(w, list[at - i], 0, &text);
		sim_encode_markup(out, hy_buf_str(&text));
		hy_buf_add_c(out, "</a></li>\n");
	}
	hy_buf_add_c(out, "</ul></div>\n");
}

void sim_chrome_comments(const struct sim_world *w, uint32_t document, struct hy_buf *out)
{
	struct sim_rng rng = sim_rng_of(w->plan->options.seed, SIM_STREAM_PAGE, document);
	size_t comments = sim_rng_below(&rng, 6);

	hy_buf_addf(out, "<div id=\"comments\" class=\"comment-list\"><h3>网友评论（%zu）</h3>\n", comments);
	for (size_t i = 0; i < comments; i++) {
		hy_buf_add_c(out, "<div class=\"comment\"><span>匿名网友</span><p>");
		hy_buf_add_str(out, sim_text_line(w->text, "comment", sim_rng_below(&rng, 1000)));
		hy_buf_add_c(out, "</p><a href=\"#\">回复</a> <a href=\"#\">顶</a></div>\n");
	}
	hy_buf_add_c(out, "<textarea>文明上网，理性发言</textarea></div>\n");
}

void sim_chrome_close(const struct sim_world *w, uint32_t site, struct hy_buf *out)
{
	struct sim_site s = sim_site_of(w, site);

	hy_buf_addf(out,
		    "<div class=\"footer\"><p><a href=\"/about\">关于我们</a> | <a href=\"/ad\">广告服务</a> | "
		    "<a href=\"/admin/login\">投稿登录</a></p><p>%.*s 版权所有 未经授权不得转载</p>"
		    "<p>互联网新闻信息服务许可证编号：示例00000000%02u</p></div>\n%s</body>\n</html>\n",
		    HY_STR_ARGS(s.name), site, script);
}
