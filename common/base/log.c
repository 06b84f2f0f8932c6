#include "common/base/log.h"

#include <string.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/time.h"
#include "common/base/utf8.h"

/* Below PIPE_BUF, so that lines of several daemons on one pipe never mix. */
#define LINE_BYTES 4000
#define VALUE_BYTES 600

static bool needs_quotes(struct hy_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '"' || s.p[i] == '=' ||
		    s.p[i] == 0x7F)
			return true;
	return s.n == 0;
}

/* Characters that a terminal may obey: C0, DEL and C1 (RFC 3629 leaves them legal). */
static bool is_control(uint32_t rune)
{
	return rune < ' ' || (rune >= 0x7F && rune <= 0x9F);
}

/* Outsiders choose some values: neither control characters nor broken text reach a terminal. */
static void add_value(struct hy_buf *line, struct hy_str s)
{
	bool quotes = needs_quotes(s), cut = s.n > VALUE_BYTES;
	size_t length;
	uint32_t rune;

	if (cut)
		s.n = hy_utf8_floor(s.p, s.n, VALUE_BYTES);
	if (quotes)
		hy_buf_add_char(line, '"');
	for (size_t i = 0; i < s.n; i += length) {
		length = hy_utf8_decode(s.p + i, s.n - i, &rune);
		if (length == 0 || is_control(rune)) {
			length = 1;
			hy_buf_addf(line, "\\x%02x", (unsigned char)s.p[i]);
		} else {
			if (rune == '"' || rune == '\\')
				hy_buf_add_char(line, '\\');
			hy_buf_add(line, s.p + i, length);
		}
	}
	if (cut)
		hy_buf_add_c(line, "...");
	if (quotes)
		hy_buf_add_char(line, '"');
}

void hy_log_write(const struct hy_log *log, enum hy_log_level level, const char *message,
		  const struct hy_kv *pairs)
{
	static const char *const names[] = {
#define X(name, text) text,
		HY_LOG_LEVEL_LIST(X)
#undef X
	};
	char stamp[HY_RFC3339_BYTES];
	struct hy_buf line;

	if (level > log->level)
		return;
	hy_buf_init(&line, LINE_BYTES);
	hy_buf_addf(&line, "%s %s %s %s", hy_wall_format(hy_wall_now(), stamp), names[level],
		    log->name, message);
	for (; pairs->key; pairs++) {
		size_t before = line.n;

		hy_buf_addf(&line, " %s=", pairs->key);
		if (pairs->is_number)
			hy_buf_addf(&line, "%lld", (long long)pairs->number);
		else
			add_value(&line, pairs->text);
		if (hy_buf_err(&line) != HY_OK) {	/* drop what does not fit, whole */
			line.err = HY_OK;
			hy_buf_truncate(&line, before);
			break;
		}
	}
	if (line.n == line.max)
		hy_buf_truncate(&line, line.n - 1);
	hy_buf_add_char(&line, '\n');
	/* A log that cannot be written has nowhere to be reported. */
	if (write(STDERR_FILENO, line.p, line.n) < 0)
		(void)0;
	hy_buf_fini(&line);
}
