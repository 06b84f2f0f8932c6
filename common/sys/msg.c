#include "common/sys/msg.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/sys/msg_fields.h"
#include "common/sys/msg_types.h"

/* "HY", version, type, 0; the id follows. */
#define HEADER_BYTES 5

_Static_assert(sizeof(enum hy_severity) == sizeof(int) && sizeof(enum hy_field) == sizeof(int) &&
		       sizeof(enum hy_outcome) == sizeof(int) &&
		       sizeof(enum hy_command) == sizeof(int) && sizeof(enum hy_err) == sizeof(int) &&
		       sizeof(enum hy_alarm_state) == sizeof(int) &&
		       sizeof(enum hy_receipt_outcome) == sizeof(int),
	       "the field tables read and write enums as int");

/* All memory of a decoded message. */
struct decoded {
	struct hy_msg m;
	json_t *root;
	struct hy_msg_lists lists;
	char *text;
	char id[HY_MSG_ID_BYTES];
};

static void release_json(json_t **value)
{
	json_decref(*value);
}

static enum hy_err check_id(struct hy_str id, struct hy_error *e)
{
	if (id.n == 0 || id.n > HY_MSG_ID_BYTES)
		return hy_fail(e, HY_ERR_MALFORMED, "an id of %zu bytes", id.n);
	for (size_t i = 0; i < id.n; i++)
		if (id.p[i] <= ' ' || id.p[i] > '~')
			return hy_fail(e, HY_ERR_MALFORMED, "an id that is not visible ASCII");
	return HY_OK;
}

static enum hy_err check_text(struct hy_str text, struct hy_error *e)
{
	if (text.n > HY_MSG_TEXT_BYTES)
		return hy_fail(e, HY_ERR_LIMIT, "a text of %zu bytes", text.n);
	if (text.n && memchr(text.p, '\0', text.n))
		return hy_fail(e, HY_ERR_MALFORMED, "a text with a NUL");
	if (!hy_utf8_valid(text.p, text.n))
		return hy_fail(e, HY_ERR_MALFORMED, "a text that is not UTF-8");
	return HY_OK;
}

/* ---- encode ---- */

static int append_json(const char *p, size_t n, void *buf)
{
	hy_buf_add(buf, p, n);
	return hy_buf_err(buf) == HY_OK ? 0 : -1;
}

static enum hy_err encode_body(const struct hy_msg_shape *shape, const struct hy_msg *m,
			       struct hy_buf *out, struct hy_error *e)
{
	hy_cleanup(release_json) json_t *object = NULL;
	enum hy_err err = hy_msg_fields_encode(shape->rows, (const char *)m + shape->offset,
					       &object, e);

	if (err)
		return err;
	if (json_dump_callback(object, append_json, out, JSON_COMPACT) != 0)
		return hy_fail(e, HY_ERR_LIMIT, "a body of more than %u bytes", HY_MSG_BODY_BYTES);
	return HY_OK;
}

static struct hy_str raw_text(const struct hy_msg_shape *shape, const struct hy_msg *m)
{
	struct hy_str text;

	memcpy(&text, (const char *)m + shape->text_offset, sizeof text);
	return text;
}

/* One allocation holds all frames, one after the other. */
static void join_frames(struct hy_msg_shape const *shape, const struct hy_msg *m,
			const struct hy_buf *body, struct hy_frames *out)
{
	char head[HEADER_BYTES] = {'H', 'Y', HY_MSG_VERSION, (char)m->type, 0};
	struct hy_str text = shape->has_text ? raw_text(shape, m) : (struct hy_str){0};
	size_t head_bytes = HEADER_BYTES + m->id.n;
	char *p = hy_xcalloc(head_bytes + body->n + text.n, 1);

	memcpy(p, head, HEADER_BYTES);
	memcpy(p + HEADER_BYTES, m->id.p, m->id.n);
	memcpy(p + head_bytes, body->p, body->n);
	if (text.n)
		memcpy(p + head_bytes + body->n, text.p, text.n);
	*out = (struct hy_frames){
		.frame = {{p, head_bytes}, {p + head_bytes, body->n},
			  {p + head_bytes + body->n, text.n}},
		.count = shape->has_text ? 3 : 2,
		.owner = p,
	};
}

enum hy_err hy_msg_encode(const struct hy_msg *m, struct hy_frames *out, struct hy_error *e)
{
	const struct hy_msg_shape *shape = hy_msg_shape(m->type);
	hy_cleanup(hy_buf_fini) struct hy_buf body = HY_BUF(HY_MSG_BODY_BYTES);
	enum hy_err err;

