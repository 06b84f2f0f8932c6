#include "common/rules/lists.h"

#include <stdlib.h>

#include "common/base/buf.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/suggest.h"

#define PATH_BYTES 4096
#define INCLUDE_KEY "include"

/* A file of lists; `open` while it and what it includes are read. */
struct list_file {
	char *name;		/* as included: from the folder of the rules */
	struct hy_yaml *yaml;	/* NULL: it could not be read */
	struct hy_id content;
	bool open;
};

struct hy_lists {
	char *rules_dir;
	struct list_file **files;
	size_t file_count, file_cap;
	struct hy_list **items;
	size_t count, cap;
	struct hy_map by_name;
};

struct hy_lists *hy_lists_new(const char *rules_dir)
{
	struct hy_lists *lists = hy_xcalloc(1, sizeof *lists);

	lists->rules_dir = rules_dir ? hy_xstrdup(rules_dir) : NULL;
	hy_map_init(&lists->by_name, HY_LISTS_MAX);
	return lists;
}

void hy_lists_free(struct hy_lists *lists)
{
	if (!lists)
		return;
	for (size_t i = 0; i < lists->file_count; i++) {
		hy_yaml_free(lists->files[i]->yaml);
		free(lists->files[i]->name);
		free(lists->files[i]);
	}
	for (size_t i = 0; i < lists->count; i++)
		free(lists->items[i]);
	free(lists->files);
	free(lists->items);
	hy_map_fini(&lists->by_name);
	free(lists->rules_dir);
	free(lists);
}

/* ---- one file ---- */

static void add_list(struct hy_lists *lists, const struct hy_yaml_node *key,
		     const struct hy_yaml_node *items, struct hy_findings *findings)
{
	struct hy_str name = hy_yaml_text(key);
	const struct hy_list *other = hy_map_get(&lists->by_name, name);

	if (other) {
		hy_cleanup(hy_buf_fini) struct hy_buf place = HY_BUF(PATH_BYTES * 2);

		hy_yaml_place(other->key, &place);
		hy_yaml_finding(key, findings, "名单 %.*s 重复，另一处在 %.*s", HY_STR_ARGS(name),
				HY_STR_ARGS(hy_buf_str(&place)));
		return;
	}
	if (name.n == 0 || lists->count == HY_LISTS_MAX) {
		hy_yaml_finding(key, findings, "名单没有名称，或超过 %d 个", HY_LISTS_MAX);
		return;
	}
	struct hy_list *list = hy_xcalloc(1, sizeof *list);

	*list = (struct hy_list){name, key, items};
	lists->items = hy_grow(lists->items, &lists->cap, lists->count + 1, sizeof list);
	lists->items[lists->count++] = list;
	enum hy_err stored = hy_map_set(&lists->by_name, name, list);
	hy_assert(stored == HY_OK);
}

static void read_lists(struct hy_lists *lists, const struct hy_yaml_node *root,
		       struct hy_findings *findings)
{
	if (!hy_yaml_is_mapping(root)) {
		hy_yaml_finding(root, findings, "应为“名单名: [词, …]”的映射");
		return;
	}
	for (size_t i = 0; i < hy_yaml_count(root); i++) {
		const struct hy_yaml_node *key, *items;

		hy_yaml_pair(root, i, &key, &items);
		if (hy_str_eq_c(hy_yaml_text(key), INCLUDE_KEY))
			hy_lists_include(lists, items, findings);
		else
			add_list(lists, key, items, findings);
	}
}

static struct list_file *new_file(struct hy_lists *lists, struct hy_str name)
{
	struct list_file *file = hy_xcalloc(1, sizeof *file);

	file->name = hy_str_dup(name);
	lists->files = hy_grow(lists->files, &lists->file_cap, lists->file_count + 1, sizeof file);
	lists->files[lists->file_count++] = file;
	return file;
}

static void read_file(struct hy_lists *lists, struct hy_str name, const struct hy_rules_text *text,
		      struct hy_findings *findings)
{
	const struct hy_str parts[] = {name, text->text};
	struct list_file *file = new_file(lists, name);

	file->content = hy_id_of(parts, HY_COUNT(parts));
	if (hy_yaml_parse(text->text, text->name, findings, &file->yaml))
		return;
	file->open = true;
	if (hy_yaml_root(file->yaml))
		read_lists(lists, hy_yaml_root(file->yaml), findings);
	file->open = false;
}

