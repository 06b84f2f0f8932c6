#include "cli/config_file.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"

#define INSTALLED_RULES "/usr/local/share/huiying/rules"
#define FINDINGS_BYTES (256u << 10)

const char *hy_cli_config_path(const char *given)
{
	static const char *const places[] = {"huiying.yaml", "/etc/huiying/huiying.yaml"};

	if (given)
		return given;
	for (size_t i = 0; i < HY_COUNT(places); i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}

void *hy_cli_config_load(const char *given, const struct hy_config_section *section)
{
	hy_cleanup(hy_buf_fini) struct hy_buf findings = HY_BUF(FINDINGS_BYTES);
	void *values = NULL;

	if (hy_config_load(hy_cli_config_path(given), &section, 1, hy_config_sections, &values,
			   &findings) != HY_OK)
		(void)fprintf(stderr, "%.*s", HY_STR_ARGS(hy_buf_str(&findings)));
	return values;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

const char *hy_cli_rules_dir(const char *given)
{
	if (given)
		return given;
	return is_folder("rules") || !is_folder(INSTALLED_RULES) ? "rules" : INSTALLED_RULES;
}
