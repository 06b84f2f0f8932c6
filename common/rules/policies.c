#include "common/rules/policies.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/suggest.h"
#include "common/base/utf8.h"

#define ID_BYTES 100
#define PATH_BYTES 4096
#define THRESHOLD_PRESET 5
#define SPAN_PRESET_MS (INT64_C(7) * 86400000)
#define SPAN_MIN_MS INT64_C(60000)
#define DIGEST_PRESET_MS INT64_C(86400000)
#define DIGEST_MIN_MS INT64_C(1000)

struct hy_policies {
	struct hy_policy **items;
	size_t count, cap;
	struct hy_map by_id;		/* id -> struct hy_policy */
	struct hy_map by_name;		/* a name as written -> struct hy_policy */
	struct hy_yaml **files;
	size_t file_count, file_cap;
	struct hy_id version;
};

struct reader {
	struct hy_policies *policies;
	const struct hy_topics *topics;
	struct hy_findings *findings;
	struct hy_id *parts;
	size_t part_count, part_cap;
};

static const char *const file_keys[] = {"policies", "note", NULL};
static const char *const policy_keys[] = {
	"id", "title", "number", "names", "drafter", "topic", "severity", "published", "url",
	"interpretation", "valid_from", "valid_to", "words", "official", "threshold", "timespan",
	"digest", "samples", "note", NULL,
};

/* What so many policies are called that none is meant by it. */
static const char *const common_names[] = {
	"若干措施", "若干政策", "若干意见", "实施意见", "实施方案", "实施细则", "实施办法", "管理办法",
	"工作方案", "行动计划", "惠企政策", "人才政策", "扶持政策", "优惠政策", "有关政策", "相关政策",
	"政策文件", "政策措施",
};

/* ---- one policy ---- */

static bool id_valid(struct hy_str id)
{
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '.')
			return false;
	}
	return id.n > 0 && id.n <= ID_BYTES;
}

static bool read_id(struct reader *r, const struct hy_yaml_node *node, struct hy_str *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf place = HY_BUF(PATH_BYTES * 2);
	const struct hy_yaml_node *at = hy_yaml_get(node, "id");
	const struct hy_policy *other;

	if (!hy_yaml_read_text(node, "id", true, r->findings, out))
		return false;
	if (!id_valid(*out)) {
		hy_yaml_finding(at, r->findings, "政策编号 %.*s 只能用小写字母、数字、点和短横线",
				HY_STR_ARGS(*out));
		return false;
	}
	if (hy_topics_get(r->topics, *out)) {
		hy_yaml_finding(at, r->findings, "编号 %.*s 已是一个议题的编号", HY_STR_ARGS(*out));
		return false;
	}
	other = hy_map_get(&r->policies->by_id, *out);
	if (!other)
		return true;
	hy_yaml_place(other->node, &place);
	hy_yaml_finding(at, r->findings, "政策编号 %.*s 重复，另一处在 %.*s", HY_STR_ARGS(*out),
			HY_STR_ARGS(hy_buf_str(&place)));
	return false;
}

static bool is_common(struct hy_str name)
{
	for (size_t i = 0; i < HY_COUNT(common_names); i++)
		if (hy_str_eq_c(name, common_names[i]))
			return true;
	return false;
}

