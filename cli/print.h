/*
 * Text for a terminal. What came from a page must not move the cursor of a duty officer's
 * terminal: control characters other than line breaks and tabs are left out.
 */
#ifndef HY_CLI_PRINT_H
#define HY_CLI_PRINT_H

#include <stdio.h>

#include "common/base/buf.h"
#include "common/base/str.h"

/* Appends without control characters, line breaks and tabs included. */
void hy_print_plain(struct hy_str s, struct hy_buf *out);

/* Writes the whole text, or nothing and a message where it grew too large. */
void hy_print_text(FILE *to, const struct hy_buf *text);

#endif
