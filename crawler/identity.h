/* What an address is known by: the document's id, and the host whose pace counts. */
#ifndef HY_CRAWLER_IDENTITY_H
#define HY_CRAWLER_IDENTITY_H

#include <stdbool.h>

#include "common/base/str.h"
#include "common/sys/content_id.h"

/* Content id of the canonical form; false (out untouched) where the URL is not usable. */
bool hy_document_id(struct hy_str url, struct hy_id *out);

/* "host", or "host:port" where the port is not 80 or 443, of a normalised URL; malloc'ed,
 * NULL where it is none. http and https of a host share its pace. */
char *hy_host_of(struct hy_str normalised_url);

#endif
