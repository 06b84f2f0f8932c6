#include "alerter/rule_version.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "alerter/audit.h"
#include "alerter/rule_words.h"
#include "common/base/mem.h"
#include "common/sys/content_id.h"

#define CHANGE_BYTES (1u << 20)
#define WORDS ""			/* the name of the version in words among its texts */

static const char get_last[] =
	"SELECT f.version, t.text FROM rule_force f"
	" JOIN rule_file w ON w.version = f.version AND w.name = ''"
	" JOIN rule_text t ON t.hash = w.hash ORDER BY f.number DESC LIMIT 1";
static const char get_files[] = "SELECT name, hash FROM rule_file WHERE version = $1";
static const char put_version[] =
	"INSERT INTO rule_version (id, at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
static const char put_text[] =
	"INSERT INTO rule_text (hash, text) VALUES ($1, $2) ON CONFLICT DO NOTHING";
static const char put_file[] =
	"INSERT INTO rule_file (version, name, hash) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
static const char put_force[] =
	"INSERT INTO rule_force (at, version, previous, change_text) VALUES ($1, $2, $3, $4)"
	" RETURNING number";

/* The version in force so far. */
struct last {
	char *version, *words;		/* NULL: none was */
	char **hashes;			/* by the texts of the new set; NULL: that file is new */
	size_t files;
};

struct job {
	struct hy_turn *turn;
	const struct hy_rule_set *rules;
	struct last last;
	struct hy_buf words, change;
	int64_t number;
};

static enum hy_err read_last(struct job *job, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(job->turn->store, get_last);
	bool row;
	enum hy_err err = hy_query_next(q, &row, e);

	if (err || !row)
		return err;
	job->last.version = hy_str_dup(hy_query_text(q, 0));
	job->last.words = hy_str_dup(hy_query_text(q, 1));
	hy_query_reset(q);
	return HY_OK;
}

static struct hy_rule_text *find_text(const struct hy_rule_texts *texts, struct hy_str name,
				      size_t *out_index)
{
	for (size_t i = 0; i < texts->count; i++) {
		if (hy_str_eq_c(name, texts->item[i].name)) {
			*out_index = i;
			return &texts->item[i];
		}
	}
	return NULL;
}

/* The files of the last version, and which of them are gone. */
static enum hy_err read_files(struct job *job, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(job->turn->store, get_files);
	enum hy_err err;
	bool row;

	job->last.files = job->rules->texts->count;
	job->last.hashes = hy_xcalloc(job->last.files + 1, sizeof *job->last.hashes);
	hy_query_bind_c(q, 1, job->last.version);
	while (!(err = hy_query_next(q, &row, e)) && row) {
		struct hy_str name = hy_query_text(q, 0);
		size_t i;

		if (hy_str_eq_c(name, WORDS))
			continue;
		if (find_text(job->rules->texts, name, &i))
			job->last.hashes[i] = hy_str_dup(hy_query_text(q, 1));
		else
			hy_buf_addf(&job->change, "文件 %.*s 撤销\n", HY_STR_ARGS(name));
	}
	return err;
}

/* Which files changed, and whose they are: the nearest to a name that a file carries. */
static void write_files(struct job *job)
{
	for (size_t i = 0; i < job->rules->texts->count; i++) {
		const struct hy_rule_text *text = &job->rules->texts->item[i];
		const char *before = job->last.hashes[i];
		char at[HY_RFC3339_BYTES];

		if (before && hy_str_eq(hy_str_of(before), hy_id_str(&text->hash)))
			continue;
		hy_buf_addf(&job->change, "文件 %s %s（属主 %s，%s 存盘）\n", text->name,
			    before ? "改动" : "新增", text->owner,
			    hy_wall_format_people(text->changed, at));
	}
}

static enum hy_err write_change(struct job *job, struct hy_error *e)
{
	const struct hy_rule_set *rules = job->rules;
	enum hy_err err = HY_OK;

	hy_rule_words(rules, &job->words);
	if (!job->last.version) {
		hy_buf_addf(&job->change, "首次启用：%zu 个单位、%zu 条路由、%zu 个议题、%zu 个地点\n",
			    rules->units->count, rules->routes->count,
			    hy_topics_count(rules->topics), hy_places_count(rules->places));
	} else {
		err = read_files(job, e);
		if (err)
			return err;
		write_files(job);
		(void)hy_rule_words_compare(hy_str_of(job->last.words), hy_buf_str(&job->words),
					    &job->change);
	}
	if (hy_buf_err(&job->words) || hy_buf_err(&job->change))
		return hy_fail(e, HY_ERR_LIMIT, "rules: too much for the record");
	return HY_OK;
}

