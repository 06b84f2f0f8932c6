#include "tests/web/truth.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "tests/web/encode.h"
#include "tests/web/page.h"
#include "tests/web/story.h"

#define URL_BYTES_MAX 512
#define TITLE_BYTES_MAX 1024

static void add_url(const struct sim_world *w, uint32_t document, struct hy_buf *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf url = HY_BUF(URL_BYTES_MAX);

	sim_site_url(w, document, &url);
	sim_encode_json(out, hy_buf_str(&url));
}

static void add_document(const struct sim_world *w, uint32_t document, struct hy_buf *out)
{
	static const char *const outcomes[] = {"article", "deleted", "blocked"};
	const struct sim_document *d = &w->plan->document[document];
	hy_cleanup(hy_buf_fini) struct hy_buf title = HY_BUF(TITLE_BYTES_MAX);

	sim_page_title(w, document, 0, &title);
	hy_buf_addf(out, "{\"document\":%u,\"url\":", document);
	add_url(w, document, out);
	hy_buf_add_c(out, ",\"title\":");
	sim_encode_json(out, hy_buf_str(&title));
	hy_buf_addf(out, ",\"outcome\":\"%s\",\"wechat\":%s,\"appears_ms\":%lld,\"concern\":",
		    outcomes[d->outcome],
		    sim_plan_is_account(w->plan, d->source) ? "true" : "false",
		    (long long)d->appears_ms);
	if (d->concern == SIM_NO_CONCERN)
		hy_buf_add_c(out, "null");
	else
		hy_buf_addf(out, "%u,\"repost\":%u", d->concern, d->repost);
	if (d->edited_ms != SIM_NEVER)
		hy_buf_addf(out, ",\"edited_ms\":%lld", (long long)d->edited_ms);
	hy_buf_add_c(out, "}\n");
}

/* One concern's documents stand anywhere in the plan: the numbers, the original first. */
struct members {
	uint32_t document[8];
	size_t count;
};

static void add_concern(const struct sim_world *w, uint32_t concern, const struct members *m,
			struct hy_buf *out)
{
	struct sim_concern c = sim_concern_of(w->text, w->plan->options.seed, concern);
	hy_cleanup(hy_buf_fini) struct hy_buf title = HY_BUF(TITLE_BYTES_MAX);

	sim_page_title(w, m->document[0], 0, &title);
	hy_buf_addf(out, "{\"concern\":%u,\"topic\":\"%s\",\"place\":", concern, c.topic);
	if (c.place.n > 0)
		sim_encode_json(out, c.place);
	else
		hy_buf_add_c(out, "null");
	hy_buf_add_c(out, ",\"title\":");
	sim_encode_json(out, hy_buf_str(&title));
	hy_buf_addf(out, ",\"phone\":\"%s\",\"urls\":[", c.phone);
	for (size_t i = 0; i < m->count; i++) {
		if (i > 0)
			hy_buf_add_char(out, ',');
		add_url(w, m->document[i], out);
	}
	hy_buf_add_c(out, "]}\n");
}

void sim_truth_write(const struct sim_world *w, struct hy_buf *out)
{
	const struct sim_plan *p = w->plan;
	struct members *members = hy_xcalloc(p->options.concerns + 1, sizeof *members);

	for (uint32_t i = 0; i < p->options.documents; i++) {
		const struct sim_document *d = &p->document[i];
		struct members *m;

		if (d->concern == SIM_NO_CONCERN)
			continue;
		m = &members[d->concern];
		hy_assert(m->count < HY_COUNT(m->document));
		m->document[m->count++] = i;
		if (d->repost == 0) {
			m->document[m->count - 1] = m->document[0];
			m->document[0] = i;
		}
	}
	for (uint32_t c = 0; c < p->options.concerns; c++)
		add_concern(w, c, &members[c], out);
	for (uint32_t i = 0; i < p->options.documents; i++)
		add_document(w, i, out);
	free(members);
}