/* A name that stands in any text would make every text a reaction. */
static bool check_name(struct reader *r, const struct hy_yaml_node *at)
{
	hy_cleanup(hy_buf_fini) struct hy_buf place = HY_BUF(PATH_BYTES * 2);
	struct hy_str name = hy_str_trim(hy_yaml_text(at));
	const struct hy_policy *other;

	if (!hy_yaml_is_scalar(at) || name.n == 0 || name.p[0] == '$') {
		hy_yaml_finding(at, r->findings, "名称应直接写出，或写成 /模式/");
		return false;
	}
	if (name.p[0] != '/' && hy_utf8_count(name.p, name.n) < HY_POLICY_NAME_CHARACTERS) {
		hy_yaml_finding(at, r->findings, "名称 %.*s 不足 %d 个字，会处处命中", HY_STR_ARGS(name),
				HY_POLICY_NAME_CHARACTERS);
		return false;
	}
	if (is_common(name)) {
		hy_yaml_finding(at, r->findings, "名称 %.*s 是通称，许多政策都这样叫，会处处命中",
				HY_STR_ARGS(name));
		return false;
	}
	other = hy_map_get(&r->policies->by_name, name);
	if (!other)
		return true;
	hy_yaml_place(other->node, &place);
	hy_yaml_finding(at, r->findings, "名称 %.*s 已是政策 %.*s 的名称（%.*s）", HY_STR_ARGS(name),
			HY_STR_ARGS(other->id), HY_STR_ARGS(hy_buf_str(&place)));
	return false;
}

static size_t word_count(const struct hy_yaml_node *list)
{
	return !list ? 0 : hy_yaml_is_sequence(list) ? hy_yaml_count(list) : 1;
}

static const struct hy_yaml_node *word_at(const struct hy_yaml_node *list, size_t i)
{
	return hy_yaml_is_sequence(list) ? hy_yaml_item(list, i) : list;
}

static bool check_names(struct reader *r, const struct hy_yaml_node *node)
{
	const struct hy_yaml_node *names = hy_yaml_get(node, "names");
	const struct hy_yaml_node *number = hy_yaml_get(node, "number");
	bool good = check_name(r, hy_yaml_get(node, "title"));

	if (number)
		good = check_name(r, number) && good;
	if (word_count(names) > HY_POLICY_NAMES_MAX) {
		hy_yaml_finding(names, r->findings, "names 至多 %d 个", HY_POLICY_NAMES_MAX);
		return false;
	}
	for (size_t i = 0; i < word_count(names); i++)
		good = check_name(r, word_at(names, i)) && good;
	return good;
}

static bool check_url(struct reader *r, const struct hy_yaml_node *at)
{
	struct hy_str url = hy_yaml_text(at);

	if (hy_str_starts(url, HY_STR_LIT("https://")) || hy_str_starts(url, HY_STR_LIT("http://")))
		return true;
	hy_yaml_finding(at, r->findings, "网址应以 http:// 或 https:// 开头");
	return false;
}

static bool read_urls(struct reader *r, const struct hy_yaml_node *node, struct hy_policy *out)
{
	const struct hy_yaml_node *url = hy_yaml_get(node, "url");
	const struct hy_yaml_node *list = hy_yaml_get(node, "interpretation");
	bool good = true;

	if (url) {
		out->url = hy_yaml_text(url);
		good = check_url(r, url);
	}
	if (word_count(list) > HY_POLICY_URLS_MAX) {
		hy_yaml_finding(list, r->findings, "interpretation 至多 %d 个网址",
				HY_POLICY_URLS_MAX);
		return false;
	}
	for (size_t i = 0; i < word_count(list); i++) {
		out->interpretations[out->interpretation_count++] = hy_yaml_text(word_at(list, i));
		good = check_url(r, word_at(list, i)) && good;
	}
	return good;
}

static bool read_topic(struct reader *r, const struct hy_yaml_node *node, struct hy_policy *out)
{
	const struct hy_yaml_node *at = hy_yaml_get(node, "topic");
	struct hy_str id, near;

	if (!hy_yaml_read_text(node, "topic", true, r->findings, &id))
		return false;
	out->topic = hy_topics_get(r->topics, id);
	if (out->topic)
		return true;
	near = hy_topics_nearest(r->topics, id);
	if (near.n)
		hy_yaml_finding(at, r->findings, "没有议题“%.*s”，是否想写“%.*s”？", HY_STR_ARGS(id),
				HY_STR_ARGS(near));
	else
		hy_yaml_finding(at, r->findings, "没有议题“%.*s”", HY_STR_ARGS(id));
	return false;
}

static bool read_severity(struct reader *r, const struct hy_yaml_node *node,
			  enum hy_severity *out)
{
	const struct hy_yaml_node *at = hy_yaml_get(node, "severity");

