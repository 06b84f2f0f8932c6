#include "crawler/sources.h"

#include <sys/stat.h>

#include "common/base/buf.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "crawler/identity.h"
#include "crawler/url.h"

#define SECOND INT64_C(1000)
#define DAY (INT64_C(86400) * SECOND)
#define GOAL_PRESET (900 * SECOND)
#define INTERVAL_MIN SECOND
#define PUBLIC_INTERVAL_MIN (60 * SECOND)
#define PUBLIC_DELAY_MIN SECOND
#define QUIET_PRESET (7 * DAY)

struct hy_sources {
	struct hy_source *items;
	size_t count, cap;
	struct hy_map by_id, by_url;	/* to items by index + 1, see set_index */
	struct hy_host_terms *hosts;
	size_t host_count, host_cap;
	struct hy_map by_host;
};

static const char *const source_keys[] = {
	"id", "name", "kind", "url", "urls", "goal", "interval", "delay", "region", "quiet",
	"owner", "mainstream", "allow_private", "from", "until", "xpath", NULL,
};
static const char *const host_keys[] = {"host", "budget", "delay", NULL};
static const char *const file_keys[] = {"sources", "hosts", NULL};
static const char *const kind_names[] = {
#define X(name, text) text,
	HY_SOURCE_KIND_LIST(X)
#undef X
};

const char *hy_source_kind_name(enum hy_source_kind kind)
{
	return kind_names[kind];
}

bool hy_source_is_valid_at(const struct hy_source *source, struct hy_wall now)
{
	if (hy_wall_known(source->from) && now.ms < source->from.ms)
		return false;
	return !hy_wall_known(source->until) || now.ms < source->until.ms;
}

static void source_fini(struct hy_source *s)
{
	free(s->id);
	free(s->name);
	free(s->region);
	free(s->owner);
	hy_source_xpath_free(s->xpath);
	for (size_t i = 0; i < s->url_count; i++)
		free(s->urls[i]);
}

void hy_sources_free(struct hy_sources *sources)
{
	if (!sources)
		return;
	for (size_t i = 0; i < sources->count; i++)
		source_fini(&sources->items[i]);
	free(sources->items);
	for (size_t i = 0; i < sources->host_count; i++)
		free(sources->hosts[i].host);
	free(sources->hosts);
	hy_map_fini(&sources->by_id);
	hy_map_fini(&sources->by_url);
	hy_map_fini(&sources->by_host);
	free(sources);
}

HY_DEFINE_CLEANUP(struct hy_sources *, hy_sources_free)
HY_DEFINE_CLEANUP(struct hy_yaml *, hy_yaml_free)

/* The array moves while it grows, so the maps hold places in it instead of addresses. */
static void set_index(struct hy_map *map, struct hy_str key, size_t index)
{
	enum hy_err err = hy_map_set(map, key, (void *)(uintptr_t)(index + 1));

	hy_assert(err == HY_OK);
}

static bool get_index(const struct hy_map *map, struct hy_str key, size_t *out)
{
	uintptr_t found = (uintptr_t)hy_map_get(map, key);

	if (!found)
		return false;
	*out = found - 1;
	return true;
}

static bool id_is_good(struct hy_str id)
{
	if (!id.n || id.n > HY_SOURCE_ID_BYTES)
		return false;
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '-' || c == '_' || c == '.'))
			return false;
	}
	return true;
}

static void read_names(const struct hy_yaml_node *node, struct hy_findings *f,
		       struct hy_sources *all, struct hy_source *s)
{
	struct hy_str text = {0};
	size_t other;

