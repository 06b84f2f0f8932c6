#include "crawler/url_host.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <unicode/uidna.h>

#include "common/base/mem.h"
#include "crawler/percent.h"

/* A host of 253 bytes in its longest spelling: every byte percent-encoded. */
#define RAW_MAX_BYTES (3 * HY_URL_HOST_MAX_BYTES)

/* One number of an IPv4 address: decimal, 0octal or 0xhex. */
static bool ipv4_number(struct hy_str s, uint64_t *out)
{
	unsigned base = 10;
	uint64_t value = 0;

	if (s.n == 0)
		return false;
	if (s.n >= 2 && s.p[0] == '0' && (s.p[1] == 'x' || s.p[1] == 'X')) {
		base = 16;
		s = hy_str_sub(s, 2, s.n);
	} else if (s.n >= 2 && s.p[0] == '0') {
		base = 8;
		s = hy_str_sub(s, 1, s.n);
	}
	for (size_t i = 0; i < s.n; i++) {
		int digit = hy_hex_value(s.p[i]);

		if (digit < 0 || (unsigned)digit >= base)
			return false;
		if (value <= UINT32_MAX)
			value = value * base + (unsigned)digit;
	}
	*out = value;
	return true;
}

static bool all_digits(struct hy_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

/* WHATWG "ends in a number": such a host is an IPv4 address or nothing. */
static bool ends_in_number(struct hy_str host)
{
	size_t from;
	uint64_t value;

	if (host.n && host.p[host.n - 1] == '.')
		host.n--;
	for (from = host.n; from > 0 && host.p[from - 1] != '.'; from--)
		;
	host = hy_str_sub(host, from, host.n);
	return all_digits(host) || (hy_str_starts_nocase(host, HY_STR_LIT("0x")) &&
				    ipv4_number(host, &value));
}

static bool add_ipv4(struct hy_str host, struct hy_buf *out)
{
	uint64_t parts[4], address;
	struct hy_str rest = host, piece;
	size_t n = 0;

	if (host.n && host.p[host.n - 1] == '.')
		rest.n--;
	while (hy_str_next(&rest, '.', &piece)) {
		if (n == 4 || !ipv4_number(piece, &parts[n]))
			return false;
		n++;
	}
	/* The last number fills all bytes that the others leave. */
	address = parts[n - 1];
	if (address >= UINT64_C(1) << (8 * (5 - n)))
		return false;
	for (size_t i = 0; i + 1 < n; i++) {
		if (parts[i] > 255)
			return false;
		address |= parts[i] << (8 * (3 - i));
	}
	hy_buf_addf(out, "%u.%u.%u.%u", (unsigned)(address >> 24) & 255,
		    (unsigned)(address >> 16) & 255, (unsigned)(address >> 8) & 255,
		    (unsigned)address & 255);
	return true;
}

/* The longest run of at least two zero pieces (RFC 5952, 4.2); its length, 0 where none. */
static size_t longest_zero_run(const unsigned pieces[8], size_t *out_at)
{
	size_t best = 0;

	for (size_t i = 0; i < 8; i++) {
		size_t n = 0;

		while (i + n < 8 && pieces[i + n] == 0)
			n++;
		if (n > best && n > 1) {
			best = n;
			*out_at = i;
		}
		i += n;
	}
	return best;
}

static bool add_ipv6(struct hy_str inner, struct hy_buf *out)
{
	unsigned char bytes[16];
	unsigned pieces[8];
	char text[INET6_ADDRSTRLEN];
	size_t run_at = 8, run;

	if (inner.n >= sizeof text || memchr(inner.p, '\0', inner.n))
		return false;
	memcpy(text, inner.p, inner.n);
	text[inner.n] = '\0';
	if (inet_pton(AF_INET6, text, bytes) != 1)
		return false;
	for (size_t i = 0; i < 8; i++)
		pieces[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
	run = longest_zero_run(pieces, &run_at);
	hy_buf_add_char(out, '[');
	for (size_t i = 0; i < 8; i++) {
		if (run && i == run_at) {
			hy_buf_add_c(out, i == 0 ? "::" : ":");
			i += run - 1;
			continue;
		}
		hy_buf_addf(out, "%x%s", pieces[i], i < 7 ? ":" : "");
	}
	hy_buf_add_char(out, ']');
	return true;
}

/* WHATWG forbidden domain code points, of the ASCII ones. */
static bool is_forbidden(char c)
{
	return (unsigned char)c <= 0x20 || c == 0x7f || strchr("#/:<>?@[\\]^|%", c);
}

/* Decodes %xx; the host of RAW_MAX_BYTES fits. */
static bool percent_decode(struct hy_str s, char out[RAW_MAX_BYTES + 1])
{
	size_t n = 0;

	if (s.n == 0 || s.n > RAW_MAX_BYTES)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int byte = hy_percent_at(s, i);

		if (byte >= 0)
			i += 2;
		else
			byte = (unsigned char)s.p[i];
		if (byte == 0)
			return false;
		out[n++] = (char)byte;
	}
	out[n] = '\0';
	return true;
}

/*
 * WHATWG leaves ASCII alone, also punycode that decodes to nothing: names of that kind are
 * registered and answer.
 */
static bool needs_idna(const char *host)
{
	for (const char *c = host; *c; c++)
		if ((unsigned char)*c >= 0x80)
			return true;
	return false;
}

/*
 * WHATWG "domain to ASCII" without its strict mode: hyphens and lengths are the registry's
 * business. Appends a NUL too; false where the name is none or too long.
 */
static bool add_punycode(const char *host, struct hy_buf *out)
{
	static const uint32_t harmless = UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG |
		UIDNA_ERROR_DOMAIN_NAME_TOO_LONG | UIDNA_ERROR_LEADING_HYPHEN |
		UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4;
	char *room = hy_buf_reserve(out, RAW_MAX_BYTES + 1);
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	UErrorCode code = U_ZERO_ERROR;
	UIDNA *idna = uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
				      UIDNA_NONTRANSITIONAL_TO_ASCII, &code);
	int32_t n = 0;

	if (U_SUCCESS(code) && room)
		n = uidna_nameToASCII_UTF8(idna, host, -1, room, RAW_MAX_BYTES, &info, &code);
	uidna_close(idna);
	if (n <= 0 || n >= RAW_MAX_BYTES || U_FAILURE(code) || (info.errors & ~harmless))
		return false;
	room[n] = '\0';
	hy_buf_commit(out, (size_t)n + 1);
	return true;
}

