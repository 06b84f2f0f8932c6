#include "crawler/warc.h"

#include <libdeflate.h>

#include "common/base/mem.h"
#include "common/sys/content_id.h"

#define HEAD_BYTES ((size_t)2 << 20)
#define RECORD_BYTES ((size_t)80 << 20)
#define LEVEL 6

/* ---- parts of a record ---- */

static void add_date(struct hy_buf *out, struct hy_wall at)
{
	struct hy_civil c = hy_civil_of(at, 0);

	hy_buf_addf(out, "WARC-Date: %04d-%02d-%02dT%02d:%02d:%02dZ\r\n", c.year, c.month, c.day,
		    c.hour, c.minute, c.second);
}

/* Named by its content: written again after a crash, it is the same record. */
static void add_record_id(struct hy_buf *out, const struct hy_str *parts, size_t count)
{
	struct hy_id id = hy_id_of(parts, count);

	hy_buf_addf(out, "WARC-Record-ID: <urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s>\r\n", id.hex,
		    id.hex + 8, id.hex + 12, id.hex + 16, id.hex + 20);
}

static void add_digest(struct hy_buf *out, const char *what, struct hy_str bytes)
{
	char hex[HY_SHA256_DIGITS + 1];

	hy_sha256_hex(bytes, hex);
	hy_buf_addf(out, "WARC-%s-Digest: sha256:%s\r\n", what, hex);
}

static enum hy_err add_member(const struct hy_buf *record, struct hy_buf *out)
{
	struct libdeflate_compressor *z;
	size_t most, n;
	char *room;

	if (hy_buf_err(record) != HY_OK)
		return hy_buf_err(record);
	z = libdeflate_alloc_compressor(LEVEL);
	hy_assert(z);
	most = libdeflate_gzip_compress_bound(z, record->n);
	room = hy_buf_reserve(out, most);
	n = room ? libdeflate_gzip_compress(z, record->p, record->n, room, most) : 0;
	libdeflate_free_compressor(z);
	if (!room)
		return HY_ERR_LIMIT;
	hy_assert(n);
	hy_buf_commit(out, n);
	return HY_OK;
}

/* ---- the response ---- */

static bool is_name_byte(char c)
{
	return c > ' ' && c < 0x7f && c != ':';
}

/* Control characters and what is no header would break the block for its readers. */
static bool is_clean(struct hy_str line, size_t colon)
{
	if (colon == 0 || colon == SIZE_MAX)
		return false;
	for (size_t i = 0; i < line.n; i++)
		if (i < colon ? !is_name_byte(line.p[i]) : line.p[i] == '\0' || line.p[i] == '\r')
			return false;
	return true;
}

static void add_header(struct hy_buf *out, struct hy_str line)
{
	static const char *const undone[] = {"content-encoding", "transfer-encoding",
					     "content-length"};
	size_t colon = hy_str_find(line, HY_STR_LIT(":"), 0);
	struct hy_str name = hy_str_sub(line, 0, colon);

	if (!is_clean(line, colon) || hy_str_eq_nocase(name, HY_STR_LIT("set-cookie")))
		return;
	for (size_t i = 0; i < HY_COUNT(undone); i++)
		if (hy_str_eq_nocase(name, hy_str_of(undone[i])))
			hy_buf_add_c(out, "X-Archive-Orig-");
	hy_buf_add_str(out, line);
	hy_buf_add_c(out, "\r\n");
}

static void add_head(struct hy_buf *out, struct hy_str head, size_t body_bytes)
{
	struct hy_str line, status = {0};

	(void)hy_str_next(&head, '\n', &status);
	status = hy_str_trim(status);
	/* "HTTP/2 200": readers of this format know HTTP/1.1 only. */
	hy_buf_add_c(out, "HTTP/1.1 ");
	if (hy_str_starts(status, HY_STR_LIT("HTTP/")) &&
	    hy_str_find(status, HY_STR_LIT(" "), 0) != SIZE_MAX)
		status = hy_str_trim(hy_str_sub(status, hy_str_find(status, HY_STR_LIT(" "), 0),
						status.n));
	else
		status = HY_STR_LIT("200");
	for (size_t i = 0; i < status.n; i++)
		hy_buf_add_char(out, (unsigned char)status.p[i] < ' ' ? ' ' : status.p[i]);
	if (status.n == 3)
		hy_buf_add_c(out, hy_str_eq_c(status, "200") ? " OK" : " -");
	hy_buf_add_c(out, "\r\n");
	while (hy_str_next(&head, '\n', &line))
		add_header(out, hy_str_trim(line));
	hy_buf_addf(out, "Content-Length: %zu\r\n\r\n", body_bytes);
}

enum hy_err hy_warc_add_response(const struct hy_warc_response *r, struct hy_buf *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf block = HY_BUF(RECORD_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf record = HY_BUF(RECORD_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf date = HY_BUF(100);
	struct hy_str parts[3];

	if (r->head.n > HEAD_BYTES)
		return HY_ERR_LIMIT;
	add_head(&block, r->head, r->body.n);
	hy_buf_add_str(&block, r->body);
	if (hy_buf_err(&block) != HY_OK)
		return hy_buf_err(&block);
	add_date(&date, r->fetched_at);
	parts[0] = r->url;
	parts[1] = hy_buf_str(&date);
	parts[2] = hy_buf_str(&block);
	hy_buf_add_c(&record, "WARC/1.1\r\nWARC-Type: response\r\n");
	add_record_id(&record, parts, HY_COUNT(parts));
	hy_buf_addf(&record, "WARC-Target-URI: %.*s\r\n", HY_STR_ARGS(r->url));
	hy_buf_add_str(&record, hy_buf_str(&date));
	add_digest(&record, "Payload", r->body);
	add_digest(&record, "Block", hy_buf_str(&block));
	hy_buf_addf(&record, "Content-Type: application/http;msgtype=response\r\n"
		    "Content-Length: %zu\r\n\r\n", block.n);
	hy_buf_add_str(&record, hy_buf_str(&block));
	hy_buf_add_c(&record, "\r\n\r\n");
	return add_member(&record, out);
}

enum hy_err hy_warc_add_info(struct hy_str file, struct hy_wall at, struct hy_buf *out)
{
	static const char fields[] =
		"software: Huiying\r\n"
		"format: WARC File Format 1.1\r\n"
		"conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/"
		"warc-1.1/\r\n"
		"robots: classic\r\n"
		"description: pages that raised an alert, unpacked bodies\r\n";
	hy_cleanup(hy_buf_fini) struct hy_buf record = HY_BUF(8192);

	hy_buf_add_c(&record, "WARC/1.1\r\nWARC-Type: warcinfo\r\n");
	add_record_id(&record, &file, 1);
	add_date(&record, at);
	hy_buf_addf(&record, "WARC-Filename: %.*s\r\n", HY_STR_ARGS(file));
	hy_buf_addf(&record, "Content-Type: application/warc-fields\r\nContent-Length: %zu\r\n\r\n",
		    sizeof fields - 1);
	hy_buf_add_c(&record, fields);
	hy_buf_add_c(&record, "\r\n\r\n");
	return add_member(&record, out);
}
