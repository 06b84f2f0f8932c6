/*
 * What makes a real page fifteen times as long as its article: inline styles, state and code,
 * menus, lists of links, comments, footers; and what makes an article as long as a real one.
 * All append UTF-8 HTML, and nothing where the world asks for no filler.
 */
#ifndef SIM_FILLER_H
#define SIM_FILLER_H

#include "common/base/buf.h"
#include "tests/web/site.h"

/* Styles and scripts, for the head. */
void sim_filler_head(const struct sim_world *w, uint32_t document, struct hy_buf *out);
/* Menus, in front of the article. */
void sim_filler_menu(const struct sim_world *w, uint32_t document, struct hy_buf *out);
/* Further paragraphs of the article, which say nothing; each between the two marks. */
void sim_filler_text(const struct sim_world *w, uint32_t document, const char *open,
		     const char *shut, struct hy_buf *out);
/* Lists, comments and links, behind the article. */
void sim_filler_tail(const struct sim_world *w, uint32_t document, struct hy_buf *out);

#endif
