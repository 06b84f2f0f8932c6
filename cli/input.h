/* Operands that are files: whole into memory, "-" is standard input. */
#ifndef HY_CLI_INPUT_H
#define HY_CLI_INPUT_H

#include "common/base/buf.h"
#include "common/base/err.h"

/* Appends the file's bytes. IO, or LIMIT where it is larger than out may grow. */
enum hy_err hy_input_read(const char *path, struct hy_buf *out, struct hy_error *e) HY_MUST_CHECK;

/* Without a byte order mark, which editors on Windows put before text. */
struct hy_str hy_input_without_mark(struct hy_str bytes);

/* Runs each(path, bytes, ctx) for the operands argv[1..count], or once for "-" without any.
 * A file that cannot be read is named on standard error; the others are still read.
 * Returns the highest exit code. */
typedef int hy_input_fn(const char *path, struct hy_str bytes, void *ctx);
int hy_input_each(int count, char **argv, size_t max_bytes, hy_input_fn *each, void *ctx);

#endif
