#include "common/rules/topics.h"

#include <stdlib.h>

#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/suggest.h"
#include "common/rules/files.h"

#define TOPIC_ID_BYTES 100

struct hy_topics {
	struct hy_topic **items;
	size_t count, cap;
	struct hy_map by_id;		/* id -> struct hy_topic */
	struct hy_sector **sectors;
	size_t sector_count, sector_cap;
	struct hy_yaml **files;
	size_t file_count, file_cap;
	struct hy_lists *lists;
	struct hy_id version;
};

/* What is gathered while reading; the version covers each file's name and bytes. */
struct reader {
	struct hy_topics *topics;
	struct hy_findings *findings;
	const struct hy_sector *sector;	/* of the file being read, or NULL */
	struct hy_str *parts;
	size_t part_count, part_cap;
};

static const char *const topic_keys[] = {
	"id", "title", "owner", "severity", "threshold", "match", "raise", "place",
	"samples", "valid_from", "valid_to", "note", "sources", "aliases",
	"correlation", NULL,
};
static const char *const file_keys[] = {"sector", "topics", "include", "note", NULL};
static const char *const sector_keys[] = {"id", "title", "words", "note", NULL};

/* ---- one topic ---- */

static bool is_id_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

static bool id_valid(struct hy_str id)
{
	if (id.n == 0 || id.n > TOPIC_ID_BYTES || id.p[0] == '.' || id.p[id.n - 1] == '.')
		return false;
	for (size_t i = 0; i < id.n; i++)
		if (!is_id_char(id.p[i]) || (id.p[i] == '.' && id.p[i - 1] == '.'))
			return false;
	return true;
}

/* An id, or a former one, that nobody has yet. */
static bool is_free_id(struct reader *r, const struct hy_yaml_node *at)
{
	hy_cleanup(hy_buf_fini) struct hy_buf place = HY_BUF(4096);
	struct hy_str id = hy_yaml_text(at);

	if (!id_valid(id)) {
		hy_yaml_finding(at, r->findings, "议题编号 %.*s 只能用小写字母、数字、点和短横线",
				HY_STR_ARGS(id));
		return false;
	}
	const struct hy_topic *other = hy_topics_get(r->topics, id);

	if (!other)
		return true;
	hy_yaml_place(other->node, &place);
	hy_yaml_finding(at, r->findings, "议题编号 %.*s 重复，另一处在 %.*s", HY_STR_ARGS(id),
			HY_STR_ARGS(hy_buf_str(&place)));
	return false;
}

static bool read_id(struct reader *r, const struct hy_yaml_node *node, struct hy_str *out)
{
	return hy_yaml_read_text(node, "id", true, r->findings, out) &&
	       is_free_id(r, hy_yaml_get(node, "id"));
}

static size_t alias_count(const struct hy_yaml_node *aliases)
{
	return !aliases ? 0 : hy_yaml_is_sequence(aliases) ? hy_yaml_count(aliases) : 1;
}

static const struct hy_yaml_node *alias_at(const struct hy_yaml_node *aliases, size_t i)
{
	return hy_yaml_is_sequence(aliases) ? hy_yaml_item(aliases, i) : aliases;
}

/* Former ids: what still calls the topic by one of them means it. */
static bool check_aliases(struct reader *r, const struct hy_yaml_node *node)
{
	const struct hy_yaml_node *aliases = hy_yaml_get(node, "aliases");
	bool good = true;

	if (alias_count(aliases) > HY_ALIASES_MAX) {
		hy_yaml_finding(aliases, r->findings, "aliases 至多 %d 个", HY_ALIASES_MAX);
		return false;
	}
	for (size_t i = 0; i < alias_count(aliases); i++)
		good = is_free_id(r, alias_at(aliases, i)) && good;
	return good;
}

/* The same id twice in one topic is told too: the second finds the first in the map. */
static bool keep_names(struct reader *r, struct hy_topic *topic)
{
	const struct hy_yaml_node *aliases = hy_yaml_get(topic->node, "aliases");
	bool good = true;

	enum hy_err stored = hy_map_set(&r->topics->by_id, topic->id, topic);
	for (size_t i = 0; !stored && i < alias_count(aliases); i++) {
		good = is_free_id(r, alias_at(aliases, i)) && good;
		stored = hy_map_set(&r->topics->by_id, hy_yaml_text(alias_at(aliases, i)), topic);
	}
	hy_assert(stored == HY_OK);
	return good;
}

