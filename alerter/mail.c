#include "alerter/mail.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

#define WORD_BYTES 45			/* 60 of base64; with its frame below the 75 of RFC 2047 */
#define LINE_BYTES 57			/* 76 of base64 */
#define ADDRESS_BYTES 254
#define LOCAL_BYTES 64

static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
				     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static void add_base64(const char *p, size_t n, struct hy_buf *out)
{
	char text[sodium_base64_ENCODED_LEN(LINE_BYTES, sodium_base64_VARIANT_ORIGINAL)];

	(void)sodium_bin2base64(text, sizeof text, (const unsigned char *)p, n,
				sodium_base64_VARIANT_ORIGINAL);
	hy_buf_add_c(out, text);
}

/* Each encoded word by itself is valid UTF-8, as RFC 2047 asks. */
static void add_subject(struct hy_str subject, struct hy_buf *out)
{
	hy_buf_add_c(out, "Subject:");
	for (size_t at = 0; at < subject.n;) {
		size_t n = subject.n - at;

		if (n > WORD_BYTES)
			n = hy_utf8_floor(subject.p + at, n, WORD_BYTES);
		hy_buf_add_c(out, at ? "\r\n =?UTF-8?B?" : " =?UTF-8?B?");
		add_base64(subject.p + at, n, out);
		hy_buf_add_c(out, "?=");
		at += n;
	}
	hy_buf_add_c(out, "\r\n");
}

static void add_date(struct hy_wall at, struct hy_buf *out)
{
	struct hy_civil c = hy_civil_of(at, HY_CST_OFFSET_MIN);

	hy_buf_addf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0800\r\n", days[c.weekday - 1], c.day,
		    months[c.month - 1], c.year, c.hour, c.minute, c.second);
}

static struct hy_str domain_of(struct hy_str address)
{
	size_t at = hy_str_find(address, HY_STR_LIT("@"), 0);

	return hy_str_sub(address, at + 1, address.n);
}

static void add_ids(const struct hy_mail *mail, struct hy_buf *out)
{
	struct hy_str domain = domain_of(mail->from);

	hy_buf_addf(out, "Message-ID: <%.*s@%.*s>\r\n", HY_STR_ARGS(mail->id), HY_STR_ARGS(domain));
	if (mail->thread.n)
		hy_buf_addf(out, "References: <%.*s@%.*s>\r\n", HY_STR_ARGS(mail->thread),
			    HY_STR_ARGS(domain));
}

enum hy_err hy_mail_write(const struct hy_mail *mail, struct hy_buf *out)
{
	add_date(mail->at, out);
	hy_buf_addf(out, "From: <%.*s>\r\nTo:", HY_STR_ARGS(mail->from));
	for (size_t i = 0; i < mail->to_count; i++)
		hy_buf_addf(out, "%s <%.*s>", i ? ",\r\n" : "", HY_STR_ARGS(mail->to[i]));
	hy_buf_add_c(out, "\r\n");
	add_subject(mail->subject, out);
	add_ids(mail, out);
	hy_buf_add_c(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
			  "Content-Type: text/plain; charset=utf-8\r\n"
			  "Content-Transfer-Encoding: base64\r\n\r\n");
	for (size_t at = 0; at < mail->text.n; at += LINE_BYTES) {
		size_t n = mail->text.n - at;

		add_base64(mail->text.p + at, n < LINE_BYTES ? n : LINE_BYTES, out);
		hy_buf_add_c(out, "\r\n");
	}
	return hy_buf_err(out);
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool hy_mail_address_ok(struct hy_str address)
{
	size_t at = hy_str_find(address, HY_STR_LIT("@"), 0);
	struct hy_str domain;

	if (at >= address.n || at == 0 || at > LOCAL_BYTES || address.n > ADDRESS_BYTES)
		return false;
	for (size_t i = 0; i < at; i++) {
		char c = address.p[i];

		if (!is_letter(c) && !(c && strchr(".!#$%&'*+/=?^_`{|}~-", c)))
			return false;
	}
	domain = domain_of(address);
	for (size_t i = 0; i < domain.n; i++) {
		if (!is_letter(domain.p[i]) && domain.p[i] != '.' && domain.p[i] != '-')
			return false;
	}
	return domain.n > 0 && is_letter(domain.p[0]) && is_letter(domain.p[domain.n - 1]);
}
