#include "tests/lib/concern_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

#define CHARACTERS_MAX 4096
#define WORDS 60000
#define WORD_CHARACTERS_MAX 4
#define BODY_BYTES_MIN 1000
#define BODY_BYTES_SPREAD 2000
#define CHARACTER_BYTES 3

static const char *const places[] = {"shunhua-road", "suncun", "juyehe", "yaoqiang", "lingang",
				     "chuangxingu", "zone"};
static const char *const place_names[] = {"舜华路街道", "孙村街道", "巨野河街道", "遥墙街道",
					  "临港街道", "创新谷", "高新区"};
static const char *const topics[] = {"wages.arrears",   "environment.noise", "education.admission",
				     "utilities.supply", "utilities.city",    "traffic.road",
				     "housing.property"};
static const char *const kinds[] = {"小区", "公司", "学校", "工地", "市场", "医院", "路口"};
static const char *const outlets[] = {"泉城晚报", "市民热线", "开发区新闻", "问政平台",
				      "历下之声", "城事周刊"};

struct word {
	uint16_t character[WORD_CHARACTERS_MAX];
	uint8_t length;
};

struct concern_text {
	char character[CHARACTERS_MAX][CHARACTER_BYTES];
	size_t characters;
	struct word word[WORDS];
	double frequent[WORDS];		/* summed up */
	uint64_t state, made;
};

/* xorshift64*: seeded, and the same everywhere. */
static uint64_t step(struct concern_text *l)
{
	l->state ^= l->state >> 12;
	l->state ^= l->state << 25;
	l->state ^= l->state >> 27;
	return l->state * UINT64_C(2685821657736338717);
}

uint32_t concern_random(struct concern_text *l, uint32_t below)
{
	return (uint32_t)((step(l) >> 32) * below >> 32);
}

/* ---- the language ---- */

static void add_character(struct concern_text *l, const char *p)
{
	for (size_t i = 0; i < l->characters; i++) {
		if (memcmp(l->character[i], p, CHARACTER_BYTES) == 0)
			return;
	}
	if (l->characters < CHARACTERS_MAX)
		memcpy(l->character[l->characters++], p, CHARACTER_BYTES);
}

/* Han characters of the basic block: three bytes that begin with E4 (from B8) to E9. */
static void read_characters(struct concern_text *l, const char *text, size_t n)
{
	for (size_t i = 0; i + CHARACTER_BYTES <= n; i++) {
		unsigned char lead = (unsigned char)text[i], next = (unsigned char)text[i + 1];

		if ((lead == 0xe4 && next >= 0xb8) || (lead >= 0xe5 && lead <= 0xe9)) {
			add_character(l, text + i);
			i += CHARACTER_BYTES - 1;
		}
	}
}

/* The earlier of two is taken more often: characters, too, are frequent or rare. */
static uint16_t some_character(struct concern_text *l)
{
	uint32_t a = concern_random(l, (uint32_t)l->characters);
	uint32_t b = concern_random(l, (uint32_t)l->characters);

	return (uint16_t)(a < b ? a : b);
}

static void make_words(struct concern_text *l)
{
	static const uint8_t lengths[] = {2, 2, 2, 2, 3, 3, 4};
	double sum = 0;

	for (size_t i = 0; i < WORDS; i++) {
		l->word[i].length = lengths[concern_random(l, HY_COUNT(lengths))];
		for (size_t k = 0; k < l->word[i].length; k++)
			l->word[i].character[k] = some_character(l);
		sum += 1.0 / (double)(i + 5);
		l->frequent[i] = sum;
	}
}

struct concern_text *concern_text_new(const char *file, uint64_t seed)
{
	struct concern_text *l = hy_xcalloc(1, sizeof *l);
	FILE *in = fopen(file, "r");
	char *text = hy_xcalloc(1, (size_t)1 << 20);

	if (in) {
		read_characters(l, text, fread(text, 1, (size_t)1 << 20, in));
		(void)fclose(in);
	}
	free(text);
	if (l->characters < 100) {
		(void)fprintf(stderr, "%s: no Chinese text\n", file);
		free(l);
		return NULL;
	}
	l->state = 88172645463325252 ^ (seed * UINT64_C(0x9e3779b97f4a7c15));
	make_words(l);
	return l;
}

void concern_text_free(struct concern_text *l)
{
	free(l);
}

/* ---- texts ---- */

static void add_text(char *out, size_t cap, const char *text)
{
	size_t n = strlen(out);

	(void)snprintf(out + n, cap - n, "%s", text);
}

static void add_word(struct concern_text *l, const struct word *word, char *out, size_t cap)
{
	char text[WORD_CHARACTERS_MAX * CHARACTER_BYTES + 1] = "";

	for (size_t i = 0; i < word->length; i++)
		memcpy(text + i * CHARACTER_BYTES, l->character[word->character[i]],
		       CHARACTER_BYTES);
	add_text(out, cap, text);
}

