/*
 * Likeness: what a message is compared by, and the one decision whether two are about the same
 * thing. They are where one nearly repeats the other's text, or where the words that tell what
 * it is about, weighed by rarity, are the same; and neither topics nor places nor the named
 * firms and estates contradict: near-identical words about another place stay another event.
 */
#ifndef HY_ALERTER_LIKENESS_H
#define HY_ALERTER_LIKENESS_H

#include <stdbool.h>

#include "alerter/signature.h"
#include "alerter/words.h"
#include "common/base/buf.h"
#include "common/base/time.h"
#include "common/rules/places.h"
#include "common/sys/msg.h"

#define HY_LIKENESS_REPEATS 0.5		/* of the shingles */
#define HY_LIKENESS_SAME 0.40		/* of the weighed words */

/* Of a new message; worked out once, before the transaction. */
struct hy_likeness {
	const struct hy_msg_alert *alert;	/* borrowed */
	struct hy_signature signature;
	struct hy_words words;
	struct hy_buf subjects;		/* subject.h */
	struct hy_buf topics, places;	/* JSON arrays, the strongest topic first */
	bool opens_event;
};
void hy_likeness_of(const struct hy_msg_alert *alert, struct hy_likeness *out);
void hy_likeness_fini(struct hy_likeness *likeness);

/* The same of an earlier message, as it stands in the store. Views. */
struct hy_likeness_row {
	struct hy_str topics, places, subjects, signature, words;
	struct hy_wall published_at;
};

/*
 * How surely the two are the same thing, up to 1; 0 where they are not. Without `counts` (NULL)
 * only repeated text is the same. `places` may be NULL where no message has any.
 */
double hy_likeness_score(const struct hy_likeness *likeness, const struct hy_likeness_row *row,
			 const struct hy_word_counts *counts, const struct hy_places *places);

#endif
