/*
 * Messages as they come from a socket: frames with a byte 0xFF, which UTF-8 does not have,
 * between them. What is decoded must encode again, and that to the same frames for ever after.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/sys/msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const struct hy_frames *a, const struct hy_frames *b)
{
	if (a->count != b->count)
		abort();
	for (size_t i = 0; i < a->count; i++)
		if (!hy_str_eq(a->frame[i], b->frame[i]))
			abort();
}

/* Every list is as long as it says and every range within its field: read all of it. */
static void check_alert(const struct hy_msg_alert *alert)
{
	for (size_t i = 0; i < alert->hit_count; i++) {
		const struct hy_msg_hit *hit = &alert->hits[i];
		struct hy_str in = hit->field == HY_FIELD_TITLE ? alert->title : alert->text;

		if (hit->start < 0 || hit->start > hit->end || (uint64_t)hit->end > in.n)
			abort();
	}
	for (size_t i = 0; i < alert->topic_count; i++)
		if (alert->topics[i].topic.n == 0 || !hy_severity_id(alert->topics[i].severity))
			abort();
	for (size_t i = 0; i < alert->place_count; i++)
		if (alert->places[i].n == 0)
			abort();
	for (size_t i = 0; i < alert->policy_count; i++)
		if (alert->policies[i].n == 0)
			abort();
	if (alert->topic_count + alert->policy_count == 0)
		abort();
}

static void check_decoded(struct hy_msg *m)
{
	hy_cleanup(hy_frames_fini) struct hy_frames once = {0}, again = {0};
	struct hy_msg *back = NULL;

	if (m->type == HY_MSG_ALERT)
		check_alert(&m->as.alert);
	if (hy_msg_encode(m, &once, NULL) || hy_msg_decode(&once, &back, NULL) ||
	    hy_msg_encode(back, &again, NULL))
		abort();
	check_same(&once, &again);
	hy_msg_free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hy_str rest = {(const char *)data, size}, piece;
	struct hy_frames frames = {0};
	struct hy_msg *m = NULL;
	struct hy_error e = {0};

	while (frames.count < HY_MSG_FRAMES_MAX && hy_str_next(&rest, '\xff', &piece))
		frames.frame[frames.count++] = piece;
	if (hy_msg_decode(&frames, &m, &e) == HY_OK)
		check_decoded(m);
	else if (m || e.code != HY_ERR_MALFORMED || !e.text[0])
		abort();
	hy_msg_free(m);
	return 0;
}
