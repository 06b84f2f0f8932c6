/*
 * Verbs of the `huiying` command. argv[0] is the verb; the result is the exit status:
 * 0 fine, 1 findings or no, 2 usage, 3 failure (with one line on standard error).
 */
#ifndef HY_CLI_VERB_H
#define HY_CLI_VERB_H

int hy_verb_feed(int argc, char **argv);
int hy_verb_robots(int argc, char **argv);

#endif
