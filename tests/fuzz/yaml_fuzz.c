/* Any bytes as a YAML file: read or refused with findings, and every node can be asked. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/utf8.h"
#include "common/sys/yaml.h"

#define VISITS_MAX 20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libfyaml 0.7.12 loses a buffer of 4 KiB where a long quoted text is part of a bad file. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libfyaml";
}

static void read_typed(const struct hy_yaml_node *node, struct hy_findings *findings)
{
	static const char *const keys[] = {"title", "lead", "severity", "id", NULL};
	struct hy_str text = {0};
	struct hy_wall wall;
	int64_t n;
	bool b;

	(void)hy_yaml_known_keys(node, keys, findings);
	for (size_t i = 0; keys[i]; i++) {
		(void)hy_yaml_read_text(node, keys[i], true, findings, &text);
		(void)hy_yaml_read_int(node, keys[i], 1, 100, findings, &n);
		(void)hy_yaml_read_bool(node, keys[i], findings, &b);
		(void)hy_yaml_read_duration(node, keys[i], 0, 1000, findings, &n);
		(void)hy_yaml_read_wall(node, keys[i], findings, &wall);
	}
}

/* Aliases make a small file a large tree: the visits are bounded, the depth is by contract. */
static void visit(const struct hy_yaml_node *node, int depth, int *visits)
{
	struct hy_str text = hy_yaml_text(node);

	hy_assert(depth < 64 && hy_yaml_line(node) >= 1);
	hy_assert(hy_utf8_valid(text.p, text.n));
	for (size_t i = 0; i < hy_yaml_count(node) && ++*visits < VISITS_MAX; i++) {
		const struct hy_yaml_node *key, *value;

		if (hy_yaml_is_sequence(node)) {
			visit(hy_yaml_item(node, i), depth + 1, visits);
			continue;
		}
		hy_yaml_pair(node, i, &key, &value);
		visit(key, depth + 1, visits);
		visit(value, depth + 1, visits);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hy_findings findings;
	struct hy_yaml *file = NULL;
	enum hy_err err;
	int visits = 0;

	hy_findings_init(&findings);
	err = hy_yaml_parse((struct hy_str){(const char *)data, size}, "f", &findings, &file);
	if (err) {
		hy_assert(!file && findings.count > 0);
	} else if (hy_yaml_root(file)) {
		visit(hy_yaml_root(file), 0, &visits);
		if (hy_yaml_is_mapping(hy_yaml_root(file)))
			read_typed(hy_yaml_root(file), &findings);
	}
	hy_yaml_free(file);
	hy_findings_fini(&findings);
	return 0;
}
