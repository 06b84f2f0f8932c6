/* From libfyaml's events to the tree of yaml_tree.h. */
#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/sys/yaml_tree.h"

#define LINEAR_KEYS 16		/* mappings up to this size are searched key by key */

/* A collection that is still open. */
struct level {
	struct hy_yaml_node *node;
	size_t cap;		/* of its children */
	struct hy_yaml_node **children;
};

struct builder {
	struct hy_yaml *file;
	struct hy_findings *findings;
	struct hy_map anchors;
	struct level levels[HY_YAML_DEPTH_MAX];
	size_t depth;
	size_t documents;
	int line, column;	/* of the last event that knew its place */
	bool failed;
};

/* Gives the parse up: what follows would only repeat the mistake. */
static void refuse(struct builder *b, const char *message)
{
	hy_findings_add(b->findings, b->file->name, b->line, b->column, message);
	b->failed = true;
}

static struct hy_str token_text(struct fy_token *token)
{
	size_t n = 0;
	const char *p = token ? fy_token_get_text(token, &n) : NULL;

	return (struct hy_str){p, p ? n : 0};
}

static struct hy_yaml_node *node_new(struct builder *b, enum hy_yaml_kind kind)
{
	struct hy_yaml_node *node = hy_yaml_alloc(b->file, sizeof *node);

	node->file = b->file;
	node->kind = kind;
	node->line = b->line;
	node->column = b->column;
	node->weight = 1;
	return node;
}

static bool key_seen(const struct hy_yaml_node *mapping, size_t before, struct hy_str key)
{
	for (size_t i = 0; i < before; i += 2)
		if (hy_yaml_is_scalar(mapping->children[i]) &&
		    hy_str_eq(mapping->children[i]->text, key))
			return true;
	return false;
}

static void check_keys(struct builder *b, const struct hy_yaml_node *mapping)
{
	struct hy_map seen;
	bool many = mapping->child_count / 2 > LINEAR_KEYS;

	hy_map_init(&seen, HY_YAML_WEIGHT_MAX);
	for (size_t i = 0; i < mapping->child_count; i += 2) {
		struct hy_yaml_node *key = mapping->children[i];
		bool twice;

		if (key->kind != HY_YAML_SCALAR) {
			hy_yaml_finding(key, b->findings, "键应为文字，不能是列表或映射");
			continue;
		}
		twice = many ? hy_map_get(&seen, key->text) != NULL : key_seen(mapping, i, key->text);
		if (twice)
			hy_yaml_finding(key, b->findings, "重复的键 “%.*s”", HY_STR_ARGS(key->text));
		else if (many && hy_map_set(&seen, key->text, key))
			refuse(b, "键过多");
	}
	hy_map_fini(&seen);
}

/* Hangs a finished node into the open collection, or makes it the root. */
static void attach(struct builder *b, struct hy_yaml_node *node)
{
	struct level *level;

	if (!b->depth) {
		b->file->root = node;
		return;
	}
	level = &b->levels[b->depth - 1];
	level->node->weight += node->weight;
	if (level->node->weight > HY_YAML_WEIGHT_MAX) {
		refuse(b, "内容过多（含别名展开，上限 1000000 个值）");
		return;
	}
	level->children = hy_grow(level->children, &level->cap, level->node->child_count + 1,
				  sizeof *level->children);
	level->children[level->node->child_count++] = node;
}

static void set_anchor(struct builder *b, struct fy_event *event, struct hy_yaml_node *node)
{
	struct fy_token *token = fy_event_get_anchor_token(event);

	if (token && hy_map_set(&b->anchors, token_text(token), node))
		refuse(b, "锚点过多（上限 1000 个）");
}

static void open_level(struct builder *b, struct fy_event *event, enum hy_yaml_kind kind)
{
	struct hy_yaml_node *node;

	if (b->depth == HY_YAML_DEPTH_MAX) {
		refuse(b, "嵌套过深（上限 48 层）");
		return;
	}
	node = node_new(b, kind);
	node->weight = 1;
	set_anchor(b, event, node);
	b->levels[b->depth++] = (struct level){.node = node};
}

