#include "cli/input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/verb.h"
#include "common/base/mem.h"

#define CHUNK_BYTES ((size_t)64 * 1024)

static enum hy_err read_all(FILE *file, const char *path, struct hy_buf *out, struct hy_error *e)
{
	hy_cleanup(hy_free_p) char *chunk = hy_xcalloc(1, CHUNK_BYTES);
	size_t n;

	while ((n = fread(chunk, 1, CHUNK_BYTES, file)) > 0)
		hy_buf_add(out, chunk, n);
	if (ferror(file))
		return hy_fail(e, HY_ERR_IO, "%s: %s", path, strerror(errno));
	if (hy_buf_err(out))
		return hy_fail(e, HY_ERR_LIMIT, "%s: larger than %zu bytes", path, out->max);
	return HY_OK;
}

enum hy_err hy_input_read(const char *path, struct hy_buf *out, struct hy_error *e)
{
	enum hy_err err;
	FILE *file;

	if (strcmp(path, "-") == 0)
		return read_all(stdin, "standard input", out, e);
	file = fopen(path, "rbe");
	if (!file)
		return hy_fail(e, HY_ERR_IO, "%s: %s", path, strerror(errno));
	err = read_all(file, path, out, e);
	(void)fclose(file);	/* only read from */
	return err;
}

struct hy_str hy_input_without_mark(struct hy_str bytes)
{
	struct hy_str mark = HY_STR_LIT("\xEF\xBB\xBF");

	return hy_str_starts(bytes, mark) ? hy_str_sub(bytes, mark.n, bytes.n) : bytes;
}

static int read_one(const char *path, size_t max_bytes, hy_input_fn *each, void *ctx)
{
	hy_cleanup(hy_buf_fini) struct hy_buf bytes = {0};
	struct hy_error e = {0};

	hy_buf_init(&bytes, max_bytes);
	if (hy_input_read(path, &bytes, &e)) {
		(void)fprintf(stderr, "huiying: %s\n", e.text);
		return HY_EXIT_FAILURE;
	}
	return each(path, hy_buf_str(&bytes), ctx);
}

int hy_input_each(int count, char **argv, size_t max_bytes, hy_input_fn *each, void *ctx)
{
	int worst = HY_EXIT_OK;

	if (count == 0)
		return read_one("-", max_bytes, each, ctx);
	for (int i = 1; i <= count; i++) {
		int code = read_one(argv[i], max_bytes, each, ctx);

		worst = code > worst ? code : worst;
	}
	return worst;
}
