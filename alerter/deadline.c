#include "alerter/deadline.h"

#include <stdio.h>
#include <stdlib.h>

#include "alerter/audit.h"
#include "common/base/mem.h"

#define ASSIST_PERCENT 80	/* of the answer's limit: the lead needs the rest */
#define ROWS_MAX 16		/* steps and cards of one ladder */

static const char put_deadline[] =
	"INSERT INTO deadline (case_id, ladder, step, preset, due_at, card)"
	" VALUES ($1, $2, $3, $4, $5, $6)"
	" ON CONFLICT (case_id, ladder, step) DO UPDATE SET due_at = excluded.due_at,"
	" preset = excluded.preset, card = excluded.card"
	" WHERE deadline.fired_at IS NULL AND deadline.stopped_at IS NULL"
	" AND deadline.due_at > excluded.due_at";
static const char put_first[] =
	"INSERT INTO deadline (case_id, ladder, step, preset, due_at, card)"
	" VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
static const char put_clock[] =
	"INSERT INTO clock (case_id, ladder, unit, preset, title, basis, measure, start_at, due_at,"
	" open_calendar) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
	" ON CONFLICT (case_id, ladder) DO UPDATE SET unit = excluded.unit,"
	" preset = excluded.preset, title = excluded.title, basis = excluded.basis,"
	" measure = excluded.measure, start_at = excluded.start_at, due_at = excluded.due_at,"
	" open_calendar = excluded.open_calendar WHERE clock.due_at > excluded.due_at";
static const char stop_ladder[] =
	"UPDATE deadline SET stopped_at = $1 WHERE case_id = $2 AND ladder = $3"
	" AND stopped_at IS NULL";
static const char stop_parts[] =
	"UPDATE deadline SET stopped_at = $1 WHERE case_id = $2 AND (ladder = $3"
	" OR ladder LIKE $4) AND stopped_at IS NULL";
static const char stop_case[] =
	"UPDATE deadline SET stopped_at = $1 WHERE case_id = $2 AND stopped_at IS NULL";
/* Not min(): PostgreSQL, where it has no statistics yet, reads all that is open for one. */
static const char next_due[] =
	"SELECT due_at FROM deadline WHERE fired_at IS NULL AND stopped_at IS NULL"
	" AND held_until IS NULL ORDER BY due_at LIMIT 1";
static const char next_held[] =
	"SELECT held_until FROM deadline WHERE held_until IS NOT NULL AND fired_at IS NULL"
	" AND stopped_at IS NULL ORDER BY held_until LIMIT 1";
static const char ladder_stopped[] =
	"SELECT count(*) FROM deadline WHERE case_id = $1 AND ladder = $2"
	" AND stopped_at IS NOT NULL";
static const char waiting_steps[] =
	"SELECT step FROM deadline WHERE case_id = $1 AND ladder = $2 AND fired_at IS NULL"
	" AND stopped_at IS NULL ORDER BY step";
static const char move_step[] =
	"UPDATE deadline SET due_at = $1 WHERE case_id = $2 AND ladder = $3 AND step = $4"
	" AND fired_at IS NULL AND stopped_at IS NULL";
static const char move_clock[] =
	"UPDATE clock SET due_at = $1, open_calendar = $2 WHERE case_id = $3 AND ladder = $4";
static const char next_open[] =
	"SELECT case_id, ladder, preset, start_at, due_at FROM clock WHERE open_calendar = 1"
	" AND (case_id > $1 OR (case_id = $1 AND ladder > $2)) ORDER BY case_id, ladder LIMIT 1";

enum hy_err hy_ladder_key(enum hy_ladder ladder, struct hy_str part, struct hy_ladder_key *out,
			  struct hy_error *e)
{
	int n = snprintf(out->text, sizeof out->text, "%s%s%.*s", hy_ladder_id(ladder),
			 part.n ? ":" : "", HY_STR_ARGS(part));

	if (n < 0 || (size_t)n >= sizeof out->text)
		return hy_fail(e, HY_ERR_LIMIT, "deadline: part too long");
	return HY_OK;
}

bool hy_ladder_of_key(struct hy_str key, enum hy_ladder *out, struct hy_str *out_part)
{
	struct hy_str rest = key, id = {0};

	(void)hy_str_next(&rest, ':', &id);
	if (!hy_ladder_parse(id, out))
		return false;
	*out_part = rest;
	return true;
}

/* A card belongs to the answer: the other ladders only remind. */
static const char *card_of(const struct hy_clock *clock, int64_t percent)
{
	const struct hy_cards *cards = &clock->preset->set->cards;

	if (clock->ladder != HY_LADDER_ANSWER || percent == 0)
		return NULL;
	if (percent == cards->red)
		return "red";
	return percent == cards->yellow ? "yellow" : NULL;
}

