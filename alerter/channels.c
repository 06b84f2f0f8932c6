#include "alerter/channels.h"

#include <stdlib.h>
#include <string.h>

#include "alerter/channel_type.h"
#include "alerter/mail.h"
#include "common/base/mem.h"

#define CHANNELS_FILE "channels.yaml"
#define TIMEOUT_DEFAULT_MS 10000
#define TIMEOUT_MAX_MS 60000
#define GATHER_MAX_MS (10LL * 60 * 1000)
#define BUDGET_MAX 1000
#define FAILURES_DEFAULT 4
#define FAILURES_MAX 20
#define FALLBACK_AFTER_DEFAULT_MS (10LL * 60 * 1000)
#define FALLBACK_AFTER_MIN_MS 1000
#define FALLBACK_AFTER_MAX_MS (24LL * 3600 * 1000)
#define MINUTES_OF_DAY (24 * 60)
#define MESSAGE_BYTES 256

static const char *const root_keys[] = {"channels", NULL};
static const char *const quiet_keys[] = {"from", "to", "pass", NULL};

static void read_words(const struct hy_yaml_node *entry, const char *key,
		       struct hy_findings *findings, struct hy_channel_words *out)
{
	size_t count = hy_rule_word_count(entry, key);

	if (count > HY_CHANNEL_WORDS_MAX) {
		hy_yaml_finding(hy_yaml_get(entry, key), findings, "“%s”不超过 %d 项", key,
				HY_CHANNEL_WORDS_MAX);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct hy_yaml_node *at;

		out->item[out->count++] = hy_rule_word(entry, key, i, &at);
	}
}

static bool is_among(const char *const *list, const char *word)
{
	for (; *list; list++) {
		if (strcmp(*list, word) == 0)
			return true;
	}
	return false;
}

/* ---- addresses and files ---- */

static bool has_scheme(const struct hy_channel_type *type, struct hy_str url)
{
	for (const char *const *scheme = type->schemes; *scheme; scheme++) {
		if (hy_str_starts(url, hy_str_of(*scheme)))
			return true;
	}
	return false;
}

static void name_schemes(const struct hy_channel_type *type, struct hy_buf *out)
{
	for (const char *const *scheme = type->schemes; *scheme; scheme++)
		hy_buf_addf(out, "%s%s", scheme == type->schemes ? "" : " 或 ", *scheme);
}

/* A key in the rules is a key in every copy of them. */
static bool holds_secret(struct hy_str url)
{
	static const char *const marks[] = {"key=", "access_token=", "/hook/", "@", NULL};

	for (const char *const *mark = marks; *mark; mark++) {
		if (hy_str_find(url, hy_str_of(*mark), 0) < url.n)
			return true;
	}
	return false;
}

static void read_url(const struct hy_yaml_node *entry, struct hy_findings *findings,
		     struct hy_channel *channel)
{
	hy_cleanup(hy_buf_fini) struct hy_buf schemes = HY_BUF(MESSAGE_BYTES);
	const struct hy_yaml_node *at = hy_yaml_get(entry, "url");

	if (!hy_yaml_read_text(entry, "url", false, findings, &channel->url))
		return;
	if (!has_scheme(channel->type, channel->url)) {
		name_schemes(channel->type, &schemes);
		hy_yaml_finding(at, findings, "地址应以 %.*s 开头", HY_STR_ARGS(hy_buf_str(&schemes)));
	} else if (channel->type != &hy_channel_webhook && holds_secret(channel->url)) {
		hy_yaml_finding(at, findings,
				"地址里不要写密钥或口令：只写到问号之前，密钥放进 key_file 指的文件");
	} else if (channel->url.n > HY_OUTGOING_URL_BYTES / 4) {
		hy_yaml_finding(at, findings, "地址过长");
	}
	if (hy_str_starts(channel->url, HY_STR_LIT("smtps://")))
		channel->tls = HY_MAIL_TLS_WHOLE;
}

static void read_file_name(const struct hy_yaml_node *entry, const char *key,
			   struct hy_findings *findings, struct hy_str *out)
{
	if (hy_yaml_read_text(entry, key, false, findings, out) &&
	    (out->n == 0 || out->n > HY_RULE_PATH_BYTES / 4 ||
	     hy_str_find(*out, HY_STR_LIT("\n"), 0) < out->n))
		hy_yaml_finding(hy_yaml_get(entry, key), findings, "“%s”应是文件名", key);
}

