/*
 * What the product makes of bytes, for scores.
 *
 *   charset_answer name FILE...    the encoding that each page is read as, one a line
 *   charset_answer text TYPE FILE  the text, where the header says TYPE ("text/html; charset=big5")
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "crawler/charset.h"

#define FILE_BYTES ((size_t)16 << 20)

static bool read_file(const char *path, struct hy_buf *out)
{
	FILE *file = fopen(path, "rb");
	char *room = hy_buf_reserve(out, FILE_BYTES);

	if (!file || !room)
		return false;
	hy_buf_commit(out, fread(room, 1, FILE_BYTES, file));
	return fclose(file) == 0;
}

static int answer(const char *path, struct hy_str type, bool wants_text)
{
	hy_cleanup(hy_buf_fini) struct hy_buf bytes = HY_BUF(FILE_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(4 * FILE_BYTES);
	const char *name = "";

	if (!read_file(path, &bytes) ||
	    hy_charset_to_utf8(hy_buf_str(&bytes), type, &text, &name) != HY_OK) {
		(void)fprintf(stderr, "charset_answer: %s cannot be read\n", path);
		return 1;
	}
	if (wants_text)
		(void)fwrite(text.p, 1, text.n, stdout);
	else
		(void)printf("%s\n", name);
	return 0;
}

int main(int argc, char **argv)
{
	int failed = 0;

	if (argc == 4 && strcmp(argv[1], "text") == 0)
		return answer(argv[3], hy_str_of(argv[2]), true);
	if (argc < 3 || strcmp(argv[1], "name") != 0) {
		(void)fprintf(stderr, "usage: charset_answer name FILE... | text TYPE FILE\n");
		return 2;
	}
	for (int i = 2; i < argc; i++)
		failed |= answer(argv[i], HY_STR_LIT(""), false);
	return failed;
}
