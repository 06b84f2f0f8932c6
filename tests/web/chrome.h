/* What stands around the text on every page of a site. Appends UTF-8 HTML. */
#ifndef SIM_CHROME_H
#define SIM_CHROME_H

#include "common/base/buf.h"
#include "tests/web/site.h"

/* From the doctype to the opened body with navigation; title is not yet escaped. */
void sim_chrome_open(const struct sim_world *w, uint32_t site, struct hy_str title,
		     struct hy_str extra_head, struct hy_buf *out);
/* Sharing, print and feedback links of an article. */
void sim_chrome_share(uint32_t document, struct hy_buf *out);
/* Items that appeared on the site before the document did. */
void sim_chrome_related(const struct sim_world *w, uint32_t document, struct hy_buf *out);
void sim_chrome_comments(const struct sim_world *w, uint32_t document, struct hy_buf *out);
/* Footer and closing tags. */
void sim_chrome_close(const struct sim_world *w, uint32_t site, struct hy_buf *out);

#endif
