/* One request: what comes back, and that no limit can be passed. */
#include "crawler/fetch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "common/base/mem.h"
#include "tests/lib/tiny_web.h"

#define BODY_LIMIT (64 * 1024)
#define HEADER_LIMIT 8192
#define WATCHDOG_MS 20000

/* A page of 200,000 zeros, packed by gzip to some 200 bytes. */
static unsigned char bomb[1024];
static size_t bomb_bytes;

/* Four million blanks; within the limit of a fetcher that takes long pages. */
#define LONG_BODY_LIMIT (8 << 20)
#define BLANK_BYTES (4u << 20)
static char blanks[BLANK_BYTES], packed_blanks[65536];
static char long_value[HEADER_LIMIT + 2];

static struct tiny_page pages[] = {
	{"/page", 200, "text/html; charset=utf-8", "<p>页面</p>", 0, "ETag", "\"v1\"", 0},
	{"/modified", 200, "text/html", "x", 0, "Last-Modified", "Mon, 23 Nov 2026 01:00:00 GMT", 0},
	{"/moved", 302, "text/html", "", 0, "Location", "/page", 0},
	{"/busy", 503, "text/plain", "later", 0, "Retry-After", "120", 0},
	{"/cookie", 200, "text/html", "x", 0, "Set-Cookie", "session=1; Path=/", 0},
	{"/image", 200, "image/png", "x", 0, NULL, NULL, 0},
	{"/image404", 404, "image/png", "x", 0, NULL, NULL, 0},
	{"/json", 200, "application/json", "{}", 0, NULL, NULL, 0},
	{"/untyped", 200, NULL, "x", 0, NULL, NULL, 0},
	{"/endless", 200, "text/html", NULL, 0, NULL, NULL, TINY_ENDLESS},
	{"/silent", 200, "text/html", "x", 0, NULL, NULL, TINY_SILENT},
	{"/bomb", 200, "text/html", (const char *)bomb, 1, "Content-Encoding", "gzip", 0},
	{"/blanks", 200, "text/html", packed_blanks, 1, "Content-Encoding", "gzip", 0},
	{"/all-blanks", 200, "text/html", blanks, BLANK_BYTES, NULL, NULL, 0},
	{"/headers", 200, "text/html", "x", 0, "X-Long", long_value, 0},
	{"/torn", 200, "text/html", "this is no gzip", 0, "Content-Encoding", "gzip", 0},
	{0},
};

struct fixture {
	struct hy_loop *loop;
	struct hy_fetcher *fetcher;
	struct hy_timer *watchdog;
	struct tiny_web *web;
	/* of the last result */
	enum hy_fetch_end end;
	int64_t status;
	char body[256], content_type[128], etag[64], location[64], retry_after[32];
	int64_t wire_bytes;
	size_t open;
};

static void too_late(void *ctx)
{
	(void)ctx;
	fail_msg("no result in time");
}

static void keep(char *out, size_t room, struct hy_str value)
{
	(void)snprintf(out, room, "%.*s", HY_STR_ARGS(value));
}

static void on_result(void *ctx, const struct hy_fetch_result *r)
{
	struct fixture *f = ctx;

	f->end = r->end;
	f->status = r->status;
	f->wire_bytes = r->wire_bytes;
	keep(f->body, sizeof f->body, r->body);
	keep(f->content_type, sizeof f->content_type, r->content_type);
	keep(f->etag, sizeof f->etag, r->etag);
	keep(f->location, sizeof f->location, r->location);
	keep(f->retry_after, sizeof f->retry_after, r->retry_after);
	if (!--f->open)
		hy_loop_stop(f->loop);
}

static int setup(void **state)
{
	struct hy_fetch_limits limits = {.connections = 4, .connect_ms = 2000, .total_ms = 1000,
					 .stall_ms = 1000, .body_bytes = BODY_LIMIT,
					 .header_bytes = HEADER_LIMIT};
	struct fixture *f = hy_xcalloc(1, sizeof *f);
	struct hy_error e = {0};

	f->loop = hy_loop_new();
	f->web = tiny_web_start(pages);
	f->watchdog = hy_timer_new(f->loop, too_late, f);
	hy_timer_start(f->watchdog, WATCHDOG_MS, 0);
	*state = f;
	return !f->web ||
	       hy_fetcher_new(f->loop, &limits, "TestBot/1.0 (+mailto:a@b.example)", &f->fetcher,
			      &e) != HY_OK;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	hy_timer_free(f->watchdog);
	hy_fetcher_free(f->fetcher);
	hy_loop_free(f->loop);
	tiny_web_stop(f->web);
	free(f);
	return 0;
}

static void start(struct fixture *f, struct hy_fetch_request request)
{
	f->open++;
	hy_fetch_start(f->fetcher, &request, on_result, f);
}

