#include "cli/supervisor_conf.h"

#include "common/base/mem.h"

static const char *const levels[] = {"error", "warn", "info", "debug", NULL};

#define AT(member) offsetof(struct hy_supervisor_conf, member)

static const struct hy_config_row rows[] = {
	{"crawlers", HY_CONFIG_INT, AT(crawlers), 0, 16, "1", NULL,
	 "crawler processes; several share one frontier", NULL, true},
	{"analyzers", HY_CONFIG_INT, AT(analyzers), 0, 16, "1", NULL,
	 "analyzer processes on this machine", NULL, true},
	{"alerters", HY_CONFIG_INT, AT(alerters), 0, 2, "1", NULL,
	 "alerter processes; a second one stands by", NULL, true},
	{"log_level", HY_CONFIG_CHOICE, AT(log_level), 0, 0, "info", NULL,
	 "least urgent messages that all processes log", levels, true},
	{"watch", HY_CONFIG_BOOL, AT(watch), 0, 0, "true", NULL,
	 "show notices on standard output as they go out", NULL, true},
};

const struct hy_config_section hy_supervisor_section = {
	"supervisor", rows, HY_COUNT(rows), sizeof(struct hy_supervisor_conf), NULL};