	if (!at || hy_severity_parse(hy_yaml_text(at), out))
		return true;
	hy_yaml_finding(at, r->findings, "级别 %.*s 不存在，应为 一般、较大、重大、特别重大 之一",
			HY_STR_ARGS(hy_yaml_text(at)));
	return false;
}

static bool read_time(struct reader *r, const struct hy_yaml_node *node, const char *key,
		      struct hy_wall *out)
{
	return !hy_yaml_get(node, key) || hy_yaml_read_wall(node, key, r->findings, out);
}

static bool read_times(struct reader *r, const struct hy_yaml_node *node, struct hy_policy *out)
{
	bool good = true;

	if (!hy_yaml_get(node, "published")) {
		hy_yaml_finding(node, r->findings, "政策 %.*s 缺少 published（发布日期）",
				HY_STR_ARGS(out->id));
		return false;
	}
	good = read_time(r, node, "published", &out->published);
	good = read_time(r, node, "valid_from", &out->valid_from) && good;
	good = read_time(r, node, "valid_to", &out->valid_to) && good;
	if (!good || !hy_wall_known(out->valid_to))
		return good;
	if (hy_wall_known(out->valid_from) && out->valid_to.ms <= out->valid_from.ms) {
		hy_yaml_finding(hy_yaml_get(node, "valid_to"), r->findings,
				"valid_to 不晚于 valid_from，永不生效");
		return false;
	}
	if (out->valid_to.ms > out->published.ms)
		return true;
	hy_yaml_finding(hy_yaml_get(node, "valid_to"), r->findings,
			"valid_to 不晚于 published（发布日期），发布时就不再关注");
	return false;
}

static bool read_threshold(struct reader *r, const struct hy_yaml_node *node,
			   struct hy_policy *out)
{
	bool good = true;

	if (hy_yaml_get(node, "threshold"))
		good = hy_yaml_read_int(node, "threshold", 1, HY_POLICY_THRESHOLD_MAX, r->findings,
					&out->threshold);
	if (hy_yaml_get(node, "timespan"))
		good = hy_yaml_read_duration(node, "timespan", SPAN_MIN_MS, HY_POLICY_SPAN_MAX_MS,
					     r->findings, &out->span_ms) && good;
	if (hy_yaml_get(node, "digest"))
		good = hy_yaml_read_duration(node, "digest", DIGEST_MIN_MS, HY_POLICY_DIGEST_MAX_MS,
					     r->findings, &out->digest_ms) && good;
	return good;
}

static bool read_rest(struct reader *r, const struct hy_yaml_node *node, struct hy_policy *out)
{
	bool good = hy_yaml_read_text(node, "title", true, r->findings, &out->title) &&
		    check_names(r, node);

	(void)hy_yaml_read_text(node, "number", false, r->findings, &out->number);
	good = hy_yaml_read_text(node, "drafter", true, r->findings, &out->drafter) && good;
	good = read_topic(r, node, out) && good;
	good = read_severity(r, node, &out->severity) && good;
	good = read_times(r, node, out) && good;
	good = read_urls(r, node, out) && good;
	good = read_threshold(r, node, out) && good;
	if (!hy_yaml_get(node, "words")) {
		hy_yaml_finding(node, r->findings, "政策 %.*s 缺少 words（什么样的话算反应）",
				HY_STR_ARGS(out->id));
		return false;
	}
	return good;
}

static void keep_name(struct reader *r, const struct hy_yaml_node *at, struct hy_policy *policy)
{
	struct hy_str name = hy_str_trim(hy_yaml_text(at));

	if (!hy_map_get(&r->policies->by_name, name)) {
		enum hy_err stored = hy_map_set(&r->policies->by_name, name, policy);

		hy_assert(stored == HY_OK);
	}
}

