/* The two questions of identity that url.h answers: which document, which site. */
#include "crawler/url.h"

#include <libpsl.h>
#include <string.h>

#include "common/base/mem.h"
#include "crawler/percent.h"
#include "crawler/url_host.h"

/*
 * Parameters that say where a reader came from and never what he reads. Only names that
 * their makers document as such: an unknown parameter may be the article's id.
 * A name that ends in '*' is a prefix.
 *
 * In the program and not in a rules file, since it is part of what an id means: a name added
 * here gives every address that carries it a new id, and each is fetched once more. The page's
 * own rel=canonical does the rest (crawler/canonical.h).
 */
static const char *const tracking[] = {
	"utm_*",			/* Google Analytics and its many followers */
	"spm",				/* Alibaba */
	"isappinstalled", "nsukey",	/* WeChat: reader's device */
	"share_token", "share_source", "share_medium", "share_plat", "share_session_id",
	"share_tag", "share_from", "share_to", "share_app_id", "share_link_id",
	"wxshare_count", "from_wecom", "wechatshare",
	"wfr", "bd_vid", "hmsr", "hmpl", "hmcu", "hmkw", "hmci",	/* Baidu */
	"gclid", "gclsrc", "dclid", "gbraid", "wbraid", "_ga", "_gl",	/* Google */
	"fbclid", "msclkid", "yclid", "twclid", "igshid", "mc_cid", "mc_eid", "_hsenc", "_hsmi",
	"sudaref", "vt_source",
	"tt_from", "tt_group_id_from", "enter_from_page",	/* Toutiao */
	"ivk_sa", "refluxos", "_refluxos", "bsh_bid",		/* apps that open pages */
	"gad_source", "srsltid", "ttclid", "li_fat_id", "mkt_tok", "ref_src",
	"jsessionid", "phpsessid", "aspsessionid*",
};

/* `from` names an article on some sites, so only the values that WeChat and others append. */
static const char *const from_values[] = {
	"timeline", "groupmessage", "singlemessage", "message", "weixin", "wechat", "qq", "qzone",
	"weibo", "singlemessage_share", "groupmessage_share", "timeline_share", "search",
	"bdhd", "app", "wap", "share", "copy", "rss", "feed",
};

static bool matches_name(struct hy_str name, const char *pattern)
{
	struct hy_str p = hy_str_of(pattern);

	if (p.p[p.n - 1] == '*')
		return hy_str_starts_nocase(name, hy_str_sub(p, 0, p.n - 1));
	return hy_str_eq_nocase(name, p);
}

static bool is_tracking(struct hy_str parameter)
{
	size_t equals = hy_str_find(parameter, HY_STR_LIT("="), 0);
	struct hy_str name = hy_str_sub(parameter, 0, equals), value = {0};

	if (equals != SIZE_MAX)
		value = hy_str_sub(parameter, equals + 1, parameter.n);
	for (size_t i = 0; i < HY_COUNT(tracking); i++)
		if (matches_name(name, tracking[i]))
			return true;
	if (!hy_str_eq_nocase(name, HY_STR_LIT("from")))
		return false;
	for (size_t i = 0; i < HY_COUNT(from_values); i++)
		if (hy_str_eq_nocase(value, hy_str_of(from_values[i])))
			return true;
	return false;
}

/* Percent-encoding as RFC 3986, 6.2.2 wants it: upper-case, and none that is not needed. */
static void add_percent_normal(struct hy_buf *out, struct hy_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		int byte = hy_percent_at(s, i);

		if (byte < 0) {
			hy_buf_add_char(out, s.p[i]);
			continue;
		}
		if (hy_percent_is_unreserved(byte))
			hy_buf_add_char(out, (char)byte);
		else
			hy_buf_addf(out, "%%%02X", (unsigned)byte);
		i += 2;
	}
}

/* ";jsessionid=..." at the end of a path is a session of ours, not a place. */
static struct hy_str without_session(struct hy_str path)
{
	size_t at = hy_str_find_nocase(path, HY_STR_LIT(";jsessionid="), 0);

	return hy_str_sub(path, 0, at);
}

/* ---- WeChat ---- */

static struct hy_str value_of(struct hy_str query, const char *name)
{
	struct hy_str parameter;

	while (hy_str_next(&query, '&', &parameter)) {
		size_t equals = hy_str_find(parameter, HY_STR_LIT("="), 0);

		if (equals != SIZE_MAX && hy_str_eq_c(hy_str_sub(parameter, 0, equals), name))
			return hy_str_sub(parameter, equals + 1, parameter.n);
	}
	return (struct hy_str){0};
}

/*
 * An article of an account is its account, message, place in it and check sum; what else
 * stands in such an address is the reader's way (scene, chksm, key, pass_ticket ...), and
 * http leads to https.
 */
static bool add_wechat(struct hy_buf *out, const struct hy_url *u)
{
	static const char *const names[] = {"__biz", "mid", "idx", "sn"};
	char separator = '?';

	if (!hy_str_eq_c(u->host, "mp.weixin.qq.com") || !hy_str_eq_c(u->path, "/s"))
		return false;
	for (size_t i = 0; i < HY_COUNT(names); i++)
		if (!value_of(u->query, names[i]).n)
			return false;
	hy_buf_add_c(out, "https://mp.weixin.qq.com/s");
	for (size_t i = 0; i < HY_COUNT(names); i++) {
		hy_buf_addf(out, "%c%s=", separator, names[i]);
		add_percent_normal(out, value_of(u->query, names[i]));
		separator = '&';
	}
	return true;
}

static void add_canonical(struct hy_buf *out, struct hy_str normal, const struct hy_url *u)
{
	struct hy_str rest = u->query, parameter;
	char separator = '?';

	hy_buf_add_str(out, hy_url_origin(normal));
	add_percent_normal(out, without_session(u->path));
	while (hy_str_next(&rest, '&', &parameter)) {
		if (parameter.n == 0 || is_tracking(parameter))
			continue;
		hy_buf_add_char(out, separator);
		add_percent_normal(out, parameter);
		separator = '&';
	}
}

enum hy_err hy_url_canonical(struct hy_str url, struct hy_buf *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf normal = HY_BUF(HY_URL_MAX_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf result = HY_BUF(HY_URL_MAX_BYTES);
	struct hy_url u;
	enum hy_err err;

	err = hy_url_normalise(url, &normal);
	if (err)
		return err;
	if (!hy_url_split(hy_buf_str(&normal), &u))
		return HY_ERR_MALFORMED;
	if (!add_wechat(&result, &u))
		add_canonical(&result, hy_buf_str(&normal), &u);
	err = hy_buf_err(&result);
	if (err)
		return err;
	hy_buf_add_str(out, hy_buf_str(&result));
	return hy_buf_err(out);
}

struct hy_str hy_url_site(struct hy_str host)
{
	char name[HY_URL_HOST_MAX_BYTES + 2];
	const char *site;

	if (host.n == 0 || host.n >= sizeof name || hy_url_host_is_address(host))
		return host;
	memcpy(name, host.p, host.n);
	name[host.n] = '\0';
	site = psl_registrable_domain(psl_builtin(), name);
	return site ? hy_str_sub(host, (size_t)(site - name), host.n) : host;
}
