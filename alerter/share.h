/*
 * Share: what part of the documents judged a topic fires on, against its own usual. Pure figures.
 *
 * The usual is the median of the shares of earlier days, and how far days differ from it is their
 * median absolute deviation times 1.4826 (the Hampel identifier; Leys et al., "Detecting outliers",
 * J. Exp. Soc. Psychol. 49, 2013): a few odd days move neither. To it comes what chance adds to a
 * count, p(1 - p)/n of the binomial distribution.
 *
 * A surge is far above both and large in itself: at least HY_SHARE_SURGE_FIRED documents, a
 * fiftieth of all, three times the usual and six deviations. Without a usual (a new or changed
 * topic) only half of all documents and more is one. Nothing is said before a quarter of the usual
 * day's documents, for the night has others, unless a whole day's surge is there.
 *
 * A topic is silent where it should have fired at least ten times even at half of what three of
 * four days reach (chance leaves a Poisson count of ten at none once in 22,000), and did not reach
 * a twentieth of that. What is out of its usual counts as usual again only some way inside these
 * bounds, so that nothing flutters.
 */
#ifndef HY_ALERTER_SHARE_H
#define HY_ALERTER_SHARE_H

#include <stddef.h>
#include <stdint.h>

#define HY_SHARE_DAYS 28		/* earlier days looked at */
#define HY_SHARE_DAYS_MIN 5		/* fewer are no usual */
#define HY_SHARE_DAY_DOCUMENTS 50	/* a day with fewer tells nothing */
#define HY_SHARE_DOCUMENTS_MIN 100	/* judged so far today, before anything is said */
#define HY_SHARE_SURGE_FIRED 20
#define HY_SHARE_SILENT_EXPECTED 10

struct hy_share_day {
	int64_t documents, fired;
};

struct hy_share_usual {
	size_t days;		/* below HY_SHARE_DAYS_MIN: no usual, the rest is 0 */
	double median, deviation;	/* of the daily shares */
	double low;		/* the share that three of four days reach */
	int64_t documents;	/* of a day, the median */
};

enum hy_share_state {
	HY_SHARE_UNKNOWN,	/* too few documents to tell */
	HY_SHARE_USUAL,
	HY_SHARE_SURGE,
	HY_SHARE_SILENT,
};

/* Days with too few documents are left out. At most HY_SHARE_DAYS are given. */
void hy_share_usual(const struct hy_share_day *days, size_t count, struct hy_share_usual *out);

/* `was` is what the topic was held to be until now; UNKNOWN where nothing was. */
enum hy_share_state hy_share_judge(const struct hy_share_usual *usual,
				   const struct hy_share_day *today, enum hy_share_state was);

/* Of the documents judged; 0 where there are none. */
double hy_share_of(const struct hy_share_day *day);

#endif
