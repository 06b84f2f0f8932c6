/* The questions of `huiying sources`, one file each; argv[0] is the question's name. */
#ifndef HY_CLI_VERB_SOURCES_H
#define HY_CLI_VERB_SOURCES_H

int hy_verb_sources_import(int argc, char **argv);
int hy_verb_sources_export(int argc, char **argv);
int hy_verb_sources_probe(int argc, char **argv);

#endif