static void get(struct fixture *f, const char *path, enum hy_fetch_accept accept)
{
	start(f, (struct hy_fetch_request){.url = tiny_web_url(f->web, path), .allow_private = true,
					   .accept = accept});
	hy_loop_run(f->loop);
}

static void a_page_and_its_headers(void **state)
{
	struct fixture *f = *state;

	get(f, "/page", HY_FETCH_PAGE);
	assert_int_equal(f->end, HY_FETCH_ANSWERED);
	assert_int_equal(f->status, 200);
	assert_string_equal(f->body, "<p>页面</p>");
	assert_string_equal(f->content_type, "text/html; charset=utf-8");
	assert_string_equal(f->etag, "\"v1\"");
	assert_true(f->wire_bytes > (int64_t)strlen(f->body));
	assert_string_equal(tiny_web_header(f->web, "User-Agent"),
			    "TestBot/1.0 (+mailto:a@b.example)");
	assert_non_null(strstr(tiny_web_header(f->web, "Accept-Encoding"), "gzip"));
	assert_int_equal(hy_fetcher_requests(f->fetcher), 1);
	assert_int_equal(hy_fetcher_running(f->fetcher), 0);
}

static void redirects_are_not_followed(void **state)
{
	struct fixture *f = *state;

	get(f, "/moved", HY_FETCH_PAGE);
	assert_int_equal(f->status, 302);
	assert_string_equal(f->location, "/page");
	assert_int_equal(tiny_web_asked(f->web, "/page"), 0);
}

static void conditional_requests(void **state)
{
	struct fixture *f = *state;

	start(f, (struct hy_fetch_request){
		.url = tiny_web_url(f->web, "/page"), .allow_private = true, .etag = "\"v1\"",
		.last_modified = "Mon, 23 Nov 2026 01:00:00 GMT", .accept = HY_FETCH_PAGE});
	hy_loop_run(f->loop);
	assert_string_equal(tiny_web_header(f->web, "If-None-Match"), "\"v1\"");
	assert_string_equal(tiny_web_header(f->web, "If-Modified-Since"),
			    "Mon, 23 Nov 2026 01:00:00 GMT");
	get(f, "/page", HY_FETCH_PAGE);
	assert_string_equal(tiny_web_header(f->web, "If-None-Match"), "");
}

static void no_cookie_comes_back(void **state)
{
	struct fixture *f = *state;

	get(f, "/cookie", HY_FETCH_PAGE);
	get(f, "/page", HY_FETCH_PAGE);
	assert_string_equal(tiny_web_header(f->web, "Cookie"), "");
	assert_string_equal(tiny_web_header(f->web, "Authorization"), "");
}

static void only_readable_types(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *path;
		enum hy_fetch_accept accept;
		enum hy_fetch_end expected;
	} cases[] = {
		{"/image", HY_FETCH_PAGE, HY_FETCH_WRONG_TYPE},
		{"/image", HY_FETCH_FEED, HY_FETCH_WRONG_TYPE},
		{"/image", HY_FETCH_ANY, HY_FETCH_ANSWERED},
		{"/image404", HY_FETCH_PAGE, HY_FETCH_ANSWERED},
		{"/json", HY_FETCH_FEED, HY_FETCH_ANSWERED},
		{"/json", HY_FETCH_PAGE, HY_FETCH_WRONG_TYPE},
		{"/untyped", HY_FETCH_PAGE, HY_FETCH_ANSWERED},
	};

	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		get(f, cases[i].path, cases[i].accept);
		if (f->end != cases[i].expected)
			fail_msg("%s: end %d", cases[i].path, (int)f->end);
	}
}

static void limits_hold(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *path;
		enum hy_fetch_end expected;
	} cases[] = {
		{"/endless", HY_FETCH_TOO_LARGE},
		{"/bomb", HY_FETCH_TOO_LARGE},
		{"/headers", HY_FETCH_TOO_LARGE},
		{"/silent", HY_FETCH_TIMED_OUT},
		{"/torn", HY_FETCH_GARBLED},
	};

	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		get(f, cases[i].path, HY_FETCH_PAGE);
		if (f->end != cases[i].expected || f->body[0])
			fail_msg("%s: end %d", cases[i].path, (int)f->end);
	}
	assert_true(bomb_bytes < 1024);
}

