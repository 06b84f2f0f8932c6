#include "alerter/attempt.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/mem.h"

#define NAME_BYTES 1024
#define MASKED_BYTES_MIN 4	/* shorter ones stand in any text */

void hy_attempt_init(struct hy_attempt *attempt)
{
	*attempt = (struct hy_attempt){.part = 0};
	hy_outgoing_init(&attempt->outgoing);
	hy_buf_init(&attempt->key, HY_OUTGOING_SECRET_BYTES + 1);
	hy_buf_init(&attempt->secret, HY_OUTGOING_SECRET_BYTES + 1);
}

static void wipe(struct hy_buf *b)
{
	if (b->p)
		sodium_memzero(b->p, b->n);
	hy_buf_fini(b);
}

void hy_attempt_fini(struct hy_attempt *attempt)
{
	wipe(&attempt->key);
	wipe(&attempt->secret);
	wipe(&attempt->outgoing.url);
	wipe(&attempt->outgoing.password);
	hy_outgoing_fini(&attempt->outgoing);
}

static void path_of(const char *rules_dir, struct hy_str name, struct hy_buf *out)
{
	if (name.p[0] != '/')
		hy_buf_addf(out, "%s/", rules_dir);
	hy_buf_add_str(out, name);
}

enum hy_err hy_secret_read(const char *rules_dir, struct hy_str name, struct hy_buf *out,
			   struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf path = HY_BUF(HY_RULE_PATH_BYTES);
	char content[HY_OUTGOING_SECRET_BYTES];
	ssize_t got = -1;
	int fd;

	path_of(rules_dir, name, &path);
	hy_buf_add_char(&path, '\0');
	if (hy_buf_err(&path))
		return hy_fail(e, HY_ERR_LIMIT, "path of the secret too long");
	fd = open(path.p, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		got = read(fd, content, sizeof content);
		(void)close(fd);
	}
	if (got > 0 && got < (ssize_t)sizeof content)
		hy_buf_add_str(out, hy_str_trim((struct hy_str){content, (size_t)got}));
	sodium_memzero(content, sizeof content);
	if (out->n == 0)
		return hy_fail(e, HY_ERR_IO, "cannot read the secret %s", path.p);
	return HY_OK;
}

static enum hy_err read_secrets(const struct hy_attempt_job *job, struct hy_attempt *out,
				struct hy_error *e)
{
	const struct hy_channel *c = job->channel;
	struct hy_str secret = c->password_file.n ? c->password_file : c->secret_file;
	enum hy_err err = HY_OK;

	if (c->key_file.n)
		err = hy_secret_read(job->rules_dir, c->key_file, &out->key, e);
	if (!err && secret.n)
		err = hy_secret_read(job->rules_dir, secret, &out->secret, e);
	return err;
}

/* ---- the notices ---- */

struct loaded {
	struct hy_notice notice[HY_OUTBOX_GROUP_MAX];
	struct hy_str to[HY_OUTBOX_GROUP_MAX];
	size_t count;
	struct hy_buf names, title, text, parts;
};

static void loaded_init(struct loaded *l)
{
	l->count = 0;
	hy_buf_init(&l->names, HY_OUTBOX_GROUP_MAX * NAME_BYTES);
	hy_buf_init(&l->title, HY_TEXT_BYTES);
	hy_buf_init(&l->text, HY_TEXT_BYTES);
	hy_buf_init(&l->parts, 2 * HY_TEXT_BYTES);
	/* Views into them must not move. */
	(void)hy_buf_reserve(&l->names, HY_OUTBOX_GROUP_MAX * NAME_BYTES);
}

static void loaded_fini(struct loaded *l)
{
	for (size_t i = 0; i < l->count; i++)
		hy_notice_fini(&l->notice[i]);
	hy_buf_fini(&l->names);
	hy_buf_fini(&l->title);
	hy_buf_fini(&l->text);
	hy_buf_fini(&l->parts);
}

static enum hy_err load_notices(const struct hy_attempt_job *job, struct loaded *l,
				struct hy_error *e)
{
	enum hy_err err = HY_OK;

