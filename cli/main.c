/* The `huiying` command: finds the verb in the table and runs it. */
#include <stdio.h>
#include <string.h>

#include "cli/verb.h"
#include "common/base/mem.h"

#ifndef HY_VERSION
#define HY_VERSION "0.1.0"
#endif

struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *doc;
};

static const struct verb verbs[] = {
	{"up", hy_verb_up, "start crawler, analyzer and alerter under one supervisor"},
	{"status", hy_verb_status, "daemons, queues, sources, open and overdue cases"},
	{"watch", hy_verb_watch, "show notices as they go out"},
	{"check", hy_verb_check, "prove a rules folder before it is loaded"},
	{"extract", hy_verb_extract, "HTML pages to JSON lines"},
	{"links", hy_verb_links, "an HTML list page to JSON lines"},
	{"feed", hy_verb_feed, "feeds, sitemaps and OPML to JSON lines"},
	{"robots", hy_verb_robots, "ask a robots.txt about an address"},
	{"sources", hy_verb_sources, "probe pages, take sources from OPML lists, write them as one"},
	{"match", hy_verb_match, "documents to topics, hits and places"},
	{"rules", hy_verb_rules, "test scenarios, take topics from keyword files"},
	{"backtest", hy_verb_backtest, "what changed rules would newly fire and lose"},
	{"cluster", hy_verb_cluster, "messages to events, in the order given"},
	{"assign", hy_verb_assign, "topic, places and severity to one lead unit and its deadlines"},
	{"routes", hy_verb_routes, "test a route, show all in words, versions of the rules"},
	{"deadline", hy_verb_deadline, "explain a deadline"},
	{"roster", hy_verb_roster, "who is on duty, and where nobody is"},
	{"case", hy_verb_case, "list, show, sign and answer cases"},
	{"policy", hy_verb_policy, "reactions to watched policies and what they ask"},
	{"outbox", hy_verb_outbox, "notices and what became of them"},
	{"document", hy_verb_document, "history of an article, search, purge"},
	{"audit", hy_verb_audit, "verify and show the record of acts"},
	{"report", hy_verb_report, "the weekly response report"},
	{"simulate", hy_verb_simulate, "a drill: a synthetic month, and what would be late"},
};

static int print_help(FILE *to, int code)
{
	(void)fprintf(to, "usage: huiying VERB [ARGUMENTS]\n\n");
	for (size_t i = 0; i < HY_COUNT(verbs); i++)
		(void)fprintf(to, "  %-10s %s\n", verbs[i].name, verbs[i].doc);
	(void)fprintf(to, "\n`huiying VERB --help` says more.\n");
	return code;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return print_help(stderr, HY_EXIT_USAGE);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0)
		return print_help(stdout, HY_EXIT_OK);
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		(void)printf("huiying %s\n", HY_VERSION);
		return HY_EXIT_OK;
	}
	for (size_t i = 0; i < HY_COUNT(verbs); i++)
		if (strcmp(argv[1], verbs[i].name) == 0) {
			int code = verbs[i].run(argc - 1, argv + 1);

			/* A full disk or a closed pipe must not look like success. */
			if (fflush(stdout) != 0 || ferror(stdout)) {
				perror("huiying: standard output");
				return HY_EXIT_FAILURE;
			}
			return code;
		}
	(void)fprintf(stderr, "huiying: unknown verb: %s\n", argv[1]);
	return print_help(stderr, HY_EXIT_USAGE);
}
