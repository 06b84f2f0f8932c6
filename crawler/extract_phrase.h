/*
 * Lines that publishers put around a text: who edited it, whose it is, what to read next.
 * Constant data and one look-up.
 */
#ifndef HY_CRAWLER_EXTRACT_PHRASE_H
#define HY_CRAWLER_EXTRACT_PHRASE_H

#include "common/base/str.h"

enum hy_phrase {
	HY_PHRASE_NONE,
	HY_PHRASE_LINE,		/* the line is no text */
	HY_PHRASE_END,		/* nor is what follows it, where that is little */
	HY_PHRASE_STOP,		/* nor is what follows it, however much */
};

/* What a line without surrounding white space is, by how it begins and its length. */
enum hy_phrase hy_phrase_of(struct hy_str line);

#endif