/* ---- mail ---- */

static void read_tls(const struct hy_yaml_node *entry, struct hy_findings *findings,
		     struct hy_channel *channel)
{
	struct hy_str tls;

	if (!hy_yaml_read_text(entry, "tls", false, findings, &tls))
		return;
	if (hy_str_eq_c(tls, "none") && channel->tls != HY_MAIL_TLS_WHOLE)
		channel->tls = HY_MAIL_TLS_NONE;
	else if (!hy_str_eq_c(tls, "starttls") || channel->tls == HY_MAIL_TLS_WHOLE)
		hy_yaml_finding(hy_yaml_get(entry, "tls"), findings,
				"tls 应为 starttls 或 none；smtps:// 已经加密，不写 tls");
	if (channel->tls == HY_MAIL_TLS_NONE && hy_yaml_get(entry, "user"))
		hy_yaml_finding(hy_yaml_get(entry, "tls"), findings,
				"不加密的连接上不能送口令：去掉 tls: none，或去掉 user");
}

static void read_mail(const struct hy_yaml_node *entry, struct hy_findings *findings,
		      struct hy_channel *channel)
{
	(void)hy_yaml_read_text(entry, "user", false, findings, &channel->user);
	if ((channel->user.n > 0) != (channel->password_file.n > 0))
		hy_yaml_finding(entry, findings, "user 与 password_file 应同时写");
	read_tls(entry, findings, channel);
	if (hy_yaml_read_text(entry, "from", false, findings, &channel->from) &&
	    !hy_mail_address_ok(channel->from))
		hy_yaml_finding(hy_yaml_get(entry, "from"), findings, "“%.*s”不是邮件地址",
				HY_STR_ARGS(channel->from));
	read_words(entry, "to", findings, &channel->to);
	for (size_t i = 0; i < channel->to.count; i++) {
		const struct hy_yaml_node *at;

		(void)hy_rule_word(entry, "to", i, &at);
		if (!hy_mail_address_ok(channel->to.item[i]))
			hy_yaml_finding(at, findings, "“%.*s”不是邮件地址",
					HY_STR_ARGS(channel->to.item[i]));
	}
	if (channel->type == &hy_channel_smtp && hy_yaml_get(entry, "to") && !channel->to.count)
		hy_yaml_finding(hy_yaml_get(entry, "to"), findings, "“to”至少要有一个邮件地址");
}

/* ---- when ---- */

static bool read_minute(const struct hy_yaml_node *at, const char *key,
			struct hy_findings *findings, int *out)
{
	struct hy_str text, rest, hour = {0};
	int64_t h, m;

	if (!hy_yaml_read_text(at, key, true, findings, &text))
		return false;
	rest = text;
	if (text.n == 5 && hy_str_next(&rest, ':', &hour) && hour.n == 2 &&
	    hy_str_to_int(hour, 0, 23, &h) && hy_str_to_int(rest, 0, 59, &m)) {
		*out = (int)(h * 60 + m);
		return true;
	}
	hy_yaml_finding(hy_yaml_get(at, key), findings, "应写成“22:00”这样的时刻");
	return false;
}

static void read_quiet(const struct hy_yaml_node *entry, struct hy_findings *findings,
		       struct hy_quiet *out)
{
	const struct hy_yaml_node *at = hy_yaml_get(entry, "quiet");
	struct hy_quiet quiet = {.pass = HY_SEVERITY_MAJOR};
	struct hy_str pass;

	if (!at)
		return;
	if (!hy_yaml_is_mapping(at)) {
		hy_yaml_finding(at, findings, "免打扰应写成 {from: \"22:00\", to: \"07:00\", pass: major}");
		return;
	}
	(void)hy_yaml_known_keys(at, quiet_keys, findings);
	if (hy_yaml_read_text(at, "pass", false, findings, &pass) &&
	    !hy_severity_parse(pass, &quiet.pass))
		hy_yaml_finding(hy_yaml_get(at, "pass"), findings, "没有等级“%.*s”", HY_STR_ARGS(pass));
	if (read_minute(at, "from", findings, &quiet.from) &&
	    read_minute(at, "to", findings, &quiet.to))
		*out = quiet;
}

