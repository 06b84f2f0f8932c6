#include "common/sys/bus_curve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/sys/bus_zap.h"

#define Z85_DIGITS 40
#define KEY_FILE_BYTES (64u << 10)	/* some 1500 keys */

struct key {
	char z85[Z85_DIGITS + 1];
	unsigned char bytes[HY_BUS_KEY_BYTES];
};

struct pair {
	struct key public_key, secret_key;
};

static void pair_wipe(struct pair *pair)
{
	explicit_bzero(pair, sizeof *pair);
}

static void wipe_and_free(struct hy_buf *b)
{
	if (b->p)
		explicit_bzero(b->p, b->cap);
	hy_buf_fini(b);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

bool hy_bus_has_keys(const struct hy_bus_options *options)
{
	return options->key_file && options->key_file[0];
}

/* ---- files ---- */

static enum hy_err check_private(const char *path, const struct stat *st, struct hy_error *e)
{
	if (st->st_mode & 077)
		return hy_fail(e, HY_ERR_DENIED, "%s: others may read it; chmod 600", path);
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return hy_fail(e, HY_ERR_DENIED, "%s: belongs to another user", path);
	return HY_OK;
}

static enum hy_err read_file(const char *path, bool private, struct hy_buf *out,
			     struct hy_error *e)
{
	hy_cleanup(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	enum hy_err err = HY_OK;
	ssize_t n = 1;

	if (fd < 0 || fstat(fd, &st) != 0)
		return hy_fail(e, HY_ERR_IO, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return hy_fail(e, HY_ERR_MALFORMED, "%s: not a file", path);
	if (private)
		err = check_private(path, &st, e);
	/* One reserve for all: growing would leave copies of the secret behind. */
	while (err == HY_OK && n > 0) {
		char *room = hy_buf_reserve(out, KEY_FILE_BYTES - out->n);

		n = read(fd, room, KEY_FILE_BYTES - out->n);
		if (n < 0 && errno != EINTR)
			err = hy_fail(e, HY_ERR_IO, "%s: %s", path, strerror(errno));
		if (n > 0)
			hy_buf_commit(out, (size_t)n);
		else if (n < 0)
			n = 1;
		if (out->n == KEY_FILE_BYTES)
			err = hy_fail(e, HY_ERR_LIMIT, "%s: too big for keys", path);
	}
	return err;
}

/* Takes the next line that is neither empty nor a comment. */
static bool next_line(struct hy_str *rest, struct hy_str *out)
{
	while (hy_str_next(rest, '\n', out)) {
		*out = hy_str_trim(*out);
		/* "#" alone may start a key: it is a Z85 digit. */
		if (out->n && !hy_str_starts(*out, HY_STR_LIT("# ")) && !hy_str_eq_c(*out, "#"))
			return true;
	}
	return false;
}

static bool key_parse(struct hy_str text, struct key *out)
{
	struct key key = {0};

	if (text.n != Z85_DIGITS || memchr(text.p, '\0', text.n))
		return false;
	memcpy(key.z85, text.p, text.n);
	if (!zmq_z85_decode(key.bytes, key.z85))
		return false;
	*out = key;
	return true;
}

/* A line "word KEY". */
static bool key_of_word(struct hy_str line, struct hy_str word, struct key *out)
{
	return hy_str_starts(line, word) &&
	       key_parse(hy_str_trim(hy_str_sub(line, word.n, SIZE_MAX)), out);
}

static enum hy_err read_pair(const char *path, struct pair *out, struct hy_error *e)
{
	hy_cleanup(wipe_and_free) struct hy_buf text = {0};
	hy_cleanup(pair_wipe) struct pair pair = {0};
	struct hy_str rest, line;
	int seen = 0;
	enum hy_err err;

	hy_buf_init(&text, KEY_FILE_BYTES);
	err = read_file(path, true, &text, e);
	if (err)
		return err;
	rest = hy_buf_str(&text);
	while (next_line(&rest, &line)) {
		if (key_of_word(line, HY_STR_LIT("public "), &pair.public_key))
			seen |= 1;
		else if (key_of_word(line, HY_STR_LIT("secret "), &pair.secret_key))
			seen |= 2;
		else
			return hy_fail(e, HY_ERR_MALFORMED,
				       "%s: a line that is not \"public KEY\" or \"secret KEY\"",
				       path);
	}
	if (seen != 3)
		return hy_fail(e, HY_ERR_MALFORMED, "%s: public or secret key missing", path);
	*out = pair;
	return HY_OK;
}

/* All public keys of a file, at least one; *out_keys is malloc'ed. */
static enum hy_err read_public_keys(const char *path, struct key **out_keys, size_t *out_count,
				    struct hy_error *e)
{
	hy_cleanup(wipe_and_free) struct hy_buf text = {0};
	hy_cleanup(hy_free_p) struct key *keys = NULL;
	size_t count = 0, cap = 0;
	struct hy_str rest, line;
	enum hy_err err;

	hy_buf_init(&text, KEY_FILE_BYTES);
	err = read_file(path, false, &text, e);
	if (err)
		return err;
	rest = hy_buf_str(&text);
	while (next_line(&rest, &line)) {
		keys = hy_grow(keys, &cap, count + 1, sizeof *keys);
		if (!key_parse(line, &keys[count]) &&
		    !key_of_word(line, HY_STR_LIT("public "), &keys[count]))
			return hy_fail(e, HY_ERR_MALFORMED, "%s: line of key %zu is no public key",
				       path, count + 1);
		count++;
	}
	if (count == 0)
		return hy_fail(e, HY_ERR_MALFORMED, "%s: no key", path);
	*out_keys = hy_take(&keys);
	*out_count = count;
	return HY_OK;
}

/* ---- sockets ---- */

static enum hy_err set_key(void *socket, int option, const struct key *key, struct hy_error *e)
{
	if (zmq_setsockopt(socket, option, key->bytes, sizeof key->bytes) != 0)
		return hy_bus_fail(e, "set", "a CURVE key");
	return HY_OK;
}

static enum hy_err set_pair(void *socket, const char *path, struct hy_error *e)
{
	hy_cleanup(pair_wipe) struct pair pair = {0};
	enum hy_err err = read_pair(path, &pair, e);

	if (err == HY_OK)
		err = set_key(socket, ZMQ_CURVE_PUBLICKEY, &pair.public_key, e);
	if (err == HY_OK)
		err = set_key(socket, ZMQ_CURVE_SECRETKEY, &pair.secret_key, e);
	return err;
}

enum hy_err hy_bus_curve_client(void *socket, const struct hy_bus_options *options,
				struct hy_error *e)
{
	hy_cleanup(hy_free_p) struct key *server = NULL;
	size_t count = 0;
	enum hy_err err;

	if (!options->server_key_file || !options->server_key_file[0])
		return hy_fail(e, HY_ERR_MALFORMED, "key_file without server_key_file");
	err = read_public_keys(options->server_key_file, &server, &count, e);
	if (err == HY_OK && count != 1)
		err = hy_fail(e, HY_ERR_MALFORMED, "%s: %zu keys, a server has one",
			      options->server_key_file, count);
	if (err == HY_OK)
		err = set_pair(socket, options->key_file, e);
	if (err == HY_OK)
		err = set_key(socket, ZMQ_CURVE_SERVERKEY, &server[0], e);
	return err;
}

enum hy_err hy_bus_curve_server(struct hy_bus *bus, void *socket,
				const struct hy_bus_options *options, struct hy_error *e)
{
	hy_cleanup(hy_free_p) struct key *clients = NULL;
	unsigned char *keys;
	size_t count = 0;
	enum hy_err err;

	if (!options->client_keys_file || !options->client_keys_file[0])
		return hy_fail(e, HY_ERR_MALFORMED, "key_file without client_keys_file");
	err = read_public_keys(options->client_keys_file, &clients, &count, e);
	if (err == HY_OK)
		err = set_pair(socket, options->key_file, e);
	if (err == HY_OK)
		err = hy_bus_set_int(socket, ZMQ_CURVE_SERVER, 1, e);
	if (err)
		return err;
	keys = hy_xcalloc(count, HY_BUS_KEY_BYTES);
	for (size_t i = 0; i < count; i++)
		memcpy(keys + i * HY_BUS_KEY_BYTES, clients[i].bytes, HY_BUS_KEY_BYTES);
	return hy_bus_zap_admit(bus, socket, keys, count, e);
}

void hy_bus_curve_forget(struct hy_bus *bus, void *socket)
{
	hy_bus_zap_forget(bus, socket);
}

/* ---- making keys ---- */

/* A new file, whole on the disk when this returns; an old one is never overwritten. */
static enum hy_err write_new(const char *path, mode_t mode, struct hy_str text, struct hy_error *e)
{
	hy_cleanup(close_fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	if (fd < 0)
		return hy_fail(e, errno == EEXIST ? HY_ERR_CONFLICT : HY_ERR_IO, "%s: %s", path,
			       strerror(errno));
	if (write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0)
		return HY_OK;
	(void)hy_fail(e, HY_ERR_IO, "%s: %s", path, strerror(errno));
	(void)unlink(path);
	return HY_ERR_IO;
}

enum hy_err hy_bus_make_keys(const char *path, struct hy_error *e)
{
	hy_cleanup(pair_wipe) struct pair pair = {0};
	hy_cleanup(wipe_and_free) struct hy_buf text = {0};
	hy_cleanup(hy_buf_fini) struct hy_buf public_path = HY_BUF(KEY_FILE_BYTES);
	enum hy_err err;

	hy_buf_init(&text, KEY_FILE_BYTES);
	if (zmq_curve_keypair(pair.public_key.z85, pair.secret_key.z85) != 0)
		return hy_bus_fail(e, "make", "a CURVE key pair");
	hy_buf_addf(&public_path, "%s.pub", path);
	hy_buf_addf(&text, "public %s\n", pair.public_key.z85);
	err = write_new(public_path.p, 0644, hy_buf_str(&text), e);
	if (err)
		return err;
	hy_buf_addf(&text, "secret %s\n", pair.secret_key.z85);
	err = write_new(path, 0600, hy_buf_str(&text), e);
	if (err)
		(void)unlink(public_path.p);
	return err;
}
