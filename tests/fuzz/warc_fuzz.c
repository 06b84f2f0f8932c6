/* Head and body of a response, parted by a zero byte: the record must read back as one. */
#include <libdeflate.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "crawler/warc.h"

#define ROOM ((size_t)4 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The block's own head ends at its first empty line, and its length is the body's. */
static void check(struct hy_str record, struct hy_str body)
{
	size_t head = hy_str_find(record, HY_STR_LIT("\r\n\r\n"), 0);
	struct hy_str block;

	if (head == SIZE_MAX || !hy_str_ends(record, HY_STR_LIT("\r\n\r\n")))
		abort();
	block = hy_str_sub(record, head + 4, record.n - head - 8);
	head = hy_str_find(block, HY_STR_LIT("\r\n\r\n"), 0);
	if (head == SIZE_MAX || !hy_str_eq(hy_str_sub(block, head + 4, block.n), body))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hy_cleanup(hy_buf_fini) struct hy_buf member = HY_BUF(ROOM), record = HY_BUF(ROOM);
	struct hy_str rest = {(const char *)data, size}, head = {0};
	struct hy_warc_response page = {.url = HY_STR_LIT("http://a.example/"), .fetched_at = {0}};
	struct libdeflate_decompressor *z;
	size_t made = 0;
	char *room;

	if (size > ROOM / 4)
		return 0;
	(void)hy_str_next(&rest, '\0', &head);
	page.head = head;
	page.body = rest;
	if (hy_warc_add_response(&page, &member) != HY_OK)
		abort();
	z = libdeflate_alloc_decompressor();
	room = hy_buf_reserve(&record, ROOM - 1);
	if (!z || !room || libdeflate_gzip_decompress(z, member.p, member.n, room, ROOM - 1, &made))
		abort();
	libdeflate_free_decompressor(z);
	check((struct hy_str){room, made}, rest);
	return 0;
}
