#include "alerter/outgoing.h"

#include "common/base/mem.h"

void hy_outgoing_init(struct hy_outgoing *outgoing)
{
	*outgoing = (struct hy_outgoing){.is_mail = false};
	hy_buf_init(&outgoing->url, HY_OUTGOING_URL_BYTES);
	hy_buf_init(&outgoing->headers, HY_OUTGOING_HEADER_BYTES);
	hy_buf_init(&outgoing->body, HY_OUTGOING_BODY_BYTES);
	hy_buf_init(&outgoing->password, HY_OUTGOING_SECRET_BYTES);
	hy_buf_init(&outgoing->ca_path, HY_OUTGOING_URL_BYTES);
}

void hy_outgoing_fini(struct hy_outgoing *outgoing)
{
	hy_buf_fini(&outgoing->url);
	hy_buf_fini(&outgoing->headers);
	hy_buf_fini(&outgoing->body);
	hy_buf_fini(&outgoing->password);
	hy_buf_fini(&outgoing->ca_path);
}

enum hy_err hy_outgoing_err(const struct hy_outgoing *outgoing)
{
	const struct hy_buf *const parts[] = {&outgoing->url, &outgoing->headers, &outgoing->body,
					      &outgoing->password, &outgoing->ca_path};

	for (size_t i = 0; i < HY_COUNT(parts); i++) {
		if (hy_buf_err(parts[i]))
			return hy_buf_err(parts[i]);
	}
	return HY_OK;
}
