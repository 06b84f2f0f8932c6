/* What is particular to each message type: its fields, its raw frame, its answer. */
#ifndef HY_SYS_MSG_TYPES_H
#define HY_SYS_MSG_TYPES_H

#include "common/base/err.h"
#include "common/sys/msg.h"
#include "common/sys/msg_fields.h"

struct hy_msg_shape {
	const char *name;
	size_t offset;			/* of the type's structure in struct hy_msg */
	struct hy_msg_rows rows;
	bool has_text;
	size_t text_offset;		/* of the raw text in struct hy_msg */
	enum hy_msg_type answer;	/* HY_MSG_TYPE_COUNT for none */
	/* What the rows cannot say about fields that belong together; NULL for nothing. */
	enum hy_err (*check)(const struct hy_msg *m, struct hy_error *e);
};

/* NULL where there is no such type. */
const struct hy_msg_shape *hy_msg_shape(unsigned type);

#endif
