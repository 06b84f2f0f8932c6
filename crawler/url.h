/*
 * Addresses: http and https only, in the form of the WHATWG URL standard.
 *
 * "Normalised" below means what hy_url_resolve() writes: absolute, lower-case scheme and
 * host (IDNA as punycode), no default port, no user or password, no fragment, dot segments
 * removed, everything ASCII. Views that the getters return point into the given text.
 */
#ifndef HY_CRAWLER_URL_H
#define HY_CRAWLER_URL_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"

/* Longer ones, before or after normalising, are refused: what we keep in store and logs. */
#define HY_URL_MAX_BYTES 2048

struct hy_url {
	struct hy_str scheme;	/* "http" or "https" */
	struct hy_str host;	/* IPv6 with its brackets */
	int port;		/* the scheme's default where none is written */
	struct hy_str path;	/* begins with '/' */
	struct hy_str query;	/* without '?'; empty where absent or empty */
};

/*
 * Appends the normalised form of `ref` as written in a page at `base` (may be empty where
 * ref is absolute). MALFORMED, DENIED (another scheme), LIMIT (over-long); out is
 * untouched then.
 */
enum hy_err hy_url_resolve(struct hy_str base, struct hy_str ref, struct hy_buf *out)
	HY_MUST_CHECK;

/* The same without a base. */
enum hy_err hy_url_normalise(struct hy_str url, struct hy_buf *out) HY_MUST_CHECK;

/*
 * Appends the address under which a document is known: normalised, and query parameters
 * that only say where the reader came from (utm_*, spm, ...) left out. The order of the
 * others stays, since some sites depend on it. An article of a WeChat account is its __biz,
 * mid, idx and sn. Fails as hy_url_resolve().
 */
enum hy_err hy_url_canonical(struct hy_str url, struct hy_buf *out) HY_MUST_CHECK;

/* Takes a normalised URL apart; false leaves *out untouched. */
bool hy_url_split(struct hy_str normalised, struct hy_url *out);

/* Parts of a normalised URL; empty where it is none. */
struct hy_str hy_url_host(struct hy_str normalised);
struct hy_str hy_url_origin(struct hy_str normalised);	/* "https://host:8443" */
struct hy_str hy_url_path_and_query(struct hy_str normalised);	/* what robots.txt rules match */

/*
 * The registrable domain of a host by the public suffix list ("news.example.com.cn" gives
 * "example.com.cn"): the budget of a site is kept under it. An IP address or a host that is
 * itself a public suffix gives the host.
 */
struct hy_str hy_url_site(struct hy_str host);

#endif
