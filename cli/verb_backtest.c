/* `huiying backtest`: what changed rules would newly fire and lose, over stored articles. */
#include <jansson.h>
#include <stdio.h>

#include "cli/alerter_access.h"
#include "cli/config_file.h"
#include "cli/document_lines.h"
#include "cli/options.h"
#include "cli/print.h"
#include "cli/rule_difference.h"
#include "cli/scan_rules.h"
#include "cli/verb.h"
#include "common/base/mem.h"
#include "common/sys/store.h"
#include "crawler/crawler_conf.h"

#define OUTPUT_BYTES ((size_t)64 << 20)
#define EXAMPLES_DEFAULT 3
#define PAGE_ROWS 64
#define STORE_TIMEOUT_MS 60000

/* In the order of an index, a page at a time: an archive is larger than memory. */
static const char archive_sql[] =
	"SELECT version, title, text, region, detected_at, source, outlet FROM v_document\n"
	"	WHERE detected_at >= $1 AND detected_at < $2 AND (detected_at > $1 OR version > $3)\n"
	"	AND purged_at IS NULL ORDER BY detected_at, version LIMIT $4";

struct backtest {
	const char *base_dir, *changed_dir, *since_text, *until_text, *examples, *format;
	const char *config, *store;
	struct hy_scan_rules base, changed;
	struct hy_wall since, until;	/* unknown: no bound */
	struct hy_wall now;		/* both sets judge as of one moment */
	struct hy_difference difference;
	bool failed;			/* some document of the archive could not be judged */
};

static bool is_wanted(const struct backtest *b, struct hy_wall at)
{
	if (hy_wall_known(b->since) && (!hy_wall_known(at) || at.ms < b->since.ms))
		return false;
	return !hy_wall_known(b->until) || (hy_wall_known(at) && at.ms < b->until.ms);
}

static int judge(void *ctx, const struct hy_document_line *d)
{
	struct backtest *b = ctx;
	struct hy_scan_input input = {.title = d->title, .text = d->text, .region = d->region,
				      .source = d->source, .outlet = d->outlet, .at = b->now};
	struct hy_scan_result base, changed;

	if (!is_wanted(b, d->at))
		return HY_EXIT_OK;
	if (hy_scan(b->base.scanner, &input, &base) ||
	    hy_scan(b->changed.scanner, &input, &changed))
		return hy_document_lines_complain("backtest", d->path, d->line,
						  "the document is larger than 4 MiB");
	hy_scan_rules_warn_limited(&b->base, &base, "backtest", d->path, d->line);
	hy_scan_rules_warn_limited(&b->changed, &changed, "backtest", d->path, d->line);
	const struct hy_difference_document document = {.id = d->id, .title = d->title,
							.text = d->text, .base = &base,
							.changed = &changed};
	hy_difference_add(&b->difference, &document);
	return HY_EXIT_OK;
}

/* ---- the archive ---- */

/* Where the next page begins: behind this document. */
struct position {
	int64_t detected_ms;
	char *version;
	size_t number;		/* of the document, from 1 */
	size_t rows;		/* of the last page; fewer than PAGE_ROWS end the archive */
};

static int judge_row(struct backtest *b, const struct hy_query *q, size_t number)
{
	struct hy_document_line document = {.path = "archive",
					    .line = number,
					    .id = hy_json_of_str(hy_query_text(q, 0)),
					    .title = hy_query_text(q, 1),
					    .text = hy_query_text(q, 2),
					    .region = hy_query_text(q, 3),
					    .at = {hy_query_int(q, 4)},
					    .source = hy_query_text(q, 5),
					    .outlet = hy_query_text(q, 6)};
	int code = judge(b, &document);

	json_decref(document.id);
	return code;
}

static enum hy_err judge_page(struct backtest *b, struct hy_store *store,
			      struct position *position, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, archive_sql);
	enum hy_err err;
	bool row = false;

	hy_query_bind_int(q, 1, position->detected_ms);
	hy_query_bind_int(q, 2, hy_wall_known(b->until) ? b->until.ms : INT64_MAX);
	hy_query_bind_c(q, 3, position->version);
	hy_query_bind_int(q, 4, PAGE_ROWS);
	position->rows = 0;
	while ((err = hy_query_next(q, &row, e)) == HY_OK && row) {
		/* One that is too large has been named; the others count. */
		if (judge_row(b, q, ++position->number) != HY_EXIT_OK)
			b->failed = true;
		position->rows++;
		position->detected_ms = hy_query_int(q, 4);
		hy_free_p(&position->version);
		position->version = hy_str_dup(hy_query_text(q, 0));
	}
	return err;
}

static struct hy_store *open_archive(const struct backtest *b)
{
	struct hy_store_options options = {.read_only = true, .timeout_ms = STORE_TIMEOUT_MS};
	struct hy_crawler_conf *conf = hy_cli_config_load(b->config, &hy_crawler_section);
	struct hy_store *store = NULL;
	struct hy_error e = {0};

	if (!conf)
		return NULL;
	if (hy_store_open(b->store ? b->store : conf->store, &options, &store, &e)) {
		(void)fprintf(stderr, "打不开抓取存储：%s\n"
			      "请用 --config、--store 指明，或给出 JSON 行文件。\n", e.text);
		store = NULL;
	}
	hy_config_free(&hy_crawler_section, conf);
	return store;
}

