/*
 * First line: a page's address; second: what the page claims; rest: two texts, parted by a zero
 * byte. What is chosen is one of the two, in canonical form; cores do not depend on white space.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "crawler/canonical.h"
#include "crawler/content_core.h"
#include "crawler/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_choice(struct hy_str url, struct hy_str claimed)
{
	hy_cleanup(hy_buf_fini) struct hy_buf normal = HY_BUF(HY_URL_MAX_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf chosen = HY_BUF(HY_URL_MAX_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf want = HY_BUF(HY_URL_MAX_BYTES);
	enum hy_canonical why = HY_CANONICAL_OWN;

	if (hy_url_normalise(url, &normal) != HY_OK ||
	    hy_canonical_choose(hy_buf_str(&normal), claimed, &chosen, &why) != HY_OK)
		return;
	if (hy_url_canonical(why == HY_CANONICAL_TAKEN ? claimed : url, &want) != HY_OK ||
	    !hy_str_eq(hy_buf_str(&want), hy_buf_str(&chosen)))
		abort();
	if (why == HY_CANONICAL_TAKEN &&
	    !hy_str_eq(hy_url_site(hy_url_host(hy_buf_str(&normal))),
		       hy_url_site(hy_url_host(hy_buf_str(&chosen)))))
		abort();
}

static void check_texts(struct hy_str rest)
{
	hy_cleanup(hy_buf_fini) struct hy_buf spaced = HY_BUF((size_t)8 << 20);
	struct hy_str text = {0};
	struct hy_id core, again;

	(void)hy_str_next(&rest, '\0', &text);
	hy_buf_add_c(&spaced, " \n");
	hy_buf_add_str(&spaced, rest);
	hy_buf_add_c(&spaced, "\n\n \n");
	core = hy_content_core(text, rest);
	again = hy_content_core(text, hy_buf_str(&spaced));
	if (hy_buf_err(&spaced) == HY_OK && strcmp(core.hex, again.hex) != 0)
		abort();
	if (hy_content_is_alike(text, rest) != hy_content_is_alike(rest, text) &&
	    text.n != rest.n)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hy_str rest = {(const char *)data, size}, url = {0}, claimed = {0};

	(void)hy_str_next(&rest, '\n', &url);
	(void)hy_str_next(&rest, '\n', &claimed);
	check_choice(url, claimed);
	check_texts(rest);
	return 0;
}
