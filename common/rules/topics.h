/*
 * Topics: what rules/topics/ (every *.yaml, by name) says with the named lists, read once.
 *
 * Here are the parts that more than one program reads: identity, owner, severity, validity. The
 * conditions stay YAML nodes; the analyzer compiles them. Strings and nodes are borrowed from
 * the set and live as long as it does. The keys are described in rules/README.md.
 */
#ifndef HY_RULES_TOPICS_H
#define HY_RULES_TOPICS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/rules/correlation.h"
#include "common/rules/files.h"
#include "common/rules/lists.h"
#include "common/sys/content_id.h"
#include "common/sys/severity.h"
#include "common/sys/yaml.h"

#define HY_TOPICS_MAX 20000
#define HY_TOPIC_FILES_MAX 1000
#define HY_SECTORS_MAX 200
#define HY_ALIASES_MAX 20	/* of one topic */

enum hy_topic_place {
	HY_TOPIC_PLACE_PRESET,		/* as the analyzer's configuration says */
	HY_TOPIC_PLACE_REQUIRED,	/* alarms only where a place of ours is concerned */
	HY_TOPIC_PLACE_ANY,
};

/*
 * A branch of the official topic tree (12345, petitions): its words tell which branch a text
 * belongs to where topics of several branches hold. One file of topics is one sector.
 */
struct hy_sector {
	struct hy_str id;			/* "labour" */
	struct hy_str title;			/* for people: 劳动和社会保障 */
	size_t number;				/* counts from 0 */
	const struct hy_yaml_node *node;	/* the mapping; its `words` are items with weights */
};

struct hy_topic {
	struct hy_str id;			/* "wages.arrears" */
	struct hy_str title;			/* for people: 拖欠工资 */
	struct hy_str owner;			/* a role; units.yaml says which unit holds it */
	const struct hy_sector *sector;		/* NULL: none */
	enum hy_severity severity;
	enum hy_topic_place place;
	struct hy_wall valid_from, valid_to;	/* half-open; HY_WALL_NONE: no bound */
	struct hy_correlations correlations;
	const struct hy_yaml_node *node;	/* the whole mapping; for findings and conditions */
};

struct hy_topics;

/*
 * Reads the folder of the rules. Whatever is wrong becomes a finding and that topic is left out,
 * so a caller who needs a whole set compares findings->count before and after. Fails (IO, LIMIT)
 * only where there is nothing to read: no folder, no topic file, far too many.
 */
enum hy_err hy_topics_load(const char *rules_dir, struct hy_findings *findings,
			   struct hy_topics **out, struct hy_error *e) HY_MUST_CHECK;

/* The same for files in memory, which can include nothing; lists may be NULL. */
struct hy_topics *hy_topics_parse(const struct hy_rules_text *files, size_t count,
				  const struct hy_rules_text *lists, struct hy_findings *findings);
void hy_topics_free(struct hy_topics *topics);	/* free(NULL) is legal */

size_t hy_topics_count(const struct hy_topics *topics);
const struct hy_topic *hy_topics_at(const struct hy_topics *topics, size_t index);
/* By its id, or by a former one (`aliases`); or NULL. */
const struct hy_topic *hy_topics_get(const struct hy_topics *topics, struct hy_str id);
/*
 * The glob over ids that a rule file means by *glob, a former id becoming the present one. False
 * where no topic is meant, with a finding at `at`.
 */
bool hy_topics_resolve(const struct hy_topics *topics, const struct hy_yaml_node *at,
		       struct hy_findings *findings, struct hy_str *glob);
/* The id nearest to one that nobody has, or "". */
struct hy_str hy_topics_nearest(const struct hy_topics *topics, struct hy_str id);
/* A topic without a match: it comes of others, by its correlation. */
bool hy_topic_is_derived(const struct hy_topic *topic);
bool hy_topic_valid_at(const struct hy_topic *topic, struct hy_wall at);

size_t hy_topics_sector_count(const struct hy_topics *topics);
const struct hy_sector *hy_topics_sector_at(const struct hy_topics *topics, size_t number);

/* What topics call $name; without lists.yaml there may be none. */
const struct hy_lists *hy_topics_lists(const struct hy_topics *topics);

/* Content id over names and bytes of all files read: the version of the rule set. */
struct hy_id hy_topics_version(const struct hy_topics *topics);

#endif
