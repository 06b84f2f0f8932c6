#include "crawler/extract_phrase.h"

#include "common/base/mem.h"
#include "crawler/extract_measure.h"

/* A longer line that begins so is a sentence of the text. */
#define LINE_WIDTH 90
#define END_WIDTH 24

static const struct {
	struct hy_str start;
	enum hy_phrase phrase;
	unsigned max_width;	/* of the whole line */
} phrases[] = {
#define LINE(text, width) {{text, sizeof(text) - 1}, HY_PHRASE_LINE, width},
#define END(text) {{text, sizeof(text) - 1}, HY_PHRASE_END, END_WIDTH},
#define STOP(text) {{text, sizeof(text) - 1}, HY_PHRASE_STOP, END_WIDTH},
	LINE("责任编辑", LINE_WIDTH)
	LINE("责编", LINE_WIDTH)
	LINE("编辑：", LINE_WIDTH)
	LINE("编辑:", LINE_WIDTH)
	LINE("编辑 ", LINE_WIDTH)
	LINE("网编", LINE_WIDTH)
	LINE("本文来源", LINE_WIDTH)
	LINE("文章来源", LINE_WIDTH)
	LINE("信息来源", LINE_WIDTH)
	LINE("来源：", LINE_WIDTH)
	LINE("来源:", LINE_WIDTH)
	LINE("稿件来源", LINE_WIDTH)
	LINE("作者：", LINE_WIDTH)
	LINE("作者:", LINE_WIDTH)
	LINE("发布时间", LINE_WIDTH)
	LINE("浏览次数", LINE_WIDTH)
	LINE("阅读次数", LINE_WIDTH)
	LINE("点击数", LINE_WIDTH)
	LINE("字号", LINE_WIDTH)
	LINE("字体", 40)
	LINE("分享到", LINE_WIDTH)
	LINE("分享：", LINE_WIDTH)
	LINE("分享至", LINE_WIDTH)
	LINE("打印本页", LINE_WIDTH)
	LINE("关闭窗口", LINE_WIDTH)
	LINE("上一篇", 200)
	LINE("下一篇", 200)
	LINE("上一页", 60)
	LINE("下一页", 60)
	LINE("返回搜狐", 60)
	LINE("返回顶部", 60)
	LINE("返回首页", 60)
	LINE("扫一扫", LINE_WIDTH)
	LINE("扫码", 60)
	LINE("版权声明", 400)
	LINE("免责声明", 400)
	LINE("特别声明", 400)
	LINE("举报/反馈", 60)
	LINE("举报", 24)
	LINE("阅读原文", 24)
	LINE("阅读全文", 24)
	LINE("点击进入", 60)
	LINE("点击下载", 60)
	LINE("来源 ", 40)
	LINE("来源丨", 40)
	LINE("来源|", 40)
	LINE("来源｜", 40)
	LINE("校对：", LINE_WIDTH)
	LINE("审核：", LINE_WIDTH)
	LINE("监制：", LINE_WIDTH)
	LINE("值班编辑", LINE_WIDTH)
	LINE("流程编辑", LINE_WIDTH)
	LINE("本期编辑", LINE_WIDTH)
	LINE("图片编辑", LINE_WIDTH)
	LINE("原标题：", 160)
	LINE("原标题:", 160)
	LINE("长按二维码", LINE_WIDTH)
	LINE("长按识别", LINE_WIDTH)
	LINE("识别二维码", LINE_WIDTH)
	LINE("手机扫", 60)
	LINE("浏览量", 40)
	LINE("打印", 24)
	LINE("收藏", 16)
	LINE("微信扫", 60)
	LINE("本文系", 120)
	LINE("未经授权", 120)
	LINE("转载请", 120)
	LINE("正文", 4)
	LINE("您所在的位置", LINE_WIDTH)
	LINE("您现在的位置", LINE_WIDTH)
	LINE("您的位置", LINE_WIDTH)
	LINE("当前位置", LINE_WIDTH)
	LINE("所在位置", LINE_WIDTH)
	LINE("首页 >", LINE_WIDTH)
	LINE("首页 »", LINE_WIDTH)
	LINE("声明：", 300)
	LINE("纠错", 40)
	LINE("发表于", 70)
	LINE("只看该作者", 40)
	LINE("注册时间", 50)
	LINE("使用道具", 24)
	LINE("楼主", 10)
	LINE("点评", 10)
	LINE("回复", 10)
	LINE("Advertisement", 40)
	LINE("ADVERTISEMENT", 40)
	LINE("Share this", 60)
	LINE("Read more", 120)
	LINE("READ MORE", 120)
	LINE("READ NEXT", 160)
	LINE("SEE MORE", 160)
	LINE("Read also", 160)
	LINE("Follow us", 90)
	LINE("Sign up for", 160)
	LINE("Subscribe to", 120)
	LINE("Copyright", 200)
	LINE("\xC2\xA9", 200)
	LINE("All rights reserved", 200)
	END("相关阅读")
	END("相关新闻")
	END("相关链接")
	END("相关报道")
	END("相关文章")
	END("相关推荐")
	END("相关专题")
	END("相关稿件")
	END("延伸阅读")
	END("推荐阅读")
	END("热门推荐")
	END("热点推荐")
	END("热门新闻")
	END("热点新闻")
	END("精彩推荐")
	END("编辑推荐")
	END("更多文章")
	END("往期回顾")
	END("热文推荐")
	END("相關新聞")
	END("相關報導")
	END("相關文章")
	END("延伸閱讀")
	END("推薦閱讀")
	END("关键词：")
	STOP("猜你想看")
	STOP("大家都在看")
	STOP("大家正在看")
	STOP("你可能还想看")
	STOP("你可能還想看")
	STOP("您可能还想看")
	STOP("您可能感兴趣")
	STOP("你可能感兴趣")
	STOP("你可能感興趣")
	STOP("你可能喜欢")
	STOP("猜你喜歡")
	STOP("為你推薦")
	STOP("为您推荐")
	STOP("为你推荐")
	STOP("猜你喜欢")
	END("更多新闻")
	END("更多推荐")
	STOP("最新评论")
	STOP("网友评论")
	STOP("发表评论")
	STOP("热门评论")
	STOP("全部评论")
	END("Related Stories")
	END("Related stories")
	END("Related Articles")
	END("Related articles")
	END("Related Posts")
	END("Read Next")
	END("Comments")
	STOP("You may also like")
	STOP("You might also like")
	END("More from")
#undef LINE
#undef END
#undef STOP
};

