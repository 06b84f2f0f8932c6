#include "analyzer/origin.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define GLOB_BYTES 4096

static const char *const origin_keys[] = {"only", "never", "note", NULL};
static const char *const list_keys[] = {"source", "outlet", NULL};

/* Which names are read, and how deep lists stand in lists. */
struct names_reader {
	const struct hy_condition_reader *reader;
	struct hy_origin_names *names;
	bool folded;
	unsigned depth;
};

/* ---- names ---- */

/* Folded piece by piece: between Chinese characters folding would take a * for decoration. */
static struct hy_str folded_glob(const struct hy_fold_table *table, struct hy_str written)
{
	hy_cleanup(hy_buf_fini) struct hy_buf glob = HY_BUF(GLOB_BYTES);
	struct hy_folded folded;
	struct hy_str rest = written, piece;

	hy_folded_init(&folded);
	for (bool first = true; hy_str_next(&rest, '*', &piece); first = false) {
		if (!first)
			hy_buf_add_char(&glob, '*');
		if (hy_fold(table, piece, &folded) == HY_OK)
			hy_buf_add(&glob, folded.text, folded.n);
	}
	hy_folded_fini(&folded);
	struct hy_str text = hy_buf_err(&glob) ? (struct hy_str){0} : hy_buf_str(&glob);
	return (struct hy_str){hy_str_dup(text), text.n};
}

static bool add_name(const struct names_reader *r, const struct hy_yaml_node *node)
{
	struct hy_str text = hy_str_trim(hy_yaml_text(node)), glob;

	if (r->names->count == HY_ORIGIN_MAX || text.n > HY_TERM_BYTES) {
		hy_yaml_finding(node, r->reader->findings, "名称太长，或超过 %d 个", HY_ORIGIN_MAX);
		return false;
	}
	if (r->folded)
		glob = folded_glob(r->reader->atoms->table, text);
	else
		glob = (struct hy_str){hy_str_dup(text), text.n};
	r->names->items = hy_grow(r->names->items, &r->names->cap, r->names->count + 1,
				  sizeof *r->names->items);
	r->names->items[r->names->count++] = (struct hy_origin_name){glob, node};
	if (glob.n && !hy_str_eq_c(glob, "*"))
		return true;
	hy_yaml_finding(node, r->reader->findings, "来源或媒体名称是空的，或是 *（等于没有条件）");
	return false;
}

/* A name, $list, or a list of these. */
static bool read_names(struct names_reader r, const struct hy_yaml_node *node)
{
	struct hy_str text = hy_yaml_text(node);
	bool good = true;

	if (hy_yaml_is_scalar(node) && text.n > 1 && text.p[0] == '$') {
		const struct hy_yaml_node *list = hy_condition_list(r.reader, node, &r.depth);

		return list && read_names(r, list);
	}
	if (hy_yaml_is_scalar(node))
		return add_name(&r, node);
	if (!hy_yaml_is_sequence(node)) {
		hy_yaml_finding(node, r.reader->findings, "这里应是名称，或一列名称");
		return false;
	}
	for (size_t i = 0; i < hy_yaml_count(node); i++)
		good = read_names(r, hy_yaml_item(node, i)) && good;
	return good;
}

/* ---- the condition ---- */

bool hy_origin_list_read(const struct hy_condition_reader *reader, const struct hy_yaml_node *node,
			 struct hy_origin_list *out)
{
	struct names_reader sources = {reader, &out->sources, false, 0};
	struct names_reader outlets = {reader, &out->outlets, true, 0};
	bool good = true;

	out->given = true;
	if (!hy_yaml_is_mapping(node)) {
		good = read_names(sources, node);
	} else {
		good = hy_yaml_known_keys(node, list_keys, reader->findings);
		if (hy_yaml_get(node, "source"))
			good = read_names(sources, hy_yaml_get(node, "source")) && good;
		if (hy_yaml_get(node, "outlet"))
			good = read_names(outlets, hy_yaml_get(node, "outlet")) && good;
	}
	if (good && out->sources.count + out->outlets.count == 0) {
		hy_yaml_finding(node, reader->findings, "这里是空的");
		good = false;
	}
	return good;
}

bool hy_origin_read(const struct hy_condition_reader *reader, const struct hy_yaml_node *node,
		    struct hy_origin *out)
{
	const struct hy_yaml_node *only = hy_yaml_get(node, "only");
	const struct hy_yaml_node *never = hy_yaml_get(node, "never");

	if (!hy_yaml_is_mapping(node) || (!only && !never)) {
		hy_yaml_finding(node, reader->findings,
				"sources 应写成 {only: 只看哪些, never: 不看哪些}，至少写一项");
		return false;
	}
	bool good = hy_yaml_known_keys(node, origin_keys, reader->findings);

	if (only)
		good = hy_origin_list_read(reader, only, &out->only) && good;
	if (never)
		good = hy_origin_list_read(reader, never, &out->never) && good;
	return good;
}

static void names_fini(struct hy_origin_names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		char *copy;

		memcpy(&copy, &names->items[i].glob.p, sizeof copy);
		free(copy);
	}
	free(names->items);
}

void hy_origin_list_fini(struct hy_origin_list *list)
{
	names_fini(&list->sources);
	names_fini(&list->outlets);
	*list = (struct hy_origin_list){0};
}

void hy_origin_fini(struct hy_origin *origin)
{
	hy_origin_list_fini(&origin->only);
	hy_origin_list_fini(&origin->never);
	*origin = (struct hy_origin){0};
}

static bool any_matches(const struct hy_origin_names *names, struct hy_str text)
{
	for (size_t i = 0; text.n && i < names->count; i++)
		if (hy_str_glob(names->items[i].glob, text))
			return true;
	return false;
}

static bool is_listed(const struct hy_origin_list *list, struct hy_str source, struct hy_str outlet)
{
	return any_matches(&list->sources, source) || any_matches(&list->outlets, outlet);
}

bool hy_origin_list_names(const struct hy_origin_list *list, struct hy_str source,
			  struct hy_str outlet)
{
	return outlet.n ? any_matches(&list->outlets, outlet) : any_matches(&list->sources, source);
}

bool hy_origin_allows(const struct hy_origin *origin, struct hy_str source, struct hy_str outlet)
{
	if (source.n + outlet.n == 0)
		return true;
	return (!origin->only.given || is_listed(&origin->only, source, outlet)) &&
	       !is_listed(&origin->never, source, outlet);
}
