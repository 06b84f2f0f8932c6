/* The command line of the simulated web. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include "common/base/err.h"
#include "tests/web/plan.h"

struct sim_options {
	struct sim_plan_options plan;
	uint16_t port;
	int crawl_delay_s;
	unsigned list_items, page_kib;
	bool misbehave;
	int64_t refuse_every;		/* webhook deliveries */
	int64_t answer_after_ms;	/* of the webhook */
	const char *truth_file, *webhook_log, *text_dir;	/* of argv; NULL where not given */
};

extern const char sim_usage[];

/* MALFORMED and *e for what cannot be understood; CANCELLED where --help was asked for. */
enum hy_err sim_options_parse(int argc, char **argv, struct sim_options *out_options,
			      struct hy_error *e);

#endif
