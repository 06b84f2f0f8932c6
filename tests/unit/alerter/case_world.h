/* A ledger whose rules have every ladder, and officers' acts as steps of a script. */
#ifndef TESTS_UNIT_ALERTER_CASE_WORLD_H
#define TESTS_UNIT_ALERTER_CASE_WORLD_H

#include "alerter/case_act.h"
#include "alerter/case_command.h"
#include "alerter/case_event.h"
#include "tests/unit/alerter/ledger_world.h"

#define CASE_DEADLINES \
	"presets:\n" \
	"  - {id: sign, ladder: sign, title: 签收, limit: 2h, basis: 内部设置}\n" \
	"  - {id: answer, ladder: answer, title: 回应, limit: 48h, basis: 国办发〔2016〕61号," \
	" extension: 24h}\n" \
	"  - {id: press, ladder: press, title: 发布会, limit: 24h, basis: 国办发〔2016〕80号}\n" \
	"  - {id: assist, ladder: assist, title: 协办, limit: 24h, basis: 内部设置}\n" \
	"  - {id: review, ladder: review, title: 审核, limit: 4h, basis: 内部设置}\n" \
	"  - {id: promise, ladder: promise, title: 兑现, limit: 168h, basis: 承诺," \
	" extension: 240h}\n" \
	"  - {id: close, ladder: close, title: 办结, limit: 168h, basis: 内部设置}\n" \
	"apply:\n" \
	"  - {severity: [critical, major], use: [sign, answer, press, assist, review, promise," \
	" close]}\n" \
	"  - {use: [sign, answer, assist, review, promise, close]}\n"

static inline int case_world_rules(struct fixture *f)
{
	struct hy_findings findings;
	enum hy_err err;

	if (!test_rules_put(&f->folder, "deadlines.yaml", CASE_DEADLINES))
		return -1;
	hy_rule_set_free(f->rules);
	f->rules = NULL;
	hy_findings_init(&findings);
	err = hy_rule_set_load_proved(f->folder.folder, hy_wall_now(), &findings, &f->rules);
	if (err)
		print_error("%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	hy_findings_fini(&findings);
	return err ? -1 : 0;
}

struct step {
	const char *actor;
	enum hy_command command;
	const char *kind, *target, *url, *note, *promise, *approver;
	int64_t due_in_ms, version;
	enum hy_err code;
	const char *says, *state;	/* in the reply; the case's afterwards; NULL: not looked at */
};

static inline void state_of(struct fixture *f, const char *case_id, char *out, size_t bytes)
{
	struct hy_query *q = hy_store_query(hy_ledger_store(f->ledger),
					    "SELECT state FROM v_case WHERE id = $1");
	struct hy_error e = {0};
	bool row;

	hy_query_bind_c(q, 1, case_id);
	if (hy_query_next(q, &row, &e) || !row)
		fail_msg("case %s: %s", case_id, e.text);
	(void)snprintf(out, bytes, "%.*s", HY_STR_ARGS(hy_query_text(q, 0)));
	hy_query_reset(q);
}

static inline struct hy_msg message_of(const struct step *s, const char *case_id, const char *id)
{
	struct hy_msg m = {.type = HY_MSG_COMMAND, .id = hy_str_of(id)};

	m.as.command = (struct hy_msg_command){
		.command = s->command, .case_id = hy_str_of(case_id), .version = s->version,
		.actor = hy_str_of(s->actor), .kind = hy_str_of(s->kind),
		.target = hy_str_of(s->target), .url = hy_str_of(s->url),
		.note = hy_str_of(s->note), .promise = hy_str_of(s->promise),
		.approver = hy_str_of(s->approver),
		.due = s->due_in_ms ? hy_wall_add_ms(hy_wall_now(), s->due_in_ms) : HY_WALL_NONE};
	return m;
}

static inline void play(struct fixture *f, const char *case_id, const struct step *steps,
			size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct step *s = &steps[i];
		char id[64], state[32];
		struct hy_msg m;
		hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_MSG_REPLY_BYTES);
		enum hy_err code = HY_ERR_IO;
		struct hy_error e = {0};

		(void)snprintf(id, sizeof id, "%s-%p-%zu", case_id, (const void *)steps, i);
		m = message_of(s, case_id, id);
		if (hy_ledger_command(f->ledger, &m, &code, &text, &e))
			fail_msg("step %zu: %s", i, e.text);
		hy_buf_add_char(&text, '\0');
		if (code != s->code)
			fail_msg("step %zu (%s): code %d, not %d: %s", i,
				 hy_case_event_id(hy_case_event_of(s->command)), code, s->code, text.p);
		if (s->says && !strstr(text.p, s->says))
			fail_msg("step %zu: \"%s\" does not say \"%s\"", i, text.p, s->says);
		state_of(f, case_id, state, sizeof state);
		if (s->state && strcmp(state, s->state) != 0)
			fail_msg("step %zu: the case is %s, not %s: %s", i, state, s->state, text.p);
	}
}
#define PLAY(f, id, steps) play(f, id, steps, HY_COUNT(steps))

/* What the system finds out, as its own transaction. */
static inline bool system_event(struct fixture *f, const char *case_id,
				enum hy_case_event event, const char *note)
{
	struct hy_store *store = hy_ledger_store(f->ledger);
	const struct hy_case_finding finding = {hy_str_of(case_id), event, hy_str_of(note)};
	struct hy_turn turn;
	struct hy_error e = {0};
	bool moved = false;

	hy_turn_init(&turn, store, f->rules, hy_wall_now());
	if (hy_store_begin(store, &e) ||
	    hy_case_system_event(&turn, &finding, &moved, &e) ||
	    hy_store_commit(store, &e))
		fail_msg("event: %s", e.text);
	hy_turn_fini(&turn);
	return moved;
}

#endif
