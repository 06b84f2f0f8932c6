#include "tests/lib/pg_proxy.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOCKET_NAME ".s.PGSQL.5432"
#define CHUNK_BYTES 65536

static struct sockaddr_un address_in(const char *folder)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s/" SOCKET_NAME, folder);
	return address;
}

static bool pass(int to, const char *p, size_t n)
{
	while (n) {
		ssize_t sent = send(to, p, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

struct line {
	int client, server;
	enum pg_proxy_fault fault;
	const char *needle;
	bool armed;
};

/* What the client sent; false where the line shall end. */
static bool from_client(struct line *l)
{
	char chunk[CHUNK_BYTES];
	ssize_t n = recv(l->client, chunk, sizeof chunk, 0);
	struct pollfd answer = {.fd = l->server, .events = POLLIN};

	if (n <= 0)
		return false;
	if (!l->armed || !memmem(chunk, (size_t)n, l->needle, strlen(l->needle)))
		return pass(l->server, chunk, (size_t)n);
	l->armed = false;
	if (l->fault == PG_PROXY_CUT_BEFORE)
		return false;
	if (l->fault == PG_PROXY_SILENCE) {
		(void)recv(l->client, chunk, 1, MSG_PEEK);	/* until the client goes away */
		return false;
	}
	(void)pass(l->server, chunk, (size_t)n);
	(void)poll(&answer, 1, -1);
	return false;
}

static bool from_server(struct line *l)
{
	char chunk[CHUNK_BYTES];
	ssize_t n = recv(l->server, chunk, sizeof chunk, 0);

	return n > 0 && pass(l->client, chunk, (size_t)n);
}

static void serve(struct line *l)
{
	for (;;) {
		struct pollfd fds[] = {{.fd = l->client, .events = POLLIN},
				       {.fd = l->server, .events = POLLIN}};

		if (poll(fds, 2, -1) < 0)
			return;
		if (fds[0].revents && !from_client(l))
			return;
		if (fds[1].revents && !from_server(l))
			return;
	}
}

static void run(int listener, const char *server_folder, struct line line)
{
	struct sockaddr_un server = address_in(server_folder);

	for (;;) {
		line.client = accept(listener, NULL, NULL);
		line.server = socket(AF_UNIX, SOCK_STREAM, 0);
		if (line.client < 0 || line.server < 0 ||
		    connect(line.server, (struct sockaddr *)&server, sizeof server) < 0)
			_exit(1);
		serve(&line);
		(void)close(line.client);
		(void)close(line.server);
	}
}

int pg_proxy_start(struct pg_proxy *proxy, const char *server_folder, enum pg_proxy_fault fault,
		   const char *needle)
{
	struct sockaddr_un address;
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(proxy->folder, sizeof proxy->folder, "/tmp/huiying-proxy-XXXXXX");
	if (listener < 0 || !mkdtemp(proxy->folder))
		return 0;
	address = address_in(proxy->folder);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
	    listen(listener, 8) < 0)
		return 0;
	proxy->pid = fork();
	if (proxy->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		run(listener, server_folder,
		    (struct line){.fault = fault, .needle = needle, .armed = true});
	}
	(void)close(listener);
	return proxy->pid > 0;
}

void pg_proxy_stop(struct pg_proxy *proxy)
{
	struct sockaddr_un address = address_in(proxy->folder);

	(void)kill(proxy->pid, SIGKILL);
	(void)waitpid(proxy->pid, NULL, 0);
	(void)unlink(address.sun_path);
	(void)rmdir(proxy->folder);
}
