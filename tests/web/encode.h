/* Escaping and charsets of what the simulated web writes. */
#ifndef SIM_ENCODE_H
#define SIM_ENCODE_H

#include "common/base/buf.h"

/* Appends with & < > " as entities: for text and attributes of HTML and XML. */
void sim_encode_markup(struct hy_buf *out, struct hy_str s);
/* Appends as a JSON string with its quotes. */
void sim_encode_json(struct hy_buf *out, struct hy_str s);
/* Replaces the UTF-8 content of *b by the same in GB18030. */
void sim_encode_gb18030(struct hy_buf *b);
/* Replaces the content by its gzip form. */
void sim_encode_gzip(struct hy_buf *b);

#endif
