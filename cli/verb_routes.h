/* The questions of `huiying routes`; each is a verb of its own, argv[0] being its name. */
#ifndef HY_CLI_VERB_ROUTES_H
#define HY_CLI_VERB_ROUTES_H

int hy_verb_routes_test(int argc, char **argv);
int hy_verb_routes_show(int argc, char **argv);
int hy_verb_routes_history(int argc, char **argv);

#endif