/* Brackets that publishers put around such lines. */
static struct hy_str without_bracket(struct hy_str line)
{
	static const struct hy_str brackets[] = {
		{"(", 1}, {"[", 1}, {"（", 3}, {"【", 3}, {"［", 3}, {"〔", 3}, {"|", 1}, {"▍", 3},
		{"・", 3}, {"·", 2}, {"-", 1}, {">", 1},
	};

	for (size_t i = 0; i < HY_COUNT(brackets); i++)
		if (hy_str_starts(line, brackets[i]))
			return hy_str_trim(hy_str_sub(line, brackets[i].n, line.n));
	return line;
}

/* "其他人也在看" and its kin, whoever the others are. */
static bool is_others_reading(struct hy_str line)
{
	static const char *const parts[] = {"也在看", "都在看", "还想看", "還想看", "也在讀",
					    "也在读"};

	for (size_t i = 0; i < HY_COUNT(parts); i++)
		if (hy_str_ends(line, hy_str_of(parts[i])))
			return true;
	return false;
}

enum hy_phrase hy_phrase_of(struct hy_str line)
{
	struct hy_str text;

	if (line.n > 1200)
		return HY_PHRASE_NONE;
	text = without_bracket(line);
	for (size_t i = 0; i < HY_COUNT(phrases); i++)
		if (hy_str_starts(text, phrases[i].start) &&
		    hy_measure_text(line).width <= phrases[i].max_width)
			return phrases[i].phrase;
	if (is_others_reading(text) && hy_measure_text(text).width <= END_WIDTH)
		return HY_PHRASE_STOP;
	return HY_PHRASE_NONE;
}
