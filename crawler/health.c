#include "crawler/health.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/mem.h"

#define HOUR_MS (INT64_C(3600) * 1000)
#define DAY_MS (24 * HOUR_MS)
#define SILENT_GAPS 3
#define CHANCE_DEVIATION 500	/* in thousandths of an item, half of what chance's is */
#define CHANCE_GAP 3500
#define FAILING_POLLS 12	/* as long as so many polls usually take, */
#define FAILING_MAX_MS DAY_MS	/* but never longer */
#define WATCHED_MS (7 * DAY_MS)	/* a whole week has been seen */
#define WELL_AGAIN 2		/* polls in a row that end a failure */
#define UNREADABLE_LEAST 5	/* articles, all of them bad */
#define SPARSE_LEAST_MILLI 20000	/* fewer expected ones prove nothing */
#define SPARSE_BEGINS 4		/* seen less than a quarter, */
#define SPARSE_ENDS 2		/* until it is at least half */

static const struct {
	const char *id, *title;
} troubles[] = {
#define X(name, id, title) {id, title},
	HY_TROUBLE_LIST(X)
#undef X
};

const char *hy_trouble_id(enum hy_trouble trouble)
{
	return troubles[trouble].id;
}

const char *hy_trouble_title(enum hy_trouble trouble)
{
	return troubles[trouble].title;
}

/* ---- gaps ---- */

void hy_gaps_add(struct hy_gaps *gaps, int64_t milli)
{
	if (gaps->count == HY_GAPS_MAX)
		memmove(gaps->milli, gaps->milli + 1, --gaps->count * sizeof *gaps->milli);
	gaps->milli[gaps->count++] = milli;
}

static int descending(const void *a, const void *b)
{
	int64_t x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return (x < y) - (x > y);
}

/*
 * Mean and three deviations; where they come by chance, what 97 of 100 gaps of chance are not
 * longer than: the last few may all have been short.
 */
static int64_t spread_of(const struct hy_gaps *gaps)
{
	double sum = 0, squares = 0, count = (double)gaps->count, mean, deviation;

	for (size_t i = 0; i < gaps->count; i++) {
		double gap = (double)gaps->milli[i];

		sum += gap;
		squares += gap * gap;
	}
	mean = sum / count;
	deviation = sqrt(fmax(squares / count - mean * mean, 0));
	return (int64_t)fmax(mean + 3 * deviation, deviation > CHANCE_DEVIATION ? CHANCE_GAP : 0);
}

int64_t hy_gaps_usual_milli(const struct hy_gaps *gaps)
{
	int64_t sorted[HY_GAPS_MAX], usual, spread;

	if (!gaps->count)
		return 1000;
	memcpy(sorted, gaps->milli, gaps->count * sizeof *sorted);
	qsort(sorted, gaps->count, sizeof *sorted, descending);
	usual = sorted[gaps->count / 20];
	spread = spread_of(gaps);
	if (spread > usual)
		usual = spread;
	return usual > 1000 ? usual : 1000;
}

void hy_gaps_encode(const struct hy_gaps *gaps, struct hy_buf *out)
{
	for (size_t i = 0; i < gaps->count; i++)
		hy_buf_addf(out, "%s%lld", i ? " " : "", (long long)gaps->milli[i]);
}

bool hy_gaps_decode(struct hy_str text, struct hy_gaps *out)
{
	struct hy_gaps gaps = {.count = 0};
	struct hy_str word;

	while (text.n && hy_str_next(&text, ' ', &word)) {
		int64_t milli;

		if (gaps.count == HY_GAPS_MAX || !hy_str_to_int(word, 0, INT64_MAX, &milli))
			return false;
		gaps.milli[gaps.count++] = milli;
	}
	*out = gaps;
	return true;
}

/* ---- rules ---- */

/* Every address was tried, and no poll went well since. */
static bool is_down(const struct hy_health_facts *f)
{
	return f->failures > 0 && f->failures >= f->addresses;
}

static enum hy_judgement when_well_again(const struct hy_health_facts *f)
{
	return f->successes >= WELL_AGAIN ? HY_JUDGEMENT_GOOD : HY_JUDGEMENT_AS_BEFORE;
}

static enum hy_judgement judge_robots(const struct hy_health_facts *f)
{
	if (f->failure == HY_POLL_FAILURE_ROBOTS)
		return is_down(f) ? HY_JUDGEMENT_BAD : HY_JUDGEMENT_AS_BEFORE;
	/* Whatever else is wrong, it was let in. */
	return HY_JUDGEMENT_GOOD;
}

static enum hy_judgement judge_blocked(const struct hy_health_facts *f)
{
	if (f->failure == HY_POLL_FAILURE_BLOCKED)
		return is_down(f) && f->failures >= WELL_AGAIN ? HY_JUDGEMENT_BAD
							       : HY_JUDGEMENT_AS_BEFORE;
	return when_well_again(f);
}

