/*
 * channels.yaml: the ways a notice goes out. `publish` is ZeroMQ PUB, read by the terminal and
 * any display; `webhook` posts JSON. A notice goes to every channel whose units, severities and
 * steps match. Secrets stand in files of their own, never in rules.
 */
#ifndef HY_ALERTER_CHANNELS_H
#define HY_ALERTER_CHANNELS_H

#include <stddef.h>
#include <stdint.h>

#include "alerter/rule_file.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/sys/severity.h"
#include "common/sys/yaml.h"

#define HY_CHANNEL_GLOBS_MAX 32
#define HY_CHANNELS_MAX 64

enum hy_channel_type {
	HY_CHANNEL_PUBLISH,
	HY_CHANNEL_WEBHOOK,
};

struct hy_channel_globs {
	struct hy_str item[HY_CHANNEL_GLOBS_MAX];
	size_t count;			/* 0: everything matches */
};

struct hy_channel {
	struct hy_str id;
	enum hy_channel_type type;
	struct hy_channel_globs units, steps;
	unsigned severities;
	struct hy_str url;		/* webhook: http or https */
	struct hy_str secret_file;	/* webhook: HMAC key; "" without; relative to the rules */
	int64_t timeout_ms;
	const struct hy_yaml_node *at;
};

struct hy_channels {
	struct hy_yaml *file;
	struct hy_channel *item;
	size_t count;
};

enum hy_err hy_channels_load(const char *dir, struct hy_findings *findings,
			     struct hy_channels **out) HY_MUST_CHECK;
void hy_channels_free(struct hy_channels *channels);

const struct hy_channel *hy_channels_find(const struct hy_channels *channels, struct hy_str id);

/* Whether a notice to that unit, of that severity and step, goes this way. */
bool hy_channel_takes(const struct hy_channel *channel, struct hy_str unit,
		      enum hy_severity severity, struct hy_str step);

#endif
