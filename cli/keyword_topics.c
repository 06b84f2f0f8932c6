#include "cli/keyword_topics.h"

#include "analyzer/atoms.h"
#include "analyzer/pattern.h"
#include "cli/pattern_example.h"
#include "cli/print.h"
#include "cli/sources_write.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

#define YAML_BYTES ((size_t)32 << 20)
#define NOTES_BYTES ((size_t)32 << 20)
#define TITLE_BYTES 120
#define SCRATCH_BYTES (64u << 10)

struct maker {
	const struct hy_keyword_file *file;
	const char *name;
	const struct hy_fold_table *table;
	struct hy_keyword_topics *out;
	bool *usable;		/* by item of the file */
	size_t begin, end;	/* the items of the group in hand */
	struct hy_buf global;	/* the global filters as items of YAML */
};

void hy_keyword_topics_init(struct hy_keyword_topics *out)
{
	*out = (struct hy_keyword_topics){.topics = 0};
	hy_buf_init(&out->yaml, YAML_BYTES);
	hy_buf_init(&out->notes, NOTES_BYTES);
}

void hy_keyword_topics_fini(struct hy_keyword_topics *out)
{
	hy_buf_fini(&out->yaml);
	hy_buf_fini(&out->notes);
}

/* ---- notes ---- */

static void note(struct maker *m, const struct hy_keyword *word, const char *what)
{
	hy_buf_addf(&m->out->notes, "%s:%d: ", m->name, word->line);
	if (word->text.n) {
		hy_buf_add_c(&m->out->notes, "“");
		hy_print_plain(word->text, &m->out->notes);
		hy_buf_add_c(&m->out->notes, "”");
	}
	hy_buf_addf(&m->out->notes, "%s\n", what);
}

static bool has(struct hy_str s, const char *what)
{
	return hy_str_find(s, hy_str_of(what), 0) != SIZE_MAX;
}

/* The compiled pattern, or NULL with *out_error. */
static struct hy_pattern *compile(const struct maker *m, struct hy_str text,
				  struct hy_pattern_error *out_error)
{
	hy_cleanup(hy_buf_fini) struct hy_buf folded = HY_BUF((size_t)HY_PATTERN_BYTES * 8);
	struct hy_pattern *pattern = NULL;

	hy_fold_pattern(m->table, text, &folded);
	*out_error = (struct hy_pattern_error){.text = "太长"};
	if (text.n > HY_PATTERN_BYTES - 2 || hy_buf_err(&folded) ||
	    hy_pattern_new(hy_buf_str(&folded), &pattern, out_error) != HY_OK)
		return NULL;
	return pattern;
}

static bool pattern_usable(struct maker *m, const struct hy_keyword *word)
{
	hy_cleanup(hy_buf_fini) struct hy_buf what = HY_BUF(1024);
	struct hy_pattern_error error;
	struct hy_pattern *pattern = compile(m, word->text, &error);

	hy_pattern_free(pattern);
	if (!pattern) {
		hy_buf_addf(&what, "模式不能用，未导入（TrendRadar 把写错的模式当普通词）：%s", error.text);
		note(m, word, hy_buf_err(&what) ? "模式不能用，未导入" : what.p);
		return false;
	}
	if (has(word->text, "\\b") || has(word->text, "\\w") || has(word->text, "\\W"))
		note(m, word, "：\\b、\\w 在这里只认 ASCII 字母和数字，紧挨汉字也算边界");
	if (has(word->text, " ") || has(word->text, "\\s"))
		note(m, word, "：汉字旁的空格在比较前已去掉，模式里的空格可能对不上");
	if (word->flags.n && !hy_str_eq_c(word->flags, "i"))
		note(m, word, "：模式后的标志不起作用，一律不分大小写");
	return true;
}

static bool term_usable(struct maker *m, const struct hy_keyword *word)
{
	struct hy_folded folded;

	hy_folded_init(&folded);
	bool usable = word->text.n <= HY_TERM_BYTES && hy_fold(m->table, word->text, &folded) == HY_OK;
	usable = usable && (folded.n >= 3 || hy_utf8_count(folded.text, folded.n) >= 2);
	hy_folded_fini(&folded);
	if (!usable)
		note(m, word, word->text.n > HY_TERM_BYTES ? "太长，未导入"
							   : "太短（单个字母、数字或符号），未导入");
	return usable;
}

