#include "alerter/case_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "alerter/rule_file.h"
#include "common/base/mem.h"

#define WORD_BYTES_MAX 64

static const char *const known_keys[] = {"returns", "unreviewed_answers", "vague_words", NULL};

static bool file_exists(const char *dir)
{
	char path[HY_RULE_PATH_BYTES];
	int n = snprintf(path, sizeof path, "%s/%s", dir, HY_CASE_RULES_FILE);

	return n > 0 && (size_t)n < sizeof path && access(path, F_OK) == 0;
}

static void read_unreviewed(const struct hy_yaml_node *root, struct hy_findings *findings,
			    struct hy_case_rules *rules)
{
	struct hy_str word;

	if (!hy_yaml_get(root, "unreviewed_answers") ||
	    !hy_yaml_read_text(root, "unreviewed_answers", true, findings, &word))
		return;
	if (hy_str_eq_c(word, "refuse"))
		rules->unreviewed_refused = true;
	else if (!hy_str_eq_c(word, "record"))
		hy_yaml_finding(hy_yaml_get(root, "unreviewed_answers"), findings,
				"unreviewed_answers 应为 record（记录并补审）或 refuse（不予记录）");
}

static void read_vague(const struct hy_yaml_node *root, struct hy_findings *findings,
		       struct hy_case_rules *rules)
{
	const struct hy_yaml_node *list = hy_yaml_get(root, "vague_words");
	size_t count = list ? hy_rule_word_count(root, "vague_words") : 0;

	if (!list)
		return;
	if (count > HY_VAGUE_WORDS_MAX) {
		hy_yaml_finding(list, findings, "模糊用语超过 %d 个", HY_VAGUE_WORDS_MAX);
		return;
	}
	rules->vague_count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct hy_yaml_node *at = list;
		struct hy_str word = hy_str_trim(hy_rule_word(root, "vague_words", i, &at));

		if (!word.n || word.n > WORD_BYTES_MAX)
			hy_yaml_finding(at, findings, "模糊用语应为 1 到 %d 字节的文字", WORD_BYTES_MAX);
		else
			rules->vague[rules->vague_count++] = word;
	}
}

static void set_presets(struct hy_case_rules *rules)
{
	/* 乐清等地的答复规定点名不得使用的三个词。 */
	static const char *const words[] = {"近期", "尽快", "即将"};

	rules->returns = 1;
	for (size_t i = 0; i < HY_COUNT(words); i++)
		rules->vague[rules->vague_count++] = hy_str_of(words[i]);
}

enum hy_err hy_case_rules_load(const char *dir, struct hy_findings *findings,
			       struct hy_case_rules **out)
{
	struct hy_case_rules *rules = hy_xcalloc(1, sizeof *rules);
	const struct hy_yaml_node *root;
	enum hy_err err = HY_OK;

	set_presets(rules);
	if (file_exists(dir)) {
		err = hy_rule_file_open(dir, HY_CASE_RULES_FILE, findings, &rules->file);
		if (err) {
			hy_case_rules_free(rules);
			return err;
		}
		root = hy_yaml_root(rules->file);
		(void)hy_yaml_known_keys(root, known_keys, findings);
		if (hy_yaml_get(root, "returns"))
			(void)hy_yaml_read_int(root, "returns", 0, HY_CASE_RETURNS_MAX, findings,
					       &rules->returns);
		read_unreviewed(root, findings, rules);
		read_vague(root, findings, rules);
	}
	*out = rules;
	return HY_OK;
}

void hy_case_rules_free(struct hy_case_rules *rules)
{
	if (!rules)
		return;
	hy_yaml_free(rules->file);
	free(rules);
}

void hy_case_rules_write(const struct hy_case_rules *rules, struct hy_buf *out)
{
	hy_buf_addf(out, "退回次数：每件最多 %d 次\n", (int)rules->returns);
	hy_buf_addf(out, "未经审核的回应：%s\n",
		    rules->unreviewed_refused ? "不予记录" : "记录并补审");
	hy_buf_add_c(out, "模糊用语：");
	for (size_t i = 0; i < rules->vague_count; i++)
		hy_buf_addf(out, "%s%.*s", i ? "、" : "", HY_STR_ARGS(rules->vague[i]));
	hy_buf_add_char(out, '\n');
}
