/* `huiying sources list` and `huiying sources hosts`; argv[0] is the question's name. */
#ifndef HY_CLI_VERB_SOURCES_LIST_H
#define HY_CLI_VERB_SOURCES_LIST_H

int hy_verb_sources_list(int argc, char **argv);
int hy_verb_sources_hosts(int argc, char **argv);

#endif
