#include "crawler/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "common/base/mem.h"

struct range {
	const char *prefix;
	int bits;
	enum hy_address_class is;
};

/* IPv4: the IANA special-purpose registry; what is not listed is public. */
static const struct range v4_ranges[] = {
	{"0.0.0.0", 8, HY_ADDRESS_FORBIDDEN},		/* this network */
	{"10.0.0.0", 8, HY_ADDRESS_PRIVATE},
	{"100.100.100.200", 32, HY_ADDRESS_FORBIDDEN},	/* a cloud's metadata service */
	{"100.64.0.0", 10, HY_ADDRESS_PRIVATE},		/* shared address space, RFC 6598 */
	{"127.0.0.0", 8, HY_ADDRESS_PRIVATE},
	{"169.254.0.0", 16, HY_ADDRESS_FORBIDDEN},	/* link-local, metadata services */
	{"172.16.0.0", 12, HY_ADDRESS_PRIVATE},
	{"192.0.0.0", 24, HY_ADDRESS_FORBIDDEN},	/* protocol assignments */
	{"192.0.2.0", 24, HY_ADDRESS_FORBIDDEN},	/* documentation */
	{"192.88.99.0", 24, HY_ADDRESS_FORBIDDEN},	/* 6to4 relay */
	{"192.168.0.0", 16, HY_ADDRESS_PRIVATE},
	{"198.18.0.0", 15, HY_ADDRESS_PRIVATE},		/* benchmarking */
	{"198.51.100.0", 24, HY_ADDRESS_FORBIDDEN},
	{"203.0.113.0", 24, HY_ADDRESS_FORBIDDEN},
	{"224.0.0.0", 4, HY_ADDRESS_FORBIDDEN},		/* multicast */
	{"240.0.0.0", 4, HY_ADDRESS_FORBIDDEN},		/* reserved, broadcast */
};

/*
 * IPv6: only 2000::/3 is global unicast, so the rest is forbidden by default. Forms that
 * carry an IPv4 address are judged by that one, see embedded_v4.
 */
static const struct range v6_ranges[] = {
	{"::1", 128, HY_ADDRESS_PRIVATE},
	{"fd00:ec2::254", 128, HY_ADDRESS_FORBIDDEN},	/* a cloud's metadata service */
	{"fc00::", 7, HY_ADDRESS_PRIVATE},		/* unique local */
	{"2001:db8::", 32, HY_ADDRESS_FORBIDDEN},	/* documentation */
	{"2001::", 23, HY_ADDRESS_FORBIDDEN},		/* protocol assignments, Teredo, ORCHID */
	{"3fff::", 20, HY_ADDRESS_FORBIDDEN},		/* documentation, RFC 9637 */
	{"2000::", 3, HY_ADDRESS_PUBLIC},
	{"::", 0, HY_ADDRESS_FORBIDDEN},
};

static bool prefix_matches(const unsigned char *address, const unsigned char *prefix, int bits)
{
	int whole = bits / 8, rest = bits % 8;

	if (memcmp(address, prefix, (size_t)whole) != 0)
		return false;
	return !rest || (address[whole] >> (8 - rest)) == (prefix[whole] >> (8 - rest));
}

static enum hy_address_class classify_v4(const unsigned char address[4])
{
	unsigned char prefix[4];

	for (size_t i = 0; i < HY_COUNT(v4_ranges); i++) {
		if (inet_pton(AF_INET, v4_ranges[i].prefix, prefix) == 1 &&
		    prefix_matches(address, prefix, v4_ranges[i].bits))
			return v4_ranges[i].is;
	}
	return HY_ADDRESS_PUBLIC;
}

/* The IPv4 address inside a mapped, compatible, NAT64 or 6to4 address, or NULL. */
static const unsigned char *embedded_v4(const unsigned char a[16])
{
	static const struct {
		unsigned char prefix[12];
		int bits, at;
	} forms[] = {
		{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, 12},	/* ::ffff:a.b.c.d */
		{{0, 0x64, 0xff, 0x9b}, 96, 12},			/* 64:ff9b::/96 */
		{{0x20, 0x02}, 16, 2},					/* 2002::/16 */
	};

	for (size_t i = 0; i < HY_COUNT(forms); i++)
		if (prefix_matches(a, forms[i].prefix, forms[i].bits))
			return a + forms[i].at;
	return NULL;
}

static enum hy_address_class classify_v6(const unsigned char address[16])
{
	const unsigned char *v4 = embedded_v4(address);
	unsigned char prefix[16];

	if (v4)
		return classify_v4(v4);
	for (size_t i = 0; i < HY_COUNT(v6_ranges); i++) {
		if (inet_pton(AF_INET6, v6_ranges[i].prefix, prefix) == 1 &&
		    prefix_matches(address, prefix, v6_ranges[i].bits))
			return v6_ranges[i].is;
	}
	return HY_ADDRESS_FORBIDDEN;
}

enum hy_address_class hy_address_classify(const struct sockaddr *address, socklen_t bytes)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (address->sa_family == AF_INET && bytes >= sizeof v4) {
		memcpy(&v4, address, sizeof v4);
		return classify_v4((const unsigned char *)&v4.sin_addr);
	}
	if (address->sa_family == AF_INET6 && bytes >= sizeof v6) {
		memcpy(&v6, address, sizeof v6);
		return classify_v6((const unsigned char *)&v6.sin6_addr);
	}
	return HY_ADDRESS_FORBIDDEN;
}

enum hy_address_class hy_address_classify_text(struct hy_str text)
{
	char c_string[INET6_ADDRSTRLEN + 1];
	unsigned char bytes[16];

	if (text.n >= sizeof c_string)
		return HY_ADDRESS_FORBIDDEN;
	memcpy(c_string, text.p, text.n);
	c_string[text.n] = '\0';
	if (inet_pton(AF_INET, c_string, bytes) == 1)
		return classify_v4(bytes);
	if (inet_pton(AF_INET6, c_string, bytes) == 1)
		return classify_v6(bytes);
	return HY_ADDRESS_FORBIDDEN;
}

bool hy_address_may_connect(enum hy_address_class address_class, bool allow_private)
{
	return address_class == HY_ADDRESS_PUBLIC ||
	       (address_class == HY_ADDRESS_PRIVATE && allow_private);
}