static void keep(struct reader *r, const struct hy_policy *policy)
{
	const struct hy_yaml_node *names = hy_yaml_get(policy->node, "names");
	struct hy_policies *policies = r->policies;
	struct hy_policy *kept = hy_xcalloc(1, sizeof *kept);

	*kept = *policy;
	policies->items = hy_grow(policies->items, &policies->cap, policies->count + 1, sizeof kept);
	policies->items[policies->count++] = kept;
	enum hy_err stored = hy_map_set(&policies->by_id, kept->id, kept);
	hy_assert(stored == HY_OK);
	keep_name(r, hy_yaml_get(policy->node, "title"), kept);
	if (policy->number.n)
		keep_name(r, hy_yaml_get(policy->node, "number"), kept);
	for (size_t i = 0; i < word_count(names); i++)
		keep_name(r, word_at(names, i), kept);
}

static void read_policy(struct reader *r, const struct hy_yaml_node *node)
{
	struct hy_policy policy = {.severity = HY_SEVERITY_GENERAL, .published = HY_WALL_NONE,
				   .valid_from = HY_WALL_NONE, .valid_to = HY_WALL_NONE,
				   .threshold = THRESHOLD_PRESET, .span_ms = SPAN_PRESET_MS,
				   .digest_ms = DIGEST_PRESET_MS, .node = node};
	bool good;

	if (!hy_yaml_is_mapping(node)) {
		hy_yaml_finding(node, r->findings, "政策应为“键: 值”的映射");
		return;
	}
	good = hy_yaml_known_keys(node, policy_keys, r->findings);
	if (!read_id(r, node, &policy.id))
		return;
	good = read_rest(r, node, &policy) && good;
	if (good && r->policies->count == HY_POLICIES_MAX) {
		hy_yaml_finding(node, r->findings, "政策超过 %d 件", HY_POLICIES_MAX);
		good = false;
	}
	if (good)
		keep(r, &policy);
}

/* ---- files ---- */

static void read_root(struct reader *r, const struct hy_yaml_node *root)
{
	const struct hy_yaml_node *list = root;

	if (!root)
		return;
	if (hy_yaml_is_mapping(root) && hy_yaml_get(root, "policies")) {
		(void)hy_yaml_known_keys(root, file_keys, r->findings);
		list = hy_yaml_get(root, "policies");
	}
	if (!hy_yaml_is_sequence(list)) {
		read_policy(r, list);
		return;
	}
	for (size_t i = 0; i < hy_yaml_count(list); i++)
		read_policy(r, hy_yaml_item(list, i));
}

static void read_file(struct reader *r, const struct hy_rules_text *file)
{
	const char *slash = strrchr(file->name, '/');
	const struct hy_str parts[] = {hy_str_of(slash ? slash + 1 : file->name), file->text};
	struct hy_policies *policies = r->policies;
	struct hy_yaml *yaml = NULL;

	r->parts = hy_grow(r->parts, &r->part_cap, r->part_count + 1, sizeof *r->parts);
	r->parts[r->part_count++] = hy_id_of(parts, HY_COUNT(parts));
	if (hy_yaml_parse(file->text, file->name, r->findings, &yaml))
		return;
	policies->files = hy_grow(policies->files, &policies->file_cap, policies->file_count + 1,
				  sizeof yaml);
	policies->files[policies->file_count++] = yaml;
	read_root(r, hy_yaml_root(yaml));
}

static void read_path(struct reader *r, const char *path)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_YAML_FILE_BYTES);
	struct hy_error e;

	if (hy_rules_read(path, &text, &e)) {
		hy_rules_finding(r->findings, "%s:1:1: 读不了：%s", path, e.text);
	} else {
		const struct hy_rules_text file = {path, hy_buf_str(&text)};

		read_file(r, &file);
	}
}

static struct reader reader_of(const struct hy_topics *topics, struct hy_findings *findings)
{
	struct reader r = {.policies = hy_xcalloc(1, sizeof *r.policies), .topics = topics,
			   .findings = findings};

	hy_map_init(&r.policies->by_id, HY_POLICIES_MAX);
	hy_map_init(&r.policies->by_name, (size_t)HY_POLICIES_MAX * (HY_POLICY_NAMES_MAX + 2));
	return r;
}

