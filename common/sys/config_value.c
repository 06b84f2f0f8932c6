#include "common/sys/config_value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/time.h"
#include "common/base/utf8.h"

#define RANGE_BYTES 200
#define SHOWN_BYTES 60	/* of a wrong value, in its finding */

static const struct {
	const char *unit;
	int64_t factor;
} byte_units[] = {{"GiB", INT64_C(1) << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}, {"", 1}};

static const struct {
	const char *unit;
	int64_t factor;
} time_units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

static bool is_text(enum hy_config_type type)
{
	return type == HY_CONFIG_TEXT || type == HY_CONFIG_PATH || type == HY_CONFIG_STORE;
}

/* The fields are reached by offset: memcpy is how C lets us do that. */
static int64_t get_int(const struct hy_config_row *row, const void *values)
{
	int64_t value;

	memcpy(&value, (const char *)values + row->offset, sizeof value);
	return value;
}

static bool get_bool(const struct hy_config_row *row, const void *values)
{
	bool value;

	memcpy(&value, (const char *)values + row->offset, sizeof value);
	return value;
}

static char *get_text(const struct hy_config_row *row, const void *values)
{
	char *value;

	memcpy(&value, (const char *)values + row->offset, sizeof value);
	return value;
}

static bool parse_bytes(struct hy_str text, int64_t *out)
{
	for (size_t i = 0; i < HY_COUNT(byte_units); i++) {
		struct hy_str unit = hy_str_of(byte_units[i].unit);
		int64_t value;

		if (!hy_str_ends(text, unit))
			continue;
		if (!hy_str_to_int(hy_str_sub(text, 0, text.n - unit.n), 0,
				   INT64_MAX / byte_units[i].factor, &value))
			return false;
		*out = value * byte_units[i].factor;
		return true;
	}
	return false;
}

static bool parse_choice(const struct hy_config_row *row, struct hy_str text, int64_t *out)
{
	for (int64_t i = 0; row->choices[i]; i++)
		if (hy_str_eq_c(text, row->choices[i])) {
			*out = i;
			return true;
		}
	return false;
}

static enum hy_err wrong(const struct hy_config_row *row, struct hy_str text, const char *expected,
			 struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf range = HY_BUF(RANGE_BYTES);

	hy_config_value_range(row, " 至 ", "字节", &range);
	if (text.n > SHOWN_BYTES)
		text.n = hy_utf8_floor(text.p, text.n, SHOWN_BYTES);
	return hy_fail(e, HY_ERR_MALFORMED, "“%s” 应为%s%s%.*s%s，实为 “%.*s”", row->key, expected,
		       range.n ? "（" : "", HY_STR_ARGS(hy_buf_str(&range)), range.n ? "）" : "",
		       HY_STR_ARGS(text));
}

static enum hy_err set_number(const struct hy_config_row *row, struct hy_str text, void *values,
			      struct hy_error *e)
{
	const char *expected = "整数";
	int64_t value = 0;
	bool good = false;

	if (row->type == HY_CONFIG_INT) {
		good = hy_str_to_int(text, INT64_MIN, INT64_MAX, &value);
	} else if (row->type == HY_CONFIG_DURATION) {
		expected = "如 90s、5m、48h 的时长";
		good = hy_duration_parse(text, &value);
	} else if (row->type == HY_CONFIG_BYTES) {
		expected = "如 64KiB、10MiB 的字节数";
		good = parse_bytes(text, &value);
	} else {
		expected = "下列之一";
		good = parse_choice(row, text, &value);
	}
	if (good && row->type != HY_CONFIG_CHOICE)
		good = value >= row->min && value <= row->max;
	if (!good)
		return wrong(row, text, expected, e);
	memcpy((char *)values + row->offset, &value, sizeof value);
	return HY_OK;
}

static enum hy_err set_bool(const struct hy_config_row *row, struct hy_str text, void *values,
			    struct hy_error *e)
{
	bool value = hy_str_eq_c(text, "true");

	if (!value && !hy_str_eq_c(text, "false"))
		return wrong(row, text, " true 或 false", e);
	memcpy((char *)values + row->offset, &value, sizeof value);
	return HY_OK;
}

/* `prefix` and a path, the path made to count from the folder where it is relative. */
static char *join_path(struct hy_str prefix, struct hy_str folder, struct hy_str path)
{
	bool relative = path.n > 0 && path.p[0] != '/' && folder.n > 0;
	size_t n = prefix.n + path.n + (relative ? folder.n + 1 : 0);
	char *joined = hy_xcalloc(n + 1, 1), *at = joined;

	if (prefix.n)
		at = mempcpy(at, prefix.p, prefix.n);
	if (relative) {
		at = mempcpy(at, folder.p, folder.n);
		*at++ = '/';
	}
	if (path.n)
		memcpy(at, path.p, path.n);
	return joined;
}

