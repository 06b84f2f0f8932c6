#include "alerter/rule_texts.h"

#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alerter/rule_file.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/rules/files.h"
#include "common/sys/yaml.h"

#define ACCOUNT_BYTES 4096


/* Deeper than any include of a rules folder needs; a ring of links ends there. */
#define DEPTH_MAX 4

/* Of the rules folder itself. */
static const char *const left_out[] = {"sources.yaml", "scenarios"};

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
	/* What is no text is read by nobody, and no store would take it. */
	if (!hy_utf8_valid(bytes.p, bytes.n) || (bytes.n && memchr(bytes.p, '\0', bytes.n)))
		return HY_OK;
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

/* What is walked: the rules folder, and how deep below it. */
struct walk {
	struct hy_rule_texts *texts;
	size_t dir_bytes;		/* of the rules folder's name, with the slash */
	int depth;
};

static enum hy_err add_folder(struct walk *w, const char *path, struct hy_error *e);

static enum hy_err add_folders(struct walk *w, const char *path, struct hy_error *e)
{
	DIR *dir = opendir(path);
	enum hy_err err = HY_OK;
	struct dirent *entry;

	if (!dir)
		return hy_fail(e, HY_ERR_IO, "%s: %s", path, strerror(errno));
	while (!err && (entry = readdir(dir))) {
		char below[HY_RULE_PATH_BYTES];
		int n = snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
		struct stat st;

		if (entry->d_name[0] == '.' || n < 0 || (size_t)n >= sizeof below ||
		    is_left_out(below + w->dir_bytes) || stat(below, &st) != 0 ||
		    !S_ISDIR(st.st_mode))
			continue;
		err = add_folder(w, below, e);
	}
	(void)closedir(dir);
	return err;
}

static enum hy_err add_folder(struct walk *w, const char *path, struct hy_error *e)
{
	hy_cleanup(hy_rules_listing_fini) struct hy_rules_listing listing = {0};
	enum hy_err err = hy_rules_list(path, ".yaml", HY_RULE_TEXTS_MAX, &listing, e);

	for (size_t i = 0; i < listing.count && !err; i++) {
		if (!is_left_out(listing.paths[i] + w->dir_bytes))
			err = add_file(w->texts, listing.paths[i], w->dir_bytes, e);
	}
	if (!err && w->depth < DEPTH_MAX) {
		w->depth++;
		err = add_folders(w, path, e);
		w->depth--;
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
	struct walk walk = {texts, strlen(dir) + 1, 0};
	enum hy_err err = add_folder(&walk, dir, e);

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
