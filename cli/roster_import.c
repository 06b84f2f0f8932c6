#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alerter/proof.h"
#include "alerter/roster_ics.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/roster_ics.h"
#include "cli/sources_write.h"
#include "cli/verb.h"
#include "common/base/mem.h"

#define FILE_BYTES (4u << 20)

/* One line of roster-changes.yaml to be. */
struct entry {
	enum hy_change_kind kind;
	struct hy_str unit, post, by, uid;	/* unit: id or "default" */
	int duty;				/* -1: both */
	struct hy_wall from, to;
	bool dropped;
};

struct import {
	const struct hy_roster_import *m;
	struct hy_rule_set *rules;
	struct hy_ics **calendar;		/* keep the texts of the entries */
	size_t calendar_count, calendar_cap;
	struct entry *entry;
	size_t count, cap;
	size_t added, changed, removed, known;
	struct hy_findings findings;
};

/* ---- what an entry of a calendar means ---- */

/* Without the word at its beginning or its end; false where it is at neither. */
static bool cut_word(struct hy_str text, const char *word, struct hy_str *out)
{
	struct hy_str w = hy_str_of(word), mark = HY_STR_LIT("：");

	if (hy_str_starts(text, w))
		text = hy_str_sub(text, w.n, text.n);
	else if (hy_str_ends(text, w))
		text = hy_str_sub(text, 0, text.n - w.n);
	else
		return false;
	text = hy_str_trim(text);
	if (hy_str_starts(text, mark))
		text = hy_str_trim(hy_str_sub(text, mark.n, text.n));
	*out = text;
	return text.n > 0;
}

/* "甲→乙" or "甲->乙": 乙 stands in for 甲. */
static bool cut_swap(struct hy_str text, struct entry *out)
{
	static const char *const arrows[] = {"→", "->"};

	for (size_t i = 0; i < HY_COUNT(arrows); i++) {
		struct hy_str arrow = hy_str_of(arrows[i]);
		size_t at = hy_str_find(text, arrow, 0);

		if (at == SIZE_MAX)
			continue;
		out->post = hy_str_trim(hy_str_sub(text, 0, at));
		out->by = hy_str_trim(hy_str_sub(text, at + arrow.n, text.n));
		return out->post.n > 0 && out->by.n > 0;
	}
	return false;
}

static bool understand(struct hy_str summary, struct entry *out)
{
	struct hy_str rest;

	out->duty = -1;
	summary = hy_str_trim(summary);
	if (cut_word(summary, "换班", &rest)) {
		out->kind = HY_CHANGE_SWAP;
		return cut_swap(rest, out);
	}
	if (cut_word(summary, "请假", &out->post)) {
		out->kind = HY_CHANGE_LEAVE;
		return true;
	}
	out->kind = HY_CHANGE_SHIFT;
	for (int duty = 0; duty < HY_DUTY_COUNT; duty++) {
		out->duty = duty;
		if (cut_word(summary, hy_duty_title((enum hy_duty)duty), &out->post))
			return true;
	}
	return false;
}

static const struct hy_unit *unit_of(const struct import *i, struct hy_str id, bool *out_good)
{
	const struct hy_unit *unit = hy_units_get(i->rules->units, id);

	*out_good = unit || hy_str_eq_c(id, "default");
	return unit;
}

/* A shift that the rotation holds anyway, as in a calendar that was exported from here. */
static bool is_known(const struct import *i, const struct entry *entry,
		     const struct hy_unit *unit)
{
	const struct hy_roster *roster = i->rules->roster;
	enum hy_duty duty = (enum hy_duty)entry->duty;
	struct hy_wall at = entry->from;

	/* Any unit that uses the default tells what it says. */
	for (size_t k = 0; !unit && k < i->rules->units->count; k++) {
		const struct hy_unit *any = &i->rules->units->item[k];
		const struct hy_roster_plan *plan = hy_roster_plan(roster, any);

		if (plan && !plan->unit)
			unit = any;
	}
	while (unit && at.ms < entry->to.ms) {
		struct hy_str posts[HY_ROSTER_ON_DUTY_MAX];
		size_t count = hy_roster_who(roster, unit, duty, at, posts);
		bool there = false;

		for (size_t k = 0; k < count; k++)
			there |= hy_str_eq(posts[k], entry->post);
		if (!there)
			return false;
		at = hy_roster_next(roster, unit, duty, at, entry->to);
	}
	return unit != NULL;
}

/* ---- merging ---- */

static struct entry *find(struct import *i, struct hy_str uid)
{
	for (size_t k = 0; k < i->count; k++) {
		if (uid.n && !i->entry[k].dropped && hy_str_eq(i->entry[k].uid, uid))
			return &i->entry[k];
	}
	return NULL;
}

static bool same(const struct entry *a, const struct entry *b)
{
	return a->kind == b->kind && a->duty == b->duty && a->from.ms == b->from.ms &&
	       a->to.ms == b->to.ms && hy_str_eq(a->unit, b->unit) &&
	       hy_str_eq(a->post, b->post) && hy_str_eq(a->by, b->by);
}

