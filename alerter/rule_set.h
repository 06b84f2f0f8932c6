/*
 * The rules of one moment, read together: topics, places, policies, outlets, units, routes,
 * presets, roster, channels and what is settled about cases. Read-only once loaded; a reload
 * loads and proves a new one beside it.
 */
#ifndef HY_ALERTER_RULE_SET_H
#define HY_ALERTER_RULE_SET_H

#include "alerter/case_rules.h"
#include "alerter/channels.h"
#include "alerter/presets.h"
#include "alerter/roster.h"
#include "alerter/routes.h"
#include "alerter/rule_texts.h"
#include "alerter/units.h"
#include "common/base/err.h"
#include "common/rules/outlets.h"
#include "common/rules/places.h"
#include "common/rules/policies.h"
#include "common/rules/topics.h"
#include "common/sys/content_id.h"
#include "common/sys/yaml.h"

struct hy_rule_set {
	struct hy_topics *topics;
	struct hy_places *places;
	struct hy_policies *policies;
	struct hy_outlets *outlets;
	struct hy_units *units;
	struct hy_routes *routes;
	struct hy_presets *presets;
	struct hy_roster *roster;
	struct hy_channels *channels;
	struct hy_case_rules *cases;
	struct hy_rule_texts *texts;	/* what all this was read from */
	struct hy_id version;		/* content id over everything that routes a case */
};

/*
 * Reads every file of the folder. Mistakes become findings; MALFORMED if there were any, and
 * then *out is untouched. Proving that the set is total is proof.h's.
 */
enum hy_err hy_rule_set_load(const char *dir, struct hy_findings *findings,
			     struct hy_rule_set **out) HY_MUST_CHECK;
/* The same, but hands out what could be read as long as every file could be parsed. */
enum hy_err hy_rule_set_load_broken(const char *dir, struct hy_findings *findings,
				    struct hy_rule_set **out) HY_MUST_CHECK;
void hy_rule_set_free(struct hy_rule_set *rules);
static inline void hy_rule_set_free_p(struct hy_rule_set **rules)
{
	hy_rule_set_free(*rules);
}

#endif
