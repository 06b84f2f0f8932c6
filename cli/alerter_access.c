#include "cli/alerter_access.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "alerter/alerter_conf.h"
#include "cli/config_file.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "cli/wording.h"
#include "common/base/mem.h"
#include "common/sys/bus.h"
#include "common/sys/content_id.h"

#define TEXT_BYTES 1024

struct hy_rule_set *hy_cli_rules_load(const char *dir)
{
	struct hy_rule_set *rules = NULL;
	struct hy_findings findings;

	hy_findings_init(&findings);
	if (hy_rule_set_load(dir, &findings, &rules)) {
		struct hy_str text = hy_buf_str(&findings.text);

		(void)fwrite(text.p, 1, text.n, stderr);
		(void)fprintf(stderr, "规则文件夹 %s 有 %zu 处问题\n", dir, findings.count);
	}
	hy_findings_fini(&findings);
	return rules;
}

struct hy_store *hy_cli_alerter_store(const char *config, const char *url)
{
	struct hy_store_options options = {.read_only = true};
	struct hy_alerter_conf *conf = NULL;
	struct hy_store *store = NULL;
	struct hy_error e = {0};

	if (!url) {
		conf = hy_cli_config_load(config, &hy_alerter_section);
		if (!conf)
			return NULL;
		url = conf->store;
	}
	if (hy_store_open(url, &options, &store, &e)) {
		(void)fprintf(stderr, "打不开存储 %s：%s\n"
			      "它由 alerter 建立，请先运行 huiying up，或用 --config、--store 指明。\n",
			      url, e.text);
		store = NULL;
	}
	if (conf)
		hy_config_free(&hy_alerter_section, conf);
	return store;
}

bool hy_cli_time(const char *text, struct hy_wall *out)
{
	if (!text) {
		*out = hy_wall_now();
		return true;
	}
	if (hy_wall_parse(hy_str_of(text), out))
		return true;
	(void)fprintf(stderr, "时间“%s”应写成 2026-11-23T09:00:00+08:00\n", text);
	return false;
}

/* A fresh id: two commands of the same words are two commands. */
static struct hy_id random_id(void)
{
	unsigned char bytes[32];
	struct hy_str part = {(const char *)bytes, sizeof bytes};

	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		abort();
	return hy_id_of(&part, 1);
}

static void say_unanswered(enum hy_err err, const struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);

	hy_buf_add_c(&text, "alerter ");
	hy_wording_unanswered(err, e, &text);
	hy_buf_add_c(&text, "\n");
	hy_print_text(stderr, &text);
}

int hy_cli_command(const char *config, const struct hy_msg_command *command)
{
	struct hy_common_conf *common = hy_cli_config_load(config, &hy_common_section);
	struct hy_id id = random_id();
	struct hy_msg m = {.type = HY_MSG_COMMAND, .id = hy_id_str(&id)}, *reply = NULL;
	struct hy_error e = {0};
	int code = HY_EXIT_FAILURE;

	if (!common)
		return HY_EXIT_FAILURE;
	m.as.command = *command;
	struct hy_bus_options options = hy_common_bus_options(common);

	enum hy_err err = hy_bus_ask(common->alerter_endpoint, &options, &m, &reply, &e);

	if (err) {
		say_unanswered(err, &e);
	} else if (reply->type != HY_MSG_REPLY) {
		(void)fprintf(stderr, "alerter 的答复无法识别\n");
	} else {
		struct hy_str text = reply->as.reply.text;

		code = reply->as.reply.code ? HY_EXIT_FAILURE : HY_EXIT_OK;
		(void)fprintf(code ? stderr : stdout, "%.*s\n", HY_STR_ARGS(text));
	}
	if (reply)
		hy_msg_free(reply);
	hy_config_free(&hy_common_section, common);
	return code;
}

const char *hy_cli_minute(struct hy_wall at, char out[HY_RFC3339_BYTES])
{
	struct hy_civil c;

	if (!hy_wall_known(at)) {
		(void)snprintf(out, HY_RFC3339_BYTES, "-");
		return out;
	}
	c = hy_civil_of(at, HY_CST_OFFSET_MIN);
	(void)snprintf(out, HY_RFC3339_BYTES, "%04d-%02d-%02d %02d:%02d", c.year % 10000,
		       c.month % 100, c.day % 100, c.hour % 100, c.minute % 100);
	return out;
}
