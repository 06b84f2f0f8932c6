/*
 * Which outlet published an article: "来源：..." beside the headline, or what the page says
 * of its publisher. Never who wrote it.
 */
#ifndef HY_CRAWLER_EXTRACT_SOURCE_H
#define HY_CRAWLER_EXTRACT_SOURCE_H

#include "common/base/buf.h"
#include "crawler/extract_unit.h"

/* Appends the outlet's name, nothing where the page does not say. */
void hy_source_find(const struct hy_measure *m, const struct hy_units *units, struct hy_buf *out);

#endif
