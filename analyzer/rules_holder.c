#include "analyzer/rules_holder.h"

#include <stdlib.h>

#include "analyzer/check.h"
#include "common/base/mem.h"

void hy_rules_holder_init(struct hy_rules_holder *holder, const struct hy_log *log)
{
	*holder = (struct hy_rules_holder){.log = log};
}

void hy_rules_holder_fini(struct hy_rules_holder *holder)
{
	hy_scanner_free(holder->scanner);
	hy_ruleset_free(holder->ruleset);
	hy_fold_table_free(holder->table);
	free(holder->limited);
	*holder = (struct hy_rules_holder){0};
}

static void log_findings(const struct hy_rules_holder *holder, const struct hy_findings *findings)
{
	struct hy_str rest = hy_buf_str(&findings->text), line;

	while (hy_str_next(&rest, '\n', &line))
		if (line.n)
			hy_log(holder->log, HY_LOG_ERROR, "rules finding",
			       hy_kv_str("finding", line));
}

static void take_over(struct hy_rules_holder *holder, struct hy_ruleset *ruleset,
		      struct hy_mono begun)
{
	struct hy_mono proved = hy_mono_now();
	struct hy_id version = ruleset->version;

	hy_scanner_free(holder->scanner);
	hy_ruleset_free(holder->ruleset);
	free(holder->limited);
	holder->ruleset = ruleset;
	holder->scanner = hy_scanner_new(ruleset);
	holder->limited = hy_xcalloc(ruleset->atoms.pattern_count + 1, sizeof *holder->limited);
	holder->findings = 0;
	holder->reloads++;
	holder->load_ms = hy_mono_diff_ms(proved, begun);
	holder->swap_ms = hy_mono_diff_ms(hy_mono_now(), proved);
	hy_log(holder->log, HY_LOG_INFO, "rules loaded",
	       hy_kv_int("topics", (int64_t)ruleset->count),
	       hy_kv_int("terms", (int64_t)ruleset->atoms.string_count),
	       hy_kv_int("patterns", (int64_t)ruleset->atoms.pattern_count),
	       hy_kv_int("load_ms", holder->load_ms), hy_kv_int("swap_ms", holder->swap_ms),
	       hy_kv_str("version", hy_id_str(&version)));
}

enum hy_err hy_rules_holder_load(struct hy_rules_holder *holder, const char *rules_dir,
				 struct hy_error *e)
{
	struct hy_ruleset *ruleset = NULL;
	struct hy_mono begun = hy_mono_now();
	struct hy_findings findings;
	enum hy_err err = HY_OK;

	if (!holder->table)
		err = hy_fold_table_new(&holder->table, e);
	if (err)
		return err;
	hy_findings_init(&findings);
	err = hy_ruleset_load_checked(rules_dir, holder->table, &findings, &ruleset, e);
	if (err) {
		log_findings(holder, &findings);
		holder->refused++;
		holder->findings = findings.count ? findings.count : 1;
	} else {
		take_over(holder, ruleset, begun);
	}
	hy_findings_fini(&findings);
	return err;
}

static bool is_power_of_ten(uint64_t n)
{
	while (n >= 10 && n % 10 == 0)
		n /= 10;
	return n == 1;
}

void hy_rules_holder_count_limited(struct hy_rules_holder *holder,
				   const struct hy_scan_result *result)
{
	for (size_t i = 0; i < result->limited_count; i++) {
		uint32_t pattern = result->limited[i];

		holder->limited_total++;
		if (is_power_of_ten(++holder->limited[pattern]))
			hy_log(holder->log, HY_LOG_WARN, "pattern reached its limit",
			       hy_kv_str("pattern", holder->ruleset->atoms.patterns[pattern].written),
			       hy_kv_int("documents", (int64_t)holder->limited[pattern]));
	}
}
