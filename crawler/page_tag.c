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

enum hy_tag hy_tag_find(struct hy_str name)
{
	char first;

	if (name.n == 0 || name.n > 10)
		return HY_TAG_OTHER;
	first = (char)(name.p[0] | 0x20);
	for (int i = HY_TAG_A; i < HY_TAG_COUNT; i++) {
		if (tags[i].name.p[0] < first)
			continue;
		if (tags[i].name.p[0] > first)
			break;	/* the list is sorted */
		if (tags[i].name.n == name.n && hy_str_eq_nocase(tags[i].name, name))
			return (enum hy_tag)i;
	}
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
