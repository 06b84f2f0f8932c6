#include "alerter/turn.h"

#include <stdlib.h>

void hy_turn_init(struct hy_turn *turn, struct hy_store *store, const struct hy_rule_set *rules,
		  struct hy_wall now)
{
	*turn = (struct hy_turn){.store = store, .rules = rules, .now = now};
}

void hy_turn_clear(struct hy_turn *turn)
{
	turn->publish_count = 0;
	turn->woke_channels = false;
	turn->known = NULL;
	turn->audit_is_read = false;
	turn->case_year = 0;
}

void hy_turn_fini(struct hy_turn *turn)
{
	free(turn->publish);
	*turn = (struct hy_turn){0};
}
