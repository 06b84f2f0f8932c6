#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerter/roster_ics.h"
#include "cli/options.h"
#include "cli/roster_ics.h"
#include "cli/verb.h"
#include "common/base/mem.h"
#include "common/sys/content_id.h"

#define EXPORT_BYTES (64u << 20)
/* A post's run is looked for from here on back, so that it has one beginning whenever exported. */
#define LOOK_BACK_DAYS 35

/* A post that is on duty since then. */
struct running {
	struct hy_str post;
	struct hy_wall from;
};

struct export {
	const struct hy_roster_export *x;
	const struct hy_unit *unit;	/* any that uses the plan */
	struct hy_str owner;		/* the plan's unit, or "default" */
	enum hy_duty duty;
	struct running running[HY_ROSTER_ON_DUTY_MAX];
	size_t count;
	struct hy_buf *out;
};

static void put(struct export *e, const struct running *run, struct hy_wall to)
{
	char from[HY_RFC3339_BYTES], uid[HY_ID_DIGITS + 16];
	hy_cleanup(hy_buf_fini) struct hy_buf summary = HY_BUF(512);
	struct hy_str parts[] = {e->owner, hy_str_of(hy_duty_id(e->duty)), run->post,
				 hy_str_of(hy_wall_format(run->from, from))};
	struct hy_id id = hy_id_of(parts, HY_COUNT(parts));
	struct hy_ics_event event = {.category = e->owner, .from = run->from, .to = to};

	if (to.ms <= e->x->from.ms)
		return;
	(void)snprintf(uid, sizeof uid, "%s@huiying", id.hex);
	hy_buf_addf(&summary, "%s %.*s", hy_duty_title(e->duty), HY_STR_ARGS(run->post));
	event.uid = hy_str_of(uid);
	event.summary = hy_buf_str(&summary);
	hy_ics_event(&event, e->x->from, e->out);
}

static bool is_among(struct hy_str post, const struct hy_str *posts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (hy_str_eq(posts[i], post))
			return true;
	}
	return false;
}

/* Who is no longer there has ended his run, who is new begins one. */
static void step(struct export *e, struct hy_wall at, const struct hy_str *posts, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < e->count; i++) {
		if (is_among(e->running[i].post, posts, count))
			e->running[kept++] = e->running[i];
		else
			put(e, &e->running[i], at);
	}
	e->count = kept;
	for (size_t i = 0; i < count; i++) {
		bool known = false;

		for (size_t k = 0; k < kept; k++)
			known |= hy_str_eq(e->running[k].post, posts[i]);
		if (!known && e->count < HY_ROSTER_ON_DUTY_MAX)
			e->running[e->count++] = (struct running){posts[i], at};
	}
}

static void export_duty(struct export *e)
{
	const struct hy_roster *roster = e->x->rules->roster;
	struct hy_wall at = hy_wall_add_ms(hy_day_start(e->x->from), -LOOK_BACK_DAYS * HY_DAY_MS);

	e->count = 0;
	while (at.ms < e->x->to.ms) {
		struct hy_str posts[HY_ROSTER_ON_DUTY_MAX];
		size_t count = hy_roster_who(roster, e->unit, e->duty, at, posts);

		step(e, at, posts, count);
		at = hy_roster_next(roster, e->unit, e->duty, at, e->x->to);
	}
	step(e, e->x->to, NULL, 0);
}

int hy_cli_roster_export(const struct hy_roster_export *x)
{
	hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(EXPORT_BYTES);
	const struct hy_units *units = x->rules->units;
	bool default_done = false;
	size_t exported = 0;

	hy_ics_begin(&out);
	for (size_t i = 0; i < units->count; i++) {
		const struct hy_unit *unit = &units->item[i];
		const struct hy_roster_plan *plan = hy_roster_plan(x->rules->roster, unit);
		struct export e = {.x = x, .unit = unit, .out = &out};

		if (!plan || (x->unit && !hy_str_eq_c(unit->id, x->unit)) ||
		    (!plan->unit && default_done))
			continue;
		default_done |= !plan->unit;
		e.owner = plan->unit ? plan->unit->id : HY_STR_LIT("default");
		for (int duty = 0; duty < HY_DUTY_COUNT; duty++) {
			e.duty = (enum hy_duty)duty;
			export_duty(&e);
		}
		exported++;
	}
	hy_ics_end(&out);
	if (exported == 0) {
		(void)fprintf(stderr, "没有单位“%s”的排班\n", x->unit ? x->unit : "");
		return HY_EXIT_FAILURE;
	}
	if (hy_buf_err(&out)) {
		(void)fprintf(stderr, "导出的日程过多，请缩短天数\n");
		return HY_EXIT_FAILURE;
	}
	return fwrite(out.p, 1, out.n, stdout) == out.n ? HY_EXIT_OK : HY_EXIT_FAILURE;
}