static void enough_is_an_answer(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *path, *body;
		size_t enough_bytes;
	} cases[] = {
		{"/json", "{", 1}, {"/json", "{}", 2}, {"/json", "{}", 3},
		{"/image404", "x", 100}, {"/bomb", "", 2 * BODY_LIMIT},
	};

	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		start(f, (struct hy_fetch_request){.url = tiny_web_url(f->web, cases[i].path),
						   .allow_private = true,
						   .enough_bytes = cases[i].enough_bytes});
		hy_loop_run(f->loop);
		assert_int_equal(f->end, HY_FETCH_ANSWERED);
		assert_string_equal(f->body, cases[i].body);
	}
	/* Without an end, and announced to be longer than any page may be. */
	for (int i = 0; i < 2; i++) {
		start(f, (struct hy_fetch_request){
			.url = tiny_web_url(f->web, i ? "/endless" : "/all-blanks"),
			.allow_private = true, .enough_bytes = 2 * BODY_LIMIT});
		hy_loop_run(f->loop);
		assert_int_equal(f->end, HY_FETCH_ANSWERED);
		assert_int_equal(f->status, 200);
		assert_true(f->wire_bytes > BODY_LIMIT);
	}
}

/* What is packed beyond all measure is refused although it would fit. */
static void packing_has_a_measure(void **state)
{
	struct fixture *f = *state;
	struct hy_fetch_limits limits = {.connections = 4, .connect_ms = 2000, .total_ms = 5000,
					 .stall_ms = 5000, .body_bytes = LONG_BODY_LIMIT,
					 .header_bytes = HEADER_LIMIT};

	hy_fetcher_free(f->fetcher);
	assert_int_equal(hy_fetcher_new(f->loop, &limits, "TestBot/1.0", &f->fetcher, NULL), HY_OK);
	get(f, "/all-blanks", HY_FETCH_PAGE);
	assert_int_equal(f->end, HY_FETCH_ANSWERED);
	get(f, "/blanks", HY_FETCH_PAGE);
	assert_int_equal(f->end, HY_FETCH_TOO_LARGE);
}

static void nothing_listens(void **state)
{
	struct fixture *f = *state;

	start(f, (struct hy_fetch_request){.url = "http://127.0.0.1:1/", .allow_private = true});
	hy_loop_run(f->loop);
	assert_int_equal(f->end, HY_FETCH_NETWORK);
	assert_int_equal(f->status, 0);
	start(f, (struct hy_fetch_request){.url = "http://name.invalid/", .allow_private = true});
	hy_loop_run(f->loop);
	assert_int_equal(f->end, HY_FETCH_NETWORK);
	start(f, (struct hy_fetch_request){.url = "file:///etc/passwd", .allow_private = true});
	hy_loop_run(f->loop);
	assert_int_not_equal(f->end, HY_FETCH_ANSWERED);
}

static void private_addresses_are_not_reached(void **state)
{
	struct fixture *f = *state;
	const char *rest = tiny_web_url(f->web, "/page") + strlen("http://127.0.0.1");
	char by_name[64], mapped[64];

	(void)snprintf(by_name, sizeof by_name, "http://localhost%s", rest);
	(void)snprintf(mapped, sizeof mapped, "http://[::ffff:127.0.0.1]%s", rest);
	const char *const urls[] = {tiny_web_url(f->web, "/page"), by_name, mapped,
				    "http://169.254.169.254/latest/meta-data/", "http://[::1]:1/",
				    "http://10.0.0.1/", "http://0.0.0.0/"};

	for (size_t i = 0; i < HY_COUNT(urls); i++) {
		start(f, (struct hy_fetch_request){.url = urls[i]});
		hy_loop_run(f->loop);
		if (f->end != HY_FETCH_ADDRESS)
			fail_msg("%s: end %d", urls[i], (int)f->end);
	}
	assert_int_equal(tiny_web_asked_in_all(f->web), 0);
	/* Allowed is not all: link-local stays shut. */
	start(f, (struct hy_fetch_request){.url = urls[3], .allow_private = true});
	hy_loop_run(f->loop);
	assert_int_equal(f->end, HY_FETCH_ADDRESS);
}

/* A connection that another source was allowed to open is no way around the rule. */
static void a_kept_connection_is_checked_too(void **state)
{
	struct fixture *f = *state;

	get(f, "/page", HY_FETCH_PAGE);
	assert_int_equal(f->end, HY_FETCH_ANSWERED);
	start(f, (struct hy_fetch_request){.url = tiny_web_url(f->web, "/json")});
	hy_loop_run(f->loop);
	assert_int_equal(f->end, HY_FETCH_ADDRESS);
	assert_int_equal(tiny_web_asked(f->web, "/json"), 0);
}

static void ends_without_callback_when_freed(void **state)
{
	struct fixture *f = *state;

	start(f, (struct hy_fetch_request){.url = tiny_web_url(f->web, "/silent"),
					   .allow_private = true});
	assert_int_equal(hy_fetcher_running(f->fetcher), 1);
	hy_fetcher_free(f->fetcher);
	f->fetcher = NULL;
	assert_int_equal(f->open, 1);
}

