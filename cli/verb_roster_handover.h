/* `huiying roster handover`; called by verb_roster.c. */
#ifndef HY_CLI_VERB_ROSTER_HANDOVER_H
#define HY_CLI_VERB_ROSTER_HANDOVER_H

/* argv[0] is "handover". */
int hy_verb_roster_handover(int argc, char **argv);

#endif
