#include "cli/options.h"

#include <stdio.h>
#include <string.h>

#include "cli/verb.h"

int hy_usage_error(const struct hy_usage *usage, const char *what)
{
	(void)fprintf(stderr, "huiying: %s\nusage: huiying %s\n", what, usage->synopsis);
	return HY_EXIT_USAGE;
}

static void print_help(const struct hy_usage *usage)
{
	(void)printf("usage: huiying %s\n\n%s\n", usage->synopsis, usage->summary);
	if (usage->option_count)
		(void)printf("\noptions:\n");
	for (size_t i = 0; i < usage->option_count; i++) {
		const struct hy_option *o = &usage->options[i];

		(void)printf("  %s%s%-*s  %s\n", o->name, o->value ? " " : "",
			     (int)(24 - strlen(o->name) - (o->value ? 1 : 0)),
			     o->value ? o->value : "", o->doc);
	}
}

/* The row whose name the argument gives; *out_inline is what follows '=', or NULL. */
static const struct hy_option *find_option(const struct hy_usage *usage, const char *argument,
					   const char **out_inline)
{
	for (size_t i = 0; i < usage->option_count; i++) {
		const struct hy_option *o = &usage->options[i];
		size_t n = strlen(o->name);

		if (strncmp(argument, o->name, n) != 0)
			continue;
		if (argument[n] == '\0' || (argument[n] == '=' && o->value)) {
			*out_inline = argument[n] == '=' ? argument + n + 1 : NULL;
			return o;
		}
	}
	return NULL;
}

static int option_error(const struct hy_usage *usage, const char *what, const char *argument)
{
	char text[200];

	(void)snprintf(text, sizeof text, "%s: %.120s", what, argument);
	return hy_usage_error(usage, text);
}

int hy_options_parse(const struct hy_usage *usage, int argc, char **argv, int *out_count)
{
	int operands = 0, i;

	for (i = 1; i < argc; i++) {
		const struct hy_option *o;
		const char *value = NULL;

		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[++operands] = argv[i];
			continue;
		}
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			print_help(usage);
			return HY_EXIT_OK;
		}
		o = find_option(usage, argv[i], &value);
		if (!o)
			return option_error(usage, "unknown option", argv[i]);
		if (!o->value) {
			*o->flag = true;
			continue;
		}
		/* `--actor --unit x` is a forgotten value, not an actor called --unit. */
		if (!value && (i + 1 == argc || strncmp(argv[i + 1], "--", 2) == 0))
			return option_error(usage, "a value is missing behind", argv[i]);
		*o->text = value ? value : argv[++i];
	}
	for (; i < argc; i++)
		argv[++operands] = argv[i];
	*out_count = operands;
	return HY_OPTIONS_GO_ON;
}

bool hy_output_parse(const char *text, bool *out_json)
{
	bool json = text && strcmp(text, "json") == 0;

	if (text && !json && strcmp(text, "text") != 0)
		return false;
	*out_json = json;
	return true;
}