static enum hy_err put(struct job *job, struct hy_str name, struct hy_str hash,
		       struct hy_str text, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(job->turn->store, put_text);
	enum hy_err err;

	hy_query_bind_text(q, 1, hash);
	hy_query_bind_text(q, 2, text);
	err = hy_query_run(q, NULL, e);
	if (err)
		return err;
	q = hy_store_query(job->turn->store, put_file);
	hy_query_bind_text(q, 1, hy_id_str(&job->rules->version));
	hy_query_bind_text(q, 2, name);
	hy_query_bind_text(q, 3, hash);
	return hy_query_run(q, NULL, e);
}

static enum hy_err put_texts(struct job *job, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(job->turn->store, put_version);
	struct hy_str words = hy_buf_str(&job->words);
	struct hy_id hash = hy_id_of(&words, 1);
	enum hy_err err;

	hy_query_bind_text(q, 1, hy_id_str(&job->rules->version));
	hy_query_bind_wall(q, 2, job->turn->now);
	err = hy_query_run(q, NULL, e);
	if (!err)
		err = put(job, HY_STR_LIT(WORDS), hy_id_str(&hash), words, e);
	for (size_t i = 0; i < job->rules->texts->count && !err; i++) {
		const struct hy_rule_text *text = &job->rules->texts->item[i];

		err = put(job, hy_str_of(text->name), hy_id_str(&text->hash),
			  (struct hy_str){text->text, text->bytes}, e);
	}
	return err;
}

static enum hy_err put_in_force(struct job *job, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(job->turn->store, put_force);
	enum hy_err err;
	bool row;

	hy_query_bind_wall(q, 1, job->turn->now);
	hy_query_bind_text(q, 2, hy_id_str(&job->rules->version));
	hy_query_bind_c(q, 3, job->last.version ? job->last.version : "");
	hy_query_bind_text(q, 4, hy_buf_str(&job->change));
	err = hy_query_next(q, &row, e);
	if (!err && !row)
		return hy_fail(e, HY_ERR_IO, "rules: no number");
	if (err)
		return err;
	job->number = hy_query_int(q, 0);
	hy_query_reset(q);
	return HY_OK;
}

/* As many lines as an entry holds; all of them stand in the version's record. */
static enum hy_err write_audit(struct job *job, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf detail = HY_BUF(HY_AUDIT_DETAIL_BYTES);
	struct hy_str rest = hy_buf_str(&job->change), line;
	const size_t room = HY_AUDIT_DETAIL_BYTES - 256;
	size_t left = 0;

	hy_buf_addf(&detail, "规则第 %" PRId64 " 版启用\n", job->number);
	while (hy_str_next(&rest, '\n', &line)) {
		if (line.n && left == 0 && detail.n + line.n < room)
			hy_buf_addf(&detail, "%.*s\n", HY_STR_ARGS(line));
		else
			left += line.n > 0;
	}
	if (left)
		hy_buf_addf(&detail, "另有 %zu 处，见 huiying routes history %" PRId64 "\n", left,
			    job->number);
	const struct hy_audit_entry entry = {.at = job->turn->now, .actor = HY_STR_LIT("system"),
					     .act = HY_STR_LIT("rules.force"),
					     .subject = hy_id_str(&job->rules->version),
					     .detail = hy_buf_str(&detail)};

	return hy_audit_append(job->turn, &entry, e);
}

static void job_fini(struct job *job)
{
	for (size_t i = 0; i < job->last.files; i++)
		free(job->last.hashes[i]);
	free(job->last.hashes);
	free(job->last.version);
	free(job->last.words);
	hy_buf_fini(&job->words);
	hy_buf_fini(&job->change);
}

enum hy_err hy_rule_version_put(struct hy_turn *turn, struct hy_error *e)
{
	hy_cleanup(job_fini) struct job job = {.turn = turn, .rules = turn->rules};
	enum hy_err err;

	hy_buf_init(&job.words, HY_RULE_WORDS_BYTES);
	hy_buf_init(&job.change, CHANGE_BYTES);
	err = read_last(&job, e);
	if (err || (job.last.version &&
		    hy_str_eq(hy_str_of(job.last.version), hy_id_str(&job.rules->version))))
		return err;
	err = write_change(&job, e);
	if (!err)
		err = put_texts(&job, e);
	if (!err)
		err = put_in_force(&job, e);
	return err ? err : write_audit(&job, e);
}
