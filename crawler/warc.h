/*
 * WARC 1.1 (ISO 28500:2017) records, each a gzip member of its own, as that standard's annex D
 * wants it: a file is members one behind the other, and can be cut between them.
 *
 * The block of a response is what the server sent, but for what libcurl has undone already:
 * the body is unpacked, so Content-Encoding, Transfer-Encoding and Content-Length are kept as
 * X-Archive-Orig-*, and cookies are left out. The payload digest is the SHA-256 of the body,
 * which the store has as raw_sha256.
 */
#ifndef HY_CRAWLER_WARC_H
#define HY_CRAWLER_WARC_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"

struct hy_warc_response {
	struct hy_str url;
	struct hy_str head;	/* status line and headers as they came */
	struct hy_str body;
	struct hy_wall fetched_at;
};

/* Both append one gzip member. LIMIT where out is full: out failed then. */
enum hy_err hy_warc_add_response(const struct hy_warc_response *response, struct hy_buf *out)
	HY_MUST_CHECK;
/* The record that a file begins with. */
enum hy_err hy_warc_add_info(struct hy_str file, struct hy_wall at, struct hy_buf *out)
	HY_MUST_CHECK;

#endif