static void close_level(struct builder *b)
{
	struct level *level = &b->levels[b->depth - 1];
	struct hy_yaml_node *node = level->node;
	size_t bytes = node->child_count * sizeof *node->children;

	node->children = hy_yaml_alloc(b->file, bytes);
	if (bytes)
		memcpy(node->children, level->children, bytes);
	free(level->children);
	b->depth--;
	if (node->kind == HY_YAML_MAPPING)
		check_keys(b, node);
	attach(b, node);
}

static void add_scalar(struct builder *b, struct fy_event *event)
{
	struct fy_token *token = event->scalar.value;
	enum fy_scalar_style style = token ? fy_token_scalar_style(token) : FYSS_PLAIN;
	struct hy_str text = token_text(token);
	bool plain = style == FYSS_PLAIN;
	struct hy_yaml_node *node;

	if (style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED)
		b->column--;	/* the mark is behind the quote */
	node = node_new(b, HY_YAML_SCALAR);
	/* YAML 1.2 core schema: these plain words are null. */
	if (plain && (hy_str_eq_c(text, "~") || hy_str_eq_c(text, "null")))
		text.n = 0;
	if (!hy_utf8_valid(text.p ? text.p : "", text.n) || (text.n && memchr(text.p, 0, text.n))) {
		refuse(b, "文字中有无效的字符");
		return;
	}
	if (text.n) {
		char *copy = hy_yaml_alloc(b->file, text.n + 1);

		memcpy(copy, text.p, text.n);
		node->text = (struct hy_str){copy, text.n};
	} else {
		node->text = HY_STR_LIT("");
	}
	set_anchor(b, event, node);
	attach(b, node);
}

static void add_alias(struct builder *b, struct fy_event *event)
{
	struct hy_yaml_node *node = hy_map_get(&b->anchors, token_text(event->alias.anchor));

	b->column--;	/* the mark is behind the asterisk */
	if (!node) {
		refuse(b, "别名所指的锚点不存在");
		return;
	}
	for (size_t i = 0; i < b->depth; i++)
		if (b->levels[i].node == node) {
			refuse(b, "别名指向了包含它自己的内容");
			return;
		}
	attach(b, node);
}

static void start_document(struct builder *b)
{
	if (b->documents++)
		refuse(b, "一个文件只能有一个文档（多余的 “---”）");
}

static void take_event(struct builder *b, struct fy_event *event)
{
	const struct fy_mark *mark = fy_event_start_mark(event);

	if (mark) {
		b->line = mark->line + 1;
		b->column = mark->column + 1;
	}
	switch (event->type) {
	case FYET_DOCUMENT_START:
		start_document(b);
		break;
	case FYET_MAPPING_START:
		open_level(b, event, HY_YAML_MAPPING);
		break;
	case FYET_SEQUENCE_START:
		open_level(b, event, HY_YAML_SEQUENCE);
		break;
	case FYET_MAPPING_END:
	case FYET_SEQUENCE_END:
		close_level(b);
		break;
	case FYET_SCALAR:
		add_scalar(b, event);
		break;
	case FYET_ALIAS:
		add_alias(b, event);
		break;
	case FYET_NONE:
	case FYET_STREAM_START:
	case FYET_STREAM_END:
	case FYET_DOCUMENT_END:
		break;
	}
}

/* ---- diagnostics ---- */

/* libfyaml's words for the mistakes that people make most, in the readers' language. */
static const struct {
	const char *fragment, *message;
} translations[] = {
	{"tab character", "缩进不能用制表符（Tab），请改用空格"},
	{"tab used as indentation", "缩进不能用制表符（Tab），请改用空格"},
	{"invalid multiline plain key", "冒号的位置不对：多行文字不能作键，请检查缩进或加引号"},
	{"wrongly indented", "缩进不对（引号内的续行也要缩进）"},
	{"wrong indentation", "缩进不对"},
	{"invalid indentation", "缩进不对"},
	{"missing comma", "列表或映射的各项之间缺少逗号"},
	{"did not find expected ',' or ']'", "方括号没有闭合，或各项之间缺少逗号"},
	{"did not find expected ',' or '}'", "花括号没有闭合，或各项之间缺少逗号"},
	{"flow sequence without a closing bracket", "方括号没有闭合"},
	{"flow mapping without a closing brace", "花括号没有闭合"},
	{"could not find expected ':'", "缺少冒号"},
	{"missing ':'", "缺少冒号"},
	{"did not find expected key", "这里应是 “键: 值”，请检查缩进"},
	{"did not find expected '-' indicator", "这里应是以 “-” 开头的列表项，请检查缩进"},
	{"end of stream", "文件在引号或括号没有闭合时就结束了"},
	{"while scanning for the next token", "这里有不能作文字开头的字符，请加引号"},
	{"invalid escape", "双引号中的 “\\” 转义写法无效"},
	{"document end marker", "“%” 开头的文字请加引号"},
	{"depth", "嵌套过深"},
};

