/*
 * Scanner: judges documents by a rule set. One for each user (thread or daemon); it holds the
 * working memory, the rule set is shared and lives longer.
 */
#ifndef HY_ANALYZER_SCANNER_H
#define HY_ANALYZER_SCANNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/ruleset.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/msg.h"

struct hy_scanner;

struct hy_scan_input {
	struct hy_str title, text;
	struct hy_str region;		/* place id that the source is about, or "" */
	struct hy_str source, outlet;	/* as in a DOCUMENT; "" where unknown */
	struct hy_wall at;		/* topics and places valid at this moment count */
};

/* A hit of a topic as an officer sees it: bytes of the original field. */
struct hy_scan_hit {
	struct hy_str rule;		/* the term or pattern as written */
	enum hy_field field;
	size_t start, end;
};

struct hy_scan_topic {
	const struct hy_rule *rule;
	int64_t score;
	int64_t own;			/* of it without its sector's words */
	enum hy_severity severity;
	struct hy_str because;		/* Chinese: what made it graver than the topic is; or "" */
	const struct hy_scan_hit *hits;	/* by field, start, end */
	size_t hit_count;
};

struct hy_scan_place {
	const struct hy_place *place;
	enum hy_field field;
	size_t start, end;		/* its first evidence, bytes of the original field */
};

struct hy_scan_result {
	const struct hy_scan_topic *topics;	/* strongest first: score, severity, file order */
	size_t topic_count;
	const struct hy_scan_place *places;	/* title before body, then by count */
	size_t place_count;
	const struct hy_scan_topic *policies;	/* watched ones it reacts to, likewise */
	size_t policy_count;
	bool ours;		/* a place was found, or the source is about one of ours */
	/* Patterns that reached a limit: the rest of the document was judged without them. */
	const uint32_t *limited;
	size_t limited_count;
};

struct hy_scanner *hy_scanner_new(const struct hy_ruleset *ruleset);
void hy_scanner_free(struct hy_scanner *scanner);	/* free(NULL) is legal */

/*
 * *out is valid until the next call. LIMIT: title or text larger than HY_FOLD_INPUT_BYTES.
 * Invalid UTF-8 is judged too: such bytes match nothing.
 */
enum hy_err hy_scan(struct hy_scanner *scanner, const struct hy_scan_input *input,
		    struct hy_scan_result *out) HY_MUST_CHECK;

/* Of the document scanned last, for explanations. */
const struct hy_ruleset *hy_scanner_ruleset(const struct hy_scanner *scanner);
struct hy_evidence *hy_scanner_evidence(struct hy_scanner *scanner);
/* Whether the rule is for documents of that source and outlet. */
bool hy_scanner_origin_allows(const struct hy_scanner *scanner, const struct hy_rule *rule);
/* What it was found to be, or NULL where it did not hold. */
const struct hy_scan_topic *hy_scanner_topic(const struct hy_scanner *scanner,
					     const struct hy_rule *rule);
/* The rules that were looked at, in the order of the files; NULL behind the last. */
const struct hy_rule *hy_scanner_candidate(const struct hy_scanner *scanner, size_t index);

#endif
