#include "common/sys/content_id.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"

/* FIPS 180-4 examples. */
static void sha256_known_answers(void **state)
{
	static const struct {
		const char *text, *hex;
	} cases[] = {
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	};
	char hex[HY_SHA256_DIGITS + 1];

	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		hy_sha256_hex(hy_str_of(cases[i].text), hex);
		assert_string_equal(hex, cases[i].hex);
	}
	hy_sha256_hex((struct hy_str){NULL, 0}, hex);
	assert_string_equal(hex, cases[0].hex);
}

static struct hy_id id2(const char *a, const char *b)
{
	struct hy_str parts[] = {hy_str_of(a), hy_str_of(b)};

	return hy_id_of(parts, 2);
}

static void parts_stay_apart(void **state)
{
	struct hy_id a = id2("ab", "c"), b = id2("a", "bc"), c = id2("abc", ""), d = id2("ab", "c");

	(void)state;
	assert_string_not_equal(a.hex, b.hex);
	assert_string_not_equal(a.hex, c.hex);
	assert_string_not_equal(b.hex, c.hex);
	assert_string_equal(a.hex, d.hex);
}

/* Ids are stored: a change of the scheme would make every document a new one. */
static void scheme_is_frozen(void **state)
{
	/* sha256(00 00 00 00 00 00 00 03 'a' 'b' 'c'), from sha256sum. */
	struct hy_str part = HY_STR_LIT("abc");
	struct hy_id id = hy_id_of(&part, 1);

	(void)state;
	assert_string_equal(id.hex, "c3494ca1a2cf8eeb8a11ded316fb55b8");
	assert_true(hy_id_valid(hy_id_str(&id)));
}

static void valid_ids(void **state)
{
	static const struct {
		const char *text;
		bool valid;
	} cases[] = {
		{"0123456789abcdef0123456789abcdef", true},
		{"0123456789abcdef0123456789abcde", false},
		{"0123456789abcdef0123456789abcdef0", false},
		{"0123456789ABCDEF0123456789abcdef", false},
		{"0123456789abcdeg0123456789abcdef", false},
		{"", false},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++)
		assert_int_equal(hy_id_valid(hy_str_of(cases[i].text)), cases[i].valid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_known_answers),
		cmocka_unit_test(parts_stay_apart),
		cmocka_unit_test(scheme_is_frozen),
		cmocka_unit_test(valid_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