static void add_syntax_finding(struct builder *b, const struct fy_diag_error *error)
{
	char message[512];

	for (size_t i = 0; i < HY_COUNT(translations); i++)
		if (strstr(error->msg, translations[i].fragment)) {
			(void)snprintf(message, sizeof message, "%s（%s）", translations[i].message,
				       error->msg);
			hy_findings_add(b->findings, b->file->name, error->line, error->column,
					message);
			return;
		}
	(void)snprintf(message, sizeof message, "YAML 写法有误（%s）", error->msg);
	hy_findings_add(b->findings, b->file->name, error->line, error->column, message);
}

static void say_nothing(struct fy_diag *diag, void *user, const char *buf, size_t len)
{
	(void)diag;
	(void)user;
	(void)buf;
	(void)len;
}

/* Collects, prints nothing; NULL when out of memory. */
static struct fy_diag *diag_new(void)
{
	struct fy_diag_cfg cfg;
	struct fy_diag *diag;

	fy_diag_cfg_default(&cfg);
	cfg.fp = NULL;
	cfg.output_fn = say_nothing;
	diag = fy_diag_create(&cfg);
	if (diag)
		fy_diag_set_collect_errors(diag, true);
	return diag;
}

static void read_events(struct builder *b, struct fy_parser *parser, struct fy_diag *diag)
{
	struct fy_event *event;
	struct fy_diag_error *error;
	void *position = NULL;

	while (!b->failed && (event = fy_parser_parse(parser))) {
		take_event(b, event);
		fy_parser_event_free(parser, event);
	}
	if (b->failed || !fy_parser_get_stream_error(parser))
		return;
	while ((error = fy_diag_errors_iterate(diag, &position))) {
		add_syntax_finding(b, error);
		b->failed = true;
	}
	if (!b->failed)
		refuse(b, "YAML 写法有误");
}

/* What libfyaml would not say clearly, or not notice. Returns false where it refused. */
static bool check_bytes(struct builder *b, struct hy_str text)
{
	uint32_t rune;

	b->line = b->column = 1;
	for (size_t i = 0; i < text.n;) {
		size_t n = hy_utf8_decode(text.p + i, text.n - i, &rune);

		if (!n) {
			refuse(b, "不是 UTF-8 编码，请把文件另存为 UTF-8");
			return false;
		}
		if (!rune) {
			refuse(b, "文件中有零字节");
			return false;
		}
		b->column++;
		if (rune == '\n') {
			b->line++;
			b->column = 1;
		}
		i += n;
	}
	b->line = b->column = 1;
	return true;
}

enum hy_err hy_yaml_build(struct hy_yaml *file, struct hy_str text, struct hy_findings *findings)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	struct builder b = {.file = file, .findings = findings};
	struct fy_parse_cfg cfg = {
		.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_ALLOW_DUPLICATE_KEYS |
			 FYPCF_JSON_NONE,
	};
	struct fy_parser *parser = NULL;

	if (hy_str_starts(text, hy_str_of(byte_order_mark)))
		text = hy_str_sub(text, 3, text.n);
	if (!check_bytes(&b, text))
		return HY_ERR_MALFORMED;
	if (!text.n)
		return HY_OK;
	hy_map_init(&b.anchors, HY_YAML_ANCHORS_MAX);
	cfg.diag = diag_new();
	if (cfg.diag)
		parser = fy_parser_create(&cfg);
	if (!parser || fy_parser_set_string(parser, text.p, text.n))
		refuse(&b, "内存不足");
	else
		read_events(&b, parser, cfg.diag);
	if (parser)
		fy_parser_destroy(parser);
	if (cfg.diag)
		fy_diag_destroy(cfg.diag);
	while (b.depth)
		free(b.levels[--b.depth].children);
	hy_map_fini(&b.anchors);
	return b.failed ? HY_ERR_MALFORMED : HY_OK;
}
