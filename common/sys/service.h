/*
 * Service start-up: one function for all daemons.
 *
 * It owns the command line (--config FILE, --name NAME, --check, --dump-config, --log-level L,
 * --with-parent PID, --version, --help), signals (TERM and INT drain, HUP reloads), the log, the
 * loop, the bus, the control endpoint (STATUS), readiness by sd_notify ($NOTIFY_SOCKET) and the
 * order of shutting down. Foreground only: a supervisor owns the process.
 *
 * Exit codes: 0 drained, 1 findings (--check), 2 usage, 3 could not start or went on no more.
 */
#ifndef HY_SYS_SERVICE_H
#define HY_SYS_SERVICE_H

#include "common/base/err.h"
#include "common/base/log.h"
#include "common/sys/bus.h"
#include "common/sys/config.h"
#include "common/sys/loop.h"

/* The section `common` of the configuration file. */
struct hy_common_conf {
	char *rules;		/* folder of the rules */
	char *run;		/* folder of the ipc sockets, made with mode 0700 if missing */
	char *analyzer_endpoint;	/* where analyzers listen; ipc in `run` by default */
	char *alerter_endpoint;
	char *event_endpoint;		/* PUB */
	char *key_file, *server_key_file, *client_keys_file;	/* CURVE; "" without */
	int64_t drain_ms;
};
extern const struct hy_config_section hy_common_section;
/* Names of all sections a configuration file may have. NULL-terminated. */
extern const char *const hy_config_sections[];

/* The bus options of the configuration's keys over hy_bus_defaults; borrowed strings. */
struct hy_bus_options hy_common_bus_options(const struct hy_common_conf *common);
/* Endpoint where the daemon of that name answers STATUS. */
void hy_control_endpoint(const struct hy_common_conf *common, const char *daemon,
			 struct hy_buf *out);

/* What a daemon's start gets; all borrowed for the process's life. */
struct hy_service {
	const char *name;			/* this process: "crawler", "crawler2" */
	struct hy_loop *loop;
	struct hy_bus *bus;
	const struct hy_log *log;
	const struct hy_common_conf *common;	/* replaced whole by a reload */
	const void *conf;			/* the daemon's own section, likewise */
};

struct hy_status_sink;
/* Called by a daemon's status function; names (below HY_MSG_NAME_BYTES) and texts are copied. */
void hy_status_figure(struct hy_status_sink *sink, const char *name, int64_t value);
void hy_status_state(struct hy_status_sink *sink, const char *text);	/* default "ready" */

struct hy_service_spec {
	const char *name;			/* "crawler" */
	const char *summary;			/* one line for --help */
	const struct hy_config_section *section;
	/* More checks than the table's, for --check and before start; may be NULL. */
	enum hy_err (*check)(const struct hy_common_conf *common, const void *conf,
			     struct hy_buf *findings);
	enum hy_err (*start)(struct hy_service *service, void **out_daemon, struct hy_error *e);
	/* New values are in service->conf; on failure the old ones are put back. May be NULL. */
	enum hy_err (*reload)(void *daemon, struct hy_error *e);
	/* Stop taking new work; call hy_service_drained when the rest is done. May be NULL. */
	void (*drain)(void *daemon);
	void (*stop)(void *daemon);		/* frees the daemon */
	void (*status)(void *daemon, struct hy_status_sink *sink);	/* may be NULL */
};

int hy_service_main(int argc, char **argv, const struct hy_service_spec *spec);

/* The daemon has nothing left to do after drain: leave now rather than at drain_ms. */
void hy_service_drained(struct hy_service *service);
/* Ends the process with exit code 3 after stop(); the supervisor starts it again. */
void hy_service_fail(struct hy_service *service, const struct hy_error *why);

#endif
