#include "alerter/rule_texts.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alerter/rule_file.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/rules/files.h"
#include "common/sys/yaml.h"

#define ACCOUNT_BYTES 4096


static const char *const folders[] = {"", "calendar", "lists", "policies", "topics"};
static const char *const left_out[] = {"sources.yaml"};

static bool is_left_out(const char *name)
{
	for (size_t i = 0; i < HY_COUNT(left_out); i++) {
		if (strcmp(name, left_out[i]) == 0)
			return true;
	}
	return false;
}

/* Who could have changed it; an editor that writes a file anew makes it its user's. */
static void read_owner(const char *path, struct hy_rule_text *out)
{
	char memory[ACCOUNT_BYTES];
	struct passwd account, *found = NULL;
	struct stat st;

	out->changed = HY_WALL_NONE;
	if (stat(path, &st) != 0)
		return;
	out->changed.ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	if (getpwuid_r(st.st_uid, &account, memory, sizeof memory, &found) == 0 && found)
		(void)snprintf(out->owner, sizeof out->owner, "%s", found->pw_name);
	else
		(void)snprintf(out->owner, sizeof out->owner, "%u", (unsigned)st.st_uid);
}

static enum hy_err add_file(struct hy_rule_texts *texts, const char *path, size_t folder_bytes,
			    struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_YAML_FILE_BYTES + 1);
	enum hy_err err = hy_rules_read(path, &text, e);
	struct hy_rule_text *item;
	struct hy_str bytes;

	if (err)
		return err;
	bytes = hy_buf_str(&text);
	texts->bytes += bytes.n;
	if (texts->count == HY_RULE_TEXTS_MAX || texts->bytes > HY_RULE_TEXTS_BYTES)
		return hy_fail(e, HY_ERR_LIMIT, "rules: too many files");
	texts->item = hy_grow(texts->item, &texts->cap, texts->count + 1, sizeof *texts->item);
	item = &texts->item[texts->count++];
	*item = (struct hy_rule_text){.name = hy_xstrdup(path + folder_bytes),
				      .text = hy_str_dup(bytes), .bytes = bytes.n,
				      .hash = hy_id_of(&bytes, 1)};
	read_owner(path, item);
	return HY_OK;
}

static enum hy_err add_folder(struct hy_rule_texts *texts, const char *dir, const char *folder,
			      struct hy_error *e)
{
	hy_cleanup(hy_rules_listing_fini) struct hy_rules_listing listing = {0};
	char path[HY_RULE_PATH_BYTES];
	int n = snprintf(path, sizeof path, "%s%s%s", dir, folder[0] ? "/" : "", folder);
	struct stat st;
	enum hy_err err;

	if (n < 0 || (size_t)n >= sizeof path)
		return hy_fail(e, HY_ERR_LIMIT, "rules: path too long");
	if (folder[0] && stat(path, &st) != 0)
		return HY_OK;
	err = hy_rules_list(path, ".yaml", HY_RULE_TEXTS_MAX, &listing, e);
	for (size_t i = 0; i < listing.count && !err; i++) {
		if (!is_left_out(listing.paths[i] + strlen(dir) + 1))
			err = add_file(texts, listing.paths[i], strlen(dir) + 1, e);
	}
	return err;
}

static int by_name(const void *a, const void *b)
{
	const struct hy_rule_text *x = a, *y = b;

	return strcmp(x->name, y->name);
}

enum hy_err hy_rule_texts_read(const char *dir, struct hy_rule_texts **out, struct hy_error *e)
{
	hy_cleanup(hy_rule_texts_free_p) struct hy_rule_texts *texts =
		hy_xcalloc(1, sizeof *texts);
	enum hy_err err = HY_OK;

	for (size_t i = 0; i < HY_COUNT(folders) && !err; i++)
		err = add_folder(texts, dir, folders[i], e);
	if (err)
		return err;
	if (texts->count)
		qsort(texts->item, texts->count, sizeof *texts->item, by_name);
	*out = hy_take(&texts);
	return HY_OK;
}

void hy_rule_texts_free(struct hy_rule_texts *texts)
{
	if (!texts)
		return;
	for (size_t i = 0; i < texts->count; i++) {
		free(texts->item[i].name);
		free(texts->item[i].text);
	}
	free(texts->item);
	free(texts);
}

bool hy_rule_texts_equal(const struct hy_rule_texts *a, const struct hy_rule_texts *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->item[i].name, b->item[i].name) != 0 ||
		    !hy_str_eq(hy_id_str(&a->item[i].hash), hy_id_str(&b->item[i].hash)))
			return false;
	}
	return true;
}
