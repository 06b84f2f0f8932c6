#include "alerter/alerter_conf.h"

#include "alerter/audit.h"
#include "common/base/mem.h"

#define DAY_MS (24LL * 3600 * 1000)
#define AT(member) offsetof(struct hy_alerter_conf, member)

static const struct hy_config_row rows[] = {
	{.key = "store", .type = HY_CONFIG_STORE, .offset = AT(store), .min = 1, .max = 1024,
	 .preset = "sqlite:alerter.db", .restart = true,
	 .doc = "where cases are kept: sqlite:PATH or postgresql://..."},
	{.key = "store_timeout", .type = HY_CONFIG_DURATION, .offset = AT(store_timeout_ms),
	 .min = 100, .max = 60000, .preset = "5s", .restart = true,
	 .doc = "longest wait for a lock or an answer of the store"},
	{.key = "batch", .type = HY_CONFIG_INT, .offset = AT(batch), .min = 1, .max = 4096,
	 .preset = "256", .unit = "alerts", .doc = "most alerts stored in one transaction"},
	{.key = "standby", .type = HY_CONFIG_DURATION, .offset = AT(standby_ms), .min = 50,
	 .max = 60000, .preset = "1s",
	 .doc = "how often a standby asks whether it may take over"},
	{.key = "audit_receiver", .type = HY_CONFIG_TEXT, .offset = AT(audit_receiver), .min = 1,
	 .max = 64, .preset = "office",
	 .doc = "unit or role that is told the head of the audit every day, to keep it elsewhere"},
	{.key = "audit_keep", .type = HY_CONFIG_DURATION, .offset = AT(audit_keep_ms),
	 .min = HY_AUDIT_KEEP_DAYS_MIN * DAY_MS, .max = 36500 * DAY_MS, .preset = "3650d",
	 .doc = "how long entries of the audit are kept; six months at least"},
};

const struct hy_config_section hy_alerter_section = {
	.name = "alerter",
	.rows = rows,
	.row_count = HY_COUNT(rows),
	.struct_bytes = sizeof(struct hy_alerter_conf),
};
