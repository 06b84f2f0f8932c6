#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "common/base/mem.h"
#include "common/sys/service.h"

#define AT(member) offsetof(struct hy_common_conf, member)
#define ENDPOINT_BYTES 1024

const char *const hy_config_sections[] = {"common",  "crawler",    "analyzer", "alerter",
					  "console", "supervisor", NULL};

static const struct hy_config_row rows[] = {
	{"rules", HY_CONFIG_PATH, AT(rules), 1, 4000, "rules", NULL, "folder of the rules", NULL,
	 true},
	{"run", HY_CONFIG_PATH, AT(run), 1, 4000, "run", NULL,
	 "folder of the ipc sockets; made with mode 0700 if missing", NULL, true},
	{"analyzer_endpoint", HY_CONFIG_TEXT, AT(analyzer_endpoint), 0, 1000, "", NULL,
	 "where analyzers listen, several separated by commas; empty: ipc in `run`", NULL, true},
	{"alerter_endpoint", HY_CONFIG_TEXT, AT(alerter_endpoint), 0, 1000, "", NULL,
	 "where the alerter listens; empty: ipc in `run`", NULL, true},
	{"event_endpoint", HY_CONFIG_TEXT, AT(event_endpoint), 0, 1000, "", NULL,
	 "where the alerter publishes notices; empty: ipc in `run`", NULL, true},
	{"key_file", HY_CONFIG_PATH, AT(key_file), 0, 4000, "", NULL,
	 "own CURVE keys; empty: no encryption", NULL, true},
	{"server_key_file", HY_CONFIG_PATH, AT(server_key_file), 0, 4000, "", NULL,
	 "public CURVE key of the servers this process connects to", NULL, true},
	{"client_keys_file", HY_CONFIG_PATH, AT(client_keys_file), 0, 4000, "", NULL,
	 "public CURVE keys that may connect, one a line", NULL, true},
	{"drain", HY_CONFIG_DURATION, AT(drain_ms), 0, 600000, "10s", NULL,
	 "time to finish what is under way when told to end", NULL, false},
};

static enum hy_err add_endpoint(const char *run, const char *name, struct hy_buf *out,
				struct hy_error *e)
{
	hy_buf_addf(out, "ipc://%s/%s.ipc", run, name);
	/* A longer path is cut silently by the kernel's address structure. */
	if (hy_buf_err(out) != HY_OK ||
	    out->n - strlen("ipc://") >= sizeof ((struct sockaddr_un *)0)->sun_path)
		return hy_fail(e, HY_ERR_LIMIT,
			       "“run” 的路径太长：套接字 %s/%s.ipc 不得超过 %zu 字节", run, name,
			       sizeof ((struct sockaddr_un *)0)->sun_path - 1);
	return HY_OK;
}

/* Endpoints left empty are ipc sockets in the run folder. */
static enum hy_err finish(void *values, struct hy_error *e)
{
	struct hy_common_conf *conf = values;
	struct {
		const char *name;
		char **endpoint;
	} presets[] = {{"analyzer", &conf->analyzer_endpoint},
		       {"alerter", &conf->alerter_endpoint},
		       {"events", &conf->event_endpoint}};

	for (size_t i = 0; i < HY_COUNT(presets); i++) {
		hy_cleanup(hy_buf_fini) struct hy_buf endpoint = HY_BUF(ENDPOINT_BYTES);
		enum hy_err err;

		if ((*presets[i].endpoint)[0] != '\0')
			continue;
		err = add_endpoint(conf->run, presets[i].name, &endpoint, e);
		if (err != HY_OK)
			return err;
		free(*presets[i].endpoint);
		*presets[i].endpoint = hy_buf_take(&endpoint);
	}
	return HY_OK;
}

const struct hy_config_section hy_common_section = {
	"common", rows, HY_COUNT(rows), sizeof(struct hy_common_conf), finish};

static const char *path_or_null(const char *path)
{
	return path[0] != '\0' ? path : NULL;
}

struct hy_bus_options hy_common_bus_options(const struct hy_common_conf *common)
{
	struct hy_bus_options options = hy_bus_defaults;

	options.key_file = path_or_null(common->key_file);
	options.server_key_file = path_or_null(common->server_key_file);
	options.client_keys_file = path_or_null(common->client_keys_file);
	return options;
}

void hy_control_endpoint(const struct hy_common_conf *common, const char *daemon,
			 struct hy_buf *out)
{
	hy_buf_addf(out, "ipc://%s/%s.control.ipc", common->run, daemon);
}
