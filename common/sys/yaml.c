#include "common/sys/yaml.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/sys/yaml_tree.h"

#define BLOCK_BYTES ((size_t)64 << 10)
#define FINDING_BYTES 2048
#define FINDINGS_BYTES ((size_t)HY_YAML_FINDINGS_MAX * FINDING_BYTES)

/* ---- findings ---- */

void hy_findings_init(struct hy_findings *f)
{
	hy_buf_init(&f->text, FINDINGS_BYTES);
	f->count = 0;
}

void hy_findings_fini(struct hy_findings *f)
{
	hy_buf_fini(&f->text);
	f->count = 0;
}

void hy_findings_add(struct hy_findings *f, const char *name, int line, int column,
		     const char *message)
{
	size_t start = f->text.n;

	f->count++;
	if (f->count > HY_YAML_FINDINGS_MAX ||
	    strlen(name) + strlen(message) + 32 > f->text.max - start)
		return;
	hy_buf_addf(&f->text, "%s:%d:%d: %s", name, line, column, message);
	for (size_t i = start; i < f->text.n; i++)
		if ((unsigned char)f->text.p[i] < 0x20)
			f->text.p[i] = ' ';
	hy_buf_add_char(&f->text, '\n');
}

void hy_yaml_finding(const struct hy_yaml_node *at, struct hy_findings *findings, const char *fmt,
		     ...)
{
	char message[FINDING_BYTES];
	va_list args;
	size_t n;

	va_start(args, fmt);
	(void)vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	n = strlen(message);
	if (n + 1 == sizeof message)
		message[hy_utf8_floor(message, n, n - 3)] = '\0';
	hy_findings_add(findings, at->file->name, at->line, at->column, message);
}

/* ---- a file ---- */

struct hy_yaml_block {
	struct hy_yaml_block *next;
	size_t used, size;
	max_align_t memory[];
};

void *hy_yaml_alloc(struct hy_yaml *file, size_t n)
{
	struct hy_yaml_block *block = file->blocks;
	char *p;

	n = (n + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
	if (!block || n > block->size - block->used) {
		size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;

		block = hy_xcalloc(1, sizeof *block + size);
		block->size = size;
		block->next = file->blocks;
		file->blocks = block;
	}
	p = (char *)block->memory + block->used;
	block->used += n;
	return p;
}

void hy_yaml_free(struct hy_yaml *file)
{
	if (!file)
		return;
	while (file->blocks) {
		struct hy_yaml_block *next = file->blocks->next;

		free(file->blocks);
		file->blocks = next;
	}
	free(file->name);
	free(file);
}

enum hy_err hy_yaml_parse(struct hy_str text, const char *name, struct hy_findings *findings,
			  struct hy_yaml **out)
{
	struct hy_yaml *file;
	enum hy_err err;

	if (text.n > HY_YAML_FILE_BYTES) {
		hy_findings_add(findings, name, 1, 1, "文件过大（上限 16 MiB）");
		return HY_ERR_LIMIT;
	}
	file = hy_xcalloc(1, sizeof *file);
	file->name = hy_xstrdup(name);
	err = hy_yaml_build(file, text, findings);
	if (err) {
		hy_yaml_free(file);
		return err;
	}
	*out = file;
	return HY_OK;
}

/* Reads at most one byte more than a file may have, so that the parser sees the excess. */
static enum hy_err read_file(const char *path, struct hy_buf *out)
{
	FILE *f = fopen(path, "rbe");
	enum hy_err err = HY_OK;

	if (!f)
		return HY_ERR_IO;
	while (!feof(f) && out->n < out->max) {
		size_t want = out->max - out->n < BLOCK_BYTES ? out->max - out->n : BLOCK_BYTES;
		char *room = hy_buf_reserve(out, want);
		size_t got = room ? fread(room, 1, want, f) : 0;

		if (!room || ferror(f)) {
			err = HY_ERR_IO;
			break;
		}
		hy_buf_commit(out, got);
	}
	if (err) {
		int saved = errno;

		(void)fclose(f);
		errno = saved;
		return err;
	}
	(void)fclose(f);
	return HY_OK;
}

enum hy_err hy_yaml_open(const char *path, const char *name, struct hy_findings *findings,
			 struct hy_yaml **out)
{
	struct hy_buf text;
	enum hy_err err;

	if (!name)
		name = path;
	hy_buf_init(&text, HY_YAML_FILE_BYTES + 1);
	err = read_file(path, &text);
	if (err) {
		char message[256];

		(void)snprintf(message, sizeof message, "无法读取文件：%s", strerror(errno));
		hy_findings_add(findings, name, 1, 1, message);
	} else {
		err = hy_yaml_parse(hy_buf_str(&text), name, findings, out);
	}
	hy_buf_fini(&text);
	return err;
}

const struct hy_yaml_node *hy_yaml_root(const struct hy_yaml *file)
{
	return file->root;
}

/* ---- nodes ---- */

void hy_yaml_place(const struct hy_yaml_node *node, struct hy_buf *out)
{
	hy_buf_addf(out, "%s:%d:%d", node->file->name, node->line, node->column);
}

int hy_yaml_line(const struct hy_yaml_node *node)
{
	return node->line;
}

bool hy_yaml_is_mapping(const struct hy_yaml_node *node)
{
	return node && node->kind == HY_YAML_MAPPING;
}

bool hy_yaml_is_sequence(const struct hy_yaml_node *node)
{
	return node && node->kind == HY_YAML_SEQUENCE;
}

bool hy_yaml_is_scalar(const struct hy_yaml_node *node)
{
	return node && node->kind == HY_YAML_SCALAR;
}

size_t hy_yaml_count(const struct hy_yaml_node *node)
{
	if (!node || node->kind == HY_YAML_SCALAR)
		return 0;
	return node->kind == HY_YAML_MAPPING ? node->child_count / 2 : node->child_count;
}

const struct hy_yaml_node *hy_yaml_item(const struct hy_yaml_node *sequence, size_t index)
{
	hy_assert(hy_yaml_is_sequence(sequence) && index < sequence->child_count);
	return sequence->children[index];
}

void hy_yaml_pair(const struct hy_yaml_node *mapping, size_t index,
		  const struct hy_yaml_node **out_key, const struct hy_yaml_node **out_value)
{
	hy_assert(hy_yaml_is_mapping(mapping) && index < mapping->child_count / 2);
	*out_key = mapping->children[2 * index];
	*out_value = mapping->children[2 * index + 1];
}

const struct hy_yaml_node *hy_yaml_get(const struct hy_yaml_node *mapping, const char *key)
{
	if (!hy_yaml_is_mapping(mapping))
		return NULL;
	for (size_t i = 0; i < mapping->child_count; i += 2)
		if (hy_yaml_is_scalar(mapping->children[i]) &&
		    hy_str_eq_c(mapping->children[i]->text, key))
			return mapping->children[i + 1];
	return NULL;
}

struct hy_str hy_yaml_text(const struct hy_yaml_node *scalar)
{
	return hy_yaml_is_scalar(scalar) ? scalar->text : HY_STR_LIT("");
}
