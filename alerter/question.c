#include "alerter/question.h"

#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

#define TEXT_BYTES 1024		/* of a question, which is HY_QUESTION_RUNES_MAX characters at most */

/* Two questions are alike from so many hundredths of common words on. */
#define ALIKE_PERCENT 60

enum asking { WHETHER, HOW, WHEN, HOW_MUCH, WHY, WHO };

/* Longer ones before those that stand within them. Where to go is a part of how to do it. */
static const struct {
	const char *word;
	enum asking asks;
} asking_words[] = {
	{"是不是可以", WHETHER}, {"是否可以", WHETHER}, {"什么时间", WHEN}, {"什么时候", WHEN},
	{"啥时候", WHEN},	 {"多长时间", WHEN},	{"为什么", WHY},    {"怎么样", HOW},
	{"什么地方", HOW},	 {"哪些人", WHO},	{"可不可以", WHETHER}, {"要不要", WHETHER},
	{"能不能", WHETHER},	 {"有没有", WHETHER},	{"算不算", WHETHER}, {"是不是", WHETHER},
	{"怎么", HOW},		 {"如何", HOW},		{"怎样", HOW},	    {"咋", HOW},
	{"何时", WHEN},		 {"几时", WHEN},	{"多久", WHEN},	    {"几天", WHEN},
	{"几号", WHEN},		 {"几个月", WHEN},	{"几年", WHEN},	    {"几户", HOW_MUCH},
	{"几个", HOW_MUCH},	 {"多少", HOW_MUCH},	{"哪里", HOW},	    {"哪儿", HOW},
	{"在哪", HOW},		 {"去哪", HOW},		{"为何", WHY},	    {"为啥", WHY},
	{"谁", WHO},		 {"能否", WHETHER},	{"是否", WHETHER},  {"可否", WHETHER},
	{"吗", WHETHER},
};

/* Said around a question, not asked by it. */
static const char *const idle_words[] = {
	"请问一下", "想问一下", "问一下", "请问", "我想问", "想问问", "想问", "想咨询", "咨询一下", "咨询",
	"到底", "究竟", "一下", "您好", "你好", "可以", "的", "了", "呢", "啊", "吧", "呀", "么",
};

/* ---- finding them ---- */

/* Where a clause may end: those behind which a sentence ends, and the others. */
static const char *const sentence_ends[] = {"。", "！", "？", "；", "…", "\n", "!", "?", ";"};
static const char *const clause_ends[] = {"，", "、", "：", ",", "　", "“", "”", "《", "》", "（", "）"};

static size_t end_at(struct hy_str text, size_t at, const char *const *ends, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(ends[i]);

		if (text.n - at >= n && memcmp(text.p + at, ends[i], n) == 0)
			return n;
	}
	return 0;
}

static bool asks(struct hy_str clause)
{
	for (size_t i = 0; i < HY_COUNT(asking_words); i++)
		if (hy_str_find(clause, hy_str_of(asking_words[i].word), 0) != SIZE_MAX)
			return true;
	return false;
}

static bool is_known(const struct hy_questions *questions, struct hy_str text)
{
	for (size_t i = 0; i < questions->count; i++)
		if (hy_str_eq(questions->item[i], text))
			return true;
	return false;
}

static void add(struct hy_questions *out, struct hy_str text)
{
	size_t runes = hy_utf8_count(text.p, text.n);

	if (runes >= HY_QUESTION_RUNES_MIN && runes <= HY_QUESTION_RUNES_MAX &&
	    out->count < HY_QUESTIONS_OF_TEXT && !is_known(out, text))
		out->item[out->count++] = text;
}

/* A clause with the one before it, where it alone says too little (怎么办). */
struct clause {
	size_t before, start;	/* SIZE_MAX: none before it in its sentence */
};

static void end_clause(struct hy_str text, const struct clause *clause, size_t end, bool marked,
		       struct hy_questions *out)
{
	struct hy_str own = hy_str_trim(hy_str_sub(text, clause->start, end - clause->start));

	if (!own.n || (!marked && !asks(own)))
		return;
	if (hy_utf8_count(own.p, own.n) < HY_QUESTION_RUNES_MIN && clause->before != SIZE_MAX)
		own = hy_str_trim(hy_str_sub(text, clause->before, end - clause->before));
	add(out, own);
}