/* A file of rules cannot hold them, and without them it is another word. */
static bool has_controls(struct hy_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

static bool word_usable(struct maker *m, const struct hy_keyword *word)
{
	if (has_controls(word->text)) {
		note(m, word, "含控制字符，未导入");
		return false;
	}
	return word->is_pattern ? pattern_usable(m, word) : term_usable(m, word);
}

static bool is_word(const struct hy_keyword *word)
{
	return word->kind == HY_KEYWORD_ANY || word->kind == HY_KEYWORD_MUST ||
	       word->kind == HY_KEYWORD_NOT || word->kind == HY_KEYWORD_GLOBAL;
}

static void look_at(struct maker *m, size_t index)
{
	const struct hy_keyword *word = &m->file->items[index];

	if (is_word(word))
		m->usable[index] = word_usable(m, word);
	if (is_word(word) && word->alias.n)
		note(m, word, "的别名只作注释保留：报告里显示的是议题名称和命中的原文");
	if (word->kind == HY_KEYWORD_NOT && m->usable[index])
		note(m, word, "在 TrendRadar 里对所有词组起作用，这里只排除本议题");
	if (word->kind == HY_KEYWORD_LIMIT)
		note(m, word, "：这里没有显示条数上限（相同的报道归为一件），未导入");
	if (word->kind == HY_KEYWORD_IGNORED)
		note(m, word, "：全局过滤区不认这个符号，TrendRadar 也跳过，未导入");
}

/* ---- items ---- */

static void add_word(const struct hy_keyword *word, struct hy_buf *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(SCRATCH_BYTES);

	if (word->is_pattern) {
		hy_buf_addf(&text, "/%.*s/", HY_STR_ARGS(word->text));
	} else if (word->text.p[0] == '$' || word->text.p[0] == '/') {
		/* A leading $ would name a list, a slash begin a pattern. */
		hy_buf_addf(&text, "/\\%c\\Q%.*s\\E/", word->text.p[0],
			    HY_STR_ARGS(hy_str_sub(word->text, 1, word->text.n)));
	} else {
		hy_buf_add_str(&text, word->text);
	}
	hy_yaml_quote(hy_buf_str(&text), out);
}

static void add_comment(struct maker *m, struct hy_str text, const char *indent)
{
	hy_buf_addf(&m->out->yaml, "%s# ", indent);
	hy_print_plain(text, &m->out->yaml);
	hy_buf_add_char(&m->out->yaml, '\n');
}

static bool is_of(const struct maker *m, size_t index, enum hy_keyword_kind kind)
{
	return m->file->items[index].kind == kind && m->usable[index];
}

static size_t count_of(const struct maker *m, enum hy_keyword_kind kind)
{
	size_t count = 0;

	for (size_t i = m->begin; i < m->end; i++)
		count += is_of(m, i, kind);
	return count;
}

static void add_words(struct maker *m, enum hy_keyword_kind kind, struct hy_buf *out)
{
	for (size_t i = m->begin; i < m->end; i++) {
		const struct hy_keyword *word = &m->file->items[i];

		if (!is_of(m, i, kind))
			continue;
		hy_buf_add_c(out, "        - ");
		add_word(word, out);
		if (word->alias.n) {
			hy_buf_add_c(out, "    # => ");
			hy_print_plain(word->alias, out);
		}
		hy_buf_add_char(out, '\n');
	}
}

/* ---- samples ---- */

/* False where no text could be found that the pattern takes. */
static bool add_example(const struct maker *m, const struct hy_keyword *word, struct hy_buf *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(SCRATCH_BYTES);
	struct hy_pattern_error error;
	struct hy_pattern_span span;
	struct hy_folded folded;
	bool found = false;

	if (!word->is_pattern) {
		hy_buf_add_str(out, word->text);
		return true;
	}
	hy_pattern_example(word->text, &text);
	struct hy_pattern *pattern = compile(m, word->text, &error);
	struct hy_pattern_user *user = hy_pattern_user_new();

	hy_folded_init(&folded);
	if (pattern && hy_buf_err(&text) == HY_OK &&
	    hy_fold(m->table, hy_buf_str(&text), &folded) == HY_OK)
		found = hy_pattern_next(pattern, user, (struct hy_str){folded.text, folded.n}, 0,
					&span) == HY_PATTERN_FOUND;
	hy_folded_fini(&folded);
	hy_pattern_user_free(user);
	hy_pattern_free(pattern);
	if (found)
		hy_buf_add_str(out, hy_buf_str(&text));
	return found;
}

/* A text with the first of the words that will do, and with all that must be there. */
static bool make_hit(const struct maker *m, struct hy_buf *out)
{
	bool needs_any = count_of(m, HY_KEYWORD_ANY) > 0;

	for (size_t i = m->begin; i < m->end; i++) {
		bool any = needs_any && is_of(m, i, HY_KEYWORD_ANY);

		if (!any && !is_of(m, i, HY_KEYWORD_MUST))
			continue;
		size_t before = out->n;

		if (out->n)
			hy_buf_add_c(out, "，");
		if (add_example(m, &m->file->items[i], out))
			needs_any = needs_any && !any;
		else if (any)
			hy_buf_truncate(out, before);
		else
			return false;
	}
	return !needs_any;
}

static bool stands_in(const struct maker *m, struct hy_str sentence)
{
	for (size_t i = m->begin; i < m->end; i++)
		if ((is_of(m, i, HY_KEYWORD_ANY) || is_of(m, i, HY_KEYWORD_MUST)) &&
		    hy_str_find_nocase(sentence, m->file->items[i].text, 0) != SIZE_MAX)
			return true;
	return false;
}

static void add_samples(struct maker *m)
{
	static const char *const neutral[] = {"今天多云转晴，气温十二度。", "图书馆周末照常开放。",
					      "候鸟已经飞抵湿地过冬。"};
	hy_cleanup(hy_buf_fini) struct hy_buf hit = HY_BUF(SCRATCH_BYTES);
	size_t pick = 0;

	while (pick + 1 < HY_COUNT(neutral) && stands_in(m, hy_str_of(neutral[pick])))
		pick++;
	hy_buf_add_c(&m->out->yaml, "    samples:\n      hit:\n        - ");
	if (make_hit(m, &hit) && hy_buf_err(&hit) == HY_OK) {
		hy_yaml_quote(hy_buf_str(&hit), &m->out->yaml);
	} else {
		hy_buf_add_c(&m->out->yaml, "\"请换成一段应当命中的文字\"");
		note(m, &m->file->items[m->begin], "所在的词组想不出应当命中的样本，请补写");
	}
	hy_buf_addf(&m->out->yaml, "\n      miss:\n        - %s\n", neutral[pick]);
}

/* ---- groups ---- */

/* The group's own name, or its words. */
static void add_title(struct maker *m, int group)
{
	hy_cleanup(hy_buf_fini) struct hy_buf title = HY_BUF(SCRATCH_BYTES);

	for (size_t i = m->begin; i < m->end; i++) {
		const struct hy_keyword *word = &m->file->items[i];
		struct hy_str shown = word->alias.n ? word->alias : word->text;

		if (word->kind == HY_KEYWORD_NAME && word->text.n) {
			hy_buf_clear(&title);
			hy_buf_add_str(&title, word->text);
			break;
		}
		if ((!is_of(m, i, HY_KEYWORD_ANY) && !is_of(m, i, HY_KEYWORD_MUST)) ||
		    title.n + shown.n > TITLE_BYTES)
			continue;
		hy_buf_addf(&title, "%s%.*s", title.n ? "、" : "", HY_STR_ARGS(shown));
	}
	if (!title.n || hy_buf_err(&title)) {
		hy_buf_clear(&title);
		hy_buf_addf(&title, "导入的第 %d 组", group);
	}
	hy_buf_add_c(&m->out->yaml, "    title: ");
	hy_yaml_quote(hy_buf_str(&title), &m->out->yaml);
	hy_buf_add_char(&m->out->yaml, '\n');
}

static void add_none(struct maker *m)
{
	if (!m->global.n && !count_of(m, HY_KEYWORD_NOT))
		return;
	hy_buf_add_c(&m->out->yaml, "      none:\n");
	add_words(m, HY_KEYWORD_NOT, &m->out->yaml);
	if (m->global.n)
		hy_buf_addf(&m->out->yaml, "        # [GLOBAL_FILTER]\n%s", m->global.p);
}

static void add_comments(struct maker *m, const char *indent)
{
	for (size_t i = m->begin; i < m->end; i++)
		if (m->file->items[i].kind == HY_KEYWORD_COMMENT)
			add_comment(m, m->file->items[i].text, indent);
}

static bool has_words(const struct maker *m, enum hy_keyword_kind kind)
{
	for (size_t i = m->begin; i < m->end; i++)
		if (m->file->items[i].kind == kind)
			return true;
	return false;
}

/* A must that was left out would let the topic match more than was asked for. */
static bool is_whole(const struct maker *m)
{
	for (size_t i = m->begin; i < m->end; i++)
		if (!m->usable[i] && m->file->items[i].kind == HY_KEYWORD_MUST)
			return false;
	if (has_words(m, HY_KEYWORD_ANY))
		return count_of(m, HY_KEYWORD_ANY) > 0;
	return count_of(m, HY_KEYWORD_MUST) > 0;
}

static void add_group(struct maker *m)
{
	int group = m->file->items[m->begin].group;
	bool wants = has_words(m, HY_KEYWORD_ANY) || has_words(m, HY_KEYWORD_MUST);

	add_comments(m, wants ? "  " : "");
	if (!is_whole(m)) {
		if (wants || has_words(m, HY_KEYWORD_NOT)) {
			note(m, &m->file->items[m->begin], "所在的词组没有可用的条件，整组未导入");
			m->out->skipped++;
		}
		return;
	}
	m->out->topics++;
	hy_buf_addf(&m->out->yaml, "  - id: imported.%d\n", group);
	add_title(m, group);
	hy_buf_add_c(&m->out->yaml, "    owner: office\n    match:\n");
	if (count_of(m, HY_KEYWORD_MUST)) {
		hy_buf_add_c(&m->out->yaml, "      all:\n");
		add_words(m, HY_KEYWORD_MUST, &m->out->yaml);
	}
	if (count_of(m, HY_KEYWORD_ANY)) {
		hy_buf_add_c(&m->out->yaml, "      any:\n");
		add_words(m, HY_KEYWORD_ANY, &m->out->yaml);
	}
	add_none(m);
	add_samples(m);
}

void hy_keyword_topics_make(const struct hy_keyword_file *file, const char *name,
			    const struct hy_fold_table *table, struct hy_keyword_topics *out)
{
	hy_cleanup(hy_free_p) bool *usable = hy_xcalloc(file->count + 1, sizeof *usable);
	struct maker m = {.file = file, .name = name, .table = table, .out = out, .usable = usable,
			  .global = HY_BUF(YAML_BYTES)};

	for (size_t i = 0; i < file->count; i++)
		look_at(&m, i);
	m.end = file->count;
	size_t global = count_of(&m, HY_KEYWORD_GLOBAL);

	add_words(&m, HY_KEYWORD_GLOBAL, &m.global);
	if (hy_buf_err(&m.global))
		out->yaml.err = HY_ERR_LIMIT;
	hy_buf_add_c(&out->yaml, "# 由 huiying rules import 从 TrendRadar 的关键词文件生成。"
				 "请核对归口职责（owner）和级别，补充样本。\ntopics:\n");
	for (m.begin = 0; m.begin < file->count; m.begin = m.end) {
		for (m.end = m.begin; m.end < file->count &&
				      file->items[m.end].group == file->items[m.begin].group;)
			m.end++;
		add_group(&m);
	}
	if (global)
		hy_buf_addf(&out->notes, "%s: %zu 个全局过滤词写进了每个议题的 none\n", name, global);
	hy_buf_addf(&out->notes, "%s: TrendRadar 只看标题，这里标题和正文都看；只想看标题的词写成"
		    " {term: 词, fields: [title]}\n", name);
	hy_buf_fini(&m.global);
}