static enum hy_err put_step(struct hy_turn *turn, const struct hy_clock *clock,
			    const struct hy_ladder_key *key, int64_t percent, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, clock->is_first ? put_first : put_deadline);

	hy_query_bind_text(q, 1, clock->case_id);
	hy_query_bind_c(q, 2, key->text);
	hy_query_bind_int(q, 3, percent);
	hy_query_bind_text(q, 4, clock->preset->id);
	hy_query_bind_wall(q, 5, hy_preset_between(clock->preset, clock->start, clock->due,
						   (int)percent));
	hy_query_bind_c(q, 6, card_of(clock, percent));
	return hy_query_later(q, e);
}

static enum hy_err put_steps(struct hy_turn *turn, const struct hy_clock *clock,
			     const struct hy_ladder_key *key, struct hy_error *e)
{
	const struct hy_preset *preset = clock->preset;
	const struct hy_cards *cards = &preset->set->cards;
	enum hy_err err = HY_OK;

	for (size_t i = 0; i < preset->step_count && !err; i++)
		err = put_step(turn, clock, key, preset->steps[i], e);
	if (clock->ladder != HY_LADDER_ANSWER)
		return err;
	if (!err && cards->yellow > 100)
		err = put_step(turn, clock, key, cards->yellow, e);
	if (!err && cards->red > 100)
		err = put_step(turn, clock, key, cards->red, e);
	return err;
}

static enum hy_err put_source(struct hy_turn *turn, const struct hy_clock *clock,
			      const struct hy_ladder_key *key, bool open_calendar,
			      struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, put_clock);

	hy_query_bind_text(q, 1, clock->case_id);
	hy_query_bind_c(q, 2, key->text);
	hy_query_bind_text(q, 3, clock->unit);
	hy_query_bind_text(q, 4, clock->preset->id);
	hy_query_bind_text(q, 5, clock->preset->title);
	hy_query_bind_text(q, 6, clock->preset->basis);
	hy_query_bind_c(q, 7, hy_measure_id(clock->preset->measure));
	hy_query_bind_wall(q, 8, clock->start);
	hy_query_bind_wall(q, 9, clock->due);
	hy_query_bind_int(q, 10, open_calendar);
	return hy_query_later(q, e);
}

static enum hy_err is_stopped(struct hy_turn *turn, struct hy_str case_id,
			      const struct hy_ladder_key *key, bool *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, ladder_stopped);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, case_id);
	hy_query_bind_c(q, 2, key->text);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	*out = row && hy_query_int(q, 0) > 0;
	hy_query_reset(q);
	return HY_OK;
}

enum hy_err hy_deadlines_start(struct hy_turn *turn, const struct hy_clock *clock,
			       struct hy_error *e)
{
	struct hy_clock counted = *clock;
	bool stopped = false, promised = hy_wall_known(clock->due);
	struct hy_ladder_key key;
	enum hy_err err = hy_ladder_key(clock->ladder, clock->part, &key, e);

	if (!err && !clock->is_first)
		err = is_stopped(turn, clock->case_id, &key, &stopped, e);
	if (err || stopped)
		return err;
	if (!promised)
		counted.due = hy_preset_due(clock->preset, clock->start, 100);
	err = put_source(turn, &counted, &key,
			 !promised && !hy_preset_certain(clock->preset, clock->start, counted.due),
			 e);
	return err ? err : put_steps(turn, &counted, &key, e);
}

/* Every ladder that opens with a case, from `base`. */
static enum hy_err start_all(struct hy_turn *turn, const struct hy_preset_use *use,
			     const struct hy_clock *base, struct hy_error *e)
{
	enum hy_err err = HY_OK;

	for (int i = 0; i < HY_LADDER_COUNT && !err; i++) {
		struct hy_clock clock = *base;

		clock.ladder = (enum hy_ladder)i;
		clock.preset = use->ladder[i];
		if (clock.preset && hy_ladder_opens(clock.ladder))
			err = hy_deadlines_start(turn, &clock, e);
	}
	return err;
}

enum hy_err hy_deadlines_add(struct hy_turn *turn, struct hy_str case_id,
			     const struct hy_preset_use *use, struct hy_wall start,
			     struct hy_error *e)
{
	const struct hy_clock base = {.case_id = case_id, .start = start, .due = HY_WALL_NONE,
				      .is_first = true};

	return start_all(turn, use, &base, e);
}

enum hy_err hy_deadlines_assist(struct hy_turn *turn, const struct hy_preset_use *use,
				struct hy_clock *clock, struct hy_error *e)
{
	struct hy_wall latest;