static void add(struct import *i, const struct entry *entry)
{
	i->entry = hy_grow(i->entry, &i->cap, i->count + 1, sizeof *i->entry);
	i->entry[i->count++] = *entry;
}

static void merge(struct import *i, const struct entry *entry, bool cancelled,
		  const struct hy_unit *unit)
{
	struct entry *old = find(i, entry->uid);

	if (cancelled) {
		i->removed += old != NULL;
		if (old)
			old->dropped = true;
	} else if (old && same(old, entry)) {
		i->known++;
	} else if (old) {
		*old = *entry;
		i->changed++;
	} else if (entry->kind == HY_CHANGE_SHIFT && is_known(i, entry, unit)) {
		i->known++;
	} else {
		add(i, entry);
		i->added++;
	}
}

static void finding(struct import *i, const char *path, int line, const char *what,
		    struct hy_str text)
{
	hy_buf_addf(&i->findings.text, "%s:%d:1: %s“%.*s”\n", path, line, what,
		    HY_STR_ARGS(text));
	i->findings.count++;
}

static void take_event(struct import *i, const char *path, const struct hy_ics_event *event)
{
	struct entry entry = {.unit = event->category, .uid = event->uid, .from = event->from,
			      .to = event->to};
	const struct hy_unit *unit;
	bool good;

	unit = unit_of(i, entry.unit, &good);
	if (!good) {
		entry.unit = hy_str_of(i->m->unit ? i->m->unit : "default");
		unit = unit_of(i, entry.unit, &good);
	}
	if (!good)
		finding(i, path, event->line, "没有单位", entry.unit);
	else if (event->cancelled)
		merge(i, &entry, true, unit);
	else if (!understand(event->summary, &entry))
		finding(i, path, event->line,
			"看不懂的日程，应写“请假 岗位”“换班 甲→乙”“值班员 岗位”或“带班领导 岗位”：",
			event->summary);
	else
		merge(i, &entry, false, unit);
}

static int take_file(const char *path, struct hy_str bytes, void *ctx)
{
	struct import *i = ctx;
	struct hy_ics *ics = NULL;

	if (hy_ics_parse(bytes, path, &i->findings, &ics))
		return HY_EXIT_FINDINGS;
	i->calendar = hy_grow(i->calendar, &i->calendar_cap, i->calendar_count + 1,
			      sizeof *i->calendar);
	i->calendar[i->calendar_count++] = ics;
	for (size_t k = 0; k < ics->count; k++) {
		for (size_t other = 0; other < k; other++) {
			if (hy_str_eq(ics->event[other].uid, ics->event[k].uid))
				finding(i, path, ics->event[k].line, "UID 重复", ics->event[k].uid);
		}
		take_event(i, path, &ics->event[k]);
	}
	return HY_EXIT_OK;
}

/* What the file holds already; roster.yaml's own changes are the officers'. */
static void take_present(struct import *i)
{
	const struct hy_roster *roster = i->rules->roster;
	const struct hy_yaml_node *list =
		roster->changes_file ? hy_yaml_get(hy_yaml_root(roster->changes_file), "changes")
				     : NULL;

	for (size_t k = 0; k < roster->change_count; k++) {
		const struct hy_roster_change *c = &roster->change[k];
		struct entry entry = {.kind = c->kind, .post = c->post, .by = c->by, .uid = c->uid,
				      .unit = c->unit ? c->unit->id : HY_STR_LIT("default"),
				      .duty = -1, .from = c->from, .to = c->to};
		bool ours = false;

		for (size_t n = 0; list && n < hy_yaml_count(list); n++)
			ours |= hy_yaml_item(list, n) == c->at;
		for (int duty = 0; duty < HY_DUTY_COUNT; duty++) {
			if (c->duties == 1u << duty)
				entry.duty = duty;
		}
		if (ours)
			add(i, &entry);
	}
}

/* ---- the file ---- */

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->from.ms != y->from.ms)
		return x->from.ms < y->from.ms ? -1 : 1;
	return hy_str_cmp(x->uid, y->uid);
}

static void write_quoted(const char *key, struct hy_str text, struct hy_buf *out)
{
	hy_buf_addf(out, ", %s: ", key);
	hy_yaml_quote(text, out);
}

static void write_entries(struct import *i, struct hy_buf *out)
{
	if (i->count)
		qsort(i->entry, i->count, sizeof *i->entry, compare);
	hy_buf_add_c(out, "# 由 huiying roster import 写入：请假、换班、加班。可以手工修改；同一 uid 再导入会覆盖。\n"
			  "changes:\n");
	for (size_t k = 0; k < i->count; k++) {
		const struct entry *entry = &i->entry[k];
		char at[HY_RFC3339_BYTES];

		if (entry->dropped)
			continue;
		hy_buf_addf(out, "  - {kind: %s", hy_change_id(entry->kind));
		if (entry->duty >= 0)
			hy_buf_addf(out, ", duty: %s", hy_duty_id((enum hy_duty)entry->duty));
		hy_buf_addf(out, ", unit: %.*s", HY_STR_ARGS(entry->unit));
		write_quoted("post", entry->post, out);
		if (entry->kind == HY_CHANGE_SWAP)
			write_quoted("by", entry->by, out);
		hy_buf_addf(out, ", from: %s", hy_wall_format(entry->from, at));
		hy_buf_addf(out, ", to: %s", hy_wall_format(entry->to, at));
		if (entry->uid.n)
			write_quoted("uid", entry->uid, out);
		hy_buf_add_c(out, "}\n");
	}
}