static bool read_severity(struct reader *r, const struct hy_yaml_node *node,
			  enum hy_severity *out)
{
	struct hy_str text;

	if (!hy_yaml_get(node, "severity"))
		return true;
	if (!hy_yaml_read_text(node, "severity", false, r->findings, &text))
		return false;
	if (hy_severity_parse(text, out))
		return true;
	hy_yaml_finding(hy_yaml_get(node, "severity"), r->findings,
			"级别 %.*s 不存在，应为 一般、较大、重大、特别重大 之一", HY_STR_ARGS(text));
	return false;
}

static bool read_place(struct reader *r, const struct hy_yaml_node *node,
		       enum hy_topic_place *out)
{
	struct hy_str text;

	if (!hy_yaml_get(node, "place"))
		return true;
	if (!hy_yaml_read_text(node, "place", false, r->findings, &text))
		return false;
	if (hy_str_eq_c(text, "required")) {
		*out = HY_TOPIC_PLACE_REQUIRED;
	} else if (hy_str_eq_c(text, "any")) {
		*out = HY_TOPIC_PLACE_ANY;
	} else {
		hy_yaml_finding(hy_yaml_get(node, "place"), r->findings,
				"place 应为 required（须涉及本区）或 any（不限地点）");
		return false;
	}
	return true;
}

/* True where the key is absent or good. */
static bool read_time(struct reader *r, const struct hy_yaml_node *node, const char *key,
		      struct hy_wall *out)
{
	return !hy_yaml_get(node, key) || hy_yaml_read_wall(node, key, r->findings, out);
}

static bool read_owner(struct reader *r, const struct hy_yaml_node *node, struct hy_topic *topic)
{
	if (!hy_yaml_get(node, "owner")) {
		hy_yaml_finding(node, r->findings, "议题 %.*s 没有 owner（责任角色）",
				HY_STR_ARGS(topic->id));
		return false;
	}
	return hy_yaml_read_text(node, "owner", true, r->findings, &topic->owner);
}

static bool read_span(struct reader *r, const struct hy_yaml_node *node, struct hy_topic *topic)
{
	if (!read_time(r, node, "valid_from", &topic->valid_from) ||
	    !read_time(r, node, "valid_to", &topic->valid_to))
		return false;
	if (hy_wall_known(topic->valid_from) && hy_wall_known(topic->valid_to) &&
	    topic->valid_to.ms <= topic->valid_from.ms) {
		hy_yaml_finding(hy_yaml_get(node, "valid_to"), r->findings,
				"valid_to 不晚于 valid_from，议题永不生效");
		return false;
	}
	return true;
}

static void read_topic(struct reader *r, const struct hy_yaml_node *node)
{
	struct hy_topics *topics = r->topics;
	struct hy_topic topic = {.severity = HY_SEVERITY_GENERAL, .valid_from = HY_WALL_NONE,
				 .valid_to = HY_WALL_NONE, .sector = r->sector, .node = node};

	if (!hy_yaml_is_mapping(node)) {
		hy_yaml_finding(node, r->findings, "议题应为“键: 值”的映射");
		return;
	}
	bool good = hy_yaml_known_keys(node, topic_keys, r->findings);
	if (!read_id(r, node, &topic.id))
		return;
	good = hy_yaml_read_text(node, "title", true, r->findings, &topic.title) && good;
	good = read_owner(r, node, &topic) && good;
	good = read_severity(r, node, &topic.severity) && good;
	good = read_place(r, node, &topic.place) && good;
	good = read_span(r, node, &topic) && good;
	good = check_aliases(r, node) && good;
	good = hy_correlations_read(node, r->findings, &topic.correlations) && good;
	if (good && topics->count == HY_TOPICS_MAX) {
		hy_yaml_finding(node, r->findings, "议题超过 %d 个", HY_TOPICS_MAX);
		good = false;
	}
	if (!good) {
		hy_correlations_fini(&topic.correlations);
		return;
	}
	struct hy_topic *kept = hy_xcalloc(1, sizeof *kept);

	*kept = topic;
	topics->items = hy_grow(topics->items, &topics->cap, topics->count + 1, sizeof kept);
	topics->items[topics->count++] = kept;
	(void)keep_names(r, kept);
}

/* ---- sectors ---- */

