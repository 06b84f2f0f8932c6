/* The event index: what belongs together, what is learned, and that a rollback leaves no trace. */
#include "alerter/event_index.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "alerter/event_core.h"
#include "common/base/mem.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)

static struct hy_id id_of(const char *kind, unsigned number)
{
	char text[32];
	struct hy_str part;

	(void)snprintf(text, sizeof text, "%s %u", kind, number);
	part = hy_str_of(text);
	return hy_id_of(&part, 1);
}

static void read(const struct hy_event_index *index, const char *title, const char *body,
		 int64_t day, struct hy_event_text *out)
{
	*out = (struct hy_event_text){.at = {.ms = 1780000000000 + day * DAY_MS}};
	hy_signature_of(hy_str_of(title), hy_str_of(body), &out->signature);
	hy_phrases_of(hy_str_of(body), &out->phrases);
	hy_event_index_read(index, hy_str_of(title), out);
}

/* The number of the event that the text joins; the text's own where it is new. */
static unsigned take(struct hy_event_index *index, unsigned number, const char *title,
		     const char *body, int64_t day, unsigned last)
{
	struct hy_event_candidate candidate[HY_EVENT_CANDIDATES_MAX];
	struct hy_event_text text;
	unsigned event = number;
	size_t count;

	read(index, title, body, day, &text);
	count = hy_event_index_find(index, &text, candidate);
	for (unsigned i = 0; count && i < last; i++) {
		struct hy_id id = id_of("event", i);

		if (memcmp(&id, &candidate[0].event, sizeof id) == 0)
			event = i;
	}
	text.alert = id_of("alert", number);
	text.event = id_of("event", event);
	hy_event_index_add(index, &text);
	return event;
}

/* Ordinary letters, so that it can be learned what is ordinary. */
static const char *const streets[] = {"解放", "和平", "建设", "人民", "胜利", "文化", "光明", "团结"};
static const char *const matters[] = {"路灯不亮", "井盖缺失", "垃圾没人清运", "树枝挡住信号灯",
				      "下水道堵塞", "夜间施工噪声", "公交车不停站", "摊贩占道"};

static unsigned background(struct hy_event_index *index, unsigned number)
{
	char title[96], body[512];

	for (unsigned i = 0; i < 64; i++) {
		const char *street = streets[i % 8], *matter = matters[i / 8];

		(void)snprintf(title, sizeof title, "反映%s%u街%s的问题", street, i, matter);
		(void)snprintf(body, sizeof body,
			       "尊敬的领导您好，我是附近的居民，%s%u街最近%s，给大家的生活带来不便，"
			       "希望有关部门尽快处理，谢谢", street, i, matter);
		take(index, number + i, title, body, (int64_t)i % 20, number + i);
	}
	return number + 64;
}

static const struct {
	const char *title, *body;
	int64_t day;
	int joins;	/* a row above, or -1 */
} letters[] = {
	{"云栖谷小区捆绑销售车位", "开发商要求购买云栖谷的业主必须同时买十二万元的车位，否则不签合同", 21, -1},
	{"强烈反对云栖谷小区捆绑车位", "我在云栖谷买房，开发商要求必须买一个十二万元的车位，不买就取消资格", 22, 0},
	{"云栖谷小区捆绑销售车位合理吗", "云栖谷的开发商要求业主同时买车位，不买车位就不签合同，恳请领导彻查", 25, 0},
	/* Near-identical words about another place. */
	{"山水居小区停水三天", "山水居从周一起停水，二次供水的水泵坏了，物业迟迟不修，老人提水上六楼", 26, -1},
	/* The same matter of another estate, and something else altogether. */
	{"学府城门口积水", "学府城南门每逢下雨积水没过脚踝，孩子上学要绕行", 26, -1},
	{"山水居小区停水五天了", "山水居停水已经五天，二次供水的水泵坏了还没有修，物业迟迟不来", 28, 3},
};

static void rewrites_join_and_others_do_not(void **state)
{
	struct hy_event_index *index = hy_event_index_new();
	unsigned first = background(index, 0);

	(void)state;
	for (unsigned i = 0; i < HY_COUNT(letters); i++) {
		unsigned got = take(index, first + i, letters[i].title, letters[i].body,
				    letters[i].day, first + i);
		unsigned wanted = letters[i].joins < 0 ? first + i
						       : first + (unsigned)letters[i].joins;

		if (got != wanted)
			fail_msg("%s: event %u, not %u", letters[i].title, got, wanted);
	}
	hy_event_index_free(index);
}

/* The very same text joins even where nothing is known yet of how rare words are. */
static void a_repeat_joins_at_once(void **state)
{
	struct hy_event_index *index = hy_event_index_new();
	const char *body = letters[3].body;

	(void)state;
	assert_int_equal(take(index, 0, "停水", body, 0, 0), 0);
	assert_int_equal(take(index, 1, "又停水了", body, 200, 1), 0);
	assert_int_equal(take(index, 2, "路灯", "解放街路灯不亮已经一个月了，晚上出门很危险", 0, 2), 2);
	hy_event_index_free(index);
}

