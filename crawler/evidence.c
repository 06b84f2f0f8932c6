#include "crawler/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "crawler/warc.h"

#define PATH_BYTES 4096
#define MEMBER_BYTES ((size_t)64 << 20)
#define FILES_MAX 4	/* removed in one step */

static const char spooled_sql[] = "SELECT COALESCE(SUM(bytes), 0) FROM spool";
static const char spool_sql[] =
	"INSERT INTO spool (version, bytes, record) VALUES ($1, $2, $3)"
	" ON CONFLICT (version) DO NOTHING";
static const char drop_sql[] = "DELETE FROM spool WHERE version = $1";
static const char due_sql[] = "UPDATE spool SET due = 1 WHERE version = $1";
static const char next_due_sql[] =
	"SELECT s.version, s.record FROM spool s JOIN version v ON v.id = s.version"
	" WHERE s.due = 1 AND v.holder = $1 ORDER BY s.version LIMIT 1";
static const char end_sql[] = "SELECT MAX(start + length) FROM evidence WHERE file = $1";
static const char enter_sql[] =
	"INSERT INTO evidence (version, file, start, length, written_at)"
	" VALUES ($1, $2, $3, $4, $5) ON CONFLICT (version) DO NOTHING";
static const char old_file_sql[] =
	"SELECT file FROM evidence GROUP BY file HAVING MAX(written_at) < $1 ORDER BY file LIMIT 1";
static const char forget_file_sql[] = "DELETE FROM evidence WHERE file = $1 AND written_at < $2";

/* ---- the spool ---- */

static enum hy_err run_with_version(struct hy_store *store, const char *sql,
				    const struct hy_id *version, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, sql);

	hy_query_bind_text(q, 1, hy_id_str(version));
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_evidence_spool(struct hy_store *store, const struct hy_id *version,
			      struct hy_str record, int64_t max, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, spooled_sql);
	int64_t held = 0;
	enum hy_err err;
	bool row;

	err = hy_query_next(q, &row, e);
	if (err == HY_OK && row)
		held = hy_query_int(q, 0);
	hy_query_reset(q);
	if (err != HY_OK)
		return err;
	if ((int64_t)record.n > max - held)
		record.n = 0;
	q = hy_store_query(store, spool_sql);
	hy_query_bind_text(q, 1, hy_id_str(version));
	hy_query_bind_int(q, 2, (int64_t)record.n);
	hy_query_bind_blob(q, 3, record);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_evidence_judge(struct hy_store *store, const struct hy_id *version,
			      bool is_alerted, struct hy_error *e)
{
	return run_with_version(store, is_alerted ? due_sql : drop_sql, version, e);
}

/* ---- the file of a day ---- */

struct file {
	char name[128];
	int fd;
	int64_t end;	/* by the ledger */
	struct hy_wall now;
};

static void file_close(struct file *f)
{
	if (f->fd >= 0)
		(void)close(f->fd);
}

/* LIMIT: the batch drops this change alone, since the store itself is well. */
static enum hy_err fail_io(const char *what, const char *name, struct hy_error *e)
{
	return hy_fail(e, HY_ERR_LIMIT, "warc %s: %s: %s", name, what, strerror(errno));
}

/* Only what a file name may hold on any system. */
static void name_file(struct file *f, const struct hy_evidence_terms *terms)
{
	struct hy_civil c = hy_civil_of(terms->now, HY_CST_OFFSET_MIN);

	(void)snprintf(f->name, sizeof f->name, "huiying-%.64s-%04d%02d%02d.warc.gz",
		       terms->instance, c.year % 10000, c.month % 100, c.day % 100);
	for (char *p = f->name; *p; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
		      (*p >= '0' && *p <= '9') || *p == '-' || *p == '.'))
			*p = '_';
}

static enum hy_err append(struct file *f, struct hy_str bytes, struct hy_error *e)
{
	for (size_t done = 0; done < bytes.n;) {
		ssize_t n = pwrite(f->fd, bytes.p + done, bytes.n - done,
				   (off_t)(f->end + (int64_t)done));

		if (n < 0 && errno != EINTR)
			return fail_io("write", f->name, e);
		done += n > 0 ? (size_t)n : 0;
	}
	f->end += (int64_t)bytes.n;
	return HY_OK;
}

static enum hy_err begin_file(struct file *f, struct hy_wall now, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf info = HY_BUF(16384);
	enum hy_err err = hy_warc_add_info(hy_str_of(f->name), now, &info);

	return err == HY_OK ? append(f, hy_buf_str(&info), e) : err;
}

static enum hy_err read_end(struct hy_store *store, struct file *f, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, end_sql);
	enum hy_err err;
	bool row;

	hy_query_bind_c(q, 1, f->name);
	err = hy_query_next(q, &row, e);
	f->end = err == HY_OK && row ? hy_query_int(q, 0) : 0;
	hy_query_reset(q);
	return err;
}

