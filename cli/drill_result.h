/* What a drill shows: who had what to do, what came late, who was told how often, what was amiss. */
#ifndef HY_CLI_DRILL_RESULT_H
#define HY_CLI_DRILL_RESULT_H

#include <jansson.h>

#include "cli/drill.h"
#include "common/base/buf.h"
#include "common/base/err.h"

/* {"drill":true,"concerns":…,"units":[…],"posts":[…],"alarms":[…],"late":[…]}; owned. */
enum hy_err hy_drill_result(struct hy_drill *drill, json_t **out, struct hy_error *e) HY_MUST_CHECK;

/* The same for people. */
void hy_drill_result_write(const json_t *result, struct hy_buf *out);

/* The concerns that two drills of one plan end differently for: another lead, another lateness. */
enum hy_err hy_drill_compare(struct hy_drill *now, struct hy_drill *then, json_t **out,
			     struct hy_error *e) HY_MUST_CHECK;
void hy_drill_compare_write(const json_t *differences, struct hy_buf *out);

#endif
