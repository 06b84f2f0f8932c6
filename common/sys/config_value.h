/*
 * One configured value: from its text to the field of the struct, and back.
 */
#ifndef HY_SYS_CONFIG_VALUE_H
#define HY_SYS_CONFIG_VALUE_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/sys/config.h"

/*
 * Reads `text` as the row says and stores it in the struct at `values`; a string that stood
 * there is freed. `folder` is where relative paths count from ("" for the working folder).
 * On failure the struct is unchanged and e says in Chinese what was expected.
 */
enum hy_err hy_config_value_set(const struct hy_config_row *row, struct hy_str text,
				struct hy_str folder, void *values, struct hy_error *e)
	HY_MUST_CHECK;
void hy_config_value_fini(const struct hy_config_row *row, void *values);

/* The value as it would be written in the file, quoted where YAML needs it. */
void hy_config_value_format(const struct hy_config_row *row, const void *values,
			    struct hy_buf *out);
bool hy_config_value_eq(const struct hy_config_row *row, const void *a, const void *b);

/* "1 至 64", "slow | fast"; "" where the type says all. With "to" and "bytes" it is English. */
void hy_config_value_range(const struct hy_config_row *row, const char *to, const char *bytes,
			   struct hy_buf *out);

#endif