static bool add_domain(const char *decoded, struct hy_buf *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf ascii = HY_BUF(2 * RAW_MAX_BYTES);
	struct hy_str host;
	bool ok = true;

	if (!needs_idna(decoded))
		hy_buf_add(&ascii, decoded, strlen(decoded) + 1);
	else if (!add_punycode(decoded, &ascii))
		return false;
	host = (struct hy_str){ascii.p, ascii.n - 1};
	for (size_t i = 0; i < host.n; i++) {
		ok = ok && !is_forbidden(ascii.p[i]);
		ascii.p[i] = (char)tolower((unsigned char)ascii.p[i]);
	}
	ok = ok && host.n > 0 && host.n <= HY_URL_HOST_MAX_BYTES + 1;
	if (ok && ends_in_number(host))
		ok = add_ipv4(host, out);
	else if (ok)
		hy_buf_add_str(out, host);
	return ok;
}

bool hy_url_host_parse(struct hy_str text, struct hy_buf *out)
{
	char decoded[RAW_MAX_BYTES + 1];

	if (text.n >= 2 && text.p[0] == '[')
		return text.p[text.n - 1] == ']' &&
		       add_ipv6(hy_str_sub(text, 1, text.n - 2), out);
	return percent_decode(text, decoded) && add_domain(decoded, out);
}

bool hy_url_host_is_address(struct hy_str host)
{
	return host.n && (host.p[0] == '[' || ends_in_number(host));
}
