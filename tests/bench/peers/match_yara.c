/* libyara over folded articles: match_yara RULES.yar FOLDED PAIRS; tests/lib/match_rounds.h. */
#include <stdlib.h>
#include <yara.h>

#include "tests/lib/match_rounds.h"

#define TIMEOUT_SECONDS 100

static int on_rule(YR_SCAN_CONTEXT *context, int message, void *data, void *user)
{
	(void)context;
	if (message == CALLBACK_MSG_RULE_MATCHING)
		match_pairs_add(user, (uint32_t)strtoul(((YR_RULE *)data)->identifier + 1, NULL,
							10));
	return CALLBACK_CONTINUE;
}

static void scan(void *self, const struct match_text *parts, struct match_pairs *pairs)
{
	yr_scanner_set_callback(self, on_rule, pairs);
	(void)yr_scanner_scan_mem(self, (const uint8_t *)parts[0].p, parts[0].n);
}

int main(int argc, char **argv)
{
	YR_COMPILER *compiler;
	YR_RULES *rules;
	YR_SCANNER *scanner;

	if (argc != 4 || yr_initialize())
		return 2;
	struct match_text text = match_read(argv[1]);
	long before = match_peak_kib();
	double begin = match_cpu_us();

	if (yr_compiler_create(&compiler) || yr_compiler_add_string(compiler, text.p, NULL) ||
	    yr_compiler_get_rules(compiler, &rules) || yr_scanner_create(rules, &scanner)) {
		(void)fprintf(stderr, "the YARA rules do not compile\n");
		return 2;
	}
	yr_scanner_set_flags(scanner, SCAN_FLAGS_FAST_MODE | SCAN_FLAGS_REPORT_RULES_MATCHING);
	yr_scanner_set_timeout(scanner, TIMEOUT_SECONDS);
	const struct match_engine engine = {scanner, scan, 1, (match_cpu_us() - begin) / 1e3,
					    match_peak_kib() - before};

	return match_rounds(&engine, argv[2], argv[3]);
}
