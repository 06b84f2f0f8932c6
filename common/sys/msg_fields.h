/*
 * Strict JSON objects as tables: one row a field, and the same rows encode and decode.
 *
 * A decoded structure borrows its texts from the JSON document; lists are allocated and
 * noted in hy_msg_lists. Both directions check the same limits, so that what one side
 * encodes the other accepts.
 */
#ifndef HY_SYS_MSG_FIELDS_H
#define HY_SYS_MSG_FIELDS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"

#define HY_MSG_LISTS_MAX 4	/* lists one message may have */

enum hy_msg_kind {
	HY_MSG_KIND_TEXT,	/* struct hy_str; min, max: bytes */
	HY_MSG_KIND_INT,	/* int64_t within min, max */
	HY_MSG_KIND_BOOL,
	HY_MSG_KIND_TIME,	/* struct hy_wall as integer milliseconds; null: unknown, if min is 0 */
	HY_MSG_KIND_ENUM,	/* by name */
	HY_MSG_KIND_LIST,	/* const T *; min, max: items */
};

struct hy_msg_enum {
	const char *(*name)(int value);		/* for 0 <= value < count */
	int count;
};

struct hy_msg_list;

struct hy_msg_row {
	const char *key;
	enum hy_msg_kind kind;
	size_t offset;
	int64_t min, max;
	const struct hy_msg_enum *names;	/* ENUM */
	const struct hy_msg_list *list;		/* LIST */
};

struct hy_msg_rows {
	const struct hy_msg_row *row;
	size_t count;
};

/* A list of objects, or, where `rows.row` is one row without a key, of plain values. */
struct hy_msg_list {
	struct hy_msg_rows rows;
	size_t item_bytes;
	size_t count_offset;	/* size_t beside the pointer, in the structure of the list */
};

/* Allocated arrays behind a decoded message. */
struct hy_msg_lists {
	void *array[HY_MSG_LISTS_MAX];
	size_t count;
};
void hy_msg_lists_fini(struct hy_msg_lists *lists);

/* A new object (reference owned by the caller), or the first field that is refused in e. */
enum hy_err hy_msg_fields_encode(struct hy_msg_rows rows, const void *structure, json_t **out,
				 struct hy_error *e) HY_MUST_CHECK;
/* Fills the structure; on failure its content is undefined and the lists are to be freed. */
enum hy_err hy_msg_fields_decode(struct hy_msg_rows rows, const json_t *object, void *structure,
				 struct hy_msg_lists *lists, struct hy_error *e) HY_MUST_CHECK;

#endif