static bool sector_known(struct reader *r, struct hy_str id)
{
	for (size_t i = 0; i < r->topics->sector_count; i++)
		if (hy_str_eq(r->topics->sectors[i]->id, id))
			return true;
	return false;
}

static bool read_sector_id(struct reader *r, const struct hy_yaml_node *node, struct hy_str *out)
{
	struct hy_str id;

	if (!hy_yaml_read_text(node, "id", true, r->findings, &id))
		return false;
	if (!id_valid(id)) {
		hy_yaml_finding(hy_yaml_get(node, "id"), r->findings,
				"领域编号 %.*s 只能用小写字母、数字、点和短横线", HY_STR_ARGS(id));
		return false;
	}
	if (sector_known(r, id)) {
		hy_yaml_finding(hy_yaml_get(node, "id"), r->findings,
				"领域编号 %.*s 重复：一个领域写在一个文件里", HY_STR_ARGS(id));
		return false;
	}
	*out = id;
	return true;
}

/* NULL with a finding where it is not a usable one: the topics are read without it. */
static const struct hy_sector *read_sector(struct reader *r, const struct hy_yaml_node *node)
{
	struct hy_topics *topics = r->topics;
	struct hy_sector sector = {.number = topics->sector_count, .node = node};

	if (!hy_yaml_is_mapping(node) || !hy_yaml_get(node, "words")) {
		hy_yaml_finding(node, r->findings, "sector 应写成 {id: …, title: …, words: […]}");
		return NULL;
	}
	bool good = hy_yaml_known_keys(node, sector_keys, r->findings);
	good = read_sector_id(r, node, &sector.id) && good;
	good = hy_yaml_read_text(node, "title", true, r->findings, &sector.title) && good;
	if (!good)
		return NULL;
	if (topics->sector_count == HY_SECTORS_MAX) {
		hy_yaml_finding(node, r->findings, "领域超过 %d 个", HY_SECTORS_MAX);
		return NULL;
	}
	struct hy_sector *kept = hy_xcalloc(1, sizeof *kept);

	*kept = sector;
	topics->sectors = hy_grow(topics->sectors, &topics->sector_cap, topics->sector_count + 1,
				  sizeof kept);
	topics->sectors[topics->sector_count++] = kept;
	return kept;
}

/* ---- files ---- */

static void read_file_topics(struct reader *r, const struct hy_yaml_node *root)
{
	const struct hy_yaml_node *list = root;

	r->sector = NULL;
	if (!root)
		return;
	if (hy_yaml_is_mapping(root) && hy_yaml_get(root, "topics")) {
		(void)hy_yaml_known_keys(root, file_keys, r->findings);
		if (hy_yaml_get(root, "sector"))
			r->sector = read_sector(r, hy_yaml_get(root, "sector"));
		if (hy_yaml_get(root, "include"))
			hy_lists_include(r->topics->lists, hy_yaml_get(root, "include"),
					 r->findings);
		list = hy_yaml_get(root, "topics");
	}
	if (!hy_yaml_is_sequence(list)) {
		read_topic(r, list);
		return;
	}
	for (size_t i = 0; i < hy_yaml_count(list); i++)
		read_topic(r, hy_yaml_item(list, i));
}

static void add_version_part(struct reader *r, struct hy_str part)
{
	r->parts = hy_grow(r->parts, &r->part_cap, r->part_count + 1, sizeof *r->parts);
	r->parts[r->part_count++] = (struct hy_str){hy_str_dup(part), part.n};
}

/* The root of a file (NULL if empty or broken: then there is a finding). */
static const struct hy_yaml_node *parse_file(struct reader *r, const struct hy_rules_text *file)
{
	struct hy_topics *topics = r->topics;
	const char *slash = strrchr(file->name, '/');
	struct hy_yaml *yaml = NULL;

	add_version_part(r, hy_str_of(slash ? slash + 1 : file->name));
	add_version_part(r, file->text);
	if (hy_yaml_parse(file->text, file->name, r->findings, &yaml))
		return NULL;
	topics->files = hy_grow(topics->files, &topics->file_cap, topics->file_count + 1,
				sizeof(struct hy_yaml *));
	topics->files[topics->file_count++] = yaml;
	return hy_yaml_root(yaml);
}

static void take_lists(struct reader *r, const struct hy_rules_text *file)
{
	hy_lists_read(r->topics->lists, file, r->findings);
}