	if (hy_yaml_read_text(node, "id", true, f, &text)) {
		if (!id_is_good(text))
			hy_yaml_finding(hy_yaml_get(node, "id"), f,
					"来源编号只能由字母、数字、-、_、. 组成，且不超过 %d 个字符",
					HY_SOURCE_ID_BYTES);
		else if (get_index(&all->by_id, text, &other))
			hy_yaml_finding(hy_yaml_get(node, "id"), f, "来源编号“%.*s”重复",
					HY_STR_ARGS(text));
		s->id = hy_str_dup(text);
	}
	if (hy_yaml_read_text(node, "name", true, f, &text)) {
		if (!text.n || text.n > HY_SOURCE_NAME_BYTES)
			hy_yaml_finding(hy_yaml_get(node, "name"), f, "来源名称为空或过长");
		s->name = hy_str_dup(text);
	}
	text = (struct hy_str){0};
	(void)hy_yaml_read_text(node, "region", false, f, &text);
	s->region = hy_str_dup(text);
	text = HY_STR_LIT(HY_SOURCE_OWNER_PRESET);
	if (hy_yaml_read_text(node, "owner", false, f, &text) && !id_is_good(text))
		hy_yaml_finding(hy_yaml_get(node, "owner"), f, "owner 应为单位或岗位的编号");
	s->owner = hy_str_dup(text);
}

static void read_kind(const struct hy_yaml_node *node, struct hy_findings *f, struct hy_source *s)
{
	struct hy_str text;

	if (!hy_yaml_read_text(node, "kind", true, f, &text))
		return;
	for (int i = 0; i < HY_SOURCE_KIND_COUNT; i++) {
		if (hy_str_eq_c(text, kind_names[i])) {
			s->kind = (enum hy_source_kind)i;
			return;
		}
	}
	hy_yaml_finding(hy_yaml_get(node, "kind"), f,
			"kind“%.*s”未知，可用：feed、list、sitemap、wechat", HY_STR_ARGS(text));
}

static void add_url(const struct hy_yaml_node *node, struct hy_findings *f,
		    struct hy_sources *all, struct hy_source *s)
{
	struct hy_buf url;
	size_t other;

	hy_buf_init(&url, HY_URL_MAX_BYTES + 1);
	if (!hy_yaml_is_scalar(node) || hy_url_normalise(hy_yaml_text(node), &url) != HY_OK)
		hy_yaml_finding(node, f, "不是有效的 http 或 https 网址");
	else if (s->url_count == HY_SOURCE_URLS_MAX)
		hy_yaml_finding(node, f, "一个来源最多 %d 个网址", HY_SOURCE_URLS_MAX);
	else if (get_index(&all->by_url, hy_buf_str(&url), &other))
		hy_yaml_finding(node, f, "网址已在来源“%s”中登记",
				other < all->count ? all->items[other].id : s->id);
	else {
		set_index(&all->by_url, hy_buf_str(&url), all->count);
		s->urls[s->url_count++] = hy_buf_take(&url);
	}
	hy_buf_fini(&url);
}

static void read_urls(const struct hy_yaml_node *node, struct hy_findings *f,
		      struct hy_sources *all, struct hy_source *s)
{
	const struct hy_yaml_node *one = hy_yaml_get(node, "url"), *many = hy_yaml_get(node, "urls");

	if (one && many)
		hy_yaml_finding(many, f, "url 与 urls 只能写一个");
	else if (one)
		add_url(one, f, all, s);
	else if (many && hy_yaml_is_sequence(many) && hy_yaml_count(many))
		for (size_t i = 0; i < hy_yaml_count(many); i++)
			add_url(hy_yaml_item(many, i), f, all, s);
	else
		hy_yaml_finding(many ? many : node, f, "缺少网址：请写 url 或 urls");
}

/* What is quick enough for a test server would be a burden for a public site. */
static void read_interval(const struct hy_yaml_node *node, struct hy_findings *f,
			  struct hy_source *s)
{
	const struct hy_yaml_node *goal = hy_yaml_get(node, "goal");
	bool is_fixed = hy_yaml_get(node, "interval");
	int64_t min_ms = s->allow_private ? INTERVAL_MIN : PUBLIC_INTERVAL_MIN;

	if (goal && is_fixed)
		hy_yaml_finding(goal, f, "goal 与 interval 只能写一个");
	s->interval_ms = GOAL_PRESET;
	(void)hy_yaml_read_duration(node, is_fixed ? "interval" : "goal", min_ms, 30 * DAY, f,
				    &s->interval_ms);
	s->goal_ms = is_fixed ? 0 : s->interval_ms;
}