static struct hy_policies *finish(struct reader *r)
{
	struct hy_str *parts = hy_xcalloc(r->part_count + 1, sizeof *parts);

	for (size_t i = 0; i < r->part_count; i++)
		parts[i] = hy_id_str(&r->parts[i]);
	r->policies->version = hy_id_of(parts, r->part_count);
	free(parts);
	free(r->parts);
	return r->policies;
}

/* No folder is as good as an empty one. */
static enum hy_err list_files(const char *rules_dir, struct hy_rules_listing *out,
			      struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf folder = HY_BUF(PATH_BYTES);

	hy_buf_addf(&folder, "%s/policies", rules_dir);
	if (hy_buf_err(&folder))
		return hy_fail(e, HY_ERR_LIMIT, "the path of the rules is too long");
	if (access(folder.p, F_OK) != 0 && errno == ENOENT)
		return HY_OK;
	return hy_rules_list(folder.p, ".yaml", HY_POLICY_FILES_MAX, out, e);
}

enum hy_err hy_policies_load(const char *rules_dir, const struct hy_topics *topics,
			     struct hy_findings *findings, struct hy_policies **out,
			     struct hy_error *e)
{
	hy_cleanup(hy_rules_listing_fini) struct hy_rules_listing files = {0};
	enum hy_err err = list_files(rules_dir, &files, e);

	if (err)
		return err;
	struct reader r = reader_of(topics, findings);
	for (size_t i = 0; i < files.count; i++)
		read_path(&r, files.paths[i]);
	*out = finish(&r);
	return HY_OK;
}

struct hy_policies *hy_policies_parse(const struct hy_rules_text *files, size_t count,
				      const struct hy_topics *topics,
				      struct hy_findings *findings)
{
	struct reader r = reader_of(topics, findings);

	for (size_t i = 0; i < count; i++)
		read_file(&r, &files[i]);
	return finish(&r);
}

void hy_policies_free(struct hy_policies *policies)
{
	if (!policies)
		return;
	for (size_t i = 0; i < policies->count; i++)
		free(policies->items[i]);
	for (size_t i = 0; i < policies->file_count; i++)
		hy_yaml_free(policies->files[i]);
	free(policies->items);
	free(policies->files);
	hy_map_fini(&policies->by_id);
	hy_map_fini(&policies->by_name);
	free(policies);
}

/* ---- reading the set ---- */

size_t hy_policies_count(const struct hy_policies *policies)
{
	return policies->count;
}

const struct hy_policy *hy_policies_at(const struct hy_policies *policies, size_t index)
{
	hy_assert(index < policies->count);
	return policies->items[index];
}

const struct hy_policy *hy_policies_get(const struct hy_policies *policies, struct hy_str id)
{
	return hy_map_get(&policies->by_id, id);
}

struct hy_str hy_policies_nearest(const struct hy_policies *policies, struct hy_str id)
{
	struct hy_suggest near = hy_suggest_for(id);

	for (size_t i = 0; i < policies->count; i++)
		hy_suggest_offer(&near, policies->items[i]->id);
	return near.best;
}

/* The same page is served with and without TLS. */
static struct hy_str behind_scheme(struct hy_str url)
{
	size_t at = hy_str_find(url, HY_STR_LIT("://"), 0);

	return at == SIZE_MAX ? url : hy_str_sub(url, at, url.n);
}

static bool same_page(struct hy_str a, struct hy_str b)
{
	return a.n > 0 && hy_str_eq(behind_scheme(a), behind_scheme(b));
}

bool hy_policy_is_release(const struct hy_policy *policy, struct hy_str url)
{
	for (size_t i = 0; i < policy->interpretation_count; i++)
		if (same_page(policy->interpretations[i], url))
			return true;
	return same_page(policy->url, url);
}

struct hy_id hy_policies_version(const struct hy_policies *policies)
{
	return policies->version;
}