	if (!shape)
		return hy_fail(e, HY_ERR_MALFORMED, "no such message type");
	err = check_id(m->id, e);
	if (err == HY_OK && shape->has_text)
		err = check_text(raw_text(shape, m), e);
	if (err == HY_OK)
		err = encode_body(shape, m, &body, e);
	if (err == HY_OK && shape->check)
		err = shape->check(m, e);
	if (err)
		return hy_fail_in(e, err, "%s", shape->name);
	join_frames(shape, m, &body, out);
	return HY_OK;
}

void hy_frames_fini(struct hy_frames *frames)
{
	free(frames->owner);
	*frames = (struct hy_frames){0};
}

/* ---- decode ---- */

static enum hy_err decode_header(struct hy_str head, const struct hy_msg_shape **out_shape,
				 struct decoded *d, struct hy_error *e)
{
	const unsigned char *p = (const unsigned char *)head.p;
	struct hy_str id = hy_str_sub(head, HEADER_BYTES, HY_MSG_ID_BYTES + 1);
	enum hy_err err;

	if (head.n < HEADER_BYTES || p[0] != 'H' || p[1] != 'Y' || p[4] != 0)
		return hy_fail(e, HY_ERR_MALFORMED, "not a message of this program");
	if (p[2] != HY_MSG_VERSION)
		return hy_fail(e, HY_ERR_MALFORMED, "message version %u, this is %u", p[2],
			       HY_MSG_VERSION);
	*out_shape = hy_msg_shape(p[3]);
	if (!*out_shape)
		return hy_fail(e, HY_ERR_MALFORMED, "unknown message type %u", p[3]);
	err = check_id(id, e);
	if (err)
		return err;
	d->m.type = (enum hy_msg_type)p[3];
	memcpy(d->id, id.p, id.n);
	d->m.id = (struct hy_str){d->id, id.n};
	return HY_OK;
}

static enum hy_err decode_body(const struct hy_msg_shape *shape, struct hy_str body,
			       struct decoded *d, struct hy_error *e)
{
	json_error_t where;

	if (body.n > HY_MSG_BODY_BYTES)
		return hy_fail(e, HY_ERR_LIMIT, "a body of %zu bytes", body.n);
	d->root = json_loadb(body.n ? body.p : "", body.n, JSON_REJECT_DUPLICATES, &where);
	if (!d->root)
		return hy_fail(e, HY_ERR_MALFORMED, "byte %d: %s", where.position, where.text);
	return hy_msg_fields_decode(shape->rows, d->root, (char *)&d->m + shape->offset, &d->lists,
				    e);
}

static enum hy_err decode_text(const struct hy_msg_shape *shape, struct hy_str text,
			       struct decoded *d, struct hy_error *e)
{
	enum hy_err err = check_text(text, e);

	if (err)
		return err;
	d->text = hy_str_dup(text);
	text.p = d->text;
	memcpy((char *)&d->m + shape->text_offset, &text, sizeof text);
	return HY_OK;
}

static enum hy_err decode_frames(const struct hy_frames *frames, struct decoded *d,
				 struct hy_error *e)
{
	const struct hy_msg_shape *shape = NULL;
	enum hy_err err;

	if (frames->count < 2)
		return hy_fail(e, HY_ERR_MALFORMED, "too few frames");
	err = decode_header(frames->frame[0], &shape, d, e);
	if (err)
		return err;
	if (frames->count != (shape->has_text ? 3 : 2))
		return hy_fail(e, HY_ERR_MALFORMED, "%s with %zu frames", shape->name,
			       frames->count);
	err = decode_body(shape, frames->frame[1], d, e);
	if (err == HY_OK && shape->has_text)
		err = decode_text(shape, frames->frame[2], d, e);
	if (err == HY_OK && shape->check)
		err = shape->check(&d->m, e);
	return err ? hy_fail_in(e, err, "%s", shape->name) : HY_OK;
}

enum hy_err hy_msg_decode(const struct hy_frames *frames, struct hy_msg **out, struct hy_error *e)
{
	struct decoded *d = hy_xcalloc(1, sizeof *d);

	d->m.owner = d;
	if (decode_frames(frames, d, e)) {
		hy_msg_free(&d->m);
		/* Over-long is the peer's fault like anything else that is wrong. */
		if (e)
			e->code = HY_ERR_MALFORMED;
		return HY_ERR_MALFORMED;
	}
	*out = &d->m;
	return HY_OK;
}

void hy_msg_free(struct hy_msg *m)
{
	struct decoded *d;

	if (!m)
		return;
	hy_assert(m->owner);
	d = m->owner;
	json_decref(d->root);
	hy_msg_lists_fini(&d->lists);
	free(d->text);
	free(d);
}