	clock->ladder = HY_LADDER_ASSIST;
	clock->part = clock->unit;
	clock->preset = use->ladder[HY_LADDER_ASSIST];
	clock->due = HY_WALL_NONE;
	if (!clock->preset)
		return HY_OK;
	latest = hy_preset_due(use->ladder[HY_LADDER_ANSWER], clock->start, ASSIST_PERCENT);
	if (latest.ms < hy_preset_due(clock->preset, clock->start, 100).ms)
		clock->due = latest;
	return hy_deadlines_start(turn, clock, e);
}

/* A ladder that has a stop keeps it: starting again does nothing. */
enum hy_err hy_deadlines_tighten(struct hy_turn *turn, struct hy_str case_id,
				 const struct hy_preset_use *use, struct hy_wall start,
				 struct hy_error *e)
{
	const struct hy_clock base = {.case_id = case_id, .start = start, .due = HY_WALL_NONE};

	return start_all(turn, use, &base, e);
}

enum hy_err hy_deadlines_stop_part(struct hy_turn *turn, struct hy_str case_id,
				   enum hy_ladder ladder, struct hy_str part, struct hy_error *e)
{
	struct hy_ladder_key key;
	enum hy_err err = hy_ladder_key(ladder, part, &key, e);
	struct hy_query *q;

	if (err)
		return err;
	q = hy_store_query(turn->store, stop_ladder);
	hy_query_bind_wall(q, 1, turn->now);
	hy_query_bind_text(q, 2, case_id);
	hy_query_bind_c(q, 3, key.text);
	return hy_query_later(q, e);
}

enum hy_err hy_deadlines_stop(struct hy_turn *turn, struct hy_str case_id, enum hy_ladder ladder,
			      struct hy_error *e)
{
	return hy_deadlines_stop_part(turn, case_id, ladder, (struct hy_str){0}, e);
}

enum hy_err hy_deadlines_stop_parts(struct hy_turn *turn, struct hy_str case_id,
				    enum hy_ladder ladder, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, stop_parts);
	char parts[HY_LADDER_KEY_BYTES];

	(void)snprintf(parts, sizeof parts, "%s:%%", hy_ladder_id(ladder));
	hy_query_bind_wall(q, 1, turn->now);
	hy_query_bind_text(q, 2, case_id);
	hy_query_bind_c(q, 3, hy_ladder_id(ladder));
	hy_query_bind_c(q, 4, parts);
	return hy_query_later(q, e);
}

enum hy_err hy_deadlines_stop_all(struct hy_turn *turn, struct hy_str case_id,
				  struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, stop_case);

	hy_query_bind_wall(q, 1, turn->now);
	hy_query_bind_text(q, 2, case_id);
	return hy_query_later(q, e);
}

/* ---- moving ---- */

struct steps {
	int64_t percent[ROWS_MAX];
	size_t count;
};

static enum hy_err read_steps(struct hy_turn *turn, struct hy_str case_id,
			      const struct hy_ladder_key *key, struct steps *out,
			      struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, waiting_steps);
	bool row = true;

	out->count = 0;
	hy_query_bind_text(q, 1, case_id);
	hy_query_bind_c(q, 2, key->text);
	while (row) {
		enum hy_err err = hy_query_next(q, &row, e);

		if (err)
			return err;
		if (row && out->count == ROWS_MAX) {
			hy_query_reset(q);
			return hy_fail(e, HY_ERR_LIMIT, "deadline: too many steps");
		}
		if (row)
			out->percent[out->count++] = hy_query_int(q, 0);
	}
	return HY_OK;
}

static enum hy_err set_clock(struct hy_turn *turn, const struct hy_clock *clock,
			     const struct hy_ladder_key *key, int64_t open_calendar,
			     struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, move_clock);

	hy_query_bind_wall(q, 1, clock->due);
	hy_query_bind_int(q, 2, open_calendar);
	hy_query_bind_text(q, 3, clock->case_id);
	hy_query_bind_c(q, 4, key->text);
	return hy_query_later(q, e);
}

static enum hy_err move_rows(struct hy_turn *turn, const struct hy_clock *clock,
			     const struct hy_ladder_key *key, struct hy_error *e)
{
	struct steps steps;
	enum hy_err err = read_steps(turn, clock->case_id, key, &steps, e);

	for (size_t i = 0; !err && i < steps.count; i++) {
		struct hy_query *q = hy_store_query(turn->store, move_step);

		hy_query_bind_wall(q, 1, hy_preset_between(clock->preset, clock->start, clock->due,
							   (int)steps.percent[i]));
		hy_query_bind_text(q, 2, clock->case_id);
		hy_query_bind_c(q, 3, key->text);
		hy_query_bind_int(q, 4, steps.percent[i]);
		err = hy_query_later(q, e);
	}
	return err;
}