static enum hy_err set_text(const struct hy_config_row *row, struct hy_str text,
			    struct hy_str folder, void *values, struct hy_error *e)
{
	const struct hy_str sqlite = HY_STR_LIT("sqlite:");
	struct hy_str prefix = {NULL, 0};
	char *value;

	if ((int64_t)text.n < row->min || (row->max > 0 && (int64_t)text.n > row->max))
		return wrong(row, text, "文字", e);
	if (text.n && memchr(text.p, '\0', text.n))
		return wrong(row, text, "不含空字符的文字", e);
	if (row->type == HY_CONFIG_STORE && hy_str_starts(text, sqlite)) {
		prefix = sqlite;
		text = hy_str_sub(text, sqlite.n, text.n);
	} else if (row->type != HY_CONFIG_PATH) {
		folder = (struct hy_str){NULL, 0};
	}
	value = join_path(prefix, folder, text);
	free(get_text(row, values));
	memcpy((char *)values + row->offset, &value, sizeof value);
	return HY_OK;
}

enum hy_err hy_config_value_set(const struct hy_config_row *row, struct hy_str text,
				struct hy_str folder, void *values, struct hy_error *e)
{
	if (is_text(row->type))
		return set_text(row, text, folder, values, e);
	if (row->type == HY_CONFIG_BOOL)
		return set_bool(row, text, values, e);
	return set_number(row, text, values, e);
}

void hy_config_value_fini(const struct hy_config_row *row, void *values)
{
	char *none = NULL;

	if (!is_text(row->type))
		return;
	free(get_text(row, values));
	memcpy((char *)values + row->offset, &none, sizeof none);
}

static void format_bytes(int64_t value, struct hy_buf *out)
{
	for (size_t i = 0; i < HY_COUNT(byte_units); i++)
		if (byte_units[i].factor == 1 || (value && value % byte_units[i].factor == 0)) {
			hy_buf_addf(out, "%" PRId64 "%s", value / byte_units[i].factor,
				    byte_units[i].unit);
			return;
		}
}

static void format_duration(int64_t ms, struct hy_buf *out)
{
	for (size_t i = 0; i < HY_COUNT(time_units); i++)
		if (time_units[i].factor == 1 || (ms && ms % time_units[i].factor == 0)) {
			hy_buf_addf(out, "%" PRId64 "%s", ms / time_units[i].factor,
				    time_units[i].unit);
			return;
		}
}

/* YAML's double-quoted style can hold any text. */
static void format_quoted(const char *text, struct hy_buf *out)
{
	hy_buf_add_char(out, '"');
	for (; text && *text; text++) {
		if (*text == '"' || *text == '\\')
			hy_buf_add_char(out, '\\');
		if ((unsigned char)*text < 0x20)
			hy_buf_addf(out, "\\x%02x", (unsigned)(unsigned char)*text);
		else
			hy_buf_add_char(out, *text);
	}
	hy_buf_add_char(out, '"');
}

static void format_number(const struct hy_config_row *row, int64_t value, struct hy_buf *out)
{
	if (row->type == HY_CONFIG_DURATION)
		format_duration(value, out);
	else if (row->type == HY_CONFIG_BYTES)
		format_bytes(value, out);
	else if (row->type == HY_CONFIG_CHOICE)
		hy_buf_add_c(out, row->choices[value]);
	else
		hy_buf_addf(out, "%" PRId64, value);
}

void hy_config_value_format(const struct hy_config_row *row, const void *values, struct hy_buf *out)
{
	if (is_text(row->type))
		format_quoted(get_text(row, values), out);
	else if (row->type == HY_CONFIG_BOOL)
		hy_buf_add_c(out, get_bool(row, values) ? "true" : "false");
	else
		format_number(row, get_int(row, values), out);
}

bool hy_config_value_eq(const struct hy_config_row *row, const void *a, const void *b)
{
	if (is_text(row->type))
		return strcmp(get_text(row, a), get_text(row, b)) == 0;
	if (row->type == HY_CONFIG_BOOL)
		return get_bool(row, a) == get_bool(row, b);
	return get_int(row, a) == get_int(row, b);
}

void hy_config_value_range(const struct hy_config_row *row, const char *to, const char *bytes,
			   struct hy_buf *out)
{
	if (row->type == HY_CONFIG_CHOICE) {
		for (size_t i = 0; row->choices[i]; i++)
			hy_buf_addf(out, "%s%s", i ? " | " : "", row->choices[i]);
		return;
	}
	if (row->type == HY_CONFIG_BOOL || (is_text(row->type) && row->max == 0))
		return;
	if (is_text(row->type)) {
		hy_buf_addf(out, "%" PRId64 "%s%" PRId64 " %s", row->min, to, row->max, bytes);
		return;
	}
	format_number(row, row->min, out);
	hy_buf_add_c(out, to);
	format_number(row, row->max, out);
}
