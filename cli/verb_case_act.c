#include "cli/verb_case_act.h"

#include <stdio.h>
#include <string.h>

#include "alerter/case_table.h"
#include "cli/alerter_access.h"
#include "cli/verb.h"
#include "common/base/mem.h"

/* Everything that is about a case; hand-over notes are the roster's. */
static bool find_command(const char *name, enum hy_command *out)
{
	for (int i = 0; i < HY_COMMAND_COUNT; i++) {
		enum hy_command command = (enum hy_command)i;

		if (command == HY_COMMAND_HANDOVER || command == HY_COMMAND_HANDOVER_SIGN ||
		    strcmp(hy_case_event_id(hy_case_event_of(command)), name) != 0)
			continue;
		*out = command;
		return true;
	}
	return false;
}

bool hy_case_is_act(const char *name)
{
	enum hy_command command;

	return find_command(name, &command);
}

static bool read_version(const char *text, int64_t *out)
{
	if (!text || hy_str_to_int(hy_str_of(text), 1, INT64_MAX, out))
		return true;
	(void)fprintf(stderr, "版本号“%s”应为正整数，见 huiying case show\n", text);
	return false;
}

int hy_case_act_run(const struct hy_usage *usage, const struct hy_case_words *words, int count,
		    char **operands)
{
	struct hy_msg_case others[HY_MSG_CASES_MAX];
	struct hy_msg_command c = {
		.others = others, .actor = hy_str_of(words->actor),
		.kind = hy_str_of(words->kind), .target = hy_str_of(words->to),
		.url = hy_str_of(words->address), .note = hy_str_of(words->text),
		.promise = hy_str_of(words->promise), .approver = hy_str_of(words->approver),
		.due = HY_WALL_NONE};

	if (!find_command(operands[0], &c.command))
		return hy_usage_error(usage, "no such act");
	if (count < 2)
		return hy_usage_error(usage, "one case or more, please");
	if (count - 2 > HY_MSG_CASES_MAX)
		return hy_usage_error(usage, "too many cases at once");
	if (!words->actor)
		return hy_usage_error(usage, "--actor is needed: who acts");
	if (words->version && count > 2)
		return hy_usage_error(usage, "--version is one case's");
	if (!read_version(words->version, &c.version) ||
	    (words->due && !hy_cli_time(words->due, &c.due)))
		return HY_EXIT_USAGE;
	c.case_id = hy_str_of(operands[1]);
	for (int i = 2; i < count; i++)
		others[c.other_count++] = (struct hy_msg_case){hy_str_of(operands[i]), 0};
	return hy_cli_command(words->config, &c);
}
