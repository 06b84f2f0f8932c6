/* Evidence: what is written of an alerted page, read back strictly, and what a crash leaves. */
#include "crawler/evidence.h"

#include <libdeflate.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "crawler/archive.h"
#include "crawler/warc.h"
#include "tests/unit/crawler/store_fixture.h"

#define DAY INT64_C(86400000)
#define MAX_BYTES (INT64_C(1) << 20)
#define FILE_NAME "huiying-one-20261123.warc.gz"

static const struct hy_wall t0 = {INT64_C(1795395600000)};
static const char head[] =
	"HTTP/2 200 \r\ncontent-type: text/html\r\nContent-Encoding: gzip\r\nSet-Cookie: id=secret\r\n"
	"Transfer-Encoding: chunked\r\nx bad : y\r\n\r\n";

/* ---- a strict reader ---- */

static struct hy_str line_of(struct hy_str *rest)
{
	size_t end = hy_str_find(*rest, HY_STR_LIT("\r\n"), 0);
	struct hy_str line;

	assert_true(end != SIZE_MAX);
	line = hy_str_sub(*rest, 0, end);
	*rest = hy_str_sub(*rest, end + 2, rest->n);
	return line;
}

/* The value of a header; the block is left in *rest when the empty line is reached. */
static struct hy_str header(struct hy_str record, const char *name)
{
	struct hy_str line;

	assert_true(hy_str_eq_c(line_of(&record), "WARC/1.1"));
	while ((line = line_of(&record)).n) {
		size_t colon = hy_str_find(line, HY_STR_LIT(": "), 0);

		assert_true(colon != SIZE_MAX);
		if (hy_str_eq_c(hy_str_sub(line, 0, colon), name))
			return hy_str_sub(line, colon + 2, line.n);
	}
	fail_msg("no %s", name);
	return line;
}

static struct hy_str block_of(struct hy_str record)
{
	int64_t n = 0;

	assert_true(hy_str_to_int(header(record, "Content-Length"), 0, INT32_MAX, &n));
	while (line_of(&record).n)
		continue;
	assert_int_equal(record.n, n + 4);
	assert_true(hy_str_ends(record, HY_STR_LIT("\r\n\r\n")));
	return hy_str_sub(record, 0, (size_t)n);
}

/* One member off the front of *rest, unpacked into *out. */
static void next_member(struct hy_str *rest, struct hy_buf *out)
{
	struct libdeflate_decompressor *z = libdeflate_alloc_decompressor();
	size_t used = 0, made = 0;
	char *room;

	hy_buf_clear(out);
	room = hy_buf_reserve(out, 1 << 20);
	assert_int_equal(libdeflate_gzip_decompress_ex(z, rest->p, rest->n, room, 1 << 20, &used,
						       &made), LIBDEFLATE_SUCCESS);
	libdeflate_free_decompressor(z);
	hy_buf_commit(out, made);
	*rest = hy_str_sub(*rest, used, rest->n);
}

static void a_response_reads_back(void **state)
{
	hy_cleanup(hy_buf_fini) struct hy_buf file = HY_BUF(MAX_BYTES), record = HY_BUF(2 << 20);
	struct hy_warc_response page = {.url = HY_STR_LIT("http://a.example/1"),
					.head = hy_str_of(head), .body = HY_STR_LIT("<p>x\r\n\r\n</p>"),
					.fetched_at = t0};
	char hex[HY_SHA256_DIGITS + 1];
	struct hy_str rest, block;

	(void)state;
	assert_int_equal(hy_warc_add_info(HY_STR_LIT("f"), t0, &file), HY_OK);
	assert_int_equal(hy_warc_add_response(&page, &file), HY_OK);
	rest = hy_buf_str(&file);
	next_member(&rest, &record);
	assert_true(hy_str_eq_c(header(hy_buf_str(&record), "WARC-Type"), "warcinfo"));
	assert_true(block_of(hy_buf_str(&record)).n > 0);
	next_member(&rest, &record);
	assert_int_equal(rest.n, 0);
	assert_true(hy_str_eq_c(header(hy_buf_str(&record), "WARC-Type"), "response"));
	assert_true(hy_str_eq(header(hy_buf_str(&record), "WARC-Target-URI"), page.url));
	assert_true(hy_str_eq_c(header(hy_buf_str(&record), "WARC-Date"), "2026-11-23T01:00:00Z"));
	assert_int_equal(header(hy_buf_str(&record), "WARC-Record-ID").n, 47);
	hy_sha256_hex(page.body, hex);
	assert_true(hy_str_ends(header(hy_buf_str(&record), "WARC-Payload-Digest"), hy_str_of(hex)));
	block = block_of(hy_buf_str(&record));
	hy_sha256_hex(block, hex);
	assert_true(hy_str_ends(header(hy_buf_str(&record), "WARC-Block-Digest"), hy_str_of(hex)));
	assert_true(hy_str_eq_c(block, "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n"
				       "X-Archive-Orig-Content-Encoding: gzip\r\n"
				       "X-Archive-Orig-Transfer-Encoding: chunked\r\n"
				       "Content-Length: 12\r\n\r\n<p>x\r\n\r\n</p>"));
}

