/*
 * Readiness for a service manager: one datagram to the socket named by $NOTIFY_SOCKET, as
 * sd_notify(3) describes the protocol. Without that variable nothing happens.
 */
#ifndef HY_SYS_NOTIFY_H
#define HY_SYS_NOTIFY_H

/* state: "READY=1", "STOPPING=1", "RELOADING=1", "STATUS=..."; failure is not an error. */
void hy_notify(const char *state);

#endif
