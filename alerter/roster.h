/*
 * roster.yaml: who is on duty, unit by unit and minute by minute: the officer on duty (值班员)
 * and behind him the leader on duty (带班). People are posts ("值班一岗"), never names.
 *
 * A unit without a roster of its own uses the one marked `default`. A shift has days, a start
 * and an end (over midnight where the end is not later), and posts that take turns every shift
 * day or week; the turn counts from the day `since`, before which the shift does not exist.
 *
 * `changes`, there and in roster-changes.yaml (which `huiying roster import` writes), are what
 * differs from the rotation: a post on leave (请假) is not on duty, in a swap (换班) another post
 * stands in, a shift of its own adds one. A swap comes first, so that who is on leave may be
 * stood in for; who is on leave stands in for nobody.
 */
#ifndef HY_ALERTER_ROSTER_H
#define HY_ALERTER_ROSTER_H

#include <stddef.h>
#include <stdint.h>

#include "alerter/rule_file.h"
#include "alerter/units.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/yaml.h"

#define HY_DUTY_LIST(X) X(OFFICER, "officer", "值班员") X(LEADER, "leader", "带班领导")

enum hy_duty {
#define X(name, id, title) HY_DUTY_##name,
	HY_DUTY_LIST(X)
#undef X
	HY_DUTY_COUNT
};
const char *hy_duty_id(enum hy_duty duty);
const char *hy_duty_title(enum hy_duty duty);	/* Chinese */

#define HY_ROSTER_POSTS_MAX 64	/* of one shift */
#define HY_ROSTER_ON_DUTY_MAX 8	/* at one moment */

struct hy_shift {
	unsigned days;			/* bit 1 << (ISO weekday - 1), of the start */
	int64_t from_ms, length_ms;	/* from midnight; up to 24 h */
	struct hy_wall since, until;	/* of the starts; until may be unknown */
	int64_t turn_days;		/* 1 or 7 */
	struct hy_str posts[HY_ROSTER_POSTS_MAX];
	size_t post_count;
	const struct hy_yaml_node *at;
};

struct hy_roster_plan {
	const struct hy_unit *unit;	/* NULL: the default */
	struct hy_shift *shift[HY_DUTY_COUNT];
	size_t shift_count[HY_DUTY_COUNT];
	const struct hy_yaml_node *at;
};

#define HY_CHANGE_LIST(X) X(LEAVE, "leave", "请假") X(SWAP, "swap", "换班") X(SHIFT, "shift", "加班")

enum hy_change_kind {
#define X(name, id, title) HY_CHANGE_##name,
	HY_CHANGE_LIST(X)
#undef X
	HY_CHANGE_COUNT
};
const char *hy_change_id(enum hy_change_kind kind);
const char *hy_change_title(enum hy_change_kind kind);	/* Chinese */

#define HY_ROSTER_CHANGES_MAX 4096
#define HY_ROSTER_CHANGES_FILE "roster-changes.yaml"
#define HY_CHANGE_UID_BYTES 255

/* What differs from the rotation of one plan within [from, to). */
struct hy_roster_change {
	enum hy_change_kind kind;
	const struct hy_unit *unit;	/* whose plan; NULL: the default */
	unsigned duties;		/* bit 1 << duty: of which it holds */
	struct hy_str post, by;		/* by: who stands in; of a swap only */
	struct hy_str uid;		/* of the calendar entry it came from; "" if none */
	struct hy_wall from, to;
	const struct hy_yaml_node *at;
};

struct hy_roster {
	struct hy_yaml *file, *changes_file;	/* the latter may be NULL */
	struct hy_roster_plan *plan;
	size_t count;
	struct hy_roster_change *change;
	size_t change_count, change_cap;
};

enum hy_err hy_roster_load(const char *dir, const struct hy_units *units,
			   struct hy_findings *findings, struct hy_roster **out) HY_MUST_CHECK;
void hy_roster_free(struct hy_roster *roster);

/* The unit's own plan or the default; NULL where there is neither. */
const struct hy_roster_plan *hy_roster_plan(const struct hy_roster *roster,
					    const struct hy_unit *unit);

/* Posts on duty at that moment, in file order; returns how many. 0 is a gap. */
size_t hy_roster_who(const struct hy_roster *roster, const struct hy_unit *unit,
		     enum hy_duty duty, struct hy_wall at,
		     struct hy_str out_posts[HY_ROSTER_ON_DUTY_MAX]);

/* A post as recipient: "unit/post"; the unit alone where post is empty. */
void hy_duty_recipient(const struct hy_unit *unit, struct hy_str post, struct hy_buf *out);

struct hy_roster_span {
	struct hy_wall from, to;	/* to is not part of it */
};
/*
 * The first moment after `at` at which another may be on duty, or `end`. Between two such
 * moments the same posts are.
 */
struct hy_wall hy_roster_next(const struct hy_roster *roster, const struct hy_unit *unit,
			      enum hy_duty duty, struct hy_wall at, struct hy_wall end);
/* The first gap that begins or lasts within the span, cut at its ends. False: none. */
bool hy_roster_gap(const struct hy_roster *roster, const struct hy_unit *unit,
		   enum hy_duty duty, const struct hy_roster_span *within,
		   struct hy_roster_span *out);

/* Reading and applying changes; roster.c's alone. */
void hy_roster_read_changes(struct hy_roster *roster, const struct hy_yaml *file,
			    const struct hy_units *units, struct hy_findings *findings);
bool hy_roster_change_covers(const struct hy_roster_change *change,
			     const struct hy_roster_plan *plan, enum hy_duty duty,
			     struct hy_wall at);
/* Whether the plan lets that post take turns in that duty. */
bool hy_roster_has_post(const struct hy_roster_plan *plan, enum hy_duty duty, struct hy_str post);

#endif
