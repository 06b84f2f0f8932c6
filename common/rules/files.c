#include "common/rules/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/base/str.h"
#include "common/base/utf8.h"

#define READ_BYTES 65536

static enum hy_err read_all(int fd, const char *path, struct hy_buf *out, struct hy_error *e)
{
	for (;;) {
		char part[READ_BYTES];
		ssize_t n = read(fd, part, sizeof part);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return hy_fail(e, HY_ERR_IO, "%s: %s", path, strerror(errno));
		if (n == 0)
			return HY_OK;
		hy_buf_add(out, part, (size_t)n);
		if (hy_buf_err(out))
			return hy_fail(e, HY_ERR_LIMIT, "%s: larger than %zu bytes", path, out->max);
	}
}

enum hy_err hy_rules_read(const char *path, struct hy_buf *out, struct hy_error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return hy_fail(e, HY_ERR_IO, "%s: %s", path, strerror(errno));
	enum hy_err err = read_all(fd, path, out, e);
	close(fd);
	return err;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool wanted(const char *path, const char *name, const char *suffix)
{
	struct stat st;

	return name[0] != '.' && hy_str_ends(hy_str_of(name), hy_str_of(suffix)) &&
	       stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static char *join(const char *folder, const char *name)
{
	size_t folder_bytes = strlen(folder), name_bytes = strlen(name);
	char *path = hy_xcalloc(folder_bytes + name_bytes + 2, 1);

	memcpy(path, folder, folder_bytes);
	path[folder_bytes] = '/';
	memcpy(path + folder_bytes + 1, name, name_bytes);
	return path;
}

enum hy_err hy_rules_list(const char *folder, const char *suffix, size_t max,
			  struct hy_rules_listing *out, struct hy_error *e)
{
	struct hy_rules_listing listing = {0};
	size_t cap = 0;
	struct dirent *entry;
	DIR *dir = opendir(folder);

	if (!dir)
		return hy_fail(e, HY_ERR_IO, "%s: %s", folder, strerror(errno));
	while ((entry = readdir(dir))) {
		hy_cleanup(hy_free_p) char *path = join(folder, entry->d_name);

		if (!wanted(path, entry->d_name, suffix))
			continue;
		if (listing.count == max) {
			closedir(dir);
			hy_rules_listing_fini(&listing);
			return hy_fail(e, HY_ERR_LIMIT, "%s: more than %zu files", folder, max);
		}
		listing.paths = hy_grow(listing.paths, &cap, listing.count + 1, sizeof(char *));
		listing.paths[listing.count++] = hy_take(&path);
	}
	closedir(dir);
	if (listing.count)
		qsort(listing.paths, listing.count, sizeof(char *), by_bytes);
	*out = listing;
	return HY_OK;
}

void hy_rules_listing_fini(struct hy_rules_listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		free(listing->paths[i]);
	free(listing->paths);
	*listing = (struct hy_rules_listing){0};
}

void hy_rules_finding(struct hy_findings *findings, const char *fmt, ...)
{
	char line[1024];
	va_list args;

	findings->count++;
	if (findings->count > HY_YAML_FINDINGS_MAX)
		return;
	va_start(args, fmt);
	int n = vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	if (n < 0)
		return;
	size_t kept = (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;

	hy_buf_add(&findings->text, line, hy_utf8_floor(line, kept, kept));
	hy_buf_add_char(&findings->text, '\n');
}
