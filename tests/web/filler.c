#include "tests/web/filler.h"

#include "common/base/mem.h"
#include "tests/web/rng.h"

/* A page has between 0.6 and 1.4 times what was asked for. */
#define PERCENT_LEAST 60
#define PERCENT_SPAN 81
#define PARAGRAPHS_LEAST 5
#define PARAGRAPHS_SPAN 6

struct filler {
	const struct sim_world *world;
	uint32_t document;
	struct sim_rng rng;
	size_t bytes;	/* of the whole page */
};

struct part {
	unsigned percent;	/* of the page */
	const char *open, *shut;
	void (*add)(struct filler *f, struct hy_buf *out);
};

static unsigned number(struct filler *f, unsigned below)
{
	return (unsigned)sim_rng_below(&f->rng, below);
}

static struct hy_str line(struct filler *f, const char *section)
{
	return sim_text_line(f->world->text, section, number(f, 1000));
}

static void add_rule(struct filler *f, struct hy_buf *out)
{
	hy_buf_addf(out,
		    ".m-%u .item>a:hover,.m-%u li:nth-child(2n+1){display:block;padding:%upx 12px;"
		    "background:#fff url(/img/bg_%u.png) no-repeat 0 -%upx;color:#%06x}\n",
		    number(f, 900), number(f, 900), number(f, 40), number(f, 90), number(f, 500),
		    number(f, 0xffffff));
}

static void add_state(struct filler *f, struct hy_buf *out)
{
	struct hy_str title = line(f, "filler.link");

	hy_buf_addf(out,
		    "{\"id\":%u,\"title\":\"%.*s\",\"url\":\"\\/detail\\/%u.html\",\"tag\":[\"a%u\","
		    "\"b%u\"],\"cover\":{\"w\":640,\"h\":360,\"src\":\"\\/pic\\/%u.jpg\"},\"ad\":null,"
		    "\"tpl\":\"<li class=\\\"x\\\"><a>%%s<\\/a><\\/li>\"},\n",
		    number(f, 1000000), HY_STR_ARGS(title), number(f, 1000000), number(f, 99),
		    number(f, 99), number(f, 1000000));
}

static void add_code(struct filler *f, struct hy_buf *out)
{
	hy_buf_addf(out,
		    "function f%u(a,b){if(a<%u&&b>0){for(var i=0;i<a.length;i++){b+=a[i]<b?1:2}}"
		    "var e=document.getElementById('m%u');e&&(e.innerHTML='<b>'+b+'</b>');return b}\n",
		    number(f, 100000), number(f, 100), number(f, 900));
}

static void add_menu(struct filler *f, struct hy_buf *out)
{
	struct hy_str name = sim_text_line(f->world->text, "channel", number(f, 1000));

	hy_buf_addf(out,
		    "<li class=\"item item-%u\"><a href=\"/channel/%u/\" target=\"_blank\" "
		    "data-pos=\"nav_%u\"><span>%.*s</span></a></li>\n",
		    number(f, 20), number(f, 500), number(f, 90), HY_STR_ARGS(name));
}

static void add_link(struct filler *f, struct hy_buf *out)
{
	struct hy_str title = line(f, "filler.link");

	hy_buf_addf(out,
		    "<li><em>%u</em><a href=\"/hot/%u.html?from=side\" title=\"%.*s\" target=\"_blank\">"
		    "%.*s</a><span class=\"date\">11-%02u</span></li>\n",
		    number(f, 50), number(f, 1000000), HY_STR_ARGS(title), HY_STR_ARGS(title),
		    1 + number(f, 30));
}

static void add_card(struct filler *f, struct hy_buf *out)
{
	struct hy_str title = line(f, "filler.link");

	hy_buf_addf(out,
		    "<div class=\"card\"><div class=\"pic\"><a href=\"/pic/%u.html\"><img "
		    "src=\"/pic/%u.jpg\" alt=\"\" width=\"120\" height=\"80\"></a></div><h4><a "
		    "href=\"/pic/%u.html\">%.*s</a></h4><p class=\"meta\"><i></i>%u&nbsp;阅读</p></div>\n",
		    number(f, 1000000), number(f, 1000000), number(f, 1000000), HY_STR_ARGS(title),
		    number(f, 9000));
}

