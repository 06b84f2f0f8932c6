/*
 * WeChat as a crawler without an account meets it: a mirror that offers feeds of accounts, and
 * a host whose pages look like mp.weixin.qq.com: articles, removed ones, and the captcha page.
 */
#ifndef SIM_WECHAT_H
#define SIM_WECHAT_H

#include "tests/web/reply.h"
#include "tests/web/site.h"

/* "/s?__biz=...&mid=...&idx=1&sn=..." */
void sim_wechat_path(const struct sim_world *w, uint32_t document, struct hy_buf *out);
/* "/feed/3.xml" or "/feed/4.json": every second account is offered as JSON Feed. */
void sim_wechat_feed_path(uint32_t account, struct hy_buf *out);
struct hy_str sim_wechat_account_name(const struct sim_world *w, uint32_t account);

/* Both fill an initialised reply. */
void sim_wechat_mirror_answer(const struct sim_world *w, const struct sim_request *q,
			      struct sim_reply *r);
void sim_wechat_pages_answer(const struct sim_world *w, const struct sim_request *q,
			     struct sim_reply *r);

#endif