static bool write_file(const char *path, struct hy_str text)
{
	FILE *file = fopen(path, "wbe");
	bool good = file && fwrite(text.p, 1, text.n, file) == text.n && fflush(file) == 0 &&
		    fsync(fileno(file)) == 0;

	if (file && fclose(file) != 0)
		good = false;
	return good;
}

/* What will be in the file must read without a finding before it is put in place. */
static bool is_sound(struct import *i, struct hy_str text)
{
	struct hy_roster trial = *i->rules->roster;
	struct hy_yaml *file = NULL;
	size_t before = i->findings.count;

	trial.change = NULL;
	trial.change_count = trial.change_cap = 0;
	if (hy_yaml_parse(text, HY_ROSTER_CHANGES_FILE, &i->findings, &file) == HY_OK)
		hy_roster_read_changes(&trial, file, i->rules->units, &i->findings);
	free(trial.change);
	hy_yaml_free(file);
	return i->findings.count == before;
}

static int replace(struct import *i, const char *dir)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(FILE_BYTES), path = HY_BUF(4096);
	hy_cleanup(hy_buf_fini) struct hy_buf fresh = HY_BUF(4096);

	write_entries(i, &text);
	hy_buf_addf(&path, "%s/" HY_ROSTER_CHANGES_FILE, dir);
	hy_buf_addf(&fresh, "%s/" HY_ROSTER_CHANGES_FILE ".new", dir);
	if (hy_buf_err(&text) || hy_buf_err(&path) || hy_buf_err(&fresh)) {
		(void)fprintf(stderr, "变动过多，文件未改动\n");
		return HY_EXIT_FAILURE;
	}
	if (!is_sound(i, hy_buf_str(&text)))
		return HY_EXIT_FINDINGS;
	if (!write_file(hy_buf_str(&fresh).p, hy_buf_str(&text)) ||
	    rename(hy_buf_str(&fresh).p, hy_buf_str(&path).p) != 0) {
		(void)fprintf(stderr, "写不了 %s：%s\n", path.p, strerror(errno));
		(void)unlink(fresh.p);
		return HY_EXIT_FAILURE;
	}
	return HY_EXIT_OK;
}

/* The gaps that are there now, in words; nobody should find out in the night. */
static int tell_gaps(const struct import *i)
{
	struct hy_findings findings;
	struct hy_rule_set *rules = NULL;
	int code;

	hy_findings_init(&findings);
	if (hy_rule_set_load(i->m->dir, &findings, &rules) == HY_OK)
		hy_proof_gaps(rules, i->m->now, &findings);
	(void)printf("%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	code = findings.count ? HY_EXIT_FINDINGS : HY_EXIT_OK;
	hy_rule_set_free(rules);
	hy_findings_fini(&findings);
	return code;
}

static void import_fini(struct import *i)
{
	for (size_t k = 0; k < i->calendar_count; k++)
		hy_ics_free(i->calendar[k]);
	free(i->calendar);
	free(i->entry);
	hy_rule_set_free(i->rules);
	hy_findings_fini(&i->findings);
}

static int take_all(struct import *i, int count, char **files)
{
	int code;

	if (hy_rule_set_load(i->m->dir, &i->findings, &i->rules))
		return HY_EXIT_FAILURE;
	take_present(i);
	code = hy_input_each(count, files, HY_ICS_BYTES, take_file, i);
	if (code != HY_EXIT_OK || i->findings.count)
		return code == HY_EXIT_OK ? HY_EXIT_FINDINGS : code;
	return i->added + i->changed + i->removed ? replace(i, i->m->dir) : HY_EXIT_OK;
}

int hy_cli_roster_import(const struct hy_roster_import *m, int count, char **files)
{
	hy_cleanup(import_fini) struct import i = {.m = m};
	int code;

	hy_findings_init(&i.findings);
	code = take_all(&i, count, files);
	if (code != HY_EXIT_OK) {
		(void)printf("%.*s", HY_STR_ARGS(hy_buf_str(&i.findings.text)));
		(void)fprintf(stderr, "没有导入，%s 未改动\n", HY_ROSTER_CHANGES_FILE);
		return code;
	}
	(void)printf("新增 %zu 条，修改 %zu 条，取消 %zu 条，已有 %zu 条\n", i.added, i.changed, i.removed,
		     i.known);
	return tell_gaps(&i);
}