static void read_pace(const struct hy_yaml_node *node, struct hy_findings *f, struct hy_source *s)
{
	s->delay_ms = -1;
	s->quiet_ms = QUIET_PRESET;
	s->is_quiet_given = hy_yaml_get(node, "quiet") != NULL;
	(void)hy_yaml_read_bool(node, "allow_private", f, &s->allow_private);
	read_interval(node, f, s);
	(void)hy_yaml_read_duration(node, "delay", s->allow_private ? 0 : PUBLIC_DELAY_MIN, DAY, f,
				    &s->delay_ms);
	(void)hy_yaml_read_duration(node, "quiet", SECOND, 3650 * DAY, f, &s->quiet_ms);
	(void)hy_yaml_read_bool(node, "mainstream", f, &s->mainstream);
	s->from = s->until = HY_WALL_NONE;
	(void)hy_yaml_read_wall(node, "from", f, &s->from);
	(void)hy_yaml_read_wall(node, "until", f, &s->until);
	if (hy_wall_known(s->from) && hy_wall_known(s->until) && s->until.ms <= s->from.ms)
		hy_yaml_finding(hy_yaml_get(node, "until"), f, "until 不晚于 from");
}

static void read_source(const struct hy_yaml_node *node, struct hy_findings *f,
			struct hy_sources *all)
{
	struct hy_source s = {0};

	if (!hy_yaml_is_mapping(node)) {
		hy_yaml_finding(node, f, "每个来源应为一组“键: 值”");
		return;
	}
	(void)hy_yaml_known_keys(node, source_keys, f);
	read_names(node, f, all, &s);
	read_kind(node, f, &s);
	read_urls(node, f, all, &s);
	read_pace(node, f, &s);
	if (hy_yaml_get(node, "xpath"))
		s.xpath = hy_source_xpath_read(hy_yaml_get(node, "xpath"),
					       s.kind == HY_SOURCE_LIST, f);
	/* A nameless entry has its findings; the others are still compared with it by URL. */
	if (!s.id)
		s.id = hy_xstrdup("?");
	if (!s.name)
		s.name = hy_xstrdup("");
	if (id_is_good(hy_str_of(s.id)))
		set_index(&all->by_id, hy_str_of(s.id), all->count);
	all->items = hy_grow(all->items, &all->cap, all->count + 1, sizeof *all->items);
	all->items[all->count++] = s;
}

/* The name as it stands in addresses: lower case, punycode, the port only where unusual. */
static char *host_name(struct hy_str text)
{
	hy_cleanup(hy_buf_fini) struct hy_buf url = HY_BUF(HY_URL_MAX_BYTES + 1);
	hy_cleanup(hy_buf_fini) struct hy_buf normal = HY_BUF(HY_URL_MAX_BYTES + 1);

	hy_buf_addf(&url, "http://%.*s/", HY_STR_ARGS(text));
	if (!text.n || hy_buf_err(&url) != HY_OK ||
	    hy_url_normalise(hy_buf_str(&url), &normal) != HY_OK ||
	    !hy_str_eq_c(hy_url_path_and_query(hy_buf_str(&normal)), "/"))
		return NULL;
	return hy_host_of(hy_buf_str(&normal));
}

static void read_host(const struct hy_yaml_node *node, struct hy_findings *f,
		      struct hy_sources *all)
{
	struct hy_host_terms terms = {.delay_ms = -1};
	struct hy_str text;
	size_t other;

	if (!hy_yaml_is_mapping(node)) {
		hy_yaml_finding(node, f, "每个网站应为一组“键: 值”");
		return;
	}
	(void)hy_yaml_known_keys(node, host_keys, f);
	(void)hy_yaml_read_int(node, "budget", 1, 10000000, f, &terms.budget);
	(void)hy_yaml_read_duration(node, "delay", 0, DAY, f, &terms.delay_ms);
	if (!hy_yaml_read_text(node, "host", true, f, &text))
		return;
	terms.host = host_name(text);
	if (!terms.host) {
		hy_yaml_finding(hy_yaml_get(node, "host"), f, "不是有效的网站域名，例：www.example.cn");
	} else if (get_index(&all->by_host, hy_str_of(terms.host), &other)) {
		hy_yaml_finding(hy_yaml_get(node, "host"), f, "网站“%s”重复", terms.host);
		free(terms.host);
	} else {
		set_index(&all->by_host, hy_str_of(terms.host), all->host_count);
		all->hosts = hy_grow(all->hosts, &all->host_cap, all->host_count + 1,
				     sizeof *all->hosts);
		all->hosts[all->host_count++] = terms;
	}
}

