/*
 * outlets.yaml: what it adds to the severity of a concern who tells of it, and how many. Optional.
 *
 *   mainstream:                    # an outlet of these: at least that severity
 *     severity: 较大
 *     media: {outlet: [人民日报*, $papers], source: [xinhua-*]}
 *   spread:                        # an event that so many tell of: at least that severity
 *     - {outlets: 5, timespan: 24h, severity: 较大}
 *     - {burst: 10, outlets: 3, severity: 重大}
 *
 * `media` is the analyzer's to compile (analyzer/origin.h), the steps are the alerter's to ask
 * (alerter/heat.h). Read once, then immutable; nodes live as long as the set.
 */
#ifndef HY_RULES_OUTLETS_H
#define HY_RULES_OUTLETS_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/sys/content_id.h"
#include "common/sys/severity.h"
#include "common/sys/yaml.h"

#define HY_OUTLETS_FILE "outlets.yaml"
#define HY_SPREADS_MAX 20
#define HY_SPREAD_COUNT_MAX 1000

/* All that is given must hold. */
struct hy_spread {
	int64_t outlets;		/* distinct ones; 0: not asked */
	int64_t burst;			/* times what the topic brings in that time; 0: not asked */
	int64_t span_ms;		/* within so long */
	enum hy_severity severity;
	const struct hy_yaml_node *node;
};

struct hy_outlets {
	struct hy_yaml *file;		/* NULL: there is none */
	const struct hy_yaml_node *media;	/* NULL: no mainstream outlets */
	enum hy_severity mainstream;	/* at least, where one of them tells of it */
	struct hy_spread spread[HY_SPREADS_MAX];
	size_t spread_count;
	struct hy_id version;		/* content id of the file */
};

/* No file is an empty set. Mistakes become findings; IO where the file cannot be read. */
enum hy_err hy_outlets_load(const char *rules_dir, struct hy_findings *findings,
			    struct hy_outlets **out, struct hy_error *e) HY_MUST_CHECK;
struct hy_outlets *hy_outlets_parse(struct hy_str text, const char *name,
				    struct hy_findings *findings);
void hy_outlets_free(struct hy_outlets *outlets);	/* free(NULL) is legal */

#endif
