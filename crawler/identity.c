#include "crawler/identity.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "crawler/url.h"

bool hy_document_id(struct hy_str url, struct hy_id *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf canonical = HY_BUF(HY_URL_MAX_BYTES + 1);
	struct hy_str part;

	if (hy_url_canonical(url, &canonical) != HY_OK)
		return false;
	part = hy_buf_str(&canonical);
	*out = hy_id_of(&part, 1);
	return true;
}

char *hy_host_of(struct hy_str normalised_url)
{
	hy_cleanup(hy_buf_fini) struct hy_buf host = HY_BUF(HY_URL_MAX_BYTES);
	struct hy_url url;

	if (!hy_url_split(normalised_url, &url))
		return NULL;
	hy_buf_add_str(&host, url.host);
	if (url.port != 80 && url.port != 443)
		hy_buf_addf(&host, ":%d", url.port);
	return hy_buf_take(&host);
}
