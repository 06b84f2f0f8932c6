/* Which addresses a fetch may reach: every special range, at its edges, in every spelling. */
#include "crawler/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "common/base/mem.h"

#define PUBLIC HY_ADDRESS_PUBLIC
#define PRIVATE HY_ADDRESS_PRIVATE
#define FORBIDDEN HY_ADDRESS_FORBIDDEN

static const struct {
	const char *text;
	enum hy_address_class expected;
} addresses[] = {
	{"0.0.0.0", FORBIDDEN}, {"0.255.255.255", FORBIDDEN}, {"1.0.0.0", PUBLIC},
	{"9.255.255.255", PUBLIC}, {"10.0.0.0", PRIVATE}, {"10.255.255.255", PRIVATE},
	{"11.0.0.0", PUBLIC}, {"100.63.255.255", PUBLIC}, {"100.64.0.0", PRIVATE},
	{"100.100.100.199", PRIVATE}, {"100.100.100.200", FORBIDDEN},
	{"100.127.255.255", PRIVATE}, {"100.128.0.0", PUBLIC}, {"126.255.255.255", PUBLIC},
	{"127.0.0.1", PRIVATE}, {"127.255.255.255", PRIVATE}, {"128.0.0.0", PUBLIC},
	{"169.253.255.255", PUBLIC}, {"169.254.0.0", FORBIDDEN}, {"169.254.169.254", FORBIDDEN},
	{"169.255.0.0", PUBLIC}, {"172.15.255.255", PUBLIC}, {"172.16.0.0", PRIVATE},
	{"172.31.255.255", PRIVATE}, {"172.32.0.0", PUBLIC}, {"192.0.0.8", FORBIDDEN},
	{"192.0.1.0", PUBLIC}, {"192.0.2.1", FORBIDDEN}, {"192.88.99.1", FORBIDDEN},
	{"192.167.255.255", PUBLIC}, {"192.168.0.0", PRIVATE}, {"192.168.255.255", PRIVATE},
	{"192.169.0.0", PUBLIC}, {"198.17.255.255", PUBLIC}, {"198.18.0.0", PRIVATE},
	{"198.19.255.255", PRIVATE}, {"198.20.0.0", PUBLIC}, {"198.51.100.7", FORBIDDEN},
	{"203.0.113.7", FORBIDDEN}, {"223.255.255.255", PUBLIC}, {"224.0.0.1", FORBIDDEN},
	{"239.255.255.255", FORBIDDEN}, {"240.0.0.1", FORBIDDEN}, {"255.255.255.255", FORBIDDEN},
	{"::", FORBIDDEN}, {"::1", PRIVATE}, {"::2", FORBIDDEN}, {"::127.0.0.1", FORBIDDEN},
	{"::ffff:127.0.0.1", PRIVATE}, {"::ffff:7f00:1", PRIVATE},
	{"::ffff:169.254.169.254", FORBIDDEN}, {"::ffff:8.8.8.8", PUBLIC},
	{"64:ff9b::10.0.0.1", PRIVATE}, {"64:ff9b::169.254.169.254", FORBIDDEN},
	{"64:ff9b::8.8.8.8", PUBLIC}, {"64:ff9b:1::1", FORBIDDEN}, {"100::1", FORBIDDEN},
	{"1fff:ffff::", FORBIDDEN}, {"2000::1", PUBLIC}, {"2001:0:53aa::1", FORBIDDEN},
	{"2001:1ff:ffff::", FORBIDDEN}, {"2001:200::1", PUBLIC}, {"2001:db8::1", FORBIDDEN},
	{"2001:db9::1", PUBLIC}, {"2002:0a00:0001::1", PRIVATE}, {"2002:7f00:1::", PRIVATE},
	{"2002:a9fe:a9fe::", FORBIDDEN}, {"2002:0808:0808::1", PUBLIC},
	{"240e:1:2::3", PUBLIC}, {"3fff::1", FORBIDDEN}, {"4000::1", FORBIDDEN},
	{"fbff::1", FORBIDDEN}, {"fc00::1", PRIVATE}, {"fdff:ffff::1", PRIVATE},
	{"fe00::1", FORBIDDEN}, {"fe80::1", FORBIDDEN}, {"febf::1", FORBIDDEN},
	{"fec0::1", FORBIDDEN}, {"fd00:ec2::254", FORBIDDEN}, {"ff02::1", FORBIDDEN},
	{"ff0e::1", FORBIDDEN},
	{"", FORBIDDEN}, {"localhost", FORBIDDEN}, {"[::1]", FORBIDDEN}, {"fe80::1%eth0", FORBIDDEN},
	{"127.1", FORBIDDEN}, {"0x7f.0.0.1", FORBIDDEN}, {"1.2.3.4.5", FORBIDDEN},
	{"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc", FORBIDDEN},
};

static enum hy_address_class by_socket_address(const char *text)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sockaddr_storage storage = {0};

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
		memcpy(&storage, &v4, sizeof v4);
		return hy_address_classify((struct sockaddr *)&storage, sizeof v4);
	}
	if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
		memcpy(&storage, &v6, sizeof v6);
		return hy_address_classify((struct sockaddr *)&storage, sizeof v6);
	}
	return FORBIDDEN;
}

static void classes(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(addresses); i++) {
		enum hy_address_class by_text = hy_address_classify_text(
			hy_str_of(addresses[i].text));

		if (by_text != addresses[i].expected ||
		    by_socket_address(addresses[i].text) != addresses[i].expected)
			fail_msg("%s: class %d, expected %d", addresses[i].text, (int)by_text,
				 (int)addresses[i].expected);
	}
}

static void other_families_are_forbidden(void **state)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	struct sockaddr_in cut = {.sin_family = AF_INET};

	(void)state;
	assert_int_equal(hy_address_classify((struct sockaddr *)&local, sizeof local), FORBIDDEN);
	assert_int_equal(hy_address_classify((struct sockaddr *)&cut, 4), FORBIDDEN);
}

static void private_only_where_allowed(void **state)
{
	(void)state;
	assert_true(hy_address_may_connect(PUBLIC, false));
	assert_true(hy_address_may_connect(PUBLIC, true));
	assert_false(hy_address_may_connect(PRIVATE, false));
	assert_true(hy_address_may_connect(PRIVATE, true));
	assert_false(hy_address_may_connect(FORBIDDEN, false));
	assert_false(hy_address_may_connect(FORBIDDEN, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes),
		cmocka_unit_test(other_families_are_forbidden),
		cmocka_unit_test(private_only_where_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
