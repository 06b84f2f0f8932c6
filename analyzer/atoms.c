#include "analyzer/atoms.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/pattern_shape.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/rules/files.h"

#define ONE_HAN_BYTES 3

void hy_atoms_init(struct hy_atoms *atoms, const struct hy_fold_table *table)
{
	*atoms = (struct hy_atoms){.table = table};
	hy_folded_init(&atoms->folded);
	hy_map_init(&atoms->by_text, HY_LITERALS_MAX);
	hy_map_init(&atoms->by_string, HY_LITERALS_MAX);
}

void hy_atoms_fini(struct hy_atoms *atoms)
{
	for (size_t i = 0; i < atoms->string_count; i++) {
		char *copy;

		memcpy(&copy, &atoms->strings[i].p, sizeof copy);
		free(copy);
	}
	for (size_t i = 0; i < atoms->pattern_count; i++) {
		hy_pattern_free(atoms->patterns[i].pattern);
		free(atoms->patterns[i].gates);
	}
	free(atoms->strings);
	free(atoms->patterns);
	free(atoms->items);
	hy_map_fini(&atoms->by_text);
	hy_map_fini(&atoms->by_string);
	hy_folded_fini(&atoms->folded);
	hy_literals_free(atoms->literals);
}

/* ---- numbers in maps: a map holds pointers, so the number is kept one up, as an address ---- */

static void *as_value(size_t number)
{
	uintptr_t address = number + 1;
	void *value;

	memcpy(&value, &address, sizeof value);
	return value;
}

static bool find_number(const struct hy_map *map, struct hy_str key, uint32_t *out)
{
	const void *value = hy_map_get(map, key);

	if (!value)
		return false;
	*out = (uint32_t)((uintptr_t)value - 1);
	return true;
}

/* ---- literals ---- */

static bool add_string(struct hy_atoms *atoms, struct hy_str string, uint32_t *out_literal)
{
	if (find_number(&atoms->by_string, string, out_literal))
		return true;
	if (hy_map_set(&atoms->by_string, string, as_value(atoms->string_count)))
		return false;
	atoms->strings = hy_grow(atoms->strings, &atoms->string_cap, atoms->string_count + 1,
				 sizeof *atoms->strings);
	*out_literal = (uint32_t)atoms->string_count;
	atoms->strings[atoms->string_count++] = (struct hy_str){hy_str_dup(string), string.n};
	return true;
}

bool hy_atoms_add_literal(struct hy_atoms *atoms, struct hy_str text,
			  const struct hy_yaml_node *node, struct hy_findings *findings,
			  uint32_t *out_literal)
{
	if (text.n > HY_TERM_BYTES) {
		hy_yaml_finding(node, findings, "词太长（%zu 字节，至多 %d）", text.n, HY_TERM_BYTES);
		return false;
	}
	if (hy_fold(atoms->table, text, &atoms->folded) || atoms->folded.n == 0) {
		hy_yaml_finding(node, findings, "词是空的（空白和不可见字符不算）");
		return false;
	}
	struct hy_str folded = {atoms->folded.text, atoms->folded.n};
	if (folded.n < ONE_HAN_BYTES && hy_utf8_count(folded.p, folded.n) < 2) {
		hy_yaml_finding(node, findings, "词 %.*s 只有一个字母或符号，处处都会命中",
				HY_STR_ARGS(text));
		return false;
	}
	if (add_string(atoms, folded, out_literal))
		return true;
	hy_yaml_finding(node, findings, "词超过 %d 个", HY_LITERALS_MAX);
	return false;
}

/* ---- patterns ---- */

/* A finding `characters` to the right of where the value begins. */
static void finding_inside(const struct hy_yaml_node *node, size_t characters, const char *text,
			   struct hy_findings *findings)
{
	struct hy_buf place;
	int64_t column = 0;

	hy_buf_init(&place, 8192);
	hy_yaml_place(node, &place);
	struct hy_str all = hy_buf_str(&place);
	size_t colon = all.n;

	while (colon > 0 && all.p[colon - 1] != ':')
		colon--;
	(void)hy_str_to_int(hy_str_sub(all, colon, all.n), 0, INT32_MAX, &column);
	hy_rules_finding(findings, "%.*s%lld: 模式第 %zu 个字符处：%s",
			 HY_STR_ARGS(hy_str_sub(all, 0, colon)),
			 (long long)column + (long long)characters, characters, text);
	hy_buf_fini(&place);
}

/* (i?) is an optional i in a group; (?i) was meant. */
static bool is_option_slip(struct hy_str pattern)
{
	size_t at = 0;

	while (at < pattern.n && at < 8 && (pattern.p[at] == '(' || pattern.p[at] == '^'))
		at++;
	size_t letters = at;
	while (letters < pattern.n && strchr("imsx", pattern.p[letters]))
		letters++;
	return at > 0 && letters > at && letters + 1 < pattern.n && pattern.p[letters] == '?' &&
	       (pattern.p[letters + 1] == ')' || pattern.p[letters + 1] == ':');
}