/* ---- from spool to file ---- */

static void folder_of(const struct store_fixture *f, char out[256])
{
	(void)snprintf(out, 256, "%s/warc-%d-%u", f->engines.folder, (int)f->engine,
		       f->engines.count);
}

static struct hy_id put(struct store_fixture *f, const char *url, int64_t max)
{
	hy_cleanup(hy_buf_fini) struct hy_buf record = HY_BUF(MAX_BYTES);
	struct hy_archive_version v = {
		.url = hy_str_of(url), .own_url = hy_str_of(url), .page = hy_str_of(url),
		.source = HY_STR_LIT("s"), .title = HY_STR_LIT("题"), .text = hy_str_of(url),
		.published_at = HY_WALL_NONE, .detected_at = t0, .kind = "article", .charset = "",
		.flags = "", .raw_sha256 = "", .holder = HY_STR_LIT("one")};
	struct hy_warc_response page = {.url = v.url, .head = hy_str_of(head), .body = v.url,
					.fetched_at = t0};
	struct hy_archive_put stored;

	assert_int_equal(hy_archive_put(f->store, &v, &stored, NULL), HY_OK);
	assert_int_equal(hy_warc_add_response(&page, &record), HY_OK);
	assert_int_equal(hy_evidence_spool(f->store, &stored.version, hy_buf_str(&record), max, NULL),
			 HY_OK);
	return stored.version;
}

static void judge(struct store_fixture *f, struct hy_id version, const char *outcome)
{
	char none[] = "";
	struct hy_archive_verdict verdict = {.version = version, .outcome = outcome, .rules = none,
					     .note = none, .judged_at = t0};

	assert_int_equal(hy_archive_judge(f->store, &verdict, NULL), HY_OK);
}

static size_t write_due(struct store_fixture *f, bool commits)
{
	struct hy_evidence_terms terms = {.instance = "one", .now = t0, .max = 10};
	struct hy_error e = {0};
	char folder[256];
	size_t count = 0;

	folder_of(f, folder);
	terms.folder = folder;
	store_fixture_begin(f->store);
	if (hy_evidence_write(f->store, &terms, &count, &e) != HY_OK)
		fail_msg("write: %s", e.text);
	if (commits)
		store_fixture_commit(f->store);
	else
		hy_store_rollback(f->store);
	return count;
}

/* How many responses the day's file holds, each read back whole. */
static int responses(struct store_fixture *f)
{
	hy_cleanup(hy_buf_fini) struct hy_buf bytes = HY_BUF(MAX_BYTES), record = HY_BUF(2 << 20);
	char path[512], block[4096], folder[256];
	struct stat st;
	struct hy_str rest;
	size_t n;
	int count = -1;	/* the first record is about the file */
	FILE *file;

	folder_of(f, folder);
	(void)snprintf(path, sizeof path, "%s/" FILE_NAME, folder);
	file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	while ((n = fread(block, 1, sizeof block, file)) > 0)
		hy_buf_add(&bytes, block, n);
	(void)fclose(file);
	for (rest = hy_buf_str(&bytes); rest.n; count++) {
		next_member(&rest, &record);
		assert_true(block_of(hy_buf_str(&record)).n > 0);
	}
	return count;
}

