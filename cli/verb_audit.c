/* `huiying audit`: is the record of acts as it was written, and what does it say? */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alerter/audit.h"
#include "cli/alerter_access.h"
#include "cli/options.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "common/base/mem.h"

#define FINDINGS_BYTES (4u << 20)
#define LIST_BYTES (64u << 20)
#define LIST_PRESET 100
#define LIST_MAX 100000

static const char newest_entries[] =
	"SELECT seq, at, actor, act, subject, detail FROM v_audit WHERE seq < $1"
	" ORDER BY seq DESC LIMIT 1000";

/* What the command line asks for; NULL: not asked. */
struct asked {
	const char *head, *act, *subject, *actor, *since, *count;
	int64_t limit;
	struct hy_wall from;
};

static int failed(const struct hy_error *e)
{
	(void)fprintf(stderr, "读取审计记录失败：%s\n", e->text);
	return HY_EXIT_FAILURE;
}

/* ---- verify ---- */

static void print_verdict(const struct hy_audit_verdict *v)
{
	if (v->pruned.seq)
		(void)printf("前 %" PRId64 " 条已按保存期限清理，有清理记录\n", v->pruned.seq);
	if (v->head.seq)
		(void)printf("末条 %" PRId64 ":%s\n", v->head.seq, v->head.hash);
	if (v->bad > HY_AUDIT_TOLD)
		(void)printf("只列出前 %d 处\n", HY_AUDIT_TOLD);
	(void)printf("共 %" PRId64 " 条，%" PRId64 " 处不符\n", v->entries, v->bad);
}

/* At one moment of the store: the alerter goes on writing meanwhile. */
static int verify(struct hy_store *store, const struct asked *asked)
{
	hy_cleanup(hy_buf_fini) struct hy_buf findings = HY_BUF(FINDINGS_BYTES);
	struct hy_audit_verdict verdict;
	struct hy_audit_head given;
	struct hy_error e = {0};
	enum hy_err err = hy_store_begin(store, &e);

	if (asked->head)
		(void)hy_audit_head_parse(hy_str_of(asked->head), &given);
	if (!err)
		err = hy_audit_verify(store, asked->head ? &given : NULL, &findings, &verdict, &e);
	hy_store_rollback(store);
	if (err)
		return failed(&e);
	hy_print_text(stdout, &findings);
	print_verdict(&verdict);
	return verdict.bad ? HY_EXIT_FINDINGS : HY_EXIT_OK;
}

/* ---- list ---- */

static bool is_asked(const char *asked, struct hy_str value)
{
	return !asked || hy_str_glob(hy_str_of(asked), value);
}

/* Lines of the detail stand under the entry. */
static void add_entry(const struct hy_query *q, struct hy_buf *out)
{
	struct hy_str rest = hy_query_text(q, 5), line;
	char at[HY_RFC3339_BYTES];

	hy_buf_addf(out, "%" PRId64 " %s %.*s %.*s %.*s\n", hy_query_int(q, 0),
		    hy_wall_format(hy_query_wall(q, 1), at), HY_STR_ARGS(hy_query_text(q, 2)),
		    HY_STR_ARGS(hy_query_text(q, 3)), HY_STR_ARGS(hy_query_text(q, 4)));
	while (hy_str_next(&rest, '\n', &line)) {
		if (line.n)
			hy_buf_addf(out, "    %.*s\n", HY_STR_ARGS(line));
	}
}

/* How far the list has come. */
struct listing {
	int64_t below, left;		/* entries to come; how many of them may be shown */
	struct hy_buf out;
};

/* A page of the newest; nothing is left behind the last. */
static enum hy_err list_page(struct hy_store *store, const struct asked *asked,
			     struct listing *l, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, newest_entries);
	enum hy_err err;
	bool row, some = false;

	hy_query_bind_int(q, 1, l->below);
	while (!(err = hy_query_next(q, &row, e)) && row) {
		some = true;
		l->below = hy_query_int(q, 0);
		if (l->left == 0 || hy_query_int(q, 1) < asked->from.ms ||
		    !is_asked(asked->act, hy_query_text(q, 3)) ||
		    !is_asked(asked->subject, hy_query_text(q, 4)) ||
		    !is_asked(asked->actor, hy_query_text(q, 2)))
			continue;
		add_entry(q, &l->out);
		l->left--;
	}
	if (!some)
		l->left = 0;
	return err;
}

static void listing_fini(struct listing *l)
{
	hy_buf_fini(&l->out);
}

static int list(struct hy_store *store, const struct asked *asked)
{
	hy_cleanup(listing_fini) struct listing l = {.below = INT64_MAX, .left = asked->limit};
	struct hy_error e = {0};

	hy_buf_init(&l.out, LIST_BYTES);
	while (l.left > 0) {
		if (list_page(store, asked, &l, &e))
			return failed(&e);
	}
	hy_print_text(stdout, &l.out);
	return l.out.n ? HY_EXIT_OK : HY_EXIT_FINDINGS;
}

/* ---- usage ---- */

static const char *read_asked(struct asked *asked)
{
	struct hy_audit_head head;

	if (asked->head && !hy_audit_head_parse(hy_str_of(asked->head), &head))
		return "--head is NUMBER:HASH, as in the notice";
	asked->limit = LIST_PRESET;
	if (asked->count &&
	    !hy_str_to_int(hy_str_of(asked->count), 1, LIST_MAX, &asked->limit))
		return "--limit is a number up to 100000";
	asked->from = HY_WALL_NONE;
	if (asked->since && !hy_wall_parse(hy_str_of(asked->since), &asked->from))
		return "--since is a time such as 2026-11-23T09:00:00+08:00";
	return NULL;
}

int hy_verb_audit(int argc, char **argv)
{
	const char *config = NULL, *url = NULL, *wrong;
	struct asked asked = {0};
	const struct hy_option options[] = {
		{"--config", "FILE", &config, NULL, "configuration file"},
		{"--store", "URL", &url, NULL, "the alerter's store, in place of the configured one"},
		{"--head", "NUMBER:HASH", &asked.head, NULL,
		 "verify: a head that was told before, which must stand in the chain"},
		{"--act", "GLOB", &asked.act, NULL, "list: acts such as case.* or rules.force"},
		{"--subject", "GLOB", &asked.subject, NULL, "list: what was acted on, such as a case"},
		{"--actor", "GLOB", &asked.actor, NULL, "list: who acted"},
		{"--since", "TIME", &asked.since, NULL, "list: nothing older"},
		{"--limit", "N", &asked.count, NULL, "list: so many, the newest first (100)"},
	};
	const struct hy_usage usage = {
		"audit verify|list [--config FILE | --store URL] ...",
		"verify  walks the hash chain and names every changed, missing or reordered entry; exit\n"
		"        1 where there is one. With --head also what was rewritten as a whole, or cut\n"
		"        off at its end, since that head was told (a notice brings it every day).\n"
		"list    the entries, the newest first; exit 1 where none is as asked.",
		options, HY_COUNT(options)};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);
	struct hy_store *store;

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands != 1 || (strcmp(argv[1], "verify") != 0 && strcmp(argv[1], "list") != 0))
		return hy_usage_error(&usage, "the acts are `verify` and `list`");
	wrong = read_asked(&asked);
	if (wrong)
		return hy_usage_error(&usage, wrong);
	store = hy_cli_alerter_store(config, url);
	if (!store)
		return HY_EXIT_FAILURE;
	code = strcmp(argv[1], "verify") == 0 ? verify(store, &asked) : list(store, &asked);
	hy_store_free(store);
	return code;
}