static enum hy_judgement judge_failing(const struct hy_health_facts *f)
{
	int64_t limit_ms = FAILING_POLLS * f->every_ms;

	if (limit_ms > FAILING_MAX_MS)
		limit_ms = FAILING_MAX_MS;
	if (!f->failures)
		return when_well_again(f);
	if (f->failure == HY_POLL_FAILURE_ROBOTS || f->failure == HY_POLL_FAILURE_BLOCKED)
		return HY_JUDGEMENT_AS_BEFORE;
	if (!is_down(f) || !hy_wall_known(f->failing_since) || !hy_wall_known(f->polled_at))
		return HY_JUDGEMENT_AS_BEFORE;
	return f->polled_at.ms - f->failing_since.ms >= limit_ms ? HY_JUDGEMENT_BAD
								 : HY_JUDGEMENT_AS_BEFORE;
}

static struct hy_wall later(struct hy_wall a, struct hy_wall b)
{
	return a.ms > b.ms ? a : b;
}

bool hy_health_is_known(const struct hy_health_facts *f)
{
	int64_t silent_ms, watched_ms;

	if (f->gaps.count < HY_GAPS_MIN || f->is_quiet_given || !hy_wall_known(f->new_at))
		return false;
	silent_ms = f->success_at.ms - f->new_at.ms;
	watched_ms = f->new_at.ms - f->added_at.ms;
	return watched_ms >= WATCHED_MS || silent_ms <= watched_ms / 7;
}

static bool is_silent(const struct hy_health_facts *f)
{
	struct hy_wall from = later(f->new_at, f->added_at);

	if (hy_health_is_known(f))
		return f->gap_milli >= SILENT_GAPS * hy_gaps_usual_milli(&f->gaps);
	return f->success_at.ms - from.ms >= f->quiet_ms;
}

/* Only what was read can be silent: the time that counts ends with the last good poll. */
static enum hy_judgement judge_silent(const struct hy_health_facts *f)
{
	struct hy_wall raised_at = f->raised_at[HY_TROUBLE_SILENT];

	if (!hy_wall_known(f->success_at) || f->failures)
		return HY_JUDGEMENT_AS_BEFORE;
	if (hy_wall_known(raised_at))
		return hy_wall_known(f->new_at) && f->new_at.ms >= raised_at.ms
			       ? HY_JUDGEMENT_GOOD : HY_JUDGEMENT_AS_BEFORE;
	return is_silent(f) ? HY_JUDGEMENT_BAD : HY_JUDGEMENT_GOOD;
}

static enum hy_judgement judge_unreadable(const struct hy_health_facts *f)
{
	if (f->read_well)
		return HY_JUDGEMENT_GOOD;
	return f->read_badly >= UNREADABLE_LEAST ? HY_JUDGEMENT_BAD : HY_JUDGEMENT_AS_BEFORE;
}

static enum hy_judgement judge_sparse(const struct hy_health_facts *f)
{
	int64_t seen_milli = f->new_week * 1000;

	/* Silence and failure say it better. */
	if (f->failures || hy_wall_known(f->raised_at[HY_TROUBLE_SILENT]))
		return HY_JUDGEMENT_AS_BEFORE;
	if (seen_milli * SPARSE_ENDS >= f->expected_week_milli)
		return HY_JUDGEMENT_GOOD;
	return f->expected_week_milli >= SPARSE_LEAST_MILLI &&
			       seen_milli * SPARSE_BEGINS < f->expected_week_milli
		       ? HY_JUDGEMENT_BAD : HY_JUDGEMENT_AS_BEFORE;
}

enum hy_judgement hy_health_judge(const struct hy_health_facts *facts, enum hy_trouble trouble)
{
	static enum hy_judgement (*const judges[])(const struct hy_health_facts *f) = {
		[HY_TROUBLE_ROBOTS] = judge_robots,	    [HY_TROUBLE_BLOCKED] = judge_blocked,
		[HY_TROUBLE_FAILING] = judge_failing,	    [HY_TROUBLE_SILENT] = judge_silent,
		[HY_TROUBLE_UNREADABLE] = judge_unreadable, [HY_TROUBLE_SPARSE] = judge_sparse,
	};

	return judges[trouble](facts);
}

struct hy_wall hy_health_since(const struct hy_health_facts *facts, enum hy_trouble trouble)
{
	switch (trouble) {
	case HY_TROUBLE_ROBOTS:
	case HY_TROUBLE_BLOCKED:
	case HY_TROUBLE_FAILING:
		return facts->failing_since;
	case HY_TROUBLE_SILENT:
		return later(facts->new_at, facts->added_at);
	case HY_TROUBLE_UNREADABLE:
		return hy_wall_add_ms(facts->polled_at, -2 * DAY_MS);
	case HY_TROUBLE_SPARSE:
	case HY_TROUBLE_COUNT:
		break;
	}
	return hy_wall_add_ms(facts->polled_at, -7 * DAY_MS);
}