static void only_alerted_pages_are_kept(void **state)
{
	struct store_fixture *f = *state;
	struct hy_id quiet = put(f, "http://a.example/quiet", MAX_BYTES);
	struct hy_id loud = put(f, "http://a.example/loud", MAX_BYTES);
	struct hy_id late = put(f, "http://a.example/late", MAX_BYTES);

	assert_int_equal(write_due(f, true), 0);
	judge(f, quiet, "quiet");
	judge(f, loud, "alerted");
	assert_int_equal(write_due(f, true), 1);
	assert_int_equal(responses(f), 1);
	judge(f, late, "alerted");
	assert_int_equal(write_due(f, true), 1);
	assert_int_equal(write_due(f, true), 0);
	assert_int_equal(responses(f), 2);
	assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM spool"), 0);
	assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM v_evidence"
						     " WHERE file = '" FILE_NAME "'"), 2);
}

/* Written and flushed, but the transaction did not come through: none is torn or there twice. */
static void a_crash_leaves_no_record_twice(void **state)
{
	struct store_fixture *f = *state;
	struct hy_id first = put(f, "http://a.example/1", MAX_BYTES);
	struct hy_id second = put(f, "http://a.example/2", MAX_BYTES);

	judge(f, first, "alerted");
	assert_int_equal(write_due(f, false), 1);
	assert_int_equal(write_due(f, true), 1);
	assert_int_equal(responses(f), 1);
	judge(f, second, "alerted");
	assert_int_equal(write_due(f, false), 1);
	assert_int_equal(write_due(f, false), 1);
	assert_int_equal(write_due(f, true), 1);
	assert_int_equal(responses(f), 2);
}

static void what_has_no_room_is_said_to_be_missing(void **state)
{
	struct store_fixture *f = *state;
	struct hy_id full = put(f, "http://a.example/1", 10);

	judge(f, full, "alerted");
	assert_int_equal(write_due(f, true), 1);
	store_fixture_text(f->store, "SELECT file FROM v_evidence", "");
}

static void an_unwritable_folder_keeps_it_due(void **state)
{
	struct store_fixture *f = *state;
	struct hy_evidence_terms terms = {.folder = "/proc/none/warc", .instance = "one", .now = t0,
					  .max = 10};
	size_t count = 0;

	judge(f, put(f, "http://a.example/1", MAX_BYTES), "alerted");
	store_fixture_begin(f->store);
	assert_int_equal(hy_evidence_write(f->store, &terms, &count, NULL), HY_ERR_LIMIT);
	hy_store_rollback(f->store);
	assert_int_equal(write_due(f, true), 1);
	assert_int_equal(responses(f), 1);
}

static void old_files_go_whole(void **state)
{
	struct store_fixture *f = *state;
	struct hy_id version = put(f, "http://a.example/1", MAX_BYTES);
	char folder[256], path[512];
	int64_t files = 0;

	folder_of(f, folder);
	(void)snprintf(path, sizeof path, "%s/" FILE_NAME, folder);
	judge(f, version, "alerted");
	assert_int_equal(write_due(f, true), 1);
	assert_int_equal(hy_evidence_purge(f->store, folder, t0, &files, NULL), HY_OK);
	assert_int_equal(files, 0);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(hy_evidence_purge(f->store, folder, hy_wall_add_ms(t0, DAY), &files, NULL),
			 HY_OK);
	assert_int_equal(files, 1);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM v_evidence"), 0);
}

static int run(struct store_fixture *f)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_response_reads_back),
		STORE_TEST(only_alerted_pages_are_kept),
		STORE_TEST(a_crash_leaves_no_record_twice),
		STORE_TEST(what_has_no_room_is_said_to_be_missing),
		STORE_TEST(an_unwritable_folder_keeps_it_due),
		STORE_TEST(old_files_go_whole),
	};

	return cmocka_run_group_tests_name(f->engine == TEST_SQLITE ? "sqlite" : "postgresql",
					   tests, NULL, NULL);
}

int main(void)
{
	return store_fixture_main(run);
}