/* The greeting of three events is nobody's own. */
static void common_phrases_are_left_out(void **state)
{
	struct hy_event_index *index = hy_event_index_new();
	struct hy_event_text text;
	size_t before;

	(void)state;
	read(index, "题", "欢迎关注本公众号，阳光小区停水了", 0, &text);
	before = text.words.count;
	for (unsigned i = 0; i < 2; i++) {
		static const char *const bodies[] = {"欢迎关注本公众号，今天说说路灯的故事",
						     "欢迎关注本公众号，井盖去哪里了"};

		assert_int_equal(take(index, i, "题", bodies[i], 0, i), i);
	}
	read(index, "题", "欢迎关注本公众号，阳光小区停水了", 0, &text);
	assert_int_equal(text.words.count, before - 7);
	hy_event_index_free(index);
}

/* Months later the same few words are another matter of the same kind. */
static void time_sets_apart(void **state)
{
	struct hy_event_candidate candidate[HY_EVENT_CANDIDATES_MAX];
	struct hy_event_index *index = hy_event_index_new();
	unsigned first = background(index, 0);
	struct hy_event_text text;
	double soon, late;

	(void)state;
	take(index, first, letters[0].title, letters[0].body, 20, first);
	read(index, letters[1].title, letters[1].body, 21, &text);
	assert_true(hy_event_index_find(index, &text, candidate) >= 1);
	soon = candidate[0].score;
	text.at.ms += 300 * DAY_MS;
	late = hy_event_index_find(index, &text, candidate) ? candidate[0].score : 0;
	assert_true(late < 0.6 * soon);
	hy_event_index_free(index);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

static void random_text(uint32_t *seed, const struct hy_event_index *index, unsigned number,
			unsigned events, struct hy_event_text *out)
{
	char title[96], body[256];
	unsigned a = next_random(seed) % 8, b = next_random(seed) % 8;

	(void)snprintf(title, sizeof title, "%s%s%s", streets[a], matters[b],
		       streets[next_random(seed) % 8]);
	(void)snprintf(body, sizeof body, "%s的%s，%s也是%s", streets[b], matters[a], streets[a],
		       matters[next_random(seed) % 8]);
	read(index, title, body, (int64_t)(next_random(seed) % 400), out);
	out->alert = id_of("alert", number);
	out->event = id_of("event", next_random(seed) % (events + 1));
}

static void assert_same_answers(struct hy_event_index *a, struct hy_event_index *b, uint32_t seed)
{
	struct hy_event_candidate x[HY_EVENT_CANDIDATES_MAX], y[HY_EVENT_CANDIDATES_MAX];
	struct hy_event_text text;

	for (unsigned i = 0; i < 8; i++) {
		size_t count;

		random_text(&seed, a, 0, 1, &text);
		count = hy_event_index_find(a, &text, x);
		assert_int_equal(hy_event_index_find(b, &text, y), count);
		for (size_t k = 0; k < count; k++) {
			assert_memory_equal(&x[k].alert, &y[k].alert, sizeof x[k].alert);
			assert_true(x[k].score == y[k].score && x[k].repeats == y[k].repeats);
		}
	}
}

/* One index commits and rolls back at random; another only ever sees what was committed. */
static void rollbacks_leave_no_trace(void **state)
{
	struct hy_event_index *all = hy_event_index_new(), *kept = hy_event_index_new();
	struct hy_event_text *batch = hy_xcalloc(8, sizeof batch[0]);
	uint32_t seed = 20261124;
	unsigned number = 0;

	(void)state;
	for (int round = 0; round < 120; round++) {
		unsigned count = next_random(&seed) % 8;
		bool keep = next_random(&seed) % 3 != 0;

		for (unsigned i = 0; i < count; i++) {
			random_text(&seed, all, number++, 40, &batch[i]);
			hy_event_index_add(all, &batch[i]);
		}
		for (unsigned i = 0; keep && i < count; i++)
			hy_event_index_add(kept, &batch[i]);
		if (keep)
			hy_event_index_commit(all);
		else
			hy_event_index_rollback(all);
		hy_event_index_commit(kept);
		assert_int_equal(hy_event_index_texts(all), hy_event_index_texts(kept));
		assert_same_answers(all, kept, seed);
	}
	free(batch);
	hy_event_index_free(all);
	hy_event_index_free(kept);
}

static void a_core_counts_texts(void **state)
{
	/* Packed: the lowest bit is no part of the number. */
	static const uint32_t first[] = {2, 7, 10}, second[] = {3, 8, 10, 40};
	struct hy_event_core core = {.texts = 0};

	(void)state;
	hy_event_core_add(&core, first, HY_COUNT(first));
	hy_event_core_add(&core, second, HY_COUNT(second));
	assert_int_equal(core.texts, 2);
	assert_int_equal(core.count, 5);
	assert_int_equal(core.word[0].number, 1);
	assert_int_equal(core.word[0].texts, 2);
	assert_int_equal(core.word[1].number, 3);
	assert_int_equal(core.word[1].texts, 1);
	assert_int_equal(core.word[4].number, 20);
	hy_event_core_take_back(&core, second, HY_COUNT(second));
	assert_int_equal(core.texts, 1);
	assert_int_equal(core.count, 3);
	assert_int_equal(core.word[2].number, 5);
	assert_int_equal(core.word[2].texts, 1);
	hy_event_core_fini(&core);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rewrites_join_and_others_do_not),
		cmocka_unit_test(a_repeat_joins_at_once),
		cmocka_unit_test(common_phrases_are_left_out),
		cmocka_unit_test(time_sets_apart),
		cmocka_unit_test(rollbacks_leave_no_trace),
		cmocka_unit_test(a_core_counts_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
