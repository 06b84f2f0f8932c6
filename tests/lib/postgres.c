#include "tests/lib/postgres.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_SECONDS 60
#define POLL_MS 20

struct test_postgres {
	char folder[64];
	char binaries[256];
	pid_t pid;
};

/* The newest server that is installed the way Debian does it. */
static bool find_binaries(char *out, size_t n)
{
	glob_t found;
	bool good = false;

	if (glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) == 0) {
		const char *last = found.gl_pathv[found.gl_pathc - 1];

		good = snprintf(out, n, "%.*s", (int)(strrchr(last, '/') - last), last) < (int)n;
		globfree(&found);
	}
	return good;
}

/* In the child: the server's user, its folder, and an end with the test that started it. */
static void become_server(const char *folder)
{
	const struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;
	int log;

	if (user && (initgroups(user->pw_name, user->pw_gid) || setgid(user->pw_gid) ||
		     setuid(user->pw_uid)))
		_exit(127);
	(void)prctl(PR_SET_PDEATHSIG, SIGQUIT);
	if (chdir(folder))
		_exit(127);
	log = open("server.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log >= 0) {
		(void)dup2(log, STDOUT_FILENO);
		(void)dup2(log, STDERR_FILENO);
	}
}

static pid_t start(const struct test_postgres *server, const char *program, char *const *arguments)
{
	char path[320];
	pid_t pid;

	(void)snprintf(path, sizeof path, "%s/%s", server->binaries, program);
	pid = fork();
	if (pid == 0) {
		become_server(server->folder);
		(void)execv(path, arguments);
		_exit(127);
	}
	return pid;
}

static bool make_cluster(const struct test_postgres *server)
{
	char *const arguments[] = {(char[]){"initdb"}, (char[]){"-D"}, (char[]){"data"},
		(char[]){"-U"}, (char[]){"postgres"}, (char[]){"--auth=trust"},
		(char[]){"--encoding=UTF8"}, (char[]){"--locale=C"}, (char[]){"--no-sync"}, NULL};
	pid_t pid = start(server, "initdb", arguments);
	int status = 0;

	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

static bool wait_ready(struct test_postgres *server)
{
	char info[128];

	(void)snprintf(info, sizeof info, "host=%s user=postgres dbname=postgres", server->folder);
	for (int i = 0; i < READY_SECONDS * 1000 / POLL_MS; i++) {
		int status;

		if (PQping(info) == PQPING_OK)
			return true;
		if (waitpid(server->pid, &status, WNOHANG) == server->pid) {
			server->pid = 0;
			return false;
		}
		(void)poll(NULL, 0, POLL_MS);
	}
	return false;
}

static bool run_server(struct test_postgres *server)
{
	char *const arguments[] = {(char[]){"postgres"}, (char[]){"-D"}, (char[]){"data"},
		(char[]){"-k"}, server->folder, (char[]){"-c"}, (char[]){"listen_addresses="},
		(char[]){"-c"}, (char[]){"fsync=off"}, (char[]){"-c"},
		(char[]){"max_connections=60"}, (char[]){"-c"}, (char[]){"shared_buffers=16MB"},
		NULL};

	server->pid = start(server, "postgres", arguments);
	return server->pid > 0 && wait_ready(server);
}

struct test_postgres *test_postgres_start(void)
{
	struct test_postgres *server = calloc(1, sizeof *server);
	const struct passwd *user = getpwnam("postgres");

	if (!server)
		return NULL;
	if (!find_binaries(server->binaries, sizeof server->binaries)) {
		(void)fprintf(stderr, "PostgreSQL server not installed\n");
		free(server);
		return NULL;
	}
	(void)snprintf(server->folder, sizeof server->folder, "/tmp/huiying-pg-XXXXXX");
	if (!mkdtemp(server->folder)) {
		free(server);
		return NULL;
	}
	if (geteuid() == 0 && user && chown(server->folder, user->pw_uid, user->pw_gid))
		(void)fprintf(stderr, "chown %s: %s\n", server->folder, strerror(errno));
	if (!make_cluster(server) || !run_server(server)) {
		(void)fprintf(stderr, "PostgreSQL server did not start in %s\n", server->folder);
		test_postgres_stop(server);
		return NULL;
	}
	return server;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void test_postgres_stop(struct test_postgres *server)
{
	if (!server)
		return;
	if (server->pid > 0) {
		(void)kill(server->pid, SIGQUIT);
		(void)waitpid(server->pid, NULL, 0);
	}
	(void)nftw(server->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(server);
}

const char *test_postgres_folder(const struct test_postgres *server)
{
	return server->folder;
}

bool test_postgres_sql(struct test_postgres *server, const char *sql)
{
	char info[128];
	PGconn *conn;
	PGresult *result;
	bool good;

	(void)snprintf(info, sizeof info, "host=%s user=postgres dbname=postgres", server->folder);
	conn = PQconnectdb(info);
	result = PQexec(conn, sql);
	good = PQresultStatus(result) == PGRES_COMMAND_OK ||
	       PQresultStatus(result) == PGRES_TUPLES_OK;
	if (!good)
		(void)fprintf(stderr, "%s: %s", sql, PQerrorMessage(conn));
	PQclear(result);
	PQfinish(conn);
	return good;
}

bool test_postgres_schema(struct test_postgres *server, const char *schema, char *out_url,
			  size_t url_bytes)
{
	char sql[128];
	int n;

	(void)snprintf(sql, sizeof sql, "CREATE SCHEMA \"%s\"", schema);
	n = snprintf(out_url, url_bytes,
		     "postgresql:///postgres?host=%s&user=postgres&options=-csearch_path%%3D%s",
		     server->folder, schema);
	return n > 0 && (size_t)n < url_bytes && test_postgres_sql(server, sql);
}
