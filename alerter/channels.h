/*
 * channels.yaml: the ways a notice goes out. `publish` is ZeroMQ PUB, read by the terminal and
 * any display; the others bring it to another machine (channel_type.h). A notice goes to every
 * channel whose units, severities and steps match. Secrets stand in files of their own, never
 * in rules.
 */
#ifndef HY_ALERTER_CHANNELS_H
#define HY_ALERTER_CHANNELS_H

#include <stddef.h>
#include <stdint.h>

#include "alerter/outgoing.h"
#include "alerter/rule_file.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/severity.h"
#include "common/sys/yaml.h"

#define HY_CHANNEL_WORDS_MAX 32
#define HY_CHANNELS_MAX 64

struct hy_channel_type;

struct hy_channel_words {
	struct hy_str item[HY_CHANNEL_WORDS_MAX];
	size_t count;			/* 0: everything matches */
};

/* Minutes of the day; the span may go over midnight. from == to: none. */
struct hy_quiet {
	int from, to;
	enum hy_severity pass;		/* this grave or graver goes out all the same */
};

struct hy_channel {
	struct hy_str id;
	const struct hy_channel_type *type;
	struct hy_channel_words units, steps;
	unsigned severities;
	bool standby;			/* takes only what another channel could not bring */
	struct hy_str url;		/* a robot's may be empty: the maker's own */
	struct hy_str key_file, secret_file, password_file;	/* relative to the rules */
	struct hy_str user, from, ca_file;	/* mail */
	struct hy_channel_words to;
	enum hy_mail_tls tls;
	bool repeat;			/* what may have arrived is sent again: receivers tell by id */
	int64_t timeout_ms, gather_ms;
	int64_t budget;			/* attempts a minute; 0: no limit */
	struct hy_quiet quiet;
	struct hy_str fallback;		/* a channel, or "" */
	int64_t fallback_after_ms, failures;
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

/* From when on a notice of that severity may go out: now, or the end of the quiet hours. */
struct hy_wall hy_channel_quiet_until(const struct hy_channel *channel, enum hy_severity severity,
				      struct hy_wall now);

#endif
