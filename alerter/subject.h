/*
 * Subjects: the firms, estates, schools, roads and the like that a text names, so that two
 * notices in the same words about different ones stay two events. They are found by their
 * endings (公司、小区、学校、路 …): the two characters before the ending, generic words such as
 * 有限 or 物业 skipped, name it well enough to tell two apart. No person is ever looked for.
 */
#ifndef HY_ALERTER_SUBJECT_H
#define HY_ALERTER_SUBJECT_H

#include <stdbool.h>

#include "alerter/words.h"
#include "common/base/buf.h"
#include "common/base/str.h"

#define HY_SUBJECTS_MAX 16
#define HY_SUBJECTS_BYTES 1024

/* Appends the subjects of the title, a slash, and those of the opening, each once, separated by
 * spaces. */
void hy_subjects_of(struct hy_str title, struct hy_str text, struct hy_buf *out);

/* What a text names, and its words. */
struct hy_named {
	struct hy_str subjects;
	const struct hy_words *words;
};

/*
 * Each names one that the other does not so much as mention. A cut or added paragraph makes a
 * difference on one side only; another firm in the same words makes one on both. With in_titles
 * only the names of titles count, wherever the other mentions them.
 */
bool hy_subjects_contradict(const struct hy_named *a, const struct hy_named *b, bool in_titles);

#endif