/* Cut back to what the ledger knows: behind it is what a crash left. */
static enum hy_err open_file(struct hy_store *store, const struct hy_evidence_terms *terms,
			     struct file *f, struct hy_error *e)
{
	char path[PATH_BYTES];
	enum hy_err err = read_end(store, f, e);

	if (err != HY_OK)
		return err;
	if (mkdir(terms->folder, 0700) != 0 && errno != EEXIST)
		return fail_io("make folder", terms->folder, e);
	if (snprintf(path, sizeof path, "%s/%s", terms->folder, f->name) >= (int)sizeof path)
		return hy_fail(e, HY_ERR_LIMIT, "warc: path too long");
	f->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (f->fd < 0)
		return fail_io("open", path, e);
	if (ftruncate(f->fd, (off_t)f->end) != 0)
		return fail_io("cut", path, e);
	return f->end ? HY_OK : begin_file(f, terms->now, e);
}

static enum hy_err flush(const struct file *f, const char *folder, struct hy_error *e)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(f->fd) == 0 && fsync(fd) == 0;
	enum hy_err err = good ? HY_OK : fail_io("flush", f->name, e);

	if (fd >= 0)
		(void)close(fd);
	return err;
}

/* ---- from the spool to the file ---- */

static enum hy_err enter(struct hy_store *store, const struct hy_id *version,
			 const struct file *f, int64_t start, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, enter_sql);
	bool is_missing = f->end == start;

	hy_query_bind_text(q, 1, hy_id_str(version));
	hy_query_bind_c(q, 2, is_missing ? "" : f->name);
	hy_query_bind_int(q, 3, is_missing ? 0 : start);
	hy_query_bind_int(q, 4, f->end - start);
	hy_query_bind_wall(q, 5, f->now);
	return hy_query_run(q, NULL, e);
}

static enum hy_err write_next(struct hy_store *store, const struct hy_evidence_terms *terms,
			      struct file *f, bool *out_found, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, next_due_sql);
	struct hy_id version = {{0}};
	int64_t start = 0;
	enum hy_err err;

	hy_query_bind_c(q, 1, terms->instance);
	err = hy_query_next(q, out_found, e);
	if (err == HY_OK && *out_found && hy_query_text(q, 0).n == HY_ID_DIGITS) {
		memcpy(version.hex, hy_query_text(q, 0).p, HY_ID_DIGITS);
		if (f->fd < 0)
			err = open_file(store, terms, f, e);
		start = f->end;
		if (err == HY_OK)
			err = append(f, hy_query_blob(q, 1), e);
	}
	hy_query_reset(q);
	if (err != HY_OK || !*out_found)
		return err;
	err = enter(store, &version, f, start, e);
	return err == HY_OK ? run_with_version(store, drop_sql, &version, e) : err;
}

enum hy_err hy_evidence_write(struct hy_store *store, const struct hy_evidence_terms *terms,
			      size_t *out_count, struct hy_error *e)
{
	hy_cleanup(file_close) struct file f = {.fd = -1, .now = terms->now};
	enum hy_err err = HY_OK;
	size_t count = 0;
	bool found = true;

	name_file(&f, terms);
	while (err == HY_OK && found && count < terms->max) {
		err = write_next(store, terms, &f, &found, e);
		count += err == HY_OK && found;
	}
	if (err == HY_OK && f.fd >= 0)
		err = flush(&f, terms->folder, e);
	if (err == HY_OK)
		*out_count = count;
	return err;
}

/* ---- retention ---- */

/* The file before its ledger: a crash in between leaves a line about a file that is gone. */
static enum hy_err purge_file(struct hy_store *store, const char *folder, struct hy_wall before,
			      bool *out_found, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, old_file_sql);
	hy_cleanup(hy_free_p) char *name = NULL;
	char path[PATH_BYTES];
	enum hy_err err;

	hy_query_bind_wall(q, 1, before);
	err = hy_query_next(q, out_found, e);
	if (err == HY_OK && *out_found)
		name = hy_str_dup(hy_query_text(q, 0));
	hy_query_reset(q);
	if (err != HY_OK || !*out_found)
		return err;
	if (*name && !strchr(name, '/') && folder[0] &&
	    snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path &&
	    unlink(path) != 0 && errno != ENOENT)
		return fail_io("remove", path, e);
	q = hy_store_query(store, forget_file_sql);
	hy_query_bind_c(q, 1, name);
	hy_query_bind_wall(q, 2, before);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_evidence_purge(struct hy_store *store, const char *folder, struct hy_wall before,
			      int64_t *out_count, struct hy_error *e)
{
	enum hy_err err = HY_OK;
	int64_t count = 0;
	bool found = true;

	while (err == HY_OK && found && count < FILES_MAX) {
		err = purge_file(store, folder, before, &found, e);
		count += err == HY_OK && found;
	}
	if (err == HY_OK)
		*out_count = count;
	return err;
}