static void media_types(void **state)
{
	static const struct {
		const char *type;
		bool page, feed;
	} types[] = {
		{"text/html", true, true}, {"Text/HTML; charset=GBK", true, true},
		{"application/rss+xml", true, true}, {"image/svg+xml", true, true},
		{"application/json", false, true}, {"text/plain", false, true}, {"", true, true},
		{"application/pdf", false, false}, {"video/mp4", false, false},
		{"texthtml", false, false}, {"+xml", false, false},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(types); i++) {
		struct hy_str type = hy_str_of(types[i].type);

		if (hy_fetch_type_suits(HY_FETCH_PAGE, type) != types[i].page ||
		    hy_fetch_type_suits(HY_FETCH_FEED, type) != types[i].feed ||
		    !hy_fetch_type_suits(HY_FETCH_ANY, type))
			fail_msg("%s", types[i].type);
	}
}

/* A gzip member by hand: one deflate block of a zero and matches of 258 bytes. */
static void make_bomb(void)
{
	static const unsigned char head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
	size_t bits = 0;
	unsigned char *p = bomb + sizeof head;

	memcpy(bomb, head, sizeof head);
#define PUT(value, count) \
	for (unsigned put_i = 0; put_i < (count); put_i++, bits++) \
		p[bits / 8] |= (unsigned char)((((value) >> put_i) & 1u) << (bits % 8))
	PUT(3u, 3);		/* last block, fixed codes */
	PUT(0x0cu, 8);		/* literal 0: code 00110000, most significant bit first */
	for (int i = 0; i < 600; i++) {
		PUT(0xa3u, 8);	/* length 258: code 11000101, reversed */
		PUT(0u, 5);	/* distance 1 */
	}
	PUT(0u, 7);		/* end of block */
#undef PUT
	bomb_bytes = sizeof head + (bits + 7) / 8 + 8;
	for (size_t i = 0; pages[i].path; i++)
		if (pages[i].body == (const char *)bomb)
			pages[i].body_bytes = bomb_bytes;
}

static void fill_and_pack(void)
{
	struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(6);

	memset(blanks, ' ', sizeof blanks);
	memset(long_value, 'x', sizeof long_value - 1);
	for (size_t i = 0; pages[i].path; i++)
		if (pages[i].body == packed_blanks)
			pages[i].body_bytes = libdeflate_gzip_compress(
				compressor, blanks, sizeof blanks, packed_blanks,
				sizeof packed_blanks);
	libdeflate_free_compressor(compressor);
}

/* Handles and buffers are used again. */
static void nothing_is_left_of_the_request_before(void **state)
{
	struct fixture *f = *state;
	static const struct hy_fetch_request before[] = {
		{.url = "/page", .allow_private = true, .etag = "\"v1\""},
		{.url = "/page", .allow_private = false},
		{.url = "/image", .allow_private = true},
		{.url = "/bomb", .allow_private = true},
		{.url = "/headers", .allow_private = true},
		{.url = "/json", .allow_private = true, .accept = HY_FETCH_ANY, .enough_bytes = 1},
		{.url = "/torn", .allow_private = true},
	};

	for (size_t i = 0; i < HY_COUNT(before); i++) {
		struct hy_fetch_request request = before[i];

		request.url = tiny_web_url(f->web, before[i].url);
		start(f, request);
		hy_loop_run(f->loop);
		get(f, "/page", HY_FETCH_PAGE);
		assert_int_equal(f->end, HY_FETCH_ANSWERED);
		assert_string_equal(f->body, "<p>页面</p>");
		assert_string_equal(f->etag, "\"v1\"");
		assert_string_equal(tiny_web_header(f->web, "If-None-Match"), "");
		get(f, "/untyped", HY_FETCH_PAGE);
		assert_string_equal(f->body, "x");
		assert_string_equal(f->content_type, "");
		assert_string_equal(f->etag, "");
	}
}

#define FETCH_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FETCH_TEST(a_page_and_its_headers),
		FETCH_TEST(redirects_are_not_followed),
		FETCH_TEST(conditional_requests),
		FETCH_TEST(no_cookie_comes_back),
		FETCH_TEST(only_readable_types),
		FETCH_TEST(limits_hold),
		FETCH_TEST(enough_is_an_answer),
		FETCH_TEST(packing_has_a_measure),
		FETCH_TEST(nothing_is_left_of_the_request_before),
		FETCH_TEST(nothing_listens),
		FETCH_TEST(private_addresses_are_not_reached),
		FETCH_TEST(a_kept_connection_is_checked_too),
		FETCH_TEST(ends_without_callback_when_freed),
		cmocka_unit_test(media_types),
	};

	make_bomb();
	fill_and_pack();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