static int judge_archive(struct backtest *b)
{
	struct position position = {
		.detected_ms = hy_wall_known(b->since) ? b->since.ms : INT64_MIN,
		.version = hy_str_dup(HY_STR_LIT("")),
		.rows = PAGE_ROWS,
	};
	struct hy_store *store = open_archive(b);
	struct hy_error e = {0};
	enum hy_err err = HY_OK;

	while (store && err == HY_OK && position.rows == PAGE_ROWS)
		err = judge_page(b, store, &position, &e);
	if (err)
		(void)fprintf(stderr, "读抓取存储失败：%s\n", e.text);
	hy_free_p(&position.version);
	int code = store && err == HY_OK && !b->failed ? HY_EXIT_OK : HY_EXIT_FAILURE;
	hy_store_free(store);
	return code;
}

/* ---- the verb ---- */

static bool load(struct hy_scan_rules *rules, const char *dir)
{
	struct hy_error e = {0};

	if (!hy_scan_rules_load(dir, rules, &e))
		return true;
	(void)fprintf(stderr, "huiying backtest: %s\n", e.text);
	return false;
}

static bool print(struct backtest *b, bool json)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(OUTPUT_BYTES);

	if (!json) {
		hy_difference_print(&b->difference, &text);
		hy_print_text(stdout, &text);
		return hy_buf_err(&text) == HY_OK;
	}
	json_t *object = hy_difference_json(&b->difference);
	bool good = json_dumpf(object, stdout, JSON_COMPACT) == 0 && putchar('\n') != EOF;

	json_decref(object);
	return good;
}

static int run(struct backtest *b, int operands, char **argv, bool json)
{
	int code;

	if (!load(&b->base, hy_cli_rules_dir(b->base_dir)) || !load(&b->changed, b->changed_dir))
		return HY_EXIT_FAILURE;
	code = operands ? hy_document_lines_each("backtest", operands, argv, judge, b)
			: judge_archive(b);
	/* What could be read is told all the same, but never as the whole truth. */
	if (!print(b, json) || code != HY_EXIT_OK)
		return HY_EXIT_FAILURE;
	return hy_difference_any(&b->difference) ? HY_EXIT_FINDINGS : HY_EXIT_OK;
}

static bool read_arguments(struct backtest *b, bool *out_json, int64_t *out_examples)
{
	*out_examples = EXAMPLES_DEFAULT;
	b->now = hy_wall_now();
	b->since = b->until = HY_WALL_NONE;
	if ((b->since_text && !hy_cli_time(b->since_text, &b->since)) ||
	    (b->until_text && !hy_cli_time(b->until_text, &b->until)))
		return false;
	if (b->examples && !hy_str_to_int(hy_str_of(b->examples), 0, HY_DIFFERENCE_EXAMPLES_MAX,
					  out_examples)) {
		(void)fprintf(stderr, "--examples 应为 0 到 %d 的整数\n", HY_DIFFERENCE_EXAMPLES_MAX);
		return false;
	}
	if (hy_output_parse(b->format, out_json))
		return true;
	(void)fprintf(stderr, "huiying backtest: %s\n", HY_OUTPUT_FORMATS);
	return false;
}

int hy_verb_backtest(int argc, char **argv)
{
	struct backtest b = {.format = "text"};
	const struct hy_option options[] = {
		{"--rules", "DIR", &b.changed_dir, NULL, "the changed rules folder"},
		{"--base", "DIR", &b.base_dir, NULL,
		 "what it is compared with (./rules, else the installed one)"},
		{"--since", "TIME", &b.since_text, NULL, "documents read at that time or later"},
		{"--until", "TIME", &b.until_text, NULL, "documents read before that time"},
		{"--examples", "N", &b.examples, NULL, "shown of each change (3)"},
		{"-o", "FORMAT", &b.format, NULL, "text or json"},
		{"--config", "FILE", &b.config, NULL, "configuration file"},
		{"--store", "URL", &b.store, NULL, "the crawler's store, in place of the configured one"},
	};
	const struct hy_usage usage = {
		"backtest --rules DIR [--base DIR] [--since TIME] [--until TIME] [FILE...]",
		"Judges every version of the crawler's archive, or JSON lines {\"id\",\"title\",\"text\",\n"
		"\"region\",\"detected_at\"|\"published_at\"}, by both rule sets as of now, and says by\n"
		"topic what newly fires, what is lost, and whose first topic or severity changes, with\n"
		"examples and the words hit, and which topics would take a share of the documents far\n"
		"out of their usual. Topics count whatever the place. Exit 0 without any difference, 1\n"
		"with differences, 3 where rules or documents could not be read.",
		options, HY_COUNT(options)};
	bool json = false;
	int64_t examples;
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (!b.changed_dir)
		return hy_usage_error(&usage, "--rules DIR is missing");
	if (!read_arguments(&b, &json, &examples))
		return HY_EXIT_USAGE;
	hy_difference_init(&b.difference, (size_t)examples);
	code = run(&b, operands, argv, json);
	hy_difference_fini(&b.difference);
	hy_scan_rules_unload(&b.base);
	hy_scan_rules_unload(&b.changed);
	return code;
}
