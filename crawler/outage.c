#include "crawler/outage.h"

#include <stdlib.h>

#include "common/base/mem.h"

#define HOSTS 1024		/* those asked last; enough to tell most from few */
#define MINUTE_MS INT64_C(60000)
#define LATELY_MS (10 * MINUTE_MS)
/* Silent hosts are asked less and less often, so the end is judged by a longer time. */
#define OVER_MS (60 * MINUTE_MS)
#define LASTS_MS (2 * MINUTE_MS)	/* shorter ones pass by themselves */
#define HOSTS_LEAST 3		/* fewer may all be down */

struct mark {
	uint64_t host;			/* its hash: a rare collision joins two of a thousand */
	struct hy_wall at;
	struct hy_wall silent_since;	/* unknown: it answered */
};

struct hy_outage {
	struct mark marks[HOSTS];
	size_t count;
};

struct hy_outage *hy_outage_new(void)
{
	return hy_xcalloc(1, sizeof(struct hy_outage));
}

void hy_outage_free(struct hy_outage *outage)
{
	free(outage);
}

/* FNV-1a */
static uint64_t hash_of(struct hy_str text)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < text.n; i++)
		hash = (hash ^ (unsigned char)text.p[i]) * UINT64_C(1099511628211);
	return hash;
}

/* The host's, or a new one in place of the one that was not asked for the longest time. */
static struct mark *mark_of(struct hy_outage *o, uint64_t host)
{
	struct mark *oldest = &o->marks[0];

	for (size_t i = 0; i < o->count; i++) {
		if (o->marks[i].host == host)
			return &o->marks[i];
		if (o->marks[i].at.ms < oldest->at.ms)
			oldest = &o->marks[i];
	}
	if (o->count < HOSTS)
		oldest = &o->marks[o->count++];
	*oldest = (struct mark){.host = host, .silent_since = HY_WALL_NONE};
	return oldest;
}

void hy_outage_note(struct hy_outage *outage, struct hy_str host, bool answered,
		    struct hy_wall now)
{
	struct mark *mark = mark_of(outage, hash_of(host));

	mark->at = now;
	if (answered)
		mark->silent_since = HY_WALL_NONE;
	else if (!hy_wall_known(mark->silent_since))
		mark->silent_since = now;
}

static struct hy_outage_count count_since(const struct hy_outage *o, struct hy_wall now,
					  int64_t span_ms)
{
	struct hy_wall from = hy_wall_add_ms(now, -span_ms);
	struct hy_outage_count count = {.since = HY_WALL_NONE};

	for (size_t i = 0; i < o->count; i++) {
		const struct mark *m = &o->marks[i];

		if (m->at.ms < from.ms)
			continue;
		count.asked++;
		if (!hy_wall_known(m->silent_since))
			continue;
		count.silent++;
		count.long_silent += now.ms - m->silent_since.ms >= LASTS_MS;
		/* A site that was dead before says nothing of when it began. */
		if (m->silent_since.ms >= from.ms &&
		    (!hy_wall_known(count.since) || m->silent_since.ms < count.since.ms))
			count.since = m->silent_since;
	}
	return count;
}

enum hy_judgement hy_outage_judge(const struct hy_outage *outage, struct hy_wall now,
				  struct hy_outage_count *out)
{
	struct hy_outage_count lately = count_since(outage, now, LATELY_MS);
	struct hy_outage_count all = count_since(outage, now, OVER_MS);
	int64_t answered = all.asked - all.silent;

	*out = lately;
	if (lately.long_silent >= HOSTS_LEAST && lately.long_silent * 4 >= lately.asked * 3)
		return HY_JUDGEMENT_BAD;
	if (answered && (!all.silent || (answered >= HOSTS_LEAST && answered > all.silent)))
		return HY_JUDGEMENT_GOOD;
	return HY_JUDGEMENT_AS_BEFORE;
}
