#include "tests/web/options.h"

#include <string.h>

#include "common/base/mem.h"

const char sim_usage[] =
	"usage: simweb [options]\n"
	"A small web of Chinese local news with planted concerns, the same for the same seed.\n"
	"Prints one line of JSON when it is ready; ends on SIGINT or SIGTERM.\n"
	"  --port N           0 (the preset) takes a free one\n"
	"  --seed N           what everything depends on (1)\n"
	"  --sites N          news sites, each at 127.1.0.n (20)\n"
	"  --documents N      articles over the whole run (2000)\n"
	"  --concerns N       planted concerns, at most 600 (150)\n"
	"  --span-seconds N   articles appear over this time (0: all at once)\n"
	"  --start TIME       what the pages take for the start, RFC 3339 (now)\n"
	"  --crawl-delay N    seconds that every fifth site asks for (1)\n"
	"  --list-items N     items of a list page or feed (40)\n"
	"  --page-kib N       about how long articles are, with filler as on real pages (0: none)\n"
	"  --captcha 0        no WeChat page asks for a captcha (1)\n"
	"  --misbehave 1      adds hosts that misbehave, at 127.1.1.n\n"
	"  --refuse-every N   every n-th webhook delivery gets 503 (0: none)\n"
	"  --answer-after N   milliseconds until the webhook answers (0)\n"
	"  --truth FILE       writes what should come of it, JSON lines\n"
	"  --webhook-log FILE records deliveries to /_webhook, JSON lines\n"
	"  --text DIR         the sentences (tests/web/text)\n";

enum type { NUMBER_32, NUMBER_16, NUMBER_64, NUMBER_INT, SECONDS, SWITCH, TIME, TEXT };

struct option {
	const char *name;
	enum type type;
	int64_t max;
	size_t offset;
};
#define AT(member) offsetof(struct sim_options, member)

static const struct option options[] = {
	{"--port", NUMBER_16, 65535, AT(port)},
	{"--seed", NUMBER_64, INT64_MAX, AT(plan.seed)},
	{"--sites", NUMBER_32, SIM_SITES_MAX, AT(plan.sites)},
	{"--documents", NUMBER_32, 2000000, AT(plan.documents)},
	{"--concerns", NUMBER_32, 600, AT(plan.concerns)},
	{"--span-seconds", SECONDS, 31 * 86400, AT(plan.span_ms)},
	{"--start", TIME, 0, AT(plan.start)},
	{"--crawl-delay", NUMBER_INT, 60, AT(crawl_delay_s)},
	{"--list-items", NUMBER_32, 100000, AT(list_items)},
	{"--page-kib", NUMBER_32, 4096, AT(page_kib)},
	{"--captcha", SWITCH, 1, AT(plan.captcha)},
	{"--misbehave", SWITCH, 1, AT(misbehave)},
	{"--refuse-every", NUMBER_64, 1000000, AT(refuse_every)},
	{"--answer-after", NUMBER_64, 60000, AT(answer_after_ms)},
	{"--truth", TEXT, 0, AT(truth_file)},
	{"--webhook-log", TEXT, 0, AT(webhook_log)},
	{"--text", TEXT, 0, AT(text_dir)},
};

static void store(void *at, enum type type, int64_t number)
{
	switch (type) {
	case NUMBER_16:
		*(uint16_t *)at = (uint16_t)number;
		return;
	case NUMBER_32:
		*(uint32_t *)at = (uint32_t)number;
		return;
	case NUMBER_INT:
		*(int *)at = (int)number;
		return;
	case NUMBER_64:
		*(int64_t *)at = number;
		return;
	case SECONDS:
		*(int64_t *)at = number * 1000;
		return;
	case SWITCH:
		*(bool *)at = number != 0;
		return;
	case TIME:
	case TEXT:
		break;
	}
}

static bool assign(const struct option *o, const char *value, struct sim_options *to)
{
	void *at = (char *)to + o->offset;
	int64_t number;

	if (o->type == TEXT) {
		*(const char **)at = value;
		return true;
	}
	if (o->type == TIME)
		return hy_wall_parse(hy_str_of(value), at);
	if (!hy_str_to_int(hy_str_of(value), 0, o->max, &number))
		return false;
	store(at, o->type, number);
	return true;
}

static const struct option *find(const char *name)
{
	for (size_t i = 0; i < HY_COUNT(options); i++)
		if (strcmp(name, options[i].name) == 0)
			return &options[i];
	return NULL;
}

enum hy_err sim_options_parse(int argc, char **argv, struct sim_options *out_options,
			      struct hy_error *e)
{
	struct sim_options o = {
		.plan = {.seed = 1, .sites = 20, .documents = 2000, .concerns = 150,
			 .captcha = true},
		.crawl_delay_s = 1, .list_items = 40, .text_dir = "tests/web/text",
	};

	o.plan.start = hy_wall_now();
	for (int i = 1; i < argc; i += 2) {
		const struct option *option = find(argv[i]);

		if (strcmp(argv[i], "--help") == 0)
			return HY_ERR_CANCELLED;
		if (!option || i + 1 == argc)
			return hy_fail(e, HY_ERR_MALFORMED, "%s: %s", argv[i],
				       option ? "needs a value" : "no such option");
		if (!assign(option, argv[i + 1], &o))
			return hy_fail(e, HY_ERR_MALFORMED, "%s: %s cannot be its value", argv[i],
				       argv[i + 1]);
	}
	if (o.list_items == 0)
		return hy_fail(e, HY_ERR_MALFORMED, "--list-items: at least 1");
	*out_options = o;
	return HY_OK;
}
