#include "crawler/page_tag.h"

#include "common/base/mem.h"

#define HY_B HY_TAG_IS_BLOCK
#define HY_H HY_TAG_IS_HIDDEN
#define HY_R HY_TAG_IS_RAW

static const struct {
	struct hy_str name;
	unsigned char traits;
} tags[] = {
#define X(name, text, traits) {{text, sizeof(text) - 1}, traits},
	HY_TAG_LIST(X)
#undef X
};

/* Where the names with a first letter begin; 0 where there are none. */
static const unsigned char starts[26] = {
	['a' - 'a'] = HY_TAG_A,	   ['b' - 'a'] = HY_TAG_B,	['c' - 'a'] = HY_TAG_CANVAS,
	['d' - 'a'] = HY_TAG_DD,   ['e' - 'a'] = HY_TAG_EM,	['f' - 'a'] = HY_TAG_FIELDSET,
	['h' - 'a'] = HY_TAG_H1,   ['i' - 'a'] = HY_TAG_I,	['l' - 'a'] = HY_TAG_LABEL,
	['m' - 'a'] = HY_TAG_MAIN, ['n' - 'a'] = HY_TAG_NAV,	['o' - 'a'] = HY_TAG_OBJECT,
	['p' - 'a'] = HY_TAG_P,	   ['q' - 'a'] = HY_TAG_Q,	['s' - 'a'] = HY_TAG_S,
	['t' - 'a'] = HY_TAG_TABLE, ['u' - 'a'] = HY_TAG_U,	['v' - 'a'] = HY_TAG_VIDEO,
	['x' - 'a'] = HY_TAG_XMP,
};

/* `known` is of letters and digits: no other byte becomes one by its sixth bit from '0' on. */
static bool is_same(const char *known, struct hy_str name)
{
	for (size_t i = 1; i < name.n; i++)
		if (known[i] != (name.p[i] | 0x20) || name.p[i] < '0')
			return false;
	return true;
}

enum hy_tag hy_tag_find(struct hy_str name)
{
	char first, second;

	if (name.n == 0 || name.n > 10)
		return HY_TAG_OTHER;
	first = (char)(name.p[0] | 0x20);
	if (first < 'a' || first > 'z' || !starts[first - 'a'])
		return HY_TAG_OTHER;
	/* The second letter tells almost all of them apart; digits are their own lower case. */
	second = name.n > 1 ? (char)(name.p[1] | 0x20) : '\0';
	for (int i = starts[first - 'a']; i < HY_TAG_COUNT && tags[i].name.p[0] == first; i++)
		if (tags[i].name.n == name.n && tags[i].name.p[1] == second &&
		    is_same(tags[i].name.p, name))
			return (enum hy_tag)i;
	return HY_TAG_OTHER;
}

const char *hy_tag_name(enum hy_tag tag)
{
	return tags[tag].name.p;
}

unsigned hy_tag_traits(enum hy_tag tag)
{
	return tags[tag].traits;
}
