/* The questions of `huiying rules`; each takes its own arguments, argv[0] is its name. */
#ifndef HY_CLI_VERB_RULES_H
#define HY_CLI_VERB_RULES_H

int hy_verb_rules_import(int argc, char **argv);
int hy_verb_rules_test(int argc, char **argv);
int hy_verb_rules_traffic(int argc, char **argv);

#endif
