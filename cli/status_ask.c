#include "cli/status_ask.h"

#include "common/base/mem.h"
#include "common/sys/bus.h"

#define ASK_TIMEOUT_MS 1000
#define ENDPOINT_BYTES 4096

enum hy_err hy_cli_ask_status(const struct hy_common_conf *common, const char *daemon,
			      struct hy_msg **out, struct hy_error *e)
{
	struct hy_bus_options options = hy_bus_defaults;
	struct hy_msg request = {.type = HY_MSG_STATUS_REQUEST, .id = HY_STR_LIT("status")};
	hy_cleanup(hy_buf_fini) struct hy_buf endpoint = HY_BUF(ENDPOINT_BYTES);
	struct hy_msg *answer = NULL;
	enum hy_err err;

	hy_control_endpoint(common, daemon, &endpoint);
	if (hy_buf_err(&endpoint))
		return hy_fail(e, HY_ERR_LIMIT, "the address of %s is too long", daemon);
	options.answer_ms = ASK_TIMEOUT_MS;
	err = hy_bus_ask(hy_buf_str(&endpoint).p, &options, &request, &answer, e);
	if (err)
		return err;
	if (answer->type != HY_MSG_STATUS) {
		hy_msg_free(answer);
		return hy_fail(e, HY_ERR_MALFORMED, "unexpected answer of %s", daemon);
	}
	*out = answer;
	return HY_OK;
}
