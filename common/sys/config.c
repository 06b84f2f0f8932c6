#include "common/sys/config.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/sys/config_value.h"
#include "common/sys/yaml.h"
#include "common/sys/yaml_tree.h"

#define RANGE_BYTES 200

/*
 * The folder from which the file's relative paths count, whole: what --dump-config prints, and
 * what a process with another working folder is told, must mean the same. Caller frees.
 */
static char *folder_of(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	char *folder, *whole;

	if (!path)
		return NULL;
	if (slash)
		folder = hy_xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
	else
		folder = hy_xstrdup(".");
	whole = realpath(folder, NULL);
	if (!whole)
		return folder;	/* opening the file will say why */
	free(folder);
	return whole;
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

/* Is this a file of sections, and are all of them known? */
static bool check_sections(const struct hy_yaml_node *root, const char *const *known,
			   struct hy_findings *findings)
{
	if (hy_yaml_is_mapping(root))
		return hy_yaml_known_keys(root, known, findings);
	hy_yaml_finding(root, findings, "配置文件应由若干节组成（common、crawler……）");
	return false;
}

static void finish_section(const char *path, const struct hy_config_section *section, void *values,
			   struct hy_findings *findings)
{
	struct hy_error e = {0};

	if (section->finish && section->finish(values, &e) != HY_OK)
		hy_findings_add(findings, path ? path : section->name, 1, 1, e.text);
}

/* style: long because what a load needs and what it gives are all of its own kind. */
enum hy_err hy_config_load(const char *path, const struct hy_config_section *const *sections,
			   size_t count, const char *const *known, void **out,
			   struct hy_buf *findings)
{
	hy_cleanup(hy_free_p) void **values = hy_xcalloc(count, sizeof *values);
	hy_cleanup(hy_free_p) char *folder = folder_of(path);
	const struct hy_yaml_node *root = NULL, *node;
	struct hy_yaml *file = NULL;
	struct hy_findings found;
	enum hy_err err;

	hy_findings_init(&found);
	/* An unreadable file is a finding too: the caller prints one kind of message. */
	if (path && hy_yaml_open(path, NULL, &found, &file) == HY_OK)
		root = hy_yaml_root(file);
	if (root && !check_sections(root, known, &found))
		root = NULL;
	for (size_t i = 0; i < count; i++) {
		values[i] = preset_values(sections[i], hy_str_of(folder));
		node = root ? hy_yaml_get(root, sections[i]->name) : NULL;
		if (node)
			read_section(node, sections[i], hy_str_of(folder), values[i], &found);
	}
	hy_yaml_free(file);
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
		hy_cleanup(hy_buf_fini) struct hy_buf range = HY_BUF(RANGE_BYTES);

		hy_config_value_range(row, " to ", "bytes", &range);
		hy_buf_addf(out, "  # %s%s%s%s%s%.*s%s%s\n", row->doc, row->unit ? " [" : "",
			    row->unit ? row->unit : "", row->unit ? "]" : "", range.n ? " (" : "",
			    HY_STR_ARGS(hy_buf_str(&range)), range.n ? ")" : "",
			    row->restart ? "; takes effect at the next start" : "");
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
