#include "common/sys/content_id.h"

#include <openssl/evp.h>

#include "common/base/err.h"

#define ID_BYTES (HY_ID_DIGITS / 2)
#define SHA256_BYTES (HY_SHA256_DIGITS / 2)

static void to_hex(const unsigned char *bytes, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * n] = '\0';
}

/* libcrypto uses the processor's instructions for it, which every page's bytes are worth. */
static EVP_MD_CTX *hash_begin(void)
{
	EVP_MD_CTX *hash = EVP_MD_CTX_new();

	hy_assert(hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1);
	return hash;
}

/* An empty view may carry NULL, which hash functions are not promised to take. */
static void hash_add(EVP_MD_CTX *hash, const void *p, size_t n)
{
	if (n)
		hy_assert(EVP_DigestUpdate(hash, p, n) == 1);
}

static void hash_end(EVP_MD_CTX *hash, unsigned char digest[SHA256_BYTES])
{
	hy_assert(EVP_DigestFinal_ex(hash, digest, NULL) == 1);
	EVP_MD_CTX_free(hash);
}

struct hy_id hy_id_of(const struct hy_str *parts, size_t count)
{
	unsigned char digest[SHA256_BYTES];
	EVP_MD_CTX *hash = hash_begin();
	struct hy_id id;

	for (size_t i = 0; i < count; i++) {
		unsigned char length[8];

		/* Big-endian, so that ids agree between machines. */
		for (int k = 0; k < 8; k++)
			length[k] = (unsigned char)((uint64_t)parts[i].n >> (56 - 8 * k));
		hash_add(hash, length, sizeof length);
		hash_add(hash, parts[i].p, parts[i].n);
	}
	hash_end(hash, digest);
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
	unsigned char digest[SHA256_BYTES];
	EVP_MD_CTX *hash = hash_begin();

	hash_add(hash, data.p, data.n);
	hash_end(hash, digest);
	to_hex(digest, sizeof digest, out);
}
