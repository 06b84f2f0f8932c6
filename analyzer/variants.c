#include "analyzer/variants.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/fold.h"
#include "common/base/buf.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

#define PATH_BYTES 4096
#define RUNES_MAX 0x10000u

/* A variant as it is folded, and where it was written. */
struct entry {
	struct hy_str from, to;			/* owned */
	const struct hy_yaml_node *node;	/* of the variant */
	bool one;				/* a single character */
	bool used;
};

struct reader {
	const struct hy_fold_table *base;
	struct hy_findings *findings;
	struct hy_folded folded;
	struct entry *items;
	size_t count, cap;
	struct hy_map by_from;		/* those that were said */
};

/* ---- reading ---- */

static struct hy_str fold(struct reader *r, const struct hy_fold_table *table, struct hy_str text)
{
	if (text.n > HY_FOLD_INPUT_BYTES || hy_fold(table, text, &r->folded))
		return (struct hy_str){0};
	return (struct hy_str){r->folded.text, r->folded.n};
}

/* Chinese characters at both ends keep what stands around a variant as it was. */
static bool is_spelling(struct hy_str text)
{
	bool good = text.n > 0 && text.n <= HY_VARIANT_BYTES;

	for (size_t at = 0, bytes; good && at < text.n; at += bytes) {
		uint32_t rune;

		bytes = hy_utf8_decode(text.p + at, text.n - at, &rune);
		bool han = bytes > 0 && hy_rune_is_han(rune) && rune < RUNES_MAX;
		bool inside = at > 0 && at + bytes < text.n;
		bool sign = (rune >= 'a' && rune <= 'z') || (rune >= '0' && rune <= '9');

		good = han || (bytes > 0 && inside && sign);
	}
	return good;
}

static bool check_spelling(struct reader *r, const struct hy_yaml_node *node, struct hy_str folded)
{
	if (is_spelling(folded))
		return true;
	hy_yaml_finding(node, r->findings,
			"写法 %.*s 不行：以汉字开头和结尾，中间可以有字母数字，至多 %d 个字",
			HY_STR_ARGS(hy_yaml_text(node)), HY_VARIANT_BYTES / 3);
	return false;
}

static bool is_one(struct hy_str text)
{
	return hy_utf8_count(text.p, text.n) == 1;
}

static void finding_with_other(struct reader *r, const struct hy_yaml_node *at, const char *what,
			       const struct hy_yaml_node *other)
{
	hy_cleanup(hy_buf_fini) struct hy_buf place = HY_BUF(PATH_BYTES);

	hy_yaml_place(other, &place);
	hy_yaml_finding(at, r->findings, "%.*s %s，另一处在 %.*s", HY_STR_ARGS(hy_yaml_text(at)),
			what, HY_STR_ARGS(hy_buf_str(&place)));
}

static const struct entry *said_before(const struct reader *r, struct hy_str from)
{
	size_t i = 0;

	if (!hy_map_get(&r->by_from, from))
		return NULL;
	while (!hy_str_eq(r->items[i].from, from))
		i++;
	return &r->items[i];
}

static void add_variant(struct reader *r, const struct hy_yaml_node *node, struct hy_str to)
{
	struct hy_str from = fold(r, r->base, hy_yaml_text(node));

	if (!check_spelling(r, node, from))
		return;
	if (hy_str_eq(from, to)) {
		hy_yaml_finding(node, r->findings, "变体 %.*s 本来就视为相同（繁简、全半角等），不必写",
				HY_STR_ARGS(hy_yaml_text(node)));
		return;
	}
	if (is_one(from) && !is_one(to)) {
		hy_yaml_finding(node, r->findings, "单字 %.*s 只能是单字的变体", HY_STR_ARGS(from));
		return;
	}
	const struct entry *other = said_before(r, from);

	if (other) {
		finding_with_other(r, node, hy_str_eq(other->to, to) ? "重复" : "不能是两个词的变体",
				   other->node);
		return;
	}
	if (r->count == HY_VARIANTS_MAX || hy_map_set(&r->by_from, from, r)) {
		hy_yaml_finding(node, r->findings, "变体超过 %d 个", HY_VARIANTS_MAX);
		return;
	}
	r->items = hy_grow(r->items, &r->cap, r->count + 1, sizeof *r->items);
	r->items[r->count++] = (struct entry){
		.from = {hy_str_dup(from), from.n}, .to = {hy_str_dup(to), to.n}, .node = node,
		.one = is_one(from), .used = true};
}

static void read_pair(struct reader *r, const struct hy_yaml_node *key,
		      const struct hy_yaml_node *value)
{
	struct hy_str folded = fold(r, r->base, hy_yaml_text(key));

	if (!check_spelling(r, key, folded))
		return;
	hy_cleanup(hy_free_p) char *copy = hy_str_dup(folded);
	struct hy_str to = {copy, folded.n};

	if (hy_yaml_is_scalar(value))
		add_variant(r, value, to);
	else if (!hy_yaml_is_sequence(value) || hy_yaml_count(value) == 0)
		hy_yaml_finding(value, r->findings, "应写成“标准写法: [变体, …]”");
	for (size_t i = 0; hy_yaml_is_sequence(value) && i < hy_yaml_count(value); i++)
		add_variant(r, hy_yaml_item(value, i), to);
}

static void read_root(struct reader *r, const struct hy_yaml_node *root)
{
	if (!hy_yaml_is_mapping(root)) {
		hy_yaml_finding(root, r->findings, "应为“标准写法: [变体, …]”的映射");
		return;
	}
	for (size_t i = 0; i < hy_yaml_count(root); i++) {
		const struct hy_yaml_node *key, *value;

		hy_yaml_pair(root, i, &key, &value);
		read_pair(r, key, value);
	}
}

