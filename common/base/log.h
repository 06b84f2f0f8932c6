/*
 * Logging: one line per event on standard error, key=value; the supervisor owns files.
 *
 *   hy_log(log, HY_LOG_WARN, "fetch failed", hy_kv("url", url), hy_kv_int("status", 503));
 *   2026-11-23T09:00:00+08:00 warn crawler fetch failed url=http://a/ status=503
 *
 * Only the place that decides logs, once. Never page bodies, never credentials.
 * error = someone must act, warn = handled but abnormal, info = state changes, debug.
 */
#ifndef HY_BASE_LOG_H
#define HY_BASE_LOG_H

#include <stdint.h>

#include "common/base/str.h"

#define HY_LOG_LEVEL_LIST(X) X(ERROR, "error") X(WARN, "warn") X(INFO, "info") X(DEBUG, "debug")

enum hy_log_level {
#define X(name, text) HY_LOG_##name,
	HY_LOG_LEVEL_LIST(X)
#undef X
};

struct hy_log {
	const char *name;		/* which program */
	enum hy_log_level level;	/* what is less urgent is dropped */
};

struct hy_kv {
	const char *key;	/* NULL ends the list */
	struct hy_str text;	/* a value with white space or quotes is printed quoted */
	int64_t number;
	int is_number;
};

static inline struct hy_kv hy_kv(const char *key, const char *value)
{
	return (struct hy_kv){.key = key, .text = hy_str_of(value)};
}
static inline struct hy_kv hy_kv_str(const char *key, struct hy_str value)
{
	return (struct hy_kv){.key = key, .text = value};
}
static inline struct hy_kv hy_kv_int(const char *key, int64_t value)
{
	return (struct hy_kv){.key = key, .number = value, .is_number = 1};
}

#define hy_log(log, level, ...) \
	hy_log_select_(log, level, __VA_ARGS__, (struct hy_kv){.key = 0})
#define hy_log_select_(log, level, message, ...) \
	hy_log_write(log, level, message, (const struct hy_kv[]){__VA_ARGS__})

void hy_log_write(const struct hy_log *log, enum hy_log_level level, const char *message,
		  const struct hy_kv *pairs);

#endif