static void read_delivery(const struct hy_yaml_node *entry, struct hy_findings *findings,
			  struct hy_channel *c)
{
	c->timeout_ms = TIMEOUT_DEFAULT_MS;
	c->fallback_after_ms = FALLBACK_AFTER_DEFAULT_MS;
	c->failures = FAILURES_DEFAULT;
	c->budget = c->type->budget;
	c->repeat = c->type->repeats;
	(void)hy_yaml_read_duration(entry, "timeout", 100, TIMEOUT_MAX_MS, findings,
				    &c->timeout_ms);
	(void)hy_yaml_read_duration(entry, "gather", 0, GATHER_MAX_MS, findings, &c->gather_ms);
	if (hy_yaml_read_int(entry, "budget", 1, BUDGET_MAX, findings, &c->budget) &&
	    c->type->budget && c->budget > c->type->budget)
		hy_yaml_finding(hy_yaml_get(entry, "budget"), findings,
				"%s 每分钟不超过 %d 条，多了会被停发", c->type->id, (int)c->type->budget);
	(void)hy_yaml_read_bool(entry, "repeat", findings, &c->repeat);
	(void)hy_yaml_read_bool(entry, "standby", findings, &c->standby);
	(void)hy_yaml_read_text(entry, "fallback", false, findings, &c->fallback);
	(void)hy_yaml_read_duration(entry, "fallback_after", FALLBACK_AFTER_MIN_MS,
				    FALLBACK_AFTER_MAX_MS, findings, &c->fallback_after_ms);
	(void)hy_yaml_read_int(entry, "failures", 1, FAILURES_MAX, findings, &c->failures);
	read_quiet(entry, findings, &c->quiet);
	read_file_name(entry, "key_file", findings, &c->key_file);
	read_file_name(entry, "secret_file", findings, &c->secret_file);
	read_file_name(entry, "password_file", findings, &c->password_file);
	read_file_name(entry, "ca_file", findings, &c->ca_file);
}

/* ---- a channel ---- */

static bool read_type(const struct hy_yaml_node *entry, struct hy_findings *findings,
		      struct hy_channel *channel)
{
	hy_cleanup(hy_buf_fini) struct hy_buf names = HY_BUF(MESSAGE_BYTES);
	struct hy_str type;

	if (!hy_yaml_read_text(entry, "type", true, findings, &type))
		return false;
	channel->type = hy_channel_type_find(type);
	if (channel->type)
		return true;
	hy_channel_type_names(&names);
	hy_yaml_finding(hy_yaml_get(entry, "type"), findings, "通道类型应为 %.*s 之一",
			HY_STR_ARGS(hy_buf_str(&names)));
	return false;
}

static void want_keys(const struct hy_yaml_node *entry, const struct hy_channel_type *type,
		      struct hy_findings *findings)
{
	(void)hy_yaml_known_keys(entry, type->keys, findings);
	for (const char *const *key = type->required; *key; key++) {
		if (!hy_yaml_get(entry, *key))
			hy_yaml_finding(entry, findings, "%s 通道缺少“%s”", type->id, *key);
	}
}

static void read_channel(const struct hy_channels *channels, const struct hy_yaml_node *entry,
			 struct hy_findings *findings, struct hy_channel *channel)
{
	const struct hy_channel *twin;

	channel->at = entry;
	channel->type = &hy_channel_publish;
	if (!hy_yaml_is_mapping(entry)) {
		hy_yaml_finding(entry, findings, "每个通道应写成“键: 值”");
		return;
	}
	channel->id = hy_rule_id(entry, findings);
	twin = hy_channels_find(channels, channel->id);
	if (twin)
		hy_yaml_finding(hy_yaml_get(entry, "id"), findings,
				"通道“%.*s”重复，前一处在第 %d 行", HY_STR_ARGS(channel->id),
				hy_yaml_line(twin->at));
	if (!read_type(entry, findings, channel)) {
		channel->type = &hy_channel_publish;
		return;
	}
	want_keys(entry, channel->type, findings);
	read_words(entry, "units", findings, &channel->units);
	read_words(entry, "steps", findings, &channel->steps);
	channel->severities = hy_rule_severities(entry, "severity", findings);
	if (channel->type == &hy_channel_publish)
		return;
	read_delivery(entry, findings, channel);
	read_url(entry, findings, channel);
	if (is_among(channel->type->keys, "from"))
		read_mail(entry, findings, channel);
}

