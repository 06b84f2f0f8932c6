#include "common/sys/config.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/sys/config_value.h"
#include "common/sys/yaml.h"
#include "common/sys/yaml_tree.h"

#define RANGE_BYTES 200

static struct hy_str folder_of(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? (struct hy_str){path, (size_t)(slash - path)} : (struct hy_str){NULL, 0};
}

/* A preset that its own row refuses is a mistake in the program. */
static void *preset_values(const struct hy_config_section *section, struct hy_str folder)
{
	void *values = hy_xcalloc(1, section->struct_bytes);

	for (size_t i = 0; i < section->row_count; i++)
		hy_assert(hy_config_value_set(&section->rows[i],
					      hy_str_of(section->rows[i].preset), folder, values,
					      NULL) == HY_OK);
	return values;
}

static void check_keys(const struct hy_yaml_node *node, const struct hy_config_section *section,
		       struct hy_findings *findings)
{
	hy_cleanup(hy_free_p) const char **keys = hy_xcalloc(section->row_count + 1, sizeof *keys);

	for (size_t i = 0; i < section->row_count; i++)
		keys[i] = section->rows[i].key;
	(void)hy_yaml_known_keys(node, keys, findings);
}

static void read_section(const struct hy_yaml_node *node, const struct hy_config_section *section,
			 struct hy_str folder, void *values, struct hy_findings *findings)
{
	if (!hy_yaml_is_mapping(node)) {
		hy_yaml_finding(node, findings, "“%s” 一节应为 键: 值 的列表", section->name);
		return;
	}
	check_keys(node, section, findings);
	for (size_t i = 0; i < section->row_count; i++) {
		const struct hy_config_row *row = &section->rows[i];
		const struct hy_yaml_node *value = hy_yaml_get(node, row->key);
		struct hy_error e = {0};

		if (!value)
			continue;
		if (!hy_yaml_is_scalar(value))
			hy_yaml_finding(value, findings, "“%s” 应为单个值", row->key);
		else if (hy_config_value_set(row, hy_yaml_text(value), folder, values, &e) != HY_OK)
			hy_yaml_finding(value, findings, "%s", e.text);
	}
}

static void read_file(const char *path, const struct hy_config_section *const *sections,
		      size_t count, const char *const *known, void **values,
		      struct hy_findings *findings)
{
	struct hy_yaml *file = NULL;
	const struct hy_yaml_node *root;

	/* An unreadable file is a finding too: the caller prints one kind of message. */
	if (hy_yaml_open(path, NULL, findings, &file) != HY_OK)
		return;
	root = hy_yaml_root(file);
	if (root && !hy_yaml_is_mapping(root))
		hy_yaml_finding(root, findings, "配置文件应由若干节组成（common、crawler……）");
	else if (root && hy_yaml_known_keys(root, known, findings))
		for (size_t i = 0; i < count; i++) {
			const struct hy_yaml_node *node = hy_yaml_get(root, sections[i]->name);

			if (node)
				read_section(node, sections[i], folder_of(path), values[i],
					     findings);
		}
	hy_yaml_free(file);
}

static void finish_section(const char *path, const struct hy_config_section *section, void *values,
			   struct hy_findings *findings)
{
	struct hy_error e = {0};

	if (section->finish && section->finish(values, &e) != HY_OK)
		hy_findings_add(findings, path ? path : section->name, 1, 1, e.text);
}

enum hy_err hy_config_load(const char *path, const struct hy_config_section *const *sections,
			   size_t count, const char *const *known, void **out,
			   struct hy_buf *findings)
{
	hy_cleanup(hy_free_p) void **values = hy_xcalloc(count, sizeof *values);
	struct hy_findings found;
	enum hy_err err;

	hy_findings_init(&found);
	for (size_t i = 0; i < count; i++)
		values[i] = preset_values(sections[i], folder_of(path));
	if (path)
		read_file(path, sections, count, known, values, &found);
	for (size_t i = 0; found.count == 0 && i < count; i++)
		finish_section(path, sections[i], values[i], &found);
	err = found.count ? HY_ERR_MALFORMED : HY_OK;
	for (size_t i = 0; i < count; i++)
		if (err == HY_OK)
			out[i] = values[i];
		else
			hy_config_free(sections[i], values[i]);
	hy_buf_add_str(findings, hy_buf_str(&found.text));
	hy_findings_fini(&found);
	return err;
}

void hy_config_free(const struct hy_config_section *section, void *values)
{
	if (!values)
		return;
	for (size_t i = 0; i < section->row_count; i++)
		hy_config_value_fini(&section->rows[i], values);
	free(values);
}

void hy_config_dump(const struct hy_config_section *section, const void *values, struct hy_buf *out)
{
	hy_buf_addf(out, "%s:\n", section->name);
	for (size_t i = 0; i < section->row_count; i++) {
		const struct hy_config_row *row = &section->rows[i];
		hy_cleanup(hy_buf_fini) struct hy_buf range;

		hy_buf_init(&range, RANGE_BYTES);
		hy_config_value_range(row, &range);
		hy_buf_addf(out, "  # %s%s%s%s%.*s%s\n", row->doc, row->unit ? " [" : "",
			    row->unit ? row->unit : "", row->unit ? "]" : "",
			    HY_STR_ARGS(hy_buf_str(&range)),
			    row->restart ? " (takes effect at the next start)" : "");
		hy_buf_addf(out, "  %s: ", row->key);
		hy_config_value_format(row, values, out);
		hy_buf_add_c(out, "\n");
	}
}

const char *hy_config_needs_restart(const struct hy_config_section *section, const void *a,
				    const void *b)
{
	for (size_t i = 0; i < section->row_count; i++)
		if (section->rows[i].restart &&
		    !hy_config_value_eq(&section->rows[i], a, b))
			return section->rows[i].key;
	return NULL;
}
