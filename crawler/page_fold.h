/*
 * Writes the reduced page that libxml2 reads, as short as its structure allows.
 *
 * Texts, and inline elements that close in good order, change nothing of the structure around
 * them: libxml2 closes and implies elements by their names, and no inline element inside a body
 * closes another one, but <a> does an open <a>. Such a run is kept aside as pieces (struct
 * hy_stripped) and written as one number. Everything else, and whatever is open when a block
 * begins or ends, is written as the tag it is; there libxml2 decides what it means.
 *
 *   text           "12."         run 12
 *   start tag      "<li>"        its attributes are found by its place, hy_fold_attributes
 *   run in a head  "<link r=12>" <meta>, <link> and <base> of run 12
 */
#ifndef HY_CRAWLER_PAGE_FOLD_H
#define HY_CRAWLER_PAGE_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "crawler/page_strip.h"
#include "crawler/page_tag.h"

/* Inline elements nested deeper are left to libxml2. */
#define HY_FOLD_DEPTH 16

/* Lives for one page; nothing to release. */
struct hy_fold {
	struct hy_stripped *out;	/* borrowed */
	uint32_t first;			/* the piece that begins the current run */
	uint32_t open[HY_FOLD_DEPTH];	/* pieces of the run that are not closed */
	unsigned depth;
	bool in_body;			/* libxml2 is surely inside an element of the body */
	bool in_link;			/* an <a> that libxml2 saw may be open */
	bool at_block;			/* what was written last begins or ends a block */
};

struct hy_fold_tag {
	struct hy_str name;	/* as written */
	enum hy_tag tag;
	uint32_t attribute_first;
	uint16_t attribute_count;
	bool is_closed;		/* "/>" of a foreign element */
};

void hy_fold_init(struct hy_fold *fold, struct hy_stripped *out);
/* `text` lies in the memory of the page; a text that goes on where the last ended joins it. */
void hy_fold_text(struct hy_fold *fold, struct hy_str text);
void hy_fold_start(struct hy_fold *fold, const struct hy_fold_tag *tag);
void hy_fold_end(struct hy_fold *fold, const struct hy_fold_tag *tag);
void hy_fold_finish(struct hy_fold *fold);

/* The number of the next run in *rest, which loses it; false where there is none. */
bool hy_fold_run(const struct hy_stripped *stripped, struct hy_str *rest, struct hy_run *out);

/* How far the reduced page was read; begins zeroed. */
struct hy_fold_place {
	size_t next;	/* of the starts */
};

/*
 * Gives the node the attributes of the start tag whose name ends at byte `at` of the reduced
 * page; false where it has none. Asked in the order of the page.
 */
bool hy_fold_attributes(const struct hy_stripped *stripped, struct hy_fold_place *place,
			size_t at, struct hy_node *node);

#endif
