/* `huiying rules import`: TrendRadar's keyword file into a file of topics. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/check.h"
#include "cli/input.h"
#include "cli/keyword_topics.h"
#include "cli/options.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "cli/verb_rules.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

/* Places are of no account here, but a rule set has some. */
static const char no_places[] = "places:\n  - {id: none, name: 无, evidence: {unique: true}}\n";

/* What `huiying check` will say of the topics, samples included. */
static size_t check(const char *name, struct hy_str yaml, const struct hy_fold_table *table,
		    struct hy_findings *findings)
{
	const struct hy_rules_text file = {name, yaml};
	struct hy_topics *topics = hy_topics_parse(&file, 1, NULL, findings);
	struct hy_places *places = hy_places_parse(hy_str_of(no_places), "places.yaml", findings);
	struct hy_ruleset *ruleset = hy_ruleset_compile(topics, places, table, findings);

	hy_check_patterns(ruleset, findings);
	hy_check_samples(ruleset, findings);
	hy_ruleset_free(ruleset);
	return findings->count;
}

/* Never over a file that is there: it may hold somebody's work. */
static bool write_topics(const char *path, const struct hy_buf *yaml)
{
	FILE *file;

	if (!path) {
		hy_print_text(stdout, yaml);
		return true;
	}
	file = fopen(path, "wbxe");
	bool written = file && fwrite(yaml->p, 1, yaml->n, file) == yaml->n;

	written = file && fclose(file) == 0 && written;
	if (!written)
		(void)fprintf(stderr, "写不了 %s：%s\n", path, strerror(errno));
	return written;
}

static int make(const char *path, struct hy_str text, const char *target,
		const struct hy_fold_table *table)
{
	struct hy_keyword_file keywords = {.items = NULL};
	struct hy_keyword_topics topics;
	struct hy_findings findings;
	int code = HY_EXIT_FAILURE;

	if (!hy_utf8_valid(text.p, text.n) || hy_keyword_file_read(text, &keywords)) {
		(void)fprintf(stderr, "%s: 不是 UTF-8 的关键词文件，或超过 %d 行\n", path,
			      HY_KEYWORDS_MAX);
		return HY_EXIT_FAILURE;
	}
	hy_keyword_topics_init(&topics);
	hy_findings_init(&findings);
	hy_keyword_topics_make(&keywords, path, table, &topics);
	hy_print_text(stderr, &topics.notes);
	if (hy_buf_err(&topics.yaml)) {
		(void)fprintf(stderr, "%s: 关键词文件过大，未导入\n", path);
	} else if (topics.topics == 0) {
		(void)fprintf(stderr, "%s: 没有可以导入的词组\n", path);
		code = HY_EXIT_FINDINGS;
	} else if (write_topics(target, &topics.yaml)) {
		size_t count = check(target ? target : "<stdout>", hy_buf_str(&topics.yaml), table,
				     &findings);

		hy_print_text(stderr, &findings.text);
		(void)fprintf(stderr, "导入 %zu 个议题，%zu 组未导入，%zu 处须改正后才能通过检查\n",
			      topics.topics, topics.skipped, count);
		code = count || topics.skipped ? HY_EXIT_FINDINGS : HY_EXIT_OK;
	}
	hy_findings_fini(&findings);
	hy_keyword_topics_fini(&topics);
	hy_keyword_file_fini(&keywords);
	return code;
}

static int import(const char *path, const char *target)
{
	hy_cleanup(hy_buf_fini) struct hy_buf bytes = HY_BUF(HY_KEYWORD_FILE_BYTES);
	struct hy_fold_table *table = NULL;
	struct hy_error e = {0};
	int code;

	if (hy_input_read(path, &bytes, &e) || hy_fold_table_new(&table, &e)) {
		(void)fprintf(stderr, "huiying: %s\n", e.text);
		return HY_EXIT_FAILURE;
	}
	code = make(path, hy_input_without_mark(hy_buf_str(&bytes)), target, table);
	hy_fold_table_free(table);
	return code;
}

int hy_verb_rules_import(int argc, char **argv)
{
	const char *target = NULL;
	const struct hy_option options[] = {
		{"-o", "FILE", &target, NULL, "a new file in rules/topics; without it, standard output"},
	};
	const struct hy_usage usage = {
		"rules import [-o FILE] frequency_words.txt",
		"Makes a topic of each group of a TrendRadar keyword file, comments kept, with samples\n"
		"made of its words, and says line by line where the meaning changes or something cannot\n"
		"be taken over. The topics are checked as `huiying check` does. Exit 1 where a group was\n"
		"left out or has to be mended first.",
		options, HY_COUNT(options)};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands != 1)
		return hy_usage_error(&usage, "one keyword file at a time");
	return import(argv[1], target);
}
