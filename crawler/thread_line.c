#include "crawler/thread_line.h"

#include <stdint.h>

#include "common/base/mem.h"
#include "crawler/extract_measure.h"
#include "crawler/extract_phrase.h"
#include "crawler/time_text.h"

/* What stands beside the time in such a line is a name and a verb. */
#define BESIDE_TIME 44

static bool is_button(struct hy_str word)
{
	static const char *const lines[] = {
		"回复",	  "举报",   "点赞",  "赞",	"引用",	  "收藏",   "分享",    "编辑",
		"删除",	  "楼主",   "沙发",  "板凳",	"地板",	  "只看该作者", "倒序浏览", "正序浏览",
		"使用道具", "显示全部楼层", "只看楼主", "展开", "收起",	  "查看全部", "追问",	"采纳",
		"已采纳", "最佳答案", "展开全部", "Reply", "Quote", "Report", "Like",	 "Share",
		"Edit",	  "Flag",   "Delete", "Permalink", "Link", "Up",    "Top",     "Upvote",
		"Downvote", "Copy", "Follow", "Accept", "Comment", "Add a comment", "Solution",
		"Attachments", "Attachment", "Attached Files", "Zitieren", "Antworten",
	};

	for (size_t i = 0; i < HY_COUNT(lines); i++)
		if (hy_str_eq_nocase(word, hy_str_of(lines[i])))
			return true;
	return false;
}

/* "赞 3 | 回复 | 举报" */
static bool is_buttons(struct hy_str line)
{
	struct hy_str rest = line, word;
	size_t buttons = 0;
	int64_t number;

	if (is_button(line))
		return true;
	while (hy_str_next(&rest, ' ', &word)) {
		if (is_button(word))
			buttons++;
		else if (word.n > 1 && !hy_str_to_int(word, 0, INT32_MAX, &number))
			return false;
	}
	return buttons > 0;
}

static bool has_any(struct hy_str line, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (hy_str_find(line, hy_str_of(words[i]), 0) != SIZE_MAX)
			return true;
	return false;
}

/* "某某 发表于 2021-8-12 09:30", "本帖最后由 某某 于 2021-8-12 09:30 编辑". */
static bool says_who_and_when(struct hy_str line)
{
	static const char *const verbs[] = {
		"发表于", "发布于", "回复于", "评论于", "提问于", "回答于", "编辑于", "发表時間",
		"发表时间", "最后由", "最后编辑", "留言时间", "回复时间", "发布时间", "IP属地",
		"Posted", "posted", "wrote:", "Last edited", "Edited by", "said:", "edited",
		"asked", "answered", "Joined", "Registered", " by ", "»", "Member",
	};
	const struct hy_wall any = {INT64_C(1600000000000)};
	struct hy_time_text found;

	if (!hy_time_text_find(line, 0, any, &found))
		return false;
	return has_any(line, verbs, HY_COUNT(verbs)) ||
	       hy_measure_text(hy_str_sub(line, 0, found.start)).width +
			       hy_measure_text(hy_str_sub(line, found.end, line.n)).width <=
		       BESIDE_TIME / 4;
}

/* The headline again, or "Re: " and the headline. */
static bool repeats(struct hy_str line, struct hy_str title)
{
	static const char *const starts[] = {"Re: ", "RE: ", "回复: ", "回复：", "Re:"};

	for (size_t i = 0; i < HY_COUNT(starts); i++)
		if (hy_str_starts(line, hy_str_of(starts[i])))
			return title.n > 0 &&
			       hy_str_starts(hy_str_trim(hy_str_sub(
						     line, hy_str_of(starts[i]).n, line.n)),
					     hy_str_sub(title, 0, 24));
	return title.n > 0 && hy_str_eq(line, title);
}

bool hy_thread_line_is_around(struct hy_str line, struct hy_str title)
{
	return is_buttons(line) || repeats(line, title) || says_who_and_when(line) ||
	       hy_phrase_of(line) == HY_PHRASE_LINE;
}