/* A moment that somebody has set is no matter of the calendar any more. */
enum hy_err hy_deadlines_move(struct hy_turn *turn, const struct hy_clock *clock,
			      struct hy_error *e)
{
	struct hy_ladder_key key;
	enum hy_err err = hy_ladder_key(clock->ladder, clock->part, &key, e);

	if (!err)
		err = set_clock(turn, clock, &key, 0, e);
	return err ? err : move_rows(turn, clock, &key, e);
}

/* One row whose count is open, copied out. */
struct open_count {
	char *case_id;
	struct hy_ladder_key key;
	char *preset;
	struct hy_wall start, due;
};

static void open_count_fini(struct open_count *o)
{
	free(o->case_id);
	free(o->preset);
}

static enum hy_err next_open_count(struct hy_turn *turn, struct open_count *o, bool *out_found,
				   struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, next_open);
	enum hy_err err;

	hy_query_bind_c(q, 1, o->case_id ? o->case_id : "");
	hy_query_bind_c(q, 2, o->key.text);
	err = hy_query_next(q, out_found, e);
	if (err || !*out_found)
		return err;
	open_count_fini(o);
	o->case_id = hy_str_dup(hy_query_text(q, 0));
	(void)snprintf(o->key.text, sizeof o->key.text, "%.*s", HY_STR_ARGS(hy_query_text(q, 1)));
	o->preset = hy_str_dup(hy_query_text(q, 2));
	o->start = hy_query_wall(q, 3);
	o->due = hy_query_wall(q, 4);
	hy_query_reset(q);
	return HY_OK;
}

static enum hy_err tell_recount(struct hy_turn *turn, const struct open_count *o,
				const struct hy_clock *clock, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf detail = HY_BUF(HY_AUDIT_DETAIL_BYTES);
	char before[HY_RFC3339_BYTES], after[HY_RFC3339_BYTES];
	struct hy_audit_entry entry = {.at = turn->now, .actor = HY_STR_LIT("system"),
				       .act = HY_STR_LIT("deadline.recount"),
				       .subject = clock->case_id};

	hy_buf_addf(&detail, "放假安排已公布，%s时限重算：%s 改为 %s", hy_ladder_title(clock->ladder),
		    hy_wall_format(o->due, before), hy_wall_format(clock->due, after));
	entry.detail = hy_buf_str(&detail);
	return hy_audit_append(turn, &entry, e);
}

static enum hy_err recount(struct hy_turn *turn, const struct open_count *o, size_t *changed,
			   struct hy_error *e)
{
	struct hy_clock clock = {.case_id = hy_str_of(o->case_id), .start = o->start,
				 .preset = hy_presets_find(turn->rules->presets,
							   hy_str_of(o->preset)),
				 .due = o->due};
	bool stopped = false;
	enum hy_err err = is_stopped(turn, clock.case_id, &o->key, &stopped, e);

	if (err || !hy_ladder_of_key(hy_str_of(o->key.text), &clock.ladder, &clock.part))
		return err;
	if (stopped)
		return set_clock(turn, &clock, &o->key, 2, e);
	if (!clock.preset)
		return HY_OK;
	clock.due = hy_preset_due(clock.preset, o->start, 100);
	err = set_clock(turn, &clock, &o->key,
			!hy_preset_certain(clock.preset, o->start, clock.due), e);
	if (err || clock.due.ms == o->due.ms)
		return err;
	(*changed)++;
	err = move_rows(turn, &clock, &o->key, e);
	return err ? err : tell_recount(turn, o, &clock, e);
}

enum hy_err hy_deadlines_recount(struct hy_turn *turn, size_t *out_changed, struct hy_error *e)
{
	hy_cleanup(open_count_fini) struct open_count o = {0};
	size_t changed = 0;
	bool found = true;

	while (found) {
		enum hy_err err = next_open_count(turn, &o, &found, e);

		if (!err && found)
			err = recount(turn, &o, &changed, e);
		if (err)
			return err;
	}
	*out_changed = changed;
	return HY_OK;
}

/* ---- the next moment ---- */

static enum hy_err read_moment(struct hy_store *store, const char *sql, struct hy_wall *out,
			       struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, sql);
	enum hy_err err;
	bool row;

	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	*out = row ? hy_query_wall(q, 0) : HY_WALL_NONE;
	hy_query_reset(q);
	return HY_OK;
}

enum hy_err hy_deadlines_next(struct hy_store *store, struct hy_wall *out, struct hy_error *e)
{
	struct hy_wall due, held;
	enum hy_err err = read_moment(store, next_due, &due, e);

	if (!err)
		err = read_moment(store, next_held, &held, e);
	if (err)
		return err;
	*out = hy_wall_known(held) && (!hy_wall_known(due) || held.ms < due.ms) ? held : due;
	return HY_OK;
}