void hy_lists_read(struct hy_lists *lists, const struct hy_rules_text *file,
		   struct hy_findings *findings)
{
	const char *slash = strrchr(file->name, '/');

	read_file(lists, hy_str_of(slash ? slash + 1 : file->name), file, findings);
}

/* ---- including ---- */

static bool is_safe_path(struct hy_str path)
{
	struct hy_str rest = path, part;

	if (path.n == 0 || path.n > 200 || !hy_str_ends(path, HY_STR_LIT(".yaml")))
		return false;
	while (hy_str_next(&rest, '/', &part))
		if (part.n == 0 || part.p[0] == '.')
			return false;
	return true;
}

static struct list_file *known_file(const struct hy_lists *lists, struct hy_str name)
{
	for (size_t i = 0; i < lists->file_count; i++)
		if (hy_str_eq_c(name, lists->files[i]->name))
			return lists->files[i];
	return NULL;
}

static void include_one(struct hy_lists *lists, const struct hy_yaml_node *node,
			struct hy_findings *findings)
{
	hy_cleanup(hy_buf_fini) struct hy_buf path = HY_BUF(PATH_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_YAML_FILE_BYTES);
	struct hy_str name = hy_yaml_text(node);
	const struct list_file *known = known_file(lists, name);
	struct hy_error e = {0};

	if (known) {
		/* Read before, by whoever: its names are there. */
		if (known->open)
			hy_yaml_finding(node, findings, "%.*s 互相包含成环", HY_STR_ARGS(name));
		return;
	}
	if (!is_safe_path(name)) {
		hy_yaml_finding(node, findings, "include 应写规则文件夹里的路径，如 lists/交通.yaml");
		return;
	}
	hy_buf_addf(&path, "%s/%.*s", lists->rules_dir ? lists->rules_dir : "", HY_STR_ARGS(name));
	if (!lists->rules_dir || lists->file_count == HY_LIST_FILES_MAX || hy_buf_err(&path) ||
	    hy_rules_read(path.p, &text, &e)) {
		hy_yaml_finding(node, findings, "读不了名单文件 %.*s", HY_STR_ARGS(name));
		return;
	}
	const struct hy_rules_text file = {path.p, hy_buf_str(&text)};
	read_file(lists, name, &file, findings);
}

void hy_lists_include(struct hy_lists *lists, const struct hy_yaml_node *include,
		      struct hy_findings *findings)
{
	if (hy_yaml_is_sequence(include))
		for (size_t i = 0; i < hy_yaml_count(include); i++)
			include_one(lists, hy_yaml_item(include, i), findings);
	else
		include_one(lists, include, findings);
}

/* ---- reading the set ---- */

size_t hy_lists_count(const struct hy_lists *lists)
{
	return lists->count;
}

const struct hy_list *hy_lists_at(const struct hy_lists *lists, size_t index)
{
	hy_assert(index < lists->count);
	return lists->items[index];
}

const struct hy_list *hy_lists_find(const struct hy_lists *lists,
				    const struct hy_yaml_node *reference,
				    struct hy_findings *findings)
{
	struct hy_str text = hy_yaml_text(reference), name = hy_str_sub(text, 1, text.n);
	const struct hy_list *list = hy_map_get(&lists->by_name, name);
	struct hy_suggest near = hy_suggest_for(name);

	if (list)
		return list;
	for (size_t i = 0; i < lists->count; i++)
		hy_suggest_offer(&near, lists->items[i]->name);
	if (near.best.n)
		hy_yaml_finding(reference, findings,
				"名单 $%.*s 不在 lists.yaml 和包含的文件里，是否想写 $%.*s？",
				HY_STR_ARGS(name), HY_STR_ARGS(near.best));
	else
		hy_yaml_finding(reference, findings, "名单 $%.*s 不在 lists.yaml 和包含的文件里",
				HY_STR_ARGS(name));
	return NULL;
}

struct hy_id hy_lists_version(const struct hy_lists *lists)
{
	struct hy_str *parts = hy_xcalloc(lists->file_count + 1, sizeof *parts);

	for (size_t i = 0; i < lists->file_count; i++)
		parts[i] = hy_id_str(&lists->files[i]->content);
	struct hy_id id = hy_id_of(parts, lists->file_count);
	free(parts);
	return id;
}