static bool add_gates(struct hy_atoms *atoms, struct hy_str folded, struct hy_rule_pattern *rule)
{
	struct hy_pattern_shape shape;

	hy_pattern_shape(folded, &shape);
	rule->longest = shape.longest;
	rule->gates = hy_xcalloc(shape.string_count + 1, sizeof *rule->gates);
	for (size_t i = 0; i < shape.string_count; i++) {
		struct hy_str string = {shape.strings[i].p, shape.strings[i].n};

		if (!add_string(atoms, string, &rule->gates[i]))
			return false;
	}
	rule->gate_count = shape.string_count;
	return true;
}

/* Where it does not compile, the place is sought in the pattern as written, not as folded. */
static void explain(const struct hy_yaml_node *node, struct hy_str written,
		    const struct hy_pattern_error *error, struct hy_findings *findings)
{
	struct hy_pattern_error own = *error;
	struct hy_pattern *pattern = NULL;

	if (hy_pattern_new(written, &pattern, &own) == HY_OK)
		own = *error;
	hy_pattern_free(pattern);
	size_t at = own.offset < written.n ? own.offset : written.n;
	finding_inside(node, hy_utf8_count(written.p, at) + 1, own.text, findings);
}

static bool compile_pattern(struct hy_atoms *atoms, struct hy_str written,
			    const struct hy_yaml_node *node, struct hy_findings *findings,
			    struct hy_rule_pattern *out)
{
	struct hy_rule_pattern rule = {.written = written, .node = node};
	struct hy_pattern_error error;
	struct hy_buf folded;

	if (!hy_utf8_valid(written.p, written.n) || written.n > HY_PATTERN_BYTES) {
		hy_yaml_finding(node, findings, "模式太长（至多 %d 字节）", HY_PATTERN_BYTES);
		return false;
	}
	hy_buf_init(&folded, (size_t)HY_PATTERN_BYTES * 8);
	if (!hy_fold_pattern(atoms->table, written, &folded)) {
		hy_yaml_finding(node, findings,
				"模式里有 variants.yaml 的变体，后面又有重复次数，换不成标准写法：请改写标准写法");
		hy_buf_fini(&folded);
		return false;
	}
	enum hy_err err = hy_pattern_new(hy_buf_str(&folded), &rule.pattern, &error);
	if (err)
		explain(node, written, &error, findings);
	else if (!add_gates(atoms, hy_buf_str(&folded), &rule))
		err = HY_ERR_LIMIT;
	hy_buf_fini(&folded);
	if (err) {
		hy_pattern_free(rule.pattern);
		free(rule.gates);
		return false;
	}
	*out = rule;
	return true;
}

static bool add_pattern(struct hy_atoms *atoms, struct hy_str text, const struct hy_yaml_node *node,
			struct hy_findings *findings, uint32_t *out_number)
{
	struct hy_rule_pattern rule;

	if (text.n < 3 || text.p[text.n - 1] != '/') {
		hy_yaml_finding(node, findings,
				"模式应写成 /…/，末尾不加选项（本来就不分大小写、全半角、繁简）");
		return false;
	}
	struct hy_str written = hy_str_sub(text, 1, text.n - 2);
	if (is_option_slip(written)) {
		finding_inside(node, 1, "(i?) 是“可有可无的字母 i”，想写的是 (?i)；本来就不分大小写，去掉即可",
			       findings);
		return false;
	}
	if (!compile_pattern(atoms, written, node, findings, &rule))
		return false;
	rule.written = text;
	atoms->patterns = hy_grow(atoms->patterns, &atoms->pattern_cap, atoms->pattern_count + 1,
				  sizeof *atoms->patterns);
	*out_number = (uint32_t)atoms->pattern_count;
	atoms->patterns[atoms->pattern_count++] = rule;
	return true;
}

/* ---- atoms ---- */

bool hy_atoms_add(struct hy_atoms *atoms, const struct hy_yaml_node *node,
		  struct hy_findings *findings, uint32_t *out_atom)
{
	return hy_atoms_add_text(atoms, hy_yaml_text(node), node, findings, out_atom);
}

bool hy_atoms_add_text(struct hy_atoms *atoms, struct hy_str text,
		       const struct hy_yaml_node *node, struct hy_findings *findings,
		       uint32_t *out_atom)
{
	struct hy_atom atom = {.written = text, .is_pattern = text.n > 1 && text.p[0] == '/'};

	if (find_number(&atoms->by_text, text, out_atom))
		return true;
	bool good = atom.is_pattern
			    ? add_pattern(atoms, text, node, findings, &atom.number)
			    : hy_atoms_add_literal(atoms, text, node, findings, &atom.number);
	if (!good)
		return false;
	if (hy_map_set(&atoms->by_text, text, as_value(atoms->count))) {
		hy_yaml_finding(node, findings, "词和模式超过 %d 个", HY_LITERALS_MAX);
		return false;
	}
	atoms->items = hy_grow(atoms->items, &atoms->cap, atoms->count + 1, sizeof *atoms->items);
	*out_atom = (uint32_t)atoms->count;
	atoms->items[atoms->count++] = atom;
	return true;
}

void hy_atoms_seal(struct hy_atoms *atoms)
{
	atoms->literals = hy_literals_new(atoms->strings, atoms->string_count);
	hy_folded_fini(&atoms->folded);
}
