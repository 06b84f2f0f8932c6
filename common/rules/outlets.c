#include "common/rules/outlets.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/rules/files.h"

#define SPAN_PRESET_MS (INT64_C(7) * 86400000)
#define SPAN_MIN_MS 60000
#define SPAN_MAX_MS (INT64_C(30) * 86400000)

static const char *const file_keys[] = {"mainstream", "spread", "note", NULL};
static const char *const mainstream_keys[] = {"severity", "media", "note", NULL};
static const char *const spread_keys[] = {"outlets", "burst", "timespan", "severity", "note", NULL};

static bool read_severity(const struct hy_yaml_node *mapping, struct hy_findings *findings,
			  enum hy_severity *out)
{
	const struct hy_yaml_node *node = hy_yaml_get(mapping, "severity");

	if (!node || !hy_severity_parse(hy_yaml_text(node), out)) {
		hy_yaml_finding(node ? node : mapping, findings,
				"severity 应为 较大、重大、特别重大 之一");
		return false;
	}
	if (*out > HY_SEVERITY_GENERAL)
		return true;
	hy_yaml_finding(node, findings, "“至少为一般”不起作用：severity 应为 较大、重大、特别重大 之一");
	return false;
}

static void read_mainstream(struct hy_outlets *outlets, const struct hy_yaml_node *node,
			    struct hy_findings *findings)
{
	const struct hy_yaml_node *media = hy_yaml_get(node, "media");

	if (!hy_yaml_is_mapping(node) || !media) {
		hy_yaml_finding(node, findings,
				"mainstream 应写成 {severity: 级别, media: {outlet: […], source: […]}}");
		return;
	}
	if (hy_yaml_known_keys(node, mainstream_keys, findings) &&
	    read_severity(node, findings, &outlets->mainstream))
		outlets->media = media;
}

/* Whether `other` asks no more and gives no less. */
static bool is_covered(const struct hy_spread *step, const struct hy_spread *other)
{
	return other->severity >= step->severity && other->outlets <= step->outlets &&
	       other->burst <= step->burst && other->span_ms >= step->span_ms;
}

static void read_step(struct hy_outlets *outlets, const struct hy_yaml_node *node,
		      struct hy_findings *findings)
{
	struct hy_spread step = {.span_ms = SPAN_PRESET_MS, .node = node};
	size_t before = findings->count;

	if (!hy_yaml_is_mapping(node) ||
	    (!hy_yaml_get(node, "outlets") && !hy_yaml_get(node, "burst"))) {
		hy_yaml_finding(node, findings,
				"spread 的每一步应写成 {outlets: 家数, severity: 级别}，或写 burst: 倍数");
		return;
	}
	(void)hy_yaml_known_keys(node, spread_keys, findings);
	(void)hy_yaml_read_int(node, "outlets", 2, HY_SPREAD_COUNT_MAX, findings, &step.outlets);
	(void)hy_yaml_read_int(node, "burst", 2, HY_SPREAD_COUNT_MAX, findings, &step.burst);
	(void)hy_yaml_read_duration(node, "timespan", SPAN_MIN_MS, SPAN_MAX_MS, findings,
				    &step.span_ms);
	(void)read_severity(node, findings, &step.severity);
	if (findings->count > before)
		return;
	for (size_t i = 0; i < outlets->spread_count; i++)
		if (is_covered(&step, &outlets->spread[i])) {
			hy_yaml_finding(node, findings, "这一步不起作用：第 %zu 步已经使级别至少为%s",
					i + 1, hy_severity_title(outlets->spread[i].severity));
			return;
		}
	outlets->spread[outlets->spread_count++] = step;
}

static void read_spread(struct hy_outlets *outlets, const struct hy_yaml_node *node,
			struct hy_findings *findings)
{
	if (!hy_yaml_is_sequence(node) || hy_yaml_count(node) > HY_SPREADS_MAX) {
		hy_yaml_finding(node, findings, "spread 应为一列，至多 %d 步", HY_SPREADS_MAX);
		return;
	}
	for (size_t i = 0; i < hy_yaml_count(node); i++)
		read_step(outlets, hy_yaml_item(node, i), findings);
}

static void read_root(struct hy_outlets *outlets, const struct hy_yaml_node *root,
		      struct hy_findings *findings)
{
	if (!hy_yaml_is_mapping(root)) {
		hy_yaml_finding(root, findings, "应写 mainstream: 和 spread:");
		return;
	}
	(void)hy_yaml_known_keys(root, file_keys, findings);
	if (hy_yaml_get(root, "mainstream"))
		read_mainstream(outlets, hy_yaml_get(root, "mainstream"), findings);
	if (hy_yaml_get(root, "spread"))
		read_spread(outlets, hy_yaml_get(root, "spread"), findings);
}

struct hy_outlets *hy_outlets_parse(struct hy_str text, const char *name,
				    struct hy_findings *findings)
{
	struct hy_outlets *outlets = hy_xcalloc(1, sizeof *outlets);

	outlets->version = hy_id_of(&text, 1);
	if (hy_yaml_parse(text, name, findings, &outlets->file) == HY_OK &&
	    hy_yaml_root(outlets->file))
		read_root(outlets, hy_yaml_root(outlets->file), findings);
	return outlets;
}

enum hy_err hy_outlets_load(const char *rules_dir, struct hy_findings *findings,
			    struct hy_outlets **out, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf path = HY_BUF(4096);
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_YAML_FILE_BYTES);
	enum hy_err err = HY_OK;

	hy_buf_addf(&path, "%s/" HY_OUTLETS_FILE, rules_dir);
	if (hy_buf_err(&path))
		return hy_fail(e, HY_ERR_LIMIT, "the path of the rules is too long");
	if (access(path.p, F_OK) == 0 || errno != ENOENT)
		err = hy_rules_read(path.p, &text, e);
	if (!err)
		*out = hy_outlets_parse(hy_buf_str(&text), path.p, findings);
	return err;
}

void hy_outlets_free(struct hy_outlets *outlets)
{
	if (!outlets)
		return;
	hy_yaml_free(outlets->file);
	free(outlets);
}
