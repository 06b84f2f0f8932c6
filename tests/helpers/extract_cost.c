/*
 * What extraction costs beside a plain libxml2 tree of the same pages (parsed and freed, nothing
 * else), round by round in turn. Prints {"pages","rounds","median_bytes","tree_us","extract_us"}:
 * CPU microseconds a page, the median of the rounds.
 *
 *   extract_cost ROUNDS FILE...
 */
#include <libxml/HTMLparser.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/str.h"
#include "crawler/extract.h"

#define PAGE_BYTES (64u << 20)

struct sample {
	struct hy_buf *pages;
	size_t count, rounds;
	double *tree_us, *extract_us;	/* a round each */
};

static double cpu_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static bool read_file(const char *path, struct hy_buf *out)
{
	FILE *file = fopen(path, "rb");
	size_t n = 1;

	if (!file)
		return false;
	while (n > 0) {
		char *room = hy_buf_reserve(out, 65536);

		n = room ? fread(room, 1, 65536, file) : 0;
		if (n)
			hy_buf_commit(out, n);
	}
	(void)fclose(file);
	return hy_buf_err(out) == HY_OK;
}

static void parse_tree(struct hy_str page)
{
	xmlFreeDoc(htmlReadMemory(page.p, (int)page.n, NULL, NULL,
				  HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
					  HTML_PARSE_NONET));
}

static void extract(struct hy_str page)
{
	struct hy_extract_input in = {.bytes = page, .now = hy_wall_now()};
	struct hy_article article = {0};

	if (hy_article_extract(&in, &article, NULL) == HY_OK)
		hy_article_fini(&article);
}

static double round_us(const struct sample *s, void (*work)(struct hy_str page))
{
	double start = cpu_us();

	for (size_t i = 0; i < s->count; i++)
		work(hy_buf_str(&s->pages[i]));
	return (cpu_us() - start) / (double)s->count;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof *values, compare);
	return values[count / 2];
}

static size_t median_bytes(const struct sample *s)
{
	double *sizes = hy_xcalloc(s->count, sizeof *sizes), found;

	for (size_t i = 0; i < s->count; i++)
		sizes[i] = (double)s->pages[i].n;
	found = median(sizes, s->count);
	free(sizes);
	return (size_t)found;
}

static void measure(struct sample *s)
{
	for (size_t i = 0; i < s->rounds; i++) {
		s->tree_us[i] = round_us(s, parse_tree);
		s->extract_us[i] = round_us(s, extract);
	}
	(void)printf("{\"pages\":%zu,\"rounds\":%zu,\"median_bytes\":%zu,\"tree_us\":%.1f,"
		     "\"extract_us\":%.1f}\n",
		     s->count, s->rounds, median_bytes(s), median(s->tree_us, s->rounds),
		     median(s->extract_us, s->rounds));
}

int main(int argc, char **argv)
{
	int64_t rounds;
	struct sample s;

	if (argc < 3 || !hy_str_to_int(hy_str_of(argv[1]), 1, 1000, &rounds)) {
		(void)fprintf(stderr, "usage: extract_cost ROUNDS FILE...\n");
		return 2;
	}
	s = (struct sample){.count = (size_t)argc - 2, .rounds = (size_t)rounds};
	s.pages = hy_xcalloc(s.count, sizeof *s.pages);
	s.tree_us = hy_xcalloc(s.rounds, sizeof *s.tree_us);
	s.extract_us = hy_xcalloc(s.rounds, sizeof *s.extract_us);
	for (size_t i = 0; i < s.count; i++) {
		hy_buf_init(&s.pages[i], PAGE_BYTES);
		if (!read_file(argv[i + 2], &s.pages[i])) {
			(void)fprintf(stderr, "cannot read %s\n", argv[i + 2]);
			return 3;
		}
	}
	measure(&s);
	for (size_t i = 0; i < s.count; i++)
		hy_buf_fini(&s.pages[i]);
	free(s.pages);
	free(s.tree_us);
	free(s.extract_us);
	return 0;
}