static void read_hosts(const struct hy_yaml_node *root, struct hy_findings *f,
		       struct hy_sources *all)
{
	const struct hy_yaml_node *list = hy_yaml_is_mapping(root) ? hy_yaml_get(root, "hosts")
								   : NULL;

	if (!list)
		return;
	if (!hy_yaml_is_sequence(list) || hy_yaml_count(list) > HY_SOURCES_MAX) {
		hy_yaml_finding(list, f, "hosts: 下应为网站列表，最多 %d 个", HY_SOURCES_MAX);
		return;
	}
	for (size_t i = 0; i < hy_yaml_count(list); i++)
		read_host(hy_yaml_item(list, i), f, all);
}

static void read_file(const struct hy_yaml_node *root, struct hy_findings *f,
		      struct hy_sources *all)
{
	const struct hy_yaml_node *list = hy_yaml_is_mapping(root) ? hy_yaml_get(root, "sources")
								   : NULL;

	if (hy_yaml_is_mapping(root))
		(void)hy_yaml_known_keys(root, file_keys, f);
	read_hosts(root, f, all);
	if (!list || !hy_yaml_is_sequence(list)) {
		hy_yaml_finding(list ? list : root, f, "应有 sources: 下的来源列表");
		return;
	}
	if (hy_yaml_count(list) > HY_SOURCES_MAX) {
		hy_yaml_finding(list, f, "来源超过 %d 个", HY_SOURCES_MAX);
		return;
	}
	for (size_t i = 0; i < hy_yaml_count(list); i++)
		read_source(hy_yaml_item(list, i), f, all);
}

void hy_sources_file(const char *path, struct hy_buf *out)
{
	struct stat st;

	hy_buf_add_c(out, path);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		hy_buf_add_c(out, "/sources.yaml");
}

enum hy_err hy_sources_load(const char *path, struct hy_findings *findings,
			    struct hy_sources **out)
{
	hy_cleanup(hy_yaml_free_p) struct hy_yaml *file = NULL;
	hy_cleanup(hy_sources_free_p) struct hy_sources *all = hy_xcalloc(1, sizeof *all);
	hy_cleanup(hy_buf_fini) struct hy_buf name = HY_BUF(4096);
	size_t before = findings->count;
	enum hy_err err;

	hy_map_init(&all->by_id, HY_SOURCES_MAX);
	hy_map_init(&all->by_url, (size_t)HY_SOURCES_MAX * HY_SOURCE_URLS_MAX);
	hy_map_init(&all->by_host, HY_SOURCES_MAX);
	hy_sources_file(path, &name);
	if (hy_buf_err(&name) != HY_OK)
		return HY_ERR_LIMIT;
	err = hy_yaml_open(hy_buf_str(&name).p, NULL, findings, &file);
	if (err != HY_OK)
		return err;
	if (hy_yaml_root(file))
		read_file(hy_yaml_root(file), findings, all);
	if (findings->count != before)
		return HY_ERR_MALFORMED;
	*out = hy_take(&all);
	return HY_OK;
}

size_t hy_sources_count(const struct hy_sources *sources)
{
	return sources->count;
}

const struct hy_source *hy_sources_at(const struct hy_sources *sources, size_t index)
{
	return &sources->items[index];
}

const struct hy_source *hy_sources_find(const struct hy_sources *sources, struct hy_str id)
{
	size_t index;

	return get_index(&sources->by_id, id, &index) ? &sources->items[index] : NULL;
}

const struct hy_host_terms *hy_sources_host(const struct hy_sources *sources, struct hy_str host)
{
	size_t index;

	return get_index(&sources->by_host, host, &index) ? &sources->hosts[index] : NULL;
}
