/*
 * Answers questions about addresses, one a line, so that a score can ask thousands at once.
 * Arguments are hex digits ("-" is empty), since the cases hold line ends and broken UTF-8.
 *
 *   resolve BASE REFERENCE     canonical URL     site HOST
 *
 * Prints the answer, or "!" and the kind of error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "crawler/url.h"

#define LINE_BYTES ((size_t)1 << 20)

static int hex_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : 0;
}

/* In place: the text is half as long. */
static struct hy_str decode(struct hy_str hex)
{
	char *p = (char *)(uintptr_t)hex.p;

	if (hy_str_eq_c(hex, "-"))
		return HY_STR_LIT("");
	for (size_t i = 0; i < hex.n / 2; i++)
		p[i] = (char)(hex_value(hex.p[2 * i]) << 4 | hex_value(hex.p[2 * i + 1]));
	return (struct hy_str){p, hex.n / 2};
}

static void print(enum hy_err code, const struct hy_buf *answer)
{
	if (code != HY_OK)
		(void)printf("!%s\n", hy_err_text(code));
	else
		(void)printf("%.*s\n", (int)answer->n, answer->p ? answer->p : "");
}

static bool answer(struct hy_str line)
{
	hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(HY_URL_MAX_BYTES);
	struct hy_str verb = {0}, first = {0}, second = {0};

	(void)hy_str_next(&line, ' ', &verb);
	(void)hy_str_next(&line, ' ', &first);
	(void)hy_str_next(&line, ' ', &second);
	first = decode(first);
	second = decode(second);
	if (hy_str_eq_c(verb, "resolve")) {
		print(hy_url_resolve(first, second, &out), &out);
	} else if (hy_str_eq_c(verb, "canonical")) {
		print(hy_url_canonical(first, &out), &out);
	} else if (hy_str_eq_c(verb, "site")) {
		hy_buf_add_str(&out, hy_url_site(first));
		print(HY_OK, &out);
	} else {
		return false;
	}
	return true;
}

int main(void)
{
	hy_cleanup(hy_free_p) char *line = hy_xcalloc(1, LINE_BYTES);

	while (fgets(line, (int)LINE_BYTES, stdin)) {
		if (!answer(hy_str_trim(hy_str_of(line)))) {
			(void)fprintf(stderr, "url_answer: no such question: %.40s\n", line);
			return 2;
		}
	}
	return 0;
}