static void take_topics(struct reader *r, const struct hy_rules_text *file)
{
	read_file_topics(r, parse_file(r, file));
}

static void with_file(struct reader *r, const char *path,
		      void (*take)(struct reader *r, const struct hy_rules_text *file))
{
	struct hy_error e;
	struct hy_buf text;

	hy_buf_init(&text, HY_YAML_FILE_BYTES);
	if (hy_rules_read(path, &text, &e)) {
		hy_rules_finding(r->findings, "%s:1:1: 读不了：%s", path, e.text);
	} else {
		const struct hy_rules_text file = {path, hy_buf_str(&text)};

		take(r, &file);
	}
	hy_buf_fini(&text);
}

static struct reader reader_of(const char *rules_dir, struct hy_findings *findings)
{
	struct reader r = {.topics = hy_xcalloc(1, sizeof *r.topics), .findings = findings};

	hy_map_init(&r.topics->by_id, (size_t)HY_TOPICS_MAX * (1 + HY_ALIASES_MAX));
	r.topics->lists = hy_lists_new(rules_dir);
	return r;
}

/* ---- what topics say of each other ---- */

static void resolve_counted(struct reader *r, struct hy_correlation *c)
{
	const struct hy_yaml_node *topics = hy_yaml_get(c->node, "topics");

	for (size_t i = 0; i < c->topic_count; i++) {
		const struct hy_yaml_node *at =
			hy_yaml_is_sequence(topics) ? hy_yaml_item(topics, i) : topics;
		const struct hy_topic *named;

		if (!hy_topics_resolve(r->topics, at, r->findings, &c->topics[i]))
			continue;
		named = hy_topics_get(r->topics, c->topics[i]);
		if (named && hy_topic_is_derived(named))
			hy_yaml_finding(at, r->findings, "议题 %.*s 本身由统计得来，不能再被统计",
					HY_STR_ARGS(named->id));
	}
}

/* What has a meaning only where texts are matched. */
static void check_derived(struct reader *r, const struct hy_topic *topic)
{
	static const char *const matched[] = {"threshold", "raise", "samples", "sources"};

	for (size_t i = 0; i < HY_COUNT(matched); i++)
		if (hy_topic_is_derived(topic) && hy_yaml_get(topic->node, matched[i]))
			hy_yaml_finding(hy_yaml_get(topic->node, matched[i]), r->findings,
					"由统计得来的议题（没有 match）不写 %s", matched[i]);
}

static void check_correlations(struct reader *r, struct hy_topic *topic)
{
	check_derived(r, topic);
	for (size_t i = 0; i < topic->correlations.count; i++) {
		struct hy_correlation *c = &topic->correlations.items[i];

		resolve_counted(r, c);
		if (c->raises && c->severity <= topic->severity)
			hy_yaml_finding(hy_yaml_get(c->node, "severity"), r->findings,
					"不高于议题本来的级别（%s），不起作用",
					hy_severity_title(topic->severity));
	}
}

/* The set is whole: nothing but it is left of the reader. */
static struct hy_topics *finish(struct reader *r)
{
	for (size_t i = 0; i < r->topics->count; i++)
		check_correlations(r, r->topics->items[i]);
	struct hy_id lists = hy_lists_version(r->topics->lists);

	add_version_part(r, hy_id_str(&lists));
	r->topics->version = hy_id_of(r->parts, r->part_count);
	for (size_t i = 0; i < r->part_count; i++) {
		char *copy;

		memcpy(&copy, &r->parts[i].p, sizeof copy);
		free(copy);
	}
	free(r->parts);
	return r->topics;
}

static enum hy_err list_topics(const char *rules_dir, struct hy_rules_listing *out,
			       struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf folder = {0};

	hy_buf_init(&folder, 4096);
	hy_buf_addf(&folder, "%s/topics", rules_dir);
	if (hy_buf_err(&folder))
		return hy_fail(e, HY_ERR_LIMIT, "the path of the rules is too long");
	enum hy_err err = hy_rules_list(folder.p, ".yaml", HY_TOPIC_FILES_MAX, out, e);
	if (!err && out->count == 0)
		return hy_fail(e, HY_ERR_IO, "%s/topics 里没有 *.yaml 文件", rules_dir);
	return err;
}