/* ---- the file ---- */

/* A chain of fallbacks ends; where it would go round, the one that closes the ring is named. */
static void check_fallback(const struct hy_channels *channels, const struct hy_channel *channel,
			   struct hy_findings *findings)
{
	const struct hy_yaml_node *at = hy_yaml_get(channel->at, "fallback");
	const struct hy_channel *next = channel;

	for (size_t i = 0; next && next->fallback.n && i <= channels->count; i++) {
		next = hy_channels_find(channels, next->fallback);
		if (next == channel) {
			hy_yaml_finding(at, findings, "后备通道绕回了自己");
			return;
		}
	}
	if (!channel->fallback.n)
		return;
	next = hy_channels_find(channels, channel->fallback);
	if (!next)
		hy_yaml_finding(at, findings, "没有通道“%.*s”", HY_STR_ARGS(channel->fallback));
	else if (next->type == &hy_channel_publish)
		hy_yaml_finding(at, findings, "“%.*s”只供显示，不能作后备",
				HY_STR_ARGS(channel->fallback));
}

static void read_list(struct hy_channels *channels, const struct hy_yaml_node *list,
		      struct hy_findings *findings)
{
	if (hy_yaml_count(list) > HY_CHANNELS_MAX) {
		hy_yaml_finding(list, findings, "通道超过 %d 个", HY_CHANNELS_MAX);
		return;
	}
	channels->item = hy_xcalloc(hy_yaml_count(list) + 1, sizeof *channels->item);
	for (size_t i = 0; i < hy_yaml_count(list); i++) {
		read_channel(channels, hy_yaml_item(list, i), findings, &channels->item[i]);
		channels->count++;
	}
	for (size_t i = 0; i < channels->count; i++)
		check_fallback(channels, &channels->item[i], findings);
}

enum hy_err hy_channels_load(const char *dir, struct hy_findings *findings,
			     struct hy_channels **out)
{
	struct hy_channels *channels = hy_xcalloc(1, sizeof *channels);
	const struct hy_yaml_node *list;
	enum hy_err err = hy_rule_file_open(dir, CHANNELS_FILE, findings, &channels->file);

	if (err) {
		hy_channels_free(channels);
		return err;
	}
	list = hy_rule_list(channels->file, "channels", findings);
	(void)hy_yaml_known_keys(hy_yaml_root(channels->file), root_keys, findings);
	if (list)
		read_list(channels, list, findings);
	*out = channels;
	return HY_OK;
}

void hy_channels_free(struct hy_channels *channels)
{
	if (!channels)
		return;
	hy_yaml_free(channels->file);
	free(channels->item);
	free(channels);
}

const struct hy_channel *hy_channels_find(const struct hy_channels *channels, struct hy_str id)
{
	for (size_t i = 0; id.n && i < channels->count; i++) {
		if (hy_str_eq(channels->item[i].id, id))
			return &channels->item[i];
	}
	return NULL;
}

/* ---- what a channel takes ---- */

static bool words_match(const struct hy_channel_words *words, struct hy_str text)
{
	for (size_t i = 0; i < words->count; i++) {
		if (hy_str_glob(words->item[i], text))
			return true;
	}
	return words->count == 0;
}

bool hy_channel_takes(const struct hy_channel *channel, struct hy_str unit,
		      enum hy_severity severity, struct hy_str step)
{
	return !channel->standby && (channel->severities & (1u << severity)) &&
	       words_match(&channel->units, unit) && words_match(&channel->steps, step);
}

struct hy_wall hy_channel_quiet_until(const struct hy_channel *channel, enum hy_severity severity,
				      struct hy_wall now)
{
	const struct hy_quiet *quiet = &channel->quiet;
	struct hy_civil c = hy_civil_of(now, HY_CST_OFFSET_MIN);
	int minute = c.hour * 60 + c.minute;
	int length = (quiet->to - quiet->from + MINUTES_OF_DAY) % MINUTES_OF_DAY;
	int passed = (minute - quiet->from + MINUTES_OF_DAY) % MINUTES_OF_DAY;

	if (passed >= length || severity >= quiet->pass)
		return now;
	return hy_wall_add_ms(now, (int64_t)(length - passed) * 60000 - c.second * 1000 - c.ms);
}
