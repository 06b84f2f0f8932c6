/* Asking a daemon of this machine for its STATUS, by its control socket. */
#ifndef HY_CLI_STATUS_ASK_H
#define HY_CLI_STATUS_ASK_H

#include "common/base/err.h"
#include "common/sys/msg.h"
#include "common/sys/service.h"

/* `daemon` is a process's name ("crawler2"). Waits a second at most. Free *out with hy_msg_free. */
enum hy_err hy_cli_ask_status(const struct hy_common_conf *common, const char *daemon,
			      struct hy_msg **out, struct hy_error *e) HY_MUST_CHECK;

#endif