enum hy_err hy_topics_load(const char *rules_dir, struct hy_findings *findings,
			   struct hy_topics **out, struct hy_error *e)
{
	hy_cleanup(hy_rules_listing_fini) struct hy_rules_listing files = {0}, lists = {0};
	enum hy_err err = list_topics(rules_dir, &files, e);

	if (!err)
		err = hy_rules_list(rules_dir, "lists.yaml", HY_TOPIC_FILES_MAX, &lists, e);
	if (err)
		return err;
	struct reader r = reader_of(rules_dir, findings);
	for (size_t i = 0; i < lists.count; i++)
		if (hy_str_ends(hy_str_of(lists.paths[i]), HY_STR_LIT("/lists.yaml")))
			with_file(&r, lists.paths[i], take_lists);
	for (size_t i = 0; i < files.count; i++)
		with_file(&r, files.paths[i], take_topics);
	*out = finish(&r);
	return HY_OK;
}

struct hy_topics *hy_topics_parse(const struct hy_rules_text *files, size_t count,
				  const struct hy_rules_text *lists, struct hy_findings *findings)
{
	struct reader r = reader_of(NULL, findings);

	if (lists)
		take_lists(&r, lists);
	for (size_t i = 0; i < count; i++)
		take_topics(&r, &files[i]);
	return finish(&r);
}

void hy_topics_free(struct hy_topics *topics)
{
	if (!topics)
		return;
	for (size_t i = 0; i < topics->file_count; i++)
		hy_yaml_free(topics->files[i]);
	free(topics->files);
	for (size_t i = 0; i < topics->count; i++) {
		hy_correlations_fini(&topics->items[i]->correlations);
		free(topics->items[i]);
	}
	free(topics->items);
	for (size_t i = 0; i < topics->sector_count; i++)
		free(topics->sectors[i]);
	free(topics->sectors);
	hy_map_fini(&topics->by_id);
	hy_lists_free(topics->lists);
	free(topics);
}

/* ---- reading the set ---- */

size_t hy_topics_count(const struct hy_topics *topics)
{
	return topics->count;
}

const struct hy_topic *hy_topics_at(const struct hy_topics *topics, size_t index)
{
	hy_assert(index < topics->count);
	return topics->items[index];
}

const struct hy_topic *hy_topics_get(const struct hy_topics *topics, struct hy_str id)
{
	return hy_map_get(&topics->by_id, id);
}

struct hy_str hy_topics_nearest(const struct hy_topics *topics, struct hy_str id)
{
	struct hy_suggest near = hy_suggest_for(id);

	for (size_t i = 0; i < topics->count; i++)
		hy_suggest_offer(&near, topics->items[i]->id);
	return near.best;
}

bool hy_topics_resolve(const struct hy_topics *topics, const struct hy_yaml_node *at,
		       struct hy_findings *findings, struct hy_str *glob)
{
	const struct hy_topic *named = hy_topics_get(topics, *glob);

	if (named) {
		*glob = named->id;
		return true;
	}
	for (size_t i = 0; i < topics->count; i++)
		if (hy_str_glob(*glob, topics->items[i]->id))
			return true;
	struct hy_str near = hy_topics_nearest(topics, *glob);

	if (near.n)
		hy_yaml_finding(at, findings, "没有议题符合“%.*s”，是否想写“%.*s”？",
				HY_STR_ARGS(*glob), HY_STR_ARGS(near));
	else
		hy_yaml_finding(at, findings, "没有议题符合“%.*s”", HY_STR_ARGS(*glob));
	return false;
}

size_t hy_topics_sector_count(const struct hy_topics *topics)
{
	return topics->sector_count;
}

const struct hy_sector *hy_topics_sector_at(const struct hy_topics *topics, size_t number)
{
	hy_assert(number < topics->sector_count);
	return topics->sectors[number];
}

bool hy_topic_is_derived(const struct hy_topic *topic)
{
	return topic->correlations.count > 0 && !hy_yaml_get(topic->node, "match");
}

bool hy_topic_valid_at(const struct hy_topic *topic, struct hy_wall at)
{
	return (!hy_wall_known(topic->valid_from) || at.ms >= topic->valid_from.ms) &&
	       (!hy_wall_known(topic->valid_to) || at.ms < topic->valid_to.ms);
}

const struct hy_lists *hy_topics_lists(const struct hy_topics *topics)
{
	return topics->lists;
}

struct hy_id hy_topics_version(const struct hy_topics *topics)
{
	return topics->version;
}
