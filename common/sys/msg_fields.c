#include "common/sys/msg_fields.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

/* Years 1 to 9999, which is what RFC 3339 can print. */
#define TIME_MIN_MS INT64_C(-62135596800000)
#define TIME_MAX_MS INT64_C(253402300799999)

void hy_msg_lists_fini(struct hy_msg_lists *lists)
{
	for (size_t i = 0; i < lists->count; i++)
		free(lists->array[i]);
	*lists = (struct hy_msg_lists){0};
}

static enum hy_err refuse(struct hy_error *e, const struct hy_msg_row *row, const char *why)
{
	return hy_fail(e, HY_ERR_MALFORMED, "field %s: %s", row->key ? row->key : "of a list", why);
}

static enum hy_err check_range(const struct hy_msg_row *row, int64_t value, const char *what,
			       struct hy_error *e)
{
	if (value < row->min)
		return refuse(e, row, "below its minimum");
	if (value > row->max)
		return hy_fail(e, HY_ERR_LIMIT, "field %s: more than %lld %s",
			       row->key ? row->key : "of a list", (long long)row->max, what);
	return HY_OK;
}

static enum hy_err check_time(const struct hy_msg_row *row, int64_t ms, struct hy_error *e)
{
	return ms >= TIME_MIN_MS && ms <= TIME_MAX_MS ? HY_OK : refuse(e, row, "not a moment");
}

/* ---- text ---- */

static enum hy_err encode_text(const struct hy_msg_row *row, const void *at, json_t **out,
			       struct hy_error *e)
{
	const struct hy_str *s = at;
	enum hy_err err = check_range(row, s->n > INT64_MAX ? INT64_MAX : (int64_t)s->n, "bytes", e);
	json_t *value;

	if (err)
		return err;
	if (s->n && memchr(s->p, '\0', s->n))
		return refuse(e, row, "holds a NUL");
	value = json_stringn(s->n ? s->p : "", s->n);
	if (!value)
		return refuse(e, row, "not UTF-8");
	*out = value;
	return HY_OK;
}

static enum hy_err decode_text(const struct hy_msg_row *row, const json_t *value, void *at,
			       struct hy_error *e)
{
	struct hy_str s;
	enum hy_err err;

	if (!json_is_string(value))
		return refuse(e, row, "not a text");
	s = (struct hy_str){json_string_value(value), json_string_length(value)};
	err = check_range(row, (int64_t)s.n, "bytes", e);
	if (err)
		return err;
	memcpy(at, &s, sizeof s);
	return HY_OK;
}

/* ---- numbers, moments, truth values, names ---- */

static enum hy_err encode_int(const struct hy_msg_row *row, const void *at, json_t **out,
			      struct hy_error *e)
{
	const int64_t *number = at;
	enum hy_err err = check_range(row, *number, "as value", e);

	if (err)
		return err;
	*out = json_integer(*number);
	return HY_OK;
}

static enum hy_err decode_int(const struct hy_msg_row *row, const json_t *value, void *at,
			      struct hy_error *e)
{
	int64_t number = json_integer_value(value);
	enum hy_err err;

	if (!json_is_integer(value))
		return refuse(e, row, "not an integer");
	err = check_range(row, number, "as value", e);
	if (err)
		return err;
	memcpy(at, &number, sizeof number);
	return HY_OK;
}

static enum hy_err encode_bool(const struct hy_msg_row *row, const void *at, json_t **out,
			       struct hy_error *e)
{
	const bool *truth = at;

	(void)row;
	(void)e;
	*out = json_boolean(*truth);
	return HY_OK;
}

static enum hy_err decode_bool(const struct hy_msg_row *row, const json_t *value, void *at,
			       struct hy_error *e)
{
	bool truth = json_is_true(value);

	if (!json_is_boolean(value))
		return refuse(e, row, "not true or false");
	memcpy(at, &truth, sizeof truth);
	return HY_OK;
}

static enum hy_err encode_time(const struct hy_msg_row *row, const void *at, json_t **out,
			       struct hy_error *e)
{
	const struct hy_wall *t = at;
	enum hy_err err;

	if (!hy_wall_known(*t)) {
		if (row->min)
			return refuse(e, row, "unknown");
		*out = json_null();
		return HY_OK;
	}
	err = check_time(row, t->ms, e);
	if (err)
		return err;
	*out = json_integer(t->ms);
	return HY_OK;
}

static enum hy_err decode_time(const struct hy_msg_row *row, const json_t *value, void *at,
			       struct hy_error *e)
{
	struct hy_wall t = HY_WALL_NONE;
	enum hy_err err;

	if (json_is_integer(value)) {
		t.ms = json_integer_value(value);
		err = check_time(row, t.ms, e);
		if (err)
			return err;
	} else if (!json_is_null(value) || row->min) {
		return refuse(e, row, "not a moment");
	}
	memcpy(at, &t, sizeof t);
	return HY_OK;
}

static enum hy_err encode_enum(const struct hy_msg_row *row, const void *at, json_t **out,
			       struct hy_error *e)
{
	int value;

	memcpy(&value, at, sizeof value);
	if (value < 0 || value >= row->names->count)
		return refuse(e, row, "no such value");
	*out = json_string(row->names->name(value));
	return HY_OK;
}

static enum hy_err decode_enum(const struct hy_msg_row *row, const json_t *value, void *at,
			       struct hy_error *e)
{
	struct hy_str text;

	if (!json_is_string(value))
		return refuse(e, row, "not a name");
	text = (struct hy_str){json_string_value(value), json_string_length(value)};
	for (int i = 0; i < row->names->count; i++) {
		if (!hy_str_eq_c(text, row->names->name(i)))
			continue;
		memcpy(at, &i, sizeof i);
		return HY_OK;
	}
	return refuse(e, row, "no such name");
}

