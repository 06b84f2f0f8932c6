#include "crawler/source_xpath.h"

#include <libxml/xpath.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

struct hy_source_xpath {
	xmlXPathCompExprPtr fields[HY_XPATH_FIELD_COUNT];
};

/* What a key means depends on whether the list's entries are described. */
static const struct {
	const char *key;
	enum hy_xpath_field with_item, without_item;
} keys[] = {
	{"item", HY_XPATH_ITEM, HY_XPATH_ITEM},
	{"link", HY_XPATH_LINK, HY_XPATH_FIELD_COUNT},
	{"title", HY_XPATH_ITEM_TITLE, HY_XPATH_TITLE},
	{"published", HY_XPATH_ITEM_PUBLISHED, HY_XPATH_PUBLISHED},
	{"article_title", HY_XPATH_TITLE, HY_XPATH_FIELD_COUNT},
	{"article_published", HY_XPATH_PUBLISHED, HY_XPATH_FIELD_COUNT},
	{"text", HY_XPATH_TEXT, HY_XPATH_TEXT},
	{"source", HY_XPATH_SOURCE, HY_XPATH_SOURCE},
	{"remove", HY_XPATH_REMOVE, HY_XPATH_REMOVE},
};
static const char *const known_keys[] = {
	"item", "link", "title", "published", "article_title", "article_published", "text",
	"source", "remove", NULL,
};

/* XPath 1.0, sections 3.7 (node types) and 4. */
static const char *const functions[] = {
	"node", "text", "comment", "processing-instruction",
	"last", "position", "count", "id", "local-name", "namespace-uri", "name",
	"string", "concat", "starts-with", "contains", "substring-before", "substring-after",
	"substring", "string-length", "normalize-space", "translate",
	"boolean", "not", "true", "false", "lang",
	"number", "sum", "floor", "ceiling", "round",
};

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.' || (unsigned char)c >= 0x80;
}

static bool is_function(struct hy_str name)
{
	for (size_t i = 0; i < HY_COUNT(functions); i++)
		if (hy_str_eq_c(name, functions[i]))
			return true;
	return false;
}

static int column_of(struct hy_str text, size_t byte)
{
	return (int)hy_utf8_count(text.p, byte < text.n ? byte : text.n) + 1;
}

/* From the quote at `at` to behind the one that closes it. */
static size_t skip_literal(struct hy_str text, size_t at)
{
	char quote = text.p[at++];

	while (at < text.n && text.p[at] != quote)
		at++;
	return at < text.n ? at + 1 : at;
}

/* Names that are known only when evaluating: a missing one would never match, silently. */
static bool check_name(const struct hy_yaml_node *node, struct hy_findings *f, size_t from,
		       size_t to)
{
	struct hy_str text = hy_yaml_text(node), name = hy_str_sub(text, from, to - from);
	size_t next = to;

	while (next < text.n && (text.p[next] == ' ' || text.p[next] == '\t'))
		next++;
	if (next < text.n && text.p[next] == '(' && !is_function(name) &&
	    !hy_str_eq_c(name, "and") && !hy_str_eq_c(name, "or") && !hy_str_eq_c(name, "div") &&
	    !hy_str_eq_c(name, "mod")) {
		hy_yaml_finding(node, f, "XPath 第 %d 个字符处：没有函数“%.*s”，只能用 XPath 1.0 的函数",
				column_of(text, from), HY_STR_ARGS(name));
		return false;
	}
	if (next + 1 < text.n && text.p[next] == ':' && text.p[next + 1] != ':') {
		hy_yaml_finding(node, f, "XPath 第 %d 个字符处：不能用命名空间前缀“%.*s:”",
				column_of(text, from), HY_STR_ARGS(name));
		return false;
	}
	return true;
}

static bool check_names(const struct hy_yaml_node *node, struct hy_findings *f)
{
	struct hy_str text = hy_yaml_text(node);
	size_t at = 0;

	while (at < text.n) {
		size_t from = at;

		if (text.p[at] == '"' || text.p[at] == '\'') {
			at = skip_literal(text, at);
			continue;
		}
		if (text.p[at] == '$') {
			hy_yaml_finding(node, f, "XPath 第 %d 个字符处：不能用变量", column_of(text, at));
			return false;
		}
		while (at < text.n && is_name_char(text.p[at]))
			at++;
		if (at > from && !check_name(node, f, from, at))
			return false;
		at += at == from;
	}
	return true;
}

