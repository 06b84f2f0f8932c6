/*
 * Questions that a reaction asks: clauses with a question mark or a word of asking (怎么、什么时候、
 * 能不能 …), and whether two of them ask the same in other words: nearly the same words, and not
 * the one how and the other when. The names of the policy are no part of a question.
 */
#ifndef HY_ALERTER_QUESTION_H
#define HY_ALERTER_QUESTION_H

#include <stdbool.h>
#include <stddef.h>

#include "alerter/words.h"
#include "common/base/str.h"
#include "common/rules/policies.h"

#define HY_QUESTIONS_OF_TEXT 12		/* what a longer text asks behind them is not read */
#define HY_QUESTION_RUNES_MIN 6
#define HY_QUESTION_RUNES_MAX 60	/* a longer one is a story */

struct hy_questions {
	struct hy_str item[HY_QUESTIONS_OF_TEXT];	/* views, in order, each once */
	size_t count;
};

void hy_questions_of(struct hy_str title, struct hy_str text, struct hy_questions *out);

/* What a question asks, to be compared. */
struct hy_question {
	struct hy_words words;
	unsigned asks;		/* bits of the words of asking; 0: none that is known */
};

/* `policy` may be NULL. */
void hy_question_read(struct hy_str text, const struct hy_policy *policy, struct hy_question *out);

bool hy_questions_alike(const struct hy_question *a, const struct hy_question *b);

#endif
