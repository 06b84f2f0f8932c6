#include "analyzer/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/base/mem.h"

/* A message: the first of a closing has its documents, the others only topics. */
struct hy_tally_part {
	struct hy_id id, rules;
	struct hy_wall at;
	int64_t documents, alerted;
	struct hy_msg_share *shares;	/* names owned: they outlive the rule set */
	size_t count;
};

enum hy_err hy_tally_init(struct hy_tally *tally, struct hy_error *e)
{
	unsigned char bytes[32];
	struct hy_str part = {(const char *)bytes, sizeof bytes};

	*tally = (struct hy_tally){0};
	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return hy_fail(e, HY_ERR_IO, "no random bytes");
	tally->sender = hy_id_of(&part, 1);
	return HY_OK;
}

static void part_fini(struct hy_tally_part *part)
{
	for (size_t i = 0; i < part->count; i++) {
		char *copy;

		memcpy(&copy, &part->shares[i].topic.p, sizeof copy);
		free(copy);
	}
	free(part->shares);
}

void hy_tally_fini(struct hy_tally *tally)
{
	for (size_t i = 0; i < tally->part_count; i++)
		part_fini(&tally->parts[i]);
	free(tally->parts);
	free(tally->fired);
	*tally = (struct hy_tally){0};
}

/* ---- counting ---- */

void hy_tally_count(struct hy_tally *tally, const struct hy_scan_result *result, bool alerted)
{
	tally->documents++;
	tally->alerted += alerted;
	for (size_t i = 0; i < result->topic_count; i++)
		tally->fired[result->topics[i].rule - tally->ruleset->rules]++;
}

/* ---- closing ---- */

static struct hy_id next_id(struct hy_tally *tally)
{
	char number[32];
	struct hy_str parts[] = {hy_id_str(&tally->sender), {0}};

	(void)snprintf(number, sizeof number, "%llu", (unsigned long long)tally->number++);
	parts[1] = hy_str_of(number);
	return hy_id_of(parts, HY_COUNT(parts));
}

static struct hy_tally_part *add_part(struct hy_tally *tally, struct hy_wall now)
{
	struct hy_tally_part *part;

	tally->parts = hy_grow(tally->parts, &tally->part_cap, tally->part_count + 1,
			       sizeof *tally->parts);
	part = &tally->parts[tally->part_count++];
	*part = (struct hy_tally_part){.id = next_id(tally), .rules = tally->ruleset->version,
				       .at = now};
	part->shares = hy_xcalloc(HY_MSG_SHARES_MAX, sizeof *part->shares);
	return part;
}

void hy_tally_close(struct hy_tally *tally, struct hy_wall now)
{
	struct hy_tally_part *part;

	if (tally->documents == 0)
		return;
	part = add_part(tally, now);
	part->documents = tally->documents;
	part->alerted = tally->alerted;
	for (size_t i = 0; i < tally->ruleset->count; i++) {
		struct hy_str topic = tally->ruleset->rules[i].topic->id;

		if (tally->fired[i] == 0)
			continue;
		if (part->count == HY_MSG_SHARES_MAX)
			part = add_part(tally, now);
		part->shares[part->count++] = (struct hy_msg_share){
			{hy_str_dup(topic), topic.n}, tally->fired[i]};
		tally->fired[i] = 0;
	}
	tally->documents = tally->alerted = 0;
}

void hy_tally_use(struct hy_tally *tally, const struct hy_ruleset *ruleset)
{
	hy_assert(tally->documents == 0);
	free(tally->fired);
	tally->ruleset = ruleset;
	tally->fired = hy_xcalloc(ruleset->count + ruleset->policy_count + 1,
				  sizeof *tally->fired);
}

/* ---- telling ---- */

bool hy_tally_next(const struct hy_tally *tally, struct hy_msg *out)
{
	const struct hy_tally_part *part = tally->parts;

	if (tally->part_count == 0)
		return false;
	*out = (struct hy_msg){.type = HY_MSG_TALLY, .id = hy_id_str(&part->id)};
	out->as.tally = (struct hy_msg_tally){
		.rules = hy_id_str(&part->rules), .at = part->at, .documents = part->documents,
		.alerted = part->alerted, .shares = part->shares, .share_count = part->count};
	return true;
}

void hy_tally_told(struct hy_tally *tally)
{
	hy_assert(tally->part_count > 0);
	part_fini(&tally->parts[0]);
	tally->part_count--;
	memmove(tally->parts, tally->parts + 1, tally->part_count * sizeof *tally->parts);
}
