/*
 * One keyword file: it ends, lines and groups go up, words are views of one line, and an example
 * of each can be made within its limit.
 */
#include <stddef.h>
#include <stdint.h>

#include "cli/keyword_file.h"
#include "cli/pattern_example.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_word(struct hy_str text, const struct hy_keyword *word)
{
	hy_cleanup(hy_buf_fini) struct hy_buf example = HY_BUF(4096);

	hy_assert(word->text.n == 0 || (word->text.p >= text.p && word->text.p < text.p + text.n));
	hy_assert(hy_str_find(word->text, HY_STR_LIT("\n"), 0) == SIZE_MAX);
	hy_assert(!word->is_pattern || word->text.n > 0);
	hy_pattern_example(word->text, &example);
	hy_assert(example.n <= 4096);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hy_str text = {(const char *)data, size};
	struct hy_keyword_file file;

	if (!hy_utf8_valid(text.p, text.n) || hy_keyword_file_read(text, &file) != HY_OK)
		return 0;
	for (size_t i = 0; i < file.count; i++) {
		check_word(text, &file.items[i]);
		hy_assert(i == 0 || file.items[i].line > file.items[i - 1].line);
		hy_assert(i == 0 || file.items[i].group >= file.items[i - 1].group);
	}
	hy_keyword_file_fini(&file);
	return 0;
}