static const struct word *some_word(struct concern_text *l)
{
	double at = (double)(step(l) >> 11) / 9007199254740992.0 * l->frequent[WORDS - 1];
	size_t low = 0, high = WORDS - 1;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (l->frequent[middle] < at)
			low = middle + 1;
		else
			high = middle;
	}
	return &l->word[low];
}

static void add_sentence(struct concern_text *l, char *out, size_t cap)
{
	uint32_t words = 6 + concern_random(l, 14);

	for (uint32_t i = 0; i < words; i++) {
		add_word(l, some_word(l), out, cap);
		if (i + 1 < words && concern_random(l, 6) == 0)
			add_text(out, cap, "，");
	}
	add_text(out, cap, "。");
}

/* A name is of the whole lexicon: a place or a firm is seldom one that others are about. */
static void add_name(struct concern_text *l, char *out, size_t cap)
{
	add_word(l, &l->word[concern_random(l, WORDS)], out, cap);
	add_text(out, cap, kinds[concern_random(l, HY_COUNT(kinds))]);
}

static void number_document(struct concern_text *l, struct concern *c)
{
	uint64_t key[] = {l->state, l->made++};
	struct hy_str parts[] = {HY_STR_LIT("concern"), {(const char *)key, sizeof key}};

	c->document = hy_id_of(parts, HY_COUNT(parts));
	c->outlet = concern_random(l, HY_COUNT(outlets));
}

void concern_next(struct concern_text *l, struct concern *c)
{
	char name[64] = "";
	size_t goal = BODY_BYTES_MIN + concern_random(l, BODY_BYTES_SPREAD);

	*c = (struct concern){.place = concern_random(l, HY_COUNT(places)),
			      .topic = concern_random(l, HY_COUNT(topics))};
	number_document(l, c);
	add_name(l, name, sizeof name);
	(void)snprintf(c->title, sizeof c->title, "%s%s", place_names[c->place], name);
	for (int i = 0; i < 4; i++)
		add_word(l, some_word(l), c->title, sizeof c->title);
	(void)snprintf(c->body, sizeof c->body, "%s%s有%u户居民反映，", place_names[c->place], name,
		       2 + concern_random(l, 900));
	while (strlen(c->body) < goal)
		add_sentence(l, c->body, sizeof c->body);
}

void concern_retell(struct concern_text *l, const struct concern *from, struct concern *c)
{
	char opening[256] = "";
	size_t n, end;
	uint32_t rune;

	*c = *from;
	number_document(l, c);
	(void)snprintf(opening, sizeof opening, "据%s消息，", outlets[c->outlet]);
	n = strlen(opening);
	(void)snprintf(c->body, sizeof c->body, "%s%.*s", opening, (int)(sizeof c->body - 300),
		       from->body);
	end = hy_utf8_floor(c->body, strlen(c->body), strlen(c->body));
	for (size_t width; n < end; n += width) {
		width = hy_utf8_decode(c->body + n, end - n, &rune);
		if (width == CHARACTER_BYTES && hy_rune_is_han(rune) && concern_random(l, 50) == 0)
			memcpy(c->body + n, l->character[some_character(l)], CHARACTER_BYTES);
	}
}

/* ---- messages ---- */

void concern_alert(const struct concern *c, struct concern_parts *parts, struct hy_msg *out)
{
	struct hy_str document = hy_id_str(&c->document);
	struct hy_str key[] = {HY_STR_LIT("alert"), document};

	parts->id = hy_id_of(key, HY_COUNT(key));
	(void)snprintf(parts->url, sizeof parts->url, "http://www.example.cn/a/%.*s.html",
		       HY_STR_ARGS(document));
	(void)snprintf(parts->source, sizeof parts->source, "source-%u", c->outlet);
	parts->topic = (struct hy_msg_topic){.topic = hy_str_of(topics[c->topic]),
					     .severity = HY_SEVERITY_GENERAL,
					     .score = 10};
	parts->place = hy_str_of(places[c->place]);
	parts->hit = (struct hy_msg_hit){.topic = parts->topic.topic,
					 .rule = HY_STR_LIT("word"),
					 .field = HY_FIELD_TITLE,
					 .start = 0,
					 .end = 6,
					 .text = {c->title, 6}};
	*out = (struct hy_msg){.type = HY_MSG_ALERT, .id = hy_id_str(&parts->id)};
	out->as.alert = (struct hy_msg_alert){
		.document = document,
		.version = document,
		.url = hy_str_of(parts->url),
		.title = hy_str_of(c->title),
		.source = hy_str_of(parts->source),
		.outlet = hy_str_of(outlets[c->outlet]),
		.published_at = hy_wall_now(),
		.detected_at = hy_wall_now(),
		.severity = HY_SEVERITY_GENERAL,
		.rules = HY_STR_LIT("00000000000000000000000000000000"),
		.topics = &parts->topic,
		.topic_count = 1,
		.places = &parts->place,
		.place_count = 1,
		.hits = &parts->hit,
		.hit_count = 1,
		.text = hy_str_of(c->body),
	};
}