	for (size_t i = 0; i < job->message->count && !err; i++) {
		bool found = false;

		err = hy_notice_load(job->store, hy_id_str(&job->message->notices[i]),
				     &l->notice[l->count], &found, e);
		l->count += !err && found;
	}
	if (!err && l->count == 0)
		return hy_fail(e, HY_ERR_MALFORMED, "its notices are gone");
	return err;
}

/* "住建局/值班甲岗"; a unit that left the rules keeps its id. */
static void add_names(const struct hy_attempt_job *job, struct loaded *l)
{
	for (size_t i = 0; i < l->count; i++) {
		struct hy_str rest = l->notice[i].recipient, id = {0};
		const struct hy_unit *unit;
		size_t before = l->names.n;

		(void)hy_str_next(&rest, '/', &id);
		unit = hy_units_get(job->units, id);
		hy_buf_addf(&l->names, "%.*s%s%.*s", HY_STR_ARGS(unit ? unit->name : id),
			    rest.n ? "/" : "", HY_STR_ARGS(rest));
		l->to[i] = hy_buf_err(&l->names)
				   ? l->notice[i].recipient
				   : hy_str_sub(hy_buf_str(&l->names), before, NAME_BYTES);
	}
}

/* ---- writing ---- */

static enum hy_err write_text(const struct hy_attempt_job *job, struct loaded *l,
			      struct hy_text_parts *out, struct hy_error *e)
{
	const struct hy_channel_type *type = job->channel->type;
	struct hy_text_job text = {.notices = l->notice, .to = l->to,
				   .count = l->count, .form = type->form};
	enum hy_err err = HY_OK;

	out->count = 1;
	out->item[0] = (struct hy_str){0};
	if (!type->text_bytes)
		return HY_OK;
	add_names(job, l);
	err = hy_notice_text_write(&text, &l->title, &l->text);
	if (!err)
		err = hy_text_split(hy_buf_str(&l->text), type->text_bytes, &l->parts, out);
	if (err)
		return hy_fail(e, err, "message too long");
	return HY_OK;
}

enum hy_err hy_attempt_write(const struct hy_attempt_job *job, struct hy_attempt *out,
			     struct hy_error *e)
{
	hy_cleanup(loaded_fini) struct loaded l = {.count = 0};
	const struct hy_outbox_message *m = job->message;
	struct hy_channel_message message = {.id = m->id, .part = (size_t)m->accepted + 1,
					     .now = job->now, .notices = l.notice};
	struct hy_text_parts parts;
	enum hy_err err;

	loaded_init(&l);
	err = read_secrets(job, out, e);
	if (!err)
		err = load_notices(job, &l, e);
	if (!err)
		err = write_text(job, &l, &parts, e);
	if (err)
		return err;
	if (message.part > parts.count || (m->accepted && m->parts != (int64_t)parts.count))
		return hy_fail(e, HY_ERR_CONFLICT, "the message was cut otherwise before");
	message.notice_count = l.count;
	message.parts = parts.count;
	message.title = hy_buf_str(&l.title);
	message.text = parts.item[message.part - 1];
	message.key = hy_buf_str(&out->key);
	message.secret = hy_buf_str(&out->secret);
	out->part = message.part;
	out->parts = message.parts;
	if (job->channel->ca_file.n)
		path_of(job->rules_dir, job->channel->ca_file, &out->outgoing.ca_path);
	out->outgoing.timeout_ms = job->channel->timeout_ms;
	err = job->channel->type->encode(job->channel, &message, &out->outgoing);
	return err ? hy_fail(e, err, "notice cannot be written for the channel") : HY_OK;
}

/* ---- masking ---- */

static void mask_one(struct hy_str secret, struct hy_verdict *verdict)
{
	struct hy_str words = hy_str_of(verdict->words);
	size_t at;

	if (secret.n < MASKED_BYTES_MIN)
		return;
	for (at = hy_str_find(words, secret, 0); at < words.n; at = hy_str_find(words, secret, at))
		memset(verdict->words + at, '*', secret.n);
}

void hy_attempt_mask(const struct hy_attempt *attempt, struct hy_verdict *verdict)
{
	mask_one(hy_buf_str(&attempt->key), verdict);
	mask_one(hy_buf_str(&attempt->secret), verdict);
}
