#include "alerter/sign_token.h"

#include <inttypes.h>
#include <sodium.h>

#include "common/base/mem.h"

#define MAC_BYTES 16
#define MAC_DIGITS (2 * MAC_BYTES)
#define DOMAIN "huiying-sign-1\n"	/* the same key may sign other things one day */

static void mac_of(struct hy_str key, struct hy_str text, char out[MAC_DIGITS + 1])
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;

	(void)crypto_auth_hmacsha256_init(&state, (const unsigned char *)key.p, key.n);
	(void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)DOMAIN,
					    sizeof DOMAIN - 1);
	(void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)text.p, text.n);
	(void)crypto_auth_hmacsha256_final(&state, mac);
	(void)sodium_bin2hex(out, MAC_DIGITS + 1, mac, MAC_BYTES);
}

void hy_sign_token_write(struct hy_str key, const struct hy_sign_claim *claim,
			 struct hy_buf *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_SIGN_TOKEN_BYTES - MAC_DIGITS - 2);
	char mac[MAC_DIGITS + 1];

	hy_buf_addf(&text, "%.*s:%.*s:%" PRId64, HY_STR_ARGS(claim->case_id),
		    HY_STR_ARGS(claim->unit), claim->expires.ms / 1000);
	if (hy_buf_err(&text))
		return;
	mac_of(key, hy_buf_str(&text), mac);
	hy_buf_addf(out, "%.*s:%s", HY_STR_ARGS(hy_buf_str(&text)), mac);
}

bool hy_sign_token_read(struct hy_str key, struct hy_str token, struct hy_sign_claim *out)
{
	struct hy_str signed_text, given, rest, seconds = {0};
	struct hy_sign_claim claim;
	char mac[MAC_DIGITS + 1];
	int64_t at;

	if (token.n > HY_SIGN_TOKEN_BYTES || token.n < MAC_DIGITS + 1 ||
	    token.p[token.n - MAC_DIGITS - 1] != ':')
		return false;
	signed_text = hy_str_sub(token, 0, token.n - MAC_DIGITS - 1);
	given = hy_str_sub(token, token.n - MAC_DIGITS, MAC_DIGITS);
	mac_of(key, signed_text, mac);
	if (sodium_memcmp(mac, given.p, MAC_DIGITS) != 0)
		return false;
	rest = signed_text;
	if (!hy_str_next(&rest, ':', &claim.case_id) || !hy_str_next(&rest, ':', &claim.unit) ||
	    !hy_str_next(&rest, ':', &seconds) || rest.n ||
	    !hy_str_to_int(seconds, 0, INT64_MAX / 1000, &at))
		return false;
	claim.expires.ms = at * 1000;
	*out = claim;
	return true;
}
