/* `huiying routes history`: versions of the rules, what each changed, and its texts. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/alerter_access.h"
#include "cli/options.h"
#include "cli/print.h"
#include "cli/text_table.h"
#include "cli/verb.h"
#include "cli/verb_routes.h"
#include "common/base/mem.h"

#define TABLE_BYTES (4u << 20)
#define SHOWN_DIGITS 12

static const char all_versions[] =
	"SELECT number, at, version, change FROM v_rules ORDER BY number";
static const char one_version[] =
	"SELECT at, version, change FROM v_rules WHERE number = $1";
static const char version_files[] =
	"SELECT t.name FROM v_rule_text t JOIN v_rules r ON r.version = t.version"
	" WHERE r.number = $1 AND t.name <> '' ORDER BY t.name";
static const char version_text[] =
	"SELECT t.text FROM v_rule_text t JOIN v_rules r ON r.version = t.version"
	" WHERE r.number = $1 AND t.name = $2";

static int failed(const struct hy_error *e)
{
	(void)fprintf(stderr, "读取规则版本失败：%s\n", e->text);
	return HY_EXIT_FAILURE;
}

static void add_number(struct hy_text_table *table, int64_t n)
{
	char text[24];
	int bytes = snprintf(text, sizeof text, "%" PRId64, n);

	hy_text_table_add(table, (struct hy_str){text, (size_t)bytes});
}

static size_t line_count(struct hy_str text)
{
	struct hy_str line;
	size_t count = 0;

	while (hy_str_next(&text, '\n', &line))
		count += line.n > 0;
	return count;
}

static int list(struct hy_store *store)
{
	static const char *const titles[] = {"版", "启用时间", "版本号", "改动", "第一处"};
	hy_cleanup(hy_text_table_fini) struct hy_text_table table = {0};
	hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(TABLE_BYTES);
	struct hy_query *q = hy_store_query(store, all_versions);
	struct hy_error e = {0};
	enum hy_err err;
	bool row;

	hy_text_table_init(&table, titles, HY_COUNT(titles));
	while (!(err = hy_query_next(q, &row, &e)) && row) {
		struct hy_str change = hy_query_text(q, 3), first = {0};
		char at[HY_RFC3339_BYTES];

		add_number(&table, hy_query_int(q, 0));
		hy_text_table_add(&table, hy_str_of(hy_cli_minute(hy_query_wall(q, 1), at)));
		hy_text_table_add(&table, hy_str_sub(hy_query_text(q, 2), 0, SHOWN_DIGITS));
		add_number(&table, (int64_t)line_count(change));
		(void)hy_str_next(&change, '\n', &first);
		hy_text_table_add(&table, first);
	}
	if (err)
		return failed(&e);
	hy_text_table_write(&table, &out);
	hy_print_text(stdout, &out);
	return HY_EXIT_OK;
}

static int show(struct hy_store *store, int64_t number)
{
	struct hy_query *q = hy_store_query(store, one_version);
	char at[HY_RFC3339_BYTES];
	struct hy_error e = {0};
	bool row;

	hy_query_bind_int(q, 1, number);
	if (hy_query_next(q, &row, &e))
		return failed(&e);
	if (!row) {
		(void)fprintf(stderr, "没有第 %" PRId64 " 版规则\n", number);
		return HY_EXIT_FINDINGS;
	}
	(void)printf("规则第 %" PRId64 " 版，%s 启用，版本号 %.*s\n%.*s文件：", number,
		     hy_cli_minute(hy_query_wall(q, 0), at), HY_STR_ARGS(hy_query_text(q, 1)),
		     HY_STR_ARGS(hy_query_text(q, 2)));
	hy_query_reset(q);
	q = hy_store_query(store, version_files);
	hy_query_bind_int(q, 1, number);
	for (bool first = true; !hy_query_next(q, &row, &e) && row; first = false)
		(void)printf("%s%.*s", first ? "" : " ", HY_STR_ARGS(hy_query_text(q, 0)));
	(void)printf("\n");
	return e.code ? failed(&e) : HY_EXIT_OK;
}

/* As it was read, to the byte; "words" is the version in words. */
static int show_text(struct hy_store *store, int64_t number, struct hy_str name)
{
	struct hy_query *q = hy_store_query(store, version_text);
	struct hy_error e = {0};
	struct hy_str text;
	bool row;

	hy_query_bind_int(q, 1, number);
	hy_query_bind_text(q, 2, hy_str_eq_c(name, "words") ? (struct hy_str){0} : name);
	if (hy_query_next(q, &row, &e))
		return failed(&e);
	if (!row) {
		(void)fprintf(stderr, "第 %" PRId64 " 版规则没有文件 %.*s\n", number,
			      HY_STR_ARGS(name));
		return HY_EXIT_FINDINGS;
	}
	text = hy_query_text(q, 0);
	(void)fwrite(text.p, 1, text.n, stdout);
	hy_query_reset(q);
	return HY_EXIT_OK;
}

int hy_verb_routes_history(int argc, char **argv)
{
	const char *config = NULL, *url = NULL;
	const struct hy_option options[] = {
		{"--config", "FILE", &config, NULL, "configuration file"},
		{"--store", "URL", &url, NULL, "the alerter's store, in place of the configured one"},
	};
	const struct hy_usage usage = {
		"routes history [--config FILE | --store URL] [NUMBER [FILE]]",
		"Every set of rules that was put in force. With NUMBER what it changed, in words, and\n"
		"its files; with FILE (units.yaml, topics/labour.yaml ...) that text as it was read,\n"
		"or the version in words where FILE is `words`. `huiying case explain` names the\n"
		"version that routed a case.",
		options, HY_COUNT(options)};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);
	struct hy_store *store;
	int64_t number = 0;

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands > 2 ||
	    (operands && !hy_str_to_int(hy_str_of(argv[1]), 1, INT64_MAX, &number)))
		return hy_usage_error(&usage, "not a NUMBER and a FILE");
	store = hy_cli_alerter_store(config, url);
	if (!store)
		return HY_EXIT_FAILURE;
	if (operands == 0)
		code = list(store);
	else
		code = operands == 1 ? show(store, number)
				     : show_text(store, number, hy_str_of(argv[2]));
	hy_store_free(store);
	return code;
}
