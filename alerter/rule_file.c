#include "alerter/rule_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define ID_BYTES_MAX 64

bool hy_validity_covers(const struct hy_validity *v, struct hy_wall at)
{
	return (!hy_wall_known(v->from) || v->from.ms <= at.ms) &&
	       (!hy_wall_known(v->to) || at.ms < v->to.ms);
}

bool hy_validity_overlap(const struct hy_validity *a, const struct hy_validity *b)
{
	if (hy_wall_known(a->to) && hy_wall_known(b->from) && a->to.ms <= b->from.ms)
		return false;
	return !(hy_wall_known(b->to) && hy_wall_known(a->from) && b->to.ms <= a->from.ms);
}

bool hy_validity_within(const struct hy_validity *inner, const struct hy_validity *outer)
{
	if (hy_wall_known(outer->from) &&
	    (!hy_wall_known(inner->from) || inner->from.ms < outer->from.ms))
		return false;
	return !hy_wall_known(outer->to) ||
	       (hy_wall_known(inner->to) && inner->to.ms <= outer->to.ms);
}

void hy_validity_read(const struct hy_yaml_node *entry, struct hy_findings *findings,
		      struct hy_validity *out)
{
	out->from = out->to = HY_WALL_NONE;
	(void)hy_yaml_read_wall(entry, "valid_from", findings, &out->from);
	(void)hy_yaml_read_wall(entry, "valid_to", findings, &out->to);
	if (hy_wall_known(out->from) && hy_wall_known(out->to) && out->to.ms <= out->from.ms)
		hy_yaml_finding(hy_yaml_get(entry, "valid_to"), findings,
				"有效期的结束不晚于开始");
}

void hy_moments_fini(struct hy_moments *m)
{
	free(m->item);
	*m = (struct hy_moments){0};
}

bool hy_moments_add(struct hy_moments *m, struct hy_wall at, struct hy_wall from,
		    struct hy_wall to)
{
	size_t i = m->count;

	if (!hy_wall_known(at) || at.ms < from.ms || at.ms >= to.ms)
		return true;
	while (i > 0 && m->item[i - 1].ms > at.ms)
		i--;
	if (i > 0 && m->item[i - 1].ms == at.ms)
		return true;
	if (m->count == HY_RULE_ENTRIES_MAX)
		return false;
	m->item = hy_grow(m->item, &m->cap, m->count + 1, sizeof *m->item);
	memmove(m->item + i + 1, m->item + i, (m->count - i) * sizeof *m->item);
	m->item[i] = at;
	m->count++;
	return true;
}

bool hy_moments_add_validity(struct hy_moments *m, const struct hy_validity *v,
			     struct hy_wall from, struct hy_wall to)
{
	return hy_moments_add(m, v->from, from, to) && hy_moments_add(m, v->to, from, to);
}

/* For what has no node to stand at. */
static void add_file_finding(struct hy_findings *findings, const char *path, const char *text)
{
	hy_buf_addf(&findings->text, "%s:1:1: %s\n", path, text);
	findings->count++;
}

enum hy_err hy_rule_file_open(const char *dir, const char *name, struct hy_findings *findings,
			      struct hy_yaml **out)
{
	char path[HY_RULE_PATH_BYTES];
	int n = snprintf(path, sizeof path, "%s/%s", dir, name);
	size_t before = findings->count;
	struct hy_yaml *file = NULL;
	enum hy_err err = HY_ERR_LIMIT;

	if (n > 0 && (size_t)n < sizeof path)
		err = hy_yaml_open(path, NULL, findings, &file);
	if (err) {
		if (findings->count == before)
			add_file_finding(findings, path, "无法读取该文件");
		return err;
	}
	if (!hy_yaml_root(file) || !hy_yaml_is_mapping(hy_yaml_root(file))) {
		add_file_finding(findings, path, "文件应写成“键: 值”");
		hy_yaml_free(file);
		return HY_ERR_MALFORMED;
	}
	*out = file;
	return HY_OK;
}

const struct hy_yaml_node *hy_rule_list(const struct hy_yaml *file, const char *key,
					struct hy_findings *findings)
{
	const struct hy_yaml_node *root = hy_yaml_root(file), *list;

	list = hy_yaml_get(root, key);
	if (!list) {
		hy_yaml_finding(root, findings, "缺少“%s”", key);
		return NULL;
	}
	if (!hy_yaml_is_sequence(list)) {
		hy_yaml_finding(list, findings, "“%s”应为列表", key);
		return NULL;
	}
	if (hy_yaml_count(list) > HY_RULE_ENTRIES_MAX) {
		hy_yaml_finding(list, findings, "“%s”超过 %d 项", key, HY_RULE_ENTRIES_MAX);
		return NULL;
	}
	return list;
}

static bool id_is_good(struct hy_str id)
{
	if (id.n == 0 || id.n > ID_BYTES_MAX)
		return false;
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
		      c == '_'))
			return false;
	}
	return true;
}

struct hy_str hy_rule_id(const struct hy_yaml_node *entry, struct hy_findings *findings)
{
	struct hy_str id = {0};

	if (!hy_yaml_read_text(entry, "id", true, findings, &id))
		return (struct hy_str){0};
	if (id_is_good(id))
		return id;
	hy_yaml_finding(hy_yaml_get(entry, "id"), findings,
			"id 只能用小写字母、数字和 . - _，不超过 %d 字节", ID_BYTES_MAX);
	return (struct hy_str){0};
}

size_t hy_rule_word_count(const struct hy_yaml_node *entry, const char *key)
{
	const struct hy_yaml_node *value = hy_yaml_get(entry, key);

	if (!value)
		return 0;
	return hy_yaml_is_sequence(value) ? hy_yaml_count(value) : 1;
}

struct hy_str hy_rule_word(const struct hy_yaml_node *entry, const char *key, size_t index,
			   const struct hy_yaml_node **out_at)
{
	const struct hy_yaml_node *value = hy_yaml_get(entry, key);

	if (value && hy_yaml_is_sequence(value))
		value = hy_yaml_item(value, index);
	*out_at = value;
	return value ? hy_yaml_text(value) : (struct hy_str){0};
}

unsigned hy_rule_severities(const struct hy_yaml_node *entry, const char *key,
			    struct hy_findings *findings)
{
	size_t count = hy_rule_word_count(entry, key);
	unsigned set = 0;

	if (count == 0)
		return HY_RULE_ALL_SEVERITIES;
	for (size_t i = 0; i < count; i++) {
		const struct hy_yaml_node *at;
		struct hy_str word = hy_rule_word(entry, key, i, &at);
		enum hy_severity severity;

		if (hy_severity_parse(word, &severity))
			set |= 1u << severity;
		else
			hy_yaml_finding(at, findings, "没有“%.*s”这个等级", HY_STR_ARGS(word));
	}
	return set;
}
