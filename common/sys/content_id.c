#include "common/sys/content_id.h"

#include <sodium.h>

#define ID_BYTES (HY_ID_DIGITS / 2)

static void to_hex(const unsigned char *bytes, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * n] = '\0';
}

/* An empty view may carry NULL, which hash functions are not promised to take. */
static void hash_add(crypto_hash_sha256_state *state, const void *p, size_t n)
{
	if (n)
		(void)crypto_hash_sha256_update(state, p, n);
}

struct hy_id hy_id_of(const struct hy_str *parts, size_t count)
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;
	struct hy_id id;

	(void)crypto_hash_sha256_init(&state);
	for (size_t i = 0; i < count; i++) {
		unsigned char length[8];

		/* Big-endian, so that ids agree between machines. */
		for (int k = 0; k < 8; k++)
			length[k] = (unsigned char)((uint64_t)parts[i].n >> (56 - 8 * k));
		hash_add(&state, length, sizeof length);
		hash_add(&state, parts[i].p, parts[i].n);
	}
	(void)crypto_hash_sha256_final(&state, digest);
	to_hex(digest, ID_BYTES, id.hex);
	return id;
}

struct hy_str hy_id_str(const struct hy_id *id)
{
	return (struct hy_str){id->hex, HY_ID_DIGITS};
}

bool hy_id_valid(struct hy_str s)
{
	if (s.n != HY_ID_DIGITS)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return true;
}

void hy_sha256_hex(struct hy_str data, char out[HY_SHA256_DIGITS + 1])
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;

	(void)crypto_hash_sha256_init(&state);
	hash_add(&state, data.p, data.n);
	(void)crypto_hash_sha256_final(&state, digest);
	to_hex(digest, sizeof digest, out);
}
