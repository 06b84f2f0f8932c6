#include "cli/scan_rules.h"

#include <stdio.h>

#include "common/base/mem.h"
#include "common/sys/yaml.h"

#define PLACE_BYTES 8192

enum hy_err hy_scan_rules_load(const char *dir, struct hy_scan_rules *out, struct hy_error *e)
{
	struct hy_findings findings;
	enum hy_err err = hy_fold_table_new(&out->table, e);

	hy_findings_init(&findings);
	if (!err)
		err = hy_ruleset_load(dir, out->table, &findings, &out->ruleset, e);
	if (!err && findings.count) {
		struct hy_str text = hy_buf_str(&findings.text);

		(void)fwrite(text.p, 1, text.n, stderr);
		err = hy_fail(e, HY_ERR_MALFORMED, "%s: %zu findings", dir, findings.count);
	}
	hy_findings_fini(&findings);
	if (!err)
		out->scanner = hy_scanner_new(out->ruleset);
	return err;
}

void hy_scan_rules_unload(struct hy_scan_rules *rules)
{
	hy_scanner_free(rules->scanner);
	hy_ruleset_free(rules->ruleset);
	hy_fold_table_free(rules->table);
	*rules = (struct hy_scan_rules){0};
}

void hy_scan_rules_warn_limited(const struct hy_scan_rules *rules,
				const struct hy_scan_result *result, const char *verb,
				const char *path, size_t line)
{
	for (size_t i = 0; i < result->limited_count; i++) {
		const struct hy_rule_pattern *pattern =
			&rules->ruleset->atoms.patterns[result->limited[i]];
		hy_cleanup(hy_buf_fini) struct hy_buf place = HY_BUF(PLACE_BYTES);

		hy_yaml_place(pattern->node, &place);
		(void)fprintf(stderr, "huiying %s: %s:%zu: pattern %.*s of %.*s reached its limit\n",
			      verb, path, line, HY_STR_ARGS(pattern->written),
			      HY_STR_ARGS(hy_buf_str(&place)));
	}
}
