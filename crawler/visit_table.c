#include "crawler/visit_table.h"

#include "common/base/mem.h"

#define END(e, k, r, m, c) {HY_VISIT_##e, k, r, HY_MANNER_##m, c}

static const struct {
	int64_t first, last;
	struct hy_visit_rule rule;
} by_status[] = {
	{200, 200, END(PAGE, "", "", NONE, true)},
	{203, 203, END(PAGE, "", "", NONE, true)},
	{200, 299, END(REFUSED, "empty", "网站应答没有内容", NONE, true)},
	{301, 303, END(MOVED, "redirect", "网页已移到别处", NONE, true)},
	{304, 304, END(UNCHANGED, "", "", NONE, true)},
	{307, 308, END(MOVED, "redirect", "网页已移到别处", NONE, true)},
	{401, 401, END(LATER, "blocked", "网站要求登录（401）", AWAIT, true)},
	{403, 403, END(LATER, "blocked", "网站拒绝访问（403）", AWAIT, true)},
	{404, 404, END(REFUSED, "gone", "网页不存在（404）", NONE, true)},
	{408, 408, END(LATER, "timeout", "网站应答超时（408）", STRIKE, true)},
	{410, 410, END(REFUSED, "gone", "网页已删除（410）", NONE, true)},
	{425, 425, END(LATER, "server", "网站要求稍后再取（425）", NONE, true)},
	/* The whole host is paused, so this cannot turn into a loop of requests. */
	{429, 429, END(LATER, "busy", "网站要求放慢（429）", PAUSE, false)},
	{451, 451, END(REFUSED, "gone", "网页依法不可访问（451）", NONE, true)},
	{400, 499, END(REFUSED, "refused", "网站不接受请求（4xx）", NONE, true)},
	{503, 503, END(LATER, "busy", "网站暂停服务（503）", PAUSE, true)},
	{500, 599, END(LATER, "server", "网站出错（5xx）", NONE, true)},
};
static const struct hy_visit_rule other_status =
	END(REFUSED, "garbled", "网站应答的状态码无法理解", NONE, true);

/* By enum hy_fetch_end. */
static const struct hy_visit_rule by_end[] = {
	[HY_FETCH_TOO_LARGE] = END(REFUSED, "large", "网页超过大小上限", NONE, true),
	[HY_FETCH_WRONG_TYPE] = END(REFUSED, "type", "不是网页或订阅（内容类型不符）", NONE, true),
	[HY_FETCH_ADDRESS] = END(REFUSED, "address", "网址指向内部地址，不予连接", NONE, true),
	[HY_FETCH_TIMED_OUT] = END(LATER, "timeout", "网站应答超时", STRIKE, true),
	[HY_FETCH_NETWORK] = END(LATER, "network", "网站无法连接", STRIKE, true),
	[HY_FETCH_GARBLED] = END(LATER, "garbled", "网站应答残缺或无法解压", NONE, true),
};

const struct hy_visit_rule *hy_visit_rule_of(enum hy_fetch_end end, int64_t status)
{
	if (end != HY_FETCH_ANSWERED)
		return &by_end[end];
	for (size_t i = 0; i < HY_COUNT(by_status); i++)
		if (status >= by_status[i].first && status <= by_status[i].last)
			return &by_status[i].rule;
	return &other_status;
}
