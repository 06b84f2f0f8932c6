#include "crawler/chores.h"

#include "common/base/mem.h"
#include "crawler/evidence.h"
#include "crawler/purge.h"
#include "crawler/search.h"

#define TICK_MS 250
#define REST_TICKS 8			/* after a look that found nothing */
#define CLAIM_TICKS (60000 / TICK_MS)	/* how often it is asked whether the day has come */
#define PURGE_EVERY_MS (INT64_C(24) * 3600 * 1000)
/* About half a millisecond each: a step holds the loop for a few of them. */
#define IDLE_TEXTS 24
#define BUSY_TEXTS 2

struct hy_chores {
	struct hy_chores_parts parts;
	const struct hy_crawler_conf *conf;
	struct hy_timer *timer;
	int64_t rest, until_claim;	/* ticks */
	int64_t until_evidence;		/* ticks, after its file could not be written */
	bool is_purging, is_stopped;
	bool is_under_way;
	int64_t texts, pages;		/* purged since it began */
};

struct step {
	struct hy_change change;
	struct hy_chores *chores;
	size_t max, indexed, written;
	bool asks, was_claimed;
	struct hy_purge_done purged;
};

static struct hy_wall before(struct hy_wall now, int64_t retention_ms)
{
	return retention_ms ? hy_wall_add_ms(now, -retention_ms) : HY_WALL_NONE;
}

static enum hy_err write_purge(struct step *s, struct hy_store *store, struct hy_error *e)
{
	struct hy_chores *c = s->chores;
	struct hy_wall now = hy_wall_now();
	struct hy_purge_terms terms = {
		.now = now, .max = s->max,
		.texts_before = before(now, c->conf->text_retention_ms),
		.ledger_before = before(now, c->conf->ledger_retention_ms),
	};
	enum hy_err err = HY_OK;
	int64_t files;

	s->was_claimed = false;
	if (s->asks)
		err = hy_purge_claim(store, now, hy_wall_add_ms(now, PURGE_EVERY_MS),
				     &s->was_claimed, e);
	if (err == HY_OK && (c->is_purging || s->was_claimed))
		err = hy_purge_step(store, &terms, &s->purged, e);
	if (err == HY_OK && s->was_claimed)
		err = hy_evidence_purge(store, c->conf->warc,
					before(now, c->conf->warc_retention_ms), &files, e);
	return err;
}

static enum hy_err write_evidence(struct step *s, struct hy_store *store, struct hy_error *e)
{
	struct hy_chores *c = s->chores;
	struct hy_evidence_terms terms = {.folder = c->conf->warc, .instance = c->parts.instance,
					  .now = hy_wall_now(), .max = s->max};

	if (!c->conf->warc[0] || c->until_evidence)
		return HY_OK;
	return hy_evidence_write(store, &terms, &s->written, e);
}

static enum hy_err write_step(struct hy_change *change, struct hy_store *store, struct hy_error *e)
{
	struct step *s = hy_container_of(change, struct step, change);
	enum hy_err err = write_purge(s, store, e);

	if (err == HY_OK)
		err = write_evidence(s, store, e);
	return err == HY_OK ? hy_search_index(store, s->max, &s->indexed, e) : err;
}

static void note_purge(struct hy_chores *c, const struct hy_purge_done *done)
{
	c->texts += done->texts;
	c->pages += done->pages;
	c->is_purging = !done->is_all;
	if (c->is_purging)
		return;
	hy_log(c->parts.log, HY_LOG_INFO, "purged", hy_kv_int("texts", c->texts),
	       hy_kv_int("pages", c->pages));
	c->texts = c->pages = 0;
}

static void end_step(struct hy_change *change, bool committed)
{
	struct step *s = hy_container_of(change, struct step, change);
	struct hy_chores *c = s->chores;

	c->is_under_way = false;
	if (committed) {
		if (s->asks)
			c->until_claim = CLAIM_TICKS;
		if (c->is_purging || s->was_claimed)
			note_purge(c, &s->purged);
		c->rest = s->indexed || s->written || c->is_purging ? 0 : REST_TICKS;
	} else {
		c->rest = REST_TICKS;
		/* What failed may be the file: the other chores go on meanwhile. */
		c->until_evidence = CLAIM_TICKS;
	}
	free(s);
}

static const struct hy_change_type step_type = {"chore", write_step, end_step};

static void on_tick(void *ctx)
{
	struct hy_chores *c = ctx;
	bool is_busy = hy_visitor_load(c->parts.visitor) || hy_outbox_waiting(c->parts.outbox);
	struct step *s;

	c->until_claim -= c->until_claim > 0;
	c->until_evidence -= c->until_evidence > 0;
	if (c->is_stopped || c->is_under_way || hy_batch_is_stuck(c->parts.batch))
		return;
	if (c->rest > 0) {
		c->rest--;
		return;
	}
	s = hy_xcalloc(1, sizeof *s);
	s->change.type = &step_type;
	s->chores = c;
	s->max = is_busy ? BUSY_TEXTS : IDLE_TEXTS;
	s->asks = !c->is_purging && !c->until_claim;
	c->is_under_way = true;
	hy_batch_add(c->parts.batch, &s->change);
}

struct hy_chores *hy_chores_new(const struct hy_chores_parts *parts,
				const struct hy_crawler_conf *conf)
{
	struct hy_chores *c = hy_xcalloc(1, sizeof *c);

	c->parts = *parts;
	c->conf = conf;
	c->rest = REST_TICKS;
	c->timer = hy_timer_new(parts->loop, on_tick, c);
	hy_timer_start(c->timer, TICK_MS, TICK_MS);
	return c;
}

void hy_chores_free(struct hy_chores *chores)
{
	if (!chores)
		return;
	hy_timer_free(chores->timer);
	free(chores);
}

void hy_chores_configure(struct hy_chores *chores, const struct hy_crawler_conf *conf)
{
	chores->conf = conf;
}

void hy_chores_stop(struct hy_chores *chores)
{
	chores->is_stopped = true;
}
