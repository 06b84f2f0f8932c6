/*
 * Likeness: what an alert is compared by, and what keeps two apart though their words are the
 * same: other topics, other places, another firm or estate, and other figures in a title of
 * the same wording. Near-identical words about another place stay another event.
 */
#ifndef HY_ALERTER_LIKENESS_H
#define HY_ALERTER_LIKENESS_H

#include <stdbool.h>

#include "alerter/event_index.h"
#include "alerter/rule_set.h"
#include "common/base/buf.h"
#include "common/sys/msg.h"

/* Of a new alert; worked out once. */
struct hy_likeness {
	const struct hy_msg_alert *alert;	/* borrowed */
	struct hy_event_text *text;		/* its words are read by the index */
	struct hy_buf subjects;			/* subject.h */
	struct hy_buf topics, places;		/* JSON arrays, the strongest topic first */
	struct hy_buf exact_places;		/* those that hold none of the others: JSON */
};
/* `places` may be NULL. */
void hy_likeness_of(const struct hy_msg_alert *alert, const struct hy_places *places,
		    struct hy_likeness *out);
void hy_likeness_fini(struct hy_likeness *likeness);

/* The same of an earlier alert, as it stands in the store. Views. */
struct hy_likeness_row {
	struct hy_str title, topics, exact_places, subjects, words;
};

/* Whether the two must stay apart although the index found the one for the other. `rules` may be
 * without topics and places. */
bool hy_likeness_contradicts(const struct hy_likeness *likeness,
			     const struct hy_likeness_row *row,
			     const struct hy_event_candidate *found,
			     const struct hy_rule_set *rules);

/* Whether the new alert names other places than a text that has those exact ones. */
bool hy_likeness_elsewhere(const struct hy_likeness *likeness, struct hy_str exact_places,
			   const struct hy_rule_set *rules);

#endif
