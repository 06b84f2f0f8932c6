#include "alerter/turn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"

static const char put_counter[] =
	"INSERT INTO alerter_counter (name, value, text) VALUES ($1, $2, $3)"
	" ON CONFLICT (name) DO UPDATE SET value = excluded.value, text = excluded.text";

void hy_turn_init(struct hy_turn *turn, struct hy_store *store, const struct hy_rule_set *rules,
		  struct hy_wall now)
{
	*turn = (struct hy_turn){.store = store, .rules = rules, .now = now};
}

static enum hy_err write_counters(void *ctx, struct hy_error *e)
{
	const struct hy_turn *turn = ctx;
	enum hy_err err = HY_OK;

	for (size_t i = 0; i < turn->counter_count && !err; i++) {
		struct hy_query *q = hy_store_query(turn->store, put_counter);

		hy_query_bind_c(q, 1, turn->counters[i].name);
		hy_query_bind_int(q, 2, turn->counters[i].value);
		hy_query_bind_c(q, 3, turn->counters[i].text);
		err = hy_query_later(q, e);
	}
	return err;
}

void hy_turn_count(struct hy_turn *turn, const char *name, int64_t value, const char *text)
{
	struct hy_turn_counter *counter = turn->counters;

	while (counter < turn->counters + turn->counter_count && strcmp(counter->name, name) != 0)
		counter++;
	if (counter == turn->counters + turn->counter_count) {
		hy_assert(turn->counter_count < HY_TURN_COUNTERS_MAX);
		turn->counter_count++;
		(void)snprintf(counter->name, sizeof counter->name, "%s", name);
	}
	counter->value = value;
	(void)snprintf(counter->text, sizeof counter->text, "%s", text);
	hy_store_write_last(turn->store, write_counters, turn);
}

void hy_turn_clear(struct hy_turn *turn)
{
	turn->publish_count = 0;
	turn->woke_channels = false;
	turn->known = NULL;
	turn->audit_is_read = false;
	turn->counter_count = 0;
	turn->case_year = 0;
}

void hy_turn_fini(struct hy_turn *turn)
{
	free(turn->publish);
	*turn = (struct hy_turn){0};
}
