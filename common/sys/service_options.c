#include "common/sys/service_options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"

#ifndef HY_VERSION
#define HY_VERSION "0.1.0"
#endif

#define EXIT_USAGE 2

static void print_help(const struct hy_service_spec *spec)
{
	(void)printf("usage: huiying-%s [OPTIONS]\n\n%s\n\n"
		     "  --config FILE     configuration (sections common and %s)\n"
		     "  --name NAME       of this process, where several run on one machine\n"
		     "  --check           check configuration and rules, then end (1: findings)\n"
		     "  --dump-config     print the configuration in force, then end\n"
		     "  --log-level L     error, warn, info or debug\n"
		     "  --with-parent PID end when the parent process, which has this number, ends\n"
		     "  --version, --help\n\n"
		     "SIGTERM drains and ends, SIGHUP reloads configuration and rules.\n",
		     spec->name, spec->summary, spec->section->name);
}

static bool parse_level(const char *text, enum hy_log_level *out)
{
	static const char *const names[] = {
#define X(name, text) text,
		HY_LOG_LEVEL_LIST(X)
#undef X
	};

	for (size_t i = 0; i < HY_COUNT(names); i++)
		if (strcmp(text, names[i]) == 0) {
			*out = (enum hy_log_level)i;
			return true;
		}
	return false;
}

/* A name becomes part of a socket's path. */
static bool is_plain_name(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= 32 &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

static int usage_error(const struct hy_service_spec *spec, const char *what)
{
	(void)fprintf(stderr, "huiying-%s: %s; see --help\n", spec->name, what);
	return EXIT_USAGE;
}

/* style: long because it is one flat switch over the options. */
int hy_service_options_parse(int argc, char **argv, const struct hy_service_spec *spec,
			     struct hy_service_options *out)
{
	static const struct option table[] = {
		{"config", required_argument, NULL, 'f'},
		{"name", required_argument, NULL, 'n'},
		{"check", no_argument, NULL, 'c'},
		{"dump-config", no_argument, NULL, 'd'},
		{"log-level", required_argument, NULL, 'l'},
		{"with-parent", required_argument, NULL, 'p'},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct hy_service_options options = {.name = spec->name, .log_level = HY_LOG_INFO};
	int c;

	while ((c = getopt_long(argc, argv, "h", table, NULL)) != -1) {
		switch (c) {
		case 'f':
			options.config = optarg;
			break;
		case 'n':
			options.name = optarg;
			break;
		case 'c':
			options.check = true;
			break;
		case 'd':
			options.dump = true;
			break;
		case 'l':
			if (!parse_level(optarg, &options.log_level))
				return usage_error(spec, "no such log level");
			break;
		case 'p':
			if (!hy_str_to_int(hy_str_of(optarg), 1, INT32_MAX, &options.parent))
				return usage_error(spec, "a process number is expected");
			break;
		case 'V':
			(void)printf("huiying-%s %s\n", spec->name, HY_VERSION);
			return 0;
		case 'h':
			print_help(spec);
			return 0;
		default:
			return EXIT_USAGE;
		}
	}
	if (optind != argc)
		return usage_error(spec, "no operands are taken");
	if (!is_plain_name(options.name))
		return usage_error(spec, "a name is 1 to 32 of a-z 0-9 - _");
	*out = options;
	return HY_SERVICE_GO_ON;
}
