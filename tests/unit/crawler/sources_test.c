/* sources.yaml: what is read from it, and that each mistake is found where it stands. */
#include "crawler/sources.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/mem.h"

struct folder {
	char dir[64], file[96];
};

static int make_folder(void **state)
{
	struct folder *f = hy_xcalloc(1, sizeof *f);

	(void)snprintf(f->dir, sizeof f->dir, "/tmp/hy-sources-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	(void)snprintf(f->file, sizeof f->file, "%s/sources.yaml", f->dir);
	*state = f;
	return 0;
}

static int remove_folder(void **state)
{
	struct folder *f = *state;

	(void)unlink(f->file);
	(void)rmdir(f->dir);
	free(f);
	return 0;
}

static void write_file(const struct folder *f, const char *text)
{
	FILE *file = fopen(f->file, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void check_hosts(const struct hy_sources *sources)
{
	const struct hy_host_terms *host = hy_sources_host(sources, HY_STR_LIT("news.example"));

	assert_non_null(host);
	assert_true(host->budget == 2000 && host->delay_ms == 5000);
	host = hy_sources_host(sources, HY_STR_LIT("127.0.0.1:8"));
	assert_non_null(host);
	assert_true(host->budget == 0 && host->delay_ms == 0);
	assert_null(hy_sources_host(sources, HY_STR_LIT("127.0.0.1")));
}

static void reads_all_keys(void **state)
{
	struct folder *f = *state;
	struct hy_findings findings;
	struct hy_sources *sources = NULL;
	const struct hy_source *s;
	struct hy_wall when;

	hy_findings_init(&findings);
	write_file(f, "sources:\n"
		      "  - id: a-news\n    name: 甲新闻\n    kind: list\n"
		      "    urls: [HTTP://News.Example/a/../b, https://mirror.example/]\n"
		      "    interval: 5m\n    delay: 3s\n    region: jinan\n    quiet: 2d\n"
		      "    mainstream: true\n    from: 2026-01-01\n    until: 2027-01-01\n"
		      "  - {id: b, name: 乙, kind: wechat, url: 'http://127.0.0.1:8/', "
		      "allow_private: true, interval: 1s, delay: 10ms}\n"
		      "  - {id: c, name: 丙, kind: feed, url: 'http://c.example/', goal: 10m, "
		      "owner: publicity, xpath: {text: '//div[@id=\"a\"]'}}\n"
		      "  - {id: d, name: 丁, kind: list, url: 'http://d.example/', "
		      "xpath: {item: //li, title: a, article_title: //h1}}\n"
		      "hosts:\n  - {host: News.Example, budget: 2000, delay: 5s}\n"
		      "  - {host: '127.0.0.1:8', delay: 0s}\n");
	/* The folder stands for the file in it. */
	if (hy_sources_load(f->dir, &findings, &sources) != HY_OK)
		fail_msg("%s", hy_buf_str(&findings.text).p);
	assert_int_equal(hy_sources_count(sources), 4);
	s = hy_sources_find(sources, HY_STR_LIT("a-news"));
	assert_non_null(s);
	assert_string_equal(s->name, "甲新闻");
	assert_string_equal(hy_source_kind_name(s->kind), "list");
	assert_int_equal(s->url_count, 2);
	assert_string_equal(s->urls[0], "http://news.example/b");
	assert_int_equal(s->interval_ms, 300000);
	assert_int_equal(s->delay_ms, 3000);
	assert_int_equal(s->quiet_ms, 2 * 86400000);
	assert_string_equal(s->region, "jinan");
	assert_true(s->mainstream && !s->allow_private);
	assert_true(hy_wall_parse(HY_STR_LIT("2025-12-31T23:59:59+08:00"), &when));
	assert_false(hy_source_is_valid_at(s, when));
	assert_true(hy_source_is_valid_at(s, hy_wall_add_ms(when, 1000)));
	assert_true(hy_wall_parse(HY_STR_LIT("2027-01-01T00:00:00+08:00"), &when));
	assert_false(hy_source_is_valid_at(s, when));
	s = hy_sources_at(sources, 1);
	assert_true(s->allow_private && s->delay_ms == 10 && s->interval_ms == 1000);
	assert_int_equal(s->goal_ms, 0);
	assert_string_equal(s->owner, "office");
	assert_null(s->xpath);
	s = hy_sources_at(sources, 2);
	assert_true(s->goal_ms == 600000 && s->interval_ms == 600000);
	assert_string_equal(s->owner, "publicity");
	assert_true(hy_source_xpath_reads_articles(s->xpath));
	assert_false(hy_source_xpath_reads_lists(s->xpath));
	/* What `title` means depends on whether the list's entries are described. */
	s = hy_sources_at(sources, 3);
	assert_int_equal(s->goal_ms, 900000);
	assert_true(hy_source_xpath_reads_lists(s->xpath));
	assert_true(hy_source_xpath_has(s->xpath, HY_XPATH_ITEM_TITLE));
	assert_true(hy_source_xpath_has(s->xpath, HY_XPATH_TITLE));
	assert_false(hy_source_xpath_has(s->xpath, HY_XPATH_PUBLISHED));
	assert_null(hy_sources_find(sources, HY_STR_LIT("e")));
	check_hosts(sources);
	hy_sources_free(sources);
	hy_findings_fini(&findings);
}

static void finds_each_mistake(void **state)
{
	static const struct {
		const char *text, *place, *word;
	} mistakes[] = {
		{"sources:\n  - {id: a, name: 甲, kind: feed}\n", ":2:", "缺少网址"},
		{"sources:\n  - {id: a, name: 甲, kind: feet, url: 'http://a.example/'}\n", ":2:",
		 "feet"},
		{"sources:\n  - {id: a b, name: 甲, kind: feed, url: 'http://a.example/'}\n",
		 ":2:10:", "编号"},
		{"sources:\n  - {id: a, name: 甲, kind: feed, url: 'ftp://a.example/'}\n", ":2:",
		 "网址"},
		{"sources:\n  - {id: a, name: 甲, kind: feed, url: 'http://a.example/'}\n"
		 "  - {id: a, name: 乙, kind: feed, url: 'http://b.example/'}\n", ":3:10:", "重复"},
		{"sources:\n  - {id: a, name: 甲, kind: feed, url: 'http://a.example/'}\n"
		 "  - {id: b, name: 乙, kind: feed, url: 'http://A.example'}\n", ":3:", "“a”"},
		{"sources:\n  - {id: a, name: 甲, kind: feed, url: 'http://a.example/', inteval: 5m}\n",
		 ":2:", "inteval"},
		/* Quick only where it is our own network. */
		{"sources:\n  - {id: a, name: 甲, kind: feed, url: 'http://a.example/', delay: 10ms}\n",
		 ":2:", ""},
		{"sources:\n  - {id: a, name: 甲, kind: feed, url: 'http://a.example/', interval: 1s}\n",
		 ":2:", ""},
		{"sources:\n  - {id: a, name: 甲, kind: feed, url: 'http://a.example/', "
		 "urls: ['http://b.example/']}\n", ":2:", "只能写一个"},
		{"sources:\n  - {id: a, name: 甲, kind: feed, url: 'http://a.example/', "
		 "from: 2026-02-01, until: 2026-01-01}\n", ":2:", "until"},
		{"sources:\n  - {id: a, name: 甲, kind: feed, url: 'http://a.example/', "
		 "goal: 5m, interval: 5m}\n", ":2:66:", "只能写一个"},
		{"sources:\n  - {id: a, name: 甲, kind: feed, url: 'http://a.example/', goal: 5s}\n",
		 ":2:66:", "goal"},
		{"sources:\n  - {id: a, name: 甲, kind: feed, url: 'http://a.example/', "
		 "owner: 办公室}\n", ":2:67:", "owner"},
		{"sources:\n  - {id: a, name: 甲, kind: feed, url: 'http://a.example/', xpath: //p}\n",
		 ":2:67:", "xpath"},
		{"sources:\n  - {id: a, name: 甲, kind: feed, url: 'http://a.example/', "
		 "xpath: {item: //li}}\n", ":2:74:", "list"},
		{"sources:\n  - {id: a, name: 甲, kind: feed, url: 'http://a.example/', "
		 "xpath: {link: a/@href}}\n", ":2:74:", "item"},
		{"sources:\n  - {id: a, name: 甲, kind: feed, url: 'http://a.example/', "
		 "xpath: {text: '//div['}}\n", ":2:74:", "第 7 个字符"},
		{"sources:\n  - {id: a, name: 甲, kind: feed, url: 'http://a.example/', "
		 "xpath: {text: '//文[x(.)]'}}\n", ":2:74:", "第 5 个字符处：没有函数“x”"},
		{"sources:\n  - {id: a, name: 甲, kind: feed, url: 'http://a.example/', "
		 "xpath: {text: '//*[\"x(\"=$a]'}}\n", ":2:74:", "变量"},
		{"sources:\n  - {id: a, name: 甲, kind: feed, url: 'http://a.example/', "
		 "xpath: {text: '//svg:p'}}\n", ":2:74:", "前缀"},
		{"sources:\n  - {id: a, name: 甲, kind: feed, url: 'http://a.example/', "
		 "xpath: {txt: //p}}\n", ":2:68:", "text"},
		{"sources: []\nhosts: x\n", ":2:8:", "网站"},
		{"sources: []\nhosts:\n  - {host: 'a b'}\n", ":3:12:", "域名"},
		{"sources: []\nhosts:\n  - {host: a.example/news}\n", ":3:12:", "域名"},
		{"sources: []\nhosts:\n  - {host: a.example}\n  - {host: A.example}\n",
		 ":4:12:", "重复"},
		{"sources: []\nhosts:\n  - {host: a.example, budget: 0}\n", ":3:31:", "budget"},
		{"sources: nothing\n", ":1:", "来源列表"},
		{"sources:\n  - just text\n", ":2:", "键"},
	};
	struct folder *f = *state;

	for (size_t i = 0; i < HY_COUNT(mistakes); i++) {
		struct hy_findings findings;
		struct hy_sources *sources = NULL;
		enum hy_err err;

		hy_findings_init(&findings);
		write_file(f, mistakes[i].text);
		err = hy_sources_load(f->file, &findings, &sources);
		if (err != HY_ERR_MALFORMED || sources || !findings.count ||
		    !strstr(hy_buf_str(&findings.text).p, mistakes[i].place) ||
		    !strstr(hy_buf_str(&findings.text).p, mistakes[i].word))
			fail_msg("mistake %zu: %d, %s", i, (int)err, hy_buf_str(&findings.text).p);
		hy_findings_fini(&findings);
	}
}

static void missing_file(void **state)
{
	struct folder *f = *state;
	struct hy_findings findings;
	struct hy_sources *sources = NULL;

	hy_findings_init(&findings);
	(void)unlink(f->file);
	assert_int_equal(hy_sources_load(f->dir, &findings, &sources), HY_ERR_IO);
	assert_null(sources);
	hy_findings_fini(&findings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_all_keys, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(finds_each_mistake, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(missing_file, make_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