/* libxml2 calls it for the first mistake; int1 is the byte where it stands. */
static void on_error(void *ctx, xmlErrorPtr error)
{
	int *at = ctx;

	if (*at < 0)
		*at = error->int1 < 0 ? 0 : error->int1;
}

static xmlXPathCompExprPtr compile(const struct hy_yaml_node *node, struct hy_findings *f)
{
	struct hy_str text = hy_yaml_text(node);
	hy_cleanup(hy_free_p) char *copy = NULL;
	xmlXPathContextPtr context;
	xmlXPathCompExprPtr done;
	int at = -1;

	if (!hy_yaml_is_scalar(node) || !text.n || text.n > HY_XPATH_BYTES) {
		hy_yaml_finding(node, f, "应为一个 XPath 表达式，最长 %d 字节", HY_XPATH_BYTES);
		return NULL;
	}
	context = xmlXPathNewContext(NULL);
	hy_assert(context);
	context->error = on_error;
	context->userData = &at;
	copy = hy_str_dup(text);
	done = xmlXPathCtxtCompile(context, (const xmlChar *)copy);
	xmlXPathFreeContext(context);
	if (!done) {
		hy_yaml_finding(node, f, "XPath 第 %d 个字符处有语法错误",
				column_of(text, at < 0 ? 0 : (size_t)at));
	} else if (!check_names(node, f)) {
		xmlXPathFreeCompExpr(done);
		done = NULL;
	}
	return done;
}

struct hy_source_xpath *hy_source_xpath_read(const struct hy_yaml_node *mapping, bool is_list,
					     struct hy_findings *findings)
{
	struct hy_source_xpath *x = hy_xcalloc(1, sizeof *x);
	bool with_item;

	if (!hy_yaml_is_mapping(mapping)) {
		hy_yaml_finding(mapping, findings, "xpath 应为一组“键: 表达式”");
		return x;
	}
	(void)hy_yaml_known_keys(mapping, known_keys, findings);
	with_item = hy_yaml_get(mapping, "item");
	if (with_item && !is_list)
		hy_yaml_finding(hy_yaml_get(mapping, "item"), findings,
				"item 只用于 kind: list 的来源");
	for (size_t i = 0; i < HY_COUNT(keys); i++) {
		const struct hy_yaml_node *node = hy_yaml_get(mapping, keys[i].key);
		enum hy_xpath_field field = with_item ? keys[i].with_item : keys[i].without_item;

		if (node && field == HY_XPATH_FIELD_COUNT)
			hy_yaml_finding(node, findings, "%s 要与 item 一起写", keys[i].key);
		else if (node)
			x->fields[field] = compile(node, findings);
	}
	return x;
}

void hy_source_xpath_free(struct hy_source_xpath *xpath)
{
	if (!xpath)
		return;
	for (size_t i = 0; i < HY_XPATH_FIELD_COUNT; i++)
		xmlXPathFreeCompExpr(xpath->fields[i]);
	free(xpath);
}

bool hy_source_xpath_has(const struct hy_source_xpath *xpath, enum hy_xpath_field field)
{
	return xpath && xpath->fields[field];
}

bool hy_source_xpath_reads_lists(const struct hy_source_xpath *xpath)
{
	return hy_source_xpath_has(xpath, HY_XPATH_ITEM);
}

bool hy_source_xpath_reads_articles(const struct hy_source_xpath *xpath)
{
	for (int i = HY_XPATH_TITLE; i < HY_XPATH_FIELD_COUNT; i++)
		if (hy_source_xpath_has(xpath, (enum hy_xpath_field)i))
			return true;
	return false;
}

xmlXPathCompExprPtr hy_source_xpath_get(const struct hy_source_xpath *xpath,
					enum hy_xpath_field field)
{
	return xpath ? xpath->fields[field] : NULL;
}