static bool is_question_mark(struct hy_str text, size_t at)
{
	return text.p[at] == '?' || (text.n - at >= 3 && memcmp(text.p + at, "？", 3) == 0);
}

static void read_text(struct hy_str text, struct hy_questions *out)
{
	struct clause clause = {SIZE_MAX, 0};
	size_t at = 0;

	while (at < text.n && out->count < HY_QUESTIONS_OF_TEXT) {
		size_t sentence = end_at(text, at, sentence_ends, HY_COUNT(sentence_ends));
		size_t n = sentence ? sentence : end_at(text, at, clause_ends, HY_COUNT(clause_ends));

		if (!n) {
			at++;
			continue;
		}
		end_clause(text, &clause, at, is_question_mark(text, at), out);
		clause = (struct clause){sentence ? SIZE_MAX : clause.start, at + n};
		at += n;
	}
	end_clause(text, &clause, text.n, false, out);
}

void hy_questions_of(struct hy_str title, struct hy_str text, struct hy_questions *out)
{
	out->count = 0;
	read_text(title, out);
	read_text(text, out);
}

/* ---- comparing them ---- */

/* All of `word` out of the text; what stood around it grows together, or is kept apart. */
static bool take_out(struct hy_buf *text, struct hy_str word, const char *instead)
{
	hy_cleanup(hy_buf_fini) struct hy_buf rest = HY_BUF(TEXT_BYTES * 2);
	struct hy_str from = hy_buf_str(text);
	size_t at = 0, found;

	if (!word.n || hy_str_find(from, word, 0) == SIZE_MAX)
		return false;
	while ((found = hy_str_find(from, word, at)) != SIZE_MAX) {
		hy_buf_add_str(&rest, hy_str_sub(from, at, found - at));
		hy_buf_add_c(&rest, instead);
		at = found + word.n;
	}
	hy_buf_add_str(&rest, hy_str_sub(from, at, from.n - at));
	hy_buf_clear(text);
	hy_buf_add_str(text, hy_buf_str(&rest));
	return true;
}

static void take_out_names(struct hy_buf *text, const struct hy_policy *policy)
{
	const struct hy_yaml_node *names = hy_yaml_get(policy->node, "names");

	(void)take_out(text, policy->title, "，");
	(void)take_out(text, policy->number, "，");
	if (names && hy_yaml_is_scalar(names))
		(void)take_out(text, hy_yaml_text(names), "，");
	for (size_t i = 0; names && hy_yaml_is_sequence(names) && i < hy_yaml_count(names); i++)
		(void)take_out(text, hy_yaml_text(hy_yaml_item(names, i)), "，");
}

void hy_question_read(struct hy_str text, const struct hy_policy *policy, struct hy_question *out)
{
	static const struct hy_phrases none = {.count = 0};
	static const struct hy_phrase_set no_skip = {{false}};
	hy_cleanup(hy_buf_fini) struct hy_buf rest = HY_BUF(TEXT_BYTES * 2);

	hy_buf_add_str(&rest, hy_str_sub(text, 0, hy_utf8_floor(text.p, text.n, TEXT_BYTES)));
	if (policy)
		take_out_names(&rest, policy);
	out->asks = 0;
	for (size_t i = 0; i < HY_COUNT(asking_words); i++)
		if (take_out(&rest, hy_str_of(asking_words[i].word), "，"))
			out->asks |= 1u << asking_words[i].asks;
	for (size_t i = 0; i < HY_COUNT(idle_words); i++)
		(void)take_out(&rest, hy_str_of(idle_words[i]), "");
	hy_words_of(hy_buf_str(&rest), &none, &no_skip, &out->words);
}

bool hy_questions_alike(const struct hy_question *a, const struct hy_question *b)
{
	size_t common = 0, i = 0, j = 0;
	size_t all = a->words.count + b->words.count;

	if (a->asks && b->asks && !(a->asks & b->asks))
		return false;
	while (i < a->words.count && j < b->words.count) {
		if (a->words.word[i] == b->words.word[j])
			common++;
		if (a->words.word[i] <= b->words.word[j])
			i++;
		else
			j++;
	}
	return common && common * 200 >= all * ALIKE_PERCENT;
}