/* ---- lists ---- */

static enum hy_err encode_value(const struct hy_msg_row *row, const void *structure, json_t **out,
				struct hy_error *e);
static enum hy_err decode_value(const struct hy_msg_row *row, const json_t *value, void *structure,
				struct hy_msg_lists *lists, struct hy_error *e);

static bool is_plain(const struct hy_msg_list *list)
{
	return list->rows.count == 1 && !list->rows.row[0].key;
}

static void release_json(json_t **value)
{
	json_decref(*value);
}

static enum hy_err encode_list(const struct hy_msg_row *row, const void *structure, json_t **out,
			       struct hy_error *e)
{
	const struct hy_msg_list *list = row->list;
	const char *items;
	size_t count;
	enum hy_err err;
	hy_cleanup(release_json) json_t *array = json_array();

	memcpy(&items, (const char *)structure + row->offset, sizeof items);
	memcpy(&count, (const char *)structure + list->count_offset, sizeof count);
	err = check_range(row, count > INT64_MAX ? INT64_MAX : (int64_t)count, "items", e);
	if (err)
		return err;
	for (size_t i = 0; i < count; i++) {
		const char *item = items + i * list->item_bytes;
		json_t *value = NULL;

		err = is_plain(list) ? encode_value(&list->rows.row[0], item, &value, e)
				     : hy_msg_fields_encode(list->rows, item, &value, e);
		if (err)
			return err;
		(void)json_array_append_new(array, value);
	}
	*out = hy_take(&array);
	return HY_OK;
}

static enum hy_err decode_list(const struct hy_msg_row *row, const json_t *value, void *structure,
			       struct hy_msg_lists *lists, struct hy_error *e)
{
	const struct hy_msg_list *list = row->list;
	size_t count = json_array_size(value);
	enum hy_err err;
	char *items;

	if (!json_is_array(value))
		return refuse(e, row, "not a list");
	err = check_range(row, (int64_t)count, "items", e);
	if (err)
		return err;
	hy_assert(lists->count < HY_MSG_LISTS_MAX);
	items = hy_xcalloc(count, list->item_bytes);
	lists->array[lists->count++] = items;
	for (size_t i = 0; i < count; i++) {
		const json_t *item = json_array_get(value, i);
		char *at = items + i * list->item_bytes;

		err = is_plain(list) ? decode_value(&list->rows.row[0], item, at, lists, e)
				     : hy_msg_fields_decode(list->rows, item, at, lists, e);
		if (err)
			return err;
	}
	memcpy((char *)structure + row->offset, &items, sizeof items);
	memcpy((char *)structure + list->count_offset, &count, sizeof count);
	return HY_OK;
}

/* ---- objects ---- */

typedef enum hy_err encode_fn(const struct hy_msg_row *row, const void *at, json_t **out,
			      struct hy_error *e);
typedef enum hy_err decode_fn(const struct hy_msg_row *row, const json_t *value, void *at,
			      struct hy_error *e);

static const struct {
	encode_fn *encode;
	decode_fn *decode;
} kinds[] = {
	[HY_MSG_KIND_TEXT] = {encode_text, decode_text},
	[HY_MSG_KIND_INT] = {encode_int, decode_int},
	[HY_MSG_KIND_BOOL] = {encode_bool, decode_bool},
	[HY_MSG_KIND_TIME] = {encode_time, decode_time},
	[HY_MSG_KIND_ENUM] = {encode_enum, decode_enum},
};

static enum hy_err encode_value(const struct hy_msg_row *row, const void *structure, json_t **out,
				struct hy_error *e)
{
	if (row->kind == HY_MSG_KIND_LIST)
		return encode_list(row, structure, out, e);
	return kinds[row->kind].encode(row, (const char *)structure + row->offset, out, e);
}

static enum hy_err decode_value(const struct hy_msg_row *row, const json_t *value, void *structure,
				struct hy_msg_lists *lists, struct hy_error *e)
{
	if (row->kind == HY_MSG_KIND_LIST)
		return decode_list(row, value, structure, lists, e);
	return kinds[row->kind].decode(row, value, (char *)structure + row->offset, e);
}

enum hy_err hy_msg_fields_encode(struct hy_msg_rows rows, const void *structure, json_t **out,
				 struct hy_error *e)
{
	hy_cleanup(release_json) json_t *object = json_object();

	for (size_t i = 0; i < rows.count; i++) {
		json_t *value = NULL;
		enum hy_err err = encode_value(&rows.row[i], structure, &value, e);

		if (err)
			return err;
		(void)json_object_set_new_nocheck(object, rows.row[i].key, value);
	}
	*out = hy_take(&object);
	return HY_OK;
}

enum hy_err hy_msg_fields_decode(struct hy_msg_rows rows, const json_t *object, void *structure,
				 struct hy_msg_lists *lists, struct hy_error *e)
{
	if (!json_is_object(object))
		return hy_fail(e, HY_ERR_MALFORMED, "not a JSON object");
	for (size_t i = 0; i < rows.count; i++) {
		const json_t *value = json_object_get(object, rows.row[i].key);
		enum hy_err err;

		if (!value)
			return refuse(e, &rows.row[i], "missing");
		err = decode_value(&rows.row[i], value, structure, lists, e);
		if (err)
			return err;
	}
	/* All rows were found, keys are unique: more entries than rows means an unknown one. */
	if (json_object_size(object) != rows.count)
		return hy_fail(e, HY_ERR_MALFORMED, "a field that the type does not have");
	return HY_OK;
}
