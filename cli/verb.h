/*
 * The verbs of the `huiying` command: one file verb_x.c each, one row in cli/main.c's table.
 *
 * argv[0] is the verb's name. Results go to standard output, messages to standard error.
 * Exit codes: 0 fine, 1 findings or "no" where that is the question, 2 usage, 3 failure.
 */
#ifndef HY_CLI_VERB_H
#define HY_CLI_VERB_H

#define HY_EXIT_OK 0
#define HY_EXIT_FINDINGS 1
#define HY_EXIT_USAGE 2
#define HY_EXIT_FAILURE 3

int hy_verb_extract(int argc, char **argv);
int hy_verb_links(int argc, char **argv);
int hy_verb_feed(int argc, char **argv);
int hy_verb_robots(int argc, char **argv);
int hy_verb_sources(int argc, char **argv);
int hy_verb_match(int argc, char **argv);
int hy_verb_backtest(int argc, char **argv);
int hy_verb_cluster(int argc, char **argv);
int hy_verb_check(int argc, char **argv);
int hy_verb_routes(int argc, char **argv);
int hy_verb_assign(int argc, char **argv);
int hy_verb_rules(int argc, char **argv);
int hy_verb_deadline(int argc, char **argv);
int hy_verb_roster(int argc, char **argv);
int hy_verb_case(int argc, char **argv);
int hy_verb_outbox(int argc, char **argv);
int hy_verb_policy(int argc, char **argv);
int hy_verb_audit(int argc, char **argv);
int hy_verb_watch(int argc, char **argv);
int hy_verb_status(int argc, char **argv);
int hy_verb_up(int argc, char **argv);
int hy_verb_document(int argc, char **argv);
int hy_verb_report(int argc, char **argv);
int hy_verb_simulate(int argc, char **argv);

#endif
