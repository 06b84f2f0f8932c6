/* `huiying audit verify`: is the record of acts as it was written? */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alerter/audit.h"
#include "cli/alerter_access.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "common/base/mem.h"

#define FINDINGS_BYTES (4u << 20)

static int verify(struct hy_store *store)
{
	hy_cleanup(hy_buf_fini) struct hy_buf findings = HY_BUF(FINDINGS_BYTES);
	int64_t entries = 0, bad = 0;
	struct hy_error e = {0};
	struct hy_str text;

	if (hy_audit_verify(store, &findings, &entries, &bad, &e)) {
		(void)fprintf(stderr, "读取审计记录失败：%s\n", e.text);
		return HY_EXIT_FAILURE;
	}
	text = hy_buf_str(&findings);
	if (hy_buf_err(&findings) == HY_OK && text.n)
		(void)fwrite(text.p, 1, text.n, stdout);
	(void)printf("共 %" PRId64 " 条，%" PRId64 " 处不符\n", entries, bad);
	return bad ? HY_EXIT_FINDINGS : HY_EXIT_OK;
}

int hy_verb_audit(int argc, char **argv)
{
	const char *config = NULL, *url = NULL;
	const struct hy_option options[] = {
		{"--config", "FILE", &config, NULL, "configuration file"},
		{"--store", "URL", &url, NULL, "the alerter's store, in place of the configured one"},
	};
	const struct hy_usage usage = {
		"audit verify [--config FILE | --store URL]",
		"Walks the hash chain of the audit and names every changed, missing or reordered\n"
		"entry. Exit 1 where there is one.",
		options, HY_COUNT(options)};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);
	struct hy_store *store;

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands != 1 || strcmp(argv[1], "verify") != 0)
		return hy_usage_error(&usage, "the only act is `verify`");
	store = hy_cli_alerter_store(config, url);
	if (!store)
		return HY_EXIT_FAILURE;
	code = verify(store);
	hy_store_free(store);
	return code;
}
