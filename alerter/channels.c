#include "alerter/channels.h"

#include <stdlib.h>

#include "common/base/mem.h"

#define CHANNELS_FILE "channels.yaml"
#define TIMEOUT_DEFAULT_MS 10000
#define TIMEOUT_MAX_MS 60000

static const char *const root_keys[] = {"channels", NULL};
static const char *const channel_keys[] = {"id",  "type",	 "units",   "steps", "severity",
					   "url", "secret_file", "timeout", "note",  NULL};

static void read_globs(const struct hy_yaml_node *entry, const char *key,
		       struct hy_findings *findings, struct hy_channel_globs *out)
{
	size_t count = hy_rule_word_count(entry, key);

	if (count > HY_CHANNEL_GLOBS_MAX) {
		hy_yaml_finding(hy_yaml_get(entry, key), findings, "“%s”不超过 %d 项", key,
				HY_CHANNEL_GLOBS_MAX);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct hy_yaml_node *at;

		out->item[out->count++] = hy_rule_word(entry, key, i, &at);
	}
}

static void read_type(const struct hy_yaml_node *entry, struct hy_findings *findings,
		      struct hy_channel *channel)
{
	struct hy_str type;

	if (!hy_yaml_read_text(entry, "type", true, findings, &type))
		return;
	if (hy_str_eq_c(type, "publish")) {
		channel->type = HY_CHANNEL_PUBLISH;
	} else if (hy_str_eq_c(type, "webhook")) {
		channel->type = HY_CHANNEL_WEBHOOK;
		if (hy_yaml_read_text(entry, "url", true, findings, &channel->url) &&
		    !hy_str_starts(channel->url, HY_STR_LIT("http://")) &&
		    !hy_str_starts(channel->url, HY_STR_LIT("https://")))
			hy_yaml_finding(hy_yaml_get(entry, "url"), findings,
					"地址应以 http:// 或 https:// 开头");
	} else {
		hy_yaml_finding(hy_yaml_get(entry, "type"), findings,
				"通道类型应为 publish 或 webhook");
	}
}

static void read_channel(const struct hy_channels *channels, const struct hy_yaml_node *entry,
			 struct hy_findings *findings, struct hy_channel *channel)
{
	const struct hy_channel *twin;

	channel->at = entry;
	if (!hy_yaml_is_mapping(entry)) {
		hy_yaml_finding(entry, findings, "每个通道应写成“键: 值”");
		return;
	}
	(void)hy_yaml_known_keys(entry, channel_keys, findings);
	channel->id = hy_rule_id(entry, findings);
	twin = hy_channels_find(channels, channel->id);
	if (twin)
		hy_yaml_finding(hy_yaml_get(entry, "id"), findings,
				"通道“%.*s”重复，前一处在第 %d 行", HY_STR_ARGS(channel->id),
				hy_yaml_line(twin->at));
	read_type(entry, findings, channel);
	read_globs(entry, "units", findings, &channel->units);
	read_globs(entry, "steps", findings, &channel->steps);
	channel->severities = hy_rule_severities(entry, "severity", findings);
	channel->timeout_ms = TIMEOUT_DEFAULT_MS;
	(void)hy_yaml_read_duration(entry, "timeout", 100, TIMEOUT_MAX_MS, findings,
				    &channel->timeout_ms);
	(void)hy_yaml_read_text(entry, "secret_file", false, findings, &channel->secret_file);
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
	if (list && hy_yaml_count(list) > HY_CHANNELS_MAX) {
		hy_yaml_finding(list, findings, "通道超过 %d 个", HY_CHANNELS_MAX);
	} else if (list) {
		(void)hy_yaml_known_keys(hy_yaml_root(channels->file), root_keys, findings);
		channels->item = hy_xcalloc(hy_yaml_count(list) + 1, sizeof *channels->item);
		for (size_t i = 0; i < hy_yaml_count(list); i++) {
			read_channel(channels, hy_yaml_item(list, i), findings, &channels->item[i]);
			channels->count++;
		}
	}
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

static bool globs_match(const struct hy_channel_globs *globs, struct hy_str text)
{
	for (size_t i = 0; i < globs->count; i++) {
		if (hy_str_glob(globs->item[i], text))
			return true;
	}
	return globs->count == 0;
}

bool hy_channel_takes(const struct hy_channel *channel, struct hy_str unit,
		      enum hy_severity severity, struct hy_str step)
{
	return (channel->severities & (1u << severity)) && globs_match(&channel->units, unit) &&
	       globs_match(&channel->steps, step);
}
