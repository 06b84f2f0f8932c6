#include "analyzer/analyzer_conf.h"

#include "common/base/mem.h"

#define AT(member) offsetof(struct hy_analyzer_conf, member)

static const struct hy_config_row rows[] = {
	{.key = "need_place", .type = HY_CONFIG_BOOL, .offset = AT(need_place), .preset = "true",
	 .doc = "alarm only for documents about the district, unless a topic says otherwise"},
	{.key = "window", .type = HY_CONFIG_INT, .offset = AT(window), .min = 1, .max = 10000,
	 .preset = "256", .restart = true,
	 .doc = "alerts that may wait for the alerter before no more documents are taken"},
	{.key = "tally", .type = HY_CONFIG_DURATION, .offset = AT(tally_ms), .min = 100,
	 .max = 3600000, .preset = "10m",
	 .doc = "how often the alerter is told on how many documents each topic fired"},
	{.key = "listen", .type = HY_CONFIG_TEXT, .offset = AT(listen), .max = 1000, .preset = "",
	 .restart = true,
	 .doc = "where this analyzer listens; empty: analyzer2 takes the second of "
		"analyzer_endpoint, and so on"},
};

const struct hy_config_section hy_analyzer_section = {
	.name = "analyzer",
	.rows = rows,
	.row_count = HY_COUNT(rows),
	.struct_bytes = sizeof(struct hy_analyzer_conf),
};
