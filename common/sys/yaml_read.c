/* Typed reads: what a value should be, and what to say where it is not. */
#include <stdint.h>
#include <string.h>

#include "common/base/suggest.h"
#include "common/base/utf8.h"
#include "common/sys/yaml.h"
#include "common/sys/yaml_tree.h"

#define SHOWN_RUNES 40

/* ---- keys ---- */

static bool is_known(struct hy_str key, const char *const *keys)
{
	for (; *keys; keys++)
		if (hy_str_eq_c(key, *keys))
			return true;
	return false;
}

/* The head of a text as a finding shows it. */
static struct hy_str shown(struct hy_str s)
{
	size_t at = 0;

	for (size_t count = 0; at < s.n && count < SHOWN_RUNES; count++) {
		uint32_t rune;
		size_t n = hy_utf8_decode(s.p + at, s.n - at, &rune);

		at += n ? n : 1;
	}
	return hy_str_sub(s, 0, at);
}

bool hy_yaml_known_keys(const struct hy_yaml_node *mapping, const char *const *keys,
			struct hy_findings *findings)
{
	bool good = true;

	for (size_t i = 0; i < hy_yaml_count(mapping); i++) {
		const struct hy_yaml_node *key, *value;

		hy_yaml_pair(mapping, i, &key, &value);
		if (!hy_yaml_is_scalar(key) || is_known(key->text, keys))
			continue;
		struct hy_suggest near = hy_suggest_for(key->text);

		for (const char *const *known = keys; *known; known++)
			hy_suggest_offer(&near, hy_str_of(*known));
		if (near.best.n)
			hy_yaml_finding(key, findings, "未知的键 “%.*s”，是否想写 “%.*s”？",
					HY_STR_ARGS(shown(key->text)), HY_STR_ARGS(near.best));
		else
			hy_yaml_finding(key, findings, "未知的键 “%.*s”",
					HY_STR_ARGS(shown(key->text)));
		good = false;
	}
	return good;
}

/* ---- values ---- */

/* The scalar at mapping[key], or NULL; a list or mapping in its place is a finding. */
static const struct hy_yaml_node *scalar_at(const struct hy_yaml_node *mapping, const char *key,
					    struct hy_findings *findings)
{
	const struct hy_yaml_node *node = hy_yaml_get(mapping, key);

	if (!node || hy_yaml_is_scalar(node))
		return node;
	hy_yaml_finding(node, findings, "“%s” 应为单个值，不能是列表或映射", key);
	return NULL;
}

bool hy_yaml_read_text(const struct hy_yaml_node *mapping, const char *key, bool required,
		       struct hy_findings *findings, struct hy_str *out)
{
	const struct hy_yaml_node *node = scalar_at(mapping, key, findings);

	if (!node) {
		if (required && !hy_yaml_get(mapping, key))
			hy_yaml_finding(mapping, findings, "缺少必填的键 “%s”", key);
		return false;
	}
	if (required && !node->text.n) {
		hy_yaml_finding(node, findings, "“%s” 不能为空", key);
		return false;
	}
	*out = node->text;
	return true;
}

/* style: long because a range and where its breach is told belong to one read. */
bool hy_yaml_read_int(const struct hy_yaml_node *mapping, const char *key, int64_t min, int64_t max,
		      struct hy_findings *findings, int64_t *out)
{
	const struct hy_yaml_node *node = scalar_at(mapping, key, findings);

	if (!node)
		return false;
	if (hy_str_to_int(node->text, min, max, out))
		return true;
	hy_yaml_finding(node, findings, "“%s” 应为整数（%lld 至 %lld），实为 “%.*s”", key,
			(long long)min, (long long)max, HY_STR_ARGS(shown(node->text)));
	return false;
}

bool hy_yaml_read_bool(const struct hy_yaml_node *mapping, const char *key,
		       struct hy_findings *findings, bool *out)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {
		{"true", true}, {"yes", true}, {"是", true},
		{"false", false}, {"no", false}, {"否", false},
	};
	const struct hy_yaml_node *node = scalar_at(mapping, key, findings);

	if (!node)
		return false;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (hy_str_eq_nocase(node->text, hy_str_of(words[i].word))) {
			*out = words[i].value;
			return true;
		}
	hy_yaml_finding(node, findings, "“%s” 应为 true（是）或 false（否），实为 “%.*s”", key,
			HY_STR_ARGS(shown(node->text)));
	return false;
}

/* style: long because a range and where its breach is told belong to one read. */
bool hy_yaml_read_duration(const struct hy_yaml_node *mapping, const char *key, int64_t min_ms,
			   int64_t max_ms, struct hy_findings *findings, int64_t *out_ms)
{
	const struct hy_yaml_node *node = scalar_at(mapping, key, findings);
	int64_t ms;

	if (!node)
		return false;
	if (!hy_duration_parse(node->text, &ms)) {
		hy_yaml_finding(node, findings, "“%s” 应为时长（如 90s、5m、48h、7d），实为 “%.*s”", key,
				HY_STR_ARGS(shown(node->text)));
		return false;
	}
	if (ms < min_ms || ms > max_ms) {
		hy_yaml_finding(node, findings, "“%s” 应在 %lld 至 %lld 秒之间，实为 “%.*s”", key,
				(long long)(min_ms / 1000), (long long)(max_ms / 1000),
				HY_STR_ARGS(shown(node->text)));
		return false;
	}
	*out_ms = ms;
	return true;
}

static bool parse_date(struct hy_str s, struct hy_wall *out)
{
	struct hy_civil c = {0};
	int64_t year, month, day;

	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-')
		return false;
	if (!hy_str_to_int(hy_str_sub(s, 0, 4), 1, 9999, &year) ||
	    !hy_str_to_int(hy_str_sub(s, 5, 2), 1, 12, &month) ||
	    !hy_str_to_int(hy_str_sub(s, 8, 2), 1, 31, &day))
		return false;
	c.year = (int)year;
	c.month = (int)month;
	c.day = (int)day;
	return hy_wall_of_civil(&c, HY_CST_OFFSET_MIN, out);
}

bool hy_yaml_read_wall(const struct hy_yaml_node *mapping, const char *key,
		       struct hy_findings *findings, struct hy_wall *out)
{
	const struct hy_yaml_node *node = scalar_at(mapping, key, findings);

	if (!node)
		return false;
	if (parse_date(node->text, out) || hy_wall_parse(node->text, out))
		return true;
	hy_yaml_finding(node, findings,
			"“%s” 应为日期（2026-11-23）或带时区的时刻（2026-11-23T09:00:00+08:00），实为 “%.*s”",
			key, HY_STR_ARGS(shown(node->text)));
	return false;
}