/* ---- what meets what ---- */

static void free_text(struct hy_str owned)
{
	char *copy;

	memcpy(&copy, &owned.p, sizeof copy);
	free(copy);
}

static void replace(struct hy_str *owned, struct hy_str by)
{
	struct hy_str before = *owned;

	*owned = (struct hy_str){hy_str_dup(by), by.n};
	free_text(before);
}

/* Characters come first: longer spellings are compared with those evened out. */
static void even_out(struct reader *r, const struct hy_fold_table *characters)
{
	for (size_t i = 0; i < r->count; i++) {
		struct entry *entry = &r->items[i];

		if (entry->one)
			continue;
		replace(&entry->to, fold(r, characters, entry->to));
		replace(&entry->from, fold(r, characters, entry->from));
		if (!hy_str_eq(entry->from, entry->to))
			continue;
		entry->used = false;
		hy_yaml_finding(entry->node, r->findings, "变体 %.*s 已由单字的变体涵盖，不必写",
				HY_STR_ARGS(hy_yaml_text(entry->node)));
	}
}

/* Every stretch of `text` that is a variant in use, one after another; NULL behind the last. */
static const struct entry *variant_in(const struct hy_map *used, struct hy_str text, size_t *at,
				      size_t *length)
{
	for (; *at < text.n; ++*at, *length = 0)
		while (++*length <= text.n - *at) {
			const struct entry *entry =
				hy_map_get(used, hy_str_sub(text, *at, *length));

			if (entry)
				return entry;
		}
	return NULL;
}

static void check_meetings(struct reader *r, struct entry *entry, const struct hy_map *used)
{
	const struct entry *other;
	size_t at = 0, length = 0;

	other = variant_in(used, entry->to, &at, &length);
	if (other) {
		finding_with_other(r, entry->node, "的标准写法里又有变体（成环或连环）", other->node);
		entry->used = false;
	}
	at = length = 0;
	while ((other = variant_in(used, entry->from, &at, &length)))
		if (other != entry) {
			finding_with_other(r, entry->node, "里含有另一个变体", other->node);
			entry->used = false;
			return;
		}
}

/* Among those of one kind: characters, or longer spellings. */
static void check_kind(struct reader *r, bool one)
{
	struct hy_map used;

	hy_map_init(&used, HY_VARIANTS_MAX);
	for (size_t i = 0; i < r->count; i++) {
		struct entry *entry = &r->items[i];
		const struct entry *other = hy_map_get(&used, entry->from);

		if (entry->one != one || !entry->used)
			continue;
		if (other)
			finding_with_other(r, entry->node, "与另一个变体相同", other->node);
		entry->used = !other && hy_map_set(&used, entry->from, entry) == HY_OK;
	}
	for (size_t i = 0; i < r->count; i++)
		if (r->items[i].used && r->items[i].one == one)
			check_meetings(r, &r->items[i], &used);
	hy_map_fini(&used);
}

static struct hy_fold_table *table_of(const struct reader *r, bool with_words)
{
	struct hy_fold_variant *variants = hy_xcalloc(r->count + 1, sizeof *variants);
	size_t count = 0;

	for (size_t i = 0; i < r->count; i++)
		if (r->items[i].used && (with_words || r->items[i].one))
			variants[count++] =
				(struct hy_fold_variant){r->items[i].from, r->items[i].to};
	struct hy_fold_table *table = hy_fold_table_with(r->base, variants, count);
	free(variants);
	return table;
}

static struct hy_fold_table *build(struct reader *r)
{
	check_kind(r, true);
	struct hy_fold_table *characters = table_of(r, false);

	even_out(r, characters);
	hy_fold_table_free(characters);
	check_kind(r, false);
	return table_of(r, true);
}

static void reader_fini(struct reader *r)
{
	for (size_t i = 0; i < r->count; i++) {
		free_text(r->items[i].from);
		free_text(r->items[i].to);
	}
	free(r->items);
	hy_map_fini(&r->by_from);
	hy_folded_fini(&r->folded);
}

struct hy_fold_table *hy_variants_parse(const struct hy_rules_text *file,
					const struct hy_fold_table *base,
					struct hy_findings *findings)
{
	struct reader r = {.base = base, .findings = findings};
	struct hy_yaml *yaml = NULL;

	hy_folded_init(&r.folded);
	hy_map_init(&r.by_from, HY_VARIANTS_MAX);
	if (hy_yaml_parse(file->text, file->name, findings, &yaml) == HY_OK && hy_yaml_root(yaml))
		read_root(&r, hy_yaml_root(yaml));
	struct hy_fold_table *table = build(&r);
	reader_fini(&r);
	hy_yaml_free(yaml);
	return table;
}

enum hy_err hy_variants_load(const char *rules_dir, const struct hy_fold_table *base,
			     struct hy_findings *findings, struct hy_variants *out,
			     struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf path = HY_BUF(PATH_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_YAML_FILE_BYTES);

	hy_buf_addf(&path, "%s/variants.yaml", rules_dir);
	if (hy_buf_err(&path))
		return hy_fail(e, HY_ERR_LIMIT, "the path of the rules is too long");
	out->table = NULL;
	if (access(path.p, F_OK) == 0) {
		enum hy_err err = hy_rules_read(path.p, &text, e);

		if (err)
			return err;
		const struct hy_rules_text file = {path.p, hy_buf_str(&text)};
		out->table = hy_variants_parse(&file, base, findings);
	}
	const struct hy_str parts[] = {HY_STR_LIT("variants"), hy_buf_str(&text)};
	out->version = hy_id_of(parts, HY_COUNT(parts));
	return HY_OK;
}
