/* Any text as the value of each type of row: refused, or written back to the same value. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/sys/config_value.h"

#define OUT_BYTES ((size_t)16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct values {
	bool flag;
	int64_t number;
	char *text;
};

static const char *const choices[] = {"slow", "fast", NULL};

static const struct hy_config_row rows[] = {
	{.key = "bool", .type = HY_CONFIG_BOOL, .offset = offsetof(struct values, flag)},
	{.key = "int", .type = HY_CONFIG_INT, .offset = offsetof(struct values, number),
	 .min = INT64_MIN, .max = INT64_MAX},
	{.key = "duration", .type = HY_CONFIG_DURATION, .offset = offsetof(struct values, number),
	 .min = 0, .max = INT64_MAX},
	{.key = "bytes", .type = HY_CONFIG_BYTES, .offset = offsetof(struct values, number),
	 .min = 0, .max = INT64_MAX},
	{.key = "choice", .type = HY_CONFIG_CHOICE, .offset = offsetof(struct values, number),
	 .choices = choices},
	{.key = "text", .type = HY_CONFIG_TEXT, .offset = offsetof(struct values, text)},
};

/* What was accepted prints as something that is accepted as the same value. */
static void check_round_trip(const struct hy_config_row *row, const struct values *values)
{
	struct values again = {0};
	struct hy_buf out;

	hy_buf_init(&out, OUT_BYTES);
	hy_config_value_format(row, values, &out);
	/* Text is printed in YAML's quotes, which only the YAML reader takes off. */
	if (row->type != HY_CONFIG_TEXT) {
		hy_assert(hy_config_value_set(row, hy_buf_str(&out), (struct hy_str){0}, &again,
					      NULL) == HY_OK);
		hy_assert(hy_config_value_eq(row, values, &again));
	}
	hy_config_value_fini(row, &again);
	hy_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hy_str text = {(const char *)data, size};

	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		struct values values = {0};
		struct hy_error e = {0};

		if (hy_config_value_set(&rows[i], text, HY_STR_LIT("/folder"), &values, &e) == HY_OK)
			check_round_trip(&rows[i], &values);
		else
			hy_assert(e.text[0] != '\0');
		hy_config_value_fini(&rows[i], &values);
	}
	return 0;
}