static void add_comment(struct filler *f, struct hy_buf *out)
{
	struct hy_str text = line(f, "filler.comment");

	hy_buf_addf(out,
		    "<div class=\"comment\" id=\"c%u\"><span class=\"face\"><img src=\"/face/%u.png\" "
		    "alt=\"\"></span><span class=\"name\">匿名网友</span><p>%.*s</p><div "
		    "class=\"act\"><a href=\"#\">回复</a> <a href=\"#\">顶(%u)</a></div></div>\n",
		    number(f, 1000000), number(f, 20), HY_STR_ARGS(text), number(f, 99));
}

static const struct part head[] = {
	{14, "<style>\n", "</style>\n", add_rule},
	{28, "<script>window.__INITIAL_STATE__={\"list\":[", "null]};</script>\n", add_state},
	{20, "<script>\n", "</script>\n", add_code},
};
static const struct part menu[] = {
	{4, "<div class=\"nav-more\"><ul>\n", "</ul></div>\n", add_menu},
};
static const struct part tail[] = {
	{6, "<div class=\"hot-list\"><h3>热点排行</h3><ul>\n", "</ul></div>\n", add_link},
	{5, "<div class=\"recommend\"><h3>为你推荐</h3>\n", "</div>\n", add_card},
	{10, "<div class=\"comment-list\"><h3>全部评论</h3>\n", "</div>\n", add_comment},
	{2, "<div class=\"footer-links\"><ul>\n", "</ul></div>\n", add_menu},
};

static void add_parts(const struct sim_world *w, uint32_t document, const struct part *parts,
		      size_t count, struct hy_buf *out)
{
	uint64_t seed = w->plan->options.seed;
	struct sim_rng size = sim_rng_of(seed, SIM_STREAM_SIZE, document);
	struct filler f = {w, document, sim_rng_of(seed, SIM_STREAM_FILLER, document), 0};

	f.bytes = (size_t)w->page_kib * 1024 *
		  (PERCENT_LEAST + sim_rng_below(&size, PERCENT_SPAN)) / 100;
	for (size_t i = 0; f.bytes && i < count; i++) {
		size_t begin = out->n;

		hy_buf_add_c(out, parts[i].open);
		while (out->n - begin < f.bytes * parts[i].percent / 100 && hy_buf_err(out) == HY_OK)
			parts[i].add(&f, out);
		hy_buf_add_c(out, parts[i].shut);
	}
}

static void add_sentence(struct filler *f, struct hy_buf *out)
{
	hy_buf_add_str(out, line(f, "filler.begin"));
	hy_buf_add_c(out, "，");
	hy_buf_add_str(out, line(f, "filler.middle"));
	hy_buf_add_c(out, "，");
	hy_buf_add_str(out, line(f, "filler.end"));
}

void sim_filler_text(const struct sim_world *w, uint32_t document, const char *open,
		     const char *shut, struct hy_buf *out)
{
	struct filler f = {.world = w, .document = document};
	size_t paragraphs;

	if (!w->page_kib)
		return;
	f.rng = sim_rng_of(w->plan->options.seed, SIM_STREAM_LENGTH, document);
	paragraphs = PARAGRAPHS_LEAST + sim_rng_below(&f.rng, PARAGRAPHS_SPAN);
	for (size_t i = 0; i < paragraphs; i++) {
		hy_buf_add_c(out, open);
		add_sentence(&f, out);
		add_sentence(&f, out);
		hy_buf_add_c(out, shut);
	}
}

void sim_filler_head(const struct sim_world *w, uint32_t document, struct hy_buf *out)
{
	add_parts(w, document, head, HY_COUNT(head), out);
}

void sim_filler_menu(const struct sim_world *w, uint32_t document, struct hy_buf *out)
{
	add_parts(w, document, menu, HY_COUNT(menu), out);
}

void sim_filler_tail(const struct sim_world *w, uint32_t document, struct hy_buf *out)
{
	add_parts(w, document, tail, HY_COUNT(tail), out);
}
