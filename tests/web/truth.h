/*
 * What should come of the run, as JSON lines: each planted concern with all its addresses, then
 * each document. The lead is not here: it follows from topic and place by the rules.
 */
#ifndef SIM_TRUTH_H
#define SIM_TRUTH_H

#include "common/base/buf.h"
#include "tests/web/site.h"

#define SIM_TRUTH_BYTES_MAX (1u << 30)

void sim_truth_write(const struct sim_world *w, struct hy_buf *out);

#endif
