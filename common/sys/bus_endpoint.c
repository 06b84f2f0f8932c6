#include "common/sys/bus_endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/sys/bus_curve.h"

#define ENDPOINTS_MAX 64
#define HEARTBEAT_MS 5000
#define HEARTBEAT_TIMEOUT_MS 15000

static bool is_ipc(struct hy_str endpoint)
{
	return hy_str_starts(endpoint, HY_STR_LIT("ipc://"));
}

/* "tcp://HOST:PORT"; ZeroMQ would take a port modulo 65536. */
static bool split_tcp(struct hy_str endpoint, struct hy_str *out_host)
{
	struct hy_str host, port;
	int64_t number;

	if (!hy_str_starts(endpoint, HY_STR_LIT("tcp://")))
		return false;
	host = hy_str_sub(endpoint, strlen("tcp://"), SIZE_MAX);
	port = host;
	while (host.n && host.p[host.n - 1] != ':')
		host.n--;
	port = hy_str_sub(port, host.n, SIZE_MAX);
	if (host.n < 2 || (!hy_str_to_int(port, 1, UINT16_MAX, &number) && !hy_str_eq_c(port, "*")))
		return false;
	*out_host = hy_str_sub(host, 0, host.n - 1);
	return true;
}

/* Only literal addresses: a name may lead anywhere tomorrow. */
static bool is_loopback(struct hy_str host)
{
	char text[INET6_ADDRSTRLEN] = "";
	struct in_addr address;

	if (host.n >= sizeof text)
		return false;
	memcpy(text, host.p, host.n);
	if (strcmp(text, "localhost") == 0 || strcmp(text, "[::1]") == 0)
		return true;
	return inet_pton(AF_INET, text, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

/* An abstract socket ("@") has no file and so no mode that could guard it. */
static bool is_ipc_path(struct hy_str endpoint)
{
	return is_ipc(endpoint) && !hy_str_starts(endpoint, HY_STR_LIT("ipc://@")) &&
	       !hy_str_starts(endpoint, HY_STR_LIT("ipc://*"));
}

static enum hy_err check_endpoint(struct hy_str endpoint, const struct hy_bus_options *options,
				  struct hy_error *e)
{
	struct hy_str shown = hy_str_sub(endpoint, 0, 100), host = {0};

	if (endpoint.n >= HY_BUS_ENDPOINT_BYTES ||
	    (!is_ipc_path(endpoint) && !split_tcp(endpoint, &host)))
		return hy_fail(e, HY_ERR_MALFORMED, "%.*s: not ipc://PATH or tcp://HOST:PORT",
			       HY_STR_ARGS(shown));
	if (!is_ipc(endpoint) && !is_loopback(host) && !hy_bus_has_keys(options))
		return hy_fail(e, HY_ERR_DENIED, "%.*s: another host needs keys (key_file)",
			       HY_STR_ARGS(shown));
	return HY_OK;
}

/* A dead host is noticed in seconds, not by TCP's own hours. */
static enum hy_err set_heartbeat(void *socket, struct hy_error *e)
{
	enum hy_err err = hy_bus_set_int(socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS, e);

	if (err == HY_OK)
		err = hy_bus_set_int(socket, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS, e);
	if (err == HY_OK)
		err = hy_bus_set_int(socket, ZMQ_HEARTBEAT_TTL, HEARTBEAT_TIMEOUT_MS, e);
	return err;
}

/* ---- connect ---- */

static enum hy_err connect_one(void *socket, struct hy_str endpoint, struct hy_error *e)
{
	char text[HY_BUS_ENDPOINT_BYTES] = "";

	memcpy(text, endpoint.p, endpoint.n);
	return zmq_connect(socket, text) == 0 ? HY_OK : hy_bus_fail(e, "connect to", text);
}

static enum hy_err connect_kind(void *socket, const char *endpoints, bool ipc, struct hy_error *e)
{
	struct hy_str rest = hy_str_of(endpoints), piece;
	enum hy_err err = HY_OK;

	while (err == HY_OK && hy_str_next(&rest, ',', &piece)) {
		piece = hy_str_trim(piece);
		if (is_ipc(piece) == ipc)
			err = connect_one(socket, piece, e);
	}
	return err;
}

enum hy_err hy_bus_connect(void *socket, const char *endpoints,
			   const struct hy_bus_options *options, struct hy_error *e)
{
	struct hy_str rest = hy_str_of(endpoints), piece;
	size_t count = 0, remote = 0;
	enum hy_err err = HY_OK;

	while (err == HY_OK && hy_str_next(&rest, ',', &piece)) {
		piece = hy_str_trim(piece);
		err = check_endpoint(piece, options, e);
		remote += !is_ipc(piece);
		if (++count > ENDPOINTS_MAX)
			err = hy_fail(e, HY_ERR_LIMIT, "more than %d endpoints", ENDPOINTS_MAX);
	}
	if (count == 0)
		return hy_fail(e, HY_ERR_MALFORMED, "no endpoint");
	/* A connection has the options of the moment it is made: first the plain ones. */
	if (err == HY_OK)
		err = connect_kind(socket, endpoints, true, e);
	if (err == HY_OK && remote)
		err = set_heartbeat(socket, e);
	if (err == HY_OK && remote && hy_bus_has_keys(options))
		err = hy_bus_curve_client(socket, options, e);
	if (err == HY_OK && remote)
		err = connect_kind(socket, endpoints, false, e);
	return err;
}

/* ---- bind ---- */

static bool somebody_listens(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool connected;

	if (fd < 0)
		return true;
	/* EAGAIN: its queue is full, so it lives. */
	connected = connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 ||
		    errno == EAGAIN;
	(void)close(fd);
	return connected;
}

/* ZeroMQ removes whatever is at the path, even a living server's socket: look before. */
static enum hy_err clear_ipc_path(const char *path, struct hy_error *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat st;

	if (strlen(path) == 0 || strlen(path) >= sizeof address.sun_path)
		return hy_fail(e, HY_ERR_MALFORMED, "ipc path of %zu bytes, at most %zu",
			       strlen(path), sizeof address.sun_path - 1);
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (lstat(path, &st) != 0)
		return errno == ENOENT ? HY_OK
				       : hy_fail(e, HY_ERR_IO, "%s: %s", path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return hy_fail(e, HY_ERR_CONFLICT, "%s: there, and not a socket", path);
	if (somebody_listens(&address))
		return hy_fail(e, HY_ERR_CONFLICT, "%s: somebody else listens there", path);
	if (unlink(path) != 0 && errno != ENOENT)
		return hy_fail(e, HY_ERR_IO, "%s: %s", path, strerror(errno));
	return HY_OK;
}

static enum hy_err bind_ipc(void *socket, const char *endpoint, struct hy_error *e)
{
	const char *path = endpoint + strlen("ipc://");
	enum hy_err err = clear_ipc_path(path, e);
	mode_t before;
	int rc;

	if (err)
		return err;
	/* Never open to others, not even for the moment before chmod. */
	before = umask(0177);
	rc = zmq_bind(socket, endpoint);
	(void)umask(before);
	if (rc != 0)
		return hy_bus_fail(e, "listen at", endpoint);
	if (chmod(path, 0600) != 0)
		return hy_fail(e, HY_ERR_IO, "%s: %s", path, strerror(errno));
	return HY_OK;
}

enum hy_err hy_bus_bind(struct hy_bus *bus, void *socket, const char *endpoint,
			const struct hy_bus_options *options, struct hy_error *e)
{
	enum hy_err err = check_endpoint(hy_str_of(endpoint), options, e);

	if (err)
		return err;
	if (is_ipc(hy_str_of(endpoint)))
		return bind_ipc(socket, endpoint, e);
	err = set_heartbeat(socket, e);
	if (err == HY_OK && hy_bus_has_keys(options))
		err = hy_bus_curve_server(bus, socket, options, e);
	if (err == HY_OK && zmq_bind(socket, endpoint) != 0)
		err = hy_bus_fail(e, "listen at", endpoint);
	return err;
}

void hy_bus_unbind(struct hy_bus *bus, void *socket)
{
	hy_bus_socket_free(socket);
	hy_bus_curve_forget(bus, socket);
}
